"""The floor and the step that one writes by hand: NumPy alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from steps.shapes import BETA1, BETA2, EPS, RATES, Array, Shape

Step = Callable[[], float]
Update = Callable[[list[Array]], None]


def floor(shape: Shape, optimizer: str, dtype: type = np.float32) -> Step:
    """Only the matrix products that a step needs, into arrays that are there already; it learns nothing."""
    weights = [w.astype(dtype) for w, _ in shape.weights()]
    x = shape.data()[0].astype(dtype)
    values = [x, *(np.ones((shape.batch, n), dtype) for n in shape.sizes[1:])]
    deltas = [np.ones_like(v) for v in values]
    gradients = [np.empty_like(w) for w in weights]

    def step() -> float:
        for k, w in enumerate(weights):
            np.matmul(values[k], w.T, out=values[k + 1])
        for k in reversed(range(len(weights))):
            np.matmul(deltas[k + 1].T, values[k], out=gradients[k])
            if k:
                np.matmul(deltas[k + 1], weights[k], out=deltas[k])
        return float("nan")

    return step


def update_of(optimizer: str, params: list[Array]) -> Update:
    """The update rule of an optimizer on parameters, as one writes it in NumPy: in place, by their gradients."""
    lr = RATES[optimizer]
    if optimizer == "sgd":

        def sgd(grads: list[Array]) -> None:
            for theta, g in zip(params, grads, strict=True):
                theta -= lr * g

        return sgd
    ms, vs = [np.zeros_like(p) for p in params], [np.zeros_like(p) for p in params]
    t = 0

    def adam(grads: list[Array]) -> None:
        nonlocal t
        t += 1
        for theta, g, m, v in zip(params, grads, ms, vs, strict=True):
            m[:] = BETA1 * m + (1 - BETA1) * g
            v[:] = BETA2 * v + (1 - BETA2) * g**2
            theta -= lr * (m / (1 - BETA1**t)) / (np.sqrt(v / (1 - BETA2**t)) + EPS)

    return adam


def numpy_by_hand(shape: Shape, optimizer: str, dtype: type = np.float32) -> Step:
    """A plain step: forward, backward, update, a new array for every result."""
    weights = [(w.astype(dtype), b.astype(dtype)) for w, b in shape.weights()]
    x, y = shape.data()
    x, rows = x.astype(dtype), np.arange(shape.batch)
    update = update_of(optimizer, [p for pair in weights for p in pair])

    def step() -> float:
        values, a = [x], x
        for w, b in weights[:-1]:
            z = a @ w.T + b
            a = 1 / (1 + np.exp(-z)) if shape.binary else np.maximum(z, 0)
            values.append(a)
        w, b = weights[-1]
        z = a @ w.T + b
        if shape.binary:
            target = y[:, None]
            value = float((np.logaddexp(0, z) - target * z).mean())
            delta = (1 / (1 + np.exp(-z)) - target).astype(dtype) / len(y)
        else:
            z = z - z.max(axis=1, keepdims=True)
            e = np.exp(z)
            total = e.sum(axis=1, keepdims=True)
            value = float((np.log(total[:, 0]) - z[rows, y]).mean())
            delta = e / total
            delta[rows, y] -= 1
            delta /= len(y)
        grads: list[Array] = []
        for k in reversed(range(len(weights))):
            grads[:0] = [delta.T @ values[k], delta.sum(axis=0)]
            if k:
                a, delta = values[k], delta @ weights[k][0]
                delta = delta * (a * (1 - a)) if shape.binary else delta * (a > 0)
        update(grads)
        return value

    return step
