"""What is worth computing once: expressions that several statements have, found by their text.

Names are assigned once, so that the same text is the same value wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from symbp.codegen.nodes import LEAVES, Node
from symbp.codegen.printer import Printer

_COSTS = {
    "matmul": 12,
    "linalg": 12,
    "tensordot": 12,
    "products": 12,
    "einsum": 12,
    "along": 12,
    "sum": 2,
    "max": 2,
    "prod": 2,
    "squeeze": 0,
}
_CHEAP = ("np.abs", "np.sign", "np.maximum", "np.minimum", "positive")
_VIEWS = ("transpose", "expand", "squeeze", "slice", "part")
_EXPENSIVE, _WORTH = 8, 3
"""From what costs on something is kept from the way forward for the way back, and what naming it must save elsewhere."""


def cost(node: Node) -> int:
    """About how many passes over an array it takes to compute a value; a matrix product or a function counts as several."""
    if node.op in LEAVES or node.kind == "py":
        return 0
    inside = sum(cost(a) for a in node.args)
    if node.op in _VIEWS or not (node.axes or any(a.axes for a in node.args)):
        return inside
    if node.op == "call" and node.data[0] not in _CHEAP:
        return inside + 8
    return inside + _COSTS.get(node.op, 1)


def with_exponentials(roots: Sequence[Node], of: Sequence[Node], names: Mapping[str, str]) -> list[Node]:
    """The trees with ``softmax(u)`` as the exponential of ``log_softmax(u)`` where that stands in the trees `of`: one function of
    an array in the place of five."""
    show = Printer(names, {})
    known = {show.text(n) for root in of for n in root.walk() if n.op == "along" and n.data[0] == "log_softmax"}

    def changed(node: Node) -> Node:
        if node.op == "along" and node.data[0] == "softmax":
            logarithm = replace(node, data=("log_softmax", *node.data[1:]))
            if show.text(logarithm) in known:
                return Node("call", (logarithm,), ("np.exp",), node.axes)
        args = tuple(map(changed, node.args))
        return node if args == node.args else replace(node, args=args)

    return [changed(root) for root in roots] if known else [*roots]


class _Texts:
    """The text of every node, printed once."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._printer, self._known = Printer(names, {}), dict[int, tuple[Node, str]]()

    def text(self, node: Node) -> str:
        """The expression without temporaries."""
        if id(node) not in self._known:
            self._known[id(node)] = node, self._printer.text(node)
        return self._known[id(node)][1]


def common(first: Sequence[Node], second: Sequence[Node], names: Mapping[str, str]) -> dict[str, Node]:
    """The largest expensive expressions in `second` that stand in `first` too, by their text, in the order of `first`."""
    show = _Texts(names)
    there = {show.text(n): n for root in first for n in root.walk() if cost(n) >= _EXPENSIVE and n.op not in _VIEWS}
    found = {show.text(n) for root in second for n in _highest(root, there, show)}
    return {text: node for text, node in there.items() if text in found}


def repeated(roots: Sequence[Node], names: Mapping[str, str], known: Mapping[str, object]) -> frozenset[str]:
    """The texts of what several of the roots have and is worth a name; `known` has one already."""
    show = _Texts(names)
    nodes = {show.text(n): n for root in roots for n in root.walk() if n.op not in (*LEAVES, *_VIEWS) and n.axes}
    chosen: dict[str, Node] = {}
    for text, node in sorted(nodes.items(), key=lambda item: (-len(item[0]), item[0])):
        if cost(node) and text not in known:
            within = {**chosen, **dict.fromkeys(known), text: node}
            places = [*roots, *chosen.values()]
            uses = sum(
                show.text(n) == text for root in places for n in _highest(root, within, show, root in chosen.values())
            )
            if (uses - 1) * cost(node) >= _WORTH and any(show.text(r) != text for r in roots):
                chosen[text] = node
    return frozenset(chosen)


def _highest(node: Node, known: Mapping[str, object], show: _Texts, inside: bool = False) -> Iterator[Node]:
    """The nodes that are known and in no other that is, from a node on, or with `inside` from what it is made of."""
    if not inside and show.text(node) in known:
        yield node
        return
    for arg in node.args:
        yield from _highest(arg, known, show)
