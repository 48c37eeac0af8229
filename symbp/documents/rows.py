r"""The equations of one piece of mathematics, row by row; a row that begins with = goes on with the left side above it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from symbp.documents.signs import Sign, signs
from symbp.formula.latex.conditions import SAME
from symbp.formula.tex.traced import Traced, joined

_GOES_ON = re.compile(r"\s*(?:[+\-*/]|\\(?:odot|circ|bullet|ast|cdot|times|oslash|Bigl|bigl|left)(?![A-Za-z]))")
_UNFINISHED = re.compile(r"(?:[+\-*/(=]|\\(?:odot|circ|bullet|ast|cdot|times|oslash|left\s*\S)|:=)\s*$")
_UNNUMBERED = re.compile(
    r"\\(?:(?:nonumber|notag|qed|qedhere|blacksquare|square)(?![A-Za-z])|(?:label|tag\*?)\s*\{[^{}]*\})"
)
_ONLY_INDICES = re.compile(rf"\s*\(?\s*[a-z]\s*(?:{SAME})\s*[a-z]\s*\)?\s*[.,;:]?\s*")
_SPACE = re.compile(r"\s+")
_ENDING = re.compile(r"(?:\\[,;:!>]|[\s,.;:])+$")
_EMPTY = re.compile(r"(?<=[=+\-&])\{\}")


@dataclass(frozen=True)
class Row:
    """An equation: its line, its text on one line, and where the sign between its sides stands in it."""

    line: int
    text: Traced
    sign: tuple[int, int]


def rows(body: Traced, line: int, joined_rows: bool, columns: bool) -> Iterator[Row]:
    """The equations of one piece of mathematics, which begins in a line, each with its own line; `joined_rows` of multline,
    `columns` of eqnarray, which has one equation a row however many cells."""
    pieces: list[tuple[int, Traced]] = []
    body = body.without(_EMPTY, "  ")
    for at, row in _split(body, "row"):
        cells = [cell for _, cell in _split(row, "cell")]
        pairs = [cells] if columns or joined_rows else [cells[k : k + 2] for k in range(0, len(cells), 2)]
        number = line + body.text[:at].count("\n") + _blank_lines(row.text)
        for pair in pairs:
            for k, part in enumerate(_parts(joined(pair))):
                above = _ENDING.sub("", pieces[-1][1].text) if pieces else ""
                unfinished = k == 0 and pieces and _UNFINISHED.search(above)
                goes_on = pieces and (joined_rows or (relation(part.text) is None and _GOES_ON.match(part.text)))
                if pieces and k == 0 and pair is not pairs[0] and _ONLY_INDICES.fullmatch(part.text):
                    pieces[-1] = pieces[-1][0], joined([pieces[-1][1], Traced.added(r"\text{ if }"), part])
                elif goes_on or unfinished:
                    pieces[-1] = pieces[-1][0], joined([pieces[-1][1], part])
                else:
                    pieces.append((number, part))
    left, top = None, line
    for number, piece in pieces:
        text = piece.without(_SPACE, " ").stripped().without(_UNNUMBERED).without(_ENDING).stripped()
        sign = relation(text.text)
        if sign is None:
            continue
        before, after = text[: sign.start].stripped(), text[sign.end :].stripped()
        if not after.text:
            continue
        if before.text:
            left, top = before, number
            yield Row(top, text, (sign.start, sign.end))
        elif left is not None:
            middle = Traced.added(" = ")
            yield Row(number, left + middle + after, (len(left.text), len(left.text) + 3))


def relation(text: str) -> Sign | None:
    """The first sign of equality that stands outside of all brackets; None where there is none."""
    return next((s for s in signs(text) if s.kind == "relation" and s.outside), None)


def _blank_lines(row: str) -> int:
    """How many lines of a row are blank before its text begins."""
    return row[: len(row) - len(row.lstrip())].count("\n")


def _parts(whole: Traced) -> list[Traced]:
    """The equations that stand side by side, parted by words, wide gaps, commas, or signs of implication, which are left out."""
    parts, last = list[Traced](), 0
    for s in signs(whole.text):
        if s.outside and s.kind in ("word", "gap", "comma", "implication"):
            parts.append(whole[last : s.start])
            last = s.end
    parts.append(whole[last:])
    return _with_conditions([p for p in parts if p.text.strip()])


def _with_conditions(parts: list[Traced]) -> list[Traced]:
    """The equations with conditions on their indices, which stand behind them or before the first."""
    found, waiting = list[Traced](), list[Traced]()
    for part in parts:
        if not _ONLY_INDICES.fullmatch(part.text):
            found.append(joined([part, Traced.added(r"\text{ if }"), waiting.pop()]) if waiting else part)
        elif found and "=" in found[-1].text:
            found[-1] = joined([found[-1], Traced.added(r"\text{ if }"), part])
        else:
            waiting = [part]
    return [*found, *waiting]


def _split(text: Traced, kind: str) -> list[tuple[int, Traced]]:
    """The text parted at the signs of a kind outside of braces and inner environments, with the places of the parts."""
    parts, last = [], 0
    for s in signs(text.text):
        if s.kind == kind and s.alone:
            parts.append((last, text[last : s.start]))
            last = s.end
    return [*parts, (last, text[last:])]
