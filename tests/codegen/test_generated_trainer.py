"""Training with generated modules: the optimizers' rules, the learning-rate schedules, fit, save and load."""

import json
from functools import cache

import numpy as np
import pytest
from generated_module import from_source

import symbp as sb
from symbp.catalogue import OPTIMIZERS

STEPS = 4


def sgd(theta, g, s, t, lr=0.1):
    return theta - lr * g


def momentum(theta, g, s, t, lr=0.01, momentum=0.9):
    s["buf"] = momentum * s.get("buf", 0) + g
    return theta - lr * s["buf"]


def nesterov(theta, g, s, t, lr=0.01, momentum=0.9):
    s["buf"] = momentum * s.get("buf", 0) + g
    return theta - lr * (g + momentum * s["buf"])


def adagrad(theta, g, s, t, lr=0.01, lr_decay=0, eps=1e-10):
    s["sum"] = s.get("sum", 0) + g * g
    return theta - lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(s["sum"]) + eps)


def rmsprop(theta, g, s, t, lr=0.01, alpha=0.99, eps=1e-8):
    s["v"] = alpha * s.get("v", 0) + (1 - alpha) * g * g
    return theta - lr * g / (np.sqrt(s["v"]) + eps)


def adam(theta, g, s, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g * g
    m, v = s["m"] / (1 - beta1**t), s["v"] / (1 - beta2**t)
    return theta - lr * m / (np.sqrt(v) + eps)


def adamw(theta, g, s, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    return adam(theta * (1 - lr * weight_decay), g, s, t, lr, beta1, beta2, eps)


RULES = {f.__name__: f for f in (sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw)}
"""What torch.optim documents, written down by hand: theta_t from theta, gradient, state, step number and settings."""

OTHER = {
    "sgd": {"lr": 0.3},
    "momentum": {"lr": 0.05, "momentum": 0.5},
    "nesterov": {"lr": 0.05, "momentum": 0.6},
    "adagrad": {"lr": 0.2, "lr_decay": 0.25, "eps": 1e-3},
    "rmsprop": {"lr": 0.02, "alpha": 0.7, "eps": 1e-2},
    "adam": {"lr": 0.03, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3},
    "adamw": {"lr": 0.03, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "weight_decay": 0.2},
}


def problem(m, n=40):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(n, 4))
    return x, np.argmax(x @ rng.normal(size=(4, 3)), axis=1)


@cache
def module(options):
    return from_source(sb.generate(sb.Network.parse("4-6:tanh-3:softmax", loss="cross_entropy", **json.loads(options))))


def made(**options):
    return module(json.dumps(options))


def test_every_optimizer_has_a_rule_written_by_hand():
    assert {*RULES} == {*OPTIMIZERS} == {*OTHER}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_follow_the_rule(name):
    m = made(optimizer=name)
    x, y = problem(m)
    for settings in ({}, OTHER[name]):
        params = m.init(2, np.float64)
        there = params["W1"]
        expected = {n: v.copy() for n, v in params.items()}
        states = {n: {} for n in params}
        trainer = m.Trainer(params, 40, **settings)
        for t in range(1, STEPS + 1):
            value, grads = m.loss_and_grads(expected, x, y)
            assert trainer.step(x, y) == pytest.approx(value, rel=1e-12)
            expected = {n: RULES[name](v, grads[n], states[n], t, **settings) for n, v in expected.items()}
            for n, v in expected.items():
                np.testing.assert_allclose(params[n], v, rtol=1e-12, atol=1e-14, err_msg=f"{n}, step {t}")
        assert params["W1"] is there


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_settings_of_the_network_are_the_defaults(name):
    m = made(optimizer={name: OTHER[name]})
    assert m.Trainer(m.init(), 8).settings == OTHER[name]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fit_lowers_the_loss(name):
    m = made(optimizer=name)
    x, y = problem(m)
    params = m.init()
    before = m.loss(m.predict(params, x), y)
    lr = {"sgd": 0.3}.get(name, 0.05)
    history = m.fit(params, x, y, epochs=30, batch_size=16, lr=lr, validation=(x[:7], y[:7]))
    assert {*history} == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert all(len(values) == 30 for values in history.values())
    assert m.loss(m.predict(params, x), y) < 0.5 * before
    assert history["accuracy"][-1] > 0.8


def test_the_seed_decides_everything():
    m = made(optimizer="adam")
    x, y = problem(m)

    def run(seed):
        params = m.init(seed)
        return m.fit(params, x, y, epochs=2, seed=seed), params

    (h1, p1), (h2, p2), (h3, _) = run(5), run(5), run(6)
    assert h1 == h2 and h1 != h3
    assert all(np.array_equal(p1[n], p2[n]) for n in p1)


def test_epochs_are_told():
    m, told = made(), []
    x, y = problem(m)
    history = m.fit(m.init(), x, y, epochs=3, on_epoch=lambda k, values: told.append((k, values)))
    assert [k for k, _ in told] == [0, 1, 2]
    assert [values["loss"] for _, values in told] == history["loss"]


def test_labels_and_one_hot_rows_are_the_same():
    m = made()
    x, y = problem(m)
    params = m.init()
    a, b = m.loss_and_grads(params, x, y), m.loss_and_grads(params, x, np.eye(3)[y])
    assert a[0] == b[0] and all(np.array_equal(a[1][n], b[1][n]) for n in a[1])


@pytest.mark.parametrize(
    "schedule, rate",
    [
        ("constant", lambda t: 0.2),
        ({"step": {"step_size": 3, "gamma": 0.5}}, lambda t: 0.2 * 0.5 ** (t // 3)),
        ({"cosine": {"t_max": 8, "eta_min": 0.01}}, lambda t: 0.01 + 0.19 * (1 + np.cos(np.pi * t / 8)) / 2),
    ],
)
def test_schedules(schedule, rate):
    m = made(optimizer={"sgd": {"lr": 0.2, "schedule": schedule}})
    for t in range(9):
        value = m.learning_rate(t, 0.2)
        assert type(value) is float and value == pytest.approx(rate(t), rel=1e-12)
    x, y = problem(m)
    params, expected = m.init(0, np.float64), m.init(0, np.float64)
    m.fit(params, x, y, epochs=5, batch_size=40)
    for t in range(5):
        grads = m.loss_and_grads(expected, x, y)[1]
        expected = {n: v - rate(t) * grads[n] for n, v in expected.items()}
    for n, v in expected.items():
        np.testing.assert_allclose(params[n], v, rtol=1e-9, atol=1e-12)


def test_gradients_do_not_change_the_parameters():
    m = made(regularization={"l2": 0.1})
    x, y = problem(m)
    params = m.init()
    before = {n: v.copy() for n, v in params.items()}
    m.loss_and_grads(params, x, y)
    assert all(np.array_equal(params[n], before[n]) for n in params)


def test_dropout_is_for_training_only():
    net = sb.Network(4, [sb.layer("dense", 200), "relu", sb.layer("dropout", 0.25), sb.layer("dense", 3), "softmax"])
    m = from_source(sb.generate(net))
    x, y = problem(m)
    params = m.init()
    assert np.array_equal(m.predict(params, x), m.predict(params, x))
    _, off = m.forward(params, x)
    _, on = m.forward(params, x, training=True, rng=np.random.default_rng(0))
    (mask,) = [name for name in on if name.startswith("mask")]
    assert (off[mask] == 1).all()
    assert {*np.unique(on[mask]).tolist()} == {0.0, np.float32(1 / 0.75)}
    assert abs((on[mask] == 0).mean() - 0.25) < 0.03
    assert on[mask].dtype == np.float32
    assert m.fit(params, x, y, epochs=40, lr=0.2)["loss"][-1] < 0.6


def test_weights_are_drawn_as_glorot_says():
    m = from_source(sb.generate(sb.Network.parse("300-200:tanh-3:softmax")))
    params = m.init(1)
    limit = (6 / 500) ** 0.5
    assert 0.98 * limit < np.abs(params["W1"]).max() <= limit
    assert params["W1"].std() == pytest.approx(limit / 3**0.5, rel=0.02)
    assert not params["b1"].any()
    assert all(
        np.array_equal(a, b.astype(np.float32))
        for a, b in zip(params.values(), m.init(1, np.float64).values(), strict=True)
    )


def test_save_and_load(tmp_path):
    m = made()
    params = m.init(4)
    path = tmp_path / "weights"
    m.save(str(path), params)
    assert [p.name for p in tmp_path.iterdir()] == ["weights"]
    again = m.load(str(path))
    assert [*again] == [*m.PARAMS]
    assert all(np.array_equal(again[n], params[n]) and again[n].dtype == params[n].dtype for n in params)
