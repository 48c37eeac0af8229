"""Claims about a network that normalises by the statistics of its batch: batch norm's three terms, and which of them is left out."""

from __future__ import annotations

import pytest

import symbp as sb
from symbp.verification.judge import Judge

VECTORS = sb.Network(
    3, [sb.Layer("dense", {"units": 2}), sb.Layer("batch_norm"), sb.Layer("tanh"), sb.Layer("dense", {"units": 2})]
)
IMAGES = sb.Network(
    (2, 3), [sb.Layer("batch_norm"), sb.Layer("tanh"), sb.Layer("flatten"), sb.Layer("dense", {"units": 2})]
)
MEAN, PRODUCT = "delta2.mean(axis=1, keepdims=True)", "(delta2*h2).mean(axis=1, keepdims=True)"


@pytest.mark.parametrize(
    ("net", "claim"),
    [
        (VECTORS, f"delta1 = gamma2*r2*(delta2 - {MEAN} - h2*{PRODUCT})"),
        (VECTORS, "delta1 = gamma2*r2/N*(N*delta2 - np.sum(delta2, axis=1, keepdims=True) - h2*dgamma2)"),
        (VECTORS, "dbeta2 = delta2.sum(axis=1)"),
        (IMAGES, "dx[n,c,i] = gamma1[c]*r1[c]*(delta1[n,c,i] - mean(delta1[m,c,k], m, k)"
                 " - h1[n,c,i]*mean(delta1[m,c,k]*h1[m,c,k], m, k))"),
    ],
)  # fmt: skip
def test_the_three_terms_are_right(net: sb.Network, claim: str) -> None:
    verdict = Judge(net).judge(claim)
    assert verdict.ok and "for one example" not in str(verdict)


@pytest.mark.parametrize(
    ("net", "claim", "says"),
    [
        (VECTORS, f"delta1 = gamma2*r2*(delta2 - h2*{PRODUCT})", "the term delta2.sum(axis=1, keepdims=True) is missing"),
        (VECTORS, f"delta1 = gamma2*r2*(delta2 - {MEAN})", "@ h2 is missing"),
        (IMAGES, "dx[n,c,i] = gamma1[c]*r1[c]*(delta1[n,c,i] - h1[n,c,i]*mean(delta1[m,c,k]*h1[m,c,k], m, k))", "is missing"),
    ],
)  # fmt: skip
def test_a_term_that_is_left_out_is_named(net: sb.Network, claim: str, says: str) -> None:
    verdict = Judge(net).judge(claim)
    assert (verdict.ok, verdict.cause) == (False, "missing_term") and says in verdict.reason


def test_what_is_kept_is_no_statistic_of_the_batch() -> None:
    assert not Judge(VECTORS).judge("mu2 = running_mean2").ok
