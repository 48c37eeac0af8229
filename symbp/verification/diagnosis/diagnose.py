"""Why a claim is wrong: edits of its own syntax tree, the likely ones first, until one makes it true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from symbp.calculus.numeric.numbers import NotDecided
from symbp.calculus.program import elements, name_of
from symbp.errors import InputError
from symbp.formula.syntax import Claim, Read, Span, nodes
from symbp.verification.budget import EDITED, Budget
from symbp.verification.diagnosis.derived import derived_right, reworded
from symbp.verification.diagnosis.left_out import diagonals, left_out, of_jacobians
from symbp.verification.diagnosis.rows import NOWHERE, Edit, Mistake, Reason, edits, reason, size
from symbp.verification.diagnosis.scaling import constant, multiplied
from symbp.verification.diagnosis.sieve import Sieve, sieve_of
from symbp.verification.diagnosis.table import STAGES, Stages
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.needs import Condition
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.decide import decide, same_in_field
from symbp.verification.proof.edge_cases import own_choices, says_nothing
from symbp.verification.proof.ratio import constant_ratio
from symbp.verification.verdict import Cause

_STAGE, _PAIRS, _SEARCH = 100_000, 80_000, 180_000  # steps for a stage of a search, for pairs of edits, and in all


@dataclass(frozen=True)
class Diagnosis:
    """The cause, in words too, the mended claim, and where in the text the mistake stands."""

    cause: Cause
    why: Reason
    claim: Claim
    span: Span = NOWHERE


def diagnose(
    context: EvaluationContext, claim: Claim, other_loss: bool = False, mistakes: Stages = STAGES
) -> Diagnosis | None:
    """The likeliest edit that makes a wrong claim true: one of its tree, what the derived equation has more, two of its tree,
    or the derived equation itself.

    Every edit is tried in floats at one point; those that agree there are decided as any claim is. `other_loss` says that the
    claim is right for another loss: then no edit is likely but those that losses differ by.
    """
    sieve = sieve_of(context, claim)
    if sieve is None:
        return None
    context.points.budget.searching = True
    search = _Search(context, claim, sieve, mistakes)
    for found in search.stages_between_losses() if other_loss else search.stages():
        if found is not None:
            return found
    return None


@dataclass
class _Search:
    """The search for what mends one claim."""

    context: EvaluationContext
    claim: Claim
    sieve: Sieve
    mistakes: Stages
    tried: list[Edit] = field(default_factory=list)
    began: float = 0
    step: float = 0

    def __post_init__(self) -> None:
        self.began, self.step = (
            self.budget.spent,
            EDITED + size(self.claim.right),
        )  # an edit makes the tree above it anew

    @property
    def budget(self) -> Budget:
        """What the claim takes."""
        return self.context.points.budget

    @property
    def over(self) -> bool:
        """Whether the search has had what it may take."""
        return self.budget.spent - self.began > _SEARCH

    def late(self, start: float, steps: float = _STAGE) -> bool:
        """Whether a stage that began at `start`, or the whole search, has had what it may take."""
        return self.budget.spent - start > steps or self.over

    def stages(self) -> Iterator[Diagnosis | None]:
        """What each stage finds, the likely ones first."""
        ratio, fits = _ratio(self.context, self.claim), _fits(self.context, self.claim)
        if fits:
            yield self.left_out(diagonals(self.context, self.claim))
            yield self.left_out(of_jacobians(self.context, self.claim))
        if ratio is not None and constant(self.claim.right) is not None:  # a number that is another
            yield self.found(multiplied(self.claim, ratio), self.claim.right.span)
        yield self.single(
            self.mistakes.scalings if ratio is not None else self.mistakes.fitting if fits else self.mistakes.clashing
        )
        if self.over:
            yield self.derived("other" if fits else "shape")
            return
        if ratio is not None:
            scaled = multiplied(self.claim, ratio)
            yield self.found(scaled, self.claim.right.span)
        yield self.left_out(left_out(self.context, self.claim))
        if fits:
            yield self.single(self.mistakes.later)
        yield self.single(self.mistakes.lacking)
        yield self.pair(fits)
        yield self.derived("other" if fits else "shape")

    def stages_between_losses(self) -> Iterator[Diagnosis | None]:
        """The same for a claim that is right for another loss."""
        yield self.single(self.mistakes.between_losses)
        yield self.derived("other")

    def found(self, edit: Edit, span: Span | None = None) -> Diagnosis:
        """The diagnosis that an edit is."""
        return Diagnosis(edit.cause, reason(edit.why), edit.applied(self.claim), span or edit.span)

    def mends(self, claim: Claim) -> bool:
        """Whether an edited claim is true, and not so in a way that nobody would mean."""
        return (
            self.sieve.agrees(claim)
            and not self.circular(claim)
            and _true(self.context, claim)
            and not _empty(self.context, claim)
        )

    def circular(self, claim: Claim) -> bool:
        """Whether an edit made a formula read what it is to define."""
        own = claim.left.of if isinstance(claim.left, Read) else claim.left
        reads = (n.of if isinstance(n, Read) else n for n in nodes(claim.right))
        return own in reads and own not in {n.of if isinstance(n, Read) else n for n in nodes(self.claim.right)}

    def single(self, mistakes: tuple[Mistake, ...]) -> Diagnosis | None:
        """One edit."""
        start = self.budget.spent
        for edit in edits(self.context.setting, self.claim, mistakes):
            self.tried.append(edit)
            self.budget.add(self.step)
            if self.mends(edit.applied(self.claim)):
                return self.found(edit)
            if self.late(start):
                return None
        return None

    def left_out(self, ways: Iterator[tuple[Claim, Edit]]) -> Diagnosis | None:
        """Something of a true equation left out: what remains has the value of the claim, or of a part of it."""
        start = self.budget.spent
        for same, edit in ways:
            if self.sieve.agrees(same, self.claim) and self.mends(edit.applied(self.claim)):
                return self.found(edit)
            if self.late(start):
                return None
        return None

    def pair(self, fits: bool) -> Diagnosis | None:
        """Two edits, one after the other."""
        start = self.budget.spent
        for one, two in self.pairs():
            mended = two.applied(one.applied(self.claim))
            self.budget.add(self.step)
            if self.mends(mended):
                shapes = not fits and not _fits(self.context, one.applied(self.claim))  # then two is what mends them
                main, other = (two, one) if shapes else (one, two)
                both = reason(main.why, ", twice") if main.why == other.why else reason(main.why, ", and ", other.why)
                return Diagnosis(main.cause, both, mended, one.span)
            if self.late(start, _PAIRS):
                return None
        return None

    def pairs(self) -> Iterator[tuple[Edit, Edit]]:
        """Two edits, one after the other, the likely ones first."""
        for one in [e for e in self.tried if e.likely]:
            for two in edits(self.context.setting, one.applied(self.claim), self.mistakes.fitting):
                if two.likely:
                    yield one, two

    def derived(self, cause: Cause) -> Diagnosis | None:
        """The derived equation in the place of the claim's."""
        right = derived_right(self.context.setting, self.claim)
        for written in (reworded(self.context.setting, self.claim, right), right) if right is not None else ():
            mended = replace(self.claim, right=written)
            if _true(self.context, mended):
                return Diagnosis(cause, reason(), mended, self.claim.right.span)
        return None


