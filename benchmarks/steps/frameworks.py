"""The contenders that take derivatives for their user; each imports its package only when its step is made."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from steps.by_hand import Step, update_of
from steps.shapes import BETA1, BETA2, EPS, RATES, Array, Shape


@cache
def _generated(architecture: str, loss: str, optimizer: str) -> ModuleType:
    """The module that symbp generates, imported."""
    import symbp as sb
    from symbp.codegen.training.running import imported

    source = sb.generate(sb.Network.parse(architecture, loss=loss, optimizer=optimizer))
    with imported(source) as made:
        return made


def symbp(shape: Shape, optimizer: str) -> Step:
    """The generated module's Trainer."""
    made = _generated(shape.architecture, shape.loss, optimizer)
    params = {f"{n}{k}": p for k, pair in enumerate(shape.weights(), 1) for n, p in zip("Wb", pair, strict=True)}
    trainer = made.Trainer(params, shape.batch, lr=RATES[optimizer])
    x, y = shape.data()
    if shape.binary:
        y = y[:, None].astype(np.float32)  # type: ignore[assignment]
    return lambda: float(trainer.step(x, y))


def torch_eager(shape: Shape, optimizer: str) -> Step:
    """torch, eager, with torch.optim."""
    import torch
    from torch.nn import functional as F

    params = [torch.from_numpy(p.copy()).requires_grad_() for pair in shape.weights() for p in pair]
    kinds: dict[str, Any] = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
    rule = kinds[optimizer](params, lr=RATES[optimizer])
    x, y = map(torch.from_numpy, shape.data())
    targets = y[:, None].float()

    def step() -> float:
        a = x
        for k in range(0, len(params) - 2, 2):
            a = F.linear(a, params[k], params[k + 1])
            a = torch.sigmoid(a) if shape.binary else torch.relu(a)
        z = F.linear(a, params[-2], params[-1])
        value = F.binary_cross_entropy_with_logits(z, targets) if shape.binary else F.cross_entropy(z, y)
        rule.zero_grad()
        value.backward()
        rule.step()
        return float(value.item())

    return step


def jax_jit(shape: Shape, optimizer: str) -> Step:
    """JAX: loss, gradients and update in one compiled function, whose old parameters are given up."""
    import jax
    import jax.numpy as jnp

    lr = RATES[optimizer]
    x, y = map(jnp.asarray, shape.data())

    def objective(params: Any) -> Any:
        a = x
        for w, b in params[:-1]:
            a = a @ w.T + b
            a = jax.nn.sigmoid(a) if shape.binary else jax.nn.relu(a)
        w, b = params[-1]
        z = a @ w.T + b
        if shape.binary:
            return (jax.nn.softplus(z) - y[:, None] * z).mean()
        return -jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1).mean()

    def sgd(state: Any) -> Any:
        value, grads = jax.value_and_grad(objective)(state)
        return value, jax.tree.map(lambda p, g: p - lr * g, state, grads)

    def adam(state: Any) -> Any:
        params, m, v, t = state
        value, grads = jax.value_and_grad(objective)(params)
        t = t + 1
        m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, grads)
        v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, grads)
        rate, root = lr / (1 - BETA1**t), jnp.sqrt(1 - BETA2**t)
        params = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / root + EPS), params, m, v)
        return value, (params, m, v, t)

    compiled = jax.jit({"sgd": sgd, "adam": adam}[optimizer], donate_argnums=0)
    fresh = lambda: [tuple(map(jnp.asarray, pair)) for pair in shape.weights()]  # noqa: E731
    zeros = lambda: jax.tree.map(jnp.zeros_like, fresh())  # noqa: E731
    state: Any = fresh() if optimizer == "sgd" else (fresh(), zeros(), zeros(), jnp.float32(0))

    def step() -> float:
        nonlocal state
        value, state = compiled(state)
        return float(value)

    return step


def autograd(shape: Shape, optimizer: str) -> Step:
    """HIPS autograd, with the update as one writes it in NumPy."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    params = [p for pair in shape.weights() for p in pair]
    x, y = shape.data()
    rows, targets = np.arange(shape.batch), y[:, None].astype(np.float32)
    update = update_of(optimizer, params)

    def objective(params: list[Array]) -> Any:
        a = x
        for k in range(0, len(params) - 2, 2):
            a = anp.dot(a, params[k].T) + params[k + 1]
            a = 1 / (1 + anp.exp(-a)) if shape.binary else anp.maximum(a, 0)
        z = anp.dot(a, params[-2].T) + params[-1]
        if shape.binary:
            return anp.mean(anp.logaddexp(0, z) - targets * z)
        z = z - anp.max(z, axis=1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(z), axis=1)) - z[rows, y])

    both = value_and_grad(objective)

    def step() -> float:
        value, grads = both(params)
        update(grads)
        return float(value)

    return step


def scikit_learn(shape: Shape, optimizer: str) -> Step:
    """scikit-learn: MLPClassifier.partial_fit on the batch."""
    from sklearn.neural_network import MLPClassifier

    x, y = shape.data()
    classes = np.arange(max(2, shape.sizes[-1]))
    net = MLPClassifier(
        shape.sizes[1:-1], activation="logistic" if shape.binary else "relu", solver=optimizer, alpha=0.0,
        batch_size=shape.batch, learning_rate_init=RATES[optimizer], shuffle=False, momentum=0.0,
        nesterovs_momentum=False, beta_1=BETA1, beta_2=BETA2, epsilon=EPS,
    )  # fmt: skip
    net.partial_fit(x, y, classes=classes)  # its weights come to be in a first step, which is undone
    for k, (w, b) in enumerate(shape.weights()):
        net.coefs_[k][...], net.intercepts_[k][...] = w.T, b
    rule = net._optimizer
    if optimizer == "adam":
        rule.t = 0
        for moment in (*rule.ms, *rule.vs):
            moment[...] = 0

    def step() -> float:
        net.partial_fit(x, y)
        return float(net.loss_)

    return step


def tangent(shape: Shape, optimizer: str) -> Step:
    """tangent-ad: gradient code made from the source of a NumPy function, with the update as one writes it."""
    import tangent as source_to_source

    from steps import objectives

    params = [p for pair in shape.weights() for p in pair]
    x, y = shape.data()
    hidden = {1: "one", 2: "two"}[len(shape.sizes) - 2]
    function = getattr(objectives, f"{'binary' if shape.binary else 'softmax'}_{hidden}")
    targets = y[:, None].astype(np.float32) if shape.binary else np.eye(shape.sizes[-1], dtype=np.float32)[y]
    both = source_to_source.grad(function, wrt=tuple(range(len(params))), preserve_result=True)
    update = update_of(optimizer, params)

    def step() -> float:
        *grads, value = both(*params, x, targets)
        update(grads)
        return float(value)

    return step
