"""Figures of trained networks: what they show is what the generated module computes."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from symbp.codegen.training.calling import train
from symbp.codegen.training.running import imported
from symbp.drawing.marks import Area, Circle, Line
from symbp.drawing.svg import svg
from symbp.drawing.tikz import tikz
from symbp.errors import InputError
from symbp.graph.model import read_graph
from symbp.graph.values import read_values, work_out
from symbp.lectures.curves import FIGURES, Run, batches, boundary, optimizers
from symbp.lectures.graphs import graph_figure, network_graph
from symbp.network import Network
from symbp.network.layers import Optimizer


def test_the_boundary_is_where_the_module_says() -> None:
    net = replace(Network.parse("2-4:tanh-1:sigmoid"), optimizer=Optimizer.of("adam", {"lr": 0.05}))
    figure = boundary(net, Run("xor", epochs=300))
    assert "0 of 4 lie on the wrong side" in figure.alternative
    assert "Where a network with 2 inputs, a hidden layer of 4 tanh units and 1 sigmoid output decides" in str(
        figure.caption
    )
    dots = {c.dot for c in figure.drawing.marks if isinstance(c, Circle)}
    assert dots == {True, False}  # filled or not, beside the shade
    (area,) = [m for m in figure.drawing.marks if isinstance(m, Area)]
    trained = train(net, "xor", epochs=300, batch_size=None, held_out=0.0, standardize=False)
    inside = [p for points in (area.points, *area.further) for p in points]
    plane = np.array(inside) / 4.6 * 1.6 - 0.3  # the frame is 4.6 cm, the data with their room -0.3 to 1.3
    within = ((plane > -0.29) & (plane < 1.29)).all(axis=1)
    with imported(trained.source) as module:
        values = module.predict(trained.params, plane[within].astype(np.float32)).ravel()
    assert len(values) > 20 and np.abs(values - 0.5).max() < 0.02


def test_three_sizes_of_batches_are_told_with_their_updates() -> None:
    figure = batches(Network.parse("2-3:tanh-1:sigmoid"), Run("xor", epochs=4))
    said = re.findall(r"b = (\d+): (\d+) updates? an epoch", figure.alternative)
    assert said == [("4", "1"), ("2", "2"), ("1", "4")]
    assert "tanh-1:" not in str(figure.caption), "a network has words, or a name"
    styles = {m.style for m in figure.drawing.marks if isinstance(m, Line) and m.style.startswith("curve")}
    assert len(styles) == 3
    assert tikz(figure.drawing) and svg(figure.drawing, "t", figure.alternative, "c")


@pytest.mark.sweep
def test_every_optimizer_has_a_curve_from_the_same_start() -> None:
    figure = optimizers(Network.parse("2-3:tanh-1:sigmoid"), Run("xor", epochs=3))
    starts = re.findall(r"(\w+): from (\S+) to", figure.alternative)
    assert len(starts) == 7 and len({start for _, start in starts}) == 1


@pytest.mark.parametrize(
    ("name", "arch", "data", "message"),
    [
        ("boundary", "3-2:tanh-1:sigmoid", "", "two inputs and one output"),
        ("batches", "3-2:tanh-1:sigmoid", "", r"no bundled data have examples of shape \(3\)"),
        ("batches", "2-2:tanh-1:sigmoid", "nowhere", "unknown data set"),
    ],
)
def test_what_cannot_be_trained_is_said(name: str, arch: str, data: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        FIGURES[name].draw(Network.parse(arch), Run(data, epochs=1))


@pytest.mark.parametrize("at", ["w=5,x=3,y=2,z=4", None])
def test_a_graph_is_a_figure(at: str | None) -> None:
    graph = read_graph("v = x*y; u = w + v; f = u*z")
    figure = graph_figure(graph, work_out(graph, read_values(at, graph)) if at else None)
    source = tikz(figure.drawing)
    shown = [f"${n}$" in source for n in (44, 11, 8, 12)]
    assert all(shown) if at else not any(shown)
    assert "v = x*y; u = w + v; f = u*z" in figure.alternative
    assert svg(figure.drawing, "t", figure.alternative, "g").count("<circle") == 3


def test_a_network_is_a_graph_with_its_values_and_gradients() -> None:
    told = network_graph(Network.parse("1-1:sigmoid-1:sigmoid"), seed=3).alternative
    values = {
        n: float(v)
        for n, v in re.findall(r"(\w+) = (-?[\d.]+)[;.]", told.partition("Values: ")[2].partition("Gradients")[0])
    }

    def loss(w: float) -> float:
        a = 1 / (1 + math.exp(-(w * values["x"] + values["b1"])))
        return 0.5 * (1 / (1 + math.exp(-(values["W2"] * a + values["b2"]))) - values["y"]) ** 2

    assert values["J"] == pytest.approx(loss(values["W1"]), rel=1e-5)
    slope = (loss(values["W1"] + 1e-5) - loss(values["W1"] - 1e-5)) / 2e-5
    said = told.rpartition("dJ/dW1 = ")[2].partition(";")[0].rstrip(".")
    assert float(said.rpartition("= ")[2]) == pytest.approx(slope, rel=1e-4)
    with pytest.raises(InputError, match="more than 100 nodes"):
        network_graph(Network.parse("5-9-9"))
    assert network_graph(Network.parse("2-1:leaky_relu-2:softmax")).alternative
