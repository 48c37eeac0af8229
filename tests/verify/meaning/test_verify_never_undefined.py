"""A formula without a value where the derivative has one is never called right: roots, logarithms, quotients, powers and functions
of the user's own, in NumPy-like text, in index notation and in LaTeX, of problems and of networks; and right ones stay right."""

from functools import cache

import pytest

import symbp as sb
from symbp.verification.judge import Judge

LINEAR, SQUARE = ["J = sum(x)"], ["J = sum(x**2)"]


def problem(forward, given=(), functions=None, **tensors):
    return sb.Problem(tensors or {"x": "n"}, forward, "J", functions or {}, given=given)


PROBLEMS = {
    "linear": problem(LINEAR),
    "square": problem(SQUARE),
    "scalar": problem(["J = x**2 + y"], x="", y=""),
    "logs": problem(["J = sum(log(x))"]),
    "positive": problem(["J = sum(x)"], ["x > 0"]),
    "affine": problem(["h = x@w + c", "J = sum(log(h))"], x="n d", w="d", c=""),
    "norm": problem(["J = sqrt(sum(x**2))"]),
    "entropy": problem(["p = softmax(z)", "J = -sum(p*log(p))"], z="n k"),
    "cross": problem(["p = softmax(z)", "J = -sum(y*log(p))"], z="n k", y="n k"),
    "binary": problem(["p = sigmoid(z)", "J = -sum(y*log(p) + (1 - y)*log(1 - p))"], z="n", y="n"),
    "layer": problem(["m = mean(x, axis=1, keepdims=True)", "v = var(x, axis=1, keepdims=True)",
                      "h = (x - m)/sqrt(v + eps)", "J = sum(G*h)"], x="n d", G="n d", eps=""),
    "own": problem(["J = sum(f(x))"], functions={"f": "z**2", "root": "sqrt(z)", "pole": "1/(z - 7)"}),
    "where": problem(["J = sum(where(x > 0, x*log(x), x))"]),
    "relu": problem(["a = relu(z)", "J = sum(a**2)"], z="n d"),
    "gauss": problem(["J = sum(log(s) + (x - m)**2/(2*s**2))"], ["s > 0"], x="n", m="n", s="n"),
    "poisson": problem(["r = exp(x@w)", "J = sum(r - y*log(r))"], x="n d", w="d", y="n"),
    "cosine": problem(["J = (x@y)/(norm(x)*norm(y))"], x="d", y="d"),
    "gelu": problem(["a = gelu(z)", "J = sum(a**2)"], z="n"),
}  # fmt: skip
NETS = {
    "net of sigmoid": ("3-4:sigmoid-2:sigmoid", "sse"),
    "net of relu": ("3-4:relu-2", "sse"),
    "net of softmax": ("3-4:tanh-3:softmax", "cross_entropy"),
    "net of binary": ("3-4:tanh-1:sigmoid", "binary_cross_entropy"),
}


@cache
def judge(name):
    return Judge.of_problem(PROBLEMS[name]) if name in PROBLEMS else net(name)


@cache
def net(name):
    arch, loss = NETS[name]
    return Judge(sb.Network.parse(arch, loss=loss))


