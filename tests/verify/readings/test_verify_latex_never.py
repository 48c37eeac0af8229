"""What must not happen to examples, powers and losses in LaTeX: a wrong formula called right, or a right one wrong."""

import pytest

import symbp as sb
from symbp.notation import notation_named
from symbp.verification.accumulate import Memory
from symbp.verification.judge import Judge

NETS = {
    "S": ("3-4:sigmoid-2:sigmoid", "sse", "iitm", None),
    "SN": ("3-4:sigmoid-2:sigmoid", "sse", "iitm", True),
    "T": ("3-4:tanh-5:tanh-2:tanh", "sse", "iitm", None),
    "C": ("3-4:relu-2:softmax", "cross_entropy", "iitm", None),
    "CN": ("3-4:relu-2:softmax", "cross_entropy", "iitm", True),
    "B": ("3-1:sigmoid", "binary_cross_entropy", "iitm", None),
    "E": ("3-4:sigmoid-2:sigmoid", "squared_error", "esl", None),
    "NI": ("3-4:sigmoid-2:sigmoid", "sse", "nielsen", None),
    "EQ": ("2-2:sigmoid-2:sigmoid", "sse", "iitm", None),
}
_judges: dict[str, Judge] = {}


def judge(name: str) -> Judge:
    if name not in _judges:
        arch, loss, convention, batch = NETS[name]
        net = sb.Network.parse(arch, loss=loss, bias=name != "E")
        _judges[name] = Judge(net, batch=batch, notation=notation_named(convention))
    _judges[name].memory = Memory()  # each formula is from another page
    return _judges[name]


