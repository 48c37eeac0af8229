"""Scripts of a LaTeX claim's letters: which are indices, and which are layers; and where one is Kronecker's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from symbp.calculus.indices import Axis
from symbp.formula.latex.symbols import POWER, as_of_numbers, substituted, symbols
from symbp.formula.syntax import ELEMENT, Binary, Call, Layer, Name, Node, Number, Sym, children, nodes, with_children
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
    name = notation.families.get(sym.base, notation.fixed.get(sym.base, ""))
    return name.rstrip("0123456789") in OF_EACH


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
            return sym
        return replace(sym, base=UNIT_ZERO, subs=unit, below=None)

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

        return replace(sym, layer=moved(sym.layer), below=moved(sym.below))
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


@dataclass(frozen=True)
class Context:
    """What the letters of one claim say together: whether it speaks of elements, whether subscripts are layers, and whether
    the index of the example comes behind that of the unit."""

    indexed: bool
    layers_below: frozenset[str]
    bare: bool = False
    always_below: frozenset[str] = frozenset()
    examples: bool = False
    powers: bool = False
    example_last: bool = False

    def layer(self, sym: Sym) -> Layer | None:
        """The layer that a letter's scripts name."""
        return sym.layer if sym.layer is not None else sym.below if self.is_layer(sym) else None

    def is_layer(self, sym: Sym) -> bool:
        """Whether a subscript is a layer."""
        if sym.layer is not None or sym.below is None or len(sym.subs) > 1:
            return False
        if sym.base in self.always_below:
            return True
        if not sym.subs or sym.below.letter:
            return not sym.subs or sym.below.letter in self.layers_below
        return not self.indexed

    def indices(self, sym: Sym) -> tuple[str, ...]:
        """The indices of an element."""
        return () if self.is_layer(sym) else sym.subs


def context_of(notation: Notation, *sides: Node) -> Context:
    """The context of a claim."""
    n = notation
    syms = [s for side in sides for s in symbols(side)]
    below = {s.below.letter for s in syms if s.below is not None and s.below.letter and not s.subs}
    below |= {"L"}
    indexed = any(isinstance(node, Call) and node.name == ELEMENT for node in nodes(*sides))
    for s in syms:
        if s.base in n.patterns:
            indexed |= bool(s.subs)
            continue
        if s.base in n.below and s.layer is None and s.below is not None and len(s.subs) == 1:
            continue
        if not s.subs or (s.below is not None and s.below.letter in below and len(s.subs) == 1):
            continue
        digits = all(c.isdigit() for c in s.subs)
        layered = s.base in n.families
        if not layered and s.base not in n.fixed and not s.gradient and digits:
            continue  # \lambda_1, n_1
        indexed |= not digits or s.layer is not None or len(s.subs) > 1 or s.base in n.fixed
    bare = any(s.bare for s in syms if s.base in n.families)
    sums = (node for node in nodes(*sides) if isinstance(node, Call) and node.name == "sum")
    examples = bool(n.patterns) and any(Name(n.example) in node.args[1:] for node in sums)
    always = n.below | (n.families.keys() - n.fixed.keys() if n.subscript else frozenset())
    return Context(
        indexed, frozenset(below), bare, frozenset(always), examples, example_last=n.own or example_last(n, syms)
    )


def as_powers(*sides: Node) -> tuple[Node, ...]:
    """The sides with numbers above letters as powers, where they stand there without brackets."""

    def power(sym: Sym) -> Sym:
        if sym.layer is None or not sym.bare or sym.layer.letter or sym.power is not None:
            return sym
        return replace(sym, layer=None, bare=False, power=sym.layer.offset)

    return tuple(substituted(side, power) for side in sides)


def is_square(node: Node) -> bool:
    """Whether a node is the square of something in brackets."""
    return isinstance(node, Binary) and node.op in (POWER, "**") and node.right == Number("2")


def as_lengths(*sides: Node) -> tuple[Node, ...]:
    """The sides with squares as sums of squares."""

    def summed(node: Node) -> Node:
        new = with_children(node, tuple(summed(c) for c in children(node)))
        return Call("sum", (as_of_numbers(new),), style="length", span=node.span) if is_square(new) else new

    return tuple(summed(side) for side in sides)


def of_one_example(notation: Notation, *sides: Node) -> tuple[Node, ...]:
    """The sides without the example's index, where the loss carries it: ``L_i = -\\sum_j y_{ij} \\ln \\hat y_{ij}``."""
    losses = [s for side in sides for s in symbols(side) if s.base in notation.loss]
    found = {s.subs for s in losses if len(s.subs) == 1 and s.subs[0].isalpha()}
    if len(found) != 1 or notation.patterns:
        return sides
    (letter,) = next(iter(found))

    places_of = {s.subs.index(letter) for side in sides for s in symbols(side) if len(s.subs) == 2 and letter in s.subs}
    if len(places_of) > 1:
        return sides  # now first, now last: which one is the example?

    def plain(sym: Sym) -> Sym:
        rank = 2 if notation.families.get(sym.base) == "W" else 1
        known = sym.base in notation.families or sym.base in notation.fixed
        if not known or len(sym.subs) != rank + 1 or sym.subs.count(letter) != 1 or rank == 2:
            return sym
        return replace(sym, subs=tuple(c for c in sym.subs if c != letter))

    return tuple(substituted(side, plain) for side in sides)
