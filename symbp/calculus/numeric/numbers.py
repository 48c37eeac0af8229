"""Number systems for the evaluator: floats, exact fractions, many digits; the field stands beside this file.

A number system is a small frozen object that says how to add, multiply, divide, raise to a rational power and call a
function by its name. Nothing here is shared with generated code, and nothing here differentiates.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

import mpmath

from symbp.calculus.primitives import BY_KEY, EVERYWHERE, PRIMITIVES


class NotDecided(ArithmeticError):
    """A number system cannot evaluate this exactly, or not at this point; the caller draws another point or falls back."""


class Numbers(Protocol):
    """What the evaluator asks of a number system; the numbers themselves are opaque to it.

    `call` takes the keys of the table of functions; ``call("pi")`` is the constant. `apply` is an uninterpreted function of one
    argument, differentiated `order` times. `positive` compares with 0, `is_zero` is exact equality with 0.
    """

    def number(self, given: Any) -> Any:
        """A Fraction, int, float or number of this system as a number of this system."""

    def add(self, a: Any, b: Any) -> Any:
        """a + b."""

    def mul(self, a: Any, b: Any) -> Any:
        """a*b."""

    def div(self, a: Any, b: Any) -> Any:
        """a/b; ArithmeticError where b is 0."""

    def power(self, a: Any, exponent: Fraction) -> Any:
        """a**exponent, the positive real root for a positive a; ArithmeticError where there is no real value."""

    def call(self, name: str, *args: Any) -> Any:
        """A scalar function by name."""

    def apply(self, name: str, order: int, a: Any) -> Any:
        """An uninterpreted function."""

    def logsumexp(self, terms: Sequence[Any]) -> Any:
        """log(sum(exp(terms)))."""

    def positive(self, a: Any) -> bool:
        """Whether a > 0."""

    def is_zero(self, a: Any) -> bool:
        """Whether a == 0."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A number with its system, so that a rule of the table of functions reads as the formula that it is."""

    numbers: Any
    raw: Any

    def number(self, given: Any) -> Operand:
        """A constant of the same system."""
        return given if isinstance(given, Operand) else Operand(self.numbers, self.numbers.number(given))

    def call(self, name: str) -> Operand:
        """A function of it."""
        return Operand(self.numbers, self.numbers.call(name, self.raw))

    def odd(self, name: str) -> Operand:
        """An odd function of it of which nothing else is known."""
        return Operand(self.numbers, self.numbers.odd(name, self.raw))

    def exp(self) -> Operand:
        """The exponential."""
        return self.call("exp")

    def log(self) -> Operand:
        """The logarithm."""
        return self.call("log")

    def sqrt(self) -> Operand:
        """The root."""
        return Operand(self.numbers, self.numbers.power(self.raw, Fraction(1, 2)))

    def pi(self) -> Operand:
        """The constant."""
        return Operand(self.numbers, self.numbers.call("pi"))

    def is_zero(self) -> bool:
        """Whether it is 0."""
        return bool(self.numbers.is_zero(self.raw))

    def is_positive(self) -> bool:
        """Whether it is above 0."""
        return bool(self.numbers.positive(self.raw))

    def __add__(self, other: Any) -> Operand:
        return Operand(self.numbers, self.numbers.add(self.raw, self.number(other).raw))

    def __radd__(self, other: Any) -> Operand:
        return self.number(other) + self

    def __neg__(self) -> Operand:
        return self.number(-1) * self

    def __sub__(self, other: Any) -> Operand:
        return self + -self.number(other)

    def __rsub__(self, other: Any) -> Operand:
        return self.number(other) - self

    def __mul__(self, other: Any) -> Operand:
        return Operand(self.numbers, self.numbers.mul(self.raw, self.number(other).raw))

    def __rmul__(self, other: Any) -> Operand:
        return self.number(other) * self

    def __truediv__(self, other: Any) -> Operand:
        return Operand(self.numbers, self.numbers.div(self.raw, self.number(other).raw))

    def __rtruediv__(self, other: Any) -> Operand:
        return self.number(other) / self


