"""A table as it comes, from train to predict: read in one way, standardised, and gone on with to the same bytes."""

import json
import tomllib

import numpy as np
import pytest

import symbp as sb
from symbp.codegen.training.data.baseline import Baseline

RNG = np.random.default_rng(11)
SIZE, WEIGHT = RNG.normal(size=90) * 400 + 2000, RNG.normal(size=90) * 0.02
COLOUR = np.array(["red", "green", "blue"])[np.arange(90) % 3]
KIND = np.where((SIZE - 2000) / 400 + (COLOUR == "red") > 0.4, "big", "small")
PRICE = 5000 + 3 * SIZE + 900 * (COLOUR == "red")


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = zip(SIZE.tolist(), WEIGHT.tolist(), COLOUR, KIND, PRICE.tolist(), strict=True)
    lines = [
        f"{'' if k == 7 else repr(size)},{w!r},{c},{kind},{price!r}" for k, (size, w, c, kind, price) in enumerate(rows)
    ]
    (tmp_path / "t.csv").write_text("\n".join(["size,weight,colour,kind,price", *lines]) + "\n")
    return tmp_path / "t.csv"


CLASSES = ["6-8:tanh-2:softmax", "--data", "t.csv", "--target", "kind", "--impute", "median", "--quiet"]


def test_classes_from_train_to_predict(said, table):
    status, out, err = said("train", *CLASSES, "-o", "r")
    assert status == 0 and float(out.split("held out")[1].split("accuracy ")[1].split("%")[0]) >= 85
    assert "1 row had missing values: replaced by the median, texts by the most frequent" in err
    assert "standardised, since columns differ in size" in err
    settings = tomllib.loads((table.parent / "r" / "settings.toml").read_text())
    assert settings["data"]["target"] == ["kind"] and settings["data"]["table"]["columns"][2]["categories"] == [
        "blue",
        "green",
        "red",
    ]
    assert settings["architecture"]["standardize"] == "inputs"
    weights = np.load(table.parent / "r" / "weights.npz")
    assert weights["x_mean"].shape == (6,) and abs(weights["x_mean"][0] - 2000) < 200
    # without the targets, in another order, with a gap
    (table.parent / "new.csv").write_text("colour,size,price,weight\nred,2600,13700,0.01\nblue,?,11000,0.0\n")
    status, out, err = said("predict", "r", "new.csv")
    assert (
        (status, err) == (0, "")
        and out.splitlines()[0] == "class,p(big),p(small)"
        and out.splitlines()[1].startswith("big,")
    )
    (table.parent / "new.csv").write_text("colour,size,price,weight\nred,2600,9,0.01\npink,2000,9,0.0\n")
    status, out, err = said("predict", "r", "new.csv")
    assert (status, out) == (2, "") and "new.csv:3:1: column 1 ('colour') holds 'pink'" in err
    assert json.loads(said("evaluate", "r", "t.csv", "--json")[1])["accuracy"] > 0.85


def test_a_table_is_gone_on_with_to_the_same_bytes(said, table):
    assert said("train", *CLASSES, "--epochs", "6", "-o", "whole")[0] == 0
    assert said("train", *CLASSES, "--epochs", "3", "-o", "part")[0] == 0
    status, _, err = said("train", "--resume", "part", "--epochs", "6", "--quiet")
    assert status == 0 and "note" not in err
    assert (table.parent / "whole" / "weights.npz").read_bytes() == (table.parent / "part" / "weights.npz").read_bytes()
    status, out, err = said("train", "--resume", "part", "--epochs", "9", "--target", "price")
    assert (status, out) == (2, "") and "--target is" in err and "the run was made with" in err


def test_not_standardised_stays_so(said, table):
    assert said("train", *CLASSES, "--no-standardize", "--epochs", "2", "-o", "r")[0] == 0
    assert said("train", "--resume", "r", "--epochs", "3", "--quiet")[0] == 0
    assert {*np.load(table.parent / "r" / "weights.npz")} == {"W1", "b1", "W2", "b2"}


