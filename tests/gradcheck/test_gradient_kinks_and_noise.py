"""Kinks are told from mistakes; noise and coarse rounding are said to be what they are."""

import numpy as np
import pytest

from symbp.gradcheck import check_gradient

RNG = np.random.default_rng(5)
C = RNG.normal(size=(30, 40))


def relu_sum(A):
    return np.sum(np.maximum(A, 0) * C[: A.shape[0], : A.shape[1]])


def relu_sum_gradient(A):
    return (A > 0) * C[: A.shape[0], : A.shape[1]]


@pytest.mark.parametrize("at_zero", [0.0, 0.5, 1.0])
def test_relu_at_zero(at_zero: float) -> None:
    x = np.array([0.0, 1.0, -1.0])
    report = check_gradient(lambda x: np.sum(np.maximum(x, 0)), np.array([at_zero, 1.0, 0.0]), x)
    assert report.ok and [k.index for k in report.kinks] == [(0,)]
    kink = report.kinks[0]
    assert (kink.left, kink.right) == pytest.approx((0, 1)) and "at a kink: x[0]" in str(report)


@pytest.mark.parametrize("at_zero", [-0.01, 1.01, -1.0])
def test_beside_the_one_sided_slopes(at_zero: float) -> None:
    x = np.array([0.0, 1.0, -1.0])
    report = check_gradient(lambda x: np.sum(np.maximum(x, 0)), np.array([at_zero, 1.0, 0.0]), x)
    assert report.verdict == "wrong" and report.worst is not None and report.worst.index == (0,)


def test_a_mistake_next_to_a_kink_is_seen() -> None:
    x = np.array([0.0, 1.0, -1.0])
    assert check_gradient(lambda x: np.sum(np.maximum(x, 0)), np.array([0.0, 1.0001, 0.0]), x).verdict == "wrong"


@pytest.mark.parametrize("distance", [1e-2, 1e-4, 1e-6])
def test_kink_some_way_off(distance: float) -> None:
    x = np.array([distance, -distance, 1.0])
    report = check_gradient(lambda x: np.sum(np.abs(x) * C[0, :3]), lambda x: np.sign(x) * C[0, :3], x)
    assert report.verdict == "correct" and not report.kinks
    report = check_gradient(lambda x: np.sum(np.abs(x) * C[0, :3]), lambda x: np.sign(x) * C[0, :3] * [1, -1, 1], x)
    assert report.verdict == "wrong" and report.worst is not None and report.worst.index == (1,)


def test_small_kink() -> None:
    x = np.array([0.0, 1.0])
    f = lambda x: np.sum(np.sin(x)) + 1e-6 * np.abs(x[0])  # noqa: E731
    report = check_gradient(f, lambda x: np.cos(x) + 1e-6 * np.array([1.0, 0.0]), x)
    assert report.ok and len(report.kinks) == 1


def test_tied_maximum() -> None:
    x = np.array([1.0, 2.0, 2.0, 0.5])
    for gradient in ([0, 1, 0, 0], [0, 0.5, 0.5, 0], [0, 0, 1, 0]):
        report = check_gradient(np.max, np.array(gradient), x)
        assert report.ok and [k.index for k in report.kinks] == [(1,), (2,)]
    assert check_gradient(np.max, np.array([1, 0, 0, 0]), x).verdict == "wrong"


def test_kinks_that_cancel_along_a_direction() -> None:
    x = np.array([0.0, 0.0, 1.0])
    f = lambda x: np.maximum(x[0], 0) - np.maximum(x[1], 0) + x[2] ** 2  # noqa: E731
    assert check_gradient(f, np.array([0.0, 0.0, 2.0]), x).ok


def test_hidden_kinks_of_a_large_array_are_found() -> None:
    A = RNG.normal(size=(30, 40))
    A[3, 4] = A[20, 1] = 0
    report = check_gradient(relu_sum, relu_sum_gradient, A, limit=20)
    assert report.ok and {k.index for k in report.kinks} >= {(3, 4), (20, 1)}

    def mistaken(A):
        gradient = relu_sum_gradient(A)
        gradient[7, 7] += 0.1
        return gradient

    report = check_gradient(relu_sum, mistaken, A, limit=20)
    assert report.verdict == "wrong" and report.worst is not None and report.worst.index == (7, 7)


def test_nothing_but_kinks_is_undecided() -> None:
    report = check_gradient(lambda x: np.sum(np.abs(x)), np.sign, np.zeros(3))
    assert report.verdict == "undecided" and not report and len(report.kinks) == 3
    assert check_gradient(relu_sum, relu_sum_gradient, np.zeros((30, 40))).verdict == "undecided"


def test_jump_and_vertical_slope_are_undecided() -> None:
    assert check_gradient(lambda x: np.sum(np.floor(x)), np.zeros(2), np.array([1.0, 0.5])).verdict == "undecided"
    assert (
        check_gradient(lambda x: np.sum(np.cbrt(x)), np.array([1.0, 1 / 3]), np.array([0.0, 1.0])).verdict != "correct"
    )


def test_one_sided_domain() -> None:
    def f(x):
        return np.sum(np.sqrt(x) ** 3) if (x >= 0).all() else np.nan

    assert check_gradient(f, np.array([0.0, 1.5]), np.array([0.0, 1.0])).verdict != "wrong"
    assert check_gradient(lambda x: np.inf if x < 0 else np.sin(x), np.array(1.0), np.array(0.0)).ok
    assert check_gradient(lambda x: np.inf if x < 0 else np.sin(x), np.array(2.0), np.array(0.0)).verdict == "wrong"


def test_rounding_that_hides_the_gradient() -> None:
    report = check_gradient(lambda x: 1e16 + np.sum(x), np.ones(2), np.array([1.0, 2.0]))
    assert report.verdict == "undecided" and "rounding of f" in report.cause


def test_float32_inside_is_no_mistake() -> None:
    def f(x):
        return float(np.sum(np.exp(x.astype(np.float32))))

    x = RNG.normal(size=5)
    report = check_gradient(f, np.exp, x)
    assert report.verdict == "undecided" and "float32" in report.cause
    assert check_gradient(f, lambda x: 2 * np.exp(x), x).verdict == "wrong"


def test_float32_arrays_say_how_far_they_can_be_trusted() -> None:
    x = RNG.normal(size=5).astype(np.float32)
    report = check_gradient(lambda x: np.sum(np.exp(x)), np.exp, x)
    assert report.ok and "float64 arrays would tell more" in str(report)


def test_iteration_that_stops_early() -> None:
    def f(x):
        root = 1.0
        while abs(root * root - x[0]) > 1e-4:
            root = root - (root * root - x[0]) / 3
        return root * x[1]

    x = np.array([2.0, 3.0])
    assert check_gradient(f, lambda x: np.array([x[1] / np.sqrt(x[0]) / 2, np.sqrt(x[0])]), x).verdict != "correct"


@pytest.mark.parametrize("seed", range(20))
def test_seeds_agree(seed: int) -> None:
    A = np.random.default_rng(seed).normal(size=(6, 7))
    report = check_gradient(relu_sum, relu_sum_gradient, A, seed=seed)
    assert report.ok, str(report)
