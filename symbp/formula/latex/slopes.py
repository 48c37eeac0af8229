r"""Slopes of scalar functions as fractions: ``\frac{d\sigma}{dz}(z_1)``, ``\left.\frac{dg}{dz}\right|_{z = z_1}``."""

from __future__ import annotations

from typing import Any

from lark import Tree

from symbp.errors import InputError
from symbp.formula.latex.derivatives import differential
from symbp.formula.latex.functions import applied
from symbp.formula.latex.parse import at
from symbp.formula.latex.reads import Reads
from symbp.formula.latex.symbols import Sym
from symbp.formula.latex.trees import Scripts, is_group, links, scripts_of, single, span_of, start, word
from symbp.formula.syntax import Call, Node, Span


def slope_of(reader: Reads, parts: list[Any], k: int) -> tuple[Node, int] | None:
    r"""The slope that begins at a link: ``\frac{d\sigma(z)}{dz}``, ``\frac{d\sigma}{dz}(z_1)``, ``\dot\sigma(z)``."""
    part = parts[k]
    atom, span = part.children[0], span_of(part)
    following = parts[k + 1] if k + 1 < len(parts) and isinstance(parts[k + 1], Tree) else None
    argument = (
        following
        if following is not None and following.data == "scripted" and is_group(following.children[0])
        else None
    )
    if atom.data == "accent":
        over = single(atom.children[1])
        if str(atom.children[0]) != r"\dot" or over is None or not _function(reader, over):
            return None
        if argument is None or scripts_of(part.children[1:]) != Scripts():
            raise InputError("the slope of a function, without its argument", place=at(start(atom)), allowed="g'(z)")
        return _applied(reader, over, argument, Span(span.start, span_of(argument).end)), 2
    found = _fraction(reader, atom)
    if found is None:
        return None
    letter, inside, below = found
    if len(part.children) > 1:
        raise InputError("a slope with scripts", place=at(start(part)), allowed="g'(z)")
    if inside is not None:
        node = _applied(reader, letter, inside, span)
        variable = reader.chain(below)
        if not isinstance(node, Call) or node.args != (variable,):
            raise InputError(
                "a slope with respect to another letter than the argument", place=at(start(atom)), allowed="g'(z)"
            )
        return node, 1
    if argument is not None:
        return _applied(reader, letter, argument, Span(span.start, span_of(argument).end)), 2
    variable = reader.chain(below)
    if not isinstance(variable, Sym):
        raise InputError("a slope at what?", place=at(start(atom)), allowed="g'(z)")
    return Call(_name(reader, letter), (variable,), 1, span=span), 1


def slope_at(reader: Reads, atom: Any, scripts: Scripts, span: Span) -> Node:
    r"""``\left.\frac{d\sigma}{dz}\right|_{z = z_1}``."""
    parts = atom.children[1].children
    found = _fraction(reader, parts[0].children[0]) if len(parts) == 1 and parts[0].data == "scripted" else None
    cells = scripts.subs[0].children[0] if scripts.subs and isinstance(scripts.subs[0], Tree) else None
    if found is not None and found[1] is not None and [*reader.cells(found[1].children[0])] != [reader.chain(found[2])]:
        raise InputError(
            "a slope with respect to another letter than the argument", place=at(start(atom)), allowed="g'(z)"
        )
    if found is None or scripts.sups or scripts.primes or not isinstance(cells, Tree):
        raise InputError("a value at a point is read of a function's slope", place=at(start(atom)), allowed="g'(z_1)")
    cell = cells.children[0]
    if len(cells.children) != 1 or len(cell.children) not in (1, 3):
        raise InputError("at which point?", place=at(start(cells)), allowed="z = z_1")
    if len(cell.children) == 3 and reader.sum(cell.children[0]) != reader.chain(found[2]):
        raise InputError("a point of another variable", place=at(start(cells)), allowed="z = z_1")
    return Call(_name(reader, found[0]), (reader.sum(cell.children[-1]),), 1, span=span)


def _function(reader: Reads, token: Any) -> bool:
    return word(token) in reader.notation.activations or word(token) in reader.notation.functions


def _fraction(reader: Reads, atom: Any) -> tuple[Any, Any, list[Any]] | None:
    """The function's letter, its argument where it has one, and what stands below, of a fraction that is a slope."""
    if not isinstance(atom, Tree) or atom.data != "fraction":
        return None
    tops, bottoms = links(atom.children[1]), links(atom.children[2])
    if not tops or not bottoms or not (differential(tops[0]) and differential(bottoms[0])) or len(tops) not in (2, 3):
        return None
    letter = single(tops[1])
    if letter is None or not _function(reader, letter) or len(bottoms) < 2:
        return None
    if len(tops) == 3 and not (
        tops[2].data == "scripted" and is_group(tops[2].children[0]) and len(tops[2].children) == 1
    ):
        return None
    return letter, tops[2] if len(tops) == 3 else None, bottoms[1:]


def _name(reader: Reads, token: Any) -> str:
    base = word(token)
    return "g" if base in reader.notation.activations else reader.notation.functions[base]


def _applied(reader: Reads, token: Any, following: Any, span: Span) -> Node:
    node = applied(reader, word(token), Scripts(), following, span)
    if not isinstance(node, Call) or node.primes:
        raise InputError("the slope of what?", place=at(span.start), allowed="g'(z)")
    return Call(node.name, node.args, 1, span=span)
