"""Folders of runs that come from elsewhere: what was edited in them is refused in one message, and reaches no path and no code."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from symbp.commands.main import run


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edited")
    x = np.random.default_rng(2).normal(size=(20, 2))
    np.savetxt(folder / "t.csv", np.c_[x, x[:, 0] > 0], fmt="%.6g", delimiter=",", header="a,b,label", comments="")
    args = ["2-3:tanh-2:softmax", "--data", str(folder / "t.csv"), "-o", str(folder / "run"), "--epochs", "2"]
    assert run(["train", *args, "--quiet"]) == 0
    return folder


@pytest.mark.parametrize(
    "key, value, words",
    [
        ("name", '"../../x"', "did you mean 'x'?"),
        ("name", '"/tmp/x"', "did you mean 'tmp_x'?"),
        ("name", '"a\\nb"', "the name of the run's module"),
        ("name", '"{{7*7}}"', "did you mean 'net_7_7'?"),
        ("name", '""', "did you mean 'network'?"),
        ("target", "-1", "'target' in [data] is a whole number"),
        ("impute", '"{{1}}"', "'impute' in [data] is '{{1}}'; allowed:"),
        ("path", "[]", "'path' in [data] is a list"),
        ("dtype", "-1", "'dtype' in [training]"),
        ("dtype", '"float16"', "'dtype' in [training]"),
        ("batch_size", '"x"', "'batch_size' in [training]"),
        ("columns", "[]", "it has no columns"),
    ],
)
def test_edited_settings(base, tmp_path, capsys, key, value, words):
    folder = tmp_path / "deep" / "run"
    shutil.copytree(base / "run", folder)
    settings = folder / "settings.toml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    assert any(line.startswith(f"{key} = ") for line in lines)
    edited = [f"{key} = {value}" if line.startswith(f"{key} = ") else line for line in lines]
    settings.write_text("\n".join(edited), encoding="utf-8")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert run(["predict", str(folder), str(base / "t.csv")]) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("error:") == 1, said
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert [file.name for file in tmp_path.iterdir()] == ["deep"]


@pytest.mark.parametrize(
    "x, words",
    [
        (np.linspace(-1, 1, 24).reshape(12, 2) * 1e39, "too large for float32"),
        (np.linspace(-1, 1, 24).reshape(12, 2) * 1e300, "too large to be standardised"),
    ],
)
def test_numbers_beyond_the_dtype(tmp_path, capsys, x, words):
    np.savez(tmp_path / "large.npz", x=x, y=np.arange(12) % 2)
    args = ["2-3:tanh-2:softmax", "--data", str(tmp_path / "large.npz"), "-o", str(tmp_path / "run"), "--quiet"]
    assert run(["train", *args]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_an_array_larger_than_memory(tmp_path, capsys):
    with open(tmp_path / "X.npy", "wb") as file:
        header = {"descr": "<f8", "fortran_order": False, "shape": (10**15, 2)}
        np.lib.format.write_array_header_1_0(file, header)
    np.save(tmp_path / "Y.npy", np.arange(3))
    source = f"{tmp_path / 'X.npy'},{tmp_path / 'Y.npy'}"
    assert run(["train", "2-3:softmax", "--data", source, "-o", str(tmp_path / "run")]) == 2
    assert "does not fit into memory" in capsys.readouterr().err
