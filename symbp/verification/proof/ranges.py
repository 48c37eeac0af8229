"""Bounds of an expression that hold at every point: what can be seen to have one sign, or never to be zero, without trying."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Symbol

from symbp.calculus.functions import Apply, absolute, maximum, minimum, step, where
from symbp.calculus.numeric.numbers import EXACT, FLOAT
from symbp.calculus.places import Within, is_plain
from symbp.calculus.primitives import BY_HEAD, BY_KEY, EVERYWHERE, Primitive
from symbp.calculus.program import ScalarFunction, Statement, Tensor, free_indices, indices_of, name_of
from symbp.calculus.reductions import First, LogSumExp, Max, Prod, Sum
from symbp.verification.proof.forms import canonical, is_element

Bound = Fraction | float
"""A number, exactly, or one of the infinities."""
Range = tuple[Bound, Bound]
ANY: Range = (-math.inf, math.inf)
_POSITIVE: Range = (0, math.inf)
_UNIT: Range = (0, 1)
_ROUNDING, _MOST_TERMS, _LARGEST = Fraction(1, 10**9), 8, 700


def _bounds(row: Primitive) -> Range:
    """Where the values of a function lie: bounds that are whole numbers exactly, others somewhat wider."""
    low, high = (Fraction(x) if float(x).is_integer() else x for x in row.range.bounds)
    return low if isinstance(low, Fraction) else _outward(low, -1), high if isinstance(high, Fraction) else _outward(
        high, 1
    )


def _exact(key: str) -> dict[Bound, Bound]:
    """The values of a function at 0 and 1 that are fractions."""
    found: dict[Bound, Bound] = {}
    for x in (0, 1):
        with contextlib.suppress(ArithmeticError, ValueError):
            found[x] = EXACT.call(key, Fraction(x))
    return found


def _outward(value: float | Fraction, sign: int) -> Bound:
    """A number that floats know, made safe: somewhat smaller, or larger."""
    if math.isinf(value):
        return value
    return Fraction(value) + sign * abs(Fraction(value)) * _ROUNDING


_RISING = {
    head: (row.key, _bounds(row), _exact(row.key)) for head, row in BY_HEAD.items() if row.rises and row.arguments == 1
}
"""Functions that rise: what each is called, all of its values, and values that are known exactly."""
_ALWAYS: dict[type[Expr], Range] = {
    **{h: _bounds(r) for h, r in BY_HEAD.items() if h not in _RISING and r.range is not EVERYWHERE and h is not absolute},
    sympy.sign: (-1, 1), KroneckerDelta: _UNIT, First: _UNIT, Within: _UNIT,
}  # fmt: skip
_BOUNDED = tuple(h for h in _RISING if not BY_HEAD[h].range.ends and all(map(math.isfinite, BY_HEAD[h].range.bounds)))
_NEVER_ZERO = tuple(h for h, row in BY_HEAD.items() if row.range.excludes(0))


@dataclass
class Ranges:
    """Bounds of expressions over tensors that `statements` define; `declared` tensors of the role constant are positive, and so
    are those named in `positive`, which may be zero; `known` expressions are not negative, and
    `fixed` ones a number (:func:`.forms.canonical`); elements of tensors lie `within` what is given of them."""

    statements: Mapping[str, Statement]
    declared: Mapping[str, Tensor]
    functions: Mapping[str, ScalarFunction]
    positive: frozenset[str] = frozenset()
    known: frozenset[Expr] = frozenset()
    fixed: Mapping[Expr, Fraction] = field(default_factory=dict)
    within: Mapping[str, Range] = field(default_factory=dict)
    kept: dict[str, Range] = field(default_factory=dict)

    def one_sign(self, e: Expr) -> bool:
        """Whether an expression is never negative, or never positive."""
        low, high = self.of(e)
        return low >= 0 or high <= 0

    def of(self, e: Expr) -> Range:
        """Bounds of an expression, as good as they come easily."""
        if e.is_number:
            return _of_number(e)
        if self.fixed and isinstance(e, Sum) and (total := self.fixed.get(canonical(e))) is not None:
            return total, total
        low, high = self.made(e)
        return (0, high) if low < 0 and self.known and canonical(e) in self.known else (low, high)

    def made(self, e: Expr) -> Range:
        """Bounds of an expression from those of its parts."""
        if type(e) in _ALWAYS:
            return _ALWAYS[type(e)]
        if type(e) in _RISING:
            return self.rising(e)
        if is_element(e):
            return self.tensor(e)
        if isinstance(e, Add):
            return self.total(e)
        if isinstance(e, Mul):
            return _product(self.of(a) for a in e.args)
        if isinstance(e, Pow):
            return self.power(e)
        if isinstance(e, (absolute, sympy.Abs)):
            low, high = self.of(e.args[0])
            return max(0, low, -high), max(high, -low)
        if isinstance(e, Apply):
            definition = self.definition(e)
            return ANY if definition is None else self.of(definition)
        if isinstance(e, (Max, Sum, LogSumExp, Prod)):
            return self.reduced(e)
        if isinstance(e, (maximum, minimum)):
            (a, b), (c, d) = (self.of(part) for part in e.args)
            return (max(a, c), max(b, d)) if isinstance(e, maximum) else (min(a, c), min(b, d))
        if isinstance(e, where):
            (a, b), (c, d) = (self.of(part) for part in e.args[1:])
            return min(max(a, 0) if self.settles(e.args[0], e.args[1]) else a, c), max(b, d)
        return ANY

    def settles(self, indicator: Expr, chosen: Expr) -> bool:
        """Whether what is chosen by an indicator is never negative because of it: ``where(x > 0, x, ...)``."""
        indicator = self.written(indicator)
        if isinstance(indicator, step):
            return self.never_negative_with(chosen, indicator.args[0])
        if isinstance(indicator, Mul):
            return any(self.settles(a, chosen) for a in indicator.args)
        rest = self.written(1 - indicator)
        if rest != 1 - indicator:
            return self.settles(1 - rest, chosen)
        return isinstance(rest, step) and self.never_negative_with(chosen, -rest.args[0])

    def never_negative_with(self, chosen: Expr, given: Expr) -> bool:
        """Whether an expression is not negative where another is not."""
        return self.of(chosen - given)[0] >= 0

    def definition(self, e: Apply) -> Expr | None:
        """What a scalar function is at its argument."""
        function = self.functions.get(e.name)
        return function.at(e.arg, e.order) if function is not None else None

    def written(self, e: Expr) -> Expr:
        """A tensor's element by its equation; anything else as it is."""
        while is_element(e) and is_plain(e) and name_of(e) in self.statements:
            e = self.statements[name_of(e)].at(indices_of(e))
        return e

    def rising(self, e: Expr) -> Range:
        """Bounds of a function that rises, from those of its argument."""
        name, (least, most), exact = _RISING[type(e)]

        def end(value: Bound, limit: Bound, sign: int) -> Bound:
            if value in exact:
                return exact[value]
            if not -_LARGEST <= value <= _LARGEST or BY_KEY[name].domain.excludes(value):
                return limit
            return _outward(FLOAT.call(name, float(value)), sign)

        low, high = self.of(e.args[0])
        return max(end(low, least, -1), least), min(end(high, most, 1), most)

    def tensor(self, e: Expr) -> Range:
        """Bounds of an element: those of its equation; read at a place, it may be 0."""
        if isinstance(e, Symbol) and e.is_integer:
            return 1, math.inf
        if not is_plain(e):
            low, high = self.of_tensor(name_of(e))
            return min(low, 0), max(high, 0)
        return self.of_tensor(name_of(e))

    def of_tensor(self, name: str) -> Range:
        """Bounds of a tensor's elements."""
        if name in self.within:
            return self.within[name]
        if name in self.declared:
            return _POSITIVE if self.declared[name].role == "constant" or name in self.positive else ANY
        if name not in self.kept:
            self.kept[name] = ANY
            if name in self.statements:
                self.kept[name] = self.of(self.statements[name].body)
        return self.kept[name]

    def total(self, e: Expr) -> Range:
        """Bounds of a sum; of a term and the maximum over terms like it that is taken off, together."""
        terms, parts = [*e.args], list[Range]()
        if len(terms) <= _MOST_TERMS:
            for sign, bounds in ((-1, (-math.inf, 0)), (1, (0, math.inf))):
                for top in [t for t in terms if t.could_extract_minus_sign() == (sign < 0)]:
                    below = next((t for t in terms if t is not top and self.beneath(-sign * t, sign * top)), None)
                    if below is not None and top in terms:
                        terms = [t for t in terms if t is not top and t is not below]
                        parts.append(bounds)
        parts += [self.of(t) for t in terms]
        if any(self.exceeds(root, e - root) for root in e.args if isinstance(root, Pow) and root.exp == sympy.S.Half):
            parts = [(0, sum((p[1] for p in parts), Fraction(0)))]
        return sum((p[0] for p in parts), Fraction(0)), sum((p[1] for p in parts), Fraction(0))

    def exceeds(self, root: Pow, rest: Expr) -> bool:
        """Whether a square root is at least as large as the rest of a sum, whatever its sign: ``sqrt(x**2 + 1) + x``."""
        return len(Add.make_args(rest)) <= _MOST_TERMS and self.of((root.base - rest**2).expand())[0] >= 0

    def power(self, e: Pow) -> Range:
        """Bounds of a power."""
        low, high = self.of(e.base)
        if not e.exp.is_Rational:
            return _POSITIVE
        n = Fraction(int(e.exp.p), int(e.exp.q))
        if n.denominator > 1:
            low, high = max(low, 0), max(high, 0)
        if n < 0:
            if low < 0 < high or (low < 0 and n.denominator > 1):
                return ANY if n % 2 else _POSITIVE
            ends = [_raised(low, -n), _raised(high, -n)]
            low, high = min(ends), max(ends)
            if high <= 0 and n % 2:
                return -math.inf if high == 0 else 1 / high, 0 if math.isinf(low) else 1 / low
            return (0 if math.isinf(high) else 1 / high), (math.inf if low == 0 else 1 / low)
        ends = [_raised(low, n), _raised(high, n)]
        if n.denominator == 1 and n % 2 == 0:
            return (0 if low < 0 < high else min(ends)), max(ends)
        return min(ends), max(ends)

    def reduced(self, e: Expr) -> Range:
        """Bounds of a reduction over an axis of any length."""
        low, high = self.of(e.opened()[1])
        if isinstance(e, Max):
            return low, high
        if isinstance(e, LogSumExp):
            return low, math.inf
        if isinstance(e, Prod):
            return (0 if low >= 0 else -1 if low >= -1 and high <= 1 else -math.inf), (
                1 if -1 <= low and high <= 1 else math.inf
            )
        return (low if low >= 0 else -math.inf), (high if high <= 0 else math.inf)

    def beneath(self, a: Expr, top: Expr) -> bool:
        """Whether `top` is a maximum, or a log-sum-exp, over terms of which `a` is one."""
        top = self.written(top)
        if isinstance(top, maximum):
            return a in top.args
        if not isinstance(top, (Max, LogSumExp)):
            return False
        return any(i.axis == top.axis and top.open(i) == a for i in free_indices(a))

    def is_apart(self, e: Add) -> bool:
        """Whether a sum is one less a probability, or its like: a number less what comes close to it and never is it."""
        if len(e.args) != 2 or not e.args[0].is_Rational:
            return False
        number, inner = e.args
        inner, sign = (-inner, 1) if inner.could_extract_minus_sign() else (inner, -1)
        inner = self.written(inner)
        if isinstance(inner, Apply):
            inner = self.definition(inner) or inner
        if isinstance(inner, sympy.exp):
            return bool(number * sign == 1) and self.of(inner.args[0])[1] <= 0  # a softmax of two numbers or more
        limits = _RISING[type(inner)][1] if isinstance(inner, _BOUNDED) else ()
        return Fraction(int(number.p), int(number.q)) * sign in limits

    def never_zero(self, e: Expr) -> bool:
        """Whether an expression is seen to be zero nowhere."""
        if e.is_number:
            return bool(e.is_nonzero)
        low, high = self.of(e)
        if low > 0 or high < 0 or isinstance(e, _NEVER_ZERO):
            return True
        if not is_plain(e):
            return False
        if is_element(e) and name_of(e) in self.statements:
            return self.never_zero(self.written(e))
        if isinstance(e, (Indexed, Symbol)):
            return name_of(e) in self.declared and self.declared[name_of(e)].role == "constant"
        if isinstance(e, Mul):
            return all(self.never_zero(a) for a in e.args)
        if isinstance(e, (Pow, absolute, sympy.Abs)):
            return self.never_zero(e.args[0])
        if isinstance(e, Apply):
            definition = self.definition(e)
            return definition is not None and self.never_zero(definition)
        if isinstance(e, (Sum, Max, Prod)):
            inside = e.opened()[1]
            return (isinstance(e, Prod) or self.of(inside)[0] >= 0) and self.never_zero(inside)
        if isinstance(e, Add):
            ranges = [self.of(a) for a in e.args]
            if self.is_apart(e):
                return True
            same = all(r[0] >= 0 for r in ranges) or all(r[1] <= 0 for r in ranges)
            return same and any(self.never_zero(a) for a in e.args)
        if isinstance(e, maximum):
            return any(self.of(a)[0] >= 0 and self.never_zero(a) for a in e.args)
        if isinstance(e, where):
            return all(self.never_zero(a) for a in e.args[1:])
        return False


def _of_number(e: Expr) -> Range:
    if e.is_Rational:
        value = Fraction(int(e.p), int(e.q))
        return value, value
    if not e.is_real:
        return ANY
    return (_outward(float(e), -1), _outward(float(e), 1)) if math.isfinite(float(e)) else ANY


def _raised(value: Bound, n: Fraction) -> Bound:
    """A power of an end of a range; of a number that is not negative where the exponent is no whole one."""
    if math.isinf(value):
        return math.inf if value > 0 or n % 2 == 0 else -math.inf
    if value in (0, 1):
        return value
    if n.denominator == 1 and n <= 64:
        return Fraction(value) ** int(n)
    try:
        found = float(value) ** float(n)
    except OverflowError:
        return math.inf
    return Fraction(found) if found and math.isfinite(found) else math.inf if found else Fraction(0)


def _product(parts: Iterable[Range]) -> Range:
    low: Bound = Fraction(1)
    high: Bound = Fraction(1)
    for a, b in parts:
        ends: list[Bound] = [x * y if x and y else Fraction(0) for x in (low, high) for y in (a, b)]
        low, high = min(ends), max(ends)
    return low, high
