"""Claims in LaTeX judged: every equation of a chain, for every layer that it is about, and one verdict for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from symbp.errors import InputError
from symbp.formula.latex.conditions import Condition, condition_of
from symbp.formula.latex.equation import Chain, Equation, chain_of
from symbp.formula.latex.parse import at, check_length
from symbp.formula.latex.reader import Sides
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Binary, Sym, nodes
from symbp.formula.tex.spelling import spelled
from symbp.formula.tex.traced import Traced
from symbp.notation import Notation
from symbp.verification.readings.claims import OneExample, readings, vocabulary_of
from symbp.verification.readings.deciding import SomeLayers, judged
from symbp.verification.readings.examples import over_examples
from symbp.verification.readings.indices import is_square
from symbp.verification.readings.losses import LETTERS, as_own, of_loss
from symbp.verification.readings.names import Vocabulary
from symbp.verification.readings.reading import Reading
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
        if not is_own and not _of_both(state, part, blank):
            message = "derivatives of an example are those of its own loss here, and of the mean's in another part"
            raise InputError(message, place=at(part.text.rindex("=") + 1), allowed="one of them throughout")


def _of_both(state: State, equation: Equation, blank: Verdict) -> bool:
    """Whether an equation holds whatever loss derivatives of single examples are those of."""
    vocabulary = vocabulary_of(state)
    sides = vocabulary.read(equation)
    if not of_examples(vocabulary, sides):
        return True
    try:
        return judged(state, readings(sides, vocabulary, state.context_for, "own"), blank, explain=False).ok
    except InputError:
        return False


def _author(spelt: Traced, column: int | None) -> int | None:
    """The column, counted from 1, in the text as its author wrote it."""
    if column is None or not spelt.at:
        return column
    return spelt.at[column - 1] + 1 if column <= len(spelt.at) else spelt.at[-1] + 1 + column - len(spelt.at)


def _equation(
    state: State, equation: Equation, blank: Verdict, more: bool = False, condition: Condition | None = None
) -> Heard:
    """The verdict on an equation as it is read first; then on what it may mean otherwise, in the order of :data:`READINGS`."""
    vocabulary = vocabulary_of(state)
    sides = vocabulary.read(equation)
    try:
        found = readings(sides, vocabulary, state.context_for, condition=condition)
    except OneExample:
        return _equation(state.of_one, equation, blank, more, condition)
    only = more or condition is not None
    examples = bool(state.memory.own or not only) and of_examples(vocabulary, sides)
    if more and examples:
        found = readings(sides, vocabulary, state.context_for, "own")
    heard = judged(state, found, blank, more, explain=only or not examples)
    if only:
        return heard
    first = FirstReading(state, equation, sides, blank, examples, found, heard)
    return next((other for reading in READINGS.values() if (other := reading(first)) is not None), first.said)


@dataclass(frozen=True)
class FirstReading:
    """An equation as it was read first: the state before it, whether it has derivatives of single `examples`, so that it matters
    whose loss they are those of, its readings, and the verdict with what is remembered after it, which is not explained yet where
    it has them."""

    state: State
    equation: Equation
    sides: Sides
    blank: Verdict
    examples: bool
    found: list[Reading]
    heard: Heard

    def as_meant(self, vocabulary: Vocabulary, otherwise: str = "", explain: bool = True) -> Heard:
        """The verdict with other letters, or where something means something else; InputError where it cannot be read so."""
        sides = self.sides if vocabulary.notation is self.state.notation else vocabulary.read(self.equation)
        found = readings(sides, vocabulary, self.state.context_for, otherwise)
        return judged(self.state, found, self.blank, explain=explain)

    def as_own(self, explain: bool = True) -> Heard | None:
        """The verdict where derivatives of single examples are those of each one's own loss; None where it cannot be read so."""
        try:
            return self.as_meant(vocabulary_of(self.state), "own", explain)
        except InputError:
            return None

    @property
    def said(self) -> Heard:
        """The verdict, explained; where it is on the log-likelihood, it says so."""
        heard = judged(self.state, self.found, self.blank) if self.examples and not self.heard.ok else self.heard
        likelihood = self.state.memory.likelihood
        letters = [*symbols(self.sides.left), *symbols(self.sides.right)]
        if likelihood is None or not any(likelihood[0] in (s.base, s.of_loss) for s in letters):
            return heard
        note = "; ".join(n for n in (LIKELIHOOD, heard.verdict.note) if n)
        return heard.saying(note=note, expected=None)  # the derived equation is one for the loss


