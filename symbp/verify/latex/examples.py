r"""Examples of a batch by their number, ``\frac{1}{m} \sum_{i=1}^{m} \delta^{(1)(i)} x^{(i)T}``, as arrays that hold all of them.

A formula of one example's columns is one of the batch's arrays, a column for each example: a sum of columns is one along the
rows, and a sum of columns times rows is the product of the arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from symbp.assemble import BATCH
from symbp.errors import InputError
from symbp.verify.diagnosis.edit import terms_of
from symbp.verify.language import words
from symbp.verify.language.syntax import (
    Binary,
    Call,
    Compare,
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
from symbp.verify.latex.sums import Limit
from symbp.verify.latex.symbols import Sym

Kind = Literal["free", "column", "row", "outer", "total"]
_EACH = ("z", "a", "delta", "e", "x", "y", "yhat")  # what there is for every example


@dataclass(frozen=True)
class OverExamples:
    """The sides of a claim without the letter of the example.

    `letter` is that letter, empty where there is none; `batch` says whether the claim is about arrays of all examples, `each`
    whether its left side is of each of them, and `single` whether it is about one example and its own loss.
    """

    left: Node
    right: Node
    letter: str = ""
    batch: bool = False
    each: bool = False
    single: bool = False


def over_examples(vocabulary: Vocabulary, limits: list[Limit], left: Node, right: Node) -> OverExamples:
    """The claim as one about whole arrays of a batch, or about one example and its loss.

    Raises
    ------
    InputError : letters of more than one example, or one that is missing somewhere; or a formula of examples that is no column,
        no row and no product of them
    """
    notation = vocabulary.notation
    if notation.patterns:
        return OverExamples(*_in_patterns(notation, left, right))
    left, right = (_over_inputs(notation, side) for side in (left, right))
    left, right = _first_below(notation, *_below(vocabulary, limits, left, right))
    syms: list[Any] = [*symbols(left), *symbols(right)]
    letters = sorted({s.example for s in syms} | {s.loss_of for s in syms} - {""})
    letters = [c for c in letters if c]
    if not letters:
        return OverExamples(left, right)
    if len(letters) > 1:
        raise InputError("examples by more than one letter", place=at(0), allowed="(i) everywhere")
    (letter,) = letters
    _check_marks(notation, letter, syms)
    sums = [n for n in nodes(left, right) if _is_sum(n, letter)]
    alone = not any(s.example or letter in s.subs for s in syms) or any(
        _is_loss(notation, s) and s.example for s in syms
    )
    if alone or any(s.loss_of and not _of_each(notation, s) for s in syms):
        plain = [s for s in syms if (s.gradient and not s.loss_of) or (_is_loss(notation, s) and not s.example)]
        if sums or plain:
            message = "the loss of one example beside that of all"
            raise InputError(message, place=at(0), allowed=rf"\delta^{{({letter})}}, or one example's loss alone")
        return OverExamples(_plain(left), _plain(right), letter, single=True)
    marked: Any = left
    each = isinstance(marked, Sym) and bool(marked.example or marked.loss_of)
    if each and marked.loss_of:
        right = Binary("/", right, Sym("N"), span=right.span)  # type: ignore[arg-type]
    left, right = _plain_loss(left), _plain_loss(right)
    elements = any(s.subs for s in syms if _of_each(notation, s) or notation.families.get(s.base) == "W")
    if sums and any(s.example for s in symbols(left)):
        raise InputError(f"{letter} stands on the left and is summed over", place=at(left.span.start))
    if sums and isinstance(marked, Sym) and marked.base == r"\Delta":
        message = r"is \Delta the deltas of a batch, or what is added up?"
        raise InputError(message, place=at(left.span.start), allowed=r"\frac{\partial J}{\partial W} = ...")
    if elements:
        return OverExamples(left, right, letter, True, each)  # the example is one more index
    if sums:
        return OverExamples(left, _summed(notation, right, letter), letter, True)
    if not each and not (isinstance(marked, Sym) and marked.gradient and _kind(right) == "column"):
        message = f"{letter} stands on the right side alone: is a sum missing, or is the loss that of one example?"
        raise InputError(message, place=at(right.span.start), allowed=rf"\sum_{letter}, J^{{({letter})}}")
    return OverExamples(_plain(left), _plain(right), letter, True, each)


def _in_patterns(notation: Notation, left: Node, right: Node) -> tuple[Node, Node]:
    """The sides where examples have a letter of their own, i; InputError where it stands on the right side alone."""
    inner: Any = left
    sums = any(_is_sum(n, "i") for n in nodes(right))
    own = isinstance(inner, Sym) and inner.gradient and not inner.loss_of and "i" not in inner.subs
    if own and not sums and any("i" in s.subs for s in symbols(right)) and notation.sums:
        loss = notation.loss[0]
        message = "i stands on the right side alone: is a sum missing, or is the loss that of one example?"
        raise InputError(message, place=at(right.span.start), allowed=rf"\sum_i, {loss}_i")
    sides = [substituted(side, lambda s: replace(s, loss_of="")) for side in (left, right)]  # type: ignore[arg-type,return-value]
    return sides[0], sides[1]


def _first_below(notation: Notation, left: Node, right: Node) -> tuple[Node, Node]:
    r"""The sides with the letter of the example whose loss it is, ``\partial J_n / \partial z_{nk} = p_{nk}``, as that."""
    losses = {s.loss_of for side in (left, right) for s in symbols(side)} - {""}
    if len(losses) != 1:
        return left, right
    (letter,) = losses

    def put(sym: Sym) -> Node:
        moved = _of_each(notation, sym) and len(sym.subs) == 2 and sym.subs[0] == letter and not sym.example
        return replace(sym, example=letter, subs=sym.subs[1:]) if moved else sym  # type: ignore[return-value]

    return substituted(left, put), substituted(right, put)


def _check_marks(notation: Notation, letter: str, syms: list[Any]) -> None:
    """InputError where a letter has the number of an example and is not of one, or is of one and has no number."""
    for s in syms:
        if s.example and not _of_each(notation, s) and not _is_loss(notation, s):
            message, allowed = f"{s.base} of one example", "a layer: a number, l, k or L"
            raise InputError(message, place=at(s.span.start), allowed=allowed)
    if any(s.example for s in syms):
        for s in syms:
            if _of_each(notation, s) and not s.example and not s.loss_of and letter not in s.subs:
                message = f"{s.base} does not say of which example it is, as others do"
                raise InputError(message, place=at(s.span.start), allowed=rf"{s.base}^{{({letter})}}")


def _is_loss(notation: Notation, sym: Sym) -> bool:
    return sym.base in notation.loss and not sym.gradient and sym.base not in notation.families


def _plain_loss(node: Node) -> Node:
    """The formula with derivatives of an example's own loss as such."""

    def own(sym: Sym) -> Node:
        if not sym.loss_of:
            return sym  # type: ignore[return-value]
        node: Any = replace(sym, example=sym.example or sym.loss_of, loss_of="")
        return Call(OWN, (node,), span=sym.span)

    whole: Any = node
    if isinstance(whole, Sym):  # the left side
        return replace(whole, example=whole.example or whole.loss_of, loss_of="")  # type: ignore[return-value]
    return substituted(node, own)


