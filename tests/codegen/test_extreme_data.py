"""Training on data that one meets and nobody wishes for: no warning, and no number that the mathematics does not have.

Warnings are errors. Every step's loss must be finite, and so must all parameters, gradients and predictions at the end. The optimizers that
divide by the size of the gradient take any data; plain gradient descent diverges on large ones by right, and then says so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import ModuleType

import numpy as np
import pytest
from generated_module import from_source

import symbp as sb

EXAMPLES, INPUTS, BATCH = 24, 4, 6


def plain(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal((EXAMPLES, INPUTS))


def constant_columns(rng: np.random.Generator) -> np.ndarray:
    x = plain(rng)
    x[:, 0], x[:, 1], x[:, 2] = 0, 1e4, -1e-40
    return x


def mixed(rng: np.random.Generator) -> np.ndarray:
    return plain(rng) * 10.0 ** np.array([4, -40, 0, -4])


DATA: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "large": lambda rng: 1e4 * plain(rng),
    "denormal": lambda rng: 1e-40 * plain(rng),
    "constant columns": constant_columns,
    "all zero": lambda rng: np.zeros((EXAMPLES, INPUTS)),
    "mixed scales": mixed,
    "plain": plain,
}
"""Inputs by what is wrong with them, in float32: 1e-40 is a denormal there."""


def classes(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 2, EXAMPLES)  # of three: the last is missing


def yes_or_no(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 2, (EXAMPLES, 1)).astype(np.float32)


def large_targets(rng: np.random.Generator) -> np.ndarray:
    return (1e4 * rng.standard_normal((EXAMPLES, 2))).astype(np.float32)


def counts(rng: np.random.Generator) -> np.ndarray:
    return rng.poisson(3, (EXAMPLES, 2)).astype(np.float32)


NETWORKS = {
    "relu, softmax": ("4-5:relu-3:softmax", "cross_entropy", classes),
    "tanh, softmax": ("4-5:tanh-3:softmax", "cross_entropy", classes),
    "gelu, log_softmax": ("4-5:gelu-3:log_softmax", "nll", classes),
    "sigmoid": ("4-5:sigmoid-1:sigmoid", "binary_cross_entropy", yes_or_no),
    "elu, linear": ("4-5:elu-2", "sse", large_targets),
    "softplus, huber": ("4-5:softplus-2", "huber", large_targets),
    "tanh, mae": ("4-5:tanh-2", "mae", large_targets),
    "silu, poisson": ("4-5:silu-2:softplus", "poisson", counts),
}  # fmt: skip
"""Networks with targets that belong to their loss."""


@cache
def module_of(arch: str, loss: str, optimizer: str) -> ModuleType:
    return from_source(sb.generate(sb.Network.parse(arch, loss=loss, optimizer=optimizer)))


def trained(name: str, optimizer: str, data: str, batch: int, steps: int) -> None:
    arch, loss, targets = NETWORKS[name]
    made, rng = module_of(arch, loss, optimizer), np.random.default_rng(5)
    x, y = DATA[data](rng).astype(np.float32), targets(rng)
    params = made.init(seed=1)
    trainer = made.Trainer(params, batch)
    for step in range(steps):
        first = step * batch % EXAMPLES
        value = trainer.step(x[first : first + batch], y[first : first + batch])
        assert np.isfinite(value), f"step {step + 1}: {value}"
    assert all(np.isfinite(p).all() for p in params.values())
    value, grads = made.loss_and_grads(params, x, y)
    assert np.isfinite(value) and all(np.isfinite(g).all() for g in grads.values())
    assert np.isfinite(made.predict(params, x)).all()


@pytest.mark.thinned(3)
@pytest.mark.parametrize(
    "optimizer", ["adam", *(pytest.param(name, marks=pytest.mark.sweep) for name in ("adamw", "rmsprop", "adagrad"))]
)
@pytest.mark.parametrize("name", NETWORKS)
def test_some_steps(name: str, optimizer: str) -> None:
    for data in DATA:
        trained(name, optimizer, data, BATCH, 60)
        trained(name, optimizer, data, 1, 60)


@pytest.mark.sweep
@pytest.mark.parametrize("batch", [BATCH, 1])
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("name", NETWORKS)
def test_ten_thousand_steps(name: str, data: str, batch: int) -> None:
    trained(name, "adam", data, batch, 10_000)


@pytest.mark.thinned(3)
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("name", ["relu, softmax", "tanh, softmax", "sigmoid"])
def test_gradient_descent_on_small_data(name: str, optimizer: str) -> None:
    for data in ("denormal", "all zero", "plain"):
        trained(name, optimizer, data, BATCH, 300)
        trained(name, optimizer, data, 1, 300)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
def test_what_diverges_says_so(optimizer: str) -> None:
    with pytest.raises(FloatingPointError, match="lr"):
        trained("elu, linear", optimizer, "large", BATCH, 300)
