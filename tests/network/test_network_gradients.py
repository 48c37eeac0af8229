"""Every activation x loss x bias, and random architectures: derived gradients against dual numbers, differences and JAX."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from dual import Dual
from hypothesis import given, settings
from hypothesis import strategies as st
from jax_networks import ACTIVATIONS as JAX_ACTIVATIONS
from jax_networks import LOSSES as JAX_LOSSES
from jax_networks import objective
from networks import OUTPUTS, derived, generic

import symbp as sb
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.numbers import FLOAT
from symbp.catalogue import ACTIVATIONS, LAYERS, LOSSES
from symbp.network.forward import BATCH

EVERY = [a.name for a in ACTIVATIONS.values() if not a.alias_of] + [k.name for k in LAYERS.values() if k.activation]


def test_the_oracle_knows_the_whole_catalogue() -> None:
    assert set(EVERY) == set(JAX_ACTIVATIONS)
    assert set(LOSSES) == set(JAX_LOSSES)


def agrees(got: np.ndarray, expected: np.ndarray, tolerance: float = 1e-9) -> bool:
    """Relative to the largest entry; a zero gradient must be zero, a wrong shape is no agreement."""
    got, expected = np.asarray(got, float), np.asarray(expected, float)
    return got.shape == expected.shape and bool(np.abs(got - expected).max() <= tolerance * np.abs(expected).max())


def directional(net: sb.Network, values: dict[str, np.ndarray], along: dict[str, np.ndarray]) -> float:
    """dJ along a direction of the parameters and x, by dual numbers through the forward map."""
    dual = Dual(FLOAT)
    moving = {}
    for name, v in values.items():
        d = along.get(name, np.zeros_like(v))
        moving[name] = np.array([dual.variable(a, b) for a, b in zip(v.ravel(), d.ravel(), strict=True)], object)
        moving[name] = moving[name].reshape(v.shape)
    return float(evaluate(net.program(), moving, {BATCH: 2, **net.forward_map.sizes}, dual)["J"][()].slope)


def check(net: sb.Network) -> None:
    values = generic(net)
    grads = derived(net, values)
    rng = np.random.default_rng(11)
    along = {n: rng.standard_normal(v.shape) for n, v in values.items() if n != "y"}
    inner = sum(float((grads[n] * d).sum()) for n, d in along.items())
    slope = directional(net, values, along)
    scale = sum(float(np.abs(grads[n] * d).sum()) for n, d in along.items())
    assert abs(inner - slope) <= 1e-11 * scale
    h, program, sizes = 1e-6, net.program(), {BATCH: 2, **net.forward_map.sizes}
    up, down = ({n: v + s * along[n] if n in along else v for n, v in values.items()} for s in (h, -h))
    difference = (evaluate(program, up, sizes)["J"] - evaluate(program, down, sizes)["J"]) / (2 * h)
    assert abs(inner - float(difference)) <= 1e-6 * max(scale, 1.0)
    if scale:  # the test of the test: what is wrong in any one parameter must show
        for n in along:
            wrong = inner - 18 * float((grads[n] * along[n]).sum())
            assert abs(wrong - slope) > 1e-9 * scale or not np.abs(grads[n]).max()


HIDDEN = [a for a in EVERY if a in ACTIVATIONS]


def with_output(hidden: str, loss: str, bias: bool) -> sb.Network:
    """A network of two layers; the last activations that the loss takes, in turn."""
    last = OUTPUTS.get(loss, EVERY)
    return sb.Network.parse(f"3-4:{hidden}-5:{last[EVERY.index(hidden) % len(last)]}", loss=loss, bias=bias)


PAIRS = [(hidden, loss) for hidden in HIDDEN for loss in LOSSES]


def in_turn(pair: tuple[str, str]) -> int:
    return HIDDEN.index(pair[0]) + [*LOSSES].index(pair[1])


SOME = {p: in_turn(p) % 2 == 0 for p in PAIRS if in_turn(p) % 3 == 0}
"""Every third pair and whether it has biases: each activation and each loss several times, with biases and without."""


def test_the_pairs_that_are_always_tried() -> None:
    assert {(h, bias) for (h, _), bias in SOME.items()} == {(h, b) for h in HIDDEN for b in (True, False)}
    assert {(loss, bias) for (_, loss), bias in SOME.items()} == {(loss, b) for loss in LOSSES for b in (True, False)}


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("hidden", "loss"), SOME)
def test_every_activation_and_every_loss(hidden: str, loss: str) -> None:
    check(with_output(hidden, loss, SOME[hidden, loss]))


@pytest.mark.sweep
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("hidden", "loss"), PAIRS)
def test_every_activation_with_every_loss(hidden: str, loss: str, bias: bool) -> None:
    check(with_output(hidden, loss, bias))


architectures = given(
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=4, unique=True),
    hidden=st.lists(st.sampled_from([a for a in EVERY if a not in ("step", "sign")]), min_size=3, max_size=3),
    loss=st.sampled_from(sorted(LOSSES)),
    bias=st.booleans(),
    l2=st.sampled_from([0, 0.3]),
    l1=st.sampled_from([0, 0.2]),
)


@settings(max_examples=10)
@architectures
def test_random_architectures_against_jax(**drawn: Any) -> None:
    against_jax(**drawn)


@pytest.mark.sweep
@settings(max_examples=100)
@architectures
def test_many_random_architectures_against_jax(**drawn: Any) -> None:
    against_jax(**drawn)


def against_jax(sizes: list[int], hidden: list[str], loss: str, bias: bool, l2: float, l1: float) -> None:
    activations = hidden[: len(sizes) - 1]
    activations[-1] = OUTPUTS.get(loss, (activations[-1],))[0]
    if sizes[-1] < max(LOSSES[loss].least, 2 if LOSSES[loss].labels else 1):
        sizes = [*sizes[:-1], 7]
    text = f"{sizes[0]}-" + "-".join(f"{n}:{a}" for n, a in zip(sizes[1:], activations, strict=True))
    net = sb.Network.parse(text, loss=loss, bias=bias, regularization={"l2": l2, "l1": l1})
    values = generic(net, batch=3)
    grads = derived(net, values, batch=3)
    params = {p.tensor.name: values[p.tensor.name] for p in net.forward_map.parameters}
    J = objective(activations, loss, l2, l1)
    wanted, (by_params, by_x) = jax.jit(jax.value_and_grad(J, argnums=(0, 1)))(params, values["x"], values["y"])
    assert agrees(grads["J"], wanted)
    for name, expected in {**by_params, "x": by_x}.items():
        expected = np.asarray(expected)
        assert agrees(grads[name], expected), name
        if np.abs(expected).max() > 0:
            assert not agrees(-17 * grads[name], expected)
            assert not agrees(0 * grads[name], expected)
            if expected.ndim == 2 and min(expected.shape) > 1:
                assert not agrees(grads[name].T, expected)
