"""A trainer's step against loss_and_grads and the rules written by hand, and against JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from generated_module import from_source
from hypothesis import given, settings
from hypothesis import strategies as st
from own_parts import QUADRATIC
from test_generated_trainer import OTHER, RULES
from trainer_steps import LAST, compare, generic, made, targets

import symbp as sb
from symbp.catalogue import ACTIVATIONS, LOSSES, OPTIMIZERS
from symbp.codegen import explain


@pytest.mark.thinned(3)
@pytest.mark.parametrize("labels", [pytest.param(False, marks=pytest.mark.sweep), True], ids=["soft", "labels"])
@pytest.mark.parametrize("hidden", [*ACTIVATIONS, "softmax", "log_softmax"])
def test_every_activation(hidden, labels):
    compare(*made(hidden, "softmax", "cross_entropy"), np.random.default_rng(2), labels=labels)


@pytest.mark.thinned(3)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(loss):
    net, m = made("tanh", LAST.get(loss, "identity"), loss, "adam")
    compare(net, m, np.random.default_rng(3), optimizer="adam", **OTHER["adam"])


@pytest.mark.parametrize("loss", [n for n in LOSSES if n not in ("poisson", "nll", "hinge")])
def test_labels_with_every_loss_of_probabilities(loss):
    compare(*made("relu", "softmax", loss), np.random.default_rng(4), labels=True)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_with_regularisation(name):
    net = sb.Network.parse("5-4:relu-3:softmax", optimizer=name, regularization={"l1": 0.01, "l2": 0.2})
    m = from_source(sb.generate(net))
    compare(net, m, np.random.default_rng(5), optimizer=name, **OTHER[name])
    compare(net, m, np.random.default_rng(5), optimizer=name)


@st.composite
def networks(draw):
    loss, optimizer = draw(st.sampled_from([*LOSSES])), draw(st.sampled_from([*OPTIMIZERS]))
    sizes = draw(st.permutations([2, 3, 4, 5, 6]))
    layers = []
    for size in sizes[1 : draw(st.integers(2, 4))]:
        layers += [sb.layer("dense", size, bias=draw(st.booleans())), draw(st.sampled_from([*ACTIVATIONS, "softmax"]))]
    layers = [*layers[:-1], LAST[loss]] if loss in LAST else layers
    options = {"reduction": draw(st.sampled_from(["mean", "sum"]))}
    options["regularization"] = draw(st.sampled_from([{}, {"l1": 0.1}, {"l2": 0.3}]))
    return sb.Network(sizes[0], layers, loss=loss, optimizer=optimizer, **options), optimizer


@settings(max_examples=8)
@given(networks(), st.integers(0, 10**6))
def test_random_networks(chosen, seed):
    net, optimizer = chosen
    compare(net, from_source(sb.generate(net)), np.random.default_rng(seed), optimizer=optimizer)


OWN = (
    """
input = 4
layers = [{ quadratic = { o = 5 } }, "swish", { normal = {} }, { dense = 3 }, "softmax"]
loss = "cross_entropy"
optimizer = "momentum"
"""
    + QUADRATIC
    + """[layer.normal]
input = "x[n,d]"
output = "y[n,d]"
parameters = { gamma = "d", beta = "d" }
forward = ["m[n] = mean(x[n,d], d)", "c[n,d] = x[n,d] - m[n]", "s[n] = sqrt(mean(c[n,d]**2, d) + 1/100000)",
           "y[n,d] = gamma[d]*c[n,d]/s[n] + beta[d]"]
"""
)


def test_layers_of_ones_own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    net = sb.Network.load(str(path))
    compare(net, from_source(sb.generate(net)), np.random.default_rng(6), optimizer="momentum", labels=True)


RARE = """
input = 4
layers = [{ dense = 12 }, { top = {} }, { pair = { o = 5, i = 2 } }, { dense = 3 }, "softmax"]
loss = "cross_entropy"
optimizer = "adam"
[layer.top]
input = "x[n,d]"
output = "y[n,d]"
parameters = { s = "", g = "d" }
forward = ["m[n] = max(x[n,d], d)", "q[n] = prod(x[n,d], d)",
           "y[n,d] = s*x[n,d] + g[d]*m[n] + logsumexp(x[n,e], e)*q[n]"]
