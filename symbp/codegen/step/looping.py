"""Recurrences in a step: the operations of one of their steps as a program of its own, and its lines in a loop.

What is kept of all steps, and what is carried from one to the next, lies in rooms with the steps first; a step writes into its
slice of them. What a step needs besides lies in rooms that all steps use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from symbp.calculus.indices import Axis
from symbp.codegen.loops import turned
from symbp.codegen.recurrence import Loop, from_steps_first
from symbp.codegen.step.linear import Builder, Linear, Op, Shape
from symbp.codegen.step.memory import GRADIENTS, Plan, first_of, own_outputs, owns, plan
from symbp.codegen.step.reading import Reader, Steps
from symbp.codegen.step.writing import Lines


@dataclass(frozen=True)
class Body:
    """The program of one step and where its values lie.

    `given` are the names of what it reads from outside, `stored` those of what it leaves, each the tensor of a step; the
    operation "loop" takes them in this order, then the rooms that all steps use. `starts` are those of what is carried that does
    not start from 0, among the given. `place` is the number of that operation, as it was read.
    """

    loop: Loop
    program: Linear
    layout: Plan
    given: tuple[str, ...]
    stored: tuple[str, ...]
    length: int
    place: int

    @property
    def kept(self) -> tuple[str, ...]:
        """The tensors that it leaves, all steps of them."""
        return tuple(self.loop.cuts[n].name for n in self.stored)

    @property
    def title(self) -> str:
        """What all its lines compute."""
        return title_of(self.loop)


def title_of(loop: Loop) -> str:
    """What the lines of a loop compute."""
    return f"the steps of {' and '.join(loop.stored)}"


def read_loop(reader: Reader, steps: Steps, number: int) -> Body:
    """Read a loop: its values over all steps become known to the reader."""
    loop, outer = steps.loop, reader.b
    shape = _shapes(steps, reader.sizes)
    b = Builder()
    inner = Reader(b, {}, reader.sizes)
    roots, copies = turned(loop, (tree.root for tree in steps.trees))
    for name, node in copies.items():
        k = reader.read(node)
        reader.known[name] = outer.emit(Op("copy", (k,), (name,), outer[k].shape))
    given: dict[str, int] = {}
    for name in dict.fromkeys((*copies, *(n for tree in steps.trees for n in tree.statement.reads))):
        if name not in loop.here.values():
            inner.known[name] = b.emit(Op("input", (), (name,), _taken(reader, loop, name, shape, given)))
    for tree, root in zip(steps.trees, roots, strict=True):
        inner.known[tree.statement.target.name] = inner.read(root)
    kept = dict.fromkeys((*loop.stored, *(c.name for c in loop.carried.values())))
    stored = tuple(loop.here[n] for n in kept)
    names = {t.statement.target.name: inner.known[t.statement.target.name] for t in steps.trees}
    program = own_outputs(b.program(names, {n: names[n] for n in stored}), stored)
    layout = plan(program, (), stored)
    length = reader.sizes[loop.axis]
    reader.whole += inner.whole
    rooms = [outer.emit(Op("room", (), (number, n), (length, *shape[n]))) for n in stored]
    scratch = [
        outer.emit(Op("room", (), (number, k), (None, r.each) if r.each else (r.fixed,), r.kind))
        for k, r in enumerate(layout.rooms)
    ]
    done = outer.emit(Op("loop", (*given.values(), *rooms, *scratch), (number,), (0,)))
    for name, room in zip(kept, rooms, strict=True):
        slot = loop.cuts[loop.here[name]].slot
        after = outer.emit(Op("after", (room, done), (), outer[room].shape))
        reader.known[name] = outer.transposed(after, from_steps_first(slot, len(outer[room].shape) - 1))
    return Body(loop, program, layout, tuple(given), stored, length, done)


def _shapes(steps: Steps, sizes: Mapping[Axis, int]) -> dict[str, Shape]:
    """The shapes of what a step computes."""
    return {
        t.statement.target.name: tuple(sizes.get(i.axis) for i in t.statement.indices) for t in steps.trees
    }  # fmt: skip


def _taken(reader: Reader, loop: Loop, name: str, shape: Mapping[str, Shape], given: dict[str, int]) -> Shape:
    """The shape of what a step reads; where it comes from outside of the loop, it is put among what is given."""
    cut = loop.cuts.get(name)
    carried = cut is not None and cut.before > 0
    of = reader.known.get(name if cut is None or carried else cut.name)
    if of is not None:  # what is carried is given where it does not start from 0
        given[name] = of
    if cut is None:
        return reader.b[given[name]].shape
    if carried:
        return shape[loop.here[cut.name]]
    whole = reader.b[given[name]].shape
    return (*whole[: cut.slot], *whole[cut.slot + 1 :])


@dataclass(frozen=True)
class Outside:
    """What the lines of a loop need of the step around it.

    `args` are the arrays that the loop reads or writes, in the order of its operation, `fixed` those that are the same in each
    step of training, by their numbers. `piece` is the code of an array in one of the rooms that all steps use, `number` the
    variable of a number, `constant` that of an array which never changes, `given` that of another constant.
    """

    args: tuple[str, ...]
    fixed: frozenset[int]
    piece: Callable[[int, Op], str]
    number: Callable[[float], str]
    constant: Callable[[str, str], str]
    given: Callable[[Op], str]
    names: Mapping[str, str]
    views: dict[str, str]
    taken: set[str]


class LoopLines(Lines):
    """Writes the lines of a loop."""

    def __init__(self, body: Body, outside: Outside) -> None:
        super().__init__(body.program, body.layout, {}, self._read, outside.taken, outside.views)
        self.body, self.outside = body, outside
        self.step = self.free(body.loop.step.name)
        self.arrays = dict(zip((*body.given, *body.stored), outside.args, strict=False))
        self._name_values()

    def _name_values(self) -> None:
        called = self.program.called()
        ends = {k: n for n, k in self.program.outputs.items()}
        order: dict[int, list[int]] = {}
        for k, op in self.program:
            if op.name == "input" and self._outer(op.data[0]):
                place = self.body.given.index(op.data[0])
                self.fixed |= {k} if place in self.outside.fixed else set()
            if owns(op):
                order.setdefault(first_of(self.layout.over, k), []).append(k)
            elif op.name == "whole":
                self.variables[k] = self._named(called, k)
        for chain in order.values():
            end = next((ends[k] for k in chain if k in ends), None)
            for k in chain:
                if end is not None:
                    self.variables[k] = self.outside.names[end]
                elif k in called or k not in self.layout.over:
                    self.variables[k] = self._named(called, k)
                    self.views.setdefault(
                        self.variables[k], self.outside.piece(self.layout.room[k], self.program.ops[k])
                    )
                else:
                    self.variables[k] = self.variables[self.layout.over[k]]
                if self.layout.room[k] != GRADIENTS:
                    self.fixed.add(k)

    def _named(self, called: Mapping[int, str], k: int) -> str:
        if k in called:
            return self.outside.names[called[k]]
        count = 1
        while f"t{count}" in self.taken:
            count += 1
        return self.free(f"t{count}")

    def _outer(self, name: str) -> bool:
        """Whether an input is an array from outside, the same in all steps."""
        return name in self.body.given and name not in self.body.loop.cuts

    def _read(self, op: Op) -> str:
        if op.name != "input":
            return self.outside.given(op)
        name = str(op.data[0])
        return self.arrays[name] if self._outer(name) else self.outside.names[name]

    def argument(self, k: int) -> str:
        """An argument of an array operation."""
        op = self.program.ops[k]
        return self.outside.number(op.data[0]) if op.name == "number" else super().argument(k)

    def written(self) -> list[str]:
        """The lines of the loop."""
        loop, names = self.body.loop, self.outside.names
        front, first, last = list[str](), list[str](), list[str]()
        for name, cut in loop.cuts.items():
            if cut.before:
                shape = self.program.ops[self.program.outputs[loop.here[cut.name]]].shape
                start = self.arrays.get(name) or self._zeros(shape)
                front.append(f"{names[name]} = {start}")
            elif name in self.arrays and name not in self.body.stored:
                first.append(f"{names[name]} = {self.arrays[name]}[{', '.join([*':' * cut.slot, self.step])}]")
        first += [f"{names[n]} = {self.arrays[n]}[{self.step}]" for n in self.body.stored]
        for name, cut in loop.carried.items():
            last.append(f"{names[name]} = {names[loop.nearer(cut)]}")
        lines = [line for k, _ in self.program for line in self.lines(k)]
        return [
            *front,
            loop.head(self.step, str(self.body.length)),
            *(f"    {line}" for line in (*first, *lines, *last)),
        ]

    def _zeros(self, shape: Shape) -> str:
        lengths = ", ".join("count" if n is None else str(n) for n in shape)
        return self.outside.constant("zeros", f"np.zeros(({lengths}{',' * (len(shape) == 1)}), self.dtype)")
