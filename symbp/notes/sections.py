"""A page as a list of named sections, so that figures, numbers and exercises can be put behind one of them by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

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
Further = Callable[[Writer, str], Sequence[Block]]
"""What is put behind a section: given the writer and the name of the section, some blocks or none."""


def nothing(writer: Writer, name: str) -> Sequence[Block]:
    """No blocks behind any section."""
    return ()


def composed(writer: Writer, parts: Iterable[tuple[str, Part]], further: Further = nothing) -> list[Section]:
    """The sections of a page in order, the conventions in front, and what is put behind each of them."""
    lesson = Lesson(writer)
    made = [Section(name, (*part(lesson), *further(writer, name))) for name, part in parts]
    conventions = notation(writer, [b for s in made for b in s.blocks])
    return [Section("conventions", (*conventions, *further(writer, "conventions"))), *made]


def blocks_of(sections: Iterable[Section]) -> list[Block]:
    """The blocks of all sections."""
    return [b for s in sections for b in s.blocks]
