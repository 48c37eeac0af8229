"""From an equation in LaTeX to claims about a network: what is read, in which layers, and what was assumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbp.errors import InputError
from symbp.formula.grammar import check_size
from symbp.formula.latex.conditions import Condition
from symbp.formula.latex.parse import at
from symbp.formula.latex.reader import Sides
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Binary, Call, Claim, Negate, Node, Sym, Transpose
from symbp.notation import Notation
from symbp.verification.readings.examples import counted, of_batch, of_one_step, over_examples
from symbp.verification.readings.indices import (
    Context,
    as_lengths,
    as_powers,
    context_of,
    counted_from,
    of_one_example,
    with_biases,
)
from symbp.verification.readings.layers import assignments, examples_checked, unknown_layer
from symbp.verification.readings.losses import of_likelihood, with_own
from symbp.verification.readings.names import Assignment, Lookup, Vocabulary
from symbp.verification.readings.reading import Asked, ContextFor, Reading, fits, of_elements, reading
from symbp.verification.readings.updates import RATES, Letters, meant
from symbp.verification.state import State


def readings(
    sides: Sides,
    vocabulary: Vocabulary,
    context_for: ContextFor,
    otherwise: str = "",
    condition: Condition | None = None,
) -> list[Reading]:
    """The claims of one equation, for every layer that it is about; InputError with the column where it cannot be read.

    `otherwise` may be ``powers`` or ``elements``: numbers above letters without brackets, or below them, are read as those
    instead of as layers; ``lengths``: squares of vectors are those of their lengths; or ``own``: derivatives of an example are
    those of its own loss. The equation is for indices that meet the `condition`. `context_for` gives the context for a batch
    or for one example; its shapes decide what is a matrix product.
    """
    asked = _asked(sides, vocabulary, context_for, otherwise, condition)
    context, found = asked.context, list[Reading]()
    failure: Exception | None = None
    for values in _values(asked):
        for group in assignments(vocabulary, context, asked.left, asked.right):
            try:
                found += _group(asked, values, group)
            except InputError as e:
                failure = failure or e
    if not found:
        families = vocabulary.notation.families
        open_layers = (s for s in asked.letters if s.base in families and context.layer(s) is None)
        raise failure or unknown_layer(next(open_layers, Sym("?")))
    if isinstance(failure, _Ambiguous):
        raise failure
    return found


def _asked(
    sides: Sides, vocabulary: Vocabulary, context_for: ContextFor, otherwise: str, condition: Condition | None
) -> Asked:
    """An equation as it is meant, one step after the other."""
    notation = vocabulary.notation
    said = meant(sides.sign, sides.left, sides.right, _letters(vocabulary))
    left, right = of_likelihood(vocabulary.likelihood, said)
    if isinstance(left, (Binary, Negate, Call)) and is_adjoint(notation, right):
        left, right = right, left
    if condition is not None:
        left, right = condition.applied(left, right)
    left, right = (with_biases(notation, side) for side in (left, right))
    check_size(Claim(left, right, sides.text))
    if otherwise == "powers":
        left, right = as_powers(left, right)
    left, right = (counted_from(notation, side) for side in (left, right))
    left, right = of_elements(vocabulary, left, right)
    left, right = of_one_example(notation, left, right)
    if otherwise == "lengths":
        left, right = as_lengths(left, right)
    if said.step is not None:
        left = of_one_step(notation, left, right)
    over = over_examples(vocabulary, sides.limits, left, right)
    if over.single and not vocabulary.alone:
        raise OneExample("about the loss of one example", place=at(0))
    always = vocabulary.own and not over.letter and of_batch(vocabulary, left, right)
    over = replace(over, each=True) if always else over
    left, right = with_own(notation, over) if otherwise == "own" or always else (over.left, over.right)
    limits = examples_checked(sides.limits, over.letter)
    lengths = {m.length.base for m in sides.limits if m.length is not None and over.letter and m.letter == over.letter}
    left, right, count = counted(vocabulary, context_for, left, right, lengths)
    if vocabulary.alone and (over.batch or any(s.base == "N" for side in (left, right) for s in symbols(side))):
        raise InputError("all examples in a claim about the loss of one", place=at(0), allowed=r"\delta^{(i)}, x^{(i)}")
    context = context_of(notation, left, right)
    context = replace(
        context,
        powers=otherwise == "powers",
        examples=context.examples or over.batch,
        indexed=context.indexed or otherwise == "elements",
    )
    written = replace(sides, left=left, right=right, limits=limits)
    own = otherwise == "own"
    return Asked(written, vocabulary, context, context_for, said.adds, said.step, over.letter, own, count)


_Guess = tuple[Assignment, Reading]
"""Layers for the letters without one, and the claim with them."""


class OneExample(InputError):
    """A claim that is about one example and its own loss, in a setting where it would be about a batch, or may be."""


def is_adjoint(notation: Notation, node: Node) -> bool:
    """Whether a side is a derivative of the loss, a delta or an error."""
    inner = node.arg if isinstance(node, Transpose) else node
    if not isinstance(inner, Sym):
        return False
    tensors = [p.tensor for p in notation.patterns.get(inner.base, ())]
    meant = notation.families.get(inner.base, tensors[0].rstrip("0123456789") if tensors else "")
    return inner.gradient or meant in ("delta", "e")


def _letters(vocabulary: Vocabulary) -> Letters:
    """The letters that mean something, so that they are no rates; and those of rates, that of the notation among them."""
    n = vocabulary.notation
    rates = (*RATES, *([n.printed["rate"].whole] if "rate" in n.printed else []))
    mine = {*n.families, *n.fixed, *n.patterns, *n.functions, *n.activations}
    return Letters(frozenset(mine | {c for c in rates if vocabulary.plain(Sym(c))}), rates)


def _values(asked: Asked) -> Iterator[dict[str, int]]:
    """Numbers for the letters of layers, such that every tensor is there; L is the last."""
    vocabulary = asked.vocabulary
    layers = [(s, layer) for s in asked.letters if (layer := asked.context.layer(s)) is not None and layer.letter]
    letters = {layer.letter for _, layer in layers} - {"L"}
    last = {"L": vocabulary.depth}
    if len(letters) > 1:
        raise InputError("layers by more than one letter", place=at(0), allowed="l, l+1, L")
    if not letters:
        yield last if layers else {}
        return
    (letter,) = letters
    count = 0
    for value in range(vocabulary.depth + 1):
        values = {**last, letter: value}
        names = ((s, vocabulary.name(s, layer.number(values))) for s, layer in layers)
        if all(vocabulary.known(name, s.gradient) is not None for s, name in names):
            count += 1
            yield values
    if not count:
        raise InputError(f"no layer {letter} of this network has all of these", place=at(0))


class _Ambiguous(InputError):
    """A letter that may be of several layers."""


def _group(asked: Asked, values: dict[str, int], group: list[Assignment]) -> list[Reading]:
    """The reading of a claim where the left side's layers are known: the one whose axes or shapes fit."""
    vocabulary, context, left = asked.vocabulary, asked.context, asked.left
    made, misfits = list[_Guess](), list[_Guess]()
    for implied in group:
        try:
            one = reading(asked, Lookup(vocabulary, context, values, implied))
        except InputError:
            if len(group) == 1:
                raise
            continue
        (made if not implied or fits(asked, one.claim) else misfits).append((implied, one))
    if not made and misfits and (vocabulary.depth == 1 or _layered(vocabulary, context, left)):
        return [_likeliest(vocabulary, context, left, misfits)]  # wrong in every reading
    if len(made) > 1:
        inner = [(i, r) for i, r in made if not _ends(vocabulary, i)]
        made = inner or made
    if len(made) > 1:
        made = _alike(vocabulary, left, made)
    if len(made) > 1:
        differing = [k for k in made[0][0] if len({i[k] for i, _ in made}) > 1]
        sym = next((s for s in asked.letters if s.base == differing[0][0]), Sym("?"))
        e = unknown_layer(sym)
        raise _Ambiguous(e.message, place=e.place, allowed=e.allowed)
    return [r for _, r in made]


