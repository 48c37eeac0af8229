"""Where a function of the plane is above a level: the polygons around that, by marching squares on a grid.

Source: W. Lorensen, H. Cline, "Marching cubes", 1987, in two dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from symbp.drawing.marks import Point

Edge = tuple[int, int, int]
"""An edge of the grid: row, column, and 0 along the row or 1 along the column."""


def above(xs: Sequence[float], ys: Sequence[float], values: np.ndarray, level: float) -> list[tuple[Point, ...]]:
    """Closed polygons around the places where `values`, (rows of ys, columns of xs), are above `level`.

    Around the grid there is nothing above it: a polygon that reaches the border goes along it.
    """
    x = np.concatenate([xs[:1], xs, xs[-1:]])
    y = np.concatenate([ys[:1], ys, ys[-1:]])
    least = min(float(np.min(values)), level) - 1.0
    v = np.pad(np.asarray(values, dtype=float), 1, constant_values=least) - level
    links: dict[Edge, Edge] = {}
    for r in range(v.shape[0] - 1):
        for c in range(v.shape[1] - 1):
            links.update(_segments(r, c, v))
    polygons: list[tuple[Point, ...]] = []
    while links:
        first, edge = links.popitem()
        around = [first]
        while edge != first:
            around.append(edge)
            edge = links.pop(edge)
        polygons.append(tuple(_point(e, x, y, v) for e in around))
    return polygons


def between(polygon: Sequence[Point], low: Point, high: Point) -> list[tuple[Point, ...]]:
    """The parts of a closed polygon that do not run along the border of a rectangle."""
    around = [*polygon, polygon[0]]
    pieces: list[list[Point]] = [[around[0]]]
    for a, b in pairwise(around):
        along = any(max(abs(p[k] - side[k]) for p in (a, b)) < 1e-9 for side in (low, high) for k in (0, 1))
        if along:
            pieces.append([b])
        else:
            pieces[-1].append(b)
    return [tuple(p) for p in pieces if len(p) > 1]


def _segments(r: int, c: int, v: np.ndarray) -> list[tuple[Edge, Edge]]:
    """The lines through one cell, what is above on their left; at a saddle the two corners that are above stay apart."""
    corners = [(r, c), (r, c + 1), (r + 1, c + 1), (r + 1, c)]  # counterclockwise, y growing with the row
    edges = [(r, c, 0), (r, c + 1, 1), (r + 1, c, 0), (r, c, 1)]  # from each corner to the next
    up = [bool(v[at] > 0) for at in corners]
    into = [k for k in range(4) if not up[k] and up[(k + 1) % 4]]
    out = [k for k in range(4) if up[k] and not up[(k + 1) % 4]]
    found = []
    for k in into:  # the boundary enters where the cell's border leaves what is above, next after k
        j = next((k + n) % 4 for n in range(1, 5) if (k + n) % 4 in out)
        found.append((edges[j], edges[k]))
    return found


def _point(edge: Edge, x: np.ndarray, y: np.ndarray, v: np.ndarray) -> Point:
    """Where the level lies on an edge, between its ends."""
    r, c, along = edge
    other = (r, c + 1) if along == 0 else (r + 1, c)
    a, b = float(v[r, c]), float(v[other])
    t = a / (a - b)
    return float(x[c] + t * (x[other[1]] - x[c])), float(y[r] + t * (y[other[0]] - y[r]))
