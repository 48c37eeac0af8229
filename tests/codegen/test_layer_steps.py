"""Steps of networks with windows, gathers, attention and norms: they are those of the pure functions, and allocate nothing."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from generated_module import from_source

import symbp as sb
from symbp.codegen.module import explain

L = sb.layer
NUMPYS_OWN = 3 * 8192 * 4 + 8192
"""What NumPy takes inside one call, in bytes: buffers of 8192 entries for each of three arrays, whatever their length."""
TOKENS = """
inputs = {{ tok = {{ shape = [{length}] }} }}
layers = [
  {{ embedding = {{ vocabulary = {words}, width = 24, positions = {length} }}, name = "wte" }},
  "layer_norm",
  {{ attention = {{ heads = 3, causal = true }}, name = "at" }},
  {{ add = {{}}, inputs = ["wte", "at"], name = "h" }},
  "rms_norm",
  {{ mlp = {{ width = 40 }}, name = "f" }},
  {{ add = {{}}, inputs = ["h", "f"] }},
  {{ dense = {{ units = {words}, bias = false }}, share = {{ W = "wte_E" }} }},
  "softmax",
]
loss = "cross_entropy"
optimizer = "{optimizer}"
"""
PLAIN = {
    "conv": ((4, 16, 14), [L("conv2d", out_channels=6, kernel_size=3, stride=2, padding=2), "tanh", "flatten", L("dense", 5)]),
    "pooling": ((5, 12, 14), [L("conv2d", out_channels=6, kernel_size=3, padding=1), L("max_pool2d", kernel_size=2), "flatten"]),
    "overlapping": ((5, 13, 15), [L("conv2d", out_channels=6, kernel_size=3, dilation=2),
                                  L("max_pool2d", kernel_size=3, stride=2, padding=1), "flatten", L("dense", 4)]),
    "average": ((4, 12, 9), [L("conv2d", out_channels=6, kernel_size=2), L("avg_pool2d", kernel_size=3, stride=2, padding=1)]),
    "groups": ((6, 14, 12), [L("conv2d", out_channels=8, kernel_size=3, padding=1, groups=2), "relu"]),
    "depthwise": ((9, 12, 14), [L("conv2d", out_channels=9, kernel_size=3, groups=9), "relu", "flatten", L("dense", 3)]),
    "transposed": ((6, 9, 8), [L("conv_transpose2d", out_channels=7, kernel_size=3, stride=2, padding=1), "tanh"]),
    "batch norm": ((5, 13, 12), [L("conv2d", out_channels=6, kernel_size=3), L("batch_norm"), "relu"]),
    "row": ((5, 40), [L("conv1d", out_channels=7, kernel_size=4, stride=3), "gelu"]),
    "gelu": ((20, 12), [L("layer_norm"), L("mlp", 30, activation="gelu"), L("attention", 2)]),
}  # fmt: skip


def network(name: str, folder: Any, optimizer: str, **sizes: int) -> sb.Network:
    """The network of a row, with targets that are given by numbers but for the one over tokens."""
    if name in PLAIN:
        shape, layers = PLAIN[name]
        return sb.Network(shape, layers, "squared_error", optimizer=optimizer)
    path = folder / "tokens.toml"
    path.write_text(TOKENS.format(**{"length": 6, "words": 11, "optimizer": optimizer, **sizes}))
    return sb.Network.load(str(path))


def batch(m: Any, n: int, rng: np.random.Generator, dtype: Any) -> tuple[Any, Any]:
    """Examples and targets."""
    if hasattr(m, "INPUT"):
        return rng.normal(size=(n, *m.INPUT)).astype(dtype), rng.normal(size=(n, *m.OUTPUT)).astype(dtype)
    tokens, (length, words) = {"tok": rng.integers(0, 9, (n, *m.INPUTS["tok"]))}, m.OUTPUTS["yhat"]
    return tokens, {"y": rng.integers(0, words, (n, length))}


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", [*PLAIN, "tokens"])
def test_steps_are_those_of_the_pure_functions(name: str, tmp_path: Any) -> None:
    m = from_source(sb.generate(network(name, tmp_path, "sgd"), dtype="float64"))
    rng = np.random.default_rng(2)
    params = {n: v + 0.2 * rng.normal(size=v.shape) for n, v in m.init(0).items()}
    wanted = {n: v.copy() for n, v in params.items()}
    trainer = m.Trainer(params, 5, lr=0.05)
    for n in (5, 2, 5):
        x, y = batch(m, n, rng, np.float64)
        value, grads = m.loss_and_grads({**params, **wanted}, x, y)
        assert trainer.step(x, y) == pytest.approx(value, rel=1e-10)
        for k in m.PARAMS:
            wanted[k] = wanted[k] - 0.05 * grads[k]
            np.testing.assert_allclose(params[k], wanted[k], rtol=1e-9, atol=1e-12, err_msg=f"{k}, {n} examples")
            wanted[k] = params[k].copy()


@pytest.mark.parametrize("name", PLAIN)
def test_parameters_may_lie_in_another_order(name: str, tmp_path: Any) -> None:
    """An array whose entries lie column by column is read as it is, at every step."""
    m = from_source(sb.generate(network(name, tmp_path, "sgd"), dtype="float64"))
    rng = np.random.default_rng(3)
    params = {n: v + 0.2 * rng.normal(size=v.shape) for n, v in m.init(0).items()}
    turned = {n: np.array(v, order="F") for n, v in params.items()}
    first, second = (m.Trainer(p, 4, lr=0.05) for p in (params, turned))
    for _ in range(2):
        x, y = batch(m, 4, rng, np.float64)
        assert second.step(np.asfortranarray(x), y) == pytest.approx(first.step(x, y), rel=1e-10)
    for n, value in params.items():
        np.testing.assert_allclose(turned[n], value, rtol=1e-9, atol=1e-12)


@pytest.mark.thinned(3)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("name", [*PLAIN, "tokens"])
def test_a_step_allocates_nothing(name: str, optimizer: str, tmp_path: Any) -> None:
    net = network(name, tmp_path, optimizer, length=30, words=70)
    assert explain(net).split()[-1] == "nothing", "not buffered"
    m = from_source(sb.generate(net))
    rng = np.random.default_rng(4)
    n = 80
    trainer = m.Trainer(m.init(), n, lr=1e-4, clip_norm=10.0)
    x, y = batch(m, n, rng, np.float32)
    for size in (n, n // 2):
        trainer.step(*(first(a, size) for a in (x, y)))
    parts = [[first(a, size) for a in (x, y)] for size in (n, n // 2, n)]
    tracemalloc.start()
    try:
        trainer.step(x, y)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        for part in parts:
            trainer.step(*part)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < NUMPYS_OWN
    assert after - before < 8192


def first(a: Any, size: int) -> Any:
    """The first examples of an array, or of each of several."""
    return {n: v[:size] for n, v in a.items()} if isinstance(a, dict) else a[:size]
