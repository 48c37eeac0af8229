"""Functions of a whole matrix: inverse, determinant and its logarithm; each has the one line of its derivative.

A matrix is an expression over two bound indices, ``A[p,q]`` over p and q, as what a reduction reduces is; a function of it is a
number, ``logdet(A)``, or has elements, ``inv(A)[i,j]``. So the chain rule goes through it as through a sum: the derivative of the
function by each entry, times that of the entry, summed over the entries.

What can be said with these needs no row of its own: ``solve(A, B)`` is ``inv(A) @ B``, the trace is ``sum(A[i,i], i)``, and
Frobenius's norm is ``sqrt(sum(A[i,j]**2, i, j))``.

Derivatives are those by every entry on its own, also where a matrix is symmetric.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Expr

from symbp.calculus.indices import Axis, Index
from symbp.calculus.reductions import Reduction, Sum


class Along(Reduction):
    """An expression as an array over an index: bound, and not reduced. It stands as the argument of a matrix function."""


class MatrixFunction(Expr):
    """``MatrixFunction(array, *indices)``: the element at `indices` of a function of a matrix, or its value where it is a number.

    `array` is the matrix, an :class:`Along` over its columns in one over its rows; made with :meth:`over`.
    """

    is_commutative = True
    is_real = True
    rank = 0
    """How many indices an element has."""

    @classmethod
    def over(cls, body: Any, p: Index, q: Index, *indices: Index) -> Expr:
        """The function of the matrix that has `body` in row `p` and column `q`."""
        made: Expr = cls(Along.over(body, q, p), *indices)
        return made

    @property
    def array(self) -> Along:
        """The matrix."""
        array: Along = self.args[0]
        return array

    @property
    def indices(self) -> tuple[Index, ...]:
        """Which element it is."""
        indices: tuple[Index, ...] = self.args[1:]
        return indices

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The axes of the matrix: of its rows, and of its columns."""
        return self.array.axis, self.array.body.axis

    def at(self, *indices: Index) -> Expr:
        """Another element."""
        made: Expr = self.func(self.array, *indices)
        return made

    def opened(self) -> tuple[Index, Index, Expr]:
        """Fresh indices for row and column, and the entry there."""
        p, columns = self.array.opened()
        q, entry = columns.opened()
        return p, q, entry

    def slope(self, p: Index, q: Index) -> Expr:
        """The derivative by the entry in row `p` and column `q`."""
        raise NotImplementedError

    def _eval_derivative(self, x: Expr) -> Expr:
        p, q, entry = self.opened()
        return Sum.over(self.slope(p, q) * entry.diff(x), q, p)


def matrix_function(name: str, rank: int, slope: Callable[..., Expr]) -> type[MatrixFunction]:
    """A class for a function of a matrix.

    Parameters
    ----------
    name : the name of the class
    rank : how many indices an element has; 0 for a number
    slope : the derivative of an element by the entry in row p and column q, of the element, p and q
    """
    members = {"rank": rank, "slope": slope, "__module__": __name__}
    return type(name, (MatrixFunction,), members)


inv = matrix_function("inv", 2, lambda v, p, q: -v.at(v.indices[0], p) * v.at(q, v.indices[1]))
"""The inverse: dV = -V dA V (Petersen and Pedersen 2012, eq. 59; Giles 2008, section 2.2.3)."""
det = matrix_function("det", 0, lambda d, p, q: d * inv(d.array, q, p))
"""The determinant: by A it is det(A) A^-T (Jacobi; Petersen and Pedersen 2012, eq. 49; Giles 2008, section 2.2.4)."""
logdet = matrix_function("logdet", 0, lambda d, p, q: inv(d.array, q, p))
"""The logarithm of the absolute value of the determinant: by A it is A^-T (Petersen and Pedersen 2012, eq. 57)."""
