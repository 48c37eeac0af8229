"""Layers beyond dense, forward and backward, float32, one thread: the generated module beside torch eager in one run.

    python benchmarks/layers.py [NAME...] [--rounds N]

A row is the time of `loss_and_grads` as symbp generates it, with the squared error of random targets, and its ratio to that of
torch and of JAX's jit in the same rounds, medians; of numpy-ml too where that has the layer and runs. All compute the loss and
the gradients of all parameters and of the input (tokens have none); gradients that differ are said.
"""

from __future__ import annotations

import argparse
import collections
import collections.abc
import os
import statistics
import time
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import symbp as sb
from symbp.network import Layer, Network

Run = Callable[[], Any]
BLOCK = (
    Layer("layer_norm"),
    Layer("attention", {"heads": 8, "causal": True}, "at"),
    Layer("add", {}, "h", ("x", "at")),
    Layer("layer_norm"),
    Layer("mlp", {"width": 1024}, "f"),
    Layer("add", {}, "", ("h", "f")),
)


@dataclass(frozen=True)
class Case:
    """A network, the shapes of a batch of its examples and its targets, and the ratio to torch that is aimed at."""

    network: Network
    batch: int
    torch: Callable[[Any, dict[str, Any], Any], Any]
    aim: float
    jax: Callable[[Any, dict[str, Any], Any], Any]
    numpy_ml: Callable[[Any, dict[str, Any]], Any] | None = None
    tokens: int = 0

    def batches(self, rng: np.random.Generator) -> Any:
        """The examples: tokens below a number, or numbers."""
        shape = (self.batch, *self.network.input)
        return rng.integers(0, self.tokens, shape) if self.tokens else rng.normal(size=shape).astype(np.float32)


def conv(torch: Any, p: dict[str, Any], x: Any) -> Any:
    return torch.nn.functional.conv2d(x, p["W1"], p["b1"], padding=1)


def pool(torch: Any, p: dict[str, Any], x: Any) -> Any:
    return torch.nn.functional.max_pool2d(conv(torch, p, x), 2)


def block(torch: Any, p: dict[str, Any], x: Any) -> Any:
    f = torch.nn.functional
    d = x.shape[-1]
    u = f.layer_norm(x, (d,), p["gamma1"], p["beta1"])
    q = torch.einsum("ntd,hed->nhte", u, p["at_Q"]) + p["at_b_q"][:, None]
    k = torch.einsum("ntd,hed->nhte", u, p["at_K"])
    v = torch.einsum("ntd,hed->nhte", u, p["at_V"]) + p["at_b_v"][:, None]
    a = f.scaled_dot_product_attention(q, k, v, is_causal=True)
    h = x + torch.einsum("nhte,dhe->ntd", a, p["at_O"]) + p["at_b_o"]
    w = f.layer_norm(h, (d,), p["gamma3"], p["beta3"])
    g = f.gelu(w @ p["f_W"].T + p["f_b"], approximate="tanh")
    return h + g @ p["f_V"].T + p["f_c"]


def lstm(torch: Any, p: dict[str, Any], x: Any) -> Any:
    zero = torch.zeros(1, len(x), p["U1"].shape[1])
    weights = [p["W1"], p["U1"], p["b1"], torch.zeros_like(p["b1"])]
    return torch._VF.lstm(x, (zero, zero), weights, True, 1, 0.0, True, False, True)[0]


def rows(torch: Any, p: dict[str, Any], x: Any) -> Any:
    return torch.nn.functional.embedding(x, p["E1"])


def rows_jax(jax: Any, p: dict[str, Any], x: Any) -> Any:
    return p["E1"][x]


def conv_jax(jax: Any, p: dict[str, Any], x: Any, groups: int = 1) -> Any:
    made = jax.lax.conv_general_dilated(x, p["W1"], (1, 1), ((1, 1), (1, 1)), feature_group_count=groups)
    return made + p["b1"][:, None, None]


