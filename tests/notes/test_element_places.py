"""Layers that read at places, written out over their elements: windows, and steps before."""

from __future__ import annotations

import pytest

import symbp as sb
from symbp.codegen.training.measuring import example_batch
from symbp.errors import InputError
from symbp.lectures.graphs import network_graph

DENSE = sb.Layer("dense", {"units": 1})
RNN = sb.Network((2, 1), [sb.Layer("rnn", {"hidden_size": 1}), DENSE], loss="sse")
CONV = sb.Network(
    (2, 4), [sb.Layer("conv1d", {"out_channels": 1, "kernel_size": 3, "padding": 1}), sb.Layer("flatten"), DENSE]
)


def lines(net: sb.Network) -> list[str]:
    return [
        " ".join(line.split("   #")[0].split()) for line in sb.derive(net).page("text", detail="elements").splitlines()
    ]


def test_steps_before() -> None:
    page = lines(RNN)
    assert "z1[0,0] = W1[0,0]*x[0,0] + b1[0]" in page  # what is before the first step is 0
    assert "z1[1,0] = U1[0,0]*h1[0,0] + W1[0,0]*x[1,0] + b1[0]" in page
    assert any(line.startswith("dU1[0,0] = ") and line.endswith("= delta1[1,0]*h1[0,0]") for line in page)
    last = next(line for line in page if line.startswith("dh1[1,0]"))
    assert "U1" not in last and "W2[0,0]" in last


def test_windows() -> None:
    page = lines(CONV)
    assert "z1[0,0] = W1[0,0,1]*x[0,0] + W1[0,0,2]*x[0,1] + W1[0,1,1]*x[1,0] + W1[0,1,2]*x[1,1] + b1[0]" in page
    assert any(
        line.startswith("dx[0,0] = ") and line.endswith("delta1[0,0]*W1[0,0,1] + delta1[0,1]*W1[0,0,0]")
        for line in page
    )


def test_a_maximum_beyond_the_edge_is_refused() -> None:
    pool = sb.Layer("max_pool2d", {"kernel_size": 2, "padding": 1})
    net = sb.Network((1, 2, 2), [pool, sb.Layer("flatten"), DENSE], loss="sse")
    with pytest.raises(InputError, match="beyond the edge"):
        lines(net)


def test_a_graph_goes_step_by_step() -> None:
    told = network_graph(RNN).alternative
    assert told.index("h1_1 = tanh(z1_1)") < told.index("t2 = U1*h1_1") < told.index("h1_2 = tanh(z1_2)")


def test_an_example_batch_has_labels_at_every_step() -> None:
    net = sb.Network((4, 3), [sb.Layer("rnn", {"hidden_size": 2}), sb.Layer("softmax")], loss="cross_entropy")
    assert example_batch(net, 5)[1].shape == (5, 4, 2)
