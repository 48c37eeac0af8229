"""How each kind of SymPy node becomes array operations.

A bound index stands for itself here: the reductions inside a reduction have smaller numbers, so it cannot be captured.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy
from sympy import Add, Expr, KroneckerDelta, Mul, Pow, exp

from symbp.calculus import functions as f
from symbp.calculus.indices import Bound, Index
from symbp.calculus.places import Place, Within, is_plain
from symbp.calculus.primitives.matrices import MATRIX_BY_HEAD
from symbp.calculus.program import Element, name_of
from symbp.calculus.reductions import First, LogSumExp, Max, Only, Prod, Sum
from symbp.calculus.softmax import log_softmax_among, masked_softmax_among, softmax_of
from symbp.codegen import places
from symbp.codegen.arrays import Arrays
from symbp.codegen.contraction import sum_over
from symbp.codegen.matrices import diagonal, of_matrix
from symbp.codegen.nodes import Node, aligned, coefficient_parts, elementwise, negated, number, reduced, tensor_read
from symbp.codegen.pieces import side_by_side

_EXP_LIMIT = 80.0  # exp of it is finite in float32


def _indexed(a: Arrays, e: Expr) -> Node:
    indices = tuple(e.indices)
    if not is_plain(e) or any(i.is_Integer for i in indices):
        return places.read_at(a, e)
    if any(i.is_Integer for i in indices):
        return diagonal(places.at_numbers(e))
    return diagonal(Node("read", data=(name_of(e),), axes=indices))


def _add(a: Arrays, e: Expr) -> Node:
    found = softmax_of(e)
    if found is not None:
        return _along(a, "log_softmax", *found)
    if e.has(Place) and (whole := side_by_side(a, e)) is not None:
        return whole
    terms: list[Node] = []
    negative: list[Node] = []
    left = list(e.args)
    while (some := log_softmax_among(left)) is not None:
        sign, u, index, left = some
        (terms if sign > 0 else negative).append(_along(a, "log_softmax", u, index))
    for t in left:
        minus = t.could_extract_minus_sign() if isinstance(t, Mul) or t.is_number else False
        (negative if minus else terms).append(a.lower(-t if minus else t))
    return a.add(terms, negative)


def _mul(a: Arrays, e: Expr) -> Node:
    masked = masked_softmax_among(e.args) if e.has(Only) else None
    if masked is not None:
        there, u, index, rest = masked
        shares = _along(a, "masked_softmax", Only(there, u), index)
        return a.product([*([a.lower(Mul(*rest))] if rest else []), shares])
    numbers = [factor for factor in e.args if factor.is_number]
    top, bottom = coefficient_parts(abs(Mul(*numbers)))
    for factor in e.args:
        if isinstance(factor, Pow) and not isinstance(factor, exp) and factor.exp.could_extract_minus_sign():
            if not factor.is_number:
                bottom.append(_divisor(a, factor))
        elif not factor.is_number:
            top.append(a.lower(factor))
    result = a.quotient([n for n in top if n != number(1)], bottom)
    if not Mul(*numbers).is_negative:
        return result
    return negated(a.real(result) if result.kind == "bool" else result)


def _divisor(a: Arrays, factor: Expr) -> Node:
    """What to divide by for a factor ``base**-p``."""
    power = -factor.exp
    if power == 1:
        return a.positive(factor.base)
    if power == sympy.S.Half:
        return _sqrt(a.positive(factor.base))
    base = a.positive(factor.base, max(1, int(sympy.ceiling(power)))) if power.is_number else a.lower(factor.base)
    return _raised(a, base, power)


def _pow(a: Arrays, e: Expr) -> Node:
    if e.exp.could_extract_minus_sign():
        return a.quotient([], [_divisor(a, e)])
    return _raised(a, a.lower(e.base), e.exp)


def _raised(a: Arrays, base: Node, power: Expr) -> Node:
    if power == 1:
        return base
    if power == sympy.S.Half:
        return _sqrt(base)
    base = a.real(base) if base.kind == "bool" else base
    if power.is_Integer and 2 < power <= 4:  # NumPy's pow is slow except for squares
        square = elementwise("pow", (base, number(2)), base.axes)
        if power == 3:
            return elementwise("mul", (square, base), base.axes)
        return elementwise("pow", (square, number(2)), base.axes)
    exponent = a.lower(power)
    return elementwise("pow", (base, exponent), a.joined(base, exponent))


def _sqrt(node: Node) -> Node:
    return Node("call", (node,), ("math.sqrt" if node.kind == "py" else "np.sqrt",), node.axes, node.kind)


def _exp(a: Arrays, e: Expr) -> Node:
    found = softmax_of(e.args[0])
    if found is not None:
        return _along(a, "softmax", *found)
    node = a.call(exp, a.lower(e.args[0]))
    if node.kind == "real" and a.ranges.of(e.args[0])[1] > _EXP_LIMIT:
        return Node("call", node.args, ("safe_exp",), node.axes)
    return node


def _along(a: Arrays, name: str, body: Expr, index: Index) -> Node:
    a.place(index)
    node = a.real(a.lower(body))
    return Node("along", (node,), (name, node.axes.index(index)), node.axes)


def _log(a: Arrays, e: Expr) -> Node:
    return a.call(sympy.log, a.positive(e.args[0]))


def _xlogy(a: Arrays, e: Expr) -> Node:
    return a.call(f.xlogy, a.lower(e.args[0]), a.positive(e.args[1]))


def _step(a: Arrays, e: Expr) -> Node:
    u = e.args[0]
    terms = Add.make_args(u)
    below = [-t for t in terms if t.could_extract_minus_sign()]
    left = a.lower(Add(*(t for t in terms if not t.could_extract_minus_sign())))
    right = a.lower(Add(*below))
    return Node(
        "greater", tuple(aligned(n, a.joined(left, right)) for n in (left, right)), (), a.joined(left, right), "bool"
    )


def _where(a: Arrays, e: Expr) -> Node:
    mask, yes, no = (a.lower(x) for x in e.args)
    if mask.kind != "bool":
        mask = Node("greater", (mask, number(0)), (), mask.axes, "bool")
    if yes.kind != "real" and no.kind != "real":
        no = Node("cast", (no,), (tensor_read(mask) or a.like,), no.axes)
    return Node(
        "where", elementwise("where", (mask, yes, no), a.joined(mask, yes, no)).args, (), a.joined(mask, yes, no)
    )


def _logsumexp(a: Arrays, e: Expr) -> Node:
    index, body = e.bound, e.body
    a.place(index)
    node = a.real(a.lower(body))
    if index not in node.axes:
        return a.add([node, a.call(sympy.log, a.length(e.axis))], [])
    places = node.axes.index(index)
    return Node("along", (node,), ("logsumexp", places), tuple(i for i in node.axes if i != index))


def _reduction(op: str) -> Callable[[Arrays, Expr], Node]:
    def rule(a: Arrays, e: Expr) -> Node:
        index, body = e.bound, e.body
        a.place(index)
        node = a.lower(body)
        if index not in node.axes:
            return node if op == "max" else _raised(a, node, e.axis.size)
        if op == "max" and (taps := places.taps(a, node, index)):
            return taps
        return reduced(op, a.real(node), index)

    return rule


def _first(a: Arrays, e: Expr) -> Node:
    peak, at = e.args
    index, body = peak.bound, peak.body
    a.place(index)
    node = a.lower(body)
    if index not in node.axes:  # all terms are equal
        count = Node("arange", (a.length(peak.axis),), axes=(at,), kind="py")
        return Node("equal", (count, number(0)), (), (at,), "bool")
    place = node.axes.index(index)
    if a.sizes.get(index.axis, places.FEW + 1) <= places.FEW:
        return Node("first_max", (node,), (place,), (*node.axes[:place], at, *node.axes[place + 1 :]), "bool")
    where = Node("argmax", (node,), (place,), tuple(i for i in node.axes if i != index))
    count = Node("arange", (a.length(peak.axis),), axes=(at,), kind="py")
    axes = (*where.axes, at)
    return Node("equal", (count, aligned(where, axes)), (), axes, "bool")


def _delta(a: Arrays, e: Expr) -> Node:
    if e.has(Place) or any(i.is_Integer for i in e.args):
        return places.delta_at(a, e)
    i, j = sorted(e.args, key=a.place)
    return Node("eye", (a.length(i.axis),), axes=(i, j), kind="bool")


def _sum(a: Arrays, e: Expr) -> Node:
    return sum_over(a, e)


RULES: dict[type, Callable[[Arrays, Expr], Node]] = {
    Element: _indexed, Add: _add, Mul: _mul, Pow: _pow, exp: _exp, sympy.log: _log, f.xlogy: _xlogy, f.step: _step,
    f.where: _where, Sum: _sum, Max: _reduction("max"), Prod: _reduction("prod"), LogSumExp: _logsumexp,
    First: _first, KroneckerDelta: _delta, Index: places.index, Bound: places.index, Place: places.index,
    Within: places.within, Only: places.only, **dict.fromkeys(MATRIX_BY_HEAD, of_matrix),
}  # fmt: skip
