"""Whether a claim has a value wherever the derivative has one: the domain of a root, a logarithm, a quotient is a case
distinction like that of an indicator.

Random points without a value say nothing of the formula, and a simplified formula has forgotten what it was without. So each
condition under which the claim has a value (:mod:`symbp.verification.meaning.needs`) is settled: it is one that the forward map
has itself, or it is seen to hold everywhere, or points are found on its other side, at which the claim is wrong. What is
divided by may be zero on a set that no volume has; where it chooses by signs, it may be zero for all of one side, which is
looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr

from symbp.calculus.program import ScalarFunction, Statement, Tensor
from symbp.verification.meaning.needs import Condition, met
from symbp.verification.proof.branches import branches
from symbp.verification.proof.draws import FIRST_NEGATIVE, FIRST_POSITIVE, FIRST_TINY
from symbp.verification.proof.edge_cases import in_domain
from symbp.verification.proof.forms import forms, with_definitions
from symbp.verification.proof.gaps import MANY_DIGITS, undefined
from symbp.verification.proof.lines import Known, beside
from symbp.verification.proof.points import Bounded, Comparison, Point, Points
from symbp.verification.proof.polynomials import never_negative
from symbp.verification.proof.ranges import Ranges
from symbp.verification.proof.sign_choices import behind
from symbp.verification.verdict import Counterexample

_NAME = "condition_"
"""The tensor that holds what a condition is about; no other tensor's name ends like that."""
_SEEDS, _MORE = (0, 2), (1, 3, 4, 5, FIRST_POSITIVE, FIRST_NEGATIVE, FIRST_TINY)
_TINY, _SHRUNK = 1e-35, 1e-50
_OPEN = {
    "not negative": "it takes a root of what is not seen to be positive",
    "positive": "it takes a logarithm or a root of what is not seen to be positive",
    "not zero": "it divides by what may be zero in one of its cases",
}


@dataclass(frozen=True)
class Settled:
    """What became of a claim's conditions: a point at which the claim has no value, or why that cannot be excluded; `seen` says
    that the forward map was found to end where the claim does, and no more than that."""

    counterexample: Counterexample | None = None
    reason: str = ""
    seen: bool = False


def settled(points: Points, c: Comparison) -> Settled:
    """Whether every condition of a claim holds wherever the derivation has a value."""
    conditions = [o for d in dict.fromkeys(c.conditions) if (o := Open.of(points, c, d)) is not None]
    if not conditions:
        return Settled()
    found = _violated(points, c, conditions, (points.floats(seed) for seed in _SEEDS))
    open_ = [o for o in conditions if o.is_open]
    if found is None and open_:
        found = _violated(points, c, open_, (points.floats(seed) for seed in _MORE))
    if found is not None:
        return Settled(found)
    seen, reason = False, ""
    for o in open_:
        if o.is_own() if o.below and not o.flat else o.flat and not o.below and o.met([]):
            continue
        tried, ended = list[Point](), False
        for point in o.beyond():
            if not in_domain(points, point):
                ended = ended or o.violated(point) is True
                continue
            found = _violated(points, c, [o], [point])
            if found is not None:
                return Settled(found)
            tried.append(point)
        if points.budget.late or (o.below and not ended) or (o.flat and not o.met(tried)):
            reason = reason or _OPEN[o.condition.need]
        seen = seen or o.below
    if reason:
        return Settled(reason=reason)
    return Settled(seen=seen)


def _violated(
    points: Points, c: Comparison, conditions: list[Open], tried: Iterable[Point | None]
) -> Counterexample | None:
    """A point where a condition does not hold, and the derivation has a value."""
    for point in tried:
        if point is None or points.budget.late:
            continue
        for o in conditions:
            if o.violated(point) is True and in_domain(points, point):
                true = _true(points, c, point)
                if true is not None:
                    return undefined(points, c, point, true, o.entry(point, c))
    return None


def _true(points: Points, c: Comparison, point: Point) -> Any:
    """The derivation's value at a point; None where it has none."""
    left = next(s for s in c.statements if s.target == c.left)
    own = {s.target.name: s for s in c.statements if s.target != c.right}
    sides = points.sides(replace(c, right=c.left, statements=behind(left, own)), point)
    return None if sides is None else sides[0]


