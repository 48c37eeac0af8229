"""How much room the marks of a picture take, in centimetres."""

from __future__ import annotations

import math

from symbp.drawing.marks import Area, Circle, Drawing, Label, Line, Mark
from symbp.drawing.patch import Patch
from symbp.drawing.styles import FONT, SMALL
from symbp.drawing.typeset import typeset, width, words_width

POINT = 2.54 / 72.27
"""A point in centimetres."""
GAP = 0.09  # between a point and a label beside it


def size_of(label: Label) -> tuple[float, float]:
    """The width and the height of a label."""
    em = (SMALL if label.small else FONT) * POINT
    if label.words:
        return em * words_width(label.text), 1.0 * em
    runs = typeset(label.latex)
    rises = [r.rise for r in runs] or [0.0]
    return em * width(runs), em * (1.0 + 0.5 * (max(rises) - min(rises)))


def middle(label: Label) -> tuple[float, float]:
    """The middle of a label."""
    (x, y), (w, h) = label.at, size_of(label)
    dx = {"left": -1, "right": 1}.get(label.side, 0)
    dy = {"below": -1, "above": 1}.get(label.side, 0)
    return x + dx * (w / 2 + GAP), y + dy * (h / 2 + GAP)


def box(label: Label) -> Patch:
    """The rectangle that a label covers."""
    w, h = size_of(label)
    return Patch(*middle(label), w / 2, h / 2, math.radians(label.turn))


def corners(drawing: Drawing) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of all that is drawn."""
    xs, ys = [], []
    for m in drawing.marks:
        for x, y in _reach(m):
            xs.append(x)
            ys.append(y)
    return (min(xs), min(ys), max(xs), max(ys)) if xs else (0.0, 0.0, 0.0, 0.0)


def _reach(m: Mark) -> list[tuple[float, float]]:
    match m:
        case Line():
            return [*m.points]
        case Area():
            return [p for points in (m.points, *m.further) for p in points]
        case Circle():
            (x, y), r = m.centre, m.radius
            return [(x - m.apart - r, y - r), (x + m.apart + r, y + r)]
        case Label():
            p = box(m)
            w, h = p.bounds
            return [(p.x - w, p.y - h), (p.x + w, p.y + h)]
