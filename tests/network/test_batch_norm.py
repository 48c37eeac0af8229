"""Batch norm, as torch has it: values, gradients, running statistics over several steps, and what inference makes of them."""

from __future__ import annotations

import copy
import types
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symbp as sb
from symbp.codegen.training.data import load
from symbp.errors import InputError

SHAPES = ((5,), (3, 7), (3, 4, 5))
MOMENTUM, EPS = 0.1, 1e-5


def module(net: sb.Network) -> types.ModuleType:
    made = types.ModuleType("normalised")
    exec(compile(sb.generate(net), "normalised", "exec"), made.__dict__)
    return made


def network(shape: tuple[int, ...], settings: dict[str, Any] | None = None, optimizer: str = "sgd") -> sb.Network:
    flat = ["flatten"] if len(shape) > 1 else []
    layers = [sb.Layer("batch_norm", settings or {}), sb.Layer("tanh"), *flat, sb.Layer("dense", {"units": 2})]
    return sb.Network(shape, layers, optimizer=optimizer)


def over(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (0, *range(2, len(shape) + 1))


def lifted(v: Any, shape: tuple[int, ...]) -> Any:
    return v.reshape(-1, *[1] * (len(shape) - 1))


def normalised(x: Any, mean: Any, variance: Any, shape: tuple[int, ...], eps: float = EPS) -> Any:
    return (x - lifted(mean, shape)) / jnp.sqrt(lifted(variance, shape) + eps)


def output(p: dict[str, Any], x: Any, shape: tuple[int, ...], training: bool = True, eps: float = EPS) -> Any:
    axes = over(shape)
    mean, variance = (
        (x.mean(axes), x.var(axes)) if training else (jnp.asarray(p["running_mean1"]), jnp.asarray(p["running_var1"]))
    )
    h = normalised(x, mean, variance, shape, eps)
    if "gamma1" in p:
        h = lifted(p["gamma1"], shape) * h + lifted(p["beta1"], shape)
    return jnp.tanh(h).reshape(len(x), -1) @ p["W2"].T + p["b2"]


def running(p: dict[str, Any], x: Any, shape: tuple[int, ...], momentum: float = MOMENTUM) -> tuple[Any, Any]:
    """Mean and variance after a batch; the variance that is kept is unbiased."""
    axes = over(shape)
    mean, variance = x.mean(axes), x.var(axes, ddof=1)
    return (
        (1 - momentum) * p["running_mean1"] + momentum * mean,
        (1 - momentum) * p["running_var1"] + momentum * variance,
    )


def drawn(m: types.ModuleType, shape: tuple[int, ...], count: int = 4) -> tuple[dict[str, Any], Any, Any, Any]:
    rng = np.random.default_rng(7)
    params = {n: rng.normal(size=v.shape) for n, v in m.init(3, np.float64).items()}
    params["running_var1"] = rng.uniform(0.5, 2, size=params["running_var1"].shape)
    x = rng.normal(size=(count, *shape)) * 3 + 1
    return params, x, rng.normal(size=(count, 2)), rng


def agree(got: Any, expected: Any, tolerance: float = 1e-10) -> bool:
    got, expected = np.asarray(got), np.asarray(expected)
    return got.shape == expected.shape and bool(
        np.abs(got - expected).max() <= tolerance * max(1.0, np.abs(expected).max())
    )


@pytest.mark.thinned(3)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("settings", [{}, {"eps": 0.1, "affine": False}], ids=["defaults", "not affine"])
def test_values_and_gradients(shape: tuple[int, ...], settings: dict[str, Any]) -> None:
    m = module(network(shape, settings))
    params, x, y, _ = drawn(m, shape)
    eps = settings.get("eps", EPS)

    def loss(p: dict[str, Any], x: Any) -> Any:
        return ((output(p, x, shape, eps=eps) - y) ** 2).sum(1).mean() / 2

    value, grads = m.loss_and_grads(params, x, y)
    trained = {n: jnp.asarray(params[n]) for n in m.PARAMS}
    expected_value, (expected, at_x) = jax.value_and_grad(loss, (0, 1))(trained, jnp.asarray(x))
    assert value == pytest.approx(float(expected_value), rel=1e-12)
    for n in m.PARAMS:
        assert agree(grads[n], expected[n]), n
        assert not agree(-17 * grads[n], expected[n]), n
    assert agree(grads["x"], at_x)
    y_hat, cache = m.forward(params, x, training=True)
    assert agree(y_hat, output(params, jnp.asarray(x), shape, eps=eps))
    assert agree(m.backward(params, cache, y)["x"], at_x)
    assert agree(m.predict(params, x), output(params, jnp.asarray(x), shape, training=False, eps=eps))
    assert not agree(m.predict(params, x), y_hat)
    assert agree(m.predict(params, x[:1]), m.predict(params, x)[:1])
    assert max(m.check().values()) < 1e-5


@pytest.mark.thinned(2)
@pytest.mark.parametrize("shape", SHAPES)
def test_running_statistics_over_several_steps(shape: tuple[int, ...], tmp_path: Path) -> None:
    m = module(network(shape, {"momentum": 0.3}))
    params, x, y, rng = drawn(m, shape, 6)
    trainer = m.Trainer({n: v.copy() for n, v in params.items()}, batch_size=6)
    expected = dict(params)
    for count in (6, 3, 2, 6):
        part, its = rng.normal(size=(count, *shape)) * 2 - 1, rng.normal(size=(count, 2))
        value, grads = m.loss_and_grads(trainer.params, part, its)
        expected["running_mean1"], expected["running_var1"] = running(expected, part, shape, 0.3)
        before = {n: trainer.params[n].copy() for n in m.PARAMS}
        assert trainer.step(part, its) == pytest.approx(value, rel=1e-12)
        assert all(agree((before[n] - trainer.params[n]) / trainer.settings["lr"], grads[n], 1e-9) for n in m.PARAMS)
        for n in m.STATE:
            assert agree(trainer.params[n], expected[n], 1e-12), n
    m.save(str(tmp_path / "weights.npz"), trainer.params)
    again = m.load(str(tmp_path / "weights.npz"))
    assert agree(m.predict(again, x), output({**again}, jnp.asarray(x), shape, training=False), 1e-12)
    other = copy.deepcopy(trainer)
    assert other.step(x, y) == trainer.step(x, y)
    for n in m.STATE:
        assert np.array_equal(other.params[n], trainer.params[n]) and other.params[n] is not trainer.params[n]


def test_a_first_layer_whose_weights_are_given_examples() -> None:
    """The weights of examples change the loss, and no statistic."""
    m = module(network((5,)))
    params, x, y, _ = drawn(m, (5,))
    plain, weighed = (m.Trainer({n: v.copy() for n, v in params.items()}, 4) for _ in range(2))
    plain.step(x, y)
    weighed.step(x, y, np.array([0.5, 0, 2, 1.5]))
    assert not agree(plain.params["W2"], weighed.params["W2"])
    assert all(np.array_equal(plain.params[n], weighed.params[n]) for n in m.STATE)


def test_training_resumes_with_its_statistics(tmp_path: Path) -> None:
    m = module(network((5,), optimizer="adam"))
    _, x, y, _ = drawn(m, (5,), 12)
    whole, first, second = (m.init(1, np.float64) for _ in range(3))
    m.fit(whole, x, y, epochs=4, batch_size=5)
    kept = str(tmp_path / "run.npz")
    m.fit(first, x, y, epochs=2, batch_size=5, checkpoint=kept)
    m.fit(second, x, y, epochs=4, batch_size=5, resume=kept)
    assert all(np.array_equal(whole[n], second[n]) for n in whole)
    assert not np.array_equal(whole["running_var1"], np.ones(5))


def test_what_does_not_fit_is_said() -> None:
    m = module(network((5,)))
    params, x, y, _ = drawn(m, (5,))
    with pytest.raises(ValueError, match=r"1 example, and its statistics need 2"):
        m.loss_and_grads(params, x[:1], y[:1])
    with pytest.raises(ValueError, match=r"1 example, and its statistics need 2"):
        m.Trainer(params, 4).step(x[:1], y[:1])
    with pytest.raises(ValueError, match=r"last batch .* 1 example"):
        m.fit(params, x, y, epochs=1, batch_size=3)
    with pytest.raises(ValueError, match=r"running statistics, expected that of forward\(\.\.\., training=True\)"):
        m.backward(params, m.forward(params, x)[1], y)
    with pytest.raises(InputError, match="batch_norm"):
        network((5,), {"momentun": 0.1})
    image = module(network((3, 4, 5)))  # an image alone has many numbers of each channel
    params, x, y, _ = drawn(image, (3, 4, 5))
    image.Trainer(params, 4).step(x[:1], y[:1])


def test_two_inputs_and_dropout() -> None:
    """A network of several inputs has its modules from other templates; masks and statistics go apart."""
    layers = [
        sb.Layer("dense", {"units": 3}, name="p", inputs=("left",)),
        sb.Layer("batch_norm", name="q"),
        sb.Layer("dropout", {"rate": 0.5}),
        sb.Layer("dense", {"units": 3}, name="r", inputs=("right",)),
        sb.Layer("add", inputs=(3, "r")),
    ]
    m = module(sb.Network({"left": 4, "right": 2}, layers))
    rng = np.random.default_rng(3)
    params = {n: rng.normal(size=v.shape) for n, v in m.init(3, np.float64).items()} | {"q_running_var": np.ones(3) / 2}
    x = {"left": rng.normal(size=(5, 4)), "right": rng.normal(size=(5, 2))}
    y = {"y": rng.normal(size=(5, 3))}
    p = x["left"] @ params["p_W"].T + params["p_b"]

    def then(mean: Any, variance: Any) -> Any:
        q = params["q_gamma"] * (p - mean) / np.sqrt(variance + EPS) + params["q_beta"]
        return q + x["right"] @ params["r_W"].T + params["r_b"]

    assert agree(m.predict(params, x)["yhat"], then(params["q_running_mean"], params["q_running_var"]))
    value, grads = m.loss_and_grads(params, x, y)
    assert value == pytest.approx(float(((then(p.mean(0), p.var(0)) - y["y"]) ** 2).sum(1).mean() / 2))
    assert agree(grads["q_beta"], (then(p.mean(0), p.var(0)) - y["y"]).mean(0))
    kept = m.Trainer({n: v.copy() for n, v in params.items()}, 5)
    kept.step(x, y)
    assert agree(kept.params["q_running_var"], 0.9 / 2 + 0.1 * p.var(0, ddof=1))
    assert agree(kept.params["q_running_mean"], 0.9 * params["q_running_mean"] + 0.1 * p.mean(0))
    assert max(m.check().values()) < 1e-5
    with pytest.raises(ValueError, match="running statistics, expected"):
        m.backward(params, m.forward(params, x)[1], y)
    with pytest.raises(ValueError, match="1 example, and its statistics need 2"):
        kept.step({n: v[:1] for n, v in x.items()}, {"y": y["y"][:1]})


def test_a_residual_network_learns_digits() -> None:
    """examples/resnet.toml at toy size: what it has learnt holds in inference too."""
    net = sb.Network.load(str(Path(__file__).parents[2] / "examples" / "resnet.toml"))
    m = module(net)
    assert len(m.STATE) == 12
    data = load("digits")
    x, y = np.asarray(data.x[:256]), np.asarray(data.y[:256])
    params = m.init(1)
    losses = m.fit(params, x, y, epochs=4, batch_size=32)["loss"]
    assert losses[-1] < 0.4 * losses[0]
    assert m.evaluate(params, x, y)["accuracy"] > 0.6
