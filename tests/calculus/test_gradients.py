"""Every derived gradient of the table of programs against JAX, dual numbers and central differences."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from calculus_cases import CASES, Case
from calculus_oracles import agrees, difference, fractions, generic, inner, jax_gradients, proved, slope

from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.numbers import EXACT, FLOAT, HIGH
from symbp.calculus.program import check
from symbp.calculus.sweep import Backward, reverse

BY_NAME = {case.name: case for case in CASES}
SIGNS = {"maximum and product", "maximum over the first axis", "kinks"}  # sign patterns: more fields are drawn
every = pytest.mark.parametrize("name", BY_NAME)


@cache
def derived(name: str) -> Backward:
    return reverse(BY_NAME[name].program)


@cache
def by_jax(name: str) -> dict[str, np.ndarray]:
    case, _, values = setting(name)
    return jax_gradients(case, values)


def setting(name: str) -> tuple[Case, Backward, dict[str, np.ndarray]]:
    case = BY_NAME[name]
    return case, derived(name), generic(case.shapes, case.positive)


@every
def test_well_formed(name: str) -> None:
    case, backward, _ = setting(name)
    check(backward.program)
    assert set(case.axes) <= set(backward.adjoint)


@pytest.mark.thinned(3)
@every
def test_against_jax(name: str) -> None:
    case, backward, values = setting(name)
    found = evaluate(backward.program, values)
    assert agrees(found["J"], case.forward(**values))
    for x, expected in by_jax(name).items():
        assert agrees(found[backward.adjoint[x]], expected), x


@every
def test_exactly(name: str) -> None:
    """All gradients at once, in fractions where the program is rational, and in a finite field in any case."""
    case, backward, values = setting(name)
    if case.rational:
        here, along = fractions(values, 3), fractions(values, 4)
        assert inner(backward, here, along, EXACT) == slope(backward.forward, here, along, EXACT)
    assert proved(backward, case.shapes, rounds=6 if name in SIGNS else 2)


@every
def test_against_differences(name: str) -> None:
    """One tensor at a time, in 50 digits."""
    case, backward, values = setting(name)
    directions = generic(case.shapes, seed=8)
    for x in case.axes:
        along = {x: directions[x]}
        expected = difference(backward.forward, values, along)
        assert abs(inner(backward, values, along, HIGH) - expected) < 1e-18 * (1 + abs(expected)), x


@every
def test_of_the_tests(name: str) -> None:
    """A gradient that is multiplied, transposed, zeroed or off by one entry does not agree."""
    _, backward, values = setting(name)
    found = evaluate(backward.program, values)
    for x, expected in by_jax(name).items():
        gradient = found[backward.adjoint[x]]
        spoilt = [-17 * gradient, 0 * gradient, 1.00001 * gradient, -gradient]
        symmetric = gradient.T.shape == expected.shape and np.allclose(gradient.T, expected)
        if gradient.ndim > 1 and not symmetric:
            spoilt.append(gradient.T)
        one_off = gradient.copy()
        one_off.flat[0] += 0.001 * np.abs(gradient).max()
        for wrong in [*spoilt, one_off]:
            assert not agrees(wrong, expected), x


@pytest.mark.parametrize("name", ["attention", "layer norm", "two-branch residual", "kinks"])
def test_the_exact_tests_see_a_wrong_gradient(name: str) -> None:
    """Each adjoint multiplied by -17 or zeroed: the field, where one comparison judges all gradients, sees it."""
    case, backward, _ = setting(name)
    for x in case.axes:
        s = backward.of(x)
        for factor in (-17, 0):
            spoilt = type(s)(s.target, s.indices, factor * s.body, s.label)
            assert not proved(backward.revised(spoilt, ()), case.shapes, rounds=2), (x, factor)


def test_float_and_many_digits_agree() -> None:
    _, backward, values = setting("attention")
    few, many = (evaluate(backward.program, values, numbers=n) for n in (FLOAT, HIGH))
    assert all(agrees(few[name], many[name], 1e-12) for name in few)
