"""Parts of a page side by side, where there is room for that."""

from __future__ import annotations

from collections.abc import Iterable

from symbp.notes.blocks import Beside, Block, Display, flat
from symbp.notes.layout import width

_COLUMN = 30.0  # letters in an equation that fits in one of two columns


def side_by_side(left: list[Block], right: list[Block]) -> list[Block]:
    """Two parts in columns where all of their equations are short enough, else one below the other."""
    return [Beside((tuple(left), tuple(right)))] if left and right and narrow([*left, *right]) else [*left, *right]


def narrow(blocks: Iterable[Block]) -> bool:
    """Whether every equation of some blocks fits in a column."""
    rows = [r for b in flat(blocks) if isinstance(b, Display) for r in b.rows]
    return all(width(r.right.latex) + (width(r.left.latex) if r.left else 0.0) <= _COLUMN for r in rows)
