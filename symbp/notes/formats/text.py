"""A page as plain text."""

from __future__ import annotations

from typing import Any

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
    Table,
)
from symbp.notes.formats.beside import note
from symbp.notes.numbering import numbered


def text_page(page: Page, fragment: bool) -> str:
    """The page as plain text."""
    page = numbered(page)
    blocks = _blocks(page.blocks)
    text = environment("text").get_template("page.txt.jinja")
    return text.render(
        title=_text(page.title),
        subtitle=_text(page.subtitle),
        author=_text(page.author),
        blocks=blocks,
        fragment=fragment,
    )


def _text(parts: Inline) -> str:
    return "".join(
        p.text if isinstance(p, Math) else "".join(c if c.isprintable() else " " for c in str(p)) for p in parts
    )


def _blocks(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
    return [_text_block(b) for b in blocks]


def _text_block(b: Block) -> dict[str, Any]:
    match b:
        case Heading():
            return {"kind": "heading", "level": b.level, "text": _text(b.parts)}
        case Paragraph():
            return {"kind": "paragraph", "text": _text(b.parts)}
        case Items():
            return {"kind": "items", "entries": [_text(i) for i in (*b.items, *b.plain)], "ordered": b.ordered}
        case Table():
            cells = [[_text(c) for c in row] for row in (b.head, *b.rows)]
            wide = [max(len(row[c]) for row in cells) for c in range(len(b.head))]
            lines = ["  ".join(cell.ljust(n) for cell, n in zip(row, wide, strict=True)).rstrip() for row in cells]
            return {"kind": "table", "rows": lines}
        case Display():
            its = [r for r in b.rows if r.left is None or r.left.text != r.right.text]  # tanh(z) = tanh(z) says nothing
            lefts = max((len(r.left.text) for r in its if r.left), default=0)
            lines = [f"{(r.left.text if r.left else '').ljust(lefts)} {r.sign.text} {r.right.text}" for r in its]
            wide_lines = [len(line) for line in lines if len(line) <= 60]
            column = max(wide_lines, default=0)
            notes = [_text(note(r)) for r in its]
            shown = [
                f"{line.ljust(column)}   # {note}" if note else line for line, note in zip(lines, notes, strict=True)
            ]
            return {
                "kind": "display",
                "rows": [f"{line}   ({r.key})" if r.key else line for line, r in zip(shown, its, strict=True)],
            }
        case Code():
            return {"kind": "table", "rows": b.text.splitlines()}
        case Figure():
            return {"kind": "paragraph", "text": b.alternative}
        case Boxed() | Folded():
            kind = "boxed" if isinstance(b, Boxed) else "folded"
            return {"kind": kind, "title": _text(b.title), "blocks": _blocks(b.blocks)}
        case Beside():
            return {"kind": "columns", "columns": [_blocks(c) for c in b.columns]}
