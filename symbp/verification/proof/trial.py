"""The two sides of a claim at points: equal in a field, or how far apart in floats, and whether that is more than rounding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import isqrt
from typing import Any

import numpy as np
from mpmath import nstr
from sympy import Expr

from symbp.calculus.lengths import is_derived
from symbp.calculus.numeric.field import Field
from symbp.calculus.numeric.vectorized import TooMuch
from symbp.calculus.program import ScalarFunction, Statement
from symbp.calculus.sign_conditions import CHOOSING
from symbp.verification.proof.choices import branches, choices, length_degree
from symbp.verification.proof.forms import WATCHED, watched
from symbp.verification.proof.points import Comparison, Point, Points
from symbp.verification.proof.ranges import Ranges
from symbp.verification.verdict import Counterexample

DIGITS, MANY_DIGITS = 50, 400
_PRECISIONS = (50, 400, 1600)
_ROUNDING = {50: 1e-30, 400: 1e-300, 1600: 1e-300}  # for so many digits, what may pass for rounding
_SHRUNK = 1e-100  # what remains of rounding with many more digits
_POINTS, _TRIES, _LARGEST = 2, 6, 10**6


@dataclass(frozen=True)
class Trial:
    """A comparison that is tried at the points of its setting, and what its two sides rest on."""

    points: Points
    comparison: Comparison

    @cached_property
    def functions(self) -> dict[str, ScalarFunction]:
        """The scalar functions of the derivation and of the claim."""
        return {f.name: f for f in (*self.points.setting.program.functions, *self.comparison.functions)}

    @cached_property
    def own(self) -> dict[str, Statement]:
        """The equations of the claim, and of what must hold for it to have a value."""
        c = self.comparison
        return {s.target.name: s for s in (*c.statements, *(s for d in c.conditions for s in d.statements))}

    @cached_property
    def statements(self) -> dict[str, Statement]:
        """Those of the derivation too."""
        return {**self.points.setting.program.definitions, **self.own}

    @cached_property
    def ranges(self) -> Ranges:
        """Bounds of expressions over them."""
        return self.points.ranges(self.statements, self.functions)

    @cached_property
    def choices(self) -> list[Expr]:
        """What the claim itself chooses by."""
        return choices(self.comparison.statements, self.functions)

    @cached_property
    def degree(self) -> int:
        """The degree of the claim in the lengths that it spells out, at most."""
        return length_degree(self.comparison.statements)

    def branches(self, body: Expr) -> list[Expr]:
        """The expressions at whose zeros what stands in an expression may change its course."""
        return branches(body, self.statements, self.functions, self.ranges)

    @cached_property
    def choosing(self) -> bool:
        """Whether the derivation or the claim chooses by signs anywhere."""
        bodies = [s.body for s in self.comparison.statements]
        bodies += [f.definition for f in self.comparison.functions if f.definition is not None]
        return self.points.choosing or any(b.has(*CHOOSING) for b in bodies)

    @cached_property
    def is_zero(self) -> bool:
        """Whether the true side is zero whatever the values."""
        body = next(s.body for s in self.comparison.statements if s.target == self.comparison.left)
        return self.points.vanishes(body)

    def is_known(self, point: Point | None) -> bool:
        """Whether the derivation has a value at a point for everything that the claim names."""
        if point is None:
            return False
        own = {s.target.name for s in self.comparison.statements}
        names = {name for s in self.comparison.statements for name in s.reads} - own
        if names <= point.arrays.keys():
            return True
        with self.points.budget.start_up():
            try:
                point.need(sorted(names))
            except (ArithmeticError, ValueError):
                return False
        return True

    def at(self, point: Point | None) -> tuple[Any, Any] | None:
        """Both sides' arrays at a point, None where one has no value; TooMuch where that would take too long."""
        if point is None or not self.is_known(point):
            return None
        c = self.comparison
        if not c.suits(point.sizes):
            return None
        try:
            found = point.evaluate(self.points.setting, c.statements, c.functions)
        except TooMuch:
            raise
        except (ArithmeticError, ValueError):
            return None
        return found[c.left.name], found[c.right.name]

    def values(self, body: Expr, point: Point, rest: tuple[Statement, ...] | None = None) -> Any:
        """The entries of an expression at a point; None where it has no value, or the `rest` of the statements, the claim's, has
        none."""
        statements = (*(self.comparison.statements if rest is None else rest), watched(body))
        try:
            mine = replace(point, kept=dict(point.kept))
            return mine.evaluate(self.points.setting, statements, tuple(self.functions.values()))[WATCHED]
        except (ArithmeticError, ValueError):
            return None

    def same(self, point: Point | None) -> bool | None:
        """Whether the sides are equal at a point of a field; None where that cannot be told."""
        return self.agree(point)[0]

    def agree(self, point: Point | None) -> tuple[bool | None, bool]:
        """The same, and whether both are zero, which says nothing."""
        sides = self.at(point)
        if sides is None or point is None:
            return None, False
        if not all(a == b for a, b in zip(sides[0].flat, sides[1].flat, strict=True)):
            return False, False
        return True, all(point.numbers.is_zero(v) for v in sides[0].flat)

    def gap(self, point: Point | None) -> Gap | None:
        """The largest difference at a point of floats; None where a side has no value."""
        sides = self.at(point)
        if sides is None or point is None:
            return None
        true, claimed = sides
        largest = max((abs(v) for side in sides for v in side.flat), default=0)
        worst, position = max((abs(claimed[p] - true[p]), p) for p in np.ndindex(true.shape))
        size = float(worst / largest) if largest else 0.0
        return Gap(worst, size, position, claimed[position], true[position], point)

    def real_gap(self, seed: int, digits: int = DIGITS, decimals: int = 6) -> Gap | bool | None:
        """The difference at the float point of a seed where it is real, False where it is rounding; None where a side has no
        value or nothing is clear.

        A difference is real where it stays the same with more digits; rounding shrinks.
        """
        before: Gap | None = None
        for more in (d for d in _PRECISIONS if d >= digits):
            found = self.gap(self.points.floats(seed, more, decimals))
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

    def counterexample(self, gap: Gap) -> Counterexample:
        """The entry with the largest difference, and the values at which it is."""
        return self._counterexample(gap.point, gap.position, _short(gap.claimed), _short(gap.true))

    def undefined(self, point: Point, true: Any, position: tuple[int, ...]) -> Counterexample:
        """The entry where the claim has no value at a point at which the derivation has one."""
        return self._counterexample(point, position, "undefined", _short(true[position]))

    def _counterexample(self, point: Point, position: tuple[int, ...], claimed: str, true: str) -> Counterexample:
        setting = self.points.setting
        entry = tuple(1 if k is None else position[k] + 1 for k in self.comparison.order)
        values = {t.name: _plain(point.arrays[t.name]) for t in setting.program.declared if t.name in point.arrays}
        return Counterexample(
            entry, claimed, true, {setting.labels[a]: n for a, n in point.sizes.items() if not is_derived(a)}, values
        )


