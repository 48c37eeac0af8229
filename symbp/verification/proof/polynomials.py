"""Whether a rational function of one quantity is never negative: decided exactly, by counting the real roots of polynomials.

Bounds of the parts say nothing of ``x**2 - x + 1`` or ``1 - x**2/(2 + x**2)**2``, in which the same number stands twice; the
number of real roots in an interval does (Sturm 1829).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from math import prod

from sympy import Expr, Poly, Rational, fraction, together
from sympy.polys.polyerrors import BasePolynomialError

from symbp.verification.proof.forms import is_long

_HIGHEST, _MOST_PARTS = 24, 60


def never_negative(e: Expr, bounds: Callable[[Expr], tuple[Fraction | float, Fraction | float]]) -> bool:
    """Whether an expression is a rational function of a single quantity, with rational numbers, and is not negative wherever that
    lies within its `bounds`, the zeros of what is divided by left out."""
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
    return bool(leading * prod((q.eval(_inside(ends[0], ends[1], turning)) for q in turning), start=1) > 0)


def _inside(low: Rational | None, high: Rational | None, turning: list[Poly]) -> Rational:
    """A number between two bounds, None for infinity, at which none of the polynomials is zero."""
    start = high - 1 if low is None and high is not None else low if low is not None else Rational(0)
    width = high - low if low is not None and high is not None else Rational(1)
    tried = (start + width * Rational(k, k + 1) for k in range(1, 2 + sum(q.degree() for q in turning)))
    return next(x for x in tried if all(q.eval(x) for q in turning))
