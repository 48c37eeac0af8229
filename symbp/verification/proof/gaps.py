"""How far the two sides of a claim are apart at a point of floats, and whether that is more than rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from symbp.verification.proof.points import Comparison, Point, Points
from symbp.verification.verdict import Counterexample

DIGITS, MANY_DIGITS = 50, 400
_PRECISIONS = (50, 400, 1600)
_ROUNDING = {50: 1e-30, 400: 1e-300, 1600: 1e-300}  # for so many digits, what may pass for rounding
_SHRUNK = 1e-100  # what remains of rounding with many more digits


@dataclass(frozen=True)
class Gap:
    """The largest difference of the two sides at a point, by itself and relative to the larger of the sides."""

    difference: Any
    size: float
    position: tuple[int, ...]
    claimed: Any
    true: Any
    point: Point

    def counterexample(self, points: Points, c: Comparison) -> Counterexample:
        """The entry with the largest difference, and the values at which it is."""
        return _counterexample(points, c, self.point, self.position, _short(self.claimed), _short(self.true))


def undefined(points: Points, c: Comparison, point: Point, true: Any, position: tuple[int, ...]) -> Counterexample:
    """The entry where a claim has no value at a point at which the derivation has one."""
    return _counterexample(points, c, point, position, "undefined", _short(true[position]))


def _counterexample(
    points: Points, c: Comparison, point: Point, position: tuple[int, ...], claimed: str, true: str
) -> Counterexample:
    labels = points.setting.labels
    entry = tuple(1 if k is None else position[k] + 1 for k in c.order)
    declared = [t for t in points.setting.program.declared if t.name in point.arrays]
    values = {t.name: _plain(point.arrays[t.name]) for t in declared}
    return Counterexample(entry, claimed, true, {labels[a]: n for a, n in point.sizes.items()}, values)


def gap_at(points: Points, c: Comparison, point: Point | None) -> Gap | None:
    """The largest difference at a point of floats; None where a side has no value."""
    sides = points.sides(c, point)
    if sides is None or point is None:
        return None
    true, claimed = sides
    largest = max((abs(v) for side in sides for v in side.flat), default=0)
    worst, position = max((abs(claimed[p] - true[p]), p) for p in np.ndindex(true.shape))
    size = float(worst / largest) if largest else 0.0
    return Gap(worst, size, position, claimed[position], true[position], point)


def real_gap(points: Points, c: Comparison, seed: int, digits: int = DIGITS, decimals: int = 6) -> Gap | bool | None:
    """The difference at the float point of a seed where it is real, False where it is rounding; None where a side has no
    value or nothing is clear.

    A difference is real where it stays the same with more digits; rounding shrinks.
    """
    before: Gap | None = None
    for more in (d for d in _PRECISIONS if d >= digits):
        found = gap_at(points, c, points.floats(seed, more, decimals))
        if found is None:
            return None
        if found.size <= _ROUNDING[more]:
            return False
        shrunk = found.difference / before.difference if before is not None else 1
        if shrunk < _SHRUNK:
            return False
        if before is not None and 0.5 < shrunk < 2:
            return found
        before = found
    return None


def _short(value: Any) -> str:
    return f"{float(value):.6g}" if 1e-300 < abs(value) < 1e300 or value == 0 else _long(value)


def _long(value: Any) -> str:
    """A number beyond the range of plain floats."""
    from mpmath import nstr

    return str(nstr(value, 6))


def _plain(array: Any) -> Any:
    return np.vectorize(lambda v: round(float(v), 12), otypes=[float])(array).tolist()
