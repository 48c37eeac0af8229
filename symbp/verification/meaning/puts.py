"""Arrays whose part is given other values, or has some added to it: at each place what is put there, or what was there before."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy import Expr, KroneckerDelta

from symbp.calculus.indices import Index, fresh
from symbp.calculus.lengths import at_least, expanded, length_of
from symbp.calculus.places import Place, Within, affine_of
from symbp.calculus.reductions import Prod, Sum
from symbp.errors import InputError
from symbp.formula.grammar import place_of
from symbp.formula.syntax import ADDED, ADDED_AT, Call
from symbp.verification.meaning.arrays import Array, ShapeClash
from symbp.verification.meaning.lowers import Lowers
from symbp.verification.meaning.parts import New, aligned, made_of, picks


def put(low: Lowers, node: Call) -> Array:
    """``x[...] = v``, and ``x[...] += v``: the array with other elements in a part of it, or with some added there.

    Where an array of whole numbers picks an element twice, the last one of those that are put there stays, as NumPy has it; and
    ``x[idx] += v`` puts x[idx] + v there.
    """
    old, value = low.array(node.args[0]), low.array(node.args[1])
    picked = aligned(node, low, old, picks(low, node, old, node.args[2:]))
    if any(isinstance(p, New) for p in picked):
        raise InputError("a new axis in what is assigned to", place=place_of(node), allowed="x[:, 1:] = v")
    shape, at = made_of(low, node, old, picked)
    fits = low.shop.broadcast(node, "the assignment", Array(shape, (), sympy.S.Zero), value)
    if fits != shape:
        words = low.shop.words
        raise ShapeClash(node.span, f"{words(value.shape)} is put where {words(shape)} is")
    added = node.name in (ADDED, ADDED_AT)

    def body(*places: Index | None) -> Expr:
        letters = [None if a is None else fresh(a) for a in shape]
        chosen, there = list[Expr](), at(letters)
        solved: dict[Index, Expr] = {}
        bounds: dict[Index, Expr] = {}
        for want, here in zip(there, places, strict=True):
            if here is None or want is None:
                continue
            where = want.where if isinstance(want, Place) else want
            one = _solved(where, [x for x in letters if x is not None and x not in solved], here)
            if one is not None:
                letter, value_of, inside = one
                solved[letter], bounds[letter] = value_of, inside
            else:
                chosen.append(KroneckerDelta(here, want))
        free = [x for x in letters if x is not None and x not in solved]
        repeated = free and any(isinstance(p, Array) for p in picked)
        mine = [solved.get(x, x) if x is not None else None for x in letters]
        v = value.at_exprs(_shown(mine, value, len(shape)))
        by = sympy.Mul(*(c.xreplace(solved) for c in chosen))
        inside = sympy.Mul(*bounds.values())
        read = {x for x, a in zip(letters[len(shape) - len(value.shape) :], value.shape, strict=True) if a is not None}
        mine_inside = sympy.Mul(
            *(b for x, b in bounds.items() if x not in read or value.whole)
        )  # what is read is 0 outside
        last = _last(there, free, solved) if repeated and node.name != ADDED_AT else sympy.S.One
        put_there = mine_inside * (Sum.over(by * last * v, *free) if free else by * v)
        if added:
            return old.at_places(places) + put_there
        covered = inside * (Sum.over(by * last, *free) if free else by)
        return old.at_places(places) * (1 - covered) + put_there

    return low.shop.made(old.shape, body)


def _shown(letters: Sequence[Expr | None], value: Array, rank: int) -> list[Expr | None]:
    """The letters of a part for an array that is broadcast to it."""
    return [*letters[rank - len(value.shape) :]] if value.shape else []


def _solved(where: Expr, letters: Sequence[Index], here: Index) -> tuple[Index, Expr, Expr] | None:
    """The one letter that says a place, what it is where the place is `here`, and whether that is one of its places."""
    if isinstance(where, Index):
        return (
            (where, here, sympy.S.One)
            if where in letters and where.axis == here.axis
            else _shifted(where, letters, here)
        )
    return _shifted(where, letters, here)


def _shifted(where: Expr, letters: Sequence[Index], here: Index) -> tuple[Index, Expr, Expr] | None:
    affine = affine_of(where)
    if affine is None or len(affine.steps) != 1 or abs(affine.steps[0][1]) != 1:
        return None
    ((letter, step),) = affine.steps
    if letter not in letters:
        return None
    number = sympy.expand(step * (here - affine.offset - affine.far))
    length = length_of(letter.axis)
    here_length = length_of(here.axis)
    most = expanded((here_length - 1 - affine.offset - affine.far) if step > 0 else affine.offset + affine.far)
    least = expanded(-affine.offset - affine.far if step > 0 else affine.offset + affine.far - here_length + 1)
    inside = sympy.S.One
    if not at_least(least, 0):
        inside *= Within(number)
    if not at_least(expanded(length - 1 - most), 0):
        inside *= Within(length - 1 - number)
    return letter, Place(number, letter.axis), inside


def _last(there: Sequence[Expr | None], free: Sequence[Index], solved: dict[Index, Expr]) -> Expr:
    """1 where no later element is put into the same place."""
    other = {x: fresh(x.axis) for x in free}
    same: Expr = sympy.S.One
    for want in there:
        where = want.where if isinstance(want, Place) else want
        if where is None or not (where.free_symbols & {*free}):
            continue
        a, b = where.xreplace(solved), where.xreplace(solved).xreplace(other)
        same *= Within(a - b) * Within(b - a)
    later: Expr = sympy.S.Zero
    before: Expr = sympy.S.One
    for x in free:
        later += before * Within(other[x] - x - 1)
        before *= KroneckerDelta(other[x], x)
    return Prod.over(1 - same * later, *other.values())
