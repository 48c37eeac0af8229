"""A training step, from one batch to the updated parameters: symbp's generated trainer beside NumPy by hand and frameworks.

    python benchmarks/step.py [--quick] [--shape N...] [--optimizer NAME] [--only NAME...]
        [--threads N] [--rounds N] [--json FILE]

Times are ratios to the floor: the matrix products that the step needs and nothing else. Exit status 1 where a contender's
losses are not those of NumPy in float64.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from steps.by_hand import numpy_by_hand
from steps.shapes import SHAPES, Shape
from steps.worker import CONTENDERS, LOSSES, Memory, Worker

TOLERANCE = 1e-3
PAUSE = 0.05
"""Seconds between two contenders: a pool of threads that waits in a loop for more work takes a core for so long."""


@dataclass
class Row:
    """What is known of one contender on one shape with one optimizer."""

    name: str
    said: str = ""
    seconds: list[float] = field(default_factory=list)
    memory: Memory | None = None
    agrees: bool = True

    def ratios(self, floor: Row) -> tuple[float, float, float]:
        """The first quartile, the median and the third quartile of the ratios to the floor in the same round."""
        pairs = zip(self.seconds, floor.seconds, strict=True)
        low, middle, high = statistics.quantiles([mine / least for mine, least in pairs], n=4, method="inclusive")
        return low, middle, high


def start(names: Sequence[str], threads: int | None) -> tuple[dict[str, Worker], dict[str, str]]:
    """The processes of the contenders whose packages are installed, and what is to be said of the others."""
    missing = {n: "not installed" for n in names if not CONTENDERS[n].installed}
    return {n: Worker(n, threads) for n in names if n not in missing}, missing


def measure(
    shape: Shape, optimizer: str, rounds: int, workers: Mapping[str, Worker], missing: Mapping[str, str]
) -> list[Row]:
    """All contenders on one shape: losses and memory first, then bursts in turn, round by round."""
    right = numpy_by_hand(shape, optimizer, np.float64)
    expected = [right() for _ in range(LOSSES)]
    rows = {n: Row(n, missing.get(n, "")) for n in CONTENDERS if n in workers or n in missing}
    for name, worker in workers.items():
        try:
            if name != "floor":
                found = worker.ask("losses", shape, optimizer)
                rows[name].agrees = bool(np.allclose(found, expected, rtol=TOLERANCE, atol=0))
            if CONTENDERS[name].counted and name != "floor":
                rows[name].memory = worker.ask("memory", shape, optimizer)
            worker.ask("make", shape, optimizer)
        except RuntimeError as e:
            rows[name].said = f"does not run: {e}"
    running = [n for n in workers if not rows[n].said]
    for k in range(rounds):
        turn = k % len(running)
        for name in running[turn:] + running[:turn]:  # nobody has always the same neighbour in front
            time.sleep(PAUSE)
            rows[name].seconds.append(workers[name].ask("burst", shape.burst))
    return [*rows.values()]


def table(shape: Shape, optimizer: str, rows: Sequence[Row]) -> str:
    """The rows as a table in Markdown."""
    floor = next(r for r in rows if r.name == "floor")
    needed = shape.needed(optimizer)
    lines = [
        f"{shape}, {optimizer} (floor {1e3 * statistics.median(floor.seconds):.3g} ms; memory needed {needed / 1e6:.3g} MB)",
        "",
        "| contender | step / floor | quartiles | held / needed | peak / needed |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        if row.said:
            lines.append(f"| {row.name} | {row.said} | | | |")
            continue
        low, middle, high = row.ratios(floor)
        sizes = [f"{b / needed:.2f}" for b in (row.memory.held, row.memory.peak)] if row.memory else ["", ""]
        mark = "" if row.agrees else " (other losses!)"
        lines.append(f"| {row.name}{mark} | {middle:.2f} | {low:.2f} to {high:.2f} | {' | '.join(sizes)} |")
    return "\n".join(lines)


def summary(measured: Sequence[tuple[Shape, str, Sequence[Row]]]) -> str:
    """One line for each contender: its medians over the floor, by shape; SGD / Adam where both were measured."""
    shapes = list(dict.fromkeys(str(shape) for shape, _, _ in measured))
    medians: dict[tuple[str, str], list[str]] = {}
    for shape, _, rows in measured:
        floor = next(r for r in rows if r.name == "floor")
        for row in rows:
            ratio = f"{row.ratios(floor)[1]:.2f}" if row.seconds else "-"
            medians.setdefault((row.name, str(shape)), []).append(ratio)
    names = list(dict.fromkeys(name for name, _ in medians))
    lines = [f"| {' | '.join(['', *shapes])} |", "| --- |" + " ---: |" * len(shapes)]
    lines += [f"| {' | '.join([n, *(' / '.join(medians[n, s]) for s in shapes)])} |" for n in names]
    return "\n".join(lines)


def as_json(shape: Shape, optimizer: str, rows: Sequence[Row]) -> dict[str, Any]:
    """The same for programs."""
    floor = next(r for r in rows if r.name == "floor")
    return {
        "shape": str(shape), "optimizer": optimizer, "needed": shape.needed(optimizer),
        "rows": [asdict(r) | {"ratio": r.ratios(floor)[1] if r.seconds else None} for r in rows],
    }  # fmt: skip


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="5 rounds instead of 25")
    parser.add_argument("--rounds", type=int, help="how many rounds")
    parser.add_argument("--shape", type=int, nargs="*", choices=range(1, len(SHAPES) + 1), help="shapes by number")
    parser.add_argument("--optimizer", choices=["sgd", "adam"], help="one of them alone")
    parser.add_argument("--only", nargs="*", choices=[*CONTENDERS], help="contenders beside the floor and symbp")
    parser.add_argument("--threads", type=int, help="threads of every library (default: its own choice)")
    parser.add_argument("--json", metavar="FILE", help="write every burst")
    given = parser.parse_args()
    rounds = max(2, given.rounds or (5 if given.quick else 25))
    names = [n for n in CONTENDERS if given.only is None or n in ("floor", "symbp", *given.only)]
    workers, missing = start(names, given.threads)
    threads = given.threads or "each library's default"
    print(
        f"{os.cpu_count()} cores, {threads} threads, Python {platform.python_version()}, NumPy {np.__version__}, float32"
    )
    print(f"medians over {rounds} rounds; bursts of {', '.join(str(s.burst) for s in SHAPES)} steps by shape")
    measured, right = [], True
    try:
        for optimizer in (given.optimizer,) if given.optimizer else ("sgd", "adam"):
            for shape in [SHAPES[k - 1] for k in given.shape] if given.shape else SHAPES:
                rows = measure(shape, optimizer, rounds, workers, missing)
                right &= all(r.agrees for r in rows)
                measured.append((shape, optimizer, rows))
                print(f"\n{table(shape, optimizer, rows)}", flush=True)
    finally:
        for worker in workers.values():
            worker.end()
    print(f"\nsteps over the floor, {given.optimizer or 'sgd / adam'}\n\n{summary(measured)}")
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:
            json.dump([as_json(*m) for m in measured], file, indent=1)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
