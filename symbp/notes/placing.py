"""A page made to stand within a document: its headings some levels deeper, the keys of its equations with a prefix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symbp.errors import InputError, shown
from symbp.notes.blocks import Beside, Block, Boxed, Folded, Heading, Inline, Page, Reference, Row
from symbp.notes.numbering import mapped


def deeper(page: Page, levels: int) -> Page:
    """The page with its headings so many levels deeper."""
    return replace(page, blocks=_deeper(page.blocks, levels)) if levels else page


def _deeper(blocks: Sequence[Block], levels: int) -> tuple[Block, ...]:
    def moved(b: Block) -> Block:
        match b:
            case Heading():
                return replace(b, level=b.level + levels)
            case Boxed() | Folded():
                return replace(b, blocks=_deeper(b.blocks, levels))
            case Beside():
                return Beside(tuple(_deeper(c, levels) for c in b.columns))
        return b

    return tuple(map(moved, blocks))


def prefixed(page: Page, prefix: str) -> Page:
    """The page with a prefix to the keys of its equations; InputError where a label cannot begin with it."""
    if not prefix:
        return page
    if not re.fullmatch(r"[A-Za-z0-9:.-]+", prefix):
        raise InputError(f"a label cannot begin with {shown(prefix)}", allowed="letters, digits, and : . -")

    def inline(parts: Inline) -> Inline:
        return tuple(Reference(prefix + p.key) if isinstance(p, Reference) else p for p in parts)

    def row(r: Row) -> Row:
        return replace(r, key=prefix + r.key if r.key else "", reason=inline(r.reason))

    return replace(page, blocks=mapped(page.blocks, inline, row))
