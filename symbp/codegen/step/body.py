"""The parts of a step: its lines under the equations that they implement, the names of values, and the views of memory."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from symbp.calculus.program import Tensor
from symbp.codegen.array_calls import FUNCTIONS
from symbp.codegen.lower import RESERVED, variable
from symbp.codegen.step.linear import VIEWS, Linear, Op
from symbp.codegen.step.looping import Body, LoopLines, Outside
from symbp.codegen.step.memory import GRADIENTS, Plan, owns
from symbp.codegen.step.writing import Lines, flat_views

_OWN = frozenset(
    (
        "x y weight w_cast x_cast y_cast count labels at rows views arrays memory grads settings lr value limits dtype"
        " theta norm clip zero one two half t"
    ).split()
)
"""Names that the code of the trainer uses; a tensor of such a name is written with an underscore."""


@dataclass(frozen=True)
class Part:
    """Lines under the equations that they implement."""

    equations: tuple[str, ...]
    lines: tuple[str, ...]


class StepWriter(Lines):
    """Writes the parts of a step; gives every value its variable and every variable its view.

    `tensors` are those of the equations, by name; `kept` the names of what is read from params; `given` of what comes in with
    the examples; `bare` says that a step is given arrays x and y, and no tables of arrays; `loops` are those of recurrences.
    """

    def __init__(
        self,
        program: Linear,
        layout: Plan,
        tensors: Mapping[str, Tensor],
        kept: list[str],
        given: Collection[str],
        *,
        bare: bool,
        loops: Sequence[Body] = (),
    ) -> None:
        taken = set(RESERVED | _OWN)
        self.names: dict[str, str] = {}
        for k, name in enumerate(tensors):
            own = bare and name in ("x", "y")
            self.names[name] = name if own else variable(name, k) + ("_" if name in _OWN else "")
            taken.add(self.names[name])
        super().__init__(program, layout, {}, self._given, taken)
        self.kept, self.bare, self.loops = kept, bare, loops
        self.marks: dict[str, tuple[str, str]] = {}
        self.read: dict[str, None] = {}
        self.settings: dict[str, None] = {}
        self.bounds: dict[str, str] = {}
        self.called = program.called()
        self.inputs = {op.data[0]: k for k, op in program if op.name == "input"}
        self.views["ones"] = "self.ones[:count]"
        self.fixed |= {k for n, k in self.inputs.items() if n not in given}
        self.fixed |= {k for k, op in program if op.name == "constant"}
        self._name_values()

    def _name_values(self) -> None:
        after = {a: k for k, a in self.layout.over.items()}
        ends = sorted(self.called)
        for k, op in self.program:
            if op.name == "room":
                self._name_room(k, op)
                continue
            if op.name == "column":
                self.variables[k] = self.free("column")
                self.views[f"{self.variables[k]}_"] = self._memory_of(k)
                continue
            if not owns(op) and op.name != "whole":
                continue
            group = next((e for e in ends if e >= k), len(self.program.ops))
            last = k
            while last not in self.called and last in after and after[last] <= group:
                last = after[last]
            if last in self.called:
                self.variables[k] = self.names[self.called[last]]
            elif k in self.layout.over and self.layout.over[k] not in self.called:
                self.variables[k] = self.variables[self.layout.over[k]]
            else:
                self.variables[k] = self.temporary("t")
            if op.name == "whole":
                continue
            self.fixed.add(k)
            if self.layout.room[k] != GRADIENTS:
                self.views.setdefault(self.variables[k], self._memory_of(k))
        for k in flat_views(self.program):
            self.views[f"{self.variables[k]}_flat"] = f"{self.variables[k]}.reshape(-1)"

    def _name_room(self, k: int, op: Op) -> None:
        """Of what a loop keeps of all its steps the variable is the tensor's; what its steps use has those of each value."""
        number, what = op.data
        if isinstance(what, int):
            self.variables[k] = f"a step of {self.loops[number].loop.stored[0]}"
            return
        self.variables[k] = self.names[self.loops[number].loop.cuts[what].name]
        self.views[self.variables[k]] = self._memory_of(k)
        self.fixed.add(k)

    def _loop(self, op: Op) -> list[str]:
        """The lines of a loop."""
        body = self.loops[op.data[0]]
        count = len(body.given) + len(body.stored)
        args = tuple(self.argument(a) for a in op.args[:count])
        rooms = [self.layout.room[a] for a in op.args[count:]]
        outside = Outside(
            args, frozenset(i for i in range(count) if op.args[i] in self.fixed),
            lambda room, value: self._memory(rooms[room], value),
            self._number, self._constant, self._given, self.names, self.views, self.taken,
        )  # fmt: skip
        return LoopLines(body, outside).written()

    def labelled(self, k: int) -> tuple[str, str]:
        """Whether a target is labels, and where the entries at them lie: variables, one pair for each target in tables."""
        if self.bare:
            return super().labelled(k)
        name = self.names[str(self.program.ops[k].data[0])].rstrip("_")
        if name not in self.marks:
            self.marks[name] = self.free(f"{name}_labels"), self.free(f"{name}_at")
        return self.marks[name]

    def _memory_of(self, k: int) -> str:
        return self._memory(self.layout.room[k], self.program.ops[k])

    def _memory(self, place: int, op: Op) -> str:
        each = math.prod(n for n in op.shape if n is not None)
        length = f"count * {each}" if None in op.shape else str(each)
        length = "count" if length == "count * 1" else length
        part = (
            f"memory[{place}][:{length}]"
            if length.isidentifier() or length.isdigit()
            else f"memory[{place}][: {length}]"
        )
        if len(op.shape) == 1:
            return part
        return f"{part}.reshape({', '.join('count' if n is None else str(n) for n in op.shape)})"

    def temporary(self, letter: str) -> str:
        """A name for what is no tensor of the equations."""
        return self.free(next(n for c in itertools.count(1) if (n := f"{letter}{c}") not in self.taken))

    def gradient(self, k: int, made: str) -> None:
        """Say where a gradient lies, and what was in its place before."""
        while True:
            self.views[self.variables[k]] = made
            if k not in self.layout.over:
                return
            k = self.layout.over[k]

    def _given(self, op: Op) -> str:
        if op.name == "ones":
            (length,) = op.shape
            return "ones" if length is None else self._constant("ones1", f"self.ones[:{length}]")
        if op.name == "limit":
            self.bounds[str(op.data[0])] = ""
            self.views.setdefault(str(op.data[0]), f"self.limits[{op.data[0]!r}]".replace("'", '"'))
            return str(op.data[0])
        name = str(op.data[0])
        if op.name == "constant":
            return self.view("places", FUNCTIONS[name]((), [str(op.data[1])]))
        if op.kind == "py":
            self.settings.setdefault(name)
            return name
        self.read.setdefault(name)
        if name in self.kept:
            self.views.setdefault(self.names[name], f'params["{name}"]')
        return self.names[name]

    def argument(self, k: int) -> str:
        """An argument of an array operation; a number is an array without axes, which NumPy need not convert."""
        op = self.program.ops[k]
        if op.name == "number":
            return self._number(op.data[0])
        if op.kind == "py" and self.is_scalar(k) and not op.shape:
            raise AssertionError("a number that has no place")
        return super().argument(k)

    def _number(self, value: float) -> str:
        text = "c" + repr(value).replace("-", "m").replace(".", "_")
        short = text if len(text) < 9 and text.isidentifier() else "k1"
        return self._constant(
            _NAMED.get(value, short), f"np.array({value!r}, self.dtype)".replace("inf", "np.inf").replace("e+", "e")
        )

    def _constant(self, name: str, made: str) -> str:
        """The variable of an array that never changes, called `name` where that is free."""
        known = next((n for n, code in self.views.items() if code == made), None)
        if known is None:
            known = name if name in _NAMED.values() or name not in self.taken else self.temporary(name.rstrip("1"))
            self.taken.add(known)
            self.views[known] = made
        return known

    def parts(self, equations: list[tuple[str, str]]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """The parts up to the loss, and those behind it."""
        above: dict[int, list[str]] = {}
        waiting: list[str] = []
        for name, text in equations:
            waiting.append(text)
            if name in self.program.names:
                above.setdefault(self.program.names[name], []).extend(waiting)
                waiting = []
        made: list[Part] = []
        lines: list[str] = []
        loss = 0
        for k, op in self.program:
            lines += self._numbers(op)
            lines += self._written(k, op)
            if k in above or k == self.program.outputs["J"]:
                if lines:
                    made.append(Part(tuple(above.get(k, ())), tuple(lines)))
                lines = []
            if k == self.program.outputs["J"]:
                loss = len(made)
        if lines or waiting:
            made.append(Part(tuple(waiting), tuple(lines)))
        return tuple(made[:loss]), tuple(made[loss:])

    def _written(self, k: int, op: Op) -> list[str]:
        if op.name == "loop":
            return self._loop(op)
        if op.name == "column":
            name, number = self.variables[k], self.argument(op.args[1])
            made = f"np.multiply({self.array(op.args[0])}, {number}, out={name}_)"
            return [f"{name} = {number} if weight is None else {made}"]
        is_loss = k == self.program.outputs["J"]
        if self.is_scalar(k) and (is_loss or (op.kind == "real" and op.name not in VIEWS)):
            if not (is_loss or k in self.called or any(self.program.ops[a].shape for a in op.args)):
                return []
            name = self.names[self.called[k]] if k in self.called else self.temporary("t")
            line = f"{name} = {self.scalar(k)[0]}"
            self.known({k: name})
            return [line]
        return self.lines(k)

    def _numbers(self, op: Op) -> list[str]:
        """The numbers of a step that are not known before get an array without axes before an array needs them."""
        made = []
        for a in op.args:
            known = self.program.ops[a]
            if op.kind == "py" or not op.shape or known.kind != "py" or known.shape or a in self._known:
                continue
            if known.name not in ("number", "limit"):
                name = self.temporary("c")
                made.append(f"{name}[()] = {self.scalar(a)[0]}")
                self.views[name] = "np.empty((), self.dtype)"
                self.known({a: name})
        return made

    def memory(self) -> tuple[tuple[str, str, str], ...]:
        """The rooms: length, dtype, what lies there."""
        return tuple(
            (
                f"batch_size * {r.each}" if r.each > 1 else "batch_size" if r.each else str(r.fixed),
                "bool" if r.kind == "bool" else "dtype",
                ", ".join(dict.fromkeys(self.variables[v] for v in r.values)),
            )
            for r in self.layout.rooms
        )

    def sharing(self) -> list[str]:
        """The tensors that share a room, room by room."""
        rooms = [[self.called[v] for v in r.values if v in self.called] for r in self.layout.rooms]
        return [" and ".join(names) for names in rooms if len(names) > 1]

    def limits(self) -> tuple[tuple[str, str], ...]:
        """The bounds that depend on the dtype, and how they are computed."""
        return tuple((name, _LIMITS[name.rstrip("0123456789")].format(name.lstrip("leasmotp"))) for name in self.bounds)


_NAMED = {0: "zero", 1: "one", 2: "two", 0.5: "half"}
_LIMITS = {
    "most": "np.array(np.nextafter(np.log(limits.max), dtype.type(0)), dtype)",
    "steep": "np.array(-np.log(limits.tiny), dtype)",
    "least": "np.array((limits.tiny / limits.eps) ** (1 / {0}), dtype)",
}
"""The largest argument of exp; where a sigmoid is the smallest normal number; the least divisor for u**{0}."""
