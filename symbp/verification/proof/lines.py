"""Points where a number is zero or changes its sign, which random points never meet: looked for along lines.

A line moves one entry of one tensor of a random point, or scales a whole tensor, or all of them. A zero near the point is found
by a secant. For a change far away, or in a narrow window, what is compared with zero is evaluated in plain floats at places that
are spread over many magnitudes; where its sign changes from one to the next, the change is closed in on, with many digits; where
it comes close to zero and turns back, the turn is looked at too.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import Expr

from symbp.calculus.indices import Axis
from symbp.calculus.numeric.numbers import Real
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.program import Program, Tensor
from symbp.verification.budget import Evaluation
from symbp.verification.meaning.needs import indices_in
from symbp.verification.meaning.partials import in_order
from symbp.verification.proof.draws import FIRST_NEGATIVE, FIRST_POSITIVE, drawn
from symbp.verification.proof.forms import WATCHED, watched
from symbp.verification.proof.points import Bounded, Point, Points
from symbp.verification.proof.trial import Trial

_MAGNITUDES = (
    "1e-9", "1e-4", "0.01", "0.1", "0.4", "0.9", "1.7", "3", "6", "12", "25", "50", "130", "500", "3e3", "5e4", "2e6", "1e9",
    "2e13", "1e20", "1e80", "1e300",
)  # fmt: skip
_PLACES = tuple(sorted(s * Fraction(m) for m in _MAGNITUDES for s in (1, -1)))
_CLOSED, _SECANTS, _NARROWED = 70, 14, 80
_WIDE, _NARROW = Fraction(1, 10**12), Fraction(1, 10**24)
"""How far the two sides of a change are apart, beside the numbers themselves: where bisection finds it, where a secant does."""
_LINES, _CROSSINGS = 3, 3
_TRIES, _STEPS, _DECIMALS, _ZERO, _FAR = 5, 12, 70, 1e-40, 10**6
"""For a zero near a point: from how many points, in how many steps, with how many digits, what passes for zero, and how far."""
Place = Mapping[Axis, int]
"""Which entry is meant: the number along each axis."""
_EACH, _FLOAT_STEPS = 60, 4
"""What an evaluation takes at least, and how many steps in plain floats count as one."""


@dataclass(frozen=True)
class Line:
    """The points that one number leads to: the values of a random point, and which entry of which tensor becomes that number;
    without an entry, the whole tensors are that many times what they were."""

    values: Mapping[str, Any]
    moved: tuple[str, ...]
    entry: tuple[int, ...] | None = None

    def at(self, t: Fraction) -> dict[str, Any]:
        """The values at a number."""
        found = dict(self.values)
        for name in self.moved:
            found[name] = (
                self.values[name].copy() if self.entry is not None else np.asarray(self.values[name] * t, object)
            )
            if self.entry is not None:
                found[name][self.entry] = t
        return found


@dataclass(frozen=True)
class Watch:
    """A number made of the entries of an expression, one of them or the smallest or largest, as a function of values."""

    points: Points
    part: Program
    sizes: Mapping[Axis, int]
    pick: Callable[[Any], Any]
    least: int = _EACH

    @staticmethod
    def of(trial: Trial, body: Expr, sizes: Mapping[Axis, int], pick: Callable[[Any], Any]) -> Watch:
        """What is picked of the entries of an expression over what a claim and the derivation have."""
        last, program = watched(body), trial.points.setting.program
        whole = (*in_order(last.reads, trial.statements), last)
        needed = sorted({n for s in whole for n in s.reads} - {s.target.name for s in whole})
        declared = tuple(program.tensors[n] for n in needed)
        part = Program(declared, whole, tuple(trial.functions.values()), constants=program.constants)
        return Watch(trial.points, part, sizes, pick)

    @property
    def movable(self) -> list[Tensor]:
        """The tensors that it hangs on and that may be moved."""
        return self.points.movable({t.name for t in self.part.declared})

    @property
    def late(self) -> bool:
        """Whether the claim has had what it may take."""
        return self.points.budget.late

    def __call__(self, values: Mapping[str, Any], digits: int = 50) -> Any:
        """The entry's value; None where it has none."""
        numbers, budget = Bounded(digits) if digits else Real(), self.points.budget
        work = Evaluation(budget, numbers) if digits else Evaluation(budget, numbers, math.inf, 1 / _FLOAT_STEPS)
        budget.add(self.least)
        try:
            held = self.points.respected(values)
            given = {t.name: held[t.name] for t in self.part.declared if t.name in held}
            with np.errstate(all="ignore"):
                found = evaluate_vectorized(self.part, given, self.sizes, numbers, work)
        except (ArithmeticError, ValueError):
            return None
        value = self.pick(found[WATCHED])
        return None if isinstance(value, float) and math.isnan(value) else value


