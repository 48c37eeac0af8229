"""The value of a matrix expression: an evaluator with two-dimensional NumPy arrays, for tests and worked numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from symbp.calculus.indices import Axis
from symbp.calculus.matrix.nodes import (
    Diag,
    DiagPart,
    Hadamard,
    Identity,
    Map,
    MatMul,
    Matrix,
    MatTensor,
    Number,
    OfMatrix,
    Ones,
    Plus,
    Power,
    Scale,
    Trace,
    Transpose,
)

Array = npt.NDArray[np.float64]


def _softmax(z: Array, axis: int) -> Array:
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "tanh": np.tanh, "sin": np.sin, "cos": np.cos, "atan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    "softplus": lambda z: np.logaddexp(0, z), "abs": np.abs, "sign": np.sign, "floor": np.floor,
    "step": lambda z: np.where(z > 0, 1.0, 0.0), "max": np.maximum, "min": np.minimum,
    "normal_cdf": np.vectorize(lambda z: math.erfc(-z / math.sqrt(2)) / 2),
    "where": lambda c, a, b: np.where(c > 0, a, b),
}  # fmt: skip
"""The scalar functions of the index language."""


OF_MATRICES: dict[str, Callable[..., Any]] = {
    "trace": lambda a: np.array([[np.trace(a)]]), "inv": np.linalg.inv, "det": np.linalg.det, "logdet": lambda a: np.linalg.slogdet(a)[1],
}  # fmt: skip
"""Functions of a matrix."""


def evaluate_matrix(
    m: Matrix,
    values: Mapping[str, Array],
    functions: Mapping[str, Callable[..., Any]] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Array:
    """The value of a matrix expression, an array with two axes.

    Parameters
    ----------
    m : the expression
    values : for each tensor its value as it is displayed (a column, a row, a matrix; a scalar as 1 x 1)
    functions : for each named function ``g``, and for its derivatives ``g'``, a function of arrays
    sizes : the lengths of axes that no tensor in `m` has
    """
    lengths = {**(sizes or {}), **_lengths(m, values)}
    return _Evaluator(values, {**FUNCTIONS, **(functions or {})}, lengths).value(m)


def _lengths(m: Matrix, values: Mapping[str, Array]) -> dict[str, int]:
    found: dict[str, int] = {}
    if isinstance(m, MatTensor):
        shape = values[m.name].T.shape if m.transposed else values[m.name].shape
        for axis, length in zip(m.shape, shape, strict=True):
            if (1 if axis is None else found.setdefault(axis.name, length)) != length:
                raise ValueError(f"{m.name} has the shape {shape}, which does not fit {m.shape}")
    for part in m.parts:
        for name, length in _lengths(part, values).items():
            if found.setdefault(name, length) != length:
                raise ValueError(f"axis {name} has the lengths {found[name]} and {length}")
    return found


class _Evaluator:
    def __init__(
        self, values: Mapping[str, Array], functions: Mapping[str, Callable[..., Any]], lengths: Mapping[str, int]
    ) -> None:
        self.values, self.functions, self.lengths = values, functions, lengths

    def size(self, axis: Axis | None) -> int:
        return 1 if axis is None else self.lengths[axis.name]

    def value(self, m: Matrix) -> Array:
        shape = (self.size(m.shape[0]), self.size(m.shape[1]))
        result = np.asarray(self._value(m, shape), dtype=np.float64)
        if result.shape != shape:
            raise ValueError(f"{type(m).__name__} has the value shape {result.shape} where {shape} is meant")
        return result

    def _value(self, m: Matrix, shape: tuple[int, int]) -> Any:
        match m:
            case MatTensor():
                return self.values[m.name].T if m.transposed else self.values[m.name]
            case Number():
                sizes = {s: self.lengths[s.name.removeprefix("N_")] for s in m.value.free_symbols}
                return np.full(shape, float(m.value.xreplace(sizes)))
            case Ones():
                return np.ones(shape)
            case Identity():
                return np.eye(shape[0])
            case Transpose():
                return self.value(m.body).T
            case MatMul():
                product = self.value(m.factors[0])
                for f in m.factors[1:]:
                    product = product @ self.value(f)
                return product
            case Hadamard():
                return np.prod([self.value(f) for f in m.factors], axis=0)
            case Plus():
                return np.sum([self.value(t) for t in m.terms], axis=0)
            case Scale():
                return np.prod([self.value(s).item() for s in m.scalars]) * self.value(m.body)
            case Power():
                return self.value(m.base) ** float(m.exponent)
            case Diag():
                return np.diag(self.value(m.vector)[:, 0])
            case DiagPart():
                return np.diag(self.value(m.body))[:, None]
            case OfMatrix() | Trace():
                made = OF_MATRICES[m.name if isinstance(m, OfMatrix) else "trace"](self.value(m.body))
                return np.reshape(made, shape)
            case Map():
                args = [self.value(a) for a in m.args]
                if m.along is not None:
                    p = _softmax(args[0], m.along)
                    return np.log(p) if m.name == "log_softmax" else p
                return self.functions[m.name + "'" * m.order](*args)
        raise TypeError(f"no value for {type(m).__name__}")
