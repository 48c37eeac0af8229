"""Whether two sides of an equation are equal: exactly, in finite fields, and in floats of many digits.

Exactness. Both sides are evaluated in a field of p**2 elements, p about 2**89 (:mod:`symbp.calculus.numeric.field`), at values
drawn from its seed. Two formulas that differ as rational functions of degree d in the values and in the exponentials, roots and
uninterpreted functions of them agree at one such point with a chance of at most d/p (Schwartz 1980; Zippel 1979). Powers of
powers in a claim are bounded so that d stays below 2**38: one point already leaves less than 2**-50, and three independent
ones are asked. A formula that chooses by a sign (relu, max, abs) is a fair coin for each unit and each point: it is asked at
sixteen points with two to seven units, more where there are many layers; points at which both sides are zero say nothing unless
the derivation is zero everywhere, and points at which all inputs have one sign are asked too. Every point has other lengths of
the axes, all of them pairwise distinct (in deep networks neighbours are), so that a number never passes for a length; a claim
that multiplies several numbers made of whole arrays, each of which may be a length, is asked at long axes too. What agrees in
the field is compared in floats of 50 digits too.

What the field calls different is called wrong only with a counterexample in floats; where floats agree, to 400 digits, the two
sides are equal numerically and nothing more is said, provided that every choice that either side makes was met on both sides of
where it turns over. Numbers so odd that 400 digits cannot tell are left undecided. What random points would miss is looked for
once more (:mod:`.edge_cases`). Where a formula needs something to have a value at all, that is settled last (:mod:`.domains`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from sympy import Expr

from symbp.calculus.numeric.vectorized import TooMuch
from symbp.formula.syntax import Call, Gradient, Name, Node, Number, Read, nodes
from symbp.verification.proof import edge_cases
from symbp.verification.proof.choices import coupling
from symbp.verification.proof.domains import settled
from symbp.verification.proof.draws import FIRST_LARGE, FIRST_NEGATIVE, FIRST_POSITIVE, FIRST_TINY, FIRST_WIDE, is_small
from symbp.verification.proof.points import Comparison, Point, Points
from symbp.verification.proof.trial import DIGITS, MANY_DIGITS, Gap, Trial
from symbp.verification.verdict import Counterexample

_PLAIN, _CHOOSING, _ENOUGH, _TRIES = 3, 16, 8, 3
_WIDE = 48
"""Points at which every tensor has a scale of its own: for choices that hang on which of two numbers is larger."""
_SURE, _HIDDEN = 1e-20, 1e-250  # differences at 50 and at 400 digits that are no rounding
_LARGEST_PRODUCT = 500  # of a formula's numbers, such that 400 digits see what they do
_ONE_SIGN = (FIRST_POSITIVE, FIRST_NEGATIVE)
_LATE = "it takes too long to decide"
_DULL = "its numbers are too large or too small to tell"
_UNMET = "it agrees at the points tried, but chooses by signs that were not all met"


@dataclass(frozen=True)
class Decision:
    """Whether the sides are equal (None: undecided, and why), how that is known, and where they differ."""

    equal: bool | None
    how: str = "exact"
    reason: str = ""
    counterexample: Counterexample | None = None
    note: str = ""
    undefined: bool = False
    """Whether the claim has no value at the counterexample."""


def same_in_field(points: Points, c: Comparison, seed: int) -> bool | None:
    """Whether the sides are equal in the field of a seed; None where that cannot be told."""
    return Trial(points, c).same(points.field(seed))


def decide(points: Points, c: Comparison, formula: Node) -> Decision:
    """Whether the two sides are equal; see the module's page for what each answer means."""
    trial = Trial(points, c)
    try:
        found = _where_defined(trial, formula)
        if not c.conditions or found.equal is False or found.reason == _LATE:
            return found
        domain = settled(trial)
    except TooMuch:
        return Decision(None, reason=_LATE)
    if domain.counterexample is not None:
        return Decision(False, "exact", "", domain.counterexample, undefined=True)
    if found.equal and domain.reason:
        return Decision(None, reason=domain.reason)
    return replace(found, how="numeric") if found.equal and domain.seen else found


def _where_defined(trial: Trial, formula: Node) -> Decision:
    """Whether the two sides are equal at points where both have a value."""
    agreed, differs = _in_fields(trial)
    found = _by_floats(trial, differs, formula) if agreed is None else _confirmed(trial)
    return _looked_again(trial, agreed or found) if found.equal else found


