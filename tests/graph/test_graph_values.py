"""Gradients node by node against two oracles that know nothing of the sweep: dual numbers, and central differences."""

from __future__ import annotations

from fractions import Fraction

import pytest
from dual import Dual

from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.numbers import EXACT, HIGH
from symbp.calculus.program import check
from symbp.graph.model import Graph, read_graph, rule
from symbp.graph.number import number_text, read_number
from symbp.graph.values import Numbers, read_values, work_out

EXACT_CASES = [
    ("v = x*y; u = w + v; f = u*z", "w=5,x=3,y=2,z=4"),
    ("f = (a + b)*(a - b)/(a*b) - -2", "a=3/7,b=-1.25"),
    ("f = x*x*x + x", "x=-1.7"),
    ("f = max(x, y)*min(x, z) - abs(y - 4)", "x=2.5,y=3,z=-1"),
    ("f = max(x, y)", "x=2,y=2"),
    ("f = max(0, x)**3 + 1/(x**2 + 2)", "x=1/3"),
    ("f = where(x > y, x*y, x - y) + step(x)*y", "x=1/3,y=0.2"),
    ("s = x; f = s + s*2; q = 7; g = f*q", "x=0.25"),
    ("q = y*2; f = x - x + 3*x", "x=4,y=1"),
    ("f = floor(x)*x + (x <= 3)*x", "x=2.5"),
]
REAL_CASES = [
    ("f = sigmoid(w0*x0 + w1*x1 + w2)", "w0=2,x0=-1,w1=-3,x1=-2,w2=-3"),
    ("f = x*exp(-x**2/2)/(1 + exp(-b*x))", "x=0.7,b=1.5"),
    ("f = x**y", "x=1.5,y=2.3"),
    ("f = log(x)*sqrt(x) + atan(x) - sinh(y)/cosh(x)", "x=1.3,y=-0.4"),
    ("f = softplus(tanh(x)*y) + normal_cdf(x - y) + sin(x)*cos(y)", "x=0.3,y=1.9"),
    ("f = xlogy(x, y) + 2*pi*x**(1/3)", "x=0.6,y=2.5"),
]


def gradients(text: str, at: str) -> tuple[Graph, dict[str, Fraction], Numbers]:
    graph = read_graph(text)
    given = read_values(at, graph)
    return graph, {k: read_number(v, k) for k, v in given.items()}, work_out(graph, given)


@pytest.mark.parametrize(("text", "at"), EXACT_CASES)
def test_exact_gradients_equal_dual_numbers(text: str, at: str) -> None:
    graph, point, n = gradients(text, at)
    check(graph.backward.program)
    dual = Dual(EXACT)
    for name in graph.inputs:
        moving = {k: dual.variable(v, int(k == name)) for k, v in point.items()}
        result = evaluate(graph.backward.forward, moving, {}, dual)[graph.output][()]
        assert n.values[graph.output] == result.value
        assert n.gradients[name] == result.slope


@pytest.mark.parametrize(("text", "at"), EXACT_CASES + REAL_CASES)
def test_every_node_is_the_sum_of_its_paths(text: str, at: str) -> None:
    graph, _, n = gradients(text, at)
    for name in graph.nodes:
        if name != graph.output:
            total = sum((n.contribution[e] for e in graph.paths(name)), start=Fraction(0))
            assert abs(total - n.gradients[name]) <= 1e-40


@pytest.mark.parametrize(("text", "at"), REAL_CASES)
def test_gradients_equal_central_differences(text: str, at: str) -> None:
    graph, point, n = gradients(text, at)
    h = Fraction(1, 10**12)  # with fifty digits, the error of the difference is near 1e-24
    for name in graph.inputs:
        ends = [{**point, name: point[name] + sign * h} for sign in (1, -1)]
        up, down = (evaluate(graph.backward.forward, end, {}, HIGH)[graph.output][()] for end in ends)
        slope = (up - down) / (2 * HIGH.number(h))
        assert abs(slope - n.gradients[name]) <= 1e-18 * (1 + abs(slope))


@pytest.mark.parametrize(("text", "at"), EXACT_CASES + REAL_CASES)
def test_small_step_is_near_the_gradient(text: str, at: str) -> None:
    _, _, n = gradients(text, at)
    for s in n.steps:
        if text != "f = max(x, y)":  # at a tie the step from the right is the other branch's
            assert abs(float(s.quotient) - float(n.gradients[s.name])) < 0.02


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("f = x*y", "product: swaps the factors"),
        ("f = x + y", "sum: copies"),
        ("f = x - y", "difference: copies, with the sign"),
        ("f = 3*x", "product: scales by 3"),
        ("f = max(x, y)", "max: routes to the larger"),
        ("f = min(x, y)", "min: routes to the smaller"),
        ("f = step(x)", "step: stops the gradient"),
        ("f = x > y", "comparison: stops the gradient"),
        ("f = tanh(x)", "tanh: times its derivative"),
        ("f = x", "copies"),
    ],
)
def test_gate_rules(text: str, words: str) -> None:
    graph = read_graph(text)
    assert rule(graph, graph.gates[-1]) == words


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (Fraction(44), False, "44"),
        (Fraction("44.004"), True, "44.004"),
        (Fraction(1, 3), False, "1/3"),
        (Fraction(1, 3), True, "0.333333"),
        (Fraction(-1, 8), True, "-0.125"),
        (Fraction(10**6), True, "1000000"),
        (Fraction(10**30), False, "1e30"),
        (Fraction(123456789, 987654321), False, "0.125"),
        (Fraction(10**9 + 7, 10**9 + 9), False, "1"),
        (Fraction(1, 10**9), True, "0.000000001"),
        (HIGH.number(Fraction(1, 7)), False, "0.142857"),
        (HIGH.number(3), False, "3"),
        (HIGH.number(Fraction(1, 10**9)), False, "1e-9"),
    ],
)
def test_numbers_are_written_as_a_lecturer_writes_them(value: object, decimals: bool, text: str) -> None:
    assert number_text(value, decimals) == text


def test_a_decimal_in_the_question_gives_decimals_in_the_answer() -> None:
    graph = read_graph("f = x/y")
    assert work_out(graph, {"x": "1", "y": "4"}).text(Fraction(1, 4)) == "1/4"
    assert work_out(graph, {"x": "1.0", "y": "4"}).text(Fraction(1, 4)) == "0.25"
