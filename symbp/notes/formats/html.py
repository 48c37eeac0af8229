"""A page as one HTML file that needs no network: formulas are MathML, steps unfold, symbols say what they are.

What a template is given is escaped unless it is markup, and markup is made here alone: MathML that was rebuilt from a list of
allowed elements, and the one script of the page, which its policy names by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from symbp.drawing.svg import svg
from symbp.notation.mathml import mathml
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
    Meaning,
    Page,
    Paragraph,
    Reference,
    Row,
    Table,
    flat,
)
from symbp.notes.formats.beside import brief
from symbp.notes.layout import broken, width
from symbp.notes.meanings import marked
from symbp.notes.numbering import numbers
from symbp.version import __version__

_LINE = 62.0  # letters in a displayed line of the page
_FOLDED = 3  # rows: chains of so many equal forms are shown by their ends, and unfold
_DEEPEST = 6  # the levels that HTML has headings for


def html_page(page: Page, fragment: bool) -> str:
    """The page as HTML; as a fragment, its body alone with its style, without the script that shows what symbols are."""
    printer = _Printer(page.meanings, numbers(page.blocks))
    templates = environment("html")
    script = Markup(templates.get_template("page.js.jinja").render())
    values = {
        "title": printer.inline(page.title),
        "plain_title": _text(page.title),
        "subtitle": printer.inline(page.subtitle),
        "author": printer.inline(page.author),
        "blocks": printer.blocks(page.blocks),
        "contents": printer.contents(page.blocks),
        "symbols": printer.symbols(),
        "version": __version__,
        "script": script,
        "hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "unfolds": any(_unfolds(b) for b in flat(page.blocks)),
    }
    name = "page_fragment.html.jinja" if fragment else "page.html.jinja"
    return templates.get_template(name).render(values)


def html_text(text: str) -> Markup:
    """Plain text as HTML: no character of it is markup; what is no printable character is a space."""
    return escape("".join(c if c.isprintable() else " " for c in text))


def formula(latex: str, text: str, meanings: tuple[Meaning, ...] = (), *, display: bool = False) -> Markup:
    r"""A formula as MathML with its plain text beside it for readers that do not know MathML; its LaTeX where it cannot be made.

    display: sums have their limits above and below, as in a displayed equation; the formula stands in its line all the same.
    """
    framed = latex.replace(r"\boxed{", r"\class{box}{")  # a frame is a matter of style: browsers do not draw <menclose>
    made = mathml(marked(framed, meanings, r"\class{{s{0}}}{{{1}}}"), display=display, classes=True)
    if made is None:
        return Markup('<code class="latex">{}</code>').format(latex)
    kind = Markup('<math displaystyle="true"') if display else Markup("<math")
    said = Markup(' alttext="{}">').format(text)
    return Markup(re.sub(r'^<math display="(?:block|inline)">', lambda _: kind + said, made))


def _text(parts: Inline) -> str:
    return "".join(p.text if isinstance(p, Math) else str(p) for p in parts)


def _chains(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of a display by what they begin with: ``left = first = second = ...`` is a chain."""
    chains: list[list[Row]] = []
    for r in rows:
        if r.left is None and chains:
            chains[-1].append(r)
        else:
            chains.append([r])
    return chains


def _unfolds(b: Block) -> bool:
    return isinstance(b, Folded) or (isinstance(b, Display) and any(len(c) >= _FOLDED for c in _chains(b.rows)))


