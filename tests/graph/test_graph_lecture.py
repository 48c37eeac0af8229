"""Lecture B: f = (w + x*y)*z at w=5, x=3, y=2, z=4, with the numbers on its slides (one of them mended: 44.004)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from click.testing import CliRunner

from symbp.commands.graph import command
from symbp.graph.model import read_graph
from symbp.graph.number import number_text
from symbp.graph.values import read_values, work_out

NODES = "v = x*y; u = w + v; f = u*z"
AT = "w=5,x=3,y=2,z=4"


def invoke(*args: str) -> str:
    result = CliRunner().invoke(command, [*args], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_values_and_gradients_are_the_lectures() -> None:
    graph = read_graph(NODES)
    n = work_out(graph, read_values(AT, graph))
    assert n.values == {"x": 3, "y": 2, "w": 5, "z": 4, "v": 6, "u": 11, "f": 44}
    assert n.gradients == {"f": 1, "u": 4, "z": 11, "w": 4, "v": 4, "x": 8, "y": 12}
    assert all(isinstance(value, Fraction) for value in [*n.values.values(), *n.gradients.values()])


def test_small_step_in_w() -> None:
    graph = read_graph(NODES)
    steps = {s.name: s for s in work_out(graph, read_values(AT, graph)).steps}
    assert steps["w"].at == Fraction("5.001")
    assert number_text(steps["w"].moved, True) == "44.004"
    assert steps["w"].quotient == 4


def test_compound_expression_is_the_same_graph() -> None:
    graph = read_graph("f = (w + x*y)*z")
    assert [(g.name, g.expression) for g in graph.gates] == [("t1", "x*y"), ("t2", "w + t1"), ("f", "t2*z")]
    n = work_out(graph, read_values(AT, graph))
    assert [n.gradients[k] for k in ("t2", "z", "w", "t1", "x", "y")] == [4, 11, 4, 4, 8, 12]


def test_text_page() -> None:
    page = invoke(NODES, "--at", AT)
    for line in (
        "v     x*y             6         4  product: swaps the factors",
        "u     w + v          11         4  sum: copies",
        "df/dx = df/dv*y = 4*2 = 8",
        "df/dz = df/df*u = 1*11 = 11",
        "w = 5.001: f = 44.004, (44.004 - 44)/0.001 = 4; df/dw = 4",
    ):
        assert line in page


@pytest.mark.parametrize(("x", "y", "to_x", "to_y"), [("3", "2", "df/dm", "0"), ("2", "3", "0", "df/dm")])
def test_max_routes_to_the_larger_and_shows_both_cases(x: str, y: str, to_x: str, to_y: str) -> None:
    page = invoke("m = max(x, y); f = m*z", "--at", f"x={x},y={y},z=5")
    assert "where y > x: x receives 0, y receives df/dm" in page
    assert "where x >= y: x receives df/dm, y receives 0" in page
    here = next(line for line in page.splitlines() if line.endswith("<- here"))
    assert f"x receives {to_x}, y receives {to_y}" in here
    symbolic = invoke("m = max(x, y); f = m*z")
    assert "where y > x" in symbolic and "where x >= y" in symbolic and "<-" not in symbolic


def test_two_columns_of_code() -> None:
    code = invoke(NODES, "--at", AT, "--format", "python")
    assert "# v = x*y      df_df = 1" in code
    assert "\ndf_dv = df_du*1\n" in code
    assert "\ndf_dx = df_dv*y\n" in code


def test_paths_that_add_are_shown() -> None:
    page = invoke("s = x*x; f = s + 3*x", "--at", "x=5")
    assert "df/dx = df/ds*x + df/ds*x + df/dt1*3 = 1*5 + 1*5 + 1*3 = 5 + 5 + 3 = 13  (3 paths add)" in page
