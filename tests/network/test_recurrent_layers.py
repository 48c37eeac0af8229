"""The layers that go step by step, as torch has them: all gradients against JAX, in settings apart, and own layers of that kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from place_cases import agree
from recurrence_cases import gru, lstm, rnn, scanned

import symbp as sb
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.program import check
from symbp.errors import InputError
from symbp.network.derivation import derive

Params = dict[str, Any]
K, H, N = 4, 5, 3


def named(step: Callable[..., Any], names: str, **less: Any) -> Callable[[Params, Any], Any]:
    """A layer of JAX on parameters by their names."""
    return lambda p, x: step(x, *(p[n] for n in names.split()), **less)


def rectified(x: Any, W: Any, U: Any) -> Any:
    return scanned(lambda h, at: jax.nn.relu(at @ W.T + h @ U.T), jnp.zeros((len(x), H)), x)


def both(step: Callable[..., Any], names: str) -> Callable[[Params, Any], Any]:
    """One over the steps forward and one backward, side by side."""
    back = [f"{n}_backward1" for n in names.split()]

    def forward(p: Params, x: Any) -> Any:
        there = step(x, *(p[f"{n}1"] for n in names.split()))
        return jnp.concatenate([there, step(x[:, ::-1], *(p[n] for n in back))[:, ::-1]], 2)

    return forward


def unbiased(step: Callable[..., Any], gates: int, biases: int) -> Callable[[Params, Any], Any]:
    return lambda p, x: step(x, p["W1"], p["U1"], *(jnp.zeros(gates * H),) * biases)


CASES: dict[str, tuple[str, dict[str, Any], Callable[[Params, Any], Any]]] = {
    "rnn": ("rnn", {}, named(rnn, "W1 U1 b1")),
    "rnn, relu without bias": ("rnn", {"nonlinearity": "relu", "bias": False}, named(rectified, "W1 U1")),
    "rnn, both directions": ("rnn", {"bidirectional": True}, both(rnn, "W U b")),
    "lstm": ("lstm", {}, named(lstm, "W1 U1 b1")),
    "lstm without bias": ("lstm", {"bias": False}, unbiased(lstm, 4, 1)),
    "lstm, both directions": ("lstm", {"bidirectional": True}, both(lstm, "W U b")),
    "gru": ("gru", {}, named(gru, "W1 U1 b1 c1")),
    "gru without bias": ("gru", {"bias": False}, unbiased(gru, 3, 2)),
    "gru, both directions": ("gru", {"bidirectional": True}, both(gru, "W U b c")),
}


def held(net: sb.Network, forward: Callable[..., Any], x: dict[str, Any]) -> None:
    """The derived gradients of a network of one layer, and its output, against JAX."""
    d = derive(net, batch=True)
    check(d.program)
    rng = np.random.default_rng(3)
    params = {p.tensor.name: rng.normal(size=d.map.shape(p.tensor)) / 2 for p in d.map.parameters}
    shape = (N, *d.map.shape(d.map.program.tensors["yhat"]))
    y = rng.normal(size=shape)
    found = evaluate_vectorized(d.program, {**params, **x, "y": y}, {**d.map.sizes})
    assert agree(found["yhat"], forward(params, x))

    def loss(p: Params, x: dict[str, Any]) -> Any:
        return ((forward(p, x) - y) ** 2).sum()

    by_params, by_x = jax.grad(loss, (0, 1))(params, x)
    live = {n: d.backward.adjoint[n] for n in (*params, *x)}
    assert {*live.values()} <= d.live
    weight = 0.5 / np.prod(shape[:-1])  # a half, and the mean over examples and steps
    for n, gradient in {**by_params, **by_x}.items():
        assert agree(found[live[n]], gradient * weight, 1e-9), n


@pytest.mark.thinned(5)
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("name", CASES)
def test_outputs_and_gradients(name: str, steps: int) -> None:
    kind, settings, forward = CASES[name]
    net = sb.Network((steps, K), [sb.Layer(kind, {"hidden_size": H, **settings})], loss="sse")
    held(net, lambda p, x: forward(p, x["x"]), {"x": np.random.default_rng(1).normal(size=(N, steps, K))})


OWN = """
inputs = { x = { shape = [3, 4] }, h0 = { shape = 5 } }
layers = [{ own = { j = 5 }, inputs = ["x", "h0"] }]
loss = "sse"
[layer.own]
inputs = ["x[n,t,k]", "s[n,j]"]
output = "h[n,t,j]"
parameters = { W = "j k", U = "j l", b = "j" }
start = { START }
forward = ["z[n,t,j] = sum(W[j,k]*x[n,t,k], k) + sum(U[j,l]*h[n,t-1,l], l) + b[j]", "h[n,t,j] = tanh(z[n,t,j]) + h[n,t-2,j]/2"]
"""


def own(folder: Path, start: str = 'h = "s"', **other: str) -> sb.Network:
    text = OWN.replace("START", start)
    for old, new in other.items():
        text = text.replace({"step": "h[n,t-1,l]", "two": "h[n,t-2,j]"}[old], new)
    (folder / "own.toml").write_text(text)
    return sb.Network.load(folder / "own.toml")


@pytest.mark.parametrize("start", ["s", "b", "zeros"])
def test_an_own_layer_with_an_own_start(tmp_path: Path, start: str) -> None:
    rng = np.random.default_rng(1)

    def forward(p: Params, x: dict[str, Any]) -> Any:
        before = {"s": x["h0"], "b": jnp.tile(p["b1"], (N, 1)), "zeros": jnp.zeros((N, 5))}[start]
        states = [before, before]
        for t in range(3):
            states.append(jnp.tanh(x["x"][:, t] @ p["W1"].T + states[-1] @ p["U1"].T + p["b1"]) + states[-2] / 2)
        return jnp.stack(states[2:], 1)

    net = own(tmp_path, f'h = "{start}"')
    held(net, forward, {"x": rng.normal(size=(N, 3, 4)), "h0": rng.normal(size=(N, 5))})


@pytest.mark.parametrize(
    ("start", "other", "said"),
    [
        ('h = "h1"', {}, "layer own: unknown start 'h1'; allowed: zeros, W, U, b, x, s"),
        ('q = "s"', {}, "layer own: unknown parameter or line that starts 'q'; allowed: W, U, b, z, h"),
        ('b = "s"', {}, "layer own: unknown start 's'; allowed: glorot, zeros, ones"),
        ('h = "W"', {}, "layer own: W, from which h starts, has the axis k, and h has not; allowed: W with letters of h[n,t,j], "
         "all but that of the steps"),
        ('h = "s"', {"step": "h[n,t,l]"}, "layer own, forward line 1 ('z[n,t,j] = sum(W[j,k]*x[n,t,k], k) + sum(U[j,l]*h[n,t,l], l) + "
         "b[j]'), column 49: h is read before it is defined; allowed: a step before, as in h[n,t-1,j]"),
        ('h = "s"', {"two": "h[n,t+1,j]"}, "layer own: z reads h[n,t-1,i] and h reads h[n,t+1,j], so that each step waits for the "
         "other; allowed: reads at steps before, or at steps behind"),
        ('h = "s"', {"two": "h[n,2*t-3,j]"}, "layer own, forward line 2"),
        ("", {"two": "h[n,2*t-3,j]"}, "layer own: h reads h[n,2*t-3,j], and h is made of h: a recurrence reads at a whole number of steps"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_message(tmp_path: Path, start: str, other: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as e:
        _ = own(tmp_path, start, **other).forward_map
    assert said in str(e.value)


def test_settings_are_those_of_torch() -> None:
    for kind, gates in (("rnn", 1), ("gru", 3), ("lstm", 4)):
        its = sb.Network((3, K), [sb.Layer(kind, {"hidden_size": H, "bidirectional": True})]).forward_map
        shapes = {p.tensor.name: its.shape(p.tensor) for p in its.parameters}
        assert shapes["W1"] == shapes["W_backward1"] == (gates * H, K)
        assert shapes["U1"] == shapes["U_backward1"] == (gates * H, H) and shapes["b1"] == (gates * H,)
        assert its.shape(its.program.tensors["yhat"]) == (3, 2 * H)
    with pytest.raises(
        InputError,
        match="unknown setting of layer rnn 'units'; allowed: hidden_size, bias, nonlinearity, bidirectional",
    ):
        _ = sb.Network((3, K), [sb.Layer("rnn", {"units": H})]).forward_map
