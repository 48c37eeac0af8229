"""Turned rectangles, and whether they overlap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from symbp.drawing.marks import Point


@dataclass(frozen=True)
class Patch:
    """A turned rectangle: its centre, half its sides, and its slope in radians."""

    x: float
    y: float
    width: float
    height: float
    slope: float = 0.0

    @cached_property
    def axes(self) -> tuple[Point, Point]:
        """The directions of its sides."""
        c, s = math.cos(self.slope), math.sin(self.slope)
        return (c, s), (-s, c)

    def meets(self, other: Patch) -> bool:
        """Whether two rectangles overlap: no side of either separates them."""
        for ax, ay in (*self.axes, *other.axes):
            apart = abs((other.x - self.x) * ax + (other.y - self.y) * ay)
            if apart >= self._extent(ax, ay) + other._extent(ax, ay):
                return False
        return True

    def is_near(self, other: Patch) -> bool:
        """Whether the upright rectangles around two rectangles overlap: quickly told, and true wherever they meet."""
        (w, h), (v, k) = self.bounds, other.bounds
        return abs(self.x - other.x) < w + v and abs(self.y - other.y) < h + k

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """Half the width and height of the upright rectangle around it."""
        return self._extent(1.0, 0.0), self._extent(0.0, 1.0)

    def _extent(self, ax: float, ay: float) -> float:
        (ux, uy), (vx, vy) = self.axes
        return self.width * abs(ux * ax + uy * ay) + self.height * abs(vx * ax + vy * ay)
