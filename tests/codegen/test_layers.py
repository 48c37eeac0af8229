"""Layers and graphs of layers against JAX in float64: values and all gradients, targets at random, lengths all different."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from generated_module import from_source

import symbp as sb
from symbp.catalogue import LAYERS

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_most_optimizations", True)  # it compiles in half the time
N = 4
Params = Mapping[str, Any]
L = sb.layer


def normed(x: Any, eps: float = 1e-5) -> Any:
    return (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + eps)


def rms(x: Any, eps: float = 1e-5) -> Any:
    return x / jnp.sqrt((x**2).mean(-1, keepdims=True) + eps)


def attend(p: Params, x: Any, bias: bool = True) -> Any:
    heads, e = p["Q1"].shape[:2]

    def split(weight: str, b: str) -> Any:
        z = x @ p[weight].reshape(heads * e, -1).T + (p[b].reshape(-1) if bias and b else 0)
        return z.reshape(*x.shape[:2], heads, e).transpose(0, 2, 1, 3)

    q, k, v = split("Q1", "b_q1"), split("K1", ""), split("V1", "b_v1")
    weights = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) / np.sqrt(e), axis=-1)
    out = (weights @ v).transpose(0, 2, 1, 3).reshape(*x.shape[:2], -1)
    return out @ p["O1"].reshape(-1, heads * e).T + (p["b_o1"] if bias else 0)


ONE: list[tuple[sb.Layer, tuple[int, ...], Callable[[Params, Any], Any]]] = [
    (L("dense", 3), (5, 2), lambda p, x: x @ p["W1"].T + p["b1"]),
    (L("low_rank", units=5, rank=2), (4,), lambda p, x: x @ p["V1"].T @ p["U1"].T + p["b1"]),
    (L("low_rank", units=5, rank=2, bias=False), (3, 4), lambda p, x: x @ p["V1"].T @ p["U1"].T),
    (L("rbf", 3), (4,), lambda p, x: jnp.exp(-p["beta1"] * ((x[:, None] - p["C1"]) ** 2).sum(-1))),
    (L("mlp", 5), (3,), lambda p, x: jax.nn.gelu(x @ p["W1"].T + p["b1"], approximate=True) @ p["V1"].T + p["c1"]),
    (L("mlp", 5, activation="relu", bias=False), (2, 3), lambda p, x: jax.nn.relu(x @ p["W1"].T) @ p["V1"].T),
    (L("swiglu", 5), (2, 3), lambda p, x: (jax.nn.silu(x @ p["W1"].T) * (x @ p["V1"].T)) @ p["U1"].T),
    (L("layer_norm"), (5,), lambda p, x: p["gamma1"] * normed(x) + p["beta1"]),
    (L("layer_norm", eps=0.1, bias=False), (3, 5), lambda p, x: p["gamma1"] * normed(x, 0.1)),
    (L("layer_norm", elementwise_affine=False), (3, 5), lambda p, x: normed(x)),
    (L("rms_norm"), (3, 5), lambda p, x: p["gamma1"] * rms(x)),
    (L("rms_norm", eps=0.2, elementwise_affine=False), (5,), lambda p, x: rms(x, 0.2)),
    (L("attention", 2), (3, 4), attend),
    (L("attention", 1), (1, 2), attend),
    (L("attention", heads=3, bias=False), (2, 6), lambda p, x: attend(p, x, bias=False)),
    (L("global_avg_pool"), (2, 3, 5), lambda p, x: x.mean((2, 3))),
]  # fmt: skip
"""Layers of one input without dropout: the layer, the shape of an example, and the same in JAX's words."""
SEVERAL: list[tuple[sb.Layer, Mapping[str, int], Callable[[Params, Any], Any]]] = [
    (L("bilinear", 2, inputs=("a", "b")), {"a": 3, "b": 4},
     lambda p, x: jnp.einsum("ojk,nj,nk->no", p["W1"], x["a"], x["b"]) + p["b1"]),
    (L("bilinear", 2, bias=False, inputs=("a", "b")), {"a": 3, "b": 4},
     lambda p, x: jnp.einsum("ojk,nj,nk->no", p["W1"], x["a"], x["b"])),
    (L("add", inputs=("a", "b", "a")), {"a": 3, "b": 3}, lambda p, x: 2 * x["a"] + x["b"]),
    (L("multiply", inputs=("a", "b", "c")), {"a": 3, "b": 3, "c": 3}, lambda p, x: x["a"] * x["b"] * x["c"]),
]  # fmt: skip


