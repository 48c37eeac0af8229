"""A straight-line program: single operations, each of earlier values, each value computed once.

A shape gives the length of every axis, None for that of the examples. A value of kind "py" is a Python number, "bool" a mask,
"real" an array (or, without axes, a scalar) of the parameters' dtype.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from symbp.codegen.nodes import Kind

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Op:
    """One operation: what it is called, the values that it takes (by number), and what else it needs in `data`."""

    name: str
    args: tuple[int, ...] = ()
    data: tuple[Any, ...] = ()
    shape: Shape = ()
    kind: Kind = "real"


VIEWS = ("transpose", "expand", "squeeze", "reshape", "slice", "windows", "part", "after")
"""What only looks at an array in another way."""
GIVEN = ("input", "ones", "limit", "constant")
"""What is there before the step: parameters, data, constants."""


@dataclass(frozen=True)
class Linear:
    """Operations in order; `names` are the tensors that values stand for, `outputs` what is wanted, by name."""

    ops: tuple[Op, ...] = ()
    names: Mapping[str, int] = field(default_factory=dict)
    outputs: Mapping[str, int] = field(default_factory=dict)

    def uses(self) -> dict[int, list[int]]:
        """By value, the operations that take it; those that take it twice stand twice."""
        found: dict[int, list[int]] = {k: [] for k in range(len(self.ops))}
        for k, op in enumerate(self.ops):
            for a in op.args:
                found[a].append(k)
        return found

    def called(self) -> dict[int, str]:
        """By value, the tensor that it stands for; where several do, the first."""
        found: dict[int, str] = {}
        for name, k in self.names.items():
            found.setdefault(k, name)
        return found

    def depends(self, on: Callable[[Op], bool]) -> set[int]:
        """The values that are computed from one for which `on` holds."""
        found: set[int] = set()
        for k, op in enumerate(self.ops):
            if on(op) or found.intersection(op.args):
                found.add(k)
        return found

    def __iter__(self) -> Iterator[tuple[int, Op]]:
        return iter(enumerate(self.ops))


class Builder:
    """Collects operations; an operation that is there already is not made again."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self._known: dict[Op, int] = {}
        self.shared = 0

    def emit(self, op: Op) -> int:
        """The number of the value of `op`."""
        if op in self._known:
            self.shared += op.name not in (*GIVEN, *VIEWS, "number", "size") and op.kind != "py"
            return self._known[op]
        self.ops.append(op)
        self._known[op] = len(self.ops) - 1
        return len(self.ops) - 1

    def __contains__(self, op: Op) -> bool:
        return op in self._known

    def __getitem__(self, k: int) -> Op:
        return self.ops[k]

    def number(self, value: float | int) -> int:
        """A Python number."""
        return self.emit(Op("number", (), (value,), (), "py"))

    def size(self) -> int:
        """The number of examples."""
        return self.emit(Op("size", (), (), (), "py"))

    def ufunc(self, name: str, *args: int, kind: Kind | None = None) -> int:
        """An elementwise function; the arguments' shapes are broadcast. Arithmetic of numbers is done at once."""
        ops = [self.ops[a] for a in args]
        if all(o.name == "number" for o in ops) and name in _FOLDED:
            return self.number(_FOLDED[name](*(o.data[0] for o in ops)))
        if name in ("multiply", "divide") and ops[1].data == (1,) and ops[1].name == "number":
            return args[0]
        if name == "multiply" and ops[0].data == (1,) and ops[0].name == "number":
            return args[1]
        if name == "absolute" and ops[0].name == "negative":
            return self.ufunc("absolute", ops[0].args[0])
        own = kind or ("real" if any(o.kind == "real" for o in ops) else ops[0].kind)
        return self.emit(Op(name, args, (), broadcast(*(o.shape for o in ops)), own))

    def expanded(self, k: int, axes: tuple[int | None, ...]) -> int:
        """A view with new axes of length 1 where `axes` has None; the numbers in it count the old ones in order."""
        op = self.ops[k]
        if op.name in ("multiply", "divide") and self.ops[op.args[1]].kind == "py":
            return self.ufunc(op.name, self.expanded(op.args[0], axes), op.args[1])
        if op.name == "multiply" and self.ops[op.args[0]].kind == "py":
            return self.ufunc(op.name, self.expanded(op.args[1], axes), op.args[0])
        shape = iter(op.shape)
        new = tuple(1 if i is None else next(shape) for i in axes)
        return self.emit(Op("expand", (k,), tuple(i is None for i in axes), new, self.ops[k].kind))

    def transposed(self, k: int, order: tuple[int, ...]) -> int:
        """A view with the axes in another order."""
        op = self.ops[k]
        if order == tuple(range(len(order))):
            return k
        if op.name == "transpose":
            return self.transposed(op.args[0], tuple(op.data[i] for i in order))
        return self.emit(Op("transpose", (k,), order, tuple(op.shape[i] for i in order), op.kind))

    def reduced(self, name: str, k: int, axes: tuple[int, ...]) -> int:
        """A reduction (``sum``, ``max``, ``prod``) over axes."""
        shape = tuple(n for i, n in enumerate(self.ops[k].shape) if i not in axes)
        return self.emit(Op(name, (k,), axes, shape))

    def kept(self, k: int, axis: int) -> int:
        """A value without an axis as a view that has it again, with length 1."""
        rank = len(self.ops[k].shape) + 1
        return self.expanded(k, tuple(None if i == axis else i for i in range(rank)))

    def matmul(self, a: int, b: int) -> int:
        """A matrix product."""
        x, y = self.ops[a].shape, self.ops[b].shape
        shape = (*broadcast(x[:-2], y[:-2]), *(x[-2:-1] if len(x) > 1 else ()), *(y[-1:] if len(y) > 1 else ()))
        return self.emit(Op("matmul", (a, b), (), shape))

    def program(self, names: Mapping[str, int], outputs: Mapping[str, int]) -> Linear:
        """What was collected, without what no output needs."""
        return trimmed(Linear(tuple(self.ops), dict(names), dict(outputs)))


