"""How long a page takes, start-up included: every notation and detail, against the limit of 5 s and against the quickest one.

Processor time of the whole process, which does not grow where the machine does other work; the least of several runs.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from symbp.notation import NOTATIONS

NETWORK = "3-4:sigmoid-2:sigmoid"
DETAILS = ("summary", "steps", "elements")
OTHERS = (
    ("784-256:relu-10:softmax", "--detail", "steps"),
    ("64-32:tanh-32:tanh-10:softmax", "--detail", "steps"),
    (NETWORK, "--detail", "steps", "--numbers", "random", "--code"),
    (NETWORK, "--detail", "steps", "--exercises", "5"),
)
LIMIT = 5.0


def processor_seconds(arguments: list[str]) -> float:
    """The processor time of ``python ARGUMENTS``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    runs = 1 if "--quick" in sys.argv[1:] else 3
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        page = str(Path(folder) / "page.html")

        def seconds(*asked: str) -> float:
            return min(processor_seconds(["-m", "symbp", "derive", *asked, "-o", page]) for _ in range(runs))

        print(f"{NETWORK} as HTML, s   {'  '.join(f'{d:>8}' for d in DETAILS)}   against the quickest")
        found = {n: [seconds(NETWORK, "--convention", n, "--detail", d) for d in DETAILS] for n in NOTATIONS}
        least = [min(column) for column in zip(*found.values(), strict=True)]
        for name, times in found.items():
            ratio = max(t / best for t, best in zip(times, least, strict=True))
            print(f"{name:<33}{'  '.join(f'{t:8.2f}' for t in times)}   {ratio:.2f} times at most")
            slowest = max(slowest, *times)
        for asked in OTHERS:
            taken = seconds(*asked)
            slowest = max(slowest, taken)
            print(f"{taken:5.2f} s  {' '.join(asked)}")
    print(f"the slowest takes {slowest:.2f} s (limit {LIMIT:g} s)")
    return int(slowest > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