@dataclass(frozen=True)
class _Printer:
    """Blocks as values for the template, with what the symbols mean and the numbers of the equations."""

    meanings: tuple[Meaning, ...]
    numbers: Any

    def math(self, m: Math, display: bool = False) -> Markup:
        return formula(m.latex, m.text, self.meanings, display=display)

    def inline(self, parts: Inline) -> Markup:
        """Running text; no line is broken between a formula and the sign behind it."""
        done = Markup("")
        rest = [*parts]
        while rest:
            p = rest.pop(0)
            behind = (
                re.match(r"[).,;:\]]+", rest[0]) if isinstance(p, Math) and rest and isinstance(rest[0], str) else None
            )
            if behind is None:
                done += self._piece(p)
            else:
                rest[0] = str(rest[0])[behind.end() :]
                done += Markup('<span class="kept">{}{}</span>').format(self._piece(p), behind[0])
        return done

    def _piece(self, p: str | Math | Reference) -> Markup:
        match p:
            case Math():
                return self.math(p)
            case Reference():
                return Markup('<a href="#eq-{0}">({0})</a>').format(self.numbers[p.key])
        return html_text(p)

    def contents(self, blocks: Sequence[Block]) -> list[tuple[int, Markup]]:
        """The sections with their numbers, for the list of contents: those of the highest level."""
        headings = [(k, b) for k, b in enumerate(b for b in flat(blocks) if isinstance(b, Heading))]
        top = min((b.level for _, b in headings), default=1)
        return [(k, html_text(_text(b.parts))) for k, b in headings if b.level == top]

    def symbols(self) -> list[dict[str, Any]]:
        """What the symbols mean, by the class that their formulas have."""
        return [
            {
                "id": f"s{k}",
                "symbol": formula(m.symbol.latex, m.symbol.text),
                "what": m.what,
                "shape": formula(m.shape.latex, m.shape.text) if m.shape else "",
            }
            for k, m in enumerate(self.meanings)
        ]

    def blocks(self, blocks: Sequence[Block]) -> list[dict[str, Any]]:
        """The blocks in order; headings are numbered for the list of contents, figures for the names of their parts."""
        kinds = [[b for b in flat(blocks) if isinstance(b, kind)] for kind in (Heading, Figure)]
        order = {id(b): k for its in kinds for k, b in enumerate(its)}
        top = min((b.level for b in flat(blocks) if isinstance(b, Heading)), default=1)
        return [self._block(b, order, top) for b in blocks]

    def _block(self, b: Block, order: dict[int, int], top: int) -> dict[str, Any]:
        match b:
            case Heading():
                level = min(b.level - top + 2, _DEEPEST)  # the title is the first
                return {"kind": "heading", "level": level, "text": self.inline(b.parts), "number": order[id(b)]}
            case Paragraph():
                return {"kind": "paragraph", "text": self.inline(b.parts)}
            case Items():
                return {"kind": "items", "entries": [self.inline(i) for i in b.items], "ordered": b.ordered}
            case Table():
                rows = [[self.inline(c) for c in row] for row in b.rows]
                return {"kind": "table", "head": [self.inline(c) for c in b.head], "rows": rows}
            case Display():
                return {"kind": "display", "chains": [self._chain(c) for c in _chains(b.rows)]}
            case Code():
                return {"kind": "code", "text": b.text.rstrip("\n"), "language": b.language}
            case Figure():
                picture = svg(b.drawing, _text(b.caption) or "A figure", b.alternative, f"figure-{order[id(b)]}")
                return {"kind": "figure", "picture": Markup(picture), "caption": self.inline(b.caption)}
            case Boxed() | Folded():
                kind = "boxed" if isinstance(b, Boxed) else "folded"
                inner = [self._block(x, order, top) for x in b.blocks]
                return {"kind": kind, "title": self.inline(b.title), "blocks": inner}
            case Beside():
                columns = [[self._block(x, order, top) for x in c] for c in b.columns]
                return {"kind": "columns", "columns": columns}

    def _chain(self, rows: list[Row]) -> dict[str, Any]:
        """The rows of a chain; where it unfolds, also the one row that says what it leads to."""
        wide = max(width(r.left.latex) if r.left else 0.0 for r in rows)
        shown = [self._row(r, wide) for r in rows]
        if len(rows) < _FOLDED:
            return {"rows": shown, "ends": None}
        first, last = rows[0], rows[-1]
        key = next((r.key for r in reversed(rows) if r.key), "")
        ends = self._row(Row(first.left, last.right, (), last.shape, last.sign, key), wide)
        for r in shown:
            r["number"] = ""  # an equation has its number once, where it is seen
        return {"rows": shown, "ends": ends, "steps": len(rows)}

    def _row(self, r: Row, wide: float) -> dict[str, Any]:
        lines = broken(r.right.latex, max(_LINE - wide, 20.0))
        again = len(r.reason) == 1 and isinstance(r.reason[0], Reference)  # the number of the equation that it repeats
        # the words of the whole formula stand at its first line
        first = formula(f"{r.sign.latex} {lines[0]}", f"{r.sign.text} {r.right.text}", self.meanings, display=True)
        rest = [(formula(x, "continued", self.meanings, display=True), not x.startswith("= ")) for x in lines[1:]]
        return {
            "left": self.math(r.left, True) if r.left else "",
            "lines": [(first, False), *rest],
            "note": "" if again else self.inline(brief(r)),
            "number": self.numbers[r.key] if r.key else "",
            "again": self.inline(r.reason) if again else "",
        }
