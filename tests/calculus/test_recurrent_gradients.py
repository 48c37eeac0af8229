"""Gradients of recurrences: derived, against JAX; both evaluators; exactly, with the adjoints put together and without."""

from __future__ import annotations

import numpy as np
import pytest
from place_cases import agree
from recurrence_cases import CASES

from symbp.calculus.eliminate_intermediates import eliminate_intermediates
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.passes import run
from symbp.calculus.program import check
from symbp.calculus.sweep import Backward, reverse


def compact(backward: Backward) -> Backward:
    """With the adjoints of all statements but the last result put in where that is cheaper."""
    return eliminate_intermediates(backward, [s.target.name for s in backward.forward.statements[:-2]])


@pytest.mark.thinned(4)
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_jax(name: str, steps: int) -> None:
    if name == "the last state alone" and steps == 1:
        pytest.skip("it has three steps")
    case = CASES[name].with_steps(steps)
    values = case.values()
    loss, gradients = case.wanted(values)
    backward = run(reverse(case.program))
    for one in (backward, compact(backward)):
        check(one.program)
        found = evaluate_vectorized(one.program, values, case.lengths)
        assert agree(found["J"], loss)
        for n, gradient in gradients.items():
            assert agree(found[one.adjoint[n]], gradient), n


@pytest.mark.parametrize("name", CASES)
def test_both_evaluators(name: str) -> None:
    case = CASES[name]
    values, program = case.values(), run(reverse(case.program)).program
    one, other = evaluate(program, values, case.lengths), evaluate_vectorized(program, values, case.lengths)
    for n in program.tensors:
        assert np.allclose(np.asarray(other[n], float), one[n], rtol=0, atol=1e-13), n
