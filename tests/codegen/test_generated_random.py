"""Random architectures: generated modules against the brute-force evaluator and central differences."""

import numpy as np
import pytest
from generated_module import from_source
from hypothesis import given, settings
from hypothesis import strategies as st

import symbp as sb
from symbp.calculus.numeric.evaluate import evaluate
from symbp.catalogue import ACTIVATIONS, LOSSES

LAST = {
    "binary_cross_entropy": "sigmoid", "cross_entropy": "softmax", "kl_divergence": "softmax", "nll": "log_softmax",
    "poisson": "softplus",
}  # fmt: skip
SIMPLEX = ("cross_entropy", "kl_divergence", "nll")


@st.composite
def networks(draw):
    loss = draw(st.sampled_from([*LOSSES]))
    depth = draw(st.integers(1, 3))
    sizes = draw(st.permutations([2, 3, 4, 5, 6]))
    hidden = st.sampled_from([*ACTIVATIONS, "softmax"])
    layers = []
    for size in sizes[1 : depth + 1]:
        layers.append(sb.layer("dense", size, bias=draw(st.booleans())))
        layers += draw(st.lists(hidden, min_size=len(layers) < 2 * depth - 1, max_size=2))
    if loss in LAST:
        layers.append(LAST[loss])
    options = {"reduction": draw(st.sampled_from(["mean", "sum"]))}
    options["regularization"] = draw(st.sampled_from([{}, {"l1": 0.1}, {"l1": 0.02, "l2": 0.3}]))
    return sb.Network(sizes[0], layers, loss=loss, **options)


@settings(max_examples=8)
@given(networks(), st.integers(0, 10**6))
def test_random_networks(net, seed):
    m = from_source(sb.generate(net))
    d = sb.derive(net, batch=True)
    rng = np.random.default_rng(seed)
    params = {n: v + 0.2 * rng.normal(size=v.shape) for n, v in m.init(seed, np.float64).items()}
    x = rng.normal(size=(7, *net.input))
    y = rng.uniform(0.1, 0.9, (7, *net.output))
    if net.loss_kind.name in SIMPLEX:
        y /= y.sum(axis=1, keepdims=True)
    wanted = evaluate(d.program, {**params, "x": x, "y": y}, {"n": 7})
    value, grads = m.loss_and_grads(params, x, y)
    assert value == pytest.approx(float(wanted["J"]), rel=1e-9)
    np.testing.assert_allclose(m.predict(params, x), wanted["yhat"], rtol=1e-9, atol=1e-12)
    for name, g in grads.items():
        exact = wanted[d.backward.adjoint[name]]
        assert g.shape == exact.shape
        assert np.abs(g - exact).max() <= 1e-9 * max(np.abs(exact).max(), 1e-3), name
