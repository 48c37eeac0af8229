"""What was judged, file by file, ready to be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from symbp.verify.verdict import Outcome, Verdict

Kind = Literal["tex", "markdown", "claims"]
ORDER: tuple[Outcome, ...] = ("correct", "wrong", "undecided", "unreadable", "definition")


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
    """The marks of one file or of the command line, what they are about, and the document where it is one."""

    title: str
    kind: Kind
    about: tuple[tuple[str, str], ...]
    marks: tuple[Mark, ...]
    others: int = 0
    source: str = ""


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


def counts(verdicts: Sequence[Verdict], others: int = 0) -> list[tuple[str, int]]:
    """How many verdicts of each kind there are, in words, without those that there are none of."""
    found = Counter(v.verdict for v in verdicts)
    words: Mapping[str, str] = {"definition": "definitions"}
    named = [(words.get(v, v) if found[v] > 1 else v, found[v]) for v in ORDER if found[v]]
    return named + ([("not a claim", others)] if others else [])
