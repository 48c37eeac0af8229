"""Sums of products -> matrix products, or where they are none, tensordot, einsum and sums.

The factors are contracted in pairs, in the order that costs the fewest multiplications; a pair that shares a summed index is a
matrix product, with transposes as views and all indices but three as batch axes, which broadcast.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from sympy import Add, Expr, KroneckerDelta, Mul, Pow

from symbp.calculus.indices import Index
from symbp.calculus.matrix_functions import inv
from symbp.calculus.places import Place
from symbp.calculus.program import free_indices
from symbp.calculus.reductions import Sum
from symbp.codegen.arrays import Arrays
from symbp.codegen.matrices import solved
from symbp.codegen.nodes import Node, aligned, permuted, reduced
from symbp.codegen.places import scatter, scattered, slots_of


def sum_over(a: Arrays, e: Expr) -> Node:
    """A sum, or directly nested sums, over the indices that they bind."""
    bound: list[Index] = []
    while isinstance(e, Sum):
        index, e = e.bound, e.body
        a.place(index)
        bound.append(index)
    return _summed(a, e, bound)


def _summed(a: Arrays, body: Expr, bound: list[Index]) -> Node:
    coefficient, rest = body.as_coeff_Mul()
    if coefficient != 1:
        return a.scaled(coefficient, _summed(a, rest, bound))
    while isinstance(body, Sum):
        index, body = body.bound, body.body
        a.place(index)
        bound = [*bound, index]
    if isinstance(body, Add) and _splits(body):
        return a.add([_summed(a, t, bound) for t in body.args], [])
    if body.has(Place) and body.has(KroneckerDelta) and (made := _scattered(a, body, bound)) is not None:
        return made
    unused = [i for i in bound if not body.has(i)]
    bound = [i for i in bound if body.has(i)]
    lengths = [a.length(i.axis) for i in unused]
    factors = [*Mul.make_args(body)]
    inner = next((f for f in factors if _joins(f, [g for g in factors if g is not f])), None)
    if inner is not None:
        a.place(inner.bound)
        return _summed(a, Mul(inner.body, *(f for f in factors if f is not inner)), [*bound, inner.bound])
    wide = next((f for f in factors if len(factors) > 1 and isinstance(f, Add) and _splits(f)), None)
    if wide is not None:
        rest = Mul(*(f for f in factors if f is not wide))
        signs = [t.could_extract_minus_sign() for t in wide.args]
        parts = [_summed(a, rest * (-t if minus else t), bound) for t, minus in zip(wide.args, signs, strict=True)]
        plus = [p for p, minus in zip(parts, signs, strict=True) if not minus]
        total = a.add(plus, [p for p, minus in zip(parts, signs, strict=True) if minus])
        return a.product([*lengths, total])
    outside = [f for f in factors if not any(f.has(i) for i in bound)]
    inside = [f for f in factors if any(f.has(i) for i in bound)]
    if not inside:
        return a.product([*lengths, a.lower(Mul(*outside))])
    operands = _operands(a, inside)
    keep = {i for n in operands for i in n.axes} - set(bound)
    result = _contract(a, operands, bound, keep)
    if outside or lengths:
        return a.product([*lengths, a.lower(Mul(*outside)), result]) if _whole(outside) else _scaled(a, outside, result)
    return result


def _joins(factor: Expr, others: list[Expr]) -> bool:
    """Whether a sum among factors is one with an inverse, whose order with the sums around it matters: a linear system is to be
    solved for few right sides."""
    one = isinstance(factor, Sum) and isinstance(factor.body, Mul) and factor.body.has(inv)
    return bool(others) and one and not any(g.has(factor.bound) for g in others)


def _scattered(a: Arrays, body: Expr, bound: list[Index]) -> Node | None:
    """A sum that deltas of places add up at these places; None where it is none."""
    found = scattered(a, body, bound)
    if found is None:
        return None
    rest, every, targets = found
    for i in every:
        a.place(i)
    slots_of(a, list(targets.values()))
    kept = {i for p in targets.values() for i in p.free_symbols}
    value = a.real(_summed(a, Mul(*rest), [i for i in every if i not in kept]))
    return scatter(a, value, targets)


def _whole(outside: list[Expr]) -> bool:
    return not any(isinstance(f, Pow) and f.exp.could_extract_minus_sign() for f in outside)


def _scaled(a: Arrays, outside: list[Expr], result: Node) -> Node:
    top = [a.lower(f) for f in outside if _whole([f])]
    bottom = [a.lower(1 / f) for f in outside if not _whole([f])]
    return a.quotient([*top, result], bottom)


def _splits(total: Expr) -> bool:
    """Whether adding the terms first would make a larger array than any of them is."""
    every = free_indices(total)
    return all(free_indices(t) != every for t in total.args)


def _operands(a: Arrays, factors: list[Expr]) -> list[Node]:
    """The factors; those over the same axes are multiplied first."""
    groups: dict[frozenset[Index], list[Expr]] = {}
    for f in factors:
        groups.setdefault(frozenset(free_indices(f)), []).append(f)
    return [a.real(a.lower(Mul(*some))) for some in groups.values()]


def _contract(a: Arrays, operands: list[Node], bound: list[Index], keep: set[Index]) -> Node:
    """Contract all operands over `bound`."""
    operands = [_reduce_own(n, [m for m in operands if m is not n], bound) for n in operands]
    if len(operands) == 1:
        return operands[0]
    if len(operands) == 2:
        return _pair(a, operands[0], operands[1], keep)
    i, j = min(
        ((i, j) for i in range(len(operands)) for j in range(i + 1, len(operands))),
        key=lambda pair: _cost(a, operands, pair[0], pair[1], keep),
    )
    others = [n for k, n in enumerate(operands) if k not in (i, j)]
    needed = keep | {x for n in others for x in n.axes}
    return _contract(a, [*others, _pair(a, operands[i], operands[j], needed)], bound, keep)


def _cost(a: Arrays, operands: list[Node], i: int, j: int, keep: set[Index]) -> tuple[int, int, int, int]:
    """Size of the result, then multiplications; a greedy plan, good for the few factors that a body has."""
    both = set(operands[i].axes) | set(operands[j].axes)
    needed = keep | {x for k, n in enumerate(operands) if k not in (i, j) for x in n.axes}
    return _volume(a, both & needed), _volume(a, both), i, j


def _volume(a: Arrays, indices: Iterable[Index]) -> int:
    return math.prod(a.nominal(i) for i in indices)


def _reduce_own(n: Node, others: list[Node], bound: list[Index]) -> Node:
    """Sum over the indices that no other operand has."""
    own = [i for i in n.axes if i in bound and not any(i in m.axes for m in others)]
    return reduced("sum", n, *own) if own else n


def _pair(a: Arrays, x: Node, y: Node, keep: set[Index]) -> Node:
    """The product of two operands, summed over the indices that they share and that are not needed any more."""
    shared = [i for i in x.axes if i in y.axes]
    summed = [i for i in shared if i not in keep]
    if (solution := solved(x, y, summed)) is not None:
        return solution
    batch = sorted((i for i in shared if i in keep), key=a.place)
    left = [i for i in x.axes if i not in shared]
    right = [i for i in y.axes if i not in shared]
    if (left and right and a.place(right[0]) < a.place(left[0])) or (not left and right):
        x, y, left, right = y, x, right, left
    if not summed:
        return a.product([x, y])
    summed = _as_stored(a, (x, y), summed)
    if not left and not right and len(x.axes) > 1:
        product = a.product([x, y])
        return reduced("sum", product, *summed)
    if len(summed) == 1 and not batch:
        if len(right) > 1 and len(left) <= 1:
            x, y, left, right = y, x, right, left
        if len(right) <= 1:
            return _matmul(permuted(x, (*left, *summed)), permuted(y, (*summed, *right)), (*left, *right))
    if not batch:
        if a.sliding & {
            *summed
        }:  # windows are copied along the letters that slide, which are to be the last of the copy
            x, y, left, right = (x, y, left, right) if _is_window(x) else (y, x, right, left)
        elif a.sliding & {*left} and not a.sliding & {*right}:
            x, y, left, right = y, x, right, left
        places = tuple(x.axes.index(i) for i in summed), tuple(y.axes.index(i) for i in summed)
        return Node("tensordot", (x, y), places, (*left, *right))
    if left and right and (len(summed) > 1 or min(len(left), len(right)) > 1):
        return _products(a, x, y, (batch, left, summed, right))
    return _stacked(a, x, y, summed, left, right) or _einsum(x, y, (*batch, *left, *right))


def _as_stored(a: Arrays, operands: Iterable[Node], summed: list[Index]) -> list[Index]:
    """Summed letters in an order in which an operand need not be copied, where it lies in memory with steps first."""
    for n in operands:
        if n.op == "read" and n.data[0] in a.steps and n.axes[a.steps[n.data[0]]] in summed:
            first = n.axes[a.steps[n.data[0]]]
            return [first, *(i for i in summed if i != first)]
    return summed


def _is_window(n: Node) -> bool:
    return any(inner.op == "windows" for inner in n.walk())


def _products(a: Arrays, x: Node, y: Node, letters: tuple[list[Index], list[Index], list[Index], list[Index]]) -> Node:
    """A matrix product for every value of the letters that both have and that stay; those of a side are counted through as one.

    Windows stand second. They are copied, and along letters that slide entries lie side by side: those are the last of the copy.
    """
    batch, left, summed, right = letters
    if _is_window(x) and not _is_window(y):
        x, y, left, right = y, x, right, left
    turned = bool(a.sliding & {*summed}) or (not a.sliding & {*right} and _stored(y)[-1] in summed)
    second = (*batch, *right, *summed) if turned else (*batch, *summed, *right)
    data = (len(batch), len(summed), turned)
    return Node("products", (permuted(x, (*batch, *left, *summed)), permuted(y, second)), data, (*batch, *left, *right))


def _stacked(a: Arrays, x: Node, y: Node, summed: list[Index], left: list[Index], right: list[Index]) -> Node | None:
    """A matrix product for every value of the other indices, which broadcast where one operand alone has them.

    A product of matrices with vectors whose rows and columns lie scattered is a sum of slices where those are whole. None where
    einsum is the faster one, and where what is summed afterwards would be larger than the operands.
    """
    inner = max(summed, key=lambda i: x.axes.index(i) + y.axes.index(i))
    row, column = ([max(some, key=a.place)] if some else [] for some in (left, right))
    if row and column and a.place(column[0]) < a.place(row[0]):
        x, y, row, column = y, x, column, row
    stack = sorted({*x.axes, *y.axes} - {inner, *row, *column}, key=lambda i: (i not in summed, a.place(i)))
    later = [i for i in stack if i in summed]
    if later and _volume(a, [*stack, *row, *column]) > max(_volume(a, x.axes), _volume(a, y.axes)):
        return None
    if not (row and column):
        stored = _stored(y if not row else x)
        if stored[-1] in stack:
            return reduced("sum", a.product([x, y]), *summed) if stored[0] == inner else None
    first = aligned(permuted(x, (*(i for i in stack if i in x.axes), *row, inner)), (*stack, *row, inner))
    second = aligned(permuted(y, (*(i for i in stack if i in y.axes), inner, *column)), (*stack, inner, *column))
    if not row:
        first = _widened(first, len(first.axes) - 1)
    if not column:
        second = _widened(second, len(second.axes))
    product = _matmul(first, second, (*stack, *row, *column))
    if not row or not column:
        product = Node("squeeze", (product,), (len(stack) + len(row),), product.axes)
    return reduced("sum", product, *later) if later else product


def _stored(node: Node) -> tuple[Index, ...]:
    """The axes of an array in the order in which its entries lie, those along the last one side by side."""
    while node.op == "transpose":
        node = node.args[0]
    return node.axes


def _widened(node: Node, place: int) -> Node:
    """A view with one axis more, of length 1, at the place from the left: a vector as a row or a column."""
    shape = (*node.axes[:place], None, *node.axes[place:])
    return Node("expand", (node,), shape, node.axes, node.kind)


def _einsum(x: Node, y: Node, out: tuple[Index, ...]) -> Node:
    letters = {i: "abcdefghijklmnopqrstuvwxyz"[k] for k, i in enumerate(dict.fromkeys((*out, *x.axes, *y.axes)))}
    spec = ",".join("".join(letters[i] for i in n.axes) for n in (x, y)) + "->" + "".join(letters[i] for i in out)
    return Node("einsum", (x, y), (spec,), out)


def _matmul(x: Node, y: Node, axes: tuple[Index, ...]) -> Node:
    return Node("matmul", (x, y), (), axes)
