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

    Of the N_w + 1, `passes` were run, each with another weight changed; the shortest counts for all.
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
        return x, np.eye(net.output[-1])[rng.integers(net.output[-1], size=(size, *net.output[:-1]))]
    return x, rng.uniform(0.1, 0.9, size=(size, *net.output))


def named_batch(module: ModuleType, size: int, seed: int = 0) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """A random batch for a module that takes its arrays by name: as :func:`example_batch`, whole numbers where an input points
    into an axis, and labels where a target may be some."""
    rng = np.random.default_rng(seed)
    whole = getattr(module, "WHOLE", {})
    x = {
        name: rng.integers(whole[name], size=(size, *shape)) if name in whole else rng.normal(size=(size, *shape))
        for name, shape in module.INPUTS.items()
    }
    y = {
        name: rng.integers(shape[-1], size=(size, *shape[:-1]))
        if name in module.LABELS
        else rng.uniform(0.1, 0.9, size=(size, *shape))
        for name, shape in module.TARGETS.items()
    }
    return x, y


def measure(net: Network, module: ModuleType, *, batch: int = 32, budget: float = 0.5) -> Timing:
    """Time a generated module in float64; `budget` bounds the seconds spent on each of the three."""
    by_name = hasattr(module, "TARGETS")
    x: Any
    y: Any
    x, y = named_batch(module, batch) if by_name else example_batch(net, batch)
    wanted = {**x, **y} if by_name else y  # an input may be what its reconstruction is compared with
    params = module.init(seed=0, dtype=np.float64)
    arrays, ends = [*params.values()], np.cumsum([p.size for p in params.values()])
    count = int(ends[-1])
    order = np.random.default_rng(1).permutation(count)
    done = 0

    def change_one_weight() -> None:
        nonlocal done
        place = order[done % count]
        which = int(np.searchsorted(ends, place, side="right"))
        array, entry = arrays[which], place - ends[which]  # from its end
        kept = array.flat[entry]
        array.flat[entry] = kept + 1e-6
        module.loss(module.forward(params, x)[0], wanted)
        array.flat[entry] = kept
        done += 1

    forward = shortest(lambda: module.forward(params, x), budget)
    gradients = shortest(lambda: module.loss_and_grads(params, x, y), budget)
    one = shortest(change_one_weight, budget)
    return Timing(count, forward, gradients, one * (count + 1), done)


_SAME = 1.02  # runs this near to the shortest agree with it
_AGREEING = 5  # so many of them make a minimum that is no accident


def shortest(run: Callable[[], Any], budget: float, clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of the shortest of several runs: a busy machine makes runs longer, and none shorter.

    Runs go on, for a quarter of `budget` seconds at least and for all of it at most, until the minimum is stable: several runs
    were as short, give or take two in a hundred, and the later half of them found no shorter one. Three are made in any case.
    """
    times: list[float] = []
    start = clock()
    while len(times) < 3 or clock() - start < budget:
        before = clock()
        run()
        times.append(clock() - before)
        if clock() - start > budget / 4 and len(times) % _AGREEING == 0:
            best = min(times)
            agreeing = sum(t <= _SAME * best for t in times)
            if agreeing >= _AGREEING and min(times[: len(times) // 2]) <= _SAME * best:
                break
    return min(times)
