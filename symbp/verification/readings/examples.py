r"""Examples of a batch by their number, ``\frac{1}{m} \sum_{i=1}^{m} \delta^{(1)(i)} x^{(i)T}``, as arrays that hold all of them.

A formula of one example's columns is one of the batch's arrays, a column for each example: a sum of columns is one along the
rows, and a sum of columns times rows is the product of the arrays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.symbols import EXAMPLE_LETTERS, substituted, symbols
from symbp.formula.latex.trees import Limit
from symbp.formula.syntax import Binary, Call, Compare, Name, Node, Sym, children, nodes, with_children
from symbp.formula.words import OWN
from symbp.network.forward import BATCH
from symbp.notation import Notation
from symbp.verification.readings.example_arrays import is_sum, kind_of, plain, summed
from symbp.verification.readings.indices import of_each
from symbp.verification.readings.names import Vocabulary
from symbp.verification.readings.reading import ContextFor


def is_loss(notation: Notation, sym: Sym) -> bool:
    """Whether a letter is that of the loss."""
    return sym.base in notation.loss and not sym.gradient and sym.base not in notation.families


def in_patterns(notation: Notation, left: Node, right: Node) -> tuple[Node, Node]:
    """The sides where examples have a letter of their own; InputError where it stands on the right side alone, or where the
    loss of one example stands beside that of all."""
    syms = [*symbols(left), *symbols(right)]
    letter = notation.example
    sums = any(is_sum(n, letter) for n in nodes(right))
    losses = [
        bool(s.loss_of or letter in s.subs)
        for s in syms
        if is_loss(notation, s) or (s.gradient and (s.loss_of or letter not in s.subs))
    ]  # by what each example has for itself, R and R_i have the same derivative
    alone = isinstance(left, Sym) and left.gradient and not left.loss_of and letter not in left.subs
    if alone and isinstance(left, Sym):
        alone = not any(letter in p.tail for p in notation.patterns.get(left.base, ()))  # f_k(x_i)
    alone = alone and not sums and any(letter in s.subs for s in symbols(right))
    mixed = notation.sums and any(losses) and (not all(losses) or sums)
    if notation.sums and (alone or mixed):
        loss = notation.loss[0]
        message = f"{letter} stands on the right side alone: is a sum missing, or is the loss that of one example?"
        message = "the loss of one example beside that of all" if mixed else message
        raise InputError(message, place=at(right.span.start), allowed=rf"\sum_{letter}, {loss}_{letter}")
    sides = [substituted(side, lambda s: replace(s, loss_of="")) for side in (left, right)]
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
    body, letter = node.args
    if notation.patterns and not (isinstance(body, Sym) and body.gradient and is_parameter(notation, body)):
        return node
    if not isinstance(body, Sym) or not isinstance(letter, Name):
        return node
    loss = is_loss(notation, body) and (body.example == letter.name or body.subs == (letter.name,))
    if not loss and not (body.gradient and body.loss_of == letter.name and not of_each(notation, body)):
        return node
    whole = replace(body, example="", loss_of="")
    whole = replace(whole, subs=(), below=None) if loss else whole
    return whole if notation.sums else Binary("juxt", Sym("N", span=node.span), whole, span=node.span)


def first_below(notation: Notation, left: Node, right: Node) -> tuple[Node, Node]:
    r"""The sides with the letter of the example whose loss it is, ``\partial J_n / \partial z_{nk} = p_{nk}``, as that."""
    losses = {s.loss_of for side in (left, right) for s in symbols(side)} - {""}
    if len(losses) != 1:
        return left, right
    (letter,) = losses

    def put(sym: Sym) -> Node:
        moved = of_each(notation, sym) and len(sym.subs) == 2 and sym.subs[0] == letter and not sym.example
        return replace(sym, example=letter, subs=sym.subs[1:]) if moved else sym

    return substituted(left, put), substituted(right, put)


def below(vocabulary: Vocabulary, limits: Sequence[Limit], left: Node, right: Node) -> tuple[Node, Node]:
    r"""The sides with the letters of examples that stand below whole vectors, ``\sum_n \delta_n x_n^T``, where the left side is a
    whole array, or below single numbers."""
    notation = vocabulary.notation
    if not isinstance(left, Sym) or left.subs or notation.patterns:
        return left, right
    loss = is_loss(notation, left)
    if not loss and not (left.gradient and notation.families.get(left.base) in ("W", "b")):
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
                return replace(sym, subs=(), below=None, example=letter) if sym.subs == (letter,) else sym

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
        return replace(sym, example="x") if of_each(notation, sym) else sym

    return substituted(node, of_input)


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


def over_examples(vocabulary: Vocabulary, limits: Sequence[Limit], left: Node, right: Node) -> OverExamples:
    """The claim as one about whole arrays of a batch, or about one example and its loss.

    Raises
    ------
    InputError : letters of more than one example, or one that is missing somewhere; or a formula of examples that is no column,
        no row and no product of them
    """
    notation = vocabulary.notation
    left, right = (losses_summed(vocabulary, side) for side in (left, right))
    if notation.patterns:
        return OverExamples(*in_patterns(notation, left, right))
    left, right = (over_inputs(notation, side) for side in (left, right))
    left, right = first_below(notation, *below(vocabulary, limits, left, right))
    left, right = (substituted(side, lambda s: _loss_below(notation, s)) for side in (left, right))
    syms = [*symbols(left), *symbols(right)]
    letters = sorted({c for s in syms for c in (s.example, s.loss_of)} - {""})
    if not letters:
        return OverExamples(left, right)
    if len(letters) > 1:
        raise InputError("examples by more than one letter", place=at(0), allowed="(i) everywhere")
    (letter,) = letters
    _check_marks(notation, letter, syms)
    sums = [n for n in nodes(left, right) if is_sum(n, letter)]
    alone = not any(s.example or letter in s.subs for s in syms) or any(
        is_loss(notation, s) and s.example for s in syms
    )
    if alone or any(s.loss_of and not of_each(notation, s) for s in syms):
        others = [s for s in syms if (s.gradient and not s.loss_of) or (is_loss(notation, s) and not s.example)]
        if sums or others:
            message = "the loss of one example beside that of all"
            raise InputError(message, place=at(0), allowed=rf"\delta^{{({letter})}}, or one example's loss alone")
        return OverExamples(plain(left), plain(right), letter, single=True)
    marked = left
    each = isinstance(marked, Sym) and bool(marked.example or marked.loss_of)
    if isinstance(marked, Sym) and marked.loss_of:
        right = Binary("/", right, Sym("N"), span=right.span)
    left, right = _left_of_loss(left), _of_loss(right)
    elements = any(s.subs for s in syms if of_each(notation, s) or notation.families.get(s.base) == "W")
    if sums and any(s.example for s in symbols(left)):
        raise InputError(f"{letter} stands on the left and is summed over", place=at(left.span.start))
    if sums and isinstance(marked, Sym) and marked.base == r"\Delta":
        message = r"is \Delta the deltas of a batch, or what is added up?"
        raise InputError(message, place=at(left.span.start), allowed=r"\frac{\partial J}{\partial W} = ...")
    if elements:
        return OverExamples(left, right, letter, True, each)  # the example is one more index
    if sums:
        return OverExamples(left, summed(notation, right, letter), letter, True)
    if not each and not (isinstance(marked, Sym) and marked.gradient and kind_of(right) == "column"):
        message = f"{letter} stands on the right side alone: is a sum missing, or is the loss that of one example?"
        raise InputError(message, place=at(right.span.start), allowed=rf"\sum_{letter}, J^{{({letter})}}")
    return OverExamples(plain(left), plain(right), letter, True, each)


def _loss_below(notation: Notation, sym: Sym) -> Node:
    """The loss with its example's letter below, ``J_n``, as with it above."""
    below = is_loss(notation, sym) and len(sym.subs) == 1 and sym.subs[0] in EXAMPLE_LETTERS
    return replace(sym, example=sym.subs[0], subs=(), below=None) if below else sym


