"""The loop of a recurrence as lines of a module: what is kept of all steps, what is carried from one to the next, one step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from symbp.calculus.indices import Axis
from symbp.calculus.program import Statement
from symbp.codegen.block import Assignment
from symbp.codegen.nodes import Node, number
from symbp.codegen.recurrence import Cut, Loop, from_steps_first


@dataclass(frozen=True)
class Looped:
    """A loop, and the values of a step as trees."""

    loop: Loop
    roots: tuple[tuple[Statement, Node], ...]
    sizes: Mapping[Axis, int]


def turned(loop: Loop, roots: Iterable[Node]) -> tuple[list[Node], dict[str, Node]]:
    """The values of a step with what every step multiplies with as it lies in memory, and by name what is copied for that.

    A product of few rows with a transpose takes half as long again as one with a copy of it.
    """
    copies: dict[str, Node] = {}

    def replaced(node: Node) -> Node:
        args = tuple(map(replaced, node.args))
        if node.op == "matmul":
            args = tuple(map(copied, args))
        return node if args == node.args else replace(node, args=args)

    def copied(node: Node) -> Node:
        if node.op != "transpose" or node.args[0].op != "read" or node.args[0].data[0] in loop.cuts:
            return node
        name = f"{node.args[0].data[0]} turned"  # the name of no tensor
        copies[name] = node
        return replace(node, op="read", args=(), data=(name,))

    return [replaced(root) for root in roots], copies


class Writing(Protocol):
    """What writes assignments, as far as a loop needs it."""

    names: dict[str, str]
    shapes: dict[Axis, str]
    reads: set[str]
    like: str
    width: int

    def assign(self, s: Statement, root: Node, written: Statement) -> Assignment:
        """The lines of one statement."""

    def text(self, node: Node) -> str:
        """The expression of a value."""


def write_loop(w: Writing, looped: Looped, written: Mapping[str, Statement]) -> list[Assignment]:
    """The lines of a loop: what stands in front of it, and the assignments of a step.

    What is kept of all steps lies with the steps first, so that what a step writes lies in one piece.
    """
    loop, names = looped.loop, w.names
    step = _free(loop.step.name, names)
    for name, cut in loop.slices.items():
        names[name] = f"{names[cut.name]}[{_at(cut, step)}]"
        w.reads.add(cut.name)
    length, like = _length(w, looped, loop.axis), names[w.like]
    w.reads.add(w.like)
    targets = {cut.name: s for s, _ in looped.roots for cut in [loop.cuts[s.target.name]]}
    front = []
    for name in loop.stored:
        rest = [w.text(_length(w, looped, i.axis)) for i in targets[name].indices]
        shape = f"({', '.join([w.text(length), *rest])}{',' * (not rest)})"
        front.append(
            f"{names[name]} = np.empty({shape}, dtype={like}.dtype){_view(loop.cuts[loop.here[name]].slot, len(rest))}"
        )
    for name, cut in loop.carried.items():
        if name in loop.started:
            continue
        rest_nodes = tuple(_length(w, looped, i.axis) for i in targets[cut.name].indices)
        zero = Node("cast", (number(0),), (w.like,))
        start = Node("broadcast", (zero, *rest_nodes), (), targets[cut.name].indices) if rest_nodes else zero
        front.append(f"{names[name]} = {w.text(start)}")
    roots, copies = turned(loop, (root for _, root in looped.roots))
    for name, node in copies.items():
        names[name] = _free(f"{names[node.args[0].data[0]]}_T", names)
        front.append(f"{names[name]} = np.ascontiguousarray({w.text(node)})")
    front.append(loop.head(step, w.text(length)))
    made = [Assignment(loop.stored[0], names[loop.stored[0]], "", "", tuple(front))]
    w.width -= 4
    for s, root in zip((s for s, _ in looped.roots), roots, strict=True):
        cut = loop.cuts[s.target.name]
        a = w.assign(s, root, written[cut.name])
        lines = [*a.lines]
        if cut.name in loop.stored:
            lines.append(f"{names[cut.name]}[{_at(cut, step)}] = {a.variable}")
            a = replace(a, name=cut.name, variable=names[cut.name])
        made.append(replace(a, lines=tuple(f"    {line}" for line in lines), depth=1))
    w.width += 4
    carried = tuple(f"    {names[n]} = {names[loop.nearer(c)]}" for n, c in loop.carried.items())
    made[-1] = replace(made[-1], lines=made[-1].lines + carried)
    return made


def _free(wanted: str, names: Mapping[str, str]) -> str:
    """A variable that nothing has."""
    while wanted in names.values():
        wanted += "_"
    return wanted


def _at(cut: Cut, step: str) -> str:
    return ", ".join([*":" * cut.slot, step])


def _view(slot: int, rest: int) -> str:
    """The view of an array with the steps first in which they are the axis number `slot`."""
    return f".transpose({', '.join(map(str, from_steps_first(slot, rest)))})" if slot else ""


def _length(w: Writing, looped: Looped, axis: Axis) -> Any:
    """The length of an axis."""
    if axis in looped.sizes:
        return number(looped.sizes[axis])
    return Node("size", data=(w.shapes[axis],), kind="py")
