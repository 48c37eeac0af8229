"""What a page says of a verdict, in words; formulas stay formulas, to be printed by the page's language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symbp.documents.marking.report import Mark
from symbp.formula.latex.parse import is_latex
from symbp.verification.verdict import MARKS

HOW = {"exact": "proved exactly", "numeric": "agrees numerically"}
_TITLES = {
    "correct": "Right", "wrong": "Wrong", "undecided": "Undecided", "unreadable": "Cannot be read", "definition": "Definition",
}  # fmt: skip


_BEGINS = re.compile(
    r"(?:the|entry|right|an?|index|no|in|for|this|that|it|there|not|shapes?|which|is|both|of|where|because)\b"
)
"""Words that a sentence begins with, which no name is."""
_FORMULAS = re.compile(r"(\$[^$]+\$|\\[A-Za-z]+(?![A-Za-z{]))")
"""What is a formula in a sentence: what stands between dollar signs, and a letter that only LaTeX has."""
_BRACKETED = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)")
"""A sentence in one pair of brackets."""


@dataclass(frozen=True)
class Formula:
    """A formula and whether it is LaTeX."""

    text: str
    latex: bool

    @classmethod
    def of(cls, text: str) -> Formula:
        """A formula in the language that it is written in."""
        return cls(text, is_latex(text))


Sentence = tuple[str | Formula, ...]
"""Words, and formulas between them."""


@dataclass(frozen=True)
class Said:
    """One verdict: its number, kind and sign, a heading, what explains it, and the mended (or the derived) formula."""

    number: int
    outcome: str
    sign: str
    title: str
    how: str
    note: Sentence
    reasons: tuple[Sentence, ...]
    label: str
    formula: Formula | None
    line: int | None


def said(mark: Mark) -> Said:
    """What is to be said of a mark."""
    v = mark.verdict
    cause = v.cause.replace("_", " ") if v.verdict == "wrong" and v.cause not in (None, "other") else ""
    reasons = []
    if v.reason and v.verdict != "correct":
        column = f"column {v.column}: " if v.verdict == "unreadable" and v.column is not None and not mark.at else ""
        reasons.append(_sentence(column + v.reason, v.verdict != "unreadable"))
    if v.counterexample is not None:
        found = re.sub(r" = ", "\u00a0=\u00a0", str(v.counterexample))
        reasons.append(_sentence(found if v.counterexample.entry else f"It {found}"))
    label, text = ("right", v.fix) if v.fix else ("derived", v.expected if v.verdict == "wrong" else None)
    return Said(
        mark.number,
        v.verdict,
        MARKS[v.verdict],
        _TITLES[v.verdict] + (f": {cause}" if cause else ""),
        HOW[v.how or "exact"] if v.verdict == "correct" else "",
        _sentence(v.note) if v.note else (),
        tuple(reasons),
        label,
        Formula.of(text) if text else None,
        v.line,
    )


def _sentence(text: str, formulas: bool = True) -> Sentence:
    """A reason as a sentence of its own; what stands between dollar signs is a formula, except where a claim is quoted."""
    text = text.strip()
    if _BRACKETED.fullmatch(text):
        text = text[1:-1]
    first = _BEGINS.match(text)
    text = text[0].upper() + text[1:] if first else text  # a name keeps its letters
    text = text if text.endswith((".", "?", "!")) else f"{text}."
    parts = _FORMULAS.split(text) if formulas else [text]
    return tuple(Formula(part.strip("$"), True) if k % 2 else _times(part) for k, part in enumerate(parts) if part)


def _times(words: str) -> str:
    """Words in which shapes have a proper sign."""
    return re.sub(r"(?<=\w) x (?=\w)", " × ", words)