def _different(trial: Trial, gap: Gap, how: str = "exact") -> Decision:
    """That the sides differ."""
    return Decision(False, how, "", trial.counterexample(gap))


def _in_fields(trial: Trial) -> tuple[Decision | None, bool]:
    """The agreement in as many fields as it takes, None where there is none; and whether the sides differ in one."""
    points, choosing = trial.points, trial.choosing
    wanted, agreed, zeros = (_CHOOSING if choosing else _PLAIN), 0, 0
    zero = not choosing or trial.is_zero
    for seed in (*(_ONE_SIGN if choosing else ()), *range(_TRIES * wanted)):
        if agreed + (zeros if zero else 0) >= wanted or points.budget.late:
            break
        same, dead = trial.agree(points.field(seed))
        if same is False:
            return None, True
        agreed, zeros = agreed + (same is True and not dead), zeros + dead
    if agreed + (zeros if zero else 0) >= wanted or agreed >= _ENOUGH:
        return Decision(True, "exact"), False
    if choosing and zeros and not agreed and not points.budget.late:
        return Decision(None, reason="both sides are zero at every point tried"), False
    return None, False


def _looked_again(trial: Trial, found: Decision) -> Decision:
    """What is left of an agreement after a second look; see :mod:`.edge_cases`."""
    if found.equal is None:
        return found
    if trial.degree > edge_cases.MOST_LENGTHS:
        return Decision(None, reason="its degree in the lengths is too large")
    elsewhere = _other_lengths(trial)
    if elsewhere is not None:
        return elsewhere
    exact, own = found.how == "exact", trial.choices
    if exact:
        found = _coupled(trial, found, len(own))
        if found.how == "exact" and len(own) < edge_cases.MANY:
            return found
    else:
        own = edge_cases.all_choices(trial)
    missed = _beyond(trial, own, far=found.how != "exact")
    if missed is not None and (missed.equal is False or not exact):
        return missed
    if found.how == "exact":
        return found
    if trial.points.budget.late:
        return Decision(None, reason=_LATE)
    if sum(edge_cases.is_clear(trial, trial.points.floats(seed)) for seed in range(6)) < 2:
        return Decision(None, reason=_DULL)

    def differs(point: Point) -> Gap | None:
        gap = trial.gap(point)
        return gap if gap is not None and gap.size > _SURE else None

    positive, gap = edge_cases.only_positive(trial, differs)
    if gap is not None:
        return _different(trial, gap)
    return replace(found, note=f"for positive {positive}" if positive else "")


def _other_lengths(trial: Trial) -> Decision | None:
    """What is found at other lengths of the axes: long ones, and as many as a claim's degree in the lengths asks for."""
    points, pairs = trial.points, list[tuple[Callable[[], Point | None], Callable[[], Point | None]]]()
    hidden = edge_cases.hides_lengths(trial) and not points.sizes
    if hidden and is_small(points.setting, points.lengths(FIRST_LARGE)):
        pairs.append((partial(points.field, FIRST_LARGE), partial(points.floats, FIRST_LARGE)))
    for sizes in (*edge_cases.more_lengths(trial), *edge_cases.lengths_beyond(trial)):
        pairs.append((partial(points.new_field, 0, sizes), partial(points.new_floats, 0, DIGITS, sizes=sizes)))
    for exact, floats in pairs:
        if trial.same(exact()) is False:
            gap = trial.gap(floats())
            if gap is None or gap.size > _SURE:
                return Decision(False) if gap is None else _different(trial, gap)
    return None


def _coupled(trial: Trial, found: Decision, count: int) -> Decision:
    """An agreement in fields of a claim that hangs on many signs at once: more fields are asked, and it is no proof."""
    points, c = trial.points, trial.comparison
    own = max(coupling(c.statements, trial.functions), count if count > edge_cases.MOST_PROVED else 0)
    few = edge_cases.MANY if c.left.axes else 2  # a number has one coin a point, an array one for each of its elements
    if own < few and count < few:
        return found
    differs = any(trial.same(points.field(seed)) is False for seed in range(16, 64))
    return replace(found, how="numeric") if differs or own > max(edge_cases.MOST_PROVED, points.coupling) else found


