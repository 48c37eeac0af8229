"""Worked numbers against forward maps, gradients and update rules that are written here once more."""

from __future__ import annotations

import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symbp as sb
from symbp.calculus.numeric.evaluate import evaluate
from symbp.errors import InputError
from symbp.lectures.given import read_given, taken
from symbp.lectures.worked import MOST_CHECKED, Worked
from symbp.network import Optimizer
from symbp.network.derivation import Derivation

sys.path.insert(0, str(Path(__file__).parents[1] / "network"))
from jax_networks import objective

jax.config.update("jax_enable_x64", True)

NETWORKS = {
    "sigmoid": ("2-3:sigmoid-4:sigmoid", ["sigmoid", "sigmoid"], "sse"),
    "softmax": ("4-3:tanh-2:softmax", ["tanh", "softmax"], "cross_entropy"),
    "hinge": ("3-2:relu-4", ["relu", "identity"], "hinge"),
    "probability": ("3-4:softplus-1:sigmoid", ["softplus", "sigmoid"], "binary_cross_entropy"),
    "counts": ("2-3:exp", ["exp"], "poisson"),
}


def worked(arch: str, loss: str, numbers: str = "random:3", **options: object) -> Worked:
    d = sb.derive(sb.Network.parse(arch, loss=loss, **options))
    return Worked(d, read_given(numbers, d))


OFTEN = {("sigmoid", "l2"), ("softmax", "plain")}


