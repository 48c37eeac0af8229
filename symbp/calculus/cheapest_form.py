"""The cheapest of a few equal forms of an expression: products cancelled, common factors in front, sums split or joined."""

from __future__ import annotations

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow

from symbp.calculus.contract import common_factors, contract, summed
from symbp.calculus.functions import absolute, sgn
from symbp.calculus.recognise_named import Names
from symbp.calculus.reductions import Reduction, Sum, opened_once, rewrite

_REDUCTION_COST = 6  # a reduction costs about as much as this many elementwise operations


def cost(expr: Expr) -> int:
    """How much it takes to evaluate and to read an expression: operations, with reductions counted as several."""
    if isinstance(expr, Reduction):
        return _REDUCTION_COST + cost(expr.body)
    if isinstance(expr, Indexed) or not expr.args:
        return 0
    if isinstance(expr, (Add, Mul)):
        signs = sum(a == -1 for a in expr.args) if isinstance(expr, Mul) else 0
        return len(expr.args) - 1 - signs + sum(cost(a) for a in expr.args)
    if isinstance(expr, Pow) and not isinstance(expr, sympy.exp):
        return 1 + cost(expr.base) + (0 if expr.exp.is_number else cost(expr.exp))
    return 1 + sum(cost(a) for a in expr.args)


def cheapest_form(expr: Expr, names: Names | None = None) -> Expr:
    """An equal expression that is no dearer: the cheapest of what cancelling, expanding and factoring give.

    `names` folds names and facts back into every candidate.
    """

    def folded(e: Expr) -> Expr:
        e = rewrite(contract(e), _signs)
        return names.fold(e) if names else e

    start = folded(expr)
    split = folded(distributed(start))
    candidates = [*dict.fromkeys((start, split))]
    made = dict.fromkeys(_rational(e, form) for e in candidates for form in (sympy.cancel, sympy.factor))
    candidates = [*dict.fromkeys((*candidates, *(e if e in candidates else folded(e) for e in made)))]
    candidates = [*dict.fromkeys((*candidates, *map(common_factors, candidates)))]
    candidates = [absorb_signs(e) for e in candidates]
    best = min(range(len(candidates)), key=lambda k: (cost(candidates[k]), k))
    return candidates[best]


def absorb_signs(expr: Expr) -> Expr:
    """A minus in front of a product goes into an addition there: ``-a*(a - 1)`` becomes ``a*(1 - a)``."""

    def absorb(node: Expr) -> Expr:
        if isinstance(node, Mul) and node.args[0].is_Rational and node.args[0] < 0:
            for f in node.args[1:]:
                if isinstance(f, Add) and any(t.could_extract_minus_sign() for t in f.args):
                    rest = [-g if g is node.args[0] else g for g in node.args if g is not f]
                    return Mul(*rest, Add(*[-t for t in f.args]))
        return node

    return rewrite(expr, absorb)


def _signs(node: Expr) -> Expr:
    """``z*sgn(z)`` is ``|z|`` and ``sgn(z)*|z|`` is ``z``, as factors of a product."""
    if isinstance(node, Mul):
        for f in node.args:
            if isinstance(f, sgn):
                (z,) = f.args
                for other, meaning in ((z, absolute(z)), (absolute(z), z)):
                    if other in node.args:
                        return node / f / other * meaning
    return node


def _rational(expr: Expr, form: object) -> Expr:
    """`form` (cancel or factor) applied to the expression as a rational function of its reductions, elements and functions."""
    atoms: dict[Expr, sympy.Dummy] = {}

    def hide(e: Expr) -> Expr:
        if isinstance(e, (Add, Mul)):
            return e.func(*[hide(a) for a in e.args])
        if isinstance(e, Pow) and e.exp.is_Integer and not isinstance(e, sympy.exp):
            return hide(e.base) ** e.exp
        if e.is_number:
            return e
        if isinstance(e, Sum):
            index, body = opened_once(e)
            e = Sum.over(_rational(body, form), index)
        return atoms.setdefault(e, sympy.Dummy(f"h{len(atoms):04d}", real=True))

    hidden = hide(expr)
    if not atoms or len(atoms) > 16:
        return expr
    try:
        result = form(hidden) if hidden.has(Add) else hidden  # type: ignore[operator]  # a product has no other form
    except sympy.PolynomialError:
        return expr
    return result.xreplace({dummy: e for e, dummy in atoms.items()})


def distributed(expr: Expr) -> Expr:
    """Every sum over an addition split into sums of single terms, constant factors pulled out."""

    def split(node: Expr) -> Expr:
        if not isinstance(node, Sum):
            return node
        index, body = node.opened()
        terms = Add.make_args(sympy.expand_mul(_plain(body)))
        return Add(*[summed(t, index) for t in terms])

    return sympy.expand_mul(rewrite(expr, split)) if not expr.has(KroneckerDelta) else expr


def _plain(body: Expr) -> Expr:
    """Powers of additions with small exponents written as products, so that expansion reaches them."""
    return sympy.expand_multinomial(body) if cost(body) < 40 else body
