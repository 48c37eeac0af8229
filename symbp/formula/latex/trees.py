"""The grammar's trees: where they stand, what braces hold, which scripts an atom has; and what a rule asks of the reader
that it is a rule of: the letters of the page, and the parts of a formula read in their turn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from lark import Token, Tree

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.syntax import Node, Span, Sym
from symbp.notation import Notation

_UNICODE = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
            "λ": "lambda", "μ": "mu", "σ": "sigma", "τ": "tau", "φ": "phi", "ψ": "psi", "ω": "omega", "Δ": "Delta",
            "∂": "partial", "∇": "nabla", "π": "pi", "ρ": "rho", "ξ": "xi", "κ": "kappa", "ν": "nu"}  # fmt: skip


@dataclass(frozen=True)
class Scripts:
    """What stands around an atom: subscript and superscript arguments in order, and the number of primes."""

    subs: tuple[Any, ...] = ()
    sups: tuple[Any, ...] = ()
    primes: int = 0


def span_of(tree: Any) -> Span:
    """Where a tree or a token stood."""
    if isinstance(tree, Token):
        return Span(tree.start_pos or 0, tree.end_pos or 0)
    return Span(getattr(tree.meta, "start_pos", 0), getattr(tree.meta, "end_pos", 0))


def start(tree: Any) -> int:
    """The column where a tree or a token begins."""
    return span_of(tree).start


def links(tree: Any) -> list[Any] | None:
    """The links of a plain chain in braces, brackets or none; None where there is a sign, a comma or a sum."""
    while isinstance(tree, Tree) and tree.data != "scripted":
        if tree.data == "chain":
            return list(tree.children)
        parts = [c for c in tree.children if c is not None]
        if len(parts) != 1:
            return None
        tree = parts[0]
    return [tree]


def single(tree: Any) -> Any | None:
    """The token that braces hold, or the token itself; None where it is more than one, or has scripts."""
    if isinstance(tree, Token):
        return tree
    found = links(tree) if isinstance(tree, Tree) and tree.data not in ("group",) else None
    if found is None or len(found) != 1:
        return None
    one = found[0]
    if isinstance(one, Tree) and one.data == "scripted" and len(one.children) == 1:
        return single(one.children[0]) if one.children[0] is not tree else None
    return one if isinstance(one, Token) else None


def word(token: Token) -> str:
    r"""A token as a base: a letter, ``\delta``, or the word in ``\mathrm{word}``."""
    if token.type == "WORD":
        return re.sub(r"^\\[a-z]+\*?\s*\{\s*|\s*\}$", "", token).replace("\\", "")
    if token in _UNICODE:
        return "\\" + _UNICODE[token]
    return str(token)


def scripts_of(trees: list[Any]) -> Scripts:
    """The scripts of an atom."""
    subs = tuple(t.children[0] for t in trees if t.data == "sub")
    sups = tuple(t.children[0] for t in trees if t.data == "sup")
    primes = sum(len(t.children[0]) for t in trees if t.data == "prime")
    if len(subs) > 1:
        raise InputError("two subscripts", place=at(start(trees[-1])))
    return Scripts(subs, sups, primes)


def meta_of(tree: Any) -> Any:
    """The place of a tree or of a token, for a tree that is made of it."""
    if isinstance(tree, Tree):
        return tree.meta
    made: Tree[Any] = Tree("scripted", [])
    made.meta.start_pos, made.meta.end_pos = tree.start_pos, tree.end_pos
    return made.meta


def whole(*parts: Any) -> Tree[Any]:
    """Links side by side as a side of an equation."""
    meta = parts[0].meta
    return Tree("sum", [None, Tree("product", [Tree("chain", [*parts], meta)], meta)], meta)


def cells(*parts: Any) -> Tree[Any]:
    """Links side by side as what brackets hold."""
    return Tree("cells", [Tree("cell", [whole(*parts)], parts[0].meta)], parts[0].meta)


def is_group(tree: Any) -> bool:
    """Whether a tree is something in brackets."""
    return isinstance(tree, Tree) and tree.data == "group"


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