BY_SIGN = tuple(p.key for p in PRIMITIVES if p.chooses and p.written is not None)
"""The functions that choose by a sign, whose values are arguments and whole numbers."""


def as_written(numbers: Any, name: str, args: tuple[Any, ...]) -> Any:
    """The value of a function by values of others, as the table writes it.

    Raises
    ------
    ValueError : where there is no such function
    """
    row = BY_KEY.get(name)
    if row is None or row.written is None:
        raise ValueError(f"no function {name!r}; known are {', '.join(BY_KEY)}")
    return row.written(*(Operand(numbers, a) for a in args)).raw


_WHOLE = {("exp", Fraction(0)): Fraction(1), ("log", Fraction(1)): Fraction(0), ("acos", Fraction(1)): Fraction(0)}


@dataclass(frozen=True)
class Exact:
    """Fractions: sums, products, rational powers that come out even, and whatever chooses by a sign."""

    def number(self, given: Any) -> Fraction:
        """Exactly the number given; a float stands for the fraction that it is."""
        return Fraction(given)

    def add(self, a: Fraction, b: Fraction) -> Fraction:  # noqa: D102
        return a + b

    def mul(self, a: Fraction, b: Fraction) -> Fraction:  # noqa: D102
        return a * b

    def div(self, a: Fraction, b: Fraction) -> Fraction:  # noqa: D102
        return a / b

    def power(self, a: Fraction, exponent: Fraction) -> Fraction:  # noqa: D102
        root = _root(a, exponent.denominator)
        if root is None:
            raise NotDecided(f"({a})**({exponent}) is no fraction")
        return root**exponent.numerator

    def call(self, name: str, *args: Fraction) -> Fraction:  # noqa: D102
        if name == "floor_of":
            return Fraction(math.floor(args[0]))
        if name == "sqrt":
            return self.power(args[0], Fraction(1, 2))
        if (name, *args) in _WHOLE:
            return _WHOLE[name, args[0]]
        try:
            if name not in ("exp", "log", "pi"):
                value: Fraction = as_written(self, name, args)
                return value
        except NotDecided:
            pass
        raise NotDecided(f"{name}({', '.join(map(str, args))}) is no fraction")

    def odd(self, name: str, a: Fraction) -> Fraction:
        """An odd function of which nothing is known but its value at 0."""
        if a == 0:
            return a
        raise NotDecided(f"{name}({a}) is not known")

    def apply(self, name: str, order: int, a: Fraction) -> Fraction:  # noqa: D102
        raise NotDecided(f"{name} has no definition")

    def logsumexp(self, terms: Sequence[Fraction]) -> Fraction:  # noqa: D102
        if len(terms) == 1:
            return terms[0]
        raise NotDecided("a logarithm of a sum of exponentials is no fraction")

    def positive(self, a: Fraction) -> bool:  # noqa: D102
        return a > 0

    def is_zero(self, a: Fraction) -> bool:  # noqa: D102
        return a == 0


def _root(a: Fraction, n: int) -> Fraction | None:
    """The n-th root of a fraction where it is one."""
    if n == 1:
        return a
    if a < 0 or (a != 0 and any(1 < part and part.bit_length() <= n for part in a.as_integer_ratio())):
        return None  # the n-th root of a whole number below 2**n lies between 1 and 2
    parts = [
        round(mpmath.mp.root(part, n)) if part < 2**50 else _integer_root(part, n) for part in a.as_integer_ratio()
    ]
    root = Fraction(parts[0], parts[1])
    return root if root**n == a else None


