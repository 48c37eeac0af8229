r"""Examples of a batch by their number, ``\frac{1}{m} \sum_{i=1}^{m} \delta^{(1)(i)} x^{(i)T}``, as arrays that hold all of them.

A formula of one example's columns is one of the batch's arrays, a column for each example: a sum of columns is one along the
rows, and a sum of columns times rows is the product of the arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.reads import Limit
from symbp.formula.latex.symbols import EXAMPLE_LETTERS, Sym, substituted, symbols
from symbp.formula.syntax import Binary, Call, Compare, Name, Node, nodes
from symbp.formula.words import OWN
from symbp.notation import Notation
from symbp.verification.readings.example_arrays import kind_of, plain, summed
from symbp.verification.readings.example_letters import (
    below,
    first_below,
    in_patterns,
    is_loss,
    is_sum,
    losses_summed,
    over_inputs,
)
from symbp.verification.readings.indices import of_each
from symbp.verification.readings.names import Vocabulary
from symbp.verification.readings.reading import ContextFor


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
    left, right = (losses_summed(vocabulary, side) for side in (left, right))
    if notation.patterns:
        return OverExamples(*in_patterns(notation, left, right))
    left, right = (over_inputs(notation, side) for side in (left, right))
    left, right = first_below(notation, *below(vocabulary, limits, left, right))
    left, right = (substituted(side, lambda s: _loss_below(notation, s)) for side in (left, right))
    syms: list[Any] = [*symbols(left), *symbols(right)]
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
    marked: Any = left
    each = isinstance(marked, Sym) and bool(marked.example or marked.loss_of)
    if each and marked.loss_of:
        right = Binary("/", right, Sym("N"), span=right.span)  # type: ignore[arg-type]
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
    return replace(sym, example=sym.subs[0], subs=(), below=None) if below else sym  # type: ignore[return-value]


def _check_marks(notation: Notation, letter: str, syms: list[Any]) -> None:
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
    whole: Any = node
    if isinstance(whole, Sym):
        return replace(whole, example=whole.example or whole.loss_of, loss_of="")  # type: ignore[return-value]
    return _of_loss(node)


def _of_loss(node: Node) -> Node:
    """The formula with derivatives of an example's own loss as such."""

    def own(sym: Sym) -> Node:
        if not sym.loss_of:
            return sym  # type: ignore[return-value]
        node: Any = replace(sym, example=sym.example or sym.loss_of, loss_of="")
        return Call(OWN, (node,), span=sym.span)

    return substituted(node, own)


def of_one_step(notation: Notation, left: Node, right: Node) -> Node:
    """The derivative that a step with one example is along: that of the example's own loss."""
    inner: Any = left
    letters = {s.example for s in symbols(right)} - {""}
    if notation.patterns and any(notation.example in (*s.subs, s.loss_of) for s in symbols(right)):
        letters = {notation.example}
    sums = any(
        isinstance(n, Call) and n.name == "sum" and {Name(c) for c in letters} & {*n.args[1:]} for n in nodes(right)
    )
    if len(letters) != 1 or sums or not isinstance(inner, Sym) or not inner.gradient:
        return left
    return replace(inner, loss_of=letters.pop())  # type: ignore[return-value]


def of_batch(vocabulary: Vocabulary, *sides: Node) -> bool:
    """Whether a claim speaks of all examples without a number for each: by letters of a batch, or by how many there are."""
    notation = vocabulary.notation
    letters = {*notation.batched, "m", "N"}
    syms = [s for side in sides for s in symbols(side)]
    several = any(of_each(notation, s) and len(s.subs) == 2 for s in syms)
    return vocabulary.setting.batch or several or any(s.base in letters for s in syms)


def counted(vocabulary: Vocabulary, context_for: ContextFor, left: Node, right: Node) -> tuple[Node, Node, str]:
    """The sides with N for the number of examples by its usual letter, where that has no other meaning; and that letter."""
    compared = {s.base for n in nodes(right) if isinstance(n, Compare) and n.op == "==" for s in symbols(n)}
    taken = {*context_for(False).definitions, *compared}  # in 1[k = m] an index
    free = {
        c
        for c in vocabulary.notation.counts
        if c != "N" and not vocabulary.plain(Sym(c)) and c not in (*vocabulary.setting.lengths, *taken)
    }

    def put(sym: Sym) -> Node:
        return replace(sym, base="N") if sym.base in free and sym == Sym(sym.base) else sym  # type: ignore[return-value]

    found = [s.base for s in symbols(right) if s.base in (*free, "N") and s == Sym(s.base)]
    return (
        (left if isinstance(left, Sym) else substituted(left, put)),
        substituted(right, put),
        (found or vocabulary.notation.counts)[0],
    )
