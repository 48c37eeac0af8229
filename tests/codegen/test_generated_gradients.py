"""Gradients of generated modules against jax.grad in float64 and central differences: activations x losses x biases."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from generated_module import from_source

import symbp as sb
from symbp.catalogue import ACTIVATIONS, LOSSES
from symbp.codegen import generate

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_most_optimizations", True)  # it compiles in half the time

FORWARD = {
    "identity": lambda z: z,
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + jnp.exp(-z)),
    "tanh": jnp.tanh,
    "relu": lambda z: jnp.where(z > 0, z, 0),
    "leaky_relu": lambda z: jnp.where(z > 0, z, 0.01 * z),
    "elu": lambda z: jnp.where(z > 0, z, jnp.exp(z) - 1),
    "selu": jax.nn.selu,
    "softplus": lambda z: jnp.log(1 + jnp.exp(z)),
    "silu": lambda z: z / (1 + jnp.exp(-z)),
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "gelu_tanh": lambda z: jax.nn.gelu(z, approximate=True),
    "mish": lambda z: z * jnp.tanh(jnp.log(1 + jnp.exp(z))),
    "softsign": lambda z: z / (1 + jnp.abs(z)),
    "hard_tanh": lambda z: jnp.clip(z, -1, 1),
    "hard_sigmoid": lambda z: jnp.clip(z / 6 + 0.5, 0, 1),
    "relu6": lambda z: jnp.clip(z, 0, 6),
    "exp": jnp.exp,
    "step": lambda z: (z > 0) * 1.0,
    "sign": jnp.sign,
    "softmax": lambda z: jnp.exp(z) / jnp.exp(z).sum(axis=1, keepdims=True),
    "log_softmax": lambda z: z - jnp.log(jnp.exp(z).sum(axis=1, keepdims=True)),
}

EXAMPLE_LOSS = {
    "sse": lambda p, y: ((p - y) ** 2).sum(axis=1) / 2,
    "squared_error": lambda p, y: ((p - y) ** 2).sum(axis=1),
    "mse": lambda p, y: ((p - y) ** 2).mean(axis=1),
    "mae": lambda p, y: jnp.abs(p - y).mean(axis=1),
    "huber": lambda p, y: jnp.where(jnp.abs(p - y) < 1, (p - y) ** 2 / 2, jnp.abs(p - y) - 0.5).sum(axis=1),
    "binary_cross_entropy": lambda p, y: -(y * jnp.log(p) + (1 - y) * jnp.log(1 - p)).sum(axis=1),
    "cross_entropy": lambda p, y: -(y * jnp.log(p)).sum(axis=1),
    "nll": lambda p, y: -(y * p).sum(axis=1),
    "hinge": lambda p, y: jnp.maximum(0, 1 - p * y).sum(axis=1),
    "kl_divergence": lambda p, y: (y * (jnp.log(y) - jnp.log(p))).sum(axis=1),
    "poisson": lambda p, y: (p - y * jnp.log(p)).sum(axis=1),
    "cosine": lambda p, y: 1 - (p * y).sum(1) / jnp.sqrt((p**2).sum(1) + 1e-12) / jnp.sqrt((y**2).sum(1) + 1e-12),
}

OUTPUTS = {
    "binary_cross_entropy": ["sigmoid", "softmax"],
    "cross_entropy": ["softmax"],
    "kl_divergence": ["softmax"],
    "nll": ["log_softmax"],
    "poisson": ["softplus", "exp"],
}
"""The last activations that a loss takes; any other loss takes all."""

COUPLED = ["softmax", "log_softmax"]
FEATURES, HIDDEN, CLASSES, EXAMPLES = 5, 4, 3, 7


def test_every_entry_of_the_catalogue_has_an_oracle():
    assert {*ACTIVATIONS, *COUPLED} == {*FORWARD}
    assert {*LOSSES} == {*EXAMPLE_LOSS}


def targets(loss, rng):
    if loss in ("cross_entropy", "nll", "kl_divergence"):
        return rng.dirichlet(np.ones(CLASSES), EXAMPLES)
    if loss == "binary_cross_entropy":
        return rng.uniform(0.1, 0.9, (EXAMPLES, CLASSES))
    if loss == "poisson":
        return rng.uniform(0.5, 4, (EXAMPLES, CLASSES))
    if loss == "hinge":
        return rng.choice([-1.0, 1.0], (EXAMPLES, CLASSES))
    return rng.normal(size=(EXAMPLES, CLASSES))


def objective(params, x, y, hidden, output, loss, l1=0.0, l2=0.0, total=False):
    a = FORWARD[hidden](x @ params["W1"].T + params.get("b1", 0.0))
    p = FORWARD[output](a @ params["W2"].T + params.get("b2", 0.0))
    each = EXAMPLE_LOSS[loss](p, y)
    weights = [params["W1"], params["W2"]]
    penalty = sum(l1 * jnp.abs(w).sum() + l2 / 2 * (w**2).sum() for w in weights)
    return (each.sum() if total else each.mean()) + penalty


def agree(grads, exact):
    assert grads.keys() == exact.keys()
    for name, g in exact.items():
        assert grads[name].shape == g.shape and grads[name].dtype == np.float64
        assert np.abs(grads[name] - g).max() <= 1e-9 * max(np.abs(g).max(), 1e-3), name


def compare(hidden, output, loss, bias, seed=0, l1=0.0, l2=0.0, total=False):
    options = {
        "regularization": {n: v for n, v in (("l1", l1), ("l2", l2)) if v},
        "reduction": "sum" if total else "mean",
    }
    arch = f"{FEATURES}-{HIDDEN}:{hidden}-{CLASSES}:{output}"
    m = from_source(generate(sb.Network.parse(arch, loss=loss, bias=bias, **options)))
    rng = np.random.default_rng(seed)
    params = {n: v + 0.3 * rng.normal(size=v.shape) for n, v in m.init(seed, np.float64).items()}
    x, y = rng.normal(size=(EXAMPLES, FEATURES)), targets(loss, rng)
    value, grads = m.loss_and_grads(params, x, y)
    arguments = hidden, output, loss, l1, l2, total
    wanted, exact = jax.jit(jax.value_and_grad(objective, (0, 1)), static_argnums=range(3, 9))(params, x, y, *arguments)
    assert value == pytest.approx(float(wanted), rel=1e-9)
    if not (l1 or l2 or total):
        assert m.loss(m.predict(params, x), y) == pytest.approx(float(wanted), rel=1e-9)
    assert {*params} == {*m.PARAMS}
    agree(grads, {**exact[0], "x": exact[1]})
    assert max(m.check(seed, entries=3).values()) < 1e-6


def pairs():
    """Every activation as a hidden one and as the last one where the loss takes it, every loss, with and without bias."""
    free = [loss for loss in LOSSES if loss not in OUTPUTS]
    both = itertools.cycle((True, False))
    for (k, activation), bias in zip(enumerate([*ACTIVATIONS, *COUPLED]), both, strict=False):
        yield activation, activation, free[k % len(free)], bias
    for (k, loss), bias in zip(enumerate(LOSSES), both, strict=False):
        outputs = OUTPUTS.get(loss, ["identity"])
        yield ["tanh", "gelu", "relu", "silu", "elu"][k % 5], outputs[k % len(outputs)], loss, bias


@pytest.mark.thinned(6)
@pytest.mark.parametrize("hidden, output, loss, bias", [*pairs()])
def test_agrees_with_jax(hidden, output, loss, bias):
    compare(hidden, output, loss, bias)


@pytest.mark.parametrize("l1, l2, total", [(0.02, 0.0, False), (0.03, 0.05, True)])
def test_regularisation_and_sums_agree_with_jax(l1, l2, total):
    compare("tanh", "softmax", "cross_entropy", True, l1=l1, l2=l2, total=total)


def test_a_wrong_gradient_is_noticed():
    """Each gradient times -17, zeroed, or with two entries swapped fails the comparison that the other tests make."""
    m = from_source(generate(sb.Network.parse("5-4:tanh-3:softmax", loss="cross_entropy")))
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(EXAMPLES, 5)), targets("cross_entropy", rng)
    exact = m.loss_and_grads(m.init(0, np.float64), x, y)[1]
    agree(exact, exact)
    for name, g in exact.items():
        for wrong in (-17 * g, 0 * g, g + 1e-6, np.roll(g, 1), g.T if g.ndim > 1 else g[::-1]):
            with pytest.raises(AssertionError):
                agree({**exact, name: wrong}, exact)


@pytest.mark.sweep
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", [*ACTIVATIONS, *COUPLED])
def test_every_pair_agrees_with_jax(hidden, loss, bias):
    for k, output in enumerate(OUTPUTS.get(loss, [hidden])):
        compare(hidden, output, loss, bias, seed=k)
