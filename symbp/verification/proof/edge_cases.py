"""A second look at sides that agreed at every point tried: what would random points have missed?

A field takes any choice by a sign for a fair coin, so that what hangs on many of them at once is seldom met; floats never meet
a far threshold, and forget what is below their last digit; a polynomial in a length is zero at as many lengths as its degree.
Each of these is looked for here, and what cannot be excluded is left undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr, Indexed, Mul, Pow, Symbol

from symbp.calculus.functions import floor_of
from symbp.calculus.indices import Axis, Index
from symbp.calculus.primitives import PRIMITIVES
from symbp.calculus.program import Statement, elements, free_indices, name_of
from symbp.calculus.reductions import Reduction, Sum
from symbp.verification.meaning.needs import needs_of
from symbp.verification.proof.branches import branches, factors
from symbp.verification.proof.draws import FIRST_FAR, drawn
from symbp.verification.proof.gaps import Gap
from symbp.verification.proof.lines import Known, beside
from symbp.verification.proof.points import Bounded, Comparison, Point, Points
from symbp.verification.proof.sign_choices import NAME, Choice, choices, signs, turns

MANY = 3
"""From so many choices on, sides that agree in the field are looked at again."""
MOST_PROVED = 6
"""With more choices than that, agreement is no proof."""
_CLEAR, _SLOPED = (
    1e150,
    300.0,
)  # how large a number may be, and the argument of an exponential, for 400 digits to see all
_FLATTENS = frozenset(p.key for p in PRIMITIVES if p.flattens)
_FAINT, _NOISE = 1e-40, 1e-380  # what two numbers leave that all but cancel; less is rounding
_MOST_CHOICES, _MOST_LENGTHS, _LEAST_HIDDEN = 12, 12, 3
_BESIDE, _CLOSE = Fraction(1, 10**7), Fraction(1, 10**24)
FAR = range(FIRST_FAR, FIRST_FAR + 16)
_SEEDS = (0, FIRST_FAR, 4, FIRST_FAR + 4)
DIGITS = 400


def own_choices(points: Points, c: Comparison) -> list[Choice]:
    """What the claim itself chooses by."""
    functions = {f.name: f for f in (*points.setting.program.functions, *c.functions)}
    return choices(c.statements, functions)


def all_choices(points: Points, c: Comparison) -> list[Choice]:
    """What the claim chooses by, then what its two sides rest on does, and then what either divides by or takes roots of."""
    own = own_choices(points, c)
    definitions, behind = points.setting.program.definitions, dict[str, Statement]()
    open_names = [n for s in c.statements for n in s.reads]
    while open_names:
        name = open_names.pop()
        if name in definitions and name not in behind:
            behind[name] = definitions[name]
            open_names += definitions[name].reads
    functions = {f.name: f for f in points.setting.program.functions}
    found = {choice.body: choice for choice in (*own, *choices(behind.values(), functions))}
    known = what_is_known(points, c)
    asked = [d.body for d in c.conditions]
    asked += [body for s in behind.values() for _, body in needs_of(s.body, functions)]
    for body in dict.fromkeys(b for a in asked for b in factors(a, known.statements, known.functions)):
        found.setdefault(body, Choice.of(body))  # a root of a square is another formula on either side of its zero
    return [*found.values()]


def beside_turns(
    points: Points, c: Comparison, found: Iterable[Choice], far: bool = True
) -> Iterator[tuple[Choice, Point]]:
    """Points on either side of where each choice turns over, close to it; it is looked for `far` away where that takes it."""
    statements = tuple(s for s in c.statements if s.target not in (c.left, c.right))
    for k, choice in enumerate(found):
        if has_one_sign(points, c, choice):
            continue
        met = False
        for seed in _SEEDS:
            if points.budget.late:
                return
            sizes = points.lengths(k)
            turn = next(turns(points, statements, c.functions, choice, sizes, seed + k), None)
            near = (_CLOSE, -_CLOSE) if far and seed == _SEEDS[0] else ()
            apart = (_BESIDE, -_BESIDE, *near)
            for by in apart if turn is not None else ():
                assert turn is not None
                met = True
                yield choice, points.placed(turn.beside(by), Bounded(DIGITS), sizes)
        if far and not met:
            for point in beside(points, choice.body, what_is_known(points, c), DIGITS):
                yield choice, point


def what_is_known(points: Points, c: Comparison) -> Known:
    """The equations and functions that a claim and the derivation have."""
    program = points.setting.program
    own = {s.target.name: s for s in (*c.statements, *(s for d in c.conditions for s in d.statements))}
    functions = {f.name: f for f in (*program.functions, *c.functions)}
    return Known({**program.definitions, **own}, functions)


def in_domain(points: Points, point: Point) -> bool:
    """Whether the loss has a value at a point, and numbers that are taken for positive are."""
    program = points.setting.program
    positive = [t.name for t in program.declared if t.role == "constant" and not t.axes and t.name in point.arrays]
    return all(v > 0 for name in positive for v in point.arrays[name].flat) and has_loss(points, point)


def has_loss(points: Points, point: Point) -> bool:
    """Whether the loss itself has a value at a point, not only the formulas of its derivatives."""
    loss = points.setting.known.get(points.setting.loss)
    try:
        point.need([loss.tensor.name] if loss is not None else [])
    except (ArithmeticError, ValueError):
        return False
    return True


def has_one_sign(points: Points, c: Comparison, choice: Choice) -> bool:
    """Whether a choice goes the same way whatever the values."""
    known = what_is_known(points, c)
    return points.ranges(known.statements, known.functions).one_sign(choice.body)


def says_nothing(points: Points, c: Comparison, choice: Choice) -> bool:
    """Whether a choice goes the same way but where a smooth quantity happens to be zero; what is zero for all of a case, as relu
    is, does say something."""
    known = what_is_known(points, c)
    ranges = points.ranges(known.statements, known.functions)
    return ranges.one_sign(choice.body) and not branches(choice.body, known.statements, known.functions, ranges)


def one_sided(
    points: Points, c: Comparison, found: list[Choice], tried: Iterable[Point], outside: Mapping[Choice, list[Point]]
) -> Choice | None:
    """A choice that went the same way at all points tried, or that a rounded number decides; None where there is none. The other
    way may lie `outside`, where the forward map has no value."""
    if any(s.body.has(floor_of) for s in c.statements):
        return found[0] if found else None
    met: list[set[int]] = [set() for _ in found]

    def note(point: Point, seen: set[int], choice: Choice) -> None:
        try:
            arrays = replace(point, kept={}).evaluate(points.setting, (*c.statements, choice.statement), c.functions)
            seen |= signs(arrays[NAME]) - {0}
        except (ArithmeticError, ValueError):
            pass

    for point in tried:
        for seen, choice in zip(met, found, strict=True):
            if len(seen) < 2:
                note(point, seen, choice)
    for seen, choice in zip(met, found, strict=True):
        for point in outside.get(choice, ()) if len(seen) < 2 else ():
            note(point, seen, choice)
    return next((choice for seen, choice in zip(met, found, strict=True) if len(seen) < 2), None)


@dataclass(frozen=True)
class Watched(Bounded):
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


def is_clear(points: Points, c: Comparison, point: Point | None) -> bool:
    """Whether a claim's numbers at a point are such that many digits see what each of them does."""
    if point is None:
        return False
    watched = Watched(DIGITS, getattr(point.numbers, "seed", 0))
    try:
        replace(point, numbers=watched, kept={}).evaluate(points.setting, c.statements, c.functions)
    except (ArithmeticError, ValueError):
        return False
    return not watched.dull


