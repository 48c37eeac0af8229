"""The graph as an SVG picture: self-contained, values and gradients in two colours, told in words to a screen reader."""

from __future__ import annotations

import math
import re
from html import escape

from symbp.drawing.marks import Point
from symbp.graph.figure import labels, layout_of
from symbp.graph.layout import NAME, Box
from symbp.graph.model import Graph
from symbp.graph.notation import PICTURE
from symbp.graph.printers import picture_name
from symbp.graph.text import backward_lines
from symbp.graph.values import Numbers

_SCALE = 48.0  # pixels in a centimetre
_WIDEST = 1100.0  # pixels
_LABEL = 0.24  # from an edge to the middle of its label, in centimetres
_MARGIN, _LINE = 0.4, 0.52
_STYLE = """
    .sheet { fill: #ffffff }
    .wire { fill: none; stroke: #6b7280; stroke-width: 1.4 }
    .tip { fill: #6b7280 }
    .node { stroke: #374151; stroke-width: 1.4; fill: #ffffff }
    .input { fill: #f1f3f5 }
    text { font-family: "STIX Two Text", "Latin Modern Roman", "Cambria", "Georgia", "Times New Roman", serif;
           font-size: 17px; fill: #1f2937; text-anchor: middle }
    .name { font-style: italic }
    .forward { fill: #174ea6 }
    .backward { fill: #be3214 }
    .halo { stroke: #ffffff; stroke-width: 5px; paint-order: stroke; stroke-linejoin: round }
    .note { text-anchor: start; font-size: 15px }
"""


def svg_picture(graph: Graph, numbers: Numbers | None = None) -> str:
    """The picture as a complete SVG file; every text in it is escaped."""
    layout, texts = layout_of(graph, numbers), labels(graph, numbers, PICTURE)
    names = frozenset(picture_name(node) for node in graph.nodes)

    def text(kind: str, p: Point, words: str, turn: float = 0.0) -> str:
        x, y = _pixels(p)
        turned = f' transform="rotate({turn:.1f} {x} {y})"' if abs(turn) > 0.05 else ""
        drop = 0.27 if kind == "inside" else 0.32  # from the middle down to the baseline, in ems
        return f'<text class="{kind}" x="{x}" y="{y}" dy="{drop}em"{turned}>{_typeset(words, names)}</text>'

    left, top, right, bottom = layout.corners
    notes = [_legend(numbers is not None), *(_typeset(note, names) for note in texts.notes)]
    longest = max([26, *(len(note) for note in texts.notes)])
    right = max(right, left + 0.17 * longest)
    width, height = right - left + 2 * _MARGIN, bottom - top + 3 * _MARGIN + _LINE * len(notes)
    parts: list[str] = []
    for route in layout.routes:
        parts.append(_wire(route.points))
    box = layout.boxes[graph.output]
    start, end = box.border((box.x + 10, box.y)), (box.x + box.width + layout.tail, box.y)
    parts.append(_wire((start, end)))
    for route in layout.routes:
        turn = math.degrees(route.slope)
        for kind, side, words in (
            ("forward halo", _LABEL, texts.forward[route.edge]),
            ("backward halo", -_LABEL, texts.backward[route.edge]),
        ):
            parts += [text(kind, route.beside(side), words, turn)] if words else []
    middle = (start[0] + end[0]) / 2 - 0.05
    parts += [text("forward", (middle, box.y - _LABEL), texts.result[0])] if texts.result[0] else []
    parts.append(text("backward", (middle, box.y + _LABEL), texts.result[1]))
    for node in graph.nodes:
        box = layout.boxes[node]
        parts.append(_shape(box, node in graph.inputs))
        parts.append(text("inside", (box.x, box.y), texts.inside[node]))
        if texts.above[node]:
            parts.append(text("halo", (box.x, box.y - box.height - NAME), texts.above[node]))
        if node in texts.sums:
            parts.append(text("backward halo", layout.below[node], texts.sums[node]))
    for k, note in enumerate(notes):
        x, y = _pixels((left, bottom + 2 * _MARGIN + _LINE * k))
        parts.append(f'<text class="note" x="{x}" y="{y}">{note}</text>')
    sheet = (left - _MARGIN, top - _MARGIN, width, height)
    return "\n  ".join([_head(graph, numbers, sheet), *parts]) + "\n</svg>\n"


