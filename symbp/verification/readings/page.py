"""Lines of a page judged, every equation of a chain, as the vectors of the page stand: columns, unless something says otherwise.

What a forward map adds to every row of a matrix is a row or a column, and the same throughout a page. That an author leaves the
transposes of vectors out is believed where a definition, a forward map in LaTeX or a setting shows it, and said of each claim
that rests on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from symbp.errors import InputError
from symbp.formula.latex.conditions import Condition, condition_of
from symbp.formula.latex.equation import Chain, Equation, chain_of
from symbp.formula.latex.parse import at, check_length
from symbp.formula.tex.spelling import spelled
from symbp.formula.tex.tokens import Tokens, tokens_of, touching
from symbp.formula.tex.traced import Traced
from symbp.notation import Notation
from symbp.verification.meaning.standing import Standing
from symbp.verification.readings.equation import judged_equation, of_both
from symbp.verification.readings.iterations import without_iterations
from symbp.verification.readings.losses import of_loss
from symbp.verification.readings.products import RowAndColumn
from symbp.verification.state import Heard, State
from symbp.verification.subject import offers_of
from symbp.verification.verdict import Verdict

SETTING = "the setting says"
"""How it is said that a setting says that transposes are left out."""


@dataclass(frozen=True)
class Line:
    """A line of a page, read once: its text as the grammar has it, whose characters know their places in that of the author, its
    chain of equalities, and the condition behind them."""

    text: Traced
    chain: Chain
    condition: Condition | None

    def judged(self, state: State, blank: Verdict, more: bool = False) -> Heard:
        """The verdict on a line; InputError where it cannot be read. `more` says that a later line adds to it."""
        try:
            heard = _chain(state, self.chain, blank, more, self.condition)
        except InputError as e:
            raise _placed(self.text, e) from None
        verdict, condition = heard.verdict, self.condition
        if condition is not None:
            verdict = replace(verdict, note="; ".join(n for n in (f"for {condition}", verdict.note) if n))
            if not condition.same:  # what is said of it has the condition in it
                reason = "" if r"\mathbf{1}[" in verdict.reason else verdict.reason
                verdict = replace(verdict, fix=None, expected=None, reason=reason)
        column, until = (_author(self.text, place) for place in (verdict.column, verdict.until))
        return replace(heard, verdict=replace(verdict, column=column, until=until))


def line_of(notation: Notation, text: str) -> Line:
    """A line of a page, read; InputError with the author's column where it cannot be."""
    check_length(text)
    spelt = without_iterations(notation, spelled(Traced.standing(text, 0)))
    plain, condition = condition_of(spelt.text)
    try:
        return Line(spelt, chain_of(plain), condition)
    except InputError as e:
        raise _placed(spelt, e) from None


def _placed(spelt: Traced, e: InputError) -> InputError:
    """An error with its column in the text as its author wrote it."""
    place = replace(e.place, column=_author(spelt, e.place.column))
    return type(e)(e.message, place=place, allowed=e.allowed, nearest=e.nearest)


def _chain(state: State, chain: Chain, blank: Verdict, more: bool, condition: Condition | None) -> Heard:
    """The verdict on a chain of equalities: the first link that is not right, or the first."""
    one: list[bool] = []

    def is_loss(equation: Equation) -> bool:
        try:
            found = judged_equation(state, equation, blank, more).verdict
        except InputError:
            return False
        one.append(found.scope == "example")
        return found.verdict == "correct"

    links = of_loss(chain, state.notation.loss[0], is_loss).links
    here, verdicts = state.of_one if any(one) and state.batch is None else state, list[Verdict]()
    for part in links:  # what a page has shown is known to the next one, and each is the first to be claimed
        heard = judged_equation(here, part, blank, more, condition)
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
        if not is_own and not of_both(state, part, blank):
            message = "derivatives of an example are those of its own loss here, and of the mean's in another part"
            raise InputError(message, place=at(part.text.rindex("=") + 1), allowed="one of them throughout")


def _author(spelt: Traced, column: int | None) -> int | None:
    """The column, counted from 1, in the text as its author wrote it."""
    if column is None or not spelt.at:
        return column
    return spelt.at[column - 1] + 1 if column <= len(spelt.at) else spelt.at[-1] + 1 + column - len(spelt.at)


