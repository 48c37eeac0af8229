"""Formulas that somebody wrote, with what was found of them: proved, or wrong with the cause, the mended formula and an entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from symbp.documents.marking.report import Mark
from symbp.documents.marking.said import Formula, Sentence, said
from symbp.documents.marking.structure import typesets, units
from symbp.notes.blocks import Block, Display, Inline, Items, Math, Paragraph, Row
from symbp.verification.verdict import Verdict

_SIGNS = frozenset(["=", r"\leftarrow", r"\gets", r"\rightarrow", r"\to"])
_NOTHING = Math("", "")
_WRITTEN = re.compile(r"[A-Za-z0-9_' +*/=(),.-]+")
"""What is written in letters, numbers and signs alone, and so is mathematics as it stands: ``f = u*z``."""
_EVERYWHERE = "For one example and for a batch."
_PROGRAM = re.compile(r"\*\*|\.[A-Za-z]|\bsum\(")

Line = tuple[Formula, Inline]
"""A formula with the words beside it."""


def proved(verdicts: Iterable[Verdict]) -> list[Block]:
    """The right ones among some verdicts, by how they were found right; what they rest on stands beside them."""
    found: dict[str, list[Line]] = {}
    for v in verdicts:
        if v.ok:
            its = said(Mark(1, v))
            note = () if "".join(map(str, its.note)) == _EVERYWHERE else _aside(_inline([its.note]))
            found.setdefault((its.how or its.title).capitalize(), []).append((Formula.of(v.claim), note))
    return [b for how, lines in found.items() for b in (Paragraph((f"{how}:",)), *_listed(lines))]


def refuted(verdict: Verdict, instead: str = "") -> list[Block]:
    """One that is not right, what is right in its place (`instead`, where that is known better), and why, with an entry in which
    the two differ."""
    its = said(Mark(1, verdict))
    right = Formula.of(instead) if instead else its.formula
    lines: list[Line] = [(Formula.of(verdict.claim), (its.title[:1].lower() + its.title[1:],))]
    if right is not None:
        lines.append((right, ("right" if instead else its.label,)))
    reasons = _inline([*its.reasons, its.note])
    return [*_listed(lines), *([Paragraph(reasons)] if reasons else [])]


def _listed(lines: Sequence[Line]) -> list[Block]:
    """Formulas below one another, their words beside them; those that cannot be typeset as they were written."""
    rows, others = [], []
    for formula, words in lines:
        latex = _latex(formula)
        if latex:
            rows.append(_row(latex, formula.text, words))
        else:
            others.append((formula.text, *((": ", *words) if words else ())))
    return [*([Display(tuple(rows))] if rows else []), *([Items(tuple(others))] if others else [])]


def _row(latex: str, text: str, words: Inline) -> Row:
    """A formula parted at its first sign of equality, for those below one another to be aligned."""
    for unit in units(latex):
        sign = latex[unit.start : unit.end]
        if sign in _SIGNS:
            before = latex[: unit.start].rstrip()
            sign, before = (":=", before[:-1]) if before.endswith(":") else (sign, before)
            return Row(Math(before, ""), Math(latex[unit.end :].strip(), text), words, sign=Math(sign, ""))
    return Row(Math(latex, text), _NOTHING, words, sign=_NOTHING)


def _inline(sentences: Iterable[Sentence]) -> Inline:
    """Sentences one after the other."""
    parts = [(" ", *map(_piece, s)) for s in sentences if s]
    return tuple(p for part in parts for p in part)[1:]


def _aside(words: Inline) -> Inline:
    """A sentence as words beside a formula."""
    first, last = words[:1], words[-1:]
    if first and isinstance(first[0], str):
        words = (first[0][:1].lower() + first[0][1:], *words[1:])
    if last and isinstance(words[-1], str):
        words = (*words[:-1], words[-1].removesuffix("."))
    return words


def alike(claim: str) -> str:
    """What spellings of a claim have in common that are typeset alike."""
    return re.sub(r"\{(\w)\}", r"\1", re.sub(r"\s+", "", claim))


def _piece(part: str | Formula) -> str | Math:
    latex = _latex(part) if isinstance(part, Formula) else ""
    return Math(latex, str(getattr(part, "text", part))) if latex else str(getattr(part, "text", part))


def _latex(formula: Formula) -> str:
    """A formula in LaTeX, nothing where it cannot be typeset safely."""
    if formula.latex:
        return formula.text if typesets(formula.text) else ""
    if not _WRITTEN.fullmatch(formula.text) or _PROGRAM.search(formula.text):
        return ""
    latex = re.sub(r"\s*\*\s*", r" \\cdot ", formula.text)
    return latex if typesets(latex) else ""
