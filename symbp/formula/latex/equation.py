r"""Equations of a chain of equalities: ``a = b = c`` is ``a = b`` and ``a = c``, read once; every part keeps its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lark import Token, Tree

from symbp.errors import InputError
from symbp.formula.latex.parse import at, parse
from symbp.formula.latex.trees import span_of, start
from symbp.formula.tex.clean import with_plain_signs


@dataclass(frozen=True)
class Equation:
    """An equation: its text, the trees of its sides, whose places are columns of the text, and the sign between them."""

    text: str
    left: Tree[Any]
    sign: Token
    right: Tree[Any]


@dataclass(frozen=True)
class Chain:
    """A chain of equalities: where its first side ends, where its first sign does, where the others stand, and its equations."""

    left: int
    sign: int
    rights: tuple[tuple[int, int], ...]
    links: tuple[Equation, ...]


def chain_of(text: str) -> Chain:
    """The chain that a text is, each part held against the first.

    Raises
    ------
    NotAClaim : there is no equality
    InputError : it cannot be read
    """
    tree: Any = parse(text)
    marks = [span_of(t) for t in tree.children[1::2]]
    ends = [*(m.start for m in marks[1:]), len(text)]
    rights = tuple((m.end, m.end + len(text[m.end : end].rstrip())) for m, end in zip(marks, ends, strict=True))
    plain = with_plain_signs(text)
    left, head = plain[: marks[0].start], plain[: marks[0].end]
    links = []
    for k, (first, last) in enumerate(rights):
        sign = tree.children[1] if k == 0 else Token("EQUAL", "=", start_pos=len(left), end_pos=len(left) + 1)
        begun = head if k == 0 else (left + "=").ljust(first)
        links.append(Equation(begun + plain[first:last], tree.children[0], sign, tree.children[2 * k + 2]))
    return Chain(marks[0].start, marks[0].end, rights, tuple(links))


def equation_of(text: str) -> Equation:
    """The equation that a text is; InputError where it is a chain of several, or none."""
    tree: Any = parse(text)
    if len(tree.children) != 3:
        raise InputError("more than one equality sign", place=at(start(tree.children[3])))
    left, sign, right = tree.children
    return Equation(text, left, sign, right)
