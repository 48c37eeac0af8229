"""Functions that move the axes of arrays, and sums of products over axes that are named: NumPy's, on shapes made of axes."""

from __future__ import annotations

import re
from collections import Counter

from sympy import Expr, Mul

from symbp.calculus.indices import Axis, Index, fresh
from symbp.calculus.reductions import Sum
from symbp.errors import InputError, shown
from symbp.formula.grammar import place_of
from symbp.formula.syntax import Call
from symbp.verification.meaning.arrays import Array, ShapeClash, Workshop
from symbp.verification.meaning.setting import Shape

NAMES = (
    "expand_dims",
    "squeeze",
    "reshape",
    "ravel",
    "flatten",
    "swapaxes",
    "moveaxis",
    "einsum",
    "tensordot",
    "inner",
    "vdot",
)
"""What :func:`moved` knows, besides transpose with axes."""
_MOST_OPERANDS, _MOST_LETTERS = 6, 8


def moved(shop: Workshop, node: Call, arrays: list[Array]) -> Array:
    """The array that a call of :data:`NAMES` stands for."""
    a = arrays[0]
    match node.name:
        case "einsum":
            return einsum(shop, node, arrays)
        case "tensordot":
            return _tensordot(shop, node, arrays)
        case "inner":
            return _over_axes(shop, node, arrays, (-1, -1))
        case "vdot":
            return _vdot(shop, node, *arrays)
        case "expand_dims":
            (k,) = _numbers(node, 1)
            rank = len(a.shape) + 1
            if not -rank <= k < rank:
                raise ShapeClash(node.span, f"a new axis {k} of {shop.words(a.shape)}: there is no such place")
            return _reshaped(shop, a, (*a.shape[: k % rank], None, *a.shape[k % rank :]))
        case "squeeze":
            return _reshaped(shop, a, tuple(axis for axis in a.shape if axis is not None))
        case "ravel" | "flatten" | "reshape":
            return _reshaped(shop, a, _new_shape(shop, node, a))
    return _permuted(shop, a, _order(shop, node, a))


def product_of_last(shop: Workshop, node: Call, arrays: list[Array]) -> Array:
    """``np.dot`` of two arrays: over the last axis of the first, and the last but one of the second; of vectors, the only one."""
    if len(arrays[1].shape) == 1 or max(len(a.shape) for a in arrays) <= 2:
        return shop.matmul(node, *arrays)
    return _over_axes(shop, node, arrays, (-1, -2))


def inner_of_vectors(shop: Workshop, node: Call, a: Array, b: Array) -> Array:
    """The inner product of two vectors, however they stand."""
    if a.axes != b.axes:
        shapes = " and ".join(shop.words(x.shape) for x in (a, b))
        raise ShapeClash(node.span, f"{node.name} of {shapes}: vectors of different lengths")
    k = fresh(a.axes[0])
    return shop.made((), lambda: Sum.over(a.at([k]) * b.at([k]), k))


def _over_axes(shop: Workshop, node: Call, arrays: list[Array], axes: tuple[int, int]) -> Array:
    """The product of two arrays over an axis of each; the others stand side by side. A number scales."""
    if not all(a.shape for a in arrays):
        return shop.elementwise(node, "the product", lambda a, b: a * b, *arrays)
    return _tensordot(shop, Call(node.name, node.args, text=f"{axes[0]};{axes[1]}", span=node.span), arrays)


def _vdot(shop: Workshop, node: Call, a: Array, b: Array) -> Array:
    """The sum of the products of elements that stand in the same place of two arrays of one shape."""
    if a.shape != b.shape:
        shapes = " and ".join(shop.words(x.shape) for x in (a, b))
        raise ShapeClash(node.span, f"vdot of {shapes}: of arrays of different shapes it pairs elements by memory")
    product = shop.elementwise(node, "the product", lambda x, y: x * y, a, b)
    return shop.reduce(Call("sum", node.args, span=node.span), Sum.over, product, None, False)


def _new_shape(shop: Workshop, node: Call, a: Array) -> Shape:
    """The shape of ``x.reshape(-1, 1)`` and its like, which move one axis to another place."""
    wanted = _numbers(node) if node.text else (-1,)
    if (
        len(a.axes) > 1
        or any(n not in (1, -1) for n in wanted)
        or wanted.count(-1) > 1
        or (a.axes and -1 not in wanted)
    ):
        message = f"{node.name} of {shop.words(a.shape)}: only a vector is reshaped, to a row or a column"
        raise InputError(message, place=place_of(node), allowed="x.reshape(-1, 1), x[:, None]")
    return tuple(a.axes[0] if n == -1 and a.axes else None for n in wanted)


def _reshaped(shop: Workshop, a: Array, shape: Shape) -> Array:
    """The same elements, with places of length 1 elsewhere."""
    return shop.made(shape, lambda *places: a.at([p for p in places if p is not None]))


