"""Where a right formula is not: exactly at a kink, at a tie, at a zero of its denominators, which random points never meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from typing import Any

from sympy import Expr, Indexed, Pow, Symbol, preorder_traversal

from symbp.calculus.functions import Apply, absolute
from symbp.calculus.indices import Index
from symbp.calculus.passes import inline
from symbp.calculus.program import ScalarFunction, Statement, free_indices, name_of
from symbp.calculus.reductions import Max, Reduction
from symbp.calculus.text import expression_text, is_size
from symbp.verification.meaning.needs import Condition
from symbp.verification.proof.edge_cases import has_loss
from symbp.verification.proof.points import Bounded, Comparison, Point, Points
from symbp.verification.proof.sign_choices import Choice, choices, turns

_NOTHING = 1e-30
_MOST, _TRIES, _LONGEST = 4, 2, 60


@dataclass(frozen=True)
class Snapped(Bounded):
    """Floats of many digits in which what is next to nothing is zero, as it is at a kink that was reached by bisection."""

    def positive(self, a: Any) -> bool:
        """Whether a > 0."""
        return bool(a > _NOTHING)

    def is_zero(self, a: Any) -> bool:
        """Whether a == 0."""
        return bool(abs(a) < _NOTHING)

    def power(self, a: Any, exponent: Fraction) -> Any:
        """a**exponent; ArithmeticError where a is zero and the exponent negative."""
        if exponent < 0 and self.is_zero(a):
            raise ZeroDivisionError("division by zero")
        return super().power(a, exponent)


def exceptions(points: Points, c: Comparison) -> str:
    """In words, where sides that are equal at random points are not; empty where nothing of the kind is found."""
    setting = points.setting
    own = setting.program.function  # what the derivation applies itself means the same in the claim
    functions = {f.name: f for f in c.functions if f.name not in own}
    divided = _denominators(c)
    if not divided and (gone := [d for d in c.conditions if d.need == "not zero"]):
        return _cancelled(points, c, gone[:_MOST])
    inner = tuple(s for s in c.statements if s.target not in (c.left, c.right))
    found = [*choices(c.statements, functions), *divided]
    for k, choice in enumerate(found[:_MOST]):
        if points.budget.late:
            break
        sizes = points.lengths(k)
        for met, turn in enumerate(turns(points, inner, c.functions, choice, sizes, k)):
            said = _said(points, c, points.placed(turn.values, Snapped(50), sizes))
            if said:
                return f"right except where {_words(c, choice, setting.program.definitions)}: {said}"
            if met + 1 == _TRIES:
                break
    return ""


def _cancelled(points: Points, c: Comparison, conditions: Sequence[Condition]) -> str:
    """Where a formula whose denominators have all cancelled has no value all the same."""
    for k, d in enumerate(conditions):
        whole, sizes = replace(c, statements=(*d.statements, *c.statements)), points.lengths(k)
        choice = Choice(d.indices, d.body)
        for turn in islice(turns(points, d.statements, c.functions, choice, sizes, k), _TRIES):
            point = points.placed(turn.values, Snapped(50), sizes)
            if has_loss(points, point) and points.known(c, point):
                where = _words(whole, choice, points.setting.program.definitions)
                return f"right except where {where}: there the formula has no value"
    return ""


def _said(points: Points, c: Comparison, point: Point) -> str:
    """What is different at a point; empty where nothing is, or where the loss has no value there."""
    if not has_loss(points, point) or not points.known(c, point):
        return ""
    sides = points.sides(c, point)
    if sides is None:
        return "there the formula has no value"
    true, claimed = sides
    for t, v in zip(true.flat, claimed.flat, strict=True):
        if abs(t - v) > 1e-15 * max(abs(t), abs(v), 1e-12):
            return f"there the derivation takes {float(t):.4g}, the claim {float(v):.4g}"
    return ""


def _denominators(c: Comparison) -> list[Choice]:
    """What the claim divides by."""
    found = dict[Expr, None]()
    for s in c.statements:
        found.update(dict.fromkeys(b for b in _bases(s.body) if not b.is_number and not is_size(b)))
    return [Choice.of(b) for b in found]


def _bases(e: Expr) -> Iterator[Expr]:
    if isinstance(e, Reduction):
        yield from _bases(e.opened()[1])
        return
    if isinstance(e, Pow) and e.exp.is_Rational and e.exp < 0:
        yield e.base
    for a in () if isinstance(e, Indexed) else e.args:
        if isinstance(a, Expr):
            yield from _bases(a)


def _words(c: Comparison, choice: Choice, defined: Mapping[str, Statement]) -> str:
    """What is zero there, by the names that it has: ``z1 = 0``, or ``x = y`` for a tie."""
    mine = {s.target.name: s for s in c.statements if s.target not in (c.left, c.right)}
    body = choice.body
    for _ in mine:
        read = {n: s for n, s in mine.items() if any(name_of(e) == n for e in body.atoms(Indexed, Symbol))}
        if not read:
            break
        if _is_long(body):
            return "something that it chooses by is zero"
        body = inline(body, read)
    body = _inside(body, {f.name: f for f in c.functions})
    if body.could_extract_minus_sign():
        body = -body
    signed = [(not t.could_extract_minus_sign(), t) for t in body.as_ordered_terms()]
    names = [name_of(t if plus else -t) for plus, t in signed if isinstance(t if plus else -t, (Indexed, Symbol))]
    if len(signed) == len(names) == 2 and signed[0][0] != signed[1][0]:
        maxima = [k for k, name in enumerate(names) if name in defined and isinstance(defined[name].body, Max)]
        if maxima:
            return f"two entries of {names[1 - maxima[0]]} are equal"
        return f"two entries of {names[0]} are equal" if names[0] == names[1] else f"{names[0]} = {names[1]}"
    if isinstance(body, (Indexed, Symbol)) and not isinstance(body, Index):
        return f"{name_of(body)} = 0"
    letters = {
        i: Index(x, i.axis) for i, x in zip(sorted(free_indices(body), key=lambda i: i.name), "ijklmn", strict=False)
    }
    text = expression_text(body.xreplace(letters))
    return f"{text} = 0" if len(text) <= _LONGEST and not body.has(Max) else "something that it chooses by is zero"


def _is_long(e: Expr) -> bool:
    """Whether an expression has too many parts to be written down, and to put more in the place of its names."""
    return sum(1 for _ in islice(preorder_traversal(e), _LONGEST)) == _LONGEST


def _inside(body: Expr, functions: Mapping[str, ScalarFunction]) -> Expr:
    """What is zero exactly where an absolute value or a power is."""
    if isinstance(body, Apply) and body.name in functions:
        inner = functions[body.name].at(body.arg, body.order)
        return body if inner is None or not isinstance(inner, (absolute, Pow)) else _inside(inner, functions)
    if isinstance(body, absolute) or (isinstance(body, Pow) and body.exp.is_Rational and body.exp > 0):
        return _inside(body.args[0], functions)
    return body
