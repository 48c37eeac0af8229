"""Derived gradients in the compact form that textbooks give, compared as expressions; the forms come from the textbooks."""

from __future__ import annotations

import pytest
from calculus_cases import CASES

from symbp.calculus.language import Scope, read_program, read_statement
from symbp.calculus.sweep import reverse

PROGRAMS = {case.name: case.program for case in CASES}
FORMS = [  # program, gradient as a textbook writes it
    ("softmax cross-entropy", "dz[n,k] = a[n,k]*(da[n,k] - sum(da[n,j]*a[n,j], j))"),
    ("softmax alone", "dz[n,k] = p[n,k]*(dp[n,k] - sum(dp[n,j]*p[n,j], j))"),
    ("attention", "dS[t,s] = P[t,s]*(dP[t,s] - sum(dP[t,r]*P[t,r], r))"),
    ("attention", "dV[s,v] = sum(P[t,s]*dO[t,v], t)"),
    ("attention", "dQ[t,d] = scale*sum(dS[t,s]*K[s,d], s)"),
    ("attention", "dK[s,d] = scale*sum(dS[t,s]*Q[t,d], t)"),
    ("attention", "dP[t,s] = sum(dO[t,v]*V[s,v], v)"),
    ("log-sum-exp", "dz[n,k] = dl[n]*exp(z[n,k] - l[n])"),
    ("quadratic form", "dx[i] = sum(A[i,j]*x[j], j) + sum(A[j,i]*x[j], j)"),  # Petersen and Pedersen 2012, eq. 81
    ("quadratic form", "dA[i,j] = x[i]*x[j]"),
    ("trace of a chain", "dB[j,k] = sum(A[i,j]*C[k,i], i)"),  # the same, eq. 101
    ("trace of a cube", "dA[i,j] = 3*sum(A[j,k]*A[k,i], k)"),  # the same, eq. 121
    ("chain of matrices", "dB[j,k] = sum(A[i,j]*dP[i,k], i)"),
    ("bilinear, three factors", "du[i] = sum(v[j]*sum(G[o]*A[o,i,j], o), j)"),
    ("bilinear, three factors", "dA[o,i,j] = G[o]*u[i]*v[j]"),
    ("radial basis functions", "dx[n,d] = -2*gamma*sum(dk[n,m]*k[n,m]*(x[n,d] - c[m,d]), m)"),
    ("two-branch residual", "dV[i,j] = sum(dy[n,i]*h[n,j], n)"),
    ("two-branch residual", "dW[i,j] = sum(dh[n,i]*(1 - h[n,i]^2)*x[n,j], n)"),
    ("two-branch residual", "dx[n,i] = dy[n,i] + sum(dh[n,j]*(1 - h[n,j]^2)*W[j,i], j)"),
    ("layer norm", "dgamma[d] = sum(dy[n,d]*c[n,d]*r[n], n)"),
    ("layer norm", "dbeta[d] = sum(dy[n,d], n)"),
    ("batch norm", "dgamma[d] = sum(dy[n,d]*h[n,d], n)"),
    ("maximum and product", "dq[n] = h[n]"),
]


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_compact_form(name: str, form: str) -> None:
    program = PROGRAMS[name]
    backward = reverse(program, wrt=[n for n in program.tensors if n != "J"])
    left, right = form.split("[", 1)
    tensors = backward.program.tensors
    expected = read_statement(f"expected[{right}", Scope(tensors))
    found = backward.program.definitions[left]
    assert expected.target.axes == found.target.axes
    assert found.body == expected.at(found.indices)


def test_softmax_with_cross_entropy_folds_to_the_softmax() -> None:
    """The derivative of log-sum-exp is softmax, called by its name where it has one."""
    program = read_program(
        "l[n] = logsumexp(z[n,k], k)\np[n,k] = exp(z[n,k] - l[n])\nJ = sum(g[n]*l[n], n) + sum(G[n,k]*p[n,k], n, k)",
        z="n k", g="n", G="n k",
    )  # fmt: skip
    backward = reverse(program, wrt=["z"])
    assert "exp" not in str(backward.of("z").body), backward.of("z").body
