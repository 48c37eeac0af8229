"""Generated modules at extreme pre-activations, and the dtype of everything that they return; warnings are errors."""

import itertools
from functools import cache

import numpy as np
import pytest
from generated_module import from_source
from run_block import helpers

import symbp as sb
from symbp.calculus.rules import RULES, U, X, expm1, log1p
from symbp.catalogue import ACTIVATIONS, LOSSES

OUTPUTS = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax", "kl_divergence": "softmax", "nll": "log_softmax",
           "poisson": "softplus"}  # fmt: skip
CASES = [
    *((a, "softmax", "cross_entropy") for a in ACTIVATIONS if a != "exp"),
    *(("tanh", OUTPUTS.get(loss, "identity"), loss) for loss in LOSSES),
    ("tanh", "softmax", "binary_cross_entropy"),
    ("tanh", "hard_sigmoid", "binary_cross_entropy"),
    ("tanh", "exp", "poisson"),
    ("softmax", "sigmoid", "sse"),
]


@cache
def made(hidden, output, loss):
    net = sb.Network.parse(f"3-4:{hidden}-5:{output}", loss=loss, optimizer="adam", regularization={"l2": 0.001})
    return from_source(sb.generate(net))


def targets(loss, n, k, rng):
    if loss in ("cross_entropy", "nll", "kl_divergence"):
        return np.eye(k)[rng.integers(0, k, n)]
    return rng.integers(0, 2, (n, k)) * 1.0


@pytest.mark.thinned(6)
@pytest.mark.parametrize("hidden, output, loss", CASES)
def test_finite_and_silent_at_extreme_values_in_float32(hidden, output, loss):
    m = made(hidden, output, loss)
    rng = np.random.default_rng(3)
    values = np.array([-1e4, -300, -90, -20, 0, 20, 90, 300, 1e4])
    x = np.array([*itertools.product((-1, 0, 1), repeat=3)])
    if output == "exp":  # its value at 1e4 is no float32
        values = values[:6]
    for scale in (1e4, 30, 1):
        params = {n: (scale * rng.choice([-1, 1], v.shape)).astype(np.float32) for n, v in m.init().items()}
        params["W2"] /= 1e4 if output == "exp" else 1
        params["b2"] = rng.choice(values, 5).astype(np.float32)
        y = targets(loss, len(x), 5, rng).astype(np.float32)
        value, grads = m.loss_and_grads(params, x.astype(np.float32), y)
        y_hat, cache = m.forward(params, x)
        assert np.isfinite(value) and np.isfinite(m.loss(y_hat, y))
        for name, array in {**grads, **cache, "y_hat": y_hat}.items():
            assert array.dtype == np.float32, name
            assert np.isfinite(array).all(), name


@pytest.mark.thinned(3)
@pytest.mark.parametrize("hidden, output, loss", CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_goes_in_decides_the_dtype(hidden, output, loss, dtype):
    if hidden != "tanh" and dtype is np.float64:
        return  # float64 goes through the same code; one row of the table is enough
    m = made(hidden, output, loss)
    rng = np.random.default_rng(3)
    params = m.init(dtype=dtype)
    x, y = rng.normal(size=(6, 3)).astype(dtype), targets(loss, 6, 5, rng)
    trainer = m.Trainer(params, 6)
    assert isinstance(trainer.step(x, y), float)
    value, grads = m.loss_and_grads(params, x, y)
    assert isinstance(value, float)
    states = {n: a for n, a in trainer.state().items() if n not in ("t", "rng")}
    assert {*states} == {"m", "v"}
    for name, array in {**params, **grads, **states, "y_hat": m.predict(params, x)}.items():
        assert array.dtype == dtype, name


def test_confident_predictions_keep_their_gradient():
    """At z = 100 the sigmoid is 1 in float32, and the loss of the other label is 100, not the logarithm of a clipped 0."""
    m = from_source(sb.generate(sb.Network.parse("1-1:sigmoid", loss="binary_cross_entropy")))
    params = {"W1": np.ones((1, 1), np.float32), "b1": np.zeros(1, np.float32)}
    value, grads = m.loss_and_grads(params, np.array([[100.0]]), np.array([[0.0]]))
    assert value == 100.0
    assert grads["W1"][0, 0] == 100.0


@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-15), (np.float32, 3e-7)])
def test_erfc_is_accurate(dtype, tolerance):
    from math import erfc

    u = np.concatenate([np.linspace(-6, 9, 3001), [-1e4, 1e4, 0.46875, 4, -4, 0]]).astype(dtype)
    got = helpers()["erfc"](u)
    wanted = np.array([erfc(v) for v in u.astype(float)])
    assert got.dtype == dtype
    assert (np.abs(got - wanted) <= tolerance * np.maximum(wanted, 1)).all()
    if dtype is np.float64:
        far = wanted > 1e-300
        assert (np.abs(got - wanted)[far] <= 2e-14 * wanted[far]).all()


@pytest.mark.parametrize("rule", RULES, ids=lambda r: str(r.pattern))
def test_a_rewrite_keeps_the_value(rule):
    """Both sides in 60-digit arithmetic, at the rule's row of values."""
    import sympy

    from symbp.calculus.functions import sigmoid, softplus, xlogy

    written = {
        sigmoid: lambda u: 1 / (1 + sympy.exp(-u)),
        softplus: lambda u: sympy.log(1 + sympy.exp(u)),
        expm1: lambda u: sympy.exp(u) - 1,
        log1p: lambda u: sympy.log(1 + u),
        xlogy: lambda x, y: x * sympy.log(y),
    }

    def value(side, at):
        for function, definition in written.items():
            side = side.replace(function, definition)
        return sympy.N(side.subs({U: sympy.Rational(repr(at)), X: sympy.Rational("0.3")}), 40, maxn=20000)

    for at in rule.at:
        a, b = value(rule.pattern, at), value(rule.replacement, at)
        assert abs(a - b) <= sympy.Float("1e-25") * max(abs(a), sympy.Float("1e-9000")), at


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "normal_cdf", "safe_exp"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_helpers_at_their_limits(name, dtype):
    u = np.array([-1e30, -1e4, -700, -88, -1e-30, 0, 1e-30, 88, 700, 1e4, 1e30], dtype)
    got = helpers()[name](u)
    assert got.dtype == dtype and np.isfinite(got).all() and (np.diff(got) >= 0).all()
