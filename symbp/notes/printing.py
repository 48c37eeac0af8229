"""Blocks printed for a format: plain values for the templates, which only lay out."""

from __future__ import annotations

import itertools
import re
from typing import Any

from symbp.notation.templates import environment
from symbp.notes.blocks import Block, Display, Heading, Inline, Items, Math, Page, Paragraph, Row, Table
from symbp.notes.layout import broken, width

_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "^": r"\textasciicircum{}", "_": r"\_",
    "~": r"\textasciitilde{}", "%": r"\%", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "…": r"\ldots{}", '"': r"\textquotedbl{}",
}  # fmt: skip
_LINE = 76.0  # letters in a displayed line of the page
_WHOLE = 8  # lines: no longer display is kept on one page
_NOTE = 36.0  # letters in a line of what is said beside an equation in Markdown
_WITH_REASON = 44.0  # letters in an equation that has its reason beside it


def latex_text(text: str) -> str:
    """Plain text as LaTeX: no character of it is a command; what pdfLaTeX has no letter for is a question mark."""
    safe = "".join(_TEX.get(c) or (c if c.isprintable() and ord(c) < 0x180 else "?") for c in text)
    return safe.replace("--", "-{}-").replace("--", "-{}-")  # no dashes from options such as --no-bias


def markdown_text(text: str) -> str:
    """Plain text as Markdown: no character of it is markup."""
    safe = re.sub(r"([\\`*_{}<>#!|$~&])", r"\\\1", "".join(c if c.isprintable() else " " for c in text))
    return safe.replace("[", "&#91;").replace("]", "&#93;")  # \\[ would begin a formula where MathJax reads it


def latex_page(page: Page, fragment: bool) -> str:
    """The page as LaTeX: a document, or its body."""
    blocks = [_latex_block(b) for b in page.blocks]
    name = "fragment.tex.jinja" if fragment else "document.tex.jinja"
    return (
        environment("latex")
        .get_template(name)
        .render(title=_latex(page.title), subtitle=_latex(page.subtitle), blocks=blocks)
    )


def markdown_page(page: Page, fragment: bool) -> str:
    """The page as Markdown with formulas between dollar signs."""
    blocks = [_markdown_block(b) for b in page.blocks]
    text = environment("markdown").get_template("page.md.jinja")
    return text.render(title=_markdown(page.title), subtitle=_markdown(page.subtitle), blocks=blocks, fragment=fragment)


def text_page(page: Page, fragment: bool) -> str:
    """The page as plain text."""
    blocks = [_text_block(b) for b in page.blocks]
    text = environment("text").get_template("page.txt.jinja")
    return text.render(title=_text(page.title), subtitle=_text(page.subtitle), blocks=blocks, fragment=fragment)


def _latex(parts: Inline) -> str:
    return "".join(f"${p.latex}$" if isinstance(p, Math) else latex_text(p) for p in parts)


def _latex_block(b: Block) -> dict[str, Any]:
    match b:
        case Heading():
            return {"kind": "heading", "level": b.level, "text": _latex(b.parts)}
        case Paragraph():
            return {"kind": "paragraph", "text": _latex(b.parts)}
        case Items():
            return {"kind": "items", "entries": [_latex(i) for i in b.items]}
        case Table():
            return {
                "kind": "table",
                "head": [_latex(c) for c in b.head],
                "rows": [[_latex(c) for c in r] for r in b.rows],
            }
        case Display():
            return _latex_display(b)


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
        note = _latex(_note(r) if beside else r.reason)  # above an equation, a shape alone would only be in the way
        rows.append({"left": r.left.latex if r.left else "", "sign": r.sign.latex, "lines": lines, "note": note})
    whole = sum(len(r["lines"]) + bool(r["note"] and not beside) for r in rows) <= _WHOLE
    return {"kind": "display", "rows": rows, "beside": beside, "whole": whole}


def _note(r: Row) -> Inline:
    shape: Inline = (r.shape,) if r.shape else ()
    return (*r.reason, "; ", *shape) if r.reason and shape else (*r.reason, *shape)


def _markdown(parts: Inline) -> str:
    shown = "".join(f"${_github(p.latex)}$" if isinstance(p, Math) else markdown_text(p) for p in parts)
    return shown.replace("$$", "$ $")  # two formulas side by side are no displayed one


