"""Layers that a LaTeX claim leaves out: which ones its letters may belong to."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from symbp.calculus.indices import Axis
from symbp.errors import InputError, shown
from symbp.formula.latex.parse import at
from symbp.formula.latex.symbols import Sym, symbols
from symbp.formula.syntax import Gradient, Node, Read, nodes
from symbp.network.forward import BATCH
from symbp.verification.readings.context import Context
from symbp.verification.readings.indices import kronecker, opened, padded
from symbp.verification.readings.names import Assignment, Key, Vocabulary, key_of

_MOST_READINGS = 400


def assignments(vocabulary: Vocabulary, context: Context, left: Node, right: Node) -> Iterator[list[Assignment]]:
    """Layers for the letters without one, in groups: a group for each layer that the left side may have."""
    n = vocabulary.notation
    keys: dict[Key, list[int]] = {}
    for sym in itertools.chain(symbols(left), symbols(right)):
        if sym.base in n.families and sym.base not in n.fixed and context.layer(sym) is None:
            if sym.base not in n.patterns and not vocabulary.plain(sym) and not kronecker(n, sym):
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
            if letter == "*":
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
