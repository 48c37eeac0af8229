"""The verdict on a claim that has been read: given a meaning, decided, and explained where it is wrong."""

from __future__ import annotations

from dataclasses import replace

from symbp.errors import InputError
from symbp.formula.grammar import place_of
from symbp.formula.syntax import Call, Claim, Transpose, nodes, places
from symbp.verification.defining import define
from symbp.verification.explaining import explained
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.partials import held
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.decide import Decision, decide
from symbp.verification.proof.provisos import exceptions
from symbp.verification.state import Heard, State
from symbp.verification.verdict import Scope, Verdict


def decided(state: State, claim: Claim, blank: Verdict, more: bool = False, explain: bool = True) -> Heard:
    """The verdict on a claim that has been read, without a diagnosis unless it is to `explain`; InputError where the claim
    has no meaning."""
    state.contexts.budget.begin()
    claim, memory = state.memory.whole(state.first.setting, claim)
    if state.first.is_definition(claim):
        return define(state, claim, blank)
    return Heard(_verdict(state, claim, blank, more, explain), memory)


def _verdict(state: State, claim: Claim, blank: Verdict, more: bool, explain: bool) -> Verdict:
    """The verdict on a claim that is no definition, with what it adds to in front."""
    first = state.first
    context = state.several if state.about_batch(claim) else first
    context = state.contexts.numbered(state.contexts.knowing(context, claim), claim)
    context.begin()
    try:
        comparison = context.compare(claim)
    except ShapeClash as clash:
        _no_inverse_but_for_a_transpose(context, claim, clash)
        return _wrong(state, claim, context, blank, clash, None, explain)
    if more:
        return replace(blank, verdict="definition", note="a part; the sum is judged with its last part")
    decision = decide(context.points, comparison, claim.right)
    if decision.equal is None:
        return replace(blank, verdict="undecided", reason=decision.reason)
    if not decision.equal:
        return _wrong(state, claim, context, blank, None, decision, explain)
    about, scope = _further(state, claim, context)
    notes = (
        about,
        state.facts.used(context, claim),
        decision.note,
        exceptions(context.points, comparison),
    )
    return replace(blank, verdict="correct", how=decision.how, note="; ".join(n for n in notes if n), scope=scope)


def _no_inverse_but_for_a_transpose(context: EvaluationContext, claim: Claim, clash: ShapeClash) -> None:
    """InputError for the inverse of a matrix whose axes differ, which is not worked out: weights that are square may have one.
    One that stands where the transpose, or the matrix itself, makes the claim true is a mistake and no inverse."""
    inverses = [n for n in nodes(claim.left, claim.right) if isinstance(n, Call) and n.name == "inv"]
    if not any(n.span == clash.span for n in inverses):
        return  # it is something else that clashes
    for node, put in places(claim.right):
        if node in inverses and isinstance(node, Call) and len(inverses) == 1:
            (inner,) = node.args
            if any(_holds(context, replace(claim, right=put(meant))) for meant in (Transpose(inner), inner)):
                return
    if inverses:
        message = "the inverse of a matrix is not worked out where its axes differ"
        raise InputError(
            message, place=place_of(inverses[0]), allowed="W^T, the inverse of a matrix over one axis twice"
        )


def _further(state: State, claim: Claim, context: EvaluationContext) -> tuple[str, Scope]:
    """Whether what holds for one example holds for a batch, in words and as a scope."""
    if context is state.several or state.batch is not None or claim.indexed:
        return (context.setting.about, "batch") if context is state.several else ("", "")
    if state.notation.own:
        return "for one example", ""
    state.several.begin()
    try:
        holds = decide(state.several.points, state.several.compare(claim), claim.right).equal
    except ShapeClash as clash:
        return f"for one example; not for a batch: {clash.why}", "example"
    except InputError:
        return "for one example", ""
    return ("for one example and for a batch", "") if holds else ("for one example; not for a batch", "example")


def _wrong(
    state: State,
    claim: Claim,
    context: EvaluationContext,
    blank: Verdict,
    clash: ShapeClash | None,
    decision: Decision | None,
    explain: bool,
) -> Verdict:
    """The verdict on a claim that does not hold for all sizes: it may for this network's; else it is explained."""
    special = _special(state, claim, context)
    if special is not None:
        note, how = special
        return replace(blank, verdict="correct", how=how, note=note)
    if not explain:
        return replace(blank, verdict="wrong")
    return explained(state, claim, context, blank, clash, decision)


def _special(state: State, claim: Claim, context: EvaluationContext) -> tuple[str, str] | None:
    """Whether a claim holds for this network because some of its layers have one unit, or spells out a length."""
    ones = state.contexts.ones(context)
    if ones:
        labels = ", ".join(f"{context.setting.labels[a]} = 1" for a in ones)
        how = _holds(state.contexts.numbered(state.contexts.narrow(context), claim), claim)
        if how is not None:
            return f"because {labels}; not for layers with more units{_alone(state, claim, context)}", how
    alone = held(context.setting, claim)
    if alone is not None:
        how = _holds(context, alone)
        if how is not None:
            return (
                "where each derivative on the right is that of one equation alone, the rest of it held fixed",
                how,
            )
    counted = state.contexts.counted(context)
    if counted is not None:
        labels, own = counted
        how = _holds(state.contexts.numbered(own, claim), claim)
        if how is not None:
            return f"because {labels}; not for other sizes", how
    return None


def _alone(state: State, claim: Claim, context: EvaluationContext) -> str:
    """What is said of a claim that holds for one example and not for a batch."""
    if context is state.several or state.batch is not None or claim.indexed or claim.written is not None:
        return ""
    return "" if _holds(state.contexts.narrow(state.several), claim) else "; for one example; not for a batch"


def _holds(context: EvaluationContext, claim: Claim) -> str | None:
    try:
        decision = decide(context.points, context.compare(claim), claim.right)
    except (InputError, ShapeClash):
        return None
    return decision.how if decision.equal else None
