"""A scalar function, or its derivative as it is derived, at many numbers."""

from __future__ import annotations

import math

import numpy as np

from symbp.calculus.functions import Z
from symbp.calculus.indices import Axis, Index
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.passes import VALUE, derivative_of
from symbp.calculus.program import Program, ScalarFunction, Statement, Tensor


def sampled(function: ScalarFunction, grid: np.ndarray, order: int = 0) -> np.ndarray:
    """g, or g' where `order` is 1, at the numbers of `grid`, which are all evaluated in one program; NaN where it has no value.

    Raises
    ------
    ValueError : for a function without a definition, or another order
    """
    if function.definition is None or order not in (0, 1):
        raise ValueError(f"{function.name} has no such values")
    form = derivative_of(function) if order else function.definition
    assert form is not None
    i = Index("i", Axis("i"))
    z = Tensor("z", (i.axis,))
    body = form.xreplace({VALUE: function.at(Z)}).xreplace({Z: z[(i,)]})
    program = Program((z,), (Statement(Tensor("d", z.axes), (i,), body),))
    found = evaluate(program, {"z": grid}, {"i": len(grid)}, nowhere=math.nan)["d"]
    return np.broadcast_to(np.asarray(found, dtype=float), grid.shape)
