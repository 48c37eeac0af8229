"""Why a claim is wrong: edits of its own syntax tree, the likely ones first, until one makes it true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from symbp.calculus.numeric.numbers import NotDecided
from symbp.calculus.program import elements, name_of
from symbp.errors import InputError
from symbp.formula.syntax import Binary, Call, Claim, Negate, Node, Number, Span, factors_of, nodes
from symbp.verification.budget import EDITED
from symbp.verification.diagnosis.constants import constants
from symbp.verification.diagnosis.derived import derived_right, reworded
from symbp.verification.diagnosis.kinds import tensor_of
from symbp.verification.diagnosis.left_out import Way, diagonals, jacobian_of, left_out, of_jacobians
from symbp.verification.diagnosis.patterns import negative, unnested
from symbp.verification.diagnosis.rows import NOWHERE, Edit, Mistake, Reason, edits, reason, size
from symbp.verification.diagnosis.sieve import Sieve, sieve_of
from symbp.verification.diagnosis.table import STAGES, Stages
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.needs import Condition
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.decide import decide, same_in_field
from symbp.verification.proof.edge_cases import own_choices, says_nothing
from symbp.verification.proof.trial import constant_ratio
from symbp.verification.verdict import Cause

_DECIMALS = 6
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
    search = _Search(context, claim, sieve, mistakes, _fits(context, claim))
    for found in search.stages_between_losses() if other_loss else search.stages():
        if found is not None:
            return found
    return None


@dataclass(frozen=True)
class _Trial:
    """An edit to be tried: behind another one, or where an equation of parts of the claim is `same`."""

    edit: Edit
    before: Edit | None = None
    same: Claim | None = None


@dataclass
class _Search:
    """The search for what mends one claim."""

    context: EvaluationContext
    claim: Claim
    sieve: Sieve
    mistakes: Stages
    fits: bool
    tried: list[Edit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.budget = self.context.points.budget
        self.began = self.budget.spent
        self.step = EDITED + size(self.claim.right)  # an edit makes the tree above it anew

    @property
    def over(self) -> bool:
        """Whether the search has had what it may take."""
        return self.budget.spent - self.began > _SEARCH

    def stages(self) -> Iterator[Diagnosis | None]:
        """What each stage finds, the likely ones first."""
        context, claim, ratio = self.context, self.claim, _ratio(self.context, self.claim)
        if self.fits and self.sieve.vanishes(claim.left):
            nothing = Edit("other", reason("the derivative is 0"), Number("0"), span=claim.right.span)
            yield self.found(_Trial(nothing)) if _true(context, nothing.applied(claim)) else None
        if self.fits:
            yield self.first(diagonals(context, claim))
            yield self.first(of_jacobians(context, claim))
        if ratio is not None and constant(claim.right) is not None:  # a number that is another
            yield self.found(_Trial(multiplied(claim, ratio)))
        fitting = self.mistakes.fitting if self.fits else self.mistakes.clashing
        yield self.first(self.single(fitting if ratio is None else self.mistakes.scalings))
        if self.over:
            yield self.derived()
            return
        if ratio is not None:
            yield self.found(_Trial(multiplied(claim, ratio)))
        if self.fits:
            yield self.first(self.single(self.mistakes.smallest))
        if ratio is None and self.fits:
            yield self.first(_Trial(edit) for edit in constants(self.sieve, claim))
        yield self.first(left_out(context, claim))
        if self.fits:
            yield self.first(self.single(self.mistakes.later))
        yield self.first(self.single(self.mistakes.lacking))
        yield self.first(self.pairs(), _PAIRS)
        yield self.derived()

    def stages_between_losses(self) -> Iterator[Diagnosis | None]:
        """The same for a claim that is right for another loss."""
        yield self.first(self.single(self.mistakes.between_losses))
        yield self.derived()

    def first(self, trials: Iterator[_Trial | Way], steps: float = _STAGE) -> Diagnosis | None:
        """The first edit that makes the claim true, in as many steps as a stage may take."""
        start = self.budget.spent
        for trial in trials:
            if not isinstance(trial, _Trial):
                trial = _Trial(trial[1], same=trial[0])
            likely = trial.same is None or self.sieve.agrees(trial.same, self.claim)
            if likely and self.mends(trial.edit.applied(self.claim)):
                return self.found(trial)
            if self.budget.spent - start > steps or self.over:
                return None
        return None

    def found(self, trial: _Trial) -> Diagnosis:
        """The diagnosis that an edit is, or two of them."""
        one, two = trial.before, trial.edit
        mended = two.applied(self.claim)
        if mended.written is None:
            mended = replace(mended, right=unnested(mended.right))
        if one is None:
            return Diagnosis(two.cause, two.why, mended, two.span)
        shapes = not self.fits and not _fits(self.context, one.applied(self.claim))  # then two is what mends them
        main, other = (two, one) if shapes else (one, two)
        both = reason(main.why, ", twice") if main.why == other.why else reason(main.why, ", and ", other.why)
        return Diagnosis(main.cause, both, mended, one.span)

    def mends(self, claim: Claim) -> bool:
        """Whether an edited claim is true, and not so in a way that nobody would mean."""
        return (
            self.sieve.agrees(claim)
            and not self.circular(claim)
            and not pointless(claim.right)
            and not self.sieve.spreads(claim.right, self.claim.right)
            and _true(self.context, claim)
            and not _empty(self.context, claim)
        )

    def circular(self, claim: Claim) -> bool:
        """Whether an edit made a formula read what it is to define."""
        setting = self.context.setting
        known = tensor_of(setting, claim.left)
        own = known.tensor if known is not None else None
        after, before = (
            {k.tensor for n in nodes(c.right) if (k := tensor_of(setting, n))} for c in (claim, self.claim)
        )
        return own in after and own not in before

    def single(self, mistakes: tuple[Mistake, ...]) -> Iterator[_Trial]:
        """One edit."""
        for edit in edits(self.context.setting, self.claim, mistakes):
            self.tried.append(edit)
            self.budget.add(self.step)
            yield _Trial(edit)

    def pairs(self) -> Iterator[_Trial]:
        """Two edits, one after the other, the likely ones first."""
        for one in [e for e in self.tried if e.likely]:
            for two in edits(self.context.setting, one.applied(self.claim), self.mistakes.fitting):
                if two.likely:
                    self.budget.add(self.step)
                    yield _Trial(two, before=one)

    def derived(self) -> Diagnosis | None:
        """The derived equation in the place of the claim's."""
        right = derived_right(self.context.setting, self.claim) or jacobian_of(self.context, self.claim)
        for written in (reworded(self.context.setting, self.claim, right), right) if right is not None else ():
            mended = replace(self.claim, right=written)
            if _true(self.context, mended):
                return Diagnosis("other" if self.fits else "shape", reason(), mended, self.claim.right.span)
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


