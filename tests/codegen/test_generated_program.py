"""A generated module as a program: train, resume, predict, evaluate; interrupted, killed, and given wrong input."""

import os
import random
import signal
import sys
import time

import numpy as np
import pytest
from generated_module import from_source
from processes import started

import symbp as sb
from symbp.codegen.training.options import Options

RNG = np.random.default_rng(5)
X = RNG.normal(size=(90, 4))
Y = (X @ RNG.normal(size=(4, 3))).argmax(axis=1)
SOURCE = sb.generate(sb.Network.parse("4-6:tanh-3:softmax", optimizer="adam"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "net.py").write_text(SOURCE, encoding="utf-8")
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    np.savetxt(tmp_path / "d.csv", np.column_stack([X, Y]), delimiter=",", header="a,b,c,d,class", comments="")
    return tmp_path


def start(folder, *args):
    return started([sys.executable, "-W", "error", "net.py", *args], cwd=folder)


def call(folder, *args):
    with start(folder, *args) as process:
        out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_csv_and_npz_give_the_same(folder):
    for name in ("npz", "csv"):
        assert call(folder, "train", f"d.{name}", "--epochs", "4", "--held-out", "0.2", "-o", f"{name}.npz")[0] == 0
    a, b = np.load(folder / "npz.npz"), np.load(folder / "csv.npz")
    assert all(np.array_equal(a[n], b[n]) for n in a.files)
    out = [
        call(folder, command, "npz.npz", f"d.{name}") for command in ("predict", "evaluate") for name in ("npz", "csv")
    ]
    assert out[0] == out[1] and out[2] == out[3] and [status for status, *_ in out] == [0] * 4
    assert "accuracy" in out[2][1] and "confusion" in out[2][1]
    np.savetxt(folder / "x.csv", X, delimiter=",")  # predictions need no targets, nor a header
    assert call(folder, "predict", "npz.npz", "x.csv") == out[0]


def test_resumed_to_the_same_bytes(folder):
    options = ("--held-out", "0.2", "--class-weight", "balanced", "--clip-norm", "1", "--batch-size", "16")
    assert call(folder, "train", "d.npz", "--epochs", "6", "-o", "whole.npz", *options)[0] == 0
    assert call(folder, "train", "d.npz", "--epochs", "2", "-o", "part.npz", *options)[0] == 0
    assert call(folder, "train", "d.npz", "--epochs", "6", "-o", "part.npz", "--resume", *options)[0] == 0
    for name in ("{}.npz", "{}.best.npz", "{}.checkpoint.npz"):
        assert (folder / name.format("whole")).read_bytes() == (folder / name.format("part")).read_bytes()


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(folder, sent, status):
    with start(folder, "train", "d.npz", "--epochs", "1000000", "-o", "w.npz") as process:
        while not (folder / "w.checkpoint.npz").exists():
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    assert process.returncode == status and out == "" and "saved w.npz, w.best.npz, w.checkpoint.npz" in err
    m = from_source(SOURCE)
    state = m.load_checkpoint(str(folder / "w.checkpoint.npz"))
    assert len(state["history"]["loss"]) > 1
    assert all(np.array_equal(p, state["params"][n]) for n, p in m.load(str(folder / "w.npz")).items())
    assert not [p.name for p in folder.iterdir() if p.name.endswith(".tmp")]


def test_interrupted_when_a_file_is_in_its_place(folder, monkeypatch):
    m, place = from_source(SOURCE), os.replace

    def interrupted(*paths):
        place(*paths)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        m.save(str(folder / "late.npz"), m.init())
    assert {p.name for p in folder.iterdir() if "late" in p.name} == {"late.npz"}
    assert m.load(str(folder / "late.npz")).keys() == m.init().keys()


def test_killed_at_any_time(folder):
    m, rng = from_source(SOURCE), random.Random(1)
    epochs = []
    for k in range(4):
        more = ["--resume"] if k else []
        with start(folder, "train", "d.npz", "--epochs", "1000000", "-o", "w.npz", *more):
            while not (folder / "w.checkpoint.npz").exists():
                time.sleep(0.01)
            time.sleep(rng.uniform(0.2, 1.4))
        epochs.append(len(m.load_checkpoint(str(folder / "w.checkpoint.npz"))["history"].get("loss", ())))
    assert epochs == sorted(epochs) and epochs[-1] > 0


def test_a_loss_that_is_not_finite(folder):
    (folder / "net.py").write_text(sb.generate(sb.Network.parse("4-6:relu-1", loss="sse")), encoding="utf-8")
    np.savez(folder / "d.npz", x=X * 100, y=Y * 1.0)
    status, out, err = call(
        folder, "train", "d.npz", "--lr", "10", "--epochs", "500", "--batch-size", "all", "-o", "w.npz"
    )
    assert (status, out) == (1, "") and "smaller lr" in err and "saved w.npz" in err
    assert os.path.exists(folder / "w.npz")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b,c,d,class\n1,2,3,4,0\n1,2,3,4\n", "row 2 has 4 cells, and the first has 5"),
        ("1,2,3,4,0\n1,x,3,4,0\n", "row 2: could not convert string to float: 'x'"),
        ("1,2,3\n", "has 3 columns of numbers, expected 4 columns of x and then y"),
        ("", "columns of numbers"),
        ("1,2,3,4,7\n", "is out of range, expected 0 to 2"),
        ("1,2,nan,4,1\n", "x holds NaN"),
    ],
)
def test_unusable_tables(folder, text, words):
    (folder / "d.csv").write_text(text)
    before = {p.name for p in folder.iterdir()}
    status, out, err = call(folder, "train", "d.csv")
    assert (status, out) == (2, "") and err.startswith("error: ") and words in err and err.count("\n") == 1
    assert {p.name for p in folder.iterdir()} - {"__pycache__"} == before


