"""Claims in LaTeX judged: every equation of a chain, for every layer that it is about, and one verdict for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from symbp.errors import InputError
from symbp.verify.diagnosis.ratio import constant_ratio
from symbp.verify.language.syntax import Negate, nodes
from symbp.verify.latex.claims import aligned_links, readings
from symbp.verify.latex.conditions import Condition, condition_of
from symbp.verify.latex.context import is_square, symbols
from symbp.verify.latex.examples import as_own, over_examples
from symbp.verify.latex.letters import updated
from symbp.verify.latex.names import Vocabulary
from symbp.verify.latex.parse import at, check_length, parse
from symbp.verify.latex.reading import Benches, Reading
from symbp.verify.latex.spelling import spelled
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
    letter = judge.notation.loss[0]

    def is_loss(formula: str) -> bool:
        try:
            return _equation(judge, f"{letter} = {formula}", blank, more).verdict == "correct"
        except InputError:
            return False

    try:
        plain, condition = condition_of(spelt.text)
        whole = of_loss(plain, letter, is_loss)
        verdicts = [_equation(judge, part, blank, more, condition) for part in aligned_links(whole)]
    except InputError as e:
        raise type(e)(
            e.message,
            place=replace(e.place, column=_author(spelt, e.place.column)),
            allowed=e.allowed,
            nearest=e.nearest,
        ) from None
    verdict = next((v for v in verdicts if not v.ok), verdicts[0])
    if condition is not None:
        verdict = replace(verdict, note="; ".join(n for n in (f"for {condition}", verdict.note) if n))
        if not condition.same:  # what is said of it has the condition in it
            reason = "" if r"\mathbf{1}[" in verdict.reason else verdict.reason
            verdict = replace(verdict, fix=None, expected=None, reason=reason)
    return replace(verdict, column=_author(spelt, verdict.column), until=_author(spelt, verdict.until))


def _author(spelt: Traced, column: int | None) -> int | None:
    """The column, counted from 1, in the text as its author wrote it."""
    if column is None or not spelt.at:
        return column
    return spelt.at[column - 1] + 1 if column <= len(spelt.at) else spelt.at[-1] + 1 + column - len(spelt.at)


def _equation(judge: Judge, text: str, blank: Verdict, more: bool, condition: Condition | None = None) -> Verdict:
    bench_of = judge.bench_of
    setting = judge.first.setting
    vocabulary = Vocabulary(judge.notation, setting)
    found = readings(text, vocabulary, bench_of, condition=condition)
    verdict = _judged(judge, found, bench_of, blank, more)
    if verdict.ok or more or condition is not None:
        return verdict
    for otherwise, place in _other_meanings(text, vocabulary):
        if otherwise == "own" and COUNT.search(text):  # an author who divides by the number of examples means this
            verdict = _as_own(judge, text, vocabulary, blank, verdict)
            if verdict.ok:
                return verdict
            continue
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
        if other.ok and (verdict.counterexample is None or otherwise == "own"):  # as layers, the shapes do not fit
            return replace(other, note="; ".join(n for n in (_READ[otherwise], other.note) if n))
        if other.ok:
            raise InputError(_WHICH[otherwise], place=at(place), allowed=_CLEAR[otherwise])
    return verdict


def _as_own(judge: Judge, text: str, vocabulary: Vocabulary, blank: Verdict, plain: Verdict) -> Verdict:
    """The verdict on a claim in which derivatives of single examples are those of each one's own loss, mended as such; the
    `plain` one where there is nothing to say."""
    try:
        other = _judged(judge, readings(text, vocabulary, judge.bench_of, "own"), judge.bench_of, blank, False)
    except InputError:
        return plain
    if other.ok or other.fix:
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
    over = over_examples(vocabulary.notation, *sides)
    if over.letter and as_own(vocabulary.notation, over) != over.right:
        yield "own", sides[1].span.start
    if squares:
        yield "lengths", squares[0].span.start
    if vocabulary.notation.style == "{}" or vocabulary.notation.spelled or vocabulary.notation.patterns:
        return
    found = [s for side in sides for s in symbols(side)]
    powers = [s for s in found if s.layer is not None and s.bare and s.layer.offset > 1 and not s.layer.letter]
    if powers:
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
