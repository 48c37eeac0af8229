"""The lectures' equations as they stand on their slides, out of the derivation, and that the page is the derivation's."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from symbp.network import Network
from symbp.network.derivation import Derivation
from symbp.notes import equation_latex, render
from symbp.notes.formats.latex import latex_page
from symbp.notes.formats.markdown import markdown_page
from symbp.notes.formats.text import text_page
from symbp.notes.page import page_of
from symbp.shown import derive


def squeezed(latex: str) -> str:
    latex = latex.replace("\\\\*", "\\\\")  # lines that stay on one page
    return re.sub(
        r"\s+|\\,", "", re.sub(r"\\parbox\[t\]\{0.4\\linewidth\}\{\\raggedright\\small.*?\}(?= *(\\\\|\n))", "", latex)
    )


def has(page: str, *formulas: str) -> None:
    for formula in formulas:
        assert squeezed(formula) in squeezed(page) or formula in page, formula


@pytest.fixture(scope="module")
def two() -> Derivation:
    """Lecture A: 2-2-2 without biases."""
    return derive(Network.parse("2-2:sigmoid-2:sigmoid", loss="sse", bias=False))


@pytest.fixture(scope="module")
def credit() -> Derivation:
    """Lecture E: 3-2-1 with tanh."""
    return derive(Network.parse("3-2:tanh-1", loss="squared_error", bias=False))


def test_lecture_a_algorithm(two: Derivation) -> None:
    page = render(two, fragment=True)
    has(
        page,
        r"z^{(1)} &= W^{(1)} x", r"a^{(1)} &= g(z^{(1)})", r"z^{(2)} &= W^{(2)} a^{(1)}", r"\hat{y} &= g(z^{(2)})",
        r"J &= \frac{1}{2} \sum_{i=1}^{2} (\hat{y}_{i} - y_{i})^{2} = \frac{1}{2} (\hat{y} - y)^{\top} (\hat{y} - y)",
        r"e^{(2)} &= \hat{y} - y", r"\delta^{(2)} &= g'(z^{(2)}) \odot e^{(2)}",
        r"e^{(1)} &= W^{(2)\top} \delta^{(2)}", r"\delta^{(1)} &= g'(z^{(1)}) \odot e^{(1)}",
        r"\frac{\partial J}{\partial W^{(2)}} &= \delta^{(2)} a^{(1)\top}",
        r"\frac{\partial J}{\partial W^{(1)}} &= \delta^{(1)} x^{\top}",
        r"g'(z) &= \frac{e^{-z}}{(1 + e^{-z})^{2}} \\ &= a (1 - a)",
        r"W^{(1)} &\leftarrow W^{(1)} - \eta \frac{\partial J}{\partial W^{(1)}}",
    )  # fmt: skip
    order = [page.index(x) for x in (r"e^{(2)} &", r"\delta^{(2)} &", r"e^{(1)} &", r"\delta^{(1)} &")]
    assert order == sorted(order)


def test_lecture_a_element_by_element(two: Derivation) -> None:
    has(
        render(two, detail="elements", fragment=True),
        r"z^{(1)}_{1} &= w^{(1)}_{11} x_{1} + w^{(1)}_{12} x_{2}",
        r"e^{(2)}_{1} &= \frac{\partial J}{\partial \hat{y}_{1}} = \hat{y}_{1} - y_{1}",
        r"= g'(z^{(2)}_{1}) e^{(2)}_{1}",
        r"= w^{(2)}_{11} \delta^{(2)}_{1} + w^{(2)}_{21} \delta^{(2)}_{2}", "two paths add",
        r"\frac{\partial J}{\partial z^{(2)}_{1}} \frac{\partial z^{(2)}_{1}}{\partial a^{(1)}_{1}} +"
        r"\frac{\partial J}{\partial z^{(2)}_{2}} \frac{\partial z^{(2)}_{2}}{\partial a^{(1)}_{1}}",
        r"\frac{\partial J}{\partial w^{(2)}_{12}} &= \frac{\partial J}{\partial z^{(2)}_{1}}"
        r"\frac{\partial z^{(2)}_{1}}{\partial w^{(2)}_{12}} = \delta^{(2)}_{1} a^{(1)}_{2}",
        r"\begin{pmatrix} e^{(1)}_{1} \\[2pt] e^{(1)}_{2} \end{pmatrix} &= \begin{pmatrix} w^{(2)}_{11} & w^{(2)}_{21} \\[2pt]"
        r" w^{(2)}_{12} & w^{(2)}_{22} \end{pmatrix} \begin{pmatrix} \delta^{(2)}_{1} \\[2pt] \delta^{(2)}_{2} \end{pmatrix}",
        r"\begin{pmatrix} g'(z^{(2)}_{1}) \\[2pt] g'(z^{(2)}_{2}) \end{pmatrix} \odot"
        r"\begin{pmatrix} e^{(2)}_{1} \\[2pt] e^{(2)}_{2} \end{pmatrix}",
    )  # fmt: skip


def test_lecture_a_steps(two: Derivation) -> None:
    has(
        render(two, detail="steps", fragment=True),
        r"e^{(1)}_{i} = \frac{\partial J}{\partial a^{(1)}_{i}} &= \sum_{j} \frac{\partial J}{\partial z^{(2)}_{j}}"
        r"\frac{\partial z^{(2)}_{j}}{\partial a^{(1)}_{i}}",
        r"= \sum_{j} w^{(2)}_{ji} \delta^{(2)}_{j}",
        r"\underbrace{W^{(2)\top}}_{2 \times 2} \underbrace{\delta^{(2)}}_{2 \times 1}",
        r"\underbrace{g'(z^{(2)})}_{2 \times 1} \odot \underbrace{e^{(2)}}_{2 \times 1}",
    )


@pytest.mark.parametrize(
    ("network", "loss"),
    [("2-1:linear", "sse"), ("2-1:sigmoid", "binary_cross_entropy"), ("2-3:softmax", "cross_entropy")],
)
def test_lecture_c_canonical_pairs(network: str, loss: str) -> None:
    derivation = derive(Network.parse(network, loss=loss))
    assert derivation["delta1"].latex() == r"\delta^{(1)} = \hat{y} - y"
    assert derivation["dJ/dW1"].latex() == r"\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)} x^{\top}"
    page = render(derivation, fragment=True)
    has(page, "put in")
    if loss == "cross_entropy":
        has(page, r"J &= -\sum_{i=1}^{3} y_{i} \ln \hat{y}_{i}", "the targets of an example sum to one")
        has(page, r"\hat{y}_{i} &= \frac{e^{z^{(1)}_{i}}}{\sum_{j} e^{z^{(1)}_{j}}}")


def test_lecture_e_names(credit: Derivation) -> None:
    page = render(credit, convention="credit", fragment=True)
    has(
        page,
        r"a^{(1)} &= W^{(1)\top} x", r"z^{(1)} &= \tanh(a^{(1)})", r"a^{(2)} &= W^{(2)\top} z^{(1)}",
        r"\delta^{(2)} &= 2 (\hat{y} - y)",
        r"\delta^{(1)} &= \tanh'(a^{(1)}) \odot \frac{\partial L}{\partial z^{(1)}}",
        r"\frac{\partial L}{\partial W^{(1)}} &= x \delta^{(1)\top}", r"1 - \tanh^{2}(a)", r"1 - z^{2}",
        r"The $2$ in $\delta^{(2)}$ stands in front of every gradient and may go into $\eta$",
    )  # fmt: skip
    steps = render(credit, convention="credit", detail="steps", fragment=True)
    has(
        steps,
        r"a^{(1)}_{j} &= \sum_{i=1}^{3} w^{(1)}_{ij} x_{i}",
        r"\frac{\partial L}{\partial w^{(1)}_{ij}} &= \frac{\partial L}{\partial a^{(1)}_{j}}",
    )
    has(steps, r"\delta^{(1)}_{j} x_{i}")
    elements = render(credit, convention="credit", detail="elements", fragment=True)
    has(
        elements,
        r"\delta^{(1)}_{1} x_{1}",
        r"a^{(1)}_{1} &= w^{(1)}_{11} x_{1} + w^{(1)}_{21} x_{2} + w^{(1)}_{31} x_{3}",
    )


@pytest.mark.parametrize(
    ("detail", "name"),
    [*(("summary", n) for n in ("z1", "e1", "delta1", "dW2")), ("steps", "z1"), ("steps", "dW2"), ("elements", "e1")],
)
def test_the_page_is_the_derivations(two: Derivation, detail: str, name: str) -> None:
    s = two.program.definitions[name]
    program = two.program.with_statements(*(replace(t, body=-17 * t.body) if t is s else t for t in two.program))
    forward = two.forward.with_statements(*program.statements[: len(two.forward.statements)])
    other = replace(two, backward=replace(two.backward, program=program, forward=forward))
    page = page_of(other, detail=detail)
    for printer in (latex_page, markdown_page, text_page):
        assert "17" in printer(page, True)
    assert "17" in equation_latex(other, program.definitions[name])
    if detail == "summary":
        assert "17" in render(other, "json")


def test_functions_that_cannot_learn_stop_the_gradient() -> None:
    for name in ("step", "sign"):
        page = render(derive(Network.parse(f"2-2:{name}-1:linear")), "text")
        assert f"The gradient stops: {name} has the derivative 0 almost everywhere" in page
        assert "Zero are delta1" in page


def test_deep_networks_show_a_general_layer() -> None:
    page = render(derive(Network.parse("4-" + "-".join(["3:tanh"] * 8) + "-2:softmax")), fragment=True)
    has(
        page, r"z^{(k)} &= W^{(k)} a^{(k-1)} + b^{(k)}", r"e^{(k)} &= W^{(k+1)\top} \delta^{(k+1)}", r"k = 2, \ldots, 8"
    )
    has(page, r"z^{(1)} &= W^{(1)} x + b^{(1)}", r"z^{(9)} &= W^{(9)} a^{(8)} + b^{(9)}")
    assert "z^{(5)}" not in page.split("Forward pass")[1]


def test_a_batch_has_capitals() -> None:
    page = render(derive(Network.parse("4-3:tanh-2:softmax"), batch=True), fragment=True)
    has(page, r"Z^{(1)} &= W^{(1)} X + b^{(1)} \mathbf{1}^{\top}", r"\Delta^{(2)} &= \frac{1}{N} (\hat{Y} - Y)")
