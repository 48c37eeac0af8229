"""Reads at places and what is added up at places, as single operations of a step: views of memory that is there, rows taken and
added up where they are told to."""

from __future__ import annotations

from symbp.codegen.nodes import Node
from symbp.codegen.step.linear import Builder, Op, Shape
from symbp.codegen.step.products import in_order

CALLED = ("windows", "add_windows", "add_at_rows", "first_max")
"""The operations that a helper function of the module does, told where to."""
Pads = tuple[tuple[int, int], ...]


def reshaped(b: Builder, k: int, shape: Shape) -> int:
    """A view with other axes over the same entries."""
    return b.emit(Op("reshape", (in_order(b, k),), shape, shape, b[k].kind))


def sliced(b: Builder, n: Node, k: int) -> int:
    """A view at one place along an axis."""
    place, _ = n.data
    shape = b[k].shape
    return b.emit(Op("slice", (k,), n.data, (*shape[:place], *shape[place + 1 :]), b[k].kind))


def windows(b: Builder, n: Node, k: int, lengths: list[int]) -> int:
    """A view at affine places, of a copy with a border where some lie outside."""
    fill, slots = n.data
    left, shape, moved = iter(lengths), list[int | None](), list[tuple[int, tuple[int, ...]] | None]()
    pads: list[tuple[int, int]] = []
    for size, slot in zip(b[k].shape, slots, strict=True):
        if slot is None:
            shape.append(size)
            pads.append((0, 0))
            moved.append(None)
            continue
        assert size is not None, "no place is an example's"
        offset, steps = slot
        counts = [next(left) for _ in steps]
        low = offset + sum(min(0, s * (c - 1)) for s, c in zip(steps, counts, strict=True))
        high = offset + sum(max(0, s * (c - 1)) for s, c in zip(steps, counts, strict=True))
        pads.append((max(0, -low), max(0, high - size + 1)))
        moved.append((offset + pads[-1][0], steps))
        shape += counts
    base = padded(b, k, fill, tuple(pads)) if any(p != (0, 0) for p in pads) else k
    return b.emit(Op("windows", (base,), (0, tuple(moved), tuple(lengths)), tuple(shape), b[k].kind))


def padded(b: Builder, k: int, fill: float, pads: Pads) -> int:
    """A copy with a border."""
    shape = tuple(None if s is None else s + sum(p) for s, p in zip(b[k].shape, pads, strict=True))
    return b.emit(Op("pad", (k,), (fill, pads), shape, b[k].kind))


def first_max(b: Builder, n: Node, k: int) -> int:
    """The mask of the first largest entry along a short axis."""
    (axis,) = n.data
    count = b[k].shape[axis]
    assert count is not None
    places = [Node("slice", data=(axis, i)) for i in range(count)]
    top = sliced(b, places[0], k)
    for place in places[1:]:
        top = b.ufunc("maximum", top, sliced(b, place, k))
    return b.emit(Op("first_max", (k, top), (axis,), b[k].shape, "bool"))
