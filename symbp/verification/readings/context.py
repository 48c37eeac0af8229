"""What the letters of one LaTeX claim say together: whether it speaks of elements, and which scripts are layers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from symbp.formula.latex.powers import POWER, as_of_numbers
from symbp.formula.latex.symbols import Layer, Sym, substituted, symbols
from symbp.formula.syntax import Binary, Call, Name, Node, Number, children, nodes, with_children
from symbp.formula.words import ELEMENT
from symbp.notation import Notation
from symbp.verification.readings.indices import example_last


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

    return tuple(substituted(side, power) for side in sides)  # type: ignore[arg-type]


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

    return tuple(substituted(side, plain) for side in sides)  # type: ignore[arg-type]