def test_every_layer_has_an_oracle() -> None:
    beside = [
        Path(__file__).parents[1] / "network" / f"test_{name}.py"
        for name in ("window_layers", "batch_norm", "group_layers", "recurrent_layers")
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in beside)
    elsewhere = {"softmax", "log_softmax", "dropout", "embedding", *(k for k in LAYERS if f'"{k}"' in text)}
    assert {layer.kind for layer, *_ in (*ONE, *SEVERAL)} | elsewhere == {*LAYERS}


def agree(net: sb.Network, x: Any, y: Any, objective: Callable[..., Any]) -> Any:
    """The module of a network, held against an objective J(params, x, y) in JAX at random parameters."""
    m = from_source(sb.generate(net, dtype="float64"))
    rng = np.random.default_rng(1)
    params = {n: v + 0.3 * rng.normal(size=v.shape) for n, v in m.init(0).items()}
    value, grads = m.loss_and_grads(params, x, y)
    wanted, (by_params, by_x) = jax.value_and_grad(objective, (0, 1))(params, x, y)
    assert value == pytest.approx(float(wanted), rel=1e-9)
    exact = {**by_params, **(by_x if isinstance(by_x, dict) else {"x": by_x})}
    assert {*grads} == {*exact}
    for name, g in exact.items():
        assert close(grads[name], g), name
        if np.abs(g).max() > 1e-3:
            assert not close(-17 * grads[name], g) and not close(0 * grads[name], g), name
            assert np.ndim(g) < 2 or not close(grads[name].T, g), name
    assert max(m.check(entries=3).values()) < 1e-6
    return m


def close(got: Any, expected: Any) -> bool:
    """Whether a gradient is the expected one, its shape included."""
    got, expected = np.asarray(got), np.asarray(expected)
    least = max(np.abs(expected).max(), 1e-3)
    return got.shape == expected.shape and bool(np.abs(got - expected).max() <= 1e-9 * least)


def squares(out: Any, y: Any) -> Any:
    """The mean over examples, and positions, of the sum of squares over the last axis."""
    return ((out - y) ** 2).sum(-1).mean()


@pytest.mark.thinned(2)
@pytest.mark.parametrize(("layer", "shape", "forward"), ONE, ids=[f"{x.kind}{k}" for k, (x, *_) in enumerate(ONE)])
def test_a_layer_agrees_with_jax(layer: sb.Layer, shape: tuple[int, ...], forward: Any) -> None:
    net = sb.Network(shape, [layer], loss="squared_error")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(N, *shape)), rng.normal(size=(N, *net.output))
    agree(net, x, y, lambda p, x, y: squares(forward(p, x), y))


@pytest.mark.parametrize(
    ("layer", "shapes", "forward"), SEVERAL, ids=[f"{x.kind}{k}" for k, (x, *_) in enumerate(SEVERAL)]
)
def test_a_layer_of_several_inputs_agrees_with_jax(layer: sb.Layer, shapes: Mapping[str, int], forward: Any) -> None:
    net = sb.Network(shapes, [layer], loss="squared_error")
    rng = np.random.default_rng(0)
    x, y = {n: rng.normal(size=(N, k)) for n, k in shapes.items()}, rng.normal(size=(N, *net.output))
    agree(net, x, {"y": y}, lambda p, x, y: squares(forward(p, x), y["y"]))
