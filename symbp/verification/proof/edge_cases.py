"""A second look at sides that agreed at every point tried: what would random points have missed?

A field takes any choice by a sign for a fair coin, so that what hangs on many of them at once is seldom met; floats never meet
a far threshold, and forget what is below their last digit; a polynomial in a length is zero at as many lengths as its degree.
Each of these is looked for here, and what cannot be excluded is left undecided. Where choices meet, what hangs on several signs
at once is looked at with each set of them, and what hangs on those of a whole axis where all are alike; or such signs are seen
never to stand together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice, permutations, product
from typing import Any

import numpy as np
from sympy import Add, Expr

from symbp.calculus.functions import floor_of
from symbp.calculus.indices import Axis
from symbp.calculus.places import reached
from symbp.calculus.primitives import PRIMITIVES
from symbp.verification.meaning.arrays import is_length
from symbp.verification.meaning.needs import indices_in, needs_of
from symbp.verification.meaning.partials import behind
from symbp.verification.proof.choices import ALL, choices, coupling, factors, whole_degree
from symbp.verification.proof.draws import FIRST_FAR, drawn, placed_lengths
from symbp.verification.proof.forms import forms
from symbp.verification.proof.lines import Watch, beside, crossings, entry, lines, through, wholes, zeros
from symbp.verification.proof.points import Bounded, Comparison, Point, Points
from symbp.verification.proof.trial import MANY_DIGITS, Gap, Trial, signs

MANY = 3
"""From so many choices on, sides that agree in the field are looked at again."""
MOST_PROVED = 6
"""With more choices than that, agreement is no proof."""
_CLEAR, _SLOPED = 1e150, 300.0
"""How large a number may be, and the argument of an exponential, for 400 digits to see all."""
_FLATTENS = frozenset(p.key for p in PRIMITIVES if p.flattens)
_FAINT, _NOISE = 1e-40, 1e-380  # what two numbers leave that all but cancel; less is rounding
_LEAST_HIDDEN = 3
MOST_LENGTHS = 12
"""Of a higher degree in the lengths nothing is said."""
_BESIDE, _CLOSE = Fraction(1, 10**7), Fraction(1, 10**24)
FAR = range(FIRST_FAR, FIRST_FAR + 16)
_SEEDS = (0, FIRST_FAR, 4, FIRST_FAR + 4)
_MOST_CORNERS, _LARGEST_CORNER = 6, 3
"""With more choices than that, not every set of signs is looked at, and none of more signs."""
_LINES = 2
_ORDERS = 6  # of axes, which of them are longer
Signs = tuple[tuple[Expr, int], ...]
"""Choices, each with a sign."""


def own_choices(points: Points, c: Comparison) -> list[Expr]:
    """What the claim itself chooses by."""
    return Trial(points, c).choices


def says_nothing(points: Points, c: Comparison, choice: Expr) -> bool:
    """Whether a choice goes the same way but where a smooth quantity happens to be zero; what is zero for all of a case, as relu
    is, does say something."""
    trial = Trial(points, c)
    return trial.ranges.one_sign(choice) and not trial.branches(choice)


def all_choices(trial: Trial) -> list[Expr]:
    """What the claim chooses by, then what its two sides rest on does, and then what either divides by or takes roots of."""
    program, c = trial.points.setting.program, trial.comparison
    rests_on = behind((n for s in c.statements for n in s.reads), program.definitions).values()
    asked = [d.body for d in c.conditions]
    asked += [body for s in rests_on for _, body in needs_of(s.body, program.function)]
    zero = [b for a in asked for b in factors(a, trial.statements, trial.functions)]  # a root of a square turns there
    return [*dict.fromkeys((*trial.choices, *choices(rests_on, program.function), *zero))]


def beside_turns(trial: Trial, found: Iterable[Expr], far: bool = True) -> Iterator[tuple[Expr, Point]]:
    """Points on either side of where each choice turns over, close to it; it is looked for `far` away where that takes it."""
    points = trial.points
    for k, choice in enumerate(found):
        if trial.ranges.one_sign(choice):
            continue
        met = False
        for seed in _SEEDS:
            if points.budget.late:
                return
            sizes = points.lengths(k)
            near = (_CLOSE, -_CLOSE) if far and seed == _SEEDS[0] else ()
            for line, t in islice(zeros(trial, choice, sizes, seed + k), 1):
                met = True
                for by in (_BESIDE, -_BESIDE, *near):
                    yield choice, points.placed(line.at(t + by * max(abs(t), 1)), Bounded(MANY_DIGITS), sizes)
        if far and not met:
            yield from ((choice, point) for point in beside(trial, choice, MANY_DIGITS))


def in_domain(points: Points, point: Point) -> bool:
    """Whether the loss has a value at a point, and numbers that are taken for positive are."""
    declared = points.setting.program.declared
    positive = [t.name for t in declared if t.role == "constant" and not t.axes and t.name in point.arrays]
    return all(v > 0 for name in positive for v in point.arrays[name].flat) and has_loss(points, point)


def has_loss(points: Points, point: Point) -> bool:
    """Whether the loss itself has a value at a point, not only the formulas of its derivatives."""
    loss = points.setting.known.get(points.setting.loss)
    try:
        point.need([loss.tensor.name] if loss is not None else [])
    except (ArithmeticError, ValueError):
        return False
    return True


def is_one_sided(trial: Trial, found: list[Expr], tried: list[Point], outside: Mapping[Expr, list[Point]]) -> bool:
    """Whether a choice went the same way at all points tried, or a rounded number decides it. The other way may lie `outside`,
    where the forward map has no value."""
    if any(s.body.has(floor_of) for s in trial.comparison.statements):
        return bool(found)
    for choice in found:
        met = set[int]()
        for point in (*tried, *outside.get(choice, ())):
            values = trial.values(choice, point) if len(met) < 2 else None
            met |= {*signs(values).flat} - {0} if values is not None else set()
        if len(met) < 2:
            return True
    return False


@dataclass(frozen=True)
class Seen(Bounded):
    """Floats that note when a number is so large or so small that others vanish beside it, and when two all but cancel."""

    dull: list[str] = field(default_factory=list, compare=False)

    def _seen(self, v: Any) -> Any:
        size = abs(v)
        if size and not 1 / _CLEAR < size < _CLEAR:
            self.dull.append("size")
        return v

    def add(self, a: Any, b: Any) -> Any:
        """a + b."""
        total = a + b
        if a and b and (not 1 / _CLEAR < abs(a / b) < _CLEAR or _NOISE < abs(total / a) < _FAINT):
            self.dull.append("sum")
        return total

    def mul(self, a: Any, b: Any) -> Any:
        """a*b."""
        return self._seen(a * b)

    def power(self, a: Any, exponent: Fraction) -> Any:
        """a**exponent."""
        return self._seen(super().power(a, exponent))

    def call(self, name: str, *args: Any) -> Any:
        """A function."""
        if name in _FLATTENS and abs(args[0]) > _SLOPED:
            self.dull.append(name)
        return super().call(name, *args)


def is_clear(trial: Trial, point: Point | None) -> bool:
    """Whether a claim's numbers at a point are such that many digits see what each of them does."""
    if point is None:
        return False
    numbers = Seen(MANY_DIGITS, getattr(point.numbers, "seed", 0))
    try:
        c = trial.comparison
        replace(point, numbers=numbers, kept={}).evaluate(trial.points.setting, c.statements, c.functions)
    except (ArithmeticError, ValueError):
        return False
    return not numbers.dull


