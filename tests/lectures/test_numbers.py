"""The numbers on the lectures' slides, recomputed by the brute-force evaluator, by the derived equations and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

import symbp as sb
from symbp.calculus.language import read_program
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.sweep import reverse
from symbp.network.forward import BATCH


def forward(net: sb.Network, values: dict[str, object]) -> dict[str, np.ndarray]:
    """Forward values and adjoints for one example."""
    d = sb.derive(net)
    return evaluate(d.program, values, net.forward_map.sizes)


def test_the_one_two_one_network() -> None:
    net = sb.Network.parse("1-2:sigmoid-1:sigmoid", loss="sse")
    values = {"x": [0.5], "y": [0.0], "W1": [[0.7], [0.9]], "b1": [1.0, 0.8], "W2": [[0.7, 0.9]], "b2": [1.0]}
    found = forward(net, values)
    assert found["z1"] == pytest.approx([1.35, 1.25])
    assert found["a1"] == pytest.approx([0.7941, 0.7773], abs=5e-5)
    assert found["z2"] == pytest.approx([2.2554], abs=1e-4)  # the slide adds activations that are rounded already
    assert found["yhat"] == pytest.approx([0.9051], abs=5e-5)


def test_one_neuron_with_bias() -> None:
    found = forward(
        sb.Network.parse("5-1:sigmoid", loss="sse"),
        {"x": [0.1, 0.2, 0.3, 0.4, 0.5], "y": [0.0], "W1": [[1.0] * 5], "b1": [1.0]},
    )
    assert found["z1"] == pytest.approx([2.5])
    assert found["yhat"] == pytest.approx([0.9241], abs=5e-5)


def test_softmax_and_sigmoid_of_the_table() -> None:
    z = {"z": [1.0, 3.0, -4.0]}
    p = evaluate(read_program("p[k] = exp(z[k] - logsumexp(z[j], j))\ns[k] = sigmoid(z[k])", z="k"), z, {"k": 3})
    assert p["p"] == pytest.approx([0.1191, 0.8801, 0.0008], abs=5e-5)
    assert p["s"] == pytest.approx([0.7311, 0.9526, 0.0180], abs=5e-5)
    assert sum(p["p"]) == pytest.approx(1) and sum(p["s"]) != pytest.approx(1, abs=0.5)


def test_the_node_graph_and_its_sensitivity() -> None:
    program = read_program("v = x*y\nu = w + v\nf = u*z", w="", x="", y="", z="")
    backward = reverse(program, loss="f")
    values = {"w": 5, "x": 3, "y": 2, "z": 4}
    found = evaluate(backward.program, values)
    assert {n: float(found[n]) for n in ("v", "u", "f")} == {"v": 6, "u": 11, "f": 44}
    gradients = {n: float(found[backward.adjoint[n]]) for n in ("u", "z", "w", "v", "x", "y")}
    assert gradients == {"u": 4, "z": 11, "w": 4, "v": 4, "x": 8, "y": 12}
    assert float(evaluate(program, {**values, "w": 5.001})["f"]) == pytest.approx(44.004, abs=1e-12)


def test_binary_and_categorical_cross_entropy_agree_for_two_classes() -> None:
    text = """
    binary = -xlogy(t, p) - xlogy(1 - t, 1 - p)
    """
    for t in (0.0, 1.0):
        for p in (0.1, 0.7):
            two = forward(
                sb.Network.parse("2-2:softmax", loss="cross_entropy", bias=False),
                {"x": [math.log(p), math.log(1 - p)], "y": [t, 1 - t], "W1": [[1.0, 0.0], [0.0, 1.0]]},
            )
            one = evaluate(read_program(text, t="", p=""), {"t": t, "p": p})["binary"]
            assert float(two["J"]) == pytest.approx(float(one))


@pytest.mark.parametrize(
    ("activation", "loss"), [("linear", "sse"), ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")]
)
def test_canonical_pairs_come_out_as_yhat_minus_y(activation: str, loss: str) -> None:
    for batch, expected in ((False, "delta1[i] = yhat[i] - y[i]"), (True, "delta1[n,i] = (yhat[n,i] - y[n,i])/N")):
        d = sb.derive(sb.Network.parse(f"3-4:{activation}", loss=loss), batch=batch)
        assert str(d["delta1"]) == expected
        rules = [s.rule for s in d["delta1"].steps]
        assert rules[0] == "chain rule" and rules[-1] in ("simplify", "substitute")


def test_delta_rule_and_the_adjoint_of_the_forward_map() -> None:
    d = sb.derive(sb.Network.parse("2-3:sigmoid-4:sigmoid", loss="sse"))
    assert str(d["e2"]) == "e2[i] = yhat[i] - y[i]"
    assert str(d["delta2"]) == "delta2[i] = e2[i]*yhat[i]*(1 - yhat[i])"
    assert str(d["e1"]) == "e1[i] = sum(delta2[j]*W2[j,i], j)"
    assert str(d["dJ/dW1"]) == "dW1[i,j] = delta1[i]*x[j]"
    assert str(d["dJ/db2"]) == "db2[i] = delta2[i]"


@pytest.mark.parametrize("activation", ["step", "sign"])
def test_what_cannot_learn_stops_the_gradient(activation: str) -> None:
    d = sb.derive(sb.Network.parse(f"2-3:{activation}-1", loss="sse"))
    assert {"z1", "W1", "b1", "x"} <= set(d.stopped)
    assert any("nothing propagates" in s.why for s in d.steps)


def test_sigmoid_slopes_shrink_a_gradient_by_a_quarter_a_layer() -> None:
    from symbp.network.cost import steepest

    functions = sb.Network.parse("1-1:sigmoid-1:tanh").program().function
    assert steepest(functions["sigmoid"]) == pytest.approx(0.25)
    assert steepest(functions["tanh"]) == pytest.approx(1.0)


def test_xor_by_hand() -> None:
    nor = [[-1.0, -1.0]], [0.5]
    for a in (0, 1):
        for b in (0, 1):
            hidden = [float(-a - b + 0.5 > 0), float(a + b - 1.5 > 0)]
            net = sb.Network.parse("2-2:step-1:step", loss="sse")
            values = {
                "x": [a, b], "y": [0.0], "W1": [[-1.0, -1.0], [1.0, 1.0]], "b1": [0.5, -1.5],
                "W2": nor[0], "b2": nor[1],
            }  # fmt: skip
            found = forward(net, values)
            assert list(found["a1"]) == hidden
            assert float(found["yhat"][0]) == float(a != b) == a + b - 2 * a * b


def test_batch_loss_is_the_mean_of_the_examples() -> None:
    net = sb.Network.parse("2-3:tanh-2", loss="sse")
    rng = np.random.default_rng(0)
    p = {t.name: rng.normal(size=[net.forward_map.sizes[a] for a in t.axes if a != BATCH] or ())
         for t in net.program(False).declared}  # fmt: skip
    x, y = rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    one = [forward(net, {**p, "x": x[k], "y": y[k]}) for k in range(5)]
    d = sb.derive(net, batch=True)
    all_of_them = evaluate(d.program, {**p, "x": x, "y": y}, {BATCH: 5, **net.forward_map.sizes})
    assert float(all_of_them["J"]) == pytest.approx(np.mean([float(o["J"]) for o in one]))
    assert np.allclose(all_of_them["dW1"], np.mean([o["dW1"] for o in one], axis=0))
