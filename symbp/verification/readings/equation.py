"""Claims in LaTeX judged: every equation of a chain, for every layer that it is about, and one verdict for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from symbp.errors import InputError
from symbp.formula.latex.conditions import Condition, condition_of
from symbp.formula.latex.equation import Equation, chain_of, equation_of
from symbp.formula.latex.parse import at, check_length
from symbp.formula.latex.symbols import Sym, symbols
from symbp.formula.syntax import nodes
from symbp.formula.tex.spelling import spelled
from symbp.formula.tex.traced import Traced
from symbp.verification.readings.claims import OneExample, readings
from symbp.verification.readings.context import is_square
from symbp.verification.readings.deciding import SomeLayers, judged
from symbp.verification.readings.iterations import without_iterations
from symbp.verification.readings.names import Vocabulary
from symbp.verification.readings.page import LIKELIHOOD, as_likelihood, holds_as_own, in_one_reading, of_examples
from symbp.verification.readings.vocabulary import vocabulary_of
from symbp.verification.readings.written_out import of_loss
from symbp.verification.state import Heard, State
from symbp.verification.verdict import Verdict


def judge_latex(state: State, text: str, blank: Verdict, more: bool = False) -> Heard:
    """The verdict on an equation; InputError where it cannot be read. `more` says that a later line adds to it."""
    check_length(text)
    spelt = without_iterations(state.notation, spelled(Traced.standing(text, 0)))
    plain, condition = condition_of(spelt.text)
    try:
        heard = _chain(state, plain, blank, more, condition)
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


def _chain(state: State, text: str, blank: Verdict, more: bool, condition: Condition | None) -> Heard:
    """The verdict on a chain of equalities: the first link that is not right, or the first."""
    letter = state.notation.loss[0]
    one: list[bool] = []

    def is_loss(loss: str, formula: str) -> bool:
        try:
            found = _equation(state, equation_of(f"{loss} = {formula}"), blank, more).verdict
        except InputError:
            return False
        one.append(found.scope == "example")
        return found.verdict == "correct"

    whole = of_loss(text, letter, is_loss)
    links = chain_of(whole).links
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
    context_for = state.context_for
    vocabulary = vocabulary_of(state)
    try:
        found = readings(equation, vocabulary, context_for, condition=condition)
    except OneExample:
        return _equation(state.of_one, equation, blank, more, condition)
    if more and state.memory.own and of_examples(state, equation):
        found = readings(equation, vocabulary, context_for, "own")
    heard = judged(state, found, context_for, blank, more)
    if more or condition is not None:
        return heard
    if (
        not heard.ok
        and state.memory.likelihood is None
        and (after := as_likelihood(state, equation, blank)) is not None
    ):
        return _equation(after, equation, blank, more)
    if heard.verdict.verdict == "wrong" and _is_other(state, equation):
        other = readings(equation, vocabulary_of(state, frozenset("p")), context_for)
        return judged(state, other, context_for, blank, more)
    likelihood = state.memory.likelihood
    if likelihood is not None and likelihood[0].lstrip("\\") in re.findall(r"[A-Za-z]+", equation.text):
        note = "; ".join(n for n in (LIKELIHOOD, heard.verdict.note) if n)
        heard = heard.saying(note=note, expected=None)  # the derived equation is one for the loss
    if of_examples(state, equation):
        return in_one_reading(state, equation, blank, heard)
    return heard if heard.ok else _otherwise(state, equation, blank, more, heard)


def _otherwise(state: State, equation: Equation, blank: Verdict, more: bool, heard: Heard) -> Heard:
    """The verdict on an equation that is wrong as it was read, where what may mean something else makes it right."""
    vocabulary, context_for, counterexample = vocabulary_of(state), state.context_for, heard.verdict.counterexample
    for otherwise, place in _other_meanings(equation, vocabulary):
        if otherwise == "lengths" and counterexample is not None:
            continue
        try:
            found = readings(equation, vocabulary, context_for, otherwise)
            other = judged(state, found, context_for, blank, more, explain=False)
        except SomeLayers:
            raise  # right for some layers as it may be meant
        except InputError:
            continue
        if other.ok and counterexample is None:  # as layers, the shapes do not fit
            return other.saying(note="; ".join(n for n in (_READ[otherwise], other.verdict.note) if n))
        if other.ok:
            raise InputError(_WHICH[otherwise], place=at(place), allowed=_CLEAR[otherwise])
    return heard


def _is_other(state: State, equation: Equation) -> bool:
    """Whether an equation says what p is, which is not the prediction then."""
    left: Any = vocabulary_of(state).reader().sum(equation.left)
    return isinstance(left, Sym) and left == Sym("p")


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
