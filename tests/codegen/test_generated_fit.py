"""fit: what is held out, when it stops, what it weighs, and that a run which was interrupted is the run that was not."""

from functools import cache

import numpy as np
import pytest
from generated_module import from_source

import symbp as sb

RNG = np.random.default_rng(7)
X = RNG.normal(size=(61, 4))
Y = (X @ RNG.normal(size=(4, 3))).argmax(axis=1)


@cache
def made(arch="4-6:tanh-3:softmax", optimizer="adam", **options):
    return from_source(sb.generate(sb.Network.parse(arch, optimizer=optimizer, **options)))


@cache
def stochastic():
    layers = [sb.layer("dense", 9), "relu", sb.layer("dropout", 0.3), sb.layer("dense", 3), "softmax"]
    optimizer = sb.Optimizer.of("adam", {"lr": 0.01, "schedule": {"cosine": {"t_max": 12}}})
    return from_source(sb.generate(sb.Network(4, layers, optimizer=optimizer, regularization={"l2": 1e-3})))


def same(a, b):
    return [*a] == [*b] and all(np.array_equal(a[n], b[n]) and a[n].dtype == b[n].dtype for n in a)


def test_the_last_smaller_batch_is_used():
    m, seen = made(), []
    params = m.init()
    step = m.Trainer.step

    def watched(self, x, y, *more):
        seen.append(len(x))
        return step(self, x, y, *more)

    m.Trainer.step = watched
    try:
        m.fit(params, X, Y, epochs=2, batch_size=16)
    finally:
        m.Trainer.step = step
    assert seen == [16, 16, 16, 13] * 2


def test_every_epoch_has_another_order_and_the_seed_decides_it():
    m = made()
    histories = [m.fit(m.init(), X, Y, epochs=3, batch_size=8, seed=s) for s in (1, 1, 2)]
    assert histories[0] == histories[1] != histories[2]


def test_a_fraction_is_held_out_of_each_class():
    m = made()
    y = np.repeat([0, 1, 2], [40, 20, 10])
    kept, held = m.hold_out(y, 0.2, seed=3)
    assert sorted([*kept, *held]) == [*range(70)]
    assert np.bincount(y[held]).tolist() == [8, 4, 2]
    assert not np.array_equal(held, m.hold_out(y, 0.2, seed=4)[1])
    history = m.fit(m.init(), X, Y, epochs=2, validation=0.25)
    assert {*history} == {"loss", "accuracy", "val_loss", "val_accuracy"}
    for fraction in (0.0, 1.0, -0.1):
        with pytest.raises(ValueError, match="cannot be held out"):
            m.hold_out(y, fraction)


def test_what_is_held_out_is_not_trained_on():
    m = made()
    _, held = m.hold_out(Y, 0.25, seed=0)
    spoilt = X.copy()
    spoilt[held] += 3
    a, b = m.init(), m.init()
    m.fit(a, X, Y, epochs=3, validation=0.25)
    m.fit(b, spoilt, Y, epochs=3, validation=0.25)
    assert same(a, b)


def test_patience_stops_and_leaves_the_best():
    m = made(optimizer="sgd")
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 3, 61)  # nothing to learn: the held-out loss soon rises
    params, kept = m.init(1), []
    history = m.fit(
        params, X, noise, epochs=400, batch_size=4, lr=0.5, validation=0.4, patience=6,
        on_epoch=lambda k, v: kept.append({n: p.copy() for n, p in params.items()}),
    )  # fmt: skip
    values = history["val_loss"]
    best = int(np.argmin(values))
    assert len(values) == best + 7 < 400
    assert same(params, kept[best])


def test_a_callback_stops():
    m = made()
    history = m.fit(m.init(), X, Y, epochs=50, on_epoch=lambda epoch, values: epoch == 4)
    assert len(history["loss"]) == 5


