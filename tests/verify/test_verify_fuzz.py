"""Whatever stands in a claim, a problem or a document, there is an answer, and nothing of it runs.

How long it takes is measured by benchmarks/claims/hostile.py; here the work that is counted stays within what a claim may take.
"""

import pytest
from hostile import HOSTILE, PIECES
from hypothesis import given, settings
from hypothesis import strategies as st

import symbp as sb
from symbp.documents.files import read_file
from symbp.documents.judged import judge_equations
from symbp.verification.judge import Judge

NET = sb.Network.parse("2-2:sigmoid-3:sigmoid", loss="sse")
JUDGE = Judge(NET)
PROBLEM = Judge.of_problem(
    sb.Problem(
        {"x": "n d", "W1": "d k", "y": "n k"}, ["z1 = x@W1", "a1 = g(z1)", "J = sum((a1 - y)**2)"], "J", {"g": "any"}
    )
)
MOST_STEPS = 500_000
OUTCOMES = ("correct", "wrong", "undecided", "unreadable", "definition")


def setup_module():
    for left in ("delta1", "dz1", "dz1[n,k]"):  # the derivations, which are start-up, and the grammars
        JUDGE.judge(f"{left} = z1")
        PROBLEM.judge(f"{left} = z1")
    JUDGE.judge(r"\delta^{(1)} = z^{(1)}")


def answered(judge, claim, **options):
    v = judge.judge(claim, **options)
    assert v.verdict in OUTCOMES and str(v)
    assert v.verdict != "unreadable" or v.reason
    assert judge.contexts.budget.spent < MOST_STEPS
    return v


SLOW = (14, 17, 19, 22, 23, 24, 39)
"""Those whose answer takes seconds."""


@pytest.mark.thinned(6)
@pytest.mark.parametrize(
    "number", [pytest.param(k, marks=pytest.mark.sweep if k in SLOW else ()) for k in range(len(HOSTILE))]
)
def test_hostile_claims(number):
    text, left = HOSTILE[number], ("delta1 = ", "dz1[i] = ", "", "W1 = ")[number % 4]
    assert answered(JUDGE, left + text).verdict != "correct"
    assert answered(PROBLEM, f"dz1 = {text}").verdict != "correct"
    answered(JUDGE, rf"\delta^{{(1)}} = {text}", latex=True)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["delta1", "dz1[n,k]", "dW1", "z1", "dJ/dW1", "", "x"]), st.lists(st.sampled_from(PIECES), max_size=12),
    st.booleans(),
)  # fmt: skip
def test_pieces_in_any_order(left, pieces, network):
    answered(JUDGE if network else PROBLEM, f"{left} = {''.join(pieces)}")


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["", "dz1 = ", "dz1[n,k] = ", "z1 = "]))
def test_any_text(text, left):
    answered(PROBLEM, left + text)


def _problem(**parts):
    given = {"tensors": {"x": "n d", "y": "n"}, "forward": ["z = x@w", "J = sum(z)"], "loss": "J", **parts}
    try:
        sb.Problem(**given)
    except sb.InputError as e:
        assert str(e)


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["x", "y", "w", "J", "dx", "", "1", "é", "np", "sum"]), st.sampled_from(["n d", "d", "", "n n", "one", "a b c d e", "\0", "é"]), max_size=4),
    st.lists(st.tuples(st.sampled_from(["z", "J", "x", "z[n]", ""]), st.lists(st.sampled_from([*PIECES, "w", "z"]), max_size=8)), max_size=4),
    st.sampled_from(["J", "z", "", "é"]), st.lists(st.sampled_from(["sum(x, axis=1) = 1", "x > 0", "x = x.T", "one_hot(y)", "foo", "", "9**9**9 > 0"]), max_size=2),
)  # fmt: skip
def test_any_problem(tensors, forward, loss, given):
    _problem(tensors=tensors, forward=[f"{a} = {''.join(b)}" for a, b in forward], loss=loss, given=given)


@pytest.mark.thinned(3)
@pytest.mark.parametrize(
    "number", [pytest.param(k, marks=pytest.mark.sweep if k in SLOW else ()) for k in range(len(HOSTILE))]
)
def test_hostile_problems(number):
    text, about = HOSTILE[number], {"x": "n d", "W1": "d k", "z1": "n k"}
    _problem(tensors=about, forward=[f"R = {text}", "J = sum(R)"])
    if number % 4 == 0:
        _problem(tensors=about, forward=["J = sum(x)"], given=[text])
    elif number % 4 == 1:
        _problem(tensors=about, forward=["J = sum(f(x))"], functions={"f": text})
    elif number % 4 == 2:
        _problem(tensors={"x": text[:5000]}, forward=["J = sum(x)"])
    else:
        _problem(tensors={text[:5000]: "n"}, forward=["J = 1"])


TOML = ["[tensors]", "[problem]", "[functions]", 'x = "n d"', 'forward = ["J = sum(x)"]', 'loss = "J"', 'claims = ["dx = 1"]', "claims = 1", "x = 1", "[[problem]]",
        'g = "any"', 'g = "z**z"', "given = []", '"""', "\0", "]", "é = 2", "# x", 'layout = "rows"', "a.b.c = {}", "x = [[[[[1]]]]]"]  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(TOML), max_size=10))
def test_any_file(tmp_path_factory, lines):
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.write_text("\n".join(lines), "utf-8")
    try:
        sb.verify(str(path))
    except sb.InputError as e:
        assert str(e)


DOCUMENT = [
    "$", "$$", r"\[", r"\]", r"\begin{align}", r"\end{align}", r"\begin{equation}", r"\end{equation}", "&=", r"\\", r"\delta^{(1)}", "=", r"W^{(2)}", "^T",
    r"\odot", "```", "<!-- arch = 2-2 -->", "%", "text", "\n", r"\label{a}", r"\text{and}", r"\begin{cases}", r"\verb|$|", r"\$", "{", "}", "\0", "é",
    r"\frac{\partial J}{\partial W^{(1)}}", r"\newcommand{\d}{\delta}", r"\input{/etc/passwd}", "~", r"\begin{verbatim}", r"\end{verbatim}", "# x", "> ",
]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(DOCUMENT), max_size=25), st.sampled_from([".tex", ".md", ".txt"]))
def test_any_document(tmp_path_factory, pieces, ending):
    path = tmp_path_factory.getbasetemp() / f"fuzz{ending}"
    path.write_text(" ".join(pieces), "utf-8")
    try:
        found = read_file(path)
        verdicts = [*judge_equations(JUDGE, found.equations or (), str(path))]
        assert all(v is None or str(v) for v in verdicts)
    except sb.InputError as e:
        assert str(e)


@pytest.mark.thinned(6)
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_documents(number, tmp_path):
    kinds = ((".tex", r"\[ \delta^{(1)} = ", r" \]"), (".md", "$$ ", " $$"), (".md", "```\n", ""), (".txt", "", ""))
    (ending, before, after), text = kinds[number % 4], HOSTILE[number]
    path = tmp_path / f"d{ending}"
    path.write_bytes((before + text + after).encode("utf-8", "surrogatepass"))
    try:
        found = read_file(path)
        assert all(v is None or str(v) for v in judge_equations(JUDGE, found.equations or (), str(path)))
    except sb.InputError as e:
        assert str(e)
