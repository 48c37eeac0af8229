"""What goes with the word right: the facts that a claim rests on, and where a right formula is not: exactly at a kink, at a tie,
at a zero of its denominators, which random points never meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from typing import Any

from sympy import Abs, Expr, Indexed, Pow, Symbol

from symbp.calculus.indices import Axis, Index
from symbp.calculus.passes import inline, run
from symbp.calculus.program import elements, name_of
from symbp.calculus.reductions import Max
from symbp.calculus.sweep import reverse
from symbp.calculus.text import expression_text, is_size
from symbp.errors import InputError
from symbp.formula.syntax import Claim, Gradient, Name, Read, nodes
from symbp.verification.budget import Budget
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.needs import indices_in
from symbp.verification.meaning.setting import Setting
from symbp.verification.meaning.standing import rows_of, standing
from symbp.verification.proof.choices import below, choices, inside
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.decide import decide, same_in_field
from symbp.verification.proof.edge_cases import has_loss
from symbp.verification.proof.forms import is_element, is_long
from symbp.verification.proof.lines import zeros
from symbp.verification.proof.points import Bounded, Comparison, Point, Points
from symbp.verification.proof.trial import Trial
from symbp.verification.subject import offers_of

_LARGEST = 40  # statements of a program that is derived once more
_NOTHING = 1e-30
_MOST, _TRIES, _LONGEST = 4, 2, 60


@dataclass
class Facts:
    """The contexts of a network or a problem with other facts, kept for the claims about it."""

    subject: Any
    budget: Budget = field(default_factory=Budget)
    kept: dict[tuple[str, bool, tuple[tuple[Axis, int], ...]], EvaluationContext | None] = field(default_factory=dict)

    def used(self, context: EvaluationContext, claim: Claim) -> str:
        """Why a right claim is, where it rests on a fact that the network's loss assumes; empty where it does not."""
        setting = context.setting
        facts = setting.program.facts
        about = {name_of(e) for f in facts for e in elements(f.left)}
        if not offers_of(self.subject).assumes or not about & _named(setting, claim):
            return ""
        without = self._kept("without", context, lambda: _without_facts(setting))
        differs = without is not None and _holds(without, context, claim) is False
        return "because " + " and ".join(f.why for f in facts) if differs else ""

    def wanting(self, context: EvaluationContext, claim: Claim) -> str:
        """Under which further fact a wrong claim is right, in words; empty where under none that is tried."""
        named = _named(context.setting, claim)
        for fact in offers_of(self.subject).further(context.setting):
            if fact.tensor not in named:
                continue
            if self.budget.late:
                break
            other = self._kept(fact.key, context, fact.make)
            if other is not None and _holds(other, context, claim):
                return f"right where {fact.words}"
        return ""

    def _kept(self, name: str, context: EvaluationContext, make: Any) -> EvaluationContext | None:
        sizes = dict(context.points.sizes)  # those of the claim, which may name elements by number
        key = name, context.setting.batch, tuple(sizes.items())
        if key not in self.kept:
            self.kept[key] = None
            if len(context.setting.program.statements) <= _LARGEST:
                try:
                    setting = standing(make(), rows_of(context.setting)) if context.page else make()
                    self.kept[key] = EvaluationContext.of(setting, sizes, self.budget, context.page)
                except InputError:
                    pass
        return self.kept[key]


def _named(setting: Setting, claim: Claim) -> set[str]:
    """The tensors that a claim names."""
    found = set()
    for node in nodes(claim.left, claim.right):
        inner = node.of if isinstance(node, Read) else node
        if isinstance(inner, (Name, Gradient)):
            known = setting.resolve(inner.name, isinstance(inner, Gradient))
            if known is not None:
                found.add(known.tensor.name)
    return found


def _without_facts(setting: Setting) -> Setting:
    """The same setting, derived without what is known of the targets."""
    program = setting.program
    forward = tuple(s for s in program.statements if not s.target.of)
    plain = replace(program, statements=forward, facts=())
    names = {s.target.of: s.target.name for s in program.statements if s.target.of}
    leaves = [t.name for t in program.declared if t.name in names]
    derived = run(reverse(plain, setting.loss, leaves, lambda t: names.get(t.name, f"d{t.name}"))).program
    return replace(setting, program=replace(derived, constants=program.constants))


def _holds(other: EvaluationContext, context: EvaluationContext, claim: Claim) -> bool | None:
    """Whether a claim is true in another context, with the definitions of its own; None where that cannot be told."""
    other.begin()
    other.definitions, other.named = context.definitions, replace(other.setting, known=context.named.known)
    try:
        comparison: Comparison = other.compare(claim)
        if same_in_field(other.points, comparison, 0) is False:
            return False
        return decide(other.points, comparison, claim.right).equal
    except (InputError, ShapeClash, ArithmeticError, ValueError, KeyError):
        return None


