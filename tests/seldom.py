"""Scalar functions that are like others: what is tried of every function is tried of these in the sweep.

A function that is not named here, a new one above all, is tried in every run.
"""

import pytest

SELDOM = (
    "tan",
    "cos",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "asinh",
    "atanh",
    "expm1",
    "log2",
    "log10",
    "exp2",
    "erfc",
    "min",
)


def each(names):  # type: ignore[no-untyped-def]
    """Parameters for tests of every function."""
    return [pytest.param(name, marks=pytest.mark.sweep if name in SELDOM else ()) for name in names]