def _check_marks(notation: Notation, letter: str, syms: list[Sym]) -> None:
    """InputError where a letter has the number of an example and is not of one, or is of one and has no number."""
    for s in syms:
        if s.example and not of_each(notation, s) and not is_loss(notation, s):
            message, allowed = f"{s.base} of one example", "a layer: a number, l, k or L"
            raise InputError(message, place=at(s.span.start), allowed=allowed)
    if any(s.example and of_each(notation, s) for s in syms):
        for s in syms:
            if of_each(notation, s) and not s.example and not s.loss_of and letter not in s.subs:
                message = f"{s.base} does not say of which example it is, as others do"
                raise InputError(message, place=at(s.span.start), allowed=rf"{s.base}^{{({letter})}}")


def _left_of_loss(node: Node) -> Node:
    """The left side without whose loss it is the derivative of."""
    if isinstance(node, Sym):
        return replace(node, example=node.example or node.loss_of, loss_of="")
    return _of_loss(node)


def _of_loss(node: Node) -> Node:
    """The formula with derivatives of an example's own loss as such."""

    def own(sym: Sym) -> Node:
        if not sym.loss_of:
            return sym
        return Call(OWN, (replace(sym, example=sym.example or sym.loss_of, loss_of=""),), span=sym.span)

    return substituted(node, own)


