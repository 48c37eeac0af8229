"""Data made ready for a network: classes as a loss takes them, what it refuses, statistics of the part to train on alone."""

import numpy as np
import pytest

from symbp.codegen.training.data import DataSet, split
from symbp.codegen.training.data.baseline import Baseline, baseline
from symbp.codegen.training.data.scales import statistics
from symbp.codegen.training.prepare import prepare, prepare_again
from symbp.errors import InputError
from symbp.network import Network

RNG = np.random.default_rng(5)
X = RNG.normal(size=(40, 2)) * [300, 0.2] + [1000, 0]


def net(arch, loss, **options):
    return Network.parse(arch, loss=loss, **options)


@pytest.fixture
def table(tmp_path):
    def write(targets, x=X, name="mine.csv", columns=("a", "b", "y")):
        path = tmp_path / name
        rows = [",".join([*map(repr, map(float, row)), str(target)]) for row, target in zip(x, targets, strict=False)]
        path.write_text("\n".join([",".join(columns), *rows]) + "\n")
        return str(path)

    return write


def wanted(path, network, **options):
    ready = prepare(path, network, **{"held_out": 0, **options})
    return ready.data.y.tolist(), ready.data.classes


NAMED = ["dog", "cat"] * 20


@pytest.mark.parametrize(
    ("arch", "loss", "low", "high"),
    [
        ("2-1", "hinge", -1, 1),
        ("2-1:sigmoid", "binary_cross_entropy", 0, 1),
        ("2-1:sigmoid", "mse", 0, 1),
        ("2-1", "sse", 0, 1),
    ],
)
def test_two_classes_are_the_numbers_that_the_loss_knows(table, arch, loss, low, high):
    y, classes = wanted(table(NAMED), net(arch, loss))
    assert classes == ("cat", "dog") and y == [[high], [low]] * 20


@pytest.mark.parametrize("pair", [(0, 1), (-1, 1), (1, 2), (3, 8)])
def test_two_whole_numbers_are_two_classes(table, pair):
    y, classes = wanted(table([*pair] * 20), net("2-1", "hinge"))
    assert y == [[-1], [1]] * 20 and classes == (None if pair == (-1, 1) else tuple(map(str, pair)))
    y, _ = wanted(table([*pair] * 20), net("2-1:sigmoid", "binary_cross_entropy"))
    assert y == [[0], [1]] * 20


def test_labels_that_do_not_count_from_0_are_names(table):
    y, classes = wanted(table([1, 2, 3, 2] * 10), net("2-3:softmax", "cross_entropy"))
    assert y[:4] == [0, 1, 2, 1] and classes == ("1", "2", "3")
    y, classes = wanted(table([7, 70, 8, 8] * 10), net("2-3:softmax", "cross_entropy"))
    assert y[:4] == [0, 2, 1, 1] and classes == ("7", "8", "70")
    y, classes = wanted(table([0, 2, 0, 2] * 10), net("2-3:softmax", "cross_entropy"))  # a class that is not there
    assert y[:4] == [0, 2, 0, 2] and classes is None
    with pytest.raises(InputError, match=r"is 7; allowed: labels 0\.\.2"):
        wanted(table([7, 0, 1, 2] * 10), net("2-3:softmax", "cross_entropy"))


@pytest.mark.parametrize(("loss", "low"), [("hinge", -1), ("mse", 0), ("binary_cross_entropy", 0)])
def test_several_outputs_take_a_row_for_each_class(table, loss, low):
    arch = "2-3:sigmoid" if loss == "binary_cross_entropy" else "2-3"
    y, _ = wanted(table(["c", "a", "b", "a"] * 10), net(arch, loss))
    rows = {"a": [1, low, low], "b": [low, 1, low], "c": [low, low, 1]}
    assert y[:4] == [rows[name] for name in "caba"]


def test_shares_and_counts(table, tmp_path):
    y, _ = wanted(table([0, 3, 7, 1] * 10), net("2-1:exp", "poisson"))
    assert y[:4] == [[0], [3], [7], [1]]
    np.savez(tmp_path / "s.npz", x=X, y=np.tile([0.25, 0.75], (40, 1)))
    assert wanted(str(tmp_path / "s.npz"), net("2-2:softmax", "kl_divergence"))[0][0] == [0.25, 0.75]


