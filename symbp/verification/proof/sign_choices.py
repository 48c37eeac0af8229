"""Where a formula chooses by a sign, and points that lie exactly where a choice turns over.

Random points never meet a kink, and seldom what happens beyond a far threshold; both are found by moving one number of a point
until what is compared with zero is zero.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Indexed, Integer

from symbp.calculus.functions import Apply, absolute, floor_of, maximum, minimum, sgn, step
from symbp.calculus.indices import Axis, Index
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.program import Program, ScalarFunction, Statement, Tensor, free_indices
from symbp.calculus.reductions import Max, Reduction
from symbp.verification.budget import Evaluation
from symbp.verification.proof.draws import drawn
from symbp.verification.proof.points import Bounded, Points

NAME = "choice_"
"""The tensor that holds what a choice compares with zero; no other tensor's name ends like that."""
_TRIES, _STEPS, _DECIMALS = 5, 12, 70
_ZERO = 1e-40


@dataclass(frozen=True)
class Choice:
    """Something that is decided by the sign of `body`, an expression at the free `indices`."""

    indices: tuple[Index, ...]
    body: Expr

    @staticmethod
    def of(body: Expr) -> Choice:
        """The choice by the sign of an expression."""
        return Choice(tuple(sorted(free_indices(body), key=lambda i: i.name)), body)

    @property
    def statement(self) -> Statement:
        """The equation of what is compared with zero."""
        return Statement(Tensor(NAME, tuple(i.axis for i in self.indices)), self.indices, self.body)


def choices(statements: Iterable[Statement], functions: Mapping[str, ScalarFunction]) -> list[Choice]:
    """What the bodies of some statements choose by, each once; functions are looked into."""
    found = dict[Expr, None]()
    for s in statements:
        found.update(dict.fromkeys(_compared(s.body, functions)))
    kept = dict[Expr, None]()
    for body in found:
        if not body.is_number and -body not in kept:
            kept[body] = None
    return [Choice.of(b) for b in kept]


def _compared(e: Expr, functions: Mapping[str, ScalarFunction]) -> Iterator[Expr]:
    """Every expression whose sign decides something in `e`."""
    if isinstance(e, Reduction):
        index, body = e.opened()
        if isinstance(e, Max):
            yield body.xreplace({index: Integer(0)}) - body.xreplace({index: Integer(1)})
        yield from _compared(body, functions)
        return
    if isinstance(e, Apply):
        function = functions.get(e.name)
        definition = function.at(e.arg, e.order) if function is not None else None
        yield from _compared(definition if definition is not None else e.arg, functions)
        return
    if isinstance(e, Indexed):
        return
    if isinstance(e, (step, sgn, absolute, sympy.Abs, sympy.sign)):
        yield e.args[0]
    elif isinstance(e, floor_of):
        yield from (e.args[0] - k for k in range(2))
    elif isinstance(e, (maximum, minimum)):
        yield e.args[0] - e.args[1]
    for a in e.args:
        if isinstance(a, Expr):
            yield from _compared(a, functions)


@dataclass(frozen=True)
class Turn:
    """A point at which a choice turns over: the values, and the one number of theirs that was moved."""

    values: Mapping[str, Any]
    sizes: Mapping[Axis, int]
    moved: tuple[str, tuple[int, ...]]

    def beside(self, by: Fraction) -> dict[str, Any]:
        """The values with the number that was moved somewhat off."""
        name, at = self.moved
        values = {**self.values, name: self.values[name].copy()}
        values[name][at] += by * max(abs(values[name][at]), 1)
        return values


def turns(points: Points, statements: tuple[Statement, ...], functions: Iterable[ScalarFunction], choice: Choice,
          sizes: Mapping[Axis, int], seed: int) -> Iterator[Turn]:  # fmt: skip
    """Points where one entry of a choice is zero, reached from the random point of a seed; `statements` are the claim's."""
    setting, chance = points.setting, random.Random(seed)
    known = {s.target.name: s for s in (*setting.program.statements, *statements)}
    rests_on = behind(choice.statement, known)
    movable = points.movable({name for s in rests_on for name in s.reads})
    if not movable:
        return
    own = {f.name: f for f in (*setting.program.functions, *functions)}
    part = Program((), rests_on, tuple(own.values()))
    for tried in range(_TRIES if not points.budget.late else 0):
        values = drawn(setting, seed + tried, sizes)
        t = chance.choice(movable) if tried else min(movable, key=lambda t: len(t.axes))
        at = tuple(chance.randrange(sizes[a]) for a in t.axes)
        where = tuple(chance.randrange(sizes[i.axis]) for i in choice.indices)
        found = _zero(points, part, values, sizes, (t.name, at), where)
        if found is not None:
            yield Turn(found, sizes, (t.name, at))


def behind(s: Statement, known: Mapping[str, Statement]) -> tuple[Statement, ...]:
    """A statement and those that it rests on, in order."""
    wanted, open_names = set[str](), [*s.reads]
    while open_names:
        name = open_names.pop()
        if name in known and name not in wanted:
            wanted.add(name)
            open_names += known[name].reads
    return (*(k for name, k in known.items() if name in wanted), s)


def _zero(points: Points, part: Program, values: dict[str, Any], sizes: Mapping[Axis, int],
          moved: tuple[str, tuple[int, ...]], where: tuple[int, ...]) -> dict[str, Any] | None:  # fmt: skip
    """The values with one number moved such that the choice's entry is zero; None where the secant finds none."""
    (name, at), program, numbers = moved, points.setting.program, Bounded(50)
    own = {s.target.name for s in part.statements}

    needed = sorted({n for s in part.statements for n in s.reads} - own)
    whole = Program(tuple(program.tensors[n] for n in needed), part.statements, part.functions,
                    constants=program.constants)  # fmt: skip

    def there(v: Fraction) -> tuple[dict[str, Any], Any]:
        mine = {**values, name: values[name].copy()}
        mine[name][at] = v
        held = points.respected(mine)
        work = Evaluation(points.budget, numbers)
        found = evaluate_vectorized(whole, {n: held[n] for n in needed if n in held}, sizes, numbers, work)
        return mine, found[NAME][where]

    try:
        a = values[name][at]
        (_, fa), b = there(a), a + Fraction(1, 7)
        for _ in range(_STEPS):
            mine, fb = there(b)
            if abs(fb) < _ZERO:
                return mine
            if fb == fa:
                return None
            move = fb * numbers.number(b - a) / (fb - fa)
            a, fa, b = b, fb, b - Fraction(int(move * 10**_DECIMALS), 10**_DECIMALS)
            if abs(b) > 10**6:
                return None
    except (ArithmeticError, ValueError):
        return None
    return None


def signs(arrays: Any) -> set[int]:
    """The signs among some numbers."""
    return {int(v > 0) - int(v < 0) for v in np.asarray(arrays).flat}