def lines(points: Points, movable: Sequence[Tensor], sizes: Mapping[Axis, int], seed: int, at: Place) -> Iterator[Line]:
    """Lines through random points: an entry of each tensor, the smallest first; each whole tensor; all of them."""
    yield from through(drawn(points.setting, seed, sizes), movable, sizes, seed, at)
    for first in (FIRST_POSITIVE, FIRST_NEGATIVE, 0):
        yield from wholes(drawn(points.setting, first + seed % 6, sizes), movable)


def through(
    values: Mapping[str, Any], movable: Sequence[Tensor], sizes: Mapping[Axis, int], seed: int, at: Place
) -> Iterator[Line]:
    """Lines through a point along an entry of each tensor, at a place as far as that has its axes."""
    chance = random.Random(seed)
    for t in sorted(movable, key=lambda t: len(t.axes)):
        yield Line(values, (t.name,), tuple(at.get(a, chance.randrange(sizes[a])) for a in t.axes))


def wholes(values: Mapping[str, Any], movable: Sequence[Tensor]) -> Iterator[Line]:
    """Lines through a point along which whole tensors grow, one or all of them."""
    yield from (Line(values, (t.name,)) for t in movable if t.axes)
    if len(movable) > 1:
        yield Line(values, tuple(t.name for t in movable))


def crossings(line: Line, watch: Watch) -> Iterator[tuple[Fraction, Fraction]]:
    """Pairs of numbers, next to each other, at which the watched entry has different signs: the changes along a line."""
    known = [(t, v) for t in _PLACES if not watch.late and (v := watch(line.at(t), 0)) is not None and v == v]
    for (a, fa), (b, fb) in pairwise(known):
        if _sign(fa) != _sign(fb):
            yield _closed(line, watch, a, b)
    for (a, fa), (m, fm), (b, fb) in zip(known, known[1:], known[2:], strict=False):
        if _sign(fa) == _sign(fm) == _sign(fb) and 0 < abs(fm) < min(abs(fa), abs(fb)) and not watch.late:
            found = _turned(line, watch, a, m, b)
            if found is not None:
                yield _closed(line, watch, a, found)


def _sign(v: Any) -> int:
    return int(v > 0) - int(v < 0)


def _closed(line: Line, watch: Watch, a: Fraction, b: Fraction) -> tuple[Fraction, Fraction]:
    """Two numbers with different signs between two others, almost one: around where the secant leads, or by bisection."""
    fa, fb = watch(line.at(a)), watch(line.at(b))
    if fa is None or fb is None:
        return a, b
    root = _secant(line, watch, (a, fa), (b, fb))
    if root is not None:
        by = max(abs(root), _NARROW) * _NARROW
        trial = [watch(line.at(root - by)), watch(line.at(root + by))]
        if None not in trial and _sign(trial[0]) != _sign(trial[1]):
            return root - by, root + by
    for _ in range(_CLOSED):
        if abs(b - a) <= _WIDE * max(abs(a), abs(b), _WIDE):
            break
        m = _between(a, b)
        fm = watch(line.at(m))
        if fm is None:
            break
        a, b = (m, b) if _sign(fm) == _sign(fa) else (a, m)
    return a, b


def _secant(line: Line, watch: Watch, one: tuple[Fraction, Any], two: tuple[Fraction, Any]) -> Fraction | None:
    """Where the entry is zero between two numbers; None where the secant leads out of them, or nowhere."""
    low, high = sorted((one[0], two[0]))
    (a, fa), (b, fb) = one, two
    for _ in range(_SECANTS):
        if fa == fb:
            return None
        share = fb / (fb - fa)
        c = b - (b - a) * Fraction(int(share * 10**50), 10**50)
        c = Fraction(round(c * 10**60), 10**60)
        if not low <= c <= high:
            return None
        if abs(c - b) <= _NARROW**2 * max(abs(c), _NARROW):
            return c
        fc = watch(line.at(c))
        if fc is None:
            return None
        a, fa, b, fb = b, fb, c, fc
    return None


