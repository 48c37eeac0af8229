"""Vectors in LaTeX: a vector stands as a column or a row, and a missing transpose is a mistake like any other.

The wrong forms here are right for NumPy's vectors of one axis, which have no orientation; that they are wrong, and that the right
forms are right, is said once more by matrices of numbers with distinct sizes in which vectors have two axes.
"""

from functools import cache

import numpy as np
import pytest

import symbp as sb
from symbp.notation import notation_named
from symbp.verification.judge import Judge

BILINEAR = {"tensors": {"A": "m n", "r": "m", "x": "n"}, "forward": ["J = r@A@x"], "loss": "J"}
SQUARES = {"tensors": {"y": "n", "X": "n d", "w": "d"}, "forward": ["J = sum((y - X@w)**2)"], "loss": "J"}
CHAIN = {
    "tensors": {"A": "m n", "B": "k m", "x": "n", "c": "k"},
    "forward": ["u = A@x", "v = tanh(u)", "J = c@(B@v)"],
    "loss": "J",
}
AFFINE = {
    "tensors": {"X": "n d", "W": "d k", "b": "k", "Y": "n k"},
    "forward": ["Z = X@W + b", "J = sum((Z - Y)**2)/2"],
    "loss": "J",
}
LOGISTIC = {
    "tensors": {"X": "n d", "w": "d", "b": "", "t": "n"},
    "forward": ["z = X@w + b", "J = sum(log(1 + exp(-t*z)))"],
    "loss": "J",
}
ROWS = {"tensors": {"A": "m n", "r": "m"}, "forward": ["J = r@sum(A, axis=1)"], "loss": "J"}
PROBLEMS = {
    "logistic": LOGISTIC,
    "rows": ROWS,
    "bilinear": BILINEAR,
    "squares": SQUARES,
    "chain": CHAIN,
    "affine": AFFINE,
}


def page(name, **more):
    return Judge.of_problem(sb.Problem(**{**PROBLEMS[name], **more}) if more else _problem(name))


@cache
def _problem(name):
    return sb.Problem(**PROBLEMS[name])


