"""Layer norm and batch norm, written in several lines, come out in their three-term form, and it is right."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sympy import Rational

from symbp.calculus.eliminate_intermediates import centred, eliminate_intermediates
from symbp.calculus.language import Scope, read_program, read_statement
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.program import check
from symbp.calculus.reductions import Sum
from symbp.calculus.sweep import Backward, reverse

LAYER = """
mu[n] = mean(x[n,d], d)
c[n,d] = x[n,d] - mu[n]
r[n] = 1/sqrt(mean(c[n,d]**2, d) + eps)
h[n,d] = c[n,d]*r[n]
y[n,d] = gamma[d]*h[n,d] + beta[d]
J = sum(G[n,d]*y[n,d], n, d)
"""
BATCH = LAYER.replace("x[n,d], d", "x[n,d], n").replace("mu[n]", "mu[d]").replace("r[n]", "r[d]")
BATCH = BATCH.replace("c[n,d]**2, d", "c[n,d]**2, n")
FOUR = LAYER.replace("h[n,d] = c[n,d]*r[n]\n", "").replace("gamma[d]*h[n,d]", "gamma[d]*c[n,d]*r[n]")
EPS = 0.001

FORMS = {
    "layer norm": (LAYER, 1, "dx[n,d] = r[n]/N_d*(N_d*gamma[d]*dy[n,d] - sum(gamma[e]*dy[n,e], e)"
                             " - h[n,d]*sum(gamma[e]*dy[n,e]*h[n,e], e))"),
    "layer norm in four lines": (FOUR, 1, "dx[n,d] = r[n]/N_d*(N_d*gamma[d]*dy[n,d] - sum(gamma[e]*dy[n,e], e)"
                                          " - c[n,d]*r[n]**2*sum(gamma[e]*dy[n,e]*c[n,e], e))"),
    "batch norm": (BATCH, 0, "dx[n,d] = gamma[d]*r[d]/N_n*(N_n*dy[n,d] - sum(dy[m,d], m) - h[n,d]*sum(dy[m,d]*h[m,d], m))"),
}  # fmt: skip


def compacted(text: str) -> Backward:
    program = read_program(text, [], [], {"eps": Rational(str(EPS))}, x="n d", gamma="d", beta="d", G="n d")
    backward = reverse(program, wrt=["x", "gamma", "beta"])
    return eliminate_intermediates(backward, [n for n in ("mu", "c", "r", "h") if n in program.definitions])


def values() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    return {n: rng.standard_normal(s) for n, s in {"x": (3, 5), "gamma": 5, "beta": 5, "G": (3, 5)}.items()}


@pytest.mark.parametrize("name", FORMS)
def test_three_terms(name: str) -> None:
    text, _, form = FORMS[name]
    backward = compacted(text)
    check(backward.program)
    body = backward.of("x").body
    lengths = {f"N_{a.name}": a.size for t in backward.program.declared for a in t.axes}
    twin = read_statement(form.replace("dx[", "form["), Scope(backward.program.tensors, {}, lengths))
    found = evaluate(backward.program.extended(twin), values())
    assert np.abs(found["dx"] - found["form"]).max() <= 1e-12 * np.abs(found["dx"]).max()
    assert set(backward.of("x").reads) == set(twin.reads)
    assert len(body.atoms(Sum)) == 2


@pytest.mark.parametrize("name", FORMS)
def test_right_with_a_random_upstream(name: str) -> None:
    text, axis, _ = FORMS[name]

    def forward(x: jnp.ndarray, given: dict[str, np.ndarray]) -> jnp.ndarray:
        c = x - x.mean(axis=axis, keepdims=True)
        h = c / jnp.sqrt((c**2).mean(axis=axis, keepdims=True) + EPS)
        return (given["G"] * (given["gamma"] * h + given["beta"])).sum()

    given = values()
    expected = np.asarray(jax.grad(forward)(given["x"], given))
    got = evaluate(compacted(text).program, given)["dx"]
    limit = 1e-9 * np.abs(expected).max()
    assert np.abs(got - expected).max() <= limit
    for wrong in (-17 * got, 0 * got, got - got.mean(axis=axis, keepdims=True) + 0.1):
        assert np.abs(wrong - expected).max() > limit


def test_what_is_centred_sums_to_zero() -> None:
    program = read_program(LAYER, [], [], {"eps": Rational("0.001")}, x="n d", gamma="d", beta="d", G="n d")
    (fact,) = centred(program)
    assert str(fact.left) == "Sum(c[n, _1], _1)" and fact.right == 0
