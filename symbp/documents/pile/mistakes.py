"""What a class got wrong most often, and how many claims there are of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from symbp.documents.pile.sheet import Sheet
from symbp.errors import counted, printable
from symbp.verification.verdict import MARKS, Verdict, summary
from symbp.verification.verdict import printable as claim_of

_MOST = 10
_NAMES = {"unreadable": "could not be read", "undecided": "undecided"}


@dataclass(frozen=True)
class Mistake:
    """A mistake that the class made: its name, how many claims in how many files have it, and an example: the file and the
    verdict, one of those with the commonest words."""

    name: str
    claims: int
    files: int
    file: str
    example: Verdict


def mistakes(sheets: Sequence[Sheet]) -> list[Mistake]:
    """The mistakes of a class, the commonest first; those that are as common in more files first."""
    found: dict[str, list[tuple[str, Verdict]]] = {}
    for sheet in sheets:
        for v in sheet.verdicts:
            if not v.ok:
                found.setdefault(_name(v), []).append((sheet.found.name, v))
    made = []
    for name, places in found.items():
        said = Counter(v.reason for _, v in places)
        file, example = max(places, key=lambda p: said[p[1].reason])  # the first of those
        made.append(Mistake(name, len(places), len({f for f, _ in places}), file, example))
    return sorted(made, key=lambda m: (-m.claims, -m.files, m.name))


def _name(v: Verdict) -> str:
    if v.verdict in _NAMES:
        return _NAMES[v.verdict]
    return "of another kind" if v.cause in (None, "other") else str(v.cause).replace("_", " ")


def sheet_line(sheet: Sheet) -> str:
    """A file on one line: its counts, or why it was not read."""
    name = printable(sheet.found.path)
    verdicts = [v.verdict for v in sheet.verdicts]
    mark = (
        "unreadable"
        if sheet.reason
        else next((k for k in ("wrong", "undecided", "unreadable") if k in verdicts), "correct")
    )
    if sheet.status == "not read":
        return f"{MARKS[mark]} {name}: not read: {printable(sheet.reason)}"
    causes = Counter(_name(v) for v in sheet.verdicts if v.verdict == "wrong")
    words = ", ".join(name if n == 1 else f"{n} {name}" for name, n in causes.most_common())
    said = summary(sheet.verdicts, sheet.others) + (f" ({words})" if words else "")
    return f"{MARKS[mark]} {name}: {said}" + (f"; {printable(sheet.reason)}" if sheet.reason else "")


def class_summary(sheets: Sequence[Sheet]) -> str:
    """The counts of the class and its commonest mistakes, each with an example."""
    verdicts = [v for s in sheets for v in s.verdicts]
    unread = sum(bool(s.reason) for s in sheets)
    head = f"{counted(len(sheets), 'file')}: {summary(verdicts, sum(s.others for s in sheets))}"
    lines = ["", head + (f"; {counted(unread, 'file')} not read" if unread else "")]
    found = mistakes(sheets)
    if found:
        lines += ["", "the commonest mistakes"]
    width = max((len(m.name) for m in found[:_MOST]), default=0)
    for m in found[:_MOST]:
        v = m.example
        place = f"{m.file}:{v.line}" if v.line is not None else m.file
        lines.append(
            f"{m.claims:5} in {counted(m.files, 'file'):9} {m.name:{width}}  {printable(place)}: {claim_of(v.claim, 80)}"
        )
        if v.reason:
            lines.append(f"{'':{width + 21}}{claim_of(v.reason, 120)}")
    if len(found) > _MOST:
        lines.append(f"      and {len(found) - _MOST} more kinds")
    return "\n".join(lines)
