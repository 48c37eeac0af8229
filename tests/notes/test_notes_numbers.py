"""The formulas on the page have the values of the brute-force evaluator: matrices in both layouts, elements, entries."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy
from matrix_value import evaluate_matrix
from notes_cases import derivation_of

from symbp.calculus.functions import Apply, Z
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.program import Program, Statement, Tensor, indices_of, name_of
from symbp.calculus.program import elements as elements_of
from symbp.network import Network
from symbp.network.derivation import Derivation, derive
from symbp.notation import NOTATIONS
from symbp.notes.activations import explicit
from symbp.notes.expand import entry, expanded, index_values, placed
from symbp.notes.reading import readable
from symbp.notes.writer import Writer

CHECKED = ["user", "penalties", "largest", "dropout", "activation softmax", "activation relu", "loss mae", "loss huber"]


@pytest.fixture(scope="module", params=CHECKED)
def case(request: pytest.FixtureRequest) -> tuple[Derivation, dict[str, np.ndarray]]:
    derivation = derivation_of(request.param)
    chance = np.random.default_rng(7)
    program, sizes = derivation.program, derivation.map.sizes
    given = {
        t.name: chance.normal(size=[sizes[a] for a in t.axes])
        for t in program.declared
        if t.name not in program.constants
    }
    given["y"] = np.abs(given["y"]) / np.abs(given["y"]).sum()
    return derivation, {k: np.asarray(v, dtype=float) for k, v in evaluate(program, given, sizes).items()}


def functions(program: Program) -> dict:
    """Every scalar function of a program and its derivative, as functions of arrays."""

    def made(f, order: int):
        s = Statement(Tensor("out"), (), f.at(Tensor("arg").symbol, order))
        one = Program((Tensor("arg"),), (s,))
        return np.vectorize(lambda v: float(evaluate(one, {"arg": v})["out"]))

    return {f.name + "'" * k: made(f, k) for f in program.functions for k in (0, 1)}


def shown(writer: Writer, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every tensor as it is displayed: a column, a row, or a matrix."""
    result = {}
    for name, t in writer.symbols.tensors.items():
        if len(t.axes) <= 2:
            places = writer.symbols.orient(t)
            order = [p for p in places if p is not None]
            shape = [1 if p is None else values[name].shape[p] for p in places]
            result[name] = np.transpose(values[name], order).reshape(shape)
    return result


@pytest.mark.parametrize("convention", ["iitm", "credit"])
def test_matrix_equations(case: tuple[Derivation, dict[str, np.ndarray]], convention: str) -> None:
    derivation, values = case
    writer = Writer(derivation, NOTATIONS[convention])
    displayed = shown(writer, values)
    sizes = {a.name: n for a, n in derivation.map.sizes.items()}
    calls = {**functions(derivation.program), "xlogy": lambda x, y: x * np.log(y)}
    read = 0
    for s in derivation.program:
        m = writer.reading(s)
        if readable(m):
            read += 1
            np.testing.assert_allclose(
                evaluate_matrix(m, displayed, calls, sizes), displayed[s.target.name], rtol=1e-10
            )
    assert read >= 6


def number(expr: sympy.Expr, derivation: Derivation, values: dict[str, np.ndarray]) -> float:
    """The value of a scalar expression whose elements have numbers for indices."""
    for a in sorted(expr.atoms(Apply), key=sympy.count_ops):
        f = derivation.program.function[a.name]
        expr = expr.xreplace({a: f.at(a.arg, a.order)})
    at = {e: sympy.Float(values[name_of(e)][tuple(int(i) for i in indices_of(e))], 17) for e in elements_of(expr)}
    names = {e: Tensor(f"v{k}").symbol for k, e in enumerate(at)}
    s = Statement(Tensor("out"), (), expr.xreplace(names))
    given = {n.name: float(at[e]) for e, n in names.items()}
    return float(evaluate(Program(tuple(Tensor(n) for n in given), (s,)), given)["out"])


def test_scalar_equations(case: tuple[Derivation, dict[str, np.ndarray]]) -> None:
    derivation, values = case
    sizes = derivation.map.sizes
    for s in derivation.program:
        body = expanded(s.body, sizes)
        for at in [*index_values(s.target.axes, sizes)][:3]:
            here = tuple(int(k) for k in at)
            assert number(placed(body, s.indices, at, sizes), derivation, values) == pytest.approx(
                values[s.target.name][here], rel=1e-10
            )


@pytest.mark.parametrize("convention", ["iitm", "credit"])
def test_matrix_entries(case: tuple[Derivation, dict[str, np.ndarray]], convention: str) -> None:
    derivation, values = case
    writer = Writer(derivation, NOTATIONS[convention])
    displayed, sizes = shown(writer, values), derivation.map.sizes
    for s in derivation.backward.statements:
        m = writer.reading(s)
        if readable(m):
            r, c = (n - 1 for n in displayed[s.target.name].shape)
            e = entry(m, r, c, writer.symbols.tensors, writer.symbols.orient, sizes)
            assert number(e, derivation, values) == pytest.approx(displayed[s.target.name][r, c], rel=1e-10)


def test_textbook_forms_are_the_functions() -> None:
    for name, at in (("sigmoid", lambda z: 1 / (1 + math.exp(-z))), ("softplus", lambda z: math.log1p(math.exp(z)))):
        f = (
            Network.parse(f"1-1:{name}").scalar_functions.get(name)
            or derive(Network.parse(f"1-1:{name}")).program.function[name]
        )
        form = explicit(f.definition)
        assert form is not None
        for z in (-1.3, 0.0, 2.1):
            assert float(form.xreplace({Z: sympy.Float(z)})) == pytest.approx(at(z), rel=1e-12)


def test_lecture_c_forward_numbers() -> None:
    derivation = derive(Network.parse("1-2:sigmoid-1:sigmoid", loss="sse"))
    given = {
        "x": [0.5], "W1": [[0.7], [0.9]], "b1": [1.0, 0.8], "W2": [[0.7, 0.9]], "b2": [1.0], "y": [1.0],
    }  # fmt: skip
    values = evaluate(derivation.program, given, derivation.map.sizes)
    np.testing.assert_allclose(np.asarray(values["a1"], float), [0.7941, 0.7773], atol=5e-5)
    np.testing.assert_allclose(np.asarray(values["yhat"], float), [0.9051], atol=5e-5)
