"""Expressions in SymPy's own terms: every dummy has a name of its own."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from symbp.calculus.language import read_program
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.reductions import native

LINES = {
    "J = sum(x[i]*A[i,j]*x[j], i, j)": {"x": "d", "A": "d d"},
    "J = sum(A[i,j]*A[j,k]*A[k,i], i, j, k)": {"A": "d d"},
    "J = sum(x[i]*prod(A[i,j], j), i) + logsumexp(x[i], i)": {"x": "d", "A": "d d"},
}


@pytest.mark.parametrize("line", LINES)
def test_the_value_is_the_same(line: str) -> None:
    program = read_program([line], **LINES[line])
    rng, n = np.random.default_rng(3), 3
    values = {t.name: rng.standard_normal([n] * len(t.axes)) for t in program.declared}
    found = native(program.statements[0].body).subs(sympy.Symbol("N_d", integer=True, positive=True), n).doit()
    elements = {e: values[e.base.label.name][tuple(int(i) for i in e.indices)] for e in found.atoms(sympy.Indexed)}
    assert np.isclose(float(found.xreplace(elements)), evaluate(program, values)["J"], rtol=1e-12)


def test_functions_of_a_matrix_keep_their_letters_apart() -> None:
    body = native(read_program(["J = logdet(A)"], A="d d").statements[0].body)
    assert "A[d_2, d_1]" in str(body)
