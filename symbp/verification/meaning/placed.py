"""Functions of whole arrays whose elements are those of others at other places: joined, with a border, reversed, in windows, as
triangles. Each is one equation, ``y[n, t] = a[n, t] + b[n, t - N_a]``, where what is read outside of a tensor is 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sympy
from sympy import Expr

from symbp.calculus.indices import Axis, Index
from symbp.calculus.lengths import expanded, length_of
from symbp.calculus.places import Place, Within
from symbp.calculus.written_places import equal_places
from symbp.errors import InputError
from symbp.formula.grammar import place_of
from symbp.formula.syntax import Call, Number
from symbp.verification.meaning.arrays import Array, ShapeClash
from symbp.verification.meaning.lowers import Lowers
from symbp.verification.meaning.parts import axis_named, needs, number_of, placed, pointing
from symbp.verification.meaning.setting import Shape


def _place(low: Lowers, node: Call, a: Array, axis: int | None, rank: int | None = None) -> int:
    """The number of an axis, counted from 0; of an array with one axis that one where none is said."""
    rank = len(a.shape) if rank is None else rank
    if axis is None and rank != 1:
        message = f"{node.name} of {low.shop.words(a.shape)} along which axis?"
        raise InputError(message, place=place_of(node), allowed="axis=0")
    k = 0 if axis is None else axis
    if not -rank <= k < rank:
        raise ShapeClash(node.span, f"axis {k} of {low.shop.words(a.shape)}: there is no such axis")
    return k % rank


def _with(shape: Shape, k: int, axis: Axis | None) -> Shape:
    return (*shape[:k], axis, *shape[k + 1 :])


def _at(a: Array, places: Sequence[Index | None], k: int, here: Expr, start: Expr) -> Expr:
    """The element at the place ``here - start`` along axis number k, 0 outside; what has the length 1 there has it at 0 alone."""
    over = a.shape[k]
    if over is None:
        return a.at_exprs([*places[:k], None, *places[k + 1 :]]) * equal_places(here, start)
    return a.at_exprs([*places[:k], placed(here - start, over), *places[k + 1 :]])


def concatenate(low: Lowers, node: Call, *arrays: Array) -> Array:
    """``np.concatenate([a, b], axis=1)``: one behind the other along an axis."""
    first = arrays[0]
    if node.name in ("hstack", "vstack") and len(first.shape) == 1:
        if node.name == "vstack":
            return stack(low, Call("stack", node.args, axis=0, span=node.span), *arrays)
        node = Call("concatenate", node.args, axis=0, span=node.span)
    axis = {"hstack": 1, "vstack": 0}.get(node.name, node.axis)
    k = _place(low, node, first, axis)
    total, starts = sympy.S.Zero, list[Expr]()
    for a in arrays:
        if len(a.shape) != len(first.shape) or _with(a.shape, k, None) != _with(first.shape, k, None):
            shapes = " and ".join(low.shop.words(x.shape) for x in arrays)
            raise ShapeClash(node.span, f"{node.name} of {shapes} along axis {k}: the others do not fit")
        starts.append(total)
        total = expanded(total + length_of(a.shape[k]))
    shape = _with(first.shape, k, axis_named(node, total))
    if any(a.whole for a in arrays):
        raise InputError(f"{node.name} of whole numbers", place=place_of(node), allowed="arrays of numbers")

    def body(*places: Index | None) -> Expr:
        here = places[k]
        if here is None:
            return first.at_places(places)
        return sympy.Add(*(_at(a, places, k, here, start) for a, start in zip(arrays, starts, strict=True)))

    return low.shop.made(shape, body)


def stack(low: Lowers, node: Call, *arrays: Array) -> Array:
    """``np.stack([a, b], axis=1)``: along a new axis."""
    k = _place(low, node, arrays[0], node.axis, len(arrays[0].shape) + 1)
    if any(a.shape != arrays[0].shape for a in arrays):
        shapes = " and ".join(low.shop.words(a.shape) for a in arrays)
        raise ShapeClash(node.span, f"stack of {shapes}: the shapes differ")

    def wider(a: Array) -> Array:
        shape = (*a.shape[:k], None, *a.shape[k:])
        return low.shop.moved(a, shape, lambda *places: a.at_places([*places[:k], *places[k + 1 :]]))

    return concatenate(low, Call("concatenate", node.args, axis=k, span=node.span), *map(wider, arrays))


def pad(low: Lowers, node: Call, a: Array, *_: Array) -> Array:
    """``np.pad(x, ((0, 0), (1, 2)))``: zeros around an array."""
    widths, rank = [number_of(low, w) for w in node.args[1:]], len(a.shape)
    if len(widths) <= 2:
        widths = [widths[0], widths[-1]] * rank
    if len(widths) != 2 * rank:
        raise ShapeClash(node.span, f"{len(widths) // 2} pairs of widths for {low.shop.words(a.shape)}")
    if a.whole:
        raise InputError("np.pad of whole numbers", place=place_of(node), allowed="an array of numbers")
    shape = list[Axis | None]()
    for k, axis in enumerate(a.shape):
        for w in widths[2 * k : 2 * k + 2]:
            needs(low, node, w + 1, "np.pad by less than nothing")
        shape.append(axis_named(node, length_of(axis) + widths[2 * k] + widths[2 * k + 1]))

    def body(*places: Index | None) -> Expr:
        at, there = list[Expr | None](), sympy.S.One
        for k, (here, over) in enumerate(zip(places, a.shape, strict=True)):
            if over is None and here is not None:
                there *= equal_places(here, widths[2 * k])
            at.append(None if over is None or here is None else Place(here - widths[2 * k], over))
        return a.at_exprs(at) * there

    return low.shop.made(tuple(shape), body)


def flip(low: Lowers, node: Call, a: Array) -> Array:
    """``np.flip(x, axis=1)``: in reverse along an axis, or along all."""
    chosen = {*range(len(a.shape))} if node.axis is None else {_place(low, node, a, node.axis)}

    def body(*places: Index | None) -> Expr:
        return a.at_exprs(
            [p if p is None or k not in chosen else Place(p.axis.size - 1 - p, p.axis) for k, p in enumerate(places)]
        )

    return low.shop.moved(a, a.shape, body)


def diff(low: Lowers, node: Call, a: Array) -> Array:
    """``np.diff(x)``: each element less the one before it."""
    k = _place(low, node, a, node.axis)
    over = a.shape[k]
    needs(low, node, length_of(over) - 1, f"differences of {low.shop.words(a.shape)}: an axis of length 1 has none")
    shape = _with(a.shape, k, axis_named(node, length_of(over) - 1))

    def body(*places: Index | None) -> Expr:
        here = sympy.S.Zero if places[k] is None else places[k]
        assert here is not None
        return _at(a, places, k, here, sympy.S.NegativeOne) - _at(a, places, k, here, sympy.S.Zero)

    return low.shop.made(shape, body)


def triangle(low: Lowers, node: Call, a: Array) -> Array:
    """``np.tril(x, k)`` and ``np.triu(x, k)``: zeros above, or below, a diagonal of matrices."""
    if len(a.shape) < 2:
        raise ShapeClash(node.span, f"{node.name} of {low.shop.words(a.shape)}: of matrices only")
    k = int(node.text or 0)

    def body(*places: Index | None) -> Expr:
        row, column = (sympy.S.Zero if p is None else p for p in places[-2:])
        below = row - column + k
        return a.at_places(places) * Within(below if node.name == "tril" else -below)

    return low.shop.made(a.shape, body)


def windows(low: Lowers, node: Call, a: Array, *_: Array) -> Array:
    """``sliding_window_view(x, k, axis=1)``: the windows of a length along an axis, which get an axis of their own at the end."""
    k, count = _place(low, node, a, node.axis), number_of(low, node.args[1])
    over = a.shape[k]
    needs(low, node, length_of(over) - count + 1, f"windows longer than {low.shop.words(a.shape)}")
    needs(low, node, count, "windows of no length")
    shape = (*_with(a.shape, k, axis_named(node, length_of(over) - count + 1)), axis_named(node, count))

    def body(*places: Index | None) -> Expr:
        where = sympy.Add(*(p for p in (places[k], places[-1]) if p is not None))
        return a.at_exprs([*places[:k], None if over is None else placed(where, over), *places[k + 1 : -1]])

    return low.shop.moved(a, shape, body)


def take_along(low: Lowers, node: Call, a: Array, idx: Array) -> Array:
    """``np.take_along_axis(x, idx, axis=1)``: at each place the element that whole numbers say along an axis."""
    k = _place(low, node, a, node.axis)
    over = a.shape[k]
    if len(a.shape) != len(idx.shape) or not idx.whole or over is None:
        words = low.shop.words
        message = f"take_along_axis of {words(a.shape)} with {words(idx.shape)}"
        raise InputError(message, place=place_of(node), allowed="whole numbers with as many axes")
    pointing(low, node, idx, over)
    others = low.shop.broadcast(
        node, "take_along_axis", *(Array(_with(x.shape, k, None), (), sympy.S.Zero) for x in (a, idx))
    )
    shape = _with(others, k, idx.shape[k])

    def body(*places: Index | None) -> Expr:
        return a.at_exprs([*places[:k], placed(idx.at_places(places), over), *places[k + 1 :]])

    return low.shop.moved(a, shape, body)


def arange(low: Lowers, node: Call, *_: Array) -> Array:
    """``np.arange(n)``, ``np.arange(a, b)``: whole numbers in a row."""
    if not 1 <= len(node.args) <= 2:
        raise InputError("np.arange with a step", place=place_of(node), allowed="np.arange(n), np.arange(a, b)")
    ends = [number_of(low, n) for n in (node.args if len(node.args) == 2 else (Number("0"), *node.args))]
    needs(low, node, ends[1] - ends[0], "np.arange of no number")
    axis = axis_named(node, ends[1] - ends[0])
    made = low.shop.moved(
        Array((), (), sympy.S.Zero, whole=True), (axis,), lambda i: ends[0] if i is None else ends[0] + i
    )
    return made


PLACED: Mapping[str, Callable[..., Array]] = {
    **dict.fromkeys(("concatenate", "hstack", "vstack"), concatenate),
    "stack": stack, "pad": pad, "flip": flip, "diff": diff, "sliding_window_view": windows, "take_along_axis": take_along,
    "arange": arange, **dict.fromkeys(("tril", "triu"), triangle),
}  # fmt: skip
"""Functions of arrays that move elements to other places; each takes as many arrays as it likes."""
