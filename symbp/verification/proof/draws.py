"""Random values for what a setting's program declares: fractions with few decimals, at several scales; all facts hold."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from symbp.calculus.indices import Axis
from symbp.calculus.numeric.field import Field
from symbp.calculus.program import Fact, Tensor, elements, name_of
from symbp.calculus.reductions import Sum
from symbp.errors import InputError
from symbp.network.forward import BATCH
from symbp.network.lengths import with_following
from symbp.verification.meaning.setting import Assumptions, Setting
from symbp.verification.proof.given_values import are_given, make_given

Position = tuple[int, ...]
FIRST_WIDE, FIRST_FAR = 100, 1000
"""From these seeds on, every tensor has a scale of its own; from the second, scales that are far apart."""
FIRST_POSITIVE, FIRST_NEGATIVE, FIRST_TINY, FIRST_LARGE = 2000, 3000, 4000, 5000
"""From these seeds on, all values are positive, or all negative, or next to nothing; or all axes are long."""
_MOST_TRIES = 400  # of lengths that follow from others
_MANY_AXES = 7  # which are shorter, and not pairwise distinct, at each seed
_MOST_ENTRIES = 20_000  # of all tensors where axes are long


def lengths_of(setting: Setting, seed: int) -> dict[Axis, int]:
    """Small lengths, pairwise distinct up to six axes and for neighbours always; other ones at each seed, odd and even in
    turn, so that no number in a formula can pass for a length.

    Where many layers choose by signs, they have more units, or one of them would be off at every point. Where tensors are read at
    places, which of two axes is the longer one changes from seed to seed too.
    """
    axes = [*setting.axes()]
    if setting.follows or setting.reached:
        return placed_lengths(setting, seed, setting.reached)
    if seed >= FIRST_LARGE:
        return {axis: 8 + (5 * k + 3 * seed) % 9 for k, axis in enumerate(axes)}
    return {axis: (2 if axis == BATCH else setting.least_units) + (k + seed) % 6 for k, axis in enumerate(axes)}


def placed_lengths(setting: Setting, seed: int, reach: Mapping[Axis, int]) -> dict[Axis, int]:
    """Lengths where some follow from others, all of them positive; axes are longer than places on them `reach`, if they can be.

    Raises
    ------
    InputError : where no lengths fit together
    """
    axes, rules = [*setting.axes()], {a.name: rule for a, rule in setting.follows.items()}
    free = [a for a in axes if a not in setting.follows]
    chance, extra = random.Random(seed), 6 if seed >= FIRST_LARGE else 0
    for turn in range(_MOST_TRIES):
        most = extra + (max(4, len(axes)) if len(axes) < _MANY_AXES else 2) + turn // 8
        chosen = {a.name: reach.get(a, 0) + extra + chance.randrange(2, 3 + most) for a in free}
        chosen |= {a.name: n for a, n in setting.windows.items()}
        try:
            made = with_following(rules, chosen)
        except InputError:  # a division that does not come out even
            continue
        found = {a: made[a.name] for a in axes}
        far = all(n > reach.get(a, 0) + 1 for a, n in found.items() if a not in setting.windows)
        apart = len({*found.values()}) == len(found) or len(axes) >= _MANY_AXES
        relaxed = 4 * turn // _MOST_TRIES
        if min(found.values()) > 0 and (far or relaxed > 1) and (apart or relaxed > 0):
            return found
    raise InputError(
        "no lengths were found that fit together", allowed="lengths that follow from others and are positive"
    )


def is_small(setting: Setting, sizes: Mapping[Axis, int]) -> bool:
    """Whether the tensors with axes of these lengths have few entries in all."""
    return sum(math.prod(sizes[a] for a in t.axes) for t in setting.program.tensors.values()) <= _MOST_ENTRIES


def drawn(setting: Setting, seed: int, sizes: Mapping[Axis, int], decimals: int = 6) -> dict[str, Any]:
    """Random fractions for the declared tensors, facts aside."""
    chance = random.Random(seed)
    scale = (1, 3, Fraction(1, 2), 1, 8, Fraction(1, 10))[seed % 6]
    scale = Fraction(1, 10**4) if FIRST_TINY <= seed < FIRST_LARGE else scale
    positive = setting.positive_targets
    wide = setting.program.declared if FIRST_WIDE <= seed < FIRST_POSITIVE else ()
    steps = (1, 2, 4, 8, 32) if seed < FIRST_FAR else (1, 8, 64, 512, 4096)
    scales = {t.name: Fraction(chance.choice(steps), 8) for t in wide}
    whole = 10**decimals
    values = {}
    for t in setting.program.declared:
        if t.role == "constant" and t.name in setting.program.constants:
            continue

        def draw(_: object, t: Tensor = t) -> Fraction | int:
            if t.integer:
                return chance.randrange(sizes[setting.whole[t.name]])
            if t.name in setting.lowest:
                sign = chance.choice(signs_of(seed))
                size = Fraction(chance.randrange(whole // 10 + 1, whole), whole)
                return size if sign > 0 else size * setting.lowest[t.name]
            if t.name in positive or t.role in ("constant", "noise"):
                size = Fraction(chance.randrange(whole // 10 + 1, whole), whole)
                return size * scales.get(t.name, scale) if t.role == "constant" else size
            units = chance.randrange(whole // 10 + 1, 2 * whole)
            return Fraction(units * chance.choice(signs_of(seed)), whole) * scales.get(t.name, scale)

        values[t.name] = filled(t, sizes, draw)
    pick_one_hot(setting.given, values, None, chance)
    return values


def signs_of(seed: int) -> tuple[int, ...]:
    """The signs that values have: both, or one alone."""
    if FIRST_POSITIVE <= seed < FIRST_NEGATIVE:
        return (1,)
    return (-1,) if FIRST_NEGATIVE <= seed < FIRST_TINY else (-1, 1)


def filled(t: Tensor, sizes: Mapping[Axis, int], draw: Callable[[tuple[int, ...]], Any]) -> Any:
    """An array for a tensor, each entry drawn."""
    array = np.empty(tuple(sizes[a] for a in t.axes), dtype=object)
    for position in np.ndindex(array.shape):
        array[position] = draw(position)
    return array


def pointing(t: Tensor, sizes: Mapping[Axis, int], into: Axis, chance: random.Random) -> Any:
    """An array of whole numbers that point into an axis."""
    return filled(t, sizes, lambda _: chance.randrange(sizes[into]))


def facts_hold(setting: Setting) -> bool:
    """Whether there are values for which all that is given of the inputs holds: whether those that are drawn are such."""
    sizes = lengths_of(setting, 0)
    values = drawn(setting, 0, sizes)
    try:
        respect(setting, values, None)
    except ValueError:
        return False
    given = setting.given
    holds = all(v > 0 for name in given.positive for v in values[name].flat)
    holds = holds and all((values[name] == values[name].T).all() for name in given.symmetric)
    sums = [_along(fact) for fact in given.sums]
    holds = holds and are_given(given, values)
    return holds and all(bool(np.all(np.sum(values[n], axis=axis) == total)) for n, axis, total in sums)


def pick_one_hot(given: Assumptions, values: dict[str, Any], numbers: Field | None, chance: random.Random) -> None:
    """Fill what is one-hot: in a finite field (`numbers`), or with fractions (None)."""
    for name, k in given.one_hot.items():
        array = np.moveaxis(values[name], k, -1)
        for at in np.ndindex(array.shape[:-1]):
            hot = chance.randrange(array.shape[-1])
            for j in range(array.shape[-1]):
                one = Fraction(int(j == hot))
                array[at][j] = one if numbers is None else numbers.number(one)


def respect(setting: Setting, values: dict[str, Any], numbers: Field | None) -> None:
    """Make what is known of the values hold: in a finite field, or for fractions (None).

    Raises
    ------
    ValueError : where facts cannot hold together
    """
    given, program = setting.given, setting.program
    make_given(given, values, numbers)
    for name in sorted((given.positive & values.keys()) - given.bounds.keys()):
        array = values[name]
        for at in np.ndindex(array.shape):
            array[at] = abs(array[at]) if numbers is None else numbers.mul(array[at], array[at])  # a square has a root
    for name in given.symmetric & values.keys():
        above = np.triu_indices(len(values[name]), 1)
        values[name][above] = values[name].T[above]
    positive = {*setting.positive_targets, *given.positive, *(t.name for t in program.declared if t.role == "constant")}
    sums, equations = [_along(fact) for fact in program.facts], dict[str, list[Equation]]()
    for name, axis, total in sums:
        array = values[name]
        if name in given.one_hot:
            continue  # whose sum is 1 as it is drawn
        alone = name not in given.symmetric and [n for n, *_ in sums].count(name) == 1
        if alone and name in positive and numbers is None:  # positive still
            array *= total / array.sum(axis=axis, keepdims=True)
        else:
            equations[name] = [*equations.get(name, ()), *sums_along(array.shape, axis, total)]
    for name, wanted in equations.items():
        also = symmetric(len(values[name])) if name in given.symmetric else []
        made_true(values[name], [*wanted, *also], numbers)


def _along(fact: Fact) -> tuple[str, int, Fraction]:
    """The tensor, the axis and the sum along it that a fact is about."""
    if not isinstance(fact.left, Sum) or not fact.right.is_Rational:
        raise NotImplementedError(f"no way to draw values for which {fact.left} = {fact.right}")
    (element,) = elements(fact.left)
    total = Fraction(int(fact.right.p), int(fact.right.q))
    return name_of(element), [*element.indices].index(fact.left.bound), total


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
