r"""Updates and sums in parts in LaTeX: ``W \leftarrow W - \eta ...``, ``\Delta W = -\eta ...``, ``\Delta W \mathrel{+}= ...``."""

import pytest

import symbp as sb
from symbp.verification.judge import Judge

NET = sb.Network.parse("3-4:sigmoid-2:sigmoid", loss="sse")
JUDGE = Judge(NET)

RIGHT = r"""
W^{(1)} \leftarrow W^{(1)} - \eta \delta^{(1)} x^T
W^{(1)} := W^{(1)} - \alpha \frac{\partial J}{\partial W^{(1)}}
W^{(1)} \gets W^{(1)} - \eta \nabla_{W^{(1)}} J
W^{(1)} = W^{(1)} - \eta \delta^{(1)} x^T
W^{(1)} \rightarrow W^{(1)} - \eta \delta^{(1)} x^T
W^{(1)} -= \eta \delta^{(1)} x^T
W^{(1)} \mathrel{-}= \eta \delta^{(1)} x^T
W^{(1)} \mathrel{+}= -\eta \delta^{(1)} x^T
b^{(1)} \leftarrow b^{(1)} - \eta \delta^{(1)}
w^{(1)}_{ij} \leftarrow w^{(1)}_{ij} - \eta \delta^{(1)}_i x_j
\Delta W^{(1)} = -\eta \frac{\partial J}{\partial W^{(1)}}
\Delta w_{ij} = -\eta \delta_i a_j
\Delta w^{(2)}_{ki} = \eta (y_k - \hat y_k) g'(z^{(2)}_k) a^{(1)}_i
\delta^{(1)} := \frac{\partial J}{\partial z^{(1)}}
\delta^{(1)} \equiv \frac{\partial J}{\partial z^{(1)}}
\delta^{(1)} \overset{\text{def}}{=} \frac{\partial J}{\partial z^{(1)}}
\delta^{(1)} \stackrel{(a)}{=} e^{(1)} \odot g'(z^{(1)}) \stackrel{(b)}{=} W^{(2)T} \delta^{(2)} \odot g'(z^{(1)})
"""

WRONG = r"""
W^{(1)} \leftarrow W^{(1)} + \eta \delta^{(1)} x^T | sign | W^{(1)} \leftarrow W^{(1)} - \eta \delta^{(1)} x^T
W^{(1)} \leftarrow W^{(1)} - \eta x \delta^{(1)T} | transpose | W^{(1)} \leftarrow W^{(1)} - \eta \delta^{(1)} x^T
\Delta W^{(1)} = \eta \delta^{(1)} x^T | sign | \Delta W^{(1)} = -\eta \delta^{(1)} x^T
\Delta w^{(1)}_{ij} = -\eta e^{(1)}_i x_j | |
\delta^{(1)} := e^{(1)} \odot g(z^{(1)}) | derivative_for_function | \delta^{(1)} := e^{(1)} \odot g'(z^{(1)})
"""

REFUSED = r"""
W^{(1)} \leftarrow W^{(1)} - \nabla_{W^{(1)}} J | without its rate
\Delta W^{(1)} = \delta^{(1)} x^T | without its rate
\Delta^{(1)} := \Delta^{(1)} + \delta^{(1)} x^T | deltas of a batch
W^{(1)} \rightarrow x | no claim
W^{(1)} \leftarrow W^{(1)} - \eta W^{(1)} - \delta^{(1)} x^T | its rate once
\delta^{(1)} \leftarrow \delta^{(1)} \odot g'(z^{(1)}) | made of it
"""


def _rows(text):
    return [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]


@pytest.mark.parametrize("claim", RIGHT.strip().splitlines())
def test_updates_along_the_derivative_are_right(claim):
    assert JUDGE.judge(claim, latex=True).verdict == "correct"