RIGHT = [
    ("bilinear", r"\frac{\partial J}{\partial A} = r x^T"),
    ("bilinear", r"\frac{\partial J}{\partial A} = (x r^T)^T"),
    ("bilinear", r"\frac{\partial J}{\partial x} = A^T r"),
    ("bilinear", r"\frac{\partial J}{\partial x} = (r^T A)^T"),
    ("bilinear", r"\left(\frac{\partial J}{\partial x}\right)^T = r^T A"),
    ("bilinear", r"\frac{\partial J}{\partial x} = \frac12(A^T r + (r^T A)^T)"),
    ("bilinear", r"\frac{\partial J}{\partial r} = A x"),
    ("bilinear", r"J = r^T A x"),
    ("bilinear", r"J = x^T A^T r"),
    ("bilinear", r"J = \langle r, A x \rangle"),
    ("squares", r"\nabla_w J = 2X^T(Xw - y)"),
    ("squares", r"\nabla_w J = -2X^T y + 2X^T X w"),
    ("squares", r"\nabla_w J = -2X^T(y - Xw)"),
    ("squares", r"J = (y - Xw)^T(y - Xw)"),
    ("squares", r"J = \|y - Xw\|^2"),
    ("squares", r"\nabla_w J = -2\sum_i (y_i - \sum_j X_{ij} w_j) X_i"),
    ("chain", r"\frac{\partial J}{\partial v} = B^T c"),
    ("chain", r"\frac{\partial J}{\partial u} = B^T c \odot (1 - v \odot v)"),
    ("chain", r"\frac{\partial J}{\partial A} = (B^T c \odot (1 - v \odot v)) x^T"),
    ("chain", r"\frac{\partial J}{\partial A} = \operatorname{diag}(1 - v \odot v) B^T c x^T"),
    ("chain", r"\frac{\partial J}{\partial B} = c v^T"),
    ("affine", r"\frac{\partial J}{\partial W} = X^T (Z - Y)"),
    ("affine", r"\frac{\partial J}{\partial b} = \mathbf 1^T (Z - Y)"),
    ("affine", r"\frac{\partial J}{\partial b} = (Z - Y)^T \mathbf 1"),
    ("affine", r"Z = X W + b"),
    ("affine", r"Z = X W + \mathbf 1 b"),
    ("affine", r"Z = X W + \mathbf 1 b^T"),
    ("bilinear", r"J = \langle A, r x^T \rangle"),
    ("bilinear", r"\frac{\partial J}{\partial A} = r \mathbf 1^T \odot \mathbf 1 x^T"),
    ("rows", r"\frac{\partial J}{\partial A} = r \mathbf 1^T"),
    ("rows", r"J = \langle A, r \mathbf 1^T \rangle"),
    ("rows", r"J = r^T A \mathbf 1"),
    ("logistic", r"\frac{\partial J}{\partial b} = -\sum_i t_i \sigma(-t_i z_i)"),
    ("logistic", r"\frac{\partial J}{\partial b} = \sum_i \frac{\partial J}{\partial z_i}"),
    ("logistic", r"z_i = w^TX_i + b"),
    ("logistic", r"z^T = w^TX^T + b"),
]
WRONG = [  # the claim, and what its fix is where it is a transpose that is wrong
    ("bilinear", r"\frac{\partial J}{\partial A} = r^T x", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial A} = r x", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial A} = r \cdot x", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial A} = x r^T", "transpose operand_order"),
    ("bilinear", r"\frac{\partial J}{\partial A} = r \odot x", "transpose hadamard_for_product"),
    ("bilinear", r"\frac{\partial J}{\partial A} = r \odot x^T", "transpose hadamard_for_product"),
    ("bilinear", r"\frac{\partial J}{\partial A} = \frac{r}{1/x^T}", ""),
    ("bilinear", r"\frac{\partial J}{\partial x} = r A", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial x} = r \cdot A", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial x} = r^T A", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial x} = \frac12(A^T r + r^T A)", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial x} = \frac12(A^T r + r A)", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial x} = 2A^T r - r^T A", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial x} = A^T r + x - x^T", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial x} = \frac{r A}{2} \cdot 2", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial r} = (A x)^T", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial r} = x^T A^T", "transpose"),
    ("bilinear", r"\frac{\partial J}{\partial r} = x A^T", "transpose"),
    ("bilinear", r"J = r A x", "transpose"),
    ("squares", r"\nabla_w J = -2yX + 2XwX", "transpose"),
    ("squares", r"\nabla_w J = 2(y-Xw)(-X)", "transpose"),
    ("squares", r"\nabla_w J = 2(Xw - y)^T X", "transpose"),
    ("squares", r"\nabla_w J = 2X(Xw - y)", "transpose"),
    ("squares", r"J = (y - Xw)(y - Xw)^T", "transpose operand_order"),
    ("chain", r"\frac{\partial J}{\partial v} = c B", "transpose"),
    ("chain", r"\frac{\partial J}{\partial v} = c^T B", "transpose"),
    ("chain", r"\frac{\partial J}{\partial u} = c^T B \odot (1 - v \odot v)", "transpose"),
    ("chain", r"\frac{\partial J}{\partial u} = c B \odot (1 - v \odot v)", "transpose"),
    ("chain", r"\frac{\partial J}{\partial A} = (B^T c \odot (1 - v \odot v)) x", "transpose"),
    ("chain", r"\frac{\partial J}{\partial B} = v^T c", "transpose operand_order"),
    ("chain", r"\frac{\partial J}{\partial B} = c \odot v^T", "transpose hadamard_for_product"),
    ("affine", r"\frac{\partial J}{\partial W} = X (Z - Y)", "transpose"),
    ("rows", r"\frac{\partial J}{\partial A} = \mathbf 1 r^T", "shape"),
    ("logistic", r"\frac{\partial J}{\partial b} = -\sum_i \sigma(-t_i z_i)", ""),
    ("logistic", r"z = w^TX^T + b", ""),
]
NO_MEANING = [  # ones of no length that anything says, and inner products of what has different shapes
    ("bilinear", r"\frac{\partial J}{\partial x} = A^T r \mathbf 1"),
    ("bilinear", r"\frac{\partial J}{\partial x} = A^T r \mathbf 1^T"),
    ("bilinear", r"\frac{\partial J}{\partial x} = A^T r \odot \mathbf 1^T"),
    ("bilinear", r"\frac{\partial J}{\partial x} = \langle A, r \rangle"),
    ("bilinear", r"\frac{\partial J}{\partial r} = \langle A^T, x \rangle"),
    ("bilinear", r"\frac{\partial J}{\partial x} = A^T r + \operatorname{tr}(x) - \operatorname{tr}(x)"),
    ("bilinear", r"\frac{\partial J}{\partial x} = A^T r + \langle J, x \rangle - \langle J, x \rangle"),
    ("rows", r"\frac{\partial J}{\partial A} = r \mathbf 1"),
    ("rows", r"\frac{\partial J}{\partial r} = A \mathbf 1 \mathbf 1^T"),
    ("affine", r"\frac{\partial J}{\partial Z} = Z - Y + \mathbf 1^T - 1"),
]


