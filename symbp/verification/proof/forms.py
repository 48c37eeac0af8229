"""What can be seen in an expression by itself: one form of it, whatever its indices are called, with more or less of what it
rests on written out; and whether a rational function of one quantity is never negative."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import islice

from sympy import Expr, Indexed, Poly, Rational, Symbol, fraction, preorder_traversal, together
from sympy.polys.polyerrors import BasePolynomialError

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Index
from symbp.calculus.passes import inline
from symbp.calculus.program import ScalarFunction, Statement, Tensor, elements, free_indices, name_of
from symbp.verification.meaning.needs import indices_in

_LONGEST, _DEEPEST = 200, 6
_HIGHEST, _MOST_PARTS = 24, 60
WATCHED = "watched_"
"""The tensor that holds an expression which is looked at by itself; no other tensor's name ends like that."""


def watched(body: Expr) -> Statement:
    """An expression as an equation of its own, at its free indices."""
    indices = indices_in(body)
    return Statement(Tensor(WATCHED, tuple(i.axis for i in indices)), indices, body)


def canonical(e: Expr) -> Expr:
    """The expression with its free indices named by their axes, in the order in which they are met."""
    free = free_indices(e)
    if not free:
        return e
    order: dict[Index, None] = {}
    if len({i.axis for i in free}) < len(free):
        order.update((i, None) for i in preorder_traversal(e) if i in free)
    order.update(dict.fromkeys(free))
    seen: dict[str, int] = {}
    names = {}
    for i in order:
        seen[i.axis.name] = seen.get(i.axis.name, 0) + 1
        names[i] = Index(f"at_{i.axis.name}_{seen[i.axis.name]}", i.axis)
    return e.xreplace(names)


def forms(e: Expr, statements: Mapping[str, Statement]) -> Iterator[Expr]:
    """The expression, and then with what `statements` define written out, one layer after the other while it is short."""
    for _ in range(_DEEPEST):
        yield canonical(e)
        read = {name_of(x) for x in elements(e)} & statements.keys()
        if not read or is_long(e):
            return
        e = inline(e, {name: statements[name] for name in read})


def with_definitions(e: Expr, functions: Mapping[str, ScalarFunction]) -> Expr:
    """The expression with scalar functions that have a definition written out, nested ones too."""
    for _ in range(_DEEPEST):
        known = {a: functions[a.name].at(a.arg, a.order) for a in e.atoms(Apply) if a.name in functions}
        known = {a: definition for a, definition in known.items() if definition is not None}
        if not known or is_long(e):
            return e
        e = e.xreplace(known)
    return e


def is_long(e: Expr, most: int = _LONGEST) -> bool:
    """Whether an expression has at least so many parts."""
    return sum(1 for _ in islice(preorder_traversal(e), most)) == most


def is_element(e: Expr) -> bool:
    """Whether an expression is one element of a tensor."""
    return isinstance(e, (Indexed, Symbol)) and not isinstance(e, Index)


def never_negative(e: Expr, bounds: Callable[[Expr], tuple[Fraction | float, Fraction | float]]) -> bool:
    """Whether an expression is a rational function of a single quantity, with rational numbers, and is not negative wherever that
    lies within its `bounds`, the zeros of what is divided by left out.

    Decided exactly, by counting the real roots of polynomials (Sturm 1829): bounds of the parts say nothing of ``x**2 - x + 1``
    or ``1 - x**2/(2 + x**2)**2``, in which the same number stands twice.
    """
    if is_long(e, _MOST_PARTS):
        return False
    numerator, denominator = fraction(together(e))
    try:
        p = Poly(numerator * denominator)
    except BasePolynomialError:
        return False
    if len(p.gens) != 1 or (not p.domain.is_QQ and not p.domain.is_ZZ) or p.degree() > _HIGHEST or p.is_zero:
        return False
    low, high = bounds(p.gens[0])
    ends = [None if math.isinf(x) else Rational(Fraction(x)) for x in (low, high)]
    leading, factors = p.sqf_list()
    turning = [q for q, times in factors if times % 2]
    if any(q.count_roots(*ends) > sum(x is not None and q.eval(x) == 0 for x in {*ends}) for q in turning):
        return False
    return bool(leading * math.prod((q.eval(_inside(ends[0], ends[1], turning)) for q in turning), start=1) > 0)


def _inside(low: Rational | None, high: Rational | None, turning: list[Poly]) -> Rational:
    """A number between two bounds, None for infinity, at which none of the polynomials is zero."""
    start = high - 1 if low is None and high is not None else low if low is not None else Rational(0)
    width = high - low if low is not None and high is not None else Rational(1)
    tried = (start + width * Rational(k, k + 1) for k in range(1, 2 + sum(q.degree() for q in turning)))
    return next(x for x in tried if all(q.eval(x) for q in turning))
