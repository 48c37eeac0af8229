"""How arrays and gradients may be passed, and what is said about those that cannot be used."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

import symbp as sb
from symbp.gradcheck import check_gradient

W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
B = np.array([0.5, -1.0])


def f(W, b):
    return np.sum(W**2) + np.sum(b**3)


def grad(W, b):
    return 2 * W, 3 * b**2


@pytest.mark.parametrize(
    "given",
    [
        grad,
        grad(W, B),
        list(grad(W, B)),
        dict(zip("Wb", grad(W, B), strict=True)),
        {"dW": 2 * W, "db": 3 * B**2, "dx": None},
        lambda W, b: {"W": 2 * W, "b": 3 * b**2},
        [(2 * W).tolist(), (3 * B**2).tolist()],
    ],
)
def test_ways_to_pass_the_gradient(given) -> None:
    assert check_gradient(f, given, W, B)
    assert check_gradient(f, given, W=W, b=B)
    assert check_gradient(f, given, W, b=B)


@pytest.mark.parametrize("given", [lambda x: 2 * x, lambda x: [2 * x], lambda x: {"x": 2 * x}, [2.0, 4.0], (2, 4)])
def test_one_array(given) -> None:
    assert check_gradient(lambda x: np.sum(x**2), given, [1.0, 2.0])


def test_numbers() -> None:
    assert check_gradient(lambda x: x**2, lambda x: 2 * x, 1.5)
    assert check_gradient(lambda *xs: xs[0] * xs[1], lambda *xs: (xs[1], xs[0]), 1.5, 2.5)
    assert check_gradient(lambda x: 7, np.zeros(1), np.array([1.5])).verdict == "correct"


def nan_somewhere(*shape):
    array = np.ones(shape)
    array[-1] = np.nan
    return array


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: check_gradient(f, grad, W.astype(int), B), "array W has dtype int64"),
        (lambda: check_gradient(f, grad, W, B > 0), "array b has dtype bool"),
        (lambda: check_gradient(f, grad, W, B + 0j), "array b has dtype complex128"),
        (lambda: check_gradient(f, grad, W, ["a"]), "array b has dtype"),
        (lambda: check_gradient(f, grad, W, [[1.0], [1.0, 2.0]]), "array b is not an array of numbers"),
        (lambda: check_gradient(f, grad, W, nan_somewhere(2)), "array b is not finite: nan at index \\(1,\\)"),
        (lambda: check_gradient(f, grad, W, np.array([])), "array b has no entries"),
        (lambda: check_gradient(f, grad), "no arrays"),
        (lambda: check_gradient(f, grad, W, W=W), "passed by position and by name"),
        (lambda: check_gradient(3, grad, W), "f is not a function"),
        (lambda: check_gradient(lambda W, b: W, grad, W, B), "returns an array of shape \\(2, 3\\)"),
        (lambda: check_gradient(lambda W, b: (1.0, 2.0), grad, W, B), "returns a tuple"),
        (lambda: check_gradient(lambda W, b: None, grad, W, B), "returns a NoneType"),
        (lambda: check_gradient(lambda W, b: 1j, grad, W, B), "returns complex128"),
        (lambda: check_gradient(lambda W, b: np.inf, grad, W, B), "f is inf at these arrays"),
        (lambda: check_gradient(f, W, W, B), "one ndarray for the 2 arrays W, b"),
        (lambda: check_gradient(f, [2 * W], W, B), "1 arrays for the 2 arrays W, b: none for b"),
        (lambda: check_gradient(f, [W, B, B], W, B), "3 arrays for the 2"),
        (lambda: check_gradient(f, {"W": W}, W, B), "nothing for the array b"),
        (lambda: check_gradient(f, [W, None], W, B), "None for the array b"),
        (lambda: check_gradient(f, [W.T, B], W, B), "gradient of W has shape \\(3, 2\\).*the transpose's shape"),
        (lambda: check_gradient(f, [W, B[:1]], W, B), "gradient of b has shape \\(1,\\), and b has shape \\(2,\\)"),
        (lambda: check_gradient(f, [W, nan_somewhere(2)], W, B), "gradient of b is not finite: nan"),
        (lambda: check_gradient(f, grad, W, B, limit=0), "limit is 0"),
        (lambda: check_gradient(f, grad, W, B, directions=1.5), "directions is 1.5"),
    ],
)
def test_errors(call, words: str) -> None:
    with pytest.raises(sb.InputError, match=words):
        call()


def test_noise_is_an_error() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(sb.InputError, match="different values for the same arrays"):
        check_gradient(lambda x: np.sum(x) + rng.normal(), np.ones(2), np.ones(2))
    with pytest.raises(sb.InputError, match="grad gives different values for x"):
        check_gradient(lambda x: np.sum(x), lambda x: rng.normal(size=2), np.ones(2))


def test_state_between_calls_is_an_error() -> None:
    calls = []

    def drifting(x):
        calls.append(1)
        return np.sum(x) + 0.1 * (len(calls) > 5)

    with pytest.raises(sb.InputError, match="different values"):
        check_gradient(drifting, np.ones(2), np.ones(2))


def test_arrays_changed_in_place() -> None:
    def spoils(W, b):
        b += 1
        return f(W, b)

    def spoils_too(W, b):
        W *= 2
        return W, 3 * b**2

    before = W.copy(), B.copy()
    with pytest.raises(sb.InputError, match="f changes the array b in place"):
        check_gradient(spoils, grad, W, B)
    with pytest.raises(sb.InputError, match="grad changes the array W in place"):
        check_gradient(f, spoils_too, W, B)
    assert np.array_equal(before[0], W) and np.array_equal(before[1], B)


def test_report() -> None:
    report = sb.check_gradient(f, lambda W, b: (2 * W, b**2), W, B)
    assert isinstance(report, sb.GradientReport) and not report.ok
    text = str(report)
    assert text.startswith("wrong: the gradient of b is 3 times too small") and "worst entry b[" in text
    assert report.orders["W"] > 1.9 and report.orders["b"] == pytest.approx(1, abs=0.1)
    assert report.checked == {"W": (6, 6), "b": (2, 2)} and report.factor == pytest.approx(1 / 3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.verdict = "correct"


def test_raise_on_error() -> None:
    assert check_gradient(f, grad, W, B, raise_on_error=True)
    with pytest.raises(AssertionError, match="the gradient of W is twice too large"):
        check_gradient(f, lambda W, b: (4 * W, 3 * b**2), W, B, raise_on_error=True)


def test_same_seed_same_report() -> None:
    A = np.random.default_rng(0).normal(size=(20, 20))
    reports = [check_gradient(lambda A: np.sum(A**3), lambda A: 3 * A**2, A, seed=4) for _ in range(2)]
    assert str(reports[0]) == str(reports[1]) and "(seed 4)" in str(reports[0])


def test_needs_numpy_alone() -> None:
    code = "import symbp, sys; symbp.check_gradient; sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_notebook_shows_a_table() -> None:
    report = check_gradient(lambda x: np.sum(x**2), lambda x: x, np.array([1.0, 2.0]))
    assert repr(report) == str(report)
    html = report._repr_html_()
    assert html.count("<tr>") == 2 and "<b" in html and "wrong" in html and "given" in html