def more_lengths(trial: Trial) -> list[dict[Axis, int]]:
    """Further lengths at which to compare, as many as the degree of a claim in the lengths asks for."""
    points, statements = trial.points, trial.comparison.statements
    degree = trial.degree
    if degree < 3:
        return []
    named = {axis for s in statements for x in s.body.free_symbols if (axis := is_length(x)) is not None}
    axes = [a for a in points.setting.axes() if a in named and a not in points.sizes]
    plain = points.lengths(0)
    return [{**plain, **{a: 2 + (turn + k) % (degree + 3) for k, a in enumerate(axes)}} for turn in range(degree + 3)]


def lengths_beyond(trial: Trial) -> list[dict[Axis, int]]:
    """Further lengths at which a claim that reads at places is compared: longer than these reach, some axes longer and some
    shorter than others in turn."""
    points, setting = trial.points, trial.points.setting
    mine = reached(s.body for s in trial.comparison.statements)
    if points.sizes or not (mine or setting.reached):
        return []
    reach = {a: max(mine.get(a, 0), setting.reached.get(a, 0)) for a in {*mine, *setting.reached}}
    return [placed_lengths(setting, seed, reach) for seed in range(_ORDERS)]


def hides_lengths(trial: Trial) -> bool:
    """Whether a claim multiplies so many numbers made of whole arrays that lengths hide behind them."""
    c = trial.comparison
    return whole_degree(s for s in c.statements if s.target != c.left) >= _LEAST_HIDDEN


