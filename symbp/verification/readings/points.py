r"""What ``\cdot`` and ``\times`` between two vectors mean, and bars around one; the shapes around them decide.

A point is the inner product, or that of each element; bars are the norm, or each element's absolute value. Every way to read them
is tried, and the one whose shapes fit is meant; where more than one does, or where an inner product would be added to a vector,
nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.sums import over_what
from symbp.formula.syntax import Binary, Call, Name, Node, nodes, transposed
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Shape

Meant = Literal["inner", "each", "norm", "abs", "all", "examples"]
Points = Mapping[Node, Meant]
SAID: Mapping[Meant, str] = {
    "inner": "a point between vectors is their inner product, as the shapes want it",
    "each": "a point between vectors is the product of each element, as the shapes want it",
    "norm": "bars around a vector are its norm, as the shapes want it",
    "all": "the sum is over all elements, as the shapes want it",
    "examples": "the sum is over the examples, as the shapes want it",
    "abs": "bars around a vector are those of each element, as the shapes want it",
}
BARS = Name("|")
"""What all the bars of a claim are known by, which mean the same."""
_INNER = "inner"
_MOST = 5
_T = TypeVar("_T")


class Open(InputError):
    """A sign of which it has not been decided what it means: of which formula, and what it may be."""

    node: Node
    kinds: tuple[Meant, ...]


def open_point(node: Binary) -> Open:
    """The error for a point between two vectors."""
    error = Open(r"\cdot of two vectors", place=at(node.span.start), allowed=r"\odot, or a^T b")
    error.node, error.kinds = node, ("inner", "each")
    return error


def open_bars(node: Call, vector: bool) -> Open:
    """The error for bars around a vector, or around a matrix, of which nothing is guessed."""
    message = "bars around a vector: its norm, or each element's?"
    error = Open(message, place=at(node.span.start), allowed=r"\|x\|")
    error.node, error.kinds = node, ("norm", "abs") if vector else ()
    return error


def open_sum(node: Call, column: int) -> Open:
    """The error for a sum that does not say over what."""
    told = over_what(column)
    error = Open(told.message, place=told.place, allowed=told.allowed)
    error.node, error.kinds = node, ("all", "examples")
    return error


def of_point(points: Points, node: Binary, left: Node, right: Node, column: bool) -> Node:
    """A product with a point as it is meant; `column` says that both factors are columns.

    Raises
    ------
    Open : where nothing has been decided for it
    InputError : an inner product in a chain of points, which has none
    """
    kind = points.get(node)
    if kind is None:
        raise open_point(node)
    chain = isinstance(node.left, Binary) and node.left.op == "cdot" and node.left.span.start == node.span.start
    if chain and _INNER in (kind, points.get(node.left)):
        raise InputError("a chain of points", place=at(node.span.start), allowed=r"\odot")
    if kind == "each":
        return Binary("*", left, right, span=node.span)
    if column:
        return Binary("@", transposed(left), right, _INNER, span=node.span)
    return Call("sum", (Binary("*", left, right, span=node.span),), style=_INNER, span=node.span)


def decided(read: Callable[[Points], _T], fits: Callable[[_T], bool | None]) -> _T | None:
    """What is read with the one way to take the signs that fits, or where none does, with any whose shapes do not, for it is
    wrong in every way; None where more than one fits, or where nothing can be said."""
    found: dict[bool | None, list[_T]] = {}
    waiting: list[Points] = [{}]
    sums = False
    while waiting:
        points = waiting.pop()
        try:
            made = read(points)
        except Open as sign:
            sums |= "all" in sign.kinds
            if len(points) < _MOST:
                key = BARS if sign.kinds == ("norm", "abs") else sign.node
                waiting += [{**points, key: kind} for kind in reversed(sign.kinds)]
            continue
        except (InputError, ShapeClash):
            continue
        found.setdefault(fits(made), []).append(made)
    if found.get(True):
        return found[True][0] if len(found[True]) == 1 else None
    return found[False][0] if found.get(False) and not sums else None


def added_to_vector(shape: Callable[[Node], Shape | None], *sides: Node) -> bool:
    """Whether an inner product is a term beside a vector or a matrix, which no sum is."""
    for node in nodes(*sides):
        if isinstance(node, Binary) and node.op in ("+", "-"):
            ends = [(shape(end) or (), end) for end in (node.left, node.right)]
            numbers = [end for own, end in ends if not any(own)]
            if len(numbers) == 1 and any(
                isinstance(n, (Binary, Call)) and n.style == _INNER for n in nodes(numbers[0])
            ):
                return True
    return False