@dataclass(frozen=True)
class _Attempt:
    """A claim judged with some vectors as rows: the verdict, or why there is none, and what is remembered after it."""

    row: bool
    heard: Heard | None
    failure: InputError | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict, if there is one."""
        return None if self.heard is None else self.heard.verdict

    @property
    def ok(self) -> bool:
        """Whether the claim is right so, or a definition."""
        return self.verdict is not None and self.verdict.verdict in ("correct", "definition")

    @property
    def rank(self) -> int:
        """How much the claim says so: right, or wrong by its values, by its shapes, or unreadable."""
        if self.verdict is None:
            return 3
        return 0 if self.ok else 1 if self.verdict.counterexample is not None else 2


def judge_page(state: State, text: str, blank: Verdict, more: bool = False) -> Heard:
    """The verdict on an equation; InputError where it cannot be read. `more` says that a later line adds to it."""
    line = line_of(state.notation, text)
    known: Standing = state.memory.vectors or offers_of(state.net).vectors
    vectors = state.memory.vectors
    named = frozenset(name for name in known.either if stands_in(name, tokens_of(text)))
    evidence = state.dropped or known.dropped
    strict = [*_attempts(state, line, blank, more, known, named)]
    best = min(strict, key=lambda a: a.rank)
    if best.ok and len(strict) > 1 and not all(a.ok for a in strict):
        vectors = known.decided(named, best.row)
    if not best.ok and evidence:
        loose = min(_attempts(state, line, blank, more, known, named, evidence), key=lambda a: a.rank)
        best = loose if loose.ok else best
    elif not best.ok and not more and _misfit(best.verdict):
        shown = f"in the definition ${text.strip()}$"
        loose = min(_attempts(state, line, blank, more, known, named, shown), key=lambda a: a.rank)
        if loose.verdict is not None and loose.verdict.verdict == "definition":
            vectors = replace(vectors or known, dropped=shown)
            best = loose
    if best.heard is not None:
        return replace(best.heard, memory=replace(best.heard.memory, vectors=vectors))
    assert best.failure is not None
    if isinstance(best.failure, RowAndColumn):
        said, place = best.failure.message, best.failure.place.column
        wrong = replace(blank, verdict="wrong", how="exact", cause=best.failure.cause, reason=said, column=place)
        return Heard(wrong, replace(state.memory, vectors=vectors))
    raise best.failure


def _attempts(
    state: State, line: Line, blank: Verdict, more: bool, known: Standing, named: frozenset[str], dropped: str = ""
) -> Iterator[_Attempt]:
    """The claim with what may be a row as a row, and as a column; a definition is made once."""
    for row in (True, False) if known.either else (False,):
        page = state.on_page(known.rows | known.either if row else known.rows, dropped)
        try:
            made = _Attempt(row, line.judged(page, blank, more))
        except InputError as failure:
            made = _Attempt(row, None, failure)
        yield made
        if made.verdict is not None and (made.verdict.verdict == "definition" or (made.ok and not named)):
            return


def _misfit(verdict: Verdict | None) -> bool:
    """Whether nothing is said of a wrong claim but that its shapes do not fit, as of a definition."""
    return verdict is not None and verdict.cause == "shape" and verdict.expected is None


def stands_in(name: str, tokens: Tokens) -> bool:
    """Whether a name, or the derivative by it, stands among tokens in LaTeX, as far as its letters tell."""
    words = {t.name[1:] for t in tokens if t.is_command} | {*_words(tokens)}
    return not words.isdisjoint((name, f"d{name}")) or any(t.is_letter and t.name == name for t in tokens)


def _words(tokens: Tokens) -> Iterator[str]:
    """The words of letters and digits that touch each other."""
    word = ""
    for k, token in enumerate(tokens):
        part = token.name if token.is_letter or token.name.isdigit() else ""
        if word and (not part or not touching(tokens[k - 1], token)):
            yield word
            word = ""
        word += part if word or token.is_letter else ""
    if word:
        yield word
