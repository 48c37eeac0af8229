"""Modules of layers that go step by step, against JAX: values, all gradients, a trainer's step, and that it allocates nothing large."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from generated_module import from_source
from place_cases import agree
from recurrence_cases import gru, lstm, rnn

import symbp as sb

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_most_optimizations", True)  # it compiles in half the time
K, H, N = 4, 5, 3
Params = dict[str, Any]
Forward = Callable[[Params, Any], Any]
KINDS: dict[str, tuple[Callable[..., Any], str]] = {
    "rnn": (rnn, "W U b"),
    "lstm": (lstm, "W U b"),
    "gru": (gru, "W U b c"),
}
OWN = """
inputs = { x = { shape = [3, 4] }, h0 = { shape = 5 } }
layers = [{ own = { j = 5 }, inputs = ["x", "h0"] }]
loss = "squared_error"
[layer.own]
inputs = ["x[n,t,k]", "s[n,j]"]
output = "h[n,t,j]"
parameters = { W = "j k", U = "j l", b = "j" }
start = { h = "s" }
forward = ["z[n,t,j] = sum(W[j,k]*x[n,t,k], k) + sum(U[j,l]*h[n,t-1,l], l) + b[j]", "h[n,t,j] = tanh(z[n,t,j])"]
"""


def forward_of(kind: str, both: bool) -> Forward:
    """A layer of JAX on parameters by their names, perhaps with a second one from the last step to the first beside it."""
    step, names = KINDS[kind]

    def forward(p: Params, x: Any) -> Any:
        there = step(x, *(p[f"{n}1"] for n in names.split()))
        if not both:
            return there
        back = step(x[:, ::-1], *(p[f"{n}_backward1"] for n in names.split()))
        return jnp.concatenate([there, back[:, ::-1]], 2)

    return forward


def network(kind: str, steps: int, both: bool, **options: Any) -> sb.Network:
    layers = [sb.layer(kind, H, bidirectional=True) if both else sb.layer(kind, H)]
    return sb.Network((steps, K), layers, loss="squared_error", **options)


def params_of(m: Any) -> Params:
    rng = np.random.default_rng(1)
    return {n: v + 0.3 * rng.normal(size=v.shape) for n, v in m.init(0, np.float64).items()}


@pytest.mark.thinned(4)
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_values_gradients_and_a_step(kind: str, steps: int, both: bool) -> None:
    m = from_source(sb.generate(network(kind, steps, both), dtype="float64"))
    forward, params = forward_of(kind, both), params_of(m)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, steps, K))
    y = rng.normal(size=(N, steps, H * (1 + both)))

    def loss(p: Params, x: Any) -> Any:
        return ((forward(p, x) - y) ** 2).sum(-1).mean()

    assert agree(m.predict(params, x), forward(params, x), 1e-12)
    value, grads = m.loss_and_grads(params, x, y)
    wanted, (by_params, by_x) = jax.value_and_grad(loss, (0, 1))(params, x)
    assert value == pytest.approx(float(wanted), rel=1e-12)
    assert {*grads} == {*params, "x"}
    for n, exact in {**by_params, "x": by_x}.items():
        assert agree(grads[n], exact, 1e-9), n
        if np.abs(exact).max() > 1e-3:
            assert not agree(-17 * grads[n], exact, 1e-9) and not agree(0 * grads[n], exact, 1e-9), n
            assert np.ndim(exact) < 2 or not agree(np.swapaxes(grads[n], 0, 1), exact, 1e-9), n
    trained = {n: v.copy() for n, v in params.items()}
    trainer = m.Trainer(trained, batch_size=N + 1, lr=0.1)
    assert trainer.step(x, y) == pytest.approx(float(wanted), rel=1e-12)
    for n, exact in by_params.items():
        assert agree(trained[n], params[n] - 0.1 * exact, 1e-9), n
    assert max(m.check(entries=3).values()) < 1e-6


def test_own_starts(tmp_path: Any) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    m = from_source(sb.generate(sb.Network.load(tmp_path / "own.toml"), dtype="float64"))
    params, rng = params_of(m), np.random.default_rng(5)
    x, y = {"x": rng.normal(size=(N, 3, K)), "h0": rng.normal(size=(N, H))}, rng.normal(size=(N, 3, H))

    def loss(p: Params, x: Any) -> Any:
        return ((rnn(x["x"], p["W1"], p["U1"], p["b1"], x["h0"]) - y) ** 2).sum(-1).mean()

    value, grads = m.loss_and_grads(params, x, {"y": y})
    wanted, (by_params, by_x) = jax.value_and_grad(loss, (0, 1))(params, x)
    assert value == pytest.approx(float(wanted), rel=1e-12)
    for n, exact in {**by_params, **by_x}.items():
        assert agree(grads[n], exact, 1e-9), n
    trained = {n: v.copy() for n, v in params.items()}
    m.Trainer(trained, batch_size=N, lr=0.1).step(x, {"y": y})
    for n, exact in by_params.items():
        assert agree(trained[n], params[n] - 0.1 * exact, 1e-9), n


@pytest.mark.thinned(3)
@pytest.mark.parametrize("kind", KINDS)
def test_steps_of_a_trainer_are_those_of_the_rule(kind: str) -> None:
    """Three steps of Adam on batches of two sizes, weighted, as the rule has them with gradients of JAX."""
    m = from_source(sb.generate(network(kind, 3, True, optimizer="adam"), dtype="float64"))
    forward, params = forward_of(kind, True), params_of(m)
    rng = np.random.default_rng(7)
    mean, square = ({n: np.zeros_like(v) for n, v in params.items()} for _ in range(2))
    trained = {n: v.copy() for n, v in params.items()}
    trainer = m.Trainer(trained, batch_size=4)
    rule = trainer.settings
    for t, size in enumerate((4, 2, 4), 1):
        x, y, w = rng.normal(size=(size, 3, K)), rng.normal(size=(size, 3, 2 * H)), rng.uniform(0.5, 2, size)

        def loss(p: Params, x: Any = x, y: Any = y, w: Any = w) -> Any:
            return (w[:, None] * ((forward(p, x) - y) ** 2).sum(-1)).mean()

        gradients = jax.grad(loss)(params)
        trainer.step(x, y, w)
        for n, g in gradients.items():
            mean[n] = rule["beta1"] * mean[n] + (1 - rule["beta1"]) * g
            square[n] = rule["beta2"] * square[n] + (1 - rule["beta2"]) * g**2
            large = np.sqrt(square[n] / (1 - rule["beta2"] ** t)) + rule["eps"]
            params[n] = params[n] - rule["lr"] * mean[n] / (1 - rule["beta1"] ** t) / large
            assert agree(trained[n], params[n], 1e-9), (n, t)


def test_float32_and_few_bytes() -> None:
    """A step in float32 takes no memory but the buffer of a function of NumPy: half of what one state over all steps takes."""
    steps, units, batch = 40, 32, 16
    net = sb.Network((steps, K), [sb.layer("lstm", units)], loss="squared_error")
    m = from_source(sb.generate(net))
    params = m.init(0)
    rng = np.random.default_rng(2)
    x = rng.normal(size=(batch, steps, K)).astype(np.float32)
    y = rng.normal(size=(batch, steps, units)).astype(np.float32)
    _, grads = m.loss_and_grads(params, x, y)
    assert {g.dtype for g in grads.values()} == {np.dtype(np.float32)}
    trainer = m.Trainer(params, batch_size=batch)
    trainer.step(x, y)
    tracemalloc.start()
    first, _ = tracemalloc.get_traced_memory()
    trainer.step(x, y)
    last, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert last - first < 8_000 and peak - first < 4 * batch * steps * units // 2, (last - first, peak - first)


def test_a_language_model_learns_what_follows() -> None:
    """examples/lstm.toml on a text that repeats itself: far below the bits of a uniform guess, and of the signs' shares."""
    net = sb.Network.load(str(Path(__file__).parents[2] / "examples" / "lstm.toml"))
    m = from_source(sb.generate(net))
    text = "to be or not to be, that is the question: whether tis nobler in the mind to suffer. " * 16
    signs = np.array([ord(c) - ord(" ") for c in text])
    count = (len(signs) - 1) // 64
    tok, y = signs[: 64 * count].reshape(count, 64), signs[1 : 64 * count + 1].reshape(count, 64)
    params = m.init(1)
    losses = m.fit(params, {"tok": tok}, {"y": y}, epochs=25, batch_size=7, lr=0.02)["loss"]
    shares = np.bincount(signs) / len(signs)
    assert losses[0] == pytest.approx(np.log(95), abs=1)
    assert losses[-1] < 0.4 * -(shares[shares > 0] * np.log(shares[shares > 0])).sum()


