"""Examples of a batch by their number: what is summed, whose loss a derivative is one of, and what is wrong with it."""

import pytest

import symbp as sb
from symbp.notation import notation_named
from symbp.verification.accumulate import Memory
from symbp.verification.judge import Judge

JUDGE = Judge(sb.Network.parse("3-4:sigmoid-2:sigmoid", loss="sse"))


def judge(claim: str, latex: bool = True) -> sb.Verdict:
    JUDGE.memory = Memory()  # each formula is from another page
    return JUDGE.judge(claim, latex=latex)


OWN = "where the derivatives of an example are those of its own loss"
W1, SUM = r"\frac{\partial J}{\partial W^{(1)}} = ", r"\sum_{i=1}^m "
OUTPUT = r"\left[(a^{(2)(i)} - y^{(i)}) \odot a^{(2)(i)} \odot (1-a^{(2)(i)})\right] a^{(1)(i)T}"

RIGHT = {
    W1 + r"\frac1m" + SUM + r"\delta^{(1)(i)} x^{(i)T}": OWN,
    W1 + SUM + r"\delta^{(1)(i)} x^{(i)T}": "",
    W1 + r"\frac1m" + SUM + r"\delta^{(1)(i)} \otimes x^{(i)}": OWN,
    W1 + r"\frac{1}{m} \sum_n \delta^{(1)}_n x_n^\top": OWN,
    r"\frac{\partial J}{\partial W^{(2)}} = \frac1m" + SUM + OUTPUT: "",
    r"\frac{\partial J^{(i)}}{\partial W^{(1)}} = \delta^{(1)(i)} x^{(i)T}": "",
    r"\frac{\partial J}{\partial w^{(1)}_{jk}} = \frac1m" + SUM + r"\delta_j^{(1)(i)} x_k^{(i)}": OWN,
    r"\delta^{(1)(i)} = W^{(2)T} \delta^{(2)(i)} \odot g'(z^{(1)(i)})": "",
    r"dW^{[1]} = \frac1m" + SUM + r"dz^{[1](i)} x^{(i)T}": OWN,
    r"dz^{[2](i)} = (a^{[2](i)} - y^{(i)}) \odot a^{[2](i)} \odot (1 - a^{[2](i)})": OWN,
    r"\frac{\partial J^{(i)}}{\partial z^{[2](i)}} = (a^{[2](i)} - y^{(i)}) \odot a^{[2](i)} \odot (1 - a^{[2](i)})": "",
    r"\frac{\partial J}{\partial b^{[1]}} = \frac1m" + SUM + r"\frac{\partial J^{(i)}}{\partial z^{[1](i)}}": "",
    r"W^{(1)} := W^{(1)} - \alpha \delta^{(1)(i)} x^{(i)T}": "",
    r"\delta_j^{(1)(i)} = \sum_k w_{kj}^{(2)} \delta_k^{(2)(i)} g'(z_j^{(1)(i)})": "",
    r"\delta_k^{(2)(i)} = (a_k^{(2)(i)} - y_k^{(i)}) a_k^{(2)(i)} (1 - a_k^{(2)(i)})": OWN,
    r"J = \frac{1}{2m}" + SUM + r"\|a^{(2)(i)} - y^{(i)}\|^2": "",
    r"J = \frac{1}{2m}" + SUM + r"(a^{(2)(i)} - y^{(i)})^T (a^{(2)(i)} - y^{(i)})": "",
    r"J = \frac{1}{2m}" + SUM + r"\sum_k (a_k^{(2)(i)} - y_k^{(i)})^2": "",
}


@pytest.mark.parametrize("claim", RIGHT)
def test_right(claim: str) -> None:
    v = judge(claim, latex=True)
    assert (v.verdict, v.how) == ("correct", "exact"), v
    assert OWN in v.note if RIGHT[claim] else OWN not in v.note


WRONG = [
    (W1 + r"\frac1m \sum_i x^{(i)} \delta^{(1)(i)T}", "transpose", r"\sum_{i} \delta^{(1)(i)} x^{(i)T}"),
    (W1 + r"\frac2m \sum_i \delta^{(1)(i)} x^{(i)T}", "factor", r"\frac1m \sum_i \delta^{(1)(i)} x^{(i)T}"),
    (r"\frac{\partial J}{\partial W^{(2)}} = " + SUM + OUTPUT, "missing_mean", "N"),
    (W1 + r"\frac1m \sum_i W^{(2)T}\delta^{(2)(i)} x^{(i)T}", "activation_derivative", r"\odot g'(z^{(1)(i)})) x^{(i)T}"),
    (r"\frac{\partial J}{\partial b^{(1)}} = \delta^{(1)(i)}", "missing_sum", r"\sum_{i} \delta^{(1)(i)}"),
    (r"\frac{\partial J}{\partial w^{(1)}_{jk}} = \delta_j^{(1)(i)} x_k^{(i)}", "missing_sum", r"\sum_{i} "),
    (r"\frac{\partial J}{\partial w^{(1)}_{jk}} = \frac1m \sum_i \delta_k^{(1)(i)} x_j^{(i)}", "transpose", r"\delta^{(1)(i)}_{j}"),
    (r"\delta^{(1)(i)} = W^{(2)T} \delta^{(2)(i)}", "activation_derivative", r"\odot g'(z^{(1)(i)})"),
    (r"\frac{\partial J^{(i)}}{\partial W^{(1)}} = x^{(i)} \delta^{(1)(i)T}", "transpose", r"= \delta^{(1)(i)} x^{(i)T}"),
    (r"J = \frac{1}{m} \sum_i \|a^{(2)(i)} - y^{(i)}\|^2", "factor", r"\frac{1}{2} \frac{1}{m}"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "cause", "fix"), WRONG)
