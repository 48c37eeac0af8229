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
from symbp.verification.state import State
from symbp.verification.verdict import Verdict

LIKELIHOOD = r"where $\ell$ is the log-likelihood, minus the loss"
"""What is said of a claim about the log-likelihood."""
OWN_LOSS = "where the derivatives of an example are those of its own loss"
"""What is said of a claim in which they are."""

_COUNT = re.compile(r"\\[dt]?frac\s*(?:\{[^{}]*\}|\S)\s*(?:\{[^{}]*[mMNn]\s*\}|[mMNn])|/\s*[mMNn](?![A-Za-z_^])")
"""One over the number of examples."""


def is_likelihood(state: State, equation: Equation, blank: Verdict) -> bool:
    """Whether an equation says what the log-likelihood is, which later ones then are about."""
    left: Any = vocabulary_of(state).reader().sum(equation.left)
    if not isinstance(left, Sym) or left.base not in LETTERS or left.gradient:
        return False
    before = state.parts.state
    for summed in (False, True):
        vocabulary = replace(vocabulary_of(state), likelihood=(left.base, summed))
        try:
            found = readings(equation, vocabulary, state.context_for)
            if judged(state, found, state.context_for, blank, False, explain=False).ok:
                state.parts.likelihood = (left.base, summed)
                return True
        except InputError:
            continue
        finally:
            state.parts.put(before)
    return False


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


def in_one_reading(state: State, equation: Equation, blank: Verdict, plain: Verdict) -> Verdict:
    """The verdict on a claim with derivatives of single examples: they are those of the mean over the examples or of each one's
    own loss, and of the same throughout, once a claim has shown which."""
    if state.parts.own is None:
        own = holds_as_own(state, equation, blank)
        if plain.ok != own:
            state.parts.own = own
        if plain.ok:
            return plain
        return _as_own(state, equation, blank, plain) if own or _COUNT.search(equation.text) else plain
    if state.parts.own:
        return _as_own(state, equation, blank, plain, only=True)
    return plain


def holds_as_own(state: State, equation: Equation, blank: Verdict) -> bool:
    """Whether a claim is right where derivatives of single examples are those of each one's own loss."""
    before = state.parts.state
    try:
        found = readings(equation, vocabulary_of(state), state.context_for, "own")
        return judged(state, found, state.context_for, blank, False, explain=False).ok
    except InputError:
        return False
    finally:
        state.parts.put(before)


def _as_own(state: State, equation: Equation, blank: Verdict, plain: Verdict, only: bool = False) -> Verdict:
    """The verdict on a claim in which derivatives of single examples are those of each one's own loss, mended as such; the
    `plain` one where there is nothing to say, unless it is the `only` reading."""
    before = state.parts.state
    try:
        found = readings(equation, vocabulary_of(state), state.context_for, "own")
        other = judged(state, found, state.context_for, blank, False)
    except InputError:
        state.parts.put(before)
        return plain
    if other.ok or other.fix or only:
        return replace(other, note="; ".join(n for n in (OWN_LOSS, other.note) if n), own=True)
    state.parts.put(before)
    return plain
