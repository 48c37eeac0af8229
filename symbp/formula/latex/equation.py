r"""Equations of a chain of equalities: ``a = b = c`` is ``a = b`` and ``a = c``, read once; every part keeps its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    """A chain of equalities: its text, remarks on signs left blank, the trees of its sides, and the signs between them."""

    text: str
    sides: tuple[Tree[Any], ...]
    signs: tuple[Token, ...]

    @property
    def left(self) -> int:
        """Where the first side ends."""
        return span_of(self.signs[0]).start

    @property
    def sign(self) -> int:
        """Where the first sign ends."""
        return span_of(self.signs[0]).end

    @property
    def rights(self) -> tuple[tuple[int, int], ...]:
        """Where the other sides stand."""
        marks = [span_of(sign) for sign in self.signs]
        ends = [*(m.start for m in marks[1:]), len(self.text)]
        return tuple((m.end, m.end + len(self.text[m.end : e].rstrip())) for m, e in zip(marks, ends, strict=True))

    @property
    def links(self) -> tuple[Equation, ...]:
        """The equations, each part held against the first."""
        first, sign = self.sides[0], self.signs[0]
        left, head = self.text[: self.left], self.text[: self.sign]
        found = [Equation(head + self.text[slice(*self.rights[0])], first, sign, self.sides[1])]
        for (begun, end), right in zip(self.rights[1:], self.sides[2:], strict=True):
            equal = Token("EQUAL", "=", start_pos=len(left), end_pos=len(left) + 1)
            found.append(Equation((left + "=").ljust(begun) + self.text[begun:end], first, equal, right))
        return tuple(found)

    def with_side(self, k: int, side: Tree[Any], words: str) -> Chain:
        """The chain with another side in words of its own, every character behind it in its column."""
        start, end = (0, self.left) if k == 0 else self.rights[k - 1]
        text = self.text[:start] + words.ljust(end - start) + self.text[end:]
        return replace(self, text=text, sides=(*self.sides[:k], side, *self.sides[k + 1 :]))


def chain_of(text: str) -> Chain:
    """The chain that a text is, read once.

    Raises
    ------
    NotAClaim : there is no equality
    InputError : it cannot be read
    """
    tree: Any = parse(text)
    return Chain(with_plain_signs(text), tuple(tree.children[::2]), tuple(tree.children[1::2]))


def equation_of(text: str) -> Equation:
    """The equation that a text is; InputError where it is a chain of several, or none."""
    tree: Any = parse(text)
    if len(tree.children) != 3:
        raise InputError("more than one equality sign", place=at(start(tree.children[3])))
    left, sign, right = tree.children
    return Equation(text, left, sign, right)
