"""What is asked of every row of the table of functions: one job a function of the row, which raises where a part is missing.

Claims over it are judged in tests/verify/meaning/test_verify_primitives.py.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Iterable
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
from dual import Dual
from generated_module import from_source
from run_block import run_block

import symbp as sb
from symbp.calculus.language import read_program, read_scalar_function
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.field import Field
from symbp.calculus.numeric.numbers import EXACT, FLOAT, HIGH, NotDecided, Operand, Real
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.primitives import CALLS, EVERYWHERE, Primitive
from symbp.calculus.sweep import reverse
from symbp.calculus.text import expression_text, statement_text
from symbp.codegen.lower import lower
from symbp.graph.latex import tikz_picture
from symbp.graph.model import read_graph
from symbp.graph.python import python_code
from symbp.graph.text import text_page
from symbp.graph.values import read_values, work_out

m = mpmath.mp
m.dps = 50
CANDIDATES = (-2.3, -1.35, -0.85, -0.45, 0.15, 0.55, 0.9, 1.3, 1.85, 3.15)
BASIC = ("exp", "log", "floor_of", "where")  # what number systems bring along
CALLED = {  # of one number z, each argument another formula of it
    "max": "max(z, 1 - z/3)", "min": "min(z, 1 - z/3)", "where": "where(z > 1/3, z**2, 2*z)", "xlogy": "xlogy(z + 2, z)",
}  # fmt: skip
ORACLES = {  # what mpmath calls otherwise, or not at all
    "abs": abs, "sign": m.sign, "step": lambda z: m.mpf(z > 0), "max": lambda z: max(z, 1 - z / 3),
    "min": lambda z: min(z, 1 - z / 3), "where": lambda z: z**2 if z > m.mpf(1) / 3 else 2 * z,
    "xlogy": lambda z: (z + 2) * m.log(z), "sigmoid": lambda z: 1 / (1 + m.exp(-z)),
    "softplus": lambda z: m.log(1 + m.exp(z)), "normal_cdf": m.ncdf, "log2": lambda z: m.log(z, 2),
    "exp2": lambda z: m.mpf(2) ** z,
}  # fmt: skip
PRINTED = {"exp": "e^{", "log": r"\ln"}  # how a page writes what it has other signs for
OWN_SIGNS = ("abs", "floor", "step", "where")  # bars, brackets, an indicator, cases
LINES = "y[i] = {}\nJ = sum(g[i]*y[i], i)"


def called(row: Primitive, z: str = "z") -> str:
    """A call of the function in which `z` stands."""
    return re.sub(r"\bz\b", z, CALLED.get(row.name, f"{row.name}(z)"))


def oracle(row: Primitive):
    """The same function of one number by mpmath."""
    return ORACLES.get(row.name) or getattr(m, row.name)


def points(row: Primitive) -> list[float]:
    """Some numbers at which it has a value."""
    return [x for x in CANDIDATES if not row.domain.excludes(x)]


@cache
def backward(row: Primitive):
    """The forward map y[i] = f(x[i]), J = sum(g*y), with its gradients."""
    return reverse(read_program(LINES.format(called(row, "x[i]")), x="i", g="i"))


def given(row: Primitive) -> dict[str, np.ndarray]:
    """Values of the inputs, and a random upstream gradient."""
    x = np.array(points(row))
    return {"x": x, "g": np.random.default_rng(5).normal(size=x.shape)}


def close(found, wanted, tolerance=1e-12):
    for a, b in zip(np.ravel(found), np.ravel(wanted), strict=True):
        assert abs(a - b) <= tolerance * max(1, abs(b)), (a, b)


def has_values(row: Primitive) -> None:
    """Floats, many digits and whole arrays agree with mpmath, and outside its domain it has no value."""
    values, f = given(row), oracle(row)
    exact = [f(m.mpf(x)) for x in values["x"]]
    close(evaluate(backward(row).forward, values)["y"], exact)
    high = evaluate(backward(row).forward, values, numbers=HIGH)["y"]
    close(high, exact, 1e-45)
    close(evaluate_vectorized(backward(row).forward, values, numbers=HIGH)["y"], high, 1e-45)
    if row.domain is EVERYWHERE:
        return
    for outside in (row.domain.low - 0.25, row.domain.high + 0.25):
        if np.isfinite(outside):
            for numbers in (FLOAT, HIGH):
                try:
                    evaluate(backward(row).forward, {"x": [outside], "g": [1.0]}, numbers=numbers)
                except ValueError:
                    continue
                raise AssertionError(f"a value at {outside}")


ODD = {"turn": lambda x: m.tan(x / 2), "normal_cdf": lambda x: m.erf(x / m.sqrt(2)) / 2}
ARGUMENTS = {"max": lambda z: (z, 1 - z / 3), "min": lambda z: (z, 1 - z / 3), "xlogy": lambda z: (z + 2, z)}


class WithOdd(Real):
    """Floats of many digits in which the odd functions that a field draws are what they stand for."""

    def odd(self, name, a):
        return ODD.get(name, getattr(m, name, None))(a)


def is_written_truly(row: Primitive) -> None:
    """What a field takes for its value is its value: what is wrong here would prove wrong claims."""
    if row.written is None:
        assert row.key in BASIC or row.head is None, "a field does not know it"
        return
    numbers = WithOdd(50)
    for x in map(m.mpf, points(row)):
        args = ARGUMENTS.get(row.name, lambda z: (z,))(x)
        close([row.written(*(Operand(numbers, a) for a in args)).raw], [oracle(row)(x)], 1e-45)


def derives(row: Primitive) -> None:
    """The derived gradient is that of mpmath's differences and of dual numbers, and in a finite field exactly theirs."""
    values, f, b = given(row), oracle(row), backward(row)
    found = evaluate(b.program, values, numbers=HIGH)[b.adjoint["x"]]
    with mpmath.workdps(100):
        wanted = [g * m.diff(f, m.mpf(x), h=m.mpf("1e-30")) for x, g in zip(values["x"], values["g"], strict=True)]
    close(found, wanted, 1e-20)
    dual = Dual(HIGH)
    moving = {"x": [dual.variable(x) for x in values["x"]], "g": values["g"]}
    slopes = [v.slope for v in evaluate(b.forward, moving, numbers=dual)["y"]]
    close(found, [g * s for g, s in zip(values["g"], slopes, strict=True)], 1e-45)
    decided = 0
    for seed in range(60):
        field = Field(seed)
        dual = Dual(field)
        x, g = field.random("x"), field.random("g")
        if row.chooses:
            x = field.mul(x, x)
        try:
            slope = evaluate(b.forward, {"x": [dual.variable(x)], "g": [dual.number(g)]}, numbers=dual)
            derived = evaluate(b.program, {"x": [x], "g": [g]}, numbers=field)[b.adjoint["x"]]
        except NotDecided:
            continue
        assert slope["J"][()].slope == derived[0], "the field tells the derivative from the slope"
        decided += 1
        if decided == 3:
            return
    raise AssertionError("no field decides it")