@pytest.mark.parametrize(("problem", "claim"), RIGHT)
def test_right_forms_are_proved(problem, claim):
    v = page(problem).judge(claim, latex=True)
    assert (v.verdict, v.how) == ("correct", "exact") and "left out" not in v.note, v


@pytest.mark.parametrize(("problem", "claim", "causes"), WRONG)
def test_wrong_forms_are_rejected_and_mended(problem, claim, causes):
    v = page(problem).judge(claim, latex=True)
    assert v.verdict == "wrong", v
    if causes:
        assert v.cause in causes.split() and v.fix, v
    if v.fix:
        assert page(problem).judge(v.fix, latex=True).verdict == "correct", v


@pytest.mark.parametrize(("problem", "claim"), NO_MEANING)
def test_what_fits_only_because_a_length_is_taken_for_one_is_not_right(problem, claim):
    assert page(problem).judge(claim, latex=True).verdict in ("unreadable", "wrong")


def test_a_residual_of_the_page_called_e_may_be_transposed():
    judge = page("squares")
    claims = {"e = y - Xw": "definition", "J = e^T e": "correct", r"J = e^\top e": "correct", "J = e e^T": "wrong",
              r"\nabla_w J = -2X^T e": "correct", r"\nabla_w J = -2e^T X": "wrong"}  # fmt: skip
    assert {c: judge.judge(c, latex=True).verdict for c in claims} == claims


@pytest.mark.parametrize("square", [r"\left(A\right)^2", "(A)^2", "(A^T)^2", "(A - 0A)^2", r"(A)^2 + (A)^2 - (A)^2"])
def test_the_square_of_a_matrix_is_not_its_squared_length(square):
    v = Judge.of_problem(sb.Problem({"A": "n n"}, ["J = sum(A**2)"], "J")).judge(f"J = {square}", latex=True)
    assert v.verdict in ("unreadable", "wrong"), v


def _value(text, scope):
    """A side in NumPy, where vectors have two axes."""
    return eval(text, {"__builtins__": {}, "np": np}, scope)


def test_the_forms_by_numbers():
    rng = np.random.default_rng(3)
    A, r, x = rng.normal(size=(2, 3)), rng.normal(size=(2, 1)), rng.normal(size=(3, 1))
    scope = {"A": A, "r": r, "x": x}
    step = 1e-6

    def loss(x):
        return (r.T @ A @ x).item()

    slope = np.array([[(loss(x + step * e[:, None]) - loss(x - step * e[:, None])) / (2 * step)] for e in np.eye(3)])
    np.testing.assert_allclose(_value("A.T @ r", scope), slope, rtol=1e-6)
    assert _value("r.T @ A", scope).shape != slope.shape
    with pytest.raises(ValueError, match="mismatch"):
        _value("r.T @ x", scope)


