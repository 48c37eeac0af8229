"""The grammar's trees: where they stand, what braces hold, which scripts an atom has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lark import Token, Tree

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.syntax import Span

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


def is_group(tree: Any) -> bool:
    """Whether a tree is something in brackets."""
    return isinstance(tree, Tree) and tree.data == "group"
