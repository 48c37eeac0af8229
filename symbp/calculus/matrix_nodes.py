"""Matrix expressions: a few kinds of nodes with shapes; :mod:`.matrix_terms` builds them in canonical form.

A shape is (row axis, column axis); None is a length of one, so a column is ``(axis, None)`` and a scalar ``(None, None)``.
An outer product is a :class:`MatMul` of a column and a row, an inner product one of a row and a column.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from sympy import Expr

from symbp.calculus.indices import Axis

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
        from symbp.calculus.matrix_text import matrix_text

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
    """The diagonal matrix made of a column."""

    vector: Matrix


@dataclass(frozen=True, repr=False)
class DiagPart(Matrix):
    """The diagonal of a square matrix, as a column."""

    body: Matrix


@dataclass(frozen=True, repr=False)
class Trace(Matrix):
    """The sum of the diagonal."""

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
