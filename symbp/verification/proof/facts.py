"""Claims that rest on a fact about the targets or the inputs: whether they do, and which fact would make a wrong one right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from symbp.calculus.passes import run
from symbp.calculus.program import elements, name_of
from symbp.calculus.sweep import reverse
from symbp.errors import InputError
from symbp.formula.syntax import Claim, Gradient, Name, Read, nodes
from symbp.network import Network
from symbp.verification.budget import Budget
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.assumptions import Assumptions
from symbp.verification.meaning.setting import Setting
from symbp.verification.meaning.standing import rows_of, standing
from symbp.verification.proof.compare import Bench
from symbp.verification.proof.decide import decide, same_in_field
from symbp.verification.proof.points import Comparison

_LARGEST = 40  # statements of a program that is derived once more


@dataclass
class Facts:
    """The benches of a network or a problem with other facts, kept for the claims about it."""

    subject: Any
    budget: Budget = field(default_factory=Budget)
    kept: dict[tuple[str, bool], Bench | None] = field(default_factory=dict)

    def used(self, bench: Bench, claim: Claim) -> str:
        """Why a right claim is, where it rests on a fact that the network's loss assumes; empty where it does not."""
        setting = bench.setting
        facts = setting.program.facts
        about = {name_of(e) for f in facts for e in elements(f.left)}
        if not isinstance(self.subject, Network) or not about & _named(setting, claim):
            return ""
        without = self._kept("without", bench, lambda: _without_facts(setting))
        differs = without is not None and _holds(without, bench, claim) is False
        return "because " + " and ".join(f.why for f in facts) if differs else ""

    def wanting(self, bench: Bench, claim: Claim) -> str:
        """Under which further fact a wrong claim is right, in words; empty where under none that is tried."""
        for words, name, make in self._further(bench.setting, _named(bench.setting, claim)):
            if self.budget.late:
                break
            other = self._kept(name, bench, make)
            if other is not None and _holds(other, bench, claim):
                return f"right where {words}"
        return ""

    def _further(self, setting: Setting, named: set[str]) -> Iterator[tuple[str, str, Any]]:
        from symbp.verification.problems.problem import Problem

        if isinstance(self.subject, Network):
            for f in setting.program.facts:
                name, axis = _along(f.left)
                if name in named:
                    given = Assumptions(one_hot={name: axis})
                    yield f"{name} is one-hot", "one_hot", lambda given=given: replace(setting, given=given)
        elif isinstance(self.subject, Problem) and not self.subject.given:
            for t in setting.program.declared:
                if t.name in named and len(t.axes) > 0 and t.role == "input":
                    line = f"sum({t.name}, axis={len(t.axes) - 1}) = 1"
                    yield line, t.name, lambda line=line: replace(self.subject, given=[line]).setting

    def _kept(self, name: str, bench: Bench, make: Any) -> Bench | None:
        key = name, bench.setting.batch
        if key not in self.kept:
            self.kept[key] = None
            if len(bench.setting.program.statements) <= _LARGEST:
                try:
                    setting = standing(make(), rows_of(bench.setting)) if bench.page else make()
                    self.kept[key] = Bench.of(setting, budget=self.budget, page=bench.page)
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


def _along(left: Any) -> tuple[str, int]:
    """The tensor that a sum is over, and which of its axes."""
    (element,) = elements(left)
    return name_of(element), [*element.indices].index(left.bound)


def _without_facts(setting: Setting) -> Setting:
    """The same setting, derived without what is known of the targets."""
    program = setting.program
    forward = tuple(s for s in program.statements if not s.target.of)
    plain = replace(program, statements=forward, facts=())
    names = {s.target.of: s.target.name for s in program.statements if s.target.of}
    leaves = [t.name for t in program.declared if t.name in names]
    derived = run(reverse(plain, setting.loss, leaves, lambda t: names.get(t.name, f"d{t.name}"))).program
    return replace(setting, program=replace(derived, constants=program.constants))


def _holds(other: Bench, bench: Bench, claim: Claim) -> bool | None:
    """Whether a claim is true on another bench, with the definitions of its own; None where that cannot be told."""
    other.begin()
    other.definitions, other.named = bench.definitions, replace(other.setting, known=bench.named.known)
    try:
        comparison: Comparison = other.compare(claim)
        if same_in_field(other.points, comparison, 0) is False:
            return False
        return decide(other.points, comparison, claim.right).equal
    except (InputError, ShapeClash, ArithmeticError, ValueError, KeyError):
        return None
