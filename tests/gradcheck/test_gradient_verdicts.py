"""Correct gradients (JAX's) are called correct; the same gradients with a mistake are called wrong."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gradcheck_functions import SMOOTH, C, Case, N, X
from hypothesis import given, settings
from hypothesis import strategies as st

from symbp.gradcheck import check_gradient

CASES = pytest.mark.parametrize("case", SMOOTH.values(), ids=SMOOTH)


@pytest.mark.thinned(3)
@CASES
def test_correct(case: Case) -> None:
    report = check_gradient(case.f, case.grad, *case.arrays)
    assert report.ok and report.verdict == "correct", str(report)
    assert not report.kinks and report.factor is None
    assert all(order > 1.8 for order in report.orders.values()), str(report)


@pytest.mark.thinned(3)
@CASES
@pytest.mark.parametrize("factor", [-17.0, 1 + 1e-4, -1.0, 0.0, 2.0, N], ids=str)
def test_every_entry_times_a_constant(case: Case, factor: float) -> None:
    report = check_gradient(case.f, [factor * g for g in case.grad(*case.arrays)], *case.arrays)
    assert report.verdict == "wrong" and not report
    if case is not SMOOTH["bias without effect"]:
        assert report.factor == pytest.approx(factor, rel=1e-5)
    assert report.worst is not None and report.worst.wrong
    assert report.worst.given == pytest.approx(factor * report.worst.expected, rel=1e-5)


@pytest.mark.thinned(3)
@CASES
@pytest.mark.parametrize("array", [0, -1])
@pytest.mark.parametrize("size", [1e-4, 1.0])
def test_one_entry_off(case: Case, array: int, size: float) -> None:
    gradients = case.grad(*case.arrays)
    array %= len(gradients)
    if case is SMOOTH["bias without effect"]:
        array = 0  # nothing to be off from in the other
    index = np.unravel_index(np.argmax(np.abs(gradients[array])), gradients[array].shape)
    gradients[array][index] *= 1 + size
    report = check_gradient(case.f, gradients, *case.arrays)
    if case is SMOOTH["large array"] and size < 1:  # not among the entries chosen, perhaps, but the directions see it
        assert report.verdict == "wrong"
        return
    assert report.verdict == "wrong" and report.worst is not None
    assert report.worst.index == tuple(index)
    assert case.f.__code__.co_varnames[array] == report.worst.array


@CASES
def test_order_is_one_where_wrong(case: Case) -> None:
    report = check_gradient(case.f, [1.5 * g for g in case.grad(*case.arrays)], *case.arrays)
    assert next(iter(report.orders.values())) == pytest.approx(1, abs=0.15)


def test_constant_function() -> None:
    x = np.array([1.0, -2.0])
    assert check_gradient(lambda x: 5.0, np.zeros(2), x)
    assert check_gradient(lambda x: 5.0, np.array([0.0, 1e-3]), x).verdict == "wrong"


def test_transposed() -> None:
    case = SMOOTH["quadratic of a matrix"]
    report = check_gradient(case.f, lambda A: case.grad(A)[0].T, *case.arrays)
    assert report.verdict == "wrong" and "transposed" in report.cause


def test_arrays_exchanged() -> None:
    def f(A, B):
        return np.sum(A @ B @ A)

    rng = np.random.default_rng(1)
    A, B = rng.normal(size=(2, 3, 3))
    case = Case(lambda xp: lambda A, B: xp.sum(A @ B @ A), (A, B))
    report = check_gradient(f, case.grad(A, B)[::-1], A, B)
    assert report.verdict == "wrong" and "is the one given for B" in report.cause


def test_mean_over_the_batch_left_out() -> None:
    case = SMOOTH["softmax cross-entropy"]
    W, b = case.grad(*case.arrays)
    report = check_gradient(case.f, (N * W, N * b), *case.arrays)
    assert report.factor == N and "division by 6" in report.cause
    report = check_gradient(case.f, (W, N * b), *case.arrays)
    assert report.worst is not None and report.worst.array == "b" and "W" not in report.cause


def test_off_diagonal_of_the_softmax_left_out() -> None:
    def diagonal_only(z):
        a = np.exp(z - z.max(1, keepdims=True))
        a /= a.sum(1, keepdims=True)
        return C * a * (1 - a)

    case = SMOOTH["softmax"]
    report = check_gradient(case.f, diagonal_only, *case.arrays)
    assert report.verdict == "wrong" and report.factor is None and "12 entries" in report.cause


def test_regularisation_left_out() -> None:
    case = SMOOTH["quadratic of a matrix"]
    report = check_gradient(lambda A: case.f(A) + 0.05 * np.sum(A**2), case.grad, *case.arrays)
    assert report.verdict == "wrong" and "off by -0.1 A" in report.cause


def test_wrong_entry_of_a_large_array_is_traced() -> None:
    case = SMOOTH["large array"]
    for index in [(0, 0), (17, 11), (29, 19)]:
        (gradient,) = case.grad(*case.arrays)
        gradient[index] += 0.5
        report = check_gradient(case.f, gradient, *case.arrays, limit=5)
        assert report.verdict == "wrong" and report.worst is not None and report.worst.index == index
        assert "of the 600 entries of A" in str(report)


@pytest.mark.parametrize("name", ["softmax cross-entropy", "relu net", "logsumexp", "quadratic", "linear"])
def test_float32(name: str) -> None:
    case = SMOOTH[name]
    arrays = [a.astype(np.float32) for a in case.arrays]

    def f(*arrays):
        return np.float32(case.f(*arrays))

    assert check_gradient(f, case.grad, *arrays).verdict == "correct"
    for factor in (-17.0, 2.0, 1.1):
        report = check_gradient(f, [factor * g for g in case.grad(*arrays)], *arrays)
        assert report.verdict == "wrong" and report.factor == pytest.approx(factor, rel=0.02)


NAMES = {"sin": np.sin, "tanh": np.tanh, "exp": np.exp, "square": np.square, "arctan": np.arctan}
FLOATS = st.floats(-2, 2).filter(lambda v: abs(v) > 1e-3)


@settings(max_examples=15)
@given(
    st.lists(st.sampled_from(sorted(NAMES)), min_size=1, max_size=3),
    st.lists(FLOATS, min_size=2, max_size=4),
    st.sampled_from([1e-3, 1.0, 1e3]),
    st.sampled_from([1 + 1e-4, 0.5, -1.0, 0.0]),
)
def test_random_functions(names: list[str], x: list[float], scale: float, factor: float) -> None:
    def build(xp):
        def f(x):
            value = xp.roll(x, 1) * x / scale**2
            for name in names:
                value = getattr(xp, name)(value / 3)
            return xp.sum(value * X[0, : value.shape[0]])

        return f

    point = scale * np.array(x)
    case = Case(build, (point,))
    gradient = np.array(jax.grad(build(jnp))(jnp.asarray(point)))
    assert check_gradient(case.f, gradient, point).verdict != "wrong"
    assert check_gradient(case.f, factor * gradient, point).verdict != "correct"
