"""Guards: maxima that are taken for the sake of the numbers alone, as softmax's, whose value changes nothing of the result.

``m = max(z); p = exp(z - m)/sum(exp(z - m))`` is the same whatever m is. Its gradient through m is zero, though no rule says so
where it is written down: it cancels between numerator and denominator. Where that is so, the gradient stops at m.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from symbp.calculus.indices import Axis
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.field import Field
from symbp.calculus.numeric.numbers import NotDecided
from symbp.calculus.passes import run
from symbp.calculus.program import Program, Statement, Tensor
from symbp.calculus.reductions import Max
from symbp.calculus.sweep import Backward, reverse

_SEEDS = (3, 5, 8)
_LENGTHS = (3, 2, 4, 5)
_LARGEST = 60  # statements of a map in which guards are looked for: each is decided by a sweep of its own


def guards(program: Program, loss: str) -> tuple[str, ...]:
    """The tensors that are a maximum on which the loss does not depend, as is found at random points of three finite fields.

    Two formulas that differ agree at such a point with a chance below 2**-50 (:mod:`symbp.calculus.numeric.field`).
    """
    if len(program.statements) > _LARGEST:
        return ()
    return tuple(s.target.name for s in program if isinstance(s.body, Max) and _is_free(program, loss, s))


def _is_free(program: Program, loss: str, s: Statement) -> bool:
    """Whether the loss has the same value whatever is put in the place of a tensor, with everything before it held fixed."""
    before = program.statements[: program.statements.index(s)]
    declared = (*program.declared, *(o.target for o in before), s.target)
    behind = program.statements[len(before) + 1 :]
    cut = Program(declared, behind, program.functions, program.facts, program.constants)
    backward = run(reverse(cut, loss, [s.target.name]))
    if backward.adjoint[s.target.name] not in backward.program.definitions:
        return False  # it is a result, against an upstream
    return backward.of(s.target.name).body == 0 or _is_zero(backward, s.target.name)


def _is_zero(backward: Backward, name: str) -> bool:
    """Whether an adjoint is zero at random points."""
    program, wanted = backward.program, backward.adjoint[name]
    axes = dict.fromkeys(a for t in program.tensors.values() for a in t.axes)
    sizes = dict(zip(axes, itertools.cycle(_LENGTHS)))
    try:
        for field in map(Field, _SEEDS):
            values = {t.name: _drawn(field, t, sizes) for t in program.declared if t.name not in program.constants}
            found = evaluate(program, values, sizes, field)[wanted]
            if not all(field.is_zero(v) for v in np.ravel(found)):
                return False
    except (NotDecided, ValueError):
        return False
    return True


def _drawn(field: Field, t: Tensor, sizes: Mapping[Axis, int]) -> Any:
    shape = [sizes[a] for a in t.axes]
    array = np.empty(shape, dtype=object)
    for place in np.ndindex(*shape):
        array[place] = sum(place) % min(_LENGTHS) if t.integer else field.random(t.name, place)
    return array
