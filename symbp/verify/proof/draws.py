"""Random values for what a setting's program declares: fractions with few decimals, at several scales, facts respected."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from symbp.calculus.field import Field
from symbp.calculus.indices import Axis
from symbp.calculus.program import Tensor, elements, name_of
from symbp.calculus.reductions import Sum
from symbp.verify.meaning.given import pick_one_hot
from symbp.verify.meaning.given import respect as restrict
from symbp.verify.meaning.setting import Setting

FIRST_WIDE = 100
"""From this seed on, every tensor has a scale of its own."""
FIRST_FAR = 1000
"""From this seed on, scales are far apart."""


def small_sizes(setting: Setting, turn: int) -> dict[Axis, int]:
    """Small lengths, pairwise distinct up to six axes and for neighbours always; other ones at each turn, odd and even in
    turn, so that no number in a formula can pass for a length."""
    return {axis: 2 + (k + turn) % 6 for k, axis in enumerate(setting.axes())}


def drawn(setting: Setting, seed: int, sizes: Mapping[Axis, int], decimals: int = 6) -> dict[str, Any]:
    """Random fractions for the declared tensors, facts aside."""
    chance = random.Random(seed)
    scale = (1, 3, Fraction(1, 2), 1, 8, Fraction(1, 10))[seed % 6]
    positive = setting.positive_targets
    wide = setting.program.declared if seed >= FIRST_WIDE else ()
    steps = (1, 2, 4, 8, 32) if seed < FIRST_FAR else (1, 8, 64, 512, 4096)
    scales = {t.name: Fraction(chance.choice(steps), 8) for t in wide}
    whole = 10**decimals
    values = {}
    for t in setting.program.declared:
        if t.role == "constant" and t.name in setting.program.constants:
            continue

        def draw(_: object, t: Tensor = t) -> Fraction:
            if t.name in positive or t.role in ("constant", "noise"):
                size = Fraction(chance.randrange(whole // 10 + 1, whole), whole)
                return size * scales.get(t.name, scale) if t.role == "constant" else size
            units = chance.randrange(whole // 10 + 1, 2 * whole)
            return Fraction(units * chance.choice((-1, 1)), whole) * scales.get(t.name, scale)

        values[t.name] = filled(t, sizes, draw)
    pick_one_hot(setting.given, values, None, chance)
    return values


def filled(t: Tensor, sizes: Mapping[Axis, int], draw: Callable[[tuple[int, ...]], Any]) -> Any:
    """An array for a tensor, each entry drawn."""
    array = np.empty(tuple(sizes[a] for a in t.axes), dtype=object)
    for position in np.ndindex(array.shape):
        array[position] = draw(position)
    return array


def respect(setting: Setting, values: dict[str, Any], numbers: Field | None) -> None:
    """Make what is known of the values hold: in a finite field, or for fractions (None)."""
    program = setting.program
    restrict(setting.given, values, numbers)
    positive = (
        setting.positive_targets | setting.given.positive | {t.name for t in program.declared if t.role == "constant"}
    )
    for fact in program.facts:
        if not isinstance(fact.left, Sum) or not fact.right.is_Rational:
            raise NotImplementedError(f"no way to draw values for which {fact.left} = {fact.right}")
        (element,) = elements(fact.left)
        name, axis = name_of(element), list(element.indices).index(fact.left.bound)
        array = np.moveaxis(values[name], axis, -1)
        total = Fraction(int(fact.right.p), int(fact.right.q))
        for position in np.ndindex(array.shape[:-1]):
            row = array[position]
            if numbers is None and name in positive and total > 0:
                whole = sum(row)
                row[:] = [v * total / whole for v in row]
            elif numbers is None:
                missing = (total - sum(row)) / len(row)
                row[:] = [v + missing for v in row]
            else:
                rest = numbers.number(total)
                for v in row[:-1]:
                    rest = numbers.add(rest, numbers.mul(numbers.number(-1), v))
                row[-1] = rest
