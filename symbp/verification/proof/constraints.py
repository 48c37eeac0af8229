"""Values for which several linear facts about one tensor hold at once: sums along its axes, and symmetry."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Position = tuple[int, ...]


@dataclass(frozen=True)
class Equation:
    """A sum of multiples of entries that is a number."""

    parts: dict[Position, Fraction]
    total: Fraction


def sums_along(shape: Sequence[int], axis: int, total: Fraction) -> list[Equation]:
    """All sums along an axis are `total`."""
    others = [range(n) for k, n in enumerate(shape) if k != axis]
    rows = []
    for at in itertools.product(*others):
        entries = [(*at[:axis], j, *at[axis:]) for j in range(shape[axis])]
        rows.append(Equation(dict.fromkeys(entries, Fraction(1)), total))
    return rows


def symmetric(n: int) -> list[Equation]:
    """A matrix is its transpose."""
    pairs = itertools.combinations(range(n), 2)
    return [Equation({(i, j): Fraction(1), (j, i): Fraction(-1)}, Fraction(0)) for i, j in pairs]


def solved(equations: Iterable[Equation]) -> list[tuple[Position, Equation]]:
    """Each equation solved for an entry of its own, which occurs in no other: the entry, and what it is, the total and minus the
    parts. ValueError where no values meet all of them."""
    found: list[tuple[Position, Equation]] = []
    for equation in equations:
        rest = _without(equation, found)
        if not rest.parts:
            if rest.total:
                raise ValueError("the facts cannot hold together")
            continue
        entry = max(rest.parts)  # the last one, so that the first are free
        scale = rest.parts[entry]
        rest = Equation({p: v / scale for p, v in rest.parts.items()}, rest.total / scale)
        found = [(p, _without(e, [(entry, rest)])) for p, e in found]
        found.append((entry, rest))
    return found


def _without(equation: Equation, known: Iterable[tuple[Position, Equation]]) -> Equation:
    """An equation with the entries that others are solved for put in; an entry's own equation keeps it."""
    parts, total = dict(equation.parts), equation.total
    for entry, other in known:
        times = parts.get(entry)
        if times is None:
            continue
        for p, v in other.parts.items():
            parts[p] = parts.get(p, Fraction(0)) - times * v
        total -= times * other.total
    return Equation({p: v for p, v in parts.items() if v}, total)


def made_true(array: Any, equations: Iterable[Equation], numbers: Any) -> None:
    """Change the entries of an array that equations are solved for, such that all hold; `numbers` is their number system, or None
    for fractions."""
    for entry, equation in solved(equations):
        if numbers is None:
            array[entry] = equation.total - sum(v * array[p] for p, v in equation.parts.items() if p != entry)
            continue
        value = numbers.number(equation.total)
        for p, v in equation.parts.items():
            if p != entry:
                value = numbers.add(value, numbers.mul(numbers.number(-v), array[p]))
        array[entry] = value
