r"""Letters of a problem that its names are spelled with: ``W_f``, ``h_{t-1}`` for h_prev, ``x_i`` for a row of X, ``x^{(i)}``.

Where nothing has layers, a subscript belongs to the name wherever that makes it one of the problem's, and is an index elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lark import Token, Tree

from symbp.formula.latex.symbols import is_transposition, pieces, symbol
from symbp.formula.latex.trees import Reads, Scripts, word
from symbp.formula.syntax import Span, Sym

_TIMES: Mapping[str, tuple[str, ...]] = {
    "t-1": ("prev", "old", "tm1"), "t+1": ("next", "new", "tp1"), "l-1": ("prev",), "l+1": ("next",),
    "L-1": ("prev",), "k-1": ("prev",), "k+1": ("next",),
}  # fmt: skip
"""What names say for the step before and the one behind."""


def own_symbol(reader: Reads, base: str, scripts: Scripts, span: Span) -> tuple[Sym, bool]:
    """A letter with its scripts, and whether it is transposed: the problem's name that they spell, else as everywhere."""
    if not reader.notation.spelled:
        return symbol(base, scripts, span)
    base, scripts, indices = _named(reader, base, scripts)
    sym, turned = symbol(base, scripts, span)
    sym = _of_example(reader, replace(sym, subs=(*indices, *sym.subs)) if indices else sym)
    row = reader.notation.rows.get(base)
    if row is not None and sym.subs:
        sym = replace(sym, base=row)
    return sym, turned


def is_stem(reader: Reads, base: str) -> bool:
    """Whether names of a problem begin with a letter and a subscript, or a matrix has rows of that letter."""
    return base in reader.notation.stems or base in reader.notation.rows


def _named(reader: Reads, base: str, scripts: Scripts) -> tuple[str, Scripts, tuple[str, ...]]:
    """The name that a letter is with its scripts, the scripts that are left, and indices behind a comma in them."""
    for above in scripts.sups if base not in reader.notation.fixed else ():
        text = _above(above)
        found = next((n for n in _spellings(reader, base, text) if n in reader.known_words), None) if text else None
        if found is not None:
            return found, replace(scripts, sups=tuple(s for s in scripts.sups if s is not above)), ()
    if len(scripts.subs) != 1:
        return base, scripts, ()
    first, *rest = _groups(scripts.subs[0])
    left = replace(scripts, subs=())
    for text, indices in (("".join((first, *rest)), ()), (first, tuple("".join(rest)))):
        if indices and base in reader.notation.fixed:
            continue
        found = next((n for n in _spellings(reader, base, text) if n in reader.known_words), None)
        if found is not None:
            return found, left, indices
    return base, scripts, ()


def _spellings(reader: Reads, base: str, text: str) -> Iterator[str]:
    """The names that a letter may be with a script, the likeliest first."""
    letter = base.lstrip("\\")
    yield f"{letter}_{text}"
    if letter != "d" and (base not in reader.notation.fixed or not text.isalnum()) and not text.isdigit():
        yield f"{letter}{text}"
    for word_ in _TIMES.get(text, ()):
        yield f"{letter}_{word_}"
        yield f"{letter}{word_}"
    if text == "t" and text not in reader.known_words and reader.notation.steps:
        yield letter


def _groups(script: Any) -> list[str]:
    """What stands between the commas of a subscript, without its braces."""
    if isinstance(script, Token):
        return [_text(script)]
    cells = [c for c in script.children if isinstance(c, Tree) and c.data == "cells"] if script.data == "braces" else []
    parts: list[Any] = cells[0].children if cells else [script]
    return ["".join(_text(t) for t in part.scan_values(lambda t: isinstance(t, Token))) for part in parts]


def _text(token: Token) -> str:
    return word(token).lstrip("\\").strip()


def _above(script: Any) -> str:
    """A letter or a word above another, which may be a part of its name; empty for what says something else."""
    if any(is_transposition(p) for p in pieces(script)):
        return ""
    text = "".join(_groups(script))
    return text if re.fullmatch(r"[A-Za-z]+([-+]1)?", text) else ""


def _of_example(reader: Reads, sym: Sym) -> Sym:
    """A letter with the number of its example, ``x^{(i)}_j``, at the index of it: the first of rows, else the last."""
    layered = sym.layer.letter if sym.layer is not None and not sym.bare and not sym.layer.offset else ""
    example = sym.example or layered
    if not example:
        return sym
    plain = replace(sym, example="", layer=None if layered else sym.layer)
    columns = reader.notation.layout == "columns"
    return replace(plain, subs=(*sym.subs, example) if columns else (example, *sym.subs))
