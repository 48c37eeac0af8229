r"""Formulas of the lectures in LaTeX, each in its lecturer's letters: right ones are proved, mistakes on slides are not."""

import pytest

import symbp as sb
from symbp.verify.judge import Judge
from symbp.verify.notations import notation_named

A = ("3-4:sigmoid-2:sigmoid", "sse", True, "iitm")
A_SMALL = ("2-2:sigmoid-2:sigmoid", "sse", False, "iitm")
C_CHAIN = ("1-1:sigmoid-1:sigmoid-1:sigmoid", "sse", False, "iitm")
B = ("3-4:sigmoid-3:sigmoid-2:sigmoid", "sse", False, "iitkgp")
D = ("3-5:sigmoid-4", "squared_error", False, "esl")
D_BIAS = ("3-5:sigmoid-4", "squared_error", True, "esl")
D_SOFTMAX = ("3-5:sigmoid-4:softmax", "squared_error", False, "esl")
E = ("3-2:tanh-1", "squared_error", False, "credit")
E_WIDE = ("3-2:tanh-4", "squared_error", False, "credit")
NIELSEN = ("3-2:sigmoid-2:sigmoid-4:sigmoid", "sse", True, "nielsen")

RIGHT = {
    A: r"""
        z^{(1)} = W^{(1)} a^{(0)} + b^{(1)}
        a^{(1)} = g(z^{(1)})
        J = \frac12 e^{(2)T} e^{(2)}
        e^{(2)} = \hat y - y
        \delta_i = g'(z_i) e_i
        \delta = g'(z) \odot e
        e^{(k-1)} = W^{(k)T} \delta^{(k)}
        \delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot g'(z^{(1)})
        \frac{\partial J}{\partial w_{ij}} = \delta_i a_j
        \frac{\partial J}{\partial W^{(k)}} = \delta^{(k)} (a^{(k-1)})^T
    """,
    A_SMALL: r"""
        e^{(1)}_1 = w^{(2)}_{11} \delta^{(2)}_1 + w^{(2)}_{21} \delta^{(2)}_2
        e^{(1)}_2 = w^{(2)}_{12} \delta^{(2)}_1 + w^{(2)}_{22} \delta^{(2)}_2
        z^{(1)}_1 = w^{(1)}_{11} x_1 + w^{(1)}_{12} x_2
        \frac{\partial J}{\partial w^{(1)}_{12}} = \delta^{(1)}_1 x_2
    """,
    B: r"""
        E = \frac{1}{2} \sum_j (x^3_j - t_j)^2
        x^2_j = \sigma(\sum_i W^2_{ji} x^1_i)
        \delta^3_j = (x^3_j - t_j) x^3_j (1 - x^3_j)
        \frac{\partial E}{\partial W^1_{ij}} = \frac{\partial E}{\partial \theta^1_i} \frac{\partial \theta^1_i}{\partial W^1_{ij}}
        \frac{\partial E}{\partial \theta^2_j} = \sum_k \frac{\partial E}{\partial \theta^3_k} \frac{\partial \theta^3_k}{\partial \theta^2_j}
    """,
    ("4-3:tanh-3:sigmoid-3:softmax", "cross_entropy", True, "iitm"): r"""
        J = -\sum_i y_i \ln \hat y_i
        \frac{\partial J}{\partial z^{(3)}_i} = \hat y_i - y_i
        \frac{\partial J}{\partial w_{ij}} = \delta_i a_j
        \hat y = \operatorname{softmax}(z^{(3)})
        \delta^{(1)} = (W^{(2)\top} \delta^{(2)}) \odot (1 - (a^{(1)})^2)
    """,
    ("3-2:tanh-1:sigmoid", "binary_cross_entropy", True, "iitm"): r"""
        J = -y \ln \hat y - (1 - y) \ln(1 - \hat y)
        \frac{\partial J}{\partial z^{(2)}} = \hat y - y
    """,
    C_CHAIN: r"""
        z_l = w_l a_{l-1}
        \delta_l = e_l g'(z_l)
        e_{l-1} = \delta_l w_l
        \frac{dJ}{dw_l} = \delta_l a_{l-1}
        g'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \sigma(z) (1 - \sigma(z)) = a (1 - a)
    """,
    D: r"""
        R_i = \sum_{k=1}^K (y_{ik} - f_k(x_i))^2
        \frac{\partial R_i}{\partial \beta_{km}} = -2 (y_{ik} - f_k(x_i)) g'_k(\beta_k^T z_i) z_{mi}
        \frac{\partial R_i}{\partial \beta_{km}} = \delta_{ki} z_{mi}
        \frac{\partial R_i}{\partial \alpha_{m\ell}} = -\sum_{k=1}^K 2 (y_{ik} - f_k(x_i)) g_k'(\beta_k^T z_i) \beta_{km} \sigma'(\alpha_m^T x_i) x_{i\ell}
        \frac{\partial R_i}{\partial \alpha_{m\ell}} = s_{mi} x_{i\ell}
        s_{mi} = \sigma'(\alpha_m^T x_i) \sum_{k=1}^{K} \beta_{km} \delta_{ki}
    """,
    D_BIAS: r"""
        z_{mi} = \sigma(\alpha_{0m} + \alpha_m^T x_i)
        T_k = \beta_{0k} + \beta_k^T z_i
        f_k(x_i) = g_k(T_k)
        s_{mi} = z_{mi} (1 - z_{mi}) \sum_{k=1}^{4} \beta_{km} \delta_{ki}
    """,
    E: r"""
        \frac{\partial L}{\partial w^{(2)}_1} = 2(\hat y - y) z_1
        \frac{\partial L}{\partial w^{(1)}_{11}} = 2(\hat y - y) w^{(2)}_1 (1 - \tanh^2 a_1) x_1
        \frac{\partial L}{\partial w^{(1)}_{22}} = 2(\hat y - y) w^{(2)}_2 (1 - \tanh^2 a_2) x_2
        \delta_j = \delta w_j (1 - \tanh^2 a_j)
        \frac{\partial L}{\partial w_{i \leadsto j}} = \delta_j z_i
        z^{(1)} = \tanh(W^{(1)T} x)
    """,
    E_WIDE: r"""
        \delta_1 = (W_2 \delta_2) \odot (1 - \tanh(a_1)^2)
        \frac{\partial L}{\partial W^{(1)}} = x \delta^{(1)\top}
    """,
    NIELSEN: r"""
        \delta^L = \nabla_a C \odot \sigma'(z^L)
        \delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)
        \frac{\partial C}{\partial b^l_j} = \delta^l_j
        \frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j
        \delta^L_j = \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j)
        \delta^l_j = \sum_k w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)
        a^l = \sigma(w^l a^{l-1} + b^l)
    """,
}  # fmt: skip