NEVER_RIGHT = [
    ("S", r"\frac{\partial J}{\partial W^2} = \delta^2 (a^2)^T"),
    ("S", r"\frac{\partial J}{\partial W^2_{ij}} = \delta^2_i a^2_j"),
    ("S", r"\pdv{J}{W_{2,ij}} = \delta_{2,i} a_{2,j}"),
    ("S", r"∂J/∂W² = δ² (a²)ᵀ"),
    ("S", r"W^2 \leftarrow W^2-\eta\delta^2(a^2)^T"),
    ("T", r"\frac{\partial J}{\partial W^3}=\delta^3(a^3)^T"),
    ("T", "dW^2=dz^2(a^2)^T"),
    ("EQ", r"\frac{\partial J}{\partial W^2} = \delta^2 (a^2)^T"),
    ("S", r"\frac{\partial J}{\partial W^{(i)}} = \delta^{(i)} a^{(i)T}"),
    ("S", r"dW^{(i)} = dz^{(i)}a^{(i)T}"),
    ("S", r"\nabla_{W^{(i)}}J=\delta^{(i)}x^T"),
    ("S", r"\frac{\partial J}{\partial W^{(i)}_{jk}}=\delta_j^{(i)}a_k^{(i)}"),
    ("S", r"J = \sum_i J^{(i)}"),
    ("S", r"\frac{\partial J}{\partial W^{[1]}} = \frac{\partial J^{(i)}}{\partial W^{[1]}}"),
    ("S", r"\frac{\partial J^{(i)}}{\partial W^{(2)}} = \frac{\partial J}{\partial W^{(2)}}"),
    ("S", r"\frac{\partial J}{\partial b^{[1]}} = \sum_i \frac{\partial J^{(i)}}{\partial b^{[1]}}"),
    ("S", r"\frac{\partial J}{\partial b^{[1]}} = \sum_i \frac{\partial J^{(i)}}{\partial z^{[1](i)}}"),
    ("C", r"\frac{\partial J}{\partial W^{(1)}} = \sum_i \frac{\partial J^{(i)}}{\partial z^{(1)(i)}}x^{(i)T}"),
    (
        "S",
        r"\frac{\partial J^{(i)}}{\partial z^{[2](i)}} = \frac1m(a^{[2](i)}-y^{(i)})\odot a^{[2](i)}\odot(1-a^{[2](i)})",
    ),
    ("S", r"\frac{\partial J^{(i)}}{\partial \hat y^{(i)}} = \frac1m(\hat y^{(i)}-y^{(i)})"),
    ("S", r"\frac{\partial J^{(i)}}{\partial W^{[1]}} = \frac1m\delta^{[1](i)}x^{(i)T}"),
    ("C", r"\nabla_{W^{(2)}}J^{(i)} = \frac1m(p^{(i)}-y^{(i)})a^{(1)(i)T}"),
    ("S", r"J^{(i)} = \frac1{2m}\|a^{[2](i)}-y^{(i)}\|^2"),
    ("C", r"\frac{\partial J_n}{\partial z^{(2)}_{nk}} = \frac1N(p_{nk}-y_{nk})"),
    (
        "S",
        r"\frac{\partial J}{\partial W^{(2)}} = \frac1m\sum_i \delta^{(2)(i)} a^{(1)(i)T} = \sum_i \delta^{(2)(i)} a^{(1)(i)T}",
    ),
    (
        "S",
        r"\delta^{(2)(i)} = \frac1m(a^{(2)(i)}-y^{(i)})\odot g'(z^{(2)(i)}) = (a^{(2)(i)}-y^{(i)})\odot g'(z^{(2)(i)})",
    ),
    ("S", r"\frac{\partial J}{\partial b^{(2)}} = \frac1m\sum_i\delta^{(2)(i)} = \delta^{(2)}"),
    ("S", r"\frac{\partial}{\partial W^{(1)}}\frac12\|y^{(i)}-\hat y^{(i)}\|^2 = \frac1m\sum_i\delta^{(1)(i)}x^{(i)T}"),
    ("S", r"\frac{\partial}{\partial b^{(2)}}\frac12\|y-a^{(2)}\|^2 = \frac1m\sum_i\delta^{(2)(i)}"),
    (
        "S",
        r"\frac{\partial}{\partial z^{(2)(i)}}\frac12\|y^{(i)}-a^{(2)(i)}\|^2 = \frac1m(a^{(2)(i)}-y^{(i)})\odot g'(z^{(2)(i)})",
    ),
    (
        "S",
        r"\frac{\partial}{\partial z^{(2)(i)}}\frac1{2m}\sum_i\|y^{(i)}-a^{(2)(i)}\|^2 = (a^{(2)(i)}-y^{(i)})\odot g'(z^{(2)(i)})",
    ),
    ("S", r"J = \frac12\|a^{[2](i)}-y^{(i)}\|^2"),
    ("C", r"J = -y^{(i)T}\log p^{(i)}"),
    ("B", r"J = -\sum_n[y_n\log p_n+(1-y_n)\log(1-p_n)]"),
    ("E", r"\frac{\partial R}{\partial\beta_{km}} = \delta_{ki}z_{mi}"),
    ("S", r"\frac{\partial J}{\partial b^{(2)}} = \sum_{k=1}^{K}\delta^{(2)}_k"),
    ("S", r"\frac{\partial J}{\partial b^{(1)}} = \sum_j\delta^{(1)}_j"),
    ("S", r"\frac{\partial J}{\partial W^{(2)}} = \sum_k \delta_k^{(2)}a_k^{(1)T}"),
    ("C", r"\frac{\partial J}{\partial b^{(2)}} = \frac1m\sum_i(p^{(i)}-y)"),
    ("C", r"\frac{\partial J}{\partial b^{(1)}} = \frac1m\sum_i W^{(2)T}(p^{(i)}-y^{(i)})\odot g'(z^{(1)})"),
    ("C", r"\delta^{(1)(i)}=W^{(2)T}\delta^{(2)}\odot g'(z^{(1)(i)})"),
    ("S", r"J=\frac1{2m}\sum_i\|a^{(2)(i)}-y\|_2^2"),
    ("S", r"J=\frac1{2m}\sum_i(a^{(2)(i)}-y^{(i)})\odot(a^{(2)(i)}-y^{(i)})"),
    ("C", r"J=-\frac1m\sum_i y^{(i)}\log p^{(i)}"),
    ("SN", r"\delta^{(1)}_{ij} = (W^{(2)T}\delta^{(2)})_{ji}g'(z^{(1)}_{ij})"),
]


@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.parametrize(("net", "claim"), NEVER_RIGHT)
def test_never_right(net: str, claim: str) -> None:
    v = judge(net).judge(claim, latex=True)
    assert v.verdict in ("wrong", "unreadable"), v