def test_wrong(claim: str, cause: str, fix: str) -> None:
    v = judge(claim, latex=True)
    assert (v.verdict, v.cause) == ("wrong", cause), v
    assert v.fix is not None and fix in v.fix
    again = judge(v.fix, latex=True)
    assert again.verdict == "correct", again


REFUSED = [
    (W1 + r"\delta^{(1)(i)} x^{(i)T}", "is a sum missing"),
    (W1 + r"\frac1m \sum_{i=1}^{3} \delta^{(1)(i)} x^{(i)T}", "runs to what"),
    (W1 + r"\frac1m \sum_i \sum_j \delta^{(1)(i)} x^{(j)T}", "more than one letter"),
    (r"\delta^{(1)(i)} = W^{(i)T} \delta^{(2)(i)}", "W of one example"),
    (r"\delta^{(1)(i)} = \sum_{i=1}^m W^{(2)T} \delta^{(2)(i)}", "stands on the left and is summed over"),
    (r"\delta^{(i)} = W^{(i+1)T} \delta^{(i+1)}", "neither a layer nor T"),
]


@pytest.mark.parametrize(("claim", "words"), REFUSED)
def test_refused(claim: str, words: str) -> None:
    v = judge(claim, latex=True)
    assert v.verdict == "unreadable" and words in v.reason, v


def test_sums_over_the_inputs() -> None:
    judge = Judge(sb.Network.parse("3-4:sigmoid-5:sigmoid-2:sigmoid", loss="sse"), notation=notation_named("nielsen"))
    assert judge.judge(r"w^l \rightarrow w^l-\frac{\eta}{m} \sum_x \delta^{x,l} (a^{x,l-1})^T").ok
    v = judge.judge(r"w^l \rightarrow w^l-\frac{\eta}{m} \sum_x \delta^{x,l} (a^{x,l})^T")
    assert v.fix == r"w^l \rightarrow w^l-\frac{\eta}{m} \sum_x \delta^{x,l} (a^{x,l-1})^T", v


LAST = {
    r"\delta^{(1)}_{jn} = g'(z^{(1)}_{jn}) \sum_m W^{(2)}_{mj} \delta^{(2)}_{mn}": True,
    r"\delta^{(1)}_{nj} = g'(z^{(1)}_{nj}) \sum_m W^{(2)}_{mj} \delta^{(2)}_{nm}": True,
    r"\delta^{(1)}_{in} = g'(z^{(1)}_{in}) \sum_m W^{(2)}_{mn} \delta^{(2)}_{im}": True,  # n counts units below W
    r"\delta^{(1)}_{nj} = g'(z^{(1)}_{jn}) \sum_m W^{(2)}_{mj} \delta^{(2)}_{nm}": False,
    r"\frac{\partial J}{\partial w^{(1)}_{ij}} = \sum_n \delta^{(1)}_{in} x_{jn}": True,
    r"\frac{\partial J}{\partial w^{(1)}_{ij}} = \sum_n \delta^{(1)}_{ni} x_{nj}": True,
    r"\frac{\partial J}{\partial w^{(1)}_{ij}} = \sum_n \delta^{(1)}_{ni} x_{jn}": False,
    r"\frac{\partial J}{\partial w^{(1)}_{ij}} = \sum_n \delta^{(1)}_{jn} x_{in}": False,
}


@pytest.mark.parametrize("claim", LAST)
def test_the_letter_of_the_example_says_which_of_two_indices_is_its(claim: str) -> None:
    verdict = judge(claim)
    assert verdict.ok == LAST[claim], str(verdict)
    if claim == [*LAST][-1]:
        assert r"\delta^{(1)}_{in} x_{jn}" in (verdict.fix or "")  # in the order that the author writes


def test_batches_are_not_turned_where_weights_lead_from_i_to_j() -> None:
    judge_ = Judge(sb.Network.parse("3-4:sigmoid-2", loss="sse"), "columns", True, notation_named("credit"))
    assert judge_.judge(r"\frac{\partial L}{\partial W^{(2)}} = Z^{(1)} \Delta^{(2)\top}").ok
    assert not judge_.judge(r"\frac{\partial L}{\partial W^{(2)}} = Z^{(1)\top} \Delta^{(2)}").ok
