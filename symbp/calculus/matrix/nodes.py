"""Matrix expressions: a few kinds of nodes with shapes; :mod:`.terms` builds them in canonical form.

A shape is (row axis, column axis); None is a length of one, so a column is ``(axis, None)`` and a scalar ``(None, None)``.
An outer product is a :class:`MatMul` of a column and a row, an inner product one of a row and a column.

A matrix expression is its own text, NumPy-like, ``(W2.T @ delta2) * g'(z1)``: vectors are columns or rows, as arrays with two
axes; ``ones(N)`` is a column, ``eye``, ``diag`` and ``trace`` are NumPy's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import sympy
from sympy import Expr

from symbp.calculus.indices import Axis
from symbp.calculus.text import expression_text, size_name

Shape = tuple[Axis | None, Axis | None]


@dataclass(frozen=True, repr=False)
class Matrix:
    """A matrix expression; every kind of node has the shape for its first field."""

    shape: Shape

    @property
    def parts(self) -> tuple[Matrix, ...]:
        """The matrix expressions that this one is made of."""
        found: list[Matrix] = []
        for f in fields(self):
            value = getattr(self, f.name)
            found += [p for p in (value if isinstance(value, tuple) else (value,)) if isinstance(p, Matrix)]
        return tuple(found)

    def __str__(self) -> str:
        """The expression in NumPy-like text, such as ``(W2.T @ delta2) * g'(z1)``."""
        return matrix_text(self)

    def __repr__(self) -> str:
        return f"<matrix {self}>"


@dataclass(frozen=True, repr=False)
class MatTensor(Matrix):
    """A named tensor with at most two axes, as it is displayed, or its transpose; `adjoint` where it is a derivative."""

    name: str
    transposed: bool = False
    adjoint: bool = False


@dataclass(frozen=True, repr=False)
class Number(Matrix):
    """A number, or an expression in numbers and lengths of axes; of another shape than a scalar's, it fills every entry."""

    value: Expr


@dataclass(frozen=True, repr=False)
class Ones(Matrix):
    """The column, or the row, of ones."""


@dataclass(frozen=True, repr=False)
class Identity(Matrix):
    """The identity matrix: a Kronecker delta of two free indices."""


@dataclass(frozen=True, repr=False)
class MatMul(Matrix):
    """A chain of matrix products."""

    factors: tuple[Matrix, ...]


@dataclass(frozen=True, repr=False)
class Hadamard(Matrix):
    """An elementwise product of factors of equal shape."""

    factors: tuple[Matrix, ...]


@dataclass(frozen=True, repr=False)
class Plus(Matrix):
    """A sum of terms of equal shape."""

    terms: tuple[Matrix, ...]


@dataclass(frozen=True, repr=False)
class Scale(Matrix):
    """Scalars times a matrix; a :class:`Number` among the scalars comes first."""

    scalars: tuple[Matrix, ...]
    body: Matrix


@dataclass(frozen=True, repr=False)
class Transpose(Matrix):
    """The transpose of an elementwise expression."""

    body: Matrix


@dataclass(frozen=True, repr=False)
class Power(Matrix):
    """Every element of `base` to a rational power."""

    base: Matrix
    exponent: Expr


@dataclass(frozen=True, repr=False)
class Map(Matrix):
    """A scalar function applied to every element, differentiated `order` times; `named` where the program defines it.

    `along` is None, or the position of the axis that the function normalises over (softmax).
    """

    name: str
    args: tuple[Matrix, ...]
    order: int = 0
    named: bool = False
    along: int | None = None


@dataclass(frozen=True, repr=False)
class Diag(Matrix):
    """The diagonal matrix made of a column; `upright` is the column, or the row, whichever reads better, for printing."""

    vector: Matrix
    upright: Matrix

    @property
    def parts(self) -> tuple[Matrix, ...]:
        """The column."""
        return (self.vector,)


@dataclass(frozen=True, repr=False)
class DiagPart(Matrix):
    """The diagonal of a square matrix, as a column."""

    body: Matrix


@dataclass(frozen=True, repr=False)
class Trace(Matrix):
    """The sum of the diagonal."""

    body: Matrix


@dataclass(frozen=True, repr=False)
class OfMatrix(Matrix):
    """A function of a whole matrix: its inverse, its determinant; `name` is that of its row in the table."""

    name: str
    body: Matrix


SCALAR: Shape = (None, None)


class NoReading(Exception):
    """An expression has no matrix reading."""


def flips(m: Matrix) -> int:
    """How many transposes a reader sees; rows of ones cost nothing."""
    own = isinstance(m, Transpose) or (isinstance(m, MatTensor) and m.transposed)
    return own + sum(flips(p) for p in m.parts)


def key(m: Matrix) -> tuple[list[str], str]:
    """An order for what nothing else orders: the names in it, in alphabetical order without regard to capitals."""
    names: list[str] = []
    stack = [m]
    while stack:
        node = stack.pop()
        names += [node.name.casefold()] if isinstance(node, (MatTensor, Map)) else []
        stack += node.parts
    return (sorted(names), repr(m))


def number(value: Expr, shape: Shape = SCALAR) -> Matrix:
    """A number in every entry."""
    return Number(shape, sympy.sympify(value, strict=True))


def scale(scalars: Iterable[Matrix], body: Matrix) -> Matrix:
    """Scalars times a matrix, numbers multiplied out and written first; additions of scalars stay whole."""
    value, others = sympy.S.One, list[Matrix]()
    queue = list(scalars)
    if body.shape == SCALAR:
        queue, body = [*queue, body], number(sympy.S.One)
    for s in queue:
        if isinstance(s, Scale):
            value *= s.scalars[0].value if isinstance(s.scalars[0], Number) else 1
            others += [p for p in (*s.scalars, s.body) if not isinstance(p, Number)]
        elif isinstance(s, Number):
            value *= s.value
        else:
            others.append(s)
    if isinstance(body, Scale):
        return scale([number(value), *others, *body.scalars], body.body)
    if isinstance(body, Number):
        if value == 0 or not others:
            return number(value * body.value, body.shape)
        others.sort(key=lambda s: (not isinstance(s, MatTensor), isinstance(s, Power), key(s)))
        value *= body.value
        if body.shape == SCALAR:
            others, body = others[:-1], others[-1]
        else:
            body = number(sympy.S.One, body.shape)
    others.sort(key=lambda s: (not isinstance(s, MatTensor), isinstance(s, Power), key(s)))
    front = [number(value)] if value != 1 else []
    return Scale(body.shape, (*front, *others), body) if front or others else body


def is_negative(term: Matrix) -> bool:
    """Whether a term prints with a minus sign in front."""
    first = term.scalars[0] if isinstance(term, Scale) else term
    return isinstance(first, Number) and bool(first.value.as_coeff_Mul()[0] < 0)


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
            return f"diag({_show(m.upright, SUM)})", ATOM
        case DiagPart():
            return f"diag({_show(m.body, SUM)})", ATOM
        case OfMatrix():
            return f"{m.name}({_show(m.body, SUM)})", ATOM
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
