"""Formulas of the lectures, and of textbooks, in the network's names: right ones are proved, wrong ones are not."""

import pytest

import symbp as sb
from symbp.calculus.language import read_scalar_function
from symbp.verify.judge import Judge

MLP = ("2-2:sigmoid-2:sigmoid", "sse")

RIGHT = {
    MLP: """
        z1 = W1 @ x + b1
        a1 = g(z1)
        z2 = W2 @ a1 + b2
        yhat = g(z2)
        J = 1/2*((yhat - y)**2).sum()
        J = 0.5*(yhat - y).T @ (yhat - y)
        e2 = yhat - y
        dJ/dyhat = yhat - y
        delta2 = g'(z2) * e2
        delta2 = (yhat - y)*yhat*(1 - yhat)
        e1 = W2.T @ delta2
        e1 = W2.T.dot(delta2)
        delta1 = g'(z1) * e1
        delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = W2.T @ delta2 * a1 * (1 - a1)
        delta1 = np.diag(g'(z1)) @ W2.T @ delta2
        delta1 = (W2.T @ (g'(z2)*(yhat - y))) * sigmoid'(z1)
        delta1 = np.exp(-z1)/(1 + np.exp(-z1))**2 * e1
        dJ/dW2 = delta2 @ a1.T
        dJ/dW1 = delta1 @ x.T
        dW1 = np.outer(delta1, x)
        dJ/dW1.T = x @ delta1.T
        dJ/db1 = delta1
        dJ/dx = W1.T @ delta1
        e0 = W1.T @ delta1
        e1[j] = sum(W2[i,j]*delta2[i], i)
        dW1[i,j] = delta1[i]*x[j]
        dJ/dW2[i,j] = delta2[i]*a1[j]
        delta1[i] = sum(delta2[k]*W2[k,i], k)*g'(z1[i])
        delta1[n,i] = sum(delta2[n,k]*W2[k,i], k)*g'(z1[n,i])
        dW1[i,j] = sum(delta1[n,i]*x[n,j], n)
        db1[i] = sum(delta1[n,i], n)
        db1 = delta1.sum(axis=1, keepdims=True)
        db2 = np.sum(delta2, axis=1)
        e2[n,k] = (yhat[n,k] - y[n,k])/N
    """,
    ("3-4:tanh-2:softmax", "cross_entropy"): """
        yhat = softmax(z2)
        yhat = np.exp(z2)/np.sum(np.exp(z2), axis=0, keepdims=True)
        J = -np.sum(y*np.log(yhat))
        e2 = -y/yhat
        delta2 = yhat - y
        delta2 = yhat*(e2 - (e2*yhat).sum(axis=0, keepdims=True))
        delta2 = (np.diag(yhat) - yhat @ yhat.T) @ e2
        delta1 = (W2.T @ (yhat - y)) * (1 - a1**2)
        delta1 = (W2.T @ delta2) * (1 - np.tanh(z1)**2)
        dW2 = (yhat - y) @ a1.T
        delta2[k] = yhat[k] - y[k]
        delta2[k] = yhat[k]*(e2[k] - sum(e2[j]*yhat[j], j))
    """,
    ("3-4:relu-2:sigmoid", "binary_cross_entropy"): """
        a1 = np.maximum(0, z1)
        delta2 = yhat - y
        e2 = -y/yhat + (1 - y)/(1 - yhat)
        J = -(y*np.log(yhat) + (1 - y)*np.log(1 - yhat)).sum()
        delta1 = (W2.T @ delta2) * (z1 > 0)
        delta1 = (W2.T @ delta2) * 1[z1 > 0]
        delta1 = np.where(z1 > 0, W2.T @ delta2, 0)
        delta1 = (W2.T @ (yhat - y)) * (a1 > 0)
    """,
    ("3-2", "sse"): """
        delta1 = yhat - y
        dW1 = (yhat - y) @ x.T
        dW1[i,j] = (yhat[i] - y[i])*x[j]
    """,
    ("3-2", "squared_error"): """
        delta1 = 2*(yhat - y)
        dW1 = -2*(y - yhat) @ x.T
    """,
    ("3-2:tanh-4", "mse"): """
        delta2 = 2/n2*(yhat - y)
        delta2 = 2*(yhat - y)/y.size
        J = np.mean((yhat - y)**2)
        e2 = (yhat - y)/2
    """,
    ("1-1:sigmoid-1:sigmoid-1:sigmoid", "sse"): """
        delta2 = e2*g'(z2)
        e1 = delta2*W2
        e1 = W2 @ delta2
        dW2 = delta2*a1
    """,
    ("4-3:tanh-3:sigmoid-3:softmax", "cross_entropy"): """
        delta3 = yhat - y
        delta2 = (W3.T @ delta3)*g'(z2)
        delta1 = (W2.T @ delta2)*g'(z1)
        delta1 = (W2.T @ ((W3.T @ (yhat - y)) * a2*(1 - a2))) * (1 - a1**2)
        dW3 = delta3 @ a2.T
    """,
}

