"""A page as LaTeX: a document, or its body."""

from __future__ import annotations

import re
from typing import Any

from symbp.drawing.escape import latex_code, latex_text
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
    Reference,
    Row,
    Table,
    flat,
)
from symbp.notes.formats import card
from symbp.notes.formats.beside import coded, note
from symbp.notes.layout import broken, width

_HEADINGS = ("chapter", "section", "subsection", "subsubsection", "paragraph")
"""The commands of headings by their level."""
_LINE = 76.0  # letters in a displayed line of the page
_WHOLE = 4  # lines: no longer display is kept on one page
_CHAIN = 9  # lines: no longer chain of equal forms is kept on one page
_COLUMN = 0.6  # of the page: what is narrower is a column, in which pictures are set smaller where they must
_CODE = 90  # letters in a line of code as wide as the page
_BOTH = 40  # lines: longer columns do not stand side by side, since they cannot be broken across pages
_WITH_REASON = 44.0  # letters in an equation that has its reason beside it


def latex_page(page: Page, fragment: bool) -> str:
    """The page as LaTeX: a document, or its body."""
    blocks = _card(page.blocks) if page.compact and not fragment else _blocks(page.blocks)
    drawn = any(isinstance(b, Figure) for b in flat(page.blocks))
    name = "fragment.tex.jinja" if fragment else "document.tex.jinja"
    return (
        environment("latex")
        .get_template(name)
        .render(
            title=latex_inline(page.title),
            subtitle=latex_inline(page.subtitle),
            author=latex_inline(page.author),
            blocks=blocks,
            chapters=any(isinstance(b, Heading) and b.level == 0 for b in page.blocks),
            compact=page.compact and not fragment,
            drawn=drawn,
        )
    )


def latex_inline(parts: Inline) -> str:
    """Running text as LaTeX, formulas between dollar signs."""
    return "".join(_piece(p) for p in parts)


def _piece(p: str | Math | Reference) -> str:
    match p:
        case Math():
            return f"${p.latex}$"
        case Reference():
            return rf"\eqref{{{label(p.key)}}}"
    return latex_text(p)


def label(key: str) -> str:
    """The label of a numbered equation."""
    return f"eq:{key}"


