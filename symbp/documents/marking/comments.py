"""What was found, in comments at the lines of a file; what the author wrote stays as it is, character by character."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from symbp.documents.marking.report import Mark
from symbp.errors import printable

_MARK = "# symbp:"
_TRAILING = re.compile(rf"[ \t]*{_MARK}[^\r\n]*$")
_LINE_ENDS = re.compile(r"(\r\n|\n|\r)")
_SIGNS = {"wrong": "wrong", "undecided": "undecided", "unreadable": "not read"}


def commented(source: str, places: Iterable[tuple[Mark, int, int]]) -> str:
    """A file with comments on marks that stand from one line to another, counted from 0: right lines end with what was found,
    what is said of others stands above them.

    Comments of an earlier copy are replaced. Where several claims stand on a line, each comment says which it is about.
    """
    placed = [p for p in places if p[0].verdict.verdict != "definition"]
    crowded = {first for first, count in Counter(first for _, first, _ in placed).items() if count > 1}
    above: dict[int, list[str]] = {}
    behind: dict[int, list[str]] = {}
    for mark, first, last in placed:
        about = f"{mark.verdict.claim}: " if first in crowded and not mark.at else ""
        if mark.verdict.verdict == "correct":
            note = f", {mark.verdict.note}" if mark.verdict.note else ""
            behind.setdefault(last, []).append(printable(f"{about}right{note}"))
        else:
            above.setdefault(first, []).extend(_said(mark, about))
    parts = _LINE_ENDS.split(source)
    made: list[str] = []
    for k, (line, end) in enumerate(zip(parts[::2], [*parts[1::2], ""], strict=True)):
        if line.strip().startswith(_MARK):
            continue
        indent = line[: len(line) - len(line.lstrip())]
        made += [f"{indent}{_MARK} {text}{end or chr(10)}" for text in above.get(k, ())]
        plain = _TRAILING.sub("", line)
        made.append((f"{plain}  {_MARK} {'; '.join(behind[k])}" if k in behind else plain) + end)
    return "".join(made)


def _said(mark: Mark, about: str) -> list[str]:
    """What is said of a line that is not right."""
    v = mark.verdict
    cause = f" ({v.cause.replace('_', ' ')})" if v.cause and v.cause != "other" else ""
    found = [f"{about}{_SIGNS[v.verdict]}{cause}" + (f": {v.reason}" if v.reason else "")]
    if v.counterexample is not None:
        found.append(str(v.counterexample))
    if v.fix:
        found.append(f"right: {v.fix}")
    elif v.expected and v.verdict == "wrong":
        found.append(f"derived: {v.expected}")
    return [printable(text) for text in found]
