"""What limits an Adam update in NumPy: the passes alone, by block, alignment, number of passes and threads.

    python benchmarks/update.py [--entries N] [--rounds N]

Shortest times and quartiles in nanoseconds an entry, all variants in turn, round by round.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Block = tuple[Array, Array, Array, Array, Array]
Variant = tuple[Callable[[], None], Callable[[], None]]

BETA1, BETA2, EPS, RATE = (np.array(n, np.float32) for n in (0.9, 0.999, 1e-7, 1e-4))
AS_NUMPY, LINE = 16, 64
"""Bytes from the start of a page at which large arrays of NumPy begin, and those of a cache line."""


def array(size: int, offset: int) -> Array:
    """Small numbers, in memory that starts so many bytes behind the start of a page."""
    raw = np.empty(4 * size + 8192, np.uint8)
    start = -raw.ctypes.data % 4096 + offset
    made = raw[start : start + 4 * size].view(np.float32)
    made.fill(0.01)
    return made


def update(blocks: list[Block], decay: bool = True) -> None:
    """The passes of a generated trainer; without `decay` the one less that a running scale of m would save."""
    for m, v, g, scratch, theta in blocks:
        if decay:
            m *= BETA1
        m += g
        v *= BETA2
        np.square(g, out=g)
        v += g
        np.sqrt(v, out=g)
        g += EPS
        np.multiply(m, RATE, out=scratch)
        scratch /= g
        theta -= scratch


def variant(entries: int, block: int, offset: int = AS_NUMPY, decay: bool = True, threads: int = 1) -> Variant:
    """New gradients, and an update of so many entries by them; every thread has its own blocks and scratch."""
    m, v, g, theta = (array(entries, n) for n in (offset, offset, offset, AS_NUMPY))
    parts: list[list[Block]] = [[] for _ in range(threads)]
    scratch = [array(block, offset) for _ in parts]
    for k, first in enumerate(range(0, entries, block)):
        cut, own = slice(first, min(first + block, entries)), scratch[k % threads]
        parts[k % threads].append((m[cut], v[cut], g[cut], own[: cut.stop - first], theta[cut]))

    def run() -> None:
        others = [threading.Thread(target=update, args=(part, decay)) for part in parts[1:]]
        for thread in others:
            thread.start()
        update(parts[0], decay)
        for thread in others:
            thread.join()

    return lambda: g.fill(0.01), run


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=670_000, help="parameters (default: those of 784-512-512-10)")
    parser.add_argument("--rounds", type=int, default=60)
    given = parser.parse_args()
    n, usual = given.entries, 1 << 15
    variants = {f"blocks of {1 << k}": variant(n, 1 << k) for k in (13, 14, 15, 16, 17)}
    variants["memory at cache lines"] = variant(n, usual, LINE)
    variants["one pass less"] = variant(n, usual, decay=False)
    variants |= {f"two threads, blocks of {1 << k}": variant(n, 1 << k, threads=2) for k in (15, 17)}
    times: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(given.rounds):
        for name, (renew, run) in variants.items():
            renew()
            start = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - start) / n * 1e9)
    for name, found in times.items():
        found.sort()
        print(f"{name:32} shortest {found[0]:6.2f}   first quartile {found[len(found) // 4]:6.2f} ns")


if __name__ == "__main__":
    main()