def as_own(notation: Notation, over: OverExamples) -> Node:
    """The right side where derivatives of single examples are those of each example's own loss, and not of the mean."""

    def adjoint(sym: Sym) -> bool:
        plain = not sym.gradient and notation.families.get(sym.base) in ("delta", "e")
        return _of_each(notation, sym) and (sym.short or plain)

    def own(node: Node) -> Node:
        if isinstance(node, Call) and node.name == OWN:
            return node
        if isinstance(node, Sym):
            return Call(OWN, (node,), span=node.span) if adjoint(node) else node
        return with_children(node, tuple(own(c) for c in children(node)))

    left: Any = over.left
    each = over.each and isinstance(left, Sym) and adjoint(left) and not _over_n(over.right)
    if each and all(_once(term, adjoint) for _, term in terms_of(over.right)):
        return over.right  # both sides are as many times larger
    right = own(over.right)
    return Binary("/", right, Sym("N"), span=right.span) if each else right  # type: ignore[arg-type]


def _once(node: Node, adjoint: Callable[[Sym], bool]) -> bool:
    """Whether a term is proportional to a derivative."""
    match node:
        case Sym():
            return adjoint(node)
        case Negate() | Transpose():
            return _once(node.arg, adjoint)
        case Binary(op="*" | "juxt" | "cdot"):
            sides = [any(adjoint(s) for s in symbols(side)) for side in (node.left, node.right)]
            return sides.count(True) == 1 and _once(node.left if sides[0] else node.right, adjoint)
        case Binary(op="+" | "-"):
            return _once(node.left, adjoint) and _once(node.right, adjoint)
        case Binary(op="/"):
            return _once(node.left, adjoint) and not any(adjoint(s) for s in symbols(node.right))
        case Call(name="sum"):
            return _once(node.args[0], adjoint)
    return False


def _over_n(node: Node) -> bool:
    """Whether a right side is that of a derivative of an example's own loss already."""
    return isinstance(node, Binary) and node.op == "/" and isinstance(node.right, Sym) and node.right == Sym("N")


