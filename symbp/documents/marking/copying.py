"""Marks written into a text: what is inserted where, and the text with all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from symbp.documents.marking.report import Mark
from symbp.documents.marking.structure import markable


@dataclass(frozen=True, order=True)
class Insertion:
    """A text that goes in front of the character at an offset; those at one offset stand in their order."""

    offset: int
    order: int
    text: str


_CLOSES, _MARK, _OPENS = 0, 1, 2


def mark_insertions(
    source: str, marks: Iterable[Mark], sign: Callable[[Mark], str], opening: str, closing: str
) -> list[Insertion]:
    """The signs behind the equations of a document, and what surrounds the part that is wrong."""
    found = []
    for mark in marks:
        found.append(Insertion(end_of(source, mark), _MARK, sign(mark)))
        for start, end in wrong_parts(source, mark):
            found += [Insertion(start, _OPENS, opening), Insertion(end, _CLOSES, closing)]
    return found


def end_of(source: str, mark: Mark) -> int:
    """The offset behind an equation's last character; a control symbol such as ``\\,`` is not cut in two."""
    end = max(mark.at) + 1
    behind = source[max(0, end - 40) : end]
    slashes = len(behind) - len(behind.rstrip("\\"))
    return end + 1 if slashes % 2 and end < len(source) else end


def wrong_parts(source: str, mark: Mark) -> list[tuple[int, int]]:
    """Where in the document the wrong part of an equation stands, in pieces that can be put between braces."""
    v = mark.verdict
    if v.verdict != "wrong" or v.column is None or v.until is None or v.until > len(mark.at):
        return []
    pieces = markable(v.claim, v.column - 1, v.until)
    found = []
    for a, b in pieces:
        places = [p for p in mark.at[a:b] if p >= 0]
        if len(places) != b - a:
            return []
        start, end = places[0], places[-1] + 1
        between = source[start:end]
        if places != sorted(places) or "\n\n" in between or "%" in between or not _same(between, v.claim[a:b]):
            return []  # not in one piece in the document: an alignment or a comment stands between
        found.append((start, end))
    return found


def _same(a: str, b: str) -> bool:
    return "".join(a.split()) == "".join(b.split())


def inserted(source: str, insertions: Iterable[Insertion], start: int = 0, end: int | None = None) -> str:
    """A part of the text with what is inserted in it."""
    end = len(source) if end is None else end
    parts, at = [], start
    for one in sorted(i for i in insertions if start <= i.offset <= end):
        parts += [source[at : one.offset], one.text]
        at = one.offset
    return "".join([*parts, source[at:end]])
