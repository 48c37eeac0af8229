"""Formulas that somebody wrote, with what was found of them: proved, or wrong with the cause, the mended formula and an entry."""

from __future__ import annotations

from collections.abc import Iterable

from symbp.documents.marking.report import Mark
from symbp.documents.marking.said import Formula, Sentence, said
from symbp.documents.marking.structure import typesets
from symbp.notes.blocks import Block, Inline, Items, Math, Paragraph
from symbp.verification.verdict import Verdict


def judged(verdicts: Iterable[Verdict]) -> list[Block]:
    """The right ones in one list, and the others, each with its reasons."""
    right: list[Inline] = []
    others: list[Inline] = []
    for number, verdict in enumerate(verdicts, 1):
        its = said(Mark(number, verdict))
        formula = _formula(Formula.of(verdict.claim))
        if verdict.ok:
            right.append((formula, f" ({its.how or its.title.lower()})", *_spaced(its.note)))
            continue
        mended: Inline = (f" {its.label.capitalize()}: ", _formula(its.formula), ".") if its.formula else ()
        reasons = tuple(part for reason in its.reasons for part in _spaced(reason))
        others.append((f"{its.title}: ", formula, ".", *mended, *reasons, *_spaced(its.note)))
    blocks: list[Block] = []
    if right:
        blocks += [Paragraph(("Judged and found right:",)), Items(tuple(right))]
    if others:
        blocks += [Paragraph(("Not right:",)), Items(tuple(others))]
    return blocks


def _spaced(words: Sentence) -> Inline:
    return (" ", *(w if isinstance(w, str) else _formula(w) for w in words)) if words else ()


def _formula(shown: Formula) -> str | Math:
    """A formula as mathematics where it is LaTeX that can be typeset safely, else as it was written."""
    return Math(shown.text, shown.text) if shown.latex and typesets(shown.text) else shown.text
