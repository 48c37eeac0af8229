"""The objective of a network: the loss of a batch from the loss of an example, regularisation, and where predictions must lie."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
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
from symbp.network.forward import State
from symbp.network.layers import Objective, Term
from symbp.network.naming import Namer
from symbp.network.standardize import standardised_target


def add_objective(
    stack: PartialForward, inputs: Sequence[Tensor], goal: Objective, names: Namer, *, standardize: bool = False
) -> Program:
    """The whole forward program of a network: its layers, then what each loss and each weight adds, then J.

    With `standardize` the loss compares the prediction with the standardised targets.

    Raises
    ------
    InputError : a loss that does not fit what it compares
    """
    there = {t.name: t for t in (*inputs, *(s.target for s in stack.statements))}
    targets: dict[str, Tensor] = {}
    facts: list[Fact] = []
    losses: list[Statement] = []
    standard, state = None, tuple[State, ...]()
    for term in goal.compared:
        of = there[term.of]
        y = there.get(term.target) or targets.setdefault(term.target, Tensor(term.target, of.axes, "target"))
        _fits(term, of, y, stack)
        if standardize:
            standard, state = standardised_target(y)
            y = standard.target
        its = check.numbers(f"loss {term.loss.name}", term.settings, term.loss.settings)
        scope = Scope({"yhat": of, "y": y}, {}, {n: check.exact(v) for n, v in its.items()})
        positions = "".join(f",p{k}" for k in range(1, len(of.axes) - 1))
        forward, *texts = (text.replace("[n,", f"[n{positions},") for text in (term.loss.forward, *term.loss.facts))
        facts += [_fact(text, scope) for text in texts if term.target not in there]
        name = names.loss(term.of) if goal.terms else "J"
        line = f"{name} = {goal.reduction}({forward}, n{positions})"
        losses.append(read_statement(line, scope, label=term.loss.name))
    extra: list[Statement] = []
    declared = {n: Tensor(n, (), "constant") for n in goal.regularization}
    for name in goal.regularization:
        for w in (p.tensor for p in stack.parameters if p.decays):
            letters = ",".join(f"i{k}" for k in range(len(w.axes)))
            text = REGULARIZERS[name].replace("...", letters)
            line = f"{names.term(len(extra) + 1)} = {text}"
            extra.append(read_statement(line, Scope({"W": w, name: declared[name]}), label=name))
    weighed = [check.exact(t.weight) * s.left for t, s in zip(goal.terms, losses, strict=False)] or [losses[0].body]
    total = sympy.Add(*weighed, *[s.left for s in extra])
    j = Statement(Tensor("J"), (), total, "sum of the losses" if goal.terms else losses[0].label)
    return Program(
        (
            *inputs,
            *targets.values(),
            *(p.tensor for p in stack.parameters),
            *(m.tensor for m in stack.noise),
            *(s.tensor for s in (*stack.state, *state)),
            *declared.values(),
        ),
        (*stack.statements, *([standard] if standard else []), *(losses if goal.terms else []), *extra, j),
        stack.functions,
        tuple(facts),
        {name: check.exact(value) for name, value in goal.regularization.items()},
    )


def _fits(term: Term, of: Tensor, y: Tensor, stack: PartialForward) -> None:
    """Raise InputError where a loss does not fit what it compares."""
    kind, shape = term.loss, stack.shape(of)
    what = "the output" if term.of == "yhat" else term.of
    if len(of.axes) < 2:
        raise InputError(f"loss {kind.name} takes a vector for each example, and {what} is a number for each")
    if kind.labels and shape[-1] < 2:
        raise InputError(f"loss {kind.name} compares classes, and {what} has only one", allowed="two outputs or more")
    if shape[-1] < kind.least:
        raise InputError(
            f"loss {kind.name} compares directions, and {what} has {shape[-1]} output", allowed="two outputs or more"
        )
    if of.axes != y.axes:
        raise InputError(
            f"loss {kind.name} compares {what}, which has the shape {shape}, with {term.target}, which has the shape "
            f"{stack.shape(y)}",
            allowed="equal shapes",
        )


def _fact(text: str, scope: Scope) -> Fact:
    """A fact ``left = right | why`` about the targets."""
    equation, why = text.split("|")
    left, right = equation.split("=")
    y = scope.tensors["y"]
    letters = {
        name: Index(name, a) for name, a in zip(("n", *(f"p{k}" for k in range(1, len(y.axes)))), y.axes, strict=False)
    }
    return Fact(read_expression(left, scope, letters), read_expression(right, scope, letters), why.strip())


def check_domain(kind: LossKind, output: str, program: Program, sizes: Mapping[Axis, int]) -> None:
    """Raise InputError where the outputs of a layer leave the interval in which the loss is defined.

    The layer's forward map is evaluated at random pre-activations, so that a user's own function is judged as the
    catalogue's are.
    """
    low, high, closed = kind.domain
    if math.isinf(low) and math.isinf(high):
        return
    from symbp.calculus.numeric.evaluate import evaluate

    last = program.definitions[output]
    reads = [program.tensors[name] for name in last.reads]
    axes = sorted({a for t in (*reads, last.target) for a in t.axes})
    small = {a: k + 2 for k, a in enumerate(axes)}
    chance = random.Random(1)
    part = Program(tuple(reads), (last,), program.functions)
    for scale in (0.1, 1.0, 10.0):
        values = {t.name: _normal(chance, scale, [small[a] for a in t.axes]) for t in reads}
        for v in _flat(evaluate(part, values, small)[output]):
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
