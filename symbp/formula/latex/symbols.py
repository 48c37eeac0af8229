r"""Letters with their scripts: ``W^{(2)\top}_{ij}`` is a base, a layer, indices, and whether it is transposed.

Powers are left open, as ``Binary("^", ...)``, until the shapes of what stands there are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lark import Token, Tree

from symbp.errors import InputError, shown
from symbp.formula.latex.parse import at
from symbp.formula.latex.trees import Scripts, is_group, links, single, start, word
from symbp.formula.syntax import (
    Binary,
    Layer,
    Negate,
    Node,
    Number,
    Span,
    Sym,
    Transpose,
    children,
    nodes,
    with_children,
)

POWER = "^"
"""The sign of a power that is open."""


def of_elements(tree: Any) -> bool:
    r"""Whether a superscript is a power of each element, ``{\circ 2}``."""
    return isinstance(tree, Tree) and tree.data == "each"


def as_of_numbers(node: Node) -> Node:
    """The tree with open powers as those of numbers, as in index notation."""
    new = with_children(node, tuple(as_of_numbers(c) for c in children(node)))
    return Binary("**", new.left, new.right, span=new.span) if isinstance(new, Binary) and new.op == POWER else new


LAYER_LETTERS = frozenset(("l", "k", "L", "ell"))

EXAMPLE_LETTERS = frozenset(("i", "j", "n", "m", "p", "q", "r", "s", "t", "mu"))

_OF_PLACES = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-*")
_TRANSPOSED = frozenset(("T", r"\top", r"\intercal"))


def layer_of(tree: Any) -> Layer | None:
    """The layer that a script says: ``2``, ``l``, ``l+1``, ``L-1``."""
    inner = links(tree) if isinstance(tree, Tree) and tree.data == "group" else None
    token = single(inner[0] if inner is not None and len(inner) == 1 else tree)
    if token is not None:
        if token.type == "NUMBER" and token.isdigit() and len(token) < 4:
            return Layer("", int(token))
        letter = word(token).lstrip("\\")
        return Layer(letter, 0) if letter in LAYER_LETTERS else None
    while isinstance(tree, Tree) and tree.data != "sum":
        parts = [c for c in tree.children if c is not None]
        if len(parts) != 1 or tree.data == "scripted":
            return None
        tree = parts[0]
    if not isinstance(tree, Tree) or len(tree.children) != 4 or tree.children[0] is not None:
        return None
    base, sign, offset = layer_of(tree.children[1]), tree.children[2], layer_of(tree.children[3])
    if base is None or offset is None or not base.letter or offset.letter:
        return None
    return Layer(base.letter, offset.offset if sign == "+" else -offset.offset)


def pieces(tree: Any) -> list[Any]:
    """The parts of a superscript: ``{(2)\\top}`` has two."""
    if isinstance(tree, Token):
        return [tree]
    if tree.data == "braces" and layer_of(tree) is None:
        found = links(tree)
        if found is not None:
            return [p for f in found for p in _parts(f)]
    return [tree]


def _parts(link: Any) -> list[Any]:
    r"""A part of a superscript; ``(2)^T`` is two."""
    if not isinstance(link, Tree) or link.data != "scripted":
        return [link]
    first, *scripts = [*link.children]
    if all(s.data == "sup" and is_transposition(s.children[0]) for s in scripts):
        return [*(pieces(first) if scripts else [first]), *(s.children[0] for s in scripts)]
    return [link]


def is_transposition(tree: Any) -> bool:
    """Whether a script is a sign of transposition."""
    token = single(tree)
    return token is not None and word(token) in _TRANSPOSED


def is_power(tree: Any, words: frozenset[str] | None) -> bool:
    """Whether a superscript can be nothing but a power: a number that is no layer, ``{-2}``, ``{3/2}``; or, where `words` are the
    names that there are and nothing has layers, a formula of these, ``{\\gamma - 1}``."""
    if not isinstance(tree, Tree) or tree.data != "braces" or is_inversion(tree) or layer_of(tree) is not None:
        return False
    tokens = [*tree.scan_values(lambda t: isinstance(t, Token))]
    numbers = [t for t in tokens if t.type in ("NUMBER", "HALF")]
    if any(t.type not in ("NUMBER", "HALF", "ADD", "SLASH", "FRAC", "LETTER", "COMMAND", "WORD") for t in tokens):
        return False
    letters = [word(t).lstrip("\\") for t in tokens if t.type in ("LETTER", "COMMAND", "WORD")]
    if letters:
        return words is not None and "T" not in letters and all(c in words for c in letters)
    signs = any(t.type in ("HALF", "ADD", "SLASH", "FRAC") for t in tokens)
    return bool(numbers) and (signs or (len(tokens) == 1 and not numbers[0].isdigit()))


def is_positive_part(tree: Any) -> bool:
    """Whether a subscript is a plus, ``[z]_+``."""
    tokens = [tree] if isinstance(tree, Token) else [*tree.scan_values(lambda t: isinstance(t, Token))]
    return len(tokens) == 1 and str(tokens[0]) == "+"


def is_inversion(tree: Any) -> bool:
    """Whether a script is that of an inverse, ``{-1}``, or of its transpose, ``{-T}``."""
    tokens = (
        [*tree.scan_values(lambda t: isinstance(t, Token))] if isinstance(tree, Tree) and tree.data == "braces" else []
    )
    return len(tokens) == 2 and str(tokens[0]) == "-" and (str(tokens[1]) == "1" or word(tokens[1]) in _TRANSPOSED)


def inverted(node: Node, script: Any, span: Span) -> Node:
    """What a formula is with the script of an inverse: an open power, or its transpose."""
    made = Binary(POWER, node, Negate(Number("1", span=span), span=span), span=span)
    (_, last) = script.scan_values(lambda t: isinstance(t, Token))
    return made if str(last) == "1" else Transpose(made, span=span)


def prefixed(scripts: Scripts) -> bool:
    r"""Whether scripts of an empty group are those of ``{}^t W``, which transposes what follows."""
    tokens = [single(s) for s in scripts.sups]
    return len(tokens) == 1 and tokens[0] is not None and str(tokens[0]) == "t"


def subscripts(tree: Any, places: bool = False) -> tuple[str, ...]:
    r"""The indices of a subscript: ``ij``, ``i,j``, ``11``, ``i \leadsto j``; where there may be `places`, ``2p + u - 1`` too."""
    token = single(tree)
    if token is not None:
        return _index(token)
    cells = [c for c in tree.children if c is not None]
    if tree.data != "braces" or len(cells) != 1:
        raise InputError("a subscript that is no index", place=at(start(tree)), allowed="letters and numbers")
    found: list[str] = []
    several = len(cells[0].children) > 1
    for cell in cells[0].children:
        place = _place(cell, several) if places else None
        if place is not None:
            found.append(place)
            continue
        parts = [c for c in cell.children if not isinstance(c, Token)]
        if any(isinstance(c, Token) and c.type != "LEADSTO" for c in cell.children):
            raise InputError("a subscript that is no index", place=at(start(tree)))
        for part in parts:
            for link in links(part) or [part]:
                one = single(link)
                marked = _marked(link) if one is None else None
                if marked is not None:
                    found.append(marked)
                    continue
                if one is None:
                    raise InputError("a subscript that is no index", place=at(start(tree)), allowed="letters, numbers")
                found += (str(one),) if several and one.type == "NUMBER" else _index(one)
    return tuple(found)


def _place(cell: Any, several: bool) -> str | None:
    """A place made of letters and numbers with signs between them, as index notation has it, ``2*p+u-1``; a number beside letters
    is a factor where commas tell indices apart. None where a cell is something else."""
    if len(cell.children) != 1 or cell.children[0].data != "sum":
        return None
    text, parts = "", [c for c in cell.children[0].children if c is not None]
    for part in parts:
        if isinstance(part, Token):
            text += str(part)
            continue
        tokens = [single(link) for link in links(part) or [None]]
        if any(t is None for t in tokens):
            return None
        factors = [str(t) if t.type == "NUMBER" else "*".join(_index(t)) for t in tokens if t is not None]
        if not all(f.isdigit() or f.isidentifier() for f in factors):
            return None
        if len(parts) == 1 and not (
            several and len(factors) == 2 and factors[0].isdigit() and not factors[1].isdigit()
        ):
            return None
        text += "*".join(factors)
    return text if set(text) <= _OF_PLACES else None


def _marked(link: Any) -> str | None:
    """An index letter with its primes, ``k'``."""
    if not isinstance(link, Tree) or link.data != "scripted":
        return None
    letter, marks = single(link.children[0]), [*link.children[1:]]
    if letter is None or any(not isinstance(m, Tree) or m.data != "prime" for m in marks):
        return None
    return _index(letter)[0] + "'" * sum(len(str(m.children[0])) for m in marks)


