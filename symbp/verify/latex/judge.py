"""Claims in LaTeX judged: every equation of a chain, for every layer that it is about, and one verdict for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from symbp.errors import InputError
from symbp.verify.diagnosis.ratio import constant_ratio
from symbp.verify.language.syntax import Negate, nodes
from symbp.verify.latex.claims import OneExample, aligned_links, readings
from symbp.verify.latex.conditions import Condition, condition_of
from symbp.verify.latex.context import is_square, symbols
from symbp.verify.latex.examples import as_own, over_examples
from symbp.verify.latex.letters import updated
from symbp.verify.latex.likelihood import LETTERS
from symbp.verify.latex.names import Vocabulary
from symbp.verify.latex.parse import at, check_length, parse
from symbp.verify.latex.reading import Benches, Reading
from symbp.verify.latex.spelling import spelled
from symbp.verify.latex.symbols import Sym
from symbp.verify.latex.traced import Traced
from symbp.verify.latex.written import Written
from symbp.verify.latex.written_out import of_loss
from symbp.verify.meaning.arrays import ShapeClash
from symbp.verify.verdict import Verdict

if TYPE_CHECKING:
    from symbp.verify.judge import Judge


def judge_latex(judge: Judge, text: str, blank: Verdict, more: bool = False) -> Verdict:
    """The verdict on an equation; InputError where it cannot be read. `more` says that a later line adds to it."""
    check_length(text)
    spelt = spelled(Traced.standing(text, 0))
    plain, condition = condition_of(spelt.text)
    try:
        verdict = _chain(judge, plain, blank, more, condition)
    except InputError as e:
        raise type(e)(
            e.message,
            place=replace(e.place, column=_author(spelt, e.place.column)),
            allowed=e.allowed,
            nearest=e.nearest,
        ) from None
    if condition is not None:
        verdict = replace(verdict, note="; ".join(n for n in (f"for {condition}", verdict.note) if n))
        if not condition.same:  # what is said of it has the condition in it
            reason = "" if r"\mathbf{1}[" in verdict.reason else verdict.reason
            verdict = replace(verdict, fix=None, expected=None, reason=reason)
    return replace(verdict, column=_author(spelt, verdict.column), until=_author(spelt, verdict.until))


def _chain(judge: Judge, text: str, blank: Verdict, more: bool, condition: Condition | None) -> Verdict:
    """The verdict on a chain of equalities: the first link that is not right, or the first."""
    letter = judge.notation.loss[0]
    one: list[bool] = []

    def is_loss(loss: str, formula: str) -> bool:
        try:
            found = _equation(judge, f"{loss} = {formula}", blank, more)
        except InputError:
            return False
        one.append("not for a batch" in found.note)
        return found.verdict == "correct"

    whole = of_loss(text, letter, is_loss)
    judge = judge.of_one if any(one) and judge.batch is None else judge
    links = aligned_links(whole)
    verdicts = [_equation(judge, part, blank, more, condition) for part in links]
    bad = next((v for v in verdicts if not v.ok), None)
    alone = ["not for a batch" in v.note for v in verdicts]
    if (
        bad is None
        and any(alone)
        and any("for a batch" in v.note and not a for v, a in zip(verdicts, alone, strict=True))
    ):
        part = links[alone.index(True)]
        message = "this holds for one example alone, and another part is about all examples"
        raise InputError(message, place=at(part.rindex("=") + 1), allowed="sums over the examples")
    own = [_READ["own"] in v.note for v in verdicts]
    if bad is None and any(own) and not all(own):
        for part, is_own in zip(links, own, strict=True):
            if not is_own and _of_examples(judge, part) and not _holds_as_own(judge, part, blank):
                message = "derivatives of an example are those of its own loss here, and of the mean's in another part"
                raise InputError(message, place=at(part.rindex("=") + 1), allowed="one of them throughout")
    return verdicts[0] if bad is None else bad


def _author(spelt: Traced, column: int | None) -> int | None:
    """The column, counted from 1, in the text as its author wrote it."""
    if column is None or not spelt.at:
        return column
    return spelt.at[column - 1] + 1 if column <= len(spelt.at) else spelt.at[-1] + 1 + column - len(spelt.at)


def _equation(judge: Judge, text: str, blank: Verdict, more: bool, condition: Condition | None = None) -> Verdict:
    bench_of = judge.bench_of
    vocabulary = _vocabulary(judge)
    try:
        found = readings(text, vocabulary, bench_of, condition=condition)
    except OneExample:
        return _equation(judge.of_one, text, blank, more, condition)
    verdict = _judged(judge, found, bench_of, blank, more)
    if more or condition is not None:
        return verdict
    if not verdict.ok and judge.parts.likelihood is None and _is_likelihood(judge, text, blank):
        return _equation(judge, text, blank, more)
    likelihood = judge.parts.likelihood
    if likelihood is not None and likelihood[0] in (w.loss for w in _written(found)):
        note = "; ".join(n for n in (_LIKELIHOOD, verdict.note) if n)
        verdict = replace(verdict, note=note, expected=None)  # the derived equation is one for the loss
    if _of_examples(judge, text):
        return _in_one_reading(judge, text, blank, verdict)
    if verdict.ok:
        return verdict
    for otherwise, place in _other_meanings(text, vocabulary):
        if otherwise == "lengths" and verdict.counterexample is not None:
            continue
        try:
            other = _judged(
                judge, readings(text, vocabulary, bench_of, otherwise), bench_of, blank, more, explain=False
            )
        except SomeLayers:
            raise  # right for some layers as it may be meant
        except InputError:
            continue
        if other.ok and verdict.counterexample is None:  # as layers, the shapes do not fit
            return replace(other, note="; ".join(n for n in (_READ[otherwise], other.note) if n))
        if other.ok:
            raise InputError(_WHICH[otherwise], place=at(place), allowed=_CLEAR[otherwise])
    return verdict


_LIKELIHOOD = r"where $\ell$ is the log-likelihood, minus the loss"


def _written(found: list[Reading]) -> list[Written]:
    return [r.claim.written for r in found if isinstance(r.claim.written, Written)]


def _is_likelihood(judge: Judge, text: str, blank: Verdict) -> bool:
    """Whether an equation says what the log-likelihood is, which later ones then are about."""
    tree = parse(text)
    left: Any = _vocabulary(judge).reader().sum(tree.children[0])
    if not isinstance(left, Sym) or left.base not in LETTERS or left.gradient:
        return False
    for summed in (False, True):
        vocabulary = replace(_vocabulary(judge), likelihood=(left.base, summed))
        try:
            found = readings(text, vocabulary, judge.bench_of)
            if _judged(judge, found, judge.bench_of, blank, False, explain=False).ok:
                judge.parts.likelihood = (left.base, summed)
                return True
        except InputError:
            continue
    return False


def _vocabulary(judge: Judge) -> Vocabulary:
    return Vocabulary(judge.notation, judge.first.setting, judge.batch is False, judge.parts.likelihood)


def _of_examples(judge: Judge, text: str) -> bool:
    """Whether a claim has derivatives of single examples, so that it matters whose loss they are those of."""
    vocabulary, tree = _vocabulary(judge), parse(text)
    reader = vocabulary.reader()
    left, right = (reader.sum(tree.children[k]) for k in (0, 2))
    try:
        over = over_examples(vocabulary, reader.limits, left, right)
    except InputError:
        return False
    return bool(over.letter) and not over.single and as_own(vocabulary.notation, over) != over.right


def _in_one_reading(judge: Judge, text: str, blank: Verdict, plain: Verdict) -> Verdict:
    """The verdict on a claim with derivatives of single examples: they are those of the mean over the examples or of each one's
    own loss, and of the same throughout, once a claim has shown which."""
    if judge.parts.own is None:
        own = _holds_as_own(judge, text, blank)
        if plain.ok != own:
            judge.parts.own = own
        if plain.ok:
            return plain
        return _as_own(judge, text, blank, plain) if own or COUNT.search(text) else plain
    if judge.parts.own:
        return _as_own(judge, text, blank, plain, only=True)
    return plain


def _holds_as_own(judge: Judge, text: str, blank: Verdict) -> bool:
    try:
        found = readings(text, _vocabulary(judge), judge.bench_of, "own")
        return _judged(judge, found, judge.bench_of, blank, False, explain=False).ok
    except InputError:
        return False


def _as_own(judge: Judge, text: str, blank: Verdict, plain: Verdict, only: bool = False) -> Verdict:
    """The verdict on a claim in which derivatives of single examples are those of each one's own loss, mended as such; the
    `plain` one where there is nothing to say, unless it is the `only` reading."""
    try:
        found = readings(text, _vocabulary(judge), judge.bench_of, "own")
        other = _judged(judge, found, judge.bench_of, blank, False)
    except InputError:
        return plain
    if other.ok or other.fix or only:
        return replace(other, note="; ".join(n for n in (_READ["own"], other.note) if n))
    return plain


class SomeLayers(InputError):
    """A claim that is right for some of the layers that it may be about."""


COUNT = re.compile(r"\\[dt]?frac\s*(?:\{[^{}]*\}|\S)\s*(?:\{[^{}]*[mMNn]\s*\}|[mMNn])|/\s*[mMNn](?![A-Za-z_^])")
"""One over the number of examples."""
_READ = {
    "powers": "numbers above are read as powers",
    "elements": "numbers below are read as elements",
    "lengths": "the square of a vector is read as that of its length",
    "own": "where the derivatives of an example are those of its own loss",
}
_WHICH = {
    "powers": "a layer, or a power?",
    "elements": "a layer, or an element?",
    "lengths": "a square of elements, or a length?",
}
_CLEAR = {"powers": "(e_1)^2 or e^{(2)}", "elements": "e^{(2)}_1", "lengths": r"\|x\|^2"}


def _other_meanings(text: str, vocabulary: Vocabulary) -> Iterator[tuple[str, int]]:
    """What numbers at letters may mean instead of layers, and squares of vectors; with the column of the first."""
    reader, tree = vocabulary.reader(), parse(text)
    sides = [reader.sum(tree.children[k]) for k in (0, 2)]
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


def _judged(
    judge: Judge, found: list[Reading], bench_of: Benches, blank: Verdict, more: bool, explain: bool = True
) -> Verdict:
    """One verdict on all the readings of an equation."""
    verdicts = [(r, _of_step(r, judge.judged(r.claim, blank, more, explain), bench_of)) for r in found]
    bad = [(r, v) for r, v in verdicts if not v.ok]
    if bad and len(bad) < len(verdicts) and not bad[0][0].universal:
        right, wrong = (next(r.layers for r, v in verdicts if v.ok == ok) for ok in (True, False))
        raise SomeLayers(f"which layers? right for {right}, not for {wrong}", allowed="a layer at every letter")
    if bad:
        return _with_note(*bad[0], [bad[0][0].layers] if len(found) > 1 or bad[0][0].layers else [])
    return _with_note(*verdicts[0], [r.layers for r in found if r.layers])


def _of_step(reading: Reading, verdict: Verdict, bench_of: Benches) -> Verdict:
    """The verdict on an update: a positive constant of its step is the rate's."""
    if reading.step is None or verdict.verdict != "wrong":
        return verdict
    written = reading.claim.written
    bench = bench_of(written is not None and written.batch)
    try:
        ratio = constant_ratio(bench.points, bench.compare(reading.claim))
    except (InputError, ShapeClash):
        ratio = None
    if ratio is None or ratio == 0 or not isinstance(written, Written):
        return verdict
    if ratio < 0:
        left, right = written.node_text(updated(reading.claim.left)), reading.claim.right
        up = isinstance(right, Negate)
        fix = reading.step.text(
            left, written.factor_text(right.arg if isinstance(right, Negate) else right), "-" if up else "+"
        )
        return replace(verdict, cause="sign", fix=fix, reason="the step goes up the slope, not down")
    note = reading.step.about(ratio)
    return replace(verdict, verdict="correct", cause=None, fix=None, expected=None, counterexample=None, reason="",
                   column=None, until=None, note=note)  # fmt: skip


def _with_note(reading: Reading, verdict: Verdict, layers: list[str]) -> Verdict:
    """A verdict that says which layers it is about, and what was assumed."""
    pairs = [x.split(" = ") for x in layers]
    if len(layers) > 1 and all(len(p) == 2 for p in pairs):
        layers = [f"{pairs[0][0]} = {', '.join(p[1] for p in pairs)}"]
    about = f"for {'; '.join(layers)}" if layers and any(layers) else ""
    return replace(verdict, note="; ".join(n for n in (reading.note, about, verdict.note) if n))
