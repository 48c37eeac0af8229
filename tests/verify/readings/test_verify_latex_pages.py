"""What a second attack found: losses that are mixed, pages whose equations contradict each other, steps and their rates."""

import pytest

import symbp as sb
from symbp.notation import notation_named
from symbp.verification.judge import Judge


def made(net, loss, convention="iitm", batch=None, bias=True):
    """What makes a judge that has read nothing yet."""
    return lambda: Judge(sb.Network.parse(net, loss=loss, bias=bias), batch=batch, notation=notation_named(convention))


S = made("3-4:sigmoid-2:sigmoid", "sse")
G = made("3-4:tanh-1:sigmoid", "binary_cross_entropy", "ng", True)
G0 = made("3-4:tanh-1:sigmoid", "binary_cross_entropy", "ng")
B1 = made("3-1:sigmoid", "binary_cross_entropy")
B2 = made("3-4:sigmoid-1:sigmoid", "binary_cross_entropy")
E = made("3-4:sigmoid-2:sigmoid", "squared_error", "esl", bias=False)
M = made("3-1", "mse")
SM = made("4-3:softmax", "cross_entropy")
NI = made("3-4:sigmoid-2:sigmoid", "sse", "nielsen")
ELL = r"\ell(\theta) = y\log h_\theta(x) + (1-y)\log(1-h_\theta(x))"
ELS = r"\ell(\theta) = \sum_{i=1}^m \left[ y^{(i)}\log h_\theta(x^{(i)}) + (1-y^{(i)})\log(1-h_\theta(x^{(i)})) \right]"
OWN = r"\delta^{(2)(i)} = (a^{(2)(i)}-y^{(i)})\odot g'(z^{(2)(i)})"
NEVER_RIGHT = [
    (S, [], r"\frac{\partial J}{\partial z^{[2](i)}} = \frac{\partial J^{(i)}}{\partial z^{[2](i)}}"),
    (S, [], r"\frac{\partial J}{\partial z^{(2)}_{nk}} = \frac{\partial J_n}{\partial z^{(2)}_{nk}}"),
    (G, [], r"dZ^{[2]T} = \frac1m(A^{[2]}-Y)^T"),
    (G, [], r"-dZ^{[2]} = \frac1m(Y-A^{[2]})"),
    (G0, [], r"dZ^{[2]T} = (A^{[2]} - Y)^T/m"),
    (B1, [ELL], r"J = \ell"),
    (B1, [ELL], r"\frac{\partial J}{\partial\theta_j} = \frac{\partial\ell}{\partial\theta_j}"),
    (B1, [ELL], r"-\frac{\partial\ell}{\partial z} = y-p"),
    (B1, [ELL], r"\left(\nabla_\theta\ell\right)^T = (p-y)x^T"),
    (B1, [ELS], r"\nabla_\theta J = \nabla_\theta\ell"),
    (E, [], "R = R_i"),
    (E, [], r"\frac{\partial R}{\partial\beta_{km}} = \frac{\partial R_i}{\partial\beta_{km}}"),
    (E, [], r"\frac{\partial R_i}{\partial\beta_{km}} = \sum_i\delta_{ki}z_{mi}"),
    (S, [], "J_n = J"),
    (S, [], "J = J_n"),
    (S, [OWN], r"\frac{\partial J}{\partial W^{(2)}} = \Delta^{(2)}A^{(1)T}"),
    (S, [OWN], r"\frac{\partial J}{\partial w^{(2)}_{kj}} = \sum_n\delta^{(2)}_{nk}a^{(1)}_{nj}"),
]
RIGHT = [
    (G, [], r"dZ^{[2]T} = (A^{[2]}-Y)^T"),
    (G, [], r"-dZ^{[2]} = Y-A^{[2]}"),
    (G, [], r"\frac1m dZ^{[2]} = \frac1m(A^{[2]}-Y)"),
    (G, [], r"\mathrm{tr}(dZ^{[2]T}dZ^{[2]}) = \mathrm{tr}((A^{[2]}-Y)^T(A^{[2]}-Y))"),
    (B1, [ELL], r"J = -\ell"),
    (B1, [ELL], r"J(\theta) = -\ell(\theta)"),
    (B1, [ELL], r"\frac{\partial J}{\partial\theta_j} = -\frac{\partial\ell}{\partial\theta_j}"),
    (B1, [ELL], r"-\frac{\partial\ell}{\partial z} = p - y"),
    (B1, [ELL], r"\left(\nabla_\theta\ell\right)^T = (y-p)x^T"),
    (B1, [ELS], r"J = -\frac1m\ell"),
    (B1, [ELS], r"\nabla_\theta J = -\frac1m\nabla_\theta\ell"),
    (S, [OWN], r"\frac{\partial J}{\partial W^{(2)}} = \frac1m\Delta^{(2)}A^{(1)T}"),
    (G0, [], r"dA^{[1]} = \frac{\partial \mathcal{L}}{\partial A^{[1]}} = W^{[2]T}dZ^{[2]}"),
    (G0, [], r"dZ^{[2]} = \frac{\partial\mathcal L}{\partial Z^{[2]}}"),
    (B1, [ELS], r"\theta := \theta + \alpha\nabla_\theta\ell(\theta)"),
    (B1, [ELS], r"\theta_j := \theta_j + \alpha\frac{\partial\ell(\theta)}{\partial\theta_j}"),
    (M, [], r"w_j := w_j - \alpha(\hat y-y)x_j"),
    (M, [], r"b := b - \alpha\frac1m\sum_i(\hat y^{(i)}-y^{(i)})"),
    (S, [], r"w^{(2)}_{kj} := w_{kj}^{(2)} - \alpha\frac12\sum_n\delta_{nk}^{(2)}a_{nj}^{(1)}"),
]
TEXT = [(S, "dW1 = delta1 @ x.T + dW1"), (S, "dW1[i,j] = dW1[i,j] + delta1[i]*x[j]")]


