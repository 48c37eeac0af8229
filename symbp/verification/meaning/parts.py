"""Parts of arrays: slices as affine places along axes whose lengths follow, integers, and arrays of whole numbers as gathers.

Of a slice ``x[:, 1:]`` element s is ``x[n, s + 1]``, and s runs over the axis ``t - 1`` (:mod:`symbp.calculus.lengths`).
What NumPy would cut off silently, a slice beyond the end, is asked of the lengths instead: they must be long enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import sympy
from sympy import Expr, Indexed

from symbp.calculus.indices import Axis, Index, fresh
from symbp.calculus.lengths import at_least, axis_of, divided, expanded, length_of
from symbp.calculus.places import Place, affine_of
from symbp.calculus.program import name_of
from symbp.errors import InputError
from symbp.formula.grammar import place_of
from symbp.formula.syntax import Binary, Call, Negate, Node
from symbp.verification.meaning.arrays import Array, ShapeClash, Workshop
from symbp.verification.meaning.lowers import Lowers
from symbp.verification.meaning.setting import Shape

_ALLOWED = "x[:, 1:], x[:, :-1], x[..., -1], x[:, ::2], x[:, None], E[idx]"


@dataclass(frozen=True)
class Slice:
    """A part of an axis: its places ``start + step*s``, where s runs over an axis of the length `count`."""

    start: Expr
    step: int
    count: Expr


@dataclass(frozen=True)
class New:
    """A new axis of length 1."""


Picked: TypeAlias = Slice | Expr | Array | New
"""What a subscript takes of an axis: a slice, one place, or the places that an array of whole numbers says."""


def part(low: Lowers, node: Call) -> Array:
    """``x[...]``: what is picked of an array."""
    a = low.array(node.args[0])
    picked = aligned(node, low, a, picks(low, node, a, node.args[1:]))
    shape, at = made_of(low, node, a, picked)
    return low.shop.moved(a, shape, lambda *places: a.at_exprs(at(places)))


def picks(low: Lowers, node: Call, a: Array, given: Sequence[Node]) -> list[Picked | None]:
    """What each part of a subscript takes, one for each axis of the array and for each new one; None keeps an axis whole."""
    parts, left = node.text.split(","), iter(given)
    taken = sum(p not in ("None", "...") for p in parts)
    if taken > len(a.shape):
        raise ShapeClash(node.span, f"{taken} indices of {low.shop.words(a.shape)}: there are not so many axes")
    found, axis = list[Picked | None](), 0
    for p in parts:
        if p == "None":
            found.append(New())
        elif p == "...":
            rest = len(a.shape) - taken
            found += [None] * rest
            axis += rest
        else:
            found.append(_pick(low, node, p, a.shape[axis], left))
            axis += 1
    if "..." not in parts:
        found += [None] * (len(a.shape) - axis)
    return found


def _pick(low: Lowers, node: Call, text: str, axis: Axis | None, left: Iterator[Node]) -> Picked | None:
    if text == ":":
        return None
    if ":" in text:
        bounds = [next(left) if part else None for part in text.split(":")]
        return sliced(low, node, axis, *bounds)
    at = next(left)
    a = low.array(at)
    if a.shape:
        if not a.whole:
            raise InputError("this picks elements by an array that holds no whole numbers", place=place_of(at),
                             allowed='idx: Int[Array, "n"], np.arange(n)')  # fmt: skip
        return a
    if a.whole and isinstance(a.body, Indexed):
        return a
    return one_place(low, node, axis, number_of(low, at))


def number_of(low: Lowers, node: Node) -> Expr:
    """A whole number made of numbers and lengths; InputError where it is none."""
    if isinstance(node, Negate):
        return -number_of(low, node.arg)
    if isinstance(node, Binary) and node.op in ("+", "-", "*"):
        a, b = number_of(low, node.left), number_of(low, node.right)
        return expanded(a + b if node.op == "+" else a - b if node.op == "-" else a * b)
    a = low.array(node)
    value = expanded(a.body) if not a.shape else sympy.S.Half
    if not value.is_integer or not all(s.name.startswith("N_") for s in value.free_symbols):
        raise InputError("this is no whole number", place=place_of(node), allowed=_ALLOWED)
    return value


def from_start(value: Expr, length: Expr) -> Expr:
    """A place that may be counted from the end, counted from the start: what is made of negative terms alone is."""
    factors = [t.as_coeff_Mul()[0] for t in sympy.Add.make_args(value)]
    return length + value if value != 0 and all(f < 0 for f in factors) else value


def one_place(low: Lowers, node: Node, axis: Axis | None, value: Expr) -> Expr:
    """One place along an axis, which must be there."""
    length = length_of(axis)
    where = expanded(from_start(value, length))
    needs(low, node, where + 1, f"place {value} of {low.shop.words((axis,))}: there is no such place")
    needs(low, node, length - where, f"place {value} of {low.shop.words((axis,))}: there is no such place")
    return where


def needs(low: Lowers, node: Node, length: Expr, why: str) -> None:
    """Ask that a length be 1 at least; ShapeClash where it is not, whatever the lengths of axes."""
    length = expanded(length)
    if length.is_Integer and length < 1:
        raise ShapeClash(node.span, why)
    axis = axis_of(length) if not at_least(length, 1) else None
    if axis is not None:
        low.shop.lengths.setdefault(axis, node.span)


def sliced(
    low: Lowers, node: Node, axis: Axis | None, first: Node | None, last: Node | None, by: Node | None = None
) -> Slice:
    """``first:last:by`` of an axis."""
    length, step = length_of(axis), sympy.S.One if by is None else number_of(low, by)
    words = low.shop.words((axis,))
    if not step.is_Integer or step == 0:
        raise InputError("the step of a slice is a whole number", place=place_of(node), allowed="x[:, ::2], x[:, ::-1]")
    forward = step > 0
    ends = [None if n is None else from_start(number_of(low, n), length) for n in (first, last)]
    start = ends[0] if ends[0] is not None else sympy.S.Zero if forward else length - 1
    stop = ends[1] if ends[1] is not None else length if forward else sympy.S.NegativeOne
    if forward and at_least(expanded(stop - length), 0):
        stop = length
    low_end, high_end = (start, stop) if forward else (stop + 1, start + 1)
    beyond = f"a slice of {words} that reaches beyond it"
    needs(low, node, low_end + 1, beyond)
    needs(low, node, length - high_end + 1, beyond)
    size = abs(int(step))
    count = divided((high_end - low_end) + size - 1, size)
    if expanded(count).is_Integer and count < 1:
        raise ShapeClash(node.span, f"a slice of {words} that is empty")
    return Slice(expanded(start), int(step), expanded(count))


def axis_named(node: Node, count: Expr) -> Axis | None:
    """The axis of a length; ShapeClash where that is none."""
    try:
        return axis_of(count)
    except ValueError as e:
        raise ShapeClash(node.span, str(e)) from None


def aligned(node: Call, low: Lowers, a: Array, picked: list[Picked | None]) -> list[Picked | None]:
    """Where arrays of whole numbers pick, single places do so with them."""
    if not any(isinstance(p, Array) for p in picked):
        return picked
    return [Array((), (), p, whole=True) if isinstance(p, Expr) and not isinstance(p, Array) else p for p in picked]


Places = Callable[[Sequence[Index | None]], list[Expr | None]]


def made_of(low: Lowers, node: Call, a: Array, picked: list[Picked | None]) -> tuple[Shape, Places]:
    """The shape of what is picked, and for its letters the place along each axis of the array."""
    arrays = [p for p in picked if isinstance(p, Array)]
    together: Shape = low.shop.broadcast(node, "indices", *arrays) if arrays else ()
    numbers = [k for k, p in enumerate(picked) if isinstance(p, Array)]
    adjacent = not numbers or numbers == [*range(numbers[0], numbers[-1] + 1)]
    shape, slots, begin, axis = list[Axis | None](), list[tuple[str, int]](), -1, 0
    if arrays and not adjacent:
        begin, shape = 0, [*together]
    for p in picked:
        if isinstance(p, New):
            shape.append(None)
            continue
        if isinstance(p, Array):
            if begin < 0:
                begin = len(shape)
                shape += together
            slots.append(("array", -1))
        elif isinstance(p, Slice):
            slots.append(("slice", len(shape)))
            shape.append(axis_named(node, p.count))
        elif p is None:
            slots.append(("whole", len(shape)))
            shape.append(a.shape[axis])
        else:
            slots.append(("one", -1))
        axis += 1
    taken = [p for p in picked if not isinstance(p, New)]
    _fit(low, node, a, taken)

    def at(places: Sequence[Index | None]) -> list[Expr | None]:
        found = list[Expr | None]()
        for (_, k), p, over in zip(slots, taken, a.shape, strict=True):
            if over is None:
                found.append(None)
            elif p is None:
                found.append(places[k])
            elif isinstance(p, Slice):
                letter = places[k]
                found.append(placed(p.start if letter is None else p.start + p.step * letter, over))
            elif isinstance(p, Array):
                mine = places[begin : begin + len(together)][len(together) - len(p.shape) :]
                found.append(placed(p.at_places(mine), over))
            else:
                found.append(placed(p, over))
        return found

    return tuple(shape), at


def placed(where: Expr, over: Axis) -> Expr:
    """A place along an axis: a number stays one."""
    return where if where.is_Integer else Place(where, over)


def _fit(low: Lowers, node: Call, a: Array, taken: Sequence[Picked | None]) -> None:
    """Whether arrays of whole numbers point into their axes."""
    for p, over in zip(taken, a.shape, strict=True):
        if isinstance(p, Array):
            if over is None:
                raise ShapeClash(node.span, "whole numbers point into an axis of length 1")
            pointing(low, node, p, over)


def pointing(low: Lowers, node: Node, p: Array, over: Axis) -> None:
    """Ask that an array of whole numbers points into an axis; InputError where it cannot be told."""
    if isinstance(p.body, Indexed):
        known = low.shop.pointing.setdefault(name_of(p.body), over)
        if known != over:
            words = low.shop.words
            raise ShapeClash(node.span, f"{name_of(p.body)} points into {words((known,))}, not into {words((over,))}")
        return
    affine = affine_of(p.body)
    if affine is None:
        raise InputError("these whole numbers are no places", place=place_of(node),
                         allowed="an argument of whole numbers as it is, np.arange, sums of these")  # fmt: skip
    least = most = affine.far + affine.offset
    for index, step in affine.steps:
        reach = step * (length_of(index.axis) - 1)
        least, most = (least, most + reach) if step > 0 else (least + reach, most)
    beyond = f"places beyond the end of {low.shop.words((over,))}"
    needs(low, node, least + 1, beyond)
    needs(low, node, length_of(over) - most, beyond)


def whole_sum(shop: Workshop, node: Node, sign: str, left: Array, right: Array) -> Array:
    """Sums and products of whole numbers, which are whole numbers."""
    shape = shop.broadcast(node, "whole numbers", left, right)
    places = [None if a is None else fresh(a) for a in shape]
    a, b = (x.at_places(places[len(shape) - len(x.shape) :]) for x in (left, right))
    value = a + b if sign == "+" else a - b if sign == "-" else a * b
    return Array(shape, tuple(i for i in places if i is not None), value, whole=True)