def stays_exact(row: Primitive) -> None:
    """In fractions it is a fraction or undecided."""
    decimals = [Fraction(k, 4) for k in range(-9, 13) if not row.domain.excludes(Fraction(k, 4))]
    for x in decimals:
        try:
            value = evaluate(backward(row).forward, {"x": [x], "g": [Fraction(1)]}, numbers=EXACT)["y"][0]
        except NotDecided:
            continue
        assert isinstance(value, Fraction)
        close([m.mpf(value.numerator) / value.denominator], [oracle(row)(m.mpf(x.numerator) / x.denominator)], 1e-45)


def reads_and_prints_text(row: Primitive) -> None:
    """What the index language prints of it is read back as the same, by each of its names."""
    statement = backward(row).forward.definitions["y"]
    again = read_program(statement_text(statement), x="i").definitions["y"]
    assert again.at(statement.indices) == statement.body
    for alias in (row.name, *row.aliases):
        assert CALLS[alias] == (row.made, row.arguments)
        assert read_scalar_function("f", re.sub(rf"\b{row.name}\b", alias, called(row))).definition == definition(row)


@cache
def definition(row: Primitive):
    """The function of one argument that a call is."""
    return read_scalar_function("f", called(row)).definition


def inside(row: Primitive) -> str:
    """A formula in z whose values lie in the domain."""
    low, high = row.domain.bounds
    if np.isfinite(low) and np.isfinite(high):
        return "z/(2 + z**2)"
    return "z" if not np.isfinite(low) else f"({low + 1:g} + z**2)"


@cache
def network(row: Primitive):
    """A network with the function as an activation of its own."""
    function = read_scalar_function("f", called(row, inside(row)))
    layers = [sb.Layer("dense", {"": 4}), "f", sb.Layer("dense", {"": 2})]
    return sb.Network(3, layers, loss="sse", functions={"f": function})


