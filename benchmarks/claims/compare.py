"""The bench of claims in two checkouts in one run: the ratio of the processor time that their verdicts take, part by part.

    python benchmarks/claims/compare.py OTHER_CHECKOUT [--part NAME...] [--by-hand] [--rounds N] [--limit RATIO]

A part is a file of claims; this checkout and the other take turns on each, the first one changing. Exit status 1 where this
checkout takes more than 1.1 times the other's time, 2 where OTHER_CHECKOUT has no bench.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
SCRIPT, DATA = Path("benchmarks/claims/run.py"), Path("benchmarks/claims/data")
Seconds = dict[str, float]
"""Processor time by claim."""


def seconds(checkout: Path, part: str, by_hand: bool) -> Seconds:
    """What the verdicts on a part's claims take, by the checkout's own script and package."""
    environment = os.environ | {"PYTHONPATH": str(checkout), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "verdicts.json"
        command = [sys.executable, str(checkout / SCRIPT), part, "--json", str(out)]
        done = subprocess.run(
            command + (["--by-hand"] if by_hand else []), cwd=checkout, env=environment, capture_output=True, text=True
        )
        if not out.exists():
            raise RuntimeError(f"{checkout}: {part}: {done.stderr.strip().splitlines()[-1:]}")
        rows = json.loads(out.read_text(encoding="utf-8"))
    return {f"{row['source']}: {row['claim']}": row["seconds"] for row in rows}


def least(runs: list[Seconds]) -> Seconds:
    """Each claim's shortest time."""
    return {claim: min(run[claim] for run in runs) for claim in runs[0] if all(claim in run for run in runs)}


def compared(part: str, mine: Mapping[str, float], other: Mapping[str, float]) -> tuple[float, float, list[float]]:
    """Print the line of a part; the seconds of both on the claims that both have, and the ratio of each claim."""
    both = [claim for claim in mine if other.get(claim, 0) > 0]
    a, b = sum(mine[c] for c in both), sum(other[c] for c in both)
    ratios = [mine[c] / other[c] for c in both]
    middle = f"{statistics.median(ratios):.2f}" if ratios else "-"
    ratio = f"{a / b:.2f}" if b else "-"
    print(f"{part:<26}{len(both):>7}{b:>10.2f}{a:>10.2f}{ratio:>8}{middle:>9}", flush=True)
    return a, b, ratios


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("other", type=Path, metavar="OTHER_CHECKOUT")
    parser.add_argument(
        "--part", nargs="*", metavar="NAME", help="files of claims by parts of their names (default: all)"
    )
    parser.add_argument("--by-hand", action="store_true", help="no mechanical variants, and nothing printed in LaTeX")
    parser.add_argument("--rounds", type=int, default=1, help="how often; the shortest time of each claim counts")
    parser.add_argument("--limit", type=float, default=1.1, metavar="RATIO")
    given = parser.parse_args()
    other = given.other.resolve()
    if not (other / SCRIPT).is_file():
        print(f"{other} has no {SCRIPT}", file=sys.stderr)
        return 2
    shared = sorted({p.stem for p in (HERE / DATA).glob("*.toml")} & {p.stem for p in (other / DATA).glob("*.toml")})
    parts = [p for p in shared if not given.part or any(name in p for name in given.part)]
    print(f"{'part':<26}{'claims':>7}{'other s':>10}{'this s':>10}{'ratio':>8}{'median':>9}")
    total: tuple[float, float, list[float]] = (0.0, 0.0, [])
    for k, part in enumerate(parts):
        runs: defaultdict[Path, list[Seconds]] = defaultdict(list)
        for turn in range(max(1, given.rounds)):
            for checkout in (HERE, other) if (k + turn) % 2 else (other, HERE):
                found = seconds(checkout, part, given.by_hand)
                runs[checkout].append({c: s for c, s in found.items() if c.startswith(f"{part}: ")})
        total = tuple(map(lambda x, y: x + y, total, compared(part, least(runs[HERE]), least(runs[other]))))  # type: ignore[assignment]
    if not total[1]:
        print("no claims in common", file=sys.stderr)
        return 2
    ratio = total[0] / total[1]
    print(f"this checkout takes {ratio:.3f} times the other's time (limit {given.limit}); a claim, in the median, "
          f"{statistics.median(total[2]):.3f} times")  # fmt: skip
    return 0 if ratio <= given.limit else 1


if __name__ == "__main__":
    sys.exit(main())
