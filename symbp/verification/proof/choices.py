"""What a formula changes its course by: the signs that it chooses by, and zeros of what it divides by or takes roots of.

Between these, a formula is analytic: what it is on a small piece it is on the whole of it. Beyond one of them it may be another.
A choice is the expression whose sign decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import sympy
from sympy import Expr, Indexed, Integer, Mul, Pow

from symbp.calculus.functions import Apply, absolute, floor_of, maximum, minimum, sgn, step
from symbp.calculus.passes import inline
from symbp.calculus.program import ScalarFunction, Statement, elements, name_of
from symbp.calculus.reductions import Max, Reduction
from symbp.verification.meaning.needs import needs_of
from symbp.verification.meaning.partials import in_order
from symbp.verification.proof.forms import is_element, is_long, watched
from symbp.verification.proof.ranges import Ranges


def choices(statements: Iterable[Statement], functions: Mapping[str, ScalarFunction]) -> list[Expr]:
    """What the bodies of some statements choose by, each once; functions are looked into."""
    kept = dict[Expr, None]()
    for body in dict.fromkeys(found for s in statements for found in _compared(s.body, functions)):
        if not body.is_number and -body not in kept:
            kept[body] = None
    return [*kept]


def _compared(e: Expr, functions: Mapping[str, ScalarFunction]) -> Iterator[Expr]:
    """Every expression whose sign decides something in `e`."""
    if isinstance(e, Indexed):
        return
    if isinstance(e, Reduction):
        index, body = e.opened()
        if isinstance(e, Max):
            yield body.xreplace({index: Integer(0)}) - body.xreplace({index: Integer(1)})
        yield from _compared(body, functions)
        return
    if isinstance(e, Apply):
        function = functions.get(e.name)
        definition = function.at(e.arg, e.order) if function is not None else None
        yield from _compared(definition if definition is not None else e.arg, functions)
        return
    if isinstance(e, (step, sgn, absolute, sympy.Abs, sympy.sign)):
        yield e.args[0]
    elif isinstance(e, floor_of):
        yield from (e.args[0] - k for k in range(2))
    elif isinstance(e, (maximum, minimum)):
        yield e.args[0] - e.args[1]
    for a in e.args:
        if isinstance(a, Expr):
            yield from _compared(a, functions)


def branches(
    body: Expr, statements: Mapping[str, Statement], functions: Mapping[str, ScalarFunction], ranges: Ranges
) -> list[Expr]:
    """The expressions at whose zeros what stands in an expression may change its course, but for those with one sign; that the
    expression itself, or a factor of it, is zero changes nothing that it is asked for here."""
    found = dict[Expr, None]()
    for factor in factors(body, statements, functions):
        within = (*in_order((name_of(e) for e in elements(factor)), statements), watched(factor))
        within = tuple(s for s in within if s.body.args)
        chosen = choices(within, functions)
        for s in within:
            for _, base in needs_of(s.body, functions):
                chosen += factors(base, statements, functions)
        found.update((b, None) for b in chosen if not b.is_number and not ranges.one_sign(b))
    return [*found]


def factors(body: Expr, statements: Mapping[str, Statement], functions: Mapping[str, ScalarFunction]) -> Iterator[Expr]:
    """What is zero where an expression is: the factors of a product, what a power or an absolute value is of."""
    if body.is_number:
        return
    parts = inside(body, statements, functions)
    if not parts:
        yield body
    for part in parts:
        yield from factors(part, statements, functions)


def inside(
    body: Expr, statements: Mapping[str, Statement], functions: Mapping[str, ScalarFunction]
) -> tuple[Expr, ...]:
    """Parts of which one is zero where the whole is; none where there is no more to be seen."""
    if isinstance(body, Mul):
        return tuple(body.args)
    if isinstance(body, (absolute, sympy.Abs)) or (isinstance(body, Pow) and body.exp.is_Rational and body.exp > 0):
        return (body.args[0],)
    if isinstance(body, Apply) and body.name in functions:
        definition = functions[body.name].at(body.arg, body.order)
        return (definition,) if isinstance(definition, (Pow, absolute, sympy.Abs)) else ()
    if is_element(body) and name_of(body) in statements and not is_long(statements[name_of(body)].body):
        return (inline(body, {name_of(body): statements[name_of(body)]}),)
    return ()