def more_lengths(points: Points, c: Comparison) -> list[dict[Axis, int]]:
    """Further lengths at which to compare, as many as the degree of a claim in the lengths asks for."""
    degree = min(_degree(c.statements), _MOST_LENGTHS)
    if degree < 3:
        return []
    names = {s.name for st in c.statements for s in st.body.free_symbols if _is_length(s)}
    axes = [a for a in points.setting.axes() if a.size.name in names and a not in points.sizes]
    plain = points.lengths(0)
    return [{**plain, **{a: 2 + (turn + k) % (degree + 3) for k, a in enumerate(axes)}} for turn in range(degree + 3)]


def too_many_lengths(c: Comparison) -> bool:
    """Whether a claim's degree in the lengths is beyond what is tried."""
    return _degree(c.statements) > _MOST_LENGTHS


def hides_lengths(c: Comparison) -> bool:
    """Whether a claim multiplies three numbers or more that are made of whole arrays: each may be a length, as the sum over a
    softmax is."""
    of: dict[str, int] = {}

    def degree(e: Expr) -> int:
        if isinstance(e, (Indexed, Symbol)):
            return of.get(name_of(e), 0) if not isinstance(e, Index) else 0
        if isinstance(e, Pow) and e.exp.is_Rational:
            return degree(e.base) * max(1, abs(int(e.exp)))
        if isinstance(e, Reduction):
            return max(degree(e.opened()[1]), int(not free_indices(e)))
        parts = [degree(a) for a in e.args if isinstance(a, Expr)]
        return sum(parts) if isinstance(e, Mul) else max(parts, default=0)

    for s in c.statements:
        if s.target != c.left:
            of[s.target.name] = degree(s.body)
    return of[c.right.name] >= _LEAST_HIDDEN


