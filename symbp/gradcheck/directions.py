"""The directional test: the remainder of the first-order Taylor expansion along random directions.

f(x + h v) - f(x) - h <g, v> shrinks like h squared when g is the gradient and like h when it is not; what is left of it
divided by h as h goes to zero is the slope of f along v minus <g, v>, and that is what is judged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from symbp.gradcheck.arrays import Array
from symbp.gradcheck.point import Point
from symbp.gradcheck.slope import SURE, Row, Slope

CLEAR = 30.0  # a remainder counts when it is this many times the rounding


@dataclass(frozen=True)
class Direction:
    """One direction: the slope of f along it, <g, v> as `predicted`, and the root of the sum of (g v)^2 as `spread`."""

    slope: Slope
    predicted: float
    spread: float
    wrong: bool

    @property
    def order(self) -> float:
        """The order of the Taylor remainder in the step, where the step is small and the remainder above the rounding."""
        if self.slope.kind != "smooth":
            return math.nan
        rows = [(row.width / 2, self._remainder(row), self._floor(row)) for row in self.slope.rows]
        rows = [row for row in rows if math.isfinite(row[1])]
        above = [k for k, (_, remainder, floor) in enumerate(rows) if remainder > CLEAR * floor]
        if not above:
            return math.inf
        steps = np.log([rows[k][:2] for k in above[-3:]])
        fitted = float(np.polyfit(steps[:, 0], steps[:, 1], 1)[0]) if len(above) > 1 else -math.inf
        # A remainder that only comes from kinks some way off falls below the rounding all at once.
        last = above[-1]
        if last + 1 == len(rows):
            return fitted if len(above) > 1 else math.nan
        (far, high, _), (near, low, floor) = rows[last], rows[last + 1]
        return max(fitted, math.log(high / max(low, floor)) / math.log(far / near))

    def _remainder(self, row: Row) -> float:
        base = self.slope.base
        return max(abs(row.up - base - row.right * self.predicted), abs(row.down - base - row.left * self.predicted))

    def _floor(self, row: Row) -> float:
        return 2 * row.rounding + 1e-15 * self.spread * row.width + 1e-300


def explore(point: Point, which: Sequence[int], count: int, rng: np.random.Generator) -> list[Direction]:
    """Tests along random directions in which all free entries of the arrays numbered in `which` move."""
    return [along(point, random_direction(point, which, rng), full=True) for _ in range(count)]


def random_direction(point: Point, which: Sequence[int], rng: np.random.Generator) -> list[Array]:
    """Normal random numbers times the size of each entry; zero for arrays that do not move."""
    arrays = point.given.arrays
    return [
        point.free[k] * point.sizes[k] * rng.standard_normal(x.shape) if k in which else np.zeros(x.shape)
        for k, x in enumerate(arrays)
    ]


def along(point: Point, direction: Sequence[Array], *, full: bool) -> Direction:
    """One direction."""
    slope = point.along(direction, full=full)
    products = [g * v for g, v in zip(point.gradients, direction, strict=True)]
    predicted = math.fsum(float(p.sum()) for p in products)
    spread = math.sqrt(math.fsum(float(np.sum(np.square(p))) for p in products))
    slack = SURE * slope.error + point.relative * max(spread, abs(predicted))
    # At a kink nothing is said: |x| - |y| at 0 has the slope 0 along (1, 1), and 1 is allowed for each of its entries.
    wrong = slope.kind == "smooth" and abs(slope.value - predicted) > slack
    return Direction(slope, predicted, spread, wrong)


@dataclass(frozen=True)
class Search:
    """What halving an array's direction finds: `wrong`, an entry that is; `complete`, whether every entry was covered.

    An entry is covered when it moves in a part of the direction along which f is smooth, or is itself in `kinks`.
    """

    wrong: tuple[int, ...] | None
    kinks: tuple[tuple[int, ...], ...]
    complete: bool


def search(point: Point, array: int, budget: int, rng: np.random.Generator) -> Search:
    """Halve the parts of a random direction that are wrong or cross a kink, down to single entries.

    At most `budget` parts are tried, and the search ends at the first entry that is wrong.
    """
    direction = random_direction(point, [array], rng)
    shape, whole = direction[array].shape, direction[array].reshape(-1)
    parts, complete = [(0, whole.size)], True
    kinks: list[tuple[int, ...]] = []
    for _ in range(budget):
        if not parts:
            break
        start, stop = parts.pop()
        moving = np.zeros_like(whole)
        moving[start:stop] = whole[start:stop]
        direction[array] = moving.reshape(shape)
        tested = along(point, direction, full=False)
        if tested.slope.kind == "smooth" and not tested.wrong:
            continue
        if stop - start > 1:
            middle = (start + stop) // 2
            halves = [(start, middle), (middle, stop)]
            parts = [*parts, *halves] if tested.wrong else [*halves, *parts]  # a wrong part is looked into first
            continue
        index = tuple(int(k) for k in np.unravel_index(start, shape))
        if tested.wrong:
            return Search(index, tuple(kinks), False)
        kinks.append(index)
        complete = complete and tested.slope.kind == "kink"
    return Search(None, tuple(kinks), complete and not parts)
