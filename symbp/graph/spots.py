"""Where the labels of edges stand: along the edge, clear of nodes, other labels and other edges as far as that goes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

Point = tuple[float, float]
E = TypeVar("E")
_PLACES = (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74, 0.2, 0.8)  # along a segment, the best first
_TALL = 0.42  # half the height of a pair of labels, one above the edge and one below
_ON_LABEL, _ON_NODE, _ON_WIRE = 6.0, 8.0, 2.0  # how bad it is to cover what


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


def spots(
    wires: Mapping[E, Sequence[Point]], lengths: Mapping[E, float], nodes: Sequence[Patch]
) -> dict[E, tuple[Point, float]]:
    """The point and the slope at which every edge's pair of labels stands.

    Parameters
    ----------
    wires : the corners of every edge
    lengths : the length of every edge's longer label
    nodes : what the labels must keep clear of
    """
    segments = {e: [_segment(a, b) for a, b in pairwise(points)] for e, points in wires.items()}
    parts = [(e, s) for e, several in segments.items() for s in several]
    found: dict[E, tuple[Point, float]] = {}
    labels: list[Patch] = []
    for e in sorted(wires, key=lambda e: -lengths[e]):  # long ones first: they have the fewest places to go
        best: tuple[float, Patch] | None = None
        for s in segments[e]:
            zone = Patch(s.x, s.y, s.width + lengths[e] / 2, _TALL, s.slope)
            near = [(_ON_LABEL, p) for p in labels if zone.is_near(p)]
            near += [(_ON_NODE, p) for p in nodes if zone.is_near(p)]
            near += [(_ON_WIRE, p) for other, p in parts if other != e and zone.is_near(p)]
            for place, t in enumerate(_PLACES):
                shift = (2 * t - 1) * s.width
                x, y = s.x + shift * math.cos(s.slope), s.y + shift * math.sin(s.slope)
                patch = Patch(x, y, lengths[e] / 2, _TALL, s.slope)
                cost = 0.1 * place + abs(s.slope) + 4 * max(0.0, lengths[e] / 2 - s.width + abs(shift))
                cost += sum(price for price, p in near if patch.meets(p))
                if best is None or cost < best[0] - 1e-9:
                    best = (cost, patch)
        assert best is not None
        labels.append(best[1])
        found[e] = ((best[1].x, best[1].y), best[1].slope)
    return found


def _segment(a: Point, b: Point) -> Patch:
    slope = math.atan2(b[1] - a[1], b[0] - a[0])
    return Patch((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, math.dist(a, b) / 2, 0.01, slope)
