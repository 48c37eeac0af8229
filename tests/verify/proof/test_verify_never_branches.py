"""Numbers that make a case distinction vanish: each branch of a claim, and of the derivation, is met, however far away or narrow,
or seen to be empty; else nothing is called right."""

from functools import cache

import pytest

import symbp as sb
from symbp.verification.judge import Judge


def problem(forward, **tensors):
    return sb.Problem(tensors or {"x": "n"}, forward, "J")


PROBLEMS = {
    "linear": problem(["J = sum(x)"]),
    "two": problem(["J = x + y"], x="", y=""),
    "matrix": problem(["J = sum(A)"], A="n d"),
    "far abs": problem(["J = sum(abs(x - 300))"]),
    "far root": problem(["J = sum(sqrt((x - 300)**2))"]),
    "far clip": problem(["J = sum(maximum(x, 300))"]),
    "far log": problem(["J = sum(log((x - 50)**2))"]),
}


@cache
def judge(name):
    if name in PROBLEMS:
        return Judge.of_problem(PROBLEMS[name])
    return Judge(sb.Network.parse("3-4:sigmoid-2:sigmoid", loss="sse"))


@pytest.fixture(autouse=True)
def no_search(monkeypatch):
    """What mends a claim is another question, which takes long."""
    monkeypatch.setattr("symbp.verification.explaining.diagnose", lambda *_: None)


SOMETIMES = [  # 0 for most x, and something else for some
    "where(x > 100, 1, 0)", "1[exp(x) < 1e-9]", "1[x > 1e6]", "1[x > 1e300]", "1[x < -1e12]", "1[1 < x]*1[x < 1.0001]",
    "1[1 < x]*1[x < 1 + 1e-9]", "where(abs(x - 1) < 1e-9, 1, 0)", "1[(x - 1)**2 < 1e-12]", "1[tanh(x) > 0.999999]",
    "1[sigmoid(x) > 0.999999]", "1[softmax(x) > 0.9999]", "1[x**2 > 10**8]", "1[x**3 < -1e9]", "1[x*J > 10**9]", "1[sin(x) > 0.9999999]",
    "1[norm(x) > 1000]*(1 + 0*x)", "1[norm(x) < 1e-6]*(1 + 0*x)", "1[mean(1[x > 100]) > 0.5]*(1 + 0*x)", "prod(1[x > 100])*(1 + 0*x)",
    "prod(1[x < -50]) + 0*x", "1[x > 100]*1[J < 0]", "where(x > 100, where(J < -100, 1, 0), 0)", "maximum(x - 1e5, 0)", "minimum(x + 1e7, 0)",
    "abs(x - 1e7) - (1e7 - x)", "sign(x - 1e5) + 1", "floor(x/1e15)", "floor(sigmoid(x)*1.0000001)", "relu(x - 1e4)*relu(1e4 + 1 - x)",
    "max(x - 1e6, 0)", "min(1e6 - x, 0)", "hard_tanh(x/1000) - x/1000", "relu6(x/1000) - relu(x/1000)", "sqrt((x - 20)**2) - (20 - x)",
    "exp(log((x - 20)**2)/2) - (20 - x)", "((x - 20)**4)**(1/4) - (20 - x)", "(x - 20)/sqrt((x - 20)**2) + 1", "1[logsumexp(x) > 500]*(1 + 0*x)",
    "1[max(x) - min(x) < 1e-6]*(1 + 0*x)", "1[var(x) > 1e6]*(1 + 0*x)",
]  # fmt: skip


@pytest.mark.thinned(6)
@pytest.mark.parametrize("other", SOMETIMES)
def test_what_is_wrong_beyond_a_far_threshold_is_found(other):
    v = judge("linear").judge(f"dx = 1 + {other}")
    assert v.verdict == "wrong" and v.counterexample, v


