"""Pages about what goes step by step: backpropagation through time as it is printed, with t, and what is said of the order."""

from __future__ import annotations

import pytest

import symbp as sb


def net(kind: str, **settings: object) -> sb.Network:
    return sb.Network(
        (7, 4), [sb.Layer(kind, {"hidden_size": 5, **settings}), sb.Layer("dense", {"units": 2})], loss="sse"
    )


def lines(page: str) -> list[str]:
    return [" ".join(line.split("  #")[0].split()) for line in page.splitlines()]


RNN = """
z1[t,j] = sum(U1[j,i]*h1[t-1,i], i) + sum(W1[j,i]*x[t,i], i) + b1[j]
h1[t,j] = tanh(z1[t,j])
dh1[t,j] = sum(delta1[t+1,i]*U1[i,j], i) + sum(delta2[t,i]*W2[i,j], i)
delta1[t,j] = dh1[t,j]*(1 - h1[t,j]**2)
dW1 = delta1.T @ x
dU1[j,i] = sum(delta1[t,j]*h1[t-1,i], t)
- z1 and h1 are computed together, step by step, from t = 0 to t = 6.
- dh1 and delta1 are computed together, step by step, from t = 6 to t = 0.
"""
LSTM = """
f1[t,j] = sigmoid(z1[t,j+5])
c1[t,j] = c1[t-1,j]*f1[t,j] + g1[t,j]*i1[t,j]
dc1[t,j] = dh1[t,j]*o1[t,j]*(1 - tanh(c1[t,j])**2) + dc1[t+1,j]*f1[t+1,j]
do1[t,j] = dh1[t,j]*tanh(c1[t,j])
df1[t,j] = dc1[t,j]*c1[t-1,j]
di1[t,j] = dc1[t,j]*g1[t,j]
"""


@pytest.mark.parametrize(("kind", "wanted"), [("rnn", RNN), ("lstm", LSTM)])
def test_the_equations_are_those_of_the_books(kind: str, wanted: str) -> None:
    assert {*wanted.split("\n")} - {""} <= {*lines(sb.derive(net(kind)).page("text"))}


def test_indices_of_steps_in_latex() -> None:
    page = sb.derive(net("rnn")).page("latex")
    assert r"u^{(1)}_{ji} h^{(1)}_{t - 1, i}" in page and r"\delta^{(1)}_{t + 1, i}" in page
    assert r"are computed together, step by step, $t = 6, \dots, 0$" in page


def test_both_directions_have_arrows() -> None:
    page = sb.derive(net("rnn", bidirectional=True)).page("markdown")
    assert r"\overrightarrow{h}^{(1)}_{t - 1, i}" in page and r"\overleftarrow{h}^{(1)}_{t + 1, i}" in page


def test_a_problem() -> None:
    problem = sb.Problem({"x": "n t", "a": "n"}, ["u[n,t] = a[n]*u[n,t-1] + x[n,t]"], results=["u"])
    page = lines(sb.derive(problem).page("text"))
    assert "- du_total is computed step by step, from t = N_t - 1 to t = 0." in page
    assert "- u is computed step by step, from t = 0 to t = N_t - 1." in page
