"""What a formula changes its course by: the signs that it chooses by, and zeros of what it divides by or takes roots of.

Between these, a formula is analytic: what it is on a small piece it is on the whole of it. Beyond one of them it may be another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy
from sympy import Expr, Mul, Pow

from symbp.calculus.functions import Apply, absolute
from symbp.calculus.passes import inline
from symbp.calculus.program import ScalarFunction, Statement, Tensor, name_of
from symbp.verification.meaning.needs import needs_of
from symbp.verification.proof.forms import is_element, is_long
from symbp.verification.proof.ranges import Ranges
from symbp.verification.proof.sign_choices import behind, choices


def branches(
    body: Expr, statements: Mapping[str, Statement], functions: Mapping[str, ScalarFunction], ranges: Ranges
) -> list[Expr]:
    """The expressions at whose zeros what stands in an expression may change its course, but for those with one sign; that the
    expression itself, or a factor of it, is zero changes nothing that it is asked for here."""
    found = dict[Expr, None]()
    for factor in factors(body, statements, functions):
        within = [s for s in _within(factor, statements) if s.body.args]
        chosen = [c.body for c in choices(within, functions)]
        for s in within:
            for _, base in needs_of(s.body, functions):
                chosen += factors(base, statements, functions)
        found.update((b, None) for b in chosen if not b.is_number and not ranges.one_sign(b))
    return [*found]


def factors(body: Expr, statements: Mapping[str, Statement], functions: Mapping[str, ScalarFunction]) -> Iterator[Expr]:
    """What is zero where an expression is: the factors of a product, what a power or an absolute value is of."""
    if isinstance(body, Mul):
        for a in body.args:
            yield from factors(a, statements, functions)
    elif isinstance(body, Pow) and body.exp.is_Rational and body.exp > 0:
        yield from factors(body.base, statements, functions)
    elif isinstance(body, (absolute, sympy.Abs)):
        yield from factors(body.args[0], statements, functions)
    elif isinstance(body, Apply) and _plain(body, functions) is not None:
        yield from factors(_plain(body, functions), statements, functions)
    elif is_element(body) and name_of(body) in statements and not is_long(statements[name_of(body)].body):
        yield from factors(inline(body, {name_of(body): statements[name_of(body)]}), statements, functions)
    elif not body.is_number:
        yield body


def _plain(e: Apply, functions: Mapping[str, ScalarFunction]) -> Expr | None:
    """A scalar function at its argument, where it is no more than a power or an absolute value."""
    definition = functions[e.name].at(e.arg, e.order) if e.name in functions else None
    return definition if isinstance(definition, (Pow, absolute, sympy.Abs)) else None


def _within(body: Expr, statements: Mapping[str, Statement]) -> tuple[Statement, ...]:
    """An expression as a statement, and those that it rests on."""
    return behind(Statement(Tensor("within_"), (), body), statements)
