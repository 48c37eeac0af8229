"""Problems that read at places: right claims are proved, wrong ones rejected with a counterexample; what cannot be said is refused."""

import pytest
from place_problems import PLACED

import symbp as sb
from symbp.errors import InputError

RIGHT = [(name, c) for name, case in PLACED.items() for c in case.right]
WRONG = [(name, c) for name, case in PLACED.items() for c in case.wrong]


@pytest.mark.parametrize(("name", "claim"), RIGHT)
def test_right_claims_are_proved(name, claim):
    verdict = sb.verify(PLACED[name].problem, claim)
    assert (verdict.verdict, verdict.how) == ("correct", "exact"), f"{verdict}"


@pytest.mark.parametrize(("name", "claim"), WRONG)
def test_wrong_claims_have_a_counterexample(name, claim):
    verdict = sb.verify(PLACED[name].problem, claim)
    assert verdict.verdict == "wrong", f"{verdict}"
    assert verdict.counterexample is not None
    assert verdict.fix is None or sb.verify(PLACED[name].problem, verdict.fix).verdict == "correct", verdict.fix


@pytest.mark.parametrize("name", PLACED)
def test_the_derived_equations_are_right(name):
    problem = PLACED[name].problem
    for s in problem.setting.program.statements:
        if s.target.of and s.target.of in problem.tensors:
            letters = ",".join(i.name for i in s.indices)
            verdict = sb.verify(problem, f"d{s.target.of}[{letters}] = 17")
            assert verdict.expected is None or sb.verify(problem, verdict.expected).verdict == "correct", verdict.expected
