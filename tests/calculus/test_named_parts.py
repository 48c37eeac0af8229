"""Parts of equations under names of their own: which there are, and that nothing has another value for it."""

from __future__ import annotations

import numpy as np
import pytest

from symbp.calculus.language import read_program
from symbp.calculus.named_parts import with_named_parts
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.text import statement_text

PARTS = {
    "h[n,k] = tanh(sum(x[n,d]*W[d,k], d) + b[k])": [
        "z_h[n,k] = sum(W[d,k]*x[n,d], d) + b[k]",
        "h[n,k] = tanh(z_h[n,k])",
    ],
    "y[n,k] = x[n,k]/sqrt(mean(x[n,d]**2, d) + 1)": [
        "r_y[n] = sqrt(1 + mean(x[n,k]**2, k))",
        "y[n,k] = x[n,k]/r_y[n]",
    ],
    "p[n,k] = exp(c*x[n,k] - logsumexp(c*x[n,d], d))": [
        "z_p[n,k] = c*x[n,k]",
        "p[n,k] = exp(z_p[n,k] - logsumexp(z_p[n,i], i))",
    ],
    "p[n] = x[n,n]*exp(x[n,n] - logsumexp(x[n,d], d))": [
        "e_p[n] = exp(x[n,n] - logsumexp(x[n,i], i))",
        "p[n] = e_p[n]*x[n,n]",
    ],
    "J = sum(max(0, sum(x[n,d]*W[d,k], d)), n, k)": [
        "z_J[k,n] = sum(W[d,k]*x[n,d], d)",
        "J = sum(max(0, z_J[k,n]), n, k)",
    ],
    "y[n,k] = g[k]*(x[n,k] - m[n])/s[n] + b[k]": [
        "z_y[n,k] = (x[n,k] - m[n])/s[n]",
        "y[n,k] = g[k]*z_y[n,k] + b[k]",
    ],
    "J = sum(x[n,k]*b[k], n, k)": ["J = sum(b[k]*x[n,k], n, k)"],
    "p[k] = 1/(1 + exp(-b[k]))": ["p[k] = sigmoid(b[k])"],
}
AXES = {"x": "n d", "W": "d k", "b": "k", "g": "k", "m": "n", "s": "n", "c": ""}


@pytest.mark.parametrize("line", PARTS)
def test_parts(line: str) -> None:
    square = "[n,n]" in line
    axes = {n: "n n" if square and n == "x" else a for n, a in AXES.items() if n in line}
    if "x[n,k]" in line:
        axes = {n: a.replace("d", "k") for n, a in axes.items()}
    program = read_program(line, [], [], {}, **axes)
    made = with_named_parts(program)
    assert [statement_text(s) for s in made] == PARTS[line]
    rng, sizes = np.random.default_rng(3), {"n": 3, "d": 4, "k": 2}
    values = {n: rng.uniform(0.5, 1.5, [sizes[a] for a in those.split()]) for n, those in axes.items()}
    before, after = evaluate(program, values), evaluate(made, values)
    for s in program:
        np.testing.assert_allclose(np.asarray(after[s.target.name], float), np.asarray(before[s.target.name], float))
