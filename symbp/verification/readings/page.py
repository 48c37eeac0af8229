"""What the equations of a page say together: whose loss derivatives of single examples are those of, and what is maximised."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from symbp.errors import InputError
from symbp.formula.latex.equation import Equation
from symbp.formula.latex.symbols import Sym
from symbp.verification.readings.claims import readings
from symbp.verification.readings.deciding import judged
from symbp.verification.readings.examples import over_examples
from symbp.verification.readings.likelihood import LETTERS
from symbp.verification.readings.per_example_loss import as_own
from symbp.verification.readings.vocabulary import vocabulary_of
from symbp.verification.state import Heard, State
from symbp.verification.verdict import Verdict

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
