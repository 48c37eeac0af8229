"""The evaluator against values worked by hand and NumPy, and its messages."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy

from symbp.calculus.indices import Axis
from symbp.calculus.language import read_program
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.numbers import EXACT, HIGH, NotDecided
from symbp.calculus.program import Program, ScalarFunction, Tensor


def value(text: str, numbers=None, **scalars):
    program = read_program(f"y = {text}", [], **dict.fromkeys(scalars, ""))
    return evaluate(program, scalars, **({"numbers": numbers} if numbers else {}))["y"][()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exp(s)", math.exp(1.3)), ("sigmoid(s)", 1 / (1 + math.exp(-1.3))), ("softplus(s)", math.log(1 + math.exp(1.3))),
        ("normal_cdf(s)", (1 + math.erf(1.3 / math.sqrt(2))) / 2), ("floor(s)", 1), ("sign(-s)", -1), ("step(-s)", 0),
        ("abs(-s)", 1.3), ("xlogy(s, 2)", 1.3 * math.log(2)), ("where(s > 1, 2, 3)", 2), ("where(s > 2, log(-s), 3)", 3),
        ("min(s, 2)", 1.3), ("max(s, 2)", 2), ("atan(s)", math.atan(1.3)), ("cosh(s)", math.cosh(1.3)), ("pi*s", math.pi * 1.3),
        ("s^(1/3)", 1.3 ** (1 / 3)), ("s^s", 1.3**1.3), ("sqrt(s)", math.sqrt(1.3)), ("exp(1)", math.e), ("1/s^2", 1.3**-2),
        ("softplus(1000*s)", 1300.0), ("sigmoid(-1000*s)", 0.0), ("tanh(1000*s)", 1.0), ("xlogy(0*s, 0*s)", 0.0),
        ("step(-s)*log(-s)", 0.0),
    ],
)  # fmt: skip
def test_scalar_functions(text: str, expected: float) -> None:
    assert value(text, s=1.3) == pytest.approx(expected, rel=1e-14)
    assert float(value(text, HIGH, s=1.3)) == pytest.approx(expected, rel=1e-14)


def test_many_digits() -> None:
    assert abs(value("exp(s)", HIGH, s=1) - HIGH.number(sympy.E.evalf(60))) < HIGH.number("1e-48")


def test_reductions_and_ties() -> None:
    program = read_program(
        "m[n] = max(x[n,d], d)\nl[n] = logsumexp(x[n,d], d)\np[n] = prod(x[n,d], d)\na[n] = mean(x[n,d], d)", x="n d"
    )
    x = np.array([[1.0, 3.0, 3.0], [800.0, 0.5, -2.0]])
    found = evaluate(program, {"x": x})
    assert np.array_equal(found["m"], x.max(1))
    assert found["l"] == pytest.approx([math.log(math.exp(1) + 2 * math.exp(3)), 800.0])
    assert found["p"] == pytest.approx(x.prod(1))
    assert found["a"] == pytest.approx(x.mean(1))
    from symbp.calculus.sweep import reverse

    backward = reverse(read_program("J = sum(max(x[n,d], d), n)", x="n d"))
    assert np.array_equal(evaluate(backward.program, {"x": x})["dx"], [[0, 1, 0], [1, 0, 0]])


def test_fractions_are_exact() -> None:
    assert value("s/3 + s^2 + max(s, 1)", EXACT, s=Fraction(1, 7)) == Fraction(1, 21) + Fraction(1, 49) + 1
    assert value("sqrt(s)", EXACT, s=Fraction(9, 4)) == Fraction(3, 2)
    assert value("sqrt(s)", EXACT, s=Fraction(9 * 10**60, 4)) == Fraction(3 * 10**30, 2)
    for text in ("exp(s)", "sqrt(s)", "softplus(s)"):
        with pytest.raises(NotDecided, match="no fraction"):
            value(text, EXACT, s=Fraction(1, 7))


def test_constants_fill_in_and_can_be_overridden() -> None:
    program = read_program("y = 2*c", [Tensor("c", (), "constant")])
    program = Program(program.declared, program.statements, constants={"c": sympy.Rational(3, 4)})
    assert evaluate(program, {})["y"] == 1.5
    assert evaluate(program, {"c": 2})["y"] == 4


def test_functions_by_definition_and_without() -> None:
    from symbp.calculus.functions import Z

    text = "y = g(s) + g'(s)*g''(s)"
    cube = read_program(text, [], [ScalarFunction("g", Z**3)], s="")
    assert evaluate(cube, {"s": 2.0})["y"] == 8 + 12 * 12
    free = read_program(text, [], [ScalarFunction("g")], s="")
    assert np.isfinite(evaluate(free, {"s": 2.0})["y"])


@pytest.mark.parametrize(
    ("values", "sizes", "says"),
    [
        ({"W": np.ones((2, 3))}, None, r"no value for x, which has axes \(d\)"),
        ({"x": np.ones(3), "W": np.ones(3)}, None, r"W has shape \(3,\), expected axes \(h, d\)"),
        ({"x": np.ones(4), "W": np.ones((2, 3))}, None, r"(x|W) has shape .*expected \(.*d="),
        ({"x": np.ones(3), "W": np.ones((2, 3))}, {"d": 4}, r"x has shape \(3,\), expected \(d=4\)"),
        ({"x": np.ones(3), "W": np.ones((2, 3))}, {Axis("h"): 5}, r"W has shape \(2, 3\), expected \(h=5, d=3\)"),
        ({"x": np.zeros(3), "W": np.ones((2, 3))}, None, r"y.* has no value"),
    ],
)
def test_messages(values: dict, sizes: dict | None, says: str) -> None:
    program = read_program("z[i] = sum(W[i,j]*x[j], j)\ny[i] = 1/z[i]", x="d", W="h d")
    with pytest.raises(ValueError, match=says):
        evaluate(program, values, sizes)


def test_a_missing_size_is_named() -> None:
    t = Tensor("t", (Axis("m"),))
    from symbp.calculus.indices import Index
    from symbp.calculus.program import Statement

    program = Program((), (Statement(t, (Index("m", Axis("m")),), sympy.Integer(1)),))
    with pytest.raises(ValueError, match="no size for axis m"):
        evaluate(program, {})
    assert evaluate(program, {}, {"m": 2})["t"].tolist() == [1, 1]