_FOLDED: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a: -a,
}


def broadcast(*shapes: Shape) -> Shape:
    """The shape of an elementwise result."""
    rank = max(len(s) for s in shapes)
    padded = [(1,) * (rank - len(s)) + s for s in shapes]
    return tuple(next((n for n in sizes if n != 1), 1) for sizes in zip(*padded, strict=True))


Rule = Callable[[Builder, Op, int], "int | None"]
"""Given a builder, an operation with its arguments renumbered, and its old number: the value to stand for it, None for itself."""


def rewritten(program: Linear, rule: Rule, new: dict[int, int] | None = None) -> Linear:
    """Every operation replaced by what `rule` says, in order; what nothing needs any more is left out.

    `new`, where it is given, is filled with the new number of every value, for the rule to look at.
    """
    b, new = Builder(), {} if new is None else new
    for k, op in program:
        moved = replace(op, args=tuple(new[a] for a in op.args))
        value = rule(b, moved, k)
        new[k] = b.emit(moved) if value is None else value
    return b.program(
        {n: new[k] for n, k in program.names.items()},
        {n: new[k] for n, k in program.outputs.items()},
    )


def trimmed(program: Linear) -> Linear:
    """The program without the operations that no output needs."""
    needed = set(program.outputs.values())
    for k in reversed(range(len(program.ops))):
        if k in needed:
            needed |= {*program.ops[k].args}
    new = {k: i for i, k in enumerate(sorted(needed))}
    ops = tuple(replace(program.ops[k], args=tuple(new[a] for a in program.ops[k].args)) for k in sorted(needed))
    names = {n: new[k] for n, k in program.names.items() if k in new}
    return Linear(ops, names, {n: new[k] for n, k in program.outputs.items()})


def is_input(op: Op, name: str) -> bool:
    """Whether a value is what comes in by this name."""
    return op.name == "input" and op.data == (name,)


def listed(names: Iterable[str]) -> str:
    """Names, each once."""
    return ", ".join(dict.fromkeys(names))