def pointless(node: Node) -> bool:
    """Whether a formula undoes itself, as nobody writes it: ``sqrt(p)**2``, ``y*(p/y - 1)``."""
    for n in nodes(node):
        factors = factors_of(n) if isinstance(n, Binary) and n.op == "*" else ()
        below = {d.right for f in factors for d in nodes(f) if isinstance(d, Binary) and d.op == "/"}
        root = isinstance(n, Binary) and n.op == "**" and isinstance(n.left, Call) and n.left.name == "sqrt"
        if any(f in below for f in factors if not isinstance(f, Number)) or root:
            return True
    return False


def multiplied(claim: Claim, ratio: Fraction) -> Edit:
    """The right side times a constant."""
    if ratio == -1:
        return Edit("sign", reason("the sign is wrong"), negative(claim.right), span=claim.right.span)
    value = constant(claim.right)
    if value is not None:
        true = _written(value * ratio, not isinstance(claim.right, Binary))
        return Edit("factor", reason(claim.right, " should be ", true), true, span=claim.right.span)
    number: Node = Number(str(abs(ratio.numerator)))
    if ratio.denominator != 1:
        number = Binary("/", number, Number(str(ratio.denominator)))
    right = claim.right if ratio > 0 else negative(claim.right)
    return Edit("factor", reason(f"a factor {ratio} is missing"), Binary("*", number, right), span=claim.right.span)


def constant(node: Node) -> Fraction | None:
    """The number that a side is, where it is one and no formula: ``15``, ``-0.5``, ``1/2``."""
    match node:
        case Number():
            return node.value
        case Negate():
            inner = constant(node.arg)
            return None if inner is None else -inner
        case Binary(op="/", left=Number() as above, right=Number() as below) if below.value:
            return above.value / below.value
    return None


def _written(value: Fraction, decimal: bool) -> Node:
    """A number, with decimals where it is to have them and they are few."""
    whole: Node
    if value.denominator == 1:
        whole = Number(str(abs(value.numerator)))
    elif decimal and 10**_DECIMALS % value.denominator == 0:
        whole = Number(f"{float(abs(value)):.{_DECIMALS}f}".rstrip("0"))
    else:
        whole = Binary("/", Number(str(abs(value.numerator))), Number(str(value.denominator)))
    return whole if value >= 0 else Negate(whole)
