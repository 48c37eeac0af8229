"""What a formula changes its course by: the signs that it chooses by, and zeros of what it divides by or takes roots of.

Between these, a formula is analytic: what it is on a small piece it is on the whole of it. Beyond one of them it may be another.
A choice is the expression whose sign decides. How much a formula hangs on at once is a degree: on how many signs, whose patterns
random points meet if they are few, and to which power on lengths, which as many lengths tell apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import sympy
from sympy import Expr, Indexed, Integer, Mul, Pow, Symbol

from symbp.calculus.functions import Apply, absolute, floor_of, maximum, minimum, sgn, step, where
from symbp.calculus.indices import Index
from symbp.calculus.passes import inline, may_inline
from symbp.calculus.program import ScalarFunction, Statement, elements, free_indices, name_of
from symbp.calculus.reductions import Max, Prod, Reduction, Sum
from symbp.verification.meaning.arrays import is_length
from symbp.verification.meaning.needs import needs_of
from symbp.verification.meaning.partials import in_order
from symbp.verification.proof.forms import is_element, is_long, watched
from symbp.verification.proof.ranges import Ranges

_CHOOSING = (step, sgn, absolute, sympy.Abs, sympy.sign, maximum, minimum, floor_of)
ALL = 1000
"""As how many signs those of a whole axis count."""


def choices(statements: Iterable[Statement], functions: Mapping[str, ScalarFunction]) -> list[Expr]:
    """What the bodies of some statements choose by, each once; functions are looked into."""
    kept = dict[Expr, None]()
    for body in dict.fromkeys(found for s in statements for found in _compared(s.body, functions)):
        if not body.is_number and -body not in kept:
            kept[body] = None
    return [*kept]


def _compared(e: Expr, functions: Mapping[str, ScalarFunction]) -> Iterator[Expr]:
    """Every expression whose sign decides something in `e`."""
    if isinstance(e, Max):
        index, body = e.opened()
        yield body.xreplace({index: Integer(0)}) - body.xreplace({index: Integer(1)})
    elif isinstance(e, (step, sgn, absolute, sympy.Abs, sympy.sign)):
        yield e.args[0]
    elif isinstance(e, floor_of):
        yield from (e.args[0] - k for k in range(2))
    elif isinstance(e, (maximum, minimum)):
        yield e.args[0] - e.args[1]
    for a in below(e, functions):
        yield from _compared(a, functions)


def below(e: Expr, functions: Mapping[str, ScalarFunction]) -> tuple[Expr, ...]:
    """What an expression is computed from: a reduction's body, a scalar function's definition, else its arguments; nothing of
    an element or an index."""
    if isinstance(e, (Indexed, Symbol)):
        return ()
    if isinstance(e, Reduction):
        return (e.opened()[1],)
    if isinstance(e, Apply):
        definition = functions[e.name].at(e.arg, e.order) if e.name in functions else None
        return (e.arg if definition is None else definition,)
    return tuple(a for a in e.args if isinstance(a, Expr))


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
    known = is_element(body) and name_of(body) in statements and may_inline(body, statements[name_of(body)])
    if known and not is_long(statements[name_of(body)].body):
        return (inline(body, {name_of(body): statements[name_of(body)]}),)
    return ()


def coupling(statements: Iterable[Statement], functions: Mapping[str, ScalarFunction]) -> int:
    """The largest number of signs that are multiplied with one another, or on which a further sign hangs, in the statements; what
    others define and they read is looked into as far as it is among them."""
    of: dict[str, int] = {}
    for s in statements:
        of[s.target.name] = _signs(s.body, functions, of)
    return max(of.values(), default=0)


def _signs(e: Expr, functions: Mapping[str, ScalarFunction], of: Mapping[str, int]) -> int:
    if isinstance(e, (Indexed, Symbol)):
        return of.get(name_of(e), 0) if not e.is_integer else 0
    parts = [_signs(a, functions, of) for a in below(e, functions)]
    if isinstance(e, Prod) and any(parts):
        return ALL
    if isinstance(e, Max):
        return max(*parts, 1)
    if isinstance(e, _CHOOSING):
        return ALL if e.atoms(Reduction) and any(parts) else 1 + max(parts, default=0)
    if isinstance(e, where):
        return parts[0] + max(parts[1:])
    if isinstance(e, Mul):
        return sum(parts)
    if isinstance(e, Pow) and e.exp.is_Integer:
        return parts[0]  # a power of one sign is a sign
    return max(parts, default=0)


def length_degree(statements: Iterable[Statement]) -> int:
    """The degree of the last statement, a claim's right side, in the lengths that it spells out, at most."""
    of, plain, last = (
        dict[str, int](),
        set[str](),
        0,
    )  # plain: the same wherever it stands, so that a sum of it is a length

    def is_plain(e: Expr) -> bool:
        return all(name_of(x) in plain for x in elements(e))

    for s in statements:
        last = of[s.target.name] = _degree(s.body, of, lambda e, inside: inside + is_plain(e.body), lengths=True)
        if is_plain(s.body):
            plain.add(s.target.name)
    return last


def whole_degree(statements: Iterable[Statement]) -> int:
    """How many numbers that are made of whole arrays the last statement multiplies: each may be a length, as the sum over a
    softmax is."""
    of, last = dict[str, int](), 0
    for s in statements:
        last = of[s.target.name] = _degree(
            s.body, of, lambda e, inside: max(inside, not free_indices(e)), lengths=False
        )
    return last


def _degree(e: Expr, of: Mapping[str, int], reduced: Callable[[Reduction, int], int], lengths: bool) -> int:
    """The degree of an expression, by those `of` the tensors in it; `reduced` is that of a reduction, and `lengths` says that
    lengths count, where the terms of a sum may be fractions."""
    if isinstance(e, (Indexed, Symbol)):
        return 1 if lengths and is_length(e) else 0 if isinstance(e, Index) else of.get(name_of(e), 0)
    if isinstance(e, Pow) and e.exp.is_Rational:
        return _degree(e.base, of, reduced, lengths) * max(1, abs(int(e.exp)))
    if isinstance(e, Reduction):
        return reduced(e, _degree(e.body, of, reduced, lengths))
    whole = _without_means(e) if lengths and isinstance(e, Mul) else e.args
    parts = [_degree(a, of, reduced, lengths) for a in whole if isinstance(a, Expr)]
    return sum(parts) if lengths or isinstance(e, Mul) else max(parts, default=0)


def _without_means(e: Mul) -> list[Expr]:
    """The factors of a product but for the lengths that its sums are divided by: a mean is no polynomial in a length."""
    axes = {inner.axis for a in e.args if isinstance(a, Sum) for inner in a.atoms(Sum)}
    over = {Pow(axis.size, -1) for axis in axes}
    return [a for a in e.args if a not in over]