def of_one_step(notation: Notation, left: Node, right: Node) -> Node:
    """The derivative that a step with one example is along: that of the example's own loss."""
    inner: Any = left
    letters = {s.example for s in symbols(right)} - {""}
    if notation.patterns and any("i" in s.subs for s in symbols(right)):
        letters = {"i"}
    sums = any(
        isinstance(n, Call) and n.name == "sum" and {Name(c) for c in letters} & {*n.args[1:]} for n in nodes(right)
    )
    if len(letters) != 1 or sums or not isinstance(inner, Sym) or not inner.gradient:
        return left
    return replace(inner, loss_of=letters.pop())  # type: ignore[return-value]


def of_batch(vocabulary: Vocabulary, *sides: Node) -> bool:
    """Whether a claim speaks of all examples without a number for each: by letters of a batch, or by how many there are."""
    letters = {*vocabulary.notation.batched, "m", "N"}
    return vocabulary.setting.batch or any(s.base in letters for side in sides for s in symbols(side))


def counted(vocabulary: Vocabulary, bench_of: Benches, left: Node, right: Node) -> tuple[Node, Node, str]:
    """The sides with N for the number of examples by its usual letter, where that has no other meaning; and that letter."""
    letters = {"m", "M"} | ({"n"} if vocabulary.notation.name == "nielsen" else set())
    taken = bench_of(False).definitions
    free = {c for c in letters if not vocabulary.plain(Sym(c)) and c not in (*vocabulary.setting.lengths, *taken)}

    def put(sym: Sym) -> Node:
        return replace(sym, base="N") if sym.base in free and sym == Sym(sym.base) else sym  # type: ignore[return-value]

    found = [s.base for s in symbols(right) if s.base in free and s == Sym(s.base)]
    return (
        (left if isinstance(left, Sym) else substituted(left, put)),
        substituted(right, put),
        (found or ["m" if vocabulary.notation.own else "N"])[0],
    )


def _below(vocabulary: Vocabulary, limits: list[Limit], left: Node, right: Node) -> tuple[Node, Node]:
    r"""The sides with the letters of examples that stand below whole vectors, ``\sum_n \delta_n x_n^T``, where the left side is a
    whole array, or below single numbers."""
    notation, inner = vocabulary.notation, left
    if not isinstance(inner, Sym) or inner.subs or notation.patterns:
        return left, right
    loss = _is_loss(notation, inner)
    if not loss and not (inner.gradient and notation.families.get(inner.base) in ("W", "b")):
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
        lengths = [m.length.base if m.length is not None else str(m.number) for m in limits if m.letter == letter]
        counts = letter in ("n", "i", "m", "t", "s", "p", "mu") and all(c in _MANY for c in lengths)
        if loss and not all(_one_unit(vocabulary, s) for s in own):
            continue
        if own and counts and all(s.subs == (letter,) and _of_each(notation, s) and not s.example for s in own):

            def moved(sym: Sym, letter: str = letter) -> Node:
                return replace(sym, subs=(), below=None, example=letter) if sym.subs == (letter,) else sym  # type: ignore[return-value]

            right = substituted(right, moved)
    return left, right


_MANY = ("N", "M", "m", "n", "P", "T")
"""Letters for the number of examples."""


def _one_unit(vocabulary: Vocabulary, sym: Sym) -> bool:
    """Whether a letter is of the one unit of a layer, so that an index below it counts something else."""
    layer = sym.layer.offset if sym.layer is not None else vocabulary.depth
    known = vocabulary.known(vocabulary.name(sym, layer if sym.base in vocabulary.notation.families else None))
    axes = [a for a in known.tensor.axes if a is not BATCH] if known is not None else []
    return bool(axes) and all(vocabulary.setting.sizes.get(a) == 1 for a in axes)


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


def _summed(notation: Notation, node: Node, letter: str) -> Node:
    """A formula with every sum over the examples as one of arrays."""
    if not _is_sum(node, letter):
        if isinstance(node, Sym) and node.example:
            raise InputError(f"nothing sums over {letter} here", place=at(node.span.start), allowed=rf"\sum_{letter}")
        return with_children(node, tuple(_summed(notation, c, letter) for c in children(node)))
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
        case Binary() | Compare():
            (left, a), (right, b) = _array(node.left), _array(node.right)
            kinds = {a, b} - {"free"}
            if len(kinds) > 1 or "total" in kinds or (node.op == "/" and b != "free"):
                raise refused
            if "outer" in kinds and (node.op not in "+-" or "free" in (a, b)):
                raise refused
            return with_children(node, (left, right)), next(iter(kinds), "free")
        case Call() if node.name == "sum" and len(node.args) == 1 and node.axis is None:
            inner, kind = _array(node.args[0])
            if kind not in ("free", "column", "row"):
                raise refused
            return replace(node, args=(inner,)), "total" if kind != "free" else "free"
        case Call(name=words.OWN):
            inner, kind = _array(node.args[0])
            return replace(node, args=(inner,)), kind
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
