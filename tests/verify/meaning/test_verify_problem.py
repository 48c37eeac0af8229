"""Claims about forward maps of one's own: right ones are proved, wrong ones are not, and the truth is what JAX says it is."""

import numpy as np
import pytest
from problem_cases import CASES

import symbp as sb
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.text import statement_text
from symbp.formula.grammar import read_claim
from symbp.verification.diagnosis.derived import expected
from symbp.verification.judge import Judge


class _Judges(dict):
    """A judge of each problem, made when it is asked for."""

    def __missing__(self, name):
        self[name] = Judge.of_problem(CASES[name].problem())
        return self[name]


@pytest.fixture(scope="module")
def judges():
    return _Judges()


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", CASES)
def test_right_claims_are_proved(judges, name):
    for claim in CASES[name].right:
        v = judges[name].judge(claim)
        assert (v.verdict, v.how) == ("correct", "exact"), v


@pytest.mark.thinned(6)
@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.parametrize("name", CASES)
def test_wrong_claims_are_not(judges, name):
    for claim in CASES[name].wrong:
        v = judges[name].judge(claim)
        assert v.verdict == "wrong", v
        assert v.counterexample or v.cause == "shape", v
        assert v.expected


LONG = ("lstm_cell", "gru_cell")
SHORT = [name for name in CASES if name not in LONG]
SWEEP = {*CASES} - {*SHORT[::3]}
"""The claims of every problem are always judged; reading back every equation of theirs takes long."""


@pytest.mark.thinned(3)
@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.sweep if n in SWEEP else ()) for n in CASES])
def test_derived_equations_are_right_and_their_multiples_wrong(judges, name):
    judge, setting = judges[name], CASES[name].problem().setting
    for s in setting.program.statements:
        texts = {statement_text(s), expected(setting, read_claim(f"{s.target.name} = 0"))}
        for text in texts:
            v = judge.judge(text)
            assert (v.verdict, v.how) == ("correct", "exact"), v
            left, right = text.split(" = ", 1)
            assert judge.judge(f"{left} = -17*({right})").verdict == "wrong"


def _environment(jnp, sizes):
    from jax import nn
    from jax.scipy.special import logsumexp

    names = ("exp", "log", "sqrt", "abs", "sign", "tanh", "maximum", "where", "sum", "mean", "var", "outer", "trace")
    return {
        **{n: getattr(jnp, n) for n in names}, **{n: getattr(nn, n) for n in ("softmax", "log_softmax", "sigmoid", "silu")},
        "logsumexp": logsumexp, "g": jnp.tanh, "N": sizes.get("n"), **{f"N_{a}": n for a, n in sizes.items()},
    }  # fmt: skip


JAX = [name for name, case in CASES.items() if case.jax]


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.sweep if k % 2 else ()) for k, n in enumerate(JAX)])
def test_the_truth_is_what_jax_says(name):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    case = CASES[name]
    problem = case.problem({f: "tanh" for f in case.functions})
    program, known = problem.setting.program, problem.setting.known
    sizes = {a: k for k, a in enumerate(sorted({a for axes in case.tensors.values() for a in axes.split()}), 2)}
    rng = np.random.default_rng(0)
    values = {n: rng.uniform(0.2, 1.5, [sizes[a] for a in axes.split()]) for n, axes in case.tensors.items()}
    values = {n: v * rng.choice([-1, 1], v.shape) if v.shape else v for n, v in values.items()}
    truth = evaluate(program, values, sizes)
    lines = [line.split(" = ", 1) for line in case.forward]

    def loss(given, offsets):
        scope = {**_environment(jax.numpy, sizes), **given}
        for left, right in lines:
            scope[left] = eval(right, {"__builtins__": {}}, scope) + offsets.get(left, 0.0)
        return scope["J"]

    shapes = {left: tuple(1 if a is None else sizes[a.name] for a in known[left].shape) for left, _ in lines}
    offsets = {left: np.zeros(shape) for left, shape in shapes.items()}
    inputs, inner = jax.jit(jax.grad(loss, (0, 1)))(values, offsets)
    for x, gradient in {**inputs, **inner}.items():
        own = truth[known[f"d{x}"].tensor.name]
        np.testing.assert_allclose(own.reshape(np.shape(gradient)), gradient, rtol=1e-9, atol=1e-9, err_msg=f"d{x}")


def test_parts_add_up():
    judge = Judge.of_problem(CASES["rnn"].problem())
    lines = ["dW = outer(dz2, h1)", "db = dz2", "dW += outer(dz1, h0)", "db += dz1", "total = dz1", "total += dz2",
             "db = total", "dU += outer(dz1, x1)", "dU += outer(dz2, x2)", "db += 0*dz1"]  # fmt: skip
    found = [v.verdict for v in judge.judge_all([*enumerate(lines, 1)])]
    assert found == ["definition", "definition", "correct", "correct", "definition", "definition",
                     "definition", "definition", "correct", "correct"]  # fmt: skip
    found = sb.verify(CASES["rnn"].problem(), ["dW = outer(dz2, h1)", "dW += outer(dz1, h1)", "db += dz2"])
    assert [v.verdict for v in found] == ["definition", "wrong", "wrong"]
    assert found[1].fix == "dW = outer(dz2, h1) + outer(dz1, h0)"


def test_one_value_of_an_uninterpreted_function_for_one_argument():
    p = sb.Problem({"x": "d", "y": "d"}, ["a = g(x)", "b = g(x)*f(y)", "J = sum(a*b)"], "J", {"g": "any", "f": "any"})
    right = ["da = g(x)*f(y)", "dx = 2*g(x)*g'(x)*f(y)", "dy = g(x)**2*f'(y)", "db = g(x)"]
    assert all(v.how == "exact" for v in sb.verify(p, right))
    wrong = ["da = f(x)*f(y)", "dx = 2*g(x)*f'(x)*f(y)", "dy = g(x)**2*g'(y)", "db = g(y)", "dx = 2*g(x)*g'(y)*f(y)",
             "dx = 2*g'(x)*f(y)", "dy = g(x)**2*f(y)*(1 - f(y))"]  # fmt: skip
    assert all(v.verdict == "wrong" for v in sb.verify(p, wrong))


def test_definitions_and_keepdims():
    judge = Judge.of_problem(CASES["attention"].problem())
    lines = ["D = sum(dP*P, axis=1, keepdims=True)", "dS = P*(dP - D)", "E[t] = sum(dP[t,s]*P[t,s], s)",
             "dS[t,s] = P[t,s]*(dP[t,s] - E[t])"]  # fmt: skip
    assert [v.verdict for v in map(judge.judge, lines)] == ["definition", "correct"] * 2
    p = sb.Problem(
        {"x": "n d", "b": "one d", "c": "n one"}, ["m = mean(x*b + c, axis=1, keepdims=True)", "J = sum(m**2)"], "J"
    )
    right = ["dm = 2*m", "dm = 2*m.sum(axis=1)", "dc = 2*m", "db = (2*m*x).sum(axis=0, keepdims=True)/N_d", "dx = 2*m*b/d",
             "db = (2*m*x).sum(axis=0)/N_d"]  # fmt: skip
    assert [str(v) for v in sb.verify(p, right) if v.verdict != "correct"] == []
    assert not any(sb.verify(p, ["dc = (2*m).T", "db = ((2*m*x).sum(axis=0, keepdims=True)/N_d).T", "dx = 2*m*b/n"]))
