"""The text of generated modules: golden files, formatting, types, determinism, names from outside, the command line."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from generated_module import from_source
from maps import CASES, mapped

import symbp as sb
from symbp.commands.main import run
from symbp.verification.problems.file import load

ROOT = Path(__file__).parents[2]
EVERY = sorted((ROOT / "examples").glob("*.toml"))
EXAMPLES = [p for p in EVERY if p.stem != "gpt2"]  # whose module has 124 million parameters and 7,000 lines
NETWORKS = {
    "no_bias": ("4-3:selu-3:gelu-2", {"loss": "huber", "bias": False, "optimizer": "adagrad"}),
    "no_parameters": None,
    "dropout": None,
    "stopped": ("4-3:step-2:sign", {"loss": "hinge"}),
    "sum": ("4-3:leaky_relu-2:exp", {"reduction": "sum", "regularization": {"l1": 0.1, "l2": 0.01}}),
    "schedule": ("4-3:elu-2:softplus", {"loss": "poisson", "optimizer": {"rmsprop": {"schedule": {"step": {}}}}}),
    "clipped": ("4-3:hard_tanh-2:hard_sigmoid", {"loss": "binary_cross_entropy", "optimizer": "adamw"}),
    "log": ("4-3:mish-3:gelu_tanh-4:log_softmax", {"optimizer": {"nesterov": {"schedule": "cosine"}}}),
    "standardized": ("4-3:tanh-2", {"loss": "mse", "standardize": "both", "regularization": {"l2": 0.01}}),
    "standardized_inputs": ("4-3:relu-3:softmax", {"standardize": "inputs", "optimizer": "adam"}),
    "divergence": ("4-3:softsign-3:silu-4:softmax", {"loss": "kl_divergence", "optimizer": "adam"}),
}


def network(name):
    if name == "no_parameters":
        return sb.Network(3, ["tanh"], loss="mae")
    if name == "dropout":
        layers = [
            sb.layer("dense", 4, name="first"),
            "relu6",
            sb.layer("dropout", 0.3),
            sb.layer("dense", 3),
            "softmax",
        ]
        return sb.Network(5, layers, name="named")
    arch, options = NETWORKS[name]
    return sb.Network.parse(arch, **options)


def long_names():
    first, second = "a" * 20 + "_layer_with_a_long_n", "another_layer_with_an_even_longer_name"
    return sb.Network(
        5,
        [
            sb.layer("dense", 4, name=first),
            "elu",
            sb.layer("dense", 3, name=second),
            "silu",
            sb.layer("dense", 2),
            "softmax",
        ],
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_golden_files(path, update, monkeypatch):
    monkeypatch.chdir(ROOT)
    relative = path.relative_to(ROOT)
    source = sb.generate(sb.Network.load(str(relative)), command=f"symbp generate {relative.as_posix()}")
    golden = ROOT / "generated" / f"{path.stem}.py"
    if update:
        golden.write_text(source, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == source, "run  pytest --update  and look at the difference"


MAPS = {
    **{
        f"{name}_problem": ROOT / "examples" / "problems" / f"{name}.toml"
        for name in ("attention", "layer_norm", "softmax")
    },
    **{name: None for name in ("layer_norm", "attention", "focal", "two_results")},
}


@pytest.mark.parametrize("name", MAPS)
def test_golden_files_of_maps(name, update):
    path = MAPS[name]
    given = mapped(name, CASES[name]) if path is None else load(str(path)).problem
    again = None if path is None else f"symbp generate {path.relative_to(ROOT).as_posix()}"
    source, golden = sb.generate(given, command=again), ROOT / "generated" / "maps" / f"{name}.py"
    if update:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(source, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == source, "run  pytest --update  and look at the difference"
    assert max(from_source(source).check().values()) < 1e-6


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    there = tmp_path_factory.mktemp("generated")
    for name in NETWORKS:
        (there / f"{name}.py").write_text(sb.generate(network(name)), encoding="utf-8")
    (there / "long_names.py").write_text(sb.generate(long_names(), dtype="float64"), encoding="utf-8")
    for path in (ROOT / "generated").glob("*.py"):
        shutil.copy(path, there / f"example_{path.stem}.py")
    return there


@pytest.mark.parametrize(
    "tool",
    [
        ["ruff", "check", "--isolated", "--no-cache", "--line-length", "120", "--select", "E,F,W,I,B,UP,D1,RUF"],
        ["ruff", "format", "--isolated", "--no-cache", "--line-length", "120", "--check"],
        pytest.param(["mypy", "--strict", "--cache-dir", os.devnull], marks=pytest.mark.sweep),
    ],
    ids=lambda tool: " ".join(tool[:2]),
)
def test_tools_have_nothing_to_say(tool, folder):
    done = subprocess.run([sys.executable, "-m", *tool, "."], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_numpy_and_the_standard_library_alone(folder):
    code = (
        "import sys; before = set(sys.modules); sys.path.insert(0, '.'); import clipped as m; p = m.init();"
        "m.predict(p, [[1, 2, 3, 4]]); top = {n.split('.')[0] for n in set(sys.modules) - before if not n.startswith('_')};"
        "print(sorted(n for n in top - set(sys.stdlib_module_names) if 'editable' not in n and n != 'cython_runtime'))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.stdout.strip() == "['clipped', 'numpy']", done.stdout + done.stderr


@pytest.mark.parametrize("name", [*NETWORKS, "long_names"])
def test_gradients_agree_with_differences(name, folder):
    m = from_source((folder / f"{name}.py").read_text(encoding="utf-8"))
    assert max(m.check(entries=5).values()) < 1e-6


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_gradients_of_examples_agree_with_differences(path, folder):
    m = from_source((folder / f"example_{path.stem}.py").read_text(encoding="utf-8"))
    assert max(m.check(entries=5).values()) < 1e-6


def test_same_bytes_whatever_the_hash_seed(tmp_path):
    made = set()
    for seed in ("1", "4242"):
        done = subprocess.run(
            [sys.executable, "-m", "symbp", "generate", str(ROOT / "examples" / "own.toml"), "--l1", "0.1"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
        )
        made.add(done.stdout)
    assert len(made) == 1 and made.pop().startswith(b'"""own: a neural network')


