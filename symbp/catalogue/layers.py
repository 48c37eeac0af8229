"""The layers: one entry each, its forward map and its parameters' axes."""

from __future__ import annotations

from collections.abc import Mapping

from symbp.catalogue.kinds import LayerKind

_ENTRIES = (
    LayerKind(
        "dense",
        input="x[n,j]",
        output="z[n,i]",
        forward=("z[n,i] = sum(W[i,j]*x[n,j], j) + b[i]",),
        parameters={"W": "i j", "b": "i"},
        sizes={"units": "i"},
        optional={"bias": "b"},
        source="Rosenblatt 1958",
    ),
    LayerKind(
        "softmax",
        input="x[...,i]",
        output="y[...,i]",
        forward=("y[...,i] = exp(x[...,i] - logsumexp(x[...,j], j))",),
        activation=True,
        source="Bridle 1990",
    ),
    LayerKind(
        "log_softmax",
        input="x[...,i]",
        output="y[...,i]",
        forward=("y[...,i] = x[...,i] - logsumexp(x[...,j], j)",),
        activation=True,
        source="Bridle 1990",
    ),
    LayerKind(
        "add",
        input="x[...]",
        output="y[...]",
        forward=("y[...] = x[...]",),
        joins="+",
        source="He et al. 2016, eq. 1",
    ),
    LayerKind(
        "multiply",
        input="x[...]",
        output="y[...]",
        forward=("y[...] = x[...]",),
        joins="*",
        source="Srivastava, Greff and Schmidhuber 2015, eq. 2",
    ),
    LayerKind(
        "dropout",
        input="x[...]",
        output="y[...]",
        forward=("y[...] = x[...]*mask[...]",),
        settings={"rate": 0.5},
        noise={"mask": ("...", "rate")},
        source="Srivastava et al. 2014; inverted: a unit that stays is divided by 1 - rate",
    ),
)

LAYERS: Mapping[str, LayerKind] = {entry.name: entry for entry in _ENTRIES}
"""Layers by name; every activation of activations.py is a layer too."""
