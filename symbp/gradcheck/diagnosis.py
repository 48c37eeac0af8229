"""What is wrong with a gradient, as far as its entries show: a constant factor, a transpose, an exchange, a missing term."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from symbp.gradcheck.arrays import Array
from symbp.gradcheck.entries import Measured
from symbp.gradcheck.point import Point
from symbp.gradcheck.slope import SURE

Entries = Sequence[Measured]
CLOSE = 1e-6  # relative difference at which a guess at the cause is taken for right


def factor(point: Point, array: int, entries: Entries) -> float | None:
    """The constant c other than 1 with given = c * expected in every entry measured, or None."""
    smooth = _smooth(entries)
    known = [m.entry for m in smooth if abs(m.entry.expected) > 30 * m.entry.error]
    if not known or (len(known) == 1 and point.given.arrays[array].size > 1):
        return None
    weights = [(e.expected / (e.error + CLOSE * abs(e.expected))) ** 2 for e in known]
    ratio = float(np.average([e.ratio for e in known], weights=weights))
    if abs(ratio - 1) < 100 * CLOSE and not all(e.wrong for e in known):
        return None  # one entry that is off shows in the mean
    expected = {m.entry.index: ratio * m.entry.expected for m in smooth}
    return _tidy(ratio, point.eps) if _explains(point, point.gradients[array], smooth, expected, abs(ratio)) else None


def cause(point: Point, array: int, entries: Entries) -> str:
    """One clause on a wrong gradient; the first of the known mistakes that explains every entry measured."""
    name = point.given.names[array]
    constant = factor(point, array, entries)
    if constant is not None and constant != 1:
        return f"the gradient of {name} is {in_words(constant)}"
    smooth = _smooth(entries)
    given = point.gradients[array]
    expected = {m.entry.index: m.entry.expected for m in smooth}
    if given.ndim == 2 and len(set(given.shape)) == 1 and _explains(point, given.T, smooth, expected):
        return f"the gradient of {name} is transposed"
    for other, gradient in enumerate(point.gradients):
        if other != array and gradient.shape == given.shape and _explains(point, gradient, smooth, expected):
            return f"the gradient of {name} is the one given for {point.given.names[other]}"
    decay = _multiple_of_itself(point, array, smooth)
    if decay is not None:
        return f"the gradient of {name} is off by {decay:.6g} {name}: a term of the regularisation"
    wrong = [m for m in entries if m.entry.wrong]
    if not wrong:
        return f"the gradient of {name} is wrong, though no entry that was measured is"
    number = "one entry" if len(wrong) == 1 else f"{len(wrong)} entries"
    return f"the gradient of {name} is wrong in {number} of the {len(entries)} measured"


def _smooth(entries: Entries) -> list[Measured]:
    return [m for m in entries if m.entry.kind == "smooth"]


def _explains(
    point: Point, gradient: Array, smooth: Entries, expected: dict[tuple[int, ...], float], size: float = 1.0
) -> bool:
    """Whether a gradient has the expected values, and these are not all zero."""
    largest = max((abs(expected[m.entry.index]) * m.size for m in smooth), default=0.0)
    close = max(CLOSE, point.relative)
    return bool(smooth) and all(
        abs(float(gradient[m.entry.index]) - expected[m.entry.index]) * m.size
        <= SURE * size * m.entry.error * m.size + close * abs(expected[m.entry.index]) * m.size + 1e-9 * largest
        for m in smooth
    )  # fmt: skip


def _multiple_of_itself(point: Point, array: int, smooth: Entries) -> float | None:
    """The constant c with given = expected + c x, where it is not zero."""
    x, given = point.given.arrays[array], point.gradients[array]
    values = np.array([float(x[m.entry.index]) for m in smooth])
    off = np.array([m.entry.given - m.entry.expected for m in smooth])
    if np.count_nonzero(values) < 2:
        return None
    constant = float(values @ off / (values @ values))
    expected = {m.entry.index: m.entry.expected + constant * v for m, v in zip(smooth, values, strict=True)}
    doubt = max(m.entry.error for m in smooth)
    clear = abs(constant) * float(np.max(np.abs(values))) > 1e3 * doubt
    return _tidy(constant, point.eps) if clear and _explains(point, given, smooth, expected) else None


def common(point: Point, constants: Sequence[float | None]) -> float | None:
    """The number that all of them are, up to the errors of the differences."""
    known = [c for c in constants if c is not None]
    if not known or len(known) < len(constants):
        return None
    return known[0] if max(known) - min(known) <= max(CLOSE, 1e4 * point.eps) * abs(known[0]) else None


def _tidy(ratio: float, eps: float) -> float:
    """A number near a whole number or one over it is taken for that."""
    for exact in (float(round(ratio)), 1 / round(1 / ratio) if 0 < abs(ratio) < 1 else math.nan):
        if exact and abs(ratio - exact) <= max(1e-8, 200 * eps) * abs(ratio):
            return exact
    return ratio


def in_words(constant: float) -> str:
    """What it means that a gradient is a constant times the right one."""
    if constant == 0:
        return "zero in every entry, and should not be"
    size, sign = abs(constant), " and has the wrong sign" if constant < 0 else ""
    if size == 1:
        return "right but for its sign"
    if size in (2.0, 0.5):
        return ("twice too large" if size == 2 else "half of what it should be") + sign
    if size > 2 and size.is_integer():
        return f"{size:.0f} times too large in every entry" + (sign or f" (a division by {size:.0f} left out?)")
    if size < 1 and (1 / size).is_integer():
        return f"{1 / size:.0f} times too small in every entry" + (
            sign or f" (divided by {1 / size:.0f} once too often?)"
        )
    return f"{constant:.10g} times what it should be, in every entry"
