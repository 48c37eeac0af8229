r"""Documents without a directive: what they define is what they are about, and what is wrong in them is found."""

import json

import pytest

from symbp.commands.main import run
from symbp.documents.equations import equations
from symbp.documents.guessing.subject import guessed_subject
from symbp.documents.judged import heard_equations
from symbp.documents.left_alone import LeftAlone

OK, BAD, DEF, ALONE = "correct", "wrong", "definition", "alone"

MLP = r"""
The network is $z = W^{(1)} x + b^{(1)}$, $h = \sigma(z)$, $o = W^{(2)} h + b^{(2)}$, $y = \mathrm{softmax}(o)$ and
$L = -\sum_k t_k \log y_k$ with the target $t$.
"""
LOGISTIC = r"""
$z = w^T x + b$, $\hat y = \sigma(z)$, $L = -[y \log \hat y + (1 - y) \log(1 - \hat y)]$
"""
RIDGE = r"""
$J(w) = \frac12 \|Xw - y\|^2 + \frac{\lambda}{2} \|w\|^2$
"""
GATES = r"""
$q = x + y$ and $f = q z$.
"""
SPLIT = r"""
$z = W x$, $h = \phi(z)$, $o = V h$, $L = l(o, y)$, $s = \frac{\lambda}{2} (\|W\|_F^2 + \|V\|_F^2)$, $J = L + s$
"""
ROWS = r"""
$Z = X W + b$, $A = \tanh(Z)$, $S = A V + c$, $J = \frac{1}{2n} \|S - Y\|_F^2$
"""
ALL_LAYERS = r"""
$z^l = w^l a^{l-1} + b^l$ and $a^l = \sigma(z^l)$
"""
ERRORS = r"""
$z^{(1)} = W^{(1)} x$, $a^{(1)} = \tanh(z^{(1)})$, $\hat y = W^{(2)} a^{(1)}$, $J = \frac12 \|\hat y - y\|^2$ and
$e^{(1)} := W^{(2)T} (\hat y - y)$.
"""


def said(page: str, markdown: bool = True) -> list[str]:
    """What is said of the equations of a page, in order."""
    found = equations(page, markdown)
    subject = guessed_subject(found, page)
    assert subject is not None
    return [ALONE if isinstance(v, LeftAlone) else v.verdict for _, v in heard_equations(subject, found)]


