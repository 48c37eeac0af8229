"""Whether two sides of an equation are equal: exactly, in finite fields, and in floats of many digits.

Exactness. Both sides are evaluated in a field of p**2 elements, p about 2**89 (:mod:`symbp.calculus.field`), at values drawn
from its seed. Two formulas that differ as rational functions of degree d in the values and in the exponentials, roots and
uninterpreted functions of them agree at one such point with a chance of at most d/p (Schwartz 1980; Zippel 1979). Powers of
powers in a claim are bounded so that d stays below 2**38: one point already leaves less than 2**-50, and three independent
ones are asked. A formula that chooses by a sign (relu, max, abs) is a fair coin for each unit and each point: it is asked at
sixteen points with two to seven units, sixty coins in all for every layer. Every point has other lengths of the axes, all of
them pairwise distinct (in deep networks neighbours are), so that a number never passes for a length. What agrees in the field
is compared in floats of 50 digits too.

What the field calls different is called wrong only with a counterexample in floats; where floats agree, to 400 digits, the two
sides are equal numerically and nothing more is said. Numbers so odd that 400 digits cannot tell are left undecided. What random
points would miss is looked for once more (:mod:`.scrutiny`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from symbp.calculus.vectorized import TooMuch
from symbp.verify.language.syntax import Call, Gradient, Name, Node, Number, Read, nodes
from symbp.verify.proof import scrutiny
from symbp.verify.proof.choices import Choice
from symbp.verify.proof.draws import FIRST_WIDE
from symbp.verify.proof.points import CHOOSING, Comparison, Point, Points
from symbp.verify.verdict import Counterexample

_SMALLEST = 1e-20  # entries are compared relative to the largest one, or to this where all are smaller
_DIGITS, _MANY = 50, 400
_ROUNDING = {50: 1e-30, 400: 1e-300, 1600: 1e-300}  # for so many digits, what may pass for rounding
_WIDE = (
    48  # points at which every tensor has a scale of its own: for choices that hang on which of two numbers is larger
)
_SURE, _HIDDEN = 1e-20, 1e-250  # differences at 50 and at 400 digits that are no rounding
_LARGEST_PRODUCT = 500  # of a formula's numbers, such that 400 digits see what they do


@dataclass(frozen=True)
class Decision:
    """Whether the sides are equal (None: undecided, and why), how that is known, and where they differ."""

    equal: bool | None
    how: str = "exact"
    reason: str = ""
    counterexample: Counterexample | None = None
    note: str = ""


def same_in_field(points: Points, c: Comparison, seed: int) -> bool | None:
    """Whether the sides are equal in the field of a seed; None where that cannot be told."""
    return same_at(points, c, points.field(seed))


def same_at(points: Points, c: Comparison, point: Point | None) -> bool | None:
    """Whether the sides are equal at a point of a field; None where that cannot be told."""
    sides = points.sides(c, point)
    return None if sides is None else bool(all(a == b for a, b in zip(sides[0].flat, sides[1].flat, strict=True)))


def decide(points: Points, c: Comparison, formula: Node) -> Decision:
    """Whether the two sides are equal; see the module's page for what each answer means."""
    try:
        found = _decided(points, c, formula)
        return _looked_again(points, c, found) if found.equal else found
    except TooMuch:
        return Decision(None, reason="it takes too long to decide")


def _looked_again(points: Points, c: Comparison, found: Decision) -> Decision:
    """What is left of an agreement after a second look; see :mod:`.scrutiny`."""
    own = scrutiny.own_choices(points, c)
    if scrutiny.too_many_lengths(c):
        return Decision(None, reason="its degree in the lengths is too large")
    for sizes in scrutiny.more_lengths(points, c):
        if same_at(points, c, points.new_field(0, sizes)) is False:
            gap = _difference(points, c, points.new_floats(0, _DIGITS, sizes=sizes))
            if gap is None or gap.size > _SURE:
                return Decision(False, "exact", "", None if gap is None else gap.counterexample(points, c))
    exact = found.how == "exact"
    if exact and len(own) < scrutiny.MANY:
        return found
    if exact and not any(same_in_field(points, c, seed) is False for seed in range(16, 64)):
        found = replace(found, how="exact" if len(own) <= scrutiny.MOST_PROVED else "numeric")
    missed = _beyond(points, c, own)
    if missed is not None and (missed.equal is False or not exact):
        return missed
    if found.how == "exact":
        return found
    if sum(scrutiny.is_clear(points, c, points.floats(seed)) for seed in range(6)) < 2:
        return Decision(None, reason="its numbers are too large or too small to tell")

    def differs(point: Point) -> bool | None:
        gap = _difference(points, c, point)
        return None if gap is None else gap.size > _SURE

    positive = scrutiny.only_positive(points, c, differs)
    return replace(found, note=f"for positive {positive}" if positive else "")


def _beyond(points: Points, c: Comparison, own: list[Choice]) -> Decision | None:
    """What is found close to where a claim's own choices turn over: a difference, or that one of them cannot be met."""
    unmet = Decision(None, reason="it agrees at the points tried, but chooses by signs that were not all met")
    tried, ends = list[Point](), set[Choice]()
    for choice, point in scrutiny.beside_turns(points, c, own):
        if not scrutiny.in_domain(points, point):
            ends.add(choice)  # where the forward map ends
            continue
        gap = _difference(points, c, point)
        if gap is not None and gap.size > _HIDDEN:
            return Decision(False, "exact", "", gap.counterexample(points, c))
        tried.append(point)
        if points.effort.late:
            return unmet
    open_ = [choice for choice in own if choice not in ends and not scrutiny.has_one_sign(points, c, choice)]
    tried += [p for seed in (*range(6), *scrutiny.FAR) if (p := points.floats(seed)) is not None]
    return unmet if open_ and scrutiny.one_sided(points, c, open_, tried) is not None else None


