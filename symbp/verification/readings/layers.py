r"""Layers that a LaTeX claim leaves out, and the axes of its letters: ``K`` in ``\sum_{k=1}^{K}`` is the length of the one that k
runs over, or the claim is refused."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from symbp.calculus.indices import Axis
from symbp.errors import InputError, shown
from symbp.formula.latex.parse import at
from symbp.formula.latex.symbols import substituted, symbols
from symbp.formula.latex.trees import Limit
from symbp.formula.slots import is_place
from symbp.formula.syntax import Gradient, Node, Read, Sym, nodes
from symbp.network.forward import BATCH
from symbp.verification.readings.indices import Context, kronecker, opened, padded
from symbp.verification.readings.names import Assignment, Key, Lookup, Vocabulary, key_of

_MOST_READINGS = 400


def assignments(vocabulary: Vocabulary, context: Context, left: Node, right: Node) -> Iterator[list[Assignment]]:
    """Layers for the letters without one, in groups: a group for each layer that the left side may have."""
    n = vocabulary.notation
    keys: dict[Key, list[int]] = {}
    for sym in itertools.chain(symbols(left), symbols(right)):
        if sym.base in n.families and sym.base not in n.fixed and context.layer(sym) is None:
            if sym.base not in n.patterns and not sym.owner and not vocabulary.plain(sym) and not kronecker(n, sym):
                keys.setdefault(key_of(sym, context), candidates(vocabulary, context, sym))
    if not keys:
        yield [{}]
        return
    own = {key_of(s, context) for s in symbols(left) if context.layer(s) is None} & set(keys)
    count = 1
    for found in keys.values():
        count *= len(found)
    if count > _MOST_READINGS:
        raise InputError("which layers?", place=at(0), allowed="a layer at every letter")
    groups: dict[tuple[int, ...], list[Assignment]] = {}
    for numbers in itertools.product(*keys.values()):
        chosen = dict(zip(keys, numbers, strict=True))
        groups.setdefault(tuple(chosen[k] for k in sorted(own)), []).append(chosen)
    yield from groups.values()


def candidates(vocabulary: Vocabulary, context: Context, sym: Sym) -> list[int]:
    """The layers that a letter may belong to: those where it has as many indices."""
    subs, found = context.indices(sym), []
    for layer in range(vocabulary.depth + 1):
        known = vocabulary.known(vocabulary.name(sym, layer), sym.gradient)
        if known is None:
            continue
        axes = known.tensor.axes
        whole = len(padded(vocabulary.setting, axes, subs)) == len(axes) or (
            not subs and bool(opened(vocabulary.setting, axes))
        )
        if not context.indexed or whole:
            sizes = [vocabulary.setting.sizes.get(a) for a in known.tensor.axes]
            if any(c.isdigit() for c in subs) and len(subs) == len(sizes) == 1 and sizes == [1]:
                continue  # the only unit of a layer has no number
            found.append(layer)
    return found


def consistent(vocabulary: Vocabulary, example: str, *sides: Node) -> bool:
    """Whether every letter runs over one axis alone, and every number is within its axis; `example` is the letter of examples."""
    axes: dict[str, Axis] = {}
    for node in nodes(*sides):
        if not isinstance(node, Read):
            continue
        known = vocabulary.known(node.of.name, isinstance(node.of, Gradient))
        if known is None:
            return False
        of_each = bool(example) and node.letters[:1] == (example,)
        letters = node.letters[1:] if of_each else node.letters
        axes_of = [a for a in known.tensor.axes if a != BATCH or not of_each]
        if len(axes_of) != len(letters):
            return False
        for letter, axis in zip(letters, axes_of, strict=True):
            if letter == "*" or is_place(letter):
                continue
            if letter.isdigit():
                if not 1 <= int(letter) <= vocabulary.setting.sizes.get(axis, 10**6):
                    return False
            elif axes.setdefault(letter, axis) != axis:
                return False
    return True


def unknown_layer(sym: Sym) -> InputError:
    """The error for a letter whose layer cannot be told."""
    return InputError(f"{shown(sym.base)} of which layer?", place=at(sym.span.start), allowed=f"{sym.base}^{{(1)}}")


_NO_LENGTHS = frozenset("xyzawbWegtT")


def check_limits(limits: Iterable[Limit], lookup: Lookup, sides: tuple[Node, ...]) -> None:
    """InputError where an upper limit is not the length of the axis that the sum's letter runs over, or may not be."""
    vocabulary, seen = lookup.vocabulary, dict[Sym, Axis]()
    letters = {c for n in nodes(*sides) if isinstance(n, Read) for c in n.letters}
    for limit in limits:
        axis = _axis(vocabulary, limit.letter, substituted(limit.body, lookup.node))
        if axis is None:
            continue
        if limit.length is None:
            size = vocabulary.setting.sizes.get(axis)
            if size is not None and size != limit.number:
                message = f"the sum over {limit.letter} runs to {shown(str(limit.number))}, and there are {size}"
                raise InputError(message, place=at(limit.column), allowed=str(size))
            continue
        sym, where = limit.length, at(limit.column)
        label = vocabulary.setting.labels.get(axis, axis.name)
        if _written(sym) in letters or (not sym.subs and sym.layer is None and sym.base in _NO_LENGTHS):
            message = f"the sum over {limit.letter} runs to {shown(_written(sym))}, which is no length"
            raise InputError(message, place=where, allowed=f"{label}, K, or no limits")
        other = _length(vocabulary, sym, lookup.values)
        if other is not None and other != axis:
            message = f"the sum over {limit.letter} runs to {vocabulary.setting.labels[other]}, and there are {label}"
            raise InputError(message, place=where, allowed=label)
        if seen.setdefault(sym, axis) != axis:
            message = f"{_written(sym)} stands for the lengths of two different axes"
            raise InputError(message, place=where, allowed="a letter for each")


def examples_checked(limits: Iterable[Limit], letter: str) -> tuple[Limit, ...]:
    """The limits without those of sums over the examples; InputError where one of these is no number of examples."""
    for limit in limits:
        named = limit.length is not None and not limit.length.subs and limit.length.layer is None
        if letter and limit.letter == letter and (not named or _written(limit.length) in (*_NO_LENGTHS, letter)):  # type: ignore[arg-type]
            message = f"the sum over the examples {letter} runs to what?"
            raise InputError(message, place=at(limit.column), allowed="m, N, or no limits")
    return tuple(limit for limit in limits if not letter or limit.letter != letter)


def _written(sym: Sym) -> str:
    return sym.base.lstrip("\\")


def _axis(vocabulary: Vocabulary, letter: str, body: Node) -> Axis | None:
    """The axis that a letter runs over in a formula."""
    for node in nodes(body):
        if isinstance(node, Read) and letter in node.letters:
            known = vocabulary.known(node.of.name, isinstance(node.of, Gradient))
            if known is not None and len(known.tensor.axes) == len(node.letters):
                return known.tensor.axes[node.letters.index(letter)]
    return None


def _length(vocabulary: Vocabulary, sym: Sym, values: Mapping[str, int]) -> Axis | None:
    """The axis whose length a letter with a layer is: ``n_1``, ``n_{l+1}``, ``n^{(2)}``; None for an author's own letter."""
    layer = sym.layer or sym.below
    if sym.base != "n" or layer is None:
        return None
    return vocabulary.setting.lengths.get(f"n{layer.number(values)}")
