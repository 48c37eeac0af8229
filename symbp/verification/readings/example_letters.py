r"""Where the letter of an example stands: above in brackets, below a vector, below the loss, or below a sum over the inputs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.reads import Limit
from symbp.formula.latex.symbols import Sym, substituted, symbols
from symbp.formula.syntax import Binary, Call, Name, Node, children, nodes, with_children
from symbp.network.forward import BATCH
from symbp.notation import Notation
from symbp.verification.readings.indices import of_each
from symbp.verification.readings.names import Vocabulary


def is_sum(node: Node, letter: str) -> bool:
    """Whether a formula is a sum over a letter."""
    return isinstance(node, Call) and node.name == "sum" and Name(letter) in node.args[1:]


def is_loss(notation: Notation, sym: Sym) -> bool:
    """Whether a letter is that of the loss."""
    return sym.base in notation.loss and not sym.gradient and sym.base not in notation.families


def in_patterns(notation: Notation, left: Node, right: Node) -> tuple[Node, Node]:
    """The sides where examples have a letter of their own; InputError where it stands on the right side alone, or where the
    loss of one example stands beside that of all."""
    inner: Any = left
    syms = [*symbols(left), *symbols(right)]
    letter = notation.example
    sums = any(is_sum(n, letter) for n in nodes(right))
    losses = [bool(s.loss_of or letter in s.subs) for s in syms if is_loss(notation, s) or s.gradient]
    alone = isinstance(inner, Sym) and inner.gradient and not inner.loss_of and letter not in inner.subs
    alone = alone and not any(
        letter in p.tail for p in notation.patterns.get(getattr(inner, "base", ""), ())
    )  # f_k(x_i)
    alone = alone and not sums and any(letter in s.subs for s in symbols(right))
    mixed = notation.sums and any(losses) and (not all(losses) or sums)
    if notation.sums and (alone or mixed):
        loss = notation.loss[0]
        message = f"{letter} stands on the right side alone: is a sum missing, or is the loss that of one example?"
        message = "the loss of one example beside that of all" if mixed else message
        raise InputError(message, place=at(right.span.start), allowed=rf"\sum_{letter}, {loss}_{letter}")
    sides = [substituted(side, lambda s: replace(s, loss_of="")) for side in (left, right)]  # type: ignore[arg-type,return-value]
    return sides[0], sides[1]


def is_parameter(notation: Notation, sym: Sym) -> bool:
    """Whether a letter whose elements are written in ways of their own is that of weights or of biases."""
    return all(p.tensor[0] in "Wb" for p in notation.patterns.get(sym.base, ())) and sym.base in notation.patterns


def losses_summed(vocabulary: Vocabulary, node: Node) -> Node:
    r"""The formula with sums over the losses of the examples, ``\sum_i J^{(i)}``, or over their derivatives, as what they are."""
    node = with_children(node, tuple(losses_summed(vocabulary, c) for c in children(node)))
    notation = vocabulary.notation
    regularized = any(vocabulary.known(rate) is not None for rate in ("l1", "l2"))
    if not isinstance(node, Call) or node.name != "sum" or len(node.args) != 2 or regularized:
        return node
    body: Any = node.args[0]
    letter = node.args[1]
    if notation.patterns and not (isinstance(body, Sym) and body.gradient and is_parameter(notation, body)):
        return node
    if not isinstance(body, Sym) or not isinstance(letter, Name):
        return node
    loss = is_loss(notation, body) and (body.example == letter.name or body.subs == (letter.name,))
    if not loss and not (body.gradient and body.loss_of == letter.name and not of_each(notation, body)):
        return node
    whole: Any = replace(
        body, example="", loss_of="", subs=() if loss else body.subs, below=None if loss else body.below
    )
    count: Any = Sym("N", span=node.span)
    made: Node = whole if notation.sums else Binary("juxt", count, whole, span=node.span)
    return made


def first_below(notation: Notation, left: Node, right: Node) -> tuple[Node, Node]:
    r"""The sides with the letter of the example whose loss it is, ``\partial J_n / \partial z_{nk} = p_{nk}``, as that."""
    losses = {s.loss_of for side in (left, right) for s in symbols(side)} - {""}
    if len(losses) != 1:
        return left, right
    (letter,) = losses

    def put(sym: Sym) -> Node:
        moved = of_each(notation, sym) and len(sym.subs) == 2 and sym.subs[0] == letter and not sym.example
        return replace(sym, example=letter, subs=sym.subs[1:]) if moved else sym  # type: ignore[return-value]

    return substituted(left, put), substituted(right, put)


def below(vocabulary: Vocabulary, limits: list[Limit], left: Node, right: Node) -> tuple[Node, Node]:
    r"""The sides with the letters of examples that stand below whole vectors, ``\sum_n \delta_n x_n^T``, where the left side is a
    whole array, or below single numbers."""
    notation, inner = vocabulary.notation, left
    if not isinstance(inner, Sym) or inner.subs or notation.patterns:
        return left, right
    loss = is_loss(notation, inner)
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
        if own and counts and all(s.subs == (letter,) and of_each(notation, s) and not s.example for s in own):

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


def over_inputs(notation: Notation, node: Node) -> Node:
    r"""A formula with sums over the inputs, ``\sum_x \|y - a^L\|^2``, in which everything is that of the input."""
    node = with_children(node, tuple(over_inputs(notation, c) for c in children(node)))
    if not is_sum(node, "x") or any("x" in s.subs for s in symbols(node)):
        return node

    def of_input(sym: Sym) -> Node:
        return replace(sym, example="x") if of_each(notation, sym) else sym  # type: ignore[return-value]

    return substituted(node, of_input)
