"""Interval bounds of expressions: which values may round to zero before a division or a logarithm, which exp may overflow."""

from __future__ import annotations

import math
from collections.abc import Callable

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Symbol, exp

from symbp.calculus import functions as f
from symbp.calculus.numeric.numbers import FLOAT
from symbp.calculus.places import Within, is_plain
from symbp.calculus.primitives import BY_HEAD, Primitive
from symbp.calculus.program import Program, name_of
from symbp.calculus.reductions import First, Max, Only, Prod, Sum
from symbp.calculus.softmax import softmax_of

Interval = tuple[float, float]
ANY: Interval = (-math.inf, math.inf)
_UNIT: Interval = (0.0, 1.0)
_FIXED = {First: _UNIT, KroneckerDelta: _UNIT, Within: _UNIT}


class Ranges:
    """The bounds of a program's tensors and of expressions in them."""

    def __init__(self, program: Program) -> None:
        self._definitions = program.definitions
        self._known: dict[str, Interval] = {}

    def of(self, expr: Expr) -> Interval:
        """Lower and upper bound of `expr`, infinite where nothing is known."""
        if expr.is_number:
            return (float(expr), float(expr)) if expr.is_real else ANY
        if isinstance(expr, (Indexed, Symbol)):
            low, high = self._tensor(expr)
            return (low, high) if is_plain(expr) else (min(low, 0.0), max(high, 0.0))  # outside it is 0
        if type(expr) in _FIXED:
            return _FIXED[type(expr)]
        rule = _RULES.get(type(expr))
        if rule:
            return rule(self, expr)
        row = BY_HEAD.get(type(expr))
        return ANY if row is None else self._rising(row, expr) if row.rises else row.range.bounds

    def _rising(self, row: Primitive, e: Expr) -> Interval:
        """The values at the bounds of the argument, where those are numbers in the domain."""
        lo, hi = self.of(e.args[0])
        low, high = row.range.bounds
        return max(low, _value(row, lo, low)), min(high, _value(row, hi, high))

    def _tensor(self, element: Expr) -> Interval:
        if element.is_integer and element.is_positive:  # the length of an axis
            return (1.0, math.inf)
        name = name_of(element)
        if name not in self._known:
            self._known[name] = ANY
            if name in self._definitions:
                self._known[name] = self.of(self._definitions[name].body)
        return self._known[name]


def _value(row: Primitive, x: float, otherwise: float) -> float:
    if not math.isfinite(x) or row.domain.excludes(x):
        return otherwise
    try:
        return float(FLOAT.call(row.key, x))
    except OverflowError:
        return otherwise


def _add(r: Ranges, e: Expr) -> Interval:
    if softmax_of(e) is not None:
        return -math.inf, 0.0
    bounds = [r.of(a) for a in e.args]
    return sum(lo for lo, _ in bounds), sum(hi for _, hi in bounds)


def _mul(r: Ranges, e: Expr) -> Interval:
    low, high = 1.0, 1.0
    for a in e.args:
        lo, hi = r.of(a)
        ends = [0.0 if 0.0 in (p, q) else p * q for p in (low, high) for q in (lo, hi)]
        low, high = min(ends), max(ends)
    return low, high


def _pow(r: Ranges, e: Expr) -> Interval:
    lo, hi = r.of(e.base)
    p = e.exp
    if not p.is_Rational:
        return (0.0, math.inf) if lo >= 0 else ANY
    if p.is_Integer and p > 0 and p % 2 == 0:
        big = max(abs(lo), abs(hi))
        return (0.0 if lo <= 0 <= hi else min(abs(lo), abs(hi)) ** int(p)), _power(big, float(p))
    if lo < 0:
        return ANY
    if p > 0:
        return _power(lo, float(p)), _power(hi, float(p))
    return _power(hi, float(p)), _power(lo, float(p))


def _power(x: float, p: float) -> float:
    if x == 0:
        return math.inf if p < 0 else 0.0
    if math.isinf(x):
        return 0.0 if p < 0 else math.inf
    try:
        return float(x**p)
    except OverflowError:
        return math.inf


def _exp(r: Ranges, e: Expr) -> Interval:
    if softmax_of(e.args[0]) is not None:
        return _UNIT
    lo, hi = r.of(e.args[0])
    return (math.exp(lo) if lo > -700 else 0.0), (math.exp(hi) if hi < 700 else math.inf)


def _sum(r: Ranges, e: Expr) -> Interval:
    lo, hi = r.of(e.body)
    return (0.0 if lo >= 0 else -math.inf), (0.0 if hi <= 0 else math.inf)


def _prod(r: Ranges, e: Expr) -> Interval:
    lo, hi = r.of(e.body)
    return ANY if lo < 0 else (0.0, 1.0 if hi <= 1 else math.inf)


def _extremum(choose: Callable[[list[float]], float]) -> Callable[[Ranges, Expr], Interval]:
    def rule(r: Ranges, e: Expr) -> Interval:
        bounds = [r.of(a) for a in e.args]
        return choose([lo for lo, _ in bounds]), choose([hi for _, hi in bounds])

    return rule


def _where(r: Ranges, e: Expr) -> Interval:
    bounds = [r.of(a) for a in e.args[1:]]
    return min(lo for lo, _ in bounds), max(hi for _, hi in bounds)


_RULES: dict[type, Callable[[Ranges, Expr], Interval]] = {
    Add: _add, Mul: _mul, Pow: _pow, exp: _exp, Sum: _sum, Prod: _prod, Max: lambda r, e: r.of(e.body),
    Only: lambda r, e: r.of(e.args[1]),
    f.maximum: _extremum(max), f.minimum: _extremum(min), f.where: _where,
}  # fmt: skip