def _index(token: Token) -> tuple[str, ...]:
    if token.type == "NUMBER":
        if not token.isdigit():
            raise InputError("a subscript that is no index", place=at(start(token)))
        return tuple(token)
    letter = word(token).lstrip("\\")
    if not re.fullmatch(r"[A-Za-z]+", letter):
        raise InputError(f"{shown(str(token))} is no index", place=at(start(token)))
    return (letter,)


def symbol(base: str, scripts: Scripts, span: Span) -> tuple[Sym, bool]:
    """A letter with its scripts, and whether it is transposed."""
    sym, turned = Sym(base, span=span), False
    for sup in scripts.sups:
        of_input = _of_input(sup)
        if of_input is not None and sym.layer is None:
            sym = replace(sym, layer=of_input, bare=True, example="x")
            continue
        for piece in pieces(sup):
            if is_transposition(piece):
                turned = not turned
                continue
            token = single(piece)
            if token is not None and word(token) == r"\prime":
                continue  # counted by the caller
            bracketed = isinstance(piece, Tree) and piece.data == "group"
            layer = layer_of(piece)
            if layer is not None and sym.layer is None and sym.power is None:
                sym = replace(sym, layer=layer, bare=not bracketed)
            elif layer is not None and not bracketed and not layer.letter and sym.power is None:
                sym = replace(sym, power=layer.offset)
            elif layer is None and bracketed and not sym.example and (example := _example(piece)):
                sym = replace(sym, example=example)
            elif layer is None and bracketed and not sym.owner and (owner := _owner(piece)):
                sym = replace(sym, owner=owner)
            else:
                allowed = rf"({base})^2, {base}^{{\circ 2}}"
                raise InputError("a superscript that is neither a layer nor T", place=at(start(piece)), allowed=allowed)
    for sub in scripts.subs:
        inner = pieces(sub)
        if len(inner) == 1 and is_group(inner[0]) and layer_of(inner[0]) is not None and sym.layer is None:
            sym = replace(sym, layer=layer_of(inner[0]))  # W_{[1]}
            continue
        below = layer_of(sub)
        try:
            sym = replace(sym, subs=subscripts(sub, below is None), below=below)
        except InputError:
            if below is None:
                raise
            sym = replace(sym, below=below)
    return sym, turned


