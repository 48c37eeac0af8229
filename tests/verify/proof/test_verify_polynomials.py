"""Rational functions of one quantity that are never negative: held against their values at many numbers."""

import math
from fractions import Fraction

import pytest
from sympy import Rational, Symbol, lambdify

from symbp.verification.proof.forms import never_negative

X = Symbol("x", real=True)
ALL, POSITIVE, UNIT, ABOVE = (-math.inf, math.inf), (0, math.inf), (0, 1), (Fraction(3), math.inf)
FORMS = (
    X**2 - X + 1, X**2 - 3 * X + 1, X**2 - 2 * X + 1, 1 - X**2 / (2 + X**2) ** 2, X, X * (1 - X), X**3, -(X**2), 1 - X, 1 / X,
    X**2 * (X - 5) ** 2, X - Rational(1, 2), -((X - 3) ** 2), (X - 3) * (X - 5), X - 3, 3 - X, X**4 - X**2 + Rational(1, 4),
    X**2 - X / 1000 + 1, (X - 1) ** 3 * (X + 2), 1 / (X - 3) ** 3, (1 - X) / X, X**2 - Rational(1, 10**12),
)  # fmt: skip


@pytest.mark.thinned(6)
@pytest.mark.parametrize("low, high", [ALL, POSITIVE, UNIT, ABOVE], ids=["all", "positive", "unit", "above 3"])
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_never_negative_is_what_the_values_say(form, low, high):
    value = lambdify(X, form)
    tried = (Fraction(k, 997) * scale for k in range(-997 * 7, 997 * 7) for scale in (1, Fraction(1, 10**9)) if k)
    inside = (x for x in tried if low < x < high and x not in (1, 3, 5, -2))
    assert never_negative(form, lambda _: (low, high)) == all(value(x) >= 0 for x in inside)


def test_two_quantities_are_not_decided():
    y = Symbol("y", real=True)
    assert not never_negative(X**2 + y**2 + 1, lambda _: ALL)
    assert not never_negative(Rational(2), lambda _: ALL)
