"""A reference card on paper: its conventions as two short tables, and what is narrow below them in two columns."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from symbp.drawing.boxes import corners
from symbp.notes.blocks import Beside, Block, Display, Figure, Heading, Inline, Math, Paragraph, Table, flat
from symbp.notes.layout import broken, width

SHARE = 0.53
"""The width of a column of a card, as a share of the width of an article's page, in letters: a card is set smaller."""
LINE = 40.0
"""The letters of a displayed line in a column of a card."""
COLUMN = 8.8
"""The width of a column in centimetres."""

_SHORT = 8  # rows: no shorter table is halved


def sections(blocks: Iterable[Block]) -> Iterator[tuple[bool, tuple[Block, ...]]]:
    """The sections of a card one after the other, those that belong together in two columns, and whether they are in columns."""
    parts: list[list[Block]] = []
    for b in _unfolded(blocks):
        if isinstance(b, Heading) or not parts:
            parts.append([])
        parts[-1].append(b)
    for narrow, group in itertools.groupby(parts, _narrow):
        yield narrow, tuple(b for part in group for b in part)


def halves(table: Table) -> Table | Beside:
    """A long table of three columns as two beside each other."""
    if len(table.rows) < _SHORT or len(table.head) != 3:
        return table
    middle = (len(table.rows) + 1) // 2
    return Beside(((Table(table.head, table.rows[:middle]),), (Table(table.head, table.rows[middle:]),)))


def short(said: Inline) -> bool:
    """Whether what is said has room beside an equation of a column, in one line."""
    letters = sum(width(p.latex) if isinstance(p, Math) else 0.9 * len(p) if isinstance(p, str) else 3 for p in said)
    return letters <= 0.4 * LINE


def _unfolded(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks with what stands side by side one below the other: the columns of a card are filled by what fits."""
    for b in blocks:
        if isinstance(b, Beside):
            yield from _unfolded(itertools.chain(*b.columns))
        else:
            yield b


def _narrow(section: list[Block]) -> bool:
    """Whether a section fits in a column; conventions, which are a table and a list, go through the whole width."""
    return all(_fits(b) for b in flat(section))


def _fits(b: Block) -> bool:
    match b:
        case Heading() | Paragraph():
            return True
        case Figure():
            left, _, right, _ = corners(b.drawing)
            return right - left <= COLUMN
        case Display():
            lefts = max((width(r.left.latex) for r in b.rows if r.left), default=0.0)
            room = LINE - lefts - 3
            return all(width(piece) <= room + 1 for r in b.rows for piece in broken(r.right.latex, room - 4, room))
    return False
