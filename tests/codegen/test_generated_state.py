"""State in a generated module: standardisation as a part of the forward map, with means and scales that are not trained."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from generated_module import from_source

import symbp as sb
from symbp.catalogue.kinds import LayerKind
from symbp.errors import InputError
from symbp.network import Network

N, FEATURES, HIDDEN, TARGETS = 11, 3, 5, 2
STATE = {"x_mean": (3,), "x_scale": (3,), "y_mean": (2,), "y_scale": (2,)}


def made(standardize="both", arch="3-5:tanh-2", loss="mse", **options):
    return from_source(sb.generate(Network.parse(arch, loss=loss, standardize=standardize, **options)))


@pytest.fixture(scope="module")
def module():
    return made(regularization={"l2": 0.03})


@pytest.fixture
def data():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(N, FEATURES)) * [1e3, 0.2, 5] + [50, -1, 0]
    return x, rng.normal(size=(N, TARGETS)) * [30, 4] + [700, 1]


def drawn(module, x, y, seed=1):
    rng = np.random.default_rng(seed)
    params = {n: v + 0.2 * rng.normal(size=v.shape) for n, v in module.init(seed, np.float64).items()}
    return params | module.statistics(x, y, np.float64)


def objective(params, x, y):
    u = (x - params["x_mean"]) / params["x_scale"]
    yhat = jnp.tanh(u @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"]
    v = (y - params["y_mean"]) / params["y_scale"]
    penalty = sum(0.015 * (params[w] ** 2).sum() for w in ("W1", "W2"))
    return ((yhat - v) ** 2).mean() + penalty


def test_state_is_beside_the_parameters(module):
    assert {*module.PARAMS} == {"W1", "b1", "W2", "b2"} and STATE == module.STATE
    params = module.init(3)
    assert [*params] == [*module.PARAMS, *module.STATE]
    assert all((params[n] == (0 if n.endswith("mean") else 1)).all() for n in module.STATE)


def test_gradients_agree_with_jax(module, data):
    x, y = data
    params = drawn(module, x, y)
    value, grads = module.loss_and_grads(params, x, y)
    with jax.enable_x64(True):
        wanted, exact = jax.value_and_grad(objective, (0, 1))(params, x, y)
    assert {*grads} == {*module.PARAMS, "x"}
    assert value == pytest.approx(float(wanted), rel=1e-12)
    for name, g in (*((n, exact[0][n]) for n in module.PARAMS), ("x", exact[1])):
        assert np.allclose(grads[name], g, rtol=1e-9, atol=1e-12 * np.abs(g).max()), name
    assert max(module.check().values()) < 1e-6


def test_statistics(module, data):
    x, y = data
    x[:, 1] = 0.1  # constant, though its mean is not 0.1 to the last bit
    state = module.statistics(x, y, np.float64)
    assert np.allclose(state["x_mean"], x.mean(axis=0)) and state["x_scale"][1] == 1
    assert np.allclose(state["x_scale"][[0, 2]], x[:, [0, 2]].std(axis=0))
    assert np.allclose(state["y_mean"], y.mean(axis=0)) and np.allclose(state["y_scale"], y.std(axis=0))
    assert module.statistics(x, y)["x_mean"].dtype == np.float32


def test_predictions_are_in_the_units_of_the_targets(module, data):
    x, y = data
    params = drawn(module, x, y)
    inside, _ = module.forward(params, x)
    assert np.allclose(module.predict(params, x), inside * params["y_scale"] + params["y_mean"])
    assert np.allclose(module.standardized(params, y), (y - y.mean(axis=0)) / y.std(axis=0))
    assert np.allclose(module.in_units(params, module.standardized(params, y)), y)
    assert module.loss(module.predict(params, x), y) == pytest.approx(((module.predict(params, x) - y) ** 2).mean())


def test_training_leaves_the_state_alone(module, data, tmp_path):
    x, y = data
    params = {n: v.astype(np.float32) for n, v in drawn(module, x, y).items()}
    before = {n: v.copy() for n, v in params.items()}
    history = module.fit(params, x, y, epochs=30, batch_size=4, validation=(x, y), lr=0.05)
    assert history["loss"][-1] < history["loss"][0]
    # a held-out part that is the one to train on: nearly the same numbers, so the same units
    assert history["val_loss"][-1] == pytest.approx(history["loss"][-1], rel=0.5)
    assert all((params[n] == before[n]).all() for n in module.STATE)
    assert not any((params[n] == before[n]).all() for n in module.PARAMS)
    module.save(str(tmp_path / "w.npz"), params)
    loaded = module.load(str(tmp_path / "w.npz"))
    assert [*loaded] == [*params] and all((loaded[n] == params[n]).all() for n in params)
    del params["y_scale"]
    with pytest.raises(ValueError, match="y_scale is missing"):
        module.predict(params, x)


def test_inputs_alone(data):
    m = made("inputs", "3-4:relu-3:softmax", "cross_entropy")
    assert {"x_mean": (3,), "x_scale": (3,)} == m.STATE and not hasattr(m, "standardized")
    x, labels = data[0], np.arange(N) % 3
    params = m.init(0, np.float64) | m.statistics(x, np.float64)
    plain = from_source(sb.generate("3-4:relu-3:softmax"))
    u = (x - x.mean(axis=0)) / x.std(axis=0)
    same = plain.loss_and_grads({n: params[n] for n in plain.PARAMS}, u, labels)
    mine = m.loss_and_grads(params, x, labels)
    assert mine[0] == pytest.approx(same[0]) and np.allclose(mine[1]["W1"], same[1]["W1"])
    assert np.allclose(mine[1]["x"], same[1]["x"] / x.std(axis=0))


def test_images_have_a_mean_for_each_pixel():
    kind = LayerKind("all", "x[n,i,j]", "y[n,o]", ("y[n,o] = sum(W[o,i,j]*x[n,i,j], i, j)",), {"W": "o i j"})
    layers = [sb.layer("all", o=4), "tanh", sb.layer("dense", 2)]
    net = Network((2, 3), layers, loss="mse", standardize="both", kinds={"all": kind})
    assert from_source(sb.generate(net)).STATE["x_mean"] == (2, 3)


def test_what_cannot_be_standardised():
    for arch, loss, said in (
        ("3-2:softmax", "cross_entropy", "takes shares from 0 to 1"),
        ("3-2", "hinge", "takes -1 and 1"),
        ("3-2:sigmoid", "mse", "sigmoid cannot give every number"),
    ):
        with pytest.raises(InputError, match=said):
            Network.parse(arch, loss=loss, standardize="both")
    with pytest.raises(InputError, match="did you mean 'inputs'"):
        Network.parse("3-2", standardize="input")


def test_own_names_keep_away_from_those_of_the_state():
    layers = [sb.layer("dense", 4, name="u"), "tanh", sb.layer("dense", 2)]
    with pytest.raises(InputError, match="the name u is used twice"):
        Network(3, layers, standardize="inputs")
    assert Network(3, layers).output == (2,)