def test_weights_count_as_copies_would():
    m = made(optimizer="sgd")
    weight = np.array([1, 2, 3, 4])[np.arange(61) % 4]
    copies = np.repeat(np.arange(61), weight)
    a, b = m.init(0, np.float64), m.init(0, np.float64)
    m.fit(a, X, Y, epochs=5, batch_size=1000, sample_weight=weight)
    m.fit(b, X[copies], Y[copies], epochs=5, batch_size=1000)
    for n in a:
        np.testing.assert_allclose(a[n], b[n], rtol=1e-9, atol=1e-12)


def test_balanced_classes_have_the_same_weight_together():
    m = made(optimizer="sgd")
    y = np.repeat([0, 1, 2], [40, 14, 7])
    counts = np.bincount(y)
    a, b, c = (m.init(0, np.float64) for _ in range(3))
    m.fit(a, X, y, epochs=4, batch_size=61, class_weight="balanced")
    m.fit(b, X, y, epochs=4, batch_size=61, sample_weight=(61 / (3 * counts))[y])
    m.fit(c, X, y, epochs=4, batch_size=61, class_weight={k: 5 / n for k, n in enumerate(counts)})
    for n in a:
        np.testing.assert_allclose(a[n], b[n], rtol=1e-12)
        np.testing.assert_allclose(a[n], c[n], rtol=1e-9)
    plain = m.init(0, np.float64)
    m.fit(plain, X, y, epochs=4, batch_size=61)
    assert not same(a, plain)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"class_weight": "equal"}, "expected 'balanced'"),
        ({"class_weight": {3: 1.0}}, "class 3, expected 0 to 2"),
        ({"class_weight": {0: -1.0}}, "0 or more"),
        ({"class_weight": {0: float("nan")}}, "finite"),
        ({"sample_weight": np.ones(60)}, r"shape \(60,\), expected \(61,\)"),
        ({"sample_weight": np.zeros(61)}, "not all 0"),
        ({"patience": 0}, "patience is 0, expected 1 or more"),
        ({"clip_norm": 0.0}, "clip_norm is 0"),
        ({"validation": 1.5}, "cannot be held out"),
        ({"validation": (X[:5], Y[:4])}, "4 labels for 5"),
    ],
)
def test_unusable_options(options, words):
    m = made()
    with pytest.raises(ValueError, match=words):
        m.fit(m.init(), X, Y, epochs=1, **options)


