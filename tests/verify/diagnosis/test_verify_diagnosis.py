"""Wrong formulas are explained: the cause, the mended claim, the place in the text, and what the formula would be right for."""

from functools import lru_cache

import pytest

from symbp.network import Network
from symbp.notation import notation_named
from symbp.verification.judge import Judge
from symbp.verification.problems.problem import Problem

CHAIN = ("3-4:sigmoid-5:tanh-2:sigmoid", "sse", "columns", None)
SOFTMAX = ("3-4:tanh-2:softmax", "cross_entropy", "columns", None)
BATCH = ("3-4:relu-2:softmax", "cross_entropy", "columns", True)
DECAY = ("3-2:sigmoid", "binary_cross_entropy", "rows", True)

CASES = {
    CHAIN: """
        delta2 = W3.T @ delta3                                      | activation_derivative
        delta3 = yhat - y                                           | activation_derivative
        dW1 = (W2.T @ delta2) @ x.T                                 | activation_derivative
        delta2[j] = sum(W3[k,j]*delta3[k], k)                       | activation_derivative
        dW3[k,m] = (yhat[k] - y[k])*a2[m]                           | activation_derivative
        delta2 = (W3.T @ delta3) * a2 * (1 - a2)                    | activation_derivative
        delta2 = (W3.T @ delta3) * (1 - a2)**2                      | activation_derivative
        e2 = W3 @ delta3                                            | transpose
        dW2 = delta2 @ a1                                           | transpose
        dW2[j,k] = delta2[k]*a1[j]                                  | transpose
        delta2 = (delta3 @ W3.T) * g'(z2)                           | operand_order
        dJ/dW2 = a1.T @ delta2                                      | operand_order
        dW2 = np.outer(a1, delta2)                                  | operand_order
        delta3 = 2*(yhat - y)*g'(z3)                                | factor
        delta3 = (yhat - y)*g'(z3)/2                                | factor
        e3 = y - yhat                                               | sign
        delta1 = (W2.T @ delta2) * a1 * (1 + a1)                    | sign
        delta2 = (W2.T @ delta3) * g'(z2)                           | wrong_layer
        delta2 = (W3.T @ delta3) * g'(z1)                           | wrong_layer
        dW2 = delta2 @ a2.T                                         | wrong_layer
        dJ/dx = W1.T @ delta2                                       | wrong_layer
        delta2 = (W3.T @ delta3) * g(z2)                            | derivative_for_function
        delta2 = (W3.T * delta3) * g'(z2)                           | hadamard_for_product
        delta1 = e1 * z1 * (1 - z1)                                 | wrong_variable
        e2 = W3.T @ e3                                              | activation_derivative
        e1[j] = W2[k,j]*delta2[k]                                   | missing_sum
        dJ/dx = delta1                                              | missing_factor
        z1 = W1 @ x                                                 | missing_term
    """,
    SOFTMAX: """
        delta2 = yhat*(1 - yhat)*e2                                 | missing_term
        delta2 = yhat*e2                                            | missing_term
        delta2 = g'(z2)*e2                                          | missing_term
        delta2 = np.diag(yhat) @ e2                                 | missing_term
        delta2[k] = yhat[k]*(1 - yhat[k])*e2[k]                     | missing_term
        delta1 = (W2.T @ (yhat*(1 - yhat)*e2)) * g'(z1)             | missing_term
        delta2 = (yhat - y)*g'(z2)                                  | activation_derivative
        e2 = y/yhat                                                 | sign
    """,
    BATCH: """
        db1 = delta1                                                | missing_sum
        dW2[k,j] = delta2[n,k]*a1[n,j]                              | missing_sum
        db2 = np.sum(delta2, axis=0, keepdims=True)                 | missing_sum
        delta2 = yhat - y                                           | missing_mean
        dW2 = (yhat - y) @ a1.T                                     | missing_mean
        dW1 = delta1 @ x.T / N                                      | factor
        delta1 = (W2.T @ delta2) * relu(z1)                         | derivative_for_function
    """,
    DECAY: """
        dW1 = (yhat - y).T @ x / N                                  | missing_term
        dW1 = (yhat - y).T @ x / N + l2                             | missing_factor
        dW1 = (yhat - y).T @ x / N - l2*W1                          | sign
        dW1 = (yhat - y).T @ x / N + 2*l2*W1                        | factor
        dW1[k,i] = mean((yhat[n,k] - y[n,k])*x[n,i], n)             | missing_term
        dW1[k,i] = (yhat[n,k] - y[n,k])*x[n,i]/N + l2*W1[k,i]       | missing_sum
    """,
}


