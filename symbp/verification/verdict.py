"""What is said of a claim, and how people read it on a terminal."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from symbp.errors import printable as escaped

Outcome = Literal["correct", "wrong", "undecided", "unreadable", "definition"]
Cause = Literal[
    "transpose", "inverse", "operand_order", "factor", "sign", "missing_term", "missing_factor",
    "activation_derivative", "derivative_for_function", "wrong_layer", "wrong_variable", "hadamard_for_product",
    "missing_sum", "missing_mean", "shape", "domain", "other",
]  # fmt: skip

Scope = Literal["", "example", "batch"]
"""What a right claim is about: one example and not a batch, a batch, or (empty) whatever it is applied to."""

ORDER: tuple[Outcome, ...] = ("correct", "wrong", "undecided", "unreadable", "definition")
MARKS: Mapping[str, str] = {"correct": "✓", "wrong": "✗", "undecided": "?", "unreadable": "!", "definition": "="}
_COLOURS = {"correct": "32", "definition": "36", "wrong": "31", "undecided": "33", "unreadable": "33"}
_HOW = {"exact": "proved exactly", "numeric": "agrees numerically"}


@dataclass(frozen=True)
class Counterexample:
    """One entry where a claim is wrong.

    `entry` counts from 1, as lecturers do; `sizes` are the lengths of the small example and `values` its inputs and
    parameters, with which anybody can compute both numbers again.
    """

    entry: tuple[int, ...]
    claimed: str
    true: str
    sizes: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, Any]:
        """The counterexample as JSON shows it."""
        return {
            "entry": [*self.entry],
            "claimed": self.claimed,
            "true": self.true,
            "sizes": dict(self.sizes),
            "values": {name: _finite(value) for name, value in self.values.items()},
        }

    def __str__(self) -> str:
        at = f"entry ({', '.join(map(str, self.entry))}), counted from 1, " if self.entry else ""
        sizes = ", ".join(f"{name} = {n}" for name, n in sorted(self.sizes.items()))
        return f"{at}is claimed to be {self.claimed} and is {self.true}" + (f" (tried at {sizes})" if sizes else "")


def _finite(value: Any) -> Any:
    """Numbers as JSON has them: what is beyond the range of floats as text."""
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


class Printer(Protocol):
    """What shows verdicts in a notebook; the rooms above have one, :class:`symbp.shown.Marked`."""

    def html(self, verdicts: Sequence[Verdict]) -> str:
        """Verdicts as a piece of HTML."""


@dataclass(frozen=True)
class Verdict:
    """The verdict on one claim.

    `verdict` is correct, wrong, undecided, unreadable or definition; `how` is exact or numeric where it is correct or wrong;
    `cause`, `fix` and `counterexample` explain a wrong claim, `expected` is the derived equation, `reason` and `note` say in
    words what was found, and `column` to `until` (counted from 1) is where a formula cannot be read, its shapes clash, or the
    mistake stands. `scope` says whether a right claim is one about a batch, or about one example alone, `own` that derivatives
    of single examples are taken for those of each example's own loss. A notebook shows it by the `printer` that it was given.
    """

    claim: str
    verdict: Outcome
    how: str | None = None
    cause: Cause | None = None
    fix: str | None = None
    expected: str | None = None
    counterexample: Counterexample | None = None
    line: int | None = None
    reason: str = ""
    note: str = ""
    column: int | None = None
    until: int | None = None
    file: str | None = None
    scope: Scope = field(default="", repr=False)
    own: bool = field(default=False, repr=False)
    printer: Printer | None = field(default=None, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong: the claim is correct, or it is a definition."""
        return self.verdict in ("correct", "definition")

    def as_json(self) -> dict[str, Any]:
        """The entry in the results of ``symbp verify --json``."""
        return {
            "claim": self.claim,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "verdict": self.verdict,
            "how": self.how,
            "cause": self.cause,
            "fix": self.fix,
            "expected": self.expected,
            "reason": self.reason or None,
            "note": self.note or None,
            "counterexample": self.counterexample.as_json() if self.counterexample else None,
        }

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return text(self)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str | None:
        return self.printer.html([self]) if self.printer is not None else None


class Verdicts(list[Verdict]):
    """The verdicts on several claims: a list that a notebook shows as a page does, by the printer of the verdicts."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong in any of them."""
        return all(v.ok for v in self)

    def __repr__(self) -> str:
        return "\n".join(map(str, self))

    def _repr_html_(self) -> str | None:
        printer = next((v.printer for v in self if v.printer is not None), None)
        return printer.html(self) if printer is not None else None


def text(verdict: Verdict, colour: bool = False) -> str:
    """The verdict in a few lines: the mark and the claim, the reason, the counterexample, the fix."""
    mark = MARKS[verdict.verdict]
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
    lines = [escaped(line) for line in "\n".join(lines).split("\n")]
    if colour:
        lines[0] = f"\x1b[{_COLOURS[verdict.verdict]}m{mark}\x1b[0m{lines[0].removeprefix(mark)}"
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


def counts(verdicts: Sequence[Verdict], others: int = 0) -> list[tuple[str, int]]:
    """How many verdicts of each kind there are, in words, without those that there are none of."""
    found = Counter(v.verdict for v in verdicts)
    words: Mapping[str, str] = {"definition": "definitions"}
    named = [(words.get(v, v) if found[v] > 1 else v, found[v]) for v in ORDER if found[v]]
    return named + ([("not a claim", others)] if others else [])