def _ratio(context: EvaluationContext, claim: Claim) -> Fraction | None:
    """The constant by which a claim is off, where its shapes fit and there is one."""
    try:
        return constant_ratio(context.points, context.compare(claim))
    except (InputError, ShapeClash, NotDecided):
        return None


def _fits(context: EvaluationContext, claim: Claim) -> bool:
    """Whether the shapes of a claim fit together."""
    try:
        context.compare(claim)
    except ShapeClash:
        return False
    return True


def _empty(context: EvaluationContext, claim: Claim) -> bool:
    """Whether a true claim chooses by what has one sign, or asks something of what it does not hang on: ``1[exp(x) > 0]``,
    ``sqrt(x)/sqrt(x)``."""
    c = context.compare(claim)
    read = {name for s in c.statements if s.target != c.left for name in s.reads}
    idle = any(_reads(d) - read for d in c.conditions)
    return idle or any(says_nothing(context.points, c, choice) for choice in own_choices(context.points, c))


def _reads(condition: Condition) -> set[str]:
    """The tensors that a condition is about in the end."""
    own = {s.target.name for s in condition.statements}
    read = {name for s in condition.statements for name in s.reads}
    return (read | {name_of(e) for e in elements(condition.body)}) - own


def _true(context: EvaluationContext, claim: Claim) -> bool:
    """Whether an edited claim is true: one point in the field answers most; the rest is decided as any claim is."""
    try:
        comparison = context.compare(claim)
        if same_in_field(context.points, comparison, 0) is not True:
            return False
        return decide(context.points, comparison, claim.right).equal is True
    except (InputError, ShapeClash, NotDecided):
        return False
