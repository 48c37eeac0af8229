"""The straight-line code runs, and computes what the graph says."""

from __future__ import annotations

import math

import pytest

from symbp.graph.model import read_graph
from symbp.graph.python import python_code
from symbp.graph.values import read_values, work_out

CASES = [
    ("v = x*y; u = w + v; f = u*z", "w=5,x=3,y=2,z=4"),
    ("f = max(x, y)*min(x, z) - abs(y - 4)", "x=2.5,y=3,z=-1"),
    ("f = sigmoid(x)*softplus(y) + normal_cdf(x) - sign(y)*ln(x)", "x=0.7,y=-1.2"),
    ("f = where(x > y, x^2, y) + step(x) + floor(y)*x + (x >= 0.5)*y", "x=0.9,y=0.4"),
    ("f = xlogy(x, y) + exp(1)*x + pi*y**(1/3) + sqrt(x)/tanh(y)", "x=0.6,y=2.5"),
    ("q = y; f = x*x + 007*x", "x=03,y=1/03"),
    ("f = sin(x)*cos(y) + atan(x)/cosh(y) - sinh(x)*x**y", "x=1.1,y=0.4"),
]


def executed(code: str, names: dict[str, float]) -> dict[str, float]:
    exec(compile(code, "graph.py", "exec"), names)  # code that symbp generated, in a test
    return names


@pytest.mark.parametrize(("text", "at"), CASES)
def test_code_computes_every_value_and_gradient(text: str, at: str, capsys: pytest.CaptureFixture[str]) -> None:
    graph = read_graph(text)
    given = read_values(at, graph)
    n = work_out(graph, given)
    names = executed(python_code(graph, given), {})
    for node in graph.nodes:
        assert math.isclose(names[node], float(n.values[node]), rel_tol=1e-12, abs_tol=1e-12)
        gradient = names[f"d{graph.output}_d{node}"]
        assert math.isclose(gradient, float(n.gradients[node]), rel_tol=1e-12, abs_tol=1e-12)
    assert capsys.readouterr().out.startswith(f"{graph.output} = ")


def test_without_values_the_inputs_are_left_open(capsys: pytest.CaptureFixture[str]) -> None:
    names = executed(python_code(read_graph("m = max(x, y); f = m*z")), {"x": 2.0, "y": 3.0, "z": 5.0})
    assert (names["f"], names["df_dx"], names["df_dy"], names["df_dz"]) == (15, 0, 5, 3)
    names = executed(python_code(read_graph("m = max(x, y); f = m*z")), {"x": 4.0, "y": 3.0, "z": 5.0})
    assert (names["df_dx"], names["df_dy"], names["df_dz"]) == (5, 0, 4)
    assert capsys.readouterr().out


def test_columns_hold_the_same_lines_as_the_code() -> None:
    code = python_code(read_graph("v = x*y; u = w + v; f = u*z"))
    comments = [line[2:] for line in code.splitlines() if line.startswith("# ")]
    table = comments[
        comments.index("-------      --------") + 1 : comments.index("inputs: x, y, w, z (give them numbers first)")
    ]
    left, right = ([line[a:b].strip() for line in table] for a, b in ((0, 13), (13, None)))
    for column in (left, right):
        lines = [line for line in column if line]
        assert "\n".join(lines) in code.split("# inputs")[1]


def test_same_text_gives_the_same_bytes() -> None:
    text = "f = tanh(a*x + b)*max(x, c)"
    assert python_code(read_graph(text)) == python_code(read_graph(text))
