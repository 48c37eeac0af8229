"""Networks of the tests: generic values for them, and their gradients by the brute-force evaluator on the derived equations."""

from __future__ import annotations

from typing import Any

import numpy as np

import symbp as sb
from symbp.calculus.numeric.evaluate import evaluate
from symbp.network.forward import BATCH

OUTPUTS = {
    "cross_entropy": ("softmax", "sigmoid"), "nll": ("log_softmax",), "kl_divergence": ("softmax",),
    "binary_cross_entropy": ("sigmoid", "softmax"), "poisson": ("exp", "softplus"),
}  # fmt: skip
"""The last activations that a loss is tried with; any other loss takes every one."""


def generic(net: sb.Network, batch: int = 2, seed: int = 5) -> dict[str, np.ndarray]:
    """Generic parameters, inputs and targets: no two equal, and away from every kink."""
    rng = np.random.default_rng(seed)
    sizes = {BATCH: batch, **net.forward_map.sizes}
    values = {}
    for t in net.forward_map.program.declared:
        if t.role != "constant":
            values[t.name] = 0.7 * rng.standard_normal([sizes[a] for a in t.axes])
    if net.loss_kind.facts or net.loss_kind.name in ("binary_cross_entropy", "poisson"):
        y = rng.uniform(0.1, 1.0, values["y"].shape)
        values["y"] = y / y.sum(axis=1, keepdims=True) if net.loss_kind.facts else y
    return values


def derived(net: sb.Network, values: dict[str, np.ndarray], batch: int = 2) -> dict[str, Any]:
    """J and dJ/dx for every tensor x with an adjoint, by looping over the derived equations."""
    d = sb.derive(net, batch=True)
    found = evaluate(d.program, values, {BATCH: batch, **net.forward_map.sizes})
    return {"J": found["J"], **{x: found[name] for x, name in d.backward.adjoint.items()}}
