"""From an equation in LaTeX to claims about a network: what is read, in which layers, and what was assumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from symbp.errors import InputError
from symbp.formula.grammar import check_size
from symbp.formula.latex.conditions import Condition
from symbp.formula.latex.equation import Equation
from symbp.formula.latex.parse import at
from symbp.formula.latex.reader import Reader
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
from symbp.verification.readings.names import Lookup, Vocabulary
from symbp.verification.readings.reading import ContextFor, Reading, fits, of_elements, reading
from symbp.verification.readings.updates import RATES, Letters, Meant, meant
from symbp.verification.readings.written import Written
from symbp.verification.state import State


def readings(
    equation: Equation,
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
    reader, text = vocabulary.reader(), equation.text
    said = meant(str(equation.sign), reader.sum(equation.left), reader.sum(equation.right), _letters(vocabulary))
    left, right = of_likelihood(vocabulary.likelihood, said)
    if isinstance(left, (Binary, Negate, Call)) and is_adjoint(vocabulary.notation, right):
        left, right = right, left
    if condition is not None:
        left, right = condition.applied(left, right)
    left, right = (with_biases(vocabulary.notation, side) for side in (left, right))
    check_size(Claim(left, right, text))
    if otherwise == "powers":
        left, right = as_powers(left, right)
    left, right = (counted_from(vocabulary.notation, side) for side in (left, right))
    left, right = of_elements(vocabulary, left, right)
    left, right = of_one_example(vocabulary.notation, left, right)
    if otherwise == "lengths":
        left, right = as_lengths(left, right)
    if said.step is not None:
        left = of_one_step(vocabulary.notation, left, right)
    over = over_examples(vocabulary, reader.limits, left, right)
    if over.single and not vocabulary.alone:
        raise OneExample("about the loss of one example", place=at(0))
    always = vocabulary.own and not over.letter and of_batch(vocabulary, left, right)
    over = replace(over, each=True) if always else over
    left, right = with_own(vocabulary.notation, over) if otherwise == "own" or always else (over.left, over.right)
    reader.limits = examples_checked(reader.limits, over.letter)
    left, right, reader.count = counted(vocabulary, context_for, left, right)
    if vocabulary.alone and (over.batch or any(s.base == "N" for side in (left, right) for s in symbols(side))):
        raise InputError("all examples in a claim about the loss of one", place=at(0), allowed=r"\delta^{(i)}, x^{(i)}")
    context = replace(context_of(vocabulary.notation, left, right), powers=otherwise == "powers")
    context = replace(context, examples=context.examples or over.batch)
    context = replace(context, indexed=context.indexed or otherwise == "elements")
    reader.example, reader.own = over.letter, otherwise == "own"
    found: list[Reading] = []
    failure: Exception | None = None
    for values in _values(vocabulary, context, left, right):
        for group in assignments(vocabulary, context, left, right):
            try:
                made = _group(vocabulary, context, reader, left, right, values, group, context_for, text)
                found += [_as_said(r, said) for r in made]
            except InputError as e:
                failure = failure or e
    if not found:
        families = vocabulary.notation.families
        open_layers = (s for x in (left, right) for s in symbols(x) if s.base in families and context.layer(s) is None)
        raise failure or unknown_layer(next(open_layers, Sym("?")))
    if failure is not None and getattr(failure, "ambiguous", False):
        raise failure
    return found


class OneExample(InputError):
    """A claim that is about one example and its own loss, in a setting where it would be about a batch, or may be."""


def is_adjoint(notation: Notation, node: Node) -> bool:
    """Whether a side is a derivative of the loss, a delta or an error."""
    inner: Any = node.arg if isinstance(node, Transpose) else node
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


def _as_said(one: Reading, said: Meant) -> Reading:
    """A reading that knows whether it adds, or of which update it speaks."""
    claim = replace(one.claim, adds=said.adds)
    if said.step is not None and isinstance(claim.written, Written):
        claim = replace(claim, written=replace(claim.written, step=said.step))
    return replace(one, claim=claim, step=said.step)


def _values(vocabulary: Vocabulary, context: Context, left: Node, right: Node) -> Iterator[dict[str, int]]:
    """Numbers for the letters of layers, such that every tensor is there; L is the last."""
    syms = [*symbols(left), *symbols(right)]
    layers = [(s, layer) for s in syms if (layer := context.layer(s)) is not None and layer.letter]
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
    ambiguous = True


def _group(
    vocabulary: Vocabulary,
    context: Context,
    reader: Reader,
    left: Node,
    right: Node,
    values: dict[str, int],
    group: list[dict[tuple[str, tuple[str, ...], bool], int]] | list,  # type: ignore[type-arg]
    context_for: ContextFor,
    text: str,
) -> list[Reading]:
    """The reading of a claim where the left side's layers are known: the one whose axes or shapes fit."""
    made, misfits = [], []
    for implied in group:
        lookup = Lookup(vocabulary, context, values, implied)
        try:
            one = reading(vocabulary, context, reader, left, right, lookup, context_for, text)
        except InputError:
            if len(group) == 1:
                raise
            continue
        if not implied or fits(vocabulary, context, one.claim, context_for):
            made.append((implied, one))
        else:
            misfits.append((implied, one))
    if not made and misfits and (vocabulary.depth == 1 or _layered(vocabulary, context, left)):
        return [_likeliest(vocabulary, context, left, misfits)]  # wrong in every reading
    if len(made) > 1:
        inner = [(i, r) for i, r in made if not _ends(vocabulary, i)]
        made = inner or made
    if len(made) > 1:
        made = _alike(vocabulary, left, made)
    if len(made) > 1:
        differing = [k for k in made[0][0] if len({i[k] for i, _ in made}) > 1]
        sym = next((s for side in (left, right) for s in symbols(side) if s.base == differing[0][0]), Sym("?"))
        e = unknown_layer(sym)
        raise _Ambiguous(e.message, place=e.place, allowed=e.allowed)
    return [r for _, r in made]