ONE = [  # all 1 where they have a value, and without one for some x
    "sqrt(x)/sqrt(x)", "exp(log(x))/x", "x**0.5/x**0.5", "x**(1/3)*x**(-1/3)", "(x**0.5)**0", "1 + 0*sqrt(x)", "1 + 0*log(x)",
    "1 + 0*log1p(x)", "1 + 0*x**x", "1 + 0*x**1.5", "1 + 0*sqrt(x + 10**12)", "1 + 0*sqrt(10**6 - x**2)", "1 + 0*log(10**9 - x)",
    "(1 + 0*x)*(sqrt(J) > 0)", "sqrt(J)/sqrt(J) + 0*x", "0*x + 1/(1 + 0*log(J))", "relu(x)/relu(x)",
    "(x > 0)/(x > 0)", "1 + 0/maximum(x, 0)", "1 + 0/(abs(x) - x)", "1 + 0/floor(x)", "1 + 0/relu(x - 1000)", "1 + 0*log(abs(x) - x)",
    "1 + 0/where(x > 900, 0, 1)", "1 + 0/minimum(x, 0)", "1 + 0*log(relu(x))", "1 + 0*sqrt(sin(x))", "1 + 0*sqrt(tanh(x) + 0.99999)",
    "where(x > 0, sqrt(-x)/sqrt(-x), 1)", "1 + 0*where(x > 1, sqrt(x - 2), 1)", "1 + 0*(-1)**x",
    "1 + 0*log(log(log(x + 1000)))", "1 + 0*sqrt(abs(x - 1) - 1e-9)", "1 + 0*reciprocal(sign(x) + 1)", "1 + 0*sqrt(x - max(x))",
    "1 + 0*np.power(x, 0.5)", "1 + 0/(sqrt(x**2) - x)", "1 + 0/(x - x)", "1 + 0*prod(sqrt(x))", "1 + 0*mean(log(x))",
    "1 + 0*log(1 - sum(softmax(x))*x)", "1 + 0*sqrt(cosh(x) - 10**5)", "1 + 0*sqrt(10**5 - cosh(x))",
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_search(request, monkeypatch):
    """What mends a claim is another question, which takes long."""
    if "mend" not in request.node.name:
        monkeypatch.setattr("symbp.verification.explaining.diagnose", lambda *_: None)


@pytest.mark.parametrize("one", ONE)
def test_a_problem_in_text(one):
    v = judge("linear").judge(f"dx = {one}")
    assert v.verdict == "wrong" and v.cause == "domain", v
    assert v.counterexample.claimed == "undefined" and float(v.counterexample.true) == 1


OWN = ["root(x)/root(x)", "1 + 0*root'(x)", "1 + 0*root(pole(x))", "1 + 0*pole(relu(x) + 7)"]


@pytest.mark.parametrize("one", OWN)
def test_functions_of_the_users_own(one):
    v = judge("own").judge(f"dx = 2*x*({one})")
    assert (v.verdict, v.cause) == ("wrong", "domain"), v


INDEXED = [
    "sqrt(x[i])/sqrt(x[i])", "1 + 0*log(x[i])", "x[i]**0.5*x[i]**(-0.5)", "1 + 0/relu(x[i])", "1 + 0*sum(sqrt(x[j]), j)",
    "1 + 0*log(sum(x[j], j))", "exp(log(x[i]))/x[i]", "1 + 0*xlogy(1, x[i])", "1 + 0*where(x[i] > 0, log(x[i] - 1), 1)", "(1 + 0*x[i])*1[sqrt(x[i]) >= 0]",
]  # fmt: skip


@pytest.mark.parametrize("one", INDEXED)
def test_a_problem_in_index_notation(one):
    v = judge("linear").judge(f"dx[i] = {one}")
    assert (v.verdict, v.cause) == ("wrong", "domain"), v


LATEX = [
    r"\frac{\partial J}{\partial x} = \mathbf{1} + 0\cdot\sqrt{x}", r"\frac{\partial J}{\partial x_i} = \frac{\sqrt{x_i}}{\sqrt{x_i}}",
    r"\frac{\partial J}{\partial x_i} = 1 + 0\cdot\log x_i", r"\frac{\partial J}{\partial x_i} = e^{\log x_i}/x_i",
    r"\frac{\partial J}{\partial x_i} = x_i^{1/2} x_i^{-1/2}", r"\frac{\partial J}{\partial x_i} = 1[\sqrt{x_i} \geq 0]",
]  # fmt: skip


@pytest.mark.parametrize("claim", LATEX)
def test_a_problem_in_latex(claim):
    v = judge("linear").judge(claim, latex=True)
    assert v.verdict in ("wrong", "unreadable"), v


def test_most_of_them_are_read_in_latex():
    assert sum(judge("linear").judge(claim, latex=True).cause == "domain" for claim in LATEX) >= 4


IN_NETWORKS = [
    ("net of sigmoid", "delta1 = e1*g'(z1)*sqrt(z1)/sqrt(z1)"), ("net of sigmoid", "delta1 = e1*g'(z1)*exp(log(z1))/z1"),
    ("net of sigmoid", "delta1[i] = e1[i]*g'(z1[i])*sqrt(z1[i])/sqrt(z1[i])"), ("net of sigmoid", "delta1 = e1*g'(z1) + 0*log(sum(x**2) - 30)"),
    ("net of sigmoid", "delta2 = (yhat - y)*g'(z2) + 0*log(yhat - 0.5)"), ("net of sigmoid", "delta1 = e1*g'(z1) + 0*sqrt(z1 + 40)"),
    ("net of sigmoid", r"\delta^{(1)} = e^{(1)} \odot g'(z^{(1)}) \odot \sqrt{z^{(1)}}/\sqrt{z^{(1)}}"),
    ("net of relu", "delta1 = e1*a1/a1"), ("net of relu", "delta1 = e1*g'(z1)*a1/a1"), ("net of relu", "delta2 = yhat - y + 0*log(sum(a1))"),
    ("net of softmax", "delta2 = yhat - y + 0*log(yhat - y)"), ("net of binary", "delta2 = yhat - y + 0*sqrt(yhat - 0.001)"),
    ("net of binary", "dW1 = delta1@x.T*sqrt(J - 1)/sqrt(J - 1)"),
]  # fmt: skip


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("name", "claim"), IN_NETWORKS)
def test_networks(name, claim):
    v = judge(name).judge(claim)
    assert v.verdict == "wrong" and v.cause == "domain" and v.counterexample, v


