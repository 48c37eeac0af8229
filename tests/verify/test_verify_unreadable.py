"""Whatever stands in a claim, there is a verdict, soon; nothing of it runs."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import symbp as sb
from symbp.verification.judge import Judge

JUDGE = Judge(sb.Network.parse("2-2:sigmoid-2:sigmoid"))

UNREADABLE = {
    "delta1 = (W2.T @ delta2": (24, "allowed: )"),
    "delta1 = W2.T @ dleta2": (17, "did you mean 'delta2'?"),
    "delta1 = W2.T @ delta2 $ 2": (24, "'$'"),
    "delta3 = W2": (1, "no delta3"),
    "dJ/dW7 = W2": (1, "dJ/dW7"),
    "delta1 = sigmoyd(z1)": (10, "did you mean 'sigmoid'?"),
    "delta1 == e1": (8, "'=='"),
    "delta1": (7, "allowed: "),
    "": (1, ""),
    "delta1 = __import__('os').system('x')": (10, "'_'"),
    "delta1 = z1.__class__.__mro__": (13, "'_'"),
    "delta1 = eval(z1)": (10, "unknown function"),
    "delta1 = np.linalg.inv(W1)": (10, "the inverse of a matrix is not worked out"),
    "delta1 = z1.tofile(z1)": (10, "unknown function"),
    "delta1 = \0": (10, "\\x00"),
    "delta1 = e1[": (13, ""),
    "delta1[i] = W2[i,j,k]": (13, "indices"),
    "delta1[i] = sum(W2[k,i], k, k)": (29, "bound"),
    "delta1 = 2**99999": (10, "exponent"),
    "delta1 = ((z1**400)**400)**400": (None, "powers"),
    "delta1 = 1e99999": (10, "out of range"),
    "delta1 = z1/0": (13, "division by zero"),
    "delta1 = log(0)*z1": (10, "no real value"),
    "delta1 = sqrt(-1)*z1": (10, "no real value"),
    "g = z1": (1, "function"),
    "import = z1": (1, "not usable"),
    "a__b = z1": (1, "not usable"),
    "delta1 = g'(x)*sum()": (16, "given nothing"),
    "delta1 = sum(z1, foo=1)": (18, "not known"),
    "delta1 = 1 if z1 else 2": (12, "'if'"),
    "delta1 = lambda: 1": (16, "':'"),
    "delta1 = [z for z in z1]": (13, "'for'"),
    "delta1 = " + "(" * 3000 + "z1" + ")" * 900: (None, ""),
    "delta1 = " + "-" * 3000 + "z1": (None, "too deeply"),
    "delta1 = z1" + ".T" * 1500: (None, "too deeply"),
    "delta1 = z1" + " + z1" * 700: (None, "too deeply"),
    "delta1 = " + "2**" * 1000 + "2": (None, "too deeply"),
    "delta1 = " + "a" * 100_000: (None, "100009 characters"),
    "delta1 = " + "exp(" * 60 + "z1" + ")" * 60: (None, None),
    "δ1 = W₂ᵀ @ δ₂": (1, "'δ'"),
}


@pytest.mark.parametrize("claim", UNREADABLE, ids=lambda c: c[:30])
def test_what_cannot_be_read_says_where_and_why(claim):
    column, words = UNREADABLE[claim]
    v = JUDGE.judge(claim)
    if words is None:
        assert v.verdict in ("unreadable", "undecided", "wrong")
        return
    assert v.verdict == "unreadable", v
    assert words in v.reason, v.reason
    assert column is None or v.column == column, (v.column, v.reason)
    assert str(v)


PIECES = ["delta1", "W2", "W1", "delta2", "x", "z1", "a1", "yhat", "y", "N", "g'(", "g(", "(", ")", ".T", "@", "*", "+", "-", "/",
          "**", "2", "0.5", "0", "[i]", "[k,i]", "sum(", ", k)", ".sum(axis=1)", "axis=", "exp(", "log(", "sqrt(", "1[", "> 0]", "=",
          ",", "softmax(", "diag(", "outer(", "mean(", "\0", "é", " "]  # fmt: skip


@settings(max_examples=120)
@given(
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    st.sampled_from(["delta1", "dJ/dW1", "J", "delta1[i]", "q", ""]),
)
@example("2**z1**2**z1", "delta1")
@example("exp(exp(exp(exp(exp(1000*z1)))))", "delta1")
@example("(z1-z1)**(0-1)", "delta1")
@example("log(z1-z1)", "delta1")
def test_any_text_gets_a_verdict(right, left):
    v = Judge(JUDGE.net).judge(f"{left} = {right}") if left == "q" else JUDGE.judge(f"{left} = {right}")
    assert v.verdict in ("correct", "wrong", "undecided", "unreadable", "definition")
    assert str(v) and v.as_json()


@settings(max_examples=80)
@given(st.text(max_size=60))
def test_any_unicode_gets_a_verdict(text):
    assert str(JUDGE.judge(text))
