"""Claims in LaTeX judged: every equation of a chain, for every layer that it is about, and one verdict for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symbp.errors import InputError
from symbp.formula.latex.conditions import Condition, condition_of
from symbp.formula.latex.equation import Chain, Equation, chain_of
from symbp.formula.latex.parse import at, check_length
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Sym, nodes
from symbp.formula.tex.spelling import spelled
from symbp.formula.tex.traced import Traced
from symbp.verification.readings.claims import OneExample, readings, vocabulary_of
from symbp.verification.readings.deciding import (
    LIKELIHOOD,
    SomeLayers,
    as_likelihood,
    holds_as_own,
    in_one_reading,
    judged,
    of_examples,
)
from symbp.verification.readings.indices import is_square
from symbp.verification.readings.losses import of_loss
from symbp.verification.readings.names import Vocabulary
from symbp.verification.readings.updates import without_iterations
from symbp.verification.state import Heard, State
from symbp.verification.verdict import Verdict


def judge_latex(state: State, text: str, blank: Verdict, more: bool = False) -> Heard:
    """The verdict on an equation; InputError where it cannot be read. `more` says that a later line adds to it."""
    check_length(text)
    spelt = without_iterations(state.notation, spelled(Traced.standing(text, 0)))
    plain, condition = condition_of(spelt.text)
    try:
        heard = _chain(state, chain_of(plain), blank, more, condition)
    except InputError as e:
        raise type(e)(
            e.message,
            place=replace(e.place, column=_author(spelt, e.place.column)),
            allowed=e.allowed,
            nearest=e.nearest,
        ) from None
    verdict = heard.verdict
    if condition is not None:
        verdict = replace(verdict, note="; ".join(n for n in (f"for {condition}", verdict.note) if n))
        if not condition.same:  # what is said of it has the condition in it
            reason = "" if r"\mathbf{1}[" in verdict.reason else verdict.reason
            verdict = replace(verdict, fix=None, expected=None, reason=reason)
    verdict = replace(verdict, column=_author(spelt, verdict.column), until=_author(spelt, verdict.until))
    return replace(heard, verdict=verdict)


def _chain(state: State, chain: Chain, blank: Verdict, more: bool, condition: Condition | None) -> Heard:
    """The verdict on a chain of equalities: the first link that is not right, or the first."""
    one: list[bool] = []

    def is_loss(equation: Equation) -> bool:
        try:
            found = _equation(state, equation, blank, more).verdict
        except InputError:
            return False
        one.append(found.scope == "example")
        return found.verdict == "correct"

    links = of_loss(chain, state.notation.loss[0], is_loss).links
    here, verdicts = state.of_one if any(one) and state.batch is None else state, list[Verdict]()
    for part in links:  # what a page has shown is known to the next one, and each is the first to be claimed
        heard = _equation(here, part, blank, more, condition)
        verdicts.append(heard.verdict)
        here = here.knowing(replace(heard.memory, before=state.memory.before))
    found = next((v for v in verdicts if not v.ok), None)
    if found is None:
        _one_subject(here, links, verdicts, blank)
    return Heard(verdicts[0] if found is None else found, heard.memory)


def _one_subject(state: State, links: Sequence[Equation], verdicts: list[Verdict], blank: Verdict) -> None:
    """InputError where the parts of a chain are right about different things: one example and all, one loss and another."""
    scopes, own = [v.scope for v in verdicts], [v.own for v in verdicts]
    if {"example", "batch"} <= {*scopes}:
        part = links[scopes.index("example")]
        message = "this holds for one example alone, and another part is about all examples"
        raise InputError(message, place=at(part.text.rindex("=") + 1), allowed="sums over the examples")
    if not any(own) or all(own):
        return
    for part, is_own in zip(links, own, strict=True):
        if not is_own and of_examples(state, part) and not holds_as_own(state, part, blank):
            message = "derivatives of an example are those of its own loss here, and of the mean's in another part"
            raise InputError(message, place=at(part.text.rindex("=") + 1), allowed="one of them throughout")


def _author(spelt: Traced, column: int | None) -> int | None:
    """The column, counted from 1, in the text as its author wrote it."""
    if column is None or not spelt.at:
        return column
    return spelt.at[column - 1] + 1 if column <= len(spelt.at) else spelt.at[-1] + 1 + column - len(spelt.at)


def _equation(
    state: State, equation: Equation, blank: Verdict, more: bool, condition: Condition | None = None
) -> Heard:
    """The verdict on an equation as it is read first; then on what it may mean otherwise, in the order of :data:`READINGS`."""
    context_for = state.context_for
    try:
        found = readings(equation, vocabulary_of(state), context_for, condition=condition)
    except OneExample:
        return _equation(state.of_one, equation, blank, more, condition)
    if more and state.memory.own and of_examples(state, equation):
        found = readings(equation, vocabulary_of(state), context_for, "own")
    heard = judged(state, found, context_for, blank, more)
    if more or condition is not None:
        return heard
    first = FirstReading(state, equation, blank, heard)
    return next((other for reading in READINGS.values() if (other := reading(first)) is not None), heard)


@dataclass(frozen=True)
class FirstReading:
    """An equation as it was read first: the state before it, the verdict and what is remembered after it."""

    state: State
    equation: Equation
    blank: Verdict
    heard: Heard

    def as_meant(self, vocabulary: Vocabulary, otherwise: str = "", explain: bool = True) -> Heard:
        """The verdict with other letters, or where something means something else; InputError where it cannot be read so."""
        context_for = self.state.context_for
        found = readings(self.equation, vocabulary, context_for, otherwise)
        return judged(self.state, found, context_for, self.blank, False, explain)


def _as_likelihood(read: FirstReading) -> Heard | None:
    """The log-likelihood is given a letter: what is claimed of that is claimed of minus the loss."""
    if read.heard.ok or read.state.memory.likelihood is not None:
        return None
    after = as_likelihood(read.state, read.equation, read.blank)
    return None if after is None else _equation(after, read.equation, read.blank, False)


def _own_letter(read: FirstReading) -> Heard | None:
    """An equation that says what p is, which is not the prediction then."""
    left: Any = vocabulary_of(read.state).reader().sum(read.equation.left)
    if read.heard.verdict.verdict != "wrong" or not (isinstance(left, Sym) and left == Sym("p")):
        return None
    return read.as_meant(vocabulary_of(read.state, frozenset("p")))


def _each_loss(read: FirstReading) -> Heard | None:
    """Derivatives of single examples, which are those of the mean's or of each one's own loss."""
    if not of_examples(read.state, read.equation):
        return None
    return in_one_reading(read.state, read.equation, read.blank, _of_likelihood(read))


def _of_likelihood(read: FirstReading) -> Heard:
    """The verdict, which says so where it is on the log-likelihood."""
    likelihood = read.state.memory.likelihood
    if likelihood is None or likelihood[0].lstrip("\\") not in re.findall(r"[A-Za-z]+", read.equation.text):
        return read.heard
    note = "; ".join(n for n in (LIKELIHOOD, read.heard.verdict.note) if n)
    return read.heard.saying(note=note, expected=None)  # the derived equation is one for the loss


def _other_scripts(read: FirstReading) -> Heard | None:
    """Numbers at letters that may be something else than layers, and squares of vectors that may be lengths."""
    heard = _of_likelihood(read)
    vocabulary, counterexample = vocabulary_of(read.state), heard.verdict.counterexample
    for otherwise, place in _other_meanings(read.equation, vocabulary) if not heard.ok else ():
        if otherwise == "lengths" and counterexample is not None:
            continue
        try:
            other = read.as_meant(vocabulary, otherwise, explain=False)
        except SomeLayers:
            raise  # right for some layers as it may be meant
        except InputError:
            continue
        if other.ok and counterexample is None:  # as layers, the shapes do not fit
            return other.saying(note="; ".join(n for n in (_READ[otherwise], other.verdict.note) if n))
        if other.ok:
            raise InputError(_WHICH[otherwise], place=at(place), allowed=_CLEAR[otherwise])
    return heard


READINGS: Mapping[str, Callable[[FirstReading], Heard | None]] = {
    "the log-likelihood": _as_likelihood,
    "p as a letter of its own": _own_letter,
    "each example's own loss": _each_loss,
    "powers, elements, lengths": _other_scripts,
}
"""What an equation may mean otherwise, in order: the verdict that counts, or None where the next one is asked."""


_READ = {
    "powers": "numbers above are read as powers",
    "elements": "numbers below are read as elements",
    "lengths": "the square of a vector is read as that of its length",
}

_WHICH = {
    "powers": "a layer, or a power?",
    "elements": "a layer, or an element?",
    "lengths": "a square of elements, or a length?",
}

_CLEAR = {"powers": "(e_1)^2 or e^{(2)}", "elements": "e^{(2)}_1", "lengths": r"\|x\|^2"}


def _other_meanings(equation: Equation, vocabulary: Vocabulary) -> Iterator[tuple[str, int]]:
    """What numbers at letters may mean instead of layers, and squares of vectors; with the column of the first."""
    reader = vocabulary.reader()
    sides = reader.sum(equation.left), reader.sum(equation.right)
    squares = [n for n in nodes(*sides) if is_square(n)]
    if squares:
        yield "lengths", squares[0].span.start
    if vocabulary.notation.style == "{}" or vocabulary.notation.spelled or vocabulary.notation.patterns:
        return
    found = [s for side in sides for s in symbols(side)]
    powers = [s for s in found if s.layer is not None and s.bare and s.layer.offset > 1 and not s.layer.letter]
    families = vocabulary.notation.families
    if powers and all(families.get(s.base, "x") in ("a", "z", "e", "x") and not s.gradient for s in powers):
        yield "powers", powers[0].span.start
    below = [s for s in found if s.layer is None and s.below is not None and not s.below.letter and len(s.subs) == 1]
    if below and len(below) == sum(bool(s.subs) for s in found):
        yield "elements", below[0].span.start
