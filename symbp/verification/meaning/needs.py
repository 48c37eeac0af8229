"""Where a formula has a value: what roots, logarithms, quotients and powers ask of what they are applied to.

An algebra system forgets that at once: it makes one of ``sqrt(x)/sqrt(x)``, and nothing of ``0*log(x)``. So a condition is kept
when the operation is given its meaning, before anything is simplified.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import sympy
from sympy import Expr, Indexed, Integer, KroneckerDelta, Mul, Pow

from symbp.calculus.functions import Apply, Z, absolute, step, where
from symbp.calculus.indices import Index
from symbp.calculus.matrix_functions import MatrixFunction, det
from symbp.calculus.primitives import BY_HEAD, EVERYWHERE, PRIMITIVES, Primitive
from symbp.calculus.primitives.matrices import MATRIX_BY_HEAD
from symbp.calculus.program import ScalarFunction, Statement, free_indices
from symbp.calculus.reductions import First, Reduction

Need = Literal["not negative", "positive", "not zero"]
Needs = tuple[tuple[Need, Expr], ...]
INDICATORS = (step, KroneckerDelta, First)
"""What is 0 or 1: where it is 0, a product has the value 0 whatever stands beside it (Iverson's convention)."""


def indices_in(body: Expr) -> tuple[Index, ...]:
    """The free indices of an expression, in the order of their names."""
    return tuple(sorted(free_indices(body), key=lambda i: i.name))


@dataclass(frozen=True)
class Condition:
    """What must hold of `body` at every value of its free indices for a formula to have a value; `statements` are behind it."""

    need: Need
    body: Expr
    statements: tuple[Statement, ...] = ()

    def only_where(self, indicator: Expr) -> Condition:
        """The condition where an indicator is 1; elsewhere nothing is asked."""
        return replace(self, body=guarded(indicator, self.body))


def guarded(indicator: Expr, body: Expr) -> Expr:
    """The body where an indicator is 1, and a number that meets any condition elsewhere."""
    return where(indicator, body, Integer(1))


def needs_of_power(base: Expr, exponent: Expr) -> Needs:
    """What a power asks of its base; a root of a negative number has no value here, not even a cube root."""
    if exponent.is_integer:
        return () if exponent.is_nonnegative else (("not zero", base),)
    if exponent.is_Rational:
        return (("not negative" if exponent > 0 else "positive", base),)
    return (("positive", base),)


def needs_of_primitive(row: Primitive) -> Callable[..., Needs]:
    """What a scalar function asks of its last argument: that it lies in the domain."""
    low, high = row.domain.bounds
    need: Need = "not negative" if row.domain.ends else "positive"

    def needs(*args: Expr) -> Needs:
        inside = [args[-1] - _exactly(low)] if math.isfinite(low) else []
        inside += [_exactly(high) - args[-1]] if math.isfinite(high) else []
        return tuple((need, body) for body in inside)

    return needs


def _exactly(bound: float) -> Expr:
    return sympy.Rational(Fraction(bound))


PARTIAL: Mapping[str, Callable[..., Needs]] = {
    **{n: needs_of_primitive(p) for p in PRIMITIVES if p.domain is not EVERYWHERE for n in (p.name, *p.aliases)},
    "divide": lambda _, b: (("not zero", b),),
    "/": lambda _, b: (("not zero", b),),
    "pow": needs_of_power,
    "**": needs_of_power,
    "xlogy": lambda a, b: (("positive", guarded(step(absolute(a)), b)),),
}
"""For each operation without a value everywhere, what it asks of its arguments."""


def asked(name: str, args: Sequence[Expr]) -> Needs:
    """What an operation asks of its arguments, but for numbers that meet it."""
    make = PARTIAL.get(name)
    return tuple(n for n in make(*args) if not met(*n)) if make is not None else ()


def met(need: Need, value: Expr) -> bool:
    """Whether a number meets a condition; what is no number is not known to."""
    if not value.is_number:
        return False
    return bool(
        {"not zero": value.is_nonzero, "positive": value.is_positive, "not negative": value.is_nonnegative}[need]
    )


@lru_cache(maxsize=512)
def of_function(function: ScalarFunction, order: int) -> Needs:
    """What a scalar function, differentiated `order` times, asks of its argument Z."""
    definition = function.at(Z, order)
    return () if definition is None else tuple(needs_of(definition, {}))


def needs_of(e: Expr, functions: Mapping[str, ScalarFunction]) -> Iterator[tuple[Need, Expr]]:
    """What an expression asks of its parts, as far as it is still to be seen in it; scalar functions are looked into."""
    if isinstance(e, Reduction):
        yield from needs_of(e.opened()[1], functions)
        return
    if isinstance(e, MatrixFunction) and MATRIX_BY_HEAD[type(e)].invertible:
        yield "not zero", det(e.array)
    if isinstance(e, Apply):
        yield from needs_of(e.arg, functions)
        if e.name in functions:
            yield from ((need, body.xreplace({Z: e.arg})) for need, body in of_function(functions[e.name], e.order))
        return
    if isinstance(e, (Indexed, First)) or not e.args:
        return
    if isinstance(e, where):
        chosen, yes, no = e.args
        yield from needs_of(chosen, functions)
        yield from ((need, guarded(chosen, body)) for need, body in needs_of(yes, functions))
        yield from ((need, guarded(1 - chosen, body)) for need, body in needs_of(no, functions))
        return
    if isinstance(e, Mul):
        gate = Mul(*(a for a in e.args if isinstance(a, INDICATORS)))
        for a in e.args:
            found = needs_of(a, functions)
            yield from found if gate == 1 or isinstance(a, INDICATORS) else ((n, guarded(gate, b)) for n, b in found)
        return
    if isinstance(e, Pow) and not isinstance(e, sympy.exp):
        yield from (n for n in needs_of_power(e.base, e.exp) if not met(*n))
    elif type(e) in BY_HEAD:
        yield from asked(BY_HEAD[type(e)].name, e.args)
    for a in e.args:
        if isinstance(a, Expr):
            yield from needs_of(a, functions)


def gate_of(e: Expr) -> Expr:
    """The indicators among the factors of an expression, multiplied."""
    return Mul(*(a for a in Mul.make_args(e) if isinstance(a, INDICATORS)))
