r"""Sums in LaTeX: over which letters they run, and to where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lark import Tree

from symbp.errors import InputError
from symbp.verify.language.syntax import Call, Name, Node
from symbp.verify.latex.parse import at
from symbp.verify.latex.symbols import scripts_of, single, span_of, start, subscripts

if TYPE_CHECKING:
    from symbp.verify.latex.reader import Reader


@dataclass(frozen=True)
class Limit:
    """A sum's upper limit, to be held against the axis that it runs over."""

    letter: str
    text: str
    body: Node
    column: int


def opened(reader: Reader, tree: Any) -> Node:
    """A sum over letters, with what stands before it."""
    before, function, big, *scripts, body = tree.children
    reader.sums = True
    given = scripts_of(scripts)
    if not given.subs:
        raise InputError("a sum that does not say over what", place=at(start(big)), allowed=r"\sum_j")
    inside = reader.product(body)
    letters = sum_letters(reader, given.subs[0], given.sups, inside)
    node: Node = Call("sum", (inside, *(Name(c, span=span_of(big)) for c in letters)), span=span_of(tree))
    if function is not None:
        node = Call({r"\\ln": "log", r"\\log": "log"}.get(str(function), function[1:]), (node,), span=span_of(tree))
    if before is None:
        return node
    return reader.joined(reader.chain(before.children), node, "juxt", span_of(tree))


def sum_letters(reader: Reader, sub: Any, sups: tuple[Any, ...], body: Node) -> tuple[str, ...]:
    """The letters that a sum runs over; what stands above it is kept to be checked."""
    cells: Any = sub.children[0].children if isinstance(sub, Tree) and sub.children and sub.children[0] else ()
    if len(cells) == 1 and len(cells[0].children) == 3:
        left, sign, right = cells[0].children
        first = single(right)
        if sign != "=" or first is None or first != "1":
            raise InputError("a sum starts at 1", place=at(start(sub)), allowed=r"\sum_{k=1}^{K}")
        letters = subscripts(Tree("braces", [Tree("cells", [Tree("cell", [left], left.meta)], left.meta)], sub.meta))
    else:
        letters = subscripts(sub)
    if any(c.isdigit() for c in letters):
        raise InputError("a sum runs over a letter", place=at(start(sub)), allowed=r"\sum_j")
    for sup in sups:
        token = single(sup)
        text = str(token) if token is not None and token.type == "NUMBER" else ""
        if text:
            reader.limits += [Limit(c, text, body, start(sup)) for c in letters]
    return letters
