"""Claims judged one after the other: read, given a meaning, decided, and explained where they are wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from symbp.assemble import BATCH
from symbp.errors import InputError
from symbp.network import Network
from symbp.verify.defining import define
from symbp.verify.diagnosis.conventions import WRONG_FOR, other_reading
from symbp.verify.diagnosis.diagnose import diagnose
from symbp.verify.diagnosis.edit import NOWHERE
from symbp.verify.diagnosis.expected import expected
from symbp.verify.language.accumulate import Parts, continued
from symbp.verify.language.chains import links_of_text
from symbp.verify.language.grammar import read_claim
from symbp.verify.language.printing import claim_text
from symbp.verify.language.syntax import Claim, Read, Span, nodes
from symbp.verify.latex.judge import in_language, judge_latex
from symbp.verify.latex.notations import IITM, Notation
from symbp.verify.latex.wording import in_letters
from symbp.verify.meaning.arrays import ShapeClash
from symbp.verify.meaning.lower_index import suits_batch
from symbp.verify.meaning.setting import Layout, setting_of
from symbp.verify.problems.latex import as_meant, as_named, looks_latex
from symbp.verify.proof.compare import Bench
from symbp.verify.proof.decide import Decision, decide
from symbp.verify.proof.facts import Facts
from symbp.verify.proof.kinks import exceptions
from symbp.verify.verdict import Verdict

_LARGEST_NUMBER = 6
_SHALLOW = 8  # layers of a network that is derived again for other losses
_OWN_SIZE = 32  # lengths of the network's own that a formula may spell out as a number


@dataclass
class Judge:
    """Judges claims about one network, or whatever else has a setting, in order, keeping definitions.

    A claim is about one example unless it speaks of the batch (an index n, N, a sum or mean over the examples) or `batch` says
    so.
    """

    net: Any
    layout: Layout = "columns"
    batch: bool | None = None
    notation: Notation = IITM
    defined: list[tuple[str, Claim]] = field(default_factory=list)
    parts: Parts = field(default_factory=Parts)
    others: dict[tuple[Any, ...], Bench | None] = field(default_factory=dict)

    @cached_property
    def facts(self) -> Facts:
        """What claims rest on beyond the forward map."""
        return Facts(self.net)

    @cached_property
    def example(self) -> Bench:
        """The bench for one example."""
        return Bench.of(setting_of(self.net, batch=False, layout=self.layout))

    @cached_property
    def several(self) -> Bench:
        """The bench for a batch."""
        net = self.net
        if self.notation.sums and isinstance(net, Network):
            net = replace(net, reduction="sum")
        return self._with_definitions(Bench.of(setting_of(net, batch=True, layout=self.layout)))

    def _with_definitions(self, bench: Bench) -> Bench:
        for name, claim in self.defined:
            try:
                bench.define(name, claim)
            except (InputError, ShapeClash):
                continue
        return bench

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
        first = self.several if self.batch else self.example
        try:
            if looks_latex(first.setting, text) if latex is None else latex:
                return judge_latex(self, text, blank, more)
            parts = links_of_text(as_meant(first.setting, text))
            verdicts = [as_named(first.setting, self.judged(read_claim(part), blank, more)) for part in parts]
            return next((v for v in verdicts if not v.ok), verdicts[0])
        except InputError as e:
            reason = str(InputError(e.message, allowed=e.allowed, nearest=e.nearest))
            return replace(blank, reason=reason, column=e.place.column, expected=e.allowed or None)

    def judged(self, claim: Claim, blank: Verdict, more: bool = False, explain: bool = True) -> Verdict:
        """The verdict on a claim that has been read, without a diagnosis unless it is to `explain`; InputError where the claim
        has no meaning."""
        first = self.several if self.batch else self.example
        claim = self.parts.whole(first.setting, claim)
        if first.is_definition(claim):
            return define(self, claim, blank)
        bench = self._numbered(self.several if self._about_batch(claim) else first, claim)
        bench.begin()
        try:
            comparison = bench.compare(claim)
        except ShapeClash as clash:
            return self._wrong(claim, bench, blank, clash, None, explain)
        if more:
            return replace(blank, verdict="definition", note="a part; the sum is judged with its last part")
        decision = decide(bench.points, comparison, claim.right)
        if decision.equal is None:
            return replace(blank, verdict="undecided", reason=decision.reason)
        if not decision.equal:
            return self._wrong(claim, bench, blank, None, decision, explain)
        notes = (
            self._further(claim, bench),
            self.facts.used(bench, claim),
            decision.note,
            exceptions(bench.points, comparison),
        )
        return replace(blank, verdict="correct", how=decision.how, note="; ".join(n for n in notes if n))

    def _numbered(self, bench: Bench, claim: Claim) -> Bench:
        """The bench for a claim; where it names units by their numbers, one with the network's own lengths (of long layers, more
        units than the claim names)."""
        numbers = [int(c[:6]) for n in nodes(claim.left, claim.right) if isinstance(n, Read)
                   for c in n.letters if c.isdigit()]  # fmt: skip
        if not numbers:
            return bench
        if not bench.setting.sizes:  # a problem's axes have no lengths of their own
            if max(numbers) > _LARGEST_NUMBER:
                raise InputError(f"element {max(numbers)} by its number", allowed=f"numbers up to {_LARGEST_NUMBER}")
            sizes = {a: max(numbers) + 1 + k for k, a in enumerate(bench.setting.axes())}
            return self._with_definitions(Bench.of(bench.setting, sizes))
        most = max(_OWN_SIZE, max(numbers) + 1)
        if most > 4 * _OWN_SIZE:
            raise InputError(f"unit {max(numbers)} by its number", allowed=f"numbers up to {4 * _OWN_SIZE - 1}")
        return self._with_definitions(
            Bench.of(bench.setting, {a: min(n, most) for a, n in bench.setting.sizes.items()})
        )

    def _about_batch(self, claim: Claim) -> bool:
        if self.batch is not None:
            return self.batch
        if claim.written is not None and claim.written.batch:
            return True
        if claim.indexed:
            return suits_batch(self.several.named, claim.left, claim.right)
        return self.several.names_batch(claim)

    def _further(self, claim: Claim, bench: Bench) -> str:
        """Whether what holds for one example holds for a batch."""
        if bench is self.several or self.batch is not None or claim.indexed:
            return bench.setting.about if bench is self.several else ""
        self.several.begin()
        try:
            holds = decide(self.several.points, self.several.compare(claim), claim.right).equal
        except ShapeClash as clash:
            return f"for one example; not for a batch: {clash.why}"
        except InputError:
            return "for one example"
        return "for one example and for a batch" if holds else "for one example; not for a batch"

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
        note = other_reading(bench, claim, self._loss, lambda loss: self._with_loss(loss, bench.setting.batch))
        if clash is None:
            found = diagnose(bench, claim, WRONG_FOR in note)
        else:
            found = diagnose(bench if claim.indexed else self.narrow(bench), claim)
        span = found.span if found and found.span != NOWHERE else clash.span if clash else NOWHERE
        reason = clash.why if clash else ""
        if found is not None:
            reason = f"{found.why} ({reason})" if reason and found.why else found.why or reason
        about = claim, found.claim if found else None
        note = note or ("" if clash else self.facts.wanting(bench, claim))
        return replace(
            blank,
            verdict="wrong",
            how=decision.how if decision else "exact",
            cause=found.cause if found else "shape" if clash else "other",
            fix=(claim_text(found.claim) or None) if found else None,
            expected=in_language(claim, expected(bench.setting, claim)),
            counterexample=decision.counterexample if decision else None,
            reason=in_letters(bench.setting, about, reason),
            note=in_letters(bench.setting, about, note),
            column=_columns(span)[0],
            until=_columns(span)[1],
        )

    @property
    def _loss(self) -> str:
        return self.net.loss if isinstance(self.net, Network) else ""

    def _with_loss(self, loss: str, batch: bool) -> Bench | None:
        """The bench of the same network with another loss, where that is one; not for deep ones, which take long to derive."""
        if ("loss", loss, batch) not in self.others:
            self.others["loss", loss, batch] = None
            if isinstance(self.net, Network) and len(self.net.layers) <= _SHALLOW:
                try:
                    other = replace(self.net, loss=loss, loss_settings={})
                    setting = setting_of(other, batch=batch, layout=self.layout)
                    self.others["loss", loss, batch] = self._with_definitions(Bench.of(setting))
                except InputError:
                    pass
        return self.others["loss", loss, batch]

    def _special(self, claim: Claim, bench: Bench) -> tuple[str, str] | None:
        """Whether a claim holds for this network because some of its layers have one unit, or spells out a length."""
        setting = bench.setting
        ones = [a for a, n in setting.sizes.items() if n == 1 and a != BATCH]
        if ones:
            labels = ", ".join(f"{setting.labels[a]} = 1" for a in ones)
            decision = self._holds(self._numbered(self.narrow(bench), claim), claim)
            if decision is not None:
                return f"because {labels}; not for layers with more units", decision
        counted = {a: n for a, n in setting.sizes.items() if n <= _OWN_SIZE and a in setting.counted}
        if counted:
            labels = ", ".join(f"{setting.labels[a]} = {n}" for a, n in counted.items())
            key = ("counted", setting.batch)
            if self.others.get(key) is None:
                self.others[key] = Bench.of(setting, counted)
            own = self.others[key]
            assert own is not None
            own.begin()
            decision = self._holds(self._numbered(self._with_definitions(own), claim), claim)
            if decision is not None:
                return f"because {labels}; not for other sizes", decision
        return None

    def narrow(self, bench: Bench) -> Bench:
        """The bench in which layers of one unit have no axis, the bench itself where there are none."""
        setting = bench.setting
        ones = [a for a, n in setting.sizes.items() if n == 1 and a != BATCH]
        if not ones:
            return bench
        key = ("narrow", setting.batch)
        if self.others.get(key) is None:
            self.others[key] = Bench.of(setting_of(self.net, batch=setting.batch, layout=self.layout, ones=ones))
        narrow = self.others[key]
        assert narrow is not None
        narrow.begin()
        return self._with_definitions(narrow)

    def _holds(self, bench: Bench, claim: Claim) -> str | None:
        try:
            decision = decide(bench.points, bench.compare(claim), claim.right)
        except (InputError, ShapeClash):
            return None
        return decision.how if decision.equal else None


def _columns(span: Span) -> tuple[int | None, int | None]:
    """The first and the last column of a part of the claim, counted from 1; none where it has no place."""
    return (None, None) if span == NOWHERE else (span.start + 1, max(span.end, span.start + 1))