def _between(a: Fraction, b: Fraction) -> Fraction:
    """A number between two, in the middle of their magnitudes where these are far apart; short, for the next steps' sake."""
    low, high = float(min(a, b)), float(max(a, b))
    if low > 0 and high > 4 * low:
        return Fraction(math.sqrt(low) * math.sqrt(high))
    if high < 0 and low < 4 * high:
        return -Fraction(math.sqrt(-low) * math.sqrt(-high))
    m = (a + b) / 2
    short = Fraction(round(m * 10**60), 10**60)
    return short if min(a, b) < short < max(a, b) else m


def _turned(line: Line, watch: Watch, a: Fraction, m: Fraction, b: Fraction) -> Fraction | None:
    """Where, between two numbers, the entry has the other sign, though not at either: looked for where it is closest to zero."""
    sign = _sign(watch(line.at(m), 0))
    left, right = float(a), float(b)
    golden = (math.sqrt(5) - 1) / 2
    x, y = right - golden * (right - left), left + golden * (right - left)
    fx, fy = watch(line.at(Fraction(x)), 0), watch(line.at(Fraction(y)), 0)
    for _ in range(_NARROWED):
        if fx is None or fy is None or not left < x < y < right:
            return None
        for v, f in ((x, fx), (y, fy)):
            if _sign(f) != sign:
                return Fraction(v)
        if abs(fx) < abs(fy):
            right, y, fy = y, x, fx
            x = right - golden * (right - left)
            fx = watch(line.at(Fraction(x)), 0)
        else:
            left, x, fx = x, y, fy
            y = left + golden * (right - left)
            fy = watch(line.at(Fraction(y)), 0)
    return None


def beside(trial: Trial, body: Expr, digits: int = 50, whole: bool = False) -> Iterator[Point]:
    """Points on both sides of where an entry of an expression changes its sign, along a few lines; `whole`: of where all entries
    have come to have one sign."""
    points = trial.points
    for seed in range(_LINES):
        sizes = points.lengths(seed)
        at = {i.axis: (seed + k) % sizes[i.axis] for k, i in enumerate(indices_in(body))}
        for pick in (np.min, np.max) if whole else (entry(body, at),):
            watch, met = Watch.of(trial, body, sizes, pick), 0
            for line in lines(points, watch.movable, sizes, seed, at):
                if watch.late or met >= _CROSSINGS:
                    break
                for pair in crossings(line, watch):
                    met += 1
                    yield from (points.placed(line.at(t), Bounded(digits, seed), sizes) for t in pair)


def entry(body: Expr, at: Place) -> Callable[[Any], Any]:
    """What picks the entry of an expression at a place."""
    return partial(_at, tuple(at[i.axis] for i in indices_in(body)))


def _at(where: tuple[int, ...], array: Any) -> Any:
    return array[where]


def zeros(trial: Trial, body: Expr, sizes: Mapping[Axis, int], seed: int) -> Iterator[tuple[Line, Fraction]]:
    """Where one entry of an expression is zero: a number along a line through the random point of a seed, for a few of them."""
    points, chance = trial.points, random.Random(seed)
    watch = replace(Watch.of(trial, body, sizes, np.min), least=0)
    movable = watch.movable
    for tried in range(_TRIES if movable and not watch.late else 0):
        values = drawn(points.setting, seed + tried, sizes)
        t = chance.choice(movable) if tried else min(movable, key=lambda t: len(t.axes))
        line = Line(values, (t.name,), tuple(chance.randrange(sizes[a]) for a in t.axes))
        where = tuple(chance.randrange(sizes[i.axis]) for i in indices_in(body))
        found = _near(line, replace(watch, pick=partial(_at, where)))
        if found is not None:
            yield line, found


def _near(line: Line, watch: Watch) -> Fraction | None:
    """Where the entry is zero near the point that a line goes through; None where the secant finds nothing."""
    (name,) = line.moved
    a = line.values[name][line.entry]
    fa, b = watch(line.at(a)), a + Fraction(1, 7)
    for _ in range(_STEPS if fa is not None else 0):
        fb = watch(line.at(b))
        if fb is None or abs(fb) < _ZERO:
            return b if fb is not None else None
        try:
            move = fb * Bounded(50).number(b - a) / (fb - fa)
            a, fa, b = b, fb, b - Fraction(int(move * 10**_DECIMALS), 10**_DECIMALS)
        except (ArithmeticError, ValueError):  # it is as large at both, or no number
            return None
        if abs(b) > _FAR:
            return None
    return None
