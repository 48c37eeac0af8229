"""What a page is made of, before any format: headings, paragraphs, displayed equations, lists, tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Math:
    """A formula, printed for LaTeX (without dollar signs) and for plain text."""

    latex: str
    text: str


Inline = tuple[str | Math, ...]
"""Running text with formulas in it; the strings are plain text, escaped by the format that prints them."""


@dataclass(frozen=True)
class Row:
    """``left = right`` with the reason and the shapes; where `left` is None, the row goes on from the one above."""

    left: Math | None
    right: Math
    reason: Inline = ()
    shape: Math | None = None
    sign: Math = Math("=", "=")


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a section."""

    level: int
    parts: Inline


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    parts: Inline


@dataclass(frozen=True)
class Display:
    """Equations below one another, aligned at their signs."""

    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Items:
    """A list; `plain` are further items that only plain text needs."""

    items: tuple[Inline, ...]
    plain: tuple[Inline, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table with a head."""

    head: tuple[Inline, ...]
    rows: tuple[tuple[Inline, ...], ...]


Block = Heading | Paragraph | Display | Items | Table


@dataclass(frozen=True)
class Page:
    """A title, a line under it, and what follows."""

    title: Inline
    subtitle: Inline
    blocks: tuple[Block, ...]


def formulas(blocks: Iterable[Block]) -> Iterator[Math]:
    """Every formula in some blocks."""
    for b in blocks:
        inlines: list[Inline] = []
        match b:
            case Heading() | Paragraph():
                inlines = [b.parts]
            case Items():
                inlines = [*b.items]
            case Table():
                inlines = [cell for row in (b.head, *b.rows) for cell in row]
            case Display():
                for r in b.rows:
                    yield from (m for m in (r.left, r.right, r.shape, r.sign) if m is not None)
                    inlines.append(r.reason)
        yield from (p for parts in inlines for p in parts if isinstance(p, Math))


def chained(forms: Sequence[Math]) -> Math:
    """Equal forms with a sign of equality between them."""
    return Math(" = ".join(m.latex for m in forms), " = ".join(m.text for m in forms))


def joined(parts: list[Inline], between: str = ", ", last: str = " and ") -> Inline:
    """Inline pieces as an enumeration."""
    result: list[str | Math] = []
    for k, part in enumerate(parts):
        result += [last if k == len(parts) - 1 else between] if k else []
        result += part
    return tuple(result)