MORE = [
    ("two", "dx = 1 + 1[x > 100]*1[y > 100]"), ("two", "dx = 1 + 1[x > y + 100]*1[y > 100]"), ("two", "dx = 1 + 1[abs(x - y) < 1e-8]"),
    ("two", "dx = 1 + 1[x > 3]*1[y > 3]*1[x*y < 9.5]"), ("two", "dx = 1 + 1[x**2 + y**2 < 1e-4]"), ("two", "dx = 1 + where(x > 0, 1[y > 1e3], 0)"),
    ("matrix", "dA = 1 + prod(1[A > 20]) + 0*A"), ("matrix", "dA = 1 + 1[trace(A@A.T) > 1e6]*(1 + 0*A)"), ("far abs", "dx = -1"),
    ("far root", "dx = -1"), ("far clip", "dx = 0"), ("far log", "dx = -2/sqrt((x - 50)**2)"), ("linear", "dx[i] = 1 + 1[x[i] > 1e6]"),
    ("linear", "dx[i] = 1 + 1[1 < x[i]]*1[x[i] < 1.0001]"), ("linear", r"\frac{\partial J}{\partial x_i} = 1 + 1[x_i > 1000]"),
    ("net", "delta1 = e1*g'(z1)*(z1 < 100)"), ("net", "delta1 = e1*g'(z1)*(a1 < 0.99999999)"), ("net", "delta1[i] = e1[i]*g'(z1[i])*1[z1[i] < 100]"),
    ("net", r"\delta^{(1)} = e^{(1)} \odot g'(z^{(1)}) \odot 1[z^{(1)} < 100]"), ("net", "delta1 = e1*g'(z1)*1[norm(x) < 1e4]"),
    ("net", "delta2 = (yhat - y)*g'(z2)*(1 - 1[abs(yhat - y) > 50])"),
]  # fmt: skip


@pytest.mark.thinned(6)
@pytest.mark.parametrize(("name", "claim"), MORE)
def test_wherever_it_stands(name, claim):
    v = judge(name).judge(claim)
    assert v.verdict == "wrong" and v.counterexample, v


NEVER = [  # 0 for all x: proved, or left open
    "1[x > 20]*1[x < 19]", "1[x > 0]*1[x > 1] - 1[x > 1]", "1[x > 1]*1[x > 2]*1[x > 3] - 1[x > 3]", "1[exp(x) < 0]", "1[x**2 < 0]",
    "1[tanh(x) > 2]", "maximum(-x**2, 0)", "abs(x**2 + 1) - x**2 - 1", "1[abs(x) > -1] - 1", "1[softmax(x) > 2]",
]  # fmt: skip
OPEN = ["1[abs(x - 300) + abs(J + 300) < 1]", "1[1 < x]*1[x < 1 + 1e-30]", "atan(1/(x - 20)) + atan(x - 20) + pi/2",
        "1[1 < x]*1[x < 1.1]*1[J > 1000]", "1e-400*1[x > 1]", "*".join(f"(2 - 1[x > {k}])" for k in range(1, 8)) + "*0.5**7 - 1"]  # fmt: skip


@pytest.mark.parametrize("nothing", NEVER)
def test_empty_branches_change_nothing(nothing):
    assert judge("linear").judge(f"dx = 1 + {nothing}").verdict == "correct"


@pytest.mark.parametrize("other", OPEN)
def test_what_is_not_met_is_not_called_right(other):
    assert judge("linear").judge(f"dx = 1 + {other}").verdict in ("undecided", "wrong")


RIGHT = [
    ("far abs", "dx = sign(x - 300)"), ("far root", "dx = sign(x - 300)"), ("far root", "dx = (x - 300)/sqrt((x - 300)**2)"),
    ("far clip", "dx = (x > 300)"), ("far log", "dx = 2/(x - 50)"), ("far log", "dx = 2*(x - 50)/(x - 50)**2"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "claim"), RIGHT)
def test_far_branches_of_the_forward_map(name, claim):
    assert judge(name).judge(claim).verdict == "correct"
