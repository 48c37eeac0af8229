"""Dual numbers over any number system: a value and its derivative along one direction, carried through every operation.

The rules here are those of arithmetic and of a few functions (Clifford 1873; Wengert 1964); every other function is carried through
what the table says it is worth by values of those. They share no line with SymPy's `diff`, with the `fdiff` of :mod:`symbp.calculus.functions`, or with the reverse sweep, which they are there to
judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symbp.calculus.numeric.numbers import BY_SIGN, Numbers, Operand, as_written
from symbp.calculus.primitives import BY_KEY

SLOPES: dict[str, Callable[[Operand, Operand], Operand]] = {
    "exp": lambda x, y: y,
    "log": lambda x, y: 1 / x,
    "turn": lambda x, y: (1 + y * y) / 2,
    "asin": lambda x, y: 1 / (1 - x * x).sqrt(),
    "atan": lambda x, y: 1 / (1 + x * x),
    "normal_cdf": lambda x, y: (-(x * x) / 2).exp() / (x.number(2).sqrt() * x.pi().sqrt()),
    "erf": lambda x, y: 2 * (-(x * x)).exp() / x.pi().sqrt(),
    "floor_of": lambda x, y: x.number(0),
}
"""Derivatives at x, where the value is y, of the functions that the others are written by; ``turn`` is the tangent of half."""
VALUES: dict[str, Callable[[Operand], Operand]] = {
    "turn": lambda x: (x / 2).call("tan"),
    "normal_cdf": lambda x: x.call("normal_cdf") - x.number(1) / 2,
}
"""What the odd functions of the table are where a number system has the functions themselves."""


@dataclass(frozen=True)
class DualNumber:
    """``value + slope*epsilon`` with ``epsilon**2 = 0``; both parts are numbers of the base system."""

    value: Any
    slope: Any


@dataclass(frozen=True)
class Dual:
    """Dual numbers over `base`."""

    base: Numbers

    def number(self, given: Any) -> DualNumber:
        """A constant, or a dual number as it is."""
        if isinstance(given, DualNumber):
            return given
        return DualNumber(self.base.number(given), self.base.number(0))

    def variable(self, value: Any, slope: Any = 1) -> DualNumber:
        """`value` moving with `slope`."""
        return DualNumber(self.base.number(value), self.base.number(slope))

    def add(self, a: DualNumber, b: DualNumber) -> DualNumber:
        return DualNumber(self.base.add(a.value, b.value), self.base.add(a.slope, b.slope))

    def mul(self, a: DualNumber, b: DualNumber) -> DualNumber:
        mul = self.base.mul
        return DualNumber(
            mul(a.value, b.value), self.base.add(self._times(a.slope, b.value), self._times(b.slope, a.value))
        )

    def div(self, a: DualNumber, b: DualNumber) -> DualNumber:
        quotient = self.base.div(a.value, b.value)
        rest = self.base.add(a.slope, self._minus(self._times(b.slope, quotient)))
        return DualNumber(quotient, self.base.div(rest, b.value))

    def power(self, a: DualNumber, exponent: Fraction) -> DualNumber:
        value = self.base.power(a.value, exponent)
        if exponent == 0 or self.base.is_zero(a.slope):
            return DualNumber(value, self.base.number(0))
        factor = self.base.mul(self.base.number(exponent), self.base.power(a.value, exponent - 1))
        return DualNumber(value, self._times(a.slope, factor))

    def call(self, name: str, *args: DualNumber) -> DualNumber:
        if name in BY_SIGN:
            chosen: DualNumber = as_written(self, name, args)
            return chosen
        b = self.base
        if name == "pi":
            return self.number(b.call("pi"))
        if name == "xlogy":
            x, y = args
            if b.is_zero(x.value) and b.is_zero(x.slope):
                return self.number(0)
            return self.mul(x, self.call("log", y))
        (a,) = args
        value = b.call(name, a.value)
        if b.is_zero(a.slope):
            return DualNumber(value, b.number(0))
        if name in SLOPES:
            return self._moved(name, a, value)
        written = BY_KEY[name].written
        if written is None:
            raise ValueError(f"no dual rule for {name!r}")
        return DualNumber(value, written(Operand(self, a)).raw.slope)

    def odd(self, name: str, a: DualNumber) -> DualNumber:
        """An odd function that others are written by."""
        if hasattr(self.base, "odd"):
            return self._moved(name, a, self.base.odd(name, a.value))
        x = Operand(self.base, a.value)
        return self._moved(name, a, (VALUES[name](x) if name in VALUES else x.call(name)).raw)

    def _moved(self, name: str, a: DualNumber, value: Any) -> DualNumber:
        factor = SLOPES[name](Operand(self.base, a.value), Operand(self.base, value)).raw
        return DualNumber(value, self._times(a.slope, factor))

    def apply(self, name: str, order: int, a: DualNumber) -> DualNumber:
        return DualNumber(
            self.base.apply(name, order, a.value), self._times(a.slope, self.base.apply(name, order + 1, a.value))
        )

    def logsumexp(self, terms: Sequence[DualNumber]) -> DualNumber:
        b = self.base
        value = b.logsumexp([t.value for t in terms])
        slope = b.number(0)
        for t in terms:
            if not b.is_zero(t.slope):
                slope = b.add(slope, b.mul(t.slope, b.call("exp", b.add(t.value, self._minus(value)))))
        return DualNumber(value, slope)

    def positive(self, a: DualNumber) -> bool:
        return self.base.positive(a.value)

    def is_zero(self, a: DualNumber) -> bool:
        """Whether the value is 0; the slope does not count, because it is the value that chooses a branch."""
        return self.base.is_zero(a.value)

    def _minus(self, a: Any) -> Any:
        return self.base.mul(self.base.number(-1), a)

    def _times(self, slope: Any, a: Any) -> Any:
        """slope*a, where no slope means no product: most slopes are 0, and 0 times infinity is not wanted."""
        return slope if self.base.is_zero(slope) else self.base.mul(slope, a)
