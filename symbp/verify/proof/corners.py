"""Where choices meet: what hangs on two signs at once is looked at with each pair of them, and what hangs on those of a whole
axis where all are alike; or such signs are seen never to stand together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

import numpy as np
from sympy import Expr

from symbp.verify.proof.choices import NAME, Choice
from symbp.verify.proof.coupling import ALL, coupling
from symbp.verify.proof.forms import forms
from symbp.verify.proof.lines import Known, Watch, beside, crossings, entry, lines, through, wholes
from symbp.verify.proof.points import Bounded, Comparison, Point, Points

MOST = 6
"""With more choices than that, not every pair is looked at."""
_LINES = 2
_DIGITS = 400
Pair = tuple[tuple[Choice, int], tuple[Choice, int]]
"""Two choices, each with a sign."""


@dataclass(frozen=True)
class Corners:
    """The choices of a claim whose signs are multiplied with one another, and what they rest on."""

    points: Points
    comparison: Comparison
    own: list[Choice]
    known: Known
    tried: list[Point]

    @property
    def together(self) -> int:
        """On how many signs at once the claim hangs."""
        return coupling(self.comparison.statements, self.known.functions)

    def signs(self, choice: Choice, point: Point) -> Any:
        """The signs of a choice's entries at a point; None where it has no value."""
        statements = (*self.comparison.statements, choice.statement)
        try:
            found = replace(point, kept=dict(point.kept)).evaluate(
                self.points.setting, statements, self.comparison.functions
            )
        except (ArithmeticError, ValueError):
            return None
        return np.frompyfunc(lambda v: int(v > 0) - int(v < 0), 1, 1)(found[NAME])

    def reached(self) -> tuple[set[Pair], set[tuple[Choice, int]]]:
        """The pairs of signs that stand together somewhere among the points tried, and the signs that all entries have there."""
        pairs, alike = set[Pair](), set[tuple[Choice, int]]()
        for point in self.tried:
            at = {c: s for c in self.own if (s := self.signs(c, point)) is not None}
            alike |= {
                (c, int(s.flat[0])) for c, s in ((c, np.asarray(s)) for c, s in at.items()) if len({*s.flat}) == 1
            }
            for one, two in combinations(self.own, 2):
                if one in at and two in at:
                    pairs |= {((one, a), (two, b)) for a, b in _together(one, two, at[one], at[two])}
        return pairs, alike

    def missing(self) -> tuple[list[Pair], list[tuple[Choice, int]]]:
        """The pairs of signs, and the signs of all entries, that have been neither reached nor seen to be impossible."""
        pairs, alike = self.reached()
        wanted = [((one, a), (two, b)) for one, two in combinations(self.own, 2) for a, b in product((1, -1), repeat=2)]
        lacking = [pair for pair in wanted if pair not in pairs and not self.empty(pair)]
        if self.together < ALL:
            return lacking, []
        return lacking, [(c, s) for c in self.own for s in (1, -1) if (c, s) not in alike and c.indices]

    def empty(self, pair: Pair) -> bool:
        """Whether two signs are seen never to stand together: what they are of would sum to something negative."""
        (one, a), (two, b) = pair
        ranges = self.points.ranges(self.known.statements, self.known.functions)
        first, second = (self.plain(c.body) for c in (one, two))
        if ranges.of(a * first)[1] <= 0 or ranges.of(b * second)[1] <= 0:
            return True
        return ranges.of((a * first + b * second).expand())[1] <= 0

    def plain(self, body: Expr) -> Expr:
        """An expression with the claim's own arrays written out."""
        own = {s.target.name: s for s in self.comparison.statements}
        return [*forms(body, own)][-1]

    def beyond(self) -> Iterator[Point]:
        """Points at which what is missing may be met."""
        pairs, alike = self.missing()
        for choice in dict.fromkeys(c for c, _ in alike):
            yield from beside(self.points, choice.body, self.known, _DIGITS, whole=True)
        for (one, a), (two, b) in pairs:
            yield from self.corner(one, a, two, b)
            yield from self.corner(two, b, one, a)

    def corner(self, one: Choice, a: int, two: Choice, b: int) -> Iterator[Point]:
        """Points where the sign of one choice turns to `a`, and from there on where that of another turns to `b`."""
        for seed in range(_LINES):
            sizes = self.points.lengths(seed)
            at = {i.axis: seed % sizes[i.axis] for c in (one, two) for i in c.indices}
            watches = [Watch.of(self.points, c.body, self.known, sizes, entry(c.body, at)) for c in (one, two)]
            for line in lines(self.points, watches[0].movable, sizes, seed, at):
                for t in (t for pair in crossings(line, watches[0]) for t in pair):
                    values = line.at(t)
                    first = watches[0](values)
                    if first is None or first * a <= 0:
                        continue
                    moved = watches[1].movable
                    for other in (*through(values, moved, sizes, seed, at), *wholes(values, moved)):
                        for u in (u for pair in crossings(other, watches[1]) for u in pair):
                            there = other.at(u)
                            found = [w(there) for w in watches]
                            if None not in found and found[0] * a > 0 and found[1] * b > 0:
                                yield self.points.placed(there, Bounded(_DIGITS, seed), sizes)
                                return
                        if self.points.effort.late:
                            return


def _together(one: Choice, two: Choice, a: Any, b: Any) -> set[tuple[int, int]]:
    """The pairs of signs that two choices have at the same place."""
    first, second = ([i.axis for i in c.indices] for c in (one, two))
    if first == second:
        return {(int(x), int(y)) for x, y in zip(np.asarray(a).flat, np.asarray(b).flat, strict=True)}
    return {(int(x), int(y)) for x, y in product({*np.asarray(a).flat}, {*np.asarray(b).flat})}
