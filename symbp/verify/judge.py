"""Claims judged one after the other: read, given a meaning, decided, and explained where they are wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from symbp.errors import InputError
from symbp.network import Network
from symbp.notation import DEFAULT, Notation, notation_named
from symbp.verify.benches import Benches
from symbp.verify.defining import define
from symbp.verify.explaining import explained
from symbp.verify.language.accumulate import Parts, continued
from symbp.verify.language.chains import links_of_text
from symbp.verify.language.grammar import read_claim
from symbp.verify.language.syntax import Claim
from symbp.verify.latex.fitting import of_network
from symbp.verify.latex.vectors import judge_page
from symbp.verify.meaning.arrays import ShapeClash
from symbp.verify.meaning.lower_index import suits_batch
from symbp.verify.meaning.partials import held
from symbp.verify.meaning.ratios import as_derivative
from symbp.verify.meaning.setting import Layout
from symbp.verify.problems.latex import as_meant, as_named, looks_latex
from symbp.verify.proof.compare import Bench
from symbp.verify.proof.decide import Decision, decide
from symbp.verify.proof.facts import Facts
from symbp.verify.proof.kinks import exceptions
from symbp.verify.verdict import Scope, Verdict


@dataclass
class Judge:
    """Judges claims about one network, or whatever else has a setting, in order, keeping definitions.

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
    pages: dict[tuple[frozenset[str], str], Judge] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.benches is None:
            self.benches = Benches(self.net, self.layout, self.notation.sums)
        if self.notation.own:
            self.parts.own = True
        if isinstance(self.net, Network):
            self.notation = of_network(self.notation, self.net)

    @property
    def of_one(self) -> Judge:
        """The judge of claims about one example and its own loss."""
        return replace(self, batch=False)

    def on_page(self, rows: frozenset[str], dropped: str = "") -> Judge:
        """The judge of claims on a page of mathematics, whose vectors are columns, or `rows` where they are named."""
        key = rows, dropped
        if key not in self.pages:
            self.pages[key] = replace(self, benches=self.benches.page(rows), dropped=dropped)
        page = self.pages[key]
        page.parts = self.parts
        return page

    @cached_property
    def facts(self) -> Facts:
        """What claims rest on beyond the forward map."""
        return Facts(self.net, self.benches.effort)

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

    def judge_all(self, claims: Iterable[tuple[int | None, str]], file: str | None = None) -> Iterator[Verdict]:
        """The verdicts on numbered lines, in order; a sum that is claimed in parts (``+=``) is judged with its last part."""
        lines = [*claims]
        for (line, text), more in zip(lines, continued([text for _, text in lines]), strict=True):
            yield self.judge(text, line, file, more=more)

    def judge(
        self,
        text: str,
        line: int | None = None,
        file: str | None = None,
        *,
        more: bool = False,
        latex: bool | None = None,
    ) -> Verdict:
        """The verdict on one line of text; `more` says that a later line adds to it, `latex` that it is LaTeX (None: see)."""
        blank = Verdict(text, "unreadable", line=line, file=file)
        first = self.first
        self.parts.begin()
        try:
            if looks_latex(first.setting, text) if latex is None else latex:
                return judge_page(self, text, blank, more)
            parts = links_of_text(as_meant(first.setting, text))
            verdicts = [
                as_named(first.setting, self.judged(as_derivative(first.setting, read_claim(part)), blank, more))
                for part in parts
            ]
            return next((v for v in verdicts if not v.ok), verdicts[0])
        except InputError as e:
            reason = str(InputError(e.message, allowed=e.allowed, nearest=e.nearest))
            if not re.search(r"[\\{}]", text) and (looks_latex(first.setting, text) if latex is None else False):
                reason += " (the line is read as LaTeX, because of ^ or _)"
            return replace(blank, reason=reason, column=e.place.column, expected=e.allowed or None)

    def judged(self, claim: Claim, blank: Verdict, more: bool = False, explain: bool = True) -> Verdict:
        """The verdict on a claim that has been read, without a diagnosis unless it is to `explain`; InputError where the claim
        has no meaning."""
        first = self.first
        self.benches.effort.begin()
        claim = self.parts.whole(first.setting, claim)
        if first.is_definition(claim):
            return define(self, claim, blank)
        bench = self.several if self.about_batch(claim) else first
        bench = self.benches.numbered(self.benches.knowing(bench, claim), claim)
        bench.begin()
        try:
            comparison = bench.compare(claim)
            self.parts.keep()
        except ShapeClash as clash:
            self.parts.keep()
            return self._wrong(claim, bench, blank, clash, None, explain)
        if more:
            return replace(blank, verdict="definition", note="a part; the sum is judged with its last part")
        decision = decide(bench.points, comparison, claim.right)
        if decision.equal is None:
            return replace(blank, verdict="undecided", reason=decision.reason)
        if not decision.equal:
            return self._wrong(claim, bench, blank, None, decision, explain)
        about, scope = self._further(claim, bench)
        notes = (
            about,
            self.facts.used(bench, claim),
            decision.note,
            exceptions(bench.points, comparison),
        )
        return replace(blank, verdict="correct", how=decision.how, note="; ".join(n for n in notes if n), scope=scope)

    def about_batch(self, claim: Claim) -> bool:
        """Whether a claim speaks of a batch, or is to be decided for one."""
        if self.batch is not None:
            return self.batch
        if claim.written is not None and claim.written.batch:
            return True
        if claim.indexed:
            return suits_batch(self.several.named, claim.left, claim.right)
        return self.several.names_batch(claim)

    def _further(self, claim: Claim, bench: Bench) -> tuple[str, Scope]:
        """Whether what holds for one example holds for a batch, in words and as a scope."""
        if bench is self.several or self.batch is not None or claim.indexed:
            return (bench.setting.about, "batch") if bench is self.several else ("", "")
        if self.notation.own:
            return "for one example", ""
        self.several.begin()
        try:
            holds = decide(self.several.points, self.several.compare(claim), claim.right).equal
        except ShapeClash as clash:
            return f"for one example; not for a batch: {clash.why}", "example"
        except InputError:
            return "for one example", ""
        return ("for one example and for a batch", "") if holds else ("for one example; not for a batch", "example")

    def _wrong(
        self,
        claim: Claim,
        bench: Bench,
        blank: Verdict,
        clash: ShapeClash | None,
        decision: Decision | None,
        explain: bool,
    ) -> Verdict:
        """The verdict on a claim that does not hold for all sizes: it may for this network's; else it is explained."""
        special = self._special(claim, bench)
        if special is not None:
            note, how = special
            return replace(blank, verdict="correct", how=how, note=note)
        if not explain:
            return replace(blank, verdict="wrong")
        return explained(self, claim, bench, blank, clash, decision)

    def _special(self, claim: Claim, bench: Bench) -> tuple[str, str] | None:
        """Whether a claim holds for this network because some of its layers have one unit, or spells out a length."""
        ones = self.benches.ones(bench)
        if ones:
            labels = ", ".join(f"{bench.setting.labels[a]} = 1" for a in ones)
            how = self._holds(self.benches.numbered(self.benches.narrow(bench), claim), claim)
            if how is not None:
                return f"because {labels}; not for layers with more units{self._alone(claim, bench)}", how
        alone = held(bench.setting, claim)
        if alone is not None:
            how = self._holds(bench, alone)
            if how is not None:
                return (
                    "where each derivative on the right is that of one equation alone, the rest of it held fixed",
                    how,
                )
        counted = self.benches.counted(bench)
        if counted is not None:
            labels, own = counted
            how = self._holds(self.benches.numbered(own, claim), claim)
            if how is not None:
                return f"because {labels}; not for other sizes", how
        return None

    def _alone(self, claim: Claim, bench: Bench) -> str:
        """What is said of a claim that holds for one example and not for a batch."""
        if bench is self.several or self.batch is not None or claim.indexed or claim.written is not None:
            return ""
        return "" if self._holds(self.benches.narrow(self.several), claim) else "; for one example; not for a batch"

    def _holds(self, bench: Bench, claim: Claim) -> str | None:
        try:
            decision = decide(bench.points, bench.compare(claim), claim.right)
        except (InputError, ShapeClash):
            return None
        return decision.how if decision.equal else None
