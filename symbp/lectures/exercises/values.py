"""A gradient to be computed at small numbers."""

from __future__ import annotations

import random

import numpy as np

from symbp.lectures.exercises.exercise import Exercise, Material
from symbp.lectures.numbers import given_table, value_row
from symbp.notes.blocks import Display, Paragraph, Row
from symbp.notes.equations import sides


def values(material: Material, chance: random.Random) -> Exercise | None:
    """The gradient of a parameter at drawn numbers, held against differences; the solution goes forward and back."""
    if not material.is_small:
        return None
    worked = material.worked(chance)
    if worked is None:
        return None
    d, writer = material.derivation, material.writer
    name = chance.choice([p.tensor.name for p in d.map.parameters])
    adjoint = d.backward.adjoint[name]
    gradient = worked.values[adjoint]
    agree = all(abs(x.derived - x.quotient) <= 1e-9 for x in worked.differences)
    if not agree or np.count_nonzero(gradient) < max(1, gradient.size // 2):
        return None
    rows = []
    for s in d.program:
        if s.target.name in _needed(material, adjoint) and writer.symbols.lettered(s.target.name):
            left, right, _ = sides(writer, s)
            rows += [Row(left, right), value_row(writer, s.target.name, worked.values[s.target.name])]
    question = (
        Paragraph(("Compute ", writer.whole(adjoint), " at these numbers, to four digits:")),
        *given_table(worked, writer),
    )
    numbers = ", ".join(f"{v:g}" for v in worked.given.arrays["x"].ravel()) if "x" in worked.given.arrays else ""
    return Exercise("By hand", question, (Display(tuple(rows)),), f"{adjoint} at {numbers}")


def _needed(material: Material, adjoint: str) -> set[str]:
    """What is computed on the way to a gradient."""
    d = material.derivation
    return d.program.behind([adjoint]) - set(material.writer.trivial)
