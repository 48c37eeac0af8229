"""Values of a small network in floats: the forward map by hand, every derivative by central differences. NumPy alone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Values = dict[str, Any]

_STEP = 1e-5
_ERF = np.vectorize(math.erf)

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
    "gelu": lambda z: z * (1 + _ERF(z / math.sqrt(2))) / 2,
    "silu": lambda z: z / (1 + np.exp(-z)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "exp": np.exp,
    "identity": lambda z: z,
}
"""Scalar functions by name."""


def _softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


_COUPLED = {"softmax": _softmax, "log_softmax": lambda z: np.log(_softmax(z))}

LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "sse": lambda p, y: ((p - y) ** 2).sum(axis=1) / 2,
    "squared_error": lambda p, y: ((p - y) ** 2).sum(axis=1),
    "mse": lambda p, y: ((p - y) ** 2).mean(axis=1),
    "binary_cross_entropy": lambda p, y: -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1),
    "cross_entropy": lambda p, y: -(y * np.log(p)).sum(axis=1),
    "nll": lambda p, y: -(y * p).sum(axis=1),
    "poisson": lambda p, y: (p - y * np.log(p)).sum(axis=1),
    "huber": lambda p, y: np.where(abs(p - y) <= 1, (p - y) ** 2 / 2, abs(p - y) - 0.5).sum(axis=1),
}
"""The loss of each example."""


@dataclass(frozen=True)
class Net:
    """A chain of dense layers: sizes and activations, and the loss with what is added to it."""

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str
    reduction: str = "mean"
    l2: float = 0.0

    @staticmethod
    def of(arch: str, loss: str, reduction: str = "mean", l2: float = 0.0) -> Net:
        """The network of a short string."""
        first, *rest = arch.split("-")
        parts = [part.partition(":") for part in rest]
        sizes = (int(first), *(int(n) for n, _, _ in parts))
        return Net(sizes, tuple(a or "identity" for _, _, a in parts), loss, reduction, l2)

    @property
    def hidden(self) -> tuple[int, ...]:
        """The numbers of the layers."""
        return tuple(range(1, len(self.sizes)))

    def activation(self, layer: int) -> Callable[[Any], Any]:
        """What a layer does to its pre-activations."""
        name = self.activations[layer - 1]
        return _COUPLED.get(name) or FUNCTIONS[name]

    def inputs(self, examples: int, seed: int) -> Values:
        """Random inputs, targets and parameters; targets that must sum to one do."""
        rng = np.random.default_rng(seed)
        values: Values = {"x": rng.normal(size=(examples, self.sizes[0]))}
        positive = self.loss in ("cross_entropy", "nll", "binary_cross_entropy", "poisson")
        y = (
            rng.uniform(0.1, 0.9, (examples, self.sizes[-1]))
            if positive
            else 2 * rng.normal(size=(examples, self.sizes[-1]))
        )
        values["y"] = y / y.sum(axis=1, keepdims=True) if self.loss in ("cross_entropy", "nll") else y
        for k in self.hidden:
            values[f"W{k}"] = rng.normal(size=(self.sizes[k], self.sizes[k - 1]))
            values[f"b{k}"] = rng.normal(size=self.sizes[k])
        return values

    def forward(self, given: Values, nudge: Mapping[str, Any] | None = None) -> Values:
        """Every tensor; `nudge` is added to those that it names, as they are computed."""
        moved = nudge or {}
        v = {name: value + moved.get(name, 0) for name, value in given.items()}
        a = v["x"]
        for k in self.hidden:
            v[f"z{k}"] = a @ v[f"W{k}"].T + v[f"b{k}"] + moved.get(f"z{k}", 0)
            a = self.activation(k)(v[f"z{k}"]) + moved.get(f"a{k}", 0)
            v[f"a{k}"] = a
        v["yhat"] = a
        each = LOSSES[self.loss](a, v["y"])
        v["J"] = each.mean() if self.reduction == "mean" else each.sum()
        v["J"] = v["J"] + self.l2 / 2 * sum((v[f"W{k}"] ** 2).sum() for k in self.hidden)
        return v

    def values(self, examples: int, seed: int) -> Values:
        """Every tensor and the derivative of the loss by each, as arrays with the examples first."""
        given = self.inputs(examples, seed)
        v = self.forward(given)
        letters = [f"{c}{k}" for c in "zaWb" for k in self.hidden]
        for name in ["x", *letters]:
            slope = np.empty(v[name].shape)
            for at in np.ndindex(slope.shape):
                nudge = np.zeros(slope.shape)
                nudge[at] = _STEP
                slope[at] = (self.forward(given, {name: nudge})["J"] - self.forward(given, {name: -nudge})["J"]) / (
                    2 * _STEP
                )
            v[f"d{name}"] = slope
            if m := re.fullmatch(r"([za])(\d+)", name):
                v[f"{'delta' if m[1] == 'z' else 'e'}{m[2]}"] = slope
        v["dyhat"] = v[f"e{self.hidden[-1]}"]
        v["l2"] = self.l2
        return v


def slope_of(function: Callable[[Any], Any], z: Any) -> Any:
    """The derivative of a scalar function by central differences; at a kink the slope on its left, as relu'(0) = 0 is."""
    left, right = (function(z) - function(z - _STEP)) / _STEP, (function(z + _STEP) - function(z)) / _STEP
    return np.where(np.abs(left - right) > 1e-2, left, (left + right) / 2)
