"""Layers beyond dense, forward and backward, float32, one thread: the generated module beside torch eager in one run.

    python benchmarks/layers.py [NAME...] [--rounds N]

A row is the time of `loss_and_grads` as symbp generates it, with the squared error of random targets, and its ratio to torch's in
the same rounds, a median; to that of JAX's jit as well where there is one. All compute the loss and the gradients of all
parameters and of the input; gradients that differ are said.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
import types
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
    jax: Callable[[Any, dict[str, Any], Any], Any] | None = None


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
    "conv2d 32->64, 3x3 on 28x28": Case(Network((32, 28, 28), sliding(64, False), "sse"), 32, conv, 2.5),
    "conv2d and max_pool2d": Case(Network((16, 28, 28), sliding(32, True), "sse"), 32, pool, 2.5),
    "conv2d 32->64 in 4 groups": Case(
        Network(
            (32, 28, 28),
            [Layer("conv2d", {"out_channels": 64, "kernel_size": 3, "padding": 1, "groups": 4}), Layer("identity")],
            "sse",
        ),
        32,
        grouped,
        6.0,
    ),
    "GPT block 256 wide, T = 128": Case(Network((128, 256), list(BLOCK), "sse"), 8, block, 1.8),
    "LSTM 128, T = 50": Case(Network((50, 128), [Layer("lstm", {"hidden_size": 128})], "sse"), 32, lstm, 2, lstm_scan),
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
    x = rng.normal(size=(case.batch, *case.network.input)).astype(np.float32)
    predicted = m.predict(params, x)
    y = rng.normal(size=predicted.shape).astype(np.float32)
    found: dict[str, Run] = {"symbp": lambda: m.loss_and_grads(params, x, y)}
    try:
        import torch
    except ImportError:
        return found
    torch.set_num_threads(1)
    ours = {n: torch.tensor(v, requires_grad=True) for n, v in params.items()}
    tx, ty = torch.tensor(x, requires_grad=True), torch.tensor(y)

    def eager() -> Any:
        for p in (*ours.values(), tx):
            p.grad = None
        loss = ((case.torch(torch, ours, tx) - ty) ** 2).sum()
        loss.backward()
        return loss

    value, grads = found["symbp"]()
    scale = float(value) / float(eager().detach())
    for n, p in ours.items():
        wrong = np.abs(p.grad.numpy() * scale - grads[n]).max() / max(1e-6, float(np.abs(grads[n]).max()))
        if wrong > 1e-3:
            print(f"  {n}: differs by {wrong:.1e}")
    return {**found, "torch": eager, **({"jax": compiled(case, params, x, y)} if case.jax else {})}


def compiled(case: Case, params: dict[str, Any], x: Any, y: Any) -> Run:
    """The same by JAX's jit, on one thread."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax

    def loss(p: Any, x: Any) -> Any:
        assert case.jax is not None
        return ((case.jax(jax, p, x) - y) ** 2).sum()

    run = jax.jit(jax.value_and_grad(loss, (0, 1)))
    return lambda: jax.block_until_ready(run(params, x))


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
