"""Formulas of the lectures, and of textbooks, in the network's names: right ones are proved, wrong ones are not."""

import pytest
from lecture_formulas import RIGHT, WRONG

import symbp as sb
from symbp.verification.judge import Judge

_judges: dict[tuple[str, str], Judge] = {}


def _judge(problem):
    return _judges.setdefault(problem, Judge(sb.Network.parse(problem[0], loss=problem[1])))


@pytest.mark.thinned(6)
@pytest.mark.parametrize(
    ("problem", "claim"), [(p, c.strip()) for p, text in RIGHT.items() for c in text.strip().splitlines()]
)
def test_right_formulas_are_proved(problem, claim):
    v = _judge(problem).judge(claim)
    assert (v.verdict, v.how) == ("correct", "exact"), v


@pytest.mark.thinned(6)
@pytest.mark.parametrize(
    ("problem", "line"), [(p, c.strip()) for p, text in WRONG.items() for c in text.strip().splitlines()]
)
def test_wrong_formulas_are_rejected_and_explained(problem, line):
    claim, cause, fix = (part.strip() for part in line.split("|"))
    v = _judge(problem).judge(claim)
    assert v.verdict == "wrong", v
    assert not cause or v.cause == cause, v
    assert not fix or v.fix.replace(" ", "") == fix.replace(" ", ""), v  # the author's own spacing stays
    assert v.counterexample is not None or v.column is not None, v
    if v.fix:
        again = _judge(problem).judge(v.fix)
        assert again.verdict == "correct", (v, again)