def _of_input(sup: Any) -> Layer | None:
    """The layer behind the letter of the input, ``{x,l}``; None where a superscript is something else."""
    inner: Any = sup.children[0] if isinstance(sup, Tree) and sup.data == "braces" else None
    cells: list[Any] = inner.children if inner is not None else []
    if len(cells) != 2 or (token := single(cells[0])) is None or word(token) != "x":
        return None
    return layer_of(cells[1])


def _example(group: Any) -> str:
    """The letter in brackets that counts the examples, which is none that counts layers; empty where it is no such letter."""
    inner = links(group)
    token = single(inner[0]) if inner is not None and len(inner) == 1 else None
    letter = word(token).lstrip("\\") if token is not None else ""
    return letter if letter in EXAMPLE_LETTERS else ""


def _owner(group: Any) -> str:
    r"""The name in brackets of a layer, ``(\mathrm{stem})``; empty where it is no name."""
    inner = links(group)
    token = single(inner[0]) if inner is not None and len(inner) == 1 else None
    name = word(token).replace("\\", "") if token is not None else ""
    return name if re.fullmatch(r"[A-Za-z]\w*", name) else ""


def example_of(scripts: Scripts) -> str:
    """The letter of the example where a superscript in brackets says nothing else; else empty."""
    found = [p for s in scripts.sups for p in pieces(s)]
    return _example(found[0]) if len(found) == 1 and is_group(found[0]) and layer_of(found[0]) is None else ""


def primes_of(scripts: Scripts) -> int:
    r"""How many primes there are, ``^\prime`` included."""
    tokens = (single(p) for s in scripts.sups for p in pieces(s))
    return scripts.primes + sum(t is not None and word(t) == r"\prime" for t in tokens)


def is_prime(tree: Any) -> bool:
    r"""Whether a script is \prime."""
    token = single(tree)
    return token is not None and word(token) == r"\prime"


def symbols(node: Node) -> Iterator[Sym]:
    """The letters of a tree."""
    for n in nodes(node):
        if isinstance(n, Sym):
            yield n


def substituted(node: Node, value: Callable[[Sym], Node]) -> Node:
    """The tree with every letter looked up."""
    if isinstance(node, Sym):
        return value(node)
    return with_children(node, tuple(substituted(c, value) for c in children(node)))
