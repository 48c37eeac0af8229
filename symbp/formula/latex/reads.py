"""What a rule asks of the reader that it is a rule of: the letters of the page, and the parts of a formula read in their turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from symbp.formula.latex.symbols import Sym
from symbp.formula.latex.trees import Scripts
from symbp.formula.syntax import Node, Span
from symbp.notation import Notation


@dataclass(frozen=True)
class Limit:
    """A sum's upper limit, to be held against the axis that the letter runs over: a number, or a letter for the length."""

    letter: str
    body: Node
    column: int
    number: int | None = None
    length: Sym | None = None


class Reads(Protocol):
    """The reader of a side, as its rules know it; `limits`, `sums` and `losses` are what it has found so far."""

    @property
    def notation(self) -> Notation:
        """The letters of the page."""

    @property
    def known_words(self) -> frozenset[str]:
        """The names that a word may be, beside functions."""

    @property
    def depth(self) -> int:
        """The number of layers."""

    @property
    def vectors(self) -> bool:
        """Whether the input is more than a number."""

    limits: list[Limit]
    sums: bool
    losses: list[str]

    def sum(self, tree: Any) -> Node:
        """A sum of products."""

    def product(self, tree: Any) -> Node:
        """Chains with Hadamard signs between them."""

    def chain(self, parts: list[Any]) -> Node:
        """Factors side by side."""

    def factor(self, parts: list[Any], k: int, before: Node | None) -> tuple[Node | None, int]:
        """The factor that begins at a link, and how many links it takes."""

    def joined(self, left: Node, right: Node, op: str, span: Span) -> Node:
        """Two factors, with the sign between them."""

    def inner(self, tree: Any) -> Node:
        """What one argument or one pair of brackets holds."""

    def cells(self, tree: Any) -> list[Node]:
        """What stands between commas in brackets."""

    def cell(self, tree: Any) -> Node:
        """An expression or a comparison."""

    def plain_letters(self, group: Any) -> bool:
        """Whether brackets hold letters alone."""

    def scripted_node(self, node: Node | None, scripts: Scripts, column: int, span: Span) -> Node:
        """An expression with a power, or transposed."""

    def element_of(self, formula: Node) -> Node:
        """The element that a formula writes out where the notation has no letter for it; else the formula."""
