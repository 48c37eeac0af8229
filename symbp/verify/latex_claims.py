"""From the text of a LaTeX equation to claims about a network: what is read, in which layers, and what was assumed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from symbp.errors import InputError, shown
from symbp.verify.arrays import ShapeClash
from symbp.verify.compare import Bench
from symbp.verify.grammar import check_size
from symbp.verify.latex_activations import no_other_sigma, of_elements, own_activation
from symbp.verify.latex_context import Context, context_of, substituted, symbols
from symbp.verify.latex_names import Lookup, Vocabulary, assignments, consistent, unknown_layer
from symbp.verify.latex_parse import at, parse
from symbp.verify.latex_printer import Written
from symbp.verify.latex_products import by_shapes, counts_examples, elementwise
from symbp.verify.latex_reader import Reader
from symbp.verify.latex_sums import Limit
from symbp.verify.latex_symbols import Sym, start
from symbp.verify.syntax import Claim, Gradient, Name, Node, Read, places


@dataclass(frozen=True)
class Reading:
    """One claim that an equation makes: about which layers it is, and what had to be said to read it."""

    claim: Claim
    layers: str = ""
    note: str = ""
    universal: bool = True


def links_of(text: str) -> list[str]:
    """The equations of a chain ``a = b = c``: each part held against the first; NotAClaim where there is no equality."""
    tree = parse(text)
    marks = [start(t) for t in tree.children[1::2]]
    left, ends = text[: marks[0]].strip(), [*marks[1:], len(text)]
    if len(marks) == 1:
        return [text]
    return [f"{left} = {text[a + 1 : b].strip()}" for a, b in zip(marks, ends, strict=True)]


def readings(text: str, vocabulary: Vocabulary, bench_of: Callable[[bool], Bench]) -> list[Reading]:
    """The claims of one equation, for every layer that it is about; InputError with the column where it cannot be read.

    `bench_of` gives the bench for a batch or for one example; its shapes decide what is a matrix product.
    """
    tree = parse(text)
    if len(tree.children) != 3:
        raise InputError("more than one equality sign", place=at(start(tree.children[3])))
    reader = Reader(vocabulary.notation, vocabulary.words)
    left, right = reader.sum(tree.children[0]), reader.sum(tree.children[2])
    check_size(Claim(left, right, text))
    left, right = of_elements(vocabulary, left, right)
    context = context_of(vocabulary.notation, left, right)
    found: list[Reading] = []
    failure: Exception | None = None
    for values in _values(vocabulary, context, left, right):
        for group in assignments(vocabulary, context, left, right):
            try:
                found += _group(vocabulary, context, reader, left, right, values, group, bench_of, text)
            except InputError as e:
                failure = failure or e
                if not values and len(group) == 1:
                    raise
    if not found:
        families = vocabulary.notation.families
        open_layers = (s for x in (left, right) for s in symbols(x) if s.base in families and context.layer(s) is None)
        raise failure or unknown_layer(next(open_layers, Sym("?")))
    if failure is not None and getattr(failure, "ambiguous", False):
        raise failure
    return found


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
    bench_of: Callable[[bool], Bench],
    text: str,
) -> list[Reading]:
    """The reading of a claim where the left side's layers are known: the one whose axes or shapes fit."""
    made, misfits = [], []
    for implied in group:
        lookup = Lookup(vocabulary, context, values, implied)
        try:
            one = _reading(vocabulary, context, reader, left, right, lookup, bench_of, text)
        except InputError:
            if len(group) == 1:
                raise
            continue
        if not implied or _fits(vocabulary, context, one.claim, bench_of):
            made.append((implied, one))
        else:
            misfits.append((implied, one))
    if not made and misfits and _layered(vocabulary, context, left):
        return [_likeliest(vocabulary, context, left, misfits)]  # wrong in every reading
    if len(made) > 1:
        inner = [(i, r) for i, r in made if not _ends(vocabulary, i)]
        made = inner or made
    if len(made) > 1:
        differing = [k for k in made[0][0] if len({i[k] for i, _ in made}) > 1]
        sym = next((s for side in (left, right) for s in symbols(side) if s.base == differing[0][0]), Sym("?"))
        e = unknown_layer(sym)
        raise _Ambiguous(e.message, place=e.place, allowed=e.allowed)
    return [r for _, r in made]


def _layered(vocabulary: Vocabulary, context: Context, left: Node) -> bool:
    """Whether the left side says its layer."""
    return any(context.layer(s) is not None or s.base in vocabulary.notation.fixed for s in symbols(left))


