r"""LaTeX as people write it: the same formula in many spellings, what is refused, and fixes in the same spelling."""

import pytest

import symbp as sb
from symbp.formula.latex.parse import is_latex
from symbp.notation import NOTATIONS, notation_named
from symbp.verification.judge import Judge

JUDGE = Judge(sb.Network.parse("3-4:sigmoid-2:sigmoid", loss="sse"))

RIGHT = r"""
\delta^{(1)} = W^{(2)T} \delta^{(2)} \odot g'(z^{(1)})
\delta^{(1)} = {W^{(2)}}^T \delta^{(2)} \odot g'(z^{(1)})
\delta^{(1)} = (W^{(2)})^\top \delta^{(2)} \circ g'(z^{(1)})
\delta^{(1)} = W^{(2)\top}\delta^{(2)} \odot g^\prime(z^{(1)}).
\delta^{(1)} = W^{(2)}{}^\mathsf{T} \delta^{(2)} \odot g'(z^{(1)})
\delta^{(1)} = \left(W^{(2)}\right)^{\mathsf T} \delta^{(2)} \odot g^{(1)\prime}(z^{(1)}),
\delta^{(1)} = (\mathbf{W}^{(2)})^\intercal \boldsymbol{\delta}^{(2)} \odot \sigma'(\mathbf z^{(1)})
\delta^{[1]} = W^{[2]\top} \delta^{[2]} \odot g'(z^{[1]}) \tag{3}
\delta^1 = (W^2)^T \delta^2 \odot g'(z^1)
\delta_1 = W_2^T \delta_2 \odot g'(z_1)
\delta^{(1)} = g'(z^{(1)}) \odot \bigl( (W^{(2)})^T \delta^{(2)} \bigr)
\delta^{(1)} = \operatorname{diag}(g'(z^{(1)})) W^{(2)T} \delta^{(2)}
\delta^{(1)} = (W^{(2)T} \delta^{(2)}) \odot a^{(1)} \odot (\mathbf{1} - a^{(1)})
\delta^{(1)} = (W^{(2)T} \delta^{(2)}) \odot \frac{e^{-z^{(1)}}}{(1 + e^{-z^{(1)}})^2}
\delta^{(1)} = e^{(1)} \oslash (2 + e^{z^{(1)}} + \exp(-z^{(1)}))
\delta^{(1)} = \frac{\partial J}{\partial a^{(1)}} \odot g'(z^{(1)})
\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)} x^\top
\dfrac{\partial J}{\partial W^{(1)}} = \delta^{(1)} \cdot x^T
\frac{\mathrm{d} J}{\mathrm{d} W^{(1)}} = \delta^{(1)} x^T
\partial J / \partial W^{(1)} = \delta^{(1)} x^T
\nabla_{W^{(1)}} J = \delta^{(1)} x^T
\nabla_{W^{(1)}} \mathcal{L} = \delta^{(1)} x^T
dJ/dW^{(1)} = \delta^{(1)} (a^{(0)})^T
dW^{(1)} = \delta^{(1)} x^T
\left(\frac{\partial J}{\partial W^{(1)}}\right)^T = x \delta^{(1)T}
\frac{\partial J}{\partial w^{(1)}_{ij}} = \delta^{(1)}_i x_j
\frac{\partial J}{\partial w^{(1)}_{i,j}} = \delta_i x_j
\frac{\partial J}{\partial w_{ij}} = \delta_i a_j
\frac{\partial J}{\partial W^{(1)}_{ij}} = g'(z_i) w^{(2)}_{ki} \delta^{(2)}_k x_j
\delta_j = g'(z_j) \sum_k w_{kj} \delta_k
\delta^{(1)}_i = \sum_{k=1}^{2} w^{(2)}_{ki} \delta^{(2)}_k \, g'\left( z^{(1)}_i \right)
\delta^{(1)}_i = \Big( \sum_{k} w^{(2)}_{ki} \delta^{(2)}_k \Big) \sigma'(z^{(1)})_i
J = \frac{1}{2} \| \hat{\mathbf y} - \mathbf y \|^2
J = \tfrac12 \lVert \hat{y} - y \rVert_2^2
J = \frac12 \sum_i (\hat y_i - y_i)^2 = \frac{1}{2} (\hat{y} - y)^{\top} (\hat{y} - y)
e^{(2)} = \hat y - y
\frac{\partial J}{\partial b^{(1)}} = \Delta^{(1)} \mathbf{1}
\delta^{(l)} = (W^{(l+1)})^T \delta^{(l+1)} \odot g'(z^{(l)})
\delta^L = \nabla_{a^L} J \odot g'(z^L)
\delta^{(2)}_j = \sum_i \mathbf{1}[i = j] g'(z^{(2)}_i) e^{(2)}_i
"""

