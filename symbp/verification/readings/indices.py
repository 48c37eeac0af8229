"""Scripts of a LaTeX claim's letters: what an element's indices are, and where a letter is Kronecker's."""

from __future__ import annotations

import re
from dataclasses import replace

from symbp.calculus.indices import Axis
from symbp.formula.latex.symbols import Layer, Sym, substituted
from symbp.formula.syntax import Call, Node, children, with_children
from symbp.notation import Notation
from symbp.notation.notation import UNIT_ZERO
from symbp.verification.meaning.setting import Setting


def kronecker(notation: Notation, sym: Sym) -> bool:
    r"""Whether a letter is Kronecker's \delta_{ij}: no layer, and two letters where a layer's delta has one."""
    plain = sym.layer is None and not sym.gradient and sym.power is None
    two = len(sym.subs) == 2 and all(c.isalpha() for c in sym.subs) and sym.subs[0] != sym.subs[1]
    patterns = notation.patterns.get(sym.base, ())
    own = any(matched(p.scripts, sym.subs) is not None for p in patterns)
    return sym.base == r"\delta" and plain and two and not own


def with_biases(notation: Notation, node: Node) -> Node:
    """The tree with weights from a unit 0 as the biases that they are, where the notation writes biases so."""

    def bias(sym: Sym) -> Node:
        zero, unit = (sym.subs[:1], sym.subs[1:]) if notation.from_to else (sym.subs[-1:], sym.subs[:-1])
        if zero != ("0",) or len(unit) > 1 or notation.families.get(sym.base) != "W":
            return sym  # type: ignore[return-value]
        return replace(sym, base=UNIT_ZERO, subs=unit, below=None)  # type: ignore[return-value]

    return substituted(node, bias) if notation.bias_in_weights else node


def counted_from(notation: Notation, node: Node) -> Node:
    """The tree with the numbers of layers counted from 1 for the first that has weights, where a notation counts otherwise."""
    more = notation.first - 1
    if not more:
        return node
    if isinstance(node, Call) and (found := re.fullmatch(r"g(\d+)", node.name)):
        node = replace(node, name=f"g{int(found[1]) - more}")
    if isinstance(node, Sym):
        sym: Sym = node
        layered = sym.base in notation.families

        def moved(layer: Layer | None) -> Layer | None:
            return Layer("", layer.offset - more) if layer is not None and not layer.letter and layered else layer

        return replace(sym, layer=moved(sym.layer), below=moved(sym.below))  # type: ignore[return-value]
    return with_children(node, tuple(counted_from(notation, c) for c in children(node)))


def opened(setting: Setting, axes: tuple[Axis, ...]) -> tuple[str, ...]:
    """The indices of a tensor that stands as a whole: a 1 where there is one element, one open index; none for matrices."""
    found = tuple("1" if setting.sizes.get(a) == 1 else "*" for a in axes)
    return found if found.count("*") <= 1 else ()


def matched(scripts: str, subs: tuple[str, ...]) -> dict[str, str] | None:
    """The letters of a pattern as they were written; ``i`` and ``0`` match only themselves."""
    if len(scripts) != len(subs):
        return None
    for p, s in zip(scripts, subs, strict=True):
        if (p in "i0" or s in "i0") and p != s:
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
