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


class NotDecided(ArithmeticError):
    """A number system cannot evaluate this exactly, or not at this point; the caller draws another point or falls back."""


class Numbers(Protocol):
    """What the evaluator asks of a number system; the numbers themselves are opaque to it.

    `call` takes the names of :data:`FUNCTIONS`; ``call("pi")`` is the constant. `apply` is an uninterpreted function of one
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


SMOOTH = ("exp", "log", "sqrt", "tanh", "sin", "cos", "atan", "sinh", "cosh", "sigmoid", "softplus", "normal_cdf")
FUNCTIONS = (*SMOOTH, "pi", "step", "sgn", "absolute", "floor_of", "maximum", "minimum", "xlogy")


def by_sign(numbers: Numbers, name: str, args: tuple[Any, ...]) -> Any:
    """The functions that choose by a sign, for any number system: step, sgn, absolute, maximum and minimum."""
    a = args[0]
    minus = numbers.number(-1)
    if name in ("maximum", "minimum"):
        b = args[1]
        first, second = (b, a) if name == "maximum" else (a, b)
        return b if numbers.positive(numbers.add(first, numbers.mul(minus, second))) else a
    if numbers.is_zero(a):
        return numbers.number(0)
    positive = numbers.positive(a)
    if name == "absolute":
        return a if positive else numbers.mul(minus, a)
    return numbers.number(1 if positive else 0 if name == "step" else -1)


_AT_ZERO = {name: Fraction(0) for name in ("tanh", "sin", "atan", "sinh", "log", "xlogy")}  # log at 1
_AT_ZERO |= {"exp": Fraction(1), "cos": Fraction(1), "cosh": Fraction(1)}
_AT_ZERO |= {"sigmoid": Fraction(1, 2), "normal_cdf": Fraction(1, 2)}
BY_SIGN = ("step", "sgn", "absolute", "maximum", "minimum")


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
        if name in BY_SIGN:
            value: Fraction = by_sign(self, name, args)
            return value
        if name == "floor_of":
            return Fraction(math.floor(args[0]))
        if name == "sqrt":
            return self.power(args[0], Fraction(1, 2))
        if name == "xlogy" and args[0] == 0:
            return Fraction(0)
        if name in _AT_ZERO and args[-1] == (1 if name in ("log", "xlogy") else 0):
            return _AT_ZERO[name]
        raise NotDecided(f"{name}({', '.join(map(str, args))}) is no fraction")

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
        if name in BY_SIGN:
            return by_sign(self, name, args)
        m = self._math
        if name == "pi":
            return +m.pi
        a = args[0]
        if name == "exp":
            return self._exp(a)
        if name == "floor_of":
            return self.number(math.floor(a))
        if name == "sigmoid":
            e = self._exp(-abs(a))
            return (1 if a >= 0 else e) / (1 + e)
        if name == "softplus":
            return max(a, 0 * a) + m.log1p(self._exp(-abs(a)))
        if name == "normal_cdf":
            return m.erfc(-a / m.sqrt(self.number(2))) / 2
        if name == "xlogy":
            return 0 * a if a == 0 else a * self.call("log", args[1])
        if name in ("log", "sqrt") and (a < 0 or (name == "log" and a == 0)):
            raise ArithmeticError(f"{name}({a}) has no real value")
        if name not in FUNCTIONS:
            raise ValueError(f"no function {name!r}; known are {', '.join(FUNCTIONS)}")
        function: Callable[[Any], Any] = getattr(m, name)
        return function(a)

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
