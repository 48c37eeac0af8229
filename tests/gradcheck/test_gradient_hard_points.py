"""Points at which a check by steps is easily deceived: minima, mixed scales, coarse rounding, waves finer than the steps."""

import numpy as np
import pytest

from symbp.errors import InputError
from symbp.gradcheck import check_gradient

RNG = np.random.default_rng(11)
X = RNG.normal(size=(13, 4))
W = RNG.normal(size=4)


@pytest.mark.parametrize("factor", [1.0, 2.0, -17.0])
def test_an_exact_fit_says_nothing_about_a_factor(factor: float) -> None:
    """The loss is zero to the last bit, and so is its gradient: no factor shows, and none is claimed to."""
    y = X @ W
    report = check_gradient(lambda w: np.mean((X @ w - y) ** 2), lambda w: factor * X.T @ (X @ w - y) / len(y), W)
    assert report.verdict in ("correct", "undecided")


def test_a_gradient_that_is_not_zero_at_an_exact_fit() -> None:
    y = X @ W
    wrong = lambda w: 2 * X.T @ (X @ w - y) / len(y) + 1e-3  # noqa: E731
    assert check_gradient(lambda w: np.mean((X @ w - y) ** 2), wrong, W).verdict == "wrong"


def test_entries_of_many_sizes() -> None:
    x = np.array([1e-6, 2e-3, 1.5, 3e3, 4e6])
    weights = np.array([1.0, -2.0, 0.5, 3.0, 0.25])
    f = lambda x: np.sum(weights * np.log(x))  # noqa: E731
    assert check_gradient(f, lambda x: weights / x, x).verdict == "correct"
    for k in range(5):
        off = np.where(np.arange(5) == k, 1.001, 1.0)
        report = check_gradient(f, lambda x, off=off: off * weights / x, x)
        assert report.verdict == "wrong" and report.worst is not None and report.worst.index == (k,)


def test_one_entry_off_in_the_seventh_digit() -> None:
    x = RNG.normal(size=(5, 6))
    grad = np.cos(x)
    grad[3, 2] *= 1 + 1e-6
    report = check_gradient(lambda x: np.sum(np.sin(x)), grad, x)
    assert report.verdict == "wrong" and report.worst is not None and report.worst.index == (3, 2)


@pytest.mark.parametrize("digits", [3, 6, 9])
def test_a_function_that_rounds_its_value(digits: int) -> None:
    x = RNG.normal(size=5)
    f = lambda x: np.round(np.sum(np.sin(x)), digits)  # noqa: E731
    assert check_gradient(f, np.cos, x).verdict != "wrong"
    assert check_gradient(f, lambda x: -17 * np.cos(x), x).verdict != "correct"


@pytest.mark.parametrize("waves", [1e2, 1e4, 1e6])
def test_waves_finer_than_the_first_steps(waves: float) -> None:
    x = np.array([0.3, 0.7])
    f = lambda x: np.sum(np.sin(waves * x)) / waves  # noqa: E731
    assert check_gradient(f, lambda x: np.cos(waves * x), x).verdict != "wrong"
    assert check_gradient(f, lambda x: np.cos(waves * x) * 1.01, x).verdict != "correct"


@pytest.mark.parametrize("seed", ["a", -1, 1.5, None, True])
def test_seeds(seed: object) -> None:
    with pytest.raises(InputError, match="seed"):
        check_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, X, seed=seed)  # type: ignore[arg-type]
