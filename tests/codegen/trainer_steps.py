"""A trainer's steps held against the pure functions of its module and rules written by hand."""

from functools import cache

import numpy as np
import pytest
from generated_module import from_source
from test_generated_trainer import RULES

import symbp as sb

LAST = {
    "binary_cross_entropy": "sigmoid", "cross_entropy": "softmax", "kl_divergence": "softmax", "nll": "log_softmax",
    "poisson": "softplus",
}  # fmt: skip
SIMPLEX = ("cross_entropy", "kl_divergence", "nll")


def targets(net, n, rng, labels=False):
    if labels:
        return rng.integers(0, net.output[-1], n)
    y = rng.uniform(0.1, 0.9, (n, *net.output))
    return y / y.sum(axis=1, keepdims=True) if net.loss_kind.name in SIMPLEX else y


def generic(m, rng, dtype=np.float64):
    return {n: np.asarray(v + 0.2 * rng.normal(size=v.shape), dtype) for n, v in m.init(1, np.float64).items()}


def compare(net, m, rng, *, optimizer="sgd", labels=False, batches=(7, 3, 7), **its):
    """Steps on batches of several sizes, each against the pure functions and the rule written by hand."""
    params = generic(m, rng)
    wanted, states = {n: v.copy() for n, v in params.items()}, {n: {} for n in params}
    trainer = m.Trainer(params, max(batches), **its)
    for t, n in enumerate(batches, 1):
        x, y = rng.normal(size=(n, *net.input)), targets(net, n, rng, labels)
        value, grads = m.loss_and_grads(wanted, x, y)
        y_hat = m.predict(wanted, x)
        assert trainer.step(x, y) == pytest.approx(value, rel=1e-10)
        np.testing.assert_allclose(trainer.y_hat, y_hat, rtol=1e-12, atol=1e-14)
        wanted = {k: np.asarray(RULES[optimizer](v, grads[k], states[k], t, **its)) for k, v in wanted.items()}
        for k, v in wanted.items():
            np.testing.assert_allclose(params[k], v, rtol=1e-9, atol=1e-12, err_msg=f"{k}, step {t}")


@cache
def made(hidden, last, loss, optimizer="sgd", sizes=(5, 4, 3), **options):
    net = sb.Network.parse(
        f"{sizes[0]}-{sizes[1]}:{hidden}-{sizes[2]}:{last}", loss=loss, optimizer=optimizer, **options
    )
    return net, from_source(sb.generate(net))