def of_one_step(notation: Notation, left: Node, right: Node) -> Node:
    """The derivative that a step with one example is along: that of the example's own loss."""
    letters = {s.example for s in symbols(right)} - {""}
    if notation.patterns and any(notation.example in (*s.subs, s.loss_of) for s in symbols(right)):
        letters = {notation.example}
    sums = any(
        isinstance(n, Call) and n.name == "sum" and {Name(c) for c in letters} & {*n.args[1:]} for n in nodes(right)
    )
    if len(letters) != 1 or sums or not isinstance(left, Sym) or not left.gradient:
        return left
    return replace(left, loss_of=letters.pop())


def of_batch(vocabulary: Vocabulary, *sides: Node) -> bool:
    """Whether a claim speaks of all examples without a number for each: by letters of a batch, or by how many there are."""
    notation = vocabulary.notation
    letters = {*notation.batched, "m", "N"}
    syms = [s for side in sides for s in symbols(side)]
    several = any(of_each(notation, s) and len(s.subs) == 2 for s in syms)
    return vocabulary.setting.batch or several or any(s.base in letters for s in syms)


def counted(
    vocabulary: Vocabulary, context_for: ContextFor, left: Node, right: Node, lengths: Collection[str] = ()
) -> tuple[Node, Node, str]:
    """The sides with N for the number of examples by its usual letter, or by that to which a sum over them runs (`lengths`),
    where that has no other meaning; and that letter."""
    compared = {s.base for n in nodes(right) if isinstance(n, Compare) and n.op == "==" for s in symbols(n)}
    taken = {*context_for(False).definitions, *compared}  # in 1[k = m] an index
    free = {
        c
        for c in (*vocabulary.notation.counts, *lengths)
        if c != "N" and not vocabulary.plain(Sym(c)) and c not in (*vocabulary.setting.lengths, *taken)
    }

    def put(sym: Sym) -> Node:
        return replace(sym, base="N") if sym.base in free and sym == Sym(sym.base) else sym

    found = [s.base for s in symbols(right) if s.base in (*free, "N") and s == Sym(s.base)]
    return (
        (left if isinstance(left, Sym) else substituted(left, put)),
        substituted(right, put),
        (found or vocabulary.notation.counts)[0],
    )
