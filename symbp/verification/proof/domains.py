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

from symbp.verification.meaning.needs import Condition, indices_in, met
from symbp.verification.meaning.partials import in_order
from symbp.verification.proof.draws import FIRST_NEGATIVE, FIRST_POSITIVE, FIRST_TINY
from symbp.verification.proof.edge_cases import in_domain
from symbp.verification.proof.forms import forms, never_negative, with_definitions
from symbp.verification.proof.lines import beside
from symbp.verification.proof.points import Bounded, Point
from symbp.verification.proof.trial import MANY_DIGITS, Trial
from symbp.verification.verdict import Counterexample

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


def settled(trial: Trial) -> Settled:
    """Whether every condition of a claim holds wherever the derivation has a value."""
    points = trial.points
    conditions = [o for d in dict.fromkeys(trial.comparison.conditions) if (o := Open.of(trial, d)) is not None]
    open_ = [o for o in conditions if o.is_open]
    found = None
    for some, seeds in ((conditions, _SEEDS), (open_, _MORE)):
        if found is None and some:
            found = _violated(some, (points.floats(seed) for seed in seeds))
    if found is not None:
        return Settled(found)
    seen, reason = False, ""
    for o in open_:
        if points.budget.late:  # not every point was looked at
            return Settled(reason=reason or _OPEN[o.condition.need])
        if o.is_own() if o.below and not o.flat else o.flat and not o.below and o.met([]):
            continue
        tried, ended = list[Point](), False
        for point in o.beyond():
            if not in_domain(points, point):
                ended = ended or o.violated(point) is True
                continue
            found = _violated([o], [point])
            if found is not None:
                return Settled(found)
            tried.append(point)
        if points.budget.late or (o.below and not ended) or (o.flat and not o.met(tried)):
            reason = reason or _OPEN[o.condition.need]
        seen = seen or o.below
    return Settled(reason=reason, seen=seen and not reason)


def _violated(conditions: list[Open], tried: Iterable[Point | None]) -> Counterexample | None:
    """A point where a condition does not hold, and the derivation has a value."""
    for point in tried:
        for o in conditions:
            points = o.trial.points
            if point is None or points.budget.late:
                break
            if o.violated(point) is True and in_domain(points, point):
                true = _true(o.trial, point)
                if true is not None:
                    return o.trial.undefined(point, true, o.entry(point))
    return None


def _true(trial: Trial, point: Point) -> Any:
    """The derivation's value at a point; None where it has none."""
    c = trial.comparison
    own = {s.target.name: s for s in c.statements if s.target != c.right}
    alone = replace(c, right=c.left, statements=in_order([c.left.name], own))
    found = Trial(trial.points, alone).at(point)
    return None if found is None else found[0]


@dataclass(frozen=True)
class Open:
    """A condition that is not seen to hold everywhere: it may be negative (`below`), or zero for a whole case (`flat`)."""

    trial: Trial
    condition: Condition
    below: bool = False
    flat: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it may fail on more than a set without volume."""
        return self.below or self.flat

    @staticmethod
    def of(trial: Trial, condition: Condition) -> Open | None:
        """The condition; None where it is seen to hold, or to fail only where a number is zero that never is."""
        if met(condition.need, condition.body):
            return None
        o, ranges, points = Open(trial, condition), trial.ranges, trial.points
        own = o.written
        below = condition.need != "not zero" and all(ranges.of(form)[0] < 0 for form in own)
        below = below and not any(form in points.not_negative_there for form in own)
        below = below and not any(never_negative(form, ranges.of) for form in own)
        zero = condition.need != "not negative" and not ranges.never_zero(condition.body)
        zero = zero and not any(form in points.not_zero for form in own)
        if not below and not zero:
            return None
        return replace(o, below=below, flat=zero and bool(trial.branches(condition.body)))

    @cached_property
    def written(self) -> tuple[Expr, ...]:
        """The body with more and more of what it rests on written out; at the end, scalar functions too."""
        body, trial = self.condition.body, self.trial
        own, (*_, named) = (*forms(body, trial.statements),), forms(body, trial.own)  # in names of the forward map's
        return body, *own, *(with_definitions(e, trial.functions) for e in (own[-1], named))

    def values(self, point: Point) -> Any:
        """What the condition is about at a point; None where that has no value."""
        return self.trial.values(self.condition.body, point, self.condition.statements)

    def fails(self, point: Point) -> Any:
        """Where the condition does not hold, numbers so small that they may be rounding aside; None where that cannot be told."""
        values = self.values(point)
        if values is None:
            return None
        found = _signs(values)
        if (found == 0).any() and any(v != 0 for v in np.asarray(values)[found == 0].flat):
            more = replace(point, numbers=Bounded(MANY_DIGITS, getattr(point.numbers, "seed", 0)), kept={})
            exact = self.values(more)
            if exact is None:
                return None
            for at in np.ndindex(found.shape):
                if found[at] == 0 and abs(exact[at]) > _SHRUNK * abs(values[at]):
                    found[at] = int(exact[at] > 0) - int(exact[at] < 0)
        need = self.condition.need
        return found < 0 if need == "not negative" else found <= 0 if need == "positive" else found == 0

    def violated(self, point: Point) -> bool | None:
        """Whether the condition fails at a point; None where that cannot be told."""
        fails = self.fails(point)
        return None if fails is None else bool(np.any(fails))

    def entry(self, point: Point) -> tuple[int, ...]:
        """An entry of the claim that has no value there."""
        fails, axes = self.fails(point), self.trial.comparison.left.axes
        if fails is not None and tuple(i.axis for i in indices_in(self.condition.body)) == axes and fails.ndim:
            return tuple(int(k) for k in np.argwhere(fails)[0])
        return (0,) * len(axes)

    def is_own(self) -> bool:
        """Whether what must not be negative has, where it was looked at, the value of something of which the forward map takes a
        root or a logarithm."""
        points = [p for s in _SEEDS if (p := self.trial.points.floats(s)) is not None]
        axes = sorted(i.axis.name for i in indices_in(self.condition.body))
        for need, body in self.trial.points.needs:
            if need != "not zero" and sorted(i.axis.name for i in indices_in(body)) == axes:
                same = replace(self, condition=Condition(need, body))
                if all(_same(self.values(p), same.values(p)) for p in points):
                    return True
        return False

    def beyond(self) -> Iterator[Point]:
        """Points on both sides of where the condition may begin to fail, along a few lines."""
        body = self.condition.body
        for one in dict.fromkeys((body, *(self.trial.branches(body) if self.flat else ()))):
            yield from beside(self.trial, one)

    def met(self, tried: list[Point]) -> bool:
        """Whether the points tried lie on both sides of everything that what is divided by chooses by."""
        floats = (self.trial.points.floats(s) for s in (*_SEEDS, *_MORE))
        points = [*tried, *(p for p in floats if p is not None)]
        for body in self.trial.branches(self.condition.body):
            found = (self.trial.values(body, point, self.condition.statements) for point in points)
            if not {1, -1} <= {s for values in found if values is not None for s in _signs(values).flat}:
                return False
        return True


def _signs(values: Any) -> Any:
    """The sign of each of some numbers, 0 for what may be rounding."""
    return np.asarray(np.frompyfunc(lambda v: int(v > _TINY) - int(v < -_TINY), 1, 1)(values))


def _same(a: Any, b: Any) -> bool:
    if a is None or b is None or np.shape(a) != np.shape(b):
        return False
    return all(abs(x - y) <= 1e-40 * max(abs(x), abs(y)) for x, y in zip(a.flat, b.flat, strict=True))
