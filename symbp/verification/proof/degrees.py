"""How much a formula hangs on at once: on how many signs, whose patterns random points meet if they are few, and to which degree
on lengths, which as many lengths tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import sympy
from sympy import Expr, Indexed, Mul, Pow, Symbol

from symbp.calculus.functions import Apply, absolute, floor_of, maximum, minimum, sgn, step, where
from symbp.calculus.indices import Index
from symbp.calculus.program import ScalarFunction, Statement, elements, free_indices, name_of
from symbp.calculus.reductions import Max, Prod, Reduction, Sum
from symbp.verification.meaning.arrays import is_length

_CHOOSING = (step, sgn, absolute, sympy.Abs, sympy.sign, maximum, minimum, floor_of)
ALL = 1000
"""As how many signs those of a whole axis count."""


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
    if isinstance(e, Apply):
        function = functions.get(e.name)
        definition = function.at(e.arg, e.order) if function is not None else None
        return _signs(e.arg if definition is None else definition, functions, of)
    if isinstance(e, Reduction):
        inside = _signs(e.body, functions, of)
        if isinstance(e, Prod) and inside:
            return ALL
        return max(inside, 1) if isinstance(e, Max) else inside
    parts = [_signs(a, functions, of) for a in e.args if isinstance(a, Expr)]
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
