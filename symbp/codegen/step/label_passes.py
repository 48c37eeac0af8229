"""The passes over a training step that have to do with labels: integer labels are places, and rows are added where they lie."""

from __future__ import annotations

from dataclasses import replace

from symbp.codegen.step.linear import Builder, Linear, Op, is_input, listed, rewritten

_TAKING = ("less_target", "at_target", "all_target")


def take_labels(program: Linear, y: str = "y") -> tuple[Linear, str]:
    """Where targets only stand in differences and in sums over the classes, a label is a place: no one-hot rows.

    Where every position has one, what is taken off all entries of a row is taken off the one at the label alone, times the sum
    of the targets, which is 1.
    """
    uses = program.uses()

    def rule(b: Builder, op: Op, k: int) -> int | None:
        if op.name == "subtract" and is_input(b[op.args[1]], y) and b[op.args[0]].shape == op.shape:
            return b.emit(replace(op, name="less_target"))
        last = len(b[op.args[0]].shape) - 1 if op.name == "sum" else 0
        if not last or last not in op.data:
            return None
        inner = b[op.args[0]]
        if inner.name != "multiply" or not any(is_input(b[a], y) for a in inner.args):
            return None
        other, target = inner.args if is_input(b[inner.args[1]], y) else inner.args[::-1]
        if b[other].shape != b[target].shape:
            return None
        (old,) = (a for a in program.ops[program.ops[k].args[0]].args if not is_input(program.ops[a], y))
        value = taken(b, other, target, len(uses[old]) == 1)
        rest = tuple(i for i in op.data if i != last)
        return b.reduced("sum", value, rest) if rest else value

    def taken(b: Builder, other: int, target: int, alone: bool) -> int:
        shape = b[other].shape[:-1]
        less = b[other]
        if (
            alone
            and len(shape) > 1
            and less.name == "subtract"
            and b[less.args[1]].name == "expand"
            and b[less.args[1]].shape[-1] == 1
        ):
            column = b[less.args[1]].args[0]
            if b[column].shape == shape and b[less.args[0]].shape == less.shape:
                whole = b.emit(Op("all_target", (target,), (), shape))
                entry = b.emit(Op("at_target", (less.args[0], target), (), shape))
                return b.ufunc("subtract", entry, b.ufunc("multiply", column, whole))
        return b.emit(Op("at_target", (other, target), (), shape))

    done = rewritten(program, rule)
    readers = [op for op in done.ops if any(is_input(done.ops[a], y) for a in op.args)]
    if not readers or any(op.name not in _TAKING for op in readers):
        return program, f"labels become one-hot rows: {y} stands in more than differences and sums over the classes"
    places = [op.name for op in readers]
    return done, (
        f"integer labels are places: {places.count('less_target')} difference and {places.count('at_target')} sum "
        "over the classes take one entry a row"
    )


def placed_targets(program: Linear) -> frozenset[str]:
    """The targets whose labels are places."""
    return frozenset(str(program.ops[op.args[-1]].data[0]) for op in program.ops if op.name in _TAKING)


def add_in_place(program: Linear) -> tuple[Linear, str]:
    """What is added up at rows is added to the other term of a sum, where it lies."""
    uses, outputs = program.uses(), set(program.outputs.values())
    made: list[str] = []
    called = program.called()

    def rule(b: Builder, op: Op, k: int) -> int | None:
        if op.name != "add":
            return None
        for place, other in (op.args, op.args[::-1]):
            old = program.ops[k].args[op.args.index(place)]
            scattered = b[place].name == "add_at_rows" and len(b[place].args) == 2
            if scattered and len(uses[old]) == 1 and old not in outputs and b[other].shape == op.shape:
                made.append(called.get(k, "a sum"))
                return b.emit(replace(b[place], args=(*b[place].args, other)))
        return None

    done = rewritten(program, rule)
    return done, f"rows are added to what is there already: {listed(made)}" if made else ""