def _is_length(s: Expr) -> bool:
    return isinstance(s, Symbol) and not isinstance(s, Index) and bool(s.is_integer) and s.name.startswith("N_")


def _degree(statements: Iterable[Statement]) -> int:
    """The degree of the right side in the lengths that it spells out, at most."""
    of: dict[str, int] = {}
    plain: set[str] = set()  # what has the same value wherever it stands, so that a sum of it is a length

    def degree(e: Expr) -> int:
        if isinstance(e, (Indexed, Symbol)):
            return 1 if _is_length(e) else of.get(name_of(e), 0) if not isinstance(e, Index) else 0
        if isinstance(e, Pow) and e.exp.is_Rational:
            return degree(e.base) * max(1, abs(int(e.exp)))
        whole = _means(e) if isinstance(e, Mul) else e.args
        parts = [degree(a) for a in whole if isinstance(a, Expr)]
        if isinstance(e, Reduction):
            return degree(e.body) + int(all(name_of(x) in plain for x in elements(e.body)))
        return sum(parts)  # of a sum too, as its terms may be fractions

    last = 0
    for s in statements:
        last = of[s.target.name] = degree(s.body)
        if all(name_of(x) in plain for x in elements(s.body)):
            plain.add(s.target.name)
    return last


def _means(e: Mul) -> list[Expr]:
    """The factors of a product but for the lengths that its sums are divided by: a mean is no polynomial in a length."""
    sums = [a for a in e.args if isinstance(a, Sum)]
    axes = {inner.axis for a in sums for inner in (a, *a.atoms(Sum))}
    over = {Pow(axis.size, -1) for axis in axes}
    return [a for a in e.args if a not in over]


def only_positive(points: Points, c: Comparison, differs: Callable[[Point], Gap | None]) -> tuple[str, Gap | None]:
    """The names of numbers that were drawn positive, where the sides differ if one is not; or the difference where they do for an
    array that has a loss with negative entries too."""
    program = points.setting.program
    read = {name for s in c.statements for name in s.reads}
    named = [t for t in program.declared if t.role == "constant" and t.name not in program.constants and t.name in read]
    found = []
    for t in named:
        for seed in range(6):
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
