"""The array program's expressions: what NumPy is asked to do, before it is printed.

A node knows the axes of its value (one index for each axis of the ndarray, in order) and its kind: "py" is a Python number
(weak: it never decides a dtype), "bool" a mask, "real" an array or NumPy scalar of the dtype that the data came in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sympy import Expr

from symbp.calculus.indices import Index

Kind = Literal["py", "bool", "real"]
LEAVES = ("number", "read", "size")


@dataclass(frozen=True)
class Node:
    """One array operation: `op` of `args`, with what else it needs in `data`."""

    op: str
    args: tuple[Node, ...] = ()
    data: tuple[Any, ...] = ()
    axes: tuple[Index, ...] = ()
    kind: Kind = "real"

    def walk(self) -> Iterator[Node]:
        """Every node, the arguments before what is made of them; shared ones as often as they are used."""
        for arg in self.args:
            yield from arg.walk()
        yield self


def number(value: float | int) -> Node:
    """A Python number."""
    return Node("number", data=(value,), kind="py")


def coefficient_parts(c: Expr) -> tuple[list[Node], list[Node]]:
    """A positive number as factors above and below the fraction bar."""
    if c.is_Rational and max(abs(c.p), c.q) < 1000 and c.q & (c.q - 1):
        return [number(int(c.p))], [number(int(c.q))]
    if c.is_Integer:
        return [number(int(c))], []
    if c.is_Rational and c.q == 2 and abs(c.p) == 1:
        return [number(int(c.p))], [number(2)]
    return [number(float(c))], []


def kind_of(args: tuple[Node, ...]) -> Kind:
    """The kind of an arithmetic expression of these."""
    return "real" if any(a.kind == "real" for a in args) else "py" if all(a.kind == "py" for a in args) else "bool"


def aligned(node: Node, axes: tuple[Index, ...]) -> Node:
    """`node` as a view that broadcasts against an array over `axes`."""
    if not node.axes or node.axes == axes[len(axes) - len(node.axes) :]:
        return node  # NumPy aligns the last axes by itself
    order = tuple(i for i in axes if i in node.axes)
    first = axes.index(order[0])
    shape = tuple(i if i in node.axes else None for i in axes[first:])
    view = permuted(node, order)
    return view if None not in shape else Node("expand", (view,), shape, tuple(axes[first:]), node.kind)


def permuted(node: Node, order: tuple[Index, ...]) -> Node:
    """`node` with its axes in another order, as a view."""
    if node.axes == order:
        return node
    return Node("transpose", (node,), tuple(node.axes.index(i) for i in order), order, node.kind)


def elementwise(op: str, args: tuple[Node, ...], axes: tuple[Index, ...], data: tuple[Any, ...] = ()) -> Node:
    """An operation on every element; the arguments are aligned so that they broadcast to `axes`."""
    return Node(op, tuple(aligned(a, axes) for a in args), data, axes, kind_of(args))


def reduced(op: str, node: Node, *indices: Index) -> Node:
    """A reduction (``sum``, ``max``, ``prod``) over some of the axes of `node`."""
    places = tuple(sorted(node.axes.index(i) for i in indices))
    return Node(op, (node,), places, tuple(i for i in node.axes if i not in indices))


def tensor_read(node: Node) -> str | None:
    """The name of the first floating tensor that a node reads."""
    return next((n.data[0] for n in node.walk() if n.op == "read" and n.kind == "real"), None)


def negated(node: Node) -> Node:
    """The negative, made where it costs least: in a Python number, by swapping a difference, in a small factor."""
    if node.op == "number":
        return number(-node.data[0])
    if node.op == "sub" and node.axes == node.args[1].axes:
        return Node("sub", node.args[::-1], (), node.axes, node.kind)
    if node.op in ("mul", "div") and node.kind == "real":
        first, second = node.args
        if second.kind == "py" and first.kind != "py" and node.op == "div":
            return Node("div", (first, negated(second)), (), node.axes, node.kind)
        return Node(node.op, (negated(first), second), (), node.axes, node.kind)
    return Node("neg", (node,), (), node.axes, node.kind)


def unsigned(node: Node) -> tuple[bool, Node]:
    """Whether a minus stands in front of a product, and the node without it."""
    if node.op == "neg":
        return True, node.args[0]
    if node.op in ("mul", "div"):
        minus, first = unsigned(node.args[0])
        if minus:
            return True, Node(node.op, (first, node.args[1]), node.data, node.axes, node.kind)
    return False, node
