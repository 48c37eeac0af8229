"""Claims with inverses, linear systems and determinants, in three languages: the known forms are proved, the usual mistakes named."""

from __future__ import annotations

import pytest

import symbp as sb
from symbp.verification.judge import Judge

SOLVE = sb.Problem({"A": "d d", "B": "d r", "G": "d r"}, [r"X = A^{-1} B", "J = sum(G*X) + logdet(A)"], "J")
INVERSE = sb.Problem({"A": "d d", "G": "d d"}, ["V = np.linalg.inv(A)", "J = sum(G*V)"], "J")
DETERMINANT = sb.Problem({"A": "d d", "g": ""}, ["J = g*np.linalg.det(A)"], "J")
RIDGE = sb.Problem(
    {"X": "n d", "y": "n", "lam": "", "g": "d"},
    [r"w = (X^T X + lam I)^{-1} X^T y", "J = g^T w"],
    "J",
    given=["lam > 0"],
)
GAUSS = sb.Problem(
    {"r": "n d", "S": "d d"},
    ["J = -(sum((r @ inv(S))*r) + N_n*np.linalg.slogdet(S)[1])/2"],
    "J",
    given=["S = S.T"],
)
FROBENIUS = sb.Problem({"A": "m n", "B": "n m"}, ["J = np.linalg.norm(A) + np.trace(A @ B)"], "J")
TRACE = sb.Problem({"A": "d d"}, ["J = np.trace(A)"], "J")
PROVED = [
    (SOLVE, "dB = np.linalg.solve(A.T, G)"),
    (SOLVE, "dB = inv(A).T @ G"),
    (SOLVE, "dA = inv(A).T - dB @ X.T"),
    (SOLVE, "dB[i,r] = sum(inv(A)[k,i]*G[k,r], k)"),
    (SOLVE, "dA[i,j] = inv(A.T)[i,j] - sum(dB[i,r]*X[j,r], r)"),
    (SOLVE, r"\frac{\partial J}{\partial B} = A^{-T} G"),
    (SOLVE, r"\frac{\partial J}{\partial B} = (A^\top)^{-1} G"),
    (SOLVE, r"\frac{\partial J}{\partial B_{ir}} = \sum_k A^{-1}_{ki} G_{kr}"),
    (SOLVE, r"\frac{\partial J}{\partial A} = A^{-T}(I - G X^T)"),
    (SOLVE, r"J = \operatorname{tr}(G^T X) + \log|\det A|"),
    (SOLVE, r"J = \operatorname{tr}(G^T X) + \ln|A|"),
    (SOLVE, "J = sum(G*X) - logdet(inv(A))"),
    (INVERSE, "dA = -V.T @ dV @ V.T"),
    (INVERSE, "dA[i,j] = -sum(V[k,i]*dV[k,l]*V[j,l], k, l)"),
    (INVERSE, r"\frac{\partial J}{\partial A} = -V^T G V^T"),
    (DETERMINANT, "dA = J*inv(A).T"),
    (DETERMINANT, r"\frac{\partial J}{\partial A} = g \det(A) A^{-T}"),
    (DETERMINANT, "J = g*np.linalg.slogdet(A)[0]*exp(np.linalg.slogdet(A)[1])"),
    (RIDGE, r"\frac{\partial J}{\partial y} = X (X^T X + lam I)^{-1} g"),
    (RIDGE, r"\frac{\partial J}{\partial lam} = -g^T (X^T X + lam I)^{-1} w"),
    (RIDGE, r"w = X^T (X X^T + lam I)^{-1} y"),
    (GAUSS, "dr = -r @ inv(S)"),
    (GAUSS, "dS = (inv(S) @ r.T @ r @ inv(S) - N_n*inv(S))/2"),
    (FROBENIUS, "dA = A/np.linalg.norm(A) + B.T"),
    (TRACE, r"\frac{\partial J}{\partial A} = I"),
]


@pytest.mark.parametrize(("problem", "claim"), PROVED, ids=[c for _, c in PROVED])
def test_the_known_forms_are_proved(problem: sb.Problem, claim: str) -> None:
    verdict = Judge.of_problem(problem).judge(claim)
    assert verdict.verdict == "correct" and verdict.how == "exact", verdict