def only_positive(trial: Trial, differs: Callable[[Point], Gap | None]) -> tuple[str, Gap | None]:
    """The names of numbers that were drawn positive, where the sides differ if one is not; or the difference where they do for an
    array that has a loss with negative entries too."""
    points, found = trial.points, []
    program, read = points.setting.program, {name for s in trial.comparison.statements for name in s.reads}
    for t in program.declared:
        if t.role != "constant" or t.name in program.constants or t.name not in read:
            continue
        for seed in range(6) if not t.integer else ():
            sizes = points.lengths(seed)
            values = drawn(points.setting, seed, sizes)
            values[t.name] = np.asarray(-values[t.name] / 10, dtype=object)
            try:
                point = points.placed(values, Bounded(50, seed), sizes)
                there = differs(point) if has_loss(points, point) else None
            except (ArithmeticError, ValueError):
                continue
            if there is not None and t.axes:
                return "", there
            if there is not None:
                found.append(t.name)
                break
    return ", ".join(found), None


@dataclass(frozen=True)
class Corners:
    """The choices of a claim whose signs are multiplied with one another, and what they rest on; `tried` are points at which the
    claim was right."""

    trial: Trial
    own: list[Expr]
    tried: list[Point]

    @cached_property
    def together(self) -> int:
        """On how many signs at once the claim hangs."""
        return coupling(self.trial.comparison.statements, self.trial.functions)

    @property
    def too_many(self) -> bool:
        """Whether it hangs on more signs at once than are looked at."""
        return len(self.own) > _MOST_CORNERS or min(self.together, len(self.own)) > _LARGEST_CORNER

    @property
    def size(self) -> int:
        """How many signs are looked at together."""
        return min(self.together, _LARGEST_CORNER, len(self.own))

    @cached_property
    def missing(self) -> tuple[set[Signs], set[tuple[Expr, int]]]:
        """The sets of signs, and the signs of all entries, that have been neither reached nor seen to be impossible."""
        wanted = {
            tuple(zip(some, signs, strict=True))
            for some in combinations(self.own, self.size)
            for signs in product((1, -1), repeat=self.size)
        }
        alike = {(c, s) for c in self.own for s in (1, -1) if indices_in(c)} if self.together >= ALL else set()
        left = {signs for signs in wanted if not self.empty(signs)}, alike
        for point in self.tried:
            if not any(left):
                break
            self.take(point, *left)
        return left

    def note(self, point: Point) -> None:
        """Count what is met at one more point."""
        self.take(point, *self.missing)

    def take(self, point: Point, sets: set[Signs], alike: set[tuple[Expr, int]]) -> None:
        """Take away the signs that stand together at a point, and those that all entries have there."""
        at = {c: signs(v) for c in self.own if (v := self.trial.values(c, point)) is not None}
        alike -= {(c, int(s.flat[0])) for c, s in at.items() if len({*s.flat}) == 1}
        for some in combinations(self.own, self.size):
            if all(c in at for c in some):
                sets -= {tuple(zip(some, signs, strict=True)) for signs in _together(some, at)}

    def empty(self, signs: Signs) -> bool:
        """Whether some signs are seen never to stand together: what they are of would sum to something that is not positive."""
        plain = [sign * [*forms(choice, self.trial.own)][-1] for choice, sign in signs]
        some = [t for k in range(1, len(plain) + 1) for t in combinations(plain, k)]
        return any(self.trial.ranges.of(Add(*t).expand())[1] <= 0 for t in some)

    def beyond(self) -> Iterator[Point]:
        """Points at which what is missing may be met."""
        sets, alike = self.missing
        for choice in [c for c in self.own if any(c == other for other, _ in alike)]:
            yield from beside(self.trial, choice, MANY_DIGITS, whole=True)
        for missing in sorted(sets, key=str):
            if missing not in sets:
                continue
            for seed in range(_LINES):
                found = next(self.corner(missing, seed), None)
                if found is not None:
                    yield found
                    break
                if self.trial.points.budget.late:
                    return

    def corner(self, signs: Signs, seed: int) -> Iterator[Point]:
        """Points with certain signs: beside where one choice turns, from there on beside where another does, and so on."""
        points = self.trial.points
        sizes = points.lengths(seed)
        at = {i.axis: seed % sizes[i.axis] for choice, _ in signs for i in indices_in(choice)}
        watched = [(Watch.of(self.trial, choice, sizes, entry(choice, at)), sign) for choice, sign in signs]
        for order in permutations(watched):
            for values in _turned([*order], None, sizes, seed, at):
                if all((v := watch(values)) is not None and v * sign > 0 for watch, sign in watched):
                    yield points.placed(values, Bounded(MANY_DIGITS, seed), sizes)


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


def _together(some: tuple[Expr, ...], at: Mapping[Expr, Any]) -> set[tuple[int, ...]]:
    """The signs that choices have at the same place."""
    axes = [[i.axis for i in indices_in(c)] for c in some]
    listed = [[int(v) for v in at[c].flat] for c in some]
    if all(a == axes[0] for a in axes):
        return set(zip(*listed, strict=True))
    return set(product(*({*values} for values in listed)))
