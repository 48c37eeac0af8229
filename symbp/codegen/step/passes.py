"""The passes over one training step: each a pure function of a straight-line program, with a line on what it did."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from symbp.codegen.step.linear import Builder, Linear, Op, is_input, listed, rewritten

LINEAR_IN_ALL = ("add", "subtract")
_PRODUCTS = ("multiply", "divide")
_CONTRACTED = ("matmul", "dot", "products")
_LINEAR_IN_ONE = (
    *("negative", "transpose", "expand", "reshape", "slice", "windows", "copy", "sum"),
    *("take", "add_windows", "add_at_rows"),
)


def read_activations(program: Linear) -> tuple[Linear, str]:
    """max(0, z) > 0 says the same as z > 0, and z need not be kept."""
    found: list[str] = []
    called = program.called()

    def rule(b: Builder, op: Op, k: int) -> int | None:
        if op.name != "greater" or b[op.args[1]].data != (0,) or b[op.args[1]].name != "number":
            return None
        z, zero = op.args
        for args in ((z, zero), (zero, z)):
            a = Op("maximum", args, (), b[z].shape)
            if a in b:
                found.append(called.get(program.ops[k].args[0], "a sum"))
                return b.emit(replace(op, args=(b.emit(a), zero)))
        return None

    done = rewritten(program, rule)
    return done, f"{listed(found)} not kept for the slope: the activation tells its sign" if found else ""


def collect_terms(program: Linear) -> tuple[Linear, str]:
    """(b - 1)*(L + P) - b*(L + Q) is b*(P - Q) - P - L, and with P = max(u, 0) and Q = max(-u, 0), P - Q is u.

    Both hold in floating point as well as before: where b is 0 or 1, no digit of L is lost.
    """
    found: list[int] = []

    def factors(b: Builder, k: int) -> list[tuple[int, int]]:
        """The two ways to read a product: its factor, and a sum."""
        pairs = (b[k].args, b[k].args[::-1]) if b[k].name == "multiply" else ()
        return [(x, y) for x, y in pairs if b[y].name == "add"]

    def difference(b: Builder, p: int, q: int) -> int:
        if b[p].name == b[q].name == "maximum" and b[p].args[1] == b[q].args[1] and b[b[p].args[1]].data == (0,):
            u, v = b[p].args[0], b[q].args[0]
            if b[v].name == "negative" and b[v].args == (u,):
                return u
        return b.ufunc("subtract", p, q)

    def rule(b: Builder, op: Op, k: int) -> int | None:
        if op.name != "subtract" or not op.shape:
            return None
        for less, first in factors(b, op.args[0]):
            for whole, second in factors(b, op.args[1]):
                one = b[less].name == "subtract" and b[less].args[0] == whole and b[b[less].args[1]].data == (1,)
                if one and b[first].args[0] == b[second].args[0]:
                    shared, p, q = b[first].args[0], b[first].args[1], b[second].args[1]
                    found.append(k)
                    rest = b.ufunc("subtract", b.ufunc("multiply", whole, difference(b, p, q)), p)
                    return b.ufunc("subtract", rest, shared)
        return None

    done = rewritten(program, rule)
    return done, f"{len(found)} difference of products has a term in common, which is taken out" if found else ""


def gather_factors(program: Linear, w: str = "") -> tuple[Linear, str]:
    """In a product, numbers are multiplied first, then small arrays, then what is as large as the result.

    The weights w of the examples count as small: without weights they are no array at all.
    """
    weights = program.depends(lambda op: is_input(op, w)) & {k for k, op in program if op.name in ("input", "expand")}
    uses, new, moved = program.uses(), dict[int, int](), list[str]()
    called, outputs = program.called(), set(program.outputs.values())

    def inside(k: int) -> bool:
        return program.ops[k].name in _PRODUCTS and program.ops[k].kind == "real" and len(uses[k]) == 1

    def factors(k: int, up: bool, top: list[int], bottom: list[int]) -> None:
        a, b = program.ops[k].args
        for arg, above in ((a, up), (b, up == (program.ops[k].name == "multiply"))):
            if inside(arg) and arg not in outputs:
                factors(arg, above, top, bottom)
            else:
                (top if above else bottom).append(arg)

    def rule(b: Builder, op: Op, k: int) -> int | None:
        if op.name not in _PRODUCTS or op.kind != "real" or not op.shape:
            return None
        if inside(k) and all(program.ops[u].name in _PRODUCTS and program.ops[u].shape for u in uses[k]):
            return None  # it is taken up by the product around it
        top: list[int] = []
        bottom: list[int] = []
        factors(k, True, top, bottom)
        numbers = [f for f in (*top, *bottom) if program.ops[f].kind == "py"]
        small = [f for f in top if program.ops[f].kind != "py" and (_size(program.ops[f]) < _size(op) or f in weights)]
        if not numbers or (len(numbers) + len(small) < 2 and op.name == "multiply"):
            return None
        number = product(b, [new[f] for f in top if f in numbers], [new[f] for f in bottom if f in numbers])
        arrays = sorted((f for f in top if f not in numbers), key=lambda f: (f not in weights, _size(program.ops[f])))
        below = [f for f in bottom if f not in numbers]
        first = [f for f in arrays if f in small]
        value = number
        for f in first:
            value = b.ufunc("multiply", new[f], value)
        full = [new[f] for f in arrays if f not in small]
        if full:
            large = full[0]
            for other in full[1:]:
                large = b.ufunc("multiply", large, other)
            value = b.ufunc("multiply", large, value)
        for f in below:
            value = b.ufunc("divide", value, new[f])
        moved.append(called.get(k, "a product"))
        return value

    done = rewritten(program, rule, new)
    return done, f"factors gathered into one number or one small array: {listed(moved)}" if moved else ""


def product(b: Builder, top: Iterable[int], bottom: Iterable[int] = ()) -> int:
    """The product of numbers, divided by others; 1 where there are none."""
    value = b.number(1)
    for f in top:
        value = b.ufunc("multiply", value, f)
    for f in bottom:
        value = b.ufunc("divide", value, f)
    return value


def _size(op: Op) -> float:
    """A length to compare by; a batch counts as 100 examples."""
    return math.prod(100 if n is None else n for n in op.shape) if op.kind != "py" else 0


def move_rate(
    program: Linear, gradients: Iterable[str], rate: Callable[[Builder], int], targets: Collection[str] = ("y",)
) -> tuple[Linear, str]:
    """Multiply every gradient by a number, at the place where that costs least: gradients are linear in what they come from.

    A value whose every use asks for it multiplied passes the factor on to what it is made of: both terms of a sum, the factor of
    a product that depends on the targets, and last a number or the smallest array on the way.
    """
    gradients, uses = tuple(gradients), program.uses()
    from_target = program.depends(lambda op: any(is_input(op, y) for y in targets))
    wanted = {k: 0 for k in range(len(program.ops))}
    for g in gradients:
        wanted[program.outputs[g]] += 1
    total = {k: len(uses[k]) + sum(program.outputs[g] == k for g in program.outputs) for k in wanted}
    passes: dict[int, tuple[int, ...]] = {}
    here: set[int] = set()
    for k in reversed(range(len(program.ops))):
        if not wanted[k]:
            continue
        passed = _passed(program, k, from_target) if wanted[k] == total[k] else ()
        if passed:
            passes[k] = passed
            for place in passed:
                wanted[program.ops[k].args[place]] += 1
        else:
            here.add(k)
    called = program.called()
    b, new, scaled = Builder(), dict[int, int](), dict[int, int]()
    for k, op in program:
        if k in passes:
            args = [scaled[a] if i in passes[k] else new[a] for i, a in enumerate(op.args)]
            scaled[k] = new[k] = b.ufunc(op.name, *args) if op.name in _PRODUCTS else b.emit(replace(op, args=(*args,)))
            continue
        new[k] = b.emit(replace(op, args=tuple(new[a] for a in op.args)))
        if k in here:
            scaled[k] = b.ufunc("multiply", new[k], rate(b))
    outputs = {n: scaled[k] if n in gradients else new[k] for n, k in program.outputs.items()}
    ends = {program.outputs[g] for g in gradients}
    names = {n: scaled[k] if k in passes or k in ends else new[k] for n, k in program.names.items()}
    places = [called.get(_next_named(program, uses, k, called), "a value") for k in sorted(here)]
    return b.program(names, outputs), f"the learning rate moved to {listed(places)}"


def _next_named(program: Linear, uses: dict[int, list[int]], k: int, called: dict[int, str]) -> int:
    while k not in called and uses[k]:
        k = uses[k][0]
    return k


def _passed(program: Linear, k: int, from_target: set[int]) -> tuple[int, ...]:
    """The places of the arguments to which a value passes a factor on; none where it is taken up by the value itself."""
    op = program.ops[k]
    linear = [a in from_target or _has_number(program, a) for a in op.args]
    if op.name in LINEAR_IN_ALL and all(linear) and all(program.ops[a].shape == op.shape for a in op.args):
        return 0, 1
    if op.name in _LINEAR_IN_ONE:
        return (0,)
    if op.name in ("multiply", "divide", *_CONTRACTED):
        places = (0,) if op.name == "divide" else (0, 1)
        if op.name not in _CONTRACTED:
            for i in places:
                if program.ops[op.args[i]].kind == "py":
                    return (i,)
        depending = [i for i in places if op.args[i] in from_target]
        if depending:
            return (min(depending, key=lambda i: _size(program.ops[op.args[i]])),)
    return ()


def _has_number(program: Linear, k: int) -> bool:
    op = program.ops[k]
    return op.name == "multiply" and any(program.ops[a].kind == "py" for a in op.args)


def choose_numbers(program: Linear) -> tuple[Linear, str]:
    """A choice between two numbers is arithmetic on the mask, which NumPy does many times faster than masked copies."""
    made: list[int] = []

    def rule(b: Builder, op: Op, k: int) -> int | None:
        if op.name != "where" or any(b[a].kind != "py" for a in op.args[1:]) or b[op.args[0]].kind != "bool":
            return None
        mask, yes, no = op.args
        made.append(k)
        return b.ufunc("add", b.ufunc("multiply", mask, b.ufunc("subtract", yes, no), kind="real"), no)

    done = rewritten(program, rule)
    return done, f"{len(made)} choices between two numbers are arithmetic" if made else ""


def choose_sums(program: Linear) -> tuple[Linear, str]:
    """Sums of a matrix over its rows or columns as products with ones, sums of all products as inner products."""
    made: list[str] = []

    def rule(b: Builder, op: Op, k: int) -> int | None:
        if op.name == "matmul" and not op.shape:
            return b.emit(replace(op, name="inner"))
        if op.name != "sum":
            return None
        inner = b[op.args[0]]
        if not op.shape and inner.name == "square":
            made.append("inner")
            return b.emit(Op("inner", (inner.args[0], inner.args[0])))
        if not op.shape and inner.name == "multiply" and len({b[a].shape for a in inner.args}) == 1:
            made.append("inner")
            return b.emit(Op("inner", inner.args))
        if len(op.data) == 1 and inner.shape[op.data[0]] == 1:
            return b.emit(Op("squeeze", op.args, op.data, op.shape))
        if len(inner.shape) == 2 and len(op.data) == 1:
            made.append("ones")
            ones = b.emit(Op("ones", (), (), (inner.shape[op.data[0]],)))
            return b.matmul(ones, op.args[0]) if op.data == (0,) else b.matmul(op.args[0], ones)
        return None

    done = rewritten(program, rule)
    return (
        done,
        f"{made.count('ones')} sums are products with ones, {made.count('inner')} inner products" if made else "",
    )


def weigh_once(program: Linear, w: str) -> tuple[Linear, str]:
    """The examples' weights with the number beside them, as one value: without weights it is the number alone."""

    def weights(b: Builder, k: int) -> bool:
        return is_input(b[k], w) or (b[k].name == "expand" and is_input(b[b[k].args[0]], w))

    def rule(b: Builder, op: Op, k: int) -> int | None:
        if op.name != "multiply" or not any(weights(b, a) for a in op.args):
            return None
        column, other = op.args if weights(b, op.args[0]) else op.args[::-1]
        if b[other].kind == "py":
            return b.emit(Op("column", (column, other), (), b[column].shape))
        return b.ufunc("multiply", other, b.emit(Op("column", (column, b.number(1)), (), b[column].shape)))

    done = rewritten(program, rule)
    columns = sum(op.name == "column" for op in done.ops)
    return done, "without weights of the examples their column is one number" if columns else ""
