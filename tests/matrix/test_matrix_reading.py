"""The matrix reading against the brute-force value of the index form, and against the forms that textbooks print."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_programs import FUNCTIONS, ORIENTATIONS, SIZES, SOURCES, UNREAD, derived, displayed, evaluated
from matrix_value import FUNCTIONS as FUNCTION_VALUES
from matrix_value import OF_MATRICES, evaluate_matrix

from symbp.calculus.language import read_program
from symbp.calculus.matrix.nodes import matrix_text
from symbp.calculus.matrix.read import Layout, Orientation, orientation, read_matrix
from symbp.calculus.program import Program


@pytest.mark.parametrize(("layout", "orient"), [o[1:] for o in ORIENTATIONS], ids=[o[0] for o in ORIENTATIONS])
@pytest.mark.parametrize("name", SOURCES)
def test_value_of_reading(name: str, layout: Layout, orient: Orientation) -> None:
    program = derived(name)
    shown = displayed(evaluated(name), program, orient)
    unread = set()
    for s in program:
        m = read_matrix(s, orient, layout, program)
        if m is None:
            unread.add(s.target.name)
            continue
        np.testing.assert_allclose(
            evaluate_matrix(m, shown, FUNCTIONS, SIZES), shown[s.target.name], rtol=1e-10, err_msg=str(s)
        )
        assert matrix_value_of_text(matrix_text(m), shown).shape == shown[s.target.name].shape
        np.testing.assert_allclose(matrix_value_of_text(matrix_text(m), shown), shown[s.target.name], rtol=1e-10)
    assert unread == UNREAD.get(name, set())


def matrix_value_of_text(text: str, shown: dict[str, np.ndarray]) -> np.ndarray:
    """What the printed text means to Python and NumPy: holds parentheses and order to account."""

    def diag(a: np.ndarray) -> np.ndarray:
        return np.diag(a.ravel()) if 1 in a.shape else np.diag(a)[:, None]

    scope = {
        **{name: np.asarray(value) for name, value in shown.items()},
        **{f"N_{axis}": size for axis, size in SIZES.items()},
        "N": SIZES["n"],
        "pi": np.pi,
        "g": FUNCTIONS["g"],
        "g_": FUNCTIONS["g'"],
        "ones": lambda size: np.ones((size, 1)),
        "eye": np.eye,
        "diag": diag,
        **FUNCTION_VALUES,
        **OF_MATRICES,
        **{name: getattr(np, name) for name in ("exp", "log", "tanh", "sqrt")},
    }
    value = np.asarray(eval(text.replace("'", "_"), {"__builtins__": {}}, scope))
    return value if value.ndim == 2 else np.full((1, 1), value)


def readings(program: Program, layout: Layout = "columns", from_to: tuple[str, ...] = ()) -> dict[str, str]:
    found = {s.target.name: read_matrix(s, orientation(layout, from_to), layout, program) for s in program}
    return {name: matrix_text(m) for name, m in found.items() if m is not None}


TEXTBOOK = [
    ("dense", "columns", "z1", "W1 @ x + b1"),
    ("dense", "columns", "J", "(yhat - y).T @ (yhat - y) / 2"),
    ("dense", "columns", "dyhat", "yhat - y"),
    ("dense", "columns", "dz2", "g'(z2) * dyhat"),
    ("dense", "columns", "da1", "W2.T @ dz2"),
    ("dense", "columns", "dW1", "dz1 @ x.T"),
    ("dense", "columns", "db1", "dz1"),
    ("dense", "rows", "z1", "x @ W1.T + b1"),
    ("dense", "rows", "da1", "dz2 @ W2"),
    ("dense", "rows", "dW1", "dz1.T @ x"),
    ("dense batch", "columns", "z1", "W1 @ x + b1 @ ones(N).T"),
    ("dense batch", "columns", "dz1", "da1 * (1 - a1**2)"),
    ("dense batch", "columns", "dW2", "dz2 @ a1.T"),
    ("dense batch", "columns", "db2", "dz2 @ ones(N)"),
    ("dense batch", "rows", "z1", "x @ W1.T + ones(N) @ b1"),
    ("dense batch", "rows", "da1", "dz2 @ W2"),
    ("dense batch", "rows", "dW2", "dz2.T @ a1"),
    ("dense batch", "rows", "db2", "ones(N).T @ dz2"),
    ("softmax", "columns", "dz", "a * (da - (a.T @ da) * ones(N_k))"),
    ("softmax batch", "columns", "dz", "a * (da - ones(N_k) @ ones(N_k).T @ (da * a))"),
    ("softmax batch", "rows", "dz", "a * (da - (da * a) @ ones(N_k) @ ones(N_k).T)"),
    ("functions", "columns", "p", "y * log(sigmoid(z)) + normal_cdf(z) * z**2"),
    ("softmax batch", "columns", "J", "-ones(N_k).T @ (y * log(a)) @ ones(N) / N"),
    ("attention", "columns", "S", "scale * Q @ K.T"),
    ("attention", "columns", "dQ", "scale * dS @ K"),
    ("attention", "columns", "dK", "scale * dS.T @ Q"),
    ("attention", "columns", "dV", "P.T @ dO"),
    ("attention", "columns", "dS", "P * (dP - (dP * P) @ ones(N_s) @ ones(N_s).T)"),
    ("quadratic form", "columns", "J", "x.T @ A @ x"),
    ("quadratic form", "columns", "dx", "A @ x + A.T @ x"),
    ("quadratic form", "columns", "dA", "x @ x.T"),
    ("trace", "columns", "J", "trace(A @ B @ C)"),
    ("trace", "columns", "dA", "C.T @ B.T"),
    ("bilinear", "columns", "J", "u.T @ A @ ((B @ v) * w)"),
    ("bilinear", "columns", "dA", "u @ ((B @ v) * w).T"),
    ("bilinear", "columns", "dw", "(A.T @ u) * (B @ v)"),
    ("squares", "columns", "J", "lam * trace(W.T @ W) / 2 + w.T @ w / N_c"),
    ("diagonal", "columns", "J", "trace(A) + x.T @ diag(D)"),
    ("layer norm", "rows", "dc", "diag(r) @ (dy @ diag(gamma) - diag(dr * r**2) @ c / N_d)"),
    ("residual", "rows", "dW", "(dh * (1 - h**2)).T @ x"),
    ("radial", "rows", "dc", "2 * gamma * (dk * k).T @ x - 2 * gamma * diag(ones(N).T @ (dk * k)) @ c"),
]


@pytest.mark.parametrize(("name", "layout", "tensor", "text"), TEXTBOOK)
def test_textbook_form(name: str, layout: Layout, tensor: str, text: str) -> None:
    assert readings(derived(name), layout)[tensor] == text


def test_orientation_follows_from_the_layout() -> None:
    program = derived("dense batch")
    for s in program:
        assert read_matrix(s, None, "rows", program) == read_matrix(s, orientation("rows"), "rows", program)


def test_weights_from_to() -> None:
    read = readings(derived("dense"), from_to=("W1", "W2"))
    assert read["z1"] == "W1.T @ x + b1"
    assert read["da1"] == "W2 @ dz2"
    assert read["dW1"] == "x @ dz1.T"  # the adjoint of W1 is displayed as W1 is


@pytest.mark.parametrize("layout", ["columns", "rows"])
@pytest.mark.parametrize(("axes", "along"), [("k", None), ("n k", 1)])
def test_softmax_by_its_label(axes: str, along: int | None, layout: Layout) -> None:
    free = ",".join(axes.split())
    other = free.replace("k", "j")
    for label, text in (("softmax", "exp({})"), ("log_softmax", "{}")):
        program = read_program(f"a[{free}] = {text.format(f'z[{free}] - logsumexp(z[{other}], j)')}", z=axes)
        s = replace(program.statements[0], label=label)
        orient = orientation(layout)
        m = read_matrix(s, orient, layout, program)
        assert m is not None and matrix_text(m) == f"{label}(z)"
        z = np.random.default_rng(5).normal(size=[SIZES[a] for a in axes.split()])
        p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
        shown = displayed({"z": z, "a": p if label == "softmax" else np.log(p)}, program, orient)
        np.testing.assert_allclose(evaluate_matrix(m, shown), shown["a"], rtol=1e-12)
        assert read_matrix(program.statements[0], orient, layout, program) is None


def test_kronecker_delta_is_the_identity() -> None:
    from sympy import KroneckerDelta

    from symbp.calculus.indices import Axis, Index
    from symbp.calculus.program import Statement, Tensor

    a = Axis("a")
    i, j = Index("i", a), Index("j", a)
    program = read_program("y[i] = 2*x[i]", x="a")
    x = program.tensors["x"]
    s = Statement(Tensor("H", (a, a)), (i, j), 3 * KroneckerDelta(i, j) - x[(i,)] * x[(j,)])
    m = read_matrix(s, orientation("columns"), "columns", program)
    assert m is not None and matrix_text(m) == "3 * eye(N_a) - x @ x.T"


LETTERS = "ijkl"
LENGTHS = dict(zip(LETTERS, (2, 3, 4, 5), strict=True))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(["i", "j", "k", "l", "ij", "ji", "jk", "kj", "kl", "li", "ik", "jl"]), min_size=1, max_size=5
    ),
    st.sampled_from(["", "i", "ij", "ji", "jk"]),
    st.sampled_from([0, 1, 2]),
)
def test_any_product(factors: list[str], free: str, which: int) -> None:
    """A random product under sums, read if it can be, has the value that numpy.einsum gives it."""
    letters = sorted({*"".join(factors)})
    free = "".join(c for c in free if c in letters)
    summed = [c for c in letters if c not in free]
    names = [f"A{n}" for n in range(len(factors))]
    body = "*".join(f"{name}[{','.join(f)}]" for name, f in zip(names, factors, strict=True))
    body = f"sum({body}, {', '.join(summed)})" if summed else body
    text = f"y[{','.join(free)}] = {body}" if free else f"y = {body}"
    program = read_program(text, **{name: " ".join(f) for name, f in zip(names, factors, strict=True)})
    _, layout, orient = ORIENTATIONS[which]
    m = read_matrix(program.statements[0], orient, layout, program)
    if m is None:
        assert len(letters) == 4 and len(factors) > 3  # three indices or fewer are always series-parallel
        return
    rng = np.random.default_rng(len(text))
    values = {n: rng.normal(size=[LENGTHS[c] for c in f]) for n, f in zip(names, factors, strict=True)}
    values["y"] = np.einsum(f"{','.join(factors)}->{free}", *values.values())
    shown = displayed(values, program, orient)
    np.testing.assert_allclose(evaluate_matrix(m, shown, sizes=LENGTHS), shown["y"], rtol=1e-9, atol=1e-12)


def test_complete_graph_has_no_reading() -> None:
    program = read_program(
        "y = sum(A[i,j]*B[i,k]*C[i,l]*D[j,k]*E[j,l]*F[k,l], i, j, k, l)",
        A="i j", B="i k", C="i l", D="j k", E="j l", F="k l",
    )  # fmt: skip
    assert read_matrix(program.statements[0], orientation("columns"), "columns", program) is None


def test_wrong_shapes_are_refused() -> None:
    program = derived("dense")
    m = read_matrix(program.definitions["z1"], orientation("columns"), "columns", program)
    assert m is not None
    shown = displayed(evaluated("dense"), program, orientation("columns"))
    with pytest.raises(ValueError, match=r"fit|lengths"):
        evaluate_matrix(m, {**shown, "x": shown["x"].T})
