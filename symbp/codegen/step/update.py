"""An optimizer's rule as a program over arrays: its numbers put together, its states where they cost least, in few passes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from symbp.calculus.text import statement_text
from symbp.codegen.step.linear import Builder, Linear, Op
from symbp.codegen.step.memory import Plan, first_of, plan
from symbp.codegen.step.passes import gather_factors
from symbp.codegen.step.reading import Reader, Tree, trees
from symbp.codegen.step.rule_passes import fold_numbers, rescale_states
from symbp.codegen.step.writing import Lines
from symbp.network import Optimizer
from symbp.network.derivation import update_program

_ROUNDS = 3  # how often the passes are repeated: a factor out of a root, out of a sum, into the product


@dataclass(frozen=True)
class Rule:
    """An optimizer's rule, its equations, and what the passes did.

    `rate` is the number by which a gradient is multiplied before it is subtracted, where the rule is no more than that.
    """

    program: Linear
    equations: tuple[str, ...]
    states: tuple[str, ...]
    rate: int | None
    said: tuple[str, ...]


def read_rule(optimizer: Optimizer) -> Rule:
    """The rule of an optimizer for arrays of the same shape: a parameter theta, its gradient g, its states."""
    source, kind = update_program(optimizer), optimizer.kind
    wanted = ["theta_next", *(f"{s}_next" for s in kind.states)]
    numbers = ["t", *kind.settings]
    b = Builder()
    known = {n: b.emit(Op("input", (), (n,), (None,))) for n in ("theta", "g", *kind.states)}
    names = dict(known)
    known |= {n: b.emit(Op("input", (), (n,), (), "py")) for n in numbers}
    reader = Reader(b, known, {})
    for tree in trees(source, wanted, {}, None, numbers):
        assert isinstance(tree, Tree)  # a rule has no steps
        reader.known[tree.statement.target.name] = reader.read(tree.root)
    program = b.program(names, {n: reader.known[n] for n in wanted})
    program, *said = rescale_states(program, kind.states)
    for _ in range(_ROUNDS):
        for one in (gather_factors, fold_numbers):
            program, words = one(program)
            said.append(words)
    said = [words for words in dict.fromkeys(said) if words]
    return Rule(
        program, tuple(statement_text(s) for s in source), kind.states, _rate(program, kind.states), tuple(said)
    )


def _rate(program: Linear, states: Iterable[str]) -> int | None:
    """The number in ``theta - number*g``."""
    end = program.ops[program.outputs["theta_next"]]
    if [*states] or end.name != "subtract" or end.args[0] != program.names.get("theta"):
        return None
    step = program.ops[end.args[1]]
    g = program.names.get("g")
    if step.name == "multiply" and g in step.args:
        other = step.args[1 - step.args.index(g)]
        return other if program.ops[other].kind == "py" else None
    return None


def graft(b: Builder, program: Linear, k: int) -> int:
    """A number of one program, made again in another."""
    op = program.ops[k]
    return b.emit(replace(op, args=tuple(graft(b, program, a) for a in op.args)))


@dataclass(frozen=True)
class UpdateCode:
    """The lines of an update over blocks of all parameters.

    `numbers` come first; then for every block, with `arrays` (states, g, scratch) bound, `whole`; and in it for each part of a
    parameter, with theta and `parts` bound, `single`.
    """

    numbers: tuple[str, ...]
    settings: tuple[str, ...]
    arrays: tuple[str, ...]
    scratch: tuple[str, ...]
    whole: tuple[str, ...]
    parts: tuple[str, ...]
    single: tuple[str, ...]
    uses_t: bool


def write_update(rule: Rule) -> UpdateCode:
    """The code of a rule: what does not need theta for all parameters at once, the rest parameter by parameter."""
    program = _theta_last(rule)
    given = {n: program.names[n] for n in ("theta", "g", *rule.states) if n in program.names}
    ends = {k: None if n == "g" else f"{n}_next" for n, k in given.items()}
    layout = plan(program, [*program.outputs], (), free=ends)
    variables = _variables(program, layout, {k: n for n, k in given.items()})
    with_theta = _single(program, rule)
    taken = {*variables.values(), "t", "theta", "lr"}
    numbers: list[str] = []
    named: dict[int, str] = {}
    settings: dict[str, None] = {}

    def number(op: Op) -> str:
        settings.setdefault(str(op.data[0]))
        return str(op.data[0])

    plain = Lines(program, layout, variables, number, taken)
    for op in program.ops:
        if op.kind == "py":
            continue
        for a in op.args:
            if program.ops[a].kind == "py" and a not in named:
                bare = program.ops[a].name == "input"
                named[a] = f"{program.ops[a].data[0]}_" if bare else f"c{len(named) + 1}"
                numbers.append(f"{named[a]} = np.array({plain.scalar(a)[0]}, self.dtype)")
    local = {n: f"{n}_" for n in {*variables.values()} - {"theta"}}
    inner = {k: local.get(v, v) for k, v in variables.items()}
    inner = {k: v for k, v in inner.items() if k in with_theta or program.ops[k].shape}
    whole: list[str] = []
    single: list[str] = []
    outer_lines = Lines(program, layout, {**variables, **named}, number, taken)
    inner_lines = Lines(program, layout, {**inner, **named}, number, taken)
    for lines in (outer_lines, inner_lines):
        lines.known(named)
    reads: dict[str, None] = {}
    for k, op in program:
        if k in with_theta:
            single += inner_lines.lines(k)
            for a in (k, *op.args):
                if a in inner and inner[a] != "theta":
                    reads.setdefault(inner[a])
        else:
            whole += outer_lines.lines(k)
    for n in ("theta", *rule.states):
        k = program.outputs[f"{n}_next"]
        if variables.get(k) != n:
            within = n == "theta" or k in with_theta
            source, target = (inner_lines, local.get(n, n)) if within else (outer_lines, n)
            (single if within else whole).append(f"np.copyto({target}, {source.argument(k)})")
    scratch = tuple(dict.fromkeys(v for v in variables.values() if v not in given))
    words = set(re.findall(r"\w+", " ".join(whole)))
    arrays = tuple(n for n in (*rule.states, "g", *scratch) if n in words)
    back = {v: k for k, v in local.items()}
    return UpdateCode(
        tuple(numbers), tuple(n for n in settings if n != "t"), arrays, scratch, tuple(whole),
        tuple(back[r] for r in reads), tuple(single), "t" in settings,
    )  # fmt: skip


def _single(program: Linear, rule: Rule) -> set[int]:
    """The operations that are done parameter by parameter: those with theta, or all where a state needs it."""
    found = program.depends(lambda op: op.name == "input" and op.data == ("theta",))
    if any(program.outputs[f"{s}_next"] in found for s in rule.states):
        return {*range(len(program.ops))}
    return found


def _theta_last(rule: Rule) -> Linear:
    """The program with what needs theta behind what does not."""
    program = rule.program
    last = program.depends(lambda op: op.name == "input" and op.data == ("theta",))
    order = sorted(range(len(program.ops)), key=lambda k: (k in last, k))
    new = {k: i for i, k in enumerate(order)}
    ops = tuple(replace(program.ops[k], args=tuple(new[a] for a in program.ops[k].args)) for k in order)
    return Linear(ops, {n: new[k] for n, k in program.names.items()}, {n: new[k] for n, k in program.outputs.items()})


def _variables(program: Linear, layout: Plan, given: dict[int, str]) -> dict[int, str]:
    """By value, the variable of the memory that it lies in."""
    found = dict(given)
    for k in range(len(program.ops)):
        start = first_of(layout.over, k)
        room = layout.rooms[layout.room[k]].values if k in layout.room else ()
        if start in given or (room and room[0] in given):
            found[k] = given.get(start) or given[room[0]]
        elif k in layout.room:
            found[k] = f"scratch{layout.room[k]}"
    return found
