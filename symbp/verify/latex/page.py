"""What the equations of a page say together: whose loss derivatives of single examples are those of, and what is maximised."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from symbp.errors import InputError
from symbp.verify.latex.claims import readings
from symbp.verify.latex.deciding import judged, vocabulary_of
from symbp.verify.latex.examples import over_examples
from symbp.verify.latex.likelihood import LETTERS
from symbp.verify.latex.own_loss import as_own
from symbp.verify.latex.parse import parse
from symbp.verify.latex.symbols import Sym
from symbp.verify.verdict import Verdict

if TYPE_CHECKING:
    from symbp.verify.judge import Judge

LIKELIHOOD = r"where $\ell$ is the log-likelihood, minus the loss"
"""What is said of a claim about the log-likelihood."""
OWN_LOSS = "where the derivatives of an example are those of its own loss"
"""What is said of a claim in which they are."""

_COUNT = re.compile(r"\\[dt]?frac\s*(?:\{[^{}]*\}|\S)\s*(?:\{[^{}]*[mMNn]\s*\}|[mMNn])|/\s*[mMNn](?![A-Za-z_^])")
"""One over the number of examples."""


def is_likelihood(judge: Judge, text: str, blank: Verdict) -> bool:
    """Whether an equation says what the log-likelihood is, which later ones then are about."""
    tree = parse(text)
    left: Any = vocabulary_of(judge).reader().sum(tree.children[0])
    if not isinstance(left, Sym) or left.base not in LETTERS or left.gradient:
        return False
    state = judge.parts.state
    for summed in (False, True):
        vocabulary = replace(vocabulary_of(judge), likelihood=(left.base, summed))
        try:
            found = readings(text, vocabulary, judge.bench_of)
            if judged(judge, found, judge.bench_of, blank, False, explain=False).ok:
                judge.parts.likelihood = (left.base, summed)
                return True
        except InputError:
            continue
        finally:
            judge.parts.put(state)
    return False


def of_examples(judge: Judge, text: str) -> bool:
    """Whether a claim has derivatives of single examples, so that it matters whose loss they are those of."""
    vocabulary, tree = vocabulary_of(judge), parse(text)
    reader = vocabulary.reader()
    left, right = (reader.sum(tree.children[k]) for k in (0, 2))
    try:
        over = over_examples(vocabulary, reader.limits, left, right)
    except InputError:
        return False
    return bool(over.letter) and not over.single and as_own(vocabulary.notation, over) != over.right


def in_one_reading(judge: Judge, text: str, blank: Verdict, plain: Verdict) -> Verdict:
    """The verdict on a claim with derivatives of single examples: they are those of the mean over the examples or of each one's
    own loss, and of the same throughout, once a claim has shown which."""
    if judge.parts.own is None:
        own = holds_as_own(judge, text, blank)
        if plain.ok != own:
            judge.parts.own = own
        if plain.ok:
            return plain
        return _as_own(judge, text, blank, plain) if own or _COUNT.search(text) else plain
    if judge.parts.own:
        return _as_own(judge, text, blank, plain, only=True)
    return plain


def holds_as_own(judge: Judge, text: str, blank: Verdict) -> bool:
    """Whether a claim is right where derivatives of single examples are those of each one's own loss."""
    state = judge.parts.state
    try:
        found = readings(text, vocabulary_of(judge), judge.bench_of, "own")
        return judged(judge, found, judge.bench_of, blank, False, explain=False).ok
    except InputError:
        return False
    finally:
        judge.parts.put(state)


def _as_own(judge: Judge, text: str, blank: Verdict, plain: Verdict, only: bool = False) -> Verdict:
    """The verdict on a claim in which derivatives of single examples are those of each one's own loss, mended as such; the
    `plain` one where there is nothing to say, unless it is the `only` reading."""
    state = judge.parts.state
    try:
        found = readings(text, vocabulary_of(judge), judge.bench_of, "own")
        other = judged(judge, found, judge.bench_of, blank, False)
    except InputError:
        judge.parts.put(state)
        return plain
    if other.ok or other.fix or only:
        return replace(other, note="; ".join(n for n in (OWN_LOSS, other.note) if n), own=True)
    judge.parts.put(state)
    return plain
