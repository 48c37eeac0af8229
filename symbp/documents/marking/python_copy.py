"""The marked copy of a Python file: a comment at every line that was judged; the code is the author's, character by character."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from symbp.documents.marking.report import Kind, Mark, Section
from symbp.errors import InputError, printable

_MARK = "# symbp:"
_TRAILING = re.compile(rf"[ \t]*{_MARK}[^\n]*$")
_SIGNS = {"wrong": "wrong", "undecided": "undecided", "unreadable": "not read"}


def one_file(given: Sequence[tuple[str | None, Kind]]) -> None:
    """InputError where what is judged is not one function of a file."""
    if [kind for _, kind in given] != ["python"]:
        raise InputError(
            "a marked copy in Python is of one file", allowed="verify FILE.py:NAME --of FORWARD -o marked.py"
        )


def python_copy(section: Section) -> str:
    """The file with what was found: right lines end with it, what is said of others stands above them.

    Comments of an earlier copy are replaced. The copy parses as the file does.
    """
    lines = section.source.split("\n")
    ends = {m.number: _lines_of(section.source, m) for m in section.marks if m.at}
    above: dict[int, list[str]] = {}
    behind: dict[int, list[str]] = {}
    for m in section.marks:
        if m.number not in ends or m.verdict.verdict == "definition":
            continue
        first, last = ends[m.number]
        if m.verdict.verdict == "correct":
            behind.setdefault(last, []).append("right" + (f", {m.verdict.note}" if m.verdict.note else ""))
        else:
            above.setdefault(first, []).extend(_said(m))
    made: list[str] = []
    for k, line in enumerate(lines):
        if line.strip().startswith(_MARK):
            continue
        indent = line[: len(line) - len(line.lstrip())]
        made += [f"{indent}{_MARK} {text}" for text in above.get(k, ())]
        plain = _TRAILING.sub("", line)
        made.append(f"{plain}  {_MARK} {'; '.join(behind[k])}" if k in behind else plain)
    copy = "\n".join(made)
    return copy if _parses(copy) else section.source


def _lines_of(source: str, mark: Mark) -> tuple[int, int]:
    """The first and the last line of what was judged, counted from 0."""
    places = [a for a in mark.at if a >= 0]
    return source.count("\n", 0, places[0]), source.count("\n", 0, places[-1])


def _said(mark: Mark) -> list[str]:
    """What is said of a line that is not right."""
    v = mark.verdict
    cause = f" ({v.cause.replace('_', ' ')})" if v.cause and v.cause != "other" else ""
    found = [f"{_SIGNS[v.verdict]}{cause}" + (f": {v.reason}" if v.reason else "")]
    if v.counterexample is not None:
        found.append(str(v.counterexample))
    if v.fix:
        found.append(f"right: {v.fix}")
    elif v.expected:
        found.append(f"derived: {v.expected}")
    return [printable(text) for text in found]


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