def test_a_definition_keeps_what_it_asks_for():
    about = judge("linear")
    about.judge("s = sqrt(x)")
    about.judge("k = s/s")
    assert about.judge("dx = 1 + 0*k").cause == "domain"
    assert about.judge("dx[i] = 1 + 0*s[i]").cause == "domain"


RIGHT = [
    ("square", "dx = 2*x + 0*sqrt(x**2)"), ("square", "dx = 2*x*(sqrt(J) > 0)"), ("square", "dx = 2*x + 0*sqrt(J)"),
    ("square", "dx = 2*x + 0*log(1 + exp(x))"), ("square", "dx = 2*x + 0*sqrt(1 - tanh(x)**2)"), ("square", "dx = 2*x**2/x"),
    ("square", "dx = 2*x + 0*log(cosh(x))"), ("square", "dx = 2*x + 0*log(sigmoid(x)*(1 - sigmoid(x)))"),
    ("square", "dx = 2*x + 0*sqrt(max(x) - x)"), ("square", "dx = 2*x + 0*sqrt(logsumexp(x) - x)"), ("square", "dx = 2*x + 0*sqrt(abs(x) + 1)"),
    ("square", "dx = 2*x*relu(abs(x) + 1)/(abs(x) + 1)"), ("square", "dx = 2*x*exp(x)/exp(x)"), ("square", "dx = 2*x + 0*sqrt(maximum(x, 0))"),
    ("square", "dx = 2*x + 0*where(x > 0, log(x), 1)"), ("square", "dx = 2*x + 0*where(x < 0, sqrt(-x), 1)"),
    ("square", "dx = 2*x + 0*where(x > 1, 1, sqrt(1 - x))"), ("square", "dx = 2*x + 0*log(maximum(x, 1e-12))"),
    ("square", "dx = 2*x + 0/maximum(abs(x), 1e-12)"), ("square", "dx = 2*x + 0*exp(x - max(x))/sum(exp(x - max(x)))"),
    ("square", "dx = 2*x + 0*sqrt(mean(x**2) + 3)"), ("square", "dx = 2*x + 0*2**x"), ("square", "dx = 2*x + 0*std(x)/norm(x)"),
    ("square", "dx = 2*x + 0*(x**2)**(1/3)"), ("square", "dx = 2*x + 0*sqrt(exp(x) + x**2*abs(x))"), ("square", "dx = 2*x + 0/(sqrt(x**2) + 1)"),
    ("square", "dx[i] = 2*x[i] + 1[x[i] > 0]*(log(x[i]) - log(x[i]))"), ("scalar", "dx = 2*x + 0/(x - y)"), ("scalar", "dx = 2*x + 0*sqrt((x - y)**2)"),
    ("logs", "dx = 1/x"), ("logs", "dx = 1/x + 0*sqrt(x)"), ("logs", "dx = sqrt(x)/x**1.5"), ("logs", "dx = exp(-log(x))"),
    ("positive", "dx = sqrt(x)/sqrt(x)"), ("positive", "dx = 1 + 0*log(x*x)*log(x)"), ("positive", "dx = 1 + 0*sqrt(J)"),
    ("positive", "dx = 1 + 0*log(x + 1)"), ("positive", "dx[i] = exp(log(x[i]))/x[i]"),
    ("affine", "dh = 1/h"), ("affine", "dh = h**0.5/h**1.5"), ("affine", "dw = x.T@(1/h)"), ("affine", "dh = exp(-log(x@w + c))"),
    ("affine", "dc = sum(1/(x@w + c)) + 0*sum(sqrt(c + x@w))"), ("norm", "dx = x/sqrt(sum(x**2))"), ("norm", "dx = x/norm(x)"), ("norm", "dx = x/J"),
    ("entropy", "dp = -log(p) - 1"), ("cross", "dp = -y/p"), ("cross", "dp = -y/p + 0*log(p)"), ("cross", "dz = p*sum(y, axis=1, keepdims=True) - y"),
    ("binary", "dp = (p - y)/(p*(1 - p))"), ("binary", "dp = -y/p + (1 - y)/(1 - p) + 0*log(p/(1 - p))"), ("binary", "dz = p - y"),
    ("layer", "dh = G"), ("layer", "dv = -sum(G*(x - m), axis=1, keepdims=True)/2*(v + eps)**(-1.5)"),
    ("where", "dx = where(x > 0, log(x) + 1, 1)"), ("where", "dx[i] = where(x[i] > 0, log(x[i]) + 1, 1)"),
    ("relu", "dz = 2*relu(z)"), ("relu", "dz = 2*a + 0*sqrt(a)"), ("relu", "dz = 2*a*a/(a + 1) + 2*a/(a + 1)"),
    ("gauss", "ds = 1/s - (x - m)**2/s**3"), ("gauss", "dm = -(x - m)/s**2 + 0*log(s)"), ("poisson", "dr = 1 - y/r"), ("poisson", "dr = 1 - y/r + 0*log(r)"),
    ("cosine", "dx = y/(norm(x)*norm(y)) - J*x/norm(x)**2"), ("gelu", "da = 2*a"),
    ("gelu", "dz = 2*a*(normal_cdf(z) + z*exp(-z**2/2)/sqrt(2*pi))"),
]  # fmt: skip


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("name", "claim"), RIGHT)
def test_right_claims_stay_right(name, claim):
    v = judge(name).judge(claim)
    assert v.verdict == "correct", v


