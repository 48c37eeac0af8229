"""The contexts in which claims about one subject are evaluated: for one example and for a batch, with other lengths or losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

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

_LARGEST_NUMBER = 6
_OWN_SIZE = 32  # lengths of the network's own that a formula may spell out as a number


@dataclass
class EvaluationContexts:
    """The contexts of a network, or of whatever else has a setting, each made when a claim first asks for it.

    All of them have the user's definitions, and count what a claim takes in one budget. `sums` says that the loss of a batch is
    the sum over its examples. Claims of a `page` of mathematics have contexts of their own, in which arrays of one axis are
    columns, and `rows` are the names of those that are rows; `plain` are the contexts for NumPy-like text that they belong to.
    """

    net: Any
    layout: Layout = "columns"
    sums: bool = False
    budget: Budget = field(default_factory=Budget)
    defined: list[tuple[str, Claim]] = field(default_factory=list)
    others: dict[tuple[Any, ...], EvaluationContext | None] = field(default_factory=dict)
    rows: frozenset[str] = frozenset()
    plain: EvaluationContexts | None = None
    pages: dict[frozenset[str], EvaluationContexts] = field(default_factory=dict)

    def page(self, rows: frozenset[str]) -> EvaluationContexts:
        """The contexts for claims of a page on which these names are rows."""
        plain = self.plain or self
        if rows not in plain.pages:
            plain.pages[rows] = replace(plain, others={}, rows=rows, plain=plain)
        return plain.pages[rows]

    @cached_property
    def facts(self) -> Facts:
        """What claims rest on beyond the forward map."""
        return Facts(self.net, self.budget)

    @cached_property
    def example(self) -> EvaluationContext:
        """The context for one example."""
        if self.plain is not None:
            return self._with_definitions(self.plain.example.setting)
        return self._context(setting_of(self.net, batch=False, layout=self.layout))

    @cached_property
    def several(self) -> EvaluationContext:
        """The context for a batch."""
        if self.plain is not None:
            return self._with_definitions(self.plain.several.setting)
        summed = offers_of(self.net).summed() if self.sums else None
        net = self.net if summed is None else summed
        return self._with_definitions(setting_of(net, batch=True, layout=self.layout))

    @property
    def made(self) -> list[EvaluationContext]:
        """Those of the two that are there already."""
        return [self.__dict__[kind] for kind in ("example", "several") if kind in self.__dict__]

    @property
    def elsewhere(self) -> list[EvaluationContext]:
        """Those that are there already of the other language, and of pages on which other names are rows."""
        plain = self.plain or self
        return [b for contexts in (plain, *plain.pages.values()) if contexts is not self for b in contexts.made]

    def _context(self, setting: Any, sizes: Mapping[Axis, int] | None = None) -> EvaluationContext:
        """A context without definitions, where arrays stand as these claims have them."""
        stands, page = standing(setting, self.rows), self.plain is not None
        own, other = (stands, setting) if page else (setting, stands)
        return EvaluationContext.of(own, sizes, self.budget, page, other if stands is not setting else None)

    def _whole(self, context: EvaluationContext) -> Setting:
        """The setting of a context as NumPy-like text has it."""
        return context.other if self.plain is not None and context.other is not None else context.setting

    def narrow(self, context: EvaluationContext) -> EvaluationContext:
        """The context in which layers of one unit have no axis, the context itself where there are none."""
        batch, ones = context.setting.batch, self.ones(context)
        if not ones:
            return context
        found = self._kept(
            ("narrow", batch),
            lambda: self._context(setting_of(self.net, batch=batch, layout=self.layout, ones=ones)),
        )
        assert found is not None
        self._define(found)
        return found

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
        found = self._kept(("counted", setting.batch), lambda: self._context(whole, counted))
        assert found is not None
        self._define(found)
        return ", ".join(f"{setting.labels[a]} = {n}" for a, n in counted.items()), found

    def numbered(self, context: EvaluationContext, claim: Claim) -> EvaluationContext:
        """The context for a claim; where it names units by their numbers, one with the network's own lengths (of long layers,
        more units than the claim names)."""
        numbers = [
            int(c[:6]) for n in nodes(claim.left, claim.right) if isinstance(n, Read) for c in n.letters if c.isdigit()
        ]
        if not numbers:
            return context
        setting = context.setting
        if not setting.sizes:  # a problem's axes have no lengths of their own
            if max(numbers) > _LARGEST_NUMBER:
                raise InputError(f"element {max(numbers)} by its number", allowed=f"numbers up to {_LARGEST_NUMBER}")
            sizes = {a: max(numbers) + 1 + k for k, a in enumerate(setting.axes())}
        else:
            most = max(_OWN_SIZE, max(numbers) + 1)
            if most > 4 * _OWN_SIZE:
                raise InputError(f"unit {max(numbers)} by its number", allowed=f"numbers up to {4 * _OWN_SIZE - 1}")
            sizes = {a: min(n, most) for a, n in setting.sizes.items()}
        whole = self._whole(context)
        return self._with_definitions(whole, sizes)

    def with_loss(self, loss: str, batch: bool) -> EvaluationContext | None:
        """The context of the same subject with another loss, where it offers that."""

        def made() -> EvaluationContext | None:
            other = offers_of(self.net).with_loss(loss)
            if other is None:
                return None
            try:
                return self._with_definitions(setting_of(other, batch=batch, layout=self.layout))
            except InputError:
                return None

        return self._kept(("loss", loss, batch), made)

    def _kept(self, key: tuple[Any, ...], make: Callable[[], EvaluationContext | None]) -> EvaluationContext | None:
        if key not in self.others:
            self.others[key] = make()
        return self.others[key]

    def _with_definitions(self, setting: Any, sizes: dict[Axis, int] | None = None) -> EvaluationContext:
        context = self._context(setting, sizes)
        self._define(context)
        return context

    def _define(self, context: EvaluationContext) -> None:
        """Bring a context's definitions up to date."""
        context.begin()
        if context.defined == len(self.defined):
            return
        context.defined, context.definitions, context.named = len(self.defined), {}, context.setting
        context.translated = {}
        for name, claim in self.defined:
            try:
                context.define(name, claim)
            except (InputError, ShapeClash):
                continue
