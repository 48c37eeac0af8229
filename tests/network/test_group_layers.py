"""Norms of groups and of instances, convolutions in groups, and concatenation, as torch has them: generated modules against JAX."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import symbp as sb
from symbp.errors import InputError

Params = dict[str, Any]
Forward = Callable[[Params, Any], Any]


def normalised(x: Any, axes: tuple[int, ...], eps: float = 1e-5) -> Any:
    return (x - x.mean(axes, keepdims=True)) / jnp.sqrt(x.var(axes, keepdims=True) + eps)


def affine(p: Params, h: Any, gamma: str = "gamma1", beta: str = "beta1") -> Any:
    shape = (-1, *[1] * (h.ndim - 2))
    return p[gamma].reshape(shape) * h + p[beta].reshape(shape)


def group(groups: int, eps: float = 1e-5, gains: bool = True) -> Forward:
    def forward(p: Params, x: Any) -> Any:
        parts = x.reshape(len(x), groups, x.shape[1] // groups, *x.shape[2:])
        h = normalised(parts, tuple(range(2, parts.ndim)), eps).reshape(x.shape)
        return affine(p, h) if gains else h

    return forward


def instance(gains: bool) -> Forward:
    def forward(p: Params, x: Any) -> Any:
        h = normalised(x, tuple(range(2, x.ndim)))
        return affine(p, h) if gains else h

    return forward


def conv(
    groups: int, stride: Any = (1, 1), padding: Any = (0, 0), dilation: Any = (1, 1), bias: bool = True
) -> Forward:
    def forward(p: Params, x: Any) -> Any:
        pads = [(k, k) for k in padding]
        z = lax.conv_general_dilated(x, p["W1"], stride, pads, rhs_dilation=dilation, feature_group_count=groups)
        return z + p["b1"][:, None, None] if bias else z

    return forward


def layer(kind: str, *, inputs: Any = (), name: str = "", **settings: Any) -> sb.Layer:
    return sb.Layer(kind, settings, name, tuple(inputs))


IMAGE = (6, 5, 4)
CASES: dict[str, tuple[tuple[int, ...], sb.Layer, Forward]] = {
    "group_norm": (IMAGE, layer("group_norm", num_groups=3), group(3)),
    "group_norm, one group": (IMAGE, layer("group_norm", num_groups=1, eps=0.1), group(1, 0.1)),
    "group_norm, a channel each": ((3, 7), layer("group_norm", num_groups=3), group(3)),
    "group_norm of vectors": ((6,), layer("group_norm", num_groups=2), group(2)),
    "group_norm without gains": (IMAGE, layer("group_norm", num_groups=2, affine=False), group(2, gains=False)),
    "instance_norm": (IMAGE, layer("instance_norm"), instance(False)),
    "instance_norm with gains": ((3, 7), layer("instance_norm", affine=True), instance(True)),
    "conv2d, two groups": (IMAGE, layer("conv2d", out_channels=4, kernel_size=[3, 2], groups=2), conv(2)),
    "conv2d, one group": (IMAGE, layer("conv2d", out_channels=2, kernel_size=3, groups=1), conv(1)),
    "conv2d, depthwise": ((3, 5, 7), layer("conv2d", out_channels=6, kernel_size=3, groups=3, padding=1, stride=2, dilation=[1, 2]),
                          conv(3, (2, 2), (1, 1), (1, 2))),
    "conv2d, groups without bias": (IMAGE, layer("conv2d", out_channels=3, kernel_size=2, groups=3, bias=False),
                                    conv(3, bias=False)),
}  # fmt: skip


def module(net: sb.Network) -> types.ModuleType:
    made = types.ModuleType("grouped")
    exec(compile(sb.generate(net), "grouped", "exec"), made.__dict__)
    return made


def network(shape: tuple[int, ...], one: sb.Layer) -> sb.Network:
    flat = [sb.Layer("flatten")] if len(shape) > 1 else []
    return sb.Network(shape, [one, sb.Layer("tanh"), *flat, sb.Layer("dense", {"units": 2})])


def agree(got: Any, expected: Any, tolerance: float = 1e-10) -> bool:
    got, expected = np.asarray(got), np.asarray(expected)
    return got.shape == expected.shape and bool(
        np.abs(got - expected).max() <= tolerance * max(1.0, np.abs(expected).max())
    )


def held(net: sb.Network, shape: tuple[int, ...], forward: Forward, last: str) -> None:
    """A module against `forward` with tanh and a dense layer behind it: the loss, all gradients, and a step."""
    m = module(net)
    rng = np.random.default_rng(5)
    params = {n: rng.normal(size=v.shape) for n, v in m.init(3, np.float64).items()}
    x, y = rng.normal(size=(4, *shape)), rng.normal(size=(4, 2))

    def loss(p: Params, x: Any) -> Any:
        h = jnp.tanh(forward(p, x)).reshape(len(x), -1)
        return ((h @ p[f"W{last}"].T + p[f"b{last}"] - y) ** 2).sum(1).mean() / 2

    value, grads = m.loss_and_grads(params, x, y)
    arrays = {n: jnp.asarray(v) for n, v in params.items()}
    expected_value, (expected, at_x) = jax.value_and_grad(loss, (0, 1))(arrays, jnp.asarray(x))
    assert value == pytest.approx(float(expected_value), rel=1e-12)
    for n in params:
        assert agree(grads[n], expected[n]), n
        assert not agree(-17 * grads[n], expected[n]), n
    assert agree(grads["x"], at_x)
    trainer = m.Trainer({n: v.copy() for n, v in params.items()}, batch_size=4)
    assert trainer.step(x, y) == pytest.approx(value, rel=1e-10)
    for n, before in params.items():
        assert agree((before - trainer.params[n]) / trainer.settings["lr"], grads[n], 1e-9), n


@pytest.mark.thinned(5)
@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name: str) -> None:
    shape, one, forward = CASES[name]
    held(network(shape, one), shape, forward, "2" if "W2" in module(network(shape, one)).PARAMS else "1")


def test_concatenated_images() -> None:
    """The layers of a U-net: three inputs of as many channels each as it likes, along axis 1."""
    layers = [
        layer("conv2d", name="p", out_channels=4, kernel_size=3, padding=1),
        layer("conv2d", name="q", out_channels=1, kernel_size=1),
        layer("concat", inputs=("p", "x", "q")),
        sb.Layer("tanh"), sb.Layer("flatten"), sb.Layer("dense", {"units": 2}),
    ]  # fmt: skip

    def forward(p: Params, x: Any) -> Any:
        a = conv(1, padding=(1, 1))({"W1": p["p_W"], "b1": p["p_b"]}, x)
        return jnp.concatenate([a, x, conv(1)({"W1": p["q_W"], "b1": p["q_b"]}, a)], 1)

    held(sb.Network((3, 4, 5), layers), (3, 4, 5), forward, "3")


def test_concatenated_vectors() -> None:
    layers = [
        layer("dense", name="p", units=3),
        layer("concat", inputs=("x", "p")),
        sb.Layer("tanh"), sb.Layer("dense", {"units": 2}),
    ]  # fmt: skip
    held(sb.Network(5, layers), (5,), lambda p, x: jnp.concatenate([x, x @ p["p_W"].T + p["p_b"]], 1), "2")
    code = sb.generate(sb.Network(5, layers))
    assert "np.concatenate((x, p), axis=1)" in code and "np.concatenate((x, p), axis=1, out=cat1)" in code
    assert "windows(" not in code and "dcat1[:, 5:8]" in code


WRONG: dict[str, tuple[tuple[int, ...], list[sb.Layer], str]] = {
    "groups that do not divide": (IMAGE, [layer("group_norm", num_groups=4)], "divides 6 by 4"),
    "no groups": (IMAGE, [layer("group_norm")], "needs num_groups"),
    "no group": (IMAGE, [layer("group_norm", num_groups=0)], "from 1"),
    "channels that do not divide": (IMAGE, [layer("conv2d", out_channels=4, kernel_size=1, groups=4)], "divides 6 by 4"),
    "outputs that do not divide": (IMAGE, [layer("conv2d", out_channels=4, kernel_size=1, groups=3)], "divides 4 by 3"),
    "an instance of one number": ((6,), [layer("instance_norm")], "instance_norm takes 2 axes for each example"),
    "one input": (IMAGE, [layer("concat", inputs=("x",))], "takes two inputs or more"),
    "other lengths beside": (IMAGE, [layer("conv2d", name="a", out_channels=2, kernel_size=2), layer("concat", inputs=("x", "a"))],
                             "equal lengths"),
    "other axes": (IMAGE, [layer("flatten", name="a"), layer("concat", inputs=("x", "a"))], "takes 3 axes for each example"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_said(name: str) -> None:
    shape, layers, says = WRONG[name]
    with pytest.raises(InputError) as caught:
        sb.Network(shape, [*layers, sb.Layer("tanh")])
    assert says in str(caught.value)