def test_two_steps_before(tmp_path: Any) -> None:
    """A filter of one's own, whose state is a number for each example."""
    text = """
input = 6
layers = [{ filter = {} }]
loss = "squared_error"
[layer.filter]
input = "x[n,t]"
output = "u[n,t]"
parameters = { a = "t" }
forward = ["u[n,t] = a[t]*u[n,t-1] - u[n,t-2]/2 + exp(x[n,t])"]
"""
    (tmp_path / "filter.toml").write_text(text)
    m = from_source(sb.generate(sb.Network.load(tmp_path / "filter.toml"), dtype="float64"))
    params, rng = params_of(m), np.random.default_rng(5)
    x, y = rng.normal(size=(N, 6)), rng.normal(size=(N, 6))

    def loss(p: Params, x: Any) -> Any:
        u = [jnp.zeros(N), jnp.zeros(N)]
        for t in range(6):
            u.append(p["a1"][t] * u[-1] - u[-2] / 2 + jnp.exp(x[:, t]))
        return ((jnp.stack(u[2:], 1) - y) ** 2).sum(1).mean()

    value, grads = m.loss_and_grads(params, x, y)
    wanted, (by_params, by_x) = jax.value_and_grad(loss, (0, 1))(params, x)
    assert value == pytest.approx(float(wanted), rel=1e-12)
    assert agree(grads["a1"], by_params["a1"], 1e-9) and agree(grads["x"], by_x, 1e-9)
    trained = {n: v.copy() for n, v in params.items()}
    m.Trainer(trained, batch_size=N, lr=0.1).step(x, y)
    assert agree(trained["a1"], params["a1"] - 0.1 * by_params["a1"], 1e-9)
