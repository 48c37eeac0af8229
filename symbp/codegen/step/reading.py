"""Programs -> one straight-line program: their trees of array operations, read together, so that all they share is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from symbp.calculus.indices import Axis
from symbp.calculus.program import Program, Statement
from symbp.codegen.arrays import Arrays
from symbp.codegen.lowering_rules import RULES
from symbp.codegen.nodes import Node
from symbp.codegen.passes import PASSES, Draft, remove_dead
from symbp.codegen.ranges import Ranges
from symbp.codegen.recurrence import Loop, in_loops, steps_of
from symbp.codegen.step import placed
from symbp.codegen.step.expansions import ALONG, ELEMENTWISE
from symbp.codegen.step.linear import GIVEN, Builder, Op, Shape
from symbp.codegen.step.products import contracted, stacked


@dataclass(frozen=True)
class Tree:
    """A statement after the passes, and its value as a tree of array operations."""

    statement: Statement
    root: Node


@dataclass(frozen=True)
class Steps:
    """A loop over the steps of a recurrence, the trees of a step, and what the page says of them."""

    loop: Loop
    trees: tuple[Tree, ...]
    written: tuple[Statement, ...]


def trees(
    program: Program, outputs: Iterable[str], sizes: Mapping[Axis, int], batch: Axis | None, plain: Iterable[str] = ()
) -> list[Tree | Steps]:
    """The trees of what the outputs need, in order; lengths that are not known are written ``N``."""
    draft = Draft(program, tuple(outputs), frozenset(t.name for t in program.declared))
    for one in PASSES:
        draft = one(draft)
    emitted = remove_dead(draft).program.statements
    order, new = in_loops(emitted, outputs, program.tensors)
    ranges = Ranges(draft.program.extended(*new))
    shapes = {batch: "N"} if batch else {}
    steps = steps_of(order)
    written = program.extended(*new).definitions

    def made(s: Statement) -> Tree:
        return Tree(s, Arrays(RULES, ranges, sizes, shapes, "", frozenset(plain), steps).statement(s))

    return [
        Steps(one, tuple(map(made, one.statements)), tuple(written[n] for n in one.names))
        if isinstance(one, Loop)
        else made(one)
        for one in order
    ]


class Reader:
    """Reads trees into a builder; `known` are the values of tensors by name."""

    def __init__(self, builder: Builder, known: Mapping[str, int], sizes: Mapping[Axis, int]) -> None:
        self.b, self.known, self.sizes = builder, dict(known), sizes
        self.whole: list[str] = []
        self.count = 0
        self._memo: dict[Node, int] = {}

    def shape(self, node: Node) -> Shape:
        """The lengths of the axes of a tree, None for that of the examples."""
        return tuple(self.sizes.get(i.axis) for i in node.axes)

    def read(self, node: Node) -> int:
        """The value of a tree."""
        if node not in self._memo:
            self.count += 1
            self._memo[node] = self._read(node)
        return self._memo[node]

    def _read(self, node: Node) -> int:
        rule = _READ.get(node.op)
        if rule is not None:
            return rule(self, node)
        return self.called(node.op, node, *(self.read(a) for a in node.args))

    def called(self, what: str, node: Node, *args: int) -> int:
        """What has no buffered form: NumPy makes the array, and it is copied."""
        shape = self.shape(node)
        self.whole.append(what)
        return self.b.emit(Op("whole", args, (node.op, *node.data), shape, node.kind))


def _ufunc(name: str, kind: Any = None) -> Callable[[Reader, Node], int]:
    return lambda r, n: r.b.ufunc(name, *(r.read(a) for a in n.args), kind=kind)


def _tensor(r: Reader, n: Node) -> int:
    return r.known[n.data[0]]


def _pow(r: Reader, n: Node) -> int:
    base, power = (r.read(a) for a in n.args)
    if r.b[base].kind != "py" and r.b[power].name == "number" and r.b[power].data == (2,):
        return r.b.ufunc("square", base)
    return r.b.ufunc("power", base, power)


def _call(r: Reader, n: Node) -> int:
    name = str(n.data[0])
    if name == "positive":
        return ELEMENTWISE[name](r.b, r.read(n.args[0]), *(a.data[0] for a in n.args[1:]))
    args = [r.read(a) for a in n.args]
    if name in ELEMENTWISE:
        return ELEMENTWISE[name](r.b, *args)
    if n.kind == "py":
        return r.b.emit(Op("python", tuple(args), (name,), (), "py"))
    if name == "add_at_rows":
        shape = r.shape(n)
        return r.b.emit(Op(name, tuple(args[:2]), (), shape))
    if name.startswith("np."):
        return r.b.ufunc({"np.abs": "absolute"}.get(name, name[3:]), *args)
    return r.called(name, n, *args)


def _along(r: Reader, n: Node) -> int:
    name, axis = n.data
    return ALONG[name](r.b, r.read(n.args[0]), axis)


def _reduce(r: Reader, n: Node) -> int:
    return r.b.reduced(n.op, r.read(n.args[0]), n.data)


def _expand(r: Reader, n: Node) -> int:
    count = iter(range(len(n.data)))
    return r.b.expanded(r.read(n.args[0]), tuple(None if i is None else next(count) for i in n.data))


def _cast(r: Reader, n: Node) -> int:
    inner = r.read(n.args[0])
    return inner if r.b[inner].kind in ("py", "real") else r.b.emit(Op("cast", (inner,), (), r.b[inner].shape))


def _broadcast(r: Reader, n: Node) -> int:
    shape = r.shape(n)
    return r.b.emit(Op("broadcast", (r.read(n.args[0]),), (), shape))


def _squeeze(r: Reader, n: Node) -> int:
    inner = r.read(n.args[0])
    (place,) = n.data
    shape = r.b[inner].shape
    return r.b.emit(Op("squeeze", (inner,), n.data, (*shape[:place], *shape[place + 1 :])))


def _einsum(r: Reader, n: Node) -> int:
    shape = r.shape(n)
    return r.b.emit(Op("einsum", tuple(r.read(a) for a in n.args), n.data, shape))


def _matmul(r: Reader, n: Node) -> int:
    return r.b.matmul(*(r.read(a) for a in n.args))


def _part(r: Reader, n: Node) -> int:
    shape = r.shape(n)
    return r.b.emit(Op("part", (r.read(n.args[0]),), n.data, shape))


def _concatenate(r: Reader, n: Node) -> int:
    shape = r.shape(n)
    return r.b.emit(Op("concatenate", tuple(r.read(a) for a in n.args), n.data, shape))


def _transpose(r: Reader, n: Node) -> int:
    (inner,) = n.args
    if inner.op == "tensordot":
        left = len(inner.args[0].axes) - len(inner.data[0])
        if n.data == (*range(left, len(n.data)), *range(left)):
            return _tensordot(r, inner, swapped=True)
    return r.b.transposed(r.read(inner), n.data)


def _tensordot(r: Reader, n: Node, swapped: bool = False) -> int:
    x, y = (r.read(a) for a in n.args)
    return contracted(r.b, x, y, (n.data[0], n.data[1]), swapped)


def _reshape(r: Reader, n: Node) -> int:
    return placed.reshaped(r.b, r.read(n.args[0]), r.shape(n))


def _windows(r: Reader, n: Node) -> int:
    return placed.windows(r.b, n, r.read(n.args[0]), [a.data[0] for a in n.args[1:]])


def _add_windows(r: Reader, n: Node) -> int:
    count, slots = n.data
    lengths = tuple(a.data[0] for a in n.args[1 + count :])
    shape = r.shape(n)
    return r.b.emit(Op("add_windows", (r.read(n.args[0]),), (slots, lengths), shape))


def _constant(r: Reader, n: Node) -> int:
    (length,) = n.args
    if length.op != "number":
        return r.called(n.op, n, r.read(length))
    return r.b.emit(Op("constant", (), (n.op, length.data[0]), (length.data[0],) * len(n.axes), n.kind))


def _rows(r: Reader, n: Node) -> int:
    """Rows, or what else lies at places that a tensor of whole numbers says."""
    args = [r.read(a) for a in n.args]
    if len(args) > 2 or r.b[args[1]].name not in GIVEN:
        return r.called(n.op, n, *args)
    shape = r.shape(n)
    return r.b.emit(Op("take", tuple(args), n.data or (0,), shape))


_READ: dict[str, Callable[[Reader, Node], int]] = {
    "number": lambda r, n: r.b.number(n.data[0]),
    "size": lambda r, n: r.b.size(),
    "read": _tensor,
    "add": _ufunc("add"), "sub": _ufunc("subtract"), "mul": _ufunc("multiply"), "div": _ufunc("divide"),
    "neg": _ufunc("negative"), "greater": _ufunc("greater", "bool"), "equal": _ufunc("equal", "bool"),
    "atmost": _ufunc("less_equal", "bool"),
    "and": _ufunc("logical_and", "bool"), "not": _ufunc("logical_not", "bool"), "where": _ufunc("where", "real"),
    "pow": _pow, "call": _call, "along": _along, "sum": _reduce, "max": _reduce, "prod": _reduce,
    "transpose": _transpose, "tensordot": _tensordot, "reshape": _reshape, "windows": _windows,
    "products": lambda r, n: stacked(r.b, n, *(r.read(a) for a in n.args)),
    "slice": lambda r, n: placed.sliced(r.b, n, r.read(n.args[0])),
    "first_max": lambda r, n: placed.first_max(r.b, n, r.read(n.args[0])),
    "add_windows": _add_windows, "arange": _constant, "eye": _constant, "at": _rows, "take": _rows,
    "expand": _expand, "cast": _cast, "broadcast": _broadcast, "matmul": _matmul, "einsum": _einsum,
    "squeeze": _squeeze, "part": _part, "concatenate": _concatenate,
}  # fmt: skip