def test_a_regression_answers_in_its_own_units(said, table):
    args = ["6-8:relu-1", "--loss", "mse", "--data", "t.csv", "--impute", "mean", "--quiet"]
    # kind is an input now, of two texts: one too many for this network
    status, out, err = said("train", *args, "-o", "r")
    assert (status, out) == (
        2,
        "",
    ) and "the network takes (90, 6); there is an input for each text of 'colour' (3), 'kind' (2)" in err
    args[0] = "7-8:relu-1"
    status, out, _ = said("train", *args, "-o", "r")
    assert status == 0 and float(out.split("R2 ")[-1].split("\n")[0]) > 0.9
    prices = np.array([float(line) for line in said("predict", "r", "t.csv")[1].splitlines()[1:]])
    assert np.corrcoef(prices, PRICE)[0, 1] > 0.95 and abs(prices.mean() - PRICE.mean()) < 300
    found = json.loads(said("evaluate", "r", "t.csv", "--json")[1])
    assert found["RMSE"] == pytest.approx(np.sqrt(((prices - PRICE) ** 2).mean()), rel=1e-3)
    assert found["loss"] == pytest.approx(
        found["RMSE"] ** 2 / float(np.load("r/best.npz")["y_scale"][0]) ** 2, rel=1e-3
    )


def test_no_better_than_the_majority_is_said(said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("n.npz", x=RNG.normal(size=(60, 2)), y=np.arange(60) % 3 // 2)
    status, _, err = said(
        "train", "2-2:softmax", "--data", "n.npz", "--epochs", "2", "--lr", "1e-6", "-o", "r", "--quiet"
    )
    assert status == 0 and "warning: no better than always answering '0', which is right for 66.7%" in err


def test_from_python(table):
    trained = sb.train("6-8:tanh-2:softmax", table, target="kind", impute="mean", epochs=100)
    assert trained.classes == ("big", "small") and "x_scale" in trained.params
    assert np.mean(np.array(sb.predict(trained, table).names) == KIND) > 0.85
    x = np.column_stack([SIZE, WEIGHT])
    trained = sb.train(sb.Network.parse("2-8:relu-1", loss="mse", optimizer="adam"), (x, PRICE), epochs=300)
    assert "y_mean" in trained.params and sb.evaluate(trained, (x, PRICE))["R2"] > 0.8


def test_predictions_of_numbers_have_the_names_of_the_targets(said, table, tmp_path):
    two = ["4-3:tanh-2", "--data", "t.csv", "--target", "price,size", "--impute", "mean", "--epochs", "1", "--quiet"]
    lines = table.read_text().splitlines()
    table.write_text(
        "\n".join(",".join(line.split(",")[:3] + line.split(",")[4:]) for line in lines if line[0] != ",") + "\n"
    )
    assert said("train", *two, "-o", "two")[0] == 0
    status, out, err = said("predict", "two", "t.csv")
    assert (status, err) == (0, "") and out.splitlines()[0] == "price,size"
    (tmp_path / "bare.csv").write_text("\n".join(f"{k}.5,{k * k}.25" for k in range(12)) + "\n")
    assert said("train", "1-1", "--data", "bare.csv", "--epochs", "1", "-o", "bare")[0] == 0
    assert said("predict", "bare", "bare.csv")[1].splitlines()[0] == "y"


def test_classes_that_the_network_does_not_tell_apart_are_said(said, table):
    more = ["--data", "t.csv", "--target", "kind", "--impute", "median", "--epochs", "1", "--quiet"]
    assert "the table has 2 classes, and the network 4 outputs" in said("train", "6-4:softmax", *more, "-o", "a")[2]
    hint = "loss sse takes the classes as the numbers 0 and 1; --loss binary_cross_entropy tells them apart"
    assert hint in said("train", "6-1:sigmoid", *more, "-o", "b")[2]
    for k, fitting in enumerate(
        (["6-2:softmax"], ["6-1:sigmoid", "--loss", "binary_cross_entropy"], ["6-1", "--loss", "hinge"])
    ):
        assert "classes" not in said("train", *fitting, *more, "-o", f"c{k}")[2]


def test_who_weighs_classes_is_not_told_that_the_frequent_one_suffers(said, table, monkeypatch):
    monkeypatch.setattr(Baseline, "beaten_by", lambda self, **scores: False)
    args = ["6-2:softmax", "--data", "t.csv", "--target", "kind", "--impute", "median", "--epochs", "1"]
    weighed, plain = said("train", *args, "-o", "a", "--class-weight", "balanced"), said("train", *args, "-o", "b")
    assert (weighed[0], plain[0]) == (0, 0) and "no better" not in weighed[2] and "no better" in plain[2]
