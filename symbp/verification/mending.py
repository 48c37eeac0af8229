"""The mended claim as text: the author's own, with one formula in another's place, that reads back as what was found right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from symbp.errors import InputError
from symbp.formula.grammar import read_claim
from symbp.formula.latex.equation import equation_of
from symbp.formula.printing import coded_text, writer_of
from symbp.formula.source import difference, kept_formulas, spliced, unbracketed
from symbp.formula.syntax import Binary, Claim, Negate, Node
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.partials import as_derivative
from symbp.verification.problems.latex import as_meant, looks_latex
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.decide import decide
from symbp.verification.readings.claims import readings, vocabulary_of
from symbp.verification.readings.scripts import wrapped
from symbp.verification.state import State

_MOST_READINGS = 3
_NEXT = re.compile(r"(?!\\(?:right|odot|circ|cdot|quad|qquad|\\|[,;:])(?![A-Za-z]))[A-Za-z\\{(]")
_LAST = re.compile(r"[A-Za-z0-9)}](?<!\\odot)(?<!\\circ)(?<!\\cdot)(?<!\\left)$")
"""A factor that stands behind a part of a formula in LaTeX, and one that stands before it."""


def mended_text(state: State, context: EvaluationContext, claim: Claim, mended: Claim) -> str | None:
    """The mended claim in the language and the words of the claim; None where no text for it reads back as right.

    Of a line of code that changes what is right before it, that it is not needed: ``dx without this line``.
    """
    tried = set[str]()
    if claim.coded is not None and shown_by(claim, {})(mended.right) == claim.coded.target:
        return f"{claim.coded.target} without this line"
    plain, ours = replace(claim, coded=None), replace(mended, coded=None)
    for text, said in zip(_ways(plain, ours), _ways(claim, replace(mended, coded=claim.coded)), strict=True):
        if text and text not in tried and _reads_back(state, context, text, plain, ours):
            return said
        tried.add(text)
    return None


def _ways(claim: Claim, mended: Claim) -> Iterator[str]:
    """The texts for a mended claim, those that are closest to the author's first."""
    kept = kept_formulas(claim)
    show = shown_by(claim, kept)
    found = difference(claim.right, mended.right) if claim.left == mended.left else None
    if found is not None:
        old, new = found
        text = show(new)
        bracketed = wrapped(text) if claim.written is not None else f"({text})"
        if isinstance(old, (Binary, Negate)) and not isinstance(new, (Binary, Negate)):
            yield unbracketed(claim, old, text)
        ways = [spliced(claim, old, text), spliced(claim, old, bracketed)]
        inside = isinstance(new, Binary) and old is not claim.right and not unbracketed(claim, old, text)
        product = inside and isinstance(new, Binary) and new.op == "@" and claim.written is None
        apart = inside and isinstance(new, Binary) and new.op == "*" and _beside(claim, old)
        yield from reversed(ways) if product or apart else ways  # a reader needs brackets around them
    yield coded_text(mended, kept)
    yield coded_text(mended, kept if claim.coded is not None else None)


def _beside(claim: Claim, old: Node) -> bool:
    """Whether a matrix product is made of a part of a claim and what stands beside it."""
    before, after = claim.text[: old.span.start].rstrip(), claim.text[old.span.end :].lstrip()
    if claim.written is None:
        return before.endswith("@") or after.startswith("@")
    return bool(_NEXT.match(after) or _LAST.search(before))


def shown_by(claim: Claim, kept: Mapping[Node, str]) -> Callable[[Node], str]:
    """What writes formulas in the language of a claim, those that are `kept` in the words of their author."""
    written = claim.written
    if written is None:
        return writer_of(claim, kept).text
    return lambda node: written.node_text(node, kept)


def _reads_back(state: State, context: EvaluationContext, text: str, claim: Claim, mended: Claim) -> bool:
    """Whether a text is the mended claim, or is right itself."""
    try:
        found = [*_read(state, text, claim)][:_MOST_READINGS]
    except (InputError, ShapeClash):
        return False
    if any((c.left, c.right) == (mended.left, mended.right) for c in found):
        return True
    for where in (context, state.contexts.narrow(context)):
        try:
            return bool(found) and all(_holds(where, c) for c in found)
        except (InputError, ShapeClash):
            continue
    return False


def _read(state: State, text: str, claim: Claim) -> Iterator[Claim]:
    """The claims that a text makes, read as `claim` was."""
    if claim.written is None:
        yield as_derivative(state.first.setting, read_claim(as_meant(state.first.setting, text)))
        return
    if not looks_latex(state.first.setting, text):
        return  # by itself it would be taken for NumPy-like text
    vocabulary = vocabulary_of(state)
    own = "own" if getattr(claim.written, "own", False) else ""
    for reading in readings(vocabulary.read(equation_of(text)), vocabulary, state.context_for, own):
        yield reading.claim


def _holds(context: EvaluationContext, claim: Claim) -> bool:
    context.begin()
    return decide(context.points, context.compare(claim), claim.right).equal is True
