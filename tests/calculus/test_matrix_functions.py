"""Functions of a whole matrix: each row of their table in every job below the pages, and the forms that are in the literature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from calculus_oracles import agrees, elements, proved
from sympy import KroneckerDelta

from symbp.calculus.language import read_program
from symbp.calculus.matrix.nodes import matrix_text
from symbp.calculus.matrix.read import read_matrix
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.field import Field
from symbp.calculus.numeric.numbers import EXACT, HIGH
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.passes import run
from symbp.calculus.primitives.matrices import MATRIX_FUNCTIONS, MatrixPrimitive
from symbp.calculus.program import check
from symbp.calculus.sweep import Backward, reverse
from symbp.calculus.text import statement_text
from symbp.codegen import cody
from symbp.codegen.forms import with_dependencies
from symbp.codegen.lower import lower
from symbp.errors import InputError
from symbp.notation.templates import environment

HELPERS = environment("numpy")
LENGTHS = {"a": 4, "b": 3, "c": 5, "s": 2}
ORACLES: Mapping[str, Callable[..., Any]] = {
    "inv": jnp.linalg.inv,
    "det": jnp.linalg.det,
    "logdet": lambda a: jnp.linalg.slogdet(a)[1],
}
"""JAX's functions by the names of the rows."""
Forward = Callable[..., Any]
CASES: Mapping[str, tuple[str, Mapping[str, str], Forward]] = {
    "solve": (
        "X[i,r] = sum(inv(A)[i,k]*B[k,r], k)\nJ = sum(G[i,r]*X[i,r], i, r)",
        {"A": "a a", "B": "a b", "G": "a b"},
        lambda A, B, G: (G * jnp.linalg.solve(A, B)).sum(),
    ),
    "an inverse with a name, read as it is and along its diagonal": (
        "V[i,j] = inv(A)[i,j]\nJ = sum(G[i,j]*V[j,i], i, j) + sum(V[i,i]*inv(A)[i,i], i)",
        {"A": "a a", "G": "a a"},
        lambda A, G: (G * jnp.linalg.inv(A).T).sum() + (jnp.diag(jnp.linalg.inv(A)) ** 2).sum(),
    ),
    "least squares": (
        """M[i,j] = sum(X[n,i]*X[n,j], n) + lam**2*sum(E[i,k]*E[j,k], k)
        w[i] = sum(inv(M)[i,j]*X[n,j]*y[n], j, n)
        J = sum(g[i]*w[i], i) + logdet(M)/2""",
        {"X": "c b", "y": "c", "lam": "", "E": "b b", "g": "b"},
        lambda X, y, lam, E, g: (
            g @ jnp.linalg.solve(X.T @ X + lam**2 * E @ E.T, X.T @ y)
            + jnp.linalg.slogdet(X.T @ X + lam**2 * E @ E.T)[1] / 2
        ),
    ),
    "of an expression": (
        "J = logdet(sum(X[n,p]*tanh(X[n,q]), n), p, q)*det(sum(X[n,p]*X[n,q], n), p, q)",
        {"X": "c b"},
        lambda X: jnp.linalg.slogdet(X.T @ jnp.tanh(X))[1] * jnp.linalg.det(X.T @ X),
    ),
    "a matrix for each example": (
        "y[n,i] = sum(inv(S[n,p,q], p, q)[i,j]*x[n,j], j)\nJ = sum(g[n,i]*y[n,i], n, i) + sum(logdet(S[n,p,q], p, q)**2, n)",
        {"S": "s a a", "x": "s a", "g": "s a"},
        lambda S, x, g: (g * jnp.linalg.solve(S, x[..., None])[..., 0]).sum() + (jnp.linalg.slogdet(S)[1] ** 2).sum(),
    ),
    "a normal distribution": (
        "J = -sum(sum(r[n,i]*inv(S)[i,j]*r[n,j], i, j), n)/2 - logdet(S)*c/2",
        {"r": "c b", "S": "b b", "c": ""},
        lambda r, S, c: -jnp.einsum("ni,ij,nj->", r, jnp.linalg.inv(S), r) / 2 - jnp.linalg.slogdet(S)[1] * c / 2,
    ),
    "the trace and Frobenius's norm, which need no row": (
        "J = sum(A[i,k]*B[k,i], i, k)*sqrt(sum(A[i,k]**2, i, k)) + sum(C[i,i], i)",
        {"A": "a b", "B": "b a", "C": "c c"},
        lambda A, B, C: jnp.trace(A @ B) * jnp.linalg.norm(A) + jnp.trace(C),
    ),
}


def of_row(row: MatrixPrimitive) -> tuple[str, Mapping[str, str], Forward]:
    """A row's function with a random upstream."""
    indices = "ij"[: row.made.rank]
    read = f"[{','.join(indices)}]" if indices else ""
    total = f"sum(G{read}*{row.name}(A){read}, {', '.join(indices)})" if indices else f"G*{row.name}(A)"
    oracle = ORACLES[row.name]
    return f"J = {total}", {"A": "a a", "G": "a " * row.made.rank}, lambda A, G: (G * oracle(A)).sum()


ALL = {**{row.name: of_row(row) for row in MATRIX_FUNCTIONS}, **CASES}


def derived(lines: str, axes: Mapping[str, str]) -> Backward:
    backward = run(reverse(read_program(lines, **axes), "J"))
    check(backward.program)
    return backward