NETS = {"columns": {}, "rows": {"layout": "rows"}}
OF_NETS = [  # a claim, and the layout in which it is right
    (r"\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)} x^T", "columns"),
    (r"\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)T} x", "rows"),
    (r"\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)} x", ""),
    (r"\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)} \cdot x", ""),
    (r"\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)} \odot x", ""),
    (r"\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)} \odot x^T", ""),
    (r"\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)T} \odot x", ""),
    (r"\frac{\partial J}{\partial W^{(1)}} = \frac{\delta^{(1)}}{1/x^T}", ""),
    (r"\frac{\partial J}{\partial W^{(1)}} = x \delta^{(1)T}", ""),
    (r"e^{(1)} = W^{(2)T} \delta^{(2)}", "columns"),
    (r"e^{(1)} = \delta^{(2)} W^{(2)}", "rows"),
    (r"e^{(1)} = \delta^{(2)T} W^{(2)}", ""),
    (r"e^{(1)} = W^{(2)} \delta^{(2)}", ""),
    (r"e^{(1)} = \frac12(W^{(2)T} \delta^{(2)} + \delta^{(2)T} W^{(2)})", ""),
    (r"\frac{\partial J}{\partial b^{(1)}} = \delta^{(1)T}", ""),
    (r"z^{(1)} = W^{(1)} x + b^{(1)}", "columns"),
    (r"z^{(1)} = x W^{(1)T} + b^{(1)}", "rows"),
    (r"z^{(1)} = W^{(1)} x + b^{(1)T}", ""),
]


@pytest.mark.thinned(3)
@pytest.mark.parametrize("layout", NETS)
@pytest.mark.parametrize(("claim", "right"), OF_NETS)
def test_vectors_of_a_network(layout, claim, right):
    net = sb.Network.parse("3-4:tanh-2:sigmoid", loss="sse")
    v = Judge(net, layout).judge(claim, latex=True)
    assert v.verdict == ("correct" if right == layout else "wrong"), v
    if v.verdict == "wrong" and r"\odot" not in claim:
        assert v.fix and Judge(net, layout).judge(v.fix, latex=True).verdict == "correct", v


CONVENTIONS = [
    ("iitm", r"\frac{\partial J}{\partial W^{(1)}} = %s"),
    ("nielsen", r"\frac{\partial C}{\partial w^1} = %s"),
    ("ng", r"dW^{[1]} = %s"),
]


@pytest.mark.parametrize(("convention", "claim"), CONVENTIONS)
def test_each_convention_wants_its_transpose(convention, claim):
    delta, x = {
        "iitm": (r"\delta^{(1)}", "x"),
        "nielsen": (r"\delta^1", "a^0"),
        "ng": ("dz^{[1]}", "x"),
    }[convention]
    judge = Judge(sb.Network.parse("3-4:tanh-2:sigmoid", loss="sse"), notation=notation_named(convention))
    for right, form in (
        (True, rf"{delta} ({x})^T"),
        (False, f"{delta} {x}"),
        (False, rf"({delta})^T {x}"),
        (False, rf"{delta} + ({x})^T"),
    ):
        v = judge.judge(claim % form, latex=True)
        assert v.ok == right and v.verdict != "unreadable", v


# transposes that are left out are believed on evidence beside the claim, and said

LEFT_OUT = [r"\frac{\partial J}{\partial x} = r A", r"\frac{\partial J}{\partial r} = x A^T", r"J = r A x"]
NEVER = [  # whatever an author leaves out, these have another meaning, or none
    r"\frac{\partial J}{\partial A} = r^T x",
    r"\frac{\partial J}{\partial A} = r x",
    r"\frac{\partial J}{\partial x} = r^T A",
    r"\frac{\partial J}{\partial x} = \frac12(A^T r + r^T A)",
    r"\frac{\partial J}{\partial x} = 2 r A",
]
EVIDENCE = {
    "a forward map in LaTeX": lambda: page("bilinear", forward=["J = r A x"]),
    "a setting": lambda: page("bilinear", transposes="dropped"),
    "a definition": lambda: _after_a_definition(),
}


def _after_a_definition():
    judge = page("bilinear")
    v = judge.judge("q = r A", latex=True)
    assert v.verdict == "definition" and "left out" in v.note, v
    return judge


@pytest.mark.parametrize("evidence", EVIDENCE)
def test_transposes_are_believed_to_be_left_out_on_evidence(evidence):
    judge = EVIDENCE[evidence]()
    for claim in LEFT_OUT:
        v = judge.judge(claim, latex=True)
        assert v.verdict == "correct" and "transposes of vectors are left out" in v.note, v
    for claim in NEVER:
        assert judge.judge(claim, latex=True).verdict == "wrong", claim
    full = judge.judge(r"\frac{\partial J}{\partial x} = A^T r", latex=True)
    assert full.verdict == "correct" and not full.note


