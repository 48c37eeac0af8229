"""A picture before any format: marks in a plane, in centimetres, y growing upwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Style = Literal["plain", "light", "strong", "dashed", "forward", "backward"]
"""How a mark is drawn; colour is never all that tells two of them apart."""


@dataclass(frozen=True)
class Line:
    """A line through points, with a tip at its end where it is an arrow; `smooth` rounds its corners."""

    points: tuple[Point, ...]
    style: Style = "plain"
    arrow: bool = False
    smooth: bool = False


@dataclass(frozen=True)
class Circle:
    """A circle."""

    centre: Point
    radius: float
    style: Style = "plain"


@dataclass(frozen=True)
class Area:
    """A filled polygon."""

    points: tuple[Point, ...]
    style: Style = "light"


@dataclass(frozen=True)
class Label:
    """A formula (LaTeX without dollar signs, and plain text) or words at a point, `side` being where it stands from the point."""

    at: Point
    latex: str
    text: str
    side: Literal["middle", "left", "right", "above", "below"] = "middle"
    style: Style = "plain"
    words: bool = False


Mark = Line | Circle | Area | Label


@dataclass(frozen=True)
class Drawing:
    """Marks, drawn in their order."""

    marks: tuple[Mark, ...]
