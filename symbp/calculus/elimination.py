"""Gaussian elimination over any number system: rows of operands, whose signs of arithmetic are those of the system.

With floats the largest pivot is taken, as rounding asks for it; a system that knows no order takes one that is not zero. Nothing
here is shared with generated code, which asks LAPACK.
"""

from __future__ import annotations

from typing import Any

Rows = list[list[Any]]
"""A matrix as a list of its rows."""


class Singular(ArithmeticError):
    """A matrix has no inverse; in floats, none within their precision."""


def inverse(a: Rows) -> Rows:
    """The inverse of a square matrix; :class:`Singular` where it has none."""
    one, zero = a[0][0].number(1), a[0][0].number(0)
    n = len(a)
    wide = [[*row, *(one if i == j else zero for j in range(n))] for i, row in enumerate(a)]
    sign, pivots = _reduced(wide, upwards=True)
    if sign == 0:
        raise Singular("the matrix is singular, so it has no inverse")
    return [[x / pivot for x in row[n:]] for row, pivot in zip(wide, pivots, strict=True)]


def determinant(a: Rows) -> Any:
    """The determinant of a square matrix: the product of the pivots, which changes its sign where two rows change places."""
    sign, pivots = _reduced([[*row] for row in a], upwards=False)
    value = a[0][0].number(sign)
    for pivot in pivots:
        value = value * pivot
    return value


def _reduced(rows: Rows, upwards: bool) -> tuple[int, list[Any]]:
    """Zeros below the pivots, with `upwards` above them too; `rows` are changed. The sign of the order of the rows, 0 where there
    is no pivot, and the pivots."""
    n, sign, pivots = len(rows), 1, list[Any]()
    for k in range(n):
        best = _pivot([rows[i][k] for i in range(k, n)])
        if best is None:
            return 0, []
        if best:
            rows[k], rows[k + best], sign = rows[k + best], rows[k], -sign
        pivot = rows[k][k]
        pivots.append(pivot)
        for i in range(0 if upwards else k + 1, n):
            if i == k or rows[i][k].is_zero():
                continue
            times = rows[i][k] / pivot
            rows[i] = [x - times * y for x, y in zip(rows[i], rows[k], strict=True)]
    return sign, pivots


def _pivot(column: list[Any]) -> int | None:
    """The place of the entry to divide by; None where all are zero."""
    best = None
    for k, x in enumerate(column):
        if x.is_zero():
            continue
        if best is None or (x * x - column[best] * column[best]).is_positive():
            best = k
    return best
