r"""The scalar functions: one row each. To add one is to add its row, and its form to each target.

In ``written`` the arguments are operands: numbers of any number system, with the signs of arithmetic, ``exp()``,
``log()``, ``sqrt()``, ``call(name)``, and ``odd(name)`` for an odd function of which nothing else is known.
"""

from __future__ import annotations

import math
from typing import Any

import sympy
from sympy import Expr, exp, log

from symbp.calculus import functions as f
from symbp.calculus.primitives.row import Interval, Primitive, scalar

_POSITIVE, _NOT_NEGATIVE = Interval(0), Interval(0, ends=True)
_UNIT, _OPEN_UNIT = Interval(0, 1, ends=True), Interval(0, 1)
_SYMMETRIC, _OPEN_SYMMETRIC = Interval(-1, 1, ends=True), Interval(-1, 1)


def _log1p(u: Expr) -> Expr:
    return log(1 + u)


def _expm1(u: Expr) -> Expr:
    return exp(u) - 1


def _logistic(library: Any, x: Any) -> Any:
    e = library.exp(-abs(x))
    return (1 if x >= 0 else e) / (1 + e)


log1p = scalar("log1p", _log1p, lambda u: 1 / (1 + u))
expm1 = scalar("expm1", _expm1, exp)

PRIMITIVES = (
    Primitive(
        "exp", exp, latex=r"\exp", range=_POSITIVE, rises=True, flattens=True,
    ),
    Primitive(
        "log", log, aliases=("ln",), latex=r"\log", domain=_POSITIVE, rises=True,
    ),
    Primitive("sqrt", sympy.sqrt, domain=_NOT_NEGATIVE, range=_NOT_NEGATIVE, rises=True),
    Primitive(
        "tanh", sympy.tanh, latex=r"\tanh", raised=True, range=_OPEN_SYMMETRIC, rises=True, flattens=True,
        written=lambda x: ((e := (2 * x).exp()) - 1) / (e + 1),
    ),
    Primitive(
        "sin", sympy.sin, latex=r"\sin", raised=True, range=_SYMMETRIC,
        written=lambda x: ((t := x.odd("turn")) + t) / (1 + t * t),  # of half the angle, the tangent
    ),
    Primitive(
        "cos", sympy.cos, latex=r"\cos", raised=True, range=_SYMMETRIC,
        written=lambda x: (1 - (t := x.odd("turn")) * t) / (1 + t * t),
    ),
    Primitive(
        "tan", sympy.tan, latex=r"\tan", raised=True,
        written=lambda x: ((t := x.odd("turn")) + t) / (1 - t * t),
    ),
    Primitive(
        "asin", sympy.asin, aliases=("arcsin",), latex=r"\arcsin", inverse_of="sin",
        domain=_SYMMETRIC, range=Interval(-math.pi / 2, math.pi / 2, ends=True), rises=True,
        written=lambda x: x.odd("asin"),
    ),
    Primitive(
        "acos", sympy.acos, aliases=("arccos",), latex=r"\arccos", inverse_of="cos",
        domain=_SYMMETRIC, range=Interval(0, math.pi, ends=True),
        written=lambda x: x.pi() / 2 - x.odd("asin"),
    ),
    Primitive(
        "atan", sympy.atan, aliases=("arctan",), latex=r"\arctan", inverse_of="tan",
        range=Interval(-math.pi / 2, math.pi / 2), rises=True,
        written=lambda x: x.odd("atan"),
    ),
    Primitive(
        "sinh", sympy.sinh, latex=r"\sinh", rises=True, flattens=True,
        written=lambda x: (x.exp() - (-x).exp()) / 2,
    ),
    Primitive(
        "cosh", sympy.cosh, latex=r"\cosh", range=Interval(1, ends=True), flattens=True,
        written=lambda x: (x.exp() + (-x).exp()) / 2,
    ),
    Primitive(
        "asinh", sympy.asinh, aliases=("arcsinh", "arsinh"), latex=r"\operatorname{arsinh}", inverse_of="sinh",
        rises=True,
        written=lambda x: (x + (x * x + 1).sqrt()).log(),
    ),
    Primitive(
        "acosh", sympy.acosh, aliases=("arccosh", "arcosh"), latex=r"\operatorname{arcosh}", inverse_of="cosh",
        domain=Interval(1, ends=True), range=_NOT_NEGATIVE, rises=True,
        written=lambda x: (x + (x - 1).sqrt() * (x + 1).sqrt()).log(),
    ),
    Primitive(
        "atanh", sympy.atanh, aliases=("arctanh", "artanh"), latex=r"\operatorname{artanh}", inverse_of="tanh",
        domain=Interval(-1, 1), rises=True,
        written=lambda x: ((1 + x) / (1 - x)).log() / 2,
    ),
    Primitive(
        "log1p", log1p, textbook=_log1p, spelled_out=True, domain=Interval(-1), rises=True,
        written=lambda x: (1 + x).log(),
    ),
    Primitive(
        "expm1", expm1, textbook=_expm1, spelled_out=True, range=Interval(-1), rises=True, flattens=True,
        written=lambda x: x.exp() - 1,
    ),
    Primitive("log2", lambda u: log(u) / log(2), domain=_POSITIVE, rises=True),
    Primitive("log10", lambda u: log(u) / log(10), domain=_POSITIVE, rises=True),
    Primitive("exp2", lambda u: sympy.Integer(2) ** u, range=_POSITIVE, rises=True, python=("z", "2**z")),
    Primitive(
        "erf", sympy.erf, latex=r"\operatorname{erf}", range=_OPEN_SYMMETRIC, rises=True, flattens=True,
        written=lambda x: 2 * (x * x.number(2).sqrt()).odd("normal_cdf"),
    ),
    Primitive(
        "erfc", sympy.erfc, latex=r"\operatorname{erfc}", range=Interval(0, 2), flattens=True,
        written=lambda x: 1 - x.call("erf"),
    ),
    Primitive(
        "normal_cdf", f.normal_cdf, latex=r"\Phi", range=_OPEN_UNIT, rises=True, flattens=True,
        written=lambda x: x.number(1) / 2 + x.odd("normal_cdf"),
        value=lambda m, x: m.erfc(-x / m.sqrt(2)) / 2,
        python=("z", "(1 + erf(z/sqrt(2)))/2"),
    ),
    Primitive(
        "sigmoid", f.sigmoid, latex=r"\sigma", textbook=lambda z: 1 / (1 + exp(-z)), range=_OPEN_UNIT, rises=True, flattens=True,
        written=lambda x: 1 / (1 + (-x).exp()),
        value=_logistic,
        python=("z", "1/(1 + exp(-z)) if z >= 0 else exp(z)/(1 + exp(z))"),
    ),
    Primitive(
        "softplus", f.softplus, latex=r"\mathrm{softplus}", textbook=lambda z: log(1 + exp(z)), range=_POSITIVE, rises=True,
        flattens=True,
        written=lambda x: (1 + x.exp()).log(),
        value=lambda m, x: max(x, 0 * x) + m.log1p(m.exp(-abs(x))),
        python=("z", "max(z, 0) + log1p(exp(-abs(z)))"),
    ),
    Primitive(
        "abs", f.absolute, range=_NOT_NEGATIVE, chooses=True,
        written=lambda x: x if x.is_zero() or x.is_positive() else -x,
    ),
    Primitive(
        "sign", f.sgn, latex=r"\mathrm{sign}", range=_SYMMETRIC, chooses=True,
        written=lambda x: x.number(0 if x.is_zero() else 1 if x.is_positive() else -1),
        python=("z", "(z > 0) - (z < 0)"),
    ),
    Primitive(
        "step", f.step, range=_UNIT, chooses=True,
        written=lambda x: x.number(1 if x.is_positive() and not x.is_zero() else 0),
        python=("z", "1 if z > 0 else 0"),
    ),
    Primitive("floor", f.floor_of, chooses=True),
    Primitive(
        "max", f.maximum, 2, latex=r"\max", chooses=True,
        written=lambda x, y: y if (y - x).is_positive() else x,
    ),
    Primitive(
        "min", f.minimum, 2, latex=r"\min", chooses=True,
        written=lambda x, y: y if (x - y).is_positive() else x,
    ),
    Primitive(
        "where", f.where, 3, chooses=True,
        python=("c, a, b", "a if c == 1 else b"),
    ),
    Primitive(
        "xlogy", f.xlogy, 2, textbook=lambda x, y: x * log(y), spelled_out=True, domain=_POSITIVE,
        written=lambda x, y: x if x.is_zero() else x * y.log(),
        python=("x, y", "x*log(y) if x != 0 else 0"),
    ),
)  # fmt: skip
"""In the order in which messages and helpers list them."""
