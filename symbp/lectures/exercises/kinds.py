"""The kinds of exercises: a row for each; a new kind is a function and its row here."""

from __future__ import annotations

from collections.abc import Mapping

from symbp.lectures.exercises.exercise import Make
from symbp.lectures.exercises.growing import growing
from symbp.lectures.exercises.missing import missing
from symbp.lectures.exercises.mistakes import mistakes
from symbp.lectures.exercises.shapes import shapes
from symbp.lectures.exercises.values import values

KINDS: Mapping[str, Make] = {
    "missing": missing,
    "values": values,
    "mistakes": mistakes,
    "shapes": shapes,
    "growing": growing,
}
"""What draws an exercise, by the name of its kind, in the order in which a sheet goes through them."""