NEVER_WRONG = [
    ("S", r"J = \frac1m \sum_i J^{(i)}"),
    ("S", r"\frac{\partial J}{\partial W^{[1]}} = \frac1m\sum_{i=1}^m \frac{\partial J^{(i)}}{\partial W^{[1]}}"),
    ("SN", r"J^{(i)} = \frac12\|a^{[2](i)}-y^{(i)}\|^2"),
    ("CN", r"J^{(i)} = -y^{(i)T}\log p^{(i)}"),
    ("CN", r"\nabla_{b^{(1)}}J^{(i)}=\delta^{(1)(i)}"),
    ("CN", r"\nabla_{W^{(2)}}J^{(i)}=(p^{(i)}-y^{(i)})a^{(1)(i)T}"),
    ("C", r"\frac{\partial J_n}{\partial z^{(2)}_{nk}} = p_{nk}-y_{nk}"),
    ("SN", r"\delta^{(1)}_{ij} = (W^{(2)T}\delta^{(2)})_{ij}g'(z^{(1)}_{ij})"),
    ("NI", r"\frac{d\sigma(z)}{dz} = \sigma(z)-\sigma^2(z)"),
    ("T", r"\Delta^{(l)} = \sum_i \delta^{(l)(i)}a^{(l-1)(i)T}"),
    ("B", r"\theta_j := \theta_j+\alpha(y^{(i)}-h_\theta(x^{(i)}))x_j^{(i)}"),
    ("B", r"J = -\frac1N\sum_n[y_n\log p_n+(1-y_n)\log(1-p_n)]"),
    ("S", r"\frac{\partial J}{\partial b^{[1]}} = \frac1m\sum_i \frac{\partial J^{(i)}}{\partial z^{[1](i)}}"),
    ("S", r"\frac{\partial J^{(i)}}{\partial z^{[2](i)}} = (a^{[2](i)}-y^{(i)})\odot a^{[2](i)}\odot(1-a^{[2](i)})"),
    ("C", r"\delta^{(1)(i)}=W^{(2)T}(p^{(i)}-y^{(i)})\odot 1[z^{(1)(i)}>0]"),
    ("S", r"\frac{\partial}{\partial W^{(1)}}\frac12\|y^{(i)}-\hat y^{(i)}\|^2 = \delta^{(1)(i)}x^{(i)T}"),
    (
        "S",
        r"\frac{\partial}{\partial W^{(1)}}\frac1{2m}\sum_i\|y^{(i)}-\hat y^{(i)}\|^2 = \frac1m\sum_i\delta^{(1)(i)}x^{(i)T}",
    ),
    ("C", r"J^{(i)}=-\sum_ky_k^{(i)}\log p_k^{(i)}"),
    ("S", r"W^{(1)} := W^{(1)}-\alpha\delta^{(1)(i)}x^{(i)T}"),
    ("S", r"\delta^{(1)}_i = W^{(2)T}_{ik}\delta^{(2)}_k g'(z^{(1)}_i)"),
    ("S", r"J = \frac12\sum_k(\hat y_k - y_k)^2"),
]


@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.parametrize(("net", "claim"), NEVER_WRONG)
def test_never_wrong(net: str, claim: str) -> None:
    v = judge(net).judge(claim, latex=True)
    assert v.verdict in ("correct", "unreadable"), v


def test_one_reading_throughout_a_page() -> None:
    claims = [
        r"\delta^{(2)(i)} = (a^{(2)(i)}-y^{(i)})\odot g'(z^{(2)(i)})",
        r"\frac{\partial J}{\partial b^{(2)}} = \sum_i\delta^{(2)(i)}",
        r"\frac{\partial J}{\partial b^{(2)}} = \frac1m\sum_i\delta^{(2)(i)}",
    ]
    page = Judge(judge("S").net)
    assert [page.judge(c, latex=True).verdict for c in claims] == ["correct", "wrong", "correct"]


LIKELIHOOD = r"\ell(\theta) = y\log h_\theta(x) + (1-y)\log(1-h_\theta(x))"
AFTER = {
    r"\nabla_\theta \ell(\theta) = (y-h_\theta(x))x": "correct",
    r"\frac{\partial}{\partial \theta_j} \ell(\theta) = (y-h_\theta(x))x_j": "correct",
    r"\theta := \theta + \alpha \nabla_\theta \ell(\theta)": "correct",
    r"\frac{\partial \ell}{\partial \theta_j} = (h_\theta(x) - y)x_j": "wrong",
    r"\theta := \theta - \alpha \nabla_\theta \ell(\theta)": "wrong",
}


def test_the_log_likelihood_of_a_page() -> None:
    page = Judge(judge("B").net)
    assert (
        page.judge(r"\nabla_\theta \ell(\theta) = (y-h_\theta(x))x", latex=True).verdict == "wrong"
    )  # nobody has said so
    assert page.judge(LIKELIHOOD, latex=True).ok
    for claim, verdict in AFTER.items():
        v = page.judge(claim, latex=True)
        assert v.verdict == verdict and "log-likelihood" in v.note and v.fix != claim, v


CONDITIONS = {
    r"\frac{\partial p_i}{\partial z_j} = -p_i p_j \quad (j \neq i)": "correct",
    r"\frac{\partial p_i}{\partial z_j} = p_i (1 - p_i) \quad \text{if } i = j": "correct",
    r"\frac{\partial p_i}{\partial z_j} = p_i (1 - p_j), \quad i = j": "correct",
    r"\frac{\partial p_i}{\partial z_j} = p_i p_j \quad \text{for } i \neq j": "wrong",
    r"\frac{\partial p_i}{\partial z_j} = p_i (1 + p_i) \quad \text{if } i = j": "wrong",
    r"\frac{\partial p_i}{\partial z_j} = p_i (1 - p_j)": "wrong",
}


