"""A page as Markdown with formulas between dollar signs."""

from __future__ import annotations

import itertools
import re
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
    Reference,
    Row,
    Table,
)
from symbp.notes.formats.beside import brief
from symbp.notes.layout import broken, width
from symbp.notes.numbering import numbered

_LINE = 76.0  # letters in a displayed line of the page
_NOTE = 36.0  # letters in a line of what is said beside an equation in Markdown


def markdown_text(text: str) -> str:
    """Plain text as Markdown: no character of it is markup."""
    safe = re.sub(r"([\\`*_{}<>#!|$~&])", r"\\\1", "".join(c if c.isprintable() else " " for c in text))
    return safe.replace("[", "&#91;").replace("]", "&#93;")  # \\[ would begin a formula where MathJax reads it


def markdown_page(page: Page, fragment: bool) -> str:
    """The page as Markdown with formulas between dollar signs."""
    page = numbered(page)
    blocks = _blocks(page.blocks)
    text = environment("markdown").get_template("page.md.jinja")
    return text.render(
        title=_markdown(page.title),
        subtitle=_markdown(page.subtitle),
        author=_markdown(page.author),
        blocks=blocks,
        fragment=fragment,
    )


def _markdown(parts: Inline) -> str:
    shown = "".join(f"${_inline(p.latex)}$" if isinstance(p, Math) else markdown_text(str(p)) for p in parts)
    return shown.replace("$$", "$ $")  # two formulas side by side are no displayed one


def _inline(latex: str) -> str:
    r"""LaTeX within running text, where Markdown may come first. It reads two backslashes as one, so rows end with \cr, and an
    underscore behind a bracket as the begin of an emphasis, so that stands by itself."""
    shown = _github(latex).replace("\\\\ ", r"\cr ")
    return re.sub(r"(?<=[^\w\s\\])_(?=\{)", " _ ", shown)


def _github(latex: str) -> str:
    r"""LaTeX that Markdown leaves alone and that MathJax and KaTeX know: no \operatorname (GitHub refuses it), no escapes that
    Markdown would undo; the words of a name have a space between them, since nothing prints as an underscore in both."""
    latex = latex.replace(r"\operatorname{", r"\mathrm{").replace(r"\,", " ").replace(r"\_", r"\enspace ")
    latex = re.sub(r"(?<!\\)\\ | {2,}", " ", latex)  # two backslashes end a row of a matrix
    return latex.replace(" < ", r" \lt ").replace("<", r"\lt ")


def _html(text: str) -> str:
    """Plain text as it stands in an element of HTML, which Markdown leaves as it is: a line without markup of either."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return re.sub(r"[&<>\"'$\\`*_]", lambda m: f"&#{ord(m[0])};", plain)


def _blocks(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
    return [_markdown_block(b) for b in blocks]


def _markdown_block(b: Block) -> dict[str, Any]:
    match b:
        case Heading():
            return {"kind": "heading", "level": min(b.level, 5), "text": _markdown(b.parts)}
        case Paragraph():
            return {"kind": "paragraph", "text": _markdown(b.parts)}
        case Items():
            return {"kind": "items", "entries": [_markdown(i) for i in b.items], "ordered": b.ordered}
        case Table():
            return {
                "kind": "table",
                "head": [_markdown(c) for c in b.head],
                "rows": [[_markdown(c) for c in r] for r in b.rows],
            }
        case Display():
            return {"kind": "display", "lines": [line for r in b.rows for line in _markdown_row(r)]}
        case Code():
            return {"kind": "code", "text": b.text.rstrip(), "language": b.language}
        case Figure():
            return {"kind": "paragraph", "text": markdown_text(b.alternative)}
        case Boxed():
            return {"kind": "boxed", "title": _markdown(b.title), "blocks": _blocks(b.blocks)}
        case Folded():
            title = "".join(p.text if isinstance(p, Math) else str(p) for p in b.title)
            return {"kind": "folded", "title": _html(title), "blocks": _blocks(b.blocks)}
        case Beside():
            return {"kind": "columns", "columns": [_blocks(c) for c in b.columns]}


def _markdown_row(r: Row) -> list[str]:
    """The lines of one equation in an aligned block, what is said of it at the right."""
    formula = broken(_github(r.right.latex), _LINE)
    first = f"{_github(r.left.latex) if r.left else ''} &{r.sign.latex} {formula[0]}"
    lines = [first.lstrip(), *(f"&{'' if line.startswith('= ') else chr(92) + 'qquad '}{line}" for line in formula[1:])]
    notes = _wrapped(brief(r))
    pairs = itertools.zip_longest(lines, notes, fillvalue="")
    shown = [f"{line or '&'} && \\quad {note}" if note else line for line, note in pairs]
    number = (
        f"{'' if notes else ' &&'} && \\quad ({r.key})" if r.key else ""
    )  # a column of its own, behind that of the notes
    return [shown[0] + number, *shown[1:]]


def _wrapped(note: Inline) -> list[str]:
    """A note as formulas for the right of an equation, one for each of its lines."""
    words: list[str | Math | Reference] = []
    for formulas, group in itertools.groupby(note, lambda p: isinstance(p, Math)):
        parts = list(group)
        words += parts if formulas else re.findall(r"\s*\S+\s*|\s+", "".join(str(p) for p in parts))
    lines: list[list[str | Math | Reference]] = [[]]
    total = 0.0
    for word in words:
        amount = width(word.latex) if isinstance(word, Math) else 0.8 * len(str(word))
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


def _said(formulas: bool, words: list[str | Math | Reference]) -> str:
    """Formulas, or words as text within a formula: what could be a command there is left out."""
    if formulas:
        return " ".join(_github(w.latex) for w in words if isinstance(w, Math))
    text = re.sub(r"[^\w\s.,;:()=+*/'-]|_", " ", "".join(w for w in words if isinstance(w, str)))
    return rf"\text{{{text}}}" if text.strip() else r"\ "