@dataclass(frozen=True)
class Gap:
    """The largest difference of the two sides at a point, by itself and relative to the larger of the sides."""

    difference: Any
    size: float
    position: tuple[int, ...]
    claimed: Any
    true: Any
    point: Point


def signs(values: Any) -> Any:
    """The sign of each of some numbers."""
    return np.asarray(np.frompyfunc(lambda v: int(v > 0) - int(v < 0), 1, 1)(values))


def _short(value: Any) -> str:
    """A number in a few digits, beyond the range of plain floats too."""
    return f"{float(value):.6g}" if 1e-300 < abs(value) < 1e300 or value == 0 else str(nstr(value, 6))


def _plain(array: Any) -> Any:
    whole = bool(array.size) and all(isinstance(v, int) for v in array.flat)  # a tensor of whole numbers
    return np.vectorize(lambda v: round(float(v), 12), otypes=[int if whole else float])(array).tolist()


def constant_ratio(points: Points, c: Comparison) -> Fraction | None:
    """The fraction that the claimed side must be multiplied by to be the true one; None where there is no such constant."""
    trial, asked = Trial(points, c), 0
    found: set[Fraction | None] = set()
    for seed in range(_TRIES):
        point = points.field(seed)
        sides = trial.at(point)
        if sides is None or point is None or not isinstance(point.numbers, Field):
            continue
        asked += 1
        numbers = point.numbers
        for true, claimed in zip(sides[0].flat, sides[1].flat, strict=True):
            if numbers.is_zero(true) and numbers.is_zero(claimed):
                continue
            if numbers.is_zero(true) or numbers.is_zero(claimed):
                return None
            re, im = numbers.div(true, claimed).value
            found.add(None if im else reconstructed(re, numbers.p))
        if len(found) != 1 or None in found or 1 in found:  # 1 is what the field cannot tell apart
            return None
        if asked == _POINTS:
            return found.pop()
    return None


def reconstructed(value: int, p: int) -> Fraction | None:
    """The small fraction that a residue modulo p stands for (Wang 1981), None where there is none."""
    bound = isqrt(p // 2)
    a, b, s, t = p, value % p, 0, 1
    while b > bound:
        q = a // b
        a, b, s, t = b, a - q * b, t, s - q * t
    if t == 0 or max(abs(b), abs(t)) > _LARGEST:
        return None
    return Fraction(b, t)