MISTAKEN = [
    (SOLVE, "dB = inv(A) @ G", "transpose", "A should be transposed", "dB = inv(A.T) @ G"),
    (SOLVE, "dB = A.T @ G", "inverse", "A should be inverted, not only transposed", "dB = inv(A).T @ G"),
    (SOLVE, "dB = G @ inv(A).T", "operand_order", "the operands of G @ inv(A).T are swapped", "dB = inv(A).T @ G"),
    (SOLVE, "dA = inv(A).T + dB @ X.T", "sign", "the sign in", "dA = inv(A).T - dB @ X.T"),
    (SOLVE, "dB[i,r] = sum(inv(A)[i,k]*G[k,r], k)", "transpose", "should be inv", "dB[i,r] = sum(inv(A)[k,i]*G[k,r], k)"),
    (SOLVE, r"\frac{\partial J}{\partial B} = A^T G", "inverse", "inverted", r"\frac{\partial J}{\partial B} = A^{-T} G"),
    (INVERSE, "dA = V.T @ dV @ V.T", "sign", "the sign is wrong", "dA = -V.T @ dV @ V.T"),
    (INVERSE, "dA = -V @ dV @ V", "transpose", "V should be transposed, twice", "dA = -V.T @ dV @ V.T"),
    (DETERMINANT, "dA = g*inv(A).T", "missing_factor", "", None),
    (DETERMINANT, "dA = J*inv(A)", "transpose", "A should be transposed", "dA = J*inv(A.T)"),
    (RIDGE, r"\frac{\partial J}{\partial lam} = g^T (X^T X + lam I)^{-1} w", "sign", "the sign is wrong", None),
]  # fmt: skip


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("problem", "claim", "cause", "why", "fix"), MISTAKEN, ids=[m[1] for m in MISTAKEN])
def test_the_usual_mistakes_are_named(problem: sb.Problem, claim: str, cause: str, why: str, fix: str | None) -> None:
    verdict = Judge.of_problem(problem).judge(claim)
    assert verdict.verdict == "wrong" and verdict.cause == cause, verdict
    assert why in verdict.reason
    assert fix is None or verdict.fix == fix
    assert verdict.fix is None or Judge.of_problem(problem).judge(verdict.fix).ok


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("problem", "claim"), PROVED[::3], ids=[c for _, c in PROVED[::3]])
@pytest.mark.parametrize("change", ["-17 ({})", "0 ({})"])
def test_changed_claims_are_wrong(problem: sb.Problem, claim: str, change: str) -> None:
    left, right = claim.split(" = ", 1)
    times = change if "\\" in claim else change.replace(" ", "*")
    verdict = Judge.of_problem(problem).judge(f"{left} = {times.format(right)}")
    assert verdict.verdict == "wrong", verdict


def test_what_holds_for_a_symmetric_matrix_alone_says_so() -> None:
    problem = sb.Problem({"r": "d", "S": "d d"}, ["J = r @ inv(S) @ r"], "J")
    assert "right where S = S.T" in str(sb.verify(problem, "dr = 2*inv(S) @ r"))
    assert sb.verify(problem, "dr = inv(S) @ r + inv(S).T @ r").ok


REFUSED = {
    "dA = inv(B)": "the inverse of a matrix is not worked out where its axes differ",
    "dA = np.linalg.slogdet(A)": "slogdet gives 2 results",
    "dA = np.linalg.slogdet(A)[2]": "slogdet gives 2 results",
    "dB[i,r] = inv(A)[i]": "this formula takes 2 indices, got 1",
    r"J = \sqrt{2} I": "how large is the identity matrix",
}


@pytest.mark.parametrize("claim", REFUSED)
def test_what_has_no_meaning_is_said(claim: str) -> None:
    verdict = Judge.of_problem(SOLVE).judge(claim)
    assert verdict.verdict == "unreadable" and REFUSED[claim] in verdict.reason, verdict
