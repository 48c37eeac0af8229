"""The slope of a function of one number at zero: its value, how far it can be trusted, and whether there is a kink.

Central differences at steps that shrink by a factor of four are extrapolated to step zero (Richardson, 1911); the error
of each extrapolated value is its distance to the values it was made from (Ridders, 1982, "Accurate computation of F'(x)
and F'(x) F''(x)", eq. 5) plus what the rounding of f does to the difference. Steps are tried from large to small until
rounding makes a smaller one useless, so nothing has to be known about the scale of the function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Curve = Callable[[float], tuple[float, float]]  # a step -> (the step after rounding, the value there or NaN)
Kind = Literal["smooth", "kink", "unclear"]

RATIO = 4.0
DEPTH = 6  # extrapolations in a row
MOST_ROWS = 30
GUARDS = (
    5,
    7,
    10,
    13,
)  # after large steps have settled on a slope, steps by such powers of the ratio smaller must agree
SURE = 8.0  # a difference counts when it is this many times its error
FINE = 0.05  # a kink is ruled out by steps that resolve this part of its jump


@dataclass(frozen=True)
class Row:
    """The values at a step to the right and to the left; `rounding` bounds the error of one value."""

    right: float
    up: float
    left: float
    down: float
    rounding: float

    @property
    def width(self) -> float:
        """The distance between the two points."""
        return self.right - self.left

    @property
    def noise(self) -> float:
        """What rounding does to the central difference."""
        return 2 * self.rounding / self.width


@dataclass(frozen=True)
class Estimate:
    """A number and its error (infinite where there is nothing to compare with)."""

    value: float
    error: float


@dataclass(frozen=True)
class Slope:
    """The slope at zero; at a kink `value` is the mean of the one-sided slopes `left` and `right`."""

    kind: Kind
    value: float
    error: float
    left: float
    right: float
    base: float
    rows: tuple[Row, ...]

    @property
    def steepest(self) -> float:
        """The larger of the slopes from here to the first points on either side."""
        first = self.rows[0] if self.rows else None
        found = [] if first is None else [(first.up - self.base) / first.right, (first.down - self.base) / first.left]
        return max((abs(v) for v in found if math.isfinite(v)), default=0.0)

    @property
    def still(self) -> bool:
        """True where no step changed the function at all."""
        return all(row.up == self.base == row.down for row in self.rows)


@dataclass(frozen=True)
class Rounding:
    """What rounding does to f's values: `absolute` at the point itself, `relative` elsewhere, and `blur`.

    The blur is by how much the point itself may be off, in units of the step: what f is made of is rounded too, and f changes
    with it by its slope there, which at a minimum is not zero but for the minimum itself.
    """

    absolute: float
    relative: float
    blur: float

    def of(self, base: float, values: Sequence[tuple[float, float]]) -> float:
        """The error of values at some steps."""
        known = [(step, value) for step, value in values if math.isfinite(value)]
        size = max((abs(value) for _, value in known), default=0.0)
        steepest = max((abs((value - base) / step) for step, value in known if step), default=0.0)
        return max(self.absolute, min(self.relative, 1e-3) * size, 2.3e-16 * size, self.blur * steepest)


def measure(
    curve: Curve,
    base: float,
    *,
    start: float,
    smallest: float,
    rounding: float,
    blur: float = 0.0,
    guards: Sequence[float] = (),
    full: bool = False,
) -> Slope:
    """The slope of `curve` at zero, where it has the value `base`.

    Steps go from `start` down to `smallest`; `rounding` and `blur` are those of :class:`Rounding`, and `guards` further steps
    that must agree with a slope before it is believed. With `full` all steps are tried, otherwise those that are needed.
    """
    errors = Rounding(rounding, rounding / max(abs(base), 1e-300) if base else 0.0, blur)
    rows: list[Row] = []
    open_guards = sorted({*guards, *(start * RATIO**-k for k in GUARDS)}, reverse=True)
    step, needed = start, math.inf  # a step that larger ones do not agree with must be reached
    while step >= smallest and len(rows) < MOST_ROWS:
        rows.append(_row(curve, step, base, errors))
        if not full and step <= needed and _settled(rows, base):
            slope = _choose(rows, base)
            open_guards = [g for g in open_guards if smallest <= g < step]
            needed = next((g for g in open_guards if not _agrees(_row(curve, g, base, errors), slope)), 0.0)
            if not needed:
                break
        step /= RATIO
    return _choose(rows, base)


def _row(curve: Curve, step: float, base: float, errors: Rounding) -> Row:
    (right, up), (left, down) = curve(step), curve(-step)
    return Row(right, up, left, down, errors.of(base, ((right, up), (left, down))))


def _extrapolated(values: Sequence[float], noises: Sequence[float], powers: Sequence[int]) -> list[Estimate]:
    """For each step the best value of its row of the extrapolation table; `powers` are those of the step in the error."""
    estimates: list[Estimate] = []
    before: list[float] = []
    for value, noise in zip(values, noises, strict=True):
        if not math.isfinite(value):
            before = []
            estimates.append(Estimate(math.nan, math.inf))
            continue
        row, best = [value], Estimate(value, math.inf)
        for power, corner in zip(powers, before, strict=False):
            better = row[-1] + (row[-1] - corner) / (RATIO**power - 1)
            error = max(abs(better - row[-1]), abs(better - corner)) + noise
            if error < best.error:
                best = Estimate(better, error)
            row.append(better)
        before = row
        estimates.append(best)
    return estimates


def _central(rows: Sequence[Row]) -> list[Estimate]:
    values = [(r.up - r.down) / r.width for r in rows]
    return _extrapolated(values, [r.noise for r in rows], range(2, 2 * DEPTH + 1, 2))


def _side(rows: Sequence[Row], base: float, *, right: bool) -> list[Estimate]:
    values = [(r.up - base) / r.right if right else (r.down - base) / r.left for r in rows]
    return _extrapolated(values, [2 * r.noise for r in rows], range(1, DEPTH + 1))


def _jumps(rows: Sequence[Row], base: float) -> list[Estimate]:
    """Right slope minus left slope: goes to zero with the step where the function is smooth."""
    values = [(r.up - base) / r.right - (r.down - base) / r.left for r in rows]
    return _extrapolated(values, [4 * r.noise for r in rows], range(1, 2 * DEPTH, 2))


def _significant(jump: Estimate) -> bool:
    return abs(jump.value) > SURE * jump.error


def _settled(rows: Sequence[Row], base: float) -> bool:
    """Whether smaller steps cannot do better: rounding is all that is left, and there is no kink to look into."""
    jumps = _jumps(rows, base)
    latest = rows[-1].noise
    if (kinks := [abs(j.value) for j in jumps if _significant(j)]) and 4 * latest < FINE / SURE * kinks[-1]:
        return False
    central = _central(rows)
    return latest >= min((e.error for k, e in enumerate(central) if _consistent(e, central[k + 1 :])), default=math.inf)


def _agrees(row: Row, slope: Slope) -> bool:
    value = (row.up - row.down) / row.width
    return slope.kind == "smooth" and abs(value - slope.value) <= SURE * (slope.error + row.noise)


def _choose(rows: Sequence[Row], base: float) -> Slope:
    central, jumps = _central(rows), _jumps(rows, base)
    right, left = _side(rows, base, right=True), _side(rows, base, right=False)
    # Large steps over many waves of f may find a jump by chance, but then not the slopes that small steps find.
    kinks = [k for k, jump in enumerate(jumps) if _significant(jump) and _consistent(central[k], central[k + 1 :])]
    first = kinks[-1] + 1 if kinks else 0
    fine = FINE * abs(jumps[kinks[-1]].value) if kinks else math.inf
    good = [
        central[k]
        for k in range(first, len(rows))
        if central[k].error <= fine and jumps[k].error <= fine and _consistent(central[k], central[k + 1 :])
        and _approached(rows[k:], central[k])
    ]  # fmt: skip
    best = min(good, key=lambda e: e.error, default=Estimate(math.nan, math.inf))
    if math.isfinite(best.error):
        return Slope("smooth", best.value, best.error, best.value, best.value, base, tuple(rows))
    if kinks:
        k = min(kinks, key=lambda k: max(right[k].error, left[k].error))
        middle, error = (right[k].value + left[k].value) / 2, max(right[k].error, left[k].error)
        if math.isfinite(error) and SURE * error < abs(right[k].value - left[k].value):
            return Slope("kink", middle, error, left[k].value, right[k].value, base, tuple(rows))
    # At the edge of the domain only one side has values; its slope is then the derivative.
    for side, other in ((right, left), (left, right)):
        if all(math.isinf(e.error) for e in other):
            steady = [estimate for k, estimate in enumerate(side) if _consistent(estimate, side[k + 1 :])]
            edge = min(steady, key=lambda e: e.error, default=Estimate(math.nan, math.inf))
            if math.isfinite(edge.error):
                return Slope("smooth", edge.value, edge.error, edge.value, edge.value, base, tuple(rows))
    return Slope("unclear", math.nan, math.inf, math.nan, math.nan, base, tuple(rows))


def _approached(rows: Sequence[Row], found: Estimate) -> bool:
    """Whether smaller steps come no further away from an estimate than the one that it was made at, but for rounding: where f has
    more waves than steps can resolve, they do."""
    off = [abs((r.up - r.down) / r.width - found.value) for r in rows if math.isfinite(r.up - r.down)]
    errors = [SURE * (found.error + r.noise) for r in rows if math.isfinite(r.up - r.down)]
    return all(d <= max(off[0], error) for d, error in zip(off, errors, strict=True))


def _consistent(one: Estimate, finer: Sequence[Estimate]) -> bool:
    """An estimate from large steps stands only when no smaller step contradicts it."""
    return all(
        math.isinf(e.error) or abs(e.value - one.value) <= SURE * (e.error + one.error) for e in finer
    ) and math.isfinite(one.value)