def _card(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
    """The blocks of a card: what is narrow in two columns, long tables in two halves."""
    made: list[dict[str, Any]] = []
    for narrow, group in card.sections(blocks):
        if narrow:
            made.append({"kind": "multicols", "blocks": _blocks(group, card.SHARE)})
        else:
            made += _blocks(tuple(card.halves(b) if isinstance(b, Table) else b for b in group))
    return made


def _blocks(blocks: tuple[Block, ...], share: float = 1.0, above: str = "") -> list[dict[str, Any]]:
    """The blocks in a column that has a share of the page's width; `above` is of which kind what stands above them is."""
    made = [_latex_block(b, share) for b in blocks]
    for before, after in zip([{"kind": above}, *made], made, strict=False):
        if before["kind"] == after["kind"] == "paragraph":
            before["kept"] = before["text"].endswith(":")  # with what it announces
        after["headed"] = before["kind"] == "heading"  # else a display behind a heading begins with an empty line
    return made


def _latex_block(b: Block, share: float = 1.0) -> dict[str, Any]:
    match b:
        case Heading():
            return {"kind": "heading", "command": _HEADINGS[min(b.level, 4)], "text": latex_inline(b.parts)}
        case Paragraph():
            return {"kind": "paragraph", "text": latex_inline(b.parts), "kept": False}
        case Items():
            return {"kind": "items", "entries": [latex_inline(i) for i in b.items], "ordered": b.ordered}
        case Table():
            return {
                "kind": "table",
                "head": [latex_inline(c) for c in b.head],
                "rows": [[latex_inline(c) for c in r] for r in b.rows],
                "tight": any(_scripted(r) for r in b.rows),
            }
        case Display():
            return _latex_display(b, share)
        case Code():
            return {"kind": "code", "lines": [latex_code(line) for line in coded(b.text, int(share * _CODE))]}
        case Figure():
            return {
                "kind": "figure",
                "picture": tikz(b.drawing),
                "caption": latex_inline(b.caption),
                "narrow": share < _COLUMN,
            }
        case Boxed() | Folded():
            return {
                "kind": "boxed" if isinstance(b, Boxed) else "folded",
                "title": latex_inline(b.title),
                "blocks": _blocks(b.blocks, 0.9 * share, "heading"),  # the title is one
            }
        case Beside():
            own = 1 / len(b.columns) - 0.02
            if not all(_has_room(x, own * share) for x in flat(y for c in b.columns for y in c)):
                return {"kind": "stacked", "blocks": [x for c in b.columns for x in _blocks(c, share)]}
            columns = [_blocks(c, own * share) for c in b.columns]
            return {"kind": "columns", "columns": columns, "share": f"{own:.2f}"}


def _scripted(row: tuple[Inline, ...]) -> bool:
    """Whether a row has a letter with one script above the other, which would touch those of the rows beside it."""
    return any(isinstance(p, Math) and re.search(r"\^\{[^{}]*\}_|_\{[^{}]*\}\^", p.latex) for c in row for p in c)


def _has_room(b: Block, share: float) -> bool:
    """Whether a block can stand in a column: code that neither fits into its lines nor onto a page cannot."""
    lines = b.text.splitlines() if isinstance(b, Code) else []
    return len(lines) <= _BOTH and max(map(len, lines), default=0) <= share * _CODE


def _latex_display(b: Display, share: float = 1.0) -> dict[str, Any]:
    line, with_reason = share * _LINE, share * _WITH_REASON
    lefts = max((width(r.left.latex) for r in b.rows if r.left), default=0.0)
    noted = any((r.reason and not _again(r)) or r.shape for r in b.rows)
    narrow = with_reason - lefts - 3
    beside = noted and all(
        width(piece) <= narrow + 1 and r"\Bigl" not in piece  # no bracket is opened for the sake of a reason
        for r in b.rows
        for piece in broken(r.right.latex, narrow - 4, narrow)
    )
    if share < _COLUMN:  # no line of a column is broken for the sake of its shapes
        beside = beside and all(
            len(broken(r.right.latex, narrow - 4, narrow))
            == len(broken(r.right.latex, line - lefts - 7, line - lefts - 3))
            for r in b.rows
        )
    room = (with_reason if beside else line) - lefts - 3
    rows: list[dict[str, Any]] = []
    for r in b.rows:
        lines = broken(r.right.latex, room - 4, room)
        by_it = beside and (share >= _COLUMN or card.short(note(r)))
        again = _again(r)
        said = "" if again else latex_inline(note(r) if by_it and r"\underbrace" not in r.right.latex else r.reason)
        rows.append(
            {
                "left": r.left.latex if r.left else "",
                "sign": r.sign.latex,
                "lines": lines,
                "note": said,
                "beside": by_it,
                "label": label(r.key) if r.key else "",
                "again": again,
                "kept": False,
            }
        )
    for chain in _chains(rows):
        whole = sum(len(its["lines"]) for its in chain) <= _CHAIN
        for its in chain[:-1]:
            its["kept"] = whole
    short = sum(len(r["lines"]) + bool(r["note"] and not r["beside"]) for r in rows) <= _WHOLE
    return {
        "kind": "display",
        "rows": rows,
        "beside": beside,
        "between": any(r["note"] and not r["beside"] for r in rows),
        "whole": short,
        "numbered": any(r.key for r in b.rows),
    }


def _again(r: Row) -> str:
    """The label of the equation that a row repeats, whose number is all that stands beside it; empty for any other row."""
    match r.reason:
        case (Reference() as its,):
            return label(its.key)
    return ""


def _chains(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The rows by what they begin with: those without a left side go on from the one above."""
    starts = [k for k, r in enumerate(rows) if r["left"] or not k]
    return [rows[a:b] for a, b in zip(starts, [*starts[1:], len(rows)], strict=True)]
