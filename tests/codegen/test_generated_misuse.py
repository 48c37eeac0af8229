"""What generated modules refuse beside unusable data, and that nothing is changed by what was refused; copies of trainers."""

import copy
import pickle
import sys

import numpy as np
import pytest
from generated_module import from_source

import symbp as sb

X, Y = np.linspace(-1, 1, 24).reshape(8, 3), np.arange(8) % 3


@pytest.fixture(scope="module")
def m():
    return from_source(sb.generate(sb.Network.parse("3-4:tanh-3:softmax", loss="cross_entropy", optimizer="adam")))


def params_with(m, value):
    return m.init() | {"W1": value}


def read_only():
    value = np.zeros((4, 3), np.float32)
    value.flags.writeable = False
    return value


@pytest.mark.parametrize(
    "value, words",
    [
        ([[0.0] * 3] * 4, "W1 is a list"),
        (None, "W1 is a NoneType"),
        (np.ma.zeros((4, 3)), "W1 is a MaskedArray"),
        (np.zeros((4, 3), int), "W1 has the dtype int64"),
        (read_only(), "W1 is read-only"),
    ],
)
def test_unusable_parameters(m, value, words):
    with pytest.raises(ValueError, match=words):
        m.Trainer(params_with(m, value), 8)
    with pytest.raises(ValueError, match=words):
        m.fit(params_with(m, value), X, Y, epochs=1)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda m, p: m.Trainer(p, 1.5), "batch_size is 1.5, expected a whole number"),
        (lambda m, p: m.Trainer(p, None), "batch_size is None, expected a whole number"),
        (lambda m, p: m.Trainer(p, 8, lr=float("nan")), "lr is nan, expected a finite number, 0 or more"),
        (lambda m, p: m.Trainer(p, 8, beta1=-1), "beta1 is -1"),
        (lambda m, p: m.Trainer(p, 8, eps="1"), "eps is '1'"),
        (lambda m, p: m.fit(p, X, Y, epochs=1.5), "epochs is 1.5"),
        (lambda m, p: m.fit(p, X, Y, epochs=-1), "epochs is -1, expected 0 or more"),
        (lambda m, p: m.fit(p, X, Y, batch_size="4"), "batch_size is '4'"),
        (lambda m, p: m.fit(p, X, Y, patience=1.5), "patience is 1.5"),
        (lambda m, p: m.fit(p, X, Y, seed=-1), "seed is -1"),
        (lambda m, p: m.fit(p, X, Y, validation=(X,)), "validation has 1 entries"),
        (lambda m, p: m.fit(p, X, Y, class_weight=5), "class_weight is 5"),
        (lambda m, p: m.fit(p, X, Y, sample_weight=np.ones(8) + 1j), "sample_weight has the dtype complex128"),
        (lambda m, p: m.fit(p, X, Y, sample_weight=np.ma.array(np.ones(8), mask=Y == 1)), "masked values"),
        (lambda m, p: m.evaluate(p, X, Y, -1), "batch_size is -1, expected 1 or more"),
        (lambda m, p: m.evaluate(p, np.ma.array(X, mask=X > 0), Y), "x has masked values"),
    ],
)
def test_unusable_settings_change_nothing(m, call, words):
    params = m.init()
    before = copy.deepcopy(params)
    with pytest.raises(ValueError, match=words):
        call(m, params)
    for name, value in before.items():
        np.testing.assert_array_equal(params[name], value)


@pytest.mark.parametrize(
    "weight, words",
    [
        (np.ones(8) + 1j, "weight has the dtype complex128"),
        (["a"] * 8, "weight has the dtype"),
        (np.ma.array(np.ones(8), mask=Y == 1), "weight has masked values"),
        (2.0, r"weight has the shape \(\)"),
    ],
)
def test_unusable_weights_of_a_step(m, weight, words):
    with pytest.raises(ValueError, match=words):
        m.Trainer(m.init(), 8).step(X, Y, weight)


@pytest.mark.parametrize(
    "name, changed",
    [
        ("t", lambda v: np.array(-1)),
        ("t", lambda v: np.array(np.nan)),
        ("m", lambda v: v * np.nan),
        ("m", lambda v: v + 1j),
        ("v", lambda v: np.full(v.shape, "a")),
        ("rng", lambda v: np.full(v.shape, -1)),
        ("rng", lambda v: v.astype(float)),
    ],
)
def test_a_state_that_is_none_is_refused_whole(m, name, changed):
    trainer = m.Trainer(m.init(), 8)
    trainer.step(X, Y)
    before = trainer.state()
    with pytest.raises(ValueError, match=f"the state's {name}"):
        trainer.restore(m.Trainer(m.init(), 8).state() | {name: changed(before[name])})
    for key, value in trainer.state().items():
        np.testing.assert_array_equal(value, before[key])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda trainer: pickle.loads(pickle.dumps(trainer))])
def test_a_copy_of_a_trainer_trains_its_own_parameters_in_the_same_way(m, monkeypatch, copied):
    monkeypatch.setitem(sys.modules, m.__name__, m)
    trainer = m.Trainer(m.init(), 8, lr=0.1, clip_norm=0.5)
    trainer.step(X, Y)
    other = copied(trainer)
    start = {name: value.copy() for name, value in trainer.params.items()}
    losses = [other.step(X[:5], Y[:5]) for _ in range(3)]
    for name, value in start.items():
        np.testing.assert_array_equal(trainer.params[name], value)
    assert [trainer.step(X[:5], Y[:5]) for _ in range(3)] == losses
    for name, value in trainer.params.items():
        np.testing.assert_array_equal(other.params[name], value)


DECAYS = [
    ("adam", "beta1"), ("adam", "beta2"), ("adamw", "beta1"), ("adamw", "beta2"), ("rmsprop", "alpha"),
    ("momentum", "momentum"), ("nesterov", "momentum"),
]  # fmt: skip
"""Of these 1 less the setting is divided by, or a state that decays by it never forgets."""


@pytest.mark.parametrize("optimizer, setting", DECAYS)
def test_a_decay_is_below_one(optimizer, setting):
    made = from_source(sb.generate(sb.Network.parse("3-4:tanh-3:softmax", optimizer=optimizer)))
    for value in (1, 1.5):
        with pytest.raises(ValueError, match=f"{setting} is {value}, expected a number from 0 to below 1"):
            made.Trainer(made.init(), 8, **{setting: value})
        with pytest.raises(sb.InputError, match="allowed: a number from 0 to below 1"):
            sb.Network.parse("3-2", optimizer={optimizer: {setting: value}})
    for value in (0, 0.5):
        params = made.init()
        trainer = made.Trainer(params, 8, **{setting: value})
        assert all(np.isfinite(trainer.step(X, Y)) for _ in range(3))
        trainer.restore(trainer.state())
        assert all(np.isfinite(p).all() for p in params.values())
