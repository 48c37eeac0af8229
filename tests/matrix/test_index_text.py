"""Index expressions printed in the index language, and read back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matrix_programs import SIZES, SOURCES, G, derived
from sympy import KroneckerDelta

from symbp.calculus.indices import Axis, Index
from symbp.calculus.language import read_program
from symbp.calculus.letters import Letters, letters_for
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.program import Program, Statement
from symbp.calculus.reductions import First, Sum
from symbp.calculus.text import expression_text, size_name, statement_text

AXES = {"x": "n d", "y": "n d", "W": "h d", "u": "d", "w": "h", "r": "n", "alpha": "", "beta": ""}
LENGTHS = {size_name(Axis(a)): Axis(a).size for a in "nhdkabcmtsv"}


def one(text: str) -> Statement:
    return read_program(text, (), (G,), **AXES).statements[0]


CANONICAL = [
    "p[n,i] = sum(x[n,d]*W[i,d], d)*(1 - w[i]**2)",
    "p[n] = mean((x[n,d] - y[n,d])**2, d)",
    "p = mean(sum(x[n,d], d), n)",
    "p = -mean(x[n,d], d, n)/2",
    "p = sum(u[d]*x[n,d]*y[n,d], n, d)",
    "p[n,d] = exp(x[n,d] - logsumexp(x[n,i], i))",
    "p[n,d] = x[n,d]/sqrt(r[n] + alpha)",
    "p[n] = max(x[n,d], d)*prod(y[n,d], d)",
    "p[n,d] = g(x[n,d])*y[n,d]",
    "p[n,d] = g''(x[n,d] - 1)",
    "p[n,d] = max(x[n,d], y[n,d]) + min(x[n,d], 0)",
    "p[n,d] = where(step(x[n,d]), y[n,d], abs(x[n,d]))",
    "p[n,d] = -(x[n,d] + y[n,d])/(alpha*beta)",
    "p[n,d] = 1 - x[n,d]**2",
    "p[n,d] = x[n,d]**(3/2)*y[n,d]**alpha",
    "p[n] = 1/(1 + exp(-r[n]))",
    "p[n] = 2*pi*r[n]/3 + sqrt(2)*r[n]**2",
    "p[n] = mean(x[n,d]**2, d)**2*mean(y[n,d], d)*r[n]",
    "p[n] = r[n]/sqrt(mean(x[n,d]**2, d))",
    "p[n] = r[n]/sum(x[n,d]**2, d)**2",
    "p[n,d] = sum(x[i,d], i)*sum(x[n,i], i)",
]


@pytest.mark.parametrize("text", CANONICAL)
def test_round_trip_of_one_line(text: str) -> None:
    s = one(text)
    assert one(statement_text(s)).body == s.body


@pytest.mark.parametrize("text", [t for t in CANONICAL if t.startswith(("p[n] =", "p ="))])
def test_printing_is_stable(text: str) -> None:
    shown = statement_text(one(text))
    assert statement_text(one(shown)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "p[n,i] = sum(W[i,d]*x[n,d], d)*(1 - w[i]**2)",
        "p[n] = mean((x[n,d] - y[n,d])**2, d)",
        "p = -mean(x[n,d], d, n)/2",
        "p[n,d] = x[n,d]/sqrt(r[n] + alpha)",
        "p[n,d] = g'(x[n,d])*y[n,d]",
        "p[n,d] = 1 - x[n,d]**2",
        "p[n] = r[n]*mean(x[n,d]**2, d)**2",
        "p[n] = r[n]/sqrt(mean(x[n,d]**2, d))",
        "p[n] = 1/(1 + exp(-r[n]))",
        "p[n,d] = y[n,d] - x[n,d]",
        "p[n,d] = -(x[n,d] + y[n,d])/(alpha*beta)",
    ],
)
def test_canonical_text(text: str) -> None:
    assert statement_text(one(text)) == text


def again(program: Program, s: Statement) -> Statement:
    """The statement printed and read back, among the tensors of its program."""
    declared = [t for t in program.tensors.values() if t.name != s.target.name]
    return read_program(statement_text(s, program.tensors), declared, (G,), LENGTHS).statements[0]


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", SOURCES)
def test_round_trip_of_programs(name: str) -> None:
    program = derived(name)
    for s in program:
        if s.body.has(KroneckerDelta, First):
            continue  # the language has no word for them
        back = again(program, s)
        assert back.body == s.body and back.target.axes == s.target.axes


def test_words_that_are_not_read_back() -> None:
    text = statement_text(derived("max and product").definitions["dx"])
    assert "[d = first_max(x[n,i], i)]" in text and "[d = i]" in text


atoms = st.sampled_from(
    ["x[n,d]", "y[n,d]", "r[n]", "u[d]", "alpha", "2", "3/4", "pi", "sum(W[h,d]*w[h], h)", "mean(x[m,d], m)"]
)


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda p: f"({p[0]}) + ({p[1]})"),
        two.map(lambda p: f"({p[0]}) - ({p[1]})"),
        two.map(lambda p: f"({p[0]})*({p[1]})"),
        two.map(lambda p: f"({p[0]})/(1 + ({p[1]})**2)"),
        two.map(lambda p: f"max(({p[0]}), ({p[1]}))"),
        st.tuples(inner, st.sampled_from(["exp", "tanh", "sigmoid", "g", "g'", "abs", "-"])).map(
            lambda p: f"{p[1]}({p[0]})"
        ),
        inner.map(lambda e: f"({e})**3"),
        inner.map(lambda e: f"-({e})"),
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.recursive(atoms, compound, max_leaves=6))
def test_round_trip_of_any_expression(text: str) -> None:
    program = read_program(f"p[n,d] = ({text}) + x[n,d]*u[d]", (), (G,), **AXES)
    back = read_program(statement_text(program.statements[0]), (), (G,), **AXES)
    if back.statements[0].body == program.statements[0].body:
        return
    # SymPy multiplies a lone number into an addition, 4*(x + 1) -> 4*x + 4, so the objects may differ; the values may not
    rng = np.random.default_rng(1)
    values = {t.name: rng.uniform(0.2, 0.6, [SIZES[a.name] for a in t.axes]) for t in program.declared}
    try:
        expected = evaluate(program, values)["p"]
    except (ValueError, OverflowError):  # towers of exponentials
        assume(False)
    np.testing.assert_allclose(evaluate(back, values)["p"], expected, rtol=1e-9)


def test_letters() -> None:
    n, d, long = Axis("n"), Axis("d"), Axis("features")
    letters = Letters(frozenset({"d", "i"}))
    assert letters.letter(n) == "n"
    assert letters.letter(d) == "j"
    assert letters.letter(long) == "j"
    assert Letters(preferred={long: "f"}).letter(long) == "f"
    every = Letters(frozenset("ijklmpqrstuv"))
    assert every.letter(long) == "i1"


def test_sums_side_by_side_share_a_letter_and_nested_ones_do_not() -> None:
    p = read_program("q = sum(x[i]*sum(A[i,j]*x[j], j), i) + sum(x[i], i)", A="a a", x="a")
    text = expression_text(p.statements[0].body)
    assert text == "sum(x[a]*sum(A[a,i]*x[i], i), a) + sum(x[a], a)"


def test_a_letter_is_never_a_name_in_use() -> None:
    p = read_program("q[i] = sum(a[i]*b[j], j)", a="a", b="b")
    body = p.statements[0].body
    assert expression_text(body, ["i"]) == "sum(a[i]*b[j], j)"
    index, opened, inner = letters_for(body, ["i"]).open(next(iter(body.atoms(Sum))))
    assert index.name not in {"a", "b", "i"} and index.name in inner.taken and opened.has(Index(index.name, index.axis))
