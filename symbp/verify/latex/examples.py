r"""Examples of a batch by their number, ``\frac{1}{m} \sum_{i=1}^{m} \delta^{(1)(i)} x^{(i)T}``, as arrays that hold all of them.

A formula of one example's columns is one of the batch's arrays, a column for each example: a sum of columns is one along the
rows, and a sum of columns times rows is the product of the arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from symbp.errors import InputError
from symbp.verify.language.syntax import (
    Binary,
    Call,
    Name,
    Negate,
    Node,
    Number,
    Transpose,
    children,
    nodes,
    with_children,
)
from symbp.verify.language.words import OWN
from symbp.verify.latex.context import substituted, symbols
from symbp.verify.latex.names import Vocabulary
from symbp.verify.latex.notations import Notation
from symbp.verify.latex.parse import at
from symbp.verify.latex.reading import Benches
from symbp.verify.latex.symbols import Sym

Kind = Literal["free", "column", "row", "outer", "total"]
_EACH = ("z", "a", "delta", "e", "x", "y", "yhat")  # what there is for every example


@dataclass(frozen=True)
class OverExamples:
    """The sides of a claim without the letter of the example; `letter` is that letter, empty where there is none, and `batch`
    says whether the claim is about all examples, `each` whether it is about each of them."""

    left: Node
    right: Node
    letter: str = ""
    batch: bool = False
    each: bool = False


def over_examples(notation: Notation, left: Node, right: Node) -> OverExamples:
    """The claim as one about whole arrays of a batch, or about one example where nothing sums over them.

    Raises
    ------
    InputError : letters of more than one example, or a formula of examples that is no column, no row and no product of them
    """
    left, right = _below(notation, *(_over_inputs(notation, side) for side in (left, right)))
    syms = [*symbols(left), *symbols(right)]
    letters = sorted({s.example for s in syms} - {""})
    if not letters:
        return OverExamples(left, right)
    if len(letters) > 1:
        raise InputError("examples by more than one letter", place=at(0), allowed="(i) everywhere")
    (letter,) = letters
    other = [
        s for s in syms if s.example and not _of_each(notation, s) and not s.gradient and s.base not in notation.loss
    ]
    if other:
        sym = other[0]
        raise InputError(f"{sym.base} of one example", place=at(sym.span.start), allowed="a layer: a number, l, k or L")
    sums = [n for n in nodes(left, right) if _is_sum(n, letter)]
    elements = any(s.subs for s in syms if _of_each(notation, s) or notation.families.get(s.base) == "W")
    own_loss = isinstance(left, Sym) and left.gradient and left.example and not _of_each(notation, left)
    if not sums and elements and not own_loss:
        return OverExamples(left, right, letter, True, True)
    alone = any(s.example for s in symbols(left)) or (isinstance(left, Sym) and left.base in notation.loss)
    if not sums and not alone and _kind(right) in ("outer", "total"):
        message = f"{letter} stands on the right side alone: is a sum missing, or is the loss that of one example?"
        raise InputError(message, place=at(right.span.start), allowed=rf"\sum_{letter}, J^{{({letter})}}")
    if not sums:  # where the left side has no letter for the example, a sum over the examples is missing
        return OverExamples(_plain(left), _plain(right), letter, not alone, alone and not own_loss)
    if any(s.example for s in symbols(left)):
        raise InputError(f"{letter} stands on the left and is summed over", place=at(left.span.start))
    if elements:
        return OverExamples(left, right, letter, True)  # elements: the example is one more index
    whole = isinstance(left, Sym) and left.base in notation.loss and not left.gradient
    return OverExamples(left, _summed(notation, right, letter, whole), letter, True)


def as_own(notation: Notation, over: OverExamples) -> Node:
    """The right side where derivatives of single examples are those of each example's own loss, and not of the mean."""

    def own(sym: Sym) -> Node:
        adjoint = sym.gradient or notation.families.get(sym.base) in ("delta", "e")
        node: Any = sym
        return Call(OWN, (node,), span=sym.span) if adjoint and _of_each(notation, sym) else node

    right = substituted(over.right, own)
    left: Any = over.left
    if not over.each or not isinstance(left, Sym) or not isinstance(own(left), Call):
        return right
    return Binary("/", right, Sym("N"), span=right.span)  # type: ignore[arg-type]


def counted(vocabulary: Vocabulary, bench_of: Benches, left: Node, right: Node) -> tuple[Node, Node, str]:
    """The sides with N for the number of examples by its usual letter, where that has no other meaning; and that letter."""
    letters = {"m", "M"} | ({"n"} if vocabulary.notation.name == "nielsen" else set())
    taken = bench_of(False).definitions
    free = {c for c in letters if not vocabulary.plain(Sym(c)) and c not in (*vocabulary.setting.lengths, *taken)}

    def put(sym: Sym) -> Node:
        return replace(sym, base="N") if sym.base in free and sym == Sym(sym.base) else sym  # type: ignore[return-value]

    found = [s.base for s in symbols(right) if s.base in free and s == Sym(s.base)]
    return (left if isinstance(left, Sym) else substituted(left, put)), substituted(right, put), (found or ["N"])[0]


