"""What a judge knows of a subject, and remembers from claim to claim."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from symbp.formula.syntax import Claim
from symbp.network import Network
from symbp.notation import DEFAULT, Notation, notation_named
from symbp.verification.accumulate import Parts
from symbp.verification.benches import Benches
from symbp.verification.meaning.lower_index import suits_batch
from symbp.verification.meaning.setting import Layout
from symbp.verification.proof.compare import Bench
from symbp.verification.proof.facts import Facts
from symbp.verification.readings.fitting import of_network


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
    parts: Parts = field(default_factory=Parts)
    benches: Benches = field(default=None)  # type: ignore[assignment]
    dropped: str = ""
    """Where transposes of vectors are said to be left out, in words; claims in LaTeX may leave them out then."""
    pages: dict[tuple[frozenset[str], str], Self] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.benches is None:
            self.benches = Benches(self.net, self.layout, self.notation.sums)
        if self.notation.own:
            self.parts.own = True
        if isinstance(self.net, Network):
            self.notation = of_network(self.notation, self.net)

    @property
    def of_one(self) -> Self:
        """The state for claims about one example and its own loss."""
        return replace(self, batch=False)

    def on_page(self, rows: frozenset[str], dropped: str = "") -> Self:
        """The state for claims on a page of mathematics, whose vectors are columns, or `rows` where they are named."""
        key = rows, dropped
        if key not in self.pages:
            self.pages[key] = replace(self, benches=self.benches.page(rows), dropped=dropped)
        page = self.pages[key]
        page.parts = self.parts
        return page

    @cached_property
    def facts(self) -> Facts:
        """What claims rest on beyond the forward map."""
        return Facts(self.net, self.benches.budget)

    @property
    def example(self) -> Bench:
        """The bench for one example."""
        return self.benches.example

    @property
    def several(self) -> Bench:
        """The bench for a batch."""
        return self.benches.several

    def bench_of(self, batch: bool, narrow: bool = False) -> Bench:
        """The bench for a batch or for one example; `narrow`, the one in which layers of one unit have no axis."""
        bench = self.several if batch or self.batch else self.example
        return self.benches.narrow(bench) if narrow else bench

    @property
    def first(self) -> Bench:
        """The bench for a claim that does not speak of the batch."""
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
