"""The forward map behind the front door: what a network is, once its layers are joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Rational

from symbp.calculus.indices import Axis
from symbp.calculus.program import Program, Tensor

BATCH = Axis("n")
"""The axis of the examples."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a network: its tensor, how it is drawn at first, and whether regularisation applies to it."""

    tensor: Tensor
    start: str
    decays: bool


@dataclass(frozen=True)
class Noise:
    """A tensor drawn anew in training: an inverted Bernoulli mask with the probability `rate` of a zero."""

    tensor: Tensor
    rate: Rational


@dataclass(frozen=True)
class ForwardMap:
    """The forward program of a network with what its names stand for.

    ``adjoint`` names the adjoint of each tensor, ``aliases`` lists further names (the last activation is also yhat),
    ``activations`` maps a pre-activation z<k> to the tensor that its activation defines; ``inner`` are the tensors that a
    layer of several lines computes on the way.
    """

    program: Program
    sizes: Mapping[Axis, int]
    parameters: tuple[Parameter, ...]
    noise: tuple[Noise, ...]
    adjoint: Mapping[str, str]
    aliases: Mapping[str, str]
    activations: Mapping[str, str]
    inner: tuple[str, ...] = ()
