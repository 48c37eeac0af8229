"""A finite field in which functions are encoded so that an identity which holds at random points holds for the reals.

A number is a value in ``F_p(i)``, the field of ``p**2`` elements, together with an exponent in ``F_q``, q = 2**61 - 1, where
p = k*q + 1 is a prime drawn from the seed. The pair is what makes exp a function: w has order q, and
``exp(x) = w**exponent(x)`` turns sums into products as it must, whichever way the argument was computed (the idea of two
fields is that of Mirage: Wu et al. 2025). Sums, products and quotients act on both parts.

Soundness. Every relation that is built in holds for real functions, and everything else is a random function of its argument:

- exp(a + b) = exp(a)*exp(b), exp(n*a) = exp(a)**n, exp(log(u)) = u, log(exp(u)) = u, exp(logsumexp(u)) = sum(exp(u)),
  log(1/u) = -log(u); sigmoid, softplus, tanh, sinh, cosh are rational in exp (softplus is its log), asinh, acosh, atanh are
  logarithms, all by definition;
- sqrt(u)**2 = u. The root of a non-residue is i times the root of -u, so most arguments have one; where one has none in
  F_p(i), and for roots that are not square, NotDecided is raised and the caller draws another field or falls back;
- the sign of u is its quadratic character. -1 is a non-residue, so that sign(-u) = -sign(u), sign(a*b) = sign(a)*sign(b),
  sqrt(u**2) = |u| and sign(exp(u)) = 1; p is such that the primes up to 19 are residues; rational constants keep their
  own sign. max, min, where, |.| and the reductions that choose follow from signs;
- sin and cos are (2t/(1 + t**2), (1 - t**2)/(1 + t**2)) for a random odd t of the argument, and tan their quotient; atan and
  asin are odd, acos is pi/2 - asin, normal_cdf is 1/2 plus an odd function, of which erf is another spelling; floor, pi and
  functions without a definition are random.

So a polynomial relation between values that fails for the reals fails here as well, but for a chance below degree/p < 2**-50,
with one exception: a claim that is wrong for one pattern of signs alone passes where that pattern is not drawn. One sign is a
fair coin for every field: claims with signs need several seeds, and k seeds leave at most 2**-k for every sign they hang on.
The reverse does not hold: a true identity that rests on something not listed (sums in trigonometric functions, an order that
is transitive, exp of exp) may fail here, so that a failure asks for a second opinion in high precision.

All is a pure function of the seed: two programs evaluated in one Field, or in equal ones, see the same functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any

from sympy import isprime

from symbp.calculus.numeric.numbers import EXACT, NotDecided, as_written
from symbp.calculus.numeric.quadratic import Pair, inverse, is_square, power, product, square_root

Q = 2**61 - 1
"""The prime in which exponents live."""

_SMALL = 8 * 3 * 5 * 7 * 11 * 13 * 17 * 19


@dataclass(frozen=True, slots=True)
class Element:
    """A number of a Field; equality is that of the value.

    `exponent` and `logs` say what exp makes of it: ``w**exponent`` times the product of ``u**c`` over the pairs of `logs`.
    `log` is the logarithm of an element that exp made, and `constant` the fraction that it is, where it is one.
    """

    value: Pair
    exponent: int
    logs: tuple[tuple[Element, Fraction], ...] = ()
    log: Element | None = None
    constant: Fraction | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Element) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


@lru_cache(maxsize=256)
def _prime(seed: int) -> int:
    """A prime k*Q + 1 that is -1 modulo 8 and modulo small odd primes, which makes -1 a non-residue and them residues."""
    k = -2 * pow(Q, -1, _SMALL) % _SMALL + _SMALL * (_hashed(seed, "prime") % 2**24)
    while not isprime(k * Q + 1):
        k += _SMALL
    return k * Q + 1


def _hashed(*parts: object) -> int:
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=32).digest(), "big")


@dataclass(frozen=True)
class Field:
    """The field drawn from `seed`; a number system for the evaluator (see the module's page for what it proves)."""

    seed: int = 0

    @cached_property
    def p(self) -> int:
        """The characteristic of the values."""
        return _prime(self.seed)

    @cached_property
    def _w(self) -> int:
        """A number of order Q modulo p."""
        w = pow(_hashed(self.seed, "w") % self.p, (self.p - 1) // Q, self.p)
        return w if w > 1 else pow(3, (self.p - 1) // Q, self.p)

    def random(self, *key: object) -> Element:
        """A random element: the value of a variable, named by `key`."""
        return self._element((_hashed(self.seed, "value", key) % self.p, 0), ("variable", key))

    def _element(self, value: Pair, key: object = None, log: Element | None = None) -> Element:
        """An element whose exponent is a random function of its value (or of a key)."""
        return Element(value, _hashed(self.seed, "exponent", value if key is None else key) % Q, log=log)

    def number(self, given: Any) -> Element:
        """A rational constant, or an element as it is."""
        if isinstance(given, Element):
            return given
        f = Fraction(given)
        if f.denominator % self.p == 0 or f.denominator % Q == 0 or (f and f.numerator % Q == 0):
            raise NotDecided(f"{f} has no place in this field")  # a multiple of Q would be 0 to exp
        value = f.numerator * pow(f.denominator, -1, self.p) % self.p
        return Element((value, 0), f.numerator * pow(f.denominator, -1, Q) % Q, constant=f)

    def add(self, a: Element, b: Element) -> Element:  # noqa: D102
        if a.constant == 0 or b.constant == 0:
            return b if a.constant == 0 else a
        p = self.p
        value = ((a.value[0] + b.value[0]) % p, (a.value[1] + b.value[1]) % p)
        if a.constant is not None and b.constant is not None:
            return self.number(a.constant + b.constant)
        logs = _joined(a.logs, b.logs) if a.logs or b.logs else ()
        return Element(value, (a.exponent + b.exponent) % Q, logs)

    def mul(self, a: Element, b: Element) -> Element:  # noqa: D102
        if a.constant is None and b.constant is not None:
            a, b = b, a
        value = product(a.value, b.value, self.p)
        if a.constant is not None:
            if a.constant == 0:
                return a
            constant = a.constant * b.constant if b.constant is not None else None
            logs = tuple((u, c * a.constant) for u, c in b.logs)
            log = b.log if a.constant == 1 else None
            return Element(value, a.exponent * b.exponent % Q, logs, log, constant)
        log = self.add(a.log, b.log) if a.log is not None and b.log is not None else None
        return Element(value, self._whole(a) * self._whole(b) % Q, (), log)

    def div(self, a: Element, b: Element) -> Element:  # noqa: D102
        return self.mul(a, self.power(b, Fraction(-1)))

    def _whole(self, a: Element) -> int:
        """The exponent with each logarithm in it replaced by a random number: exp loses sight of it in a product."""
        whole = a.exponent
        for u, c in a.logs:
            whole += self.number(c).exponent * _hashed(self.seed, "log", u.value)
        return whole % Q

    def power(self, a: Element, exponent: Fraction) -> Element:  # noqa: D102
        exponent = Fraction(exponent)
        if exponent == 1:
            return a
        if exponent == 0:
            return self.number(1)
        if self.is_zero(a):
            if exponent < 0:
                raise NotDecided("division by zero at this point")
            return self.number(0)
        log = self.mul(self.number(exponent), a.log) if a.log is not None else None
        n, d = exponent.numerator, exponent.denominator
        if d == 1:
            if a.constant is not None:
                return self.number(a.constant**n)
            whole = self._whole(a)
            if whole == 0 and n < 0:
                raise NotDecided("division by zero at this point")
            return Element(power(a.value, n, self.p), pow(whole, n, Q), (), log)
        if log is not None:
            return self.call("exp", log)
        if a.constant is not None:
            try:
                return self.number(EXACT.power(a.constant, exponent))
            except NotDecided:
                pass
        if d != 2:
            raise NotDecided(f"a power of {exponent}")
        root = square_root(a.value, self.p)
        if root is None:
            raise NotDecided("no square root at this point")
        return self._element(power(root, n, self.p))

    def call(self, name: str, *args: Element) -> Element:  # noqa: D102
        match name:
            case "pi":
                return self.random("the number pi")
            case "exp":
                return self._exp(args[0])
            case "log":
                return self._log(args[0])
            case "sqrt":
                return self.power(args[0], Fraction(1, 2))
            case "floor_of":
                return _floor(self, args[0])
        value: Element = as_written(self, name, args)
        return value

    def apply(self, name: str, order: int, a: Element) -> Element:  # noqa: D102
        return self.random("function", name, order, a.value)

    def logsumexp(self, terms: Sequence[Element]) -> Element:  # noqa: D102
        total = self.number(0)
        for t in terms:
            total = self.add(total, self._exp(t))
        return terms[0] if len(terms) == 1 else self._log(total)

    def positive(self, a: Element) -> bool:
        """The sign: a rational constant's own, a random one where the value is not in F_p, else the quadratic character."""
        if a.constant is not None:
            return a.constant > 0
        if a.log is not None:
            return True
        re, im = a.value
        if im:
            minus = ((-re) % self.p, (-im) % self.p)
            return (_hashed(self.seed, "sign", min(a.value, minus)) % 2 == 0) == (a.value < minus)
        return re != 0 and is_square(re, self.p)

    def is_zero(self, a: Element) -> bool:  # noqa: D102
        return a.value == (0, 0)

    def _exp(self, x: Element) -> Element:
        if self.is_zero(x) and not x.logs:
            return self.number(1)
        value: Pair = (pow(self._w, x.exponent, self.p), 0)
        for u, c in x.logs:
            factor = self.power(u, c)
            if len(x.logs) == 1 and c == 1 and x.exponent == 0:
                return u
            value = product(value, factor.value, self.p)
        return self._element(value, log=x)

    def _log(self, u: Element) -> Element:
        if u.log is not None:
            return u.log
        if u.constant == 1:
            return self.number(0)
        if self.is_zero(u):
            raise NotDecided("the logarithm of zero at this point")
        other = inverse(u.value, self.p)
        sign = Fraction(1)
        if other < u.value:
            u, sign = self.power(u, Fraction(-1)), Fraction(-1)
        value = int(sign) * _hashed(self.seed, "log of", u.value) % self.p
        return Element((value, 0), 0, ((u, sign),))

    def odd(self, name: str, a: Element) -> Element:
        """A random odd function."""
        if self.is_zero(a):
            return self.number(0)
        minus = self.mul(self.number(-1), a)
        if minus.value < a.value:
            return self.mul(self.number(-1), self.odd(name, minus))
        return self.random(name, a.value)


def _floor(field: Field, a: Element) -> Element:
    """The floor of a constant, else a random function."""
    return (
        field.number(EXACT.call("floor_of", a.constant)) if a.constant is not None else field.random("floor", a.value)
    )


def _joined(
    a: tuple[tuple[Element, Fraction], ...], b: tuple[tuple[Element, Fraction], ...]
) -> tuple[tuple[Element, Fraction], ...]:
    """The sum of two combinations of logarithms."""
    total: dict[Element, Fraction] = {}
    for u, c in (*a, *b):
        total[u] = total.get(u, Fraction(0)) + c
    return tuple((u, c) for u, c in total.items() if c)