def _decided(points: Points, c: Comparison, formula: Node) -> Decision:
    choosing = points.choosing or any(s.body.has(*CHOOSING) for s in c.statements)
    wanted, agreed, differs = (16 if choosing else 3), 0, False
    for seed in range(3 * wanted):
        same = same_in_field(points, c, seed)
        agreed += same is True
        differs = same is False
        if differs or agreed == wanted or points.effort.late:
            break
    if agreed == wanted:
        return _confirmed(points, c)
    return _by_floats(points, c, choosing, differs, formula)


def _confirmed(points: Points, c: Comparison) -> Decision:
    """What floats say of sides that agree in the field: they have a value, and it is the same."""
    valued = lacking = 0
    for seed in (0, 2, 3, 5, 6, 8):
        if not points.known(c, points.floats(seed)):
            continue
        gap = _gap(points, c, seed)
        lacking += gap is None
        valued += gap is not None
        if gap is not None and gap.size:
            return Decision(False, "numeric", "", gap.counterexample(points, c))
        if valued == 2:
            break
    if lacking and not valued:
        return Decision(None, reason="the formula has no real value at any of the points tried")
    return Decision(True, "exact")


def _by_floats(points: Points, c: Comparison, choosing: bool, differs: bool, formula: Node) -> Decision:
    """A counterexample, or agreement in floats."""
    for seed in (0, 1, 2, 3):
        gap = _gap(points, c, seed, decimals=1)
        if choosing and gap is not None and gap.size:  # numbers so round may be tied, where a right claim may differ
            finer = _gap(points, c, seed)
            gap = gap if finer is not None and finer.size else None
        if gap is not None and gap.size > 1e-6:
            return Decision(False, "exact" if differs else "numeric", "", gap.counterexample(points, c))
    agreed = 0
    for seed in range(12 if choosing else 6):
        if points.effort.late:
            return Decision(None, reason="it takes too long to decide")
        gap = _gap(points, c, seed, digits=_MANY)
        if gap is not None and gap.size:
            return Decision(False, "exact" if differs else "numeric", "", gap.counterexample(points, c))
        agreed += gap is not None
    if agreed < 2:
        return Decision(None, reason="the formula has no real value at the points tried")
    for seed in range(FIRST_WIDE, FIRST_WIDE + _WIDE) if choosing and differs else ():
        gap = _gap(points, c, seed)
        if gap is not None and gap.size:
            return Decision(False, "exact", "", gap.counterexample(points, c))
        if points.effort.late:
            return Decision(None, reason="it agrees at the points tried, but chooses by signs that were not all met")
    if not _tame(formula):
        missed = _beyond(points, c, scrutiny.own_choices(points, c))
        if missed is not None:
            return missed
        return Decision(None, reason="its numbers are too large or too small to tell")
    return Decision(True, "numeric")


def _tame(formula: Node) -> bool:
    """Whether the numbers of a formula are such that 400 digits see what they do: no exp(-1000), no tanh(40)*tanh(40)."""
    product = Fraction(1)
    for node in nodes(formula):
        if isinstance(node, Number) and node.value:
            product *= max(node.value.numerator, node.value.denominator)
        plain = not any(isinstance(n, (Name, Gradient, Read)) for n in nodes(node))
        if isinstance(node, Call) and plain and node.name not in ("sqrt", "abs"):
            return False
    return product <= _LARGEST_PRODUCT


@dataclass(frozen=True)
class _Gap:
    """The largest difference of the two sides at a point, relative to the size of the true side."""

    size: float
    position: tuple[int, ...]
    claimed: Any
    true: Any
    point: Point

    def counterexample(self, points: Points, c: Comparison) -> Counterexample:
        labels, lengths = points.setting.labels, self.point.sizes
        entry = tuple(1 if k is None else self.position[k] + 1 for k in c.order)
        values = {
            t.name: _plain(self.point.arrays[t.name])
            for t in points.setting.program.declared
            if t.name in self.point.arrays
        }
        return Counterexample(
            entry, _short(self.claimed), _short(self.true), {labels[a]: n for a, n in lengths.items()}, values
        )


def _gap(points: Points, c: Comparison, seed: int, digits: int = _DIGITS, decimals: int = 6) -> _Gap | None:
    """The largest difference at a float point, 0 where it is rounding; None where a side has no value or nothing is clear.

    A difference is real where it stays the same with more digits; rounding shrinks.
    """
    before: _Gap | None = None
    for more in (d for d in _ROUNDING if d >= digits):
        found = _gap_with(points, c, seed, more, decimals)
        if found is None or found.size <= _ROUNDING[more]:
            return found and replace(found, size=0.0)
        if before is not None and 0.5 < found.size / before.size < 2:
            return found
        before = found
    return None


def _gap_with(points: Points, c: Comparison, seed: int, digits: int, decimals: int) -> _Gap | None:
    return _difference(points, c, points.floats(seed, digits, decimals))


def _difference(points: Points, c: Comparison, point: Point | None) -> _Gap | None:
    """The largest difference at a point of floats; None where a side has no value."""
    sides = points.sides(c, point)
    if sides is None or point is None:
        return None
    true, claimed = sides
    largest = max((abs(v) for v in true.flat), default=0)
    worst, position = max((abs(claimed[p] - true[p]), p) for p in np.ndindex(true.shape))
    return _Gap(float(worst / max(largest, _SMALLEST)), position, claimed[position], true[position], point)


def _short(value: Any) -> str:
    return f"{float(value):.6g}"


def _plain(array: Any) -> Any:
    return np.vectorize(lambda v: round(float(v), 12), otypes=[float])(array).tolist()
