"""What the template of a module is given whose examples, predictions and targets are tables of arrays by name."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Collection, Iterable
from typing import Any

from symbp.catalogue.kinds import LossKind
from symbp.codegen.block import Block
from symbp.codegen.layout import WIDTH, written
from symbp.codegen.parts import Parts
from symbp.network.derivation import Derivation
from symbp.network.forward import BATCH, ForwardMap
from symbp.network.layers import Objective


def functions(d: Derivation, made: Parts) -> dict[str, Any]:
    """The code of the functions of a network with several inputs, outputs or losses, and the tables of what goes in and out."""
    forward, names = d.map, made.backward.variables
    parameters = [p.tensor.name for p in forward.parameters]
    held = [*parameters, *(s.tensor.name for s in forward.state)]
    inputs, targets = [t.name for t in forward.inputs], [t.name for t in forward.targets]
    noise = {m.tensor.name: m for m in forward.noise if m.tensor.name in made.forward.inputs}
    gradient = {t.name: d.backward.adjoint[t.name] for t in forward.inputs if not t.integer}
    done = {*made.backward.names, *made.backward.inputs}

    def reads(block: Block, cached: str = "cache", known: set[str] | None = None) -> list[tuple[str, str, str]]:
        """What a function takes out of its arguments: variable, where it lies, key."""
        places = {
            **dict.fromkeys(inputs, cached),
            **dict.fromkeys(targets, "wanted"),
            **dict.fromkeys(held, "params"),
        }
        return [(names[n], places.get(n, cached), n) for n in block.inputs if n not in (known or ())]

    first = names[inputs[0]]
    typed = "next(iter(params.values()))" if forward.bounds else first
    compared = {*forward.compared}
    read = [(names[n], "given", n) for n in inputs]
    return {
        "inputs": [(n, names[n], forward.shape(forward.program.tensors[n])) for n in inputs],
        "outputs": [(n, names[n], forward.shape(forward.program.tensors[n])) for n in forward.compared],
        "bounds": forward.bounds,
        **_targets(forward),
        "places": made.places,
        "inf": math.inf,
        "forward": [written(a) for a in made.forward.assignments],
        "forward_reads": [*([] if made.inference else read), *(r for r in reads(made.forward) if r[1] == "params")],
        "given_reads": read,
        "first_input": first,
        **inference(made, lambda block: [r for r in reads(block) if r[1] == "params"], inputs),
        "noise": [
            (names[n], ", ".join(f"len({first})" if a == BATCH else str(forward.sizes[a]) for a in m.tensor.axes), float(m.rate))
            for n, m in noise.items()
        ],
        "first": typed,
        "cache": [(n, names[n]) for n in made.cache],
        "objective": [written(a) for a in made.objective.assignments],
        "objective_reads": reads(made.objective),
        "loss": [written(a) for a in made.loss.assignments],
        "loss_reads": [
            (v, "y_hat" if n in compared else "wanted" if n in targets else "given", n) for v, _, n in reads(made.loss)
        ],
        "loss_targets": [n for n in made.loss.inputs if n in targets],
        "loss_inputs": [n for n in made.loss.inputs if n in inputs],
        "J": names["J"],
        "backward": [written(a) for a in made.backward.assignments],
        "backward_reads": reads(made.backward),
        "inputs_gradient": [written(a) for a in made.inputs_gradient.assignments],
        "inputs_reads": reads(made.inputs_gradient, known=done),
        "uses_targets": any(n in targets for b in (made.backward, made.inputs_gradient) for n in b.inputs),
        "gradients": [(n, names[d.backward.adjoint[n]]) for n in parameters],
        "input_gradients": [(n, names[g]) for n, g in gradient.items()],
        "mean": forward.training is not None and forward.training.objective.reduction == "mean",
        "any": "Any" if {"x", "y"} & {names[n] for n in (*inputs, *targets)} else "Mapping[str, Array]",
    }  # fmt: skip


def inference(
    made: Parts, reads: Callable[[Block], list[tuple[str, str, str]]], inputs: Collection[str]
) -> dict[str, Any]:
    """The code of the forward map outside training, where it is another, and a name that no cache of it has."""
    block = made.inference
    if block is None:
        return {"inference": None}
    code = [written(a) for a in block.assignments]
    return {
        "inference": code,
        "inference_reads": reads(block),
        "kept_of_batch": next(n for n in made.cache if n not in inputs),
    }


def described(forward: ForwardMap) -> str:
    """The inputs in a word each: ``64``, or ``left 6, right (8, 8)``."""
    shapes = ((t.name, forward.shape(t)) for t in forward.inputs)
    return ", ".join(f"{n} {_shape(s)}" if n != "x" else _shape(s) for n, s in shapes)


def _shape(sizes: tuple[int, ...]) -> str:
    return str(sizes[0] if len(sizes) == 1 else sizes)


def losses(goal: Objective) -> str:
    """The losses of an objective, with what they compare where that has to be said."""
    if not goal.terms:
        return goal.loss.name
    return " + ".join(
        f"{f'{float(t.weight):g} ' if t.weight != 1 else ''}{t.loss.name} of {t.of} and {t.target}" for t in goal.terms
    )


def reading(forward: ForwardMap) -> list[str]:
    """How the arrays of the module are read."""
    tensors = forward.program.tensors

    def listed(names: Iterable[str]) -> str:
        return ", ".join(f"{n} ({', '.join(map(str, ('N', *forward.shape(tensors[n]))))})" for n in names)

    wanted = listed(t.name for t in forward.targets)
    text = (
        f"Arrays hold one example a row and come in dicts by name: inputs {listed(t.name for t in forward.inputs)}, "
        f"predictions {listed(forward.compared)}, {f'targets {wanted}' if wanted else 'and no targets'}. Above each block of "
        "code stands the equation that it implements; n counts examples, and d<name> is the derivative of the objective J."
    )
    return textwrap.wrap(text, WIDTH - 4)


def _kinds(forward: ForwardMap) -> dict[str, LossKind]:
    """The losses that targets are compared by, by the targets' names; of several, the first."""
    assert forward.training is not None
    given = {t.name for t in forward.targets}
    return {t.target: t.loss for t in reversed(forward.training.objective.compared) if t.target in given}


def labelled(forward: ForwardMap) -> tuple[str, ...]:
    """The targets that may be integer labels."""
    return tuple(n for n, kind in _kinds(forward).items() if kind.labels)


def _targets(forward: ForwardMap) -> dict[str, Any]:
    """The tables of targets: shapes, which may be labels, which are shares that sum to one, and between what others lie."""
    shapes = {t.name: forward.shape(t) for t in forward.targets}
    of = _kinds(forward)
    limits = {n: (kind.targets.low, kind.targets.high) for n, kind in of.items()}
    return {
        "targets": [*shapes.items()],
        "labels": labelled(forward),
        "simplex": [n for n, kind in of.items() if kind.targets.simplex or kind.facts],
        "limits": {n: its for n, its in limits.items() if any(map(math.isfinite, its))},
        "draws": {n: _draw(kind.targets.whole, kind.targets.values, *limits[n]) for n, kind in of.items()},
    }


def _draw(whole: bool, values: tuple[int, ...], low: float, high: float) -> str:
    """The code that draws targets of a shape, as `check` needs them."""
    if values:
        return f"rng.choice({[*map(float, values)]}, shape)"
    if whole:
        return "rng.integers(0, 5, shape).astype(float)"
    return "rng.uniform(size=shape)" if math.isfinite(low) and math.isfinite(high) else "rng.normal(size=shape)"
