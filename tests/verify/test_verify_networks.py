"""Claims about networks beyond single formulas: batches, rows, own functions, definitions, lengths, rounding."""

import pytest
from lecture_formulas import MLP

import symbp as sb
from symbp.calculus.language import read_scalar_function
from symbp.verification.judge import Judge

_judges: dict[tuple[str, str], Judge] = {}


def _judge(problem):
    return _judges.setdefault(problem, Judge(sb.Network.parse(problem[0], loss=problem[1])))


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
    import symbp.verification.judge  # noqa: F401

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
