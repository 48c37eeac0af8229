"""Parts of arrays and what is put together of them: reads along an axis as slices, reads that fill an axis as a concatenation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Add, Expr, Indexed, Integer

from symbp.calculus.indices import Axis, Index
from symbp.calculus.lengths import divided, expanded, length_of
from symbp.calculus.places import Place, never_outside
from symbp.calculus.program import name_of
from symbp.codegen.arrays import Arrays
from symbp.codegen.nodes import Node, permuted

Cut = tuple[str, tuple[Expr, ...]]
"""What stands in a subscript, and the lengths that stand where it has ``{}``."""


def cut_of(sizes: Mapping[Axis, int], place: Expr) -> Cut | None:
    """The slice of a place that never lies outside; None where it is no slice."""
    text = _at_numbers(place)
    return _at_lengths(sizes, place) if text is None else (text, ())


def _at_numbers(place: Expr) -> str | None:
    """What stands in a subscript for a place that never lies outside: ``1:``, ``::2``, ``-1``; None where it is no slice."""
    if isinstance(place, Index):
        return ":"
    if place.is_Integer:
        return str(place)
    affine = place.affine if isinstance(place, Place) else None
    if affine is None or not isinstance(place, Place) or len(affine.steps) > 1:
        return None
    length = length_of(place.axis)
    start = affine.offset + affine.far
    if not affine.steps:
        back = expanded(start - length)
        return str(back) if back.is_Integer and back < 0 and never_outside(place) else None
    ((letter, step),) = affine.steps
    count = length_of(letter.axis)
    if step == -1 and expanded(start - length) == -1 and expanded(count - length) == 0:
        return "::-1"
    if step < 1 or affine.far or affine.offset < 0:
        return None
    shown = str(affine.offset) if affine.offset else ""
    if step > 1:
        rest = divided(length - affine.offset + step - 1, step)
        return f"{shown}::{step}" if expanded(rest - count) == 0 else None
    left = expanded(length - affine.offset - count)
    return f"{shown}:{-left if left else ''}" if left.is_Integer and left >= 0 else None


def _at_lengths(sizes: Mapping[Axis, int], place: Expr) -> Cut | None:
    """A slice that begins or ends where lengths say; None where it is none, or all lengths are numbers."""
    if not isinstance(place, Place) or place.axis in sizes or not never_outside(place):
        return None
    affine = place.affine
    if affine is None or len(affine.steps) != 1 or affine.steps[0][1] != 1:
        return None
    start = expanded(affine.offset + affine.far)
    stop = expanded(start + length_of(affine.letters[0].axis))
    ends = [None if start == 0 else start, None if stop == expanded(length_of(place.axis)) else stop]
    text = " : ".join("" if end is None else "{}" for end in ends).strip()
    return text, tuple(end for end in ends if end is not None)


_Part = tuple[Expr, Expr, int, Index, Indexed]
"""Where a part begins, its length, the slot along which it lies, the letter that goes through the whole, and the element."""


def side_by_side(a: Arrays, e: Add) -> Node | None:
    """A sum of reads that lie one behind the other along an axis and fill it, as one array; None where it is no such sum."""
    found = list[_Part]()
    for term in e.args:
        shifted = [k for k, i in enumerate(term.indices) if isinstance(i, Place)] if isinstance(term, Indexed) else []
        if len(shifted) != 1:
            return None
        (k,) = shifted
        affine = term.indices[k].affine
        if affine is None or len(affine.steps) != 1 or affine.steps[0][1] != 1:
            return None
        start = expanded(-affine.offset - affine.far)
        found.append((start, _counted(a, term.indices[k].axis), k, affine.letters[0], term))
    parts = _in_a_row(found)
    if parts is None:
        return None
    _, _, k, letter, first = parts[0]
    rest = (*first.indices[:k], *first.indices[k + 1 :])
    if expanded(parts[-1][0] + parts[-1][1] - _counted(a, letter.axis)) != 0:
        return None
    if any((its, (*t.indices[:at], *t.indices[at + 1 :])) != (letter, rest) for _, _, at, its, t in parts):
        return None
    if not all(isinstance(i, Index) for i in rest):
        return None
    axes = (*rest[:k], letter, *rest[k:])
    reads = (Node("read", data=(name_of(t),), axes=(*rest[:at], letter, *rest[at:])) for _, _, at, _, t in parts)
    for i in axes:
        a.place(i)
    return Node("concatenate", tuple(permuted(n, axes) for n in reads), (k,), axes)


def _in_a_row(parts: Sequence[_Part]) -> list[_Part] | None:
    """Parts in order, each beginning where the one before it ends, the first at 0; None where there is no such order."""
    rows, end = list[_Part](), Integer(0)
    while len(rows) < len(parts):
        following = next((part for part in parts if part[0] == end), None)
        if following is None:
            return None
        rows.append(following)
        end = expanded(following[0] + following[1])
    return rows


def _counted(a: Arrays, axis: Axis) -> Expr:
    """The length of an axis, as a number where it is fixed."""
    return Integer(a.sizes[axis]) if axis in a.sizes else expanded(length_of(axis))
