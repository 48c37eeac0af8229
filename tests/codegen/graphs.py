"""Graphs and the same in JAX's words: residual blocks, tied weights, several inputs, outputs and losses."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

import symbp as sb

L, T = sb.layer, sb.LossTerm


def residual(depth: int, width: int = 5) -> sb.Network:
    """A chain of residual blocks behind a dense layer, and a softmax over three classes."""
    layers = [L("dense", width, name="h0")]
    for k in range(1, depth + 1):
        layers += [L("dense", width), L("tanh", name=f"t{k}"), L("add", inputs=(f"h{k - 1}", f"t{k}"), name=f"h{k}")]
    return sb.Network(4, [*layers, L("dense", 3), "softmax"])


def residual_loss(p: Any, x: Any, y: Any) -> Any:
    """Its objective; two blocks."""
    h = x @ p["h0_W"].T + p["h0_b"]
    for k in (2, 3):
        h = h + jnp.tanh(h @ p[f"W{k}"].T + p[f"b{k}"])
    return -(y * jax.nn.log_softmax(h @ p["W4"].T + p["b4"])).sum(1).mean()


TIED = sb.Network(
    6,
    [L("dropout", 0.0), L("dense", 3, name="enc"), "sigmoid", L("dense", share={"W": "enc_W[j,i]"}, name="dec")],
    losses=[T("squared_error", target="x")],
    regularization={"l2": 0.3},
)
"""An autoencoder whose decoder has the encoder's weights, transposed."""


def tied_loss(p: Any, x: Any, y: Any) -> Any:
    """Its objective; shared weights decay once."""
    a = jax.nn.sigmoid(x["x"] @ p["enc_W"].T + p["enc_b"])
    rest = a @ p["enc_W"] + p["dec_b"] - x["x"]
    return (rest**2).sum(1).mean() + 0.15 * (p["enc_W"] ** 2).sum()


TOWERS = sb.Network(
    {"left": 4, "right": 6},
    [
        L("dense", 5, inputs=("left",)),
        L("tanh", name="u"),
        L("dense", 5, inputs=("right",)),
        L("silu", name="v"),
        L("multiply", inputs=("u", "v"), name="m"),
        L("dense", 3),
        L("softmax", name="kind"),
        L("dense", 2, inputs=("m",), name="place"),
    ],
    losses=[
        T("cross_entropy", of="kind", target="label"),
        T("huber", of="place", weight=0.5, settings={"delta": 2}),
        T("sse", of="u", target="v", weight=0.25),
    ],
    optimizer="adam",
)
"""Two towers that shall agree, and two outputs of what they have in common."""


def towers_loss(p: Any, x: Any, y: Any) -> Any:
    """Its objective."""
    u = jnp.tanh(x["left"] @ p["W1"].T + p["b1"])
    v = jax.nn.silu(x["right"] @ p["W2"].T + p["b2"])
    kind = jax.nn.log_softmax((u * v) @ p["W3"].T + p["b3"])
    e = jnp.abs((u * v) @ p["place_W"].T + p["place_b"] - y["y_place"])
    huber = jnp.where(e <= 2, e**2 / 2, 2 * (e - 1)).sum(1)
    return (-(y["label"] * kind).sum(1) + huber / 2 + ((u - v) ** 2).sum(1) / 8).mean()