@lru_cache(maxsize=8)
def judge(arch, loss, layout, batch):
    rates = {"l2": 0.25} if (arch, loss, layout, batch) == DECAY else {}
    return Judge(Network.parse(arch, loss=loss, regularization=rates), layout, batch)


@pytest.mark.thinned(6)
@pytest.mark.parametrize(
    ("about", "line"), [(about, line.strip()) for about, text in CASES.items() for line in text.strip().splitlines()]
)
def test_the_cause_is_named_and_the_mended_claim_is_right(about, line):
    claim, cause = (part.strip() for part in line.split("|"))
    v = judge(*about).judge(claim)
    assert (v.verdict, v.cause) == ("wrong", cause), v
    assert v.fix and v.fix.split(" = ")[0] == claim.split(" = ")[0], v
    assert judge(*about).judge(v.fix).verdict == "correct", v


@pytest.mark.parametrize(
    ("about", "claim", "words"),
    [
        (SOFTMAX, "dW1 = x @ delta1.T", "right in the layout where the derivative is transposed"),
        (SOFTMAX, "delta1 = (W1.T @ delta2)*g'(z1)", "right if the weights are numbered one lower"),
        (CHAIN, "delta3 = yhat - y", "right for binary cross-entropy, wrong for half the squared error"),
        (CHAIN, "delta3 = 2*(yhat - y)*g'(z3)", "right for squared error, wrong for half the squared error"),
        (BATCH, "delta2 = yhat - y", "right for the sum over the batch, not the mean"),
    ],
)
def test_what_a_wrong_claim_is_right_for(about, claim, words):
    v = judge(*about).judge(claim)
    assert v.verdict == "wrong" and words in v.note, v


@pytest.mark.parametrize(
    ("about", "claim", "marked"),
    [
        (CHAIN, "delta2 = (W3.T @ delta3) * g'(z1)", "z1"),
        (CHAIN, "delta2 = (W3.T @ delta3) * g(z2)", "g(z2)"),
        (CHAIN, "delta3 = 2*(yhat - y)*g'(z3)", "2"),
        (SOFTMAX, "delta2 = (yhat - y)*g'(z2)", "g'(z2)"),
    ],
)
def test_the_place_is_marked(about, claim, marked):
    v = judge(*about).judge(claim)
    assert claim[v.column - 1 : v.until] == marked, v
    assert "^" * len(marked) in str(v).splitlines()[1]


def test_a_layer_of_one_unit_is_explained_as_it_is_written():
    v = judge("1-1:sigmoid-1:tanh-1:softplus", "sse", "columns", None).judge("e1 = delta1*W2")
    assert (v.cause, v.fix) == ("wrong_layer", "e1 = delta2*W2"), v


def test_a_number_that_is_another_is_mended_by_the_number():
    judge = Judge.of_problem(Problem(tensors={"c": ""}, forward=["w = 5.001", "u = w + 6", "f = 4*u"], loss="f"))
    for claim, right in (("f = 5.005", "f = 44.004"), ("u = 2", "u = 11.001"), ("f = 4/3", "f = 11001/250")):
        verdict = judge.judge(claim)
        assert verdict.cause == "factor" and verdict.fix == right and " should be " in verdict.reason, verdict
        assert judge.judge(right).ok
    assert judge.judge("f = -44.004").cause == "sign"


def test_a_product_of_vectors_keeps_its_words_where_its_sum_has_no_letter():
    judge = Judge(Network.parse("3-5:sigmoid-4", loss="squared_error"), notation=notation_named("esl"))
    verdict = judge.judge(r"z_{mi} = \sigma(\alpha_m^T x_i)")
    assert verdict.fix == r"z_{mi} = \sigma(\alpha_m^T x_i + \alpha_{0m})", verdict
    verdict = judge.judge(r"s_{mi} = \sigma(\alpha_{0m} + \alpha_m^T x_i) \sum_k \beta_{km} \delta_{ki}")
    assert verdict.fix == r"s_{mi} = \sigma'(\alpha_{0m} + \alpha_m^T x_i) \sum_k \beta_{km} \delta_{ki}", verdict
    assert r"\sum_{q}" not in verdict.reason
