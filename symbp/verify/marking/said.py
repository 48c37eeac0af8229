"""What a page says of a verdict, in words; formulas stay formulas, to be printed by the page's language."""

from __future__ import annotations

from dataclasses import dataclass

from symbp.verify.latex_parse import is_latex
from symbp.verify.marking.report import Mark
from symbp.verify.verdict import MARKS

HOW = {"exact": "proved exactly", "numeric": "agrees numerically"}
_TITLES = {
    "correct": "right", "wrong": "wrong", "undecided": "undecided", "unreadable": "cannot be read", "definition": "definition",
}  # fmt: skip


@dataclass(frozen=True)
class Formula:
    """A formula and whether it is LaTeX."""

    text: str
    latex: bool

    @classmethod
    def of(cls, text: str) -> Formula:
        """A formula in the language that it is written in."""
        return cls(text, is_latex(text))


@dataclass(frozen=True)
class Said:
    """One verdict: its number, kind and sign, a heading, what explains it, and the mended (or the derived) formula."""

    number: int
    outcome: str
    sign: str
    title: str
    how: str
    note: str
    reasons: tuple[str, ...]
    label: str
    formula: Formula | None
    line: int | None


def said(mark: Mark) -> Said:
    """What is to be said of a mark."""
    v = mark.verdict
    cause = v.cause.replace("_", " ") if v.verdict == "wrong" and v.cause not in (None, "other") else ""  # type: ignore[union-attr]
    reasons = []
    if v.reason and v.verdict != "correct":
        column = f"column {v.column}: " if v.verdict == "unreadable" and v.column is not None else ""
        reasons.append(_sentence(column + v.reason))
    if v.counterexample is not None:
        reasons.append(_sentence(str(v.counterexample)))
    label, text = ("right", v.fix) if v.fix else ("derived", v.expected if v.verdict == "wrong" else None)
    return Said(
        mark.number,
        v.verdict,
        MARKS[v.verdict],
        _TITLES[v.verdict] + (f": {cause}" if cause else ""),
        HOW[v.how or "exact"] if v.verdict == "correct" else "",
        v.note,
        tuple(reasons),
        label,
        Formula.of(text) if text else None,
        v.line,
    )


def _sentence(text: str) -> str:
    """A reason as a sentence of its own."""
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    return text if text.endswith((".", "?", "!")) else f"{text}."
