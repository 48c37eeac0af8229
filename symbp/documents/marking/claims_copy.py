"""The marked copy of a file of claims, or of a problem: a comment at every claim; the lines are the author's."""

from __future__ import annotations

import tomllib

from symbp.documents.marking.comments import commented
from symbp.documents.marking.report import Section


def claims_copy(section: Section) -> str:
    """The file with what was found at its lines. The copy says what the file does; where comments cannot stand between the
    lines of a problem, they stand behind them."""
    marks = [(m, m.verdict.line - 1, m.verdict.line - 1) for m in section.marks if m.verdict.line is not None]
    copy = commented(section.source, marks)
    if section.title.lower().endswith(".toml") and not _same_problem(copy, section.source):
        end = section.source.count("\n") + 1
        copy = commented(f"{section.source}\n", [(m, end, end) for m, *_ in marks])
    return copy


def _same_problem(copy: str, source: str) -> bool:
    try:
        return tomllib.loads(copy) == tomllib.loads(source)
    except tomllib.TOMLDecodeError:
        return False