def _alike(vocabulary: Vocabulary, left: Node, made: list[Any]) -> list[Any]:
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


def _likeliest(vocabulary: Vocabulary, context: Context, left: Node, found: list[tuple[Any, Reading]]) -> Reading:
    """Of readings none of which fits, the one whose layers are closest to the left side's."""
    layers = [layer.offset for s in symbols(left) if (layer := context.layer(s)) is not None and not layer.letter]
    own = layers[0] if layers else vocabulary.depth
    families = vocabulary.notation.families
    back = any(families.get(s.base) in ("delta", "e") and not s.gradient for s in symbols(left))

    def far(implied: Any) -> int:
        above = {base for base, _, _ in implied if back and families[base] in ("delta", "W")}  # what is handed back
        return sum(abs(n - own - (base in above)) for (base, _, _), n in implied.items())

    return min(found, key=lambda pair: far(pair[0]))[1]


def _ends(vocabulary: Vocabulary, implied: object) -> bool:
    """Whether a letter is taken for the input or the output, which have names of their own."""
    families = vocabulary.notation.families
    return any(
        families[base] == "a" and number in (0, vocabulary.depth)
        for (base, _, _), number in implied.items()  # type: ignore[attr-defined]
    )


def vocabulary_of(state: State, without: frozenset[str] = frozenset()) -> Vocabulary:
    """The letters of a page, as far as it has said what they mean; letters `without` a meaning of the network's are its own."""
    own = state.notation.own or bool(state.memory.own)
    mine = {name for name, _ in state.memory.defined} | without
    notation = state.notation
    if mine & {*notation.activations, *notation.fixed}:
        activations = tuple(a for a in notation.activations if a not in mine)
        fixed = {letter: name for letter, name in notation.fixed.items() if letter not in mine}
        notation = replace(notation, activations=activations, fixed=fixed)
    return Vocabulary(notation, state.first.setting, state.batch is False, state.memory.likelihood, own, state.dropped)
