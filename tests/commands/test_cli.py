"""The command line as a user meets it: results on stdout, one message on stderr, exit status 0, 1 or 2, nothing half-written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symbp.commands.main import COMMANDS, run

SMALL = ["2-2:sigmoid-2:sigmoid", "--loss", "sse"]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def call(*args: str) -> tuple[int, str, str]:
        status = run(list(args))
        out = capsys.readouterr()
        return status, out.out, out.err

    return call


def test_help_names_every_command(said) -> None:  # type: ignore[no-untyped-def]
    status, out, err = said("--help")
    assert status == 0 and err == ""
    assert all(name in out for name in COMMANDS)
    for name in COMMANDS:
        status, out, _ = said(name, "--help")
        assert status == 0 and "Usage" in out


def test_help_does_not_wait_for_sympy() -> None:
    code = "import sys; from symbp.commands.main import run; run(['--help']); sys.exit('sympy' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL).returncode == 0


def test_version(said) -> None:  # type: ignore[no-untyped-def]
    assert said("--version")[:2] == (0, "symbp, version 0.1.0\n")


@pytest.mark.parametrize("what", ["activations", "layers", "losses", "optimizers", "conventions", "targets"])
def test_list(said, what: str) -> None:  # type: ignore[no-untyped-def]
    status, out, err = said("list", what)
    assert status == 0 and out and not err
    assert all(line in said("list")[1].replace("\n  ", "\n") for line in out.splitlines()[:1])


UNUSABLE = [
    (["nothing"], "no such command"), (["dervie", "2-2"], "did you mean 'derive'"), (["derive"], "ARCH"), (["list", "losse"], "did you mean 'losses'"),
    (["derive", "2-x"], "no layer size"), (["derive", "2-2:sgmoid"], "did you mean 'sigmoid'"), (["derive", "nowhere.toml"], "no such file"),
    (["derive", "2-2:relu", "--loss", "binary_cross_entropy"], "relu gives"), (["derive", "2-2", "--convention", "itm"], "did you mean 'iitm'"),
    (["derive", "2-2", "--convention", "nowhere.toml"], "no such file"), (["list", "losses", "--toml", "credit"], "symbp list conventions --toml"),
    (["derive", "2-2", "--convention", "esl"], "has letters for 2 layers"),
    (["derive", "2-2", "--format", "word"], "word"), (["derive", "2-2", "--detail", "stepps"], "stepps"), (["derive", "2-2", "--lss", "sse"], "--lss"),
    (["derive", "2-2", "-o", "/nonexistent/a.tex"], "directory"), (["generate", "2-2", "--dtype", "float16"], "float16"),
    (["generate", "2-2", "--l2", "-1"], "0 or more"), (["generate", "2-2", "--target", "rust"], "rust"),
    (["train", "2-2", "--data", "digit"], "did you mean 'digits'"), (["train", "2-10:softmax", "--data", "digits"], "64"),
    (["train", "64-10:softmax", "--data", "digits", "--epochs", "0"], "epochs"), (["train", "64-5:softmax", "--data", "digits"], "label"),
    (["train", "64-10:softmax", "--data", "digits", "--lr", "nan"], "finite"), (["verify", "--arch", "2-2"], "nothing to verify"),
    (["verify", "--claim", "a1 = x"], "--arch"), (["verify", "nowhere.txt", "--arch", "2-2"], "nowhere.txt"), (["cost", "2"], "not an architecture"),
    (["derive", "__import__('os').system('touch pwned')"], "not an architecture"), (["derive", "2-2:__import__('os')"], "unknown activation"),
    (["verify", "--arch", "2-2", "--claim", "dW1 = __import__('os').system('touch pwned')"], "column 7: '_' has no meaning"),
    (["graph", "f = __import__('os').system('touch pwned')"], "error"), (["graph", "f = x*y", "--at", "x=__import__('os'),y=1"], "error"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "says"), UNUSABLE, ids=[" ".join(a)[:40] for a, _ in UNUSABLE])
def test_unusable_input_is_one_message_and_status_2(said, args, says, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    status, _out, err = said(*args)
    assert status == 2
    assert says in err and "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_train_saves_its_files_and_they_work(said, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "out"
    args = ["4-5:tanh-3:softmax", "--loss", "cross_entropy", "--data", "iris", "--epochs", "3", "-o", str(folder)]
    status, _out, err = said("train", *args)
    assert status == 0 and "error" not in err
    assert sorted(p.name for p in folder.iterdir()) == [
        "best.npz", "checkpoint.npz", "confusion.png", "curve.png", "history.json", "iris.py", "settings.toml", "weights.npz",
    ]  # fmt: skip
    history = json.loads((folder / "history.json").read_text())["history"]
    assert len(history["loss"]) == len(history["val_loss"]) == 3
    assert (folder / "curve.png").read_bytes()[:4] == b"\x89PNG"
    code = "import numpy as np, iris; p = iris.load('weights.npz'); print(iris.predict(p, np.ones((2, 4))).shape)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert loaded.stdout == "(2, 3)\n"
    weights = {k: v for k, v in np.load(folder / "weights.npz").items()}
    status, out, err = said("train", *args)  # again, over the same folder
    assert (status, out) == (2, "") and "--overwrite" in err and "--resume" in err
    assert said("train", *args, "--overwrite")[0] == 0  # the same weights
    assert all((weights[k] == v).all() for k, v in np.load(folder / "weights.npz").items())


def test_xor_needs_a_hidden_layer(said, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    common = ["--loss", "binary_cross_entropy", "--data", "xor", "--epochs", "800", "--optimizer", "sgd", "--lr", "1"]
    hidden = said("train", "2-4:tanh-1:sigmoid", *common, "-o", str(tmp_path / "a"))[1]
    none = said("train", "2-1:sigmoid", *common, "-o", str(tmp_path / "b"))[1]
    assert "accuracy 100.0%" in hidden and "accuracy 100.0%" not in none


def test_digits_are_learnt(said, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    arch = "64-32:tanh-10:softmax"
    out = said("train", arch, "--loss", "cross_entropy", "--data", "digits", "-o", str(tmp_path / "d"))[1]
    held_out = float(out.split("held out")[1].split("accuracy ")[1].split("%")[0])
    assert held_out >= 95.0


def test_users_data_with_a_nan_is_refused_whole(said, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    x = np.ones((12, 3))
    x[7, 1] = np.nan
    np.savez(tmp_path / "d.npz", x=x, y=np.arange(12) % 2)
    status, out, err = said("train", "3-2:softmax", "--data", str(tmp_path / "d.npz"), "-o", str(tmp_path / "out"))
    assert status == 2 and "7" in err and "nan" in err.lower() and out == ""
    assert not (tmp_path / "out").exists()


def test_cost_counts_and_measures_four_sizes(said) -> None:  # type: ignore[no-untyped-def]
    status, out, err = said("cost", "3-4:sigmoid-4:sigmoid-2", "--seconds", "0.01")
    assert status == 0 and err == ""
    counted, measured, bound = out.split("\n\n")
    for block in (counted, measured):
        rows = [line.split() for line in block.splitlines()[2:]]
        assert len(rows) == 4 and len({row[0] for row in rows}) == 4
    assert "0.0625" in bound  # two sigmoid layers: a quarter of a quarter


def test_the_tour(said, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    status, out, err = said("demo", "--epochs", "2", "-o", str(tmp_path / "tour"))
    assert status == 0 and err == ""
    assert "delta1" in out and "held-out" in out and "activation derivative" in out
    assert {p.name for p in (tmp_path / "tour").iterdir()} >= {"derivation.tex", "digits.py", "curve.png"}


def test_a_file_that_was_there_stays_where_the_input_is_unusable(said, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    kept = tmp_path / "a.tex"
    kept.write_text("kept")
    assert said("derive", "2-2:sgmoid", "-o", str(kept))[0] == 2
    assert kept.read_text() == "kept"
    assert said("derive", *SMALL, "-o", str(kept))[0] == 0
    assert kept.read_text().startswith("\\documentclass")
    assert [p.name for p in tmp_path.iterdir()] == ["a.tex"]


def test_generate_explains_what_each_pass_did(said, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    status, out, err = said("generate", "5-4:relu-3:softmax", "--explain")
    assert status == 0 and err == "" and "import numpy" not in out
    for words in ("z1 not kept for the slope", "integer labels are places", "the learning rate moved to delta2", "z1 and a1",
                  "matrix products", "not buffered      nothing"):  # fmt: skip
        assert words in out, words
    path = tmp_path / "net.py"
    assert said("generate", "5-4:relu-3:softmax", "--explain", "-o", str(path))[:2] == (0, out)
    assert "class Trainer" in path.read_text(encoding="utf-8")
