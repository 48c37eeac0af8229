"""A drawing as SVG: nothing from elsewhere, told in words to a screen reader, and in the colours of the page around it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from html import escape
from itertools import pairwise

from symbp.drawing.boxes import POINT, corners, middle, size_of
from symbp.drawing.marks import Area, Circle, Drawing, Label, Line, Mark, Point
from symbp.drawing.styles import COLOURS, FONT, SMALL, STYLES
from symbp.drawing.typeset import Run, typeset

_SCALE = 48.0  # pixels in a centimetre
_MARGIN = 0.12  # around all that is drawn, in centimetres
_FACE = (
    '"STIX Two Text", "Latin Modern Roman", "Latin Modern Math", "Cambria", "Cambria Math", "Georgia", "Times New Roman", '
    '"DejaVu Serif", serif'
)
_PAPER = "var(--symbp-paper, Canvas)"
_ROUND = 0.2  # how far from a corner a smooth line begins to turn, in centimetres


def svg(drawing: Drawing, title: str, description: str, id: str, *, sheet: bool = False) -> str:
    """The picture as an ``<svg>`` element.

    Parameters
    ----------
    title, description : what a screen reader says; escaped, as every text in the picture is
    id : begins every id in the picture, so that a page may have several
    sheet : on white whatever the page around it, as a file of its own; else it has the page's own colours, light or dark: ink is
        ``currentColor``, and what covers something else has the colour ``--symbp-paper``, or the page's canvas

    Raises
    ------
    ValueError : for an `id` that is no plain name
    """
    if not re.fullmatch(r"[A-Za-z][\w-]*", id, re.ASCII):
        raise ValueError(f"no plain name: {id!r}")
    left, bottom, right, top = corners(drawing)
    x, y = left - _MARGIN, -top - _MARGIN
    w, h = right - left + 2 * _MARGIN, top - bottom + 2 * _MARGIN
    view = " ".join(f"{_SCALE * v:.1f}" for v in (x, y, w, h))
    paper = "#ffffff" if sheet else _PAPER
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{id}" viewBox="{view}" width="{_SCALE * w:.0f}" height="{_SCALE * h:.0f}" '
        f'role="img" aria-labelledby="{id}-title {id}-desc" style="max-width:100%;height:auto">',
        f'<title id="{id}-title">{escape(title)}</title>',
        f'<desc id="{id}-desc">{escape(description)}</desc>',
        f"<style>{_style(drawing, id, paper, sheet)}</style>",
    ]
    if sheet:
        parts.append(f'<rect class="paper" x="{_SCALE * x:.1f}" y="{_SCALE * y:.1f}" width="100%" height="100%"/>')
    parts += [line for m in drawing.marks for line in _mark(m)]
    return "\n".join(parts) + "\n</svg>\n"


def _style(drawing: Drawing, id: str, paper: str, sheet: bool) -> str:
    rules = [
        f"#{id} {{ color: {COLOURS['ink'][0]} }}" if sheet else "",
        f"#{id} text {{ font-family: {_FACE}; font-size: {_pixels(FONT)}px; fill: currentColor; text-anchor: middle }}",
        f"#{id} .small {{ font-size: {_pixels(SMALL)}px }}",
        f"#{id} .paper {{ fill: {paper} }}",
        f"#{id} .line {{ fill: none; stroke-linejoin: round }}",
    ]
    dark: list[str] = []
    for style in sorted({m.style for m in drawing.marks}):
        look = STYLES[style]
        dashes = f"; stroke-dasharray: {' '.join(_pixels(d) for d in look.dashes)}" if look.dashes else ""
        rules.append(f"#{id} .{style} {{ stroke-width: {_pixels(look.width)}{dashes} }}")
        for shade, (value, into) in enumerate(zip(COLOURS[look.colour], (rules, dark), strict=True)):
            colour = "currentColor" if look.colour == "ink" else value
            if shade and (sheet or look.colour == "ink"):
                continue
            into.append(f"#{id} .{style}:not(text) {{ stroke: {colour} }}")
            into.append(f"#{id} .{style}.fill {{ fill: {colour} }}")
            into.append(f"#{id} text.{style} {{ fill: {colour} }}")
    night = f"@media (prefers-color-scheme: dark) {{ {' '.join(dark)} }}" if dark else ""
    return " ".join(r for r in (*rules, night) if r)


def _pixels(points: float) -> str:
    return f"{points * POINT * _SCALE:.2f}".rstrip("0").rstrip(".")


def _mark(m: Mark) -> Iterable[str]:
    match m:
        case Line():
            yield from _line(m)
        case Circle():
            shape = f'{_round(m)} stroke-dasharray="none"'
            kind = "fill" if m.dot else "paper"
            name = "rect" if m.apart else "circle"
            yield f'<{name} class="{m.style} {kind}" {shape} style="stroke-dasharray:none"/>'
        case Area():
            around = " ".join(
                f"M {' L '.join(' '.join(_at(p)) for p in points)} Z" for points in (m.points, *m.further)
            )
            yield f'<path class="{m.style} fill" d="{around}" style="stroke:none;fill-opacity:0.18;fill-rule:evenodd"/>'
        case Label():
            yield from _label(m)


def _round(m: Circle) -> str:
    """The geometry of a circle, or of the rectangle with round ends that one is whose halves are apart."""
    (cx, cy), r = m.centre, f"{_SCALE * m.radius:.1f}"
    if not m.apart:
        x, y = _at(m.centre)
        return f'cx="{x}" cy="{y}" r="{r}"'
    x, y = _at((cx - m.apart - m.radius, cy + m.radius))
    size = f'width="{2 * _SCALE * (m.apart + m.radius):.1f}" height="{2 * _SCALE * m.radius:.1f}"'
    return f'x="{x}" y="{y}" {size} rx="{r}"'


def _line(m: Line) -> Iterable[str]:
    points = [*m.points]
    tip = ""
    if m.arrow:
        (x0, y0), (x1, y1) = points[-2], points[-1]
        length = math.dist(points[-2], points[-1])
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        base = (x1 - 0.18 * ux, y1 - 0.18 * uy)
        corners_ = [(x1, y1), (base[0] - 0.06 * uy, base[1] + 0.06 * ux), (base[0] + 0.06 * uy, base[1] - 0.06 * ux)]
        shape = " ".join(",".join(_at(p)) for p in corners_)
        tip = (
            f'<polygon class="{m.style} fill" points="{shape}" style="stroke:none"/>'  # not every viewer knows markers
        )
        points[-1] = base
    path = f"M {' '.join(_at(points[0]))}"
    for before, corner, after in zip(points, points[1:-1], points[2:], strict=False):
        if m.smooth:
            path += f" L {' '.join(_at(_towards(corner, before)))}"
            path += f" Q {' '.join(_at(corner))} {' '.join(_at(_towards(corner, after)))}"
        else:
            path += f" L {' '.join(_at(corner))}"
    path += f" L {' '.join(_at(points[-1]))}"
    yield f'<path class="line {m.style}" d="{path}"/>{tip}'


def _towards(corner: Point, other: Point) -> Point:
    length = math.dist(corner, other)
    t = min(_ROUND, length / 2) / length if length else 0.0
    return corner[0] + t * (other[0] - corner[0]), corner[1] + t * (other[1] - corner[1])


def _label(m: Label) -> Iterable[str]:
    size = SMALL if m.small else FONT
    cx, cy = middle(m)
    w, h = size_of(m)
    if m.clear:
        x, y = _at((cx - w / 2 - 0.03, cy + h / 2))
        yield f'<rect class="paper" x="{x}" y="{y}" width="{_SCALE * (w + 0.06):.1f}" height="{_SCALE * h:.1f}"/>'
    em = size * POINT * _SCALE
    anchor = {"left": "end", "right": "start"}.get(m.side, "middle")
    at = {"left": cx + w / 2, "right": cx - w / 2}.get(m.side, cx)
    runs = (Run(m.text),) if m.words else typeset(m.latex)
    rises = [r.rise for r in runs] or [0.0]
    drop = 0.3 + 0.4 * (max(rises) + min(rises))  # from the middle down to the baseline, in ems
    x, y = _at((at, cy))
    small = " small" if m.small else ""
    turn = f' transform="rotate({-m.turn:.1f} {x} {y})"' if m.turn else ""
    pieces = "".join(_tspan(r, before, em) for before, r in pairwise((Run(""), *runs)))
    place = f'x="{x}" y="{float(y) + drop * em:.1f}" style="text-anchor:{anchor}"{turn}'
    yield f'<text class="{m.style}{small}" {place}>{pieces}</text>'


def _tspan(r: Run, before: Run, em: float) -> str:
    face = ("font-style:italic;" if r.italic else "") + ("font-weight:bold;" if r.bold else "")
    style = f"{face}font-size:{r.size * em:.1f}px" if r.size != 1.0 else face.rstrip(";")
    shift = em * (before.rise - r.rise)
    options = f' dy="{shift:.1f}"' if abs(shift) > 0.01 else ""
    options += f' dx="{-em * r.back:.1f}"' if r.back else ""
    options += f' style="{style}"' if style else ""
    return f"<tspan{options}>{escape(r.text)}</tspan>"


def _at(p: Point) -> tuple[str, str]:
    return f"{_SCALE * p[0]:.1f}", f"{-_SCALE * p[1]:.1f}"
