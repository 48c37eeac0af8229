"""Numbers at the ends of the range, gradients that are zero, and one wrong entry among many."""

import numpy as np
import pytest

from symbp.gradcheck import check_gradient


def squares(x):
    return np.sum(x**2)


@pytest.mark.parametrize("scale", [1e-140, 1e-12, 1.0, 1e12, 1e140])
def test_scales(scale: float) -> None:
    x = np.array([1.0, -2.0, 0.5]) * scale
    assert check_gradient(squares, lambda x: 2 * x, x).ok
    for wrong in (1 + 1e-4, 1 + 1e-6, -1.0, 0.5, 0.0):
        assert check_gradient(squares, lambda x, wrong=wrong: 2 * x * wrong, x).verdict == "wrong"


def test_numbers_without_digits_are_not_called_wrong() -> None:
    report = check_gradient(squares, lambda x: 2 * x, np.array([1e-160, 2e-160]))
    assert report.verdict == "undecided" and "so small" in str(report)


def test_the_largest_numbers() -> None:
    x = np.array([1e300, 2e300])
    assert check_gradient(np.sum, np.ones_like, x).ok
    assert check_gradient(np.sum, lambda x: 2 * np.ones_like(x), x).verdict == "wrong"


@pytest.mark.parametrize("power", [2, 3, 4])
def test_gradients_that_are_zero(power: int) -> None:
    x = np.zeros(3)
    f = lambda x: np.sum(np.abs(x) ** power)  # noqa: E731
    assert check_gradient(f, np.zeros_like, x).ok
    assert check_gradient(f, lambda x: np.full_like(x, 1e-3), x).verdict == "wrong"


def test_one_entry_of_many() -> None:
    x = np.random.default_rng(1).normal(size=20_000)
    gradient = 2 * x
    gradient[12_345] *= 1.5
    report = check_gradient(lambda x: np.dot(x, x), gradient, x, limit=8, directions=1)
    assert report.verdict == "wrong" and report.worst is not None and report.worst.index == (12_345,)
    assert check_gradient(lambda x: np.dot(x, x), 2 * x, x, limit=8, directions=1).ok


def test_views_and_orders() -> None:
    x = np.random.default_rng(2).normal(size=(6, 8))
    for view in (x[::2, ::-2], np.asfortranarray(x), np.broadcast_to(x[0], (3, 8)), x.T):
        assert check_gradient(lambda x: np.sum(x**3), lambda x: 3 * x**2, view).ok
        assert check_gradient(lambda x: np.sum(x**3), lambda x: 3 * x**2 + (x > 1), view + 0.3).verdict == "wrong"
