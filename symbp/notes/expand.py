"""Index expressions written out over the values of their indices, and matrix expressions over their entries."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import reduce

import sympy
from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul

from symbp.calculus.functions import apply, maximum, step
from symbp.calculus.indices import Axis, Index
from symbp.calculus.matrix.nodes import (
    Hadamard,
    Identity,
    Map,
    MatMul,
    Matrix,
    MatTensor,
    Number,
    Ones,
    Plus,
    Power,
    Scale,
    Transpose,
)
from symbp.calculus.matrix.read import Orientation
from symbp.calculus.matrix_functions import Along
from symbp.calculus.places import Place
from symbp.calculus.primitives import CALLS
from symbp.calculus.program import Partial, Statement, Tensor, indices_of, name_of
from symbp.calculus.reductions import First, LogSumExp, Max, Prod, Reduction, Sum, rewrite
from symbp.errors import InputError

Sizes = Mapping[Axis, int]


def index_values(axes: tuple[Axis, ...], sizes: Sizes) -> Iterator[tuple[Integer, ...]]:
    """Every tuple of index values, counted from 0, the last index fastest."""
    return itertools.product(*(tuple(Integer(k) for k in range(sizes[a])) for a in axes))


def expanded(expr: Expr, sizes: Sizes) -> Expr:
    """The expression with every reduction written out and every length a number."""
    lengths = {a.size: Integer(n) for a, n in sizes.items()}
    deltas = {d: d.func(*(p.where if isinstance(p, Place) else p for p in d.args)) for d in expr.atoms(KroneckerDelta)}

    def written_out(node: Expr) -> Expr:
        if isinstance(node, Reduction):
            index, body = node.opened()
            if isinstance(node, Max) and not all(_stays(p, sizes) for p in body.atoms(Place)):
                raise InputError(
                    "the maximum of a window that reaches beyond the edge is not written out", allowed="--detail steps"
                )
            return _reduced(type(node), [body.xreplace({index: Integer(k)}) for k in range(sizes[node.axis])])
        if isinstance(node, First):
            return _first(node, sizes)
        return lengths.get(node, node)

    return rewrite(expr.xreplace(deltas), written_out)


def _stays(place: Place, sizes: Sizes) -> bool:
    """Whether a place lies in its axis, whatever its letters are."""
    affine = place.affine
    if affine is None or affine.far != 0:
        return False
    reach = [step * (sizes[index.axis] - 1) for index, step in affine.steps]
    low, high = (affine.offset + sum(side(r, 0) for r in reach) for side in (min, max))
    return 0 <= low and high < sizes[place.axis]


def _reduced(kind: type[Expr], terms: list[Expr]) -> Expr:
    if kind is Sum:
        return Add(*terms)
    if kind is Prod:
        return Mul(*terms)
    if kind is Max:
        return reduce(maximum, terms)
    if kind is LogSumExp:
        return sympy.log(Add(*[sympy.exp(t) for t in terms]))
    if kind is Along:
        raise InputError("a function of a matrix is not written out element by element", allowed="--detail steps")
    raise InputError(f"{kind.__name__} is not written out over its values", allowed="--detail steps")


def placed(expr: Expr, indices: tuple[Index, ...], at: tuple[Integer, ...], sizes: Sizes) -> Expr:
    """An expression that is written out, at values of its free indices."""
    result = expr.xreplace(dict(zip(indices, at, strict=True)))
    result = expanded(result, sizes) if result.has(First) else result
    return rewrite(result, lambda node: _numbered(node, sizes)) if result.has(Place) else result


def _numbered(node: Expr, sizes: Sizes) -> Expr:
    """An element at places that have become numbers: 0 where one of them lies outside its axis."""
    if not isinstance(node, Indexed):
        return node
    at = [p.where if isinstance(p, Place) and p.where.is_Integer else p for p in indices_of(node)]
    for place, number in zip(indices_of(node), at, strict=True):
        if isinstance(place, Place) and number.is_Integer and not 0 <= number < sizes[place.axis]:
            return sympy.S.Zero
    return node.func(node.base, *at)


def _first(node: First, sizes: Sizes) -> Expr:
    """Whether an index has the first of the largest values, as a product of comparisons."""
    most, here = node.args
    if not isinstance(here, Integer):
        return node
    index, body = most.opened()
    each = [expanded(body.xreplace({index: Integer(k)}), sizes) for k in range(sizes[most.axis])]
    mine = each[int(here)]
    return Mul(*[step(mine - v) if k < here else 1 - step(v - mine) for k, v in enumerate(each) if k != here])


def paths(chain: Expr, definitions: Mapping[str, Statement], sizes: Sizes) -> Expr:
    """A chain rule that is written out, without the paths on which nothing travels.

    `definitions` are the forward statements by name, their bodies written out.
    """

    def dead(node: Expr) -> Expr:
        if isinstance(node, Partial):
            above, below = node.args
            s = definitions[name_of(above)]
            if not placed(s.body, s.indices, indices_of(above), sizes).has(below):
                return sympy.S.Zero
        return node

    return rewrite(chain, dead)


def entry(m: Matrix, r: int, c: int, tensors: Mapping[str, Tensor], orient: Orientation, sizes: Sizes) -> Expr:
    """One entry of a matrix expression as a scalar expression."""

    def at(node: Matrix, r: int, c: int) -> Expr:
        # an entry of something of length one is the same for all
        r, c = (r if node.shape[0] else 0), (c if node.shape[1] else 0)
        match node:
            case MatTensor():
                tensor = tensors[node.name]
                place = (c, r) if node.transposed else (r, c)
                chosen = {p: k for p, k in zip(orient(tensor), place, strict=True) if p is not None}
                return tensor[tuple(Integer(chosen[p]) for p in range(len(tensor.axes)))]
            case Number():
                return expanded(node.value, sizes)
            case Ones():
                return sympy.S.One
            case Identity():
                return Integer(r == c)
            case Transpose():
                return at(node.body, c, r)
            case Plus():
                return Add(*[at(t, r, c) for t in node.terms])
            case Hadamard():
                return Mul(*[at(f, r, c) for f in node.factors])
            case Scale():
                return Mul(*[at(s, 0, 0) for s in node.scalars], at(node.body, r, c))
            case Power():
                return at(node.base, r, c) ** node.exponent
            case MatMul():
                first, rest = node.factors[0], node.factors[1:]
                if not rest:
                    return at(first, r, c)
                others = MatMul((first.shape[1], node.shape[1]), rest)
                inner = 1 if first.shape[1] is None else sizes[first.shape[1]]
                return Add(*[at(first, r, k) * at(others, k, c) for k in range(inner)])
            case Map() if node.along is not None:
                arg = node.args[0]
                axis = arg.shape[node.along]
                assert axis is not None
                each = [(k, c) if node.along == 0 else (r, k) for k in range(sizes[axis])]
                total = Add(*[sympy.exp(at(arg, *e)) for e in each])
                return sympy.exp(at(arg, r, c)) / total if node.name == "softmax" else at(arg, r, c) - sympy.log(total)
            case Map() if node.named:
                return apply(node.name, at(node.args[0], r, c), node.order)
            case Map():
                return CALLS[node.name][0](*[at(a, r, c) for a in node.args])
        raise InputError(f"{type(node).__name__} is not written out over its entries", allowed="--detail steps")

    return at(m, r, c)
