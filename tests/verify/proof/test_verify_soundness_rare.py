"""Claims that are wrong where random points seldom come: dead networks, many signs at once, far thresholds of the forward map,
other functions without a definition, domains, lengths that are not spelled out, tiny numbers; and facts that cannot hold."""

import pytest

import symbp as sb
from symbp.verification.judge import Judge

DEEP = Judge(sb.Network.parse("5-" + "-".join(["5:relu"] * 30) + "-3", loss="sse"))


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("dW1 = 0", "wrong"), ("delta1 = W2.T @ delta2", "wrong"), ("dx = 17 * W1.T @ delta1", "wrong"),
        pytest.param("dx = W1.T @ delta1", "correct", marks=pytest.mark.sweep),
        pytest.param("delta1 = (W2.T @ delta2) * g'(z1)", "correct", marks=pytest.mark.sweep),
    ],
)  # fmt: skip
def test_where_a_deep_network_is_dead_nothing_is_proved(claim, verdict):
    assert DEEP.judge(claim).verdict == verdict


def test_what_has_no_derivative_anywhere_is_proved_to_have_none():
    net = sb.Network.parse("3-4:step-2", loss="sse")
    assert sb.verify(net, ["dW1 = 0", "delta1 = 0"]).ok and not sb.verify(net, "dW2 = 0").ok


def problem(forward, given=(), **tensors):
    return sb.Problem(tensors or {"x": "n"}, forward, "J", {"f": "any"}, given=given)


SUM = ["J = sum(x**2)"]
WRONG = {
    "many signs at once": (problem(SUM, x="n d k"), ["2*x*(1 - prod(1[x > 0]))", "where(mean(1[x > 0]) > 0.99, 77*x, 2*x)", "2*x + prod(relu(x))"]),
    "a product of signs": (problem(["J = prod(relu(x))"], x="n d k"), ["0"]),
    "a clip far away": (problem(["J = sum(maximum(minimum(x, 50), -50)**2)"]), ["2*x"]),
    "a threshold of softplus": (problem(["J = sum(where(x > 20, x, log(1 + exp(x))))"]), ["sigmoid(x)"]),
    "a wide Huber loss": (problem(["J = sum(where(abs(x) < 100, x**2/2, 100*abs(x) - 5000))"]), ["x"]),
    "a far relu": (problem(["h = relu(x - 30)", "J = sum(h**2)"]), ["0"]),
    "a function that is any": (problem(["J = sum(f(x))"]), ["2*x/7 - f'''(x)", "f''(x)"]),
    "below zero": (problem(["J = sum(log(1 + x))"]), ["where(x > -0.8, 1/(1 + x), 7)", "1/(1 + abs(x))", "where(x > 0, 1/(1 + x), 0)"]),
    "tiny numbers": (problem(["J = sum(x*1e-400)"]), ["0"]),
    "tiny exponentials": (problem(["J = sum(exp(-x**2 - 800))"]), ["0"]),
}  # fmt: skip
CASES = [(name, claim) for name, (_, claims) in WRONG.items() for claim in claims]


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("name", "claim"), CASES)
def test_what_is_wrong_at_few_points_is_found(name, claim, monkeypatch):
    monkeypatch.setattr("symbp.verification.explaining.diagnose", lambda *_: None)
    v = sb.verify(WRONG[name][0], f"dx = {claim}")
    assert v.verdict == "wrong" and v.counterexample, v


RIGHT = [
    (problem(["h = relu(x - 30)", "J = sum(h**2)"]), "dh = 2*h"),
    (problem(["J = sum(f(x))"]), "dx = f'(x)"),
    (problem(["J = sum(log(1 + x))"]), "dx = 1/(1 + x)"),
    (problem(["J = sum(x*1e-400)"]), "dx = 1e-400"),
    (problem(SUM), "dx = 2*x + exp(x*10000) - exp(10000*x)"),
    (problem(["J = x@A@x/2"], ["A = A.T", "sum(A, axis=1) = 1"], x="n", A="n n"), "dx = A@x"),
    (problem(["A = S + M*(-1e9)", "P = softmax(A)", "J = sum(P@V)"], S="n m", M="n m", V="m"), "dA = dS"),
]


@pytest.mark.parametrize(("about", "claim"), RIGHT)
def test_right_claims_of_that_kind_are_proved(about, claim):
    assert (sb.verify(about, claim).verdict, sb.verify(about, claim).how) == ("correct", "exact")


@pytest.mark.parametrize(
    "number", ["sum(softmax(A))", "trace(eye(n))", "sum(x*x)/mean(x*x)", "sum(sigmoid(x) + sigmoid(-x))"]
)
def test_a_length_that_is_not_spelled_out(number):
    about = problem(["J = sum(x**2) + sum(A)"], x="n", A="n d")
    product = "*".join(f"(L - {k})" for k in range(2, 8))
    assert sb.verify(about, [f"L = {number}", f"dx = 2*x + {product}"])[1].verdict == "wrong"


def test_what_digits_cannot_tell_of_a_definition_is_undecided():
    assert sb.verify(problem(SUM), ["k = (1 - tanh(x**2 + 100))**4", "dx = 2*x + k"])[1].verdict == "undecided"


@pytest.mark.parametrize(
    "given",
    [
        ["sum(Y, axis=1) = 1", "sum(Y, axis=1) = 2"], ["one_hot(Y)", "sum(Y, axis=1) = 2"], ["Y > 0", "sum(Y, axis=1) = 0"],
        ["sum(Y, axis=1) = 1", "sum(Y, axis=0) = 1"],
    ],
)  # fmt: skip
def test_facts_that_cannot_hold_together_are_refused(given):
    with pytest.raises(sb.InputError, match="cannot hold together"):
        problem(["P = softmax(Z)", "J = -sum(Y*log(P))"], given, Y="n k", Z="n k")
