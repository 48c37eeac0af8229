"""What is said of a claim."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["correct", "wrong", "undecided", "unreadable", "definition"]
Cause = Literal[
    "transpose", "operand_order", "factor", "sign", "missing_term", "missing_factor", "activation_derivative",
    "derivative_for_function", "wrong_layer", "wrong_variable", "hadamard_for_product", "missing_sum", "missing_mean",
    "shape", "domain", "other",
]  # fmt: skip

Scope = Literal["", "example", "batch"]
"""What a right claim is about: one example and not a batch, a batch, or (empty) whatever it is applied to."""

MARKS: Mapping[str, str] = {"correct": "✓", "wrong": "✗", "undecided": "?", "unreadable": "!", "definition": "="}


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


@dataclass(frozen=True)
class Verdict:
    """The verdict on one claim.

    `verdict` is correct, wrong, undecided, unreadable or definition; `how` is exact or numeric where it is correct or wrong;
    `cause`, `fix` and `counterexample` explain a wrong claim, `expected` is the derived equation, `reason` and `note` say in
    words what was found, and `column` to `until` (counted from 1) is where a formula cannot be read, its shapes clash, or the
    mistake stands. `scope` says whether a right claim is one about a batch, or about one example alone, `own` that derivatives
    of single examples are taken for those of each example's own loss.
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
        from symbp.verify.report import text

        return text(self)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from symbp.verify.marking.html import notebook_html

        return notebook_html([self])


class Verdicts(list[Verdict]):
    """The verdicts on several claims: a list that a notebook shows as a page does."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong in any of them."""
        return all(v.ok for v in self)

    def __repr__(self) -> str:
        return "\n".join(map(str, self))

    def _repr_html_(self) -> str:
        from symbp.verify.marking.html import notebook_html

        return notebook_html(self)
