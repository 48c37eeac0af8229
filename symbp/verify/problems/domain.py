"""Which inputs of a forward map must be positive for it to have a value: the fewest that do, found by trying."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

import numpy as np
from sympy import Pow, exp, log

from symbp.calculus.evaluate import evaluate
from symbp.calculus.functions import xlogy
from symbp.calculus.indices import Axis
from symbp.calculus.program import Program, elements, name_of

_DRAWS, _MOST_TRIES = 12, 12


def positive_inputs(program: Program, given: frozenset[str] = frozenset()) -> frozenset[str]:
    """The declared tensors whose values are drawn between 0 and 1, besides those `given` as positive, because logarithms and
    roots are taken of them; empty where none need be, or where that does not help."""
    sizes = {a: 2 + k % 3 for k, a in enumerate(dict.fromkeys(a for t in program.tensors.values() for a in t.axes))}
    for count, names in enumerate(_candidates(program)):
        if count == _MOST_TRIES:
            break
        if all(_has_value(program, sizes, names | given, seed) for seed in range(_DRAWS)):
            return names - given
    return frozenset()


def _candidates(program: Program) -> Iterator[frozenset[str]]:
    own = [t.name for t in program.declared]
    scalars = frozenset(t.name for t in program.declared if not t.axes)
    inside = [n for n in own if n in _inside(program)]
    yield frozenset()
    yield from (frozenset({n}) for n in inside)
    yield scalars
    yield frozenset(inside)
    yield frozenset(inside) | scalars
    yield frozenset(own)


def _inside(program: Program) -> set[str]:
    """The tensors that a logarithm, a root or a variable power reads."""
    found = set()
    for s in program:
        for node in s.body.atoms(log, xlogy, Pow):
            if not isinstance(node, exp) and not (isinstance(node, Pow) and node.exp.is_Integer):
                found |= {name_of(e) for e in elements(node)}
    return found


def _has_value(program: Program, sizes: Mapping[Axis, int], positive: frozenset[str], seed: int) -> bool:
    chance = random.Random(seed)
    values = {}
    for t in program.declared:
        array = np.empty(tuple(sizes[a] for a in t.axes))
        for position in np.ndindex(array.shape):
            size = chance.uniform(0.1, 1) if t.name in positive else chance.uniform(0.1, 2)
            array[position] = size if t.name in positive else size * chance.choice((-1, 1))
        values[t.name] = array
    try:
        found = evaluate(program, values, sizes)
    except (ArithmeticError, ValueError):
        return False
    return all(np.isfinite(found[s.target.name]).all() for s in program)
