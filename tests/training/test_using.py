"""predict, evaluate and train from the command line and from Python: names of classes, units, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import shutil

import numpy as np
import pytest

import symbp as sb
from symbp.commands.main import run

RNG = np.random.default_rng(11)
X = RNG.normal(size=(60, 3))
NAMES = ["a, b", 'say "c"', "δ"]
LABELS = np.array(NAMES)[X.argmax(axis=1)]
NUMBERS = X @ [[1.0, 2.0], [3.0, -1.0], [0.5, 0.0]]


def table(path, x, *columns, header=True):
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        if header:
            out.writerow(["u", "v", "w", *(["class"] if columns else [])])
        out.writerows(zip(*x.T.round(6), *columns, strict=True))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs in folders: classes with names from a table, and numbers from arrays; and one of an output that is yes or no."""
    folder = tmp_path_factory.mktemp("runs")
    table(folder / "classes.csv", X, LABELS)
    np.savez(folder / "numbers.npz", x=X, y=NUMBERS)
    np.savez(folder / "yes.npz", x=X, y=(X[:, 0] > 0).astype(int))
    for arch, name, more in (
        ("3-8:tanh-3:softmax", "classes.csv", []),
        ("3-8:tanh-2", "numbers.npz", ["--dtype", "float64"]),
        ("3-4:tanh-1:sigmoid", "yes.npz", ["--loss", "binary_cross_entropy"]),
    ):
        args = ["--data", str(folder / name), "--epochs", "40", "-o", str(folder / name.split(".")[0])]
        assert run(["train", arch, *args, *more, "--quiet", "--lr", "0.02"]) == 0
    return folder


def test_classes_come_with_their_names_and_probabilities(said, runs, tmp_path):
    status, out, err = said("predict", runs / "classes", runs / "classes.csv")
    head, *rows = csv.reader(io.StringIO(out))
    assert (status, err) == (0, "") and head == ["class", *(f"p({name})" for name in sorted(NAMES))]
    numbers = np.array([[float(cell) for cell in row[1:]] for row in rows])
    np.testing.assert_allclose(numbers.sum(axis=1), 1, atol=1e-5)
    assert [row[0] for row in rows] == [sorted(NAMES)[k] for k in numbers.argmax(axis=1)]
    assert np.mean([row[0] == name for row, name in zip(rows, LABELS, strict=True)]) > 0.8
    table(tmp_path / "x.csv", X)  # no targets
    table(tmp_path / "bare.csv", X, header=False)
    np.savez(tmp_path / "x.npz", X=X.round(6))
    for name in ("x.csv", "bare.csv", "x.npz"):
        assert said("predict", runs / "classes", tmp_path / name) == (0, out, ""), name
    target = tmp_path / "out.csv"
    assert said("predict", runs / "classes", tmp_path / "x.csv", "-o", target) == (0, "", "")
    assert target.read_text(encoding="utf-8") == out
    assert said("predict", runs / "classes", tmp_path / "x.csv", "-o", tmp_path / "out.npz") == (0, "", "")
    arrays = dict(np.load(tmp_path / "out.npz"))
    assert arrays["classes"][arrays["label"]].tolist() == [row[0] for row in rows]
    np.testing.assert_allclose(arrays["probabilities"], numbers, atol=1e-5)


def test_numbers_come_in_their_own_units(said, runs):
    status, out, _ = said("predict", runs / "numbers", runs / "numbers.npz")
    head, *rows = csv.reader(io.StringIO(out))
    assert status == 0 and head == ["y1", "y2"]
    y_hat = np.array(rows, float)
    np.testing.assert_allclose(y_hat, sb.predict(runs / "numbers", X).y_hat, rtol=1e-4, atol=1e-5)
    found = json.loads(said("evaluate", runs / "numbers", runs / "numbers.npz", "--json")[1])
    assert found["RMSE"] == pytest.approx(np.sqrt(((y_hat - NUMBERS) ** 2).mean()), rel=1e-4)
    assert found["MAE"] == pytest.approx(np.abs(y_hat - NUMBERS).mean(), rel=1e-4)