@pytest.mark.parametrize(
    "claims", [["q = r@A"], [r"q = A^T r"], [r"\frac{\partial J}{\partial x} = r A"], ["J = r A x"]]
)
def test_what_is_no_evidence(claims):
    judge = page("bilinear")
    for claim in claims:
        judge.judge(claim)
    for claim in LEFT_OUT:
        assert judge.judge(claim, latex=True).verdict == "wrong"


def test_a_directive_in_a_document(tmp_path):
    text = '% symbp: arch = "3-4:tanh-2", loss = "sse"{}\n$e^{{(1)}} = \\delta^{{(2)}} W^{{(2)}}$\n'
    for said, right in (("", False), (', transposes = "written"', False), (', transposes = "dropped"', True)):
        path = tmp_path / "page.tex"
        path.write_text(text.format(said), encoding="utf-8")
        from symbp.documents.jobs import Wishes, jobs_of

        (job,) = jobs_of([str(path)], [], Wishes(sb.Network.parse))
        ((v, _),) = job.verdicts()
        assert v is not None and v.ok == right and ("left out" in v.note) == right, v


def test_rows_of_a_forward_map_in_latex():
    problem = sb.Problem({"x": "d", "W": "d k", "b": "k", "y": "k"}, ["z = x W + b", r"J = \|z - y\|^2"], "J")
    right = [r"\frac{\partial J}{\partial W} = 2 x^T (z - y)", r"\frac{\partial J}{\partial x} = 2 (z - y) W^T"]
    wrong = [r"\frac{\partial J}{\partial W} = 2 x (z - y)^T", r"\frac{\partial J}{\partial x} = 2 W (z - y)"]
    assert all(v.verdict == "correct" for v in sb.verify(problem, right))
    assert all((v.verdict, v.cause) == ("wrong", "transpose") for v in sb.verify(problem, wrong))
    assert sb.verify(problem, ["dW = 2*outer(x, z - y)", "dx = 2*W@(z - y)"]).ok  # NumPy's vectors have one axis


def test_a_bias_stands_one_way_throughout_a_page():
    row, column = (
        r"\frac{\partial J}{\partial b} = \mathbf 1^T (Z - Y)",
        r"\frac{\partial J}{\partial b} = (Z - Y)^T \mathbf 1",
    )
    for first, second in ((row, column), (column, row)):
        judge = page("affine")
        assert judge.judge(first, latex=True).verdict == "correct"
        v = judge.judge(second, latex=True)
        assert (v.verdict, v.cause) == ("wrong", "transpose"), v


FACTORS = sb.Problem({"r": "u i", "p": "u k", "q": "i k"}, ["J = sum((r - p@q.T)**2)"], "J")
OF_SLICES = [
    (r"\frac{\partial J}{\partial p_u} = -2\sum_i (r_{ui} - p_u^T q_i) q_i", "correct"),
    (r"\frac{\partial J}{\partial p_u} = -2\sum_i (r_{ui} - p_u q_i^T) q_i", "correct"),
    (r"\frac{\partial J}{\partial p_{uk}} = -2\sum_i (r_{ui} - p_u q_i^T) q_{ik}", "correct"),
    (r"J = \sum_{u,i} (r_{ui} - q_i^T p_u)^2", "correct"),
    (r"\frac{\partial J}{\partial p_u} = -2\sum_i (r_{ui} - p_u^T q_i) q_i^T", "wrong"),
    (r"\frac{\partial J}{\partial p_u} = -2\sum_i (r_{ui} - p_u q_i^T) q_i^T", "wrong"),
    (r"\frac{\partial J}{\partial p_u} = -2\sum_i (r_{ui} - p_u q_i) q_i", "unreadable"),
    (r"\frac{\partial J}{\partial p_u} = -2\sum_i (r_{ui} - p_u^T q_i + p_u q_i^T - p_u q_i^T) q_i", "unreadable"),
    (r"\frac{\partial J}{\partial p_u} = -\sum_i (r_{ui} - p_u^T q_i) (q_i + q_i^T)", "wrong"),
]


@pytest.mark.parametrize(("claim", "verdict"), OF_SLICES)
def test_slices_stand_as_is_consistent(claim, verdict):
    v = Judge.of_problem(FACTORS).judge(claim, latex=True)
    assert v.verdict == verdict and (verdict != "wrong" or v.cause == "transpose"), v