def test_clipping_keeps_the_direction_and_bounds_the_norm():
    m = made(optimizer="sgd")
    params, plain = m.init(0, np.float64), m.init(0, np.float64)
    grads = m.loss_and_grads(plain, X, Y)[1]
    norm = np.sqrt(sum((grads[n] ** 2).sum() for n in m.PARAMS))
    m.fit(params, X, Y, epochs=1, batch_size=61, lr=1.0, clip_norm=norm / 3)
    for n in params:
        np.testing.assert_allclose(plain[n] - params[n], grads[n] / 3, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("patience", [None, 3], ids=["no patience", "patience"])
@pytest.mark.parametrize("cut", [1, 5, 9])
def test_a_resumed_run_is_the_run_that_was_not_interrupted(cut, patience, tmp_path):
    m = stochastic()
    options = {"batch_size": 7, "seed": 4, "validation": 0.3, "patience": patience, "clip_norm": 1.0,
               "class_weight": "balanced"}  # fmt: skip
    whole, parts = m.init(4), m.init(4)
    told = m.fit(whole, X, Y, epochs=12, checkpoint=str(tmp_path / "whole.npz"), **options)
    m.fit(parts, X, Y, epochs=cut, checkpoint=str(tmp_path / "part.npz"), **options)
    again = m.init(99)  # what they are before does not matter
    assert told == m.fit(
        again, X, Y, epochs=12, resume=str(tmp_path / "part.npz"), checkpoint=str(tmp_path / "rest.npz"), **options
    )
    assert same(whole, again)
    assert same(dict(np.load(tmp_path / "whole.npz")), dict(np.load(tmp_path / "rest.npz")))


def test_an_interrupted_run_keeps_its_last_whole_epoch(tmp_path):
    m = stochastic()
    path, expected = str(tmp_path / "c.npz"), m.init()
    m.fit(expected, X, Y, epochs=3)
    step, left = m.Trainer.step, [3 * 2 + 1]

    def interrupted(self, *batch):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return step(self, *batch)

    m.Trainer.step = interrupted
    try:
        with pytest.raises(KeyboardInterrupt):
            m.fit(m.init(), X, Y, epochs=9, checkpoint=path)
    finally:
        m.Trainer.step = step
    state = m.load_checkpoint(path)
    assert same(state["params"], expected) and len(state["history"]["loss"]) == 3
    assert [p.name for p in tmp_path.iterdir()] == ["c.npz"]


def test_a_loss_that_is_not_finite_keeps_the_last_whole_epoch(tmp_path):
    m = made("4-5:relu-3", optimizer="sgd")
    path = str(tmp_path / "c.npz")
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="smaller lr"):
        m.fit(m.init(), X * 100, X[:, :3], epochs=200, lr=1.0, batch_size=61, checkpoint=path)
    state = m.load_checkpoint(path)
    assert np.isfinite(state["history"]["loss"]).all() and len(state["history"]["loss"]) > 0
    assert np.isfinite(state["best"]["W1"]).all()


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    m = made()
    path, params = tmp_path / "c.npz", m.init()
    m.fit(params, X, Y, epochs=2, checkpoint=str(path))
    before = path.read_bytes()

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    for place in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(m.os, place, full)
            with pytest.raises(OSError, match="No space left") as e:
                m.fit(m.init(), X, Y, epochs=4, resume=str(path), checkpoint=str(path))
            assert e.value.filename == str(path)
        assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["c.npz"]
    assert len(m.load_checkpoint(str(path))["history"]["loss"]) == 2


def test_checkpoints_of_others_are_refused(tmp_path):
    m, other = made(), made("4-5:tanh-3:softmax")
    path = str(tmp_path / "c.npz")
    other.fit(other.init(), X, Y, epochs=1, checkpoint=path)
    with pytest.raises(ValueError, match="W1 has the shape"):
        m.fit(m.init(), X, Y, epochs=2, resume=path)
    m.save(path, m.init())
    with pytest.raises(ValueError, match="not a checkpoint"):
        m.fit(m.init(), X, Y, epochs=2, resume=path)
    with pytest.raises(FileNotFoundError):
        m.fit(m.init(), X, Y, epochs=2, resume=str(tmp_path / "none.npz"))


def test_files_are_written_beside_their_place_and_links_stay(tmp_path):
    m = made()
    real, link = tmp_path / "real.npz", tmp_path / "link.npz"
    m.save(str(real), m.init(1))
    link.symlink_to(real)
    m.save(str(link), m.init(2))
    assert link.is_symlink() and same(m.load(str(real)), m.init(2))
    assert {p.name for p in tmp_path.iterdir()} == {"real.npz", "link.npz"}
    with pytest.raises(ValueError, match="int64"):
        np.savez(real, **{n: v.astype(np.int64) for n, v in m.init().items()})
        m.load(str(real))


def test_the_state_of_a_trainer_is_all_that_it_needs_beside_the_parameters():
    m = stochastic()
    params, other = m.init(0), m.init(5)
    trainer, later = m.Trainer(params, 61), m.Trainer(other, 61, seed=8)
    trainer.step(X, Y)
    state = trainer.state()
    assert all(isinstance(a, np.ndarray) and a.dtype.kind != "O" for a in state.values())
    for n, value in params.items():
        other[n][...] = value
    later.restore(state)
    assert [trainer.step(X, Y) for _ in range(3)] == [later.step(X, Y) for _ in range(3)]
    assert same(params, other)
