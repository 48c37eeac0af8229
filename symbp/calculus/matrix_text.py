"""Matrix expressions printed as NumPy-like text: ``(W2.T @ delta2) * g'(z1)``.

Vectors are columns or rows, as arrays with two axes; ``ones(N)`` is a column, ``eye``, ``diag`` and ``trace`` are NumPy's.
"""

from __future__ import annotations

import sympy
from sympy import Expr

from symbp.calculus.indices import Axis
from symbp.calculus.matrix_nodes import (
    SCALAR,
    Diag,
    DiagPart,
    Hadamard,
    Identity,
    Map,
    MatMul,
    Matrix,
    MatTensor,
    Number,
    Ones,
    Plus,
    Power,
    Scale,
    Trace,
    Transpose,
)
from symbp.calculus.matrix_terms import is_negative, scale, upright
from symbp.calculus.text import expression_text, size_name

SUM, PRODUCT, CHAIN, POWER, ATOM = range(5)  # how tightly a printed expression holds together


def matrix_text(m: Matrix) -> str:
    """A matrix expression as NumPy-like text."""
    return _show(m, SUM)


def fraction(factors: tuple[Matrix, ...]) -> tuple[bool, Expr, list[Matrix], Expr, list[Matrix]]:
    """Scalar factors as (is it negative, number above the bar, others above, number below, others below)."""
    value = sympy.Mul(*[f.value for f in factors if isinstance(f, Number)])
    above, below = value.as_numer_denom()
    negative = bool(above.as_coeff_Mul()[0] < 0)
    others = [f for f in factors if not isinstance(f, Number)]
    divisors = [f for f in others if is_divisor(f)]
    return (
        negative,
        abs(above) if negative else above,
        [f for f in others if f not in divisors],
        below,
        [inverse(f) for f in divisors],
    )


def is_divisor(m: Matrix) -> bool:
    """Whether a factor prints below a fraction bar."""
    return isinstance(m, Power) and bool(m.exponent < 0)


def inverse(m: Matrix) -> Matrix:
    """The elementwise inverse of a power."""
    assert isinstance(m, Power)
    return m.base if m.exponent == -1 else Power(m.shape, m.base, -m.exponent)


def opposite(m: Matrix) -> Matrix:
    """A term with the other sign."""
    return scale([Number(SCALAR, sympy.Integer(-1))], m)


def _show(m: Matrix, level: int) -> str:
    text, own = _text(m)
    return f"({text})" if own < level else text


def _size(axis: Axis | None) -> str:
    return "1" if axis is None else size_name(axis)


def _text(m: Matrix) -> tuple[str, int]:
    match m:
        case MatTensor():
            return (f"{m.name}.T" if m.transposed else m.name), ATOM
        case Number():
            simple = (m.value.is_Integer and m.value >= 0) or m.value.is_Symbol
            return expression_text(
                m.value
            ), ATOM if simple else PRODUCT if m.value.is_Mul or m.value.is_Rational else SUM
        case Ones():
            return (f"ones({_size(m.shape[0])})" if m.shape[0] else f"ones({_size(m.shape[1])}).T"), ATOM
        case Identity():
            return f"eye({_size(m.shape[0])})", ATOM
        case Transpose():
            return f"{_show(m.body, ATOM)}.T", ATOM
        case Diag():
            return f"diag({_show(upright(m.vector), SUM)})", ATOM
        case DiagPart():
            return f"diag({_show(m.body, SUM)})", ATOM
        case Trace():
            return f"trace({_show(m.body, SUM)})", ATOM
        case Map():
            return f"{m.name}{chr(39) * m.order}({', '.join(_show(a, SUM) for a in m.args)})", ATOM
        case Plus():
            text = _show(m.terms[0], SUM)
            for t in m.terms[1:]:
                text += f" - {_show(opposite(t), PRODUCT)}" if is_negative(t) else f" + {_show(t, PRODUCT)}"
            return text, SUM
        case MatMul():
            return " @ ".join(_show(f, POWER) for f in m.factors), CHAIN
        case Hadamard():
            above = [_show(f, POWER) for f in m.factors if not is_divisor(f)]
            below = [f" / {_show(inverse(f), POWER)}" for f in m.factors if is_divisor(f)]
            return (" * ".join(above) or "1") + "".join(below), PRODUCT
        case Power():
            return _power(m)
        case Scale():
            return _scale(m)
    raise TypeError(f"no text for {type(m).__name__}")


def _power(m: Power) -> tuple[str, int]:
    if m.exponent < 0:
        return f"1 / {_show(inverse(m), POWER)}", PRODUCT
    if m.exponent == sympy.S.Half:
        return f"sqrt({_show(m.base, SUM)})", ATOM
    exponent = str(m.exponent) if m.exponent.is_Integer else f"({m.exponent})"
    return f"{_show(m.base, ATOM)}**{exponent}", POWER


def _scale(m: Scale) -> tuple[str, int]:
    negative, number, above, below, divisors = fraction((*m.scalars, m.body) if m.shape == SCALAR else m.scalars)
    factors = [*above, m.body] if m.shape != SCALAR and not is_one(m.body) else above
    parts = [f"({expression_text(number)})" if number.is_Add else expression_text(number)] if number != 1 else []
    parts += [_show(f, POWER) for f in factors[:-1]] + [_show(f, PRODUCT) for f in factors[-1:]]
    compound = below.is_Add or below.is_Mul
    under = [f"({expression_text(below)})" if compound else expression_text(below)] if below != 1 else []
    text = (" * ".join(parts) or "1") + "".join(f" / {u}" for u in [*under, *(_show(d, POWER) for d in divisors)])
    return ("-" + text if negative else text), PRODUCT


def is_one(m: Matrix) -> bool:
    """Whether `m` is the number 1, in every entry."""
    return isinstance(m, Number) and bool(m.value == 1)
