"""The forward maps once more, written with JAX's own functions: an oracle that knows nothing of symbp's definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": lambda z: jax.nn.leaky_relu(z, 0.01),
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "softplus": jax.nn.softplus,
    "silu": jax.nn.silu,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "gelu_tanh": lambda z: jax.nn.gelu(z, approximate=True),
    "mish": jax.nn.mish,
    "softsign": jax.nn.soft_sign,
    "hard_tanh": jax.nn.hard_tanh,
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "relu6": jax.nn.relu6,
    "exp": jnp.exp,
    "step": lambda z: jnp.heaviside(z, 0.0),
    "sign": jnp.sign,
    "softmax": jax.nn.softmax,
    "log_softmax": jax.nn.log_softmax,
}


def _huber(p: Any, y: Any) -> Any:
    e = jnp.abs(p - y)
    return jnp.where(e <= 1, 0.5 * e**2, e - 0.5)


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "sse": lambda p, y: 0.5 * jnp.sum((p - y) ** 2, axis=1),
    "squared_error": lambda p, y: jnp.sum((p - y) ** 2, axis=1),
    "mse": lambda p, y: jnp.mean((p - y) ** 2, axis=1),
    "mae": lambda p, y: jnp.mean(jnp.abs(p - y), axis=1),
    "huber": lambda p, y: jnp.sum(_huber(p, y), axis=1),
    "binary_cross_entropy": lambda p, y: -jnp.sum(y * jnp.log(p) + (1 - y) * jnp.log(1 - p), axis=1),
    "cross_entropy": lambda p, y: -jnp.sum(y * jnp.log(p), axis=1),
    "nll": lambda p, y: -jnp.sum(y * p, axis=1),
    "hinge": lambda p, y: jnp.sum(jnp.maximum(0, 1 - y * p), axis=1),
    "kl_divergence": lambda p, y: jnp.sum(y * jnp.log(y / p), axis=1),
    "poisson": lambda p, y: jnp.sum(p - y * jnp.log(p), axis=1),
    "cosine": lambda p, y: (
        1 - jax.vmap(jnp.dot)(*(v / jnp.sqrt(jnp.sum(v**2, 1, keepdims=True) + 1e-12) for v in (p, y)))
    ),
}


def objective(activations: list[str], loss: str, l2: float = 0.0, l1: float = 0.0) -> Callable[..., Any]:
    """J(params, x, y) of a chain of dense layers with these activations: the mean over examples, and regularisation."""

    def J(params: Mapping[str, Any], x: Any, y: Any) -> Any:
        a = x
        for k, name in enumerate(activations, 1):
            z = a @ params[f"W{k}"].T + params.get(f"b{k}", 0.0)
            a = ACTIVATIONS[name](z)
        weights = [w for n, w in params.items() if n.startswith("W")]
        extra = sum(l2 / 2 * jnp.sum(w**2) + l1 * jnp.sum(jnp.abs(w)) for w in weights)
        return jnp.mean(LOSSES[loss](a, y)) + extra

    return J