CLAIMS = [
    (MLP, r"\frac{\partial L}{\partial o} = y - t", OK),
    (MLP, r"\frac{\partial L}{\partial o} = t - y", BAD),
    (MLP, r"\frac{\partial L}{\partial W^{(2)}} = (y - t) h^\top", OK),
    (MLP, r"\frac{\partial L}{\partial W^{(2)}} = h (y - t)^\top", BAD),
    (MLP, r"\frac{\partial L}{\partial z} = W^{(2)\top} (y - t) \odot h \odot (1 - h)", OK),
    (MLP, r"\frac{\partial L}{\partial z} = W^{(2)\top} (y - t) \odot (1 - h)", BAD),
    (MLP, r"\frac{\partial y_i}{\partial o_j} = y_i (1 - y_j)", BAD),
    (LOGISTIC, r"\frac{\partial L}{\partial w_j} = (\hat y - y) x_j", OK),
    (LOGISTIC, r"\frac{\partial L}{\partial w_j} = (\hat y - y) \hat y (1 - \hat y) x_j", BAD),
    (LOGISTIC, r"w := w - \alpha \frac{\partial L}{\partial w}", OK),
    (LOGISTIC, r"w := w + \alpha \frac{\partial L}{\partial w}", BAD),
    (RIDGE, r"\nabla_w J = X^T (X w - y) + \lambda w", OK),
    (RIDGE, r"\nabla_w J = X^T (X w - y) + 2 \lambda w", BAD),
    (RIDGE, r"\nabla J(w) = X (X w - y) + \lambda w", BAD),
    (RIDGE, r"w = (X^T X + \lambda I)^{-1} X^T y", ALONE),
    (GATES, r"\frac{\partial f}{\partial x} = z", OK),
    (GATES, r"\frac{\partial f}{\partial x} = q", BAD),
    (GATES, r"\frac{\partial q}{\partial x} = 1", OK),
    (GATES, r"\frac{\partial q}{\partial x} = 2", BAD),
    (GATES, r"\frac{\partial f}{\partial x} = -4", ALONE),
    (SPLIT, r"\frac{\partial J}{\partial L} = 1", OK),
    (SPLIT, r"\frac{\partial s}{\partial W} = \lambda W", OK),
    (SPLIT, r"\frac{\partial s}{\partial W} = 2 \lambda W", BAD),
    (SPLIT, r"\frac{\partial J}{\partial W} = \frac{\partial J}{\partial z} x^T + \lambda W", OK),
    (SPLIT, r"\frac{\partial J}{\partial W} = \frac{\partial J}{\partial z} x^T", BAD),
    (SPLIT, r"\frac{\partial J}{\partial z} = \frac{\partial J}{\partial h} \odot \phi(z)", BAD),
    (ROWS, r"\frac{\partial J}{\partial V} = A^T \frac{\partial J}{\partial S}", OK),
    (ROWS, r"\frac{\partial J}{\partial V} = \frac{\partial J}{\partial S} A^T", BAD),
    (ROWS, r"\frac{\partial J}{\partial c} = \mathbf{1}^T \frac{\partial J}{\partial S}", OK),
    (ALL_LAYERS, r"\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)", OK),
    (ALL_LAYERS, r"\delta^l = (w^{l+1} \delta^{l+1}) \odot \sigma'(z^l)", BAD),
    (ALL_LAYERS, r"\delta^L = (a^L - y) \odot \sigma'(z^L)", OK),
    (ALL_LAYERS, r"\delta^L = 2 (a^L - y) \odot \sigma'(z^L)", ALONE),  # of another loss, which the page does not say
    (ALL_LAYERS, r"\frac{\partial C}{\partial b^l} = \delta^{l+1}", BAD),
    (ERRORS, r"\frac{\partial J}{\partial z^{(1)}} = e^{(1)} \odot (1 - a^{(1)} \odot a^{(1)})", OK),
    (ERRORS, r"\frac{\partial J}{\partial z^{(1)}} = e^{(1)} \odot (1 - a^{(1)})", BAD),
]


@pytest.mark.parametrize(("page", "claim", "verdict"), CLAIMS)
def test_a_page_is_judged_by_what_it_defines(page: str, claim: str, verdict: str) -> None:
    assert said(f"{page}\n$${claim}$$\n")[-1] == verdict


def test_definitions_are_no_claims_whatever_they_say() -> None:
    assert said(MLP) == [DEF] * 5
    assert said(SPLIT) == [DEF] * 6


@pytest.mark.parametrize(
    ("page", "claim", "last"),
    [
        (LOGISTIC, r"\delta = \frac{\partial L}{\partial z} = \hat y - y", OK),
        (LOGISTIC, r"\delta = \frac{\partial L}{\partial z} = y - \hat y", BAD),
        (LOGISTIC, r"\delta := \frac{\partial L}{\partial z}$$ so $$\delta = y - \hat y", BAD),
        (MLP, r"\delta_k \equiv \frac{\partial L}{\partial o_k} = y_k - t_k", OK),
        (MLP, r"\delta_k \equiv \frac{\partial L}{\partial o_k} = t_k - y_k", BAD),
        (MLP, r"\delta_1 = \frac{\partial L}{\partial z} = W^{(2)\top} (y - t) \odot h", BAD),
    ],
)
def test_a_letter_that_is_a_derivative_is_no_other_in_the_same_breath(page: str, claim: str, last: str) -> None:
    assert said(f"{page}\n$${claim}$$")[-2:] == [DEF, last]


def test_a_name_may_get_another_meaning() -> None:
    page = (
        GATES
        + r"$\frac{\partial f}{\partial x} = z$. Now $f = q^2$ and $\frac{\partial f}{\partial x} = 2q$, not $\frac{\partial f}{\partial x} = q$."
    )
    assert said(page) == [DEF, DEF, OK, DEF, OK, BAD]


