"""What is derived is found right when it is read back, and found wrong when it is multiplied by -17."""

import pytest

import symbp as sb
from symbp.calculus.text import statement_text
from symbp.formula.grammar import read_claim
from symbp.verification.diagnosis.derived import expected
from symbp.verification.judge import Judge

LONG = [
    (("3-4:tanh-2:softmax", "cross_entropy"), "rows", True),
    (("3-4:relu-2:sigmoid", "binary_cross_entropy"), "columns", False),
    (("3-4:relu-2:sigmoid", "binary_cross_entropy"), "columns", True),
    (("3-4:selu-2:softmax", "sse"), "columns", True),
    (("3-2:relu6-4:hard_tanh-3", "huber"), "rows", True),
    (("3-4:leaky_relu-2:exp", "poisson"), "rows", True),
    (("3-4:softplus-2:log_softmax", "nll"), "columns", True),
]
PROBLEMS = [
    (("3-4:tanh-2:softmax", "cross_entropy"), "columns", True),
    (("3-4:gelu-2", "mse"), "columns", False),
    (("3-4:relu-2:sigmoid", "binary_cross_entropy"), "rows", False),
    *(pytest.param(*case, marks=pytest.mark.sweep) for case in LONG),
]


def _equations(judge, batch):
    setting = (judge.several if batch else judge.example).setting
    for name, s in setting.program.definitions.items():
        if name in setting.known:
            yield from {statement_text(s), expected(setting, read_claim(f"{name} = 0"))}


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("problem", "layout", "batch"), PROBLEMS)
def test_derived_equations_are_right_and_their_multiples_wrong(problem, layout, batch):
    judge = Judge(sb.Network.parse(problem[0], loss=problem[1]), layout, batch)
    count = 0
    for text in _equations(judge, batch):
        v = judge.judge(text)
        assert (v.verdict, v.how) == ("correct", "exact"), v
        left, right = text.split(" = ", 1)
        wrong = judge.judge(f"{left} = -17*({right})")
        assert (wrong.verdict, wrong.cause) == ("wrong", "factor"), wrong
        count += 1
    assert count > 10
