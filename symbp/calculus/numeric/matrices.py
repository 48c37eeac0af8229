"""Functions of a matrix over any number system, by the rows of their table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symbp.calculus.matrix_functions import MatrixFunction
from symbp.calculus.numeric.numbers import Numbers, Operand
from symbp.calculus.primitives.matrices import MATRIX_BY_HEAD


def of_matrix(e: MatrixFunction, matrix: Sequence[Sequence[Any]], numbers: Numbers) -> Any:
    """The function's value at a matrix of numbers, as an array with an axis for each index of an element.

    Raises
    ------
    ArithmeticError : where it has none, as the matrix is singular
    """
    rows = [[Operand(numbers, x) for x in row] for row in matrix]
    value = MATRIX_BY_HEAD[type(e)].value(rows)
    found = np.empty(np.shape(matrix)[: e.rank], dtype=object)
    for at in np.ndindex(found.shape):
        entry = value
        for k in at:
            entry = entry[k]
        found[at] = entry.raw
    return found


def operations(n: int) -> int:
    """About how many operations elimination takes of a matrix with so many rows."""
    return 2 * n**3
