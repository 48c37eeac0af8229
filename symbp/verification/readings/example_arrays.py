"""Formulas of one example's columns as formulas of the batch's arrays, which hold a column for each example."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from symbp.errors import InputError
from symbp.formula import words
from symbp.formula.latex.parse import at
from symbp.formula.latex.symbols import substituted
from symbp.formula.syntax import (
    Binary,
    Call,
    Compare,
    Name,
    Negate,
    Node,
    Number,
    Sym,
    Transpose,
    children,
    nodes,
    with_children,
)
from symbp.notation import Notation

Kind = Literal["free", "column", "row", "outer", "total"]


def is_sum(node: Node, letter: str) -> bool:
    """Whether a formula is a sum over a letter."""
    return isinstance(node, Call) and node.name == "sum" and Name(letter) in node.args[1:]


def kind_of(node: Node) -> Kind:
    """What a formula of one example is; "free" where that is not read."""
    try:
        return _array(node)[1]
    except InputError:
        return "free"


def plain(node: Node) -> Node:
    """The formula without the numbers of examples."""
    return substituted(node, lambda s: replace(s, example=""))


def summed(notation: Notation, node: Node, letter: str) -> Node:
    """A formula with every sum over the examples as one of arrays."""
    if not is_sum(node, letter):
        if isinstance(node, Sym) and node.example:
            raise InputError(f"nothing sums over {letter} here", place=at(node.span.start), allowed=rf"\sum_{letter}")
        return with_children(node, tuple(summed(notation, c, letter) for c in children(node)))
    assert isinstance(node, Call)
    if len(node.args) > 2:
        raise InputError("a sum over the examples and over units", place=at(node.span.start), allowed=r"\sum_i \sum_j")
    body, kind = _array(node.args[0])
    if kind == "free":
        raise InputError(f"{letter} counts nothing here", place=at(node.span.start), allowed=rf"x^{{({letter})}}")
    if kind == "row":
        raise InputError("a sum of rows", place=at(node.span.start), allowed="columns, or columns times rows")
    if kind == "column":
        return Call("sum", (body,), axis=1, keepdims=True, span=node.span)
    return replace(body, span=node.span) if kind == "outer" else body


def _array(node: Node) -> tuple[Node, Kind]:
    """A formula of one example as one of the batch's arrays, and what it is for one example."""
    refused = InputError("a formula of single examples that is not read", place=at(node.span.start),
                         allowed=r"columns u^{(i)}, products u^{(i)} v^{(i)T}, squares \|u^{(i)}\|^2")  # fmt: skip
    match node:
        case Sym():
            return replace(node, example=""), "column" if node.example else "free"
        case Transpose():
            inner, kind = _array(node.arg)
            if kind in ("column", "row"):
                return Transpose(inner, span=node.span), "row" if kind == "column" else "column"
            if kind == "free":
                return node, "free"
            raise refused
        case Negate():
            inner, kind = _array(node.arg)
            return Negate(inner, span=node.span), kind
        case Binary(op="juxt" | "cdot" | "outer"):
            return _product(node, refused)
        case Binary() | Compare():
            return _element_by_element(node, refused)
        case Call() if node.name == "sum" and len(node.args) == 1 and node.axis is None:
            inner, kind = _array(node.args[0])
            if kind not in ("free", "column", "row"):
                raise refused
            return replace(node, args=(inner,)), "total" if kind != "free" else "free"
        case Call(name=words.OWN):
            inner, kind = _array(node.args[0])
            return replace(node, args=(inner,)), kind
        case Call():
            return _function(node, refused)
    if any(isinstance(n, Sym) and n.example for n in nodes(node)):
        raise refused
    return node, "free"


def _element_by_element(node: Binary | Compare, refused: InputError) -> tuple[Node, Kind]:
    """Two operands of one kind; numbers go with every kind but matrices."""
    (left, a), (right, b) = _array(node.left), _array(node.right)
    kinds = {a, b} - {"free"}
    if len(kinds) > 1 or "total" in kinds or (node.op == "/" and b != "free"):
        raise refused
    if "outer" in kinds and (node.op not in "+-" or "free" in (a, b)):
        raise refused
    return with_children(node, (left, right)), next(iter(kinds), "free")


def _function(node: Call, refused: InputError) -> tuple[Node, Kind]:
    """A function of each element of columns."""
    parts = [_array(a) for a in node.args]
    kinds = {kind for _, kind in parts} - {"free"}
    if not kinds:
        return node, "free"
    if kinds != {"column"} or node.axis is not None or node.name in ("sqrt", "diag", "trace", "norm", "mean", "sum"):
        raise refused
    return replace(node, args=tuple(part for part, _ in parts)), "column"


def _product(node: Binary, refused: InputError) -> tuple[Node, Kind]:
    """Two factors side by side: a column and a row make a matrix, a row and a column a number, two columns are multiplied
    element by element where one of them has one."""
    (left, a), (right, b) = _array(node.left), _array(node.right)
    made = replace(node, left=left, right=right)
    match a, b:
        case "free", _:
            return made, b
        case "column", "row":
            return replace(made, op="@"), "outer"
        case "row", "column":
            inner = left.arg if isinstance(left, Transpose) else Transpose(left)
            return Call("sum", (Binary("*", inner, right, span=node.span),), span=node.span), "total"
        case "column", "column":
            if node.op == "outer" and isinstance(right, Sym):
                return Binary("@", left, Transpose(right), span=node.span), "outer"
            return Binary("*", left, right, span=node.span), "column"
        case (("column" | "outer" | "total" | "row"), "free") if isinstance(right, Number):
            return made, a
    raise refused
