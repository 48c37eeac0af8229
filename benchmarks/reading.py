"""Reading a table of 100 MB: the time of symbp's reader against pandas' in the same run, and the peak of memory against the file.

    python benchmarks/reading.py [--megabytes 100] [--rounds 3] [--text]

Each reading is done in a process of its own, in turn, so that one's memory is not the other's; the median of the rounds counts.
Needs pandas for the comparison. Without pandas symbp reads by NumPy, or, where a table is not numbers alone, by the csv module:
the rows "numpy" and "exact" show both, with pandas hidden.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

COLUMNS = 30
READERS = {
    "pandas": "import pandas; table = pandas.read_csv(path)",
    "symbp": "from symbp.codegen.training.data import read; data = read(path)",
    "numpy": "sys.modules['pandas'] = None; from symbp.codegen.training.data import read; data = read(path)",
    "exact": (
        "sys.modules['pandas'] = None; from symbp.codegen.training.data import fast, read; fast.LARGE = 2**60;"
        " data = read(path)"
    ),
}
MEASURE = """
import resource, sys, time
path = sys.argv[1]
try:
    import numpy, {modules}
except ImportError:
    sys.exit(3)
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before, start = peak(), time.perf_counter()
{statement}
print(time.perf_counter() - start, peak() - before)
"""


def written(path: Path, megabytes: float, text: bool) -> None:
    """A table of normal numbers with a label, and with `text` two columns of categories."""
    import numpy as np

    rng = np.random.default_rng(0)
    cities = np.array(["Chennai", "Kharagpur", "Madras", "Mumbai"])
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join([*(f"c{k}" for k in range(COLUMNS)), *(["city", "sex"] if text else []), "y"]) + "\n")
        while file.tell() < megabytes * 1e6:
            numbers, labels = rng.normal(size=(2000, COLUMNS)), rng.integers(0, 3, 2000)
            places = rng.integers(0, 4, 2000)
            for row, place, label in zip(numbers.tolist(), places.tolist(), labels.tolist(), strict=True):
                more = f",{cities[place]},{'fm'[place % 2]}" if text else ""
                file.write(",".join(f"{v:.15g}" for v in row) + f"{more},{label}\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--text", action="store_true", help="two columns of texts as well")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        written(path, args.megabytes, args.text)
        size = path.stat().st_size
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in READERS}
        for _ in range(args.rounds):
            for name, statement in READERS.items():
                modules = {"pandas": "pandas", "symbp": "pandas, symbp.codegen.training.data.reader"}.get(
                    name, "symbp.codegen.training.data.reader"
                )
                code = MEASURE.format(modules=modules, statement=statement)
                done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
                if done.returncode == 3:
                    continue
                if done.returncode:
                    sys.exit(done.stderr)
                seconds, memory = map(float, done.stdout.split())
                found[name].append((seconds, memory))
    print(f"{size / 1e6:.0f} MB, {COLUMNS} columns of numbers{' and 2 of texts' if args.text else ''}")
    base = median(s for s, _ in found["pandas"]) if found["pandas"] else None
    print("reader    seconds   of pandas   peak memory, of the file")
    for name, runs in found.items():
        if runs:
            seconds, memory = median(s for s, _ in runs), max(m for _, m in runs)
            ratio = f"{seconds / base:9.2f}" if base else "        -"
            print(f"{name:8} {seconds:8.2f}   {ratio}   {memory / size:12.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
