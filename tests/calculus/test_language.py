"""The index language: what it reads, and what it says of text that it cannot read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbp.calculus.indices import Axis, Index
from symbp.calculus.language import (
    REDUCTIONS,
    Scope,
    read_expression,
    read_program,
    read_scalar_function,
    read_statement,
    valid_name,
)
from symbp.calculus.program import ScalarFunction, Tensor
from symbp.errors import InputError

AXES = {"x": "n d", "W": "h d", "b": "h", "s": "", "t": "n"}
BAD = [  # text, where (line:column), what the message says
    ("y[n,d] = y2[n,d]", "1:10", "unknown tensor 'y2'"),
    ("y = sn(s)", "1:5", "did you mean 'sin'"),
    ("y = sigmod(s)", "1:5", "did you mean 'sigmoid'"),
    ("y = s\nz = q", "2:5", "unknown name 'q'"),
    ("y[i] = sum(W[j,i]*x[i,j], j)", "1:", "runs over axes of different length"),
    ("y[i] = x[i,i]", "1:3", "axis n of x and axis d of x"),
    ("y[n] = t[n]\ny[n] = t[n]", "2:1", "y is assigned twice"),
    ("x[n,d] = 1", "1:1", "x is assigned twice"),
    ("y = sum(t[n], n) + t[n]", "1:22", "index n is neither on the left nor bound"),
    ("y[n] = t[m]", "1:3", "index n indexes no tensor"),
    ("y = t", "1:5", "t has axes: write t[n]"),
    ("y[n] = x[n]", "1:8", "read with 1 indices and has 2 axes"),
    ("y = s[n]", "1:5", "read with 1 indices and has 0 axes"),
    ("y[n] = x[n,n*n]", "1:12", "no place in a tensor"),
    ("y[n] = t[n/2]", "1:10", "no place in a tensor"),
    ("y[n] = t[1.5*n]", "1:", "no place in a tensor"),
    ("y[n] = t[t[n]]", "1:10", "no place in a tensor"),
    ("y[n] = t[n] + t[n+m]", "1:19", "neither on the left nor bound"),
    ("y[n] = sum(x[n,d], d if d == 0.5)", "1:", "compares indices"),
    ("y[n] = mean(x[n,d], d if d > 0)", "1:", "takes no condition"),
    ("y[i] = t[2*i-1]", "1:3", "indexes no tensor here"),
    ("y = (s", "1:", "where it cannot"),
    ("y = s)", "1:6", "where it cannot"),
    ("y[n = t[n]", "1:5", "where it cannot"),
    ("y = ", "1:", "ends"),
    ("= s", "1:1", "where it cannot"),
    ("y", "1:2", "where it cannot"),
    ("y = s s", "1:7", "where it cannot"),
    ("y = __import__('os').system('x')", "1:5", "no meaning"),
    ("y = s.__class__", "1:6", "no meaning"),
    ("__import__ = s", "1:1", "no meaning"),
    ("y__z = s", "1:1", "not usable"),
    ("lambda = s", "1:1", "not usable"),
    ("y = 'os'", "1:5", "where it cannot"),
    ("y = eval(s)", "1:5", "unknown function 'eval'"),
    ("y = sum(t[n])", "1:5", "names no index"),
    ("y = sum(t[n], n+1)", "1:15", "expression for an index"),
    ("y = sum(sum(t[n], n)*t[n], n)", "1:", "bound already"),
    ("y = sum(t[n], n, n)", "1:5", "names an index twice"),
    ("y[n,n] = t[n]", "1:1", "repeated on the left"),
    ("y = sin(s, s)", "1:5", "sin takes 1 argument, got 2"),
    ("y = where(s, s)", "1:5", "where takes 3 arguments"),
    ("y = 1/0", "1:7", "division by zero"),
    ("y = s/(1-1)", "1:", "division by zero"),
    ("y = sqrt(-1)", "1:5", "no real value"),
    ("y = log(0)", "1:5", "no real value"),
    ("y = (-1)^(1/2)", "1:", "no real value"),
    ("y = (-8)^(1/3)", "1:", "no real value"),
    ("y = 0^(-1)", "1:", "out of range"),
    ("y = 9^9^9^9", "1:", "out of range"),
    ("y = ((((2^400)^400)^400)^400)^400", "1:", "out of range"),
    ("y = (9^400*s)^400", "1:", "out of range"),
    ("y = s" + "*9^400" * 50, "1:", "out of range"),
    ("y = s^exp(exp(exp(exp(9))))", "1:", "out of range"),
    ("y = s^1000000", "1:", "out of range"),
    ("y = 1e999999999", "1:5", "out of range"),
    ("y = " + "9" * 100, "1:5", "out of range"),
    ("y = " + "(" * 200 + "s" + ")" * 200, "", "nested too deeply"),
    ("y = " + "-" * 3000 + "s", "", "nested too deeply"),
    ("y = " + "s^" * 1000 + "s", "", "nested too deeply"),
    ("y = " + "s + " * 25_000 + "s", "", "characters"),
    ("y = s\0", "1:", "no meaning"),
    ("y = s; z = s", "1:6", "no meaning"),
    ("y = sигмоид(s)", "1:", "no meaning"),
    ("y = n'(s)", "1:5", "unknown function"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "where", "says"), BAD, ids=[repr(t[:30]) for t, _, _ in BAD])
def test_unreadable(text: str, where: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        read_program(text, **AXES)
    message = str(caught.value)
    assert says in message
    place = f"{caught.value.place.line}:{caught.value.place.column or ''}"
    assert place.startswith(where), message
    assert "\0" not in message and len(message) < 900


def test_an_index_that_does_not_fit_names_both_axes() -> None:
    with pytest.raises(InputError, match=r"axis h of W.*axis n of x|axis n of x.*axis h of W"):
        read_program("y = sum(W[i,j]*x[i,j], i, j)", **AXES)


ALPHABET = "xWbstnhdijk0129.+-*/^()[],='<> #e_\n\0\té"
words = st.sampled_from([
    "x[n,d]", "s", "sum(", "exp(", "log(", "sqrt(", "max(", "mean(", "prod(", "where(", "xlogy(", ")", "]", "[",
    ", n)", ", d)", "+", "-", "*", "/", "^", "**", "=", "0", "1", "0.5", "1e9", "pi", "y", "n", "(", "t[n]", " ",
    ">", "g'(", "abs(", "tanh(", "floor(", "400", "min(",
])  # fmt: skip


@given(st.one_of(st.text(ALPHABET), st.text(), st.lists(words, max_size=12).map("".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    scope = Scope({n: Tensor(n, tuple(Axis(a) for a in axes.split())) for n, axes in AXES.items()}, {"g": G})
    for attempt in (
        lambda: read_program(text, [], [G], **AXES),
        lambda: read_statement("y[n] = " + text, scope),
        lambda: read_statement("y = " + text, scope),
        lambda: read_expression(text, scope, {"n": Index("n", Axis("n"))}),
        lambda: read_scalar_function("f", text),
        lambda: valid_name(text),
    ):
        try:
            attempt()
        except InputError as e:
            assert str(e)


G = ScalarFunction("g")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sum(x[n,d]^2, n, d)", "sum(sum(x[i,j]**2, i), j)"),
        ("mean(t[n], n)*2", "2*mean(t[m], m)"),
        ("-s^2", "-(s^2)"),
        ("2^3^2*s", "512*s"),
        ("s - s/2 - s/2 + 3", "1 + 2"),
        ("s/2*4", "(s/2)*4"),
        ("1.25e-1*s", "s/8"),
        (".5 + 1.", "3/2"),
        ("max(s, 1)", "max( s,1 )"),
        ("ln(s)", "log(s)"),
        ("where(s > 1, s, 0)", "where(step(s - 1), s, 0)"),
        ("s <= 1", "1 - step(s - 1)"),
        ("g''(s)", "g''(+s)"),
    ],
)
def test_the_same_expression(one: str, other: str) -> None:
    a, b = (read_program(f"y = {text}", [], [G], **AXES).statements[0].body for text in (one, other))
    assert a == b


def test_axes_follow_from_the_right() -> None:
    program = read_program("# a comment\n\nz[n,i] = sum(W[i,j]*x[n,j], j) + b[i]  # another", **AXES)
    assert [a.name for a in program.tensors["z"].axes] == ["n", "h"]


def test_reductions_and_scalar_maximum_share_a_name() -> None:
    assert "max" in REDUCTIONS
    program = read_program("y[n] = max(x[n,d], d)\nz[n] = max(y[n], s)", **AXES)
    assert program.definitions["z"].reads == ("s", "y")
