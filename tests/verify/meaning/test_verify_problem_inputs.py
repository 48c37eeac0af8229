"""Problems that cannot be used: one message, with the place; whatever stands in one, nothing runs and nothing hangs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symbp as sb
from symbp.errors import InputError
from symbp.verification.problems.file import load

EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "problems").glob("*.toml"))
BASE = {"tensors": {"x": "n d", "w": "d"}, "forward": ["r = x@w", "J = sum(r**2)"], "loss": "J"}

BAD = [
    ({"tensors": {}}, "no tensors"),
    ({"tensors": {"x": "n d", "dx": "n"}}, "cannot be told from the derivative of x"),
    ({"tensors": {"lambda": ""}}, "not usable"),
    ({"tensors": {"x": "n d!"}}, "not usable"),
    ({"tensors": {"x": "a b c d e"}}, "5 axes"),
    ({"tensors": {"x": 5}}, "'5'"),
    ({"loss": "L"}, "unknown loss 'L'"),
    ({"loss": "r"}, "no number: its axes are n"),
    ({"loss": 3}, "loss is '3'"),
    ({"forward": []}, "empty"),
    ({"forward": ["J = sum(x)", 3]}, "forward is"),
    ({"forward": ["J = sum(x)"] * 2}, "line 2, column 1: 'J' is assigned twice"),
    ({"forward": ["r = x@v", "J = sum(r)"]}, "line 1, column 7: unknown name 'v'"),
    ({"forward": ["r = w@x", "J = sum(r)"]}, "d columns do not meet n rows"),
    ({"forward": ["r + 1 = x@w"]}, "no name"),
    ({"forward": ["J += sum(x)"]}, "+="),
    ({"forward": ["J = softmix(x)"]}, "unknown function 'softmix'"),
    ({"forward": ["J = sum(dx)"]}, "unknown name 'dx'"),
    ({"forward": ["J = sum(g(x))"]}, "unknown function 'g'"),
    ({"forward": ["J = log(-1)*sum(x)"]}, "no real value"),
    ({"forward": ["J[i] = x[n,i]"]}, "index n is neither"),
    ({"forward": ["q[i,i] = x[i,i]", "J = sum(q)"]}, "repeated"),
    ({"forward": ["J = sum(softmax(sum(x, axis=1, keepdims=True)))"]}, "along an axis of length 1"),
    ({"forward": [r"J = \sum_{i} \foo x_i"]}, "foo"),
    ({"forward": ["J = sum(x)"] * 150}, "at most 60 tensors and 40 lines"),
    ({"tensors": {"x": "a b c d"}, "forward": ["J = sum(x)*sum(softmax(x))*sum(exp(-x)) + sum(logsumexp(x) - x)"],
      "functions": {"sum": "any"}}, "function 'sum' has a meaning already"),
    ({"functions": {"g": "tanhh"}}, "did you mean 'tanh'"),
    ({"functions": {"g": "z +"}}, "column 4"),
    ({"functions": {"x": "any"}}, "there already"),
    ({"layout": "diagonal"}, "layout"),
    ({"tensors": {"x": "n", "T": ""}, "forward": ["J = sum(x)**T"]}, "a power, or a transpose"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), BAD, ids=range(len(BAD)))
def test_what_cannot_be_used_is_said(change, words):
    with pytest.raises(InputError) as caught:
        sb.Problem(**{**BASE, **change})
    assert words in str(caught.value)


FILE = """[tensors]
x = "n d"
w = "d"
[problem]
forward = [
    "r = x@w",
    "J = sum(r**2)",
]
loss = "J"
claims = ["dw = 2*x.T@r"]
"""
PLACES = [
    ('"r = x@w"', '"r = x@v"', ":6:12: unknown name 'v'"),
    ("[tensors]", "[tensor]", ":1:2: unknown key 'tensor'"),
    ('"n d"', '"n-d"', ":2:6: axis of x, 'n-d' is not usable"),
    ('loss = "J"', 'loss = "L"', ":9:9: unknown loss 'L'"),
    ('loss = "J"', 'loss = "J', ":9"),
    ('loss = "J"', "lost = 1", "lost"),
    ("[problem]", "", "'forward' in [tensors] is a list; allowed: a text"),
]


@pytest.mark.parametrize(("old", "new", "words"), PLACES)
def test_the_line_of_the_file_is_said(tmp_path, old, new, words):
    path = tmp_path / "own.toml"
    path.write_text(FILE.replace(old, new))
    with pytest.raises(InputError) as caught:
        load(path)
    assert str(caught.value).startswith(str(path)) and words in str(caught.value)


def test_files(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(FILE)
    found = load(path)
    assert found.claims == ((10, "dw = 2*x.T@r"),)
    assert [v.verdict for v in sb.verify(str(path))] == ["correct"]
    assert sb.verify(str(path), "dw = x.T@r").verdict == "wrong"
    for bad in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(InputError):
            load(bad)
    path.write_bytes(b"[problem]\n\xff")
    with pytest.raises(InputError):
        load(path)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_examples_are_right(path):
    assert [str(v) for v in sb.verify(str(path)) if not v.ok] == []


def test_on_the_command_line():
    command = [sys.executable, "-m", "symbp", "verify", str(EXAMPLES[0])]
    done = subprocess.run([*command, "--json", "--claim", "dQ = dS@K"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")
    results = json.loads(done.stdout)["results"]
    assert [r["verdict"] for r in results[-2:]] == ["correct", "wrong"]


PIECES = ["x", "w", "r", "@", "*", "+", "-", "/", "**2", "(", ")", ".T", "sum(", "softmax(", "exp(", "log(", "sqrt(", ", axis=0",
          ", keepdims=True", ")", "[i]", "[n,d]", "sum(x[n,d], d)", "where(", "x > 0", ",", "0", "2", "g(", "g'(", "\\sum_i", "x_i",
          "{", "}", "^T", "\\frac", "\0", "é", "max(", "norm(", "var("]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join))
def test_any_forward_line_is_read_or_refused(text):
    try:
        problem = sb.Problem(BASE["tensors"], [f"q = {text}", "J = sum(q)"], "J", {"g": "any"})
    except InputError as e:
        assert str(e)
        return
    verdict = sb.verify(problem, "dx = 2*x")
    assert verdict.verdict in ("correct", "wrong", "undecided") and str(verdict)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_refused(text):
    for change in ({"forward": [text, "J = sum(x)"]}, {"tensors": {text: "n"}}, {"tensors": {"x": text, "w": "d"}},
                   {"functions": {"h": text}}, {"loss": text}):  # fmt: skip
        try:
            sb.Problem(**{**BASE, **change})
        except InputError as e:
            assert str(e)
