"""Tensors read at places: windows, gathers, masks by letters; values and every gradient against JAX, upstreams random."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from calculus_oracles import elements
from place_cases import CASES, agree

from symbp.calculus.eliminate_intermediates import eliminate_intermediates
from symbp.calculus.indices import Axis, Index
from symbp.calculus.language import Scope, read_statement
from symbp.calculus.lengths import at_least
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.field import Field
from symbp.calculus.numeric.numbers import FLOAT
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.passes import run
from symbp.calculus.places import Place, never_inside
from symbp.calculus.program import check
from symbp.calculus.reductions import Max, Reduction
from symbp.calculus.sweep import reverse
from symbp.calculus.text import statement_text


@pytest.mark.thinned(6)
@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name: str) -> None:
    case, values = CASES[name], CASES[name].values()
    backward = reverse(case.program)
    check(backward.program)
    found = evaluate(backward.program, values, case.lengths)
    result = case.program.statements[-2].target.name
    given = {n: values[n] for n in case.tensors}
    assert agree(found[result], case.jax(**given))

    def loss(real: dict[str, Any]) -> Any:
        return (case.jax(**{**given, **real}) * values["G"]).sum()

    expected = jax.grad(loss)({n: jnp.asarray(v) for n, v in given.items() if n not in case.whole})
    for n, gradient in expected.items():
        got = np.asarray(found[backward.adjoint[n]], float)
        assert agree(got, gradient), n
        assert not agree(-17 * got, gradient) and not agree(0 * got, gradient)
        assert got.ndim < 2 or not agree(got.T, gradient)


@pytest.mark.thinned(8)
@pytest.mark.parametrize("name", CASES)
def test_both_evaluators_agree_exactly(name: str) -> None:
    case = CASES[name]
    program, values = reverse(case.program).program, case.values()
    exact = Field(seed=3) if not any(s.body.has(Max) for s in program) else FLOAT  # a field has no order
    if exact is not FLOAT:
        shapes = {t.name: values[t.name].shape for t in program.declared if not t.integer}
        values |= elements(exact, shapes)
    one, two = (make(program, values, case.lengths, exact) for make in (evaluate, evaluate_vectorized))
    for s in program.statements:
        a, b = one[s.target.name], two[s.target.name]
        assert agree(a, b) if exact is FLOAT else (a == b).all(), s.target.name


@pytest.mark.thinned(8)
@pytest.mark.parametrize("name", CASES)
def test_compaction_keeps_the_values(name: str) -> None:
    """What is put in is put in at plain letters alone: outside of a tensor its definition is not 0."""
    case, values = CASES[name], CASES[name].values()
    backward = run(reverse(case.program))
    inner = [s.target.name for s in case.program.statements[:-1]]
    compact = eliminate_intermediates(backward, inner)
    one, two = (evaluate(b.program, values, case.lengths) for b in (backward, compact))
    for n in case.tensors:
        if n not in case.whole:
            assert agree(one[backward.adjoint[n]], two[compact.adjoint[n]]), n


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", CASES)
def test_what_is_printed_is_read_back(name: str) -> None:
    case = CASES[name]
    for s in reverse(case.program).program:
        tensors = {n: t for n, t in reverse(case.program).program.tensors.items() if n != s.target.name}
        axes = {i.name: i.axis for i in s.indices} | {r.axis.name: r.axis for r in s.body.atoms(Reduction)}
        if not any(
            sign in statement_text(s) for sign in ("first_", "[n = ", "N_")
        ):  # which the language has no words for
            again = read_statement(statement_text(s), Scope(tensors, axes=axes))
            assert (again.indices, again.body) == (s.indices, s.body), statement_text(s)


def test_a_place_before_or_behind_its_axis_is_never_inside() -> None:
    """Whatever the lengths: ``k - d`` and ``k + e`` for a k of d, in an axis of e; ``k - 1`` may lie in it, and so may ``k - e``."""
    d, e = Axis("d"), Axis("e")
    k = Index("k", d)
    assert never_inside(Place(k - d.size, e)) and never_inside(Place(k + e.size, e)) and never_inside(Place(-k - 1, e))
    assert not any(never_inside(Place(where, e)) for where in (k - 1, k - e.size, k + 1, d.size - k))
    assert not at_least(-(d.size**2), 0)