def drawn(axes: Mapping[str, str], seed: int = 5) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {name: rng.standard_normal([LENGTHS[a] for a in names.split()]) for name, names in axes.items()}


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", ALL)
def test_every_gradient_is_that_of_jax(name: str) -> None:
    lines, axes, forward = ALL[name]
    backward, values = derived(lines, axes), drawn(axes)
    wanted = jax.grad(lambda given: forward(**given))({n: jnp.asarray(v) for n, v in values.items()})
    found = evaluate(backward.program, values)
    block = lower(backward.program, ["J", *backward.adjoint.values()])
    helpers = [
        HELPERS.get_template(f"helpers/{h}.py.jinja").render(cody=cody) for h in with_dependencies(block.helpers)
    ]
    scope: dict[str, Any] = {"np": np, "Array": np.ndarray, **values}
    exec("\n".join([*helpers, *block.lines]), scope)
    for n in axes:
        assert agrees(found[backward.adjoint[n]], wanted[n]), n
        assert agrees(scope[block.variables[backward.adjoint[n]]], wanted[n]), n
        for mutant in (-17 * wanted[n], wanted[n].T, 0 * wanted[n]):
            unchanged = mutant.shape == wanted[n].shape and np.allclose(mutant, wanted[n])
            assert unchanged or not agrees(found[backward.adjoint[n]], mutant), n


@pytest.mark.parametrize("name", ALL)
def test_every_gradient_is_exact_in_finite_fields(name: str) -> None:
    lines, axes, _ = ALL[name]
    shapes = {n: tuple(LENGTHS[a] - 1 for a in names.split()) for n, names in axes.items()}
    backward = derived(lines, axes)
    assert proved(backward, shapes, 2)
    field = Field(4)
    values = elements(field, shapes)
    one, other = (e(backward.program, values, numbers=field) for e in (evaluate, evaluate_vectorized))
    assert all((one[n] == other[n]).all() for n in backward.adjoint.values())


@pytest.mark.parametrize("name", ALL)
def test_what_is_printed_is_read_again(name: str) -> None:
    lines, axes, _ = ALL[name]
    backward = derived(lines, axes)
    program = backward.program.with_statements(*(s for s in backward.program if not s.body.has(KroneckerDelta)))
    again = read_program([statement_text(s) for s in program], **axes)
    values = drawn(axes)
    one, other = evaluate(program, values), evaluate(again, values)
    assert all(np.allclose(one[s.target.name], other[s.target.name], rtol=1e-9) for s in program)


FORMS = [
    ("inverse", "V[i,j] = inv(A)[i,j]\nJ = sum(G[i,j]*V[i,j], i, j)", {"A": "a a", "G": "a a"}, {"dA": "-V.T @ dV @ V.T"}),
    ("solve", *CASES["solve"][:2], {"dB": "inv(A).T @ dX", "dA": "-dB @ X.T", "X": "inv(A) @ B"}),
    ("logdet", "J = logdet(A)", {"A": "a a"}, {"dA": "inv(A).T", "J": "logdet(A)"}),
    ("log of det", "J = log(det(A))", {"A": "a a"}, {"dA": "inv(A).T"}),
    ("det", "J = det(A)", {"A": "a a"}, {"dA": "J * inv(A).T"}),
    ("of a transpose", "J = logdet(A[q,p], p, q)", {"A": "a a"}, {"dA": "inv(A).T", "J": "logdet(A)"}),
    ("trace", "J = sum(A[i,k]*B[k,i], i, k)", {"A": "a b", "B": "b a"}, {"dA": "B.T", "dB": "A.T"}),
    ("norm", "J = sqrt(sum(A[i,k]**2, i, k))", {"A": "a b"}, {"dA": "A / J"}),
    ("Mahalanobis", "J = sqrt(sum(r[i]*inv(S)[i,j]*r[j], i, j))", {"S": "a a", "r": "a"},
     {"dS": "-inv(S).T @ r @ r.T @ inv(S).T / 2 / J", "dr": "(inv(S) @ r + inv(S).T @ r) / 2 / J"}),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "axes", "wanted"), [f[1:] for f in FORMS], ids=[f[0] for f in FORMS])
def test_the_forms_of_the_literature(lines: str, axes: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    program = derived(lines, axes).program
    for name, form in wanted.items():
        assert str(matrix_text(read_matrix(program.definitions[name], None, "columns", program))) == form


@pytest.mark.parametrize("numbers", [None, EXACT, HIGH], ids=["floats", "fractions", "digits"])
def test_a_singular_matrix_has_no_inverse(numbers: Any) -> None:
    program = read_program("V[i,j] = inv(A)[i,j]", A="a a")
    arguments = {} if numbers is None else {"numbers": numbers}
    for evaluator in (evaluate, evaluate_vectorized):
        with pytest.raises(ValueError, match=r"V.* has no value: the matrix is singular, so it has no inverse"):
            evaluator(program, {"A": [[1, 2], [2, 4]]}, **arguments)
    assert evaluate(read_program("J = det(A)", A="a a"), {"A": [[1, 2], [2, 4]]})["J"] == 0


WRONG = {
    "J = inv(A)": "inv takes 2 indices, got 0",
    "J = logdet(B)": "logdet is of a square matrix, and this one is a x b",
    "J = det(v)": "det is of a matrix, and v has the axes b",
    "J = det(c)": "det is of a matrix, and c has no axes",
    "J = logdet(A[p,q], p)": "the letters of its rows and columns",
    "J = det(Q)": "unknown tensor 'Q'",
    "V[i,j] = tanh(A)[i,j]": r"tanh\(...\) has no elements",
    "J = sum(inv(A)[i,j]*v[i], i, j)": "index i runs over axes of different length",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_no_matrix_is_said(line: str) -> None:
    with pytest.raises(InputError, match=WRONG[line]) as e:
        read_program([line], A="a a", B="a b", v="b", c="")
    assert e.value.place.column is not None
