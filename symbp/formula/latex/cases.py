r"""``\begin{cases}``: a formula for each condition; the conditions must leave nothing out."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.reads import Reads
from symbp.formula.latex.trees import start
from symbp.formula.syntax import Binary, Call, Compare, Node, Number, Span

_REST = {">": ("<=", "<"), ">=": ("<", "<="), "<": (">=", ">"), "<=": (">", ">=")}
"""For each sign the ones that hold elsewhere; what holds at the kink alone is not asked."""


def cases(reader: Reads, atom: Any, span: Span) -> Node:
    """The value in each case; InputError where a case is without a condition, or the last one is not all the rest."""
    rows = [c for c in atom.children if isinstance(c, Tree) and c.data == "row"]
    read: list[tuple[Node, Node | None]] = []
    for row in rows:
        value, condition = row.children[0], next(c for c in row.children[1:] if not _sign(c))
        if isinstance(condition, Token):
            read.append((reader.sum(value), None))
            continue
        if len(condition.children) != 3:
            raise InputError(
                "a case without a condition", place=at(start(condition)), allowed=r"z > 0, \text{otherwise}"
            )
        read.append((reader.sum(value), reader.cell(condition)))
    *first, (last, rest) = read
    if not first or any(c is None for _, c in first):
        raise InputError(
            "two cases or more, the last for all the rest", place=at(start(atom)), allowed=r"\text{otherwise}"
        )
    if rest is not None and not (len(first) == 1 and _opposite(first[0][1], rest)):
        raise InputError("is the last case all the rest?", place=at(start(rows[-1])), allowed=r"\text{otherwise}")
    node = last
    for value, condition in reversed(first):
        assert condition is not None
        node = Call("where", (condition, value, node), span=span)
    return node


def _sign(part: Any) -> bool:
    """Whether a part of a row is a sign alone."""
    return part is None or (isinstance(part, Token) and part.type != "OTHERWISE")


def _opposite(one: Node | None, other: Node) -> bool:
    """Whether one of two conditions always holds, and never both."""
    if isinstance(one, Compare) and isinstance(other, Compare):
        return (one.left, one.right) == (other.left, other.right) and other.op in _REST.get(one.op, ())
    same, differs = (one, other) if isinstance(one, Compare) else (other, one)
    return same is not None and differs == Binary("-", Number("1"), same)  # i = j, and i different from j