def of_examples(vocabulary: Vocabulary, sides: Sides) -> bool:
    """Whether a claim has derivatives of single examples, so that it matters whose loss they are those of."""
    try:
        over = over_examples(vocabulary, sides.limits, sides.left, sides.right)
    except InputError:
        return False
    return bool(over.letter) and not over.single and as_own(vocabulary.notation, over) != over.right


def _as_likelihood(read: FirstReading) -> Heard | None:
    """The log-likelihood is given a letter: what is claimed of that is claimed of minus the loss, here and from here on."""
    state, left = read.state, read.sides.left
    if read.heard.ok or state.memory.likelihood is not None:
        return None
    if not isinstance(left, Sym) or left.base not in LETTERS or left.gradient:
        return None
    for summed in (False, True):
        likelihood = left.base, summed
        try:
            heard = read.as_meant(replace(vocabulary_of(state), likelihood=likelihood), explain=False)
        except InputError:
            continue
        if heard.ok:
            after = state.knowing(replace(state.memory, likelihood=likelihood))
            return _equation(after, read.equation, read.blank)
    return None


def _own_letter(read: FirstReading) -> Heard | None:
    """An equation that says what p is, which is not the prediction then."""
    if read.heard.verdict.verdict != "wrong" or read.sides.left != Sym("p"):
        return None
    return read.as_meant(vocabulary_of(read.state, frozenset("p")))


def _each_loss(read: FirstReading) -> Heard | None:
    """Derivatives of single examples: they are those of the mean over the examples or of each one's own loss, and of the same
    throughout, once a claim has shown which."""
    memory, plain = read.state.memory, read.heard
    if not read.examples or memory.own is False:
        return read.said if read.examples else None
    own = read.as_own(explain=False) if memory.own is None else None
    holds = own is not None and own.ok
    shown = memory.own if memory.own is not None else holds if plain.ok != holds else None
    if memory.own is None and (plain.ok or not (holds or _over_count(read.sides))):
        heard = read.said
    else:
        own = own if holds else read.as_own()
        if own is not None and (own.ok or own.verdict.fix or memory.own):
            heard = own.saying(note="; ".join(n for n in (OWN_LOSS, own.verdict.note) if n), own=True)
        else:
            heard = read.said
    return replace(heard, memory=replace(heard.memory, own=shown))


def _over_count(sides: Sides) -> bool:
    """Whether something is divided by the number of examples."""
    below = (n.right for n in nodes(sides.left, sides.right) if isinstance(n, Binary) and n.op == "/")
    return any(s == Sym(s.base) and s.base in _COUNTS for node in below for s in symbols(node))


_COUNTS = ("m", "M", "N", "n")


def _other_scripts(read: FirstReading) -> Heard | None:
    """Numbers at letters that may be something else than layers, and squares of vectors that may be lengths."""
    heard = read.said
    vocabulary, counterexample = vocabulary_of(read.state), heard.verdict.counterexample
    for otherwise, place in _other_meanings(read.sides, vocabulary.notation) if not heard.ok else ():
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


LIKELIHOOD = r"where $\ell$ is the log-likelihood, minus the loss"
"""What is said of a claim about the log-likelihood."""
OWN_LOSS = "where the derivatives of an example are those of its own loss"
"""What is said of a claim in which they are."""
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


def _other_meanings(equation: Sides, notation: Notation) -> Iterator[tuple[str, int]]:
    """What numbers at letters may mean instead of layers, and squares of vectors; with the column of the first."""
    sides = equation.left, equation.right
    squares = [n for n in nodes(*sides) if is_square(n)]
    if squares:
        yield "lengths", squares[0].span.start
    if notation.style == "{}" or notation.spelled or notation.patterns:
        return
    found = [s for side in sides for s in symbols(side)]
    powers = [s for s in found if s.layer is not None and s.bare and s.layer.offset > 1 and not s.layer.letter]
    families = notation.families
    if powers and all(families.get(s.base, "x") in ("a", "z", "e", "x") and not s.gradient for s in powers):
        yield "powers", powers[0].span.start
    below = [s for s in found if s.layer is None and s.below is not None and not s.below.letter and len(s.subs) == 1]
    if below and len(below) == sum(bool(s.subs) for s in found):
        yield "elements", below[0].span.start