@pytest.mark.parametrize(
    ("arch", "loss", "values", "said"),
    [
        ("2-1", "hinge", [0.5, -1, 1], ":2: y[0, 0] is 0.5; allowed: for hinge, -1 and 1, or two classes"),
        ("2-1", "hinge", [-1, 1, 0], ":4: y[2, 0] is 0; allowed: for hinge, -1 and 1, or two classes"),
        ("2-1:sigmoid", "binary_cross_entropy", [0.5, 1.5, 1], ":3: y[1, 0] is 1.5; allowed: for binary_cross_entropy"),
        ("2-1:exp", "poisson", [1, 2, -1], ":4: y[2, 0] is -1; allowed: for poisson, counts: whole numbers from 0"),
        ("2-1:exp", "poisson", [1.0, 2.5, 1], ":3: y[1, 0] is 2.5; allowed: for poisson, counts"),
        ("2-1:exp", "poisson", ["a", "b", "a"], ": y holds classes (2 of them), and poisson takes counts"),
        ("2-1", "mse", ["a", "b", "c"], ": y has 3 classes, and the network has one output"),
    ],
)
def test_what_a_loss_refuses(table, arch, loss, values, said):
    path = table(values)
    with pytest.raises(InputError) as caught:
        prepare(path, net(arch, loss))
    assert str(caught.value).removeprefix(path).startswith(said)


def test_shares_that_do_not_sum_to_one(tmp_path):
    y = np.tile([0.25, 0.75], (40, 1))
    y[7] = [0.5, 0.6]
    np.savez(tmp_path / "s.npz", x=X, y=y)
    with pytest.raises(
        InputError, match=r"the targets y\[7\] sum to 1.1; allowed: for kl_divergence, shares from 0 to 1"
    ):
        prepare(str(tmp_path / "s.npz"), net("2-2:softmax", "kl_divergence"))


def test_statistics_are_those_of_the_part_to_train_on(table):
    values = RNG.normal(size=40) * 70 + 500
    ready = prepare(table(values), net("2-3:tanh-1", "mse"), seed=3)
    assert ready.network.standardize == "both" and len(ready.data.x) == 32 and len(ready.data.x_validation) == 8
    assert {*ready.state} == {"x_mean", "x_scale", "y_mean", "y_scale"}
    assert np.allclose(ready.state["x_mean"], ready.data.x.mean(axis=0))
    assert np.allclose(ready.state["x_scale"], ready.data.x.std(axis=0))
    assert np.allclose(ready.state["y_scale"], ready.data.y.std(axis=0))
    assert abs(ready.data.x).max() > 1000  # the data stay in their own units
    (note,) = ready.notes
    assert note.startswith("standardised, since columns differ in size, from 0.") and "('b')" in note and "1." in note
    assert "--no-standardize" in note


@pytest.mark.parametrize(("asked", "expected"), [(None, "inputs"), (True, "inputs"), (False, "")])
def test_classes_are_not_standardised(table, asked, expected):
    ready = prepare(table(NAMED), net("2-2:softmax", "cross_entropy"), standardize=asked)
    assert ready.network.standardize == expected and {*ready.state} == ({"x_mean", "x_scale"} if expected else set())
    assert bool(ready.notes) == (asked is None)
    # a linear output, a loss that takes all numbers, and yet the targets are classes
    assert prepare(table(NAMED), net("2-2", "mse"), standardize=asked).network.standardize == expected


def test_a_bounded_output_keeps_its_targets(table):
    ready = prepare(table(RNG.uniform(size=40)), net("2-1:sigmoid", "mse"))
    assert ready.network.standardize == "inputs"


@pytest.mark.parametrize("source", ["digits", "iris", "xor"])
def test_bundled_sets_are_alike_in_scale(source):
    arch, loss = {"digits": ("64-10:softmax", ""), "iris": ("4-3:softmax", ""), "xor": ("2-1:sigmoid", "mse")}[source]
    assert prepare(source, net(arch, loss)).notes == ()


def test_arrays_of_small_numbers_and_images_are_left_alone(tmp_path):
    from symbp.codegen.training.data.scales import reason

    y = np.zeros((40, 1))
    assert reason(DataSet("m", X, y), True).startswith("columns differ")
    assert reason(DataSet("m", X / 2000, y), True) == ""
    assert reason(DataSet("m", np.full((40, 8, 8), 255.0) * RNG.uniform(size=(40, 8, 8)), y), True) == ""


@pytest.mark.parametrize("value", [0.1, 1e4, 5e-324, 0])
def test_a_constant_column_has_the_scale_1(value):
    mean, scale = statistics(np.full((10_001, 2), value))
    assert scale.tolist() == [1, 1] and np.allclose(mean, value)


def test_a_large_mean_does_not_swallow_the_deviation():
    x = 1e9 + RNG.normal(size=(20_000, 1))
    assert statistics(x)[1] == pytest.approx(x.std(axis=0), rel=1e-9)