def test_yes_or_no(said, runs):
    found = sb.predict(runs / "yes", X)
    assert found.classes == ("0", "1") and found.labels is not None and found.probabilities is not None
    assert np.array_equal(found.labels, found.y_hat[:, 0] > 0.5)
    np.testing.assert_allclose(found.probabilities, np.column_stack([1 - found.y_hat, found.y_hat]))
    assert said("predict", runs / "yes", runs / "yes.npz")[1].startswith("class,p(0),p(1)\n")


def test_evaluate_says_what_it_is_worth_class_by_class(said, runs):
    found = json.loads(said("evaluate", runs / "classes", runs / "classes.csv", "--json")[1])
    names = sb.predict(runs / "classes", X.round(6)).names
    assert found["classes"] == sorted(NAMES) and found["examples"] == 60
    for k, name in enumerate(found["classes"]):
        row = [sum(p == other and t == name for p, t in zip(names, LABELS, strict=True)) for other in found["classes"]]
        assert found["confusion"][k] == row
        assert found["recall"][k] == pytest.approx(row[k] / sum(row))
    status, out, err = said("evaluate", runs / "classes", runs / "classes.csv")
    assert (status, err) == (0, "") and out.startswith("60 examples, loss ") and "precision" in out and "δ" in out


def test_a_table_with_fewer_classes_has_the_same_labels(said, runs, tmp_path):
    some = LABELS != sorted(NAMES)[0]
    table(tmp_path / "some.csv", X[some], LABELS[some])
    found = json.loads(said("evaluate", runs / "classes", tmp_path / "some.csv", "--json")[1])
    assert found["count"][0] == 0 and sum(found["count"]) == some.sum() and found["accuracy"] > 0.8
    table(tmp_path / "new.csv", X, np.where(some, LABELS, "delta"))
    status, out, err = said("evaluate", runs / "classes", tmp_path / "new.csv")
    assert (status, out) == (2, "") and "'delta'" in err


def test_weights_of_the_best_and_of_the_last_epoch(runs):
    best, last = (dict(np.load(runs / "numbers" / f"{name}.npz")) for name in ("best", "weights"))
    for weights, params in (("best", best), ("last", last)):
        h = np.tanh(X @ params["W1"].T + params["b1"])
        np.testing.assert_allclose(
            sb.predict(runs / "numbers", X, weights=weights).y_hat, h @ params["W2"].T + params["b2"]
        )


def test_no_code_of_the_folder_is_run(said, runs, tmp_path):
    shutil.copytree(runs / "classes", tmp_path / "r")
    (tmp_path / "r" / "classes.py").write_text("raise SystemExit('run')")
    assert said("predict", tmp_path / "r", runs / "classes.csv")[0] == 0
    settings = (tmp_path / "r" / "settings.toml").read_text().replace('"tanh"', "\"__import__('os')\"")
    (tmp_path / "r" / "settings.toml").write_text(settings)
    status, out, err = said("predict", tmp_path / "r", runs / "classes.csv")
    assert (status, out) == (2, "") and "unknown layer" in err


WRONG = [
    (["predict", "none", "X"], "no such folder"),
    (["predict", ".", "X"], "there is no run in it: settings.toml is missing"),
    (["predict", "RUN", "none.csv"], "none.csv: no such file"),
    (["predict", "RUN", "none.npz"], "none.npz: no such file"),
    (["predict", "RUN", "x.txt"], "unknown kind of file '.txt'"),
    (["predict", "RUN", "narrow.csv"], "narrow.csv:"),
    (["predict", "RUN", "text.csv"], "text.csv:3:2: column 2"),
    (["predict", "RUN", "nan.csv"], "nan.csv:3:1: column 1"),
    (["predict", "RUN", "gap.csv"], "gap.csv:3:2: column 2"),
    (["predict", "RUN", "wide.npz"], "x has shape (4, 5), and the network takes (4, 3)"),
    (["predict", "RUN", "y.npz"], "there is no array 'x'; the file holds 'y'"),
    (["predict", "RUN", "text.npz"], "not an .npz file"),
    (["predict", "RUN", "pickled.npz"], "pickled objects, which are never read"),
    (["predict", "RUN", "X", "-o", "out.txt"], "unknown ending of the output '.txt'; allowed: .csv, .npz"),
    (["predict", "RUN", "X", "-o", ""], "-o is empty"),
    (["predict", "RUN", "X", "-o", "none/out.csv"], "directory does not exist"),
    (["predict", "RUN", "X", "--weights", "bset"], "best"),
    (["evaluate", "RUN", "iris"], "unknown class 'setosa'"),
    (["evaluate", "RUN", "none.csv"], "no such file"),
]


