"""The graph as a TikZ picture: values above the edges, gradients below them, in two colours."""

from __future__ import annotations

import math

from symbp.drawing.marks import Point
from symbp.graph.figure import labels, layout_of
from symbp.graph.layout import Box, Layout, Route
from symbp.graph.model import Graph
from symbp.graph.notation import LATEX
from symbp.graph.values import Numbers

_LABEL = 0.21  # from an edge to the middle of its label, in centimetres
_DOCUMENT = r"""\documentclass[border=8pt]{standalone}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage{amsmath}
\usepackage{tikz}
\begin{document}
%s\end{document}
"""
_STYLES = r"""\definecolor{forwardvalue}{RGB}{23,78,166}
\definecolor{backwardvalue}{RGB}{190,50,20}
\begin{tikzpicture}[
  input/.style={draw=black!70, rounded corners=2pt, fill=black!4},
  gate/.style={draw=black!70, fill=white},
  wire/.style={draw=black!60, -stealth, rounded corners=6pt},
  forward/.style={text=forwardvalue, font=\small, inner sep=1pt, fill=white},
  backward/.style={text=backwardvalue, font=\small, inner sep=1pt, fill=white},
  name/.style={font=\small, inner sep=1pt},
]
"""


def tikz_picture(graph: Graph, numbers: Numbers | None = None, fragment: bool = False) -> str:
    """The picture as LaTeX: a document that compiles by itself, or with `fragment` what goes into one with tikz and amsmath.

    Names and numbers are typeset; no text from outside reaches LaTeX as it is, because names are letters, digits and
    underscores, which :func:`symbp.graph.printers.latex_name` takes apart.
    """
    layout, texts = layout_of(graph, numbers), labels(graph, numbers, LATEX)
    lines: list[str] = []
    for route in layout.routes:
        lines.append(rf"\draw[wire] {' -- '.join(_at(p) for p in route.points)};")
        lines += _labels(route, texts.forward[route.edge], texts.backward[route.edge])
    lines += _tail(layout, layout.boxes[graph.output], texts.result)
    for node in graph.nodes:
        box = layout.boxes[node]
        lines += _node(box, texts.inside[node], is_input=node in graph.inputs)
        if texts.above[node]:
            lines.append(_text("name", (box.x, box.y - box.height - 0.22), texts.above[node]))
        if node in texts.sums:
            lines.append(_text("backward", layout.below[node], texts.sums[node]))
    lines += _legend(layout, texts.notes, numbers is not None)
    body = _STYLES + "".join(f"  {line}\n" for line in lines) + "\\end{tikzpicture}\n"
    return body if fragment else _DOCUMENT % body


def _at(p: Point) -> str:
    return f"({_cm(p[0])},{_cm(-p[1])})"  # TikZ counts upwards


def _cm(length: float) -> str:
    return f"{round(length, 3) + 0.0:g}"


def _text(style: str, p: Point, text: str, more: str = "") -> str:
    return rf"\node[{style}{more}] at {_at(p)} {{${text}$}};"


def _node(box: Box, text: str, is_input: bool) -> list[str]:
    if box.width == box.height and not is_input:
        shape = rf"\draw[gate] {_at((box.x, box.y))} circle[radius={_cm(box.width)}];"
    else:
        corners = (
            f"{_at((box.x - box.width, box.y - box.height))} rectangle {_at((box.x + box.width, box.y + box.height))}"
        )
        shape = rf"\draw[{'input' if is_input else 'gate, rounded corners=5pt'}] {corners};"
    return [shape, rf"\node at {_at((box.x, box.y))} {{${text}$}};"]


def _labels(route: Route, forward: str, backward: str) -> list[str]:
    turn = f", rotate={round(-math.degrees(route.slope), 1) + 0.0:g}"
    return [
        _text(style, route.beside(side), text, turn)
        for style, side, text in (("forward", _LABEL, forward), ("backward", -_LABEL - 0.03, backward))
        if text
    ]


def _tail(layout: Layout, box: Box, result: tuple[str, str]) -> list[str]:
    """The arrow that leaves the output."""
    start, end = box.border((box.x + 10, box.y)), (box.x + box.width + layout.tail, box.y)
    middle = (start[0] + end[0]) / 2 - 0.05
    lines = [rf"\draw[wire] {_at(start)} -- {_at(end)};"]
    for style, side, text in (("forward", -_LABEL, result[0]), ("backward", _LABEL + 0.03, result[1])):
        if text:
            lines.append(_text(style, (middle, box.y + side), text))
    return lines


def _legend(layout: Layout, notes: tuple[str, ...], with_values: bool) -> list[str]:
    left, _, _, bottom = layout.corners
    words = [r"\textcolor{forwardvalue}{values forward}"] if with_values else []
    words.append(r"\textcolor{backwardvalue}{gradients backward}")
    texts = [r",\quad ".join(words), *notes]
    return [
        rf"\node[name, anchor=west] at {_at((left, bottom + 0.6 + 0.6 * k))} {{{text}}};"
        for k, text in enumerate(texts)
    ]
