"""What is said of a wrong claim: the cause, the mended claim, the derived equation, a convention in which it would be right."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from symbp.formula.source import kept_formulas
from symbp.formula.syntax import Claim, Node, Span
from symbp.verification.diagnosis.conventions import WRONG_FOR, other_reading
from symbp.verification.diagnosis.derived import expected
from symbp.verification.diagnosis.diagnose import Diagnosis, diagnose
from symbp.verification.diagnosis.rows import NOWHERE, Reason, reason
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.mending import mended_text, shown_by
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.decide import Decision
from symbp.verification.state import State
from symbp.verification.subject import offers_of
from symbp.verification.verdict import Cause, Verdict

_SIGNS_OF_CODE = (
    (
        "* multiplies elementwise where the matrix product @ is meant",
        "elements are multiplied where the matrix product is meant",
    ),
    ("@ should be the elementwise *", "the matrix product should be that of the elements"),
)
"""What is said of NumPy's signs, and of a page that has others."""
_PRODUCT = re.compile(r"(?<![^\s(])@ of ")


def explained(
    state: State,
    claim: Claim,
    context: EvaluationContext,
    blank: Verdict,
    clash: ShapeClash | None,
    decision: Decision | None,
) -> Verdict:
    """The verdict on a claim that is wrong: its sides clash, or a decision found them different."""
    loss = offers_of(state.net).loss
    note = other_reading(context, claim, loss, lambda other: state.contexts.with_loss(other, context.setting.batch))
    known_by = any(isinstance(part, str) and WRONG_FOR in part for part in note.parts)
    if clash is None:
        found = diagnose(context, claim, known_by)
    else:
        found = diagnose(context if claim.indexed else state.contexts.narrow(context), claim)
    if not note and clash is None:
        note = reason(state.facts.wanting(context, claim))
    span = found.span if found and found.span != NOWHERE else clash.span if clash else NOWHERE
    show = _shown(claim)
    return replace(
        blank,
        verdict="wrong",
        how=decision.how if decision else "exact",
        cause=_cause(found, clash, decision),
        fix=mended_text(state, context, claim, found.claim) if found else None,
        expected=expected(context.setting, claim),
        counterexample=decision.counterexample if decision else None,
        reason=_why(claim, found, clash, show),
        note=note.shown(show),
        column=columns(span)[0],
        until=columns(span)[1],
    )


def _cause(found: Diagnosis | None, clash: ShapeClash | None, decision: Decision | None) -> Cause:
    """The cause of a mistake: that of what mends it, where that says more than that the formula is another."""
    if found and found.cause != "other":
        return found.cause
    return "shape" if clash and not found else "domain" if decision and decision.undefined else "other"


def _why(claim: Claim, found: Diagnosis | None, clash: ShapeClash | None, show: Callable[[Node], str]) -> str:
    """Why a claim is wrong: what was found, and in brackets which shapes do not fit."""
    clashing = clash.why if clash else ""
    found_why = (found.why if found else Reason(())).shown(show)
    if claim.written is not None:
        clashing = _PRODUCT.sub("the product of ", clashing)
        for code, words in _SIGNS_OF_CODE:
            found_why = found_why.replace(code, words)
    return f"{found_why} ({clashing})" if clashing and found_why else found_why or clashing


def _shown(claim: Claim) -> Callable[[Node], str]:
    """What writes the formulas of a reason: in the claim's language, as mathematics where that is LaTeX."""
    show = shown_by(claim, kept_formulas(claim))
    return show if claim.written is None else lambda node: f"${show(node)}$"


def columns(span: Span) -> tuple[int | None, int | None]:
    """The first and the last column of a part of the claim, counted from 1; none where it has no place."""
    return (None, None) if span == NOWHERE else (span.start + 1, max(span.end, span.start + 1))