WRONG = {
    MLP: """
        delta1 = W2.T @ delta2                          | activation_derivative | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W2 @ delta2) * g'(z1)                 | transpose             | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = W2 @ delta2                            | transpose             | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (delta2 @ W2.T) * g'(z1)               | operand_order         | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W2.T @ delta2) * g(z1)                | derivative_for_function | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W1.T @ delta2) * g'(z1)               | wrong_layer           | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W2.T @ delta2) * g'(z2)               | wrong_layer           | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W2.T @ delta1) * g'(z1)               | wrong_layer           | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W2.T * delta2) * g'(z1)               | hadamard_for_product  | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = 2*(W2.T @ delta2) * g'(z1)             | factor                | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = -(W2.T @ delta2) * g'(z1)              | sign                  | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = -17*(W2.T @ delta2) * g'(z1)           | factor                |
        delta1 = (W2.T @ delta2) * a1                   |                       |
        delta1 = (W2.T @ delta2) * a1 * (1 + a1)        | sign                  | delta1 = (W2.T @ delta2) * a1 * (1 - a1)
        delta1 = (W2.T @ delta2) * g'(a1)               | wrong_variable        | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = np.exp(z1)/(1 + np.exp(-z1)) * e1      |                       |
        delta2 = yhat - y                               | activation_derivative | delta2 = (yhat - y) * g'(z2)
        e2 = y - yhat                                   | sign                  | e2 = yhat - y
        e2 = 2*(yhat - y)                               | factor                | e2 = yhat - y
        e1 = W2 @ delta2                                | transpose             | e1 = W2.T @ delta2
        e1 = W2.T @ e2                                  |                       |
        dJ/dW1 = x @ delta1.T                           | transpose             | dJ/dW1 = delta1 @ x.T
        dJ/dW1 = delta1.T @ x                           |                       | dJ/dW1 = delta1 @ x.T
        dJ/dW2 = delta2 @ a2.T                          | wrong_layer           | dJ/dW2 = delta2 @ a1.T
        dJ/dW1 = delta1 @ x                             | transpose             | dJ/dW1 = delta1 @ x.T
        dJ/dW1 = delta1 * x                             | transpose             | dJ/dW1 = delta1 * x.T
        dJ/dW1 = e1 @ x.T                               |                       |
        dJ/db1 = delta2                                 | wrong_layer           | dJ/db1 = delta1
        dJ/db1 = delta1.T                               | transpose             | dJ/db1 = delta1
        J = ((yhat - y)**2).sum()                       | factor                |
        db1 = delta1.sum(axis=1)/N                      | factor                | db1 = delta1.sum(axis=1)
        db1 = delta1.sum(axis=0)                        |                       |
        delta1[i] = sum(delta2[k]*W2[i,k], k)*g'(z1[i]) | transpose             |
        delta1[i] = sum(delta2[k]*W2[k,i], k)           | activation_derivative |
        dW1[i,j] = delta1[j]*x[i]                       |                       |
        db1[i] = delta1[n,i]                            | missing_sum           | db1[i] = sum(delta1[n,i], n)
        dW1[i,j] = delta1[n,i]*x[n,j]                   | missing_sum           |
        delta1 = (W2.T @ delta2) * g'(z1) + 1e-30*z1    |                       |
        delta1 = 0                                      |                       |
    """,
    ("3-4:tanh-2:softmax", "cross_entropy"): """
        delta2 = y - yhat                               | sign                  | delta2 = yhat - y
        delta2 = (yhat - y) * yhat * (1 - yhat)         |                       |
        delta2 = e2 * g'(z2)                            |                       |
        delta2 = e2 * yhat * (1 - yhat)                 |                       |
        e2 = -y*yhat                                    |                       |
        e2 = yhat - y                                   |                       |
        delta1 = (W2.T @ delta2) * (1 - tanh(a1)**2)    |                       |
        delta1 = (W2.T @ delta2) * (1 - a1)**2          |                       |
    """,
    ("3-4:tanh-3:softmax", "sse"): """
        delta2 = yhat - y                               |                       |
        delta2 = (yhat - y) * g'(z2)                    |                       |
    """,
    ("3-4:relu-2:sigmoid", "binary_cross_entropy"): """
        delta1 = (W2.T @ delta2) * (z1 < 0)             |                       |
        delta1 = (W2.T @ delta2) * a1                   | derivative_for_function |
        delta1 = W2.T @ delta2                          | activation_derivative |
        delta2 = (yhat - y) * yhat * (1 - yhat)         |                       |
    """,
    ("3-2", "squared_error"): """
        delta1 = yhat - y                               | factor                | delta1 = 2 * (yhat - y)
        dW1 = 2*(yhat - y) * x.T + W1                   |                       |
    """,
    ("3-2:tanh-4", "mse"): """
        e2 = (yhat - y)/3                               |                       |
        e2 = 2*(yhat - y)                               | missing_mean          | e2 = 2 * (yhat - y) / n2
    """,
    ("4-3:tanh-3:sigmoid-3:softmax", "cross_entropy"): """
        delta2 = (W2.T @ delta3)*g'(z2)                 | wrong_layer           | delta2 = (W3.T @ delta3) * g'(z2)
        delta1 = (W2.T @ delta2)*g'(z2)                 | wrong_layer           |
        delta2 = (W3 @ delta3)*g'(z2)                   | transpose             |
        dW3 = delta3 @ a3.T                             | wrong_layer           |
    """,
}

