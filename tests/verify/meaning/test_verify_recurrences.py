"""Claims about what goes step by step: right ones proved, the usual mistakes named."""

from __future__ import annotations

import numpy as np
import pytest

import symbp as sb
from symbp.calculus.contract import contract
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.places import Place
from symbp.calculus.program import Statement, Tensor
from symbp.errors import InputError
from symbp.verification.meaning.partials import slope, steps_back

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
    ("claim", "ok"),
    [
        ("dh[n,t,j]/dz[n,t,j] = 1 - h[n,t,j]**2", True),
        ("dh[n,t,j]/dz[n,t,j] = 1 + h[n,t,j]**2", False),
        ("dh[n,t,j]/dx[n,t,k] = (1 - h[n,t,j]**2)*W[j,k]", True),
        ("dh[n,t,j]/dx[n,t,k] = W[j,k]", False),
    ],
)  # fmt: skip
def test_a_derivative_within_a_step(claim: str, ok: bool) -> None:
    assert sb.verify(RNN, claim).ok == ok


def test_a_derivative_within_a_step_of_a_layer() -> None:
    assert sb.verify(NETWORK, "dc1[t,j]/df1[t,j] = c1[t-1,j]").ok
    assert sb.verify(NETWORK, "dz2[t,i]/dh1[t,j] = W2[i,j]").ok


@pytest.mark.parametrize("back", [0, 1, 2, 3])
def test_a_derivative_over_steps(back: int) -> None:
    """Two equations that read each other and themselves, against central differences of the steps."""
    problem = sb.Problem(
        {"x": "t", "a": ""},
        ["u[t] = tanh(x[t] + a*v[t-1] + u[t-1]/2)", "v[t] = u[t]**2 - v[t-1]*a", "J = sum(v[t], t)"],
        loss="J",
    )
    setting = problem.setting
    t, axis = setting.program.definitions["u"].indices[0], setting.program.tensors["u"].axes[0]
    tensors = setting.program.tensors
    x, a = np.array([0.3, -0.7, 0.9, 0.4, -0.2]), 0.8

    def run(bump: float) -> tuple[np.ndarray, np.ndarray]:
        u, v = np.zeros(5), np.zeros(5)
        for k in range(5):
            u[k] = np.tanh(x[k] + a * (v[k - 1] if k else 0) + (u[k - 1] / 2 if k else 0)) + bump * (k == 4 - back)
            v[k] = u[k] ** 2 - (v[k - 1] * a if k else 0)
        return u, v

    wanted = (run(1e-6)[1][4] - run(-1e-6)[1][4]) / 2e-6
    of, by = tensors["v"][(t,)], tensors["u"][(Place(t - back, axis),)]
    assert steps_back(setting.program, of, by) == back
    (above,), (below,), value = slope(setting, "v", "u", back=back)
    value = contract(value.xreplace({above: t, below: Place(t - back, axis)}))
    program = setting.program.extended(Statement(Tensor("D", (axis,)), (t,), value))
    assert abs(evaluate(program, {"x": x, "a": a})["D"][4] - wanted) < 1e-7


@pytest.mark.parametrize(
    "claim", ["dh[n,t,j]/dh[n,s,i] = 0", "dh/dz = 1 - h**2", "dh[n,t,j]/dW[i,k] = x[n,t,k]*(1 - h[n,t,j]**2)"]
)  # fmt: skip
def test_a_derivative_over_no_known_number_of_steps(claim: str) -> None:
    assert "cannot be read" in str(sb.verify(RNN, claim))


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


@pytest.mark.thinned(3)
@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial J}{\partial u^{(1)}_{ij}} = \sum_{t=0}^{2} \delta^{(1)}_{ti} h^{(1)}_{t - 1, j}",
        r"\frac{\partial J}{\partial f^{(1)}_{tj}} = \frac{\partial J}{\partial c^{(1)}_{tj}} c^{(1)}_{t - 1, j}",
        r"\frac{\partial J}{\partial g^{(1)}_{tj}} = \frac{\partial J}{\partial c^{(1)}_{tj}} i^{(1)}_{tj}",
    ],
)  # fmt: skip
def test_gates_and_recurrent_weights_in_latex(claim: str) -> None:
    assert sb.verify(NETWORK, claim).ok
    wrong = claim.replace("t - 1, j", "tj").replace("i^{(1)}_{tj}", "f^{(1)}_{tj}")
    assert not sb.verify(NETWORK, wrong).ok
