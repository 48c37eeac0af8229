"""What was left alone, and what a document without a directive was taken to be about, in words."""

from __future__ import annotations

from typing import Any

from symbp.documents.left_alone import LeftAlone
from symbp.documents.marking.report import Report, Section

GUESSED = "guessed from what the page defines"
"""What a report calls a network that no directive says."""


def said_at_end(report: Report) -> list[str]:
    """The lines behind the verdicts on documents: what was guessed, and what was left alone with the reasons."""
    lines = []
    for section in report.sections:
        guessed = guess_of(section)
        if guessed:
            lines.append(f"{section.title} is judged by what it defines: {guessed}")
            sign = '<!-- symbp: arch = "..." -->' if section.kind == "markdown" else '% symbp: arch = "..."'
            lines.append(f"    where that is not what it is about, say so:  {sign}")
        if section.alone:
            lines.append(f"left alone in {section.title}:" if len(report.sections) > 1 else "left alone:")
            lines += [f"    {_line(one)}" for one in section.alone]
    return lines


def guess_of(section: Section) -> str:
    """What a document was taken to be about; empty where it says so itself."""
    return dict(section.about).get(GUESSED, "")


def as_json(report: Report) -> list[dict[str, Any]]:
    """What was left alone, as JSON shows it."""
    return [
        {"claim": one.text, "file": section.title, "line": one.line, "reason": one.why}
        for section in report.sections
        for one in section.alone
    ]


def _line(one: LeftAlone) -> str:
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in one.text)
    shown = shown if len(shown) <= _WIDEST else shown[: _WIDEST - 1] + "…"
    return f"line {one.line}: {shown}  ({one.why})"


_WIDEST = 90
