"""Elements that a notation has no letter for and writes out, in derivatives of them or by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from symbp.formula.latex.parse import parse
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Node, Sym
from symbp.notation import Notation


def element_of(notation: Notation, formula: Node, read: Callable[[Any], Node]) -> Node:
    """The element that a formula writes out, ``z1`` at its unit; the formula where it is none. `read` reads a side."""
    units = {c for s in symbols(formula) for c in s.subs if c != "0"} if notation.written_out else ()
    for name, texts in notation.written_out.items():
        for text in texts:
            for unit in units:
                if read(parse(f"x = {text.format(unit, notation.example)}").children[2]) == formula:
                    return replace(Sym(name, subs=(unit,)), span=formula.span)
    return formula
