"""Each guard of the proof met once: a claim that only it keeps from being called right, or that is right because of it."""

import pytest

import symbp as sb
from symbp.formula.grammar import read_claim
from symbp.verification.budget import TO_DECIDE
from symbp.verification.judge import Judge
from symbp.verification.proof.domains import settled
from symbp.verification.proof.trial import Trial

TENSORS = {"a": "n", "b": "n", "c": "n", "s": ""}
SQUARE, ROOT, LOG, RELU = "J = sum(a**2)", "J = sum(sqrt(a*b + a*c))", "J = sum(log(a*b + a*c))", "J = sum(relu(a)*b)"
CASES = [
    # a root or a logarithm of what the forward map has one of, in another form
    (ROOT, "da = (b + c)/(2*sqrt(a*(b + c)))", "correct exact"),
    (LOG, "da = exp(log(b + c) - log(a*(b + c)))", "correct numeric"),
    (LOG, "da = 1/a + 0*log(a*(b + c)*exp(s))", "correct numeric"),
    (ROOT, "da = (b + c)/(2*sqrt(a)*sqrt(b + c))", "undecided None"),
    # no value for all of one case, and numbers that are zero but for rounding
    (SQUARE, "da = 2*a + 0/(relu(a) - relu(a))", "wrong exact"),
    (SQUARE, "da = 2*a*relu(a + b)/relu(a + b)", "wrong exact"),
    (SQUARE, "da = 2*a*sqrt(abs(a) - a)/sqrt(abs(a) - a)", "wrong exact"),
    (SQUARE, "da = 2*a + 0*sqrt((a - b)**2 - a**2 + 2*a*b - b**2)", "undecided None"),
    (SQUARE, "da = 2*a + 0*sqrt(a + 1e12)", "wrong exact"),
    # thresholds that random points do not reach, alone and two at once
    (SQUARE, "da = 2*a + 1e-45*relu(a - 1e8)", "wrong exact"),
    (RELU, "da = b*(a > 0)*(1 - (b > 1e6)*(c > 1e6))", "wrong exact"),
    (RELU, "da = b*(a > 0) + 1e-9*relu(b - 1e7)*relu(c - 1e7)", "undecided None"),
    # numbers beside which others vanish, and rounded ones
    (RELU, "db = relu(a)*tanh(40)*tanh(40)", "wrong exact"),
    (SQUARE, "da = 2*a + floor(tanh(a)**2/1e9)", "undecided None"),
    (SQUARE, "da = 2*a*(1e-40*a)/(1e-40*a)", "correct exact"),
    # a product of the signs of a whole axis
    (RELU, "db = relu(a) + prod(1[a > 0])*0.5", "wrong exact"),
]


@pytest.mark.parametrize(("loss", "claim", "expected"), CASES)
def test_a_guard_holds(loss, claim, expected):
    v = sb.verify(sb.Problem(TENSORS, [loss], "J"), claim)
    assert f"{v.verdict} {v.how}" == expected, v


def test_what_was_not_looked_at_in_time_is_not_right():
    judge = Judge.of_problem(sb.Problem(TENSORS, [SQUARE], "J"))
    points, comparison = judge.first.points, judge.first.compare(read_claim("da = 2*a*relu(a + b)/relu(a + b)"))
    points.budget.begin()
    assert settled(Trial(points, comparison)).counterexample
    points.budget.spent = TO_DECIDE + 1
    assert settled(Trial(points, comparison)).reason
