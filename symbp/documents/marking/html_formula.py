"""Formulas and their marks in HTML: MathML where it can be made, else the source as it was written."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup, escape

from symbp.documents.marking.copying import inserted, mark_insertions
from symbp.documents.marking.report import Mark, Section
from symbp.documents.marking.said import Formula, Sentence, said
from symbp.documents.marking.structure import markable
from symbp.documents.rows import unwrapped
from symbp.documents.source import Document, Node
from symbp.formula.tex.macros import expanded
from symbp.formula.tex.patterns import group, in_braces, name, replaced, sequence
from symbp.formula.tex.tokens import closing, tokens_of
from symbp.formula.tex.traced import Traced
from symbp.notation.mathml import foreign, mathml

KINDS = {"correct": "ok", "definition": "own", "wrong": "bad", "undecided": "open", "unreadable": "open"}
"""The class of a sign."""

_INTERTEXT = sequence(name(r"\intertext", r"\shortintertext"), in_braces())
_SKIP = sequence(name(r"\\"), group("[", "]"))
_CENTRED = ("gather", "multline", "eqnarray")
"""Environments whose rows are not aligned at a sign."""


def formula_html(shown: Formula, fault: tuple[int, int] | None = None, *, display: bool = False) -> Markup:
    """A formula, of which the part from `fault[0]` to `fault[1]` is marked."""
    if shown.latex and not foreign(shown.text):
        text = shown.text
        for a, b in reversed(markable(text, *fault) if fault else []):
            text = rf"{text[:a]}\class{{fault}}{{{text[a:b]}}}{text[b:]}"
        made = mathml(text, display=display, classes=True)
        if made is not None:
            return made
    return code_html(shown.text, fault)


def sentence_html(words: Sentence) -> Markup:
    """Words and formulas."""
    return Markup("").join(escape(w) if isinstance(w, str) else formula_html(w) for w in words)


def code_html(text: str, fault: tuple[int, int] | None = None) -> Markup:
    """A formula as it was written; the fault is underlined, and spaces stay."""
    plain = "".join(c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text)
    if fault is None:
        return Markup("<code>{}</code>").format(plain)
    a, b = fault
    inside = plain[a:b] or " "
    return Markup('<code>{}<mark class="fault">{}</mark>{}</code>').format(plain[:a], inside, plain[b:])


def fault_of(mark: Mark) -> tuple[int, int] | None:
    """Where in its claim a mistake stands, counted from 0; none where that is not known."""
    v = mark.verdict
    if v.column is None or v.ok or v.column > len(v.claim) + 1:
        return None
    return v.column - 1, min(v.until or v.column, len(v.claim)) if v.column <= len(v.claim) else v.column


@dataclass(frozen=True)
class Pieces:
    """The mathematics of a document with its marks."""

    section: Section

    @cached_property
    def document(self) -> Document:
        """The document that they stand in."""
        return Document(self.section.source, self.section.kind == "markdown")

    def marks(self, piece: Node) -> list[Mark]:
        """The marks of the equations that end in a piece."""
        ends, marks = self._placed
        return marks[bisect_left(ends, piece.start) : bisect_left(ends, piece.end)]

    @cached_property
    def _placed(self) -> tuple[list[int], list[Mark]]:
        """The offsets at which the equations end, and their marks."""
        marks = sorted((m for m in self.section.marks if m.at), key=lambda m: max(m.at))
        return [max(m.at) for m in marks], marks

    def html(self, piece: Node) -> Markup:
        """A piece with signs behind its equations."""
        marks = self.marks(piece)
        made = self._mathml(piece, marks)
        if made is None:
            signs = Markup(" ").join(sign_html(m) for m in marks)
            made = Markup("{} {}").format(code_html(self.section.source[piece.inner : piece.inner_end].strip()), signs)
        kind = "inline" if piece.inline else "display"
        titles = "; ".join(_title(m) for m in marks)
        title = Markup(' title="{}"').format(titles) if titles else ""
        return Markup('<span class="{}"{}>{}</span>').format(kind, title, made)

    def _mathml(self, piece: Node, marks: Sequence[Mark]) -> Markup | None:
        if foreign(self.document.shown[piece.inner : piece.inner_end]):
            return None
        insertions = mark_insertions(self.document.shown, marks, _sign, r"\class{fault}{", "}")
        text = inserted(self.document.shown, insertions, piece.inner, piece.inner_end)
        whole = expanded(Traced.added(text), self.document.macros)
        return mathml(_laid_out(whole, piece.env), display=not piece.inline, classes=True)


def _laid_out(text: Traced, env: str) -> str:
    """What mathematics holds, with one environment around its rows where it has some."""
    worded = replaced(text, _INTERTEXT, lambda found: rf"\text{found[found.index('{') :]} \\ ").text
    plain = unwrapped(worded, arrays=False)
    tokens = tokens_of(plain)
    if {t.name for t in tokens}.isdisjoint((r"\\", "&")) or (plain == worded and not env):
        return plain
    columns = closing(tokens, 0) if "alignat" in env else None
    body = plain if columns is None else plain[tokens[columns].end :]
    body = replaced(Traced.added(body), _SKIP, lambda found: r"\\").text.rstrip().removesuffix(r"\\")
    inner = "matrix" if any(e in env for e in _CENTRED) else "align*"
    return rf"\begin{{{inner}}}{body}\end{{{inner}}}"


def sign_html(mark: Mark) -> Markup:
    """The sign of a mark, by itself."""
    s = said(mark)
    number = f" {mark.correction}" if mark.correction else ""
    return Markup('<span class="sign {}">{}{}</span>').format(KINDS[s.outcome], s.sign, number)


def _sign(mark: Mark) -> str:
    s = said(mark)
    if s.outcome == "definition":
        return ""
    number = f" {mark.correction}" if mark.correction else ""
    return rf"\;\class{{{KINDS[s.outcome]}}}{{\text{{{s.sign}{number}}}}}"


def _title(mark: Mark) -> str:
    s = said(mark)
    return f"{s.title}, {s.how}" if s.how else s.title
