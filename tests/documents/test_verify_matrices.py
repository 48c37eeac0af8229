"""Matrices with their entries on both sides of an equation: each entry is a claim, and a wrong one is found."""

from __future__ import annotations

import pytest

import symbp as sb
from symbp.documents.equations import equations
from symbp.documents.judged import judge_equations
from symbp.verification.judge import Judge

LEFT = r"\begin{pmatrix} e^{(1)}_{1} \\[2pt] e^{(1)}_{2} \end{pmatrix}"
DELTA = r"\begin{pmatrix} \delta^{(2)}_{1} \\ \delta^{(2)}_{2} \\ \delta^{(2)}_{3} \end{pmatrix}"
WEIGHTS = r"\begin{pmatrix} w_{11} & w_{21} & w_{31} \\ w_{12} & w_{22} & w_{32} \end{pmatrix}".replace("w", "w^{(2)}")
SLOPES = r"\begin{pmatrix} a^{(1)}_{1} (1 - a^{(1)}_{1}) \\ a^{(1)}_{2} (1 - a^{(1)}_{2}) \end{pmatrix}"
FIRST = r"\begin{bmatrix} \delta^{(1)}_{1} \\ \delta^{(1)}_{2} \end{bmatrix}"


def verdicts(equation: str) -> list[str]:
    judge = Judge(sb.Network.parse("4-2:sigmoid-3:sigmoid", loss="sse"))
    found = judge_equations(judge, equations(rf"\[ {equation} \]", False))
    return ["none" if v is None else v.verdict for v in found]


def test_each_entry_is_a_claim() -> None:
    assert verdicts(f"{LEFT} = {WEIGHTS} {DELTA}") == ["correct", "correct"]
    assert verdicts(rf"{FIRST} = {SLOPES} \odot {LEFT}") == ["correct", "correct"]


def test_a_number_in_front_and_an_element_behind() -> None:
    judge = Judge(sb.Network.parse("4-2:sigmoid-1:sigmoid", loss="squared_error"))
    text = r"\[ %s = \begin{pmatrix} w^{(2)}_{11} \\ w^{(2)}_{12} \end{pmatrix} \delta^{(2)}_{1} \]"
    for left, ok in ((LEFT, True), (LEFT.replace("e^{(1)}_{2}", "e^{(1)}_{1}"), False)):
        found = [v for v in judge_equations(judge, equations(text % left, False)) if v is not None]
        assert len(found) == 2 and all(v.ok for v in found) is ok


@pytest.mark.parametrize(("wrong", "ok"), [("", True), ("2", False)])
def test_an_element_in_front(wrong: str, ok: bool) -> None:
    judge = Judge(sb.Network.parse("4-2:sigmoid-1:sigmoid", loss="squared_error"))
    left = r"\begin{pmatrix} \dfrac{\partial J}{\partial w^{(2)}_{11}} & \dfrac{\partial J}{\partial w^{(2)}_{12}} \end{pmatrix}"
    text = rf"\[ {left} = \delta^{{(2)}}_{{1}} \begin{{pmatrix}} {wrong} a^{{(1)}}_{{1}} & a^{{(1)}}_{{2}} \end{{pmatrix}} \]"
    found = [v for v in judge_equations(judge, equations(text, False)) if v is not None]
    assert [v.ok for v in found] == [ok, True]


@pytest.mark.parametrize(
    ("right", "entry"), [("w^{(2)}_{31}", 0), ("w^{(2)}_{12}", 1), ("w^{(2)}_{32}", 1), (r"\delta^{(2)}_{2}", 0)]
)
def test_a_wrong_entry_is_found(right: str, entry: int) -> None:
    wrong = f"{LEFT} = {WEIGHTS} {DELTA}".replace(right, f"2 {right}")
    assert verdicts(wrong)[entry] == "wrong"


@pytest.mark.parametrize(
    "right", [f"{DELTA} {WEIGHTS}", rf"{WEIGHTS} \odot {DELTA}", f"{WEIGHTS}^T {DELTA}", f"{WEIGHTS} + {DELTA}"]
)
def test_what_is_no_product_of_matrices_is_not_proved(right: str) -> None:
    assert "correct" not in verdicts(f"{LEFT} = {right}")
