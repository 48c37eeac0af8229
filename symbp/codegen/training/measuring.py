"""Measuring a generated module: the time of a forward pass, of loss and gradients, and of finite differences, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from symbp.network import Network


@dataclass(frozen=True)
class Timing:
    """Seconds for a batch: one forward pass, one pass forward and back, and N_w + 1 forward passes.

    `passes` of the N_w + 1 were run, each with another weight changed; the rest is extrapolated from them.
    """

    weights: int
    forward: float
    gradients: float
    finite_differences: float
    passes: int


def example_batch(net: Network, size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A random batch that fits the network: x normal, y one-hot where the loss takes labels, else in (0, 1)."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(size, *net.input))
    if net.loss_kind.facts:
        return x, np.eye(net.output[-1])[rng.integers(net.output[-1], size=size)]
    return x, rng.uniform(0.1, 0.9, size=(size, *net.output))


def measure(net: Network, module: ModuleType, *, batch: int = 32, budget: float = 0.5) -> Timing:
    """Time a generated module in float64; `budget` bounds the seconds spent on each of the three."""
    x, y = example_batch(net, batch)
    params = module.init(seed=0, dtype=np.float64)
    weights = [(p, k) for p in params.values() for k in range(p.size)]
    forward = _best(lambda: module.forward(params, x), budget)
    gradients = _best(lambda: module.loss_and_grads(params, x, y), budget)
    rng = np.random.default_rng(1)
    order = rng.permutation(len(weights))
    start, done = time.perf_counter(), 0
    for k in order:
        array, entry = weights[k]
        kept = array.flat[entry]
        array.flat[entry] = kept + 1e-6
        module.loss(module.forward(params, x)[0], y)
        array.flat[entry] = kept
        done += 1
        if time.perf_counter() - start > budget:
            break
    one = (time.perf_counter() - start) / done
    return Timing(len(weights), forward, gradients, one * (len(weights) + 1), done)


def _best(run: Callable[[], Any], budget: float) -> float:
    """The shortest of several runs: the one that the rest of the machine disturbed least."""
    best, start = float("inf"), time.perf_counter()
    while time.perf_counter() - start < budget:
        before = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - before)
    return best
