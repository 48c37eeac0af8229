"""symbp summary: shapes and parameters as the module has them, operations as counted, memory by definition."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path

import pytest

import symbp as sb
from symbp.codegen.summary import summarize
from symbp.commands.main import run
from symbp.network.cost import counts

LARGE = ("gpt2", "resnet")
EXAMPLES = sorted(p for p in (Path(__file__).parents[2] / "examples").glob("*.toml") if p.stem not in LARGE)


@pytest.mark.thinned(3)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_rows_add_up_to_the_counts(path):
    net = sb.Network.load(path)
    found, total = summarize(net).plain(), counts(sb.derive(net))
    assert (found["weights"], found["forward"], found["backward"]) == (total.weights, total.forward, total.backward)
    named = {name: shape for row in found["layers"] for name, shape in row["parameters"].items()}
    assert named == {p.tensor.name: [*net.forward_map.shape(p.tensor)] for p in net.forward_map.parameters}
    if "input" in found:  # networks with several, or with whole numbers, have them by name
        assert found["layers"][-2]["shape"] == [*net.output] and found["input"] == [*net.input]


def test_counted_by_hand():
    found = summarize(
        sb.Network.parse("4-3:tanh-2", loss="sse", optimizer="adam"), batch_size=8, dtype="float64"
    ).plain()
    rows = found["layers"]
    assert [(r["layer"], r["output"], r["shape"], r["weights"]) for r in rows] == [
        ("dense", "z1", [3], 15), ("tanh", "a1", [3], 0), ("dense", "z2", [2], 8), ("identity", "yhat", [2], 0), ("sse", "J", [], 0),
    ]  # fmt: skip
    assert [r["forward"] for r in rows[:2]] == [3 * (2 * 4 + 1), 3]  # a product and a sum for each weight, and the bias
    assert found["memory"]["parameters"] == found["memory"]["gradients"] == 23 * 8
    assert found["memory"]["optimizer"] == 2 * 23 * 8
    found = summarize(sb.Network.parse("4-3:tanh-2:softmax"), batch_size=8, dtype="float64").plain()
    assert found["memory"]["activations"] == 8 * 8 * (4 + 3 + 2 + 2)  # x, a1, z2 (of which the loss is taken) and yhat


def test_regularisation_is_the_objective_s(capsys):
    rows = summarize(sb.Network.parse("6-5:relu-3", regularization={"l2": 0.1})).plain()["layers"]
    assert rows[-1]["parameters"] == {} and rows[-1]["backward"] < rows[0]["backward"]
    assert sum(prod(s) for s in rows[0]["parameters"].values()) == 35


def test_the_command(capsys):
    assert run(["summary", "64-32:tanh-10:softmax", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["weights"] == 2410
    assert run(["summary", "64-32:tanj"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "did you mean 'tanh'" in err
