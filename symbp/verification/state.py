"""What a judge knows of a subject, and remembers from claim to claim."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

from symbp.formula.syntax import Claim
from symbp.notation import DEFAULT, Notation, notation_named
from symbp.verification.accumulate import Memory
from symbp.verification.contexts import EvaluationContexts
from symbp.verification.meaning.letters import suits_batch
from symbp.verification.meaning.setting import Layout
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.provisos import Facts
from symbp.verification.subject import offers_of
from symbp.verification.verdict import Verdict


@dataclass(frozen=True)
class Heard:
    """A verdict, and what is remembered after the claim that it is on."""

    verdict: Verdict
    memory: Memory

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with the claim."""
        return self.verdict.ok

    def saying(self, **changes: Any) -> Heard:
        """The same with another verdict."""
        return replace(self, verdict=replace(self.verdict, **changes))


@dataclass
class State:
    """A network, or whatever else has a setting, how claims about it are meant, and what was claimed and defined before.

    A claim is about one example unless it speaks of the batch (an index n, N, a sum or mean over the examples) or `batch` says
    so.
    """

    net: Any
    layout: Layout = "columns"
    batch: bool | None = None
    notation: Notation = field(default_factory=lambda: notation_named(DEFAULT))
    memory: Memory = field(default_factory=Memory)
    base: EvaluationContexts = field(default=None, repr=False)  # type: ignore[assignment]
    """The contexts, whatever the definitions that they have."""
    dropped: str = ""
    """Where transposes of vectors are said to be left out, in words; claims in LaTeX may leave them out then."""
    offered: Notation | None = field(default=None, repr=False, compare=False)
    """The notation once it has the letters of the subject's own."""

    def __post_init__(self) -> None:
        if self.base is None:
            self.base = EvaluationContexts(self.net, self.layout, self.notation.sums)
        if self.notation.own and self.memory.own is None:
            self.memory = replace(self.memory, own=True)
        if self.notation is not self.offered:
            self.notation = self.offered = offers_of(self.net).notation(self.notation)

    @property
    def of_one(self) -> Self:
        """The state for claims about one example and its own loss."""
        return replace(self, batch=False)

    def on_page(self, rows: frozenset[str], dropped: str = "") -> Self:
        """The state for claims on a page of mathematics, whose vectors are columns, or `rows` where they are named."""
        return replace(self, base=self.base.page(rows), dropped=dropped)

    def knowing(self, memory: Memory) -> Self:
        """The state after claims that have left another memory."""
        return self if memory is self.memory else replace(self, memory=memory)

    @property
    def contexts(self) -> EvaluationContexts:
        """The contexts, with what has been defined."""
        return self.base.with_definitions(self.memory.defined)

    @property
    def facts(self) -> Facts:
        """What claims rest on beyond the forward map."""
        return self.contexts.facts

    @property
    def example(self) -> EvaluationContext:
        """The context for one example."""
        return self.contexts.example

    @property
    def several(self) -> EvaluationContext:
        """The context for a batch."""
        return self.contexts.several

    def context_for(self, batch: bool, narrow: bool = False) -> EvaluationContext:
        """The context for a batch or for one example; `narrow`, the one in which layers of one unit have no axis."""
        context = self.several if batch or self.batch else self.example
        return self.contexts.narrow(context) if narrow else context

    @property
    def first(self) -> EvaluationContext:
        """The context for a claim that does not speak of the batch."""
        return self.several if self.batch else self.example

    def about_batch(self, claim: Claim) -> bool:
        """Whether a claim speaks of a batch, or is to be decided for one."""
        if self.batch is not None:
            return self.batch
        if claim.written is not None and claim.written.batch:
            return True
        if claim.indexed:
            return suits_batch(self.several.named, claim.left, claim.right)
        return self.several.names_batch(claim)