def _order(shop: Workshop, node: Call, a: Array) -> tuple[int, ...]:
    """For each place of the result, the place that it comes from."""
    rank, given = len(a.shape), _numbers(node, None if node.name == "transpose" else 2)
    if any(not -rank <= k < rank for k in given):
        raise ShapeClash(node.span, f"axes {node.text} of {shop.words(a.shape)}: there is no such axis")
    at = [k % rank for k in given]
    order = [*range(rank)]
    if node.name == "swapaxes":
        order[at[0]], order[at[1]] = at[1], at[0]
    elif node.name == "moveaxis":
        order.insert(at[1], order.pop(at[0]))
    else:
        order = at
    if sorted(order) != [*range(rank)]:
        raise ShapeClash(node.span, f"axes {node.text} of {shop.words(a.shape)}: each axis once")
    return tuple(order)


def _permuted(shop: Workshop, a: Array, order: tuple[int, ...]) -> Array:
    def body(*places: Index | None) -> Expr:
        return a.at_places([places[order.index(k)] for k in range(len(order))])

    return shop.made(tuple(a.shape[k] for k in order), body)


def _numbers(node: Call, count: int | None = None) -> tuple[int, ...]:
    if not re.fullmatch(r"-?\d+(;-?\d+)*", node.text) or (count is not None and node.text.count(";") != count - 1):
        raise InputError(
            f"{node.name} with these numbers", place=place_of(node), allowed="whole numbers, one for each axis"
        )
    return tuple(int(n) for n in node.text.split(";"))


def einsum(shop: Workshop, node: Call, arrays: list[Array]) -> Array:
    """The sum of products over the letters that the result does not have; each letter runs over one axis."""
    found = re.fullmatch(r"([A-Za-z]*(?:,[A-Za-z]*)*)(?:->([A-Za-z]*))?", node.text)
    if found is None:
        raise InputError(f"the subscripts {shown(node.text)}", place=place_of(node), allowed='letters, "ij,jk->ik"')
    inputs = found[1].split(",")
    count = Counter(found[1].replace(",", ""))
    result = found[2] if found[2] is not None else "".join(sorted(c for c, n in count.items() if n == 1))
    if len(inputs) != len(arrays) or len(arrays) > _MOST_OPERANDS or len(count) > _MOST_LETTERS:
        message = f"{shown(node.text)} is for {len(inputs)} arrays, got {len(arrays)}"
        raise InputError(
            message, place=place_of(node), allowed=f"up to {_MOST_OPERANDS} arrays and {_MOST_LETTERS} letters"
        )
    if len(set(result)) < len(result) or set(result) - count.keys():
        raise InputError(
            f"the result {shown(result)} of {shown(node.text)}",
            place=place_of(node),
            allowed="letters of the arrays, each once",
        )
    axes: dict[str, Axis | None] = {}
    for letters, a in zip(inputs, arrays, strict=True):
        if len(letters) != len(a.shape):
            raise ShapeClash(node.span, f"{letters} indexes {shop.words(a.shape)}")
        for c, axis in zip(letters, a.shape, strict=True):
            if axes.get(c) not in (None, axis) and axis is not None:
                raise ShapeClash(
                    node.span, f"{c} runs over two axes of {shown(node.text)}, {shop.words((axes[c], axis))}"
                )
            axes[c] = axis or axes.get(c)

    def body(*places: Index | None) -> Expr:
        at = dict(zip(result, places, strict=True))
        bound = {c: fresh(axis) for c, axis in axes.items() if c not in result and axis is not None}
        whole = {**at, **bound}
        product = Mul(
            *(a.at_places([whole.get(c) for c in letters]) for letters, a in zip(inputs, arrays, strict=True))
        )
        return Sum.over(product, *bound.values()) if bound else product

    return shop.made(tuple(axes[c] for c in result), body)


def _tensordot(shop: Workshop, node: Call, arrays: list[Array]) -> Array:
    """``tensordot(a, b, axes)`` as an einsum."""
    if len(arrays) != 2:
        raise InputError("tensordot takes two arrays", place=place_of(node), allowed="tensordot(a, b, axes=1)")
    ranks = [len(a.shape) for a in arrays]
    parts = [[int(n) for n in part.split(",")] for part in (node.text or "2").split(";")]
    if len(parts) == 1 and len(parts[0]) == 1:
        n = parts[0][0]
        pairs = [[ranks[0] - n + k for k in range(n)], [*range(n)]] if 0 <= n <= min(ranks) else []
    else:
        pairs = parts
    if len(pairs) != 2 or len(pairs[0]) != len(pairs[1]) or any(
        not -rank <= k < rank for rank, ks in zip(ranks, pairs, strict=True) for k in ks
    ):  # fmt: skip
        raise ShapeClash(
            node.span, f"tensordot of {' and '.join(shop.words(a.shape) for a in arrays)} over axes {node.text}"
        )
    letters = [[*"abcdefgh"[: ranks[0]]], [*"ijklmnop"[: ranks[1]]]]
    for j, k in zip(*pairs, strict=True):
        letters[1][k] = letters[0][j]
    shared = {letters[0][j] for j in pairs[0]}
    result = "".join(c for c in (*letters[0], *letters[1]) if c not in shared)
    text = f"{''.join(letters[0])},{''.join(letters[1])}->{result}"
    return einsum(shop, Call("einsum", node.args, text=text, span=node.span), arrays)