@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.parametrize("claim", CONDITIONS)
def test_conditions_on_indices(claim: str) -> None:
    page = Judge(sb.Network.parse("4-3:softmax", loss="cross_entropy"))
    assert page.judge(claim, latex=True).verdict == CONDITIONS[claim]


NG = sb.Network.parse("3-4:tanh-1:sigmoid", loss="binary_cross_entropy")
NG_RIGHT = [
    r"dZ^{[2]} = A^{[2]} - Y",
    r"dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}",
    r"db^{[2]} = \frac1m dZ^{[2]}\mathbf 1",
    r"dZ^{[1]} = W^{[2]T} dZ^{[2]} * g^{[1]'}(Z^{[1]})",
    r"dW^{[1]} = \frac1m dZ^{[1]} X^T",
    r"dA^{[2]} = -\frac{Y}{A^{[2]}} + \frac{1-Y}{1-A^{[2]}}",
    r"dz^{[2](i)} = a^{[2](i)} - y^{(i)}",
    r"dW^{[2]} = \frac1m\sum_{i=1}^m dz^{[2](i)}a^{[1](i)T}",
    r"dz^{[2]} = a^{[2]} - y",
    r"dW^{[2]} = dz^{[2]} a^{[1]T}",
]
NG_WRONG = [
    r"dW^{[1]} = dZ^{[1]} X^T",
    r"dZ^{[2]} = \frac1m (A^{[2]} - Y)",
    r"dZ^{[1]} = W^{[2]T} dZ^{[2]}",
    r"dZ^{[1]} = W^{[2]} dZ^{[2]} * g^{[1]'}(Z^{[1]})",
    r"dW^{[2]} = \sum_{i=1}^m dz^{[2](i)}a^{[1](i)T}",
    r"dZ^{[2]} = Y - A^{[2]}",
    r"db^{[2]} = \frac1m dZ^{[2]}",
]


@pytest.mark.parametrize("claim", NG_RIGHT)
def test_the_convention_in_which_derivatives_are_those_of_each_loss(claim: str) -> None:
    assert Judge(NG, notation=notation_named("ng")).judge(claim, latex=True).verdict == "correct"


@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.parametrize("claim", NG_WRONG)
def test_mistakes_in_that_convention(claim: str) -> None:
    assert Judge(NG, notation=notation_named("ng")).judge(claim, latex=True).verdict == "wrong"


REGULARIZED = sb.Network.parse("3-4:tanh-2", loss="sse", regularization={"l2": 0.01})
SUMS = [
    ([r"dW^{[2]} = \sum_i dz^{[2](i)} a^{[1](i)T}", r"dW^{[2]} \mathrel{+}= \lambda W^{[2]}"], "wrong"),
    ([r"dW^{[2]} = \frac1m\sum_i dz^{[2](i)} a^{[1](i)T}", r"dW^{[2]} \mathrel{+}= \lambda W^{[2]}"], "correct"),
    ([r"dW^{[2]} = \lambda W^{[2]}", r"dW^{[2]} \mathrel{+}= \frac{1}{m}\sum_i dz^{[2](i)} a^{[1](i)T}"], "correct"),
]


@pytest.mark.parametrize(("lines", "verdict"), SUMS)
def test_a_sum_in_parts_is_added_up_once(lines: list[str], verdict: str) -> None:
    page = Judge(REGULARIZED, notation=notation_named("ng"))
    assert [v.verdict for v in page.judge_all(list(enumerate(lines)))] == ["definition", verdict]


def test_the_output_at_another_example_is_refused() -> None:
    page = Judge(sb.Network.parse("3-4:sigmoid-2", loss="sse"), notation=notation_named("esl"))
    assert page.judge(r"R_i = \frac12 \sum_k (y_{ik} - f_k(x_i))^2", latex=True).ok
    assert page.judge(r"R_i = \frac12 \sum_k (y_{ik} - f_k(x_j))^2", latex=True).verdict == "unreadable"


DEEP = [
    r"\delta^{(1)}_k = " + "1[" * 40 + "z_k" + " > 0]" * 40,
    r"a^1 = " + "g^1(" * 40 + "z^1" + ")" * 40,
    r"J = ⟨y, \hat y⟩ ⟦y⟧",
    "dW1 = " + " @ ".join(["W1", "W1.T"] * 20),
    r"y_i = x_j," + " " * 3000 + "!",
]


@pytest.mark.parametrize("claim", DEEP, ids=range(len(DEEP)))
def test_deep_and_long_formulas_are_answered(claim: str) -> None:
    assert judge("C").judge(claim).verdict in ("unreadable", "wrong", "undecided")
