"""A picture before any format: marks in a plane, in centimetres, y growing upwards."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Style = Literal[
    "plain", "light", "strong", "dashed", "forward", "backward", "grid",
    "curve1", "curve2", "curve3", "curve4", "curve5", "curve6", "curve7",
]  # fmt: skip
"""How a mark is drawn (see :data:`symbp.drawing.styles.STYLES`); colour is never all that tells two of them apart."""

CURVES: tuple[Style, ...] = ("curve1", "curve2", "curve3", "curve4", "curve5", "curve6", "curve7")
"""The styles of curves in one plot, in their order."""

Side = Literal["middle", "left", "right", "above", "below"]


@dataclass(frozen=True)
class Line:
    """A line through points, with a tip at its end where it is an arrow; `smooth` rounds its corners."""

    points: tuple[Point, ...]
    style: Style = "plain"
    arrow: bool = False
    smooth: bool = False


@dataclass(frozen=True)
class Circle:
    """A circle, which covers what is drawn before it; a `dot` is filled with its line's colour.

    Its halves are `apart` by so much to either side of the centre: what is longer than high stands in it without being a ball.
    """

    centre: Point
    radius: float
    style: Style = "plain"
    dot: bool = False
    apart: float = 0.0

    def border(self, x: float, y: float) -> float:
        """How far it is from the centre to the border, in a direction of length 1."""
        if self.apart * abs(y) > self.radius * abs(x):  # above or below the middle, where the border is straight
            return self.radius / abs(y)
        along = self.apart * abs(x)
        return along + math.sqrt(along**2 - self.apart**2 + self.radius**2)


@dataclass(frozen=True)
class Area:
    """A filled polygon, and further ones: where two lie over one another, there is a hole."""

    points: tuple[Point, ...]
    style: Style = "light"
    further: tuple[tuple[Point, ...], ...] = ()


@dataclass(frozen=True)
class Label:
    """A formula (LaTeX without dollar signs, and plain text) or words at a point, `side` being where it stands from the point.

    `small` is the size of the numbers at an axis; a label that is `clear` covers what is drawn before it; `turn` are degrees,
    counterclockwise around the middle.
    """

    at: Point
    latex: str
    text: str
    side: Side = "middle"
    style: Style = "plain"
    words: bool = False
    small: bool = False
    clear: bool = False
    turn: float = 0.0


Mark = Line | Circle | Area | Label


@dataclass(frozen=True)
class Drawing:
    """Marks, drawn in their order."""

    marks: tuple[Mark, ...]


def words(text: str, at: Point, side: Side = "middle", style: Style = "plain", *, small: bool = False) -> Label:
    """A label of plain text."""
    return Label(at, "", text, side, style, words=True, small=small)