def _head(graph: Graph, numbers: Numbers | None, sheet: tuple[float, float, float, float]) -> str:
    """The opening of the file: its size, title, description, style, and a white sheet."""
    x, y, w, h = (f"{_SCALE * v:.0f}" for v in sheet)
    title, told = _words(graph, numbers)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {w} {h}" {_size(sheet)} role="img" '
        f'aria-labelledby="title desc">\n  <title id="title">{escape(title)}</title>\n'
        f'  <desc id="desc">{escape(told)}</desc>\n  <style>{_STYLE}  </style>\n'
        f'  <rect class="sheet" x="{x}" y="{y}" width="{w}" height="{h}"/>'
    )


def _size(sheet: tuple[float, float, float, float]) -> str:
    """The size at which the picture is shown: what is wider than :data:`_WIDEST` is scaled down."""
    width, height = (_SCALE * v for v in sheet[2:])
    scale = min(1.0, _WIDEST / width)
    return f'width="{scale * width:.0f}" height="{scale * height:.0f}" style="max-width:100%;height:auto"'


def _words(graph: Graph, numbers: Numbers | None) -> tuple[str, str]:
    """The title, and the picture told in words."""
    title = f"Computational graph of {graph.output}" + (
        "" if numbers is None else ": values forward, gradients backward"
    )
    statements = "; ".join(f"{g.name} = {g.expression}" for g in graph.gates)
    values = "" if numbers is None else "; ".join(f"{n} = {numbers.text(numbers.values[n])}" for n in graph.nodes)
    backward = "; ".join(line.strip() for line in backward_lines(graph, numbers))
    told = [f"Gates: {statements}.", f"Values: {values}." if values else "", f"Gradients: {backward}."]
    return title, " ".join(t for t in told if t)


def _legend(with_values: bool) -> str:
    forward = '<tspan class="forward">values forward</tspan>, ' if with_values else ""
    return f'{forward}<tspan class="backward">gradients backward</tspan>'


def _pixels(p: Point) -> tuple[str, str]:
    return f"{_SCALE * p[0]:.1f}", f"{_SCALE * p[1]:.1f}"


def _typeset(words: str, names: frozenset[str]) -> str:
    """Text with the names of nodes in italics, escaped."""
    parts = re.split(r"([A-Za-zα-ω_][A-Za-z0-9_]*[₀-₉\u0302]*)", words)
    return "".join(f'<tspan class="name">{escape(p)}</tspan>' if p in names else escape(p) for p in parts)


def _shape(box: Box, is_input: bool) -> str:
    x, y = _pixels((box.x, box.y))
    if box.width == box.height and not is_input:
        return f'<circle class="node" cx="{x}" cy="{y}" r="{_SCALE * box.width:.1f}"/>'
    x, y = _pixels((box.x - box.width, box.y - box.height))
    size = f'width="{2 * _SCALE * box.width:.1f}" height="{2 * _SCALE * box.height:.1f}"'
    kind, corner = ("node input", 5) if is_input else ("node", 12)
    return f'<rect class="{kind}" x="{x}" y="{y}" {size} rx="{corner}"/>'


def _wire(points: tuple[Point, ...]) -> str:
    """A line with rounded corners and a tip; the tip is drawn, because not every viewer knows markers."""
    (x0, y0), (x1, y1) = points[-2], points[-1]
    length = math.dist(points[-2], points[-1])
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    base = (x1 - 0.2 * ux, y1 - 0.2 * uy)
    tip = [(x1, y1), (base[0] - 0.075 * uy, base[1] + 0.075 * ux), (base[0] + 0.075 * uy, base[1] - 0.075 * ux)]
    path = f"M {' '.join(_pixels(points[0]))}"
    for before, corner, after in zip(points, points[1:-1], points[2:], strict=False):
        path += f" L {' '.join(_pixels(_towards(corner, before)))}"
        path += f" Q {' '.join(_pixels(corner))} {' '.join(_pixels(_towards(corner, after)))}"
    path += f" L {' '.join(_pixels(base))}"
    triangle = " ".join(",".join(_pixels(p)) for p in tip)
    return f'<path class="wire" d="{path}"/><polygon class="tip" points="{triangle}"/>'


def _towards(corner: Point, other: Point) -> Point:
    length = math.dist(corner, other)
    t = min(0.35, length / 2) / length
    return corner[0] + t * (other[0] - corner[0]), corner[1] + t * (other[1] - corner[1])