IN_NETWORKS_RIGHT = [
    ("net of softmax", "dyhat = -y/yhat"), ("net of softmax", "delta2 = yhat - y + 0*log(yhat)"), ("net of binary", "dyhat = (yhat - y)/(yhat*(1 - yhat))"),
    ("net of binary", "dyhat = -y/yhat + (1 - y)/(1 - yhat)"), ("net of sigmoid", "delta1 = e1*g'(z1)*exp(log(a1))/a1"),
    ("net of sigmoid", "dW1 = delta1@x.T*(sqrt(J)/sqrt(J))"), ("net of sigmoid", "delta1 = e1*a1*(1 - a1)*sqrt(1 - a1)/sqrt(1 - a1)"),
    ("net of relu", "delta1 = e1*g'(z1) + 0*sqrt(a1)"), ("net of relu", "delta1 = e1*g'(z1)*exp(z1)/exp(z1)"),
]  # fmt: skip


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("name", "claim"), IN_NETWORKS_RIGHT)
def test_right_claims_about_networks_stay_right(name, claim):
    assert judge(name).judge(claim).verdict == "correct"


def test_what_cannot_be_seen_is_undecided():
    about = judge("square")
    for one in ("sqrt(10**40 + x)", "log(1.99 + sin(x) + sin(100001*x))"):
        v = about.judge(f"dx = 2*x + 0*{one}")
        assert v.verdict in ("undecided", "wrong"), v


@pytest.mark.parametrize("inside", ["x**2 - 1e-3*x + 1", "1 - x**2/(2 + x**2)**2", "exp(2*x) - exp(x) + 1"])
def test_polynomials_in_one_number_are_seen_to_be_positive(inside):
    assert judge("square").judge(f"dx = 2*x + 0*sqrt({inside})").verdict == "correct"
    assert judge("square").judge(f"dx = 2*x + 0*sqrt({inside} - 1)").verdict == "wrong"


@pytest.mark.parametrize("claim", ["dx = sqrt(x)/sqrt(x)", "dx = 1[sqrt(J) > 0] + 0*x", "dx = 1[J > 0] + 0*x"])
def test_no_mend_has_such_a_form(claim):
    v = judge("linear").judge(claim)
    assert v.verdict == "wrong" and v.fix, v
    assert "sqrt" not in v.fix and "log" not in v.fix and judge("linear").judge(v.fix).ok, v.fix


@pytest.mark.parametrize("right", ["x/x", "2 - x/x", "1 + 0/x", "x**2/x/x"])
def test_a_quotient_that_cancels_is_said_to_have_no_value_where_it_has_none(right):
    v = judge("linear").judge(f"dx = {right}")
    assert v.verdict == "correct" and "x = 0: there the formula has no value" in v.note, v
    assert not judge("linear").judge(f"dx = ({right})*(1 + x)/(1 + x) + x/10**9").ok