def pool_jax(jax: Any, p: dict[str, Any], x: Any) -> Any:
    n, o, h, w = (z := conv_jax(jax, p, x)).shape
    return z.reshape(n, o, h // 2, 2, w // 2, 2).max((3, 5))


def grouped_jax(jax: Any, p: dict[str, Any], x: Any) -> Any:
    return conv_jax(jax, p, x, 4)


def block_jax(jax: Any, p: dict[str, Any], x: Any) -> Any:
    jnp = jax.numpy

    def norm(x: Any, gamma: Any, beta: Any) -> Any:
        return gamma * (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5) + beta

    u = norm(x, p["gamma1"], p["beta1"])
    q = jnp.einsum("ntd,hed->nthe", u, p["at_Q"]) + p["at_b_q"]
    k = jnp.einsum("ntd,hed->nthe", u, p["at_K"])
    v = jnp.einsum("ntd,hed->nthe", u, p["at_V"]) + p["at_b_v"]
    s = jnp.einsum("nthe,nshe->nhts", q, k) / np.sqrt(np.float32(q.shape[-1]))
    a = jax.nn.softmax(jnp.where(np.tri(s.shape[-1], dtype=bool), s, -jnp.inf))
    h = x + jnp.einsum("nhts,nshe,dhe->ntd", a, v, p["at_O"]) + p["at_b_o"]
    g = jax.nn.gelu(norm(h, p["gamma3"], p["beta3"]) @ p["f_W"].T + p["f_b"])
    return h + g @ p["f_V"].T + p["f_c"]


def conv_numpy_ml(layers: Any, p: dict[str, Any]) -> Any:
    out, _, height, width = p["W1"].shape
    layer = layers.Conv2D(out_ch=out, kernel_shape=(height, width), pad=1, stride=1)
    layer.in_ch = p["W1"].shape[1]
    layer._init_params()
    layer.parameters.update(W=p["W1"].transpose(2, 3, 1, 0).copy(), b=p["b1"].reshape(1, 1, 1, -1))
    return layer


def lstm_scan(jax: Any, p: dict[str, Any], x: Any) -> Any:
    jnp = jax.numpy

    def step(carry: Any, z: Any) -> Any:
        i, f, g, o = jnp.split(z + carry[0] @ p["U1"].T, 4, axis=1)
        c = jax.nn.sigmoid(f) * carry[1] + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    start = (jnp.zeros((len(x), p["U1"].shape[1])),) * 2
    return jax.lax.scan(step, start, x.transpose(1, 0, 2) @ p["W1"].T + p["b1"])[1].transpose(1, 0, 2)


def sliding(channels: int, pooled: bool) -> list[Layer]:
    """A convolution that keeps the size of an image, and perhaps a maximum over squares of four."""
    made = Layer("conv2d", {"out_channels": channels, "kernel_size": 3, "padding": 1})
    return [made, Layer("max_pool2d", {"kernel_size": 2}) if pooled else Layer("identity")]


def grouped(torch: Any, p: dict[str, Any], x: Any) -> Any:
    return torch.nn.functional.conv2d(x, p["W1"], p["b1"], padding=1, groups=4)


CASES = {
    "conv2d 32->64, 3x3 on 28x28": Case(
        Network((32, 28, 28), sliding(64, False), "sse"), 32, conv, 2.5, conv_jax, conv_numpy_ml
    ),
    "conv2d and max_pool2d": Case(Network((16, 28, 28), sliding(32, True), "sse"), 32, pool, 2.5, pool_jax),
    "conv2d 32->64 in 4 groups": Case(
        Network(
            (32, 28, 28),
            [Layer("conv2d", {"out_channels": 64, "kernel_size": 3, "padding": 1, "groups": 4}), Layer("identity")],
            "sse",
        ),
        32,
        grouped,
        6.0,
        grouped_jax,
    ),
    "GPT block 256 wide, T = 128": Case(Network((128, 256), list(BLOCK), "sse"), 8, block, 1.8, block_jax),
    "LSTM 128, T = 50": Case(Network((50, 128), [Layer("lstm", {"hidden_size": 128})], "sse"), 32, lstm, 2, lstm_scan),
    "embedding 50257 x 768, T = 512": Case(
        Network((512,), [Layer("embedding", {"vocabulary": 50257, "width": 768})], "sse"),
        16,
        rows,
        1.0,
        rows_jax,
        tokens=50257,
    ),
}


def module(net: Network) -> types.ModuleType:
    made = types.ModuleType("layers")
    exec(compile(sb.generate(net), "layers", "exec"), made.__dict__)
    return made


def runs(case: Case) -> dict[str, Run]:
    """What is timed, by name; what is not installed is left out."""
    m = module(case.network)
    params = {n: v.astype(np.float32) for n, v in m.init(0).items()}
    rng = np.random.default_rng(1)
    x = case.batches(rng)
    given = {"x": x} if case.tokens else x
    predicted = m.predict(params, given)
    shape = (predicted["yhat"] if case.tokens else predicted).shape
    y = rng.normal(size=shape).astype(np.float32)
    ours: Run = lambda: m.loss_and_grads(params, given, {"y": y} if case.tokens else y)  # noqa: E731
    return {"symbp": ours, **peers(case, params, x, y, ours)}


Make = Callable[[Case, dict[str, Any], Any, Any], Run]


def torch_eager(case: Case, params: dict[str, Any], x: Any, y: Any) -> Run:
    """The same by torch, operation by operation, on one thread; its loss, and the gradients by name."""
    import torch

    torch.set_num_threads(1)
    ours = {n: torch.tensor(v, requires_grad=True) for n, v in params.items()}
    tx, ty = torch.tensor(x, requires_grad=not case.tokens), torch.tensor(y)

    def eager() -> tuple[float, dict[str, Any]]:
        for p in (*ours.values(), tx):
            p.grad = None
        loss = ((case.torch(torch, ours, tx) - ty) ** 2).sum()
        loss.backward()
        return float(loss.detach()), {n: p.grad.numpy() for n, p in ours.items()}

    return eager


def jax_jit(case: Case, params: dict[str, Any], x: Any, y: Any) -> Run:
    """The same by JAX's jit, on one thread."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax

    def loss(p: Any, x: Any) -> Any:
        return ((case.jax(jax, p, x) - y) ** 2).sum()

    graded = jax.jit(jax.value_and_grad(loss, 0 if case.tokens else (0, 1)))

    def run() -> tuple[float, dict[str, Any]]:
        value, grads = jax.block_until_ready(graded(params, x))
        return float(value), {n: np.asarray(g) for n, g in (grads if case.tokens else grads[0]).items()}

    return run


def numpy_ml(case: Case, params: dict[str, Any], x: Any, y: Any) -> Run:
    """The same by a layer of numpy-ml, whose images have their channels last. It says names of collections as Python had them
    before 3.10."""
    if case.numpy_ml is None:
        raise ImportError("no such layer")
    for name in collections.abc.__all__:
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from numpy_ml.neural_nets import layers
    layer = case.numpy_ml(layers, params)
    last, wanted = x.transpose(0, 2, 3, 1).copy(), y.transpose(0, 2, 3, 1).copy()

    def run() -> tuple[float, dict[str, Any]]:
        layer.flush_gradients()
        error = layer.forward(last) - wanted
        layer.backward(2 * error)
        its = layer.gradients
        return float((error**2).sum()), {"W1": its["W"].transpose(3, 2, 0, 1), "b1": its["b"].reshape(-1)}

    return run


PEERS: dict[str, Make] = {"torch": torch_eager, "jax": jax_jit, "numpy-ml": numpy_ml}


def peers(case: Case, params: dict[str, Any], x: Any, y: Any, ours: Run) -> dict[str, Run]:
    """What is timed beside, by name, once held against our gradients; what is not installed or has no such layer is left out."""
    value, grads = ours()
    found = dict[str, Run]()
    for peer, make in PEERS.items():
        try:
            found[peer] = make(case, params, x, y)
        except ImportError as e:
            if peer != "numpy-ml" or case.numpy_ml is not None:
                print(f"  {peer} is left out: {e}")
            continue
        its, theirs = found[peer]()
        for n in grads:
            if n in theirs:
                wrong = np.abs(theirs[n] * (value / its) - grads[n]).max() / max(1e-6, float(np.abs(grads[n]).max()))
                if wrong > 1e-3:
                    print(f"  {n} of {peer}: differs by {wrong:.1e}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    for name, case in CASES.items():
        if args.names and not any(n in name for n in args.names):
            continue
        its = runs(case)
        times: dict[str, list[float]] = {n: [] for n in its}
        for _ in range(args.rounds):
            for n, run in its.items():
                start = time.perf_counter()
                run()
                times[n].append(time.perf_counter() - start)
        mine = statistics.median(times["symbp"])
        rest = [
            f"{statistics.median(a / b for a, b in zip(times['symbp'], times[n], strict=True)):.2f} of {n}"
            for n in its
            if n != "symbp"
        ]
        print(f"{name:32} {mine * 1e3:8.1f} ms  {', '.join(rest)}  (aim: {case.aim} of torch)")


if __name__ == "__main__":
    main()