def test_missing_values_are_replaced_by_the_part_to_train_on(table):
    x = X.copy()
    x[::7, 0] = np.nan
    ready = prepare(table(NAMED, x), net("2-2:softmax", "cross_entropy"), impute="mean", seed=2)
    known = {*x[:, 0][~np.isnan(x[:, 0])]}
    fill = np.mean([v for v in ready.data.x[:, 0] if v in known])
    for part in (ready.data.x, ready.data.x_validation):
        assert np.isfinite(part).all() and all(v in known or v == pytest.approx(fill) for v in part[:, 0])
    assert ready.data.reading.columns[0].fill == pytest.approx(fill)
    assert ready.notes[0] == "6 rows had missing values: replaced by the mean"


def test_a_new_table_is_made_ready_as_the_first_was(table):
    ready = prepare(table(NAMED), net("2-1", "hinge"))
    x, again = prepare_again(table(["cat", "dog"], X[:2], "new.csv"), ready.network, ready.data.reading)
    assert np.array_equal(x, X[:2]) and again.y.tolist() == [[-1], [1]]
    x, none = prepare_again(table(["1", "2"], X[:2], "new.csv", ("a", "b", "z")), ready.network, ready.data.reading)
    assert np.array_equal(x, X[:2]) and none is None
    ready = prepare(table([3, 9] * 20), net("2-2:softmax", "cross_entropy"))
    _, again = prepare_again(table([9, 3], X[:2], "new.csv"), ready.network, ready.data.reading)
    assert again.y.tolist() == [1, 0]


def test_the_width_that_texts_make_is_explained(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("a,c,y\n1,red,0\n2,blue,1\n3,red,1\n")
    with pytest.raises(InputError, match=r"takes \(3, 2\); there is an input for each text of 'c' \(2\)"):
        prepare(str(path), net("2-2:softmax", "cross_entropy"))


def test_options_of_tables_are_for_tables(tmp_path):
    np.savez(tmp_path / "m.npz", x=X, y=X)
    for source in ("iris", str(tmp_path / "m.npz"), "x.npy,y.npy"):
        with pytest.raises(InputError, match="--target, --header and --impute are for tables"):
            prepare(source, net("2-2", "mse"), target=["a"])


class TestBaseline:
    """What is reached without learning."""

    def test_the_class_that_is_most_frequent(self):
        data = DataSet(
            "m",
            np.zeros((6, 1)),
            np.array([0, 1, 1, 1, 2, 1]),
            np.zeros((4, 1)),
            np.array([1, 0, 2, 1]),
            ("a", "b", "c"),
        )
        assert baseline(data) == Baseline("'b'", accuracy=0.5)
        assert baseline(data).warning(accuracy=0.5) == "no better than always answering 'b', which is right for 50.0%"
        assert baseline(data).warning(accuracy=0.51) == ""

    @pytest.mark.parametrize("y", [[[-1.0], [1], [1]], [[0.0], [1], [1]], [[1.0, 0], [0, 1], [0, 1]]])
    def test_targets_that_stand_for_classes(self, y):
        assert baseline(DataSet("m", np.zeros((3, 1)), np.array(y))).accuracy == pytest.approx(2 / 3)

    def test_the_mean(self):
        data = DataSet("m", np.zeros((3, 1)), np.array([[1.0], [2], [6]]), np.zeros((2, 1)), np.array([[2.0], [4]]))
        assert baseline(data) == Baseline("the mean", r2=0.0)
        assert baseline(data).warning(r2=-0.1) == "no better than always answering the mean of the targets (R2 0)"
        assert baseline(data).warning(r2=0.2) == "" and baseline(data).warning() == ""

    def test_a_class_name_cannot_move_the_cursor(self):
        data = DataSet("m", np.zeros((2, 1)), np.array([0, 0]), classes=("\x1b[2J",))
        assert "\x1b" not in baseline(data).answer


def test_a_part_is_held_out_in_place():
    data = DataSet("m", RNG.normal(size=(30_000, 2)), np.arange(30_000.0)[:, None])
    x, apart = data.x.copy(), split(data, 0.3, 7)
    here = split(data, 0.3, 7, in_place=True)
    for name in ("x", "y", "x_validation", "y_validation"):
        assert np.array_equal(getattr(here, name), getattr(apart, name))
    assert here.x.base is data.x and np.array_equal(here.x, x[here.y[:, 0].astype(int)])


@pytest.mark.parametrize("y", [np.array([[-1.0], [1]] * 30 + [[1.0]] * 40), np.eye(2)[[0, 1] * 30 + [1] * 40]])
def test_targets_that_stand_for_classes_are_stratified(y):
    parts = split(DataSet("m", np.arange(100.0)[:, None], y), 0.2, 4)
    assert (parts.y_validation[:, 0] == y[0, 0]).sum() == 6 and len(parts.y_validation) == 20
