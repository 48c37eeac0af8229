"""Values for which what is given of an input holds: between bounds, 1 or -1, of norm 1; in a finite field, or as fractions.

Values that meet a fact already are left as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from symbp.calculus.numeric.field import Field
from symbp.verification.meaning.setting import Assumptions, Bounds


def make_given(given: Assumptions, values: dict[str, Any], numbers: Field | None) -> None:
    """Make such facts hold of the values that are there, in a finite field (`numbers`) or for fractions (None)."""
    for name, bounds in given.bounds.items():
        _each(values, name, partial(_between, bounds) if numbers is None else partial(_between_in, numbers, bounds))
    for name in given.signs:
        _each(values, name, lambda v: _sign(v) if numbers is None else numbers.number(1 if numbers.positive(v) else -1))
    for name, axis in given.units.items():
        if name in values:
            rows = np.moveaxis(values[name], axis, -1)
            for at in np.ndindex(rows.shape[:-1]):
                rows[at] = _unit([*rows[at]]) if numbers is None else _unit_in(numbers, [*rows[at]])


def are_given(given: Assumptions, values: Mapping[str, Any]) -> bool:
    """Whether such facts hold of fractions."""
    inside = all(_inside(v, bounds) for name, bounds in given.bounds.items() for v in values[name].flat)
    signs = all(v * v == 1 for name in given.signs for v in values[name].flat)
    squares = (np.sum(values[name] ** 2, axis=axis) for name, axis in given.units.items())
    return inside and signs and all(bool(np.all(total == 1)) for total in squares)


def _each(values: dict[str, Any], name: str, made: Callable[[Any], Any]) -> None:
    if name in values:
        array = values[name]
        for at in np.ndindex(array.shape):
            array[at] = made(array[at])


def _inside(v: Any, bounds: Bounds) -> bool:
    low, high = bounds
    return (low is None or v > low) and (high is None or v < high)


def _between(bounds: Bounds, v: Any) -> Any:
    """A fraction between bounds."""
    low, high = bounds
    if _inside(v, bounds):
        return v
    size = abs(v) or Fraction(1, 2)
    if low is None:
        assert high is not None
        return high - size
    return low + size if high is None else low + (high - low) * size / (1 + size)


def _between_in(numbers: Field, bounds: Bounds, v: Any) -> Any:
    """An element of a field whose distances from its bounds have roots, as those of a number between them have."""
    low, high = bounds
    square = numbers.mul(v, v)
    if low is None:
        assert high is not None
        return numbers.add(numbers.number(high), numbers.mul(numbers.number(Fraction(-1)), square))
    if high is None:
        return numbers.add(numbers.number(low), square)
    sine = numbers.div(numbers.mul(numbers.number(Fraction(2)), v), numbers.add(numbers.number(Fraction(1)), square))
    return numbers.add(numbers.number(low), numbers.mul(numbers.number(high - low), numbers.mul(sine, sine)))


def _sign(v: Any) -> Fraction:
    return Fraction(1 if v > 0 else -1)


def _unit(row: list[Any]) -> list[Any]:
    """A point of the sphere with rational entries, through which the line from its pole to a point of the plane goes."""
    if sum(v * v for v in row) == 1:
        return row
    *plane, last = row
    square = sum((v * v for v in plane), start=Fraction(0))
    pole = 1 if last > 0 else -1
    return [*(2 * v / (1 + square) for v in plane), pole * (1 - square) / (1 + square)]


def _unit_in(numbers: Field, row: list[Any]) -> list[Any]:
    """The same in a field."""
    one, two, minus = (numbers.number(Fraction(n)) for n in (1, 2, -1))
    square = numbers.number(Fraction(0))
    for v in row[:-1]:
        square = numbers.add(square, numbers.mul(v, v))
    below = numbers.add(one, square)
    above = numbers.add(one, numbers.mul(minus, square))
    return [*(numbers.div(numbers.mul(two, v), below) for v in row[:-1]), numbers.div(above, below)]
