r"""What ``\cdot`` and ``\times`` between two vectors mean: the inner product, or that of each element; the shapes around them decide.

Every way to read the points of a claim is tried, and the one whose shapes fit is meant; where more than one does, or where an
inner product would be added to a vector, nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.syntax import Binary, Call, Node, nodes, transposed
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Shape

Meant = Literal["inner", "each"]
Points = Mapping[Node, Meant]
SAID: Mapping[Meant, str] = {
    "inner": "a point between vectors is their inner product, as the shapes want it",
    "each": "a point between vectors is the product of each element, as the shapes want it",
}
_INNER = "inner"
_MOST = 4
_T = TypeVar("_T")


class OpenPoint(InputError):
    """A point between two vectors of which it has not been decided what it means."""

    node: Binary


def of_point(points: Points, node: Binary, left: Node, right: Node, column: bool) -> Node:
    """A product with a point as it is meant; `column` says that both factors are columns.

    Raises
    ------
    OpenPoint : where nothing has been decided for it
    InputError : an inner product in a chain of points, which has none
    """
    kind = points.get(node)
    if kind is None:
        error = OpenPoint(r"\cdot of two vectors", place=at(node.span.start), allowed=r"\odot, or a^T b")
        error.node = node
        raise error
    chain = isinstance(node.left, Binary) and node.left.op == "cdot" and node.left.span.start == node.span.start
    if chain and _INNER in (kind, points.get(node.left)):
        raise InputError("a chain of points", place=at(node.span.start), allowed=r"\odot")
    if kind == "each":
        return Binary("*", left, right, span=node.span)
    if column:
        return Binary("@", transposed(left), right, _INNER, span=node.span)
    return Call("sum", (Binary("*", left, right, span=node.span),), style=_INNER, span=node.span)


def decided(read: Callable[[Points], _T], fits: Callable[[_T], bool]) -> tuple[_T, Points] | None:
    """What is read with the one way to take the points that fits; None where no way does, or more than one."""
    found: list[tuple[_T, Points]] = []
    waiting: list[Points] = [{}]
    while waiting:
        points = waiting.pop()
        try:
            made = read(points)
        except OpenPoint as open_point:
            if len(points) < _MOST:
                waiting += [{**points, open_point.node: kind} for kind in SAID]
            continue
        except (InputError, ShapeClash):
            continue
        if fits(made):
            found.append((made, points))
    return found[0] if len(found) == 1 else None


def added_to_vector(shape: Callable[[Node], Shape | None], *sides: Node) -> bool:
    """Whether an inner product is a term beside a vector or a matrix, which no sum is."""
    for node in nodes(*sides):
        if isinstance(node, Binary) and node.op in ("+", "-"):
            ends = [(shape(end) or (), end) for end in (node.left, node.right)]
            numbers = [end for own, end in ends if not any(own)]
            if len(numbers) == 1 and any(isinstance(n, (Binary, Call)) and n.style == _INNER for n in nodes(numbers[0])):
                return True
    return False