[layer.pair]
input = "x[n,d]"
output = "y[n,o]"
parameters = { A = "o i d", B = "i d" }
forward = ["y[n,o] = sum(A[o,i,d]*B[i,d]*x[n,d], i, d)"]
"""


def test_what_has_no_buffered_form_is_computed_and_named(tmp_path):
    """Maxima's first places, einsum, a parameter without axes."""
    path = tmp_path / "rare.toml"
    path.write_text(RARE)
    net = sb.Network.load(str(path))
    compare(net, from_source(sb.generate(net)), np.random.default_rng(0), optimizer="adam", labels=True)
    assert "argmax" in explain(net).splitlines()[-1]
    assert explain(sb.Network.parse("3-2:tanh-2")).splitlines()[-1].split()[-1] == "nothing"


def test_dropout_draws_the_masks_that_forward_draws():
    layers = [sb.layer("dense", 6), "relu", sb.layer("dropout", 0.3), sb.layer("dense", 4), "tanh", sb.layer("dropout", 0.5),
              sb.layer("dense", 3), "softmax"]  # fmt: skip
    net = sb.Network(5, layers)
    m = from_source(sb.generate(net))
    rng, same = np.random.default_rng(7), np.random.default_rng(11)
    params = generic(m, rng)
    trainer = m.Trainer(params, 8, seed=11, lr=0.2)
    for n in (8, 5, 8):
        x, y = rng.normal(size=(n, 5)), rng.integers(0, 3, n)
        _, cache = m.forward(params, x, training=True, rng=same)
        grads = m.backward(params, cache, y)
        wanted = {k: v - 0.2 * grads[k] for k, v in params.items()}
        trainer.step(x, y)
        for k, v in wanted.items():
            np.testing.assert_allclose(params[k], v, rtol=1e-10, atol=1e-13)


