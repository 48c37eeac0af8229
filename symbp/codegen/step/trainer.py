"""The code of a trainer from the equations of a network: the order of reading, passes, memory and writing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from symbp.calculus.indices import Axis
from symbp.calculus.kinds import Texts
from symbp.calculus.program import Program, Tensor
from symbp.calculus.text import statement_text
from symbp.codegen.forms import HELPERS
from symbp.codegen.lower import readable
from symbp.codegen.step.body import Part, StepWriter
from symbp.codegen.step.label_passes import add_in_place, placed_targets, take_labels
from symbp.codegen.step.linear import Builder, Linear, Op
from symbp.codegen.step.looping import Body, read_loop, title_of
from symbp.codegen.step.memory import own_outputs, owns, plan
from symbp.codegen.step.passes import (
    choose_numbers,
    choose_sums,
    collect_terms,
    gather_factors,
    move_rate,
    read_activations,
    weigh_once,
)
from symbp.codegen.step.placed import CALLED
from symbp.codegen.step.reading import Reader, Steps, Tree, trees
from symbp.codegen.step.update import Rule, UpdateCode, graft, read_rule, write_update
from symbp.codegen.step.writing import Lines, tuples
from symbp.network.derivation import Derivation

_WIDTH = 112


@dataclass(frozen=True)
class Noise:
    """A dropout mask: its variable, the lengths of an example's axes, the probability of a zero."""

    variable: str
    lengths: tuple[int, ...]
    rate: float


@dataclass(frozen=True)
class StepCode:
    """What the template of the trainer is given.

    ``given`` are what comes in with each example: name, variable, lengths; ``labels`` of them the targets whose integer labels
    are places, with the variables that say whether they are, and where; ``results`` what a step leaves: name, code.
    ``memory`` are the rooms: length, dtype, what lies there; ``views`` the lines that make the views; ``bound`` the variables
    in rows; ``kept`` the variables of states that a step changes, with what they become; ``before`` the parts up to the loss,
    ``after`` those behind it; ``rate`` what the gradients are multiplied by.
    """

    memory: tuple[tuple[str, str, str], ...]
    limits: tuple[tuple[str, str], ...]
    noise: tuple[Noise, ...]
    views: tuple[tuple[str, str], ...]
    bound: tuple[tuple[str, ...], ...]
    kept: tuple[tuple[str, str], ...]
    before: tuple[Part, ...]
    after: tuple[Part, ...]
    loss: str
    given: tuple[tuple[str, str, tuple[int, ...]], ...]
    results: tuple[tuple[str, str], ...]
    weights: str
    settings: tuple[str, ...]
    labels: tuple[tuple[str, str, str, str, tuple[int, ...]], ...]
    longest: int
    pieces: tuple[tuple[str, int, int], ...]
    count: int
    update: UpdateCode | None
    direct: tuple[str, ...]
    rule: tuple[str, ...]
    rate: str
    helpers: tuple[str, ...]
    said: tuple[tuple[str, str], ...]


def training_step(d: Derivation, w: str, classes: Collection[str]) -> StepCode:
    """The code of one training step of a network whose examples have weights, the tensor w; the targets `classes` may be
    integer labels."""
    forward = d.map
    assert forward.training is not None and forward.batch is not None
    rule = read_rule(forward.training.optimizer)
    parameters = [p.tensor for p in forward.parameters]
    gradients = {t.name: d.backward.adjoint[t.name] for t in parameters}
    results, examples = forward.compared, [*forward.inputs, *forward.targets]
    after = {s.tensor.name: s.next.target.name for s in forward.state if s.next is not None}
    wanted, targets = [*results, "J", *gradients.values(), *after.values()], tuple(t.name for t in forward.targets)
    source = d.program.extended(*forward.updates)
    found = trees(source, wanted, forward.sizes, forward.batch)
    program, said, whole, loops = read_step(source, found, forward.sizes, wanted)
    direct = rule.rate is not None and bool(gradients)
    for name, one in _passes(rule, tuple(gradients.values()), targets, w, classes, direct):
        program, words = one(program)
        said.append((name, words))
    program = own_outputs(program, gradients.values())
    layout = plan(program, [*results, *after.values()], gradients.values())
    pieces, start = [], 0
    for t in parameters:
        pieces.append((t.name, start, start + math.prod(forward.shape(t))))
        start = pieces[-1][2]
    own = {t.name for t in examples}
    drawn = {*own, w, *(m.tensor.name for m in forward.noise)}
    kept = [t.name for t in d.program.declared if t.name not in drawn]
    tensors = {**source.tensors, **_new_tensors(found)}
    writer = StepWriter(program, layout, tensors, kept, own | {w}, bare=forward.plain, loops=loops)
    for name, first, last in pieces:
        shape = "".join(f"{n}, " for n in forward.shape(d.program.tensors[name])).removesuffix(", ")
        writer.gradient(program.outputs[gradients[name]], f"grads[{first}:{last}].reshape({shape or '()'})")
    before, behind = writer.parts(_equations(source, found))
    said += [
        ("contract", _products(program)),
        ("skip", "the gradient of the input, which training does not need"),
        ("in place", f"{len(layout.over)} of {sum(owns(op) for op in program.ops)} operations write over an argument"),
        ("share memory", "; ".join(writer.sharing())),
        *(("the update", words) for words in rule.said),
        ("the update", "one subtraction for each parameter" if direct else ""),
        ("not buffered", ", ".join(dict.fromkeys(whole)) or "nothing"),
    ]
    steps = [f"{writer.names[n]} -= {writer.variables[program.outputs[g]]}" for n, g in gradients.items()]
    return StepCode(
        memory=writer.memory(),
        limits=writer.limits(),
        noise=tuple(
            Noise(writer.names[m.tensor.name], forward.shape(m.tensor), float(m.rate))
            for m in forward.noise
            if m.tensor.name in writer.read
        ),
        views=tuple(writer.views.items()),
        bound=tuple(tuples(_used(writer.views, before + behind, steps if direct else []), _WIDTH - 14)),
        kept=tuple((writer.names[n], writer.array(program.outputs[its])) for n, its in after.items()),
        before=before,
        after=behind,
        loss=writer.array(program.outputs["J"]),
        given=tuple((t.name, writer.names[t.name], forward.shape(t)) for t in examples),
        results=tuple((n, writer.array(program.outputs[n])) for n in results),
        weights=writer.names[w],
        settings=tuple(writer.settings),
        labels=tuple(
            (n, writer.names[n], *writer.labelled(writer.inputs[n]), forward.shape(source.tensors[n]))
            for n in classes
            if n in placed_targets(program)
        ),
        longest=max([1, *(n for op in program.ops if op.name == "ones" for n in op.shape if n)]),
        pieces=tuple(pieces),
        count=start,
        update=None if direct or not gradients else write_update(rule),
        direct=tuple(steps) if direct else (),
        rule=rule.equations,
        rate=Lines(rule.program, layout, {}, lambda op: str(op.data[0]), set()).scalar(rule.rate)[0]
        if rule.rate
        else "",
        helpers=tuple(n for n in (*whole, *_called([program, *(body.program for body in loops)])) if n in HELPERS),
        said=tuple((name, words) for name, words in said if words),
    )


