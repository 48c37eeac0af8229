"""A constant by which a claim is off, found in the field: the same fraction at every entry and at every point."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from symbp.calculus.numeric.field import Field
from symbp.verification.proof.points import Comparison, Points

_POINTS, _TRIES, _LARGEST = 2, 6, 10**6


def constant_ratio(points: Points, c: Comparison) -> Fraction | None:
    """The fraction that the claimed side must be multiplied by to be the true one; None where there is no such constant."""
    found: set[Fraction | None] = set()
    asked = 0
    for seed in range(_TRIES):
        point = points.field(seed)
        sides = points.sides(c, point)
        if sides is None or point is None or not isinstance(point.numbers, Field):
            continue
        asked += 1
        numbers = point.numbers
        for true, claimed in zip(sides[0].flat, sides[1].flat, strict=True):
            if numbers.is_zero(true) and numbers.is_zero(claimed):
                continue
            if numbers.is_zero(true) or numbers.is_zero(claimed):
                return None
            re, im = numbers.div(true, claimed).value
            found.add(None if im else reconstructed(re, numbers.p))
        if len(found) != 1 or None in found or 1 in found:  # 1 is what the field cannot tell apart
            return None
        if asked == _POINTS:
            return found.pop()
    return None


def reconstructed(value: int, p: int) -> Fraction | None:
    """The small fraction that a residue modulo p stands for (Wang 1981), None where there is none."""
    bound = isqrt(p // 2)
    a, b, s, t = p, value % p, 0, 1
    while b > bound:
        q = a // b
        a, b, s, t = b, a - q * b, t, s - q * t
    if t == 0 or max(abs(b), abs(t)) > _LARGEST:
        return None
    return Fraction(b, t)
