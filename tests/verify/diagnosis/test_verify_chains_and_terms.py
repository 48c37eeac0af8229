"""What takes more than one edit of a tree: terms of a recurrence, derivatives in a chain of products, coupled activations."""

import pytest

import symbp as sb
from symbp.verification.judge import Judge

TANH = Judge(sb.Network.parse("3-4:tanh-5:sigmoid-2:softmax", loss="cross_entropy"))
SOFTMAX = Judge(sb.Network.parse("3-4:tanh-2:softmax", loss="cross_entropy"))
RECURRENT = Judge.of_problem(
    sb.Problem(
        {"W": "h h", "U": "h d", "x1": "d", "x2": "d", "h0": "h", "t": "h"},
        ["a1 = W@h0 + U@x1", "h1 = tanh(a1)", "a2 = W@h1 + U@x2", "h2 = tanh(a2)", "L = sum((h2 - t)**2)/2"],
        "L",
    )
)

CASES = [
    (RECURRENT, "dW = np.outer(da2, h1)", "missing_term", "dW = np.outer(da2, h1) + np.outer(da1, h0)"),
    (RECURRENT, "dU = np.outer(da2, x2)", "missing_term", "dU = np.outer(da2, x2) + np.outer(da1, x1)"),
    (RECURRENT, "dW[i,j] = da2[i]*h1[j]", "missing_term", "dW[i,j] = da2[i]*h1[j] + da1[i] * h0[j]"),
    (TANH, "dW1 = W2.T @ W3.T @ (yhat-y) @ x.T", "activation_derivative",
     "dW1 = ((W2.T @ ((W3.T @ (yhat-y)) * g'(z2))) * g'(z1)) @ x.T"),
    (TANH, "delta1 = W2.T @ W3.T @ delta3", "activation_derivative",
     "delta1 = (W2.T @ ((W3.T @ delta3) * g'(z2))) * g'(z1)"),
    (TANH, "dW2 = W3.T @ delta3 @ a1.T", "activation_derivative", "dW2 = ((W3.T @ delta3) * g'(z2)) @ a1.T"),
    (TANH, r"\frac{\partial J}{\partial W^{(2)}} = W^{(3)T} \delta^{(3)} a^{(1)T}", "activation_derivative",
     r"\frac{\partial J}{\partial W^{(2)}} = (W^{(3)T} \delta^{(3)} \odot g'(z^{(2)})) a^{(1)T}"),
    (SOFTMAX, r"\frac{\partial \hat y_i}{\partial z^{(2)}_j} = \hat y_i(1 - \hat y_j)", "missing_term",
     r"\frac{\partial \hat y_i}{\partial z^{(2)}_j} = \hat y_i(\mathbf{1}[i = j] - \hat y_j)"),
    (SOFTMAX, r"\frac{\partial \hat y_i}{\partial z^{(2)}_j} = -\hat y_i \hat y_j", "missing_term", None),
    (SOFTMAX, r"\frac{\partial \hat y_i}{\partial z^{(2)}_j} = \hat y_i(1 - \hat y_i)", "missing_term", None),
    (SOFTMAX, r"\frac{\partial \hat y_i}{\partial z^{(2)}_j} = \hat y_i(\delta_{ij} - \hat y_i)", "wrong_variable", None),
]  # fmt: skip


@pytest.mark.thinned(6)
@pytest.mark.parametrize(("judge", "claim", "cause", "fix"), CASES)
def test_cause_and_fix(judge, claim, cause, fix) -> None:
    v = judge.judge(claim)
    assert (v.verdict, v.cause) == ("wrong", cause), v
    assert v.fix is not None and (fix is None or v.fix == fix), v
    assert judge.judge(v.fix).verdict == "correct", v.fix


def test_a_sum_that_is_added_to_itself() -> None:
    found = [
        v.verdict for v in RECURRENT.judge_all([(1, "dW = np.outer(da2, h1)"), (2, "dW = dW + np.outer(da1, h0)")])
    ]
    assert found == ["definition", "correct"]
    judge = Judge(TANH.net)
    assert judge.judge("dW1 = dW1 + delta1 @ x.T").ok
    assert judge.judge("dW1 = dW1 - 2*dW1").verdict == "wrong"


@pytest.mark.parametrize("sign", ["=", "=="])
def test_equal_indices(sign: str) -> None:
    assert SOFTMAX.judge(f"delta2[i] = sum(e2[k]*yhat[k]*(1[i {sign} k] - yhat[i]), k)").ok
    assert SOFTMAX.judge(f"delta2[i] = sum(e2[k]*yhat[k]*(1[i {sign} k] + yhat[i]), k)").verdict == "wrong"


def test_definitions_of_layers_with_one_unit() -> None:
    judge = Judge(sb.Network.parse("3-1:sigmoid", loss="binary_cross_entropy"))
    assert judge.judge(r"H = \hat y (1-\hat y) x x^T").verdict == "definition"
    assert judge.judge("s = yhat*x").verdict == "definition"
    assert judge.judge("dW1 = (s - y*x).T").ok
    assert judge.judge("dW1 = (s - 2*y*x).T").verdict == "wrong"


JACOBIANS = [
    ("dyhat[i]/dz2[k] = yhat[i]*(1[i = k] - yhat[k])", "correct", None),
    ("dyhat[i]/dz2[k] = yhat[i]*(1 - yhat[k])", "wrong", "dyhat[i]/dz2[k] = yhat[i]*(1[i = k] - yhat[k])"),
    ("dz1[i]/dx[j] = W1[i,j]", "correct", None),
    ("dz1[i]/dx[j] = W1[j,i]", "wrong", "dz1[i]/dx[j] = W1[i,j]"),
    ("dz1/dx = W1", "correct", None),
    ("dx[j]/dz1[i] = W1[i,j]", "unreadable", None),
]


@pytest.mark.parametrize(("claim", "verdict", "fix"), JACOBIANS)
def test_derivatives_between_elements_in_text(claim: str, verdict: str, fix: str | None) -> None:
    v = SOFTMAX.judge(claim)
    assert (v.verdict, v.fix) == (verdict, fix), v
