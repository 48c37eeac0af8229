"""Places: what stands in a slot of a tensor besides a plain index, ``x[n, c, 2*p + u - 1]`` and ``E[token[n, t], d]``.

A read outside the tensor is 0; under a maximum and a log-sum-exp such a term is left out. A Kronecker delta of a place that
nothing solves stays under its sum, and means a scatter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy
from sympy import Add, Expr, Indexed, Integer, Mul

from symbp.calculus.indices import Axis, Index
from symbp.calculus.lengths import at_least, expanded, length_of


@dataclass(frozen=True)
class Affine:
    """``sum(step*index) + offset + far``, whole numbers all of them; `steps` in the order of the letters, and `far` what is made
    of lengths, as in ``N_t - 1 - t``."""

    steps: tuple[tuple[Index, int], ...]
    offset: int
    far: Expr = sympy.S.Zero

    @property
    def letters(self) -> tuple[Index, ...]:
        """The indices."""
        return tuple(i for i, _ in self.steps)


class Place(Expr):
    """``Place(where, axis)``: a place along an axis that is not the plain index over it; `where` is affine, or a gather.

    What turns out to be the plain index over the axis, or the number 0, which lies in every axis, is that itself.
    """

    is_commutative = True
    is_integer = True

    def __new__(cls, where: Any, axis: Axis | Expr) -> Expr:
        """Make a place along `axis`, which may be given by its length."""
        where = sympy.sympify(where, strict=True)
        own = Axis(axis.name.removeprefix("N_")) if isinstance(axis, sympy.Symbol) else axis
        assert isinstance(own, Axis)
        where = _flat(where)
        if (isinstance(where, Index) and where.axis == own) or where == 0:
            return where
        return Expr.__new__(cls, where, own.size)

    @property
    def where(self) -> Expr:
        """The whole number that the place is."""
        return self.args[0]

    @property
    def axis(self) -> Axis:
        """The axis along which it lies."""
        return Axis(str(self.args[1].name).removeprefix("N_"))

    @property
    def free_symbols(self) -> set[Any]:
        """The letters in it; the length of its axis is none of its symbols."""
        return set(self.where.free_symbols)

    @cached_property
    def affine(self) -> Affine | None:
        """The place as whole numbers, or None where it is a gather."""
        return affine_of(self.where)

    @property
    def gather(self) -> Indexed | None:
        """The element of an integer tensor that says where, or None."""
        return self.where if isinstance(self.where, Indexed) else None

    def _sympystr(self, printer: Any) -> str:
        return f"Place({printer._print(self.where)})"


def _flat(where: Expr) -> Expr:
    """A number in which places stand for the numbers that they are: ``(t + 1) - 1`` is t."""
    if isinstance(where, Place):
        return where.where
    if not isinstance(where, (Add, Mul)):
        return where  # in the slots of a gather places are places
    parts = [_flat(a) for a in where.args]
    return where if all(a is b for a, b in zip(parts, where.args, strict=True)) else where.func(*parts)


class Within(Expr):
    """``Within(number)``: 1 where a whole number made of indices is 0 or more, else 0; ``r <= t`` is ``Within(t - r)``."""

    is_commutative = True
    is_integer = True
    is_nonnegative = True

    def __new__(cls, number: Any) -> Expr:
        """Make the indicator; of a number it is 1 or 0."""
        number = _flat(sympy.sympify(number, strict=True))
        if number.is_Integer:
            return Integer(int(bool(number >= 0)))
        return Expr.__new__(cls, number)

    @property
    def number(self) -> Expr:
        """The whole number that is compared with 0."""
        return self.args[0]

    def _eval_derivative(self, x: Expr) -> Expr:
        return sympy.S.Zero


def inside(place: Place) -> Expr:
    """1 where a place lies in its axis, else 0; a gather lies there always."""
    if place.gather is not None:
        return sympy.S.One
    return Within(place.where) * Within(place.axis.size - 1 - place.where)


def affine_of(where: Expr) -> Affine | None:
    """An expression as whole numbers times indices, lengths and a whole number, or None where it is not."""
    steps, offset, far = dict[Index, int](), 0, sympy.S.Zero
    for term in Add.make_args(sympy.expand(where)):
        factor, rest = term.as_coeff_Mul()
        if not factor.is_Integer:
            return None
        if rest == 1:
            offset += int(factor)
        elif isinstance(rest, Index):
            steps[rest] = int(factor)
        elif isinstance(rest, sympy.Symbol) and rest.name.startswith("N_"):
            far += term
        else:
            return None
    return Affine(tuple(sorted(steps.items(), key=lambda s: s[0].sort_key())), offset, far)


def reached(bodies: Iterable[Expr]) -> dict[Axis, int]:
    """By each axis along which places lie, or whose letters stand in a condition, the largest number that stands beside letters
    there, a step counted too: only where the axis is longer is what the place says seen."""
    found: dict[Axis, int] = {}
    for body in bodies:
        for node in body.atoms(Place, Within):
            where = node.where if isinstance(node, Place) else node.number
            affine = affine_of(where)
            letters = {i.axis for i in where.free_symbols if isinstance(i, Index)}
            for axis in {node.axis} if isinstance(node, Place) else letters:
                far = abs(affine.offset) + max((abs(n) for _, n in affine.steps), default=1) - 1 if affine else 0
                found[axis] = max(far, found.get(axis, 0))
    return found


def _letters(where: Expr) -> set[Index]:
    return {i for i in where.free_symbols if isinstance(i, Index)}


def is_plain(element: Expr) -> bool:
    """Whether an element is read at plain indices, or at numbers, alone."""
    return not isinstance(element, Indexed) or not any(isinstance(i, Place) for i in element.indices)


def certain(place: Expr, index: Index) -> bool:
    """Whether a place is known to lie in the axis of `index`: an index over it, an element's number, a gather, which is checked
    when its integers come in, letters whose lengths say so."""
    if isinstance(place, Place):
        return place.axis == index.axis and (place.gather is not None or never_outside(place))
    return bool(place.is_Integer) or (isinstance(place, Index) and place.axis == index.axis)


def never(delta: Expr) -> bool:
    """Whether a Kronecker delta is 0 wherever its letters stand, none of which is below 0: ``[0 = t + 1]``, ``[i = -1]``."""
    one, other = (a.where if isinstance(a, Place) else a for a in delta.args)
    apart = affine_of(one - other)
    if apart is None:
        return False
    signs = {n > 0 for _, n in apart.steps}
    nearest = expanded(apart.far + apart.offset)
    return (signs <= {True} and at_least(nearest, 1)) or (signs <= {False} and at_least(-nearest, 1))


def never_outside(place: Place) -> bool:
    """Whether an affine place lies in its axis whatever the lengths, as a slice does: ``s + 1`` where s is by one shorter."""
    ends = _ends(place)
    if ends is None:
        return False
    return at_least(expanded(ends[0]), 0) and at_least(expanded(length_of(place.axis) - 1 - ends[1]), 0)


def never_inside(place: Place) -> bool:
    """Whether an affine place lies outside of its axis whatever the lengths: ``k - d`` where k is one of d."""
    ends = _ends(place)
    if ends is None:
        return False
    return at_least(expanded(-1 - ends[1]), 0) or at_least(expanded(ends[0] - length_of(place.axis)), 0)


def _ends(place: Place) -> tuple[Expr, Expr] | None:
    """The least and the largest number that an affine place is; None for another."""
    affine = place.affine
    if affine is None:
        return None
    least = most = affine.far + affine.offset
    for index, step in affine.steps:
        reach = step * (length_of(index.axis) - 1)
        least, most = (least, most + reach) if step > 0 else (least + reach, most)
    return least, most


def surely(number: Expr) -> bool:
    """Whether a whole number made of letters is 0 or more whatever they and the lengths are."""
    affine = affine_of(_flat(number))
    if affine is None:
        return False
    reaches = (step * (length_of(index.axis) - 1) for index, step in affine.steps if step < 0)
    return at_least(expanded(affine.far + affine.offset + Add(*reaches)), 0)


def beyond(place: Expr, index: Index, side: int) -> bool:
    """Whether a place lies outside of its axis wherever `index`, its one letter, is less than 0 (`side` -1), or no less than the
    length of its axis (1)."""
    affine = place.affine if isinstance(place, Place) else None
    if affine is None or affine.letters != (index,) or abs(affine.steps[0][1]) != 1:
        return False
    assert isinstance(place, Place)
    edge = sympy.S.NegativeOne if side < 0 else length_of(index.axis)
    nearest = affine.steps[0][1] * edge + affine.offset + affine.far
    under, over = -1 - nearest, nearest - length_of(place.axis)
    return at_least(expanded(under if affine.steps[0][1] * side < 0 else over), 0)


def solved(delta: Expr, index: Index) -> Expr | None:
    """What a Kronecker delta says that `index` is, a place along its axis; None where that is no single place.

    ``[i = 2*p + u]`` says it of i, and ``[t = s - 1]`` says that s is t + 1. It does not say it of u: that would read at places
    whose letters are apart by more than one.
    """
    left, right = delta.args
    for one, other in ((left, right), (right, left)):
        if one == index and not other.has(index):
            return Place(other.where if isinstance(other, Place) else other, index.axis)
    for one, other in ((left, right), (right, left)):
        affine = other.affine if isinstance(other, Place) else None
        if affine is None or affine.letters != (index,) or abs(affine.steps[0][1]) != 1 or one.has(index):
            continue
        where = one.where if isinstance(one, Place) else one
        if where.is_Integer or (affine_of(where) is not None and len(_letters(where)) <= 1):
            return Place(affine.steps[0][1] * (where - Integer(affine.offset) - affine.far), index.axis)
    return None
