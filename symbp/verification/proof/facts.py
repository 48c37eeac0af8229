"""Claims that rest on a fact about the targets or the inputs: whether they do, and which fact would make a wrong one right."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from symbp.calculus.indices import Axis
from symbp.calculus.passes import run
from symbp.calculus.program import elements, name_of
from symbp.calculus.sweep import reverse
from symbp.errors import InputError
from symbp.formula.syntax import Claim, Gradient, Name, Read, nodes
from symbp.verification.budget import Budget
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Setting
from symbp.verification.meaning.standing import rows_of, standing
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.decide import decide, same_in_field
from symbp.verification.proof.points import Comparison
from symbp.verification.subject import offers_of

_LARGEST = 40  # statements of a program that is derived once more


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
