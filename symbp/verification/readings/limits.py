r"""Upper limits of sums: ``K`` in ``\sum_{k=1}^{K}`` is the length of the axis that k runs over, or the claim is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symbp.calculus.indices import Axis
from symbp.errors import InputError, shown
from symbp.formula.latex.parse import at
from symbp.formula.latex.reads import Limit
from symbp.formula.latex.symbols import Sym, substituted
from symbp.formula.syntax import Gradient, Node, Read, nodes
from symbp.verification.readings.names import Lookup, Vocabulary

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


def examples_checked(limits: list[Limit], letter: str) -> list[Limit]:
    """The limits without those of sums over the examples; InputError where one of these is no number of examples."""
    for limit in limits:
        named = limit.length is not None and not limit.length.subs and limit.length.layer is None
        if letter and limit.letter == letter and (not named or _written(limit.length) in (*_NO_LENGTHS, letter)):  # type: ignore[arg-type]
            message = f"the sum over the examples {letter} runs to what?"
            raise InputError(message, place=at(limit.column), allowed="m, N, or no limits")
    return [limit for limit in limits if not letter or limit.letter != letter]


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
