"""The marked copy of a Python file: a comment at every line that was judged; the code is the author's, character by character."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from symbp.documents.marking.comments import commented
from symbp.documents.marking.report import Kind, Mark, Section
from symbp.errors import InputError


def one_file(given: Sequence[tuple[str | None, Kind]]) -> None:
    """InputError where what is judged is not one function of a file."""
    if [kind for _, kind in given] != ["python"]:
        raise InputError(
            "a marked copy in Python is of one file", allowed="verify FILE.py:NAME --of FORWARD -o marked.py"
        )


def python_copy(section: Section) -> str:
    """The file with what was found at its lines. The copy parses as the file does."""
    copy = commented(section.source, [(m, *_lines_of(section.source, m)) for m in section.marks if m.at])
    return copy if _parses(copy) else section.source


def _lines_of(source: str, mark: Mark) -> tuple[int, int]:
    """The first and the last line of what was judged, counted from 0."""
    places = [a for a in mark.at if a >= 0]
    return source.count("\n", 0, places[0]), source.count("\n", 0, places[-1])


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
