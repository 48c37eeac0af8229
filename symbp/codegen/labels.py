"""Integer labels as places: where one-hot targets stand only in differences and in sums over the classes, a label picks an entry.

The same holds for the step of a trainer in :func:`symbp.codegen.step.label_passes.take_labels`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from symbp.calculus.indices import Index
from symbp.codegen.nodes import Node, elementwise, reduced

Axes = tuple[Index, ...]


def placed(roots: Sequence[Node], names: Collection[str]) -> frozenset[str]:
    """The targets among `names` whose labels can be places in all of the trees."""
    apart = {root.data[0] for root in roots if root.op == "read"}
    for n in (n for root in roots for n in at_labels(root, names).walk()):
        last = n.args[:-1] if n.op == "call" and n.data[0] in _TAKING else n.args
        apart |= {a.data[0] for a in last if a.op == "read"} | ({n.data[0]} if n.op == "cast" else set())
    return frozenset(names) - apart


_TAKING = ("less_target", "at_target", "log_softmax_at", "xlogy_at")


def at_labels(node: Node, names: Collection[str]) -> Node:
    """A tree whose targets may be labels, as far as these are places."""
    if node.op == "sub" and _target(node.args[1], names, node.axes):
        return _call("less_target", (at_labels(node.args[0], names), node.args[1]), node.axes)
    if node.op == "sum" and len(node.args[0].axes) - 1 in node.data:
        (inner,) = node.args
        taken = _taken(inner, names)
        if taken is not None:
            rest = [i for k, i in enumerate(inner.axes) if k in node.data and k < len(inner.axes) - 1]
            return reduced("sum", taken, *rest) if rest else taken
    args = tuple(at_labels(a, names) for a in node.args)
    return node if args == node.args else replace(node, args=args)


def _taken(node: Node, names: Collection[str]) -> Node | None:
    """The sum over the classes of a product with a target."""
    axes = node.axes[:-1]
    if node.op == "call" and node.data[0] == "xlogy" and _target(node.args[0], names, node.axes):
        return _call("xlogy_at", (node.args[1], node.args[0]), axes) if node.args[1].axes == node.axes else None
    factors = _factors(node)
    targets = [f for f in factors if _target(f, names, node.axes)]
    if len(targets) != 1:
        return None
    other = _product([f for f in factors if f is not targets[0]], node.axes)
    if other.axes != node.axes:
        return None
    if other.op == "along" and other.data == ("log_softmax", len(node.axes) - 1):
        return _call("log_softmax_at", (other.args[0], targets[0]), axes)
    return _call("at_target", (other, targets[0]), axes)


def _target(node: Node, names: Collection[str], axes: Axes) -> bool:
    return node.op == "read" and node.data[0] in names and node.axes == axes and len(axes) > 1


def _factors(node: Node) -> list[Node]:
    return [f for a in node.args for f in _factors(a)] if node.op == "mul" else [node]


def _product(factors: Sequence[Node], axes: Axes) -> Node:
    total, *rest = factors
    for f in rest:
        total = elementwise("mul", (total, f), f.axes if len(f.axes) > len(total.axes) else total.axes)
    return total


def _call(name: str, args: tuple[Node, ...], axes: Axes) -> Node:
    return Node("call", args, (name,), axes)
