"""The passes over an optimizer's rule: each a pure function of a straight-line program, with a line on what it did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbp.codegen.step.linear import Builder, Linear, Op, is_input, rewritten


def fold_numbers(program: Linear) -> tuple[Linear, str]:
    """Factors out of square roots and of sums with a number, and theta less a multiple of itself: fewer passes over memory."""
    done: list[str] = []

    def split(b: Builder, k: int) -> tuple[int, int] | None:
        """The number and the array of a product."""
        op = b[k]
        if op.name in ("multiply", "divide") and op.kind == "real" and op.shape:
            x, c = op.args
            if op.name == "multiply" and b[x].kind == "py":
                x, c = c, x
            if b[c].kind == "py" and b[x].kind != "py":
                return (c if op.name == "multiply" else b.ufunc("divide", b.number(1), c)), x
        return None

    def rule(b: Builder, op: Op, k: int) -> int | None:
        if op.kind != "real" or not op.shape or not op.args:
            return None
        parts = [split(b, a) for a in op.args]
        first = parts[0] if parts else None
        if op.name == "sqrt" and first:
            done.append("a factor taken out of a square root")
            return b.ufunc(
                "multiply", b.ufunc("sqrt", first[1]), b.emit(Op("python", (first[0],), ("math.sqrt",), (), "py"))
            )
        if op.name == "add" and first and b[op.args[1]].kind == "py":
            done.append("a factor taken out of a sum")
            rest = b.ufunc("add", first[1], b.ufunc("divide", op.args[1], first[0]))
            return b.ufunc("multiply", rest, first[0])
        if op.name == "subtract" and parts[1] and parts[1][1] == op.args[0]:
            done.append("a decay folded into one factor")
            return b.ufunc("multiply", op.args[0], b.ufunc("subtract", b.number(1), parts[1][0]))
        before = b[op.args[0]]
        if op.name == "subtract" and parts[1] and before.name == "subtract" and before.args[0] == parts[1][1]:
            done.append("a decay folded into one factor")
            kept = b.ufunc("multiply", before.args[0], b.ufunc("subtract", b.number(1), parts[1][0]))
            return b.ufunc("subtract", kept, before.args[1])
        return None

    result = rewritten(program, rule)
    return result, "; ".join(dict.fromkeys(done))


def rescale_states(program: Linear, states: Iterable[str]) -> tuple[Linear, str]:
    """A state s that is s_next = a*s + c*h is kept as s/c, which needs no product with c: a*s + h."""
    changed: list[str] = []
    for s in states:
        k = program.names.get(s)
        end = program.outputs[f"{s}_next"]
        uses = program.uses()
        if k is None or len(uses[k]) != 1 or program.ops[end].name != "add":
            continue
        sides = [program.ops[a] for a in program.ops[end].args]
        kept = next((i for i, a in enumerate(program.ops[end].args) if a == uses[k][0]), None)
        if kept is None or sides[kept].name != "multiply":
            continue
        other = sides[1 - kept]
        place = next((i for i, a in enumerate(other.args) if program.ops[a].kind == "py"), None)
        steady = not program.depends(lambda op: is_input(op, "t") or is_input(op, "lr")) & {*other.args}
        if other.name != "multiply" or place is None or not steady:
            continue
        program = _rescaled(program, end, kept, other.args[place], other.args[1 - place], f"{s}_next")
        changed.append(s)
    return (
        program,
        f"kept divided by their factor, which saves a pass: {', '.join(dict.fromkeys(changed))}" if changed else "",
    )


def _rescaled(program: Linear, end: int, kept: int, factor: int, rest: int, output: str) -> Linear:
    b, new, outputs = Builder(), dict[int, int](), dict[str, int]()
    for k, op in program:
        if k != end:
            new[k] = b.emit(replace(op, args=tuple(new[a] for a in op.args)))
            continue
        outputs[output] = b.ufunc("add", new[op.args[kept]], new[rest])
        new[k] = b.ufunc("multiply", outputs[output], new[factor])
    names = {n: new[k] for n, k in program.names.items()}
    return b.program(names, {n: outputs.get(n, new[k]) for n, k in program.outputs.items()})
