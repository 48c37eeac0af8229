"""The contexts in which claims about one subject are evaluated: for one example and for a batch, with other lengths or losses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from symbp.calculus.indices import Axis
from symbp.errors import InputError
from symbp.formula.syntax import Claim, Name, Read, nodes
from symbp.network.forward import BATCH
from symbp.verification.budget import Budget
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Layout, Setting, setting_of
from symbp.verification.meaning.standing import standing
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.provisos import Facts
from symbp.verification.subject import offers_of

Definitions: TypeAlias = tuple[tuple[str, Claim], ...]
"""Names of the user's own with what was said of them, in order."""

_DOWN = re.compile(r"(\d{1,6})-[A-Za-z]\w*")
_LARGEST_NUMBER = 6
_OWN_SIZE = 32  # lengths of the network's own that a formula may spell out as a number


@dataclass(frozen=True)
class EvaluationContexts:
    """The contexts of a network, or of whatever else has a setting, each made when a claim first asks for it.

    All of them have the user's definitions, those that are `defined`, and count what a claim takes in one budget. `sums` says
    that the loss of a batch is the sum over its examples. Claims of a page of mathematics have contexts of their own, in which
    arrays of one axis are columns, and `rows` are the names of those that are rows; None for NumPy-like text. What is `kept` is
    brought up to date when it is asked for.
    """

    net: Any
    layout: Layout = "columns"
    sums: bool = False
    rows: frozenset[str] | None = None
    defined: Definitions = ()
    budget: Budget = field(default_factory=Budget)
    kept: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def page(self, rows: frozenset[str] | None) -> EvaluationContexts:
        """The contexts for claims of a page on which these names are rows, or of NumPy-like text."""
        return replace(self, rows=rows)

    def with_definitions(self, defined: Definitions) -> EvaluationContexts:
        """The contexts with other definitions."""
        return self if defined is self.defined else replace(self, defined=defined)

    @property
    def facts(self) -> Facts:
        """What claims rest on beyond the forward map."""
        facts: Facts = self._kept("facts", lambda: Facts(self.net, self.budget))
        return facts

    @property
    def example(self) -> EvaluationContext:
        """The context for one example."""
        return self._of("example", lambda: setting_of(self.net, batch=False, layout=self.layout))

    @property
    def several(self) -> EvaluationContext:
        """The context for a batch."""

        def made() -> Setting:
            summed = offers_of(self.net).summed() if self.sums else None
            return setting_of(self.net if summed is None else summed, batch=True, layout=self.layout)

        return self._of("several", made)

    def _of(self, kind: str, make: Callable[[], Setting]) -> EvaluationContext:
        """One of the two contexts of these claims, which has the setting of the plain one."""
        if self.rows is not None and (kind, self.rows) not in self.kept:
            setting = getattr(self.page(None), kind).setting
            return self._defining(self._kept(kind, lambda: self._context(setting)), begin=True)
        context: EvaluationContext = self._kept(kind, lambda: self._context(make()))
        return self._defining(context)

    @property
    def made(self) -> list[EvaluationContext]:
        """Those of the two that are there already."""
        return [self.kept[key] for kind in ("example", "several") if (key := (kind, self.rows)) in self.kept]

    def without_meaning(self) -> Exception | None:
        """Why the last definition has no meaning in a context that is there already; None where it has one in each."""
        failures = [self._define(context) for context in self.made]
        return next((e for e in failures if e is not None), None)

    def _context(self, setting: Setting, sizes: Mapping[Axis, int] | None = None) -> EvaluationContext:
        """A context without definitions, where arrays stand as these claims have them."""
        stands, page = standing(setting, self.rows or frozenset()), self.rows is not None
        own, other = (stands, setting) if page else (setting, stands)
        return EvaluationContext.of(own, sizes, self.budget, page, other if stands is not setting else None)

    def _whole(self, context: EvaluationContext) -> Setting:
        """The setting of a context as NumPy-like text has it."""
        return context.other if self.rows is not None and context.other is not None else context.setting

    def narrow(self, context: EvaluationContext) -> EvaluationContext:
        """The context in which layers of one unit have no axis, the context itself where there are none."""
        batch, ones = context.setting.batch, self.ones(context)
        if not ones:
            return context

        def made() -> EvaluationContext:
            return self._context(setting_of(self.net, batch=batch, layout=self.layout, ones=ones))

        return self._defining(self._kept("narrow", made, batch), begin=True)

    def knowing(self, context: EvaluationContext, claim: Claim) -> EvaluationContext:
        """The context for a claim; where it uses a definition that has a meaning only because layers have one unit, that in which
        they have no axis."""
        own = {name for name, _ in self.defined if name not in context.definitions}
        used = own and any(isinstance(n, Name) and n.name in own for n in nodes(claim.left, claim.right))
        return self.narrow(context) if used else context

    def ones(self, context: EvaluationContext) -> list[Axis]:
        """The axes whose length is 1 in the network."""
        return [a for a, n in context.setting.sizes.items() if n == 1 and a != BATCH]

    def counted(self, context: EvaluationContext) -> tuple[str, EvaluationContext] | None:
        """The context in which the lengths that formulas spell out are the network's own, and which they are; None where
        none is."""
        setting = context.setting
        counted = {a: n for a, n in setting.sizes.items() if n <= _OWN_SIZE and a in setting.counted}
        if not counted:
            return None
        whole = self._whole(context)
        found = self._kept("counted", lambda: self._context(whole, counted), setting.batch)
        return ", ".join(f"{setting.labels[a]} = {n}" for a, n in counted.items()), self._defining(found, begin=True)

    def numbered(self, context: EvaluationContext, claim: Claim) -> EvaluationContext:
        """The context for a claim; where it names units by their numbers, or counts an axis of the network down from one
        (``W[o,c,2-u]``), one with the network's own lengths (of long layers, more units than the claim names)."""
        setting = context.setting
        slots = [c for n in nodes(claim.left, claim.right) if isinstance(n, Read) for c in n.letters]
        numbers = [int(c[:6]) for c in slots if c.isdigit()]
        numbers += [int(down[1]) for c in slots if setting.sizes and (down := _DOWN.fullmatch(c))]
        if not numbers:
            return context
        if not setting.sizes:  # a problem's axes have no lengths of their own
            if max(numbers) > _LARGEST_NUMBER:
                raise InputError(f"element {max(numbers)} by its number", allowed=f"numbers up to {_LARGEST_NUMBER}")
            sizes = {a: max(numbers) + 1 + k for k, a in enumerate(setting.axes())}
        else:
            most = max(_OWN_SIZE, max(numbers) + 1)
            if most > 4 * _OWN_SIZE:
                raise InputError(f"unit {max(numbers)} by its number", allowed=f"numbers up to {4 * _OWN_SIZE - 1}")
            sizes = {a: min(n, most) for a, n in setting.sizes.items()}
        return self._defining(self._context(self._whole(context), sizes), begin=True)

    def with_loss(self, loss: str, batch: bool) -> EvaluationContext | None:
        """The context of the same subject with another loss, where it offers that."""

        def made() -> EvaluationContext | None:
            other = offers_of(self.net).with_loss(loss)
            if other is None:
                return None
            try:
                return self._context(setting_of(other, batch=batch, layout=self.layout))
            except InputError:
                return None

        found = self._kept("loss", made, loss, batch)
        return None if found is None else self._defining(found, begin=True)

    def _kept(self, kind: str, make: Callable[[], Any], *of: Any) -> Any:
        """What is kept for these claims, made where it is not there yet."""
        key = kind, self.rows, *of
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]

    def _defining(self, context: EvaluationContext, begin: bool = False) -> EvaluationContext:
        """A context with the definitions up to date; `begin`, ready for a claim."""
        self._define(context)
        if begin:
            context.begin()
        return context

    def _define(self, context: EvaluationContext) -> Exception | None:
        """Bring a context's definitions up to date; why the last one has no meaning there, where it has none."""
        known, failure = context.defined, None
        if known is self.defined:
            return None
        context.defined = self.defined
        if len(known) > len(self.defined) or any(a is not b for a, b in zip(known, self.defined, strict=False)):
            known, context.definitions, context.named, context.translated = (), {}, context.setting, {}
            context.begin()
        for name, claim in self.defined[len(known) :]:
            try:
                context.define(name, claim)
                failure = None
            except (InputError, ShapeClash) as e:
                failure = e
        return failure
