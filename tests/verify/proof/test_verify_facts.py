"""What is given of a problem's inputs is used; a claim that rests on it fails without."""

import pytest

import symbp as sb

SOFTMAX = {"X": "n d", "W": "d k", "Y": "n k"}
FORWARD = ["Z = X@W", "P = softmax(Z)", "J = -sum(Y*log(P))/N"]


def verdicts(claims, *given, tensors=SOFTMAX, forward=FORWARD):
    return [v.verdict for v in sb.verify(sb.Problem(tensors, forward, "J", given=given), claims)]


CLAIMS = ["dZ = (P - Y)/N", "dZ = (P - Y**2)/N", "sum(Y**2, axis=1) = 1", "dP = -Y/P/N", "dZ = P - Y"]


@pytest.mark.thinned(3)
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), "wrong wrong wrong correct wrong"),
        (("sum(Y, axis=1) = 1",), "correct wrong wrong correct wrong"),
        (("Y.sum(axis=1) == 1",), "correct wrong wrong correct wrong"),
        (("one_hot(Y)",), "correct correct correct correct wrong"),
        (("one_hot(Y, axis=1)", "X > 0"), "correct correct correct correct wrong"),
        (("one_hot(Y, axis=0)",), "wrong wrong wrong correct wrong"),
        (("sum(Y, axis=1) = 2",), "wrong wrong wrong correct wrong"),
    ],
)
def test_targets(given, expected):
    assert verdicts(CLAIMS, *given) == expected.split()


def test_symmetric():
    about = {"tensors": {"A": "d d", "x": "d"}, "forward": ["J = x@A@x"]}
    claims = ["dx = 2*A@x", "dx = 2*A.T@x", "dx = (A + A.T)@x", "dA = outer(x, x)", "dx = A@x"]
    assert verdicts(claims, "A = A.T", **about) == ["correct"] * 4 + ["wrong"]
    assert verdicts(claims, **about) == ["wrong", "wrong", "correct", "correct", "wrong"]


def test_positive():
    about = {"tensors": {"s": "d"}, "forward": ["J = sum(s**3)"]}
    claims = [
        "ds = 3*s*abs(s)",
        "ds = 3*s**2*sign(s)",
        "ds = 3*sqrt(s**4)",
        "ds = 3*s**2 + 1[s > 5]",
        "ds = 3*s**2 + s - abs(s)",
    ]
    assert verdicts(claims, "s > 0", **about) == ["correct", "correct", "correct", "wrong", "correct"]
    assert verdicts(claims, **about) == ["wrong", "wrong", "correct", "wrong", "wrong"]


def test_centred():
    about = {"tensors": {"x": "n", "w": ""}, "forward": ["m = mean(x)", "J = w*sum((x - m)**2)"]}
    assert verdicts(["dx = 2*w*x", "dw = sum(x**2)"], "sum(x) = 0", **about) == ["correct", "correct"]
    assert verdicts(["dx = 2*w*x", "dw = sum(x**2)"], **about) == ["wrong", "wrong"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("foo", "no fact"), ("sum(Q, axis=1) = 1", "'Q' is no input"), ("sum(Y) = 1", "which axis"), ("X = X.T", "not square"),
        ("Y.sum(axis=7) = 1", "which axis"), ("Y >", "column 4"), ("W > N", "no fact"), ("P > 0", "'P' is no input"), ("", "given ''"),
        ("sum(Y, axis=1) = N", "no fact"), ("9**9**9 > 0", "no fact"), ("(" * 5000, "given"),
    ],
)  # fmt: skip
def test_what_is_no_fact_is_refused(given, words):
    with pytest.raises(sb.InputError, match=words.replace("(", r"\(")):
        sb.Problem(SOFTMAX, FORWARD, "J", given=[given])


def test_in_a_file(tmp_path):
    path = tmp_path / "p.toml"
    path.write_text(
        '[tensors]\nX = "n d"\nW = "d k"\nY = "n k"\n[problem]\nloss = "J"\ngiven = ["sum(Y, axis=1) = 1"]\n'
        'forward = ["Z = X@W", "P = softmax(Z)", "J = -sum(Y*log(P))/N"]\nclaims = ["dZ = (P - Y)/N", "dW = X.T@dZ"]\n'
    )
    assert [v.verdict for v in sb.verify(str(path))] == ["correct", "correct"]
    path.write_text(path.read_text().replace("axis=1) = 1", "axis=5) = 1"))
    with pytest.raises(sb.InputError, match="which axis"):
        sb.verify(str(path))


def test_a_network_says_what_rests_on_its_targets():
    net = sb.Network.parse("3-4:tanh-3:softmax", loss="cross_entropy")
    because = "because the targets of an example sum to one"
    judge = sb.verify(
        net, ["delta2 = yhat - y", "delta2 = yhat*sum(y) - y", "delta2 = yhat - y**2", "dW2 = outer(delta2, a1)"]
    )
    assert [v.verdict for v in judge] == ["correct", "correct", "wrong", "correct"]
    assert [because in v.note for v in judge] == [True, False, False, False]
    assert "right where y is one-hot" in judge[2].note


def test_a_problem_says_which_fact_is_wanting():
    v = sb.verify(sb.Problem(SOFTMAX, FORWARD, "J"), ["dZ = (P - Y)/N", "dZ = (P - 2*Y)/N"])
    assert "right where sum(Y, axis=1) = 1" in v[0].note and "right where" not in v[1].note
