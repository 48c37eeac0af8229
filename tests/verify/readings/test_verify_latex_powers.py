"""Powers in LaTeX: of a matrix they are the matrix's or have no meaning; those of each element have a sign of their own."""

import pytest

import symbp as sb
from symbp.verification.judge import Judge

ELEMENTS = sb.Problem({"A": "n n", "B": "m n", "v": "n", "s": ""},
                      ["K = 1/A", "S = A**2", "R = sqrt(A)", "P = A@A", "C = 1/B", "w = v**2", "u = 1/v",
                       "J = sum(K) + sum(S) + sum(R) + sum(P) + sum(C) + sum(w) + sum(u) + s**2"], "J",
                      given=["A > 0"])  # fmt: skip
OF_POWERS = [
    (r"K = (A)^{-1}", "wrong"),
    (r"K = A^{-1}", "wrong"),
    (r"K = {A}^{-1}", "wrong"),
    (r"K = [A]^{-1}", "wrong"),
    (r"K = \mathbf{A}^{-1}", "wrong"),
    (r"K = (\mathbf{A})^{-1}", "wrong"),
    (r"K = \left(A\right)^{-1}", "wrong"),
    (r"K = ((A^T)^{-1})^T", "wrong"),
    (r"K = (A^T)^{-T}", "wrong"),
    (r"K = (1 \cdot A)^{-1}", "wrong"),
    (r"(K)^{-1} = A", "wrong"),
    (r"A = (K)^{-1}", "wrong"),
    (r"C = (B)^{-1}", "unreadable"),
    (r"R = (A)^{1/2}", "unreadable"),
    (r"R = (A)^{\frac12}", "unreadable"),
    (r"S = (A)^2", "wrong"),
    (r"S = A^2", "wrong"),
    (r"S = |A|^2", "unreadable"),
    (r"P = (A)^2", "correct"),
    (r"P = A^2", "correct"),
    (r"S = A^{\circ 2}", "correct"),
    (r"S = A^{\odot 2}", "correct"),
    (r"S = A \odot A", "correct"),
    (r"K = A^{\circ -1}", "correct"),
    (r"K = A^{\circ (-1)}", "correct"),
    (r"R = A^{\circ \frac12}", "correct"),
    (r"P = A^{\circ 2}", "wrong"),
    (r"\frac{\partial J}{\partial s} = 2 s", "correct"),
    (r"K = (A B^T B)^{-1}", "wrong"),
    (r"K = 2^{A}", "unreadable"),
]


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("claim", "verdict"), OF_POWERS)
def test_powers_of_matrices_are_never_those_of_elements(claim, verdict):
    v = Judge.of_problem(ELEMENTS).judge(claim, latex=True)
    assert v.verdict == verdict, v
    if verdict == "unreadable":
        assert v.reason


def test_what_is_derived_has_a_sign_for_powers_of_elements():
    problem = sb.Problem({"A": "m n", "G": "m n"}, ["K = 1/A", "J = sum(G*K)"], "J")
    v = Judge.of_problem(problem).judge(r"\frac{\partial J}{\partial A} = G \oslash A", latex=True)
    assert v.verdict == "wrong" and r"^{\circ 2}" in (v.expected or ""), v
    assert Judge.of_problem(problem).judge(v.expected, latex=True).verdict == "correct"


def test_numpys_powers_are_those_of_elements():
    assert sb.verify(ELEMENTS, ["K = A**(-1)", "S = A**2", "R = A**(1/2)", "C = B**(-1)"]).ok


@pytest.mark.parametrize("definition", [r"M = \frac{1}{K}", "M = A", r"M = A \odot A \oslash A", "M = 1/K"])
def test_powers_of_names_that_are_defined_by_elements(definition):
    judge = Judge.of_problem(ELEMENTS)
    assert judge.judge(definition).verdict == "definition"
    assert judge.judge(r"K = (M)^{-1}", latex=True).verdict == "wrong"
    assert judge.judge(r"K = M^{\circ -1}", latex=True).verdict == "correct"


SAID = [
    (r"w = (v)^2", "powers of vectors"),
    (r"u = (v)^{-1}", "powers of vectors"),
    (r"u = \frac{1}{v}", "division by a vector"),
    (r"K = \frac{1}{A}", "division by a vector or a matrix"),
    (r"R = \sqrt{A}", "square matrix"),
]


@pytest.mark.parametrize(("claim", "note"), SAID)
def test_what_is_taken_element_by_element_is_said(claim, note):
    v = Judge.of_problem(ELEMENTS).judge(claim, latex=True)
    assert v.verdict == "correct" and note in v.note, v


def test_powers_of_vectors_side_by_side_are_refused():
    v = Judge.of_problem(ELEMENTS).judge("w = v v", latex=True)
    assert v.verdict == "unreadable" and "side by side" in v.reason


NET = sb.Network.parse("3-4:tanh-2", loss="sse")
OF_WEIGHTS = [
    (r"W^{(1)} = ((W^{(1)})^{-1})^{-1}", "unreadable"),
    (r"W^{(1)} = ((W^{(1)})^{2})^{1/2}", "unreadable"),
    (r"\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)} x^T \odot (W^{(1)})^2 \oslash (W^{(1)})^2", "unreadable"),
    (r"\delta^{(1)} = W^{(2)T} \delta^{(2)} \odot (1 - (a^{(1)})^2)", "correct"),
]


@pytest.mark.parametrize(("claim", "verdict"), OF_WEIGHTS)
def test_powers_of_weights(claim, verdict):
    v = Judge(NET).judge(claim, latex=True)
    assert v.verdict == verdict, v
    if v.ok:
        assert "powers of vectors" in v.note


@pytest.mark.parametrize(
    "square", [r"\tanh(z^{(1)})^{\circ 2}", r"g(z^{(1)})^{\odot 2}", r"\left(\tanh(z^{(1)})\right)^{\circ 2}"]
)
def test_a_power_of_each_element_stands_behind_a_function_too(square):
    net = sb.Network.parse("3-4:tanh-2", loss="sse")
    assert sb.verify(net, rf"\delta^{{(1)}} = e^{{(1)}} \odot (1 - {square})").ok
    wrong = sb.verify(net, rf"\delta^{{(1)}} = e^{{(1)}} \odot (1 - {square.replace('2}', '3}')})")
    assert wrong.verdict == "wrong" and wrong.fix
