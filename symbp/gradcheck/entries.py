"""The test entry by entry: which entries, and what each of them is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from symbp.gradcheck.point import Point
from symbp.gradcheck.report import GradientEntry
from symbp.gradcheck.slope import SURE

SLIGHT = 2e-11  # a part of what is typical in the array; a smaller difference is the gradient's own rounding

Index = tuple[int, ...]


@dataclass(frozen=True)
class Measured:
    """An entry with the size of its input and what the array's gradient typically is there (`Point.typical`)."""

    entry: GradientEntry
    size: float
    typical: float
    still: bool  # no step changed f
    steepest: float  # f's slopes from here to some way off

    @property
    def doubt(self) -> float:
        """How far off the gradient may still be here, unseen."""
        return 0.0 if self.still and self.entry.given == 0 else SURE * self.entry.error

    @property
    def difference(self) -> float:
        """How far off the change of f is that is promised for a step of the input's size."""
        e = self.entry
        outside = max(e.given - max(e.left, e.right), min(e.left, e.right) - e.given, 0.0)
        return (abs(e.given - e.expected) if e.kind == "smooth" else outside) * self.size


def choose(shape: tuple[int, ...], limit: int, rng: np.random.Generator) -> list[Index]:
    """All indices of an array or, when there are more than `limit`, that many at random, in order."""
    size = int(np.prod(shape))
    flat = range(size) if size <= limit else sorted(int(k) for k in rng.choice(size, limit, replace=False))
    return [tuple(int(k) for k in np.unravel_index(number, shape)) for number in flat]


def examine(point: Point, array: int, indices: Iterable[Index]) -> list[Measured]:
    """The chosen entries of one array, each measured by differences of f."""
    return [_one(point, array, index) for index in indices]


def _one(point: Point, array: int, index: Index) -> Measured:
    slope = point.entry(array, index)
    typical = point.typical(array, index)
    given = float(point.gradients[array][index])
    slack = SURE * slope.error + point.relative * abs(given) + max(SLIGHT, 64 * point.eps) * typical
    low, high = min(slope.left, slope.right) - slack, max(slope.left, slope.right) + slack
    wrong = slope.kind != "unclear" and not low <= given <= high
    name = point.given.names[array]
    entry = GradientEntry(
        name, index, given, slope.value, slope.error, slope.kind, slope.left, slope.right, wrong
    )  # fmt: skip
    return Measured(entry, float(point.sizes[array][index]), typical, slope.still, slope.steepest)