@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.parametrize(("judge", "before", "claim"), NEVER_RIGHT)
def test_never_right(judge, before, claim):
    page = judge()
    for line in before:
        assert page.judge(line, latex=True).ok
    assert page.judge(claim, latex=True).verdict in ("wrong", "unreadable")


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("judge", "before", "claim"), RIGHT)
def test_right(judge, before, claim):
    page = judge()
    for line in before:
        assert page.judge(line, latex=True).ok
    v = page.judge(claim, latex=True)
    assert v.verdict == "correct", v


@pytest.mark.parametrize(("judge", "claim"), TEXT)
def test_sums_in_numpy_text(judge, claim):
    assert judge().judge(claim).ok


PROSE = r"""
Unlike the case $i = j$, we get in general \[ \frac{\partial \hat y_i}{\partial z_j} = \hat y_i(1-\hat y_j) \]
It does not matter if $i \neq j$: \[ \frac{\partial \hat y_i}{\partial z_j} = -\hat y_i\hat y_j \]
For $i \neq j$ we have \[ \frac{\partial \hat y_i}{\partial z_j} = -\hat y_i\hat y_j \]
\begin{align}
\frac{\partial \hat y_i}{\partial z_j} &= -\hat y_i\hat y_j & (i \neq j) \\
\frac{\partial \hat y_i}{\partial z_j} &= \hat y_i(1-\hat y_i) & \text{for } i = j
\end{align}
"""


def test_conditions_in_the_words_around_a_formula() -> None:
    from symbp.documents.equations import equations
    from symbp.documents.judged import judge_equations

    found = [v.verdict for v in judge_equations(SM(), equations(PROSE, False)) if v is not None]
    assert found == ["wrong", "wrong", "correct", "correct", "correct"]


def test_a_page_that_calls_something_else_p() -> None:
    page = S()
    assert page.judge(r"p = \hat y \odot (1-\hat y)", latex=True).verdict == "definition"
    assert page.judge(r"\delta^{(2)} = (\hat y - y) \odot p", latex=True).ok
    assert SM().judge(r"p = \operatorname{softmax}(z^{(1)})", latex=True).verdict == "correct"


LOSSES = [
    (r"J = \frac1m \sum_i J^{(i)}", "correct"),
    (r"J = \sum_i J^{(i)}", "wrong"),
    (r"\frac{\partial J}{\partial W^{[1]}} = \frac1m\sum_{i=1}^m \frac{\partial J^{(i)}}{\partial W^{[1]}}", "correct"),
    (r"\frac{\partial J}{\partial W^{[1]}} = \sum_{i=1}^m \frac{\partial J^{(i)}}{\partial W^{[1]}}", "wrong"),
    (r"\frac{\partial J}{\partial w^{(1)}_{jk}} = \frac1m\sum_i \frac{\partial J_i}{\partial w^{(1)}_{jk}}", "correct"),
]


@pytest.mark.parametrize(("claim", "verdict"), LOSSES)
def test_the_loss_is_the_mean_of_the_examples_losses(claim, verdict):
    assert S().judge(claim, latex=True).verdict == verdict


def test_the_loss_is_their_sum_where_the_network_says_so():
    page = Judge(sb.Network.parse("3-4:sigmoid-2:sigmoid", loss="sse", reduction="sum"))
    assert page.judge(r"J = \sum_i J^{(i)}", latex=True).ok
    assert page.judge(r"J = \frac1m \sum_i J^{(i)}", latex=True).verdict in ("wrong", "unreadable")


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"dW^{[1]}_{jk} = \frac1m\sum_i dZ^{[1]}_{ji}X_{ki}", "correct"),
        (r"dW^{[1]}_{jk} = \frac1m\sum_i dZ^{[1]}_{ij}X_{ik}", "wrong"),
        (r"dW^{[1]}_{jk} = \sum_i dZ^{[1]}_{ji}X_{ki}", "wrong"),
    ],
)
def test_examples_are_columns_in_the_convention_ng(claim, verdict):
    assert G0().judge(claim, latex=True).verdict == verdict
