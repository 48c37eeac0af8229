"""How array operations that make an array of their own are written: of a node's `data` and the texts of its arguments.

A module and its trainer's step write them alike; a new operation is a row here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Written = Callable[[Sequence[Any], Sequence[str]], str]


def _axes(sides: Sequence[Sequence[int]]) -> str:
    return ", ".join(f"({', '.join(map(str, side))}{',' * (len(side) == 1)})" for side in sides)


def _filled(data: Sequence[Any]) -> str:
    return "0" if data[0] == 0 else "-np.inf"


def slots_as_typed(slots: Iterable[Any], lengths: Iterable[str]) -> list[str]:
    """The slots of a tensor as a helper takes them: ``None``, or ``(offset, (length, step), ...)``."""
    left, shown = iter(lengths), list[str]()
    for slot in slots:
        offset = "" if slot is None else next(left) if slot[0] is None else str(slot[0])
        letters = [f"({next(left)}, {step})" for step in slot[1]] if slot is not None else []
        shown.append("None" if slot is None else f"({', '.join([offset, *letters])}{',' * (not letters)})")
    return shown


def _windows(data: Sequence[Any], args: Sequence[str]) -> str:
    return f"windows({', '.join([args[0], _filled(data), *slots_as_typed(data[1], args[1:])])})"


def _add_windows(data: Sequence[Any], args: Sequence[str]) -> str:
    count, slots = data
    shape = f"({', '.join(args[1 : 1 + count])}{',' * (count == 1)})"
    return f"add_windows({', '.join([args[0], shape, *slots_as_typed(slots, args[1 + count :])])})"


FUNCTIONS: Mapping[str, Written] = {
    "concatenate": lambda data, args: f"np.concatenate(({', '.join(args)}), axis={data[0]})",
    "tensordot": lambda data, args: f"np.tensordot({', '.join(args)}, axes=({_axes(data)}))",
    "products": lambda data, args: f"products({', '.join([*args, *map(str, data[:2])])}{', turned=True' * data[2]})",
    "first_max": lambda data, args: f"first_max({args[0]}, axis={data[0]})",
    "take": lambda data, args: f"np.take({', '.join(args)}, axis={data[0]})",
    "eye": lambda data, args: f"np.eye({args[0]}, dtype=bool)",
    "arange": lambda data, args: f"np.arange({args[0]})",
    "windows": _windows,
    "add_windows": _add_windows,
    "picked": lambda data, args: f"picked({', '.join([args[0], _filled(data), *args[1:]])})",
}
"""Calls of a function."""
METHODS: Mapping[str, Written] = {
    "argmax": lambda data, args: f"{args[0]}.argmax(axis={data[0]})",
    "reshape": lambda data, args: f"{args[0]}.reshape({', '.join(args[1:])})",
    "at": lambda data, args: f"{args[0]}[{', '.join(args[1:])}]",
    "part": lambda data, args: f"{args[0]}[{', '.join(data).format(*args[1:])}]",
    "slice": lambda data, args: f"{args[0]}[{', '.join([*':' * data[0], str(data[1])])}]",
}
"""What stands behind its first argument, which is to hold together: a call of a method, a subscript."""
