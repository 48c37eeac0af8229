"""The objective of a network: the loss of a batch from the loss of an example, regularisation, and where predictions must lie."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any

import sympy

from symbp.calculus.indices import Axis, Index
from symbp.calculus.language import Scope, read_expression, read_statement
from symbp.calculus.program import Fact, Program, Statement, Tensor
from symbp.catalogue import REGULARIZERS
from symbp.catalogue.kinds import LossKind
from symbp.errors import InputError
from symbp.network import settings as check
from symbp.network.assemble import PartialForward
from symbp.network.layers import Objective
from symbp.network.naming import Namer
from symbp.network.standardize import standardised_target


def add_objective(
    stack: PartialForward, x: Tensor, goal: Objective, names: Namer, *, standardize: bool = False
) -> Program:
    """The whole forward program of a network: its layers, then what each weight adds, then J.

    With `standardize` the loss compares the prediction with the standardised targets.
    """
    kind, yhat = goal.loss, stack.output
    y = Tensor("y", yhat.axes, "target")
    if len(yhat.axes) != 2:
        raise InputError(
            f"loss {kind.name} takes a vector for each example, and the output has the shape {stack.shape(yhat)}"
        )
    if kind.labels and stack.shape(yhat)[-1] < 2:
        raise InputError(
            f"loss {kind.name} compares classes, and the output has only one", allowed="two outputs or more"
        )
    constants = {n: check.exact(v) for n, v in check.numbers(f"loss {kind.name}", goal.settings, kind.settings).items()}
    targets, state = standardised_target(y) if standardize else (None, ())
    scope = Scope({"yhat": yhat, "y": targets.target if targets else y}, {}, constants)
    reduction = f"{'mean' if goal.reduction == 'mean' else 'sum'}({kind.forward}, n)"
    objective = read_statement(f"J = {reduction}", scope, label=kind.name)
    facts = tuple(_fact(text, scope) for text in kind.facts)
    weights = [p.tensor for p in stack.parameters if p.decays]
    extra: list[Statement] = []
    declared = {n: Tensor(n, (), "constant") for n in goal.regularization}
    for name in goal.regularization:
        for w in weights:
            letters = ",".join(f"i{k}" for k in range(len(w.axes)))
            text = REGULARIZERS[name].replace("...", letters)
            line = f"{names.term(len(extra) + 1)} = {text}"
            extra.append(read_statement(line, Scope({"W": w, name: declared[name]}), label=name))
    total = objective.body + sympy.Add(*[s.left for s in extra])
    j = Statement(objective.target, (), total, kind.name)
    return Program(
        (
            x,
            y,
            *(p.tensor for p in stack.parameters),
            *(m.tensor for m in stack.noise),
            *(s.tensor for s in (*stack.state, *state)),
            *declared.values(),
        ),
        (*stack.statements, *([targets] if targets else []), *extra, j),
        stack.functions,
        facts,
        {name: check.exact(value) for name, value in goal.regularization.items()},
    )


def _fact(text: str, scope: Scope) -> Fact:
    """A fact ``left = right | why`` about the targets."""
    equation, why = text.split("|")
    left, right = equation.split("=")
    y = scope.tensors["y"]
    letters = {"n": Index("n", y.axes[0])}
    return Fact(read_expression(left, scope, letters), read_expression(right, scope, letters), why.strip())


def check_domain(kind: LossKind, program: Program, sizes: Mapping[Axis, int]) -> None:
    """Raise InputError where the last layer's outputs leave the interval in which the loss is defined.

    The last layer's forward map is evaluated at random pre-activations, so that a user's own function is judged as the
    catalogue's are.
    """
    low, high, closed = kind.domain
    if math.isinf(low) and math.isinf(high):
        return
    from symbp.calculus.numeric.evaluate import evaluate

    last = program.definitions["yhat"]
    reads = [program.tensors[name] for name in last.reads]
    axes = sorted({a for t in (*reads, last.target) for a in t.axes})
    small = {a: k + 2 for k, a in enumerate(axes)}
    chance = random.Random(1)
    part = Program(tuple(reads), (last,), program.functions)
    for scale in (0.1, 1.0, 10.0):
        values = {t.name: _normal(chance, scale, [small[a] for a in t.axes]) for t in reads}
        for v in _flat(evaluate(part, values, small)["yhat"]):
            inside = low <= v <= high if closed else low < v < high
            if not inside:
                interval = f"{'[' if closed else '('}{low:g}, {high:g}{']' if closed else ')'}"
                raise InputError(
                    f"loss {kind.name} needs predictions in {interval}, and {last.label} gives {v:.3g}",
                    allowed=f"{kind.after} before it",
                )


def _normal(chance: random.Random, scale: float, shape: list[int]) -> Any:
    return [_normal(chance, scale, shape[1:]) for _ in range(shape[0])] if shape else chance.gauss(0, scale)


def _flat(values: Any) -> list[float]:
    import numpy as np

    return [float(v) for v in np.asarray(values, dtype=float).ravel()]
