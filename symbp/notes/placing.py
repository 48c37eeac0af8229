"""Pages made to stand within a document: headings some levels deeper, keys with a prefix, conventions said only once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from symbp.errors import InputError, shown
from symbp.notes.blocks import (
    Beside,
    Block,
    Boxed,
    Folded,
    Heading,
    Inline,
    Items,
    Math,
    Meaning,
    Page,
    Paragraph,
    Reference,
    Row,
    Table,
)
from symbp.notes.numbering import mapped

_NEW = "What is new here; the rest is as above:"


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


def told_once(pages: Iterable[Page]) -> list[Page]:
    """Pages of one document, one after the other: what the conventions of one have said, those of the next do not say again,
    and no section stands there twice word for word.

    Every page begins with its conventions: a heading, the table of the symbols, and a list.
    """
    said: set[object] = set()
    sections: set[tuple[Block, ...]] = set()
    return [replace(page, blocks=_unsaid(_new(page.blocks, said), sections)) for page in pages]


def _unsaid(blocks: tuple[Block, ...], said: set[tuple[Block, ...]]) -> tuple[Block, ...]:
    """The blocks without the sections that are among those said, to which the others are added."""
    starts = [0, *(k for k, b in enumerate(blocks) if k and isinstance(b, Heading)), len(blocks)]
    sections = [s for s in (blocks[a:b] for a, b in itertools.pairwise(starts)) if s not in said]
    said |= {s for s in sections if len(s) > 1}
    return tuple(b for s in sections for b in s)


def _new(blocks: tuple[Block, ...], said: set[object]) -> tuple[Block, ...]:
    """The blocks of a page without what `said` holds of its conventions; what they say more is added to it."""
    match blocks:
        case (Heading() as heading, Table() as table, Items() as items, *rest):
            pass
        case _:
            return blocks
    again = bool(said)
    new = replace(table, rows=tuple(r for r in table.rows if r not in said))
    more, plain = (tuple(i for i in its if i not in said) for its in (items.items, items.plain))
    said |= {*new.rows, *more, *plain}
    if not (new.rows or more or plain):
        return tuple(rest)
    shown: list[Block] = [new] if new.rows else []
    shown += [replace(items, items=more, plain=plain)] if more or plain else []
    return (heading, *([Paragraph((_NEW,))] if again else []), *shown, *rest)


def all_meanings(pages: Iterable[Page]) -> tuple[Meaning, ...]:
    """What the symbols of several pages stand for; one that has other shapes on other pages has all of them."""
    found: dict[str, list[Meaning]] = {}
    for m in (m for page in pages for m in page.meanings):
        found.setdefault(m.pattern, []).append(m)
    merged = [_merged(its) for its in found.values()]
    return tuple(sorted(merged, key=lambda m: -len(m.pattern)))


def _merged(its: Sequence[Meaning]) -> Meaning:
    """One meaning of several under the same symbol."""
    words = dict.fromkeys(m.what for m in its)
    shapes = {m.shape.latex: m.shape for m in its if m.shape}
    shape = Math(r"\text{ or }".join(shapes), " or ".join(s.text for s in shapes.values())) if shapes else None
    return replace(its[0], what=", or ".join(words), shape=shape)
