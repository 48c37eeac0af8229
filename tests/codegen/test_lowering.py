"""Lowered code against the brute-force evaluator: forward statements and adjoints, in both precisions."""

import zlib

import numpy as np
import pytest
import sympy
from run_block import run_block

from symbp.calculus.indices import Axis, Index
from symbp.calculus.language import read_program
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.program import Program, Statement, Tensor
from symbp.calculus.sweep import reverse
from symbp.codegen.lower import lower

PROGRAMS = {
    "dense": (
        """z1[n,i] = sum(W1[i,j]*x[n,j], j) + b1[i]
           a1[n,i] = sigmoid(z1[n,i])
           z2[n,k] = sum(W2[k,i]*a1[n,i], i) + b2[k]
           a2[n,k] = tanh(z2[n,k])
           J = mean(sum((a2[n,k] - y[n,k])**2, k), n)/2""",
        {"x": "n d", "y": "n k", "W1": "h d", "b1": "h", "W2": "k h", "b2": "k"},
    ),
    "softmax": (
        "a[n,k] = exp(z[n,k] - logsumexp(z[n,j], j))\nJ = -mean(sum(y[n,k]*log(a[n,k]), k), n)",
        {"z": "n k", "y": "n k"},
    ),
    "layer norm": (
        """mu[n] = mean(x[n,d], d)
           c[n,d] = x[n,d] - mu[n]
           r[n] = 1/sqrt(mean(c[n,d]**2, d) + eps)
           y[n,d] = gamma[d]*c[n,d]*r[n] + beta[d]
           J = sum(G[n,d]*y[n,d], n, d)""",
        {"x": "n d", "gamma": "d", "beta": "d", "G": "n d", "eps": ""},
    ),
    "attention": (
        """S[t,s] = scale*sum(Q[t,d]*K[s,d], d)
           P[t,s] = exp(S[t,s] - logsumexp(S[t,r], r))
           O[t,v] = sum(P[t,s]*V[s,v], s)
           J = sum(G[t,v]*O[t,v], t, v)""",
        {"Q": "t d", "K": "s d", "V": "s v", "scale": "", "G": "t v"},
    ),
    "heads": (
        """S[t,h,s] = sum(Q[t,h,d]*K[s,h,d], d)
           O[t,h,v] = sum(S[t,h,s]*V[s,h,v], s)
           J = sum(G[t,h,v]*O[t,h,v], t, h, v)""",
        {"Q": "t h d", "K": "s h d", "V": "s h v", "G": "t h v"},
    ),
    "groups": (
        "y[n,g,o,t] = sum(W[g,o,i]*x[n,g,i,t], i)\nJ = sum(G[n,g,o,t]*y[n,g,o,t], n, g, o, t)",
        {"x": "n g i t", "W": "g o i", "G": "n g o t"},
    ),
    "a matrix and a vector for each example": (
        "y[n,i] = sum(A[n,i,j]*v[n,j], j)\nJ = sum(G[n,i]*y[n,i], n, i)",
        {"A": "n i j", "v": "n j", "G": "n i"},
    ),
    "two summed axes in a batch": (
        "y[n,a,b] = sum(U[n,a,i,j]*V[n,j,i,b], i, j)\nJ = sum(G[n,a,b]*y[n,a,b], n, a, b)",
        {"U": "n a i j", "V": "n j i b", "G": "n a b"},
    ),
    "four free axes in a batch": (
        "y[h,a,b,c,d] = sum(U[a,h,b,i]*V[c,i,h,d], i)\nJ = sum(G[h,a,b,c,d]*y[h,a,b,c,d], h, a, b, c, d)",
        {"U": "a h b i", "V": "c i h d", "G": "h a b c d"},
    ),
    "quadratic form": ("J = sum(x[i]*A[i,j]*x[j], i, j)", {"x": "a", "A": "a a"}),
    "three factors": (
        "y[n,o] = sum(A[o,i,j]*x[n,i]*v[n,j], i, j) + c[o]\nJ = sum(G[n,o]*y[n,o], n, o)",
        {"A": "o i j", "x": "n i", "v": "n j", "c": "o", "G": "n o"},
    ),
    "two summed axes": (
        "O[a,b] = sum(P[a,i,j]*V[i,j,b], i, j)\nJ = sum(G[a,b]*O[a,b], a, b)",
        {"P": "a i j", "V": "i j b", "G": "a b"},
    ),
    "chain and trace": ("J = sum(A[i,j]*B[j,k]*C[k,i], i, j, k)", {"A": "a b", "B": "b c", "C": "c a"}),
    "diagonal": ("t = sum(A[i,i], i)\nJ = t**2 + sum(B[i]*A[i,i], i)", {"A": "a a", "B": "a"}),
    "radial": (
        """k[n,m] = exp(-gamma*sum((x[n,d] - c[m,d])**2, d))
           y[n] = sum(w[m]*k[n,m], m)
           J = sum(g[n]*y[n], n)""",
        {"gamma": "", "x": "n d", "c": "m d", "w": "m", "g": "n"},
    ),
    "residual": (
        """h[n,i] = tanh(sum(W[i,j]*x[n,j], j))
           y[n,i] = x[n,i] + sum(V[i,j]*h[n,j], j)
           J = sum(g[n,i]*y[n,i]**2, n, i)""",
        {"x": "n d", "W": "h d", "V": "d h", "g": "n d"},
    ),
    "max and prod": (
        "m[n] = max(x[n,d], d)\nq[n] = prod(x[n,d], d)\nJ = sum(g[n]*m[n] + h[n]*q[n], n)",
        {"x": "n d", "g": "n", "h": "n"},
    ),
    "scalars": (
        """a[n,k] = step(z[n,k] - 4/5)
           b[n,k] = where(z[n,k] - 1 > 0, log(z[n,k]), exp(z[n,k])) + max(z[n,k], 1) + abs(z[n,k])
           c[n,k] = normal_cdf(z[n,k]) + softplus(z[n,k])*xlogy(w[k], z[n,k]) + atan(z[n,k])*min(w[k], z[n,k])
           d[n,k] = sin(z[n,k])**3 + z[n,k]**(5/2)/cosh(z[n,k])**2 + floor(2*z[n,k])*sign(z[n,k] - w[k])
           J = sum(a[n,k]*b[n,k]*c[n,k]*d[n,k], n, k)""",
        {"z": "n k", "w": "k"},
    ),
    "log-sum-exp": ("l[k] = logsumexp(x[n,k], n)\nJ = sum(g[k]*l[k], k)", {"x": "n k", "g": "k"}),
}


