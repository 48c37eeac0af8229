"""What generated modules refuse, and that they say which and what was expected."""

import numpy as np
import pytest
from generated_module import from_source

import symbp as sb


@pytest.fixture(scope="module")
def m():
    return from_source(sb.generate(sb.Network.parse("4-5:tanh-3:softmax", loss="cross_entropy")))


@pytest.fixture(scope="module")
def one():
    return from_source(sb.generate(sb.Network.parse("4-1:sigmoid", loss="binary_cross_entropy")))


X, Y = np.ones((6, 4)), np.array([0, 1, 2, 0, 1, 2])


def nan_at(a, value=np.nan):
    a = a.copy().astype(float)
    a[2, 1] = value
    return a


SEEN_BY_A_STEP = [
    (np.ones((6, 5)), Y, ["(6, 5)", "(N, 4)"]),
    (np.ones(4), Y, ["(4,)", "(N, 4)"]),
    (np.ones((0, 4)), Y[:0], ["(0, 4)", "1 or more"]),
    (nan_at(X), Y, ["x holds NaN"]),
    (np.full((6, 4), "a"), Y, ["x has the dtype", "expected numbers"]),
    (np.full((6, 4), 1j), Y, ["complex128", "expected numbers"]),
    (X, Y[:5], ["5 labels for 6 examples"]),
    (X, np.array([0, 1, 2, 0, 1, 3]), ["label 3", "0 to 2"]),
    (X, np.array([0, -1, 2, 0, 1, 1]), ["label -1", "0 to 2"]),
    (X, Y + 0.5, ["(6,)", "float64", "integer labels"]),
    (X, np.eye(4)[Y], ["(6, 4)", "(6, 3)"]),
    (X, nan_at(np.eye(3)[Y]), ["y holds NaN"]),
]
SEEN_BY_THE_OTHERS = [
    (nan_at(X, np.inf), Y, ["x holds infinity"]),
    (X, np.full((6, 3), 0.5), ["sum to 1.5", "expected 1"]),
    (X, np.tile([2.0, -1.0, 0.0], (6, 1)), ["between -1 and 2", "0 to 1"]),
]
"""What a step takes for the numbers that it is said to be: it does not look at every value."""


@pytest.mark.parametrize("x, y, words", [*SEEN_BY_A_STEP, *SEEN_BY_THE_OTHERS])
def test_unusable_data(m, x, y, words):
    params = m.init()
    with np.errstate(all="ignore"):
        for call in (
            lambda: m.loss_and_grads(params, x, y),
            lambda: m.fit(params, x, y, epochs=1),
        ):
            with pytest.raises(ValueError) as e:
                call()
            assert all(word in str(e.value) for word in words), str(e.value)


@pytest.mark.parametrize("x, y, words", SEEN_BY_A_STEP)
def test_a_step_looks_at_shapes_dtypes_and_labels_and_at_values_when_the_loss_is_not_finite(m, x, y, words):
    params = m.init()
    before = {n: v.copy() for n, v in params.items()}
    with np.errstate(all="ignore"), pytest.raises(ValueError) as e:
        m.Trainer(params, 6).step(x, y)
    assert all(word in str(e.value) for word in words), str(e.value)
    assert all(np.array_equal(v, before[n]) for n, v in params.items())


def test_unusable_predictions(m):
    with pytest.raises(ValueError, match=r"y_hat has the shape \(6, 2\), expected \(N, 3\)"):
        m.loss(np.ones((6, 2)) / 2, Y)


def test_one_output_takes_a_vector(one):
    params = one.init()
    y = np.array([0, 1, 1, 0, 1, 0])
    assert one.loss_and_grads(params, X, y)[0] == one.loss_and_grads(params, X, y[:, None] * 1.0)[0]
    with pytest.raises(ValueError, match="between 0 and 2, expected 0 to 1"):
        one.loss_and_grads(params, X, y * 2)


def test_unusable_parameters(m):
    good = m.init()
    wrong = {
        "parameter W2 is missing, expected W1, b1, W2, b2": {n: v for n, v in good.items() if n != "W2"},
        "parameter W1 has the shape (4, 5), expected (5, 4)": {**good, "W1": good["W1"].T},
        "unknown parameters ['W3'], expected W1, b1, W2, b2": {**good, "W3": good["W1"]},
    }
    for message, params in wrong.items():
        for call in (lambda p=params: m.predict(p, X), lambda p=params: m.Trainer(p, 3)):
            with pytest.raises(ValueError) as e:
                call()
            assert str(e.value) == message


def test_unusable_settings(m):
    with pytest.raises(ValueError, match="batch_size is 0"):
        m.Trainer(m.init(), 0)
    with pytest.raises(ValueError, match="6 examples, expected at most 5"):
        m.Trainer(m.init(), 5).step(X, Y)
    with pytest.raises(ValueError, match="parameter W1 has the dtype int64"):
        m.Trainer({n: v.astype(np.int64) for n, v in m.init().items()}, 5)
    with pytest.raises(ValueError, match="epochs is -1"):
        m.fit(m.init(), X, Y, epochs=-1)


def test_training_that_leaves_the_numbers_stops():
    m = from_source(sb.generate(sb.Network.parse("4-5:relu-3", loss="sse")))
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="smaller lr"):
        m.fit(m.init(), X * 100, np.ones((6, 3)), epochs=200, lr=100.0)


def test_gradients_of_no_loss_are_not_called_equal(tmp_path, capsys):
    path = tmp_path / "a.toml"
    path.write_text(
        'input = 4\nlayers = [{ dense = 5 }, "f", { dense = 3 }]\nloss = "sse"\n[functions]\nf = "log(z)"\n'
    )
    m = from_source(sb.generate(sb.Network.load(str(path))))
    with np.errstate(all="ignore"):
        with pytest.raises(FloatingPointError, match="W1 cannot be compared"):
            m.check()
        assert m.main(["check"]) == 2 and "agree" not in capsys.readouterr().out


def test_unusable_files(m, tmp_path):
    text, other, pickled = tmp_path / "text.npz", tmp_path / "other.npz", tmp_path / "pickled.npz"
    text.write_text("no archive")
    np.savez(other, W1=np.ones((2, 2)))
    np.savez(pickled, W1=np.array([{}], dtype=object), allow_pickle=True)
    for path, words in ((text, "text.npz"), (other, "W1 has the shape"), (pickled, "pickled.npz")):
        with pytest.raises(ValueError, match=words):
            m.load(str(path))
    with pytest.raises(FileNotFoundError):
        m.load(str(tmp_path / "none.npz"))


def test_a_failed_save_leaves_nothing(m, tmp_path):
    with pytest.raises(ValueError):
        m.save(str(tmp_path / "weights.npz"), {})
    with pytest.raises(OSError):
        m.save(str(tmp_path / "none" / "weights.npz"), m.init())
    assert not [*tmp_path.iterdir()]
