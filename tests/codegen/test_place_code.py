"""Code for reads at places: the values of the evaluator, for lengths that are known and for lengths that arrays show."""

from __future__ import annotations

import numpy as np
import pytest
from place_cases import CASES, agree
from run_block import run_block

from symbp.calculus.indices import Axis
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.passes import run
from symbp.calculus.sweep import reverse
from symbp.codegen.lower import lower

UNSIZED = [n for n, c in CASES.items() if {*c.lengths} <= {a for axes in c.tensors.values() for a in axes.split()}]


@pytest.mark.thinned(10)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "known"), [*((n, True) for n in CASES), *((n, False) for n in UNSIZED)])
def test_code_computes_what_the_evaluator_does(name: str, known: bool, dtype: type) -> None:
    case, values = CASES[name], CASES[name].values()
    backward = run(reverse(case.program))
    wanted = [
        *(s.target.name for s in case.program),
        *(backward.adjoint[n] for n in case.tensors if n not in case.whole),
    ]
    expected = evaluate(backward.program, values, case.lengths)
    sizes = {Axis(c): n for c, n in case.lengths.items() if known and c != "n"}
    block = lower(backward.program, wanted, sizes=sizes)
    given = {n: v if n in case.whole else v.astype(dtype) for n, v in values.items()}
    found = run_block(block, given)
    for n in wanted:
        assert found[n].dtype == dtype, n
        assert agree(found[n], expected[n], 1e-12 if dtype == np.float64 else 2e-5), n
