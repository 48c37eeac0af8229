"""Claims about what goes step by step: right ones proved, the usual mistakes named."""

from __future__ import annotations

import pytest

import symbp as sb
from symbp.errors import InputError

RNN = sb.Problem(
    {"x": "n t k", "W": "j k", "U": "j j", "b": "j"},
    ["z[n,t,j] = sum(W[j,k]*x[n,t,k], k) + sum(U[j,l]*h[n,t-1,l], l) + b[j]", "h[n,t,j] = tanh(z[n,t,j])"],
    results=["h"],
)
NETWORK = sb.Network((3, 4), [sb.Layer("lstm", {"hidden_size": 5}), sb.Layer("dense", {"units": 2})])


@pytest.mark.parametrize(
    "claim",
    [
        "dz[n,t,j] = (dh[n,t,j] + sum(dz[n,t+1,i]*U[i,j], i))*(1 - h[n,t,j]**2)",
        "dz = dJ/dh * (1 - h**2)",
        "dU[j,l] = sum(dz[n,t,j]*h[n,t-1,l], n, t)",
        "dU[j,l] = sum(dz[n,t+1,j]*h[n,t,l], n, t)",
        "dW[j,k] = sum(dz[n,t,j]*x[n,t,k], n, t)",
        "dx = dz @ W",
        "dJ/dh[n,t,j] = dh[n,t,j] + sum(dJ/dh[n,t+1,i]*(1 - h[n,t+1,i]**2)*U[i,j], i)",
    ],
)  # fmt: skip
def test_right(claim: str) -> None:
    verdict = sb.verify(RNN, claim)
    assert verdict.ok and "exactly" in str(verdict)


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("dJ/dh[n,t,j] = dh[n,t,j]", "missing term"),  # backpropagation that is cut off after a step
        ("dU[j,l] = sum(dz[n,t,j]*h[n,t,l], n, t)", "the place is off"),
        ("dz[n,t,j] = dh[n,t,j] + sum(dz[n,t+1,i]*U[i,j], i)", "the factor 1 - h[n,t,j]**2 is missing"),
        ("dz[n,t,j] = (dh[n,t,j] + sum(dz[n,t+1,i]*U[j,i], i))*(1 - h[n,t,j]**2)", "U"),
        ("dz[n,t,j] = (dh[n,t,j] + sum(dz[n,t-1,i]*U[i,j], i))*(1 - h[n,t,j]**2)", "dz[n,t-1,i] should be dz[n,t+1,i]"),
    ],
)  # fmt: skip
def test_wrong(claim: str, said: str) -> None:
    verdict = sb.verify(RNN, claim)
    assert not verdict.ok and said in str(verdict)


def test_a_layer_of_the_catalogue() -> None:
    assert sb.verify(NETWORK, "dc1[t,j] = dh1[t,j]*o1[t,j]*(1 - tanh(c1[t,j])**2) + dc1[t+1,j]*f1[t+1,j]").ok
    assert sb.verify(NETWORK, "df1[t,j] = dc1[t,j]*c1[t-1,j]").ok
    wrong = sb.verify(NETWORK, "dc1[t,j] = dh1[t,j]*o1[t,j]*(1 - tanh(c1[t,j])**2)")
    assert "+ dc1[t+1,j] * f1[t+1,j]" in str(wrong)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["z[n,j] = h[n,j] + x[n,j]", "h[n,j] = z[n,j]"], "z and h are made of one another at the same step"),
        (["h[n,j] = h[n,j-1] + h[n,j+1] + x[n,j]"], "h reads h[n,j-1] and h reads h[n,j+1], so that each step waits for the other"),
        (["h[n,j] = h[n,2*j-3] + x[n,j]"], "a recurrence reads at a whole number of steps before"),
    ],
)  # fmt: skip
def test_lines_without_an_order(lines: list[str], said: str) -> None:
    with pytest.raises(InputError) as e:
        _ = sb.Problem({"x": "n j"}, [*lines, "J = sum(h[n,j], n, j)"])
    assert said in str(e.value)
