"""A page as a list of named sections, so that figures, numbers and exercises can be put behind one of them by its name.

What has layers has other sections than a map that has none: one table a detail for each, and nothing on a page asks which it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from symbp.notes.arguments import arguments
from symbp.notes.blocks import Block
from symbp.notes.general import General, general
from symbp.notes.layers import Run, runs
from symbp.notes.legend import notation
from symbp.notes.writer import Writer


@dataclass(frozen=True)
class Section:
    """A part of a page: its name, which no reader sees, and its blocks, none where the page has nothing to say there."""

    name: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Lesson:
    """What the sections of a page are made from: the writer, the layers that are alike, and the general layer."""

    writer: Writer

    @cached_property
    def alike(self) -> tuple[Run, ...]:
        """The layers that are shown once for all."""
        return runs(self.writer.derivation, self.writer.symbols)

    @cached_property
    def general(self) -> General | None:
        """The general layer; None where there is none."""
        return general(self.writer)


Part = Callable[[Lesson], Sequence[Block]]
Parts = tuple[tuple[str, Part], ...]
Further = Callable[[Writer, str], Sequence[Block]]
"""What is put behind a section: given the writer and the name of the section, some blocks or none."""


def nothing(writer: Writer, name: str) -> Sequence[Block]:
    """No blocks behind any section."""
    return ()


@dataclass(frozen=True)
class Detail:
    """What a page shows: its sections for a network, and for a map without layers."""

    network: Parts
    other: Parts
    check: Callable[[Writer], None] = lambda writer: None

    def __call__(self, writer: Writer, further: Further = nothing) -> list[Section]:
        """The sections of the page.

        Raises
        ------
        InputError : where there is no such page of this map
        """
        self.check(writer)
        return composed(writer, self.network if writer.derivation.map.layers else self.other, further)


def conventions(writer: Writer, page: Sequence[Block]) -> list[Block]:
    """What is said before a page: the notation of a network, or what goes into a map and comes out of it."""
    return (notation if writer.derivation.map.layers else arguments)(writer, page)


def composed(writer: Writer, parts: Iterable[tuple[str, Part]], further: Further = nothing) -> list[Section]:
    """The sections of a page in order, the conventions in front, and what is put behind each of them."""
    lesson = Lesson(writer)
    made = [Section(name, (*part(lesson), *further(writer, name))) for name, part in parts]
    before = conventions(writer, [b for s in made for b in s.blocks])
    return [Section("conventions", (*before, *further(writer, "conventions"))), *made]


def blocks_of(sections: Iterable[Section]) -> list[Block]:
    """The blocks of all sections."""
    return [b for s in sections for b in s.blocks]
