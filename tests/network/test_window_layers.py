"""The layers that slide, as torch has them: values and all gradients of generated modules against JAX, in settings apart."""

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

Layers = list[Any]


def conv(stride: Any = (1, 1), padding: Any = (0, 0), dilation: Any = (1, 1)) -> Callable[..., Any]:
    def forward(x: Any, W: Any, b: Any) -> Any:
        pads = [(p, p) for p in padding]
        return lax.conv_general_dilated(x, W, stride, pads, rhs_dilation=dilation) + b.reshape(-1, *[1] * len(pads))

    return forward


def transposed(stride: Any, padding: Any, more: Any, kernel: Any) -> Callable[..., Any]:
    def forward(x: Any, W: Any, b: Any) -> Any:
        pads = [(k - 1 - p, k - 1 - p + e) for k, p, e in zip(kernel, padding, more, strict=True)]
        turned = jnp.flip(W, (2, 3)).transpose(1, 0, 2, 3)
        return lax.conv_general_dilated(x, turned, (1, 1), pads, lhs_dilation=stride) + b[:, None, None]

    return forward


def pool(kind: str, window: Any, stride: Any, padding: Any = (0, 0), dilation: Any = (1, 1)) -> Callable[..., Any]:
    def forward(x: Any) -> Any:
        pads = [(0, 0), (0, 0), *((p, p) for p in padding)]
        x = jnp.pad(x, pads, constant_values=-jnp.inf if kind == "max" else 0)
        p, q = (
            (n - d * (k - 1) - 1) // s + 1 for n, d, k, s in zip(x.shape[2:], dilation, window, stride, strict=True)
        )
        taps = [
            x[:, :, u * dilation[0] :: stride[0], v * dilation[1] :: stride[1]][:, :, :p, :q]
            for u in range(window[0]) for v in range(window[1])
        ]  # fmt: skip
        return jnp.max(jnp.stack(taps), 0) if kind == "max" else sum(taps) / len(taps)

    return forward


IMAGE = (3, 7, 8)
CASES: dict[str, tuple[tuple[int, ...], Layers, Callable[..., Any]]] = {
    "conv1d": ((3, 9), [("conv1d", {"out_channels": 4, "kernel_size": 2})], conv((1,), (0,), (1,))),
    "conv1d, all settings": ((2, 9), [("conv1d", {"out_channels": 3, "kernel_size": 4, "stride": 3, "padding": 5, "dilation": 2})],
                             conv((3,), (5,), (2,))),
    "conv2d": (IMAGE, [("conv2d", {"out_channels": 4, "kernel_size": 3})], conv()),
    "conv2d, one channel": ((1, 5, 6), [("conv2d", {"out_channels": 2, "kernel_size": 3, "padding": 1})], conv(padding=(1, 1))),
    "conv2d, uneven": (IMAGE, [("conv2d", {"out_channels": 4, "kernel_size": [3, 2], "stride": [2, 1], "padding": [1, 3],
                                           "dilation": [1, 2]})], conv((2, 1), (1, 3), (1, 2))),
    "conv2d, stride above the kernel": (IMAGE, [("conv2d", {"out_channels": 2, "kernel_size": 2, "stride": 3})], conv((3, 3))),
    "conv_transpose2d": ((3, 4, 5), [("conv_transpose2d", {"out_channels": 2, "kernel_size": [3, 2], "stride": 2, "padding": 1,
                                                           "output_padding": [1, 0]})],
                         transposed((2, 2), (1, 1), (1, 0), (3, 2))),
    "max_pool2d": (IMAGE, [("max_pool2d", {"kernel_size": 2})], pool("max", (2, 2), (2, 2))),
    "max_pool2d, padded and dilated": (IMAGE, [("max_pool2d", {"kernel_size": [3, 2], "stride": [2, 1], "padding": 1,
                                                               "dilation": [2, 1]})],
                                       pool("max", (3, 2), (2, 1), (1, 1), (2, 1))),
    "avg_pool2d": (IMAGE, [("avg_pool2d", {"kernel_size": [2, 3], "stride": 2, "padding": [1, 0]})],
                   pool("avg", (2, 3), (2, 2), (1, 0))),
    "global_avg_pool": (IMAGE, ["global_avg_pool"], lambda x: x.mean((2, 3))),
    "reshape": ((30,), [("reshape", {"shape": [2, 3, 5]})], lambda x: x.reshape(-1, 2, 3, 5)),
    "reshape of an image": ((2, 3, 4), [("reshape", {"shape": [6, 4]})], lambda x: x.reshape(-1, 6, 4)),
}  # fmt: skip


def network(shape: tuple[int, ...], layers: Layers) -> sb.Network:
    made = [sb.Layer(x) if isinstance(x, str) else sb.Layer(x[0], x[1]) for x in layers]
    return sb.Network(
        shape,
        [
            *made,
            sb.Layer("tanh"),
            *([] if layers == ["global_avg_pool"] else ["flatten"]),
            sb.Layer("dense", {"units": 2}),
        ],
    )


