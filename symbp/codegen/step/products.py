"""Products over several letters at once: each side of them counted through as one, so that one matrix product does it.

What is read has to lie in that order: its memory as it is, or turned, or else a copy of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbp.codegen.nodes import Node
from symbp.codegen.step.linear import VIEWS, Builder, Op

Groups = tuple[int, ...]


def contiguous(ops: Sequence[Op], k: int) -> bool:
    """Whether the entries of a value lie in the order of its axes, so that axes side by side can be counted as one."""
    return ops[k].name not in VIEWS or (ops[k].name in ("reshape", "after") and contiguous(ops, ops[k].args[0]))


def in_order(b: Builder, k: int) -> int:
    """A value whose entries lie in the order of its axes, copied where they do not.

    Copies of windows are never shared: they are many times as large as what they look at, and cheap to make again.
    """
    if contiguous(b.ops, k):
        return k
    own = (len(b.ops),) if slides(b, k) else ()
    return b.emit(Op("copy", (k,), own, b[k].shape, b[k].kind))


def slides(b: Builder, k: int) -> bool:
    """Whether a value is a view that shows entries more than once."""
    return b[k].name in VIEWS and (b[k].name == "windows" or slides(b, b[k].args[0]))


def sides(b: Builder, k: int, first: Sequence[int], last: Sequence[int]) -> tuple[int, bool]:
    """A value whose entries lie in the order of the axes `first` and then `last`, or, which is said, the other way round."""
    base, axes = k, list(range(len(b[k].shape)))
    if b[k].name == "transpose":
        base, axes = b[k].args[0], list(b[k].data)  # where the axes of the view are in what it looks at
    for source, places in ((base, axes), (k, list(range(len(b[k].shape))))):
        ahead, behind = [places[i] for i in first], [places[i] for i in last]
        if source == base and not contiguous(b.ops, base):
            continue
        if ahead + behind == sorted(places):
            return in_order(b, source), False
        if behind + ahead == sorted(places):
            return in_order(b, source), True
    return in_order(b, b.transposed(k, (*first, *last))), False


def contracted(b: Builder, x: int, y: int, over: tuple[Sequence[int], Sequence[int]], swapped: bool = False) -> int:
    """The sum over axes that two values share, as a product of two matrices; the axes of y come first where it is `swapped`."""
    left, right = ([i for i in range(len(b[k].shape)) if i not in its] for k, its in zip((x, y), over, strict=True))
    shape = (*(b[x].shape[i] for i in left), *(b[y].shape[i] for i in right))
    first, turned = sides(b, x, left, over[0])
    second, also = sides(b, y, over[1], right)
    one = (first, (len(over[0]) if turned else len(left)), turned)
    two = (second, (len(right) if also else len(over[1])), also)
    if swapped:
        one, two = (two[0], two[1], not two[2]), (one[0], one[1], not one[2])
        shape = (*shape[len(left) :], *shape[: len(left)])
    count = len(right) if swapped else len(left)
    return b.emit(Op("dot", (one[0], two[0]), (one[1:], two[1:], count), shape))


def stacked(b: Builder, n: Node, x: int, y: int) -> int:
    """A matrix product for each place on the first axes of two values, :func:`products` of a module."""
    batch, summed, turned = n.data
    one, two = in_order(b, x), in_order(b, y)
    left = len(b[x].shape) - batch - summed
    right = len(b[y].shape) - batch - summed
    shape = (
        *b[x].shape[: batch + left],
        *(b[y].shape[batch : batch + right] if turned else b[y].shape[batch + summed :]),
    )
    groups = ((batch, left, summed), (batch, right, summed) if turned else (batch, summed, right), (batch, left, right))
    return b.emit(Op("products", (one, two), (*groups, turned), shape))