def _beyond(trial: Trial, own: list[Expr], far: bool = True) -> Decision | None:
    """What is found close to where choices turn over: a difference, or that one of them cannot be met."""
    points, unmet = trial.points, Decision(None, reason=_UNMET)
    tried, outside = list[Point](), dict[Expr, list[Point]]()
    for choice, point in edge_cases.beside_turns(trial, own, far):
        if not edge_cases.in_domain(points, point):
            outside.setdefault(choice, []).append(point)  # where the forward map ends
            continue
        gap = trial.gap(point)
        if gap is not None and gap.size > _HIDDEN:
            return _different(trial, gap)
        tried.append(point)
    if points.budget.late or not far:
        return unmet
    open_ = [choice for choice in own if not trial.ranges.one_sign(choice)]
    seeds = (*range(6), *edge_cases.FAR, *_ONE_SIGN, FIRST_TINY)
    for seed in seeds if open_ else ():
        random = trial.real_gap(seed)  # a choice is met only where the sides were compared
        if isinstance(random, Gap):
            return _different(trial, random)
    tried = [*(p for seed in seeds if (p := points.floats(seed)) is not None), *tried]
    if edge_cases.is_one_sided(trial, open_, tried, outside):
        return unmet
    return _cornered(trial, open_, tried)


def _cornered(trial: Trial, own: list[Expr], tried: list[Point]) -> Decision | None:
    """What is found where two choices meet: a difference, or that some of their signs cannot be met together."""
    mine, unmet = [choice for choice in trial.choices if choice in own], Decision(None, reason=_UNMET)
    corners = edge_cases.Corners(trial, mine, tried)
    if corners.together < 2 or not mine:
        return None
    if corners.too_many:
        return unmet
    for point in corners.beyond():
        if edge_cases.in_domain(trial.points, point):
            gap = trial.gap(point)
            if gap is not None and gap.size > _HIDDEN:
                return _different(trial, gap)
            corners.note(point)
    return unmet if trial.points.budget.late or any(corners.missing) else None


def _confirmed(trial: Trial) -> Decision:
    """What floats say of sides that agree in the field: they have a value, and it is the same where digits can tell."""
    valued = lacking = 0
    for seed in (0, 2, 3, 5, 6, 8, FIRST_TINY, FIRST_TINY + 1):
        point = trial.points.floats(seed)
        if not trial.is_known(point):
            continue
        gap = trial.real_gap(seed)
        if isinstance(gap, Gap) and edge_cases.is_clear(trial, point):
            return _different(trial, gap, "numeric")
        lacking += gap is None
        valued += gap is False
        if valued == 2:
            break
    if lacking and not valued:
        return Decision(None, reason="the formula has no real value at any of the points tried")
    return Decision(True, "exact")


def _by_floats(trial: Trial, differs: bool, formula: Node) -> Decision:
    """A counterexample, or agreement in floats."""
    budget, choosing, how = trial.points.budget, trial.choosing, "exact" if differs else "numeric"
    for seed in (0, 1, 2, 3):
        gap = trial.real_gap(seed, decimals=1)
        if choosing and gap:  # numbers so round may be tied, where a right claim may differ
            gap = gap if trial.real_gap(seed) else None
        if isinstance(gap, Gap) and gap.size > 1e-6:
            return _different(trial, gap, how)
    agreed = 0
    for seed in (*range(12 if choosing else 6), *(_ONE_SIGN if choosing else ()), FIRST_TINY):
        if budget.late:
            return Decision(None, reason=_LATE)
        gap = trial.real_gap(seed, digits=MANY_DIGITS)
        if isinstance(gap, Gap):
            return _different(trial, gap, how)
        agreed += gap is False
    if agreed < 2:
        return Decision(None, reason="the formula has no real value at the points tried")
    for seed in range(FIRST_WIDE, FIRST_WIDE + _WIDE) if choosing and differs else ():
        gap = trial.real_gap(seed)
        if isinstance(gap, Gap):
            return _different(trial, gap)
        if budget.late:
            return Decision(None, reason=_UNMET)
    if not _tame(formula):
        return _beyond(trial, edge_cases.all_choices(trial)) or Decision(None, reason=_DULL)
    return Decision(True, "numeric")


def _tame(formula: Node) -> bool:
    """Whether the numbers of a formula are such that 400 digits see what they do: no exp(-1000), no tanh(40)*tanh(40)."""
    product = Fraction(1)
    for node in nodes(formula):
        if isinstance(node, Number) and node.value:
            product *= max(node.value.numerator, node.value.denominator)
        plain = not any(isinstance(n, (Name, Gradient, Read)) for n in nodes(node))
        if isinstance(node, Call) and plain and node.name not in ("sqrt", "abs"):
            return False
    return product <= _LARGEST_PRODUCT