def test_the_loss_of_one_example_stands_beside_that_of_all() -> None:
    page = r"""
$J(w) = \frac12 \|Xw - y\|^2$, and of one example $J_i = \frac12 (w^T x_i - y_i)^2$.

$$\nabla_w J_i = (w^T x_i - y_i) x_i$$
$$\nabla_w J = X^T (X w - y)$$
$$\nabla_w J_i = (w^T x_i - y_i) w$$
$$\nabla_w J = X^T X w$$
"""
    assert said(page) == [DEF, DEF, OK, OK, BAD, BAD]


def test_a_mean_over_examples_is_about_the_network_that_is_defined() -> None:
    mean = r"$J = \frac{1}{m} \sum_{i=1}^m L^{(i)}$"
    right = r"\frac{\partial J}{\partial w_j} = \frac{1}{m} \sum_{i=1}^m (\hat y^{(i)} - y^{(i)}) x_j^{(i)}"
    wrong = r"\frac{\partial J}{\partial w_j} = \sum_{i=1}^m (\hat y^{(i)} - y^{(i)}) x_j^{(i)}"
    assert said(f"{LOGISTIC}\n{mean}\n$${right}$$\n$${wrong}$$")[-2:] == [OK, BAD]
    assert said(f"{LOGISTIC}\n$${right}$$")[-1] == ALONE  # the page does not say what J is


def test_a_mean_over_examples_of_a_hypothesis() -> None:
    page = r"$h_\theta(x) = \theta^T x$, $J(\theta) = \frac{1}{2m}\sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)})^2$."
    right = r"\frac{\partial J}{\partial \theta_j} = \frac1m\sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) x^{(i)}_j"
    wrong = r"\frac{\partial J}{\partial \theta_j} = \frac1m\sum_{i=1}^m (y^{(i)} - h_\theta(x^{(i)})) x^{(i)}_j"
    assert said(f"{page}\n$${right}$$\n$${wrong}$$")[-2:] == [OK, BAD]


def test_a_function_of_which_the_slope_alone_is_said() -> None:
    page = r"""
$o = \varphi(v)$, $v = w^T x$, $E = \frac12 (t - o)^2$. For the logistic function $\varphi'(v) = o (1 - o)$, so

$$\frac{\partial E}{\partial w_i} = -(t - o) o (1 - o) x_i$$
$$\frac{\partial E}{\partial w_i} = -(t - o) (1 - o^2) x_i$$
"""
    assert said(page) == [DEF, DEF, DEF, OK, OK, BAD]


def test_a_letter_of_a_function_means_what_the_page_says() -> None:
    page = r"$z = Wx$, $h = \sigma(z)$, $\sigma(x) = \max(0, x)$, $L = \frac12 \|h - y\|^2$"
    assert said(f"{page}\n" + r"$$\frac{\partial L}{\partial z} = (h - y) \odot h \odot (1 - h)$$")[-1] == BAD
    assert said(f"{page}\n" + r"$$\sigma'(z) = \sigma(z) (1 - \sigma(z))$$")[-1] == BAD


def test_what_was_guessed_and_left_alone_is_listed_and_a_directive_overrides_it(tmp_path, capsys) -> None:
    path = tmp_path / "page.md"
    path.write_text(LOGISTIC + r"Say $x = 2$. $$\frac{\partial L}{\partial b} = \hat y - y$$", encoding="utf-8")
    assert run(["verify", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "z = w@x + b" in found["guessed"]["page.md"]
    assert [(x["claim"], x["reason"]) for x in found["left_alone"]] == [("x = 2", "numbers of an example")]
    assert run(["verify", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "judged by what it defines" in shown and "line 3: x = 2  (numbers of an example)" in shown
    path.write_text('<!-- symbp: arch = "3-1:sigmoid", loss = "sse" -->\n' + path.read_text("utf-8"), encoding="utf-8")
    assert run(["verify", str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert "guessed" not in found and found["results"][-1]["verdict"] == "wrong"


def test_the_guess_does_not_depend_on_the_order_of_sets() -> None:
    texts = set()
    for _ in range(3):
        found = equations(MLP, True)
        subject = guessed_subject(found, MLP)
        assert subject is not None
        texts.add(subject.said)
    (text,) = texts
    assert text.startswith("z = W1@x + b1; h = sigmoid(z); o = W2@h + b2; y = softmax(o); L = ")
    assert text.endswith("with W1 (n0 n1), x (n1), b1 (n0), W2 (n2 n0), b2 (n2), t (n2)")
