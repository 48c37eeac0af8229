"""Random programs: statements from a small grammar, their gradients against dual numbers."""

from __future__ import annotations

import pytest
from calculus_oracles import elements, generic, inner, slope
from hypothesis import given, settings
from hypothesis import strategies as st

from symbp.calculus.language import read_program
from symbp.calculus.numeric.field import Field
from symbp.calculus.numeric.numbers import HIGH, NotDecided
from symbp.calculus.program import Program, ScalarFunction, check
from symbp.calculus.sweep import reverse

AXES = {"x": "a b", "A": "a a", "u": "a", "v": "b", "s": ""}
SHAPES = {"x": (2, 3), "A": (2, 2), "u": (2,), "v": (3,), "s": ()}
LETTERS = {"a": "ijk", "b": "pqr"}
FUNCTIONS = ("tanh", "exp", "sigmoid", "softplus", "sin", "g")


@st.composite
def expression(draw: st.DrawFn, tensors: dict[str, str], scope: frozenset[str], depth: int) -> str:
    kinds = ["read", "read"] if depth == 0 else ["read", "add", "multiply", "call", "reduce", "reduce", "square"]
    kind = draw(st.sampled_from(kinds))
    if kind == "read":
        return draw(read(tensors, scope))
    if kind == "reduce":
        axis = draw(st.sampled_from("ab"))
        new = next((x for x in LETTERS[axis] if x not in scope), None)
        if new is None:
            return draw(read(tensors, scope))
        # the factor makes sure that the new letter indexes something
        factor = {"a": f"u[{new}]", "b": f"v[{new}]"}[axis]
        body = draw(expression(tensors, scope | {new}, depth - 1))
        name = draw(st.sampled_from(["sum", "sum", "sum", "mean", "logsumexp", "prod"]))
        return f"{name}({factor}*({body}), {new})"
    if kind == "call":
        name = draw(st.sampled_from(FUNCTIONS))
        return f"{name}({draw(expression(tensors, scope, depth - 1))}/2)"
    a = draw(expression(tensors, scope, depth - 1))
    if kind == "square":
        return f"({a})^2"
    b = draw(expression(tensors, scope, depth - 1))
    return f"({a}) {draw(st.sampled_from('+-'))} ({b})" if kind == "add" else f"({a})*({b})"


@st.composite
def read(draw: st.DrawFn, tensors: dict[str, str], scope: frozenset[str]) -> str:
    """A tensor at letters in scope, or a scalar where there are none for it."""
    possible = ["s", "2/3"]
    for name, axes in tensors.items():
        choices = [[x for x in sorted(scope) if x in LETTERS[axis]] for axis in axes.split()]
        if choices and all(choices):
            possible.append(f"{name}[{','.join(draw(st.sampled_from(c)) for c in choices)}]")
    return draw(st.sampled_from(possible[::-1]))


@st.composite
def program_text(draw: st.DrawFn) -> str:
    tensors, lines = dict(AXES), []
    for n, (axes, left) in enumerate([("a", "i"), ("a b", "i,p"), ("b", "p")][: draw(st.integers(1, 3))]):
        scope = frozenset(left.split(","))
        factor = "*".join({"i": "u[i]", "p": "v[p]"}[x] for x in sorted(scope))
        lines.append(f"t{n}[{left}] = {factor} + {draw(expression(tensors, scope, 2))}")
        tensors[f"t{n}"] = axes
    reads = [f"t{n}[{left}]" for n, left in zip(range(len(lines)), ["i", "i,p", "p"], strict=False)]
    lines.append(f"J = sum(u[i]*v[p]*({' + '.join(reads)})*({draw(expression(tensors, frozenset('ip'), 2))}), i, p)")
    return "\n".join(lines)


@settings(max_examples=12)
@given(program_text())
def test_random_program(text: str) -> None:
    agrees(text)


@pytest.mark.sweep
@settings(max_examples=100)
@given(program_text())
def test_many_random_programs(text: str) -> None:
    agrees(text)


def agrees(text: str) -> None:
    program = read_program(text, [], (), None, **AXES) if "g(" not in text else with_g(text)
    backward = reverse(program)
    check(backward.program)
    try:
        field = Field(1)
        values, along = elements(field, SHAPES), elements(field, SHAPES, "direction")
        if inner(backward, values, along, field) == slope(program, values, along, field):
            return
    except NotDecided:
        pass
    values, along = generic(SHAPES, seed=5), generic(SHAPES, seed=6)  # exp of exp and the like: 50 digits decide
    expected = slope(program, values, along, HIGH)
    assert abs(inner(backward, values, along, HIGH) - expected) < 1e-35 * (1 + abs(expected))


def with_g(text: str) -> Program:
    return read_program(text, [], [ScalarFunction("g")], None, **AXES)
