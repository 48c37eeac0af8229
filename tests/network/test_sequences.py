"""Networks over tokens: embeddings, causal attention, a small GPT with a tied head, against JAX; whole numbers are looked at."""

from __future__ import annotations

import types
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symbp as sb
from symbp.errors import InputError
from symbp.network import Network

Params = dict[str, Any]
GPT = """
inputs = { tok = { shape = [6] } }
layers = [
  { embedding = { vocabulary = 11, width = 8, positions = 9 }, name = "wte" },
  { repeat = 2, block = "gpt" },
  "layer_norm",
  { dense = { units = 11, bias = false }, share = { W = "wte_E" } },
  "softmax",
]
loss = "cross_entropy"

[block.gpt]
layers = [
  "layer_norm",
  { attention = { heads = 2, causal = true }, name = "at" },
  { add = {}, inputs = ["x", "at"], name = "h" },
  "layer_norm",
  { mlp = { width = 12 }, name = "f" },
  { add = {}, inputs = ["h", "f"] },
]
"""
CLASSES = """
inputs = { tok = { shape = [5] } }
layers = [{ embedding = { vocabulary = 7, width = 4 } }, "tanh", "flatten", { dense = 3 }, "softmax"]
loss = "cross_entropy"
"""


def norm(x: Any, gamma: Any, beta: Any) -> Any:
    c = x - x.mean(-1, keepdims=True)
    return gamma * c / jnp.sqrt((c**2).mean(-1, keepdims=True) + 1e-5) + beta


def attention(p: Params, name: str, x: Any) -> Any:
    q = jnp.einsum("ntd,hed->nhte", x, p[f"{name}_Q"]) + p[f"{name}_b_q"][:, None]
    k = jnp.einsum("ntd,hed->nhte", x, p[f"{name}_K"])
    v = jnp.einsum("ntd,hed->nhte", x, p[f"{name}_V"]) + p[f"{name}_b_v"][:, None]
    scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(q.shape[-1])
    t = jnp.arange(x.shape[1])
    shares = jax.nn.softmax(jnp.where(t[None, :] <= t[:, None], scores, -jnp.inf), -1)
    return jnp.einsum("nhte,dhe->ntd", shares @ v, p[f"{name}_O"]) + p[f"{name}_b_o"]


def gpt(p: Params, tok: Any) -> Any:
    x = p["wte_E"][tok] + p["wte_P"][: tok.shape[1]]
    for block, first in (("gpt1", 2), ("gpt2", 6)):
        h = x + attention(p, f"{block}_at", norm(x, p[f"gamma{first}"], p[f"beta{first}"]))
        u = norm(h, p[f"gamma{first + 2}"], p[f"beta{first + 2}"]) @ p[f"{block}_f_W"].T + p[f"{block}_f_b"]
        x = h + jax.nn.gelu(u, approximate=True) @ p[f"{block}_f_V"].T + p[f"{block}_f_c"]
    return norm(x, p["gamma10"], p["beta10"]) @ p["wte_E"].T


def classes(p: Params, tok: Any) -> Any:
    return jnp.tanh(p["E1"][tok]).reshape(len(tok), -1) @ p["W2"].T + p["b2"]


CASES: dict[str, tuple[str, Callable[..., Any], tuple[int, ...], int]] = {
    "gpt": (GPT, gpt, (3, 6), 11),
    "classes of sequences": (CLASSES, classes, (4, 5), 7),
}


def loaded(text: str, path: Any) -> Network:
    file = path / "network.toml"
    file.write_text(text)
    return Network.load(file)


def module(net: Network) -> types.ModuleType:
    made = types.ModuleType("sequences")
    exec(compile(sb.generate(net), "sequences", "exec"), made.__dict__)
    return made


@pytest.mark.parametrize("name", CASES)
def test_gradients(name: str, tmp_path: Any) -> None:
    text, logits, shape, vocabulary = CASES[name]
    m = module(loaded(text, tmp_path))
    rng = np.random.default_rng(8)
    params = {n: v + 0.3 * rng.normal(size=v.shape) for n, v in m.init(0, np.float64).items()}
    tok = rng.integers(0, vocabulary - 2, shape)
    outputs = next(iter(m.OUTPUTS.values()))
    y = rng.integers(0, outputs[-1], (shape[0], *outputs[:-1]))

    def loss(p: Params) -> Any:
        return -jnp.take_along_axis(jax.nn.log_softmax(logits(p, tok)), y[..., None], -1).mean()

    value, grads = m.loss_and_grads(params, {"tok": tok}, {"y": y})
    expected_value, expected = jax.value_and_grad(loss)({n: jnp.asarray(v) for n, v in params.items()})
    assert value == pytest.approx(float(expected_value), rel=1e-12)
    assert set(grads) == set(params)  # none of the tokens
    for n in params:
        want = np.asarray(expected[n])
        assert agree(grads[n], want), n
        assert not agree(-17 * grads[n], want) and not agree(0 * grads[n], want)
    trainer = m.Trainer({n: v.copy() for n, v in params.items()}, batch_size=len(tok))
    assert trainer.step({"tok": tok}, {"y": y}) == pytest.approx(value, rel=1e-10)
    for n, before in params.items():
        assert agree((before - trainer.params[n]) / trainer.settings["lr"], grads[n], 1e-9), n


def agree(got: Any, expected: Any, tolerance: float = 1e-11) -> bool:
    got = np.asarray(got)
    return got.shape == expected.shape and bool(
        np.abs(got - expected).max() <= tolerance * max(1.0, np.abs(expected).max())
    )


@pytest.mark.sweep
def test_gpt2_is_generated() -> None:
    net = Network.load(Path(__file__).parents[2] / "examples" / "gpt2.toml")
    numbers = sum(prod(net.forward_map.shape(p.tensor)) for p in net.forward_map.parameters)
    assert numbers == 124_439_808 - 12 * 768  # as published; without a bias of the keys, which no softmax sees
    compile(sb.generate(net), "gpt2", "exec")


def test_tokens_are_whole_numbers_in_the_vocabulary(tmp_path: Any) -> None:
    m = module(loaded(CLASSES, tmp_path))
    params = m.init(0)
    for tok, says in ((np.full((2, 5), 7), "0 to 6"), (np.full((2, 5), -1), "0 to 6"), (np.full((2, 5), 0.5), "whole numbers"),
                      (np.zeros((2, 4), int), "shape")):  # fmt: skip
        with pytest.raises(ValueError, match=says):
            m.predict(params, {"tok": tok})


WRONG = {
    "more tokens than positions": (GPT.replace("positions = 9", "positions = 5"), "6 tokens is longer than its 5 positions"),
    "an embedding of numbers": (CLASSES.replace('[{ emb', '[{ dense = 5 }, { emb'), "what a layer computes"),
    "tokens as numbers": (
        CLASSES.replace('"tanh", "flatten"', '{ dense = { units = 4 }, inputs = ["tok"], name = "u" }, "flatten"'), "nothing reads"),
    "causal is no switch": (GPT.replace("causal = true", 'causal = "yes"'), "true or false"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_said(name: str, tmp_path: Any) -> None:
    text, says = WRONG[name]
    with pytest.raises(InputError) as caught:
        loaded(text, tmp_path).forward_map  # noqa: B018
    assert says in str(caught.value)