def prints_pages(row: Primitive, notations: Iterable[str] = ("iitm", "esl")) -> None:
    """A page of a network with it is printed in LaTeX and in Markdown, in some notations, without a name that LaTeX lacks."""
    assert row.latex or row.spelled_out or row.head is None or row.name in OWN_SIGNS, "it has no LaTeX"
    d = sb.derive(network(row))
    for name in notations:
        latex, markdown = d.page("latex", convention=name), d.page("markdown", convention=name)
        for page in (latex, markdown):
            assert not re.search(r"\\operatorname\{(log1p|expm1|xlogy|absolute|sgn)\}", page)
            assert any(
                sign in page for sign in (PRINTED.get(row.name, row.latex), row.latex.replace("operatorname", "mathrm"))
            )
    assert expression_text(definition(row)) in d.page("text") or inside(row) != "z"


def generates(row: Primitive) -> None:
    """Code for it, forward and backward, agrees with the evaluator, keeps the dtype, and is finite wherever the function is."""
    b = backward(row)
    block = lower(b.program, ["y", b.adjoint["x"]])
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 3e-5)):
        values = {n: v.astype(dtype) for n, v in given(row).items()}
        exact = evaluate(b.program, {n: v.astype(float) for n, v in values.items()}, numbers=HIGH)
        found = run_block(block, values)
        for name, array in found.items():
            assert array.dtype == dtype, name
            close(array.astype(float), exact[name].astype(float), tolerance)
        large = 80 if dtype is np.float32 else 700
        ends = [x for x in (-1e15, -large, -30, -1e-6, 0, 1e-30, 1e-6, 30, large, 1e15) if not row.domain.excludes(x)]
        for x in ends:
            at = {"x": np.array([x], dtype), "g": np.ones(1, dtype)}
            try:
                exact = evaluate(b.program, at, numbers=HIGH)
            except (ValueError, ArithmeticError):
                continue  # such as a slope at the end of the domain
            if any(abs(exact[name][0]) > np.finfo(dtype).max for name in ("y", b.adjoint["x"])):
                continue
            for name, array in run_block(block, at).items():
                wanted = exact[name][0]
                assert array.dtype == dtype and np.isfinite(array).all(), (name, x, array)
                close(array.astype(float), [float(wanted)], tolerance)


def trains(row: Primitive) -> None:
    """A whole module of a network with it: the gradient along a random direction is the difference of the loss."""
    module, rng = from_source(sb.generate(network(row), dtype="float64")), np.random.default_rng(11)
    params = {n: 0.4 * rng.normal(size=v.shape) for n, v in module.init(dtype=np.float64).items()}
    along = {n: rng.normal(size=v.shape) for n, v in params.items()}
    x, y, h = rng.normal(size=(7, 3)), rng.normal(size=(7, 2)), 1e-6
    _, grads = module.loss_and_grads(params, x, y)
    slope = sum((grads[n] * along[n]).sum() for n in params)
    ahead, behind = (module.loss_and_grads({n: v + s * along[n] for n, v in params.items()}, x, y)[0] for s in (h, -h))
    assert abs((ahead - behind) / (2 * h) - slope) <= 1e-6 * max(1, abs(slope))


def draws(row: Primitive) -> None:
    """Node by node: values, gradients, text, pictures, and a Python program that prints the same."""
    x = points(row)[-1]
    graph = read_graph(f"y = {called(row, 'x')}; f = y*w")
    values = read_values(f"x={x},w=1.25", graph)
    n = work_out(graph, values)
    space: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(python_code(graph, values), "graph.py", "exec"), space)  # code that symbp generated, in a test
    close([float(n.values["y"]), float(n.gradients["x"])], [space["y"], space["df_dx"]])
    close([float(n.values["y"])], [oracle(row)(m.mpf(x))])
    assert text_page(graph, n) and tikz_picture(graph, n)


JOBS = (
    has_values,
    is_written_truly,
    derives,
    stays_exact,
    reads_and_prints_text,
    prints_pages,
    generates,
    trains,
    draws,
)


def failing(row: Primitive, jobs=JOBS) -> list[str]:
    """The jobs that a row cannot go through, each with the row's name."""
    for memo in (backward, definition, network):
        memo.cache_clear()
    found = []
    for job in jobs:
        with warnings.catch_warnings():
            try:
                job(row)
            except Exception as e:  # whatever is missing
                found.append(f"{row.name}: {job.__name__}: {e}")
    return found
