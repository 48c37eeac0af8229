"""How much of what is known of a mistake is said: the place alone, the cause too, or the mend as well."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from symbp.documents.marking.report import Report, Section
from symbp.verification.verdict import Verdict

Hint: TypeAlias = int
PLACE, CAUSE, MEND = 1, 2, 3
"""The place alone; the cause too, in words and by a counterexample; the mended or the derived formula as well."""


def hint_of(hint: Hint | None, no_fix: bool) -> Hint:
    """What the options ask for: everything where they say nothing, and no mend where that is not wanted."""
    return min(hint or MEND, CAUSE if no_fix else MEND)


def hinted(verdict: Verdict, hint: Hint) -> Verdict:
    """A verdict with as much of the mistake as a hint says. Why a claim cannot be read, or is not decided, is always said."""
    if hint >= MEND or verdict.verdict != "wrong":
        return verdict
    less = replace(verdict, fix=None, expected=None)
    return less if hint >= CAUSE else replace(less, cause=None, reason="", note="", counterexample=None)


def hinted_section(section: Section, hint: Hint) -> Section:
    """The marks of a section with as much of each mistake as a hint says."""
    return replace(section, marks=tuple(replace(m, verdict=hinted(m.verdict, hint)) for m in section.marks))


def hinted_report(report: Report, hint: Hint) -> Report:
    """A report with as much of each mistake as a hint says."""
    return Report(tuple(hinted_section(s, hint) for s in report.sections))
