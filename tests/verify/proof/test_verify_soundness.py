"""Claims made to deceive: equal at most points, at most sizes, to most digits; and right ones in forms that look different."""

from functools import cache

import pytest

import symbp as sb
from symbp.verification.judge import Judge

TENSORS = {"x": "n d", "w": "d", "y": "n", "eps": "", "c": ""}
TRUE = "dz = exp(z)*y"


@cache
def judge(name):
    return Judge.of_problem(PROBLEMS[name])


PROBLEMS = {
    "exp": sb.Problem(TENSORS, ["z = x@w", "J = sum(exp(z)*y)"], "J"),
    "log": sb.Problem({"x": "n"}, ["J = sum(log(x))"], "J"),
    "root": sb.Problem({"x": "n", "eps": ""}, ["J = sum(sqrt(x**2 + eps))"], "J"),
    "power": sb.Problem({"x": "n", "y": "n", "c": ""}, ["p = x**c", "J = sum(p*y)"], "J"),
    "relu": sb.Problem({"W": "h d", "x": "d", "y": "h"}, ["z = W@x", "a = relu(z)", "J = sum(a*y)"], "J"),
    "abs": sb.Problem({"W": "h d", "x": "d", "y": "h"}, ["z = W@x", "J = sum(abs(z)*y)"], "J"),
    "square": sb.Problem({"W": "h h", "B": "h h"}, ["A = W@W.T", "J = trace(A@B)"], "J"),
    "larger": sb.Problem({"x": "d", "y": "d", "c": "d"}, ["m = maximum(x, y)", "J = sum(m*c)"], "J"),
    "max": sb.Problem({"x": "n d", "c": "n"}, ["m = max(x, axis=1)", "J = sum(m*c)"], "J"),
    "cubic": sb.Problem({"x": "d", "y": "d"}, ["J = sum(x**2*y)"], "J"),
}

NOTHING = [  # all zero
    "log(z**2) - 2*log(abs(z))", "sqrt(z**2) - abs(z)", "softplus(z) - softplus(-z) - z", "tanh(z) - (2*sigmoid(2*z) - 1)",
    "sigmoid(z) + sigmoid(-z) - 1", "maximum(z, 0) - where(z > 0, z, 0)", "max(z, y) - (z + y + abs(z - y))/2",
    "maximum(z, maximum(y, c)) - maximum(maximum(z, y), c)", "1[exp(z) > 1] - 1[z > 0]", "1[sigmoid(z) > 0.5] - 1[z > 0]",
    "exp(z)**y - exp(z*y)", "(z**6)**(1/3) - z**2", "var(x, axis=1) - (mean(x**2, axis=1) - mean(x, axis=1)**2)",
    "1[z > y] + 1[y > z] - 1", "1[z > 3]*1[z > 2] - 1[z > 3]", "sin(2*z) - 2*sin(z)*cos(z)", "1[exp(z) > 0] - 1", "abs(exp(z)) - exp(z)",
]  # fmt: skip
SOMETHING = [  # zero at most points, at the sizes tried, or to many digits
    "1e-30", "1e-100*z", "1e-299*y", "where(z > 30, 1, 0)", "where(z > 400, 1, 0)", "1[z > 9]*1[y > 9]", "maximum(z - 90, 0)",
    "max(eps - 50, 0)", "floor(eps/1000)", "floor(z/100)", "floor(c)", "1[z > 0]*1[z < 1/490]", "where(abs(z - 1) < 1/400, 1, 0)",
    "(N_n-2)*(N_n-4)*(N_n-6)", "(N_d-3)*(N_d-5)*(N_d-7)*z", "(N_n-2)*(N_n-3)*(N_n-4)*(N_n-5)*(N_n-6)*(N_n-7)", "sin(pi*N_n/2)",
    "cos(pi*N_d) - 1", "prod(1[x > 0], axis=1)", "*".join(f"1[z > {k}]" for k in range(10)), "tanh(400*z) - sign(z)",
    "sigmoid(300 + z**2) - 1", "exp(-400*z**2 - 100)", "(z/400)**300", "min(c, 0)",
]  # fmt: skip
DECEIVING = {  # neither proved nor found wrong would do
    f"{TRUE} + exp(-(20 + z**2)**3)", f"{TRUE}*tanh((9 + z**2)**3)", f"{TRUE}*(1 + 1e-310)", f"{TRUE}*(-1)**N_n",
    f"{TRUE}*exp(2305843009213693951*z)", f"{TRUE} + where(z > 10000, 1, 0)",
}  # fmt: skip


@pytest.mark.parametrize("zero", NOTHING)
def test_right_claims_that_look_different(zero):
    assert judge("exp").judge(f"{TRUE} + {zero}").verdict == "correct"


@pytest.mark.parametrize("other", SOMETHING)
def test_wrong_claims_that_look_right(other, monkeypatch):
    monkeypatch.setattr("symbp.verification.explaining.diagnose", lambda *_: None)
    v = judge("exp").judge(f"{TRUE} + {other}")
    assert v.verdict == "wrong" and v.counterexample, v


