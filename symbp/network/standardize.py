"""Standardisation as a part of the forward map: what enters and what is wanted, each less its mean and over its scale.

The means and scales are state: tensors that are given, not trained. With means 0 and scales 1 nothing changes.
"""

from __future__ import annotations

from dataclasses import replace

from symbp.calculus.program import Program, Statement, Tensor
from symbp.catalogue.kinds import REAL, LossKind
from symbp.network.assemble import PartialForward, letters_for
from symbp.network.forward import BATCH, State

STANDARDIZE = ("", "inputs", "both")
"""What a network can standardise: nothing, x, or x and y."""
_LABEL = "standardize"
NAMES = ("u", "v", "x_mean", "x_scale", "y_mean", "y_scale", "y_hat")
"""The names that a network with standardisation does not give to anything else."""


def standardised_input(stack: PartialForward) -> PartialForward:
    """The stack with ``u = (x - x_mean)/x_scale`` on it, element by element."""
    statement, state = _standardised(stack.output, "u")
    return replace(
        stack,
        output=statement.target,
        statements=(*stack.statements, statement),
        state=(*stack.state, *state),
        outputs=(*stack.outputs, statement.target.name),
    )


def standardised_target(y: Tensor) -> tuple[Statement, tuple[State, ...]]:
    """``v = (y - y_mean)/y_scale``, which the loss compares the prediction with, and the state that it reads."""
    return _standardised(y, "v")


def own_units(program: Program) -> Program:
    """The prediction in the units of the targets, ``y_hat = yhat*y_scale + y_mean``, from yhat and the state."""
    given = tuple(program.tensors[name] for name in ("yhat", "y_mean", "y_scale"))
    yhat, mean, scale = given
    indices = letters_for(yhat.axes)
    inner = tuple(i for i in indices if i.axis != BATCH)
    body = yhat[indices] * scale[inner] + mean[inner]
    return Program(given, (Statement(Tensor("y_hat", yhat.axes), indices, body, _LABEL),))


def why_not_targets(kind: LossKind, last: str) -> str:
    """Why targets cannot be standardised, by the loss or by what the last layer can give; empty where they can."""
    if kind.targets != REAL:
        return f"loss {kind.name} takes {kind.targets.says}, which are not standardised"
    if last not in ("identity", "linear", "dense"):
        return f"{last} cannot give every number, so targets are not standardised"
    return ""


def _standardised(t: Tensor, name: str) -> tuple[Statement, tuple[State, ...]]:
    axes = tuple(a for a in t.axes if a != BATCH)
    mean, scale = Tensor(f"{t.name}_mean", axes, "state"), Tensor(f"{t.name}_scale", axes, "state")
    indices = letters_for(t.axes)
    inner = tuple(i for i in indices if i.axis != BATCH)
    body = (t[indices] - mean[inner]) / scale[inner]
    return Statement(Tensor(name, t.axes), indices, body, _LABEL), (State(mean, 0), State(scale, 1))
