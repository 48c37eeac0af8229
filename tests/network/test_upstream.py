"""A map with results and no scalar: against upstreams that are given, a vector-Jacobian product for every argument."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from symbp.calculus.language import read_program
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.program import check
from symbp.network.derivation import Derivation, derive
from symbp.network.forward import ForwardMap, Source
from symbp.network.upstream import against_upstream

LAYER = """
mu[n] = mean(x[n,d], d)
c[n,d] = x[n,d] - mu[n]
r[n] = 1/sqrt(mean(c[n,d]**2, d) + eps)
h[n,d] = c[n,d]*r[n]
y[n,d] = gamma[d]*h[n,d] + beta[d]
"""


def derived(results: tuple[str, ...], inner: tuple[str, ...] = ()) -> Derivation:
    program = read_program(LAYER, [], [], {}, x="n d", gamma="d", beta="d", eps="")
    a = against_upstream(program, results)
    return derive(
        ForwardMap(a.program, a.loss, Source("layer norm"), results=results, upstream=a.upstream, inner=inner)
    )


def forward(x, gamma, beta, eps):  # type: ignore[no-untyped-def]
    c = x - x.mean(axis=1, keepdims=True)
    r = 1 / jnp.sqrt((c**2).mean(axis=1, keepdims=True) + eps)
    return {"y": gamma * c * r + beta, "h": c * r, "r": r[:, 0]}


@pytest.mark.parametrize("inner", [(), ("mu", "c")])
@pytest.mark.parametrize("results", [("y",), ("y", "h"), ("h", "r"), ("r", "y", "h")])
def test_vector_jacobian_products(results: tuple[str, ...], inner: tuple[str, ...]) -> None:
    d = derived(results, inner)
    check(d.program)
    rng = np.random.default_rng(5)
    values = {n: rng.normal(size=s) for n, s in {"x": (3, 5), "gamma": 5, "beta": 5}.items()} | {"eps": 0.3}
    upstream = {r: rng.normal(size={"r": 3}.get(r, (3, 5))) for r in results}

    def scalar(given):  # type: ignore[no-untyped-def]
        made = forward(**given)
        return sum((upstream[r] * made[r]).sum() for r in results)

    expected = jax.grad(scalar)(values)
    found = evaluate(d.program, {**values, **{d.map.upstream[r]: u for r, u in upstream.items()}})
    for name in values:
        got, limit = found[d.backward.adjoint[name]], 1e-12 * np.abs(expected[name]).max() + 1e-14
        assert np.abs(got - expected[name]).max() <= limit
        if np.abs(expected[name]).max() > limit:
            assert np.abs(-17 * np.asarray(got) - expected[name]).max() > limit


def test_an_upstream_is_the_adjoint_of_its_result() -> None:
    d = derived(("y",))
    assert d.backward.adjoint["y"] == "dy" and "dy" not in d.names
    assert str(d["dbeta"]) == "dbeta[d] = sum(dy[n,d], n)"


def test_a_result_that_is_read_by_others_has_its_upstream_and_theirs() -> None:
    d = derived(("y", "h"))
    assert str(d["dJ/dh"]) == "dh_total[n,d] = dy[n,d]*gamma[d] + dh[n,d]"
