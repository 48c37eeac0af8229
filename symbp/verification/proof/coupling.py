"""On how many signs at once a formula hangs: random points meet every pattern of a few signs, and not of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy
from sympy import Expr, Indexed, Mul, Pow, Symbol

from symbp.calculus.functions import Apply, absolute, floor_of, maximum, minimum, sgn, step, where
from symbp.calculus.program import ScalarFunction, Statement, name_of
from symbp.calculus.reductions import Max, Prod, Reduction

_CHOOSING = (step, sgn, absolute, sympy.Abs, sympy.sign, maximum, minimum, floor_of)
ALL = 1000
"""As how many signs those of a whole axis count."""


def coupling(statements: Iterable[Statement], functions: Mapping[str, ScalarFunction]) -> int:
    """The largest number of signs that are multiplied with one another, or on which a further sign hangs, in the statements; what
    others define and they read is looked into as far as it is among them."""
    of: dict[str, int] = {}
    worst = 0
    for s in statements:
        of[s.target.name] = _of(s.body, functions, of)
        worst = max(worst, of[s.target.name])
    return worst


def _of(e: Expr, functions: Mapping[str, ScalarFunction], of: Mapping[str, int]) -> int:
    if isinstance(e, (Indexed, Symbol)):
        return of.get(name_of(e), 0) if not e.is_integer else 0
    if isinstance(e, Apply):
        function = functions.get(e.name)
        definition = function.at(e.arg, e.order) if function is not None else None
        return _of(e.arg if definition is None else definition, functions, of)
    if isinstance(e, Reduction):
        inside = _of(e.opened()[1], functions, of)
        if isinstance(e, Prod) and inside:
            return ALL
        return max(inside, 1) if isinstance(e, Max) else inside
    parts = [_of(a, functions, of) for a in e.args if isinstance(a, Expr)]
    if isinstance(e, _CHOOSING):
        summed = any(isinstance(a, Reduction) for a in e.atoms(Reduction))
        return ALL if summed and any(parts) else 1 + max(parts, default=0)
    if isinstance(e, where):
        return parts[0] + max(parts[1:])
    if isinstance(e, Mul):
        return sum(parts)
    if isinstance(e, Pow) and e.exp.is_Integer:
        return parts[0]  # a power of one sign is a sign
    return max(parts, default=0)
