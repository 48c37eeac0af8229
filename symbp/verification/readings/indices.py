"""Scripts of a LaTeX claim's letters: what an element's indices are, and where a letter is Kronecker's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symbp.calculus.indices import Axis
from symbp.formula.latex.symbols import Layer, Sym, substituted
from symbp.formula.syntax import Call, Node, children, with_children
from symbp.notation import Notation
from symbp.notation.notation import OF_EACH, UNIT_ZERO
from symbp.verification.meaning.setting import Setting


def kronecker(notation: Notation, sym: Sym) -> bool:
    r"""Whether a letter is Kronecker's \delta_{ij}: no layer, and two letters where a layer's delta has one."""
    plain = sym.layer is None and not sym.gradient and sym.power is None
    two = len(sym.subs) == 2 and all(c.isalpha() for c in sym.subs) and sym.subs[0] != sym.subs[1]
    patterns = notation.patterns.get(sym.base, ())
    own = any(matched(notation, p.scripts, sym.subs) is not None for p in patterns)
    return sym.base == r"\delta" and plain and two and not own


def of_each(notation: Notation, sym: Sym) -> bool:
    """Whether there is one of a letter's tensor for every example."""
    return notation.families.get(sym.base, notation.fixed.get(sym.base, "")) in OF_EACH


def example_last(notation: Notation, syms: Sequence[Sym]) -> bool:
    """Whether elements of a batch have the example's index behind the unit's, as ``x_{jn}`` where n is the notation's letter of
    the example; one that stands first or alone, anywhere, or below a weight, says otherwise."""
    pairs = [s.subs for s in syms if len(s.subs) == 2 and of_each(notation, s)]
    others = {c for s in syms if len(s.subs) != 2 or not of_each(notation, s) for c in s.subs}
    first, last = ({pair[k] for pair in pairs if pair[0] != pair[1]} for k in (0, 1))
    return not notation.spelled and notation.example in last - first - others


def with_biases(notation: Notation, node: Node) -> Node:
    """The tree with weights from a unit 0 as the biases that they are, where the notation writes biases so."""

    def bias(sym: Sym) -> Node:
        zero, unit = (sym.subs[:1], sym.subs[1:]) if notation.from_to else (sym.subs[-1:], sym.subs[:-1])
        if zero != ("0",) or len(unit) > 1 or notation.families.get(sym.base) != "W":
            return sym  # type: ignore[return-value]
        return replace(sym, base=UNIT_ZERO, subs=unit, below=None)  # type: ignore[return-value]

    return substituted(node, bias) if notation.bias_in_weights else node


def counted_from(notation: Notation, node: Node) -> Node:
    """The tree with the numbers of layers counted from 1 for the first that has weights, where a notation counts otherwise, and
    weights by the layer that they lead to."""
    more = notation.counted("", 0)
    if not more and not notation.weights_below:
        return node
    if isinstance(node, Call) and (found := re.fullmatch(r"g(\d+)", node.name)):
        node = replace(node, name=f"g{int(found[1]) - more}")
    if isinstance(node, Sym):
        sym: Sym = node
        base = notation.families.get(sym.base)
        above = more - notation.counted(base or "", 0)

        def moved(layer: Layer | None) -> Layer | None:
            if layer is None or base is None:
                return layer
            return replace(layer, offset=layer.offset + above - (0 if layer.letter else more))

        return replace(sym, layer=moved(sym.layer), below=moved(sym.below))  # type: ignore[return-value]
    return with_children(node, tuple(counted_from(notation, c) for c in children(node)))


def opened(setting: Setting, axes: tuple[Axis, ...]) -> tuple[str, ...]:
    """The indices of a tensor that stands as a whole: a 1 where there is one element, one open index; none for matrices."""
    found = tuple("1" if setting.sizes.get(a) == 1 else "*" for a in axes)
    return found if found.count("*") <= 1 else ()


def matched(notation: Notation, scripts: str, subs: tuple[str, ...]) -> dict[str, str] | None:
    """The letters of a pattern as they were written; the example's and ``0`` match only themselves."""
    fixed = (notation.example, "0")
    if len(scripts) != len(subs):
        return None
    for p, s in zip(scripts, subs, strict=True):
        if (p in fixed or s in fixed) and p != s:
            return None
    return dict(zip(scripts, subs, strict=True))


def padded(setting: Setting, axes: tuple[Axis, ...], letters: tuple[str, ...]) -> tuple[str, ...]:
    """Indices with a 1 for every axis that has one element in this network and was left out."""
    missing = len(axes) - len(letters)
    ones = [k for k, a in enumerate(axes) if setting.sizes.get(a) == 1]
    if missing <= 0 or len(ones) < missing:
        return letters
    given = iter(letters)
    return tuple("1" if k in ones[-missing:] else next(given) for k in range(len(axes)))
