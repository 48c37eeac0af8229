"""Which inputs of a forward map must be positive, or nearly, for it to have a value: the fewest that do, found by trying."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from sympy import Pow, exp

from symbp.calculus.indices import Axis
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.primitives import BY_HEAD, EVERYWHERE
from symbp.calculus.program import Program, elements, name_of

_DRAWS, _MOST_TRIES = 12, 12
_PARTIAL = tuple(head for head, row in BY_HEAD.items() if row.domain is not EVERYWHERE)
_LOWEST = (Fraction(-9, 10), Fraction(-1, 2), Fraction(-1, 10))


@dataclass(frozen=True)
class Domain:
    """The inputs that are drawn between 0 and 1, and those that may be negative but no less than so much (`lowest`)."""

    positive: frozenset[str] = frozenset()
    lowest: Mapping[str, Fraction] = field(default_factory=dict)


def domain_of(program: Program, given: frozenset[str] = frozenset()) -> Domain:
    """The domain of the inputs besides those `given` as positive, because logarithms and roots are taken of them; all may have
    any value where none need be positive, or where that does not help."""
    sizes = {a: 2 + k % 3 for k, a in enumerate(dict.fromkeys(a for t in program.tensors.values() for a in t.axes))}
    for count, names in enumerate(_candidates(program)):
        if count == _MOST_TRIES:
            break
        if _everywhere(program, sizes, dict.fromkeys(names | given, Fraction(0))):
            return _widened(program, sizes, names - given, given)
    return Domain()


def _widened(program: Program, sizes: Mapping[Axis, int], names: frozenset[str], given: frozenset[str]) -> Domain:
    """The same domain, with negative values of arrays as far as they have a loss too."""
    lowest = dict.fromkeys(names | given, Fraction(0))
    for name in sorted(n for n in names if program.tensors[n].axes):
        for least in _LOWEST:
            if _everywhere(program, sizes, {**lowest, name: least}):
                lowest[name] = least
                break
    return Domain(frozenset(n for n in names if not lowest[n]), {n: v for n, v in lowest.items() if v})


def _everywhere(program: Program, sizes: Mapping[Axis, int], lowest: Mapping[str, Fraction]) -> bool:
    return all(_has_value(program, sizes, lowest, seed) for seed in range(_DRAWS))


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
        for node in s.body.atoms(*_PARTIAL, Pow):
            if not isinstance(node, exp) and not (isinstance(node, Pow) and node.exp.is_Integer):
                found |= {name_of(e) for e in elements(node)}
    return found


def _has_value(program: Program, sizes: Mapping[Axis, int], lowest: Mapping[str, Fraction], seed: int) -> bool:
    """Whether everything has a value at a random point; `lowest` says how far values reach below zero, others may be anything."""
    chance = random.Random(seed)
    values = {}
    for t in program.declared:
        array = np.empty(tuple(sizes[a] for a in t.axes))
        for position in np.ndindex(array.shape):
            sign = chance.choice((-1, 1))
            size = chance.uniform(0.1, 1 if t.name in lowest else 2)
            below = float(-lowest[t.name]) if t.name in lowest else 1.0
            array[position] = size if sign > 0 or not below else -size * below
        values[t.name] = array
    try:
        found = evaluate(program, values, sizes)
    except (ArithmeticError, ValueError):
        return False
    return all(np.isfinite(found[s.target.name]).all() for s in program)