def _below(notation: Notation, left: Node, right: Node) -> tuple[Node, Node]:
    r"""The sides with the letters of examples that stand below whole vectors, ``\sum_n \delta_n x_n^T``, where the left side is a
    whole array."""
    if (
        not isinstance(left, Sym)
        or left.subs
        or (left.base in notation.loss and not left.gradient)
        or notation.patterns
    ):
        return left, right
    if not left.gradient and notation.families.get(left.base) not in ("W", "b"):
        return left, right
    for node in nodes(right):
        if (
            not isinstance(node, Call)
            or node.name != "sum"
            or len(node.args) != 2
            or not isinstance(node.args[1], Name)
        ):
            continue
        letter = node.args[1].name
        own = [s for s in symbols(right) if letter in s.subs]
        if own and all(s.subs == (letter,) and _of_each(notation, s) and not s.example for s in own):

            def moved(sym: Sym, letter: str = letter) -> Node:
                return replace(sym, subs=(), below=None, example=letter) if sym.subs == (letter,) else sym  # type: ignore[return-value]

            right = substituted(right, moved)
    return left, right


def _over_inputs(notation: Notation, node: Node) -> Node:
    r"""A formula with sums over the inputs, ``\sum_x \|y - a^L\|^2``, in which everything is that of the input."""
    node = with_children(node, tuple(_over_inputs(notation, c) for c in children(node)))
    if not _is_sum(node, "x") or any("x" in s.subs for s in symbols(node)):
        return node

    def of_input(sym: Sym) -> Node:
        return replace(sym, example="x") if _of_each(notation, sym) else sym  # type: ignore[return-value]

    return substituted(node, of_input)


def _kind(node: Node) -> Kind:
    """What a formula of one example is; "free" where that is not read."""
    try:
        return _array(node)[1]
    except InputError:
        return "free"


def _of_each(notation: Notation, sym: Sym) -> bool:
    return notation.families.get(sym.base, notation.fixed.get(sym.base, "")) in _EACH


def _is_sum(node: Node, letter: str) -> bool:
    return isinstance(node, Call) and node.name == "sum" and Name(letter) in node.args[1:]


def _plain(node: Node) -> Node:
    return substituted(node, lambda s: replace(s, example=""))  # type: ignore[arg-type,return-value]


def _summed(notation: Notation, node: Node, letter: str, whole: bool) -> Node:
    """A formula with every sum over the examples as one of arrays; `whole` says that a number is wanted."""
    if not _is_sum(node, letter):
        if isinstance(node, Sym) and node.example:
            raise InputError(f"nothing sums over {letter} here", place=at(node.span.start), allowed=rf"\sum_{letter}")
        return with_children(node, tuple(_summed(notation, c, letter, whole) for c in children(node)))
    assert isinstance(node, Call)
    if len(node.args) > 2:
        raise InputError("a sum over the examples and over units", place=at(node.span.start), allowed=r"\sum_i \sum_j")
    body, kind = _array(node.args[0])
    if kind == "free":
        raise InputError(f"{letter} counts nothing here", place=at(node.span.start), allowed=rf"x^{{({letter})}}")
    if kind == "row":
        raise InputError("a sum of rows", place=at(node.span.start), allowed="columns, or columns times rows")
    if kind == "column":
        return Call("sum", (body,), axis=None if whole else 1, keepdims=not whole, span=node.span)
    return replace(body, span=node.span) if kind == "outer" else body


def _array(node: Node) -> tuple[Node, Kind]:
    """A formula of one example as one of the batch's arrays, and what it is for one example."""
    refused = InputError("a formula of single examples that is not read", place=at(node.span.start),
                         allowed=r"columns u^{(i)}, products u^{(i)} v^{(i)T}, squares \|u^{(i)}\|^2")  # fmt: skip
    match node:
        case Sym():
            sym: Any = node
            return replace(sym, example=""), "column" if sym.example else "free"
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
        case Binary():
            (left, a), (right, b) = _array(node.left), _array(node.right)
            kinds = {a, b} - {"free"}
            if len(kinds) > 1 or "total" in kinds or (node.op not in "+-*" and b != "free"):
                raise refused
            if "outer" in kinds and (node.op not in "+-" or "free" in (a, b)):
                raise refused
            return replace(node, left=left, right=right), next(iter(kinds), "free")
        case Call() if node.name == "sum" and len(node.args) == 1 and node.axis is None:
            inner, kind = _array(node.args[0])
            if kind not in ("free", "column", "row"):
                raise refused
            return replace(node, args=(inner,)), "total" if kind != "free" else "free"
        case Call():
            parts = [_array(a) for a in node.args]
            kinds = {kind for _, kind in parts} - {"free"}
            if not kinds:
                return node, "free"
            if (
                kinds != {"column"}
                or node.axis is not None
                or node.name in ("sqrt", "diag", "trace", "norm", "mean", "sum")
            ):
                raise refused
            return replace(node, args=tuple(part for part, _ in parts)), "column"
    if any(isinstance(n, Sym) and n.example for n in nodes(node)):
        raise refused
    return node, "free"


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
