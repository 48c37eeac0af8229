"""Verdicts as people read them on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from symbp.verify.marking.report import counts
from symbp.verify.verdict import MARKS, Verdict

_COLOURS = {"correct": "32", "definition": "36", "wrong": "31", "undecided": "33", "unreadable": "33"}
_HOW = {"exact": "proved exactly", "numeric": "agrees numerically"}


def text(verdict: Verdict, colour: bool = False) -> str:
    """The verdict in a few lines: the mark and the claim, the reason, the counterexample, the fix."""
    mark = MARKS[verdict.verdict]
    if colour:
        mark = f"\x1b[{_COLOURS[verdict.verdict]}m{mark}\x1b[0m"
    claim = printable(verdict.claim)
    lines = [f"{mark} {claim}  ({_said(verdict)})" if verdict.verdict != "unreadable" else f"{mark} {claim}"]
    if verdict.column is not None and verdict.column <= len(claim) + 1:
        until = min(verdict.until or verdict.column, len(claim))
        lines.append("  " + " " * (verdict.column - 1) + "^" * max(1, until - verdict.column + 1))
    if verdict.verdict == "unreadable":
        at = f"column {verdict.column}: " if verdict.column is not None else ""
        lines.append(f"    cannot be read: {at}{verdict.reason}")
    elif verdict.reason and verdict.verdict != "definition":
        lines.append(f"    {verdict.reason}")
    if verdict.counterexample is not None:
        lines.append(f"    {verdict.counterexample}")
    if verdict.fix:
        lines.append(f"    right: {verdict.fix}")
    elif verdict.verdict == "wrong" and verdict.expected:
        lines.append(f"    derived: {verdict.expected}")
    return "\n".join(lines)


def summary(verdicts: Sequence[Verdict], others: int = 0) -> str:
    """How many verdicts of each kind there are, on one line."""
    return ", ".join(f"{n} {words}" for words, n in counts(verdicts, others)) or "no claims"


def _said(verdict: Verdict) -> str:
    note = f"; {verdict.note}" if verdict.note else ""
    match verdict.verdict:
        case "correct":
            return f"{_HOW[verdict.how or 'exact']}{note}"
        case "wrong":
            cause = f": {verdict.cause}" if verdict.cause not in (None, "other") else ""
            return f"wrong{cause.replace('_', ' ')}{note}"
        case "definition":
            return "definition"
    return verdict.verdict


def printable(claim: str, limit: int = 200) -> str:
    """A claim as it may stand on a terminal: control characters replaced, so that columns stay, and long text cut."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in claim)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