@pytest.mark.thinned(3)
@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-12), (np.float32, 3e-5)])
@pytest.mark.parametrize("name", PROGRAMS)
def test_agrees_with_the_evaluator(name, dtype, tolerance):
    text, axes = PROGRAMS[name]
    program = reverse(read_program(text, **axes)).program
    block = lower(program, [s.target.name for s in program])
    assert len(block.assignments) == len(program.statements)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    letters = sorted({a.name for t in program.tensors.values() for a in t.axes})
    sizes = dict(zip(letters, (3, 5, 2, 4, 7, 6), strict=False))
    values = {t.name: rng.uniform(0.3, 1.7, [sizes[a.name] for a in t.axes]) for t in program.declared}
    values = {n: np.asarray(v, dtype) for n, v in values.items()}
    before = {n: v.copy() for n, v in values.items()}
    wanted = evaluate(program, {n: np.asarray(v, float) for n, v in values.items()}, sizes)
    for key, value in run_block(block, values).items():
        assert value.dtype == dtype, key
        assert value.shape == wanted[key].shape, key
        np.testing.assert_allclose(value, wanted[key], rtol=tolerance, atol=tolerance, err_msg=key)
    for key, value in before.items():
        np.testing.assert_array_equal(values[key], value)


@pytest.mark.parametrize(
    "name", ["heads", "groups", "two summed axes", "two summed axes in a batch", "four free axes in a batch"]
)
def test_batched_products_are_matrix_products(name):
    text, axes = PROGRAMS[name]
    program = reverse(read_program(text, **axes)).program
    lines = "\n".join(lower(program, [s.target.name for s in program]).lines)
    assert ("einsum" not in lines and "@" in lines) or "tensordot" in lines or "products" in lines


def test_products_are_matrix_products():
    text, axes = PROGRAMS["dense"]
    program = reverse(read_program(text, **axes)).program
    lines = "\n".join(lower(program, ["J", "dW1", "dW2", "db1"]).lines)
    assert "x @ W1.T" in lines and "@ W2\n" in lines
    assert "einsum" not in lines and "for " not in lines


def test_dead_statements_and_copies_disappear():
    program = read_program("u[i] = x[i]\nv[i] = exp(x[i])\nw[i] = 2*u[i]", x="d")
    assert lower(program, ["w"]).lines == ("w = 2 * x",)
    assert lower(program, ["u"]).lines == ("u = x",)


def test_what_is_at_hand_is_read_and_not_computed():
    program = read_program("u[i] = exp(x[i])\nw[i] = 2*u[i]\nv[i] = w[i] + x[i]", x="d")
    block = lower(program, ["v"], ["x", "u"])
    assert block.inputs == ("x", "u")
    assert block.lines == ("w = 2 * u", "v = w + x")


def test_a_repeated_part_is_computed_once():
    program = read_program("y[i] = exp(x[i]*w[i])/(2 + exp(x[i]*w[i]))**2", x="d", w="d")
    assert sum(line.count("exp(") for line in lower(program, ["y"]).lines) == 1


def test_names_that_the_code_needs_are_left_alone():
    program = read_program("params[i] = x[i]**2\nsoftplus2[i] = softplus(params[i])\nt1[i] = params[i]*x[i]", x="d")
    block = lower(program, ["softplus2", "t1"])
    assert block.variables["params"] == "params_"
    got = run_block(block, {"x": np.array([1.0, 2.0])})
    np.testing.assert_allclose(got["t1"], [1, 8])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_does_not_depend_on_an_index_is_broadcast(dtype):
    n, k = Index("n", Axis("n")), Index("k", Axis("k"))
    w, x = Tensor("w", (k.axis,), "parameter"), Tensor("x", (n.axis,), "input")
    y, c, m = (Tensor(name, (n.axis, k.axis)) for name in "ycm")
    body = Statement(y, (n, k), w[(k,)]), Statement(c, (n, k), sympy.Rational(2)), Statement(m, (n, k), sympy.S.Zero)
    got = run_block(lower(Program((w, x), body), "ycm"), {"w": np.ones(3, dtype), "x": np.ones(2, dtype)})
    assert {(v.shape, v.dtype.type) for v in got.values()} == {((2, 3), dtype)}
    assert [v.sum() for v in got.values()] == [6, 12, 0]
    assert all(v.flags.writeable for v in got.values())