@pytest.mark.parametrize(("claim", "cause", "fix"), _rows(WRONG))
def test_updates_along_something_else_are_mended_as_updates(claim, cause, fix):
    v = JUDGE.judge(claim, latex=True)
    assert v.verdict == "wrong" and cause in ("", v.cause), v
    assert not fix or v.fix == fix, v
    assert JUDGE.judge(v.fix, latex=True).verdict == "correct", v


@pytest.mark.parametrize(("claim", "words"), _rows(REFUSED))
def test_updates_that_claim_nothing_certain_are_refused(claim, words):
    v = JUDGE.judge(claim, latex=True)
    assert v.verdict == "unreadable" and words in v.reason, v


def test_a_constant_may_go_into_the_rate_and_that_is_said():
    v = JUDGE.judge(r"W^{(1)} \leftarrow W^{(1)} - 3 \eta \delta^{(1)} x^T")
    assert v.ok and r"the factor 1/3 has gone into \eta" in v.note


@pytest.mark.parametrize("sign", [r"\mathrel{+}=", "+="])
def test_parts_add_up_and_the_last_one_is_judged(sign):
    half = r"\frac12 W^{(2)T} \delta^{(2)}"
    lines = [rf"\frac{{\partial J}}{{\partial a^{{(1)}}}} {s} {half}" for s in ("=", sign)]
    first, last = sb.verify(NET, lines)
    assert (first.verdict, last.verdict) == ("definition", "correct")
    assert sb.verify(NET, [lines[0]])[0].verdict == "wrong"
    assert [v.verdict for v in sb.verify(NET, [*lines, lines[1]])] == ["definition", "definition", "wrong"]


def test_the_gradient_that_is_added_to_itself():
    lines = [r"\Delta W^{(1)} = 0", r"\Delta W^{(1)} \leftarrow \Delta W^{(1)} + \delta^{(1)} x^T"]
    assert [v.verdict for v in sb.verify(NET, lines)] == ["definition", "correct"]
    assert sb.verify(NET, [lines[0], lines[1].replace("x^T", "a^{(1)T}")])[1].verdict == "wrong"
    full = r"\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)} x^T"
    assert [v.verdict for v in sb.verify(NET, [full, *lines])] == ["correct", "definition", "correct"]


def test_parts_in_a_problem_of_ones_own():
    problem = sb.Problem({"A": "n n", "x": "n"}, ["y = A@x", "J = sum(x*y)"], "J")
    lines = [r"\frac{\partial J}{\partial x} = A x", r"\frac{\partial J}{\partial x} \mathrel{+}= A^T x"]
    assert [v.verdict for v in sb.verify(problem, lines)] == ["definition", "correct"]
    assert sb.verify(problem, lines[0]).verdict == "wrong"
    assert sb.verify(problem, [lines[0], lines[0].replace("=", r"\mathrel{+}=", 1)])[1].verdict == "wrong"


def test_what_is_said_has_the_letters_of_the_page():
    v = JUDGE.judge(r"\delta^{(1)} = W^{(2)} \delta^{(2)} \odot g'(z^{(1)})")
    assert "$W^{(2)}$ should be transposed" in v.reason and "W2" not in v.reason
    v = JUDGE.judge(r"\nabla_{W^{(2)}} J = \delta^{(2)} (a^{(2)})^T")
    assert "$a^{(2)}$ should be $a^{(1)}$" in v.reason
    assert "a2 should be a1" in JUDGE.judge("dW2 = delta2 @ a2.T").reason


@pytest.mark.parametrize("sign, verdict", [("-", "correct"), ("+", "wrong")])
def test_a_rate_may_be_divided_by_the_number_of_examples(sign, verdict):
    net = sb.Network.parse("4-3:sigmoid-2:softmax", loss="cross_entropy")
    v = sb.verify(net, rf"b^{{(1)}} \to b^{{(1)}} {sign} \frac{{\eta}}{{m}} \frac{{\partial C}}{{\partial b^{{(1)}}}}")
    assert v.verdict == verdict
    assert ("has gone into" in v.note) if verdict == "correct" else v.cause == "sign"
