"""Claims over each scalar function of the table: right ones are proved in three languages, and those times -17 found wrong."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import symbp as sb
from symbp.calculus.functions import Z
from symbp.calculus.language import read_scalar_function
from symbp.calculus.primitives import PRIMITIVES, Primitive
from symbp.calculus.text import expression_text
from symbp.notation import NOTATIONS
from symbp.notes.writer import Writer

sys.path.append(str(Path(__file__).parents[2] / "primitives"))
sys.path.append(str(Path(__file__).parents[2] / "codegen"))

from primitive_jobs import called, definition, inside, network
from seldom import each

Subject = sb.Network | sb.Problem
ROWS = {row.name: row for row in PRIMITIVES}
FIRST = ("tanh", "asin", "erf", "max", "where")
"""Those of which networks are made in every run; of the others in the sweep."""


def slope_text(row: Primitive, z: str) -> str:
    """The derivative as text, in which `z` stands."""
    return re.sub(r"\bz\b", z, expression_text(definition(row).diff(Z)))


def slope_latex(row: Primitive, z: str) -> str:
    """The derivative in LaTeX, as a page prints it."""
    writer = Writer(sb.derive("2-2:tanh-2", batch=False), NOTATIONS["iitm"])
    return _put(writer.scalar(definition(row).diff(Z)).latex, z)


def value_latex(row: Primitive, z: str) -> str:
    """The value in LaTeX, as a page prints it."""
    writer = Writer(sb.derive("2-2:tanh-2", batch=False), NOTATIONS["iitm"])
    return _put(writer.scalar(definition(row)).latex, z)


def _put(latex: str, z: str) -> str:
    return re.sub(r"(?<![\\A-Za-z])z(?![A-Za-z])", lambda _: z, latex)


@cache
def problem(row: Primitive):
    """The function in a problem of one's own, in NumPy-like text, with a random upstream gradient."""
    return sb.Problem({"x": "n", "g": "n"}, [f"y = {called(row, 'x')}", "J = sum(g*y)"], "J")


def hold(subject: Subject, claims: list[str], wanted: str) -> None:
    """Each claim gets the verdict that it should."""
    for claim in claims:
        verdict = sb.verify(subject, claim)
        assert verdict.verdict == wanted, f"{claim} is {verdict.verdict}: {verdict.reason}"


def slope_claims(row: Primitive, scale: str) -> list[str]:
    """Claims about the gradient, in NumPy-like text, index notation and LaTeX."""
    times = scale.replace("*", " ")
    return [
        f"dx = {scale}g*({slope_text(row, 'x')})",
        f"dJ/dx[i] = {scale}g[i]*({slope_text(row, 'x[i]')})",
        rf"\frac{{\partial J}}{{\partial x_i}} = {times} g_i \left({slope_latex(row, 'x_i')}\right)",
    ]


def value_claims(row: Primitive, scale: str) -> list[str]:
    """Claims that y is what it is, by every name of the function."""
    times = scale.replace("*", " ")
    names = (row.name, *row.aliases)
    texts = [re.sub(rf"\b{row.name}\(", f"{name}(", called(row, "x")) for name in names]
    numpy = [re.sub(rf"\b{row.name}\(", f"np.{name}(", called(row, "x")) for name in names if hasattr(np, name)]
    latex = [rf"y_i = {times}\left({value_latex(row, 'x_i')}\right)"]
    if row.inverse_of:
        latex.append(rf"y_i = {times}\{row.inverse_of}^{{-1}}(x_i)")
    return [*(f"y = {scale}({t})" for t in (*texts, *numpy)), *latex]


@pytest.mark.thinned(6)
@pytest.mark.parametrize("name", each(ROWS))
@pytest.mark.usefixtures("undiagnosed")
def test_claims_over_it_are_decided(name):
    row = ROWS[name]
    hold(problem(row), [*slope_claims(row, ""), *value_claims(row, "")], "correct")
    wrong = slope_claims(row, "-17*") if definition(row).diff(Z) != 0 else value_claims(row, "-17*")[:1]
    hold(problem(row), wrong, "wrong")


@pytest.mark.sweep
@pytest.mark.parametrize("name", ROWS)
@pytest.mark.usefixtures("undiagnosed")
def test_wrong_values_are_found_by_every_name(name):
    hold(problem(ROWS[name]), value_claims(ROWS[name], "-17*"), "wrong")


@pytest.mark.thinned(6)
@pytest.mark.parametrize(
    "name", [name if name in FIRST else pytest.param(name, marks=pytest.mark.sweep) for name in ROWS]
)
@pytest.mark.usefixtures("undiagnosed")
def test_claims_over_an_activation_made_of_it_are_decided(name):
    row = ROWS[name]
    slope = read_scalar_function("f", called(row, inside(row))).definition.diff(Z)
    text = re.sub(r"\bz\b", "z1", expression_text(slope))
    for scale, wanted in (("", "correct"), ("-17*", "wrong")):
        claims = [f"delta1 = {scale}(W2.T @ delta2) * f'(z1)", f"delta1 = {scale}(W2.T @ delta2) * ({text})"]
        hold(network(row), [] if slope == 0 and scale else claims, wanted)


RELATIONS = (
    ("erf(x)", "2*normal_cdf(x*sqrt(2)) - 1"), ("erfc(x)", "1 - erf(x)"), ("tan(x)", "sin(x)/cos(x)"),
    ("asinh(x)", "log(x + sqrt(x**2 + 1))"), ("log1p(x)", "log(1 + x)"), ("expm1(x)", "exp(x) - 1"),
    ("acos(x)", "pi/2 - asin(x)"), ("log2(x)", "log(x)/log(2)"), ("sigmoid(x)", "(1 + tanh(x/2))/2"),
)  # fmt: skip


@pytest.mark.parametrize("value, other", RELATIONS)
@pytest.mark.usefixtures("undiagnosed")
def test_what_a_function_is_by_others_is_proved(value, other):
    problem = sb.Problem({"x": "n"}, [f"y = {value}", "J = sum(y)"], "J")
    right = sb.verify(problem, f"y = {other}")
    assert (right.verdict, right.how) == ("correct", "exact")
    for wrong in (f"y = -17*({other})", f"y = -({other})", f"y = {other} + x/10**9"):
        assert sb.verify(problem, wrong).verdict == "wrong", wrong
