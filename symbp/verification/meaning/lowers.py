"""What functions of whole arrays need of the lowering that they are part of."""

from __future__ import annotations

from typing import Protocol

from symbp.calculus.program import ScalarFunction
from symbp.formula.syntax import Call, Node
from symbp.verification.meaning.arrays import Array, Workshop
from symbp.verification.meaning.needs import Need
from symbp.verification.meaning.setting import Setting


class Lowers(Protocol):
    """The lowering of a formula, as far as calls need it."""

    @property
    def setting(self) -> Setting:
        """What names mean."""

    @property
    def page(self) -> bool:
        """Whether the formula is one on a page of mathematics, whose vectors are columns and rows."""

    shop: Workshop

    def array(self, node: Node) -> Array:
        """The array that a node stands for."""

    def tensor(self, node: Node, name: str) -> Array:
        """A tensor of the network's, displayed in the layout."""

    def takes(self, node: Call, count: int) -> None:
        """InputError unless a function is given `count` arguments."""

    def applied(self, node: Call, function: ScalarFunction, a: Array) -> Array:
        """A scalar function at every element, differentiated as often as the call has primes."""

    def wants(self, node: Node, need: Need, a: Array) -> None:
        """Keep that every element of an array must meet a condition."""
