"""The layers of a derivation as a page goes through them: which equations belong to which, and which layers are alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from symbp.calculus.kinds import Signature
from symbp.calculus.program import Statement
from symbp.network.derivation import Derivation
from symbp.notes.symbols import Symbols

MOST_LISTED = 6
"""Networks with more layers than this show layers that are alike once, with k for their number."""


@dataclass(frozen=True)
class Run:
    """Consecutive layers of one kind, from `first` to `last`; `shown` is the one whose equations stand for all."""

    first: int
    last: int

    @property
    def shown(self) -> int:
        """A layer with neighbours of its own kind."""
        return self.first + 1

    @property
    def generic(self) -> dict[int, str]:
        """What the numbers of the shown layer and its neighbours are written as."""
        k = self.shown
        return {k - 1: "k-1", k: "k", k + 1: "k+1"}

    @property
    def hidden(self) -> range:
        """The layers that are not written out."""
        return range(self.first, self.last + 1)


def number_of(name: str, symbols: Symbols) -> int | None:
    """The layer that a tensor, or the tensor that an adjoint belongs to, is numbered with; that of yhat is the last."""
    tensor = symbols.tensors[name]
    return symbols.number(tensor.of if tensor.of and tensor.of != "yhat" else name)[1]


def runs(derivation: Derivation, symbols: Symbols) -> tuple[Run, ...]:
    """The runs of at least three layers whose equations differ in nothing but their number."""
    depth = derivation.map.depth
    if depth <= MOST_LISTED:
        return ()
    of: dict[int, list[Statement]] = {k: [] for k in range(depth + 1)}
    for s in derivation.program:
        k = number_of(s.target.name, symbols)
        if k is not None:
            of[k].append(s)
    signatures = {k: _signature(of[k], symbols, k) for k in range(1, depth + 1)}
    found: list[Run] = []
    k = 2
    while k < depth:
        last = k
        while last + 1 < depth and signatures[last + 1] is not None and signatures[last + 1] == signatures[k]:
            last += 1
        if last - k >= 2:
            found.append(Run(k, last))
        k = last + 1
    return tuple(found)


def _signature(statements: Iterable[Statement], symbols: Symbols, k: int) -> object:
    """A key that equal layers share; None where a name is not of the layer or a neighbour."""
    signature = Signature(symbols.tensors)
    keys: list[object] = []
    for s in statements:
        numbers = [number_of(name, symbols) for name in (s.target.name, *s.reads)]
        near = [n - k for n in numbers if n is not None and abs(n - k) <= 1]
        if len(near) < len(numbers):
            return None
        keys.append((signature.statement(s), tuple(re.sub(r"\d+", "", n) for n in (s.target.name, *s.reads))))
        keys.append(tuple(near))
    return tuple(keys)
