"""Timing whole processes: a warm-up, several runs, the median."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time


def median_seconds(arguments: list[str], runs: int = 5) -> float:
    """The median time of ``python ARGUMENTS``, over `runs` runs after one that is not counted."""
    command = [sys.executable, *arguments]
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])
