"""A straight-line program with its memory -> lines of NumPy, each writing where it is told to."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from symbp.codegen.array_calls import FUNCTIONS, METHODS, slots_as_typed
from symbp.codegen.step.linear import VIEWS, Linear, Op
from symbp.codegen.step.memory import Plan, owns

_SIGNS = {"add": ("+", 1), "subtract": ("-", 1), "multiply": ("*", 2), "divide": ("/", 2)}


@dataclass
class Lines:
    """What is written: the lines, and the views that they use, by variable (how each is made)."""

    program: Linear
    layout: Plan
    variables: dict[int, str]
    given: Callable[[Op], str]
    taken: set[str]
    views: dict[str, str] = field(default_factory=dict)
    fixed: set[int] = field(default_factory=set)
    _known: dict[int, str] = field(default_factory=dict)

    def of(self, k: int) -> str:
        """The expression by which a value is read, tight enough to stand as an operand or an argument."""
        text, level = self.scalar(k) if self.is_scalar(k) else (self.array(k), 9)
        return text if level > 2 else f"({text})"

    def argument(self, k: int) -> str:
        """The expression by which a value is read, as an argument of a call."""
        return self.scalar(k)[0] if self.is_scalar(k) else self.array(k)

    def labelled(self, k: int) -> tuple[str, str]:
        """Whether a target is labels, and where the entries at them lie: variables."""
        return "labels", "at"

    def known(self, variables: Mapping[int, str]) -> None:
        """Variables that hold numbers."""
        self._known |= variables

    def is_scalar(self, k: int) -> bool:
        """Whether a value is a number, and no array."""
        op = self.program.ops[k]
        return k not in self._known and not op.shape and op.name not in ("copy", "input", "limit", "whole")

    def array(self, k: int) -> str:
        """The variable of an array, or the view that is taken of it."""
        if k in self._known:
            return self._known[k]
        op = self.program.ops[k]
        if k in self.variables:
            return self.variables[k]
        if op.name == "after":
            self.fixed |= {k} if op.args[0] in self.fixed else set()
            return self.array(op.args[0])
        if op.name in VIEWS:
            base = self.array(op.args[0])
            made = _viewed(base, op)
            if op.args[0] not in self.fixed or (op.name == "reshape" and not self._lies(op.args[0])):
                return made
            self.fixed.add(k)
            self._known[k] = self.view(f"{base}_{'T' if op.data == (1, 0) else ''}", made)
            return self._known[k]
        return self.given(op)

    def free(self, wanted: str) -> str:
        """A name that nothing has, like the one wanted."""
        name, count = wanted, 1
        while name in self.taken:
            name, count = f"{wanted.rstrip('_')}_{count}", count + 1
        self.taken.add(name)
        return name

    def view(self, name: str, made: str) -> str:
        """The variable of a view that is made once."""
        known = next((n for n, code in self.views.items() if code == made), None)
        if known is None:
            known = self.free(name)
            self.views[known] = made
        return known

    def _lies(self, k: int) -> bool:
        """Whether a value is memory of the trainer, entry behind entry, so that other axes over it are the same memory."""
        op = self.program.ops[k]
        return owns(op) or (op.name in ("reshape", "after") and self._lies(op.args[0]))

    def counted(self, k: int, groups: tuple[int, ...], turned: bool = False) -> str:
        """A value with the axes of each of two or three groups counted through as one, and with the last two `turned`."""
        shape, made = self.program.ops[k].shape, self.array(k)
        if any(g != 1 for g in groups):
            ends = [sum(groups[:i]) for i in range(len(groups) + 1)]
            parts = [shape[a:b] for a, b in itertools.pairwise(ends)]
            made += f".reshape({', '.join('-1' if None in p else str(math.prod(n or 1 for n in p)) for p in parts)})"
        if turned:
            made += ".T" if len(groups) == 2 else ".transpose(0, 2, 1)"
        if made.isidentifier() or not self._lies(k) or k not in self.fixed:
            return made
        return self.view(f"{self.array(k)}_", made)

    def scalar(self, k: int) -> tuple[str, int]:
        """A number as an expression, and how tightly it binds."""
        op = self.program.ops[k]
        if op.name == "number":
            value = op.data[0]
            if math.isinf(value):
                return ("math.inf", 9) if value > 0 else ("-math.inf", 1)
            text = repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
            return text, 1 if text.startswith("-") else 9
        if op.name == "size":
            return "count", 9
        if op.name in ("input", "limit"):
            return self.given(op), 9
        if op.name in VIEWS:
            return self.scalar(op.args[0])
        if op.name in _SIGNS:
            sign, level = _SIGNS[op.name]
            texts = [self.scalar(a) if self.is_scalar(a) else (self.array(a), 9) for a in op.args]
            left = texts[0][0] if texts[0][1] >= level else f"({texts[0][0]})"
            right = texts[1][0] if texts[1][1] > level else f"({texts[1][0]})"
            return f"{left} {sign} {right}", level
        if op.name == "power":
            base, power = (self.of(a) for a in op.args)
            return f"{base}**{power}" if base.isidentifier() else f"{base} ** {power}", 3
        if op.name == "negative":
            return f"-{self.of(op.args[0])}", 2
        if op.name == "square":
            return f"{self.of(op.args[0])}**2", 3
        if op.name == "inner":
            a, b = op.args
            flat = len(self.program.ops[a].shape) == 1
            return f"float(np.{'dot' if flat else 'vdot'}({self.array(a)}, {self.array(b)}))", 9
        if op.name in ("sum", "max", "prod"):
            name = {"sum": "add", "max": "maximum", "prod": "multiply"}[op.name]
            return f"float(np.{name}.reduce({self.array(op.args[0])}, axis=None))", 9
        function = str(op.data[0]) if op.name == "python" else f"np.{op.name}"
        return f"{function}({', '.join(self.argument(a) for a in op.args)})", 9

    def lines(self, k: int) -> list[str]:
        """The lines that compute an array."""
        op = self.program.ops[k]
        if op.name == "whole":
            return [f"{self.variables[k]} = {self._whole(op)}"]
        if not owns(op):
            return []
        rule = _LINES.get(op.name, _elementwise)
        return rule(self, op, k, self.variables[k])

    def _as_it_is(self, k: int) -> str:
        """A value as NumPy is handed it: a length as the whole number that it is."""
        return (
            self.scalar(k)[0] if self.is_scalar(k) or self.program.ops[k].name in ("size", "number") else self.array(k)
        )

    def _whole(self, op: Op) -> str:
        name, *data = op.data
        args = [self._as_it_is(a) for a in op.args]
        written = {**FUNCTIONS, **METHODS}.get(name)
        if written is not None:
            return written(data, args)
        return f"{data[0] if data else f'np.{name}'}({', '.join(args)})"


def _elementwise(w: Lines, op: Op, k: int, out: str) -> list[str]:
    args = [w.argument(a) for a in op.args]
    if op.name in _SIGNS and len(args) == 2:
        sign = _SIGNS[op.name][0]
        if args[0] == out:
            return [f"{out} {sign}= {args[1]}"]
        if args[1] == out and op.name in ("add", "multiply"):
            return [f"{out} {sign}= {args[0]}"]
    return [f"np.{op.name}({', '.join(args)}, out={out})"]


def _viewed(base: str, op: Op) -> str:
    """A view of what `base` is."""
    if op.name == "expand":
        return f"{base}[{', '.join('None' if new else ':' for new in op.data)}]"
    if op.name == "squeeze":
        return f"{base}[{', '.join([*':' * op.data[0], '0'])}]"
    if op.name == "reshape":
        return f"{base}.reshape({', '.join('count' if n is None else str(n) for n in op.data)})"
    if op.name in ("slice", "part"):
        return METHODS[op.name](op.data, [base])
    if op.name == "windows":
        return FUNCTIONS["windows"](op.data[:2], [base, *map(str, op.data[2])])
    return f"{base}.T" if op.data == (1, 0) else f"{base}.transpose({', '.join(map(str, op.data))})"


def _dot(w: Lines, op: Op, k: int, out: str) -> list[str]:
    *sides, count = op.data
    a, b = (
        w.counted(i, (rows, len(w.program.ops[i].shape) - rows), turned)
        for i, (rows, turned) in zip(op.args, sides, strict=True)
    )
    return [f"np.dot({a}, {b}, out={w.counted(k, (count, len(op.shape) - count))})"]


def _products(w: Lines, op: Op, k: int, out: str) -> list[str]:
    first, second, result, turned = op.data
    a, b = op.args
    return [f"np.matmul({w.counted(a, first)}, {w.counted(b, second, turned)}, out={w.counted(k, result)})"]


def _pad(w: Lines, op: Op, k: int, out: str) -> list[str]:
    fill, pads = op.data
    shape = w.program.ops[op.args[0]].shape
    inside = ", ".join(
        ":" if n is None or p == (0, 0) else f"{p[0]}:{p[0] + n}" for p, n in zip(pads, shape, strict=True)
    )
    there = w.view(f"{out}_", f"{out}[{inside}]")
    return [f"{out}.fill({'-np.inf' if fill else 0})", f"np.copyto({there}, {w.argument(op.args[0])})"]


def _take(w: Lines, op: Op, k: int, out: str) -> list[str]:
    a, places = (w.array(i) for i in op.args)
    return [f'np.take({a}, {places}, axis={op.data[0]}, out={out}, mode="clip")']


def _add_windows(w: Lines, op: Op, k: int, out: str) -> list[str]:
    slots, lengths = op.data
    args = ", ".join([w.array(op.args[0]), out, *slots_as_typed(slots, map(str, lengths))])
    return [f"{out}.fill(0)", f"add_windows({args})"]


def _add_at_rows(w: Lines, op: Op, k: int, out: str) -> list[str]:
    rows, places, *dense = (w.array(a) for a in op.args)
    over = bool(dense) and (dense[0] == out or w.layout.over.get(k) == op.args[2])
    start = [] if over else [f"np.copyto({out}, {dense[0]})"] if dense else [f"{out}.fill(0)"]
    return [*start, f"add_at_rows({rows}, {places}, {out})"]


def _first_max(w: Lines, op: Op, k: int, out: str) -> list[str]:
    x, top = (w.array(a) for a in op.args)
    return [f"first_max({x}, {op.data[0]}, {top}, {out})"]


def _matmul(w: Lines, op: Op, k: int, out: str) -> list[str]:
    flat = all(len(w.program.ops[a].shape) <= 2 for a in op.args)
    return [f"np.{'dot' if flat else 'matmul'}({', '.join(w.array(a) for a in op.args)}, out={out})"]


def _reduce(w: Lines, op: Op, k: int, out: str) -> list[str]:
    name = {"sum": "add", "max": "maximum", "prod": "multiply"}[op.name]
    axis = op.data[0] if len(op.data) == 1 else op.data
    return [f"np.{name}.reduce({w.array(op.args[0])}, axis={axis}, out={out})"]


def _einsum(w: Lines, op: Op, k: int, out: str) -> list[str]:
    return [f'np.einsum("{op.data[0]}", {", ".join(w.array(a) for a in op.args)}, out={out})']


def _where(w: Lines, op: Op, k: int, out: str) -> list[str]:
    mask, yes, no = (w.argument(a) for a in op.args)
    first = [] if no == out or w.layout.over.get(k) == op.args[2] else [f"np.copyto({out}, {no})"]
    return [*first, f"np.copyto({out}, {yes}, where={mask})"]


def _concatenate(w: Lines, op: Op, k: int, out: str) -> list[str]:
    return [f"np.concatenate(({', '.join(w.array(a) for a in op.args)}), axis={op.data[0]}, out={out})"]


def _copy(w: Lines, op: Op, k: int, out: str) -> list[str]:
    return [f"np.copyto({out}, {w.argument(op.args[0])})"]


def _less_target(w: Lines, op: Op, k: int, out: str) -> list[str]:
    a, y = (w.array(i) for i in op.args)
    labels, at = w.labelled(op.args[1])
    copied = [] if a == out or w.layout.over.get(k) == op.args[0] else [f"    np.copyto({out}, {a})"]
    dense = f"    {out} -= {y}" if a == out else f"    np.subtract({a}, {y}, out={out})"
    return [f"if {labels}:", *copied, f"    {out}_flat[{at}] -= 1  # {y} is 1 at the label, else 0", "else:", dense]


def _at_target(w: Lines, op: Op, k: int, out: str) -> list[str]:
    a, y = (w.array(i) for i in op.args)
    labels, at = w.labelled(op.args[1])
    letters = "ni" if len(op.shape) == 1 else f"n{'tabcde'[: len(op.shape) - 1]}i"
    return [
        f"if {labels}:",
        f'    {a}_flat.take({at}, out={out}, mode="clip")  # the sum over {y} is the entry at the label',
        "else:",
        f'    np.einsum("{letters},{letters}->{letters[:-1]}", {a}, {y}, out={out})',
    ]


def _all_target(w: Lines, op: Op, k: int, out: str) -> list[str]:
    y = w.array(op.args[0])
    dense = f"np.add.reduce({y}, axis={len(op.shape)}, out={out})"
    return [f"if {w.labelled(op.args[0])[0]}:", f"    {out}.fill(1)", "else:", f"    {dense}"]


_LINES: dict[str, Callable[[Lines, Op, int, str], list[str]]] = {
    "matmul": _matmul, "sum": _reduce, "max": _reduce, "prod": _reduce, "where": _where,
    "dot": _dot, "products": _products, "pad": _pad, "take": _take, "add_windows": _add_windows,
    "add_at_rows": _add_at_rows, "first_max": _first_max,
    "cast": _copy, "broadcast": _copy, "copy": _copy, "less_target": _less_target, "at_target": _at_target,
    "all_target": _all_target, "einsum": _einsum,
    "concatenate": _concatenate, "room": lambda w, op, k, out: [],
}  # fmt: skip


def fitted(lines: Iterable[str], width: int) -> tuple[str, ...]:
    """The lines, calls that are too long with their arguments on a line of their own."""
    made: list[str] = []
    for line in lines:
        if len(line) > width and line.endswith(")"):
            indent, head = " " * (len(line) - len(line.lstrip())), line[: line.index("(") + 1]
            made += [head, f"{indent}    {line[len(head) : -1]}", f"{indent})"]
        else:
            made.append(line)
    return tuple(made)


def flat_views(program: Linear) -> set[int]:
    """The arrays that are also read as one row of numbers: those in which a label is a place."""
    found = set()
    for k, op in program:
        if op.name == "less_target":
            found.add(k)
        if op.name == "at_target":
            found.add(op.args[0])
    return found


def tuples(names: Iterable[str], width: int) -> list[tuple[str, ...]]:
    """Names in rows that are no wider than `width` with commas between them."""
    rows: list[list[str]] = [[]]
    for name in names:
        if rows[-1] and len(", ".join([*rows[-1], name])) > width:
            rows.append([])
        rows[-1].append(name)
    return [tuple(row) for row in rows if row]