@pytest.mark.thinned(3)
@pytest.mark.parametrize(
    ("name", "penalty"),
    [
        pytest.param(
            n, {"l2": 0.25} if p == "l2" else {}, id=f"{n}-{p}", marks=() if (n, p) in OFTEN else (pytest.mark.sweep,)
        )
        for n in NETWORKS
        for p in ("plain", "l2")
    ],
)
def test_values_and_gradients_are_those_of_jax(name: str, penalty: dict[str, float]) -> None:
    arch, activations, loss = NETWORKS[name]
    w = worked(arch, loss, regularization=penalty)
    params = {n: jnp.array(w.given.arrays[n]) for n in w.updated}
    x, y = (jnp.array(w.given.arrays[n])[None] for n in ("x", "y"))
    J = objective(activations, loss, **penalty)
    value, (by_params, by_x) = jax.value_and_grad(J, (0, 1))(params, x, y)
    assert w.loss == pytest.approx(float(value), rel=1e-12)
    for n, g in {**by_params, "x": by_x[0]}.items():
        assert np.allclose(w.values[w.derivation.backward.adjoint[n]], g, rtol=1e-10, atol=1e-14), n
    after = J({n: jnp.array(v) for n, v in w.updated.items()}, x, y)
    assert w.loss_after == pytest.approx(float(after), rel=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_values_are_those_of_the_brute_force_evaluator(name: str) -> None:
    arch, _, loss = NETWORKS[name]
    w = worked(arch, loss)
    found = evaluate(w.derivation.program, w.given.arrays, w.derivation.map.sizes)
    assert all(np.allclose(w.values[n], a, rtol=1e-13, atol=1e-15) for n, a in found.items())


@pytest.mark.parametrize("name", NETWORKS)
def test_differences_agree_to_the_last_digits(name: str) -> None:
    arch, _, loss = NETWORKS[name]
    w = worked(arch, loss)
    assert len(w.differences) == min(MOST_CHECKED, w.weights)
    for x in w.differences:
        assert x.quotient == pytest.approx(x.derived, rel=1e-10, abs=1e-14), (x.name, x.at)


RULES = {
    "sgd": lambda p, g: p - 0.1 * g,
    "momentum": lambda p, g: p - 0.01 * g,
    "nesterov": lambda p, g: p - 0.01 * (g + 0.9 * g),
    "adagrad": lambda p, g: p - 0.01 * g / (np.sqrt(g**2) + 1e-10),
    "rmsprop": lambda p, g: p - 0.01 * g / (np.sqrt(0.01 * g**2) + 1e-8),
    "adam": lambda p, g: p - 0.001 * g / (np.sqrt(g**2) + 1e-8),
    "adamw": lambda p, g: p - 0.001 * 0.01 * p - 0.001 * g / (np.sqrt(g**2) + 1e-8),
}
"""The first update of each optimizer, by its paper and the defaults of torch.optim, its averages worked out at t = 1."""


@pytest.mark.parametrize("optimizer", RULES)
def test_the_update_is_the_optimizers_first(optimizer: str) -> None:
    w = worked("2-3:sigmoid-4:sigmoid", "sse", optimizer=optimizer)
    for n, after in w.updated.items():
        g = w.values[w.derivation.backward.adjoint[n]]
        assert np.allclose(after, RULES[optimizer](w.values[n], g), rtol=1e-9, atol=1e-13), n
    assert w.first_update["theta_next"] == pytest.approx(float(w.updated["W1"][0, 0]), rel=1e-12)


def test_the_learning_rate_is_that_of_the_first_epoch() -> None:
    net = sb.Network(
        2, [sb.layer("dense", 1)], loss="sse", optimizer=Optimizer.of("sgd", {"lr": 0.3, "schedule": "cosine"})
    )
    d = sb.derive(net)
    assert Worked(d, read_given("random", d)).settings["lr"] == pytest.approx(0.3)


def test_a_large_network_is_checked_at_few_places() -> None:
    w = worked("64-32:tanh-10:softmax", "cross_entropy")
    assert 0 < len(w.differences) < 10
    for x in w.differences:
        assert x.quotient == pytest.approx(x.derived, rel=1e-5, abs=1e-8)


def test_drawn_numbers_hang_on_the_seed_alone() -> None:
    d = sb.derive(sb.Network.parse("4-3:tanh-2:softmax", loss="cross_entropy"))
    one, two, other = (read_given(f"random{s}", d).arrays for s in ("", ":0", ":1"))
    assert all((one[n] == two[n]).all() for n in one) and any((one[n] != other[n]).any() for n in one)
    assert set(one) == set(taken(d)) and sorted(one["y"]) == [0, 1]


def derivation(arch: str = "2-3:sigmoid-2", loss: str = "sse", **options: object) -> Derivation:
    return sb.derive(sb.Network.parse(arch, loss=loss, **options))


GOOD = (
    "x = [1, 2]\ny = [0, 1]\nW1 = [[1, 2], [3, 4], [5, 6]]\nb1 = [1, 2, 3]\nW2 = [[1, 2, 3], [4, 5, 6]]\nb2 = [1, 2]\n"
)


def test_a_file_gives_its_numbers(tmp_path: Path) -> None:
    (tmp_path / "n.toml").write_text(GOOD)
    found = read_given(str(tmp_path / "n.toml"), derivation())
    assert found.arrays["W2"].tolist() == [[1, 2, 3], [4, 5, 6]] and found.examples == ()
    np.savez(tmp_path / "n.npz", **found.arrays)
    again = read_given(str(tmp_path / "n.npz"), derivation())
    assert all((again.arrays[n] == a).all() for n, a in found.arrays.items())


def test_several_examples_of_which_the_first_is_worked_out(tmp_path: Path) -> None:
    (tmp_path / "n.toml").write_text(
        GOOD.replace("[1, 2]", "[[1, 2], [3, 4]]", 1).replace("[0, 1]", "[[0, 1], [1, 0]]")
    )
    found = read_given(str(tmp_path / "n.toml"), derivation())
    assert found.arrays["x"].tolist() == [1, 2] and len(found.examples) == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("b2 = [1, 2]\n", "", "n.toml: no numbers for b2 (2); allowed: one array for each of x (2), y (2), W1 (3 x 2)"),
        ("W2", "w2", "n.toml:5:1: unknown name 'w2'; allowed: x, y, W1, b1, W2, b2; did you mean 'W2'?"),
        ("[1, 2, 3]\nW2", "[1, 2]\nW2", "n.toml:4:1: b1 has the shape (2); allowed: (3)"),
        ("x = [1, 2]", "x = [1, nan]", "n.toml:1:1: x holds nan; allowed: finite numbers"),
        ("x = [1, 2]", "x = [1, -inf]", "n.toml:1:1: x holds -inf; allowed: finite numbers"),
        ("x = [1, 2]", 'x = [1, "a"]', "n.toml:1:10: x holds 'a'; allowed: numbers"),
        ("x = [1, 2]", "x = [1, true]", "x holds 'True'; allowed: numbers"),
        ("x = [1, 2]", "x = {a = 1}", "allowed: numbers"),
        ("[3, 4]", "[3]", "n.toml:3:1: W1 has rows of different lengths"),
        ("x = [1, 2]", "x = [[1, 2], [3, 4]]", "y"),
        ("x = [1, 2]", "x = 1", "n.toml:1:1: x has one number; allowed: (2)"),
        ("x = [1, 2]", "x = [1, 2", "n.toml:2"),
    ],
)
def test_a_file_that_does_not_fit_is_one_message(old: str, new: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "n.toml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(InputError) as e:
        read_given(str(tmp_path / "n.toml"), derivation())
    assert said in str(e.value).replace(f"{tmp_path}/", "") and "\n" not in str(e.value)


@pytest.mark.parametrize(
    ("loss", "after", "y", "said"),
    [
        ("cross_entropy", ":softmax", "[0.5, 0.6]", "y sums to 1.1"), ("hinge", "", "[0.5, 1]", "y holds 0.5"),
        ("binary_cross_entropy", ":sigmoid", "[2, 0]", "y holds 2"), ("poisson", ":exp", "[0.5, 1]", "y holds 0.5"),
    ],
)  # fmt: skip
def test_what_is_no_target_of_the_loss_is_refused(loss: str, after: str, y: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "n.toml").write_text(GOOD.replace("[0, 1]", y, 1))
    with pytest.raises(InputError, match=said):
        read_given(str(tmp_path / "n.toml"), derivation(f"2-3:sigmoid-2{after}", loss))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("random:", "'' is no seed"), ("random:-1", "'-1' is no seed"), ("random:x", "'x' is no seed"),
        ("randm", "did you mean 'random'"), ("n.csv", "stands for no numbers; allowed: random, random:SEED"),
        ("none.toml", "no such file"), ("none.npz", "none.npz: no such file"),
    ],
)  # fmt: skip
def test_what_stands_for_no_numbers_is_one_message(text: str, said: str, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        read_given(text, derivation())


def test_an_archive_that_is_none_and_one_of_text(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"x")
    with pytest.raises(InputError, match=r"a\.npz: this is not an \.npz file"):
        read_given(str(tmp_path / "a.npz"), derivation())
    np.savez(tmp_path / "b.npz", x=np.array(["a", "b"]))
    with pytest.raises(InputError, match=r"b\.npz: array 'x' has dtype"):
        read_given(str(tmp_path / "b.npz"), derivation())


def test_numbers_at_which_there_is_no_value_are_refused(tmp_path: Path) -> None:
    (tmp_path / "n.toml").write_text("x = [800]\ny = [0]\nW1 = [[1]]\nb1 = [0]\n")
    d = derivation("1-1:exp", "sse")
    with pytest.raises(InputError, match="every value is finite"):
        _ = Worked(d, read_given(str(tmp_path / "n.toml"), d)).values


def test_a_batch_has_no_worked_numbers() -> None:
    with pytest.raises(InputError, match="one example"):
        read_given("random", sb.derive(sb.Network.parse("2-1", loss="sse"), batch=True))
