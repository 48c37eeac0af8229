"""Where everything stands in the picture of a graph: one layout for TikZ and SVG, in centimetres, y growing downwards."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from symbp.graph.layers import layer_of, ordered, rows
from symbp.graph.model import Edge, Graph

Point = tuple[float, float]
ROW, TRACK = 2.1, 1.5  # between the nodes of a layer; beside an edge that passes
GAP = 1.5  # between layers, at least
HEIGHT = 0.42  # half the height of a node
BOW, AIR = 0.75, 0.06  # how far parallel edges bow out; between a node and an arrow


@dataclass(frozen=True)
class Box:
    """A node: its centre, and half its width and height; a circle where they agree."""

    x: float
    y: float
    width: float
    height: float = HEIGHT

    def border(self, towards: Point) -> Point:
        """Where a line from the centre leaves the box, with a little air."""
        dx, dy = towards[0] - self.x, towards[1] - self.y
        length = math.hypot(dx, dy)
        if self.width == self.height:
            scale = self.width / length
        else:
            scale = min(self.width / abs(dx) if dx else math.inf, self.height / abs(dy) if dy else math.inf)
        scale += AIR / length
        return self.x + dx * scale, self.y + dy * scale


@dataclass(frozen=True)
class Route:
    """An edge: its corners from border to border, and where its labels stand: a point, and the slope in radians."""

    edge: Edge
    points: tuple[Point, ...]
    label: Point
    slope: float

    def beside(self, distance: float) -> Point:
        """The point at `distance` from the label's place, square to the edge; positive is above."""
        return (
            self.label[0] + distance * math.sin(self.slope),
            self.label[1] - distance * math.cos(self.slope),
        )


@dataclass(frozen=True)
class Layout:
    """Boxes by node, and routes by edge; `tail` is the length of the arrow that leaves the output."""

    boxes: Mapping[str, Box]
    routes: tuple[Route, ...]
    tail: float

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what is drawn, names and sums of gradients included."""
        boxes = [*self.boxes.values()]
        points = [p for r in self.routes for p in r.points]
        return (
            min(b.x - b.width for b in boxes),
            min([b.y - b.height - 0.6 for b in boxes] + [y - 0.6 for _, y in points]),
            max(b.x + b.width for b in boxes) + self.tail,
            max([b.y + b.height + 0.6 for b in boxes] + [y + 0.6 for _, y in points]),
        )


def lay_out(graph: Graph, widths: Mapping[str, float], labels: Mapping[Edge, float], tail: float) -> Layout:
    """Place a graph's nodes and edges.

    Parameters
    ----------
    graph : what to draw
    widths : half the width of every node, in centimetres
    labels : the length of every edge's longest label
    tail : the length of the arrow that leaves the output
    """
    sources = {n: [e.source for e in graph.into(n)] for n in graph.nodes}
    layer = layer_of(graph.nodes, sources)
    chains = {e: _chain(e, layer) for e in graph.edges}
    count = 1 + max(layer.values())
    members: list[list[str]] = [[n for n in graph.nodes if layer[n] == k] for k in range(count)]
    left: dict[str, list[str]] = {n: [] for n in graph.nodes}
    right: dict[str, list[str]] = {n: [] for n in graph.nodes}
    for e, chain in chains.items():
        for k, passing in enumerate(chain[1:-1], layer[e.source] + 1):
            members[k].append(passing)
        for a, b in pairwise(chain):
            right.setdefault(a, []).append(b)
            left.setdefault(b, []).append(a)
    members = ordered(members, left, right)
    height = rows(members, left, right, lambda a, b: ROW if a in widths and b in widths else TRACK)
    x = _columns(members, widths, labels, layer)
    boxes = {n: Box(x[layer[n]], height[n], widths[n]) for n in graph.nodes}
    inner = {e: [(x[layer[e.source] + k], height[p]) for k, p in enumerate(c[1:-1], 1)] for e, c in chains.items()}
    return Layout(boxes, tuple(_route(graph, e, boxes, inner[e]) for e in graph.edges), tail)


def _chain(e: Edge, layer: Mapping[str, int]) -> list[str]:
    """The nodes of an edge, with one place to pass in every layer between them; no node's name has a blank."""
    passing = range(layer[e.source] + 1, layer[e.target])
    return [e.source, *(f"{e.source} {e.target} {e.slot} {k}" for k in passing), e.target]


def _columns(
    members: list[list[str]], widths: Mapping[str, float], labels: Mapping[Edge, float], layer: Mapping[str, int]
) -> list[float]:
    """The place of every layer: far enough from the one before for the labels in between."""
    half = [max((widths.get(n, 0.0) for n in m), default=0.0) for m in members]
    x = [half[0]]
    for k in range(1, len(members)):
        longest = max((labels[e] for e in labels if layer[e.source] < k <= layer[e.target]), default=0.0)
        x.append(x[-1] + half[k - 1] + max(GAP, longest + 1.0) + half[k])
    return x


def _route(graph: Graph, e: Edge, boxes: Mapping[str, Box], inner: list[Point]) -> Route:
    a, b = boxes[e.source], boxes[e.target]
    twins = [t for t in graph.edges if (t.source, t.target) == (e.source, e.target)]
    if not inner and len(twins) > 1:
        bow = BOW * (2 * twins.index(e) / (len(twins) - 1) - 1)
        (dx, dy), length = (b.x - a.x, b.y - a.y), math.hypot(b.x - a.x, b.y - a.y)
        square = (-dy / length * bow, dx / length * bow)
        inner = [(a.x + dx * t + square[0], a.y + dy * t + square[1]) for t in (0.28, 0.72)]
    points = [(a.x, a.y), *inner, (b.x, b.y)]
    points = [a.border(points[1]), *points[1:-1], b.border(points[-2])]
    segments = [*pairwise(points)]
    (x0, y0), (x1, y1) = max(segments, key=lambda s: round(math.dist(*s) - 0.8 * abs(s[1][1] - s[0][1]), 6))
    fans_out, fans_in = len(graph.paths(e.source)) > 1, len(graph.into(e.target)) > 1
    t = 0.5 if len(segments) > 2 or fans_out == fans_in else 0.58 if fans_out else 0.44
    return Route(e, tuple(points), (x0 + t * (x1 - x0), y0 + t * (y1 - y0)), math.atan2(y1 - y0, x1 - x0))
