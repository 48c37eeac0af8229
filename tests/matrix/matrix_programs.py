"""Programs for the tests of the matrix reading, and the display of their tensors as two-dimensional arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from symbp.calculus.functions import Z
from symbp.calculus.language import read_program
from symbp.calculus.matrix.read import Layout, Orientation, orientation
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.program import Program, ScalarFunction
from symbp.calculus.sweep import reverse

G = ScalarFunction("g", Z / (1 + Z**2))
SIZES = {"n": 3, "d": 4, "h": 5, "k": 2, "t": 7, "s": 6, "v": 3, "m": 8, "a": 4, "b": 5, "c": 6}

SOURCES: dict[str, tuple[str, dict[str, str]]] = {
    "dense": (
        """z1[i] = sum(W1[i,j]*x[j], j) + b1[i]
        a1[i] = g(z1[i])
        z2[k] = sum(W2[k,i]*a1[i], i) + b2[k]
        yhat[k] = g(z2[k])
        J = sum((yhat[k] - y[k])**2, k)/2""",
        {"x": "d", "y": "k", "W1": "h d", "b1": "h", "W2": "k h", "b2": "k"},
    ),
    "dense batch": (
        """z1[n,i] = sum(W1[i,j]*x[n,j], j) + b1[i]
        a1[n,i] = tanh(z1[n,i])
        z2[n,k] = sum(W2[k,i]*a1[n,i], i) + b2[k]
        yhat[n,k] = g(z2[n,k])
        J = mean(sum((yhat[n,k] - y[n,k])**2, k)/2, n)""",
        {"x": "n d", "y": "n k", "W1": "h d", "b1": "h", "W2": "k h", "b2": "k"},
    ),
    "softmax": ("a[k] = exp(z[k] - logsumexp(z[j], j))\nJ = sum(w[k]*a[k], k)", {"z": "k", "w": "k"}),
    "softmax batch": (
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
    "inverses": (
        """V[i,j] = inv(A)[i,j]
        X[i,k] = sum(inv(A)[i,j]*B[j,k], j)
        w[i] = sum(inv(A)[j,i]*x[j], j)*V[i,i]
        J = sum(G[i,k]*X[i,k], i, k) + sum(w[i]*x[i], i)*logdet(A) + det(A)*sum(inv(A)[i,i], i)""",
        {"A": "a a", "B": "a b", "G": "a b", "x": "a"},
    ),
    "quadratic form": ("J = sum(x[i]*A[i,j]*x[j], i, j)", {"x": "a", "A": "a a"}),
    "trace": ("J = sum(A[i,j]*B[j,k]*C[k,i], i, j, k)", {"A": "a b", "B": "b c", "C": "c a"}),
    "bilinear": (
        "J = sum(u[i]*A[i,j]*w[j]*B[j,k]*v[k], i, j, k)",
        {"u": "a", "A": "a b", "w": "b", "B": "b c", "v": "c"},
    ),
    "squares": ("J = lam/2*sum(W[i,j]**2, i, j) + mean(w[j]**2, j)", {"W": "a b", "w": "c", "lam": ""}),
    "radial": (
        """k[n,m] = exp(-gamma*sum((x[n,d] - c[m,d])**2, d))
        y[n] = sum(w[m]*k[n,m], m)
        J = sum(u[n]*y[n], n)""",
        {"x": "n d", "c": "m d", "w": "m", "u": "n", "gamma": ""},
    ),
    "residual": (
        """h[n,i] = tanh(sum(W[i,j]*x[n,j], j))
        y[n,i] = x[n,i] + sum(V[i,j]*h[n,j], j)
        J = sum(w[n,i]*y[n,i]**2, n, i)""",
        {"x": "n d", "W": "h d", "V": "d h", "w": "n d"},
    ),
    "diagonal": (
        "D[i,j] = A[i,j]/sqrt(sum(A[i,l]**2, l) + 1)\nJ = sum(D[i,i]*x[i], i) + sum(A[i,i], i)",
        {"A": "a a", "x": "a"},
    ),
    "batch norm": (
        """mu[d] = mean(x[n,d], n)
        c[n,d] = x[n,d] - mu[d]
        q[d] = mean(c[n,d]**2, n)
        y[n,d] = gamma[d]*c[n,d]/sqrt(q[d] + 1/8)
        J = sum(G[n,d]*y[n,d], n, d)""",
        {"x": "n d", "gamma": "d", "G": "n d"},
    ),
    "max and product": (
        "m[n] = max(x[n,d], d)\nq[n] = prod(x[n,d], d)\nJ = sum(u[n]*m[n] + v[n]*q[n], n)",
        {"x": "n d", "u": "n", "v": "n"},
    ),
    "functions": (
        """p[n,k] = xlogy(y[n,k], sigmoid(z[n,k])) + normal_cdf(z[n,k])*z[n,k]**2
        q[n,k] = where(step(z[n,k] - 1), abs(z[n,k] - y[n,k]), softplus(-z[n,k])) + max(z[n,k], y[n,k])
        J = -mean(sum(p[n,k]*exp(-q[n,k]), k), n) + sum(u[k]*y[n,k]*(z[n,k] - 1/2), n, k)""",
        {"y": "n k", "z": "n k", "u": "k"},
    ),
    "three indices": (
        "y[n,o] = sum(T[o,i,j]*x[n,i]*x[n,j], i, j)\nJ = sum(w[n,o]*y[n,o], n, o)",
        {"T": "k d d", "x": "n d", "w": "n k"},
    ),
}
"""Each program's lines, and the axes of the tensors that it declares."""

UNREAD = {
    "softmax": {"a"},
    "softmax batch": {"a"},
    "attention": {"P"},
    "radial": {"k", "dgamma"},
    "max and product": {"m", "q", "dx"},
    "three indices": {"y", "dT", "dx"},
}
"""The statements that have no reading: reductions that are no sums, and what needs three indices at once."""


@cache
def derived(name: str) -> Program:
    """A program with the statements of its adjoints."""
    text, axes = SOURCES[name]
    return reverse(read_program(text, (), (G,), **axes)).program


@cache
def evaluated(name: str) -> dict[str, Any]:
    """The value of every tensor of a program at a random point, by the brute-force evaluator."""
    program = derived(name)
    rng = np.random.default_rng(sum(map(ord, name)))
    values = {t.name: rng.uniform(0.3, 1.7, [SIZES[a.name] for a in t.axes]) for t in program.declared}
    return evaluate(program, values, SIZES)


def displayed(values: dict[str, Any], program: Program, orient: Orientation) -> dict[str, Any]:
    """Every value with at most two axes as the two-dimensional array that `orient` displays."""
    shown = {}
    for name, tensor in program.tensors.items():
        if len(tensor.axes) > 2:
            continue
        row, col = orient(tensor)
        array = np.asarray(values[name], dtype=float)
        if len(tensor.axes) == 2:
            shown[name] = array if (row, col) == (0, 1) else array.T
        else:
            shown[name] = array.reshape(-1, 1) if col is None else array.reshape(1, -1)
    return shown


def differentiated(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The derivative of an analytic function, by a complex step: exact to rounding."""
    return lambda z: f(z + 1e-30j).imag / 1e-30


def _g(z: Any) -> Any:
    return z / (1 + z * z)


FUNCTIONS = {"g": _g, "g'": differentiated(_g)}
ORIENTATIONS: list[tuple[str, Layout, Orientation]] = [
    ("columns", "columns", orientation("columns")),
    ("rows", "rows", orientation("rows")),
    ("from-to", "columns", orientation("columns", from_to={"W1", "W2", "W", "A"})),
]