@dataclass(frozen=True)
class Open:
    """A condition that is not seen to hold everywhere: it may be negative (`below`), or zero for a whole case (`flat`)."""

    points: Points
    comparison: Comparison
    condition: Condition
    below: bool
    flat: bool

    @property
    def is_open(self) -> bool:
        """Whether it may fail on more than a set without volume."""
        return self.below or self.flat

    @staticmethod
    def of(points: Points, c: Comparison, condition: Condition) -> Open | None:
        """The condition; None where it is seen to hold, or to fail only where a number is zero that never is."""
        o = Open(points, c, condition, False, False)
        if met(condition.need, condition.body):
            return None
        ranges, own = o.ranges, o.written
        below = condition.need != "not zero" and all(ranges.of(form)[0] < 0 for form in own)
        below = below and not any(form in points.not_negative for form in own)
        below = below and not any(form in points.not_negative_there for form in own)
        below = below and not any(never_negative(form, ranges.of) for form in own)
        zero = condition.need != "not negative" and not ranges.never_zero(condition.body)
        zero = zero and not any(form in points.not_zero for form in own)
        if not below and not zero:
            return None
        flat = zero and bool(branches(condition.body, o.statements, o.functions, ranges))
        return replace(o, below=below, flat=flat)

    @cached_property
    def statements(self) -> dict[str, Statement]:
        """What stands behind the condition, of the derivation and of the claim."""
        program = self.points.setting.program
        return {**program.definitions, **{s.target.name: s for s in self.condition.statements}}

    @cached_property
    def functions(self) -> dict[str, ScalarFunction]:
        """The scalar functions in it."""
        return {f.name: f for f in (*self.points.setting.program.functions, *self.comparison.functions)}

    @cached_property
    def written(self) -> tuple[Expr, ...]:
        """The body with more and more of what it rests on written out; at the end, scalar functions too."""
        body, mine = self.condition.body, {s.target.name: s for s in self.condition.statements}
        own, (*_, named) = (*forms(body, self.statements),), forms(body, mine)  # in names of the forward map's
        return body, *own, *(with_definitions(e, self.functions) for e in (own[-1], named))

    @cached_property
    def ranges(self) -> Ranges:
        """Bounds of what is in it."""
        return self.points.ranges(self.statements, self.functions)

    @cached_property
    def statement(self) -> Statement:
        """The equation of what the condition is about."""
        indices = self.condition.indices
        return Statement(Tensor(_NAME, tuple(i.axis for i in indices)), indices, self.condition.body)

    def values(self, point: Point) -> Any:
        """What the condition is about at a point; None where that has no value."""
        statements = (*self.condition.statements, self.statement)
        try:
            own = replace(point, kept=dict(point.kept))
            return own.evaluate(self.points.setting, statements, self.comparison.functions)[_NAME]
        except (ArithmeticError, ValueError):
            return None

    def fails(self, point: Point) -> Any:
        """Where the condition does not hold, numbers so small that they may be rounding aside; None where that cannot be told."""
        values = self.values(point)
        if values is None:
            return None
        signs = np.array([_sign(v) for v in np.asarray(values).flat]).reshape(np.shape(values))
        if (signs == 0).any() and any(v != 0 for v in np.asarray(values)[signs == 0].flat):
            more = replace(point, numbers=Bounded(MANY_DIGITS, getattr(point.numbers, "seed", 0)), kept={})
            exact = self.values(more)
            if exact is None:
                return None
            for at in np.ndindex(signs.shape):
                if signs[at] == 0 and abs(exact[at]) > _SHRUNK * abs(values[at]):
                    signs[at] = int(exact[at] > 0) - int(exact[at] < 0)
        need = self.condition.need
        return signs < 0 if need == "not negative" else signs <= 0 if need == "positive" else signs == 0

    def violated(self, point: Point) -> bool | None:
        """Whether the condition fails at a point; None where that cannot be told."""
        fails = self.fails(point)
        return None if fails is None else bool(np.any(fails))

    def entry(self, point: Point, c: Comparison) -> tuple[int, ...]:
        """An entry of the claim that has no value there."""
        fails = self.fails(point)
        if fails is not None and tuple(i.axis for i in self.condition.indices) == c.left.axes and fails.ndim:
            return tuple(int(k) for k in np.argwhere(fails)[0])
        return (0,) * len(c.left.axes)

    def is_own(self) -> bool:
        """Whether what must not be negative has, where it was looked at, the value of something of which the forward map takes a
        root or a logarithm."""
        axes = sorted(i.axis.name for i in self.condition.indices)
        candidates = [Condition.at(need, body) for need, body in self.points.needs if need != "not zero"]
        for other in candidates:
            if sorted(i.axis.name for i in other.indices) != axes:
                continue
            same = replace(self, condition=other)
            if all(_same(self.values(p), same.values(p)) for s in _SEEDS if (p := self.points.floats(s)) is not None):
                return True
        return False

    def beyond(self) -> Iterator[Point]:
        """Points on both sides of where the condition may begin to fail, along a few lines."""
        bodies = [self.condition.body] if self.below else []
        if self.flat:
            bodies += [
                self.condition.body,
                *branches(self.condition.body, self.statements, self.functions, self.ranges),
            ]
        for body in dict.fromkeys(bodies):
            yield from beside(self.points, body, Known(self.statements, self.functions))

    def met(self, tried: list[Point]) -> bool:
        """Whether the points tried lie on both sides of everything that what is divided by chooses by."""
        for body in branches(self.condition.body, self.statements, self.functions, self.ranges):
            one = replace(self, condition=replace(Condition.at("not zero", body), statements=self.condition.statements))
            seen = set[int]()
            for point in (*tried, *(p for s in (*_SEEDS, *_MORE) if (p := self.points.floats(s)) is not None)):
                values = one.values(point)
                seen |= {_sign(v) for v in np.asarray(values).flat} if values is not None else set()
            if not {1, -1} <= seen:
                return False
        return True


def _sign(v: Any) -> int:
    return int(v > _TINY) - int(v < -_TINY)


def _same(a: Any, b: Any) -> bool:
    if a is None or b is None or np.shape(a) != np.shape(b):
        return False
    return all(abs(x - y) <= 1e-40 * max(abs(x), abs(y)) for x, y in zip(a.flat, b.flat, strict=True))
