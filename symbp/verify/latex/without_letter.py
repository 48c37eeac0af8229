r"""Elements that a notation has no letter for and writes out, in derivatives of them by a letter within them."""

from __future__ import annotations

from dataclasses import replace

from symbp.notation import Notation
from symbp.verify.language.syntax import Node, Partial, children, nodes, with_children
from symbp.verify.latex.context import symbols
from symbp.verify.latex.parse import parse
from symbp.verify.latex.reader import Reader
from symbp.verify.latex.symbols import Sym


def with_names(notation: Notation, node: Node) -> Node:
    """The tree with derivatives of elements that are written out as those of the elements, ``z1`` at their unit."""
    if not notation.written_out or not any(isinstance(n, Partial) for n in nodes(node)):
        return node
    units = {c for s in symbols(node) for c in s.subs if c != "0"}
    known = {
        form: Sym(name, subs=(unit,))
        for name, texts in notation.written_out.items()
        for text in texts
        for unit in units
        for form in (_formula(notation, text.format(unit)),)
    }

    def named(part: Node) -> Node:
        below = with_children(part, tuple(named(c) for c in children(part)))
        if isinstance(below, Partial) and below.of in known:
            return replace(below, of=replace(known[below.of], span=below.of.span))  # type: ignore[arg-type]
        return below

    return named(node)


def _formula(notation: Notation, text: str) -> Node:
    return Reader(notation, frozenset()).sum(parse(f"x = {text}").children[2])
