"""Which value lies where: what is overwritten by what is made of it, and which arrays share memory because they never meet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from symbp.codegen.nodes import Kind
from symbp.codegen.step.linear import GIVEN, VIEWS, Linear, Op, Shape, trimmed

_NOT_IN_PLACE = (
    *(
        "matmul",
        "dot",
        "products",
        "einsum",
        "sum",
        "max",
        "prod",
        "cast",
        "broadcast",
        "copy",
        "at_target",
        "all_target",
    ),
    *("column", "pad", "take", "add_windows", "first_max", "concatenate", "room"),
)
_WITHOUT = (*GIVEN, *VIEWS, "whole", "number", "size", "python", "loop")


@dataclass(frozen=True)
class Room:
    """A piece of memory: how many numbers for each example, or in all, their kind, and the values that lie in it."""

    each: int
    fixed: int
    kind: Kind
    values: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """By value, the room that it lies in (-1 among the gradients), and the argument whose memory it takes over."""

    room: Mapping[int, int]
    over: Mapping[int, int]
    rooms: tuple[Room, ...]


GRADIENTS = -1


def owns(op: Op) -> bool:
    """Whether a value is an array with memory of its own."""
    return op.name == "copy" or (bool(op.shape) and op.name not in _WITHOUT)


def own_outputs(program: Linear, outputs: Iterable[str]) -> Linear:
    """Every output has memory that no other output has: what is a view, a scalar or there already is copied."""
    ops, new, taken = [*program.ops], dict(program.outputs), set[int]()
    for name in outputs:
        k = new[name]
        if not owns(ops[k]) or k in taken or list(program.outputs.values()).count(k) > 1:
            ops.append(Op("copy", (k,), (name,), ops[k].shape))
            new[name] = len(ops) - 1
        taken.add(new[name])
    return trimmed(Linear(tuple(ops), program.names, new))


def plan(
    program: Linear,
    kept: Iterable[str],
    gradients: Iterable[str],
    free: Mapping[int, str | None] = MappingProxyType({}),
) -> Plan:
    """Lay the values out: elementwise operations write over an argument that nobody needs any more, then rooms are shared.

    Parameters
    ----------
    kept : outputs that are read after the step; they are not overwritten
    gradients : outputs that lie side by side in one array
    free : given values that may be overwritten, each with the output that is to take its memory over, None where any value may
    """
    home = {program.outputs[n]: k for k, n in free.items() if n}
    ends = _ends(program, {program.outputs[n] for n in (*kept, *gradients)})
    over: dict[int, int] = {}
    for k, op in program:
        if owns(op) and op.name not in _NOT_IN_PLACE:
            able = [a for a in _candidates(op) if _may(program, k, a, ends, free)]
            place = next((a for a in able if k in home and first_of(over, a) == home[k]), next(iter(able), None))
            if place is not None:
                over[k] = place
    return _rooms(program, over, ends, {program.outputs[n] for n in gradients}, free)


def first_of(over: Mapping[int, int], k: int) -> int:
    """The value that was first in the memory that another lies in."""
    while k in over:
        k = over[k]
    return k


def root(program: Linear, k: int) -> int:
    """The array that a view looks at."""
    while program.ops[k].name in VIEWS:
        k = program.ops[k].args[0]
    return k


def _ends(program: Linear, pinned: set[int]) -> dict[int, int]:
    """By array, the last operation that reads it or a view of it."""
    ends = dict.fromkeys(range(len(program.ops)), -1)
    for k, op in program:
        for a in op.args:
            ends[root(program, a)] = max(ends[root(program, a)], k)
    return {**ends, **dict.fromkeys((root(program, p) for p in pinned), len(program.ops))}


def _candidates(op: Op) -> tuple[int, ...]:
    """The arguments over which an operation may write, as far as the operation itself is concerned."""
    return op.args[_ABLE[op.name]] if op.name in _ABLE else op.args


_ABLE = {"where": slice(2, 3), "less_target": slice(0, 1), "add_at_rows": slice(2, 3)}
"""The arguments that what is made may lie over, of operations that read the others after they have begun to write."""


def _may(program: Linear, k: int, a: int, ends: Mapping[int, int], free: Mapping[int, str | None]) -> bool:
    op, old = program.ops[k], program.ops[a]
    if (
        old.name == "column"
        or not (owns(old) or a in free)
        or old.shape != op.shape
        or old.kind != op.kind
        or ends[a] != k
    ):
        return False
    return all(root(program, other) != a or other == a for other in op.args) and not (
        op.name == "where" and a in op.args[:2]
    )


def _rooms(
    program: Linear,
    over: Mapping[int, int],
    ends: Mapping[int, int],
    gradients: set[int],
    free: Mapping[int, str | None],
) -> Plan:
    chains: dict[int, list[int]] = {k: [k] for k in free}
    for k, op in program:
        if owns(op):
            chains.setdefault(first_of(over, k), []).append(k)
    where: dict[int, int] = {}
    rooms: list[Room] = []
    busy: dict[int, int] = {}
    for start, members in sorted(chains.items(), key=lambda chain: (chain[0] not in free, chain[0])):
        end = max(ends[m] for m in members)
        if start in free:
            if free[start] is None:
                where |= dict.fromkeys(members, len(rooms))
                busy[len(rooms)] = end
                rooms.append(Room(*_lengths(program.ops[start].shape), program.ops[start].kind, tuple(members)))
            continue
        if gradients & {*members}:
            place = GRADIENTS
        else:
            op = program.ops[start]
            each, fixed = _lengths(op.shape)
            fitting = [
                i for i, r in enumerate(rooms)
                if busy[i] < start and r.kind == op.kind and bool(r.each) == bool(each)
            ]  # fmt: skip
            if fitting:
                place = min(fitting, key=lambda i: abs(rooms[i].each - each) + abs(rooms[i].fixed - fixed))
                r = rooms[place]
                rooms[place] = Room(max(r.each, each), max(r.fixed, fixed), r.kind, (*r.values, *members))
            else:
                place = len(rooms)
                rooms.append(Room(each, fixed, op.kind, tuple(members)))
            busy[place] = end
        where |= dict.fromkeys(members, place)
    return Plan(where, over, tuple(rooms))


def _lengths(shape: Shape) -> tuple[int, int]:
    known = math.prod(n for n in shape if n is not None)
    return (known, 0) if None in shape else (0, known)