@dataclass(frozen=True)
class Snapped(Bounded):
    """Floats of many digits in which what is next to nothing is zero, as it is at a kink that was reached by bisection."""

    def positive(self, a: Any) -> bool:
        """Whether a > 0."""
        return bool(a > _NOTHING)

    def is_zero(self, a: Any) -> bool:
        """Whether a == 0."""
        return bool(abs(a) < _NOTHING)

    def power(self, a: Any, exponent: Fraction) -> Any:
        """a**exponent; ArithmeticError where a is zero and the exponent negative."""
        if exponent < 0 and self.is_zero(a):
            raise ZeroDivisionError("division by zero")
        return super().power(a, exponent)


def exceptions(points: Points, c: Comparison) -> str:
    """In words, where sides that are equal at random points are not; empty where nothing of the kind is found."""
    trial, program = Trial(points, c), points.setting.program
    divided = _denominators(c)
    gone = [d.body for d in c.conditions if d.need == "not zero"] if not divided else []
    # `gone` are denominators that have cancelled; what the derivation applies means the same in the claim
    new = {f.name: f for f in c.functions if f.name not in program.function}
    found = gone or [*choices(c.statements, new), *divided]
    for k, body in enumerate(found[:_MOST]):
        if points.budget.late and not gone:
            break
        sizes = points.lengths(k)
        for line, t in islice(zeros(trial, body, sizes, k), _TRIES):
            said = _said(trial, points.placed(line.at(t), Snapped(50), sizes), bool(gone))
            if said:
                return f"right except where {_words(trial, body)}: {said}"
    return ""


def _said(trial: Trial, point: Point, gone: bool) -> str:
    """What is different at a point; empty where nothing is, or where the loss has no value there. Where a denominator is
    zero that is `gone`, the formula has no value."""
    if not has_loss(trial.points, point) or not trial.is_known(point):
        return ""
    both = None if gone else trial.at(point)
    if both is None:
        return "there the formula has no value"
    for t, v in zip(both[0].flat, both[1].flat, strict=True):
        if abs(t - v) > 1e-15 * max(abs(t), abs(v), 1e-12):
            return f"there the derivation takes {float(t):.4g}, the claim {float(v):.4g}"
    return ""


def _denominators(c: Comparison) -> list[Expr]:
    """What the claim divides by."""
    return [*dict.fromkeys(b for s in c.statements for b in _bases(s.body) if not b.is_number and not is_size(b))]


def _bases(e: Expr) -> Iterator[Expr]:
    if isinstance(e, Pow) and e.exp.is_Rational and e.exp < 0:
        yield e.base
    for a in below(e, {}):
        yield from _bases(a)


def _words(trial: Trial, body: Expr) -> str:
    """What is zero there, by the names that it has: ``z1 = 0``, or ``x = y`` for a tie."""
    long, defined = "something that it chooses by is zero", trial.points.setting.program.definitions
    while read := {name_of(e) for e in elements(body)} & trial.own.keys():
        if is_long(body, _LONGEST):
            return long
        before, body = body, inline(body, {name: trial.own[name] for name in read})
        if body == before:  # read at places, where it may be 0
            return long
    functions = {f.name: f for f in trial.comparison.functions}
    while len(parts := inside(body, {}, functions)) == 1 and not any(isinstance(b, Abs) for b in (body, *parts)):
        (body,) = parts  # but for what SymPy has made of a root of a square, which the author did not write
    if body.could_extract_minus_sign():
        body = -body
    signed = [(not t.could_extract_minus_sign(), t) for t in body.as_ordered_terms()]
    names = [name_of(t if plus else -t) for plus, t in signed if isinstance(t if plus else -t, (Indexed, Symbol))]
    if len(signed) == len(names) == 2 and signed[0][0] != signed[1][0]:
        maxima = [k for k, name in enumerate(names) if name in defined and isinstance(defined[name].body, Max)]
        if maxima:
            return f"two entries of {names[1 - maxima[0]]} are equal"
        return f"two entries of {names[0]} are equal" if names[0] == names[1] else f"{names[0]} = {names[1]}"
    if is_element(body):
        return f"{name_of(body)} = 0"
    letters = {i: Index(x, i.axis) for i, x in zip(indices_in(body), "ijklmn", strict=False)}
    text = expression_text(body.xreplace(letters))
    return f"{text} = 0" if len(text) <= _LONGEST and not body.has(Max) else long