@pytest.mark.parametrize(("args", "words"), WRONG, ids=[" ".join(a) for a, _ in WRONG])
def test_wrong_input(said, runs, tmp_path, monkeypatch, args, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.txt").write_text("1,2,3\n")
    (tmp_path / "narrow.csv").write_text("u,v\n1,2\n")
    (tmp_path / "text.csv").write_text("u,v,w\n1,2,3\n1,x,3\n")
    (tmp_path / "nan.csv").write_text("u,v,w\n1,2,3\nnan,2,3\n")
    (tmp_path / "gap.csv").write_text("u,v,w\n1,2,3\n1,,3\n")
    (tmp_path / "text.npz").write_text("no archive")
    np.savez(tmp_path / "wide.npz", x=np.ones((4, 5)))
    np.savez(tmp_path / "y.npz", y=np.ones(4))
    np.savez(tmp_path / "pickled.npz", x=np.array([{}], dtype=object))
    before = {p.name for p in tmp_path.iterdir()}
    words_of = {"RUN": str(runs / "classes"), "X": str(runs / "classes.csv")}
    status, out, err = said(*(words_of.get(a, a) for a in args))
    assert (status, out) == (2, "") and words in err and err.count("\n") == 1, err
    assert {p.name for p in tmp_path.iterdir()} == before


def test_a_run_that_was_killed_before_it_saved_is_read_from_its_checkpoint(runs, tmp_path):
    shutil.copytree(runs / "classes", tmp_path / "r")
    for name in ("weights.npz", "best.npz"):
        (tmp_path / "r" / name).unlink()
    for weights in ("best", "last"):
        a, b = (sb.predict(folder, X, weights=weights).y_hat for folder in (runs / "classes", tmp_path / "r"))
        assert np.array_equal(a, b)
    (tmp_path / "r" / "checkpoint.npz").unlink()
    with pytest.raises(sb.InputError, match="nothing was trained"):
        sb.predict(tmp_path / "r", X)


def test_in_python(tmp_path):
    told = []
    r = sb.train(
        "3-8:tanh-3:softmax", (X.tolist(), LABELS.tolist()), epochs=30, batch_size=None, folder=tmp_path / "r",
        on_epoch=lambda epoch, values: told.append(epoch) or len(told) == 20,
    )  # fmt: skip
    assert r.epochs == 20 == len(told) and r.classes == tuple(sorted(NAMES)) and (r.examples, r.held_out) == (48, 12)
    assert r.best_epoch == np.argmin(r.history["val_loss"]) + 1
    assert np.array_equal(sb.predict(r, X).y_hat, sb.predict(tmp_path / "r", X.tolist()).y_hat)
    by_number = sb.evaluate(r, (X, np.searchsorted(sorted(NAMES), LABELS)))
    assert by_number == sb.evaluate(r, (X, LABELS)) and by_number["examples"] == 60
    again = sb.train("3-8:tanh-3:softmax", (X, LABELS), epochs=25, batch_size=None, resume=tmp_path / "r")
    whole = sb.train("3-8:tanh-3:softmax", (X, LABELS), epochs=25, batch_size=None)
    assert all(np.array_equal(again.params[n], whole.params[n]) for n in whole.params)
    assert again.folder is None and again.history == whole.history


def test_in_python_with_a_part_to_validate_on_and_weights():
    r = sb.train("3-4:tanh-2", (X, NUMBERS), validation=(X[:9], NUMBERS[:9]), epochs=3, sample_weight=np.arange(1, 61))
    assert (r.examples, r.held_out) == (60, 9) and {"R2", "val_R2"} <= {*r.history}


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (X, {}, "no pair"),
        ((X, LABELS[:-1]), {}, "60 examples and y has 59"),
        (([["a", "b", "c"]] * 60, LABELS), {}, "real numbers"),
        ((X, LABELS), {"epochs": 0}, "epochs is 0"),
        ((X, LABELS), {"batch_size": 2.5}, "batch_size is 2.5"),
        ((X, LABELS), {"dtype": "float16"}, "unknown dtype 'float16'"),
        ((X, LABELS), {"held_out": 1}, "less than 1"),
        ((X, LABELS), {"class_weight": "equal"}, "expected 'balanced'"),
        ((X, LABELS), {"sample_weight": [1, 2]}, "sample_weight has the shape"),
    ],
)
def test_wrong_in_python(data, options, words):
    with pytest.raises(sb.InputError, match=words):
        sb.train("3-4:tanh-3:softmax", data, **options)


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    """A run of one input, trained on arrays."""
    folder = tmp_path_factory.mktemp("single")
    np.savez(folder / "line.npz", x=X[:, :1], y=2 * X[:, :1])
    assert run(["train", "1-3:tanh-1", "--data", str(folder / "line.npz"), "--epochs", "2", "-o", str(folder / "r"), "--quiet"]) == 0  # fmt: skip
    return folder / "r"


