"""An equation in LaTeX judged: for every layer that it is about, as it is read first and as it may be meant otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from symbp.errors import InputError
from symbp.formula.latex.conditions import Condition
from symbp.formula.latex.equation import Equation
from symbp.formula.latex.parse import at
from symbp.formula.latex.reader import Sides
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Binary, Negate, Sym, nodes
from symbp.notation import Notation
from symbp.verification.decided import decided
from symbp.verification.readings.claims import OneExample, readings, vocabulary_of
from symbp.verification.readings.examples import over_examples
from symbp.verification.readings.indices import is_square
from symbp.verification.readings.losses import LETTERS, as_own
from symbp.verification.readings.names import Vocabulary
from symbp.verification.readings.reading import Reading
from symbp.verification.readings.scripts import updated
from symbp.verification.readings.written import Written
from symbp.verification.state import Heard, State
from symbp.verification.stepping import stepped
from symbp.verification.verdict import Verdict


def judged_equation(
    state: State, equation: Equation, blank: Verdict, more: bool = False, condition: Condition | None = None
) -> Heard:
    """The verdict on an equation as it is read first; then on what it may mean otherwise, in the order of :data:`READINGS`."""
    vocabulary = vocabulary_of(state)
    sides = vocabulary.read(equation)
    try:
        found = readings(sides, vocabulary, state.context_for, condition=condition)
    except OneExample:
        return judged_equation(state.of_one, equation, blank, more, condition)
    except InputError as e:
        heard = _instead_of_layers(state, vocabulary, sides, blank, more) if condition is None else None
        if heard is None:
            raise e
        return heard
    only = more or condition is not None
    examples = bool(state.memory.own or not only) and of_examples(vocabulary, sides)
    if more and examples:
        found = readings(sides, vocabulary, state.context_for, "own")
    plain = judged(state, found, blank, more, explain=only or not examples)
    if only:
        return plain
    first = FirstReading(state, equation, sides, blank, examples, found, plain)
    return next(heard for reading in READINGS.values() if (heard := reading(first)) is not None)


def _instead_of_layers(state: State, vocabulary: Vocabulary, sides: Sides, blank: Verdict, more: bool) -> Heard | None:
    """The verdict where numbers at letters are no layers, since no layers go together, and the claim is right so; else None."""
    for otherwise, _ in _other_meanings(sides, vocabulary.notation):
        if otherwise != "lengths":
            try:
                heard = judged(state, readings(sides, vocabulary, state.context_for, otherwise), blank, more)
            except InputError:
                continue
            if heard.ok:
                return heard.saying(note="; ".join(n for n in (_READ[otherwise], heard.verdict.note) if n))
    return None


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


def of_both(state: State, equation: Equation, blank: Verdict) -> bool:
    """Whether an equation holds whatever loss derivatives of single examples are those of."""
    vocabulary = vocabulary_of(state)
    sides = vocabulary.read(equation)
    if not of_examples(vocabulary, sides):
        return True
    try:
        return judged(state, readings(sides, vocabulary, state.context_for, "own"), blank, explain=False).ok
    except InputError:
        return False


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
            return judged_equation(after, read.equation, read.blank)
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


def _other_scripts(read: FirstReading) -> Heard:
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
"""What an equation may mean otherwise, in order: the verdict that counts, or None where the next is asked; the last has it."""


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


class SomeLayers(InputError):
    """A claim that is right for some of the layers that it may be about."""


def judged(state: State, found: list[Reading], blank: Verdict, more: bool = False, explain: bool = True) -> Heard:
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
    """The verdict on an update, written down the slope where it goes up."""
    step, written, claim = reading.step, reading.claim.written, reading.claim
    if step is None or not isinstance(written, Written):
        return verdict
    if state.memory.likelihood is not None or state.notation.own:
        return stepped(state, claim, step, verdict, lambda: None)  # a printer does not know these signs and sizes
    left, up = written.node_text(updated(claim.left)), isinstance(claim.right, Negate)
    right = claim.right.arg if isinstance(claim.right, Negate) else claim.right
    return stepped(state, claim, step, verdict, lambda: step.text(left, written.factor_text(right), "-" if up else "+"))


def _with_note(reading: Reading, verdict: Verdict, layers: list[str]) -> Verdict:
    """A verdict that says which layers it is about, and what was assumed."""
    pairs = [x.split(" = ") for x in layers]
    if len(layers) > 1 and all(len(p) == 2 for p in pairs):
        layers = [f"{pairs[0][0]} = {', '.join(p[1] for p in pairs)}"]
    about = f"for {'; '.join(layers)}" if layers and any(layers) else ""
    return replace(verdict, note="; ".join(n for n in (reading.note, about, verdict.note) if n))
