"""The mended claim: in arrays that NumPy broadcasts where no matrix form is shorter, never the claim's own left side, and right."""

from __future__ import annotations

import pytest

import symbp as sb

NORM = sb.Problem(
    tensors={"x": "n d", "gamma": "d", "beta": "d", "G": "n d", "eps": ""},
    forward=["mu = mean(x, axis=0)", "v = mean((x - mu)**2, axis=0)", "h = (x - mu)/sqrt(v + eps)", "o = gamma*h + beta",
             "L = sum(G*o)"],
    loss="L",
)  # fmt: skip
ATTENTION = sb.Problem(
    tensors={"Q": "t d", "K": "s d", "V": "s v", "G": "t v", "scale": ""},
    forward=["S = scale*Q@K.T", "P = softmax(S)", "O = P@V", "J = sum(G*O)"],
    loss="J",
)
NET = sb.Network.parse("4-3:relu-5:tanh-2:softmax", loss="cross_entropy")


@pytest.mark.thinned(6)
@pytest.mark.parametrize(
    ("about", "claim", "cause", "fix"),
    [
        (NORM, "dv = sum(dh*(x - mu), axis=0)*(-1/2)*(v + eps)**(3/2)", "sign",
         "dv = sum(dh * (x - mu), axis=0) * (-1 / 2) * (v + eps)**(-3 / 2)"),
        (NORM, "dv = 0", "other", "dv = -sum(dh * (x - mu), axis=0) / (2 * (v + eps)**(3/2))"),
        (NORM, "dx = dh", "other", "dx = 2 * dv * (x - mu) / N + dh / sqrt(v + eps) + dmu/N"),
        (NORM, "dmu = sum(dh)", "shape", "dmu = -sum(dh, axis=0) / sqrt(v + eps)"),
        (NORM, "dgamma = sum(do*h)", "shape", "dgamma = sum(do * h, axis=0)"),
        (NORM, "dh = do", "missing_factor", "dh = do * gamma"),
        (NORM, "dv[d] = 0", "other", "dv[d] = -sum(dh[n,d] * (x[n,d] - mu[d]), n) / (2 * (v[d] + eps)**(3/2))"),
        (ATTENTION, "dS = dP", "other", "dS = P * (dP - (dP * P).sum(axis=1, keepdims=True))"),
        (ATTENTION, "dV = P@G", "transpose", "dV = P.T @ G"),
        (NET, "db3 = delta3.mean(axis=1)", "missing_sum", "db3 = delta3.sum(axis=1)"),
        (NET, "dJ/dyhat = (yhat - y)/(yhat*(1 - yhat))", "other", "dJ/dyhat = -y / yhat"),
    ],
)  # fmt: skip
def test_the_fix(about: sb.Problem | sb.Network, claim: str, cause: str, fix: str) -> None:
    verdict = sb.verify(about, claim)
    assert (verdict.verdict, verdict.cause) == ("wrong", cause)
    assert verdict.fix.replace(" ", "") == fix.replace(" ", "")  # the author's own spacing stays
    assert sb.verify(about, verdict.fix).verdict == "correct"
