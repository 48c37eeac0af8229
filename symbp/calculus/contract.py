"""Contraction: a sum over an index meets a Kronecker delta, a constant, or a factor that does not depend on the index.

Only linear structure is touched: a sum is distributed over an addition where a delta (or a term without the index) asks for
it, and stays whole elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow

from symbp.calculus.functions import absolute, maximum, minimum, normal_cdf, sgn, sigmoid, softplus, step, where
from symbp.calculus.indices import Index
from symbp.calculus.lengths import length_of
from symbp.calculus.places import Place, Within, beyond, certain, never, never_inside, never_outside, solved, surely
from symbp.calculus.reductions import Reduction, Sum, opened_once, rewrite


def contract(expr: Expr) -> Expr:
    """Carry out every sum over a Kronecker delta, pull constant factors out of sums, and count sums of constants.

    Parameters
    ----------
    expr : an expression in index form; its free indices stay as they are

    Returns
    -------
    An equal expression in which no Sum binds an index of a delta that is a factor of a term.
    """
    if not expr.has(Sum, KroneckerDelta):
        return expr
    if isinstance(expr, Sum):
        index, body = opened_once(expr)
        return summed(contract(body), index)
    if isinstance(expr, Reduction):
        index, body = opened_once(expr)
        return type(expr).over(contract(body), index)
    if isinstance(expr, KroneckerDelta) or not expr.args:
        return sympy.S.Zero if isinstance(expr, KroneckerDelta) and never(expr) else expr
    return expr.func(*[contract(arg) for arg in expr.args])


def summed(body: Expr, index: Index) -> Expr:
    """The sum of a contracted `body` over the free `index`, contracted."""
    if not body.has(index):
        return index.axis.size * body
    if isinstance(body, Add):
        apart = [t for t in body.args if not t.has(index) or any(f(t, index) for f in (_deltas, _shifts, _goes))]
        if not apart:
            return Sum.over(body, index)
        rest = Add(*[t for t in body.args if t not in apart])
        return Add(summed(rest, index) if rest != 0 else rest, *[summed(t, index) for t in apart])
    factors = Mul.make_args(body)
    outside = [f for f in factors if not f.has(index)]
    inside = [f for f in factors if f.has(index)]
    for f in inside:
        if isinstance(f, KroneckerDelta) and _deltas(f, index):
            i, j = f.args
            other = Mul(*[g for g in inside if g is not f])
            return Mul(*outside) * contract(other.xreplace({index: j if i == index else i}))
    for f in inside:
        if _deltas(f, index) or (not isinstance(f, KroneckerDelta) and _shifts(f, index)):
            others = [g for g in inside if g is not f]
            terms = [summed(Mul(*others, t), index) for t in Add.make_args(_opened_sum(f))]
            return Mul(*outside) * Add(*terms)
    for f in inside:
        if isinstance(f, Add) and f.has(Place):
            terms = [Mul(*(g for g in inside if g is not f), t) for t in f.args]
            if any(_goes(t, index) for t in terms):
                return Mul(*outside) * summed(Add(*terms), index)
    return Mul(*outside) * (_placed(inside, index) if body.has(Place) else Sum.over(Mul(*inside), index))


def _placed(factors: list[Expr], index: Index) -> Expr:
    """The sum of a product over `index`, where tensors are read at places.

    A delta, perhaps inside sums, may say at which place alone the product is not 0. That place may lie outside the axis of
    `index`, where the sum has no term: that is right where the rest is 0 there. A delta that says nothing stays, and is a
    scatter; the sums around it are one sum.
    """
    flat, bound = _flat(factors)
    for place, rest in _places_of(flat, index):
        body = _without_never(rest.xreplace({index: place}))
        for b in bound:
            body = summed(body, b)
        return body
    return Sum.over(Mul(*flat), *bound, index)


def _places_of(flat: list[Expr], index: Index) -> Iterator[tuple[Expr, Expr]]:
    """The places at which alone a product is not 0, as its deltas say, each with the product of the other factors."""
    for f in flat:
        place = solved(f, index) if isinstance(f, KroneckerDelta) else None
        rest = Mul(*[g for g in flat if g is not f])
        if place is not None and (certain(place, index) or vanishes(rest, index)):
            yield place, rest


def _goes(term: Expr, index: Index) -> bool:
    """Whether a delta says that `index` is a place made of other letters, so that a sum over it has one term.

    One that says a number, as ``k != 1`` does, leaves a condition that is shorter than a term more.
    """
    flat = _flat([*Mul.make_args(term)])[0] if term.has(Place) else []
    return any(place.free_symbols for place, _ in _places_of(flat, index))


def _without_never(expr: Expr) -> Expr:
    """The expression with 0 for every delta of places that are never the same one, such as ``t + 1`` and 0, and for every
    element of a tensor that is never there."""
    if not any(map(never, expr.atoms(KroneckerDelta))) and not any(map(never_inside, expr.atoms(Place))):
        return expr

    def zero(e: Expr) -> Expr:
        gone = never(e) if isinstance(e, KroneckerDelta) else isinstance(e, Sum) and e.body == 0
        if isinstance(e, Indexed):
            gone = any(isinstance(i, Place) and never_inside(i) for i in e.indices)
        return sympy.S.Zero if gone else e

    return rewrite(expr, zero)


def _flat(factors: list[Expr]) -> tuple[list[Expr], list[Index]]:
    """The factors with the sums among them that hold a delta opened, and what those bound, the innermost first."""
    flat: list[Expr] = []
    bound: list[Index] = []
    for f in factors:
        if isinstance(f, Sum) and f.has(KroneckerDelta):
            index, body = f.opened()
            more, inner = _flat([*Mul.make_args(body)])
            flat, bound = [*flat, *more], [*bound, *inner, index]
        else:
            flat.append(f)
    return flat, bound


_FINITE = (
    sympy.exp, sympy.tanh, sympy.sinh, sympy.cosh, sympy.sin, sympy.cos, sympy.atan, sympy.asinh,
    sigmoid, softplus, normal_cdf, step, sgn, absolute, maximum, minimum, where,
)  # fmt: skip
"""Functions that have a value wherever their arguments have one."""


def vanishes(product: Expr, index: Index) -> bool:
    """Whether a product is 0 where `index` lies outside its axis, every read there being 0.

    Each of its terms has to have a factor that reads a tensor at the plain index, and all else in it a value where reads are 0:
    neither ``x[k]/y[k]`` nor ``x[k]*log(y[k])`` is 0 there.
    """
    return _zero_outside(product, index) and _finite_outside(product, index)


def only_inside(body: Expr, index: Index, place: Place) -> Expr | None:
    """What a body has to be multiplied with to be 0 where the place that `index` is put to lies outside of its axis: 1 where
    it is 0 there by itself, or the place never does; None where the body may have no value there."""
    if never_outside(place):
        return sympy.S.One
    if not _finite_outside(body, index):
        return None
    under, over = place.where, length_of(place.axis) - 1 - place.where
    below = sympy.S.One if surely(under) or _zero_outside(body, index, (BELOW,)) else Within(under)
    above = sympy.S.One if surely(over) or _zero_outside(body, index, (ABOVE,)) else Within(over)
    return below * above


BELOW, ABOVE = -1, 1


def _zero_outside(e: Expr, index: Index, sides: tuple[int, ...] = (BELOW, ABOVE)) -> bool:
    if isinstance(e, Indexed):
        return index in e.indices or all(any(beyond(i, index, side) for i in e.indices) for side in sides)
    if isinstance(e, Sum):
        return _zero_outside(e.body, index, sides)
    if isinstance(e, Add):
        return all(_zero_outside(a, index, sides) for a in e.args)
    if isinstance(e, Mul):
        return any(_zero_outside(a, index, sides) for a in e.args)
    return bool(isinstance(e, Pow) and e.exp.is_Integer and e.exp > 0 and _zero_outside(e.base, index, sides))


def _finite_outside(e: Expr, index: Index) -> bool:
    if not e.has(index) or isinstance(e, (Indexed, KroneckerDelta)):
        return True
    if isinstance(e, Pow) and not isinstance(e, sympy.exp):
        defined = (e.exp.is_Integer and e.exp > 0) or (e.exp.is_Rational and e.base.is_positive)  # 1/(1 + x[k]**2)
        return bool(defined) and _finite_outside(e.base, index)
    if isinstance(e, (Add, Mul, Sum, *_FINITE)):
        return all(_finite_outside(a, index) for a in e.args if isinstance(a, Expr))
    return False


def _deltas(expr: Expr, index: Index, places: bool = True) -> bool:
    """Whether a delta that says what `index` is stands where only products, additions and sums are around it.

    One of a place that is inside a sum is none: the sum over the letters of the place would be closed around it again.
    """
    if isinstance(expr, KroneckerDelta):
        i, j = expr.args
        other = j if i == index else i
        return index in expr.args and certain(other, index) and (places or not isinstance(other, Place))
    if isinstance(expr, (Add, Mul, Sum)):
        return any(_deltas(a, index, places and not isinstance(expr, Sum)) for a in expr.args if isinstance(a, Expr))
    return bool(isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 1 and _deltas(expr.base, index, places))


def _shifts(expr: Expr, index: Index, bound: frozenset[Expr] = frozenset()) -> bool:
    """Whether a delta that says that `index` is another one and a whole number stands where only products, additions and sums
    are around it, but for sums over that other one: each term with one is a read at a step before, or behind."""
    if isinstance(expr, KroneckerDelta):
        place = solved(expr, index) if index in expr.free_symbols and bound.isdisjoint(expr.free_symbols) else None
        affine = place.affine if isinstance(place, Place) else None
        return affine is not None and len(affine.steps) == 1 and affine.steps[0][1] == 1
    if isinstance(expr, Sum):
        return _shifts(expr.body, index, bound | {expr.bound})
    if isinstance(expr, (Add, Mul)):
        return any(_shifts(a, index, bound) for a in expr.args)
    return bool(isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 1 and _shifts(expr.base, index, bound))


def _opened_sum(expr: Expr) -> Expr:
    """The same value with a sum over an addition, or a power or product of additions, written as separate terms."""
    if isinstance(expr, Sum):
        index, body = expr.opened()
        return Add(*[summed(t, index) for t in Add.make_args(_opened_sum(body))])
    if isinstance(expr, Pow):
        return _opened_sum(Mul(*[expr.base] * int(expr.exp), evaluate=False))
    if isinstance(expr, Mul):
        parts = [Add.make_args(_opened_sum(f) if f.has(KroneckerDelta) else f) for f in expr.args]
        return Add(*reduce(lambda done, terms: [a * b for a in done for b in terms], parts, [sympy.S.One]))
    return expr


def common_factors(expr: Expr) -> Expr:
    """An addition with the factors that all its terms share written in front: ``p*g - p*s`` becomes ``p*(g - s)``."""
    if isinstance(expr, Reduction):
        index, body = opened_once(expr)
        inside = common_factors(body)
        return expr if inside is body else type(expr).over(inside, index)
    if isinstance(expr, Mul):
        return Mul(*[common_factors(f) for f in expr.args])
    if not isinstance(expr, Add):
        return expr
    factored = [common_factors(t) for t in expr.args]
    terms = [t.as_powers_dict() for t in factored]
    shared: list[Expr] = []
    for base, power in terms[0].items():
        powers = [t.get(base, sympy.S.Zero) for t in terms]
        if base.is_Rational or not all(p.is_Integer for p in powers) or not power.is_Integer:
            continue
        low = min(powers) if min(powers) > 0 else (max(powers) if max(powers) < 0 else 0)
        if low != 0:
            shared.append(base**low)
    if not shared:
        return expr
    front = Mul(*shared)
    return front * Add(*[t / front for t in factored])


def joined_powers(expr: Expr) -> Expr:
    """Powers of one base as one, where an exponent is no number: ``u**g/u`` is ``u**(g - 1)``, which may have a value at 0."""

    def join(node: Expr) -> Expr:
        if not isinstance(node, Mul) or not any(isinstance(f, Pow) and not f.exp.is_number for f in node.args):
            return node
        powers: dict[Expr, Expr] = {}
        for f in node.args:
            base, exponent = (f, sympy.S.One) if isinstance(f, sympy.exp) else f.as_base_exp()
            powers[base] = powers.get(base, sympy.S.Zero) + exponent
        return Mul(*[base**exponent for base, exponent in powers.items()])

    return rewrite(expr, join)