@pytest.mark.parametrize(
    "factor", ["(1 + 1e-12)", "(1 + 1e-280)", "exp(2305843009213693951e-60*z)", "cos(pi*N_n)", "sign(c)"]
)
def test_wrong_factors(factor, monkeypatch):
    monkeypatch.setattr("symbp.verification.explaining.diagnose", lambda *_: None)
    assert judge("exp").judge(f"{TRUE}*{factor}").verdict == "wrong"


@pytest.mark.parametrize("claim", sorted(DECEIVING))
def test_what_cannot_be_seen_is_not_called_right(claim):
    assert judge("exp").judge(claim).verdict in ("undecided", "wrong")


@pytest.mark.parametrize(
    ("name", "claim", "verdict"),
    [
        ("log", "dx = 1/abs(x)", "correct"), ("log", "dx = exp(-log(x**2)/2)", "correct"), ("log", "dx = 1/x + floor(x)", "wrong"),
        ("log", "dx = 1/x + 1[x > 1]", "wrong"), ("log", "dx = 1/x + max(x, 1) - 1", "wrong"), ("log", "dx = 1/x + 1[x > 20]", "wrong"),
        ("root", "dx = x/sqrt(x**2 + eps) + 1[eps > 1]", "wrong"), ("root", "dx = x/(sqrt(x**2 + eps) + 1e-40)", "wrong"),
        ("root", "dx = x/sqrt(x**2 + eps) + 1[eps > 100]", "wrong"), ("power", "dx = c*p/x*y", "correct"),
        ("power", "dc = sum(y*p*log(x))", "correct"), ("power", "dx = (c - 1)*x**(c - 1)*y", "wrong"),
        ("square", "dW = (B + B.T)@W", "correct"), ("square", "dW = 2*B@W", "wrong"), ("square", "dA = B", "wrong"),
        ("relu", "dz = y*1[z > 0.001]", "wrong"), ("relu", "dz = y*1[z > 1/490]", "wrong"), ("relu", "dz = y*sign(z)", "wrong"),
    ],
)  # fmt: skip
def test_domains_thresholds_and_symmetry(name, claim, verdict, monkeypatch):
    monkeypatch.setattr("symbp.verification.explaining.diagnose", lambda *_: None)
    assert judge(name).judge(claim).verdict == verdict


def test_what_holds_for_positive_inputs_alone_says_so():
    v = judge("root").judge("dx = x/sqrt(x**2 + abs(eps))")
    assert (v.verdict, v.how) == ("correct", "numeric") and "for positive eps" in v.note


KINKS = [
    ("relu", "dz = y*1[z >= 0]", "z = 0: there the derivation takes 0"), ("relu", "dz = y*(1 + sign(z))/2", "z = 0"),
    ("relu", "dz = y*relu(z)/z", "z = 0: there the formula has no value"), ("relu", "dz = y*a/z", "no value"),
    ("relu", "dz[i] = y[i]*1[z[i] >= 0]", "z = 0"), ("relu", "dW = outer(y*(z >= 0), x)", "z = 0"),
    ("abs", "dz = where(z >= 0, y, -y)", "z = 0"), ("abs", "dz = y*z/abs(z)", "z = 0: there the formula has no value"),
    ("larger", "dx = c*(x > y)", "x = y"), ("larger", "dy = c*(y >= x)", "x = y"),
    ("max", "dx[n,d] = c[n]*1[x[n,d] >= m[n]]", "equal"), ("cubic", "dy = x**3/x", "x = 0: there the formula has no value"),
]  # fmt: skip
SMOOTH = [
    ("relu", "dz = y*1[z > 0]"), ("relu", "dz = y*relu'(z)"), ("relu", "dz = y*(a > 0)"), ("relu", "dz = where(z > 0, y, 0)"),
    ("abs", "dz = y*sign(z)"), ("larger", "dx = c*(x >= y)"), ("larger", "dy = c*(y > x)"), ("cubic", "dx = 2*x*y"),
    ("log", "dx = 1/x"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "claim", "words"), KINKS)
def test_what_is_right_except_at_a_kink_says_so(name, claim, words):
    v = judge(name).judge(claim)
    assert v.verdict == "correct" and "right except where" in v.note and words in v.note, v


@pytest.mark.parametrize(("name", "claim"), SMOOTH)
def test_what_is_right_at_the_kink_too_has_no_note(name, claim):
    v = judge(name).judge(claim)
    assert v.verdict == "correct" and "except" not in v.note, v


def test_kinks_of_a_network():
    net = sb.Network.parse("3-4:relu-2", loss="sse")
    assert "z1 = 0" in sb.verify(net, "delta1 = (W2.T@delta2)*(z1 >= 0)").note
    assert "except" not in sb.verify(net, "delta1 = (W2.T@delta2)*(z1 > 0)").note
    assert "except" not in sb.verify(net, "delta1 = (W2.T@delta2)*g'(z1)").note
