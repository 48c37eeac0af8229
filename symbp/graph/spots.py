"""Where the labels of edges stand: along the edge, clear of nodes, other labels and other edges as far as that goes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from symbp.drawing.marks import Point
from symbp.drawing.patch import Patch

E = TypeVar("E")
_PLACES = (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74, 0.2, 0.8)  # along a segment, the best first
_TALL = 0.42  # half the height of a pair of labels, one above the edge and one below
_ON_LABEL, _ON_NODE, _ON_WIRE = 6.0, 8.0, 2.0  # how bad it is to cover what


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
