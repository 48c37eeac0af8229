"""The numbers of a page's equations, for formats that do not count by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from symbp.notes.blocks import (
    Beside,
    Block,
    Boxed,
    Display,
    Figure,
    Folded,
    Heading,
    Inline,
    Items,
    Page,
    Paragraph,
    Reference,
    Row,
    Table,
    flat,
)


def numbers(blocks: Iterable[Block]) -> Mapping[str, int]:
    """The numbers of the equations that have a key, in the order of the page."""
    keys = (r.key for b in flat(blocks) if isinstance(b, Display) for r in b.rows if r.key)
    return {key: k for k, key in enumerate(dict.fromkeys(keys), 1)}


def numbered(page: Page) -> Page:
    """The page with the numbers of its equations: as their keys, and as text wherever they are referred to."""
    its = numbers(page.blocks)

    def said(parts: Inline) -> Inline:
        return tuple(f"({its[p.key]})" if isinstance(p, Reference) else p for p in parts)

    def row(r: Row) -> Row:
        return replace(r, key=str(its[r.key]) if r.key else "", reason=said(r.reason))

    return replace(page, blocks=mapped(page.blocks, said, row))


def mapped(blocks: Iterable[Block], inline: Callable[[Inline], Inline], row: Callable[[Row], Row]) -> tuple[Block, ...]:
    """The blocks with their running texts and the rows of their displays changed."""

    def changed(b: Block) -> Block:
        match b:
            case Heading() | Paragraph():
                return replace(b, parts=inline(b.parts))
            case Display():
                return Display(tuple(row(r) for r in b.rows))
            case Items():
                return replace(b, items=tuple(map(inline, b.items)), plain=tuple(map(inline, b.plain)))
            case Table():
                return Table(tuple(map(inline, b.head)), tuple(tuple(map(inline, r)) for r in b.rows))
            case Figure():
                return replace(b, caption=inline(b.caption))
            case Boxed() | Folded():
                return replace(b, title=inline(b.title), blocks=mapped(b.blocks, inline, row))
            case Beside():
                return Beside(tuple(mapped(column, inline, row) for column in b.columns))
        return b

    return tuple(map(changed, blocks))
