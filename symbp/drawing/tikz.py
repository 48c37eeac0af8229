r"""A drawing as a TikZ picture, which needs the package tikz, and amsmath for its formulas."""

from __future__ import annotations

from collections.abc import Iterable

from symbp.drawing.boxes import GAP, corners
from symbp.drawing.escape import latex_text
from symbp.drawing.marks import Area, Circle, Drawing, Label, Line, Mark, Point
from symbp.drawing.styles import COLOURS, FONT, SMALL, STYLES

_ANCHORS = {"middle": "center", "left": "east", "right": "west", "above": "south", "below": "north"}
_DOCUMENT = r"""\documentclass[border=6pt]{standalone}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage{amsmath,amssymb}
\usepackage{tikz}
\begin{document}
%s\end{document}
"""


def tikz(drawing: Drawing, widest: float = 15.5, tallest: float = 21.0) -> str:
    """The picture as an environment tikzpicture; what is wider or taller than so many centimetres is scaled down."""
    left, bottom, right, top = corners(drawing)
    fits = min(1.0, widest / max(right - left, 1e-9), tallest / max(top - bottom, 1e-9))
    scale = f", scale={fits:.3f}, transform shape" if fits < 1 else ""
    used = sorted({m.style for m in drawing.marks} - {"plain"})
    options = ["line cap=round, line join=round, line width=0.6pt" + scale]
    options += [f"{style}/.style={{{_look(style)}}}" for style in used]
    body = "".join(f"  {line}\n" for m in drawing.marks for line in _mark(m))
    return "\\begin{tikzpicture}[" + ",\n  ".join(options) + "]\n" + body + "\\end{tikzpicture}\n"


def document(drawing: Drawing) -> str:
    """The picture as a document that compiles by itself."""
    return _DOCUMENT % tikz(drawing, widest=1000.0, tallest=1000.0)


def _look(style: str) -> str:
    look = STYLES[style]  # type: ignore[index]
    colour = _colour(look.colour)
    dashes = "".join(f"{'on' if k % 2 == 0 else ' off'} {d:g}pt " for k, d in enumerate(look.dashes)).strip()
    pattern = f", dash pattern={' '.join(dashes.split())}" if dashes else ""
    return f"color={colour}, line width={look.width:g}pt{pattern}"


def _colour(name: str) -> str:
    value = COLOURS[name][0]
    if name == "ink":
        return "black"
    r, g, b = (int(value[k : k + 2], 16) for k in (1, 3, 5))
    return f"{{rgb,255:red,{r};green,{g};blue,{b}}}"


def _mark(m: Mark) -> Iterable[str]:
    style = "" if m.style == "plain" else m.style
    match m:
        case Line():
            options = ", ".join(o for o in (style, "-stealth" * m.arrow, "rounded corners=6pt" * m.smooth) if o)
            yield rf"\draw[{options}] {' -- '.join(map(_at, m.points))};"
        case Circle():
            fill = f"fill={_colour(STYLES[m.style].colour)}" if m.dot else "fill=white"
            options = ", ".join(o for o in (style, "solid", fill) if o)
            (x, y), w, r = m.centre, m.apart + m.radius, m.radius
            shape = (
                f"{_at((x - w, y - r))} [rounded corners={_cm(0.99 * r)}cm] rectangle {_at((x + w, y + r))}"
                if m.apart
                else f"{_at(m.centre)} circle[radius={_cm(r)}]"
            )
            yield rf"\draw[{options}] {shape};"
        case Area():
            around = " ".join(f"{' -- '.join(map(_at, points))} -- cycle" for points in (m.points, *m.further))
            yield rf"\fill[{style or 'black'}, opacity=0.18, even odd rule] {around};"
        case Label():
            size = SMALL if m.small else FONT
            font = rf"font=\fontsize{{{size:g}}}{{{1.2 * size:g}}}\selectfont"
            apart = (
                "inner sep=1pt, fill=white" if m.clear else f"inner sep={'0pt' if m.side == 'middle' else f'{GAP:g}cm'}"
            )
            colour = "" if not style else f", text={_colour(STYLES[m.style].colour)}"
            turn = f", rotate={m.turn:.1f}" if m.turn else ""
            text = latex_text(m.text) if m.words else f"${m.latex}$"
            yield rf"\node[anchor={_ANCHORS[m.side]}, {apart}, {font}{colour}{turn}] at {_at(m.at)} {{{text}}};"


def _at(p: Point) -> str:
    return f"({_cm(p[0])},{_cm(p[1])})"


def _cm(length: float) -> str:
    return f"{round(length, 3) + 0.0:.6g}"
