"""The functions that a claim may call beyond scalar ones, by name, and what is meant when a name is not known."""

from __future__ import annotations

from collections.abc import Callable

import sympy
from sympy import Expr

from symbp.calculus.functions import maximum, minimum, where
from symbp.calculus.indices import Index
from symbp.calculus.primitives import PRIMITIVES
from symbp.calculus.primitives.matrices import MATRIX_CALLS, MATRIX_FUNCTIONS
from symbp.calculus.reductions import LogSumExp, Max, Prod, Sum
from symbp.formula.numpy_calls import RESULTS
from symbp.formula.syntax import ADDED, ADDED_AT, PART, PUT


def _mean(body: Expr, *indices: Index) -> Expr:
    return Sum.over(body, *indices) / sympy.Mul(*(i.axis.size for i in indices))


def _min(body: Expr, *indices: Index) -> Expr:
    return -Max.over(-body, *indices)


def _var(body: Expr, *indices: Index) -> Expr:
    return _mean((body - _mean(body, *indices)) ** 2, *indices)


def _std(body: Expr, *indices: Index) -> Expr:
    return sympy.sqrt(_var(body, *indices))


def _norm(body: Expr, *indices: Index) -> Expr:
    return sympy.sqrt(Sum.over(body**2, *indices))


REDUCTIONS: dict[str, Callable[..., Expr]] = {
    "sum": Sum.over, "mean": _mean, "prod": Prod.over, "logsumexp": LogSumExp.over,
    "max": Max.over, "min": _min, "var": _var, "std": _std, "norm": _norm, "amax": Max.over, "amin": _min,
}  # fmt: skip
"""Reductions over an axis, or in index notation over letters."""

ELEMENTWISE: dict[str, tuple[Callable[..., Expr], int]] = {
    "maximum": (maximum, 2), "minimum": (minimum, 2), "where": (where, 3), "square": (lambda a: a**2, 1),
    "ones_like": (lambda a: sympy.S.One, 1), "zeros_like": (lambda a: sympy.S.Zero, 1),
    "multiply": (lambda a, b: a * b, 2), "add": (lambda a, b: a + b, 2), "subtract": (lambda a, b: a - b, 2),
    "divide": (lambda a, b: a / b, 2), "negative": (lambda a: -a, 1), "ln": (sympy.log, 1),
    **{p.name: (p.made, p.arguments) for p in PRIMITIVES if p.arguments > 1 and p.name not in REDUCTIONS},
}  # fmt: skip

PLACED = ("concatenate", "hstack", "vstack", "stack", "pad", "flip", "diff", "sliding_window_view", "take_along_axis", "arange",
          "tril", "triu")  # fmt: skip
"""Functions of whole arrays that move elements to other places."""
MATRIX = ("outer", "dot", "matmul", "diag", "trace", "transpose", "ones", "zeros", "eye", "softmax", "log_softmax",
          "expand_dims", "squeeze", "reshape", "ravel", "flatten", "swapaxes", "moveaxis", "einsum", "tensordot", "inner",
          "vdot", "cumsum", PART, PUT, ADDED, ADDED_AT, *PLACED, *MATRIX_CALLS, *RESULTS)  # fmt: skip
"""Functions of whole arrays."""

OWN = "own loss"
"""What a derivative of an example is called with where it is one of the example's own loss; no language has a name for it."""

SAME = {
    **{alias: row.name for row in MATRIX_FUNCTIONS for alias in row.aliases},
    **{alias: p.name for p in PRIMITIVES for alias in p.aliases if alias != "ln"},
    "absolute": "abs", "sigma": "sigmoid", "logistic": "sigmoid", "ReLU": "relu", "power": "pow",
    "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax",
}  # fmt: skip
"""Other names of the same function."""
