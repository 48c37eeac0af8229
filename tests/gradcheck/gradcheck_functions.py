"""Functions of arrays that check_gradient is tried on, written once for NumPy and for JAX, and JAX's gradients of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
RNG = np.random.default_rng(20)
N, D, H, K = 6, 5, 4, 3
X = RNG.normal(size=(N, D))
Y = np.eye(K)[RNG.integers(0, K, N)]
UP = RNG.normal(size=(N, D))
C = RNG.normal(size=(H, K))
Q = RNG.normal(size=(D, D))


@dataclass(frozen=True, eq=False)
class Case:
    """A function xp -> f(*arrays) and the point at which it is checked."""

    build: Callable[[Any], Callable[..., Any]]
    arrays: tuple[np.ndarray, ...]

    @property
    def f(self) -> Callable[..., Any]:
        return self.build(np)

    def grad(self, *arrays: np.ndarray) -> list[np.ndarray]:
        """JAX's gradients as NumPy arrays."""
        return [np.array(g) for g in self.compiled(*map(jnp.asarray, arrays))]

    @cached_property
    def compiled(self) -> Callable[..., Any]:
        return jax.jit(jax.grad(self.build(jnp), argnums=tuple(range(len(self.arrays)))))


def log_sum_exp(xp: Any, z: Any) -> Any:
    top = xp.max(z, axis=-1, keepdims=True)
    return (top + xp.log(xp.sum(xp.exp(z - top), axis=-1, keepdims=True)))[..., 0]


def softmax_cross_entropy(xp: Any) -> Callable[..., Any]:
    def f(W: Any, b: Any) -> Any:
        z = X @ W.T + b
        return xp.mean(log_sum_exp(xp, z) - xp.sum(Y * z, axis=1))

    return f


def batch_norm(xp: Any) -> Callable[..., Any]:
    def f(x: Any, gamma: Any, beta: Any) -> Any:
        middle = x - xp.mean(x, axis=0)
        return xp.sum(UP * (gamma * middle / xp.sqrt(xp.mean(middle**2, axis=0) + 1e-5) + beta))

    return f


def relu_net(xp: Any) -> Callable[..., Any]:
    def f(W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
        yhat = xp.maximum(X @ W1.T + b1, 0) @ W2.T + b2
        return xp.mean(xp.sum((yhat - Y) ** 2, axis=1))

    return f


def net_with_dead_bias(xp: Any) -> Callable[..., Any]:
    """A bias before a batch normalisation has no effect: its gradient is rounding."""

    def f(W: Any, b: Any) -> Any:
        z = X @ W.T + b
        middle = z - xp.mean(z, axis=0)
        return xp.sum(xp.tanh(middle / xp.sqrt(xp.mean(middle**2, axis=0) + 1e-3)) @ C)

    return f


SCALED = np.array([1e6, -2e-6, 3.0, 4e-3, -5e5])
SIZES = np.abs(SCALED)
SMOOTH: dict[str, Case] = {
    "softmax cross-entropy": Case(softmax_cross_entropy, (RNG.normal(size=(K, D)), RNG.normal(size=K))),
    "batch norm": Case(batch_norm, (RNG.normal(size=(N, D)), RNG.normal(size=D), RNG.normal(size=D))),
    "relu net": Case(
        relu_net, (RNG.normal(size=(H, D)), RNG.normal(size=H), RNG.normal(size=(K, H)), RNG.normal(size=K))
    ),
    "logsumexp": Case(lambda xp: lambda z: xp.sum(log_sum_exp(xp, z)), (3 * RNG.normal(size=(H, K)),)),
    "softmax": Case(
        lambda xp: lambda z: xp.sum(C * xp.exp(z - log_sum_exp(xp, z)[:, None])), (RNG.normal(size=(H, K)),)
    ),
    "quadratic": Case(lambda xp: lambda x: x @ Q @ x, (RNG.normal(size=D),)),
    "quadratic of a matrix": Case(lambda xp: lambda A: xp.sum((A @ A) * Q), (RNG.normal(size=(D, D)),)),
    "linear": Case(lambda xp: lambda x, y: xp.sum(UP * x) + 2 * xp.sum(y), (X, RNG.normal(size=K))),
    "badly scaled": Case(lambda xp: lambda x: xp.sum(xp.sin(x / SIZES + xp.arange(5.0))), (SCALED,)),
    "large arguments": Case(lambda xp: lambda x: xp.sum(xp.sin(x)), (np.array([1e6, 2.0, -3e4]),)),
    "tiny gradients": Case(lambda xp: lambda x: 1e-30 * xp.sum(xp.exp(x) * x), (RNG.normal(size=(H, K)),)),
    "small changes": Case(lambda xp: lambda x: 10.0 + 1e-7 * xp.sum(xp.exp(x)), (RNG.normal(size=K),)),
    "narrow": Case(lambda xp: lambda x: xp.sum(xp.tanh(1e5 * (x - 0.3))), (np.array([0.300001, 0.299995]),)),
    "zeros": Case(lambda xp: lambda b: xp.sum(xp.cos(300 * b + 1.0)), (np.zeros(3),)),
    "scalar": Case(lambda xp: lambda x: xp.exp(x) * x, (np.array(0.7),)),
    "edge of the domain": Case(lambda xp: lambda x: xp.sum(xp.log(x) * x), (np.array([1e-9, 2.0, 0.5]),)),
    "bias without effect": Case(net_with_dead_bias, (RNG.normal(size=(H, D)), RNG.normal(size=H))),
    "large array": Case(
        lambda xp: lambda A: xp.sum(xp.sin(A) * xp.roll(A, 1)), (RNG.normal(size=(30, 20)),)
    ),
}  # fmt: skip
