"""Data against a network's shapes."""

import numpy as np
import pytest

from symbp.codegen.training.data import DataSet, check, load, one_hot, read
from symbp.errors import InputError

X = np.arange(20.0).reshape(5, 4)
FINITE = "; allowed: finite numbers"
LABELS = "; allowed: labels 0..2, one for each of the 3 outputs"


def refusal(call, *args, **kwargs):
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def holding(x=X, y=(0, 1, 2, 1, 0), **rest):
    return DataSet("mine", np.asarray(x), np.asarray(y), **rest)


def held(x=X, y=(0, 0, 0, 0, 0)):
    return holding(x_validation=np.asarray(x), y_validation=np.asarray(y))


def broken(array, index, value):
    changed = np.array(array, dtype=float)
    changed[index] = value
    return changed


@pytest.mark.parametrize(("name", "inputs", "outputs"), [("digits", 64, 10), ("iris", 4, 3), ("xor", 2, 1)])
def test_bundled_fit(name, inputs, outputs):
    data = load(name)
    fit = check(data, (inputs,), (outputs,), labels_allowed=outputs > 1)
    assert np.array_equal(fit.x, data.x) and np.array_equal(fit.y, data.y) and fit.y.dtype == data.y.dtype


@pytest.mark.parametrize(
    ("given", "taken"),
    [((8, 8), (64,)), ((64,), (1, 8, 8)), ((8, 8), (1, 8, 8)), ((1, 8, 8), (8, 8)), ((), (1,)), ((2, 3), (2, 3))],
)
def test_shapes_that_agree(given, taken):
    x = np.arange(5.0 * np.prod(given)).reshape(5, *given)
    fit = check(holding(x), taken, (3,), labels_allowed=True)
    assert fit.x.shape == (5, *taken) and np.array_equal(fit.x.ravel(), x.ravel())


@pytest.mark.parametrize(("given", "taken"), [((4,), (3,)), ((4, 8), (8, 4)), ((2, 32), (8, 8)), ((8, 8), (65,))])
def test_shapes_that_do_not(given, taken):
    said = refusal(check, holding(np.zeros((5, *given))), taken, (3,), labels_allowed=True)
    assert said == f"x has shape {(5, *given)}, and the network takes {(5, *taken)}"


def test_labels_stay_labels():
    fit = check(holding(y=np.array([0, 1, 2, 1, 0], np.uint8)), (4,), (3,), labels_allowed=True)
    assert fit.y.tolist() == [0, 1, 2, 1, 0] and fit.y.dtype == np.int64


@pytest.mark.parametrize("shape", [(5,), (5, 1)])
def test_whole_floats_are_labels(shape):
    fit = check(holding(y=np.array([0.0, 1, 2, 1, 0]).reshape(shape)), (4,), (3,), labels_allowed=True)
    assert fit.y.tolist() == [0, 1, 2, 1, 0] and fit.y.dtype == np.int64


@pytest.mark.parametrize("labels_allowed", [True, False])
def test_labels_of_one_output_are_targets(labels_allowed):
    fit = check(holding(y=[0, 1, 1, 0, 1]), (4,), (1,), labels_allowed=labels_allowed)
    assert fit.y.tolist() == [[0], [1], [1], [0], [1]] and fit.y.dtype == np.float64


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_targets_keep_their_dtype(dtype):
    y = np.eye(5, 3, dtype=dtype)
    fit = check(holding(y=y), (4,), (3,), labels_allowed=True)
    assert np.array_equal(fit.y, y) and fit.y.dtype == dtype


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (holding(broken(X, (3, 2), np.nan)), "x[3, 2] is nan" + FINITE),
        (holding(broken(X, (slice(1, 3), 1), -np.inf)), "x[1, 1] is -inf" + FINITE),
        (holding(y=broken(np.eye(5, 3), (4, 0), np.inf)), "y[4, 0] is inf" + FINITE),
        (held(y=broken(np.zeros(5), 2, np.nan)), "y_validation[2] is nan" + FINITE),
        (held(broken(X, (0, 1), np.nan)), "x_validation[0, 1] is nan" + FINITE),
        (holding(y=[0, 1, 3, 4, 0]), "y[2] is 3" + LABELS),
        (holding(y=[0, 1, 2, -1, 0]), "y[3] is -1" + LABELS),
        (holding(y=[3, 1, 2, 1, 1]), "y[0] is 3: these labels count from 1, subtract 1" + LABELS),
        (holding(y=[0, 0.5, 2, 1, 1]), "y[1] is 0.5, not a whole number" + LABELS),
        (held(y=np.full(5, 7)), "y_validation[0] is 7" + LABELS),
        (holding(y=np.zeros((5, 2))), "y has shape (5, 2), and the network takes (5, 3)"),
        (held(X[:, :3]), "x_validation has shape (5, 3), and the network takes (5, 4)"),
        (holding(X.astype(complex)), "x has dtype complex128; allowed: real numbers"),
        (holding(X.astype(object)), "x has dtype object; allowed: real numbers"),
    ],
)
def test_refused(data, message):
    assert refusal(check, data, (4,), (3,), labels_allowed=True) == message


def test_labels_for_a_loss_that_takes_none():
    assert refusal(check, holding(), (4,), (3,), labels_allowed=False) == (
        "y has shape (5,), and the network takes (5, 3); integer labels need a loss for classification, or one_hot"
    )
    fit = check(one_hot(holding(), 3), (4,), (3,), labels_allowed=False)
    assert fit.y.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_many_classes_for_one_output():
    said = refusal(check, load("iris"), (4,), (1,), labels_allowed=True)
    assert said == "y has 3 classes, and the network has one output; allowed: two classes, or 3 outputs"


def test_place_is_the_line_of_the_file(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("a,y\n1,0\n\n2,5\n")
    said = refusal(check, read(path), (1,), (3,), labels_allowed=True)
    assert said == f"{path}:4: y[1] is 5; allowed: labels 0..2, one for each of the 3 outputs"
    path = path.with_suffix(".npz")
    np.savez(path, x=broken(X, (0, 0), np.nan), y=X)
    assert refusal(check, read(path), (4,), (4,), labels_allowed=False).startswith(f"{path}: x[0, 0] is nan")


def test_held_out_part_is_checked_and_shaped():
    data = holding(X.reshape(5, 2, 2), x_validation=X[:2].reshape(2, 2, 2), y_validation=np.array([2, 0]))
    fit = check(data, (4,), (3,), labels_allowed=True)
    assert np.array_equal(fit.x_validation, X[:2]) and fit.y_validation.tolist() == [2, 0]
    coded = one_hot(fit, 3)
    assert coded.y_validation.tolist() == [[0, 0, 1], [1, 0, 0]] and coded.y.shape == (5, 3)


def test_one_hot():
    targets = holding(y=np.eye(5))
    assert one_hot(targets, 3).y is targets.y
    assert refusal(one_hot, holding(), 2) == "y[2] is 2; allowed: labels 0..1, one for each of the 2 outputs"


def test_data_given_are_not_changed():
    data = holding(X.copy(), np.array([0.0, 1, 2, 1, 0]))
    check(data, (2, 2), (3,), labels_allowed=True)
    assert np.array_equal(data.x, X) and data.y.dtype == np.float64
