"""Counting: operations of a program, weights of a network, and the bound on how a gradient shrinks or grows layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from sympy import Add, Expr, Indexed, Mul, Pow

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Axis
from symbp.calculus.numeric.sampled import sampled
from symbp.calculus.program import ScalarFunction, Statement
from symbp.calculus.reductions import First, Reduction
from symbp.network.derivation import Derivation, derive
from symbp.network.forward import BATCH
from symbp.network.network import Network


def operations(expr: Expr, sizes: Mapping[Axis, int]) -> int:
    """Scalar operations to evaluate one entry: additions, multiplications, divisions and function calls count one each."""
    if isinstance(expr, Reduction):
        return sizes[expr.axis] * (operations(expr.body, sizes) + 1)
    if isinstance(expr, (Indexed, First)) or not expr.args:
        return 0
    inside = sum(operations(a, sizes) for a in expr.args)
    if isinstance(expr, (Add, Mul)):
        return len(expr.args) - 1 + inside
    if isinstance(expr, Pow) and expr.exp == -1:
        return inside  # the division is counted by the product that it stands in
    return 1 + inside


def statement_operations(s: Statement, sizes: Mapping[Axis, int]) -> int:
    """Operations to evaluate all entries that a statement defines."""
    return prod(sizes[a] for a in s.target.axes) * operations(s.body, sizes)


@dataclass(frozen=True)
class Counts:
    """Operations for one example: N_w weights, a forward pass, a backward pass behind it, and the finite differences."""

    weights: int
    forward: int
    backward: int

    @property
    def finite_differences(self) -> int:
        """N_w + 1 forward passes."""
        return (self.weights + 1) * self.forward

    @property
    def ratio(self) -> Fraction:
        """How many times the operations of one forward and one backward pass the finite differences take."""
        return Fraction(self.finite_differences, self.forward + self.backward)


def counts(derivation: Derivation) -> Counts:
    """The operations of one forward and one backward pass for one example; what no gradient needs is left out."""
    forward = derivation.map
    sizes = {BATCH: 1, **forward.sizes}
    wanted = {derivation.backward.adjoint[p.tensor.name] for p in forward.parameters}
    wanted = derivation.program.behind(wanted)
    live = [s for s in derivation.backward.statements if s.target.name in wanted]
    return Counts(
        sum(prod(sizes[a] for a in p.tensor.axes) for p in forward.parameters),
        sum(statement_operations(s, sizes) for s in derivation.forward),
        sum(statement_operations(s, sizes) for s in live),
    )


def scaled(net: Network, factor: Fraction) -> Network:
    """The network with its hidden dense layers (or, where it has none, its input) `factor` times as wide."""

    def wider(n: Any) -> Any:
        return max(1, round(n * factor)) if isinstance(n, int) else n

    dense = [k for k, layer in enumerate(net.layers) if layer.kind == "dense"]
    if len(dense) < 2:
        return replace(net, inputs={name: tuple(map(wider, its)) for name, its in net.inputs.items()})
    layers = list(net.layers)
    for k in dense[:-1]:
        layer = layers[k]
        settings = {n: wider(v) if n in ("", "units") else v for n, v in layer.settings.items()}
        layers[k] = replace(layer, settings=settings)
    return replace(net, layers=tuple(layers))


@dataclass(frozen=True)
class Bound:
    """What layer k can do to a gradient: max |g'|, the largest singular value of its weights at the start, and the products
    from the last hidden layer down to it (per unit weight, and with the weights)."""

    layer: int
    activation: str
    slope: float
    slopes: float
    norm: float
    bound: float


def steepest(function: ScalarFunction) -> float:
    """The largest |g'(z)| on a fine grid over [-12, 12], the kinks' sides included: an estimate of the bound from below.

    It is infinite where g' has no value somewhere, as beside a pole."""
    if function.definition is None:
        return float("nan")
    grid = np.concatenate([np.linspace(-12, 12, 4801), [-1e-9, 1e-9]])
    slopes = np.abs(sampled(function, grid, 1))
    return float(slopes.max()) if np.isfinite(slopes).all() else float("inf")


def bounds(net: Network, params: Mapping[str, np.ndarray]) -> list[Bound]:
    """The bound on the gradient for every layer with an activation of one argument, from the last to the first.

    The gradient of layer k is at most the product of max |g'| and the weights' largest singular values above it, times the
    gradient of the last layer: |delta_k| <= prod |g'| ||W|| |delta_L|. There is none for a graph, where further paths add.
    """
    derivation = derive(net)
    if not (derivation.map.plain and derivation.map.chain):
        return []
    chain = [(k, s) for k, s in enumerate(derivation.forward) if isinstance(s.body, Apply)]
    depth = net.depth
    found: list[Bound] = []
    slopes = bound = 1.0
    for layer in range(depth, 0, -1):
        its = [s for _, s in chain if derivation.map.activations.get(f"z{layer}") == s.target.name]
        name = its[0].label if its else derivation.forward.definitions["yhat"].label if layer == depth else ""
        slope = steepest(derivation.forward.function[name]) if its else 1.0
        above = params.get(f"W{layer + 1}")
        norm = float(np.linalg.norm(above, 2)) if above is not None and above.ndim == 2 else 1.0
        if layer < depth:
            slopes *= slope
            bound *= slope * norm
        found.append(Bound(layer, name, slope, slopes, norm, bound))
    return found