_judges: dict[tuple[str, str], Judge] = {}


def _judge(problem):
    return _judges.setdefault(problem, Judge(sb.Network.parse(problem[0], loss=problem[1])))


@pytest.mark.parametrize(
    ("problem", "claim"), [(p, c.strip()) for p, text in RIGHT.items() for c in text.strip().splitlines()]
)
def test_right_formulas_are_proved(problem, claim):
    v = _judge(problem).judge(claim)
    assert (v.verdict, v.how) == ("correct", "exact"), v


@pytest.mark.parametrize(
    ("problem", "line"), [(p, c.strip()) for p, text in WRONG.items() for c in text.strip().splitlines()]
)
def test_wrong_formulas_are_rejected_and_explained(problem, line):
    claim, cause, fix = (part.strip() for part in line.split("|"))
    v = _judge(problem).judge(claim)
    assert v.verdict == "wrong", v
    assert not cause or v.cause == cause, v
    assert not fix or v.fix == fix, v
    assert v.counterexample is not None or v.column is not None, v
    if v.fix:
        again = _judge(problem).judge(v.fix)
        assert again.verdict == "correct", (v, again)


def test_numbers_of_a_network_with_one_unit_hold_for_it_alone():
    v = _judge(("1-1:sigmoid-1:sigmoid-1:sigmoid", "sse")).judge("e1 = W2 @ delta2")
    assert "= 1" in v.note


def test_the_sum_over_the_examples_left_out_of_a_batch():
    v = sb.verify(sb.Network.parse(MLP[0]), "db1 = delta1", batch=True)
    assert (v.verdict, v.cause) == ("wrong", "missing_sum")
    assert v.fix == "db1 = delta1.sum(axis=1, keepdims=True)"