def test_help(folder):
    for command in ("train", "predict", "evaluate", "check"):
        status, out, _ = call(folder, command, "--help")
        assert status == 0 and "usage" in out


@pytest.mark.parametrize(("examples", "batch"), [(1, 1), (4, 32), (120, 32), (1438, 32), (150, 1), (60_000, 128)])
def test_epochs_are_those_of_symbp_train(examples, batch):
    m = from_source(sb.generate("3-2:tanh-1"))
    assert m._epochs(examples, batch) == Options(batch_size=batch).at(examples).epochs


@pytest.mark.parametrize("place", ["w.npz", "w.best.npz", "w.checkpoint.npz"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "link to a pipe"])
def test_only_files_are_replaced_and_that_is_seen_before_training(folder, place, kind, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    if kind == "folder":
        (folder / place).mkdir()
    else:
        os.mkfifo(folder / (place if kind == "pipe" else "p"))
        if kind != "pipe":
            (folder / place).symlink_to("p")
    before = sorted(os.listdir(folder))
    m = from_source(SOURCE)
    assert m.main(["train", "d.npz", "-o", "w.npz", "--epochs", "1000000"]) == 2
    assert capsys.readouterr().err.startswith(f"error: {place}: a ") and sorted(os.listdir(folder)) == before
    with pytest.raises(ValueError, match="expected a file"):
        m.save(place, m.init())


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["train", "p.csv"], "p.csv: a device or a pipe"),
        (["predict", "p.csv", "d.npz"], "p.csv: a device or a pipe"),
        (["train", "long.csv"], "long.csv: row 1: field larger than"),
        (["train", "latin.csv"], "latin.csv: not text in UTF-8, at byte 1"),
        (["train", "other.csv"], "other.csv: row 1: could not convert string to float: '1_0'"),
        (["train", "one.npy"], "one.npy: not an .npz file of plain arrays (it is one array)"),
        (["train", "d.npz", "-o", ""], "-o is empty"),
        (["train", "d.npz", "--seed", "-1"], "seed is -1, expected 0 or more"),
        (["train", "\x1b[31m.npz"], r"\x1b[31m.npz: No such file or directory"),
        (["train", "d.npz", "-o", "nowhere/w.npz"], "No such file or directory"),
        (["train", "d.npz", "--resume", "-o", "new.npz"], "new.checkpoint.npz: No such file or directory"),
        (["evaluate", "w.npz", "none.npz"], "x has the shape (0, 4)"),
    ],
)
def test_hostile_files_are_one_message(folder, args, words, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    os.mkfifo("p.csv")
    (folder / "long.csv").write_text("1," + "9" * 200_000 + ",3,4,0\n")
    (folder / "latin.csv").write_bytes(b"a\xe9,b,c,d,y\n1,2,3,4,0\n")
    (folder / "other.csv").write_text("1_0,2,3,4,0\n")
    np.save("one.npy", X)
    np.savez("none.npz", x=X[:0], y=Y[:0])
    m = from_source(SOURCE)
    m.save("w.npz", m.init())
    before = sorted(os.listdir(folder))
    assert m.main([*args, *(["--epochs", "1"] if args[0] == "train" else [])]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1) and words in err and sorted(os.listdir(folder)) == before
