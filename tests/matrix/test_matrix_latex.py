"""Matrix expressions as LaTeX."""

from __future__ import annotations

import re

import pytest
from matrix_programs import SOURCES, derived

from symbp.calculus.matrix.latex import MatrixNotation, matrix_latex
from symbp.calculus.matrix.read import Layout, orientation, read_matrix


def symbol(name: str) -> str:
    """Names as a lecturer writes them: dz2 is delta, a trailing number is the layer."""
    stem, layer = re.fullmatch(r"([A-Za-z]+?)(\d*)", name).groups()  # type: ignore[union-attr]
    greek = {"dz": r"\delta", "dyhat": "e", "da": "e", "yhat": r"\hat{y}", "gamma": r"\gamma"}
    stem = greek.get(stem, stem)
    return f"{stem}^{{({layer})}}" if layer else stem


SLIDES = MatrixNotation(symbol=symbol)
MERGED = MatrixNotation(symbol=symbol, hadamard=r"\circ", transpose=r"\top", merged=True)

GOLDEN = [
    (SLIDES, "dense", "columns", "z2", r"W^{(2)} a^{(1)} + b^{(2)}"),
    (SLIDES, "dense", "columns", "dz2", r"g'(z^{(2)}) \odot e"),
    (SLIDES, "dense", "columns", "da1", r"(W^{(2)})^{T} \delta^{(2)}"),
    (MERGED, "dense", "columns", "da1", r"W^{(2)\top} \delta^{(2)}"),
    (MERGED, "dense", "columns", "dz1", r"g'(z^{(1)}) \circ e^{(1)}"),
    (SLIDES, "dense", "columns", "dW2", r"\delta^{(2)} (a^{(1)})^{T}"),
    (SLIDES, "dense", "columns", "J", r"\frac{1}{2} (\hat{y} - y)^{T} (\hat{y} - y)"),
    (SLIDES, "dense batch", "columns", "dyhat", r"\frac{1}{N} (\hat{y} - y)"),
    (SLIDES, "dense batch", "columns", "db1", r"\delta^{(1)} \mathbf{1}"),
    (SLIDES, "dense batch", "columns", "dz1", r"e^{(1)} \odot (1 - a^{(1)} \odot a^{(1)})"),
    (SLIDES, "dense batch", "rows", "z1", r"x (W^{(1)})^{T} + \mathbf{1} b^{(1)}"),
    (SLIDES, "softmax", "columns", "dz", r"a \odot (e - (a^{T} e) \mathbf{1})"),
    (SLIDES, "softmax batch", "columns", "da", r"-\frac{1}{N} y \oslash a"),
    (SLIDES, "quadratic form", "columns", "dx", r"A x + A^{T} x"),
    (SLIDES, "trace", "columns", "J", r"\operatorname{tr}(A B C)"),
    (SLIDES, "bilinear", "columns", "J", r"u^{T} A (B v \odot w)"),
    (SLIDES, "residual", "columns", "h", r"\tanh(W x)"),
    (SLIDES, "residual", "columns", "dw", r"y \odot y"),
    (SLIDES, "layer norm", "rows", "mu", r"\frac{1}{N_{d}} x \mathbf{1}"),
]


@pytest.mark.parametrize(("notation", "name", "layout", "tensor", "latex"), GOLDEN)
def test_latex(notation: MatrixNotation, name: str, layout: Layout, tensor: str, latex: str) -> None:
    program = derived(name)
    m = read_matrix(program.definitions[tensor], orientation(layout), layout, program)
    assert m is not None and matrix_latex(m, notation) == latex


@pytest.mark.parametrize("name", SOURCES)
def test_latex_is_well_formed(name: str) -> None:
    for notation in (MatrixNotation(), SLIDES, MERGED):
        for s in derived(name):
            m = read_matrix(s, orientation("columns"), "columns", derived(name))
            if m is None:
                continue
            text = matrix_latex(m, notation)
            assert text.count("{") == text.count("}") and text.count("(") == text.count(")"), text
            assert not re.search(r"\^\{[^{}]*\}\^", text), f"two superscripts in a row: {text}"
