"""Reads at places as views and gathers, sums over their Kronecker deltas as scatters, conditions on letters as masks.

A view of an array at affine places is one of strides, over the array with a border of zeros where a place may lie outside; what
is scattered is added up tap by tap, which are as many slices as a kernel has entries.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul

from symbp.calculus.indices import Axis, Index
from symbp.calculus.places import Affine, Place, Within, inside
from symbp.calculus.program import elements, indices_of, name_of
from symbp.calculus.reductions import Only, Sum
from symbp.codegen.arrays import Arrays
from symbp.codegen.matrices import diagonal
from symbp.codegen.nodes import Node, aligned, elementwise, number, permuted
from symbp.codegen.pieces import cut_of

Slot = tuple[int | None, tuple[int, ...]] | None
"""A slot of a tensor: None for the plain index, else the offset, None where it is made of lengths, and the step of each letter
that stands there."""


@dataclass(frozen=True)
class Slots:
    """The slots of a tensor that is read at affine places: their letters in order, and what their lengths are, each slot's behind
    its offset where that is made of lengths."""

    slots: tuple[Slot, ...]
    letters: tuple[Index, ...]
    lengths: tuple[Node, ...]


def slots_of(a: Arrays, places: Sequence[Expr]) -> Slots | None:
    """The slots of places; None where one is no affine place, or a letter stands in two of them."""
    slots, letters, lengths = list[Slot](), list[Index](), list[Node]()
    for place in places:
        if isinstance(place, Index):
            slots.append(None)
            letters.append(place)
            continue
        affine = place.affine if isinstance(place, Place) else Affine((), int(place))
        if affine is None:
            return None
        mine = sorted(affine.steps, key=lambda s: -a.nominal(s[0]))  # the longest slides, the others are taps
        slots.append((None if affine.far else affine.offset, tuple(step for _, step in mine)))
        lengths += [whole(a, affine.far + affine.offset)] if affine.far else []
        letters += [i for i, _ in mine]
        lengths += [a.length(i.axis) for i, _ in mine]
        if len(mine) > 1:
            a.sliding.add(mine[0][0])
    if len({*letters}) < len(letters):
        return None
    for i in letters:
        a.place(i)
    return Slots(tuple(slots), tuple(letters), tuple(lengths))


def at_numbers(e: Indexed) -> Node:
    """An element that is read at letters and numbers, as the array at these numbers."""
    slots = [Index(f"_slot{k}", Axis("one")) if i.is_Integer else i for k, i in enumerate(e.indices)]
    node = Node("read", data=(name_of(e),), axes=tuple(slots))
    for k in reversed(range(len(slots))):
        if e.indices[k].is_Integer:
            node = Node("slice", (node,), (k, int(e.indices[k])), (*node.axes[:k], *node.axes[k + 1 :]))
    return node


def _whole_slices(a: Arrays, slots: Slots, sizes: Sequence[Axis]) -> tuple[str, ...] | None:
    """What stands in a subscript where entries are read one after the other and none lies outside; None where it is no slice."""
    found = list[str]()
    letters = iter(slots.letters)
    for slot, axis in zip(slots.slots, sizes, strict=True):
        if slot is None:
            next(letters)
            found.append(":")
            continue
        offset, steps = slot
        if offset is None or steps != (1,):
            return None
        count, length = a.sizes.get(next(letters).axis), a.sizes.get(axis)
        if offset < 0 or count is None or length is None or offset + count > length:
            return None
        found.append(f"{offset}:{offset + count}")
    return tuple(found)


def read_at(a: Arrays, e: Indexed, fill: float = 0) -> Node:
    """An element that is read at places; outside of the tensor it is `fill`."""
    over = (i.axis if isinstance(i, (Index, Place)) else Axis("one") for i in e.indices)
    base = Node("read", data=(name_of(e),), axes=tuple(Index(f"_slot{k}", axis) for k, axis in enumerate(over)))
    cuts = [cut for i in e.indices if (cut := cut_of(a.sizes, i)) is not None]
    if len(cuts) == len(e.indices):
        letters = tuple(i for p in e.indices for i in sorted(p.free_symbols, key=str) if isinstance(i, Index))
        ends = (whole(a, end) for _, its in cuts for end in its)
        return diagonal(Node("part", (base, *ends), tuple(text for text, _ in cuts), letters))
    gathers = [i.gather is not None for i in e.indices if isinstance(i, Place)]
    if gathers and all(gathers):
        return _gathered(a, e, base)
    if any(gathers):  # beside a place that may lie outside
        return _picked(a, e, base, fill)
    slots = slots_of(a, e.indices)
    if slots is None:
        return _picked(a, e, base, fill)
    radix = [_radix(a, i) if isinstance(i, Place) else (i,) for i in e.indices]
    if all(r is not None for r in radix):
        order = tuple(i for r in radix if r is not None for i in r)
        return Node("reshape", (base, *(a.length(i.axis) for i in order)), (), order)
    if (parts := _whole_slices(a, slots, [i.axis for i in base.axes])) is not None:
        return Node("part", (base,), parts, slots.letters)
    return Node("windows", (base, *slots.lengths), (fill, slots.slots), slots.letters)


def _radix(a: Arrays, place: Place) -> tuple[Index, ...] | None:
    """The letters of a place that counts them through, the last one fastest, over all of its axis: ``12*c + 4*p + q``."""
    affine = place.affine
    if affine is None or affine.offset or affine.far or not affine.steps:
        return None
    letters = sorted(affine.steps, key=lambda s: (-s[1], -a.nominal(s[0])))
    total = 1
    for index, step in reversed(letters):
        if step != total or index.axis not in a.sizes:
            return None
        total *= a.sizes[index.axis]
    return tuple(i for i, _ in letters) if a.sizes.get(place.axis) == total else None


def whole(a: Arrays, e: Expr) -> Node:
    """A whole number made of letters, as an array over them."""
    if isinstance(e, Place):
        return whole(a, e.where)
    if isinstance(e, Index):
        a.place(e)
        return Node("arange", (a.length(e.axis),), axes=(e,), kind="py")
    if isinstance(e, Indexed):
        found = a.lower(e)
        return Node(found.op, found.args, found.data, found.axes, "py")
    if isinstance(e, Add):
        minus = [t.could_extract_minus_sign() for t in e.args]
        plus = [whole(a, t) for t, m in zip(e.args, minus, strict=True) if not m]
        less = [whole(a, -t) for t, m in zip(e.args, minus, strict=True) if m]
        return a.add(plus or [number(0)], less)
    if isinstance(e, Mul):
        return a.product([whole(a, f) for f in e.args])
    return a.lower(e)


def _gathered(a: Arrays, e: Indexed, base: Node) -> Node:
    """An element at a place that a tensor of whole numbers says."""
    gathers = [k for k, i in enumerate(e.indices) if isinstance(i, Place) and i.gather is not None]
    places = [whole(a, i) for i in e.indices]
    first, rest = gathers[0], [i for k, i in enumerate(e.indices) if k != gathers[0]]
    if len(gathers) == 1 and all(isinstance(i, Index) and i not in places[first].axes for i in rest):
        if first == 0:  # rows
            return Node("at", (base, places[0]), (), (*places[0].axes, *rest))
        axes = (*e.indices[:first], *places[first].axes, *e.indices[first + 1 :])
        return Node("take", (base, places[first]), (first,), axes)
    axes = a.joined(*places)
    return Node("at", (base, *(aligned(p, axes) for p in places)), (), axes)


def _picked(a: Arrays, e: Indexed, base: Node, fill: float) -> Node:
    """An element at places that share letters: entry by entry, `fill` outside."""
    places = [whole(a, i) for i in e.indices]
    axes = a.joined(*places)
    return Node("picked", (base, *(aligned(p, axes) for p in places)), (fill,), axes)


FEW = 8
"""Along an axis that is no longer, NumPy takes the maximum sooner of slices than of the axis."""


def taps(a: Arrays, node: Node, index: Index) -> Node | None:
    """The maximum of a view along a short axis, slice by slice; None where it is no view, or long."""
    length = a.sizes.get(index.axis, FEW + 1)
    views = ("windows", "reshape")
    if not 1 < length <= FEW or not any(n.op in views for n in node.walk()) or node.op not in (*views, "call", "slice"):
        return None
    rest, place = tuple(i for i in node.axes if i != index), node.axes.index(index)
    slices = [Node("slice", (node,), (place, k), rest) for k in range(length)]
    total = slices[0]
    for one in slices[1:]:
        total = elementwise("call", (total, one), rest, ("np.maximum",))
    return total


def index(a: Arrays, e: Expr) -> Node:
    """A letter, or a place, where a number stands."""
    return whole(a, e)


def within(a: Arrays, e: Within) -> Node:
    """``r <= t`` as a mask."""
    terms = Add.make_args(e.number)
    below = [whole(a, -t) for t in terms if t.could_extract_minus_sign()]
    above = [whole(a, t) for t in terms if not t.could_extract_minus_sign()]
    left, right = (a.add(some or [number(0)], []) for some in (below, above))
    axes = a.joined(left, right)
    return Node("atmost", (aligned(left, axes), aligned(right, axes)), (), axes, "bool")


def delta_at(a: Arrays, e: KroneckerDelta) -> Node:
    """``i == 2*p + u`` as a mask."""
    left, right = (whole(a, i) for i in e.args)
    axes = a.joined(left, right)
    return Node("equal", (aligned(left, axes), aligned(right, axes)), (), axes, "bool")


def only(a: Arrays, e: Only) -> Node:
    """A term under a maximum or a log-sum-exp, minus infinity where it is left out."""
    condition, body = e.args
    known = {
        f for x in elements(body) for i in indices_of(x) if isinstance(i, Place) for f in Mul.make_args(inside(i))
    } - {1}
    rest = Mul(*(f for f in Mul.make_args(condition) if f not in known))
    if isinstance(body, Indexed) and known and known <= {*Mul.make_args(condition)}:  # outside of it, all is left out
        value = read_at(a, body, -math.inf)
        return value if rest == 1 else _kept(a, a.lower(rest), value)
    return _kept(a, a.lower(condition), a.real(a.lower(body)))


def _kept(a: Arrays, mask: Node, value: Node) -> Node:
    axes = a.joined(mask, value)
    return elementwise("where", (mask, value, number(-math.inf)), axes)


def scattered(a: Arrays, body: Expr, bound: list[Index]) -> tuple[list[Expr], list[Index], dict[Index, Place]] | None:
    """A sum of a product in which deltas say where it is added up: the other factors, all bound letters, and the place of each
    free letter; None where there is none, or a mask does as well."""
    factors, every = _flat(body, bound)
    targets: dict[Index, Place] = {}
    rest = list[Expr]()
    for f in factors:
        if isinstance(f, KroneckerDelta) and (found := _target(f, every)) and found[0] not in targets:
            targets[found[0]] = found[1]
        else:
            rest.append(f)
    letters = [i for p in targets.values() for i in p.free_symbols if isinstance(i, Index)]
    apart = len({*letters}) == len(letters) or any(p.gather is not None for p in targets.values())
    gathers = sum(p.gather is not None for p in targets.values())
    alone = not any(r.has(t) for r in rest for t in targets)
    return (rest, every, targets) if targets and apart and alone and gathers in (0, len(targets), 1) else None


def _target(delta: KroneckerDelta, bound: list[Index]) -> tuple[Index, Place] | None:
    """The free letter of a delta, and the place made of bound ones alone at which it is 1."""
    for i, place in (delta.args, delta.args[::-1]):
        if isinstance(i, Index) and i not in bound and isinstance(place, Place):
            letters = {j for j in place.free_symbols if isinstance(j, Index)}
            return (i, place) if letters and letters <= {*bound} else None
    return None


def _flat(body: Expr, bound: list[Index]) -> tuple[list[Expr], list[Index]]:
    """The factors of a product, the sums among them that hold a delta opened."""
    factors: list[Expr] = []
    for f in Mul.make_args(body):
        if isinstance(f, Sum) and f.has(KroneckerDelta):
            inner_index, inner = f.opened()
            more, bound = _flat(inner, [*bound, inner_index])
            factors += more
        else:
            factors.append(f)
    return factors, bound


def scatter(a: Arrays, value: Node, targets: dict[Index, Place]) -> Node | None:
    """`value` added up where the places of `targets` say."""
    letters = {i for p in targets.values() for i in p.free_symbols if isinstance(i, Index)}
    free = [i for i in value.axes if i not in letters]
    out = tuple(sorted({*free, *targets}, key=a.place))
    stored = (*free, *(i for i in out if i in targets))  # as the entries of the value lie
    gathers = [i for i, p in targets.items() if p.gather is not None]
    if gathers:
        if len(targets) > 1:
            return None
        at, rest = whole(a, targets[gathers[0]]), [i for i in out if i not in targets]
        if not set(at.axes) <= set(value.axes):
            return None
        rows = permuted(value, (*at.axes, *rest))
        made = Node("call", (rows, at, a.length(gathers[0].axis)), ("add_at_rows",), (*targets, *rest))
        return permuted(made, out)
    radix = {i: _radix(a, p) for i, p in targets.items()}
    if all(radix.values()) and letters <= set(value.axes):
        order = tuple(j for i in out for j in (radix.get(i) or (i,)))
        return Node("reshape", (permuted(value, order), *(a.length(i.axis) for i in out)), (), out)
    slots = slots_of(a, [targets.get(i, i) for i in stored])
    if slots is None:
        return None
    lengths = tuple(a.length(i.axis) for i in stored)
    there = permuted(value, tuple(i for i in slots.letters if i in value.axes))
    if len(there.axes) < len(slots.letters):
        there = Node("expand", (there,), tuple(i if i in value.axes else None for i in slots.letters), there.axes)
    made = Node("add_windows", (there, *lengths, *slots.lengths), (len(lengths), slots.slots), stored)
    return permuted(made, out)


_FRESH = ("matmul", "tensordot", "products", "mul", "div", "sub", "sum")
"""Operations that make an array of their own."""


def split(root: Node, named: Collection[Node]) -> tuple[Node, Node | None]:
    """A sum of an array that nothing else has and of rows added up at their places: the array, and the rows, which can be added
    to it where it lies. Any other value is whole."""
    if root.op == "add" and root not in named:
        for rows, dense in (root.args, root.args[::-1]):
            scatters = rows.op == "call" and rows.data == ("add_at_rows",) and rows not in named
            if scatters and dense.op in _FRESH and dense not in named and dense.axes == rows.axes == root.axes:
                return dense, rows
    return root, None


def into(rows: Node, name: str) -> Node:
    """Rows added up at their places in a tensor that is there."""
    return Node("call", (*rows.args[:2], Node("read", data=(name,))), rows.data, rows.axes)
