"""What a page is made of, before any format: headings, paragraphs, displayed equations, lists, tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sympy import Expr

from symbp.drawing.marks import Drawing


@dataclass(frozen=True)
class Math:
    """A formula, printed for LaTeX (without dollar signs) and for plain text."""

    latex: str
    text: str


@dataclass(frozen=True)
class Reference:
    """The number of the equation that has this key on the same page."""

    key: str


Inline = tuple[str | Math | Reference, ...]
"""Running text with formulas in it; the strings are plain text, escaped by the format that prints them."""


@dataclass(frozen=True)
class Row:
    """``left = right`` with the reason and the shapes; where `left` is None, the row goes on from the one above.

    `key` gives the row a number, which a :class:`Reference` prints. `of` is the tensor whose value the right side is, and `at`
    the positions where it is that of one element, counted from 0. `ways` are the products, factor by factor, whose sum the right
    side is, where it is put together from several equations.
    """

    left: Math | None
    right: Math
    reason: Inline = ()
    shape: Math | None = None
    sign: Math = Math("=", "=")
    key: str = ""
    of: str = ""
    at: tuple[int, ...] | None = None
    ways: tuple[tuple[Expr, ...], ...] = ()


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
    """A list, numbered where it is `ordered`; `plain` are further items that only plain text needs."""

    items: tuple[Inline, ...]
    plain: tuple[Inline, ...] = ()
    ordered: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a head."""

    head: tuple[Inline, ...]
    rows: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True)
class Code:
    """Lines of a program."""

    text: str
    language: str = "python"


@dataclass(frozen=True)
class Figure:
    """A picture; `alternative` tells it in words to whoever does not see it."""

    drawing: Drawing
    caption: Inline
    alternative: str


@dataclass(frozen=True)
class Boxed:
    """What is to be kept, in a frame."""

    title: Inline
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Beside:
    """Columns side by side, one below the other where there is no room."""

    columns: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True)
class Folded:
    """What a reader opens when it is wanted: a solution, the steps between; printed where nothing can be opened."""

    title: Inline
    blocks: tuple[Block, ...]


Block = Heading | Paragraph | Display | Items | Table | Code | Figure | Boxed | Beside | Folded


@dataclass(frozen=True)
class Meaning:
    """What a symbol stands for: words, and the shape where it has one.

    `pattern` is a regular expression of what is printed for it and for its elements in the LaTeX of a formula.
    """

    symbol: Math
    pattern: str
    what: str
    shape: Math | None = None


@dataclass(frozen=True)
class Page:
    """A title, a line under it, and what follows; `meanings` is what its symbols stand for, the longest patterns first, and
    `compact` is a card, which is set small to stand on one page."""

    title: Inline
    subtitle: Inline
    blocks: tuple[Block, ...]
    author: Inline = ()
    meanings: tuple[Meaning, ...] = ()
    compact: bool = False


def flat(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, and those within them after each."""
    for b in blocks:
        yield b
        match b:
            case Boxed() | Folded():
                yield from flat(b.blocks)
            case Beside():
                for column in b.columns:
                    yield from flat(column)


def formulas(blocks: Iterable[Block]) -> Iterator[Math]:
    """Every formula in some blocks."""
    for b in flat(blocks):
        inlines: list[Inline] = []
        match b:
            case Heading() | Paragraph():
                inlines = [b.parts]
            case Boxed() | Folded():
                inlines = [b.title]
            case Figure():
                inlines = [b.caption]
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
    result: list[str | Math | Reference] = []
    for k, part in enumerate(parts):
        result += [last if k == len(parts) - 1 else between] if k else []
        result += part
    return tuple(result)