Said = list[tuple[str, str]]


def read_step(
    source: Program, found: Sequence[Tree | Steps], sizes: Mapping[Axis, int], wanted: Iterable[str]
) -> tuple[Linear, Said, list[str], list[Body]]:
    """The trees of a step as one program, what was shared, what has no buffered form, and the loops."""
    b = Builder()
    known = {
        t.name: b.emit(Op("input", (), (t.name,), tuple(sizes.get(a) for a in t.axes))) for t in source.declared
    }  # fmt: skip
    reader = Reader(b, known, sizes)
    made, loops = dict[str, int](), list[Body]()
    for tree in found:
        if isinstance(tree, Steps):
            loops.append(read_loop(reader, tree, len(loops)))
            made |= {n: reader.known[n] for n in loops[-1].kept} | {loops[-1].title: loops[-1].place}
            continue
        name = tree.statement.target.name
        made[name] = reader.known[name] = reader.read(tree.root)
    program = b.program(made, {n: made[n] for n in wanted})
    return (
        program,
        [("share", f"{b.shared} operations stand more than once in the equations, and are done once")],
        reader.whole,
        loops,
    )


Pass = Callable[[Linear], tuple[Linear, str]]


def _passes(
    rule: Rule, gradients: tuple[str, ...], targets: tuple[str, ...], w: str, classes: Collection[str], direct: bool
) -> list[tuple[str, Pass]]:
    """The passes in order, by name."""

    def moved(program: Linear) -> tuple[Linear, str]:
        return move_rate(program, gradients, lambda b: graft(b, rule.program, rule.rate or 0), targets)

    def gathered(program: Linear) -> tuple[Linear, str]:
        return gather_factors(program, w)

    return [
        ("keep activations", read_activations),
        ("collect terms", collect_terms),
        *(("labels as places", partial(take_labels, y=y)) for y in classes),
        ("gather factors", gathered),
        *([("move the rate", moved), ("gather factors", gathered)] if direct else []),
        ("add in place", add_in_place),
        ("choose numbers", choose_numbers),
        ("choose sums", choose_sums),
        ("weights", lambda program: weigh_once(program, w)),
    ]


def _products(program: Linear) -> str:
    """The tensors that one matrix product makes, and how many more there are."""
    called = program.called()
    after = {a: k for k, op in program for a in op.args if op.name in ("add", "subtract")}
    made = [k for k, op in program if op.name == "matmul" and all(len(program.ops[a].shape) > 1 for a in op.args)]
    names = [called.get(k) or called.get(after.get(k, k), "a sum") for k in made]
    return f"{len(made)} matrix products, transposes as views: {', '.join(names)}"


def _used(views: Iterable[str], parts: Iterable[Part], more: Iterable[str]) -> list[str]:
    """The views that the lines of a step read or write."""
    words = set(re.findall(r"\w+", " ".join([*(line for p in parts for line in p.lines), *more])))
    return [v for v in views if v in words or v == "ones"]


def _called(programs: Iterable[Linear]) -> list[str]:
    """The helper functions that operations of a step call."""
    return [op.name for program in programs for op in program.ops if op.name in CALLED]


def _equations(source: Program, found: Sequence[Tree | Steps]) -> list[tuple[str, str]]:
    """The equations in order, by what their lines compute: the tensor that each defines, or all steps of a loop."""
    texts = Texts({**source.tensors, **_new_tensors(found)})
    made = []
    for t in found:
        if isinstance(t, Steps):
            made += [("", s) for s in t.written[:-1]] + [(title_of(t.loop), t.written[-1])]
        else:
            made.append((t.statement.target.name, source.definitions.get(t.statement.target.name, t.statement)))
    return [(name, texts.text(s, lambda one: statement_text(readable(one)))) for name, s in made]


def _new_tensors(found: Sequence[Tree | Steps]) -> dict[str, Tensor]:
    """The tensors that loops bring with them, by name: what is computed in front of them, and what is one step of a tensor."""
    made: dict[str, Tensor] = {}
    for t in found:
        made |= (
            {n: Tensor(n) for n in t.loop.cuts}
            if isinstance(t, Steps)
            else {t.statement.target.name: t.statement.target}
        )
    return made