def test_rows():
    net = sb.Network.parse("3-4:tanh-2:softmax", loss="cross_entropy")
    judge = Judge(net, "rows", True)
    right = [
        "z1 = x @ W1.T + b1",
        "delta1 = (delta2 @ W2)*(1 - a1**2)",
        "dW1 = delta1.T @ x",
        "db1 = delta1.sum(axis=0)",
    ]
    right += ["delta2 = (yhat - y)/N", "yhat = softmax(z2)", "db1 = np.sum(delta1, axis=0, keepdims=True)"]
    for claim in right:
        assert judge.judge(claim).verdict == "correct", claim
    for claim in (
        "delta1 = (W2.T @ delta2)*(1 - a1**2)",
        "dW1 = x.T @ delta1",
        "db1 = delta1.sum(axis=1)",
        "db1 = delta1",
    ):
        assert judge.judge(claim).verdict == "wrong", claim


def test_a_function_of_the_users_own():
    swish = read_scalar_function("swish", "z/(1 + exp(-z))")
    net = sb.Network(3, [sb.layer("dense", 4), "swish", sb.layer("dense", 2)], functions={"swish": swish}, loss="sse")
    judge = Judge(net)
    for claim in ("delta1 = (W2.T @ delta2)*g'(z1)", "delta1 = (W2.T @ delta2)*swish'(z1)",
                  "delta1 = (W2.T @ delta2)*(sigmoid(z1) + z1*sigmoid(z1)*(1 - sigmoid(z1)))"):  # fmt: skip
        assert judge.judge(claim).how == "exact", claim
    assert judge.judge("delta1 = (W2.T @ delta2)*swish(z1)").cause == "derivative_for_function"


def test_regularisation_is_part_of_the_claim():
    net = sb.Network.parse("3-4:tanh-2", loss="sse", regularization={"l2": 0.01})
    judge = Judge(net)
    assert judge.judge("dW1 = delta1 @ x.T + l2*W1").ok
    assert judge.judge("dW1 = delta1 @ x.T + 0.01*W1").ok
    missing = judge.judge("dW1 = delta1 @ x.T")
    assert (missing.verdict, missing.cause) == ("wrong", "missing_term")
    assert judge.judge("dW1 = delta1 @ x.T + l2").verdict == "wrong"


def test_deltas_of_each_examples_own_loss_are_recognised():
    v = _judge(MLP).judge("dW1 = delta1 @ x.T/N")
    assert v.verdict == "wrong" and "each example's own loss" in v.note
    assert not _judge(MLP).judge("dW1 = 2*delta1 @ x.T/N").note


def test_definitions_are_used_and_may_be_claimed_again():
    claims = [
        "e = yhat - y",
        "d2 = e*g'(z2)",
        "delta2 = d2",
        "delta1 = (W2.T @ d2)*g'(z1)",
        "delta1 = W2.T @ d2",
        "e = y - yhat",
    ]
    found = [v.verdict for v in sb.verify(sb.Network.parse(MLP[0]), claims)]
    assert found == ["definition", "definition", "correct", "correct", "wrong", "wrong"]


def test_importing_the_package_leaves_the_function():
    import symbp.verify.judge  # noqa: F401

    assert sb.verify(MLP[0], "e2 = yhat - y").ok
    assert sb.verify(MLP[0], "e2 = yhat - y").ok


def test_a_length_as_a_number_holds_for_the_networks_own_length():
    judge = _judge(("3-2:tanh-4", "mse"))
    assert "n2 = 4" in judge.judge("e2 = (yhat - y)/2").note
    assert judge.judge("e2 = 2*(yhat - y)/5").verdict == "wrong"


@pytest.mark.parametrize(
    "factor", ["tanh(40)", "(1 + 1e-60)", "(1 + exp(-60))", "1.00000000000000000000000000000000000000000000001"]
)
def test_what_rounding_would_hide_is_not_called_right(factor):
    assert _judge(MLP).judge(f"delta1 = e1*g'(z1)*{factor}").verdict == "wrong"


def test_what_no_digits_show_is_left_undecided():
    assert _judge(MLP).judge("J = J + exp(-1000)").verdict == "undecided"


def test_what_only_floats_know_is_said_as_such():
    v = _judge(MLP).judge("a1 = np.abs(a1)")
    assert (v.verdict, v.how) == ("correct", "numeric") and "agrees numerically" in str(v)
