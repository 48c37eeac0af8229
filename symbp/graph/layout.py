"""Where everything stands in the picture of a graph: one layout for TikZ and SVG, in centimetres, y growing downwards."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from symbp.drawing.marks import Point
from symbp.drawing.patch import Patch
from symbp.graph.layers import crossings, layer_of, ordered, rows
from symbp.graph.model import Edge, Graph
from symbp.graph.spots import spots

ROW, TRACK = 2.1, 1.5  # between the nodes of a layer; beside an edge that passes
SHORT, LEAN = 1.0, 0.35  # labels longer than the one, on edges that meet, need so much more room a centimetre
GAP = 1.5  # between layers, at least
HEIGHT = 0.42  # half the height of a node
AIR = 0.06  # between a node and an arrow
NAME, SUM = 0.32, 0.36  # from a node to the middle of the name above it; of its gradient below it


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
    """Boxes by node, routes by edge, where the gradients below nodes stand, and the length of the output's arrow."""

    boxes: Mapping[str, Box]
    routes: tuple[Route, ...]
    below: Mapping[str, Point]
    tail: float
    corners: tuple[float, float, float, float]
    """Left, top, right and bottom of all that is drawn."""


@dataclass(frozen=True)
class Sizes:
    """How much room the texts of a picture take, in centimetres.

    `half` is half the width of every node, `label` the length of every edge's longer label, `below` the length of the text
    below a node where there is one, and `tail` the length of the arrow that leaves the output.
    """

    half: Mapping[str, float]
    label: Mapping[Edge, float]
    below: Mapping[str, float]
    tail: float


def lay_out(graph: Graph, sizes: Sizes) -> Layout:
    """Place a graph's nodes, edges and texts."""
    layer = layer_of(graph.nodes, [(e.source, e.target) for e in graph.edges])
    chains = {e: _chain(e, layer) for e in graph.edges}
    members: list[list[str]] = [[n for n in graph.nodes if layer[n] == k] for k in range(1 + max(layer.values()))]
    left: dict[str, list[str]] = {n: [] for n in graph.nodes}
    right: dict[str, list[str]] = {n: [] for n in graph.nodes}
    for e, chain in chains.items():
        for k, passing in enumerate(chain[1:-1], layer[e.source] + 1):
            members[k].append(passing)
        for a, b in pairwise(chain):
            right.setdefault(a, []).append(b)
            left.setdefault(b, []).append(a)
    members = ordered(members, left, right)
    far = LEAN * max(0.0, max(sizes.label.values(), default=0.0) - SHORT)
    height = rows(members, left, right, lambda a, b: far + (ROW if a in sizes.half and b in sizes.half else TRACK))
    crossed = [crossings(pair, right) > 0 for pair in pairwise(members)]
    x = _columns(members, sizes, layer, crossed)
    boxes = {n: Box(x[layer[n]], height[n], sizes.half[n]) for n in graph.nodes}
    wires = {}
    for e, chain in chains.items():
        start, end = boxes[e.source], boxes[e.target]
        inner = [(x[layer[e.source] + k], height[p]) for k, p in enumerate(chain[1:-1], 1)]
        points = [(start.x, start.y), *inner, (end.x, end.y)]
        wires[e] = (start.border(points[1]), *inner, end.border(points[-2]))
    below = {n: _below(boxes[n], length, n in graph.inputs) for n, length in sizes.below.items()}
    patches = [Patch(b.x, b.y, b.width, b.height) for b in boxes.values()]
    patches += [Patch(b.x, b.y - b.height - NAME, 0.3, 0.2) for n, b in boxes.items() if n in graph.gate]
    patches += [Patch(*below[n], length / 2, 0.2) for n, length in sizes.below.items()]
    found = spots(wires, sizes.label, patches)
    routes = tuple(Route(e, points, *found[e]) for e, points in wires.items())
    patches += [Patch(*r.label, sizes.label[r.edge] / 2, 0.4, r.slope) for r in routes]
    return Layout(boxes, routes, below, sizes.tail, _corners(patches, boxes[graph.output], sizes.tail))


def _below(box: Box, length: float, is_input: bool) -> Point:
    """Below a node; left of an input's arrows, where nothing else is."""
    return box.x - (max(0.0, length / 2 - box.width) if is_input else 0.0), box.y + box.height + SUM


def _corners(patches: list[Patch], output: Box, tail: float) -> tuple[float, float, float, float]:
    return (
        min(p.x - p.bounds[0] for p in patches),
        min(p.y - p.bounds[1] for p in patches),
        max([output.x + output.width + tail, *(p.x + p.bounds[0] for p in patches)]),
        max(p.y + p.bounds[1] for p in patches),
    )


def _chain(e: Edge, layer: Mapping[str, int]) -> list[str]:
    """The nodes of an edge, with one place to pass in every layer between them; no node's name has a blank."""
    passing = range(layer[e.source] + 1, layer[e.target])
    return [e.source, *(f"{e.source} {e.target} {e.slot} {k}" for k in passing), e.target]


def _columns(members: list[list[str]], sizes: Sizes, layer: Mapping[str, int], crossed: list[bool]) -> list[float]:
    """The place of every layer: far enough from the one before for the labels in between, on both sides of crossings."""
    half = [max(max(sizes.half.get(n, 0.0), sizes.below.get(n, 0.0) / 2) for n in m) for m in members]
    x = [half[0]]
    for k in range(1, len(members)):
        passing = [e for e in sizes.label if layer[e.source] < k <= layer[e.target]]
        longest = max((sizes.label[e] / (layer[e.target] - layer[e.source]) for e in passing), default=0.0)
        room = 2 * longest + 1.6 if crossed[k - 1] else longest + 1.0
        x.append(x[-1] + half[k - 1] + max(GAP, room) + half[k])
    return x
