r"""The equations of one piece of mathematics, row by row; a row that begins with = goes on with the left side above it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbp.verify.traced import Traced, joined

_WORDS = re.compile(r"\\(?:text|textrm|textit|textsf|textbf|mbox|hbox|parbox|intertext|shortintertext)(?![A-Za-z])")
_GAP = re.compile(r"\\q?quad(?![A-Za-z])")
_GOES_ON = re.compile(r"\s*(?:[+\-*/]|\\(?:odot|circ|cdot|times|oslash|Bigl|bigl|left)(?![A-Za-z]))")
_FUNCTION = re.compile(r"\s*\{\s*[A-Za-z](?:\\?[A-Za-z0-9_])*\s*\}\s*(?:'|\^|\(|\\left|\\big)")
_UNNUMBERED = re.compile(r"\\(?:(?:nonumber|notag|qed|qedhere)(?![A-Za-z])|(?:label|tag\*?)\s*\{[^{}]*\})")
_SPACE = re.compile(r"\s+")
_ENDING = re.compile(r"(?:\\[,;:!>]|[\s,.;:])+$")


def rows(body: Traced, line: int, joined_rows: bool, columns: bool) -> Iterator[tuple[int, Traced]]:
    """The equations of one piece of mathematics, which begins in a line, each with its own line; `joined_rows` of multline,
    `columns` of eqnarray, which has one equation a row however many cells."""
    pieces: list[tuple[int, Traced]] = []
    for at, row in _split(body.text, r"\\\\(?:\s*\[[^\]\n]*\])?\*?"):
        whole = body[at : at + len(row)]
        cells = [whole[k : k + len(c)] for k, c in _split(row, r"(?<!\\)&")]
        pairs = [cells] if columns or joined_rows else [cells[k : k + 2] for k in range(0, len(cells), 2)]
        number = line + body.text[:at].count("\n") + len(row[: len(row) - len(row.lstrip())].split("\n")) - 1
        for pair in pairs:
            for part in _parts(joined(pair)):
                goes_on = pieces and (joined_rows or (not _has_equality(part.text) and _GOES_ON.match(part.text)))
                if goes_on:
                    pieces[-1] = pieces[-1][0], joined([pieces[-1][1], part])
                else:
                    pieces.append((number, part))
    left, top = None, line
    for number, piece in pieces:
        text = piece.without(_SPACE, " ").stripped().without(_UNNUMBERED).without(_ENDING).stripped()
        if not _has_equality(text.text):
            continue
        k = _equality(text.text)
        before, after = text[:k].stripped(), text[k + 1 :].stripped()
        if before.text:
            left, top = before, number
            yield top, text
        elif left is not None:
            yield number, left + Traced.added(" = ") + after


def _parts(whole: Traced) -> list[Traced]:
    """The equations that stand side by side, parted by words, wide gaps, or commas; words and gaps are left out."""
    text = whole.text
    cuts, depth, k, parts, last = [], 0, 0, list[Traced](), 0
    while k < len(text):
        c = text[k]
        if c == "\\" and depth == 0:
            words, gap = _WORDS.match(text, k), _GAP.match(text, k)
            if words and not _FUNCTION.match(text, words.end()):
                end = _closing(text, words.end())
                cuts.append((k, end))
                k = end
                continue
            if gap:
                cuts.append((k, gap.end()))
                k = gap.end()
                continue
            k += 2
            continue
        if c == "\\":
            k += 2
            continue
        depth += (c in "{([") - (c in "})]")
        if c in ",;" and depth == 0:
            cuts.append((k, k + 1))
        k += 1
    for a, b in cuts:
        parts.append(whole[last:a])
        last = b
    parts.append(whole[last:])
    return [p for p in parts if p.text.strip()]


def _closing(text: str, k: int) -> int:
    """Where the arguments in brackets and braces that begin at `k` end."""
    while k < len(text):
        opened = re.compile(r"\s*[\[{]").match(text, k)
        if not opened:
            return k
        depth, k = 1, opened.end()
        while k < len(text) and depth:
            if text[k] == "\\":
                k += 1
            else:
                depth += (text[k] in "{[") - (text[k] in "}]")
            k += 1
    return k


def _split(text: str, at: str) -> list[tuple[int, str]]:
    """The text parted where `at` matches outside of braces and inner environments, with the places of the parts."""
    token = re.compile(rf"(?P<cut>{at})|\\begin\s*\{{|\\end\s*\{{[^}}]*\}}|\\\\|\\.|[{{}}]", re.DOTALL)
    parts, depth, last = [], 0, 0
    for m in token.finditer(text):
        if m["cut"] is not None:
            if depth == 0:
                parts.append((last, text[last : m.start()]))
                last = m.end()
        elif m[0].startswith("\\begin"):
            depth += 2
        elif m[0].startswith("\\end"):
            depth -= 1
        elif m[0] in "{}":
            depth += 1 if m[0] == "{" else -1
    return [*parts, (last, text[last:])]


def _has_equality(text: str) -> bool:
    return _equality(text) < len(text)


def _equality(text: str) -> int:
    """Where the first = outside of braces and brackets stands; the text's length where there is none."""
    depth = 0
    for k, c in enumerate(text):
        depth += (c in "{([") - (c in "})]")
        if c == "=" and depth <= 0 and text[k - 1 : k] not in (":", "<", ">", "!"):
            return k
    return len(text)
