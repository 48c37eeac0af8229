"""What stands in the slots of an element besides letters: places such as ``2*p+u-1`` and ``k[n,t]``, kept as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from symbp.formula.grammar import read_formula
from symbp.formula.printing import node_text
from symbp.formula.syntax import Node, Read, nodes

_PLACE = re.compile(r"[^*].*[-+*\[(].*|-.+")


def slot_text(node: Node) -> str:
    """A place as an element has it, without spaces."""
    return node_text(node).replace(" ", "")


def is_place(slot: str) -> bool:
    """Whether a slot has neither a letter nor a number."""
    return _PLACE.fullmatch(slot) is not None


def letters_in(slot: str) -> list[str]:
    """The letters of a slot: itself, those of a place, none of a number."""
    return re.findall(r"[A-Za-z]\w*", slot) if is_place(slot) else [] if slot.isdigit() else [slot]


def renamed_in(slot: str, old: str, new: str) -> str:
    """A slot with another letter in the place of one."""
    return re.sub(rf"\b{re.escape(old)}\b", new, slot) if is_place(slot) else new if slot == old else slot


@lru_cache(maxsize=1024)
def place_in(slot: str) -> Node | None:
    """The formula that a slot has for a place; None where it has a letter or a number."""
    return read_formula(slot) if is_place(slot) else None


def reads_in(*roots: Node) -> Iterator[Read]:
    """Every element in some formulas, those in the places of others too."""
    for node in nodes(*roots):
        if isinstance(node, Read):
            yield node
            for slot in node.letters:
                inner = place_in(slot)
                if inner is not None:
                    yield from reads_in(inner)


def names_in_places(*roots: Node) -> Iterator[str]:
    """The names that stand in the places of elements: letters, and tensors of whole numbers."""
    for node in reads_in(*roots):
        for slot in node.letters:
            if is_place(slot):
                yield from re.findall(r"[A-Za-z]\w*", slot)
