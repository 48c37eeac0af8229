"""One verdict on all the readings of an equation in LaTeX, for every layer that it is about, and as its page means it:
whose loss derivatives of single examples are those of, and what is maximised."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

from symbp.errors import InputError
from symbp.formula.latex.equation import Equation
from symbp.formula.syntax import Binary, Claim, Name, Negate, Sym
from symbp.verification.decided import decided
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.proof.decide import decide
from symbp.verification.proof.ratio import constant_ratio
from symbp.verification.readings.claims import readings, vocabulary_of
from symbp.verification.readings.examples import over_examples
from symbp.verification.readings.losses import LETTERS, as_own
from symbp.verification.readings.reading import ContextFor, Reading
from symbp.verification.readings.scripts import updated
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


LIKELIHOOD = r"where $\ell$ is the log-likelihood, minus the loss"
"""What is said of a claim about the log-likelihood."""
OWN_LOSS = "where the derivatives of an example are those of its own loss"
"""What is said of a claim in which they are."""

_COUNT = re.compile(r"\\[dt]?frac\s*(?:\{[^{}]*\}|\S)\s*(?:\{[^{}]*[mMNn]\s*\}|[mMNn])|/\s*[mMNn](?![A-Za-z_^])")
"""One over the number of examples."""


def as_likelihood(state: State, equation: Equation, blank: Verdict) -> State | None:
    """The state after an equation that says what the log-likelihood is, which later ones then are about; None where it says
    something else."""
    left: Any = vocabulary_of(state).reader().sum(equation.left)
    if not isinstance(left, Sym) or left.base not in LETTERS or left.gradient:
        return None
    for summed in (False, True):
        likelihood = left.base, summed
        vocabulary = replace(vocabulary_of(state), likelihood=likelihood)
        try:
            found = readings(equation, vocabulary, state.context_for)
            if judged(state, found, state.context_for, blank, False, explain=False).ok:
                return state.knowing(replace(state.memory, likelihood=likelihood))
        except InputError:
            continue
    return None


def of_examples(state: State, equation: Equation) -> bool:
    """Whether a claim has derivatives of single examples, so that it matters whose loss they are those of."""
    vocabulary = vocabulary_of(state)
    reader = vocabulary.reader()
    left, right = reader.sum(equation.left), reader.sum(equation.right)
    try:
        over = over_examples(vocabulary, reader.limits, left, right)
    except InputError:
        return False
    return bool(over.letter) and not over.single and as_own(vocabulary.notation, over) != over.right


def in_one_reading(state: State, equation: Equation, blank: Verdict, plain: Heard) -> Heard:
    """The verdict on a claim with derivatives of single examples: they are those of the mean over the examples or of each one's
    own loss, and of the same throughout, once a claim has shown which."""
    if state.memory.own is None:
        own = holds_as_own(state, equation, blank)
        shown = own if plain.ok != own else None
        if plain.ok or not (own or _COUNT.search(equation.text)):
            return replace(plain, memory=replace(plain.memory, own=shown))
        heard = _as_own(state, equation, blank, plain)
        return replace(heard, memory=replace(heard.memory, own=shown))
    return _as_own(state, equation, blank, plain, only=True) if state.memory.own else plain


def holds_as_own(state: State, equation: Equation, blank: Verdict) -> bool:
    """Whether a claim is right where derivatives of single examples are those of each one's own loss."""
    try:
        found = readings(equation, vocabulary_of(state), state.context_for, "own")
        return judged(state, found, state.context_for, blank, False, explain=False).ok
    except InputError:
        return False


def _as_own(state: State, equation: Equation, blank: Verdict, plain: Heard, only: bool = False) -> Heard:
    """The verdict on a claim in which derivatives of single examples are those of each one's own loss, mended as such; the
    `plain` one where there is nothing to say, unless it is the `only` reading."""
    try:
        found = readings(equation, vocabulary_of(state), state.context_for, "own")
        other = judged(state, found, state.context_for, blank, False)
    except InputError:
        return plain
    if other.ok or other.verdict.fix or only:
        return other.saying(note="; ".join(n for n in (OWN_LOSS, other.verdict.note) if n), own=True)
    return plain
