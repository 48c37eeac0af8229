r"""Braces in LaTeX: a letter with scripts inside and outside, ``{W^{(2)}}^T``, and scripts that stand alone, ``{}^T W``."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from symbp.errors import InputError
from symbp.formula.latex.derivatives import differential
from symbp.formula.latex.parse import at
from symbp.formula.latex.reads import Reads
from symbp.formula.latex.symbols import is_transposition, layer_of, pieces, prefixed
from symbp.formula.latex.trees import Scripts, links, scripts_of, span_of, start
from symbp.formula.syntax import Node, transposed


def braces(reader: Reads, parts: list[Any], k: int, scripts: Scripts, before: Node | None) -> tuple[Node | None, int]:
    """Braces: empty ones carry the scripts of what stands before them; one letter's scripts add up with its own."""
    atom = parts[k].children[0]
    if atom.children[0] is None:
        if before is None or prefixed(scripts):
            return _turned(reader, parts, k, scripts)
        return None, 1
    inner = links(atom)
    if inner is not None and len(inner) == 1 and isinstance(inner[0], Tree) and inner[0].data == "scripted":
        power = scripts.sups[0] if len(scripts.sups) == 1 and not scripts.subs and not scripts.primes else None
        own = [p for s in scripts_of(inner[0].children[1:]).sups for p in pieces(s) if layer_of(p) is not None]
        if own and isinstance(power, Token) and power.isdigit():
            return reader.scripted_node(reader.inner(atom), scripts, start(atom), span_of(parts[k])), 1  # {a^{(1)}}^2
        merged = Tree("scripted", [*inner[0].children, *parts[k].children[1:]], parts[k].meta)
        return reader.factor([*parts[:k], merged, *parts[k + 1 :]], k, before)
    if inner is not None and len(inner) == 2 and differential(inner[0]) and not scripts.primes:
        whole = Tree("scripted", [*inner[1].children, *parts[k].children[1:]], inner[1].meta)
        return reader.factor([inner[0], whole], 0, before)[0], 1  # {dW}^{[1]}
    return reader.scripted_node(reader.inner(atom), scripts, start(atom), span_of(parts[k])), 1


def _turned(reader: Reads, parts: list[Any], k: int, scripts: Scripts) -> tuple[Node, int]:
    r"""``{}^T W``, the transpose of what follows."""
    where = at(start(parts[k]))
    if (
        not scripts.sups
        or scripts.subs
        or not all(prefixed(Scripts((), (s,))) or is_transposition(s) for s in scripts.sups)
    ):
        raise InputError("nothing stands here", place=where)
    if k + 1 >= len(parts) or isinstance(parts[k + 1], Token):
        raise InputError("the transpose of what?", place=where)
    node, used = reader.factor(parts, k + 1, None)
    assert node is not None
    return transposed(node), used + 1
