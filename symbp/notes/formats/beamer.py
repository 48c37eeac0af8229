"""A page as slides: a section's heading is the title of its frames, and the steps of an equation come one after the other.

How high a block will be is estimated on its lines, and what would not fit on a frame goes on on the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symbp.drawing.escape import latex_code
from symbp.drawing.tikz import tikz
from symbp.notation.templates import environment
from symbp.notes.blocks import (
    Beside,
    Block,
    Boxed,
    Code,
    Display,
    Figure,
    Folded,
    Heading,
    Inline,
    Items,
    Math,
    Page,
    Paragraph,
    Row,
    Table,
    flat,
)
from symbp.notes.columns import narrow
from symbp.notes.formats.beside import brief, coded
from symbp.notes.formats.latex import latex_inline
from symbp.notes.layout import broken, width
from symbp.notes.numbering import numbered

_HIGH = 14.9  # lines of text on a frame below its title
_UNDER = 1.4  # lines that a second line of the title takes
_WIDE = 64.0  # letters in a line of the size of the text
_COLUMN = 20.0  # letters in an equation that stands in one of two columns
_LEAST = 6.0  # lines: less is left empty
_SIZES = (("", 1.0), (r"\small", 0.92), (r"\footnotesize", 0.84), (r"\scriptsize", 0.74))
_TALL = re.compile(r"\\d?frac|\\sum|\\prod|\\underbrace|\\max_")
_DEEP = re.compile(r"\^\{[^{}]*\}_\{")
"""One script above another, which makes a fraction higher."""
_PICTURE = (13.0, 4.6)  # centimetres: no picture on a slide is wider or higher
_CODE_LINES, _CODE_LETTERS = 17, 84


@dataclass(frozen=True)
class Piece:
    """What a frame holds: how high it is, in lines, what a template prints, and how many slides it takes."""

    high: float
    values: dict[str, Any]
    slides: int = 1


def beamer_page(page: Page, fragment: bool) -> str:
    """The page as LaTeX for the class beamer; as a fragment, its frames alone."""
    page = numbered(
        page
    )  # what is covered is counted all the same, and a label on each slide would stand several times
    name = "beamer_fragment.tex.jinja" if fragment else "beamer.tex.jinja"
    return (
        environment("latex")
        .get_template(name)
        .render(
            title=latex_inline(page.title),
            subtitle=latex_inline(page.subtitle),
            author=latex_inline(page.author),
            frames=[*_frames(page.blocks)],
            drawn=any(isinstance(b, Figure) for b in flat(page.blocks)),
        )
    )


def _frames(blocks: Sequence[Block]) -> Iterator[dict[str, Any]]:
    """The frames in order: sections begin where a heading of the highest level stands, other headings are lines under it."""
    top = min((b.level for b in blocks if isinstance(b, Heading)), default=1)
    title = under = section = ""
    held: list[Block] = []
    for b in (*blocks, Heading(top, ())):
        if not isinstance(b, Heading):
            held.append(b)
            continue
        pages = _filled(held, _HIGH - _UNDER * bool(under))
        for k, pieces in enumerate(pages, 1):
            count = rf" \textnormal{{({k}/{len(pages)})}}" if len(pages) > 1 else ""
            heads = {"title": title, "under": under + count} if under else {"title": title + count, "under": ""}
            yield {"section": section, **heads, "pieces": _numbered(pieces)}
            section = ""
        held = []
        if b.level == top:
            title = section = latex_inline(b.parts)
            under = ""
        else:
            under = latex_inline(b.parts)


def _numbered(pieces: Sequence[Piece]) -> list[dict[str, Any]]:
    """The pieces of a frame with the slides on which they come: equations after one another, words with what they follow."""
    at, shown, equations = 1, [], False
    for p in pieces:
        displayed = p.values["kind"] == "display"
        at += displayed and equations
        equations |= displayed
        shown.append({**p.values, "at": at})
        at += p.slides - 1
    return shown


def _filled(blocks: Sequence[Block], most: float) -> list[list[Piece]]:
    """The pieces of some blocks, as many on each frame as fit."""
    frames: list[list[Piece]] = []
    room = 0.0
    for b in blocks:
        for piece in _pieces(b, room if frames and room > _LEAST else most, most):
            announced = bool(frames) and frames[-1] and frames[-1][-1].values.get("announces") and len(frames[-1]) > 1
            if piece.high > room:
                moved = [frames[-1].pop()] if announced else []  # a line that announces stays with what it announces
                frames.append(moved)
                room = most - sum(p.high for p in moved)
            frames[-1].append(piece)
            room -= piece.high
    return [f for f in frames if f]


def _pieces(b: Block, room: float, most: float) -> Iterator[Piece]:
    """What a block becomes; equations begin in the room that is left on a frame, where it is enough for one of them."""
    match b:
        case Heading():
            yield Piece(1.6, {"kind": "text", "text": rf"\textbf{{{latex_inline(b.parts)}}}", "announces": True})
        case Paragraph():
            lines = _lines(b.parts)
            announces = _plain(b.parts).rstrip().endswith(":")
            yield Piece(lines + 0.6, {"kind": "text", "text": latex_inline(b.parts), "announces": announces})
        case Items():
            yield from _listed(b, most)
        case Table():
            yield from _tabled(b, most)
        case Display():
            yield from _displayed(b, room, most)
        case Code():
            yield from _coded(b)
        case Figure():
            yield Piece(
                most, {"kind": "figure", "picture": tikz(b.drawing, *_PICTURE), "caption": latex_inline(b.caption)}
            )
        case Boxed() | Folded():
            yield from _pieces(Heading(3, b.title), room, most)
            for x in b.blocks:
                yield from _pieces(x, most, most)
        case Beside():
            yield from _beside(b, most)


def _beside(b: Beside, most: float) -> Iterator[Piece]:
    """Columns side by side where they are words, or equations that fit into narrow lines; else one after the other."""
    columns = [[p for x in column for p in _pieces(x, most, most)] for column in b.columns]
    every = [*flat(y for c in b.columns for y in c)]
    shown = [x for x in every if isinstance(x, Display)]
    more = (len(columns) + 1) / 2 if not shown else 1.0  # words take more lines in a column
    high = max((sum(p.high for p in column) for column in columns), default=0.0) * more
    rows = [r for x in shown for r in x.rows]
    wide = max((width(f"{r.left.latex if r.left else ''} {r.sign.latex} {r.right.latex}") for r in rows), default=0)
    fits = len(columns) == 2 and narrow(shown) and wide <= _COLUMN and not any(brief(r) or r.key for r in rows)
    if high <= most and (fits or not shown) and not any(isinstance(x, Table | Code | Beside) for x in every):
        its = [[{**p.values, "at": 1} for p in column] for column in columns]
        slides = max(p.slides for column in columns for p in column)
        yield Piece(high, {"kind": "columns", "columns": its, "share": f"{0.94 / len(columns):.2f}"}, slides)
    else:
        yield from (p for column in columns for p in column)


def _plain(parts: Inline) -> str:
    return "".join(p.text if isinstance(p, Math) else str(p) for p in parts)


def _letters(parts: Inline) -> float:
    return sum(width(p.latex) if isinstance(p, Math) else 0.85 * len(str(p)) for p in parts)


def _lines(parts: Inline, wide: float = _WIDE) -> float:
    """How many lines running text takes; a fraction makes its line higher."""
    tall = 0.4 * any(isinstance(p, Math) and _TALL.search(p.latex) for p in parts)
    return max(1.0, -(-_letters(parts) // (0.95 * wide))) + tall


def _listed(b: Items, most: float) -> Iterator[Piece]:
    """A list, on as many frames as it needs; numbers go on."""
    held: list[Inline] = []
    high, first = 0.0, 1
    for item in b.items:
        more = _lines(item, _WIDE - 4) + 0.2
        if held and high + more > most - 0.8:
            yield _list(b, held, first, high)
            held, high, first = [], 0.0, first + len(held)
        held.append(item)
        high += more
    if held:
        yield _list(b, held, first, high)


def _list(b: Items, items: list[Inline], first: int, high: float) -> Piece:
    values = {"kind": "items", "ordered": b.ordered, "first": first, "entries": [latex_inline(i) for i in items]}
    return Piece(high + 0.8, values)


def _tabled(b: Table, most: float) -> Iterator[Piece]:
    """A table, on as many frames as it needs, each with its head; small enough to be no wider than the frame."""
    columns = [max(_letters(row[c]) for row in (b.head, *b.rows)) for c in range(len(b.head))]
    wide = sum(columns) + 2.2 * len(columns)
    size = next((s for s, part in _SIZES if wide * part <= _WIDE), _SIZES[-1][0])
    for rows in _by_height(b.rows, most - 4):
        values = {
            "kind": "table", "size": size, "head": [latex_inline(c) for c in b.head],
            "rows": [[latex_inline(c) for c in row] for row in rows], "fits": wide * _SIZES[-1][1] <= _WIDE,
        }  # fmt: skip
        yield Piece(sum(map(_row_height, rows)) + 2.9, values)


def _row_height(row: tuple[Inline, ...]) -> float:
    """How many lines a row of a table is as high as: a cell may hold a matrix."""
    return max((_height(p.latex) for cell in row for p in cell if isinstance(p, Math)), default=1.0)


def _by_height(rows: Sequence[tuple[Inline, ...]], most: float) -> Iterator[list[tuple[Inline, ...]]]:
    """The rows of a table in parts that are no higher than so many lines."""
    held: list[tuple[Inline, ...]] = []
    for row in rows:
        if held and sum(map(_row_height, held)) + _row_height(row) > most:
            yield held
            held = []
        held.append(row)
    yield held


def _coded(b: Code) -> Iterator[Piece]:
    lines = coded(b.text, _CODE_LETTERS)
    for k in range(0, len(lines), _CODE_LINES):
        some = lines[k : k + _CODE_LINES]
        yield Piece(0.75 * len(some) + 0.8, {"kind": "code", "lines": [latex_code(line) for line in some]})


def _displayed(b: Display, room: float, most: float) -> Iterator[Piece]:
    """Equations, each row on a slide of its own; a chain that goes on on another frame begins with its left side again."""
    left: Math | None = None
    rows: list[Row] = []
    for r in b.rows:
        left = r.left or left
        rows.append(replace(r, left=r.left or left))
    held: list[tuple[Row, bool]] = []
    high = 0.0
    for r, given in zip(rows, b.rows, strict=True):
        more = _shape(r)[2]
        if held and high + more > room - 0.8:
            yield _display(held, high)
            held, high, room = [], 0.0, most
        held.append((r, given.left is not None or not held))
        high += more
    if held:
        yield _display(held, high)


def _shape(r: Row) -> tuple[str, list[str], float]:
    """The size of the letters in which a row fits, its lines, and how high it is."""
    lefts = width(r.left.latex) if r.left else 0.0
    size, part, lines = "", 1.0, [r.right.latex]
    for size, part in _SIZES:  # noqa: B007
        room = _WIDE / part - lefts - (8 if r.key else 4)
        lines = broken(r.right.latex, room - 4, room)
        if all(width(line) <= room for line in lines):
            break
    said = () if _again(r) else brief(r)
    tall = sum(_height(f"{r.left.latex if r.left else ''} {line}" if k == 0 else line) for k, line in enumerate(lines))
    noted = (0.95 * _lines(said, 0.9 * (_WIDE - lefts) / 0.84) + 0.2) if said else 0.0
    between = 0.35 * (len(lines) - 1)
    return size, lines, tall * part + between + noted + 0.5


def _again(r: Row) -> str:
    """The number of the equation that a row repeats, where that is all that is said of it."""
    found = re.fullmatch(r"\((\d+)\)", _plain(r.reason))
    return found[1] if found else ""


def _height(latex: str) -> float:
    """How many lines of text a line of a formula is as high as."""
    matrices = [m.count(r"\\") + 1 for m in re.findall(r"\\begin\{\w+\}(.*?)\\end", latex)]
    deep = 0.4 * (r"\left(" in latex) + 0.3 * (_DEEP.search(latex) is not None)
    tall = 2.3 + deep if _TALL.search(latex) else 1.15
    rows = max(matrices, default=0)
    inner = 2.9 if r"\dfrac" in latex else 1.35
    under = (0.6 if tall > 2 and r"\frac" not in latex else 1.1) if r"\underbrace" in latex else 0.0
    return max(tall, rows * inner + 0.4 if rows else 0.0) + under


def _display(held: Sequence[tuple[Row, bool]], high: float) -> Piece:
    shapes = [_shape(r) for r, _ in held]
    names = [s for s, _ in _SIZES]
    size = names[max(names.index(s[0]) for s in shapes)]
    lefts = max((width(r.left.latex) for r, show in held if r.left and show), default=0.0)
    part = dict(_SIZES)[size]
    rows = [
        {
            "left": r.left.latex if r.left and show else "",
            "sign": r.sign.latex,
            "lines": lines,
            "note": "" if _again(r) else latex_inline(brief(r)),
            "number": r.key or _again(r),
        }
        for (r, show), (_, lines, _) in zip(held, shapes, strict=True)
    ]
    room = max(0.3, 0.9 * (1 - (lefts * part + 3) / _WIDE))
    return Piece(high + 0.8, {"kind": "display", "rows": rows, "size": size, "room": f"{room:.2f}"}, len(rows))
