"""A page as LaTeX: a document, or its body."""

from __future__ import annotations

from typing import Any

from symbp.drawing.escape import latex_text
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
    Table,
    flat,
)
from symbp.notes.formats.beside import note
from symbp.notes.layout import broken, width

_LINE = 76.0  # letters in a displayed line of the page
_WHOLE = 8  # lines: no longer display is kept on one page
_WITH_REASON = 44.0  # letters in an equation that has its reason beside it


def latex_page(page: Page, fragment: bool) -> str:
    """The page as LaTeX: a document, or its body."""
    blocks = _blocks(page.blocks)
    drawn = any(isinstance(b, Figure) for b in flat(page.blocks))
    name = "fragment.tex.jinja" if fragment else "document.tex.jinja"
    return (
        environment("latex")
        .get_template(name)
        .render(title=_latex(page.title), subtitle=_latex(page.subtitle), blocks=blocks, drawn=drawn)
    )


def _latex(parts: Inline) -> str:
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


def _blocks(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
    return [_latex_block(b) for b in blocks]


def _latex_block(b: Block) -> dict[str, Any]:
    match b:
        case Heading():
            return {"kind": "heading", "level": b.level, "text": _latex(b.parts)}
        case Paragraph():
            return {"kind": "paragraph", "text": _latex(b.parts)}
        case Items():
            return {"kind": "items", "entries": [_latex(i) for i in b.items], "ordered": b.ordered}
        case Table():
            return {
                "kind": "table",
                "head": [_latex(c) for c in b.head],
                "rows": [[_latex(c) for c in r] for r in b.rows],
            }
        case Display():
            return _latex_display(b)
        case Code():
            return {"kind": "code", "lines": [latex_text(line) for line in b.text.splitlines()]}
        case Figure():
            return {"kind": "figure", "picture": tikz(b.drawing), "caption": _latex(b.caption)}
        case Boxed() | Folded():
            return {
                "kind": "boxed" if isinstance(b, Boxed) else "folded",
                "title": _latex(b.title),
                "blocks": _blocks(b.blocks),
            }
        case Beside():
            return {"kind": "columns", "columns": [_blocks(c) for c in b.columns]}


def _latex_display(b: Display) -> dict[str, Any]:
    lefts = max((width(r.left.latex) for r in b.rows if r.left), default=0.0)
    noted = any(r.reason or r.shape for r in b.rows)
    narrow = _WITH_REASON - lefts - 3
    beside = noted and all(
        width(line) <= narrow + 1 for r in b.rows for line in broken(r.right.latex, narrow - 4, narrow)
    )
    room = (_WITH_REASON if beside else _LINE) - lefts - 3
    rows = []
    for r in b.rows:
        lines = broken(r.right.latex, room - 4, room)
        said = _latex(note(r) if beside else r.reason)  # above an equation, a shape alone would only be in the way
        rows.append(
            {
                "left": r.left.latex if r.left else "",
                "sign": r.sign.latex,
                "lines": lines,
                "note": said,
                "label": label(r.key) if r.key else "",
            }
        )
    whole = sum(len(r["lines"]) + bool(r["note"] and not beside) for r in rows) <= _WHOLE
    return {"kind": "display", "rows": rows, "beside": beside, "whole": whole}