WRONG = {
    A: r"""
        e^{(k)} = W^{(k+1)} \delta^{(k+1)}
        \delta^{(1)} = \delta^{(2)} (W^{(2)})^T \odot g'(z^{(1)})
        \delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot g(z^{(1)})
        \delta^{(1)} = (W^{(2)})^T \delta^{(2)}
        \frac{\partial J}{\partial w^{(1)}_{ij}} = \delta_j x_i
        J = (\hat y - y)^T (\hat y - y)
    """,
    A_SMALL: r"""
        e^{(1)}_1 = w^{(2)}_{11} \delta^{(2)}_1 + w^{(2)}_{12} \delta^{(2)}_2
        e^{(1)}_1 = w^{(2)}_{11} \delta^{(2)}_1
    """,
    B: r"""
        \delta^3_j = (x^3_j - t_j) x^3_j (1 + x^3_j)
    """,
    C_CHAIN: r"""
        \frac{\partial J}{\partial w^{(l)}} = \delta^{(l)} a^{(l+1)}
        g'(z) = \frac{e^{z}}{1 + e^{-z}}
    """,
    D: r"""
        s_{mi} = \sum_{k=1}^{K} \beta_{km} \delta_{ki}
        \frac{\partial R_i}{\partial \beta_{km}} = 2 (y_{ik} - f_k(x_i)) g'_k(\beta_k^T z_i) z_{mi}
    """,
    D_SOFTMAX: r"""
        \frac{\partial R_i}{\partial \beta_{km}} = -2 (y_{ik} - f_k(x_i)) g_k'(T_k) z_{mi}
    """,
    E: r"""
        \frac{\partial L}{\partial w^{(1)}_{11}} = 2(\hat y - y) w^{(2)}_1 (1 - \tanh^2 a_1) x_2
        \frac{\partial L}{\partial w^{(1)}_{ij}} = x_j \delta_i
    """,
    E_WIDE: r"""
        \delta_1 = (W_2^T \delta_2) \odot (1 - \tanh(a_1)^2)
    """,
    NIELSEN: r"""
        \delta^l = (w^{l+1} \delta^{l+1}) \odot \sigma'(z^l)
        \frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_j \delta^l_k
        \delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma(z^l)
    """,
}

_judges = {}


def _judge(problem):
    if problem not in _judges:
        arch, loss, bias, convention = problem
        net = sb.Network.parse(arch, loss=loss, bias=bias)
        _judges[problem] = Judge(net, notation=notation_named(convention))
    return _judges[problem]


def _lines(table):
    return [(p, line.strip()) for p, text in table.items() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("problem", "claim"), _lines(RIGHT))
def test_right_formulas_in_latex_are_proved(problem, claim):
    v = _judge(problem).judge(claim, latex=True)
    assert (v.verdict, v.how) == ("correct", "exact"), v


@pytest.mark.parametrize(("problem", "claim"), _lines(WRONG))
def test_mistakes_in_latex_are_rejected(problem, claim):
    v = _judge(problem).judge(claim, latex=True)
    assert v.verdict == "wrong", v
    if v.fix:
        again = _judge(problem).judge(v.fix, latex=True)
        assert again.verdict == "correct", (v.fix, again)
