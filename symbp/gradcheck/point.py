"""The point at which a gradient is checked: f's value and rounding there, the gradient given, the scale of each entry."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from symbp.errors import InputError
from symbp.gradcheck.arrays import Array, Objective, scalar
from symbp.gradcheck.slope import RATIO, Slope, measure

FIRST = 1 / 8  # the first step, as a part of an entry's scale
COARSE = 1e4  # so many times the rounding of a float are no longer that
LAST = FIRST * RATIO**-13  # the last one: 2e-9


@dataclass(frozen=True)
class Point:
    """Everything the tests need to know; arrays in `gradients`, `reach`, `sizes` and `free` go with `given.arrays`.

    `sizes` holds the sizes of the entries (the array's root mean square where an entry is zero), `reach` the larger of
    the two, from which steps start. `free` is 1 for the entries that move in random directions, 0 for those at a kink.
    """

    given: Objective
    base: float
    rounding: float
    eps: float
    gradients: tuple[Array, ...]
    reach: tuple[Array, ...]
    sizes: tuple[Array, ...]
    free: tuple[Array, ...]

    @property
    def relative(self) -> float:
        """The relative difference of two gradients that is never held against the one given."""
        return max(1e-7, 64 * self.eps)

    def entry(self, array: int, index: tuple[int, ...]) -> Slope:
        """How f changes with one entry."""
        x = self.given.arrays[array]

        def curve(step: float) -> tuple[float, float]:
            moved = x.copy()
            moved[index] = x[index] + x.dtype.type(step)
            arrays = [*self.given.arrays]
            arrays[array] = moved
            return float(moved[index]) - float(x[index]), self.given.at(arrays)

        start = FIRST * float(self.reach[array][index])
        smallest = max(LAST * float(self.sizes[array][index]), 64 * self.eps * abs(float(x[index])))
        size = float(self.sizes[array][index])
        own = [FIRST * size * RATIO**-k for k in (0, 3, 7)]
        return measure(
            curve,
            self.base,
            start=start,
            smallest=smallest,
            rounding=self.rounding,
            blur=2 * self.eps * size,
            guards=own,
        )

    def along(self, direction: Sequence[Array], *, full: bool) -> Slope:
        """How f changes when all entries move along a direction (one array of each shape)."""

        def curve(step: float) -> tuple[float, float]:
            pairs = zip(self.given.arrays, direction, strict=True)
            return step, self.given.at([(x + step * v).astype(x.dtype) for x, v in pairs])

        # Moved entries are rounded themselves, which f turns into an error of the size of g x eps, at random signs.
        promised = [
            length(g * x) for g, x, v in zip(self.gradients, self.given.arrays, direction, strict=True) if v.any()
        ]
        rounding = self.rounding + self.eps * math.hypot(*promised)
        smallest = max(LAST, 64 * self.eps)
        blur = 2 * self.eps
        return measure(curve, self.base, start=FIRST, smallest=smallest, rounding=rounding, blur=blur, full=full)

    def without(self, array: int, indices: Iterable[tuple[int, ...]]) -> Point:
        """The same point with some entries of one array fixed in all directions."""
        free = self.free[array].copy()
        for index in indices:
            free[index] = 0.0
        return replace(self, free=(*self.free[:array], free, *self.free[array + 1 :]))

    def influence(self, array: int) -> float:
        """The largest change of f that the gradient given promises for one entry moving by its own size."""
        return float(np.max(np.abs(self.gradients[array] * self.sizes[array])))

    def typical(self, array: int, index: tuple[int, ...]) -> float:
        """What the largest entries of the gradient given would be here.

        The largest of them as it is or, when that is smaller (in an array of entries of very different sizes), the one
        that changes f as much.
        """
        largest = float(np.max(np.abs(self.gradients[array])))
        return min(largest, self.influence(array) / float(self.sizes[array][index]))


def value(given: Objective) -> tuple[float, float, float]:
    """f's value at the arrays, how much it differs between two calls, and the coarsest relative rounding in play."""
    first, second = scalar(given.careful(given.f, "f")), scalar(given.careful(given.f, "f"))
    if not math.isfinite(first):
        raise InputError(f"f is {float(first)} at these arrays")
    eps = max(float(np.finfo(kind).eps) for kind in (first.dtype, *(x.dtype for x in given.arrays)))
    return float(first), steady(float(first), float(second), eps), eps


def steady(first: float, second: float, eps: float) -> float:
    """The difference of two values of f at the same arrays; an error where it is more than rounding."""
    difference = abs(first - second)
    if not difference <= 64 * eps * abs(first):
        raise InputError(
            f"f gives different values for the same arrays ({first!r}, then {second!r}): fix the seed of its random numbers, "
            "and let it keep nothing between calls"
        )
    return difference


def noise(given: Objective, base: float, eps: float, rng: np.random.Generator) -> float:
    """The rounding of f's value, measured.

    Fourth differences of f at equally spaced points so close together that a smooth f is a straight line there (Moré and
    Wild, 2011, "Estimating computational noise", eq. 2.4); at least eps |f|.
    """
    signs = [rng.choice([-1.0, 1.0], size=x.shape) for x in given.arrays]
    grids = [np.spacing(np.maximum(np.abs(x), x.dtype.type(1e-30))) for x in given.arrays]
    smallest = np.finfo(np.float32 if eps > 1e-10 else np.float64).smallest_subnormal  # below which all digits are lost
    floor = max(eps * abs(base), 64 * float(smallest))
    for spread in (2.0, 2.0**9, 2.0**16, 2.0**23, 2.0**30, 2.0**35, 2.0**40, 2.0**43):
        triples = [*zip(given.arrays, signs, grids, strict=True)]
        values = [given.at([(x + k * spread * s * g).astype(x.dtype) for x, s, g in triples]) for k in range(9)]
        if not np.isfinite(values).all():
            break
        # Values that stand still and then jump by far more than a rounding are rounded by f itself.
        jump = float(np.max(np.abs(np.diff(values))))
        if 1 < len(set(values)) <= 4 and jump > COARSE * floor:
            return max(floor, jump)
        if spread > 2.0**35 or len(set(values)) == 1:
            continue
        # Points so close that f gives the same value at most of them say nothing about its rounding;
        # a function that works in float32 inside is told by points that are 1e-6 apart.
        if len(set(values)) > 4 or spread * eps > 3e-6:
            deviation = length(np.diff(values, 4)) / math.sqrt(5 * 70)
            return max(floor, 4 * deviation)
    return floor


def length(x: Array) -> float:
    """The root of the sum of squares, of numbers whose squares may be out of range."""
    largest = float(np.max(np.abs(x), initial=0.0))
    return largest * math.sqrt(float(np.sum(np.square(x / largest)))) if 0 < largest < math.inf else largest


def scales(x: Array) -> tuple[Array, Array]:
    """For each entry how far steps reach, and its size; both are 1 for an array of zeros."""
    size: Array = np.abs(x).astype(np.float64)
    largest = float(size.max())
    typical = largest * math.sqrt(float(np.mean(np.square(size / largest)))) if largest else 1.0
    return np.maximum(size, typical), np.where(size > 0, size, typical)


def point(given: Objective, base: float, rounding: float, eps: float, gradients: Sequence[Array]) -> Point:
    """The point with the scales of its arrays, all entries free."""
    reach, sizes = zip(*map(scales, given.arrays), strict=True)
    return Point(
        given, base, rounding, eps, tuple(gradients), reach, sizes, tuple(np.ones(x.shape) for x in given.arrays)
    )
