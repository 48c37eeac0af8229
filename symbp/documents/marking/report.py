"""What was judged, file by file, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from symbp.documents.left_alone import LeftAlone
from symbp.verification.verdict import Verdict

Kind = Literal["tex", "markdown", "claims", "python"]


@dataclass(frozen=True)
class Mark:
    """A verdict with its number, counted from 1 over the whole report, for each character of the claim its offset in the
    document (-1 where it does not stand there; nothing for claims that stand alone), and where it is not right the number of its
    correction."""

    number: int
    verdict: Verdict
    at: tuple[int, ...] = ()
    correction: int | None = None


@dataclass(frozen=True)
class Section:
    """The marks of one file or of the command line, what they are about, what was left alone, and the document if it is one."""

    title: str
    kind: Kind
    about: tuple[tuple[str, str], ...]
    marks: tuple[Mark, ...]
    alone: tuple[LeftAlone, ...] = ()
    source: str = ""

    @property
    def others(self) -> int:
        """How many equations are no claims."""
        return len(self.alone)


@dataclass(frozen=True)
class Report:
    """All sections."""

    sections: tuple[Section, ...]

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of all sections, in order."""
        return tuple(m for s in self.sections for m in s.marks)

    @property
    def others(self) -> int:
        """How many equations are no claims."""
        return sum(s.others for s in self.sections)

    @property
    def alone(self) -> tuple[LeftAlone, ...]:
        """What was left alone, and why."""
        return tuple(x for s in self.sections for x in s.alone)


def renumbered(sections: Iterable[Section]) -> Report:
    """Sections that were judged by themselves as one report: marks and corrections are numbered through."""
    numbers, corrections, found = count(1), count(1), []
    for section in sections:
        marks = [replace(m, number=next(numbers), correction=m.correction and next(corrections)) for m in section.marks]
        found.append(replace(section, marks=tuple(marks)))
    return Report(tuple(found))
