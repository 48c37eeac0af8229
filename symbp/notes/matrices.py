r"""Matrix expressions on a page: indicators as \mathbf{1}[z > 0], and the names of the notation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from sympy import Symbol

from symbp.calculus.matrix.latex import MatrixNotation, matrix_latex
from symbp.calculus.matrix.nodes import (
    SCALAR,
    Map,
    Matrix,
    MatTensor,
    Number,
    Plus,
    Scale,
    is_negative,
    matrix_text,
    opposite,
)
from symbp.notes.blocks import Math
from symbp.notes.brackets import is_decimal, number_latex
from symbp.notes.lettering import spaced
from symbp.notes.symbols import Symbols

_LITERAL = "\0"  # in front of a name that is LaTeX already


def matrix_math(m: Matrix, symbols: Symbols, text_name: Callable[[str], str]) -> Math:
    """A matrix expression, printed."""
    notation = matrix_notation(symbols)
    if isinstance(m, MatTensor) and not m.transposed and not m.name.startswith(_LITERAL):
        return Math(symbols.whole(m.name), text_name(m.name))
    return Math(spaced(matrix_latex(_literal(m, notation, symbols), notation)), matrix_text(_renamed(m, text_name)))


def matrix_notation(symbols: Symbols) -> MatrixNotation:
    """How the matrix printer writes names in a notation."""

    def symbol(name: str) -> str:
        if name.startswith(_LITERAL):
            return name[1:]
        text = symbols.whole(name)
        return f"({text})" if text.startswith(r"\nabla") else text  # what follows is no part of it

    log = symbols.notation.log
    written = {"log": log, "log_softmax": rf"{log} \mathrm{{softmax}}"}

    def function(name: str) -> str:
        return written.get(name) or symbols.function(name)

    bracketed = symbols.notation.style != "{}"  # else a sign behind the number of a layer would look like a part of it
    n = symbols.notation
    return MatrixNotation(symbol, function, symbols.size, n.hadamard, transpose=n.transpose, merged=bracketed)


def literal_name(latex: str) -> str:
    """The name of a tensor that is printed as `latex`."""
    return _LITERAL + latex


def with_parts(m: Matrix, change: Callable[[Matrix], Matrix]) -> Matrix:
    """The expression with `change` applied to each of its direct parts."""
    new: dict[str, Any] = {}
    for f in fields(m):
        value = getattr(m, f.name)
        if isinstance(value, Matrix):
            new[f.name] = change(value)
        elif isinstance(value, tuple) and f.name != "shape":
            new[f.name] = tuple(change(v) if isinstance(v, Matrix) else v for v in value)
    return replace(m, **new) if new else m


def _renamed(m: Matrix, text_name: Callable[[str], str]) -> Matrix:
    if isinstance(m, MatTensor):
        return m if m.name.startswith(_LITERAL) else replace(m, name=text_name(m.name))
    if isinstance(m, Map) and m.name == "identity" and not m.order:
        return _renamed(m.args[0], text_name)
    return with_parts(m, lambda part: _renamed(part, text_name))


def _literal(m: Matrix, notation: MatrixNotation, symbols: Symbols) -> Matrix:
    """Indicators, absolute values and the functions of single layers replaced by what is printed for them."""

    def leaf(node: Matrix, latex: str) -> Matrix:
        return MatTensor(node.shape, _LITERAL + latex)

    def condition(arg: Matrix, sign: str) -> str:
        terms = arg.terms if isinstance(arg, Plus) else (arg,)
        sides = [[t for t in terms if not is_negative(t)], [opposite(t) for t in terms if is_negative(t)]]
        left, right = (" + ".join(matrix_latex(t, notation) for t in side) or "0" for side in sides)
        return rf"\mathbf{{1}}[{left} {sign} {right}]"

    def step_of(node: Matrix) -> Matrix | None:
        return node.args[0] if isinstance(node, Map) and node.name == "step" and not node.named else None

    def top(node: Matrix) -> Matrix:
        if isinstance(node, Plus) and len(node.terms) == 2:
            one, minus = node.terms
            if (
                isinstance(one, Number)
                and one.value == 1
                and isinstance(minus, Scale)
                and minus.scalars == (Number(SCALAR, -1),)
            ):
                arg = step_of(minus.body)
                if arg is not None:
                    return leaf(node, condition(walked(arg), r"\le"))
        arg = step_of(node)
        if arg is not None:
            return leaf(node, condition(walked(arg), ">"))
        if isinstance(node, Number) and is_decimal(node.value):
            shown = Symbol(f"{{{number_latex(abs(node.value))}}}", positive=True)
            return replace(node, value=-shown if node.value < 0 else shown)
        if isinstance(node, Map) and node.name == "abs":
            return leaf(node, rf"\left|{matrix_latex(walked(node.args[0]), notation)}\right|")
        if isinstance(node, Map) and node.name == "identity" and not node.order:
            return walked(node.args[0])
        if isinstance(node, Map) and node.named and isinstance(node.args[0], MatTensor):
            layer = symbols.number(node.args[0].name)
            own = symbols.of_layer(layer[1], node.order) if layer[0] == "z" and layer[1] is not None else ""
            if own and layer[1] in symbols.layers_of(node.name):
                return leaf(node, f"{own}({matrix_latex(node.args[0], notation)})")
        return node

    def walked(node: Matrix) -> Matrix:
        changed = top(node)
        return changed if changed is not node else with_parts(node, walked)

    return walked(m)
