r"""Vectors of ones, which are as long as what stands beside them."""

from __future__ import annotations

from dataclasses import replace

from symbp.calculus.indices import Axis
from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.syntax import Binary, Call, Name, Negate, Node, Number, Transpose, children, with_children
from symbp.formula.words import ELEMENTWISE
from symbp.network.forward import BATCH
from symbp.verification.meaning.lower import Lowering
from symbp.verification.meaning.setting import Shape
from symbp.verification.readings.deciding import Deciding
from symbp.verification.readings.points import of_point
from symbp.verification.readings.powers import shape_of

_OF_EACH = ("+", "-", "*", "/")


def is_ones(node: Node) -> bool:
    """Whether a formula is a column of ones, or a row, of which it is not said how many."""
    inner = node.arg if isinstance(node, Transpose) else node
    return isinstance(inner, Call) and inner.name == "ones" and inner.args == (Name("?"),)


def how_many(node: Node) -> InputError:
    """The error for ones of which nothing says how many."""
    return InputError("how many ones?", place=at(node.span.start), allowed="a matrix beside them")


def with_length(how: Deciding, node: Binary, left: Node, right: Node) -> Node | None:
    """A product with ones as long as the matrix beside them wants it, or left open where that is a vector and the product is an
    outer one; None where the other factor is a number."""
    low, first = how.low, is_ones(left)
    ones, other = (left, right) if first else (right, left)
    shape = shape_of(low, other)
    if not is_ones(other) and shape is not None and not any(shape):
        if low.setting.orient is None:
            return None
        scaled = Binary("*", other, ones, span=node.span)
        how.open[scaled] = 1 if isinstance(ones, Transpose) else 0
        return scaled
    if is_ones(other) or shape is None or len(shape) != 2:
        raise how_many(ones)
    if node.op == "cdot" and shape[1] is None and not isinstance(ones, Transpose):
        column = _ones(low, shape[0], ones)
        return of_point(how.points, node, *((column, other) if first else (other, column)), True)
    axis = shape[0] if first else shape[1]
    of_examples = low.setting.orient is None  # in a network a vector of one example is a matrix of several
    made = _ones(low, axis, ones)
    product = Binary("@", made, other, span=node.span) if first else Binary("@", other, made, span=node.span)
    if axis is None and not of_examples:
        if isinstance(ones, Transpose) == first:
            raise how_many(ones)
        how.open[product] = 0 if first else 1
    return product


def _ones(low: Lowering, axis: Axis | None, like: Node) -> Node:
    """A column of ones, or a row."""
    names = [n for n, a in low.setting.lengths.items() if a == axis]
    if axis is not None and axis.name != BATCH.name and not names:
        raise how_many(like)
    count: Node = Number("1") if axis is None else Name("N" if axis.name == BATCH.name else names[0])
    column: Node = Call("ones", (count,), span=like.span)
    return Transpose(column, span=like.span) if isinstance(like, Transpose) else column


def lengthened(how: Deciding, node: Node, whole: Shape | None) -> Node:
    """A formula in which the ones of outer products are as long as the rest of what the product is part of, element by element,
    which has the shape `whole`."""
    axis = how.open.get(node)
    if isinstance(node, Binary) and axis is not None:
        length = whole[axis] if whole is not None and len(whole) == 2 else None
        first = is_ones(node.left) if node.op == "*" else axis == 0
        ones = node.left if first else node.right
        if length is None or (node.op == "*" and whole is not None and whole[1 - axis] is not None):
            raise how_many(ones)
        made = _ones(how.low, length, ones)
        return replace(node, left=made) if first else replace(node, right=made)
    each = isinstance(node, Negate) or (isinstance(node, Binary) and node.op in _OF_EACH)
    each |= isinstance(node, Call) and node.name in ELEMENTWISE
    parts = [lengthened(how, c, whole if each else shape_of(how.low, c)) for c in children(node)]
    return with_children(node, tuple(parts))