def _alike(vocabulary: Vocabulary, left: Node, made: list[_Guess]) -> list[_Guess]:
    """Of readings that all fit, those in which a letter is of one layer throughout; for the loss, those of the last layer."""
    alike = [
        (i, r) for i, r in made if all(len({n for (b, _, _), n in i.items() if b == base}) == 1 for base, _, _ in i)
    ]
    last = [(i, r) for i, r in made if all(n == vocabulary.depth for n in i.values())]
    if isinstance(left, Sym) and left.base in vocabulary.notation.loss and not left.gradient and last:
        return last
    return alike or made


def _layered(vocabulary: Vocabulary, context: Context, left: Node) -> bool:
    """Whether the left side says its layer."""
    return any(context.layer(s) is not None or s.base in vocabulary.notation.fixed for s in symbols(left))


def _likeliest(vocabulary: Vocabulary, context: Context, left: Node, found: list[_Guess]) -> Reading:
    """Of readings none of which fits, the one whose layers are closest to the left side's."""
    layers = [layer.offset for s in symbols(left) if (layer := context.layer(s)) is not None and not layer.letter]
    own = layers[0] if layers else vocabulary.depth
    families = vocabulary.notation.families
    back = any(families.get(s.base) in ("delta", "e") and not s.gradient for s in symbols(left))

    def far(implied: Assignment) -> int:
        above = {base for base, _, _ in implied if back and families[base] in ("delta", "W")}  # what is handed back
        return sum(abs(n - own - (base in above)) for (base, _, _), n in implied.items())

    return min(found, key=lambda pair: far(pair[0]))[1]


def _ends(vocabulary: Vocabulary, implied: Assignment) -> bool:
    """Whether a letter is taken for the input or the output, which have names of their own."""
    families = vocabulary.notation.families
    return any(families[base] == "a" and number in (0, vocabulary.depth) for (base, _, _), number in implied.items())


def vocabulary_of(state: State, without: frozenset[str] = frozenset()) -> Vocabulary:
    """The letters of a page, as far as it has said what they mean; letters `without` a meaning of the network's are its own."""
    own = state.notation.own or bool(state.memory.own)
    mine = {name for name, claim in state.memory.defined if claim.text} | without
    notation = state.notation
    if mine & {*notation.activations, *notation.fixed}:
        activations = tuple(a for a in notation.activations if a not in mine)
        fixed = {letter: name for letter, name in notation.fixed.items() if letter not in mine}
        notation = replace(notation, activations=activations, fixed=fixed)
    return Vocabulary(notation, state.first.setting, state.batch is False, state.memory.likelihood, own, state.dropped)
