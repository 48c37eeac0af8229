"""A run of symbp train that ends before its time: Ctrl-C, SIGTERM, kill -9, a full disk, a loss that is not finite."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from processes import started

import symbp as sb
from symbp.codegen.training import folder as files
from symbp.codegen.training import running
from symbp.commands.main import run

pytestmark = pytest.mark.usefixtures("in_tmp_path")

ARGS = ["4-9:relu-3:softmax", "--data", "iris", "--epochs", "1000000", "-o", "run"]


def start(folder: Path, *args: str) -> AbstractContextManager[subprocess.Popen[str]]:
    root = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": root, "TMPDIR": str(folder / "tmp")}
    return started([sys.executable, "-m", "symbp", "train", *args], cwd=folder, env=env)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tmp").mkdir()
    return tmp_path


def until(path: Path) -> None:
    limit = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < limit
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("sent", "status", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_keeps_the_last_whole_epoch(folder, sent, status, word):
    with start(folder, *ARGS) as process:
        until(folder / "run" / "checkpoint.npz")
        time.sleep(0.5)
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (status, "")
    assert err.startswith(f"{word}; kept in run: the weights after epoch ") and "symbp train --resume run" in err
    assert err.count("\n") == 1
    history = json.loads((folder / "run" / "history.json").read_text())
    assert (
        f"after epoch {history['epochs']} of 1000000" in err
        and history["epochs"] == len(history["history"]["loss"]) > 0
    )
    assert {p.name for p in (folder / "run").iterdir()} == {*files.FILES, "iris.py"} - {"residuals.png"}
    assert not [*(folder / "tmp").iterdir()]  # temporary files are gone
    found = sb.evaluate(folder / "run", "iris", weights="last")
    assert found["examples"] == 150


def test_killed_at_any_time_what_is_there_can_be_read_and_gone_on_with(folder):
    rng, epochs = random.Random(2), [0]
    for k in range(3):
        with start(folder, *(["--resume", "run"] if k else ARGS)):
            until(folder / "run" / "checkpoint.npz")
            time.sleep(rng.uniform(0, 2.5 if k else 0.4))
        for path in (folder / "run").glob("[!.]*.npz"):
            with np.load(path) as archive:
                epochs += [len(archive[n]) for n in archive.files if n == "history/loss"]
        sb.predict(folder / "run", "iris")
        files.read_settings(folder / "run")
    assert epochs == sorted(epochs) and epochs[-1] > 0
    assert run(["train", "--resume", str(folder / "run"), "--epochs", str(epochs[-1] + 1)]) == 0
    assert not [p.name for p in (folder / "run").iterdir() if p.name.startswith(".") and p.is_file()]


def test_a_loss_that_is_not_finite(said, tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "d.npz", x=rng.normal(size=(40, 4)), y=rng.normal(size=(40, 2)))
    args = [
        "4-5:relu-2",
        "--data",
        "d.npz",
        "--optimizer",
        "sgd",
        "--lr",
        "10000",
        "--batch-size",
        "all",
        "--no-standardize",
    ]
    status, out, err = said("train", *args, "-o", "run", "--epochs", "100")
    assert (status, out) == (1, "") and "try a smaller lr; kept in run: the weights after epoch" in err
    history = json.loads((tmp_path / "run" / "history.json").read_text())["history"]
    assert np.isfinite(history["loss"]).all()
    assert np.isfinite(np.load(tmp_path / "run" / "best.npz")["W1"]).all()


def test_a_full_disk_says_so_and_leaves_what_was_there(said, tmp_path, monkeypatch):
    args = ["4-5:tanh-3:softmax", "--data", "iris", "-o", "run"]
    assert said("train", *args, "--epochs", "2")[0] == 0
    before = {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()}
    replace, left = os.replace, [0]

    def full(source, target):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        replace(source, target)

    for k in range(9):
        left[0] = k
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", full)
            status, out, err = said("train", "--resume", "run", "--epochs", "3")
        if status:
            assert (status, out) == (2, "") and "No space left on device" in err, err
        for path in (tmp_path / "run").glob("*.npz"):
            dict(np.load(path))
        json.loads((tmp_path / "run" / "history.json").read_text())
        files.read_settings(tmp_path / "run")
        assert {p.name for p in (tmp_path / "run").iterdir()} == {*before}
    assert said("train", "--resume", "run", "--epochs", "3")[0] == 0


def test_a_folder_that_cannot_be_written_is_refused_before_training(said, tmp_path, monkeypatch):
    def refused(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.tempfile, "NamedTemporaryFile", refused)
    monkeypatch.setattr(running, "_fit", None)
    status, out, err = said("train", "4-3:softmax", "--data", "iris", "-o", "run")
    assert (status, out) == (2, "") and "run: cannot be written to: No space left on device" in err
    assert not (tmp_path / "run").exists()


def test_interrupted_in_a_program_the_exception_comes_through(tmp_path):
    def stop(epoch, values):
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sb.train("4-3:softmax", "iris", folder=tmp_path / "run", on_epoch=stop)
    assert json.loads((tmp_path / "run" / "history.json").read_text())["epochs"] == 3


@pytest.mark.thinned(3)
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(("raised", "status"), [(KeyboardInterrupt, 130), (SystemExit, 143)])
def test_interrupted_while_it_saves_what_is_said_to_be_kept_is_there(
    said, tmp_path, monkeypatch, times, raised, status
):
    draw, left = running.draw_curve, [times]

    def interrupted(*args):
        left[0] -= 1
        if left[0] >= 0:
            raise raised
        draw(*args)

    monkeypatch.setattr(running, "draw_curve", interrupted)
    found, out, err = said("train", "4-3:softmax", "--data", "iris", "--epochs", "3", "-o", "run")
    assert (found, out) == (status, "") and err.count("\n") == 1, err
    assert "kept in run: the weights after epoch 3 of 3" in err if times == 1 else "kept in run: the checkpoint" in err
    assert (tmp_path / "run" / "history.json").exists() == (times == 1)
    assert said("train", "--resume", "run")[0] == 0
    assert {*files.FILES} - {"residuals.png"} <= {p.name for p in (tmp_path / "run").iterdir()}