def _integer_root(m: int, n: int) -> int:
    low, high = 0, 1 << (m.bit_length() // n + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**n <= m else (low, middle - 1)
    return low


_IN_LIBRARY = frozenset(p.key for p in PRIMITIVES if p.value is not None or (p.head and hasattr(math, p.key))) | {
    "sqrt"
}


@dataclass(frozen=True)
class Real:
    """Floating point: Python's with ``digits = 0``, else mpmath's with so many decimal digits; functions in stable form.

    `seed` says which functions stand for those without a definition.
    """

    digits: int = 0
    seed: int = 0

    @property
    def _math(self) -> Any:
        return _library(self.digits)

    def number(self, given: Any) -> Any:  # noqa: D102
        if self.digits == 0:
            return float(given)
        if isinstance(given, Fraction):
            return self._math.mpf(given.numerator) / given.denominator
        return self._math.mpf(float(given) if hasattr(given, "dtype") else given)

    def add(self, a: Any, b: Any) -> Any:  # noqa: D102
        return a + b

    def mul(self, a: Any, b: Any) -> Any:  # noqa: D102
        return a * b

    def div(self, a: Any, b: Any) -> Any:  # noqa: D102
        return a / b

    def power(self, a: Any, exponent: Fraction) -> Any:  # noqa: D102
        if exponent.denominator == 1:
            return a**exponent.numerator
        if a < 0:
            raise ArithmeticError(f"({a})**({exponent}) has no real value")
        if exponent.denominator == 2:
            return self._math.sqrt(a) ** exponent.numerator
        return a ** self.number(exponent)

    def call(self, name: str, *args: Any) -> Any:  # noqa: D102
        if name == "pi":
            return +self._math.pi
        if name == "exp":
            return self._exp(args[0])
        if name == "floor_of":
            return self.number(math.floor(args[0]))
        if name not in _IN_LIBRARY:
            return as_written(self, name, args)
        row = BY_KEY[name]
        if row.domain is not EVERYWHERE and row.domain.excludes(args[-1]):
            raise ArithmeticError(f"{name}({args[-1]}) has no real value")
        if row.value is not None:
            return row.value(self._math, *args)
        function: Callable[..., Any] = getattr(self._math, name)
        return function(*args)

    def _exp(self, a: Any) -> Any:
        try:
            return self._math.exp(a)
        except OverflowError:
            return math.inf

    def apply(self, name: str, order: int, a: Any) -> Any:
        """The function called `name`, with no definition: some analytic function, another one for every seed."""
        waves, cubic = _function(name, self.seed)
        turn = self._math.pi / 2 * order
        total = self.number(cubic) * (math.perm(3, order) if order <= 3 else 0) * a ** max(0, 3 - order)
        for parts in waves:  # A*sin(b*a + c), differentiated by hand here
            size, slope, start = map(self.number, parts)
            total += size * slope**order * self._math.sin(slope * a + start + turn)
        return total

    def logsumexp(self, terms: Sequence[Any]) -> Any:  # noqa: D102
        top = max(terms)
        return top + self._math.log(sum(self._exp(t - top) for t in terms))

    def positive(self, a: Any) -> bool:  # noqa: D102
        return bool(a > 0)

    def is_zero(self, a: Any) -> bool:  # noqa: D102
        return bool(a == 0)


@lru_cache(maxsize=1024)
def _function(name: str, seed: int) -> tuple[tuple[tuple[Fraction, ...], ...], Fraction]:
    """What stands for a function without a definition: sizes, slopes and starts of waves, and a multiple of the cube."""
    chance = random.Random(f"{name} {seed}")
    waves = tuple(tuple(Fraction(chance.randrange(20, 160), 100) for _ in range(3)) for _ in range(2))
    return waves, Fraction(chance.randrange(1, 20), 50)


@lru_cache(maxsize=8)
def _library(digits: int) -> Any:
    if digits == 0:
        return math
    context = mpmath.MPContext()
    context.dps = digits
    return context


FLOAT = Real()
HIGH = Real(50)
EXACT = Exact()
