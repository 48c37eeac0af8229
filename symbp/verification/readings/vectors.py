"""Claims in LaTeX judged as the vectors of their page stand: as columns, unless something beside the claim says otherwise.

What a forward map adds to every row of a matrix is a row or a column, and the same throughout a page. That an author leaves the
transposes of vectors out is believed where a definition, a forward map in LaTeX or a setting shows it, and said of each claim
that rests on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbp.errors import InputError
from symbp.verification.meaning.standing import Standing
from symbp.verification.readings.equation import judge_latex
from symbp.verification.readings.products import RowAndColumn
from symbp.verification.state import Heard, State
from symbp.verification.subject import offers_of
from symbp.verification.verdict import Verdict

SETTING = "the setting says"
"""How it is said that a setting says that transposes are left out."""


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
    known: Standing = state.memory.vectors or offers_of(state.net).vectors
    vectors = state.memory.vectors
    named = frozenset(name for name in known.either if stands_in(name, text))
    evidence = state.dropped or known.dropped
    strict = [*_attempts(state, text, blank, more, known, named)]
    best = min(strict, key=lambda a: a.rank)
    if best.ok and len(strict) > 1 and not all(a.ok for a in strict):
        vectors = known.decided(named, best.row)
    if not best.ok and evidence:
        loose = min(_attempts(state, text, blank, more, known, named, evidence), key=lambda a: a.rank)
        best = loose if loose.ok else best
    elif not best.ok and not more and _misfit(best.verdict):
        shown = f"in the definition ${text.strip()}$"
        loose = min(_attempts(state, text, blank, more, known, named, shown), key=lambda a: a.rank)
        if loose.verdict is not None and loose.verdict.verdict == "definition":
            vectors = replace(vectors or known, dropped=shown)
            best = loose
    if best.heard is not None:
        return replace(best.heard, memory=replace(best.heard.memory, vectors=vectors))
    assert best.failure is not None
    if isinstance(best.failure, RowAndColumn):
        said, place = best.failure.message, best.failure.place.column
        wrong = replace(blank, verdict="wrong", how="exact", cause="transpose", reason=said, column=place)
        return Heard(wrong, replace(state.memory, vectors=vectors))
    raise best.failure


def _attempts(
    state: State, text: str, blank: Verdict, more: bool, known: Standing, named: frozenset[str], dropped: str = ""
) -> Iterator[_Attempt]:
    """The claim with what may be a row as a row, and as a column; a definition is made once."""
    for row in (True, False) if known.either else (False,):
        page = state.on_page(known.rows | known.either if row else known.rows, dropped)
        try:
            made = _Attempt(row, judge_latex(page, text, blank, more))
        except InputError as failure:
            made = _Attempt(row, None, failure)
        yield made
        if made.verdict is not None and (made.verdict.verdict == "definition" or (made.ok and not named)):
            return


def _misfit(verdict: Verdict | None) -> bool:
    """Whether nothing is said of a wrong claim but that its shapes do not fit, as of a definition."""
    return verdict is not None and verdict.cause == "shape" and verdict.expected is None


def stands_in(name: str, text: str) -> bool:
    """Whether a name, or the derivative by it, stands in a text in LaTeX, as far as its letters tell."""
    words = re.findall(r"\\?[A-Za-z][A-Za-z0-9]*", text)
    return any(
        w.lstrip("\\") in (name, f"d{name}") or (len(name) == 1 and name in w and not w.startswith("\\")) for w in words
    )
