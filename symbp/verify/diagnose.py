"""Why a claim is wrong: edits of its own syntax tree, the likely ones first, until one makes it true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from symbp.calculus.numbers import NotDecided
from symbp.errors import InputError
from symbp.verify.arrays import ShapeClash
from symbp.verify.compare import Bench
from symbp.verify.decide import decide, same_in_field
from symbp.verify.edits import Edit, edits, multiplied, scalings
from symbp.verify.ratio import constant_ratio
from symbp.verify.syntax import Claim
from symbp.verify.verdict import Cause

_SECONDS, _SECONDS_FOR_PAIRS = 0.8, 0.8


@dataclass(frozen=True)
class Diagnosis:
    """The cause, in words too, and the mended claim."""

    cause: Cause
    why: str
    claim: Claim


def diagnose(bench: Bench, claim: Claim) -> Diagnosis | None:
    """The likeliest edit that makes a wrong claim true, or two edits where one does not; None where none is found in time."""
    start = bench.points.clock()
    ratio = _ratio(bench, claim)
    first = list(scalings(bench.setting, claim) if ratio is not None else edits(bench.setting, claim))
    for edit in first:
        if _true(bench, edit.applied(claim)):
            return Diagnosis(edit.cause, edit.why, edit.applied(claim))
        if bench.points.clock() - start > _SECONDS:
            return None
    if ratio is not None:
        scaled = multiplied(claim, ratio)
        return Diagnosis(scaled.cause, scaled.why, scaled.applied(claim))
    start = bench.points.clock()
    for one, two in _pairs(bench, claim, first):
        mended = two.applied(one.applied(claim))
        if _true(bench, mended):
            shapes = not _fits(bench, claim) and not _fits(bench, one.applied(claim))  # then two is what mends them
            main, other = (two, one) if shapes else (one, two)
            return Diagnosis(main.cause, f"{main.why}, and {other.why}", mended)
        if bench.points.clock() - start > _SECONDS_FOR_PAIRS:
            return None
    return None


def _ratio(bench: Bench, claim: Claim) -> Fraction | None:
    """The constant by which a claim is off, where its shapes fit and there is one."""
    try:
        return constant_ratio(bench.points, bench.compare(claim))
    except (InputError, ShapeClash):
        return None


def _pairs(bench: Bench, claim: Claim, first: list[Edit]) -> Iterator[tuple[Edit, Edit]]:
    """Two edits, one after the other, the likely ones first."""
    likely = [e for e in first if e.likely]
    for one in likely:
        for two in edits(bench.setting, one.applied(claim)):
            if two.likely:
                yield one, two


def _fits(bench: Bench, claim: Claim) -> bool:
    """Whether the shapes of a claim fit together."""
    try:
        bench.compare(claim)
    except ShapeClash:
        return False
    return True


def _true(bench: Bench, claim: Claim) -> bool:
    """Whether an edited claim is true: one point in the field answers most; the rest is decided as any claim is."""
    try:
        comparison = bench.compare(claim)
        if same_in_field(bench.points, comparison, 0) is not True:
            return False
        return decide(bench.points, comparison, claim.right).equal is True
    except (InputError, ShapeClash, NotDecided):
        return False
