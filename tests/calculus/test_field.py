"""The finite field: true identities hold in it, false ones do not, and what it cannot tell it says."""

from __future__ import annotations

import numpy as np
import pytest

from symbp.calculus.language import read_program
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.field import Field
from symbp.calculus.numeric.numbers import NotDecided
from symbp.calculus.program import ScalarFunction

AXES = {"u": "", "v": "", "x": "d"}
TRUE = [
    ("exp(u + v)", "exp(u)*exp(v)"), ("exp(u - 3*v)", "exp(u)/exp(v)^3"), ("exp(u/2)^2", "exp(u)"),
    ("sqrt(exp(u))", "exp(u/2)"), ("exp(log(u) + v)", "u*exp(v)"), ("log(exp(u)*exp(v))", "u + v"),
    ("exp(2*log(u))", "u^2"), ("log(1/u)", "-log(u)"), ("sigmoid(u) + sigmoid(-u)", "1"),
    ("tanh(u)", "2*sigmoid(2*u) - 1"), ("tanh(u)", "sinh(u)/cosh(u)"), ("exp(softplus(u))", "1 + exp(u)"),
    ("cosh(u)^2 - sinh(u)^2", "1"), ("sin(u)^2 + cos(u)^2", "1"), ("sin(-u)", "-sin(u)"),
    ("normal_cdf(u) + normal_cdf(-u)", "1"), ("sqrt(u)^2", "u"), ("u/sqrt(u)", "sqrt(u)"),
    ("sqrt(8*u)", "2*sqrt(2*u)"), ("abs(u)*abs(v)", "abs(u*v)"), ("sqrt(u^2)", "abs(u)"),
    ("max(u, v) + min(u, v)", "u + v"), ("max(u, v)", "max(v, u)"), ("u*sign(u)", "abs(u)"),
    ("step(u) + step(-u)", "1"), ("max(u, 0)", "u*step(u)"), ("step(3*u)", "step(u)"), ("step(exp(u))", "1"),
    ("max(7, 37)", "37"), ("xlogy(u, exp(v))", "u*v"), ("where(u > v, u, v)", "max(u, v)"),
    ("exp(logsumexp(x[d], d))", "sum(exp(x[d]), d)"), ("exp(0*u)", "1"),
    ("sum(exp(x[d] - logsumexp(x[j], j)), d)", "1"), ("sum(exp(x[d] - u), d)", "sum(exp(x[d]), d)/exp(u)"),
    ("g(u + v)", "g(v + u)"), ("g(exp(u)*exp(v))", "g(exp(u + v))"),
    ("sum(exp(x[d] - max(x[i], i))/sum(exp(x[j] - max(x[i], i)), j)*x[d], d)", "sum(exp(x[d] - logsumexp(x[j], j))*x[d], d)"),
]  # fmt: skip
FALSE = [
    ("exp(u + v)", "exp(u) + exp(v)"), ("exp(2*u)", "exp(u)"), ("exp(u*v)", "exp(u)*exp(v)"),
    ("log(u*v)", "log(u)*log(v)"), ("tanh(u)", "sigmoid(u)"), ("sigmoid(u)", "sigmoid(-u)"), ("sqrt(u)", "u"),
    ("sqrt(u^2)", "u"), ("abs(u)", "u"), ("max(u, v)", "u"), ("step(u)", "step(v)"), ("step(u)", "1"),
    ("step(37*u)", "1 - step(u)"), ("sin(u)", "cos(u)"), ("sin(u)", "u"), ("g(u)", "g(v)"), ("g'(u)", "g(u)"),
    ("normal_cdf(u)", "sigmoid(u)"), ("softplus(u)", "log(exp(u))"), ("logsumexp(x[d], d)", "sum(x[d], d)"),
    ("exp(u)", "1 + u"), ("cosh(u)", "sinh(u)"), ("pi", "22/7"), ("step(u*v)", "step(u)*step(v)"),
    ("step(u^2 + v)", "step(v)"),
]  # fmt: skip


def verdicts(one: str, other: str, seeds: int) -> list[bool]:
    program = read_program(f"a = {one}\nb = {other}", [], [ScalarFunction("g")], **AXES)
    found = []
    for seed in range(seeds):
        field = Field(seed)
        x = np.empty(3, dtype=object)
        for k in range(3):
            x[k] = field.random("x", k)
        try:
            values = evaluate(program, {"u": field.random("u"), "v": field.random("v"), "x": x}, numbers=field)
        except NotDecided:
            continue
        found.append(values["a"][()] == values["b"][()])
    return found


@pytest.mark.parametrize(("one", "other"), TRUE)
def test_true_identities_hold(one: str, other: str) -> None:
    found = verdicts(one, other, 12)
    assert len(found) > 3 and all(found), found


@pytest.mark.parametrize(("one", "other"), FALSE)
def test_false_identities_do_not(one: str, other: str) -> None:
    assert not all(verdicts(one, other, 24))


def test_a_field_is_a_function_of_its_seed() -> None:
    assert Field(3).random("a") == Field(3).random("a") != Field(3).random("b")
    assert Field(3).p != Field(4).p
    assert Field(3).call("exp", Field(3).random("a")) == Field(3).call("exp", Field(3).random("a"))


@pytest.mark.parametrize("text", ["1/(sin(u)^2 + cos(u)^2 - 1)", "u^(1/3)"])
def test_not_decided(text: str) -> None:
    program = read_program(f"a = {text}", **{"u": "", "v": ""})
    field = Field(0)
    with pytest.raises(NotDecided):
        evaluate(program, {"u": field.random("u"), "v": field.random("v")}, numbers=field)