def module(net: sb.Network) -> types.ModuleType:
    made = types.ModuleType("sliding")
    exec(compile(sb.generate(net), "sliding", "exec"), made.__dict__)
    return made


@pytest.mark.thinned(5)
@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name: str) -> None:
    shape, layers, forward = CASES[name]
    m = module(network(shape, layers))
    params = {n: v.astype(np.float64) for n, v in m.init(3).items()}
    rng = np.random.default_rng(5)
    params |= {n: rng.normal(size=v.shape) for n, v in params.items()}
    x, y = rng.normal(size=(4, *shape)), rng.normal(size=(4, 2))
    own = [n for n in ("W1", "b1") if params.keys() >= {"W2"}]
    last = "2" if own else "1"

    def loss(p: dict[str, Any], x: Any) -> Any:
        h = jnp.tanh(forward(x, *(p[n] for n in own))).reshape(len(x), -1)
        return ((h @ p[f"W{last}"].T + p[f"b{last}"] - y) ** 2).sum(1).mean()

    value, grads = m.loss_and_grads(params, x, y)
    expected_value, (expected, at_x) = jax.value_and_grad(loss, (0, 1))(
        {n: jnp.asarray(v) for n, v in params.items()}, jnp.asarray(x)
    )
    scale = value / float(expected_value)
    assert scale == pytest.approx(1, rel=1e-12) or scale == pytest.approx(0.5, rel=1e-12)
    for n in params:
        want = scale * np.asarray(expected[n])
        assert agree(grads[n], want), n
        assert not agree(-17 * grads[n], want) and not agree(0 * grads[n], want)
        if want.ndim > 2:  # as the kernel of a convolution that is not turned would be
            assert not agree(grads[n][..., ::-1], want)
    cache = m.forward(params, x)[1]
    assert agree(m.backward(params, cache, y)["x"], scale * np.asarray(at_x))
    trainer = m.Trainer({n: v.copy() for n, v in params.items()}, batch_size=4)
    assert trainer.step(x, y) == pytest.approx(value, rel=1e-10)
    lr = trainer.settings["lr"]
    for n, before in params.items():
        assert agree((before - trainer.params[n]) / lr, grads[n], 1e-9), n


def agree(got: Any, expected: Any, tolerance: float = 1e-11) -> bool:
    got, expected = np.asarray(got), np.asarray(expected)
    return got.shape == expected.shape and bool(
        np.abs(got - expected).max() <= tolerance * max(1.0, np.abs(expected).max())
    )


WRONG = {
    "a window outside": ((3, 4, 8), [("max_pool2d", {"kernel_size": 2, "padding": [1, 2]})], "twice the padding is 4, and the kernel reaches 2"),
    "an average outside": ((3, 4, 8), [("avg_pool2d", {"kernel_size": 3, "padding": 2})], "a window would lie outside; allowed: 3 or fewer"),
    "a kernel larger than the padded input": ((3, 4, 8), [("conv2d", {"out_channels": 2, "kernel_size": 5})], "larger than its input"),
    "a vector": ((8,), [("conv2d", {"out_channels": 2, "kernel_size": 2})], "takes 3 axes"),
    "three numbers": (IMAGE, [("conv2d", {"out_channels": 2, "kernel_size": [1, 2, 3]})], "or a list of 2"),
    "a stride of 0": (IMAGE, [("max_pool2d", {"kernel_size": 2, "stride": 0})], "from 1"),
    "no kernel": (IMAGE, [("avg_pool2d", {"stride": 2})], "needs kernel_size"),
    "a shape of another size": ((30,), [("reshape", {"shape": [2, 3, 4]})], "makes 24 numbers of 30"),
    "a shape that is a number": ((30,), [("reshape", {"shape": 30})], "a list of 1 to 4 lengths"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_said(name: str) -> None:
    shape, layers, says = WRONG[name]
    with pytest.raises(InputError) as caught:
        network(shape, layers)
    assert says in str(caught.value)


OWN = """
input = [2, 9]
layers = [{ mine = { o = 3, u = 2 } }, "tanh", "flatten", { dense = 2 }]
loss = "sse"
[constants]
stride = 2
pad = 1
[layer.mine]
input = "x[n,c,t]"
output = "z[n,o,p]"
parameters = { W = "o c u", b = "o" }
lengths = { p = "(t + 2*pad - u)//stride + 1" }
forward = ["z[n,o,p] = sum(W[o,c,u]*x[n,c,stride*p+u-pad], c, u) + b[o]"]
"""


def test_a_layer_of_ones_own_has_lengths(tmp_path: Any) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    m = module(sb.Network.load(file))
    assert m.PARAMS["W2"] == (2, 15)
    assert max(m.check(entries=5).values()) < 1e-6
    for old, new, says in (
        ("stride = 2", "stride = 1.5", "stride"),
        ("p+u", "p*u", "no place"),
        ("lengths = { p", "lengths = { q", "index p"),
    ):
        file.write_text(OWN.replace(old, new))
        with pytest.raises(InputError) as caught:
            sb.Network.load(file)
        assert says in str(caught.value)