def jax_objective(params, x, y, w):
    h = jnp.tanh(x @ params["W1"].T + params["b1"])
    z = h @ params["W2"].T + params["b2"]
    losses = -jax.nn.log_softmax(z)[jnp.arange(len(y)), y]
    return (w * losses).sum() / len(y) + 0.05 * sum((params[n] ** 2).sum() for n in ("W1", "W2"))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_agrees_with_jax(name, weighted):
    net = sb.Network.parse("5-4:tanh-3:softmax", optimizer=name, regularization={"l2": 0.1})
    m, rng = from_source(sb.generate(net)), np.random.default_rng(8)
    params = generic(m, rng)
    wanted, states = {n: v.copy() for n, v in params.items()}, {n: {} for n in params}
    trainer = m.Trainer(params, 9)
    with jax.enable_x64(True):
        for t, n in enumerate((9, 4), 1):
            x, y, w = rng.normal(size=(n, 5)), rng.integers(0, 3, n), rng.uniform(0, 2, n)
            weight = w if weighted else None
            value, grads = jax.value_and_grad(jax_objective)(wanted, x, y, w if weighted else np.ones(n))
            assert trainer.step(x, y, weight) == pytest.approx(float(value), rel=1e-12)
            wanted = {k: RULES[name](v, np.asarray(grads[k]), states[k], t) for k, v in wanted.items()}
            for k, v in wanted.items():
                np.testing.assert_allclose(params[k], v, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("reduction", ["mean", pytest.param("sum", marks=pytest.mark.sweep)])
@pytest.mark.parametrize("loss", LOSSES)
def test_weights_multiply_the_loss_of_each_example(loss, reduction):
    """The gradient of the weighted loss is the weighted sum of the gradients of single examples."""
    net = sb.Network.parse(f"5-4:tanh-3:{LAST.get(loss, 'identity')}", loss=loss, reduction=reduction)
    m, rng = from_source(sb.generate(net)), np.random.default_rng(9)
    params = generic(m, rng)
    x, y, w = rng.normal(size=(6, 5)), targets(net, 6, rng), rng.uniform(0, 2, 6)
    singles = [m.loss_and_grads(params, x[i : i + 1], y[i : i + 1]) for i in range(6)]
    count = 6 if reduction == "mean" else 1
    wanted = {
        k: v - 0.1 * sum(wi * g[k] for wi, (_, g) in zip(w, singles, strict=True)) / count for k, v in params.items()
    }
    value = m.Trainer(params, 6, lr=0.1).step(x, y, w)
    assert value == pytest.approx(sum(wi * v for wi, (v, _) in zip(w, singles, strict=True)) / count, rel=1e-11)
    for k, v in wanted.items():
        np.testing.assert_allclose(params[k], v, rtol=1e-10, atol=1e-13)


def test_a_weight_for_every_example_or_an_error():
    _, m = made("tanh", "softmax", "cross_entropy")
    with pytest.raises(ValueError, match=r"weight has the shape \(2,\), expected \(3,\)"):
        m.Trainer(m.init(), 3).step(np.ones((3, 5)), np.zeros(3, int), np.ones(2))


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam"])
def test_gradients_are_clipped_as_torch_clips_them(name):
    torch = pytest.importorskip("torch")
    net = sb.Network.parse("5-4:tanh-3:softmax", optimizer=name, regularization={"l2": 0.1})
    m, rng = from_source(sb.generate(net)), np.random.default_rng(10)
    x, y = 3 * rng.normal(size=(7, 5)), rng.integers(0, 3, 7)
    for norm in (0.05, 1e3):
        params = generic(m, np.random.default_rng(1))
        tensors = {k: torch.tensor(v, requires_grad=True) for k, v in params.items()}
        for k, g in m.loss_and_grads(params, x, y)[1].items():
            if k in tensors:
                tensors[k].grad = torch.tensor(g)
        torch.nn.utils.clip_grad_norm_([*tensors.values()], norm)
        wanted = {k: RULES[name](v, tensors[k].grad.numpy(), {}, 1) for k, v in params.items()}
        m.Trainer(params, 7, clip_norm=norm).step(x, y)
        for k, v in wanted.items():
            np.testing.assert_allclose(params[k], v, rtol=1e-9, atol=1e-12)
    with pytest.raises(ValueError, match="clip_norm is 0"):
        m.Trainer(m.init(), 7, clip_norm=0)


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_run_goes_on_from_its_state_to_the_same_bytes(name, tmp_path):
    layers = [sb.layer("dense", 6), "tanh", sb.layer("dropout", 0.4), sb.layer("dense", 3), "softmax"]
    m = from_source(sb.generate(sb.Network(5, layers, optimizer=name)))
    rng = np.random.default_rng(12)
    batches = [(rng.normal(size=(8, 5)), rng.integers(0, 3, 8)) for _ in range(6)]
    once = m.init()
    trainer = m.Trainer(once, 8, seed=5)
    for batch in batches:
        trainer.step(*batch)
    first = m.init()
    trainer = m.Trainer(first, 8, seed=5)
    for batch in batches[:3]:
        trainer.step(*batch)
    np.savez(tmp_path / "state.npz", **trainer.state())
    again = m.Trainer(first, 8, seed=99)
    with np.load(tmp_path / "state.npz", allow_pickle=False) as state:
        again.restore(state)
    assert again.t == 3
    for batch in batches[3:]:
        again.step(*batch)
    assert all(once[n].tobytes() == first[n].tobytes() for n in once)


def test_a_state_of_another_trainer_is_refused():
    _, m = made("tanh", "softmax", "cross_entropy", "adam")
    trainer = m.Trainer(m.init(), 4)
    state = trainer.state()
    with pytest.raises(ValueError, match=r"the state's m is \(2,\), expected an array of the shape \(39,\)"):
        trainer.restore({**state, "m": np.ones(2)})
    with pytest.raises(ValueError, match="the state's t is missing"):
        trainer.restore({})


@pytest.mark.parametrize("order", ["C", "F", "sliced"])
@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_parameters_stay_the_users_own_arrays(name, order):
    _, m = made("relu", "softmax", "cross_entropy", name)
    rng = np.random.default_rng(13)
    plain = generic(m, rng)
    params = {}
    for n, v in plain.items():
        params[n] = np.asarray(v, order="F" if order == "F" else "C").copy("K")
        if order == "sliced":
            params[n] = np.zeros(tuple(2 * s for s in v.shape))[tuple(slice(None, None, 2) for _ in v.shape)]
            params[n][...] = v
    mine = dict(params)
    a, b = m.Trainer(plain, 6), m.Trainer(params, 6)
    for _ in range(3):
        x, y = rng.normal(size=(6, 5)), rng.integers(0, 3, 6)
        assert a.step(x, y) == pytest.approx(b.step(x, y), rel=1e-12)
    for n, v in plain.items():
        assert params[n] is mine[n]
        np.testing.assert_allclose(params[n], v, rtol=1e-11, atol=1e-13)


def test_large_parameters_are_updated_in_blocks():
    net, m = made("tanh", "softmax", "cross_entropy", "adam", sizes=(150, 300, 4))
    assert len(m.Trainer(m.init(), 2).blocks) > 1
    compare(net, m, np.random.default_rng(14), optimizer="adam", batches=(5, 5))


def test_what_comes_in_may_have_any_dtype_of_numbers():
    _, m = made("tanh", "identity", "sse")
    x, y = np.arange(20).reshape(4, 5), np.arange(12).reshape(4, 3)
    found = []
    for dtype in (np.float32, np.float64, np.int64, np.int8, np.uint8, np.float16):
        params = m.init(3)
        m.Trainer(params, 4, lr=1e-3).step(x.astype(dtype), y.astype(dtype))
        found.append(params)
    m.Trainer(lists := m.init(3), 4, lr=1e-3).step(x.tolist(), y.tolist())
    for params in (*found, lists):
        assert all(np.array_equal(params[n], found[0][n]) for n in params)


def test_the_rate_may_change_between_steps():
    _, m = made("tanh", "softmax", "cross_entropy")
    rng = np.random.default_rng(15)
    params = generic(m, rng)
    x, y = rng.normal(size=(6, 5)), rng.integers(0, 3, 6)
    trainer = m.Trainer(params, 6)
    for lr in (0.5, 0.0, 0.01):
        trainer.settings["lr"] = lr
        grads = m.loss_and_grads(params, x, y)[1]
        wanted = {k: v - lr * grads[k] for k, v in params.items()}
        trainer.step(x, y)
        for k, v in wanted.items():
            np.testing.assert_allclose(params[k], v, rtol=1e-11, atol=1e-13)


WRONG = [
    ("delta1 *= e1", "delta1 *= -e1"),
    *(("np.dot(delta2_T, a1, out=dW2)", f"np.dot(delta2_T, a1, out=dW2)\n        dW2 *= {c}") for c in (1.001, -17, 0)),
    ("np.dot(delta2_T, a1, out=dW2)", "dW2[:] = np.dot(delta2_T, a1)[::-1]"),
    ("np.dot(ones, delta1, out=db1)", "np.dot(ones, delta1, out=db1)\n        db1[:] = db1[::-1].copy()"),
]


@pytest.mark.parametrize("right, wrong", WRONG)
def test_a_wrong_gradient_fails(right, wrong):
    """The comparison sees one sign, factor or index that is wrong in a step."""
    net, _ = made("tanh", "softmax", "cross_entropy")
    source = sb.generate(net)
    assert right in source
    with pytest.raises(AssertionError):
        compare(net, from_source(source.replace(right, wrong)), np.random.default_rng(2))
