"""Where choices meet: what hangs on several signs at once is looked at with each set of them, and what hangs on those of a whole
axis where all are alike; or such signs are seen never to stand together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, permutations, product
from typing import Any

import numpy as np
from sympy import Add, Expr

from symbp.calculus.indices import Axis
from symbp.verification.proof.coupling import ALL, coupling
from symbp.verification.proof.forms import forms
from symbp.verification.proof.lines import Known, Watch, beside, crossings, entry, lines, through, wholes
from symbp.verification.proof.points import Bounded, Comparison, Point, Points
from symbp.verification.proof.sign_choices import NAME, Choice

MOST, _LARGEST = 6, 3
"""With more choices than that, not every set of signs is looked at, and none of more signs."""
_LINES = 2
_DIGITS = 400
Signs = tuple[tuple[Choice, int], ...]
"""Choices, each with a sign."""


@dataclass(frozen=True)
class Corners:
    """The choices of a claim whose signs are multiplied with one another, and what they rest on; `tried` are points at which the
    claim was right."""

    points: Points
    comparison: Comparison
    own: list[Choice]
    known: Known
    tried: list[Point]

    @cached_property
    def together(self) -> int:
        """On how many signs at once the claim hangs."""
        return coupling(self.comparison.statements, self.known.functions)

    @property
    def too_many(self) -> bool:
        """Whether it hangs on more signs at once than are looked at."""
        return len(self.own) > MOST or min(self.together, len(self.own)) > _LARGEST

    @property
    def size(self) -> int:
        """How many signs are looked at together."""
        return min(self.together, _LARGEST, len(self.own))

    def signs(self, choice: Choice, point: Point) -> Any:
        """The signs of a choice's entries at a point; None where it has no value."""
        statements = (*self.comparison.statements, choice.statement)
        try:
            found = replace(point, kept=dict(point.kept)).evaluate(
                self.points.setting, statements, self.comparison.functions
            )
        except (ArithmeticError, ValueError):
            return None
        return np.asarray(np.frompyfunc(lambda v: int(v > 0) - int(v < 0), 1, 1)(found[NAME]))

    @cached_property
    def missing(self) -> tuple[set[Signs], set[tuple[Choice, int]]]:
        """The sets of signs, and the signs of all entries, that have been neither reached nor seen to be impossible."""
        wanted = {
            tuple(zip(some, signs, strict=True))
            for some in combinations(self.own, self.size)
            for signs in product((1, -1), repeat=self.size)
        }
        alike = {(c, s) for c in self.own for s in (1, -1) if c.indices} if self.together >= ALL else set()
        left = {signs for signs in wanted if not self.empty(signs)}, alike
        for point in self.tried:
            if not any(left):
                break
            self.take(point, *left)
        return left

    def note(self, point: Point) -> None:
        """Count what is met at one more point."""
        self.take(point, *self.missing)

    def take(self, point: Point, sets: set[Signs], alike: set[tuple[Choice, int]]) -> None:
        """Take away the signs that stand together at a point, and those that all entries have there."""
        at = {c: s for c in self.own if (s := self.signs(c, point)) is not None}
        alike -= {(c, int(s.flat[0])) for c, s in at.items() if len({*s.flat}) == 1}
        for some in combinations(self.own, self.size):
            if all(c in at for c in some):
                sets -= {tuple(zip(some, signs, strict=True)) for signs in _together(some, at)}

    def empty(self, signs: Signs) -> bool:
        """Whether some signs are seen never to stand together: what they are of would sum to something that is not positive."""
        ranges = self.points.ranges(self.known.statements, self.known.functions)
        terms = [sign * self.plain(choice.body) for choice, sign in signs]
        some = [t for k in range(1, len(terms) + 1) for t in combinations(terms, k)]
        return any(ranges.of(Add(*t).expand())[1] <= 0 for t in some)

    def plain(self, body: Expr) -> Expr:
        """An expression with the claim's own arrays written out."""
        own = {s.target.name: s for s in self.comparison.statements}
        return [*forms(body, own)][-1]

    def beyond(self) -> Iterator[Point]:
        """Points at which what is missing may be met."""
        sets, alike = self.missing
        for choice in [c for c in self.own if any(c == other for other, _ in alike)]:
            yield from beside(self.points, choice.body, self.known, _DIGITS, whole=True)
        for signs in sorted(sets, key=str):
            if signs not in sets:
                continue
            for seed in range(_LINES):
                found = next(self.corner(signs, seed), None)
                if found is not None:
                    yield found
                    break
                if self.points.budget.late:
                    return

    def corner(self, signs: Signs, seed: int) -> Iterator[Point]:
        """Points with certain signs: beside where one choice turns, from there on beside where another does, and so on."""
        sizes = self.points.lengths(seed)
        at = {i.axis: seed % sizes[i.axis] for choice, _ in signs for i in choice.indices}
        watched = [
            (Watch.of(self.points, choice.body, self.known, sizes, entry(choice.body, at)), sign)
            for choice, sign in signs
        ]
        for order in permutations(watched):
            for values in _turned([*order], None, sizes, seed, at):
                if all((v := watch(values)) is not None and v * sign > 0 for watch, sign in watched):
                    yield self.points.placed(values, Bounded(_DIGITS, seed), sizes)


def _turned(
    waiting: list[tuple[Watch, int]],
    values: Mapping[str, Any] | None,
    sizes: Mapping[Axis, int],
    seed: int,
    at: Mapping[Axis, int],
) -> Iterator[Mapping[str, Any]]:
    """The values of points, each beside where one more of the choices that wait has turned to its sign."""
    if not waiting:
        return
    (watch, sign), rest = waiting[0], waiting[1:]
    if values is None:
        ways = lines(watch.points, watch.movable, sizes, seed, at)
    else:
        ways = iter((*through(values, watch.movable, sizes, seed, at), *wholes(values, watch.movable)))
    for line in ways:
        if watch.late:
            return
        for t in (t for pair in crossings(line, watch) for t in pair):
            there = line.at(t)
            value = watch(there)
            if value is not None and value * sign > 0:
                yield there
                yield from _turned(rest, there, sizes, seed, at)


def _together(some: tuple[Choice, ...], at: Mapping[Choice, Any]) -> set[tuple[int, ...]]:
    """The signs that choices have at the same place."""
    axes = [[i.axis for i in c.indices] for c in some]
    listed = [[int(v) for v in at[c].flat] for c in some]
    if all(a == axes[0] for a in axes):
        return set(zip(*listed, strict=True))
    return set(product(*({*values} for values in listed)))
