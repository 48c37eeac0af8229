"""How each scalar function is asked of NumPy: the one table, and which of them come as helpers that a module carries along.

A form is what an array takes and what a plain Python number takes; a Python number must stay one, because the result of
``np.sqrt(0.5)`` is a float64 that would promote float32 data.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from symbp.calculus import functions as f
from symbp.calculus.primitives import expm1, log1p


@dataclass(frozen=True)
class Form:
    """The callable for arrays, and the one for Python numbers ("" where there is none)."""

    array: str
    plain: str = ""


FORMS: dict[type, Form] = {
    sympy.exp: Form("np.exp", "math.exp"),
    sympy.log: Form("np.log", "math.log"),
    sympy.tanh: Form("np.tanh", "math.tanh"),
    sympy.sin: Form("np.sin", "math.sin"),
    sympy.cos: Form("np.cos", "math.cos"),
    sympy.tan: Form("np.tan", "math.tan"),
    sympy.asin: Form("np.arcsin", "math.asin"),
    sympy.acos: Form("np.arccos", "math.acos"),
    sympy.atan: Form("np.arctan", "math.atan"),
    sympy.sinh: Form("np.sinh", "math.sinh"),
    sympy.cosh: Form("np.cosh", "math.cosh"),
    sympy.asinh: Form("np.arcsinh", "math.asinh"),
    sympy.acosh: Form("np.arccosh", "math.acosh"),
    sympy.atanh: Form("np.arctanh", "math.atanh"),
    sympy.erf: Form("erf", "math.erf"),
    sympy.erfc: Form("erfc", "math.erfc"),
    expm1: Form("np.expm1", "math.expm1"),
    log1p: Form("np.log1p", "math.log1p"),
    f.sigmoid: Form("sigmoid"),
    f.softplus: Form("softplus"),
    f.normal_cdf: Form("normal_cdf"),
    f.xlogy: Form("xlogy"),
    f.absolute: Form("np.abs", "abs"),
    f.sgn: Form("np.sign"),
    f.floor_of: Form("np.floor", "math.floor"),
    f.maximum: Form("np.maximum", "max"),
    f.minimum: Form("np.minimum", "min"),
}

MATRIX_FORMS: dict[str, str] = {
    "inv": "inverse",
    "logdet": "logdet",
}
"""Functions of a matrix that come as helpers, by the names of their rows; the others are NumPy's, as their rows call it."""

HELPERS: dict[str, tuple[str, ...]] = {
    "positive": (),
    "inverse": (),
    "solve": (),
    "logdet": (),
    "safe_exp": (),
    "sigmoid": (),
    "softplus": (),
    "erf_near": (),
    "erfc": ("erf_near",),
    "erf": ("erf_near", "erfc"),
    "normal_cdf": ("erf_near", "erfc"),
    "xlogy": (),
    "logsumexp": (),
    "softmax": (),
    "log_softmax": (),
    "masked_softmax": (),
    "windows": (),
    "add_windows": (),
    "picked": (),
    "products": (),
    "first_max": (),
    "less_target": (),
    "at_target": (),
    "log_softmax_at": ("logsumexp", "log_softmax", "at_target"),
    "xlogy_at": ("xlogy", "at_target"),
    "add_at_rows": (),
}
"""The helper functions, each in templates/numpy/helpers/<name>.py.jinja, and those that each rests on."""


def with_dependencies(names: set[str]) -> tuple[str, ...]:
    """The helpers in `names` and those that they rest on, in the order of the table."""
    needed = set(names) | {d for n in names for d in HELPERS[n]}
    return tuple(n for n in HELPERS if n in needed)