WRONG = r"""
\delta^{(1)} = W^{(2)} \delta^{(2)} \odot g'(z^{(1)}) | transpose | \delta^{(1)} = W^{(2)\top} \delta^{(2)} \odot g'(z^{(1)})
\delta^{[1]} = W^{[2]T} \delta^{[2]} | activation_derivative | \delta^{[1]} = W^{[2]T} \delta^{[2]} \odot g'(z^{[1]})
\delta^{(1)} = \delta^{(2)} W^{(2)T} \odot g'(z^{(1)}) | operand_order | \delta^{(1)} = W^{(2)T} \delta^{(2)} \odot g'(z^{(1)})
\delta^{(1)} = W^{(2)T} \delta^{(2)} \odot g(z^{(1)}) | derivative_for_function | \delta^{(1)} = W^{(2)T} \delta^{(2)} \odot g'(z^{(1)})
\nabla_{W^{(2)}} J = \delta^{(2)} (a^{(2)})^T | wrong_layer | \nabla_{W^{(2)}} J = \delta^{(2)} (a^{(1)})^T
e^{(2)} = y - \hat y | sign |
J = \| \hat y - y \|^2 | factor |
\delta^{(1)}_i = g'(z^{(1)}_i) \sum_k w^{(2)}_{ik} \delta^{(2)}_k | transpose | \delta^{(1)}_i = g'(z^{(1)}_i) \sum_k w^{(2)}_{ki} \delta^{(2)}_k
\delta^{(l)} = W^{(l+1)} \delta^{(l+1)} \odot g'(z^{(l)}) | transpose | \delta^{(l)} = W^{(l+1)\top} \delta^{(l+1)} \odot g'(z^{(l)})
"""

REFUSED = r"""
\delta^{(1)} \approx e^{(1)} | no claim
\delta^{(1)} \propto e^{(1)} | no claim
W^{(1)} \leftarrow W^{(1)} - \nabla_{W^{(1)}} J | without its rate
\delta^{(1)} = e^{(1)} \odot g'(z^{(1)}) \quad \text{if } z > 0 | a condition or a remark
\delta^{(1)} | no equality
\delta^{(1)} = x^2 | layer, or a power
\delta^{(2)} = \hat y - y^{(3)} | layer, or a power
\delta^{1} = a^{1\,2} \odot e^{1} | layer, or a power
\delta^{(1)} = \ln a^{(1)} z^{(1)} | where does the argument
\delta^{(1)} = e^{(1)} / z^{(1)} a^{(1)} | below the line
\delta^{(1)} = g' \odot e^{(1)} | no argument
\delta^{(1)} = \foo e^{(1)} | unknown name
\delta^{(1)} = W^{(3)T} \delta^{(3)} | unknown name
\delta^{(1)} = (W^{(2)T} \delta^{(2)} | where it cannot
\delta^{(1)} = W^{(2)T} \delta^{(2)}) | where it cannot
\delta^{(1)} = \frac{\partial^2 J}{\partial z^2} |
\delta^{(1)}_i = \sum_{k=1}^{3} w^{(2)}_{ki} \delta^{(2)}_k g'(z^{(1)}_i) | there are 2
\delta^{(1)}_i = (W^{(2)T} \delta^{(2)})_{ij} g'(z^{(1)}_i) | takes 1 index, got 2
\delta^{(1)}_9 = e^{(1)}_9 | no element 9
\delta = W^T \delta \odot g'(z) |
\delta^{(1)} = \begin{pmatrix} 1 \\ 2 \end{pmatrix} |
"""


