"""The benches on which claims about one subject are judged: for one example and for a batch, with other lengths or losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from symbp.calculus.indices import Axis
from symbp.errors import InputError
from symbp.formula.syntax import Claim, Name, Read, nodes
from symbp.network import Network
from symbp.network.forward import BATCH
from symbp.verification.budget import Budget
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Layout, Setting, setting_of
from symbp.verification.meaning.standing import standing
from symbp.verification.proof.compare import Bench

_LARGEST_NUMBER = 6
_SHALLOW = 8  # layers of a network that is derived again for other losses
_OWN_SIZE = 32  # lengths of the network's own that a formula may spell out as a number


@dataclass
class Benches:
    """The benches of a network, or of whatever else has a setting, each made when a claim first asks for it.

    All of them have the user's definitions, and count what a claim takes in one budget. `sums` says that the loss of a batch is
    the sum over its examples. Claims of a `page` of mathematics have benches of their own, on which arrays of one axis are
    columns, and `rows` are the names of those that are rows; `plain` are the benches for NumPy-like text that they belong to.
    """

    net: Any
    layout: Layout = "columns"
    sums: bool = False
    budget: Budget = field(default_factory=Budget)
    defined: list[tuple[str, Claim]] = field(default_factory=list)
    others: dict[tuple[Any, ...], Bench | None] = field(default_factory=dict)
    rows: frozenset[str] = frozenset()
    plain: Benches | None = None
    pages: dict[frozenset[str], Benches] = field(default_factory=dict)

    def page(self, rows: frozenset[str]) -> Benches:
        """The benches for claims of a page on which these names are rows."""
        plain = self.plain or self
        if rows not in plain.pages:
            plain.pages[rows] = replace(plain, others={}, rows=rows, plain=plain)
        return plain.pages[rows]

    @cached_property
    def example(self) -> Bench:
        """The bench for one example."""
        if self.plain is not None:
            return self._with_definitions(self.plain.example.setting)
        return self._bench(setting_of(self.net, batch=False, layout=self.layout))

    @cached_property
    def several(self) -> Bench:
        """The bench for a batch."""
        net = self.net
        if self.plain is not None:
            return self._with_definitions(self.plain.several.setting)
        if self.sums and isinstance(net, Network):
            net = replace(net, reduction="sum")
        return self._with_definitions(setting_of(net, batch=True, layout=self.layout))

    @property
    def made(self) -> list[Bench]:
        """Those of the two that are there already."""
        return [self.__dict__[kind] for kind in ("example", "several") if kind in self.__dict__]

    @property
    def elsewhere(self) -> list[Bench]:
        """Those that are there already of the other language, and of pages on which other names are rows."""
        plain = self.plain or self
        return [b for benches in (plain, *plain.pages.values()) if benches is not self for b in benches.made]

    def _bench(self, setting: Any, sizes: Mapping[Axis, int] | None = None) -> Bench:
        """A bench without definitions, where arrays stand as these claims have them."""
        stands, page = standing(setting, self.rows), self.plain is not None
        own, other = (stands, setting) if page else (setting, stands)
        return Bench.of(own, sizes, self.budget, page, other if stands is not setting else None)

    def _whole(self, bench: Bench) -> Setting:
        """The setting of a bench as NumPy-like text has it."""
        return bench.other if self.plain is not None and bench.other is not None else bench.setting

    def narrow(self, bench: Bench) -> Bench:
        """The bench in which layers of one unit have no axis, the bench itself where there are none."""
        batch, ones = bench.setting.batch, self.ones(bench)
        if not ones:
            return bench
        found = self._kept(
            ("narrow", batch),
            lambda: self._bench(setting_of(self.net, batch=batch, layout=self.layout, ones=ones)),
        )
        assert found is not None
        self._define(found)
        return found

    def knowing(self, bench: Bench, claim: Claim) -> Bench:
        """The bench for a claim; where it uses a definition that has a meaning only because layers have one unit, that in which
        they have no axis."""
        own = {name for name, _ in self.defined if name not in bench.definitions}
        used = own and any(isinstance(n, Name) and n.name in own for n in nodes(claim.left, claim.right))
        return self.narrow(bench) if used else bench

    def ones(self, bench: Bench) -> list[Axis]:
        """The axes whose length is 1 in the network."""
        return [a for a, n in bench.setting.sizes.items() if n == 1 and a != BATCH]

    def counted(self, bench: Bench) -> tuple[str, Bench] | None:
        """The bench in which the lengths that formulas spell out are the network's own, and which they are; None where
        none is."""
        setting = bench.setting
        counted = {a: n for a, n in setting.sizes.items() if n <= _OWN_SIZE and a in setting.counted}
        if not counted:
            return None
        whole = self._whole(bench)
        found = self._kept(("counted", setting.batch), lambda: self._bench(whole, counted))
        assert found is not None
        self._define(found)
        return ", ".join(f"{setting.labels[a]} = {n}" for a, n in counted.items()), found

    def numbered(self, bench: Bench, claim: Claim) -> Bench:
        """The bench for a claim; where it names units by their numbers, one with the network's own lengths (of long layers, more
        units than the claim names)."""
        numbers = [
            int(c[:6]) for n in nodes(claim.left, claim.right) if isinstance(n, Read) for c in n.letters if c.isdigit()
        ]
        if not numbers:
            return bench
        setting = bench.setting
        if not setting.sizes:  # a problem's axes have no lengths of their own
            if max(numbers) > _LARGEST_NUMBER:
                raise InputError(f"element {max(numbers)} by its number", allowed=f"numbers up to {_LARGEST_NUMBER}")
            sizes = {a: max(numbers) + 1 + k for k, a in enumerate(setting.axes())}
        else:
            most = max(_OWN_SIZE, max(numbers) + 1)
            if most > 4 * _OWN_SIZE:
                raise InputError(f"unit {max(numbers)} by its number", allowed=f"numbers up to {4 * _OWN_SIZE - 1}")
            sizes = {a: min(n, most) for a, n in setting.sizes.items()}
        whole = self._whole(bench)
        return self._with_definitions(whole, sizes)

    def with_loss(self, loss: str, batch: bool) -> Bench | None:
        """The bench of the same network with another loss, where that is one; not for deep ones, which take long to derive."""

        def made() -> Bench | None:
            if not isinstance(self.net, Network) or len(self.net.layers) > _SHALLOW:
                return None
            try:
                other = replace(self.net, loss=loss, loss_settings={})
                return self._with_definitions(setting_of(other, batch=batch, layout=self.layout))
            except InputError:
                return None

        return self._kept(("loss", loss, batch), made)

    def _kept(self, key: tuple[Any, ...], make: Callable[[], Bench | None]) -> Bench | None:
        if key not in self.others:
            self.others[key] = make()
        return self.others[key]

    def _with_definitions(self, setting: Any, sizes: dict[Axis, int] | None = None) -> Bench:
        bench = self._bench(setting, sizes)
        self._define(bench)
        return bench

    def _define(self, bench: Bench) -> None:
        """Bring a bench's definitions up to date."""
        bench.begin()
        if bench.defined == len(self.defined):
            return
        bench.defined, bench.definitions, bench.named = len(self.defined), {}, bench.setting
        bench.translated = {}
        for name, claim in self.defined:
            try:
                bench.define(name, claim)
            except (InputError, ShapeClash):
                continue
