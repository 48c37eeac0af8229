"""The test entry by entry: which entries, and what each of them is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from symbp.gradcheck.point import Point
from symbp.gradcheck.report import GradientEntry
from symbp.gradcheck.slope import SURE

SLIGHT = 1e-9  # a part of the largest influence in the array; a smaller difference is the gradient's own rounding

Index = tuple[int, ...]


@dataclass(frozen=True)
class Measured:
    """An entry with the scale of its input; `still` where no step changed f."""

    entry: GradientEntry
    scale: float
    still: bool

    @property
    def doubt(self) -> float:
        """What f may still change by, unseen, when this input moves by its scale."""
        return 0.0 if self.still and self.entry.given == 0 else SURE * self.entry.error * self.scale

    @property
    def difference(self) -> float:
        """How far off the promised change of f is."""
        e = self.entry
        outside = max(e.given - max(e.left, e.right), min(e.left, e.right) - e.given, 0.0)
        return (abs(e.given - e.expected) if e.kind == "smooth" else outside) * self.scale


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
    scale = float(point.scales[array][index])
    given = float(point.gradients[array][index])
    slight = max(SLIGHT, 64 * point.eps) * point.influence(array) / scale
    slack = SURE * slope.error + point.relative * abs(given) + slight
    low, high = min(slope.left, slope.right) - slack, max(slope.left, slope.right) + slack
    wrong = slope.kind != "unclear" and not low <= given <= high
    name = point.given.names[array]
    entry = GradientEntry(
        name, index, given, slope.value, slope.error, slope.kind, slope.left, slope.right, wrong
    )  # fmt: skip
    return Measured(entry, scale, slope.still)
