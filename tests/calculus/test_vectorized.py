"""The tensor by tensor evaluator against the brute-force one, element by element, in every number system."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from calculus_cases import CASES, Case
from calculus_oracles import elements, fractions, generic

from symbp.calculus.language import read_program
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.field import Field
from symbp.calculus.numeric.labelled import Allowance
from symbp.calculus.numeric.numbers import EXACT, HIGH, Exact, NotDecided, Numbers
from symbp.calculus.numeric.vectorized import TooMuch, evaluate_vectorized
from symbp.calculus.program import Program
from symbp.calculus.sweep import reverse


def values(program: Program, given: dict[str, Any], numbers: Numbers) -> dict[str, Any] | type[Exception]:
    try:
        return evaluate(program, given, numbers=numbers)
    except (ArithmeticError, ValueError) as e:
        return type(e)


def same(program: Program, given: dict[str, Any], numbers: Numbers) -> None:
    expected = values(program, given, numbers)
    if isinstance(expected, type):
        with pytest.raises(expected):
            evaluate_vectorized(program, given, numbers=numbers)
        return
    found = evaluate_vectorized(program, given, numbers=numbers)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].shape == array.shape, name
        if isinstance(numbers, (Field, Exact)):
            assert all(a == b for a, b in zip(found[name].flat, array.flat, strict=True)), name
        else:
            gap = max((abs(a - b) for a, b in zip(found[name].flat, array.flat, strict=True)), default=0)
            assert gap <= 1e-40 * max((abs(a) for a in array.flat), default=1), name


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_gradients(case: Case) -> None:
    program = reverse(case.program).program
    shapes = case.shapes
    field = Field(5)
    same(program, elements(field, shapes), field)
    given = generic(shapes, case.positive)
    same(program, given, HIGH)
    same(program, fractions(given), EXACT)


LINES = [
    "y = where(s > 2, log(-s), 3)", "y = step(-s)*log(-s)", "y = sum(step(x[n,d] - 1)*log(x[n,d] - 1), n, d)",
    "y[n] = max(x[n,d], d)", "y[n] = logsumexp(s*x[n,d], d)", "y[n] = prod(x[n,d], d)", "y = mean(x[n,d], n, d)",
    "y = sum(A[i,i], i)", "y[i] = sum(A[i,i]*A[i,j]*A[j,i], j)", "y[i] = sum(A[i,i]*A[j,j], j)", "y = sum(0*q[k] + s, k)",
    "y[n] = sum(sum(x[n,e], e)*x[n,d], d)", "y[n] = sum(max(x[n,e], e)*sum(x[m,d]^2, m), d)", "y = sqrt(-s)",
    "y = log(sum(x[n,d], n, d) - t)", "y = 1/(s - u)", "y = pi*exp(1)*s^s", "y[n] = max(max(x[n,d], d), s)", "y = s^(1/3)",
    "y[n,d] = where(x[n,d] > 2, 1/(x[n,d] - 1), 0)", "y = sum(where(x[n,d] > 1, log(x[n,d] - 1), 0)*x[m,d], n, d, m)",
]  # fmt: skip


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("numbers", [HIGH, Field(3), EXACT], ids=["high", "field", "exact"])
def test_lines(line: str, numbers: Numbers) -> None:
    program = read_program(line, s="", t="", u="", x="n d", A="i i", q="n2")
    given = {
        "s": 1.3,
        "t": 18.5,
        "u": 1.3,
        "q": [1, 2, 3, 4],
        "x": [[1.0, 3.0, 3.0], [8.0, 0.5, 2.0]],
        "A": np.arange(9.0).reshape(3, 3) - 3,
    }
    same(program, given, numbers)


def test_a_chain_of_matrices_costs_what_matrices_cost() -> None:
    """Summed element by element, the product of ten matrices over eleven letters would take 4**11 terms."""
    letters = "abcdefghijk"
    factors = "*".join(f"M[{i},{j}]" for i, j in itertools.pairwise(letters))
    program = read_program(f"y = sum({factors}, {', '.join(letters)})", M="p p")
    m = np.random.default_rng(1).standard_normal((4, 4))
    found = evaluate_vectorized(program, {"M": m}, budget=Allowance(10**4))["y"][()]
    assert float(found) == pytest.approx(np.linalg.matrix_power(m, 10).sum(), rel=1e-12)


def test_no_more_operations_than_allowed() -> None:
    program = read_program("y = sum(exp(x[n,d]*x[m,d]), n, m, d)", x="n d")
    x = np.random.default_rng(1).standard_normal((9, 4))
    with pytest.raises(TooMuch):
        evaluate_vectorized(program, {"x": x}, budget=Allowance(100))
    with pytest.raises(NotDecided):
        evaluate_vectorized(program, {"x": x}, budget=Allowance(300))
    assert float(evaluate_vectorized(program, {"x": x}, budget=Allowance(10**4))["y"][()]) > 0
