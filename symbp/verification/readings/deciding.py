"""One verdict on all the readings of an equation in LaTeX, for every layer that it is about."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from symbp.errors import InputError
from symbp.formula.syntax import Binary, Claim, Name, Negate
from symbp.verification.decided import decided
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.proof.decide import decide
from symbp.verification.proof.trial import constant_ratio
from symbp.verification.readings.letters import updated
from symbp.verification.readings.reading import ContextFor, Reading
from symbp.verification.readings.written import Written
from symbp.verification.state import Heard, State
from symbp.verification.verdict import Verdict


class SomeLayers(InputError):
    """A claim that is right for some of the layers that it may be about."""


def judged(
    state: State, found: list[Reading], context_for: ContextFor, blank: Verdict, more: bool, explain: bool = True
) -> Heard:
    """One verdict on all the readings of an equation, whose claims are remembered one after the other."""
    verdicts: list[tuple[Reading, Verdict]] = []
    for one in found:
        heard = decided(state, one.claim, blank, more, explain)
        verdicts.append((one, _of_step(state, one, heard.verdict)))
        state = state.knowing(heard.memory)
    return Heard(_together(found, verdicts), state.memory)


def _together(found: list[Reading], verdicts: list[tuple[Reading, Verdict]]) -> Verdict:
    """One verdict on all the readings."""
    bad = [(r, v) for r, v in verdicts if not v.ok]
    if bad and len(bad) < len(verdicts) and not bad[0][0].universal:
        right, wrong = (next(r.layers for r, v in verdicts if v.ok == ok) for ok in (True, False))
        raise SomeLayers(f"which layers? right for {right}, not for {wrong}", allowed="a layer at every letter")
    if bad:
        return _with_note(*bad[0], [bad[0][0].layers] if len(found) > 1 or bad[0][0].layers else [])
    return _with_note(*verdicts[0], [r.layers for r in found if r.layers])


def _of_step(state: State, reading: Reading, verdict: Verdict) -> Verdict:
    """The verdict on an update: a positive constant of its step, and the number of examples, are the rate's."""
    if reading.step is None or verdict.verdict != "wrong":
        return verdict
    written = reading.claim.written
    ratio, count = _ratio(state, reading.claim)
    if ratio is None or ratio == 0 or not isinstance(written, Written):
        return verdict
    if ratio < 0:
        left, right = written.node_text(updated(reading.claim.left)), reading.claim.right
        up = isinstance(right, Negate)
        fix = reading.step.text(
            left, written.factor_text(right.arg if isinstance(right, Negate) else right), "-" if up else "+"
        )
        # a printer does not know these signs and sizes
        turned = state.memory.likelihood is not None or state.notation.own
        return replace(
            verdict, cause="sign", fix=None if turned else fix, reason="the step goes up the slope, not down"
        )
    note = reading.step.about(f"{ratio}{count}")
    return replace(verdict, verdict="correct", cause=None, fix=None, expected=None, counterexample=None, reason="",
                   column=None, until=None, note=note)  # fmt: skip


def _ratio(state: State, claim: Claim) -> tuple[Fraction | None, str]:
    """The constant by which a step must be multiplied, and whether the number of examples is another factor."""
    context = state.several if state.about_batch(claim) else state.first
    by_n = replace(claim, right=Binary("/", claim.right, Name("N")))
    for where in (state.contexts.numbered(context, claim), state.contexts.narrow(context)):
        try:
            ratio, count = constant_ratio(where.points, where.compare(claim)), ""
            if ratio is None and context is state.several:
                scaled, count = where.compare(by_n), "/N"
                same = decide(where.points, scaled, by_n.right).equal
                ratio = Fraction(1) if same else constant_ratio(where.points, scaled)
        except (InputError, ShapeClash):
            continue
        if ratio is not None:
            return ratio, count
    return None, ""


def _with_note(reading: Reading, verdict: Verdict, layers: list[str]) -> Verdict:
    """A verdict that says which layers it is about, and what was assumed."""
    pairs = [x.split(" = ") for x in layers]
    if len(layers) > 1 and all(len(p) == 2 for p in pairs):
        layers = [f"{pairs[0][0]} = {', '.join(p[1] for p in pairs)}"]
    about = f"for {'; '.join(layers)}" if layers and any(layers) else ""
    return replace(verdict, note="; ".join(n for n in (reading.note, about, verdict.note) if n))