def _github(latex: str) -> str:
    r"""LaTeX that Markdown leaves alone: no \operatorname (GitHub refuses it), no escapes that Markdown would undo."""
    latex = (
        latex.replace(r"\operatorname{", r"\mathrm{")
        .replace(r"\,", " ")
        .replace(r"\ ", " ")
        .replace(r"\_", r"\textunderscore ")
    )
    return latex.replace(" < ", r" \lt ").replace("<", r"\lt ")


def _markdown_block(b: Block) -> dict[str, Any]:
    match b:
        case Heading():
            return {"kind": "heading", "level": b.level, "text": _markdown(b.parts)}
        case Paragraph():
            return {"kind": "paragraph", "text": _markdown(b.parts)}
        case Items():
            return {"kind": "items", "entries": [_markdown(i) for i in b.items]}
        case Table():
            return {
                "kind": "table",
                "head": [_markdown(c) for c in b.head],
                "rows": [[_markdown(c) for c in r] for r in b.rows],
            }
        case Display():
            return {"kind": "display", "lines": [line for r in b.rows for line in _markdown_row(r)]}


def _markdown_row(r: Row) -> list[str]:
    """The lines of one equation in an aligned block, what is said of it at the right."""
    formula = broken(_github(r.right.latex), _LINE)
    first = f"{_github(r.left.latex) if r.left else ''} &{r.sign.latex} {formula[0]}"
    lines = [first.lstrip(), *(f"&{'' if line.startswith('= ') else chr(92) + 'qquad '}{line}" for line in formula[1:])]
    notes = _wrapped(_note(r))
    pairs = itertools.zip_longest(lines, notes, fillvalue="")
    return [f"{line or '&'} && \\quad {note}" if note else line for line, note in pairs]


def _wrapped(note: Inline) -> list[str]:
    """A note as formulas for the right of an equation, one for each of its lines."""
    words: list[str | Math] = []
    for formulas, group in itertools.groupby(note, lambda p: isinstance(p, Math)):
        parts = list(group)
        words += parts if formulas else re.findall(r"\s*\S+\s*|\s+", "".join(str(p) for p in parts))
    lines: list[list[str | Math]] = [[]]
    total = 0.0
    for word in words:
        amount = width(word.latex) if isinstance(word, Math) else 0.8 * len(word)
        if lines[-1] and total + amount > _NOTE and isinstance(lines[-1][-1], str) and lines[-1][-1].endswith(" "):
            lines.append([])
            total = 0.0
        lines[-1].append(word)
        total += amount
    return [
        "".join(_said(k, list(g)) for k, g in itertools.groupby(line, lambda w: isinstance(w, Math)))
        for line in lines
        if line
    ]


def _said(formulas: bool, words: list[str | Math]) -> str:
    """Formulas, or words as text within a formula: what could be a command there is left out."""
    if formulas:
        return " ".join(_github(w.latex) for w in words if isinstance(w, Math))
    text = re.sub(r"[^\w\s.,;:()=+*/'-]|_", " ", "".join(w for w in words if isinstance(w, str)))
    return rf"\text{{{text}}}" if text.strip() else r"\ "


def _text(parts: Inline) -> str:
    return "".join(p.text if isinstance(p, Math) else "".join(c if c.isprintable() else " " for c in p) for p in parts)


def _text_block(b: Block) -> dict[str, Any]:
    match b:
        case Heading():
            return {"kind": "heading", "level": b.level, "text": _text(b.parts)}
        case Paragraph():
            return {"kind": "paragraph", "text": _text(b.parts)}
        case Items():
            return {"kind": "items", "entries": [_text(i) for i in (*b.items, *b.plain)]}
        case Table():
            cells = [[_text(c) for c in row] for row in (b.head, *b.rows)]
            wide = [max(len(row[c]) for row in cells) for c in range(len(b.head))]
            lines = ["  ".join(cell.ljust(n) for cell, n in zip(row, wide, strict=True)).rstrip() for row in cells]
            return {"kind": "table", "rows": lines}
        case Display():
            its = [r for r in b.rows if r.left is None or r.left.text != r.right.text]  # tanh(z) = tanh(z) says nothing
            lefts = max((len(r.left.text) for r in its if r.left), default=0)
            lines = [
                f"{(r.left.text if r.left else '').ljust(lefts)} {r.sign.text if r.left else '='} {r.right.text}"
                for r in its
            ]
            wide_lines = [len(line) for line in lines if len(line) <= 60]
            column = max(wide_lines, default=0)
            notes = [_text(_note(r)) for r in its]
            shown = [
                f"{line.ljust(column)}   # {note}" if note else line for line, note in zip(lines, notes, strict=True)
            ]
            return {"kind": "display", "rows": shown}
