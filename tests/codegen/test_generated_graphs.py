"""Modules of graphs: gradients against JAX, a step and a run, labels, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from generated_module import from_source
from graphs import TIED, TOWERS, residual, residual_loss, tied_loss, towers_loss
from test_layers import agree

import symbp as sb

N = 7
RNG = np.random.default_rng(3)
X = {name: RNG.normal(size=(N, k)) for name, k in (("left", 4), ("right", 6))}
Y = {"label": RNG.dirichlet(np.ones(3), N), "y_place": RNG.normal(size=(N, 2))}


def test_residual_blocks_agree_with_jax() -> None:
    agree(residual(2), RNG.normal(size=(N, 4)), RNG.dirichlet(np.ones(3), N), residual_loss)


def test_tied_weights_agree_with_jax_and_decay_once() -> None:
    m = agree(TIED, {"x": RNG.normal(size=(N, 6))}, {}, tied_loss)
    assert {*m.PARAMS} == {"enc_W", "enc_b", "dec_b"} and m.TARGETS == {}


@pytest.fixture(scope="module")
def towers() -> Any:
    return agree(TOWERS, X, Y, towers_loss)


def test_several_inputs_outputs_and_losses_agree_with_jax(towers: Any) -> None:
    params = towers.init(2)
    y_hat, _ = towers.forward(params, X)
    assert {name: a.shape for name, a in y_hat.items()} == {"kind": (N, 3), "place": (N, 2), "u": (N, 5), "v": (N, 5)}
    assert towers.loss(y_hat, Y) == pytest.approx(towers.loss_and_grads(params, X, Y)[0], rel=1e-12)


def test_a_step_is_the_rule_of_the_optimizer_and_takes_no_memory_again(towers: Any) -> None:
    params = towers.init(2)
    before = {name: p.copy() for name, p in params.items()}
    value, grads = towers.loss_and_grads(params, X, Y)
    trainer = towers.Trainer(params, N, lr=0.01)
    assert trainer.step(X, Y) == pytest.approx(value, rel=1e-12)
    for name, p in params.items():  # adam's first step: lr*g/(|g| + eps)
        assert np.allclose(before[name] - p, 0.01 * grads[name] / (np.abs(grads[name]) + 1e-8), rtol=1e-9, atol=1e-15)
    assert {*trainer.y_hat} == {"kind", "place", "u", "v"}
    arrays = trainer.arrays[N]
    trainer.step(X, Y)
    assert trainer.arrays[N] is arrays


def test_weights_of_examples_weigh_every_loss(towers: Any) -> None:
    params = towers.init(2)
    some = {name: np.repeat(a, 2, axis=0)[:N] for name, a in X.items()}
    its = {name: np.repeat(a, 2, axis=0)[:N] for name, a in Y.items()}
    counted = np.array([2, 2, 2, 1, 0, 0, 0.0])
    mine, theirs = ({name: p.copy() for name, p in params.items()} for _ in range(2))
    a = towers.Trainer(mine, N).step(X, Y, counted)
    b = towers.Trainer(theirs, N).step(some, its)
    assert a == pytest.approx(b, rel=1e-12)
    assert all(np.allclose(mine[name], theirs[name], rtol=1e-9, atol=1e-12) for name in params)


def test_labels_stand_for_one_hot_targets(towers: Any) -> None:
    params, labels = towers.init(0), RNG.integers(0, 3, N)
    one_hot = towers.loss_and_grads(params, X, {**Y, "label": np.eye(3)[labels]})
    value, grads = towers.loss_and_grads(params, X, {**Y, "label": labels})
    assert value == one_hot[0] and all((grads[name] == one_hot[1][name]).all() for name in grads)


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        ({"left": X["left"]}, Y, "the input right is missing, expected left, right"),
        ({**X, "up": X["left"]}, Y, r"unknown inputs \['up'\]"),
        (X["left"], Y, "the inputs are a ndarray, expected a dict"),
        ({**X, "left": X["right"]}, Y, r"left has the shape \(7, 6\), expected \(N, 4\)"),
        ({**X, "right": X["right"][:5]}, Y, "right has 5 examples, and left has 7"),
        ({**X, "left": X["left"] * np.nan}, Y, "left holds NaN"),
        (X, {"label": Y["label"]}, "the target y_place is missing"),
        (X, {**Y, "label": np.arange(7)}, "label holds other labels than whole numbers from 0 to 2"),
        (X, {**Y, "label": Y["label"] * 0.9}, "the targets label of an example do not sum to 1"),
        (X, {**Y, "label": Y["label"] * 2}, r"label has .* expected 0 to 1"),
        (X, {**Y, "y_place": Y["y_place"][:, :1]}, r"y_place has the shape \(7, 1\), expected \(7, 2\)"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(towers: Any, x: Any, y: Any, says: str) -> None:
    params = towers.init(0)
    for call in (towers.loss_and_grads, lambda p, x, y: towers.Trainer(p, N).step(x, y)):
        with pytest.raises(ValueError, match=says):
            call(params, x, y)


def test_training_lowers_the_loss_and_is_saved_and_gone_on_with(towers: Any, tmp_path: Any) -> None:
    params = towers.init(0)
    history = towers.fit(params, X, {**Y, "label": RNG.integers(0, 3, N)}, epochs=80, batch_size=4, lr=0.02)
    assert history["loss"][-1] < 0.7 * history["loss"][0]
    towers.save(str(tmp_path / "w.npz"), params)
    loaded = towers.load(str(tmp_path / "w.npz"))
    assert all((loaded[name] == p).all() for name, p in params.items())
    trainer = towers.Trainer(params, N)
    trainer.step(X, Y)
    again = towers.Trainer(towers.load(str(tmp_path / "w.npz")), N)
    again.restore(trainer.state())
    assert again.t == 1


def test_the_command_line_of_a_module(towers: Any, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    data, weights, made = (str(tmp_path / name) for name in ("d.npz", "w.npz", "p.npz"))
    np.savez(data, **X, **Y)
    assert towers.main(["train", data, "--epochs", "2", "-o", weights]) == 0
    assert towers.main(["predict", weights, data, "-o", made]) == 0
    assert np.load(made)["place"].shape == (N, 2)
    assert towers.main(["check"]) == 0
    np.savez(data, left=X["left"])
    capsys.readouterr()
    assert towers.main(["train", data, "-o", weights]) == 2
    assert capsys.readouterr().err == "error: the input right is missing, expected left, right\n"


def test_dropout_and_sums_over_examples_in_a_graph() -> None:
    layers = [sb.layer("dropout", 0.5, inputs=("a",)), sb.layer("add", inputs=("b", 1)), sb.layer("dense", 2)]
    net = sb.Network({"a": 3, "b": 3}, layers, reduction="sum")
    m = from_source(sb.generate(net, dtype="float64"))
    x, y = {name: RNG.normal(size=(N, 3)) for name in "ab"}, {"y": RNG.normal(size=(N, 2))}
    params = m.init(0)
    out = (x["a"] + x["b"]) @ params["W1"].T
    assert m.loss_and_grads(params, x, y)[0] == pytest.approx(((out - y["y"]) ** 2).sum() / 2, rel=1e-12)
    dropped = m.forward(params, x, training=True, rng=np.random.default_rng(0))[0]["yhat"]
    assert not np.allclose(dropped, out)
    trainer = m.Trainer(params, N, lr=1e-3)
    assert trainer.step(x, y) != pytest.approx(((out - y["y"]) ** 2).sum() / 2, rel=1e-3)