@pytest.mark.parametrize("claim", RIGHT.strip().splitlines())
def test_spellings_of_right_formulas(claim):
    v = JUDGE.judge(claim)
    assert (v.verdict, v.how) == ("correct", "exact"), v


@pytest.mark.parametrize("line", WRONG.strip().splitlines())
def test_a_fix_is_written_as_the_claim_was(line):
    claim, cause, fix = (
        (part.strip() for part in line.split(" | "))
        if line.count(" | ") == 2
        else (*line.rstrip("| ").split(" | "), "")
    )
    v = JUDGE.judge(claim)
    assert (v.verdict, v.cause) == ("wrong", cause.strip()), v
    assert not fix or v.fix == fix, v
    assert JUDGE.judge(v.fix).verdict == "correct", v


@pytest.mark.parametrize("line", REFUSED.strip().splitlines())
def test_what_is_not_understood_is_refused_and_never_guessed(line):
    claim, _, words = line.partition(" |")
    v = JUDGE.judge(claim, latex=True)
    assert v.verdict == "unreadable" and words.strip() in v.reason, v


def test_the_language_is_told_apart():
    latex = [r"\delta = x", "W^{(1)} = x", "a_{1} = x", "z^1 = x", "T_k = x_k", "W^T = 1"]
    plain = [
        "delta1 = W2.T @ delta2",
        "dW1[i,j] = delta1[i]*x[j]",
        "y = z**2",
        "J = 1/2*sum(e2)",
        "h1_W = 2",
        "y = a1^2*3",
    ]
    assert all(is_latex(t) for t in latex) and not any(is_latex(t) for t in plain)


def test_a_repeated_index_is_summed_and_the_note_says_so():
    v = JUDGE.judge(r"e^{(1)}_j = w^{(2)}_{ij} \delta^{(2)}_i")
    assert v.ok and "repeated index i is summed" in v.note
    assert JUDGE.judge(r"e^{(1)}_j = \sum_i w^{(2)}_{ij} \delta^{(2)}_i").note == ""


def test_layers_by_letters_are_all_checked():
    v = Judge(sb.Network.parse("3-4:tanh-2:sigmoid-5")).judge(r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot g'(z^l)")
    assert v.ok and "l = 1, 2" in v.note


def test_definitions_of_ones_own():
    judge = Judge(sb.Network.parse("3-4:sigmoid-2:sigmoid", loss="sse"))
    assert judge.judge(r"\tilde{c} = \hat y - y").verdict == "definition"
    assert judge.judge(r"\delta^{(2)} = \tilde{c} \odot g'(z^{(2)})").verdict == "correct"
    assert judge.judge(r"\delta^{(2)} = -\tilde c \odot g'(z^{(2)})").verdict == "wrong"


def test_letters_swap_meaning_with_the_convention():
    net = sb.Network.parse("3-4:sigmoid-2:sigmoid", loss="sse")
    credit = Judge(net, notation=notation_named("credit"))
    assert credit.judge(r"z^{(1)} = \sigma(a^{(1)})").ok
    assert not credit.judge(r"a^{(1)} = \sigma(z^{(1)})").ok
    assert credit.judge(r"\frac{\partial L}{\partial W^{(1)}} = x \delta^{(1)\top}").ok
    assert JUDGE.judge(r"\frac{\partial J}{\partial W^{(1)}} = x \delta^{(1)\top}").verdict == "wrong"
    with pytest.raises(sb.InputError, match="did you mean 'iitm'"):
        notation_named("iitn")
    assert {*NOTATIONS} == {
        *("iitm", "credit", "esl", "iitkgp", "nielsen", "ng"),
        *("prml", "goodfellow", "cs231n", "ufldl"),
    }


def test_sigma_is_the_sigmoid_and_not_any_activation():
    tanh = sb.Network.parse("3-4:tanh-2")
    assert Judge(tanh).judge(r"\delta^{(1)} = e^{(1)} \odot g'(z^{(1)})").ok
    refused = Judge(tanh).judge(r"\delta^{(1)} = e^{(1)} \odot \sigma'(z^{(1)})")
    assert refused.verdict == "unreadable" and "sigma is the sigmoid" in refused.reason
    assert Judge(tanh, notation=notation_named("nielsen")).judge(r"a^1 = \sigma(z^1)").ok
