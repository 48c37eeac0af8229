"""Where the gradients of a map are compared with differences: how each argument is drawn so that everything has a value."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Pow, exp

from symbp.calculus.indices import Axis
from symbp.calculus.lengths import is_derived
from symbp.calculus.matrix_functions import MatrixFunction
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.primitives import BY_HEAD, EVERYWHERE
from symbp.calculus.primitives.matrices import MATRIX_BY_HEAD
from symbp.calculus.program import Program, Tensor, elements, name_of
from symbp.calculus.reductions import Sum
from symbp.errors import InputError
from symbp.network.lengths import names_of, with_following

_LENGTHS = (3, 5, 4, 7, 6, 2)
_MOST_TRIES = 300
_DRAWS, _FEW_DRAWS, _LONG = 12, 3, 30  # how often values are drawn: of a map of many statements less often
_RANGES = ((0.5, 1.5), (0.1, 0.9), (1.5, 2.5))
"""From where values are drawn uniformly, in the order in which it is tried, where those from the standard normal do not do."""
_NEAR = 0.1
"""How far from the identity a matrix is drawn that must have an inverse, or a positive determinant, or positive x^T A x."""


@dataclass(frozen=True)
class Draw:
    """How an argument is drawn: uniformly between two numbers, or normal where `between` is None; or so that the entries
    along the axis number `along` are positive and add up to `total`; or as a matrix `near` the identity; or as whole
    numbers below the length of the axis `into`."""

    between: tuple[float, float] | None = None
    near: bool = False
    along: int | None = None
    total: float = 1.0
    into: Axis | None = None

    def code(self, shape: Sequence[int], lengths: Mapping[Axis, int]) -> str:
        """What draws it in a generated module, where ``rng`` is at hand."""
        if self.into is not None:
            return f"rng.integers(0, {lengths[self.into]}, {_tuple(shape)})"
        sizes = ", ".join(map(str, shape))
        if self.along is not None:
            others = [n for k, n in enumerate(shape) if k != self.along]
            times = "" if self.total == 1 else f" * {self.total!r}"
            drawn = f"rng.dirichlet(np.ones({shape[self.along]}), {_tuple(others)}){times}"
            return drawn if self.along == len(shape) - 1 else f"np.moveaxis({drawn}, -1, {self.along})"
        size = _tuple(shape) if len(shape) != 1 else sizes
        if self.near:
            return f"(np.eye({shape[-1]}) + {_NEAR} * rng.normal(size={size}))"
        if self.between is None:
            return f"rng.normal(size={size})" if shape else "np.asarray(rng.normal())"
        low, high = self.between
        return f"rng.uniform({low}, {high}, {size})" if shape else f"np.asarray(rng.uniform({low}, {high}))"

    def drawn(self, rng: np.random.Generator, shape: Sequence[int], lengths: Mapping[Axis, int]) -> Any:
        """The values themselves."""
        if self.into is not None:
            return rng.integers(0, lengths[self.into], tuple(shape))
        if self.along is not None:
            rows = rng.dirichlet(np.ones(shape[self.along]), [n for k, n in enumerate(shape) if k != self.along])
            return np.moveaxis(rows * self.total, -1, self.along)
        if self.near:
            return np.eye(shape[-1]) + _NEAR * rng.normal(size=shape)
        return rng.normal(size=shape) if self.between is None else rng.uniform(*self.between, shape)


def _tuple(items: Sequence[int]) -> str:
    return f"({', '.join(map(str, items))}{',' if len(items) == 1 else ''})"


def lengths_of(
    program: Program, sizes: Mapping[Axis, int], follows: Mapping[Axis, str] | None = None
) -> dict[Axis, int]:
    """A length for every axis, each another one where it is free; longer ones where those that follow from them need it, and
    the shortest for matrices that are inverted, so that ``X.T @ X`` has an inverse."""
    rules = {a.name: rule for a, rule in (follows or {}).items()}
    named = (Axis(n) for n in (*rules, *(n for rule in rules.values() for n in names_of(rule))))
    axes = dict.fromkeys((*(a for t in program.tensors.values() for a in t.axes), *named, *sizes))
    inverted = dict.fromkeys(a for s in program for f in s.body.atoms(MatrixFunction) for a in f.axes)
    axes = inverted | axes if inverted else axes
    taken, free = {*sizes.values()}, [a for a in axes if a not in sizes and a.name not in rules]
    lengths = [n for n in itertools.chain(_LENGTHS, range(8, 8 + len(free))) if n not in taken]
    plain = {a.name: n for a, n in sizes.items() if a.name not in rules}
    some = [dict(zip((a.name for a in free), lengths, strict=False))]
    chance = random.Random(0)
    some += [{a.name: chance.randrange(2, 6 + k // 8) for a in free} for k in range(_MOST_TRIES if rules else 0)]
    for chosen in some:
        with contextlib.suppress(InputError):
            found = with_following(rules, {**plain, **chosen})
            if all(n > 1 or a not in rules for a, n in found.items()):
                return {a: found[a.name] for a in axes}
    raise InputError("no lengths were found that fit together", allowed="lengths that are positive")


def draws_of(
    program: Program,
    arguments: Sequence[Tensor],
    lengths: Mapping[Axis, int],
    fixed: Mapping[str, float],
    whole: Mapping[str, Axis],
) -> tuple[dict[str, Draw], bool]:
    """How each argument is drawn so that the program, its gradients too, has finite values, and whether a way was found.

    Parameters
    ----------
    arguments : what is drawn; the upstreams that the program declares beside them are drawn from the normal distribution
    fixed : the values of the other scalars that the program declares
    whole : the arguments of whole numbers, each with the axis into which it points
    """
    start = {t.name: Draw(into=whole.get(t.name)) for t in arguments} | _from_facts(program)
    inside = [t.name for t in arguments if t.name in _inside(program) and start[t.name].along is None and not t.integer]
    draws_of_each = _DRAWS if len(program.statements) < _LONG else _FEW_DRAWS
    ways = {t.name: _ways(t) for t in arguments if t.name in inside}
    for chosen in itertools.islice(_choices(ways), _MOST_TRIES):
        draws = start | chosen
        if all(_has_value(program, draws, lengths, fixed, seed) for seed in range(draws_of_each)):
            return draws, True
    return start, False


def _ways(t: Tensor) -> tuple[Draw, ...]:
    """How an argument is drawn where normal values do not do: a square matrix near the identity before others."""
    square = t.axes[-2:-1] == t.axes[-1:] != ()
    return (*((Draw(near=True),) if square else ()), *map(Draw, _RANGES))


def _choices(ways: Mapping[str, Sequence[Draw]]) -> Iterator[dict[str, Draw]]:
    """Ways to draw some arguments, those that change few of them first."""
    for count in range(len(ways) + 1):
        for some in itertools.combinations(ways, count):
            for draws in itertools.product(*(ways[name] for name in some)):
                yield dict(zip(some, draws, strict=True))


def _from_facts(program: Program) -> dict[str, Draw]:
    """Arguments of which a sum along an axis is known."""
    found = {}
    for fact in program.facts:
        if isinstance(fact.left, Sum) and fact.right.is_Rational and fact.right > 0:
            (element,) = elements(fact.left)
            found[name_of(element)] = Draw(along=list(element.indices).index(fact.left.bound), total=float(fact.right))
    return found


def _inside(program: Program) -> set[str]:
    """The declared tensors behind what has no value everywhere: a logarithm, a root, a division, a power that varies."""
    definitions = program.definitions
    pending = [
        name_of(e)
        for s in program
        if s.target.role != "adjoint"
        for node in s.body.atoms(Pow, MatrixFunction, *BY_HEAD)
        if _partial(node)
        for e in elements(node)
    ]
    found: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += definitions[name].reads if name in definitions else ()
    return found


def _partial(node: Any) -> bool:
    if isinstance(node, Pow) and not isinstance(node, exp):
        return not (node.exp.is_Integer and node.exp > 0)
    row = BY_HEAD.get(type(node))
    if isinstance(node, MatrixFunction):
        return MATRIX_BY_HEAD[type(node)].invertible
    return row is not None and row.domain != EVERYWHERE


def _has_value(
    program: Program, draws: Mapping[str, Draw], lengths: Mapping[Axis, int], fixed: Mapping[str, float], seed: int
) -> bool:
    rng = np.random.default_rng(seed)
    small = {a: min(n, 2 + k % 2) for k, (a, n) in enumerate(lengths.items())}
    if any(map(is_derived, lengths)):
        small = dict(lengths)  # which would no longer follow from the others
    values: dict[str, Any] = dict(fixed)
    for t in program.declared:
        if t.name not in values:
            values[t.name] = draws.get(t.name, Draw()).drawn(rng, tuple(small[a] for a in t.axes), small)
    try:
        found = evaluate_vectorized(program, values, small)
    except (ArithmeticError, ValueError):
        return False
    return all(np.isfinite(np.asarray(found[s.target.name], dtype=float)).all() for s in program)
