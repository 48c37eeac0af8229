"""symbp train: the folder that it leaves, going on with a run, wrong input, and that nothing is lost."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import symbp as sb
from symbp.codegen.training.toml import toml
from symbp.commands.main import run
from symbp.errors import InputError
from symbp.network import Network
from symbp.network.written import network_of, written

pytestmark = pytest.mark.usefixtures("in_tmp_path")

FILES = {"best.npz", "checkpoint.npz", "confusion.png", "curve.png", "history.json", "settings.toml", "weights.npz"}
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
IRIS = ["4-5:tanh-3:softmax", "--data", "iris"]


def bytes_of(folder: Path, *names: str) -> list[bytes]:
    return [(folder / name).read_bytes() for name in names or ("weights.npz", "best.npz", "checkpoint.npz")]


def arrays(path: Path) -> dict[str, np.ndarray]:
    return dict(np.load(path))


def test_everything_the_run_was_made_of_is_in_its_settings(said, tmp_path):
    options = ["--optimizer", "nesterov", "--momentum", "0.7", "--schedule", "step", "--gamma", "0.5", "--l2", "0.001"]
    training = ["--epochs", "2", "--batch-size", "all", "--patience", "7", "--class-weight", "balanced", "--clip-norm",
                "2", "--seed", "3", "--dtype", "float64", "--held-out", "0.3"]  # fmt: skip
    assert said("train", *IRIS, *options, *training)[0] == 0
    folder = tmp_path / "iris-run"
    assert {p.name for p in folder.iterdir()} == FILES | {"iris.py"}
    settings = tomllib.loads((folder / "settings.toml").read_text())
    assert settings["training"] == {
        "epochs": 2, "batch_size": "all", "seed": 3, "dtype": "float64", "held_out": 0.3, "patience": 7, "clip_norm": 2,
        "class_weight": "balanced",
    }  # fmt: skip
    net = network_of(settings["architecture"], settings["text"])
    source = (folder / "iris.py").read_text()
    assert sb.generate(net, dtype="float64", command=settings["command"]) == source
    assert run([*shlex.split(settings["command"])[1:], "-o", "again.py"]) == 0
    assert (tmp_path / "again.py").read_text() == source
    assert (folder / "weights.npz").exists() and arrays(folder / "weights.npz")["W1"].dtype == np.float64
    history = json.loads((folder / "history.json").read_text())
    assert history["epochs"] == 2 == len(history["history"]["val_loss"])
    assert history["classes"] == ["setosa", "versicolor", "virginica"]


@pytest.mark.parametrize("same_folder", [True, False])
def test_five_epochs_and_then_ten_are_ten(said, tmp_path, same_folder):
    (tmp_path / "net.toml").write_text(
        'input = 4\nlayers = [{ dense = 12 }, "relu", { dropout = 0.2 }, { dense = 3 }, "softmax"]\n'
        "[optimizer.adam]\nlr = 0.01\n[optimizer.adam.schedule.cosine]\nt_max = 10\n"
    )
    args = ["net.toml", "--data", "iris", "--patience", "4", "--clip-norm", "1", "--class-weight", "balanced"]
    assert said("train", *args, "--epochs", "10", "-o", "whole")[0] == 0
    assert said("train", *args, "--epochs", "5", "-o", "part")[0] == 0
    (tmp_path / "net.toml").unlink()  # the run has all that it needs
    target = "part" if same_folder else "rest"
    status, out, _ = said("train", "--resume", "part", "--epochs", "10", "-o", target)
    assert status == 0 and "saved " + target in out
    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / target)
    whole, rest = (json.loads((tmp_path / f / "history.json").read_text()) for f in ("whole", target))
    assert whole == rest


def test_early_stopping_is_remembered(said, tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "noise.npz", x=rng.normal(size=(60, 4)), y=rng.integers(0, 3, 60))
    args = ["4-20:tanh-3:softmax", "--data", "noise.npz", "--lr", "0.05", "--patience", "3"]
    said("train", *args, "--epochs", "50", "-o", "whole")
    said("train", *args, "--epochs", "2", "-o", "part")
    for epochs in ("9", "50", "50"):
        assert said("train", "--resume", "part", "--epochs", epochs)[0] == 0
    stopped = json.loads((tmp_path / "whole" / "history.json").read_text())
    assert stopped["epochs"] == stopped["best_epoch"] + 3 < 50
    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / "part")
    best = arrays(tmp_path / "whole" / "best.npz")
    assert not np.array_equal(best["W1"], arrays(tmp_path / "whole" / "weights.npz")["W1"])


def test_who_goes_on_with_a_run_that_is_done_is_told(said, tmp_path):
    assert said("train", *IRIS, "--epochs", "3", "-o", "r")[0] == 0
    before = bytes_of(tmp_path / "r", "weights.npz", "history.json")
    for epochs in ("3", "2"):
        status, out, err = said("train", "--resume", "r", "--epochs", epochs)
        assert status == 0 and "120 examples, 3 epochs" in out
        note = f"note: nothing was trained: the run has 3 epochs already, and --epochs {epochs} counts them too"
        assert err.splitlines()[0] == note
    assert bytes_of(tmp_path / "r", "weights.npz", "history.json") == before
    assert tomllib.loads((tmp_path / "r" / "settings.toml").read_text())["training"]["epochs"] == 3


def test_two_runs_do_not_work_in_one_folder(tmp_path):
    refused = []

    def another(epoch, values):
        for options in ({"overwrite": True}, {"resume": tmp_path / "r"}):
            with pytest.raises(InputError, match="another run is at work in it"):
                sb.train("4-3:softmax", "iris", epochs=1, folder=tmp_path / "r", **options)
            refused.append(epoch)

    first = sb.train("4-3:softmax", "iris", epochs=2, folder=tmp_path / "r", on_epoch=another)
    assert refused == [0, 0, 1, 1] and first.epochs == 2
    assert sb.train("4-3:softmax", "iris", epochs=3, folder=tmp_path / "r", resume=tmp_path / "r").epochs == 3


def test_a_folder_that_is_removed_while_a_run_is_at_work(tmp_path):
    def remove(epoch, values):
        shutil.rmtree(tmp_path / "r", ignore_errors=True)

    with pytest.raises(InputError, match="the folder was removed while a run was at work in it"):
        sb.train("4-3:softmax", "iris", epochs=3, folder=tmp_path / "r", on_epoch=remove)


@pytest.mark.parametrize("options", [(), ("--overwrite",), ("--compare", "lr=0.1,1")])
def test_a_folder_in_the_place_of_a_file_is_found_before_training(said, tmp_path, options):
    name = "compare.png" if "--compare" in options else "best.npz"
    (tmp_path / "r" / name).mkdir(parents=True)
    status, out, err = said("train", *IRIS, "--epochs", "1000000", "-o", "r", *options)
    assert (status, out) == (2, "") and f"r: a folder is where {name} would be written" in err
    assert [p.name for p in (tmp_path / "r").iterdir()] == [name]


def test_a_run_is_not_overwritten_silently(said, tmp_path):
    assert said("train", *IRIS, "--epochs", "2")[0] == 0
    before = {p.name: p.read_bytes() for p in (tmp_path / "iris-run").iterdir()}
    status, out, err = said("train", *IRIS, "--epochs", "3")
    assert (status, out) == (2, "")
    assert all(word in err for word in ("iris-run", "there is a run in it already", "--resume iris-run", "--overwrite"))
    assert {p.name: p.read_bytes() for p in (tmp_path / "iris-run").iterdir()} == before
    assert said("train", *IRIS, "--epochs", "3", "--overwrite")[0] == 0
    assert json.loads((tmp_path / "iris-run" / "history.json").read_text())["epochs"] == 3


def test_files_of_others_stay(said, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    assert said("train", *IRIS, "--epochs", "1", "-o", "out")[0] == 0
    assert (folder / "notes.txt").read_text() == "mine"
    (folder / "notes.txt").unlink()
    other = tmp_path / "other"
    other.mkdir()
    (other / "iris.py").write_text("mine")
    assert said("train", *IRIS, "--epochs", "1", "-o", "other")[0] == 2
    assert (other / "iris.py").read_text() == "mine"


WRONG = [
    (["--resume", "none"], "no such folder"),
    (["--resume", "."], "there is no run in it"),
    (["--resume", "run", "--batch-size", "8"], "--batch-size is '8', and the run was made with '32'"),
    (["--resume", "run", "--data", "xor"], "--data is 'xor', and the run was made with 'iris'"),
    (["--resume", "run", "--lr", "0.1"], "without it; allowed: ARCH too"),
    (["4-6:tanh-3:softmax", "--resume", "run"], "another network: its layers"),
    (["4-5:tanh-3:softmax", "--resume", "run", "--lr", "0.2"], "its optimizer"),
    (["--resume", "run", "--compare", "lr=1,2"], "does not go with --resume"),
    (["4-5:tanh-3:softmax"], "--data is missing"),
    (["--data", "iris"], "ARCH is missing"),
    ([*IRIS, "-o", ""], "-o is empty"),
    ([*IRIS, "-o", "nowhere/out"], "directory does not exist"),
    ([*IRIS, "-o", "file"], "the output is a file"),
    ([*IRIS, "--batch-size", "some"], "'some' is no batch size; allowed: a whole number from 1, or all"),
    ([*IRIS, "--batch-size", "0"], "no batch size"),
    ([*IRIS, "--patience", "0"], "patience"),
    ([*IRIS, "--clip-norm", "nan"], "clip_norm is nan"),
    ([*IRIS, "--clip-norm", "-1"], "a number above 0"),
    ([*IRIS, "--class-weight", "balance"], "balanced"),
    ([*IRIS, "--beta1", "1"], "beta1 is 1.0; allowed: a number from 0 to below 1"),
    ([*IRIS, "--momentum", "0.5"], "unknown setting of adam 'momentum'"),
    ([*IRIS, "--schedule", "cosin"], "did you mean 'cosine'"),
    ([*IRIS, "--compare", "batchsize=1,2"], "did you mean 'batch_size'"),
    ([*IRIS, "--compare", "batch_size=3"], "two values or more"),
    ([*IRIS, "--compare", "batch_size=3,x"], "'x' is no batch size"),
    (["4-1", "--data", "numbers.csv", "--class-weight", "balanced"], "class_weight"),
]


@pytest.fixture(scope="module")
def a_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "run"
    assert run(["train", *IRIS, "--epochs", "2", "-o", str(folder)]) == 0
    return folder


@pytest.mark.parametrize(("args", "words"), WRONG, ids=[" ".join(a)[-40:] for a, _ in WRONG])
def test_wrong_input_is_one_message_and_leaves_everything(said, a_run, tmp_path, args, words):
    shutil.copytree(a_run, tmp_path / "run")
    (tmp_path / "file").write_text("mine")
    np.savetxt(tmp_path / "numbers.csv", np.random.default_rng(0).normal(size=(20, 5)), delimiter=",")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    status, out, err = said("train", *args)
    assert (status, out) == (2, "") and words in err and err.count("\n") == 1, err
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert {p.name for p in tmp_path.iterdir()} == {"run", "file", "numbers.csv"}


def test_other_data_under_the_same_name_are_noticed(said, tmp_path):
    rng = np.random.default_rng(1)
    np.savez(tmp_path / "d.npz", x=rng.normal(size=(30, 4)), y=rng.integers(0, 3, 30))
    assert said("train", "4-3:softmax", "--data", "d.npz", "--epochs", "2", "-o", "r")[0] == 0
    np.savez(tmp_path / "d.npz", x=rng.normal(size=(30, 4)), y=rng.integers(0, 3, 30))
    before = bytes_of(tmp_path / "r", "weights.npz", "settings.toml", "checkpoint.npz")
    status, out, err = said("train", "--resume", "r", "--epochs", "4")
    assert (status, out) == (2, "") and "the data are not those" in err
    assert bytes_of(tmp_path / "r", "weights.npz", "settings.toml", "checkpoint.npz") == before


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", ["numpy", "types", "class", "2020data", "Ünïcödé", "a b", "-", "match"])
def test_any_name_of_a_file_makes_a_module_that_imports(said, tmp_path, name):
    rng = np.random.default_rng(1)
    rows = [*rng.normal(size=(12, 3)).round(3).tolist()]
    text = "".join(f"{a},{b},{'xy'[k % 2]}\n" for k, (a, b, _) in enumerate(rows))
    (tmp_path / f"{name}.csv").write_text(text)
    assert said("train", "2-2:softmax", "--data", f"./{name}.csv", "--epochs", "1", "-o", "out")[0] == 0
    (module,) = (tmp_path / "out").glob("*.py")
    code = f"import {module.stem} as m, types, numpy, json; print(m.load('weights.npz')['W1'].shape, numpy.pi)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "out", capture_output=True, text=True)
    assert done.stdout == "(2, 2) 3.141592653589793\n", done.stderr


def test_the_default_optimizer_and_others(said, tmp_path):
    assert said("train", *IRIS, "--epochs", "1", "-o", "a")[0] == 0
    (tmp_path / "sgd.toml").write_text('input = 4\nlayers = [{ dense = 3 }, "softmax"]\noptimizer = "sgd"\n')
    assert said("train", "sgd.toml", "--data", "iris", "--epochs", "1", "-o", "b")[0] == 0
    assert said("train", *IRIS, "--optimizer", "sgd", "--epochs", "1", "-o", "c")[0] == 0
    found = [tomllib.loads((tmp_path / f / "settings.toml").read_text())["architecture"]["optimizer"] for f in "abc"]
    assert [[*f] for f in found] == [["adam"], ["sgd"], ["sgd"]]
    assert found[0]["adam"]["lr"] == 1e-3 and found[1]["sgd"]["lr"] == found[2]["sgd"]["lr"] == 0.1


def test_small_data_are_trained_for_more_epochs(said):
    assert (
        "4 examples, 1000 epochs"
        in said("train", "2-3:tanh-1:sigmoid", "--loss", "binary_cross_entropy", "--data", "xor")[1]
    )
    assert "120 examples, 500 epochs" in said("train", *IRIS)[1]


def test_runs_side_by_side(said, tmp_path):
    status, out, err = said("train", *IRIS, "--epochs", "3", "--compare", "batch_size=1,32,all")
    lines = out.splitlines()
    assert (status, err) == (0, "") and len(lines) == 4
    assert [line[:16].strip() for line in lines[:3]] == ["batch_size 1", "batch_size 32", "batch_size all"]
    assert all("120 examples, 3 epochs, loss " in line and "held out (30): loss " in line for line in lines[:3])
    assert (tmp_path / "iris-compare" / "compare.png").read_bytes()[:4] == b"\x89PNG"
    assert said("train", *IRIS, "--epochs", "3", "--compare", "lr=0.1,1")[0] == 2  # there is one already
    status, out, err = said("train", *IRIS, "--epochs", "1", "--compare", "optimizer=sgd,adam", "--overwrite")
    assert status == 0 and out.startswith("optimizer sgd   120 examples"), err


def is_written_out(net):
    again = network_of(tomllib.loads(toml(written(net))), net.text)
    assert sb.generate(again, command="x") == sb.generate(net, command="x")


@pytest.mark.thinned(5)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_what_is_written_out_of_an_example_is_the_network(path):
    is_written_out(Network.load(path))


def test_what_is_written_out_is_the_network():
    is_written_out(sb.Network.parse("4-3:leaky_relu-2", bias=False, loss={"huber": {"delta": 2}}, optimizer="adagrad"))
    is_written_out(
        sb.Network(5, [sb.layer("dense", 4, name="first", bias=False), sb.layer("elu", 0.3), sb.layer("dense", 3)])
    )
    is_written_out(sb.Network.parse("4-3:tanh-1", loss="mae", reduction="sum", regularization={"l1": 0.1, "l2": 1e-4}))


def test_toml_is_read_back(tmp_path):
    table = {
        "a": 'q"\\\n\x7f\t',
        "k y": [1, 2.5, True, "é"],
        "none": None,
        "empty": {},
        "t": {"u.v": {"w": [{"x": -1e-9, "y": {}}]}},
    }
    assert tomllib.loads(toml(table)) == {n: v for n, v in table.items() if v is not None}
    assert tomllib.loads(toml({"file": "a\udcff"})) == {"file": "a?"}
