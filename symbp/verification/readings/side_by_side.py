r"""Two factors side by side: a matrix product, an inner or an outer one, or scaling, as their shapes say."""

from __future__ import annotations

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.syntax import Binary, Call, Node, Transpose, transposed
from symbp.verification.meaning.setting import Shape
from symbp.verification.readings.deciding import Deciding
from symbp.verification.readings.ones import lengthened
from symbp.verification.readings.points import of_point
from symbp.verification.readings.powers import is_vector, shape_of

_BESIDE = "vectors of one length side by side are multiplied element by element"


def of_shapes(how: Deciding, node: Binary, left: Node, right: Node) -> Node:
    """Two factors side by side: a matrix product, an inner one, or scaling, as their shapes say."""
    a, b = shape_of(how.low, left), shape_of(how.low, right)
    if node.style == "angle" and a is not None and b is not None and (a == ()) + (b == ()) != 2 and not _vectors(a, b):
        return _inner(how, node, transposed(left), right)
    if () in (a, b):
        return Binary("*", left, right, span=node.span)
    if a is None or b is None:
        return Binary("@", left, right, span=node.span)
    inner = a[-1] == (b[-2] if len(b) > 1 else b[0])
    if not inner and (not any(how.narrowed(a)) or not any(how.narrowed(b))):
        return Binary("*", left, right, span=node.span)
    if not inner and node.op == "cdot" and a == b:
        return of_point(how.points, node, left, right, is_vector(a) and a[1] is None)
    if how.dropped and (found := _with_transposes(how, node, left, right, a, b)) is not None:
        return found
    if not inner and a == b and is_vector(a):
        if not how.low.setting.layers:  # a network's vectors are multiplied so all the time
            raise InputError("two vectors side by side", place=at(node.span.start), allowed=r"x^T y, x y^T, x \odot y")
        how.notes[_BESIDE] = None
        return Binary("*", left, right, span=node.span)
    return Binary("@", left, right, span=node.span)


def _with_transposes(how: Deciding, node: Binary, left: Node, right: Node, a: Shape, b: Shape) -> Node | None:
    """A product in which the transpose of a vector is left out, with the transposes put in: a vector that stands on the wrong
    side of a matrix gives a vector that stands as it does. Never an outer product, which its author must write."""
    product: Node | None = None
    if is_vector(a) and is_vector(b) and a == b and left in how.put:
        product = Binary("@", transposed(left), right, span=node.span)  # r A x
    elif is_vector(a) and a[1] is None and len(b) == 2 and not is_vector(b) and a[0] == b[0]:
        product = Transpose(Binary("@", Transpose(left), right, span=node.span), span=node.span)
    elif is_vector(b) and b[0] is None and len(a) == 2 and not is_vector(a) and a[1] == b[1]:
        product = Transpose(Binary("@", left, Transpose(right), span=node.span), span=node.span)
    if product is not None:
        how.put.add(product)
        how.notes[f"transposes of vectors are left out, as {how.dropped}"] = None
    return product


def outer(how: Deciding, node: Binary, left: Node, right: Node) -> Node:
    r"""``x \otimes y`` of two vectors of different lengths; for one length it is also written for the elementwise product."""
    axes = [[a for a in shape if a is not None] for x in (left, right) if (shape := shape_of(how.low, x)) is not None]
    if len(axes) == 2 and (not axes[0] or not axes[1]):
        return Binary("*", left, right, span=node.span)
    stands = shape_of(how.low, left) or ()
    turned = isinstance(left, Transpose) or (isinstance(right, Transpose) and stands[-1] is not None)
    if len(axes) != 2 or any(len(own) != 1 for own in axes) or axes[0] == axes[1] or turned:
        message = r"\otimes: an outer product, or one of elements?"
        raise InputError(message, place=at(node.span.start), allowed=r"x y^T, x \odot y")
    return Call("outer", (left, right.arg if isinstance(right, Transpose) else right), span=node.span)


def _vectors(a: Shape, b: Shape) -> bool:
    """Whether both are vectors, or matrices with one row or column."""
    return len(a) == len(b) == 2 and None in a and None in b


def _inner(how: Deciding, node: Binary, left: Node, right: Node) -> Node:
    """The inner product of two matrices of one shape: that of their elements, not a product of matrices."""
    a, b = shape_of(how.low, left) or (), shape_of(how.low, right) or ()
    left, right = lengthened(how, left, b), lengthened(how, right, a)
    a, b = shape_of(how.low, left) or (), shape_of(how.low, right) or ()
    if a != b:
        words = " and ".join(how.low.shop.words(shape) for shape in (a, b))
        message = f"an inner product of {words}"
        raise InputError(message, place=at(node.span.start), allowed="two vectors, or two matrices of one shape")
    return Call("sum", (Binary("*", left, right, span=node.span),), span=node.span)