@pytest.mark.parametrize(
    "text", ["0.5\n-1\n2\n", "u\n0.5\n-1\n2\n", "y;u\nno;0.5\n;-1\nyes;2\n", "u\ty\n0.5\t7\n-1\t8\n2\t9\n"]
)
def test_tables_for_a_run_that_had_none(single, tmp_path, text):
    (tmp_path / "t.csv").write_text(text)
    x = np.array([[0.5], [-1], [2]])
    np.save(tmp_path / "x.npy", x)
    wanted = sb.predict(single, x).y_hat
    assert np.array_equal(sb.predict(single, tmp_path / "t.csv").y_hat, wanted)
    assert np.array_equal(sb.predict(single, tmp_path / "x.npy").y_hat, wanted)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2,3\n4,5,6\n", "t.csv:1: this row has 3 cells; allowed: 1, or 2 with the target"),
        ("u,y\nred,1\nblue,2\n", "t.csv:2:1: column 1 ('u') holds 'red'; allowed: numbers"),
        ("u,y\n1,1\n,2\n", "t.csv:3:1: column 1 ('u') has no value in this row"),
        ("u,y\n1,1\n1e999,2\n", "t.csv:3:1: column 1 ('u') holds '1e999'"),
    ],
)
def test_tables_that_do_not_fit_such_a_run(single, tmp_path, text, words):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(sb.InputError) as caught:
        sb.predict(single, tmp_path / "t.csv")
    assert words in str(caught.value)


def test_examples_are_bounded_before_they_are_unpacked(single, tmp_path):
    np.savez_compressed(tmp_path / "bomb.npz", x=np.zeros((2**24, 1)))
    np.savez(tmp_path / "number.npz", x=1.0)
    np.savez(tmp_path / "nan.npz", x=[[np.nan]])
    for name, words in (("bomb", "times its size"), ("number", "one number"), ("nan", r"x\[0, 0\] is nan")):
        with pytest.raises(sb.InputError, match=words):
            sb.predict(single, tmp_path / f"{name}.npz")


def test_names_of_classes_do_nothing_to_a_terminal(said, tmp_path):
    table(tmp_path / "t.csv", X, np.where(X[:, 0] > 0, "\x1b[31mred", "plain"))
    trained = said("train", "3-2:softmax", "--data", tmp_path / "t.csv", "--epochs", "1", "-o", tmp_path / "\x07r")
    found = said("evaluate", tmp_path / "\x07r", tmp_path / "t.csv")
    for status, out, err in (trained, found):
        assert status == 0 and r"\x1b[31mred" in out and not {"\x1b", "\x07"} & {*out, *err}