def test_same_text_after_other_work():
    net = network("divergence")
    first = sb.generate(net)
    sb.generate(network("clipped"))
    assert sb.generate(network("divergence")) == first


def test_every_statement_carries_its_equation():
    source = sb.generate(sb.Network.parse("4-3:tanh-2:softmax"))
    for equation in (
        "# z1[n,i] = sum(W1[i,j]*x[n,j], j) + b1[i]",
        "# a1[n,i] = tanh(z1[n,i])",
        "# delta2[n,i] = (yhat[n,i] - y[n,i])/N",
        "# dW1[i,j] = sum(delta1[n,i]*x[n,j], n)",
        "# theta_next = theta - lr*g",
    ):
        assert equation in source


def test_the_code_is_what_one_would_write():
    lines = {line.strip() for line in sb.generate(sb.Network.parse("4-3:tanh-2:softmax")).splitlines()}
    assert {
        "z1 = x @ W1.T + b1", "a1 = np.tanh(z1)", "yhat = softmax(z2, axis=1)", "delta2 = (yhat - y) / x.shape[0]",
        "dW2 = delta2.T @ a1", "db2 = delta2.sum(axis=0)", "e1 = delta2 @ W2", "dx = delta1 @ W1",
    } <= lines  # fmt: skip


def test_the_text_does_not_depend_on_the_width():
    def skeleton(width):
        return re.sub(r"\b\d+\b", "0", sb.generate(sb.Network.parse(f"{width}-{width + 1}:relu-{width + 2}:softmax")))

    assert skeleton(5) == skeleton(50_000)


def test_text_from_outside_stays_text(tmp_path):
    evil = '"""\nimport os\nos.system("false")\n"""\\'
    net = network("sum")
    source = sb.generate(net, command=evil)
    m = from_source(source)
    assert "os" in vars(m) and 'os.system("false")' not in source
    assert max(m.check(entries=2).values()) < 1e-6
    assert "import os" not in m.__doc__
    assert "symbp generate FILE" in m.__doc__  # no command rather than another one


def test_layers_may_be_called_like_the_code():
    names = ["params", "cache", "grads", "np", "forward", "t1", "rng", "float"]
    layers = [x for n in names for x in (sb.layer("dense", 3, name=n), "tanh")]
    m = from_source(sb.generate(sb.Network(3, [*layers, sb.layer("dense", 2, name="training"), "softmax"])))
    assert max(m.check(entries=3).values()) < 1e-6


def test_unknown_dtype():
    with pytest.raises(ValueError, match="float32, float64"):
        sb.generate(network("log"), dtype="int8")


def test_command_writes_whole_or_not_at_all(tmp_path, capsys):
    path = tmp_path / "net.py"
    assert (
        run(["generate", "4-3:tanh-2:softmax", "--loss", "cross_entropy", "-o", str(path), "--dtype", "float64"]) == 0
    )
    assert capsys.readouterr().out == ""
    source = path.read_text(encoding="utf-8")
    assert "symbp generate 4-3:tanh-2:softmax --loss cross_entropy --dtype float64\n" in source
    assert from_source(source).init()["W1"].dtype == np.float64
    assert run(["generate", "4-3:tanh-2:softmax", "--loss", "cross_entropy", "--dtype", "float64"]) == 0
    assert capsys.readouterr().out == source
    assert run(["generate", "4-3:tanj-2", "-o", str(tmp_path / "other.py")]) == 2
    assert "did you mean 'tanh'" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["net.py"]


def test_the_module_is_a_program(tmp_path):
    source = sb.generate(sb.Network.parse("2-8:tanh-2:softmax", optimizer={"adam": {"lr": 0.05}}))
    (tmp_path / "net.py").write_text(source, encoding="utf-8")
    x = np.tile([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], (10, 1))
    np.savez(tmp_path / "xor.npz", x=x, y=(x[:, 0] != x[:, 1]).astype(int))

    def call(*args):
        done = subprocess.run(
            [sys.executable, "-W", "error", "net.py", *args], cwd=tmp_path, capture_output=True, text=True
        )
        return done.returncode, done.stdout, done.stderr

    status, out, err = call("train", "xor.npz", "--epochs", "60", "--held-out", "0.25", "-o", "w.npz")
    assert status == 0 and len(out.splitlines()) == 1 and "val_accuracy 1" in out
    assert "epoch 60/60" in err and "saved w.npz, w.best.npz, w.checkpoint.npz" in err
    status, out, _ = call("predict", "w.npz", "xor.npz")
    assert status == 0 and np.array_equal(np.loadtxt(out.splitlines()).argmax(axis=1), x[:, 0] != x[:, 1])
    assert call("predict", "w.npz", "xor.npz", "-o", "out.npz")[0] == 0
    assert np.load(tmp_path / "out.npz")["y_hat"].shape == (40, 2)
    status, out, _ = call("check")
    assert status == 0 and "the gradients agree" in out
    status, out, err = call("train", "w.npz")
    assert (status, out) == (2, "") and err.startswith("error: w.npz: expected an .npz file with x and y")
    assert call("predict", "none.npz", "xor.npz")[0] == 2
    assert call("frobnicate")[0] == 2