def _likeliest(vocabulary: Vocabulary, context: Context, left: Node, found: list[tuple[Any, Reading]]) -> Reading:
    """Of readings none of which fits, the one whose layers are closest to the left side's."""
    layers = [layer.offset for s in symbols(left) if (layer := context.layer(s)) is not None and not layer.letter]
    own = layers[0] if layers else vocabulary.depth
    return min(found, key=lambda pair: sum(abs(n - own) for n in pair[0].values()))[1]


def _ends(vocabulary: Vocabulary, implied: object) -> bool:
    """Whether a letter is taken for the input or the output, which have names of their own."""
    families = vocabulary.notation.families
    return any(
        families[base] == "a" and number in (0, vocabulary.depth)
        for (base, _, _), number in implied.items()  # type: ignore[attr-defined]
    )


def _fits(vocabulary: Vocabulary, context: Context, claim: Claim, bench_of: Callable[[bool], Bench]) -> bool:
    if context.indexed:
        return consistent(vocabulary, claim.left, claim.right)
    try:
        bench_of(False).compare(claim)
    except (InputError, ShapeClash):
        return False
    return True


def _reading(
    vocabulary: Vocabulary,
    context: Context,
    reader: Reader,
    left: Node,
    right: Node,
    lookup: Lookup,
    bench_of: Callable[[bool], Bench],
    text: str,
) -> Reading:
    """One reading of a claim."""
    written = _written(vocabulary, context, lookup, left, right, text)
    for limit in reader.limits:
        _check(vocabulary, limit, substituted(limit.body, lookup.node))
    sides = substituted(left, lookup.node), substituted(right, lookup.node)
    no_other_sigma(vocabulary, *sides)
    claim = Claim(sides[0], own_activation(sides[0], sides[1]), text, written)
    if context.indexed:
        claim, summed = elementwise(claim, reader.sums)
        for node, _ in places(claim.right):
            if isinstance(node, Read) and "*" in node.letters:
                raise InputError("a vector stands where a number is needed", place=at(node.span.start))
        words = " and ".join(summed)
        note = f"the repeated index {words} is summed" if len(summed) == 1 else ""
        note = f"the repeated indices {words} are summed" if len(summed) > 1 else note
    else:
        if not written.batch and counts_examples(bench_of(False), *sides):
            written = replace(written, batch=True)
            claim = replace(claim, written=written)
        claim, note = by_shapes(bench_of(written.batch), claim), ""
    letters = [f"{k} = {v}" for k, v in lookup.values.items() if k != "L"]
    letters += [f"layer {v} at {_shown(k)}" for k, v in lookup.implied.items()]
    return Reading(claim, ", ".join(letters), note, not lookup.implied)


def _shown(key: tuple[str, tuple[str, ...], bool]) -> str:
    base, letters, _ = key
    return base + (f"_{{{''.join(letters)}}}" if letters else "")


def _written(vocabulary: Vocabulary, context: Context, lookup: Lookup, left: Node, right: Node, text: str) -> Written:
    """How a claim is written."""
    syms = [*symbols(left), *symbols(right)]
    n = vocabulary.notation
    losses = [s.base for s in syms if s.base in n.loss]
    below = any(context.is_layer(s) for s in syms)
    bare = [s.bare for s in syms if s.layer is not None and s.base in n.families]
    bracket = "[{}]" if re.search(r"\^\s*\{?\s*\[", text) else "({})"
    letters = [(k, v) for k, v in lookup.values.items() if k != "L"]
    batch = any(s.base in n.batched for s in syms) or any(s.base == "N" for s in syms)
    return Written(
        notation=n,
        setting=vocabulary.setting,
        style="{}" if bare and all(bare) else bracket if bare else n.style,
        below=below,
        loss=losses[0] if losses else n.loss[0],
        variable=letters[0] if letters else None,
        batch=batch and not context.indexed,
        indexed=context.indexed,
    )


def _check(vocabulary: Vocabulary, limit: Limit, body: Node) -> None:
    """InputError where a sum's upper limit is not the length of the axis that it runs over."""
    for node, _ in places(body):
        if isinstance(node, Read) and limit.letter in node.letters:
            known = vocabulary.known(node.of.name, isinstance(node.of, Gradient))
            if known is None or len(known.tensor.axes) != len(node.letters):
                continue
            axis = known.tensor.axes[node.letters.index(limit.letter)]
            size = vocabulary.setting.sizes.get(axis)
            if size is not None and str(size) != limit.text:
                message = f"the sum over {limit.letter} runs to {shown(limit.text)}, and there are {size}"
                raise InputError(message, place=at(limit.column), allowed=str(size))
            return


def is_name(node: Node) -> bool:
    """Whether a side is a plain name."""
    return isinstance(node, Name)
