"""Curves in a frame: axes with their numbers, curves cut where the frame ends, and what each is called beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symbp.drawing.boxes import size_of
from symbp.drawing.marks import Label, Line, Mark, Point, Side, Style

_TICK = 0.1
_SAMPLE = 0.75  # the length of a piece of line beside its name
_LEGEND_ROW = 0.5


@dataclass(frozen=True)
class Name:
    """A formula, or words where there is no LaTeX."""

    text: str
    latex: str = ""

    def at(self, at: Point, side: Side = "middle", style: Style = "plain", *, small: bool = False) -> Label:
        """The name at a point."""
        return Label(at, self.latex, self.text, side, style, words=not self.latex, small=small)


@dataclass(frozen=True)
class Curve:
    """Points in the numbers of the axes, from left to right; a number that is not finite breaks the line there."""

    points: Sequence[Point]
    name: Name
    style: Style


@dataclass(frozen=True)
class Frame:
    """The numbers of both axes, what they are, and how large the frame is; `log` is said of the upright axis."""

    x: tuple[float, float]
    y: tuple[float, float]
    across: Name
    up: Name
    width: float = 6.4
    height: float = 4.0
    log: bool = False
    at: Point = (0.0, 0.0)

    def place(self, p: Point) -> Point:
        """Where a point of the axes' numbers stands in the picture."""
        low, high = (self.height_of(v) for v in self.y)
        across = (p[0] - self.x[0]) / (self.x[1] - self.x[0])
        return self.at[0] + self.width * across, self.at[1] + self.height * (self.height_of(p[1]) - low) / (high - low)

    def height_of(self, value: float) -> float:
        """A number of the upright axis, or its logarithm."""
        return math.log10(value) if self.log else value

    @property
    def right(self) -> float:
        """The right side of the frame."""
        return self.at[0] + self.width


def axes(frame: Frame) -> list[Mark]:
    """The frame's lower and left side with numbers, and light lines through them."""
    (x0, y0), (x1, y1) = frame.at, (frame.right, frame.at[1] + frame.height)
    marks: list[Mark] = []
    for v in ticks(*frame.x):
        x, _ = frame.place((v, frame.y[0]))
        marks += [Line(((x, y0), (x, y1)), "grid"), Line(((x, y0), (x, y0 - _TICK)))]
        marks.append(_number(v).at((x, y0 - _TICK), "below", small=True))
    for v in powers(*frame.y) if frame.log else ticks(*frame.y):
        _, y = frame.place((frame.x[0], v))
        marks += [Line(((x0, y), (x1, y)), "grid"), Line(((x0 - _TICK, y), (x0, y)))]
        marks.append((_power(v) if frame.log else _number(v)).at((x0 - _TICK, y), "left", small=True))
    marks += [Line(((x0, y1), (x0, y0), (x1, y0)))]
    marks.append(frame.across.at(((x0 + x1) / 2, y0 - _TICK - 0.38), "below"))
    return [*marks, frame.up.at((x0 - 0.3, y1 + 0.1), "above")] if frame.up.text else marks


def plotted(frame: Frame, curves: Sequence[Curve]) -> list[Mark]:
    """The curves, cut at the frame."""
    return [Line(tuple(map(frame.place, piece)), c.style) for c in curves for piece in _pieces(frame, c.points)]


def legend(frame: Frame, curves: Sequence[Curve]) -> list[Mark]:
    """The names of the curves beside the frame, each with a piece of its line."""
    marks: list[Mark] = []
    x, top = frame.right + 0.35, frame.at[1] + frame.height - 0.2
    for k, c in enumerate(curves):
        y = top - k * _LEGEND_ROW
        marks += [Line(((x, y), (x + _SAMPLE, y)), c.style), c.name.at((x + _SAMPLE + 0.05, y), "right")]
    return marks


def legend_above(frame: Frame, curves: Sequence[Curve]) -> list[Mark]:
    """The names of a few curves in one line above the frame, each with a piece of its line."""
    marks: list[Mark] = []
    x, y = frame.at[0] + 0.2, frame.at[1] + frame.height + 0.35
    for c in curves:
        name = c.name.at((x + _SAMPLE + 0.05, y), "right")
        marks += [Line(((x, y), (x + _SAMPLE, y)), c.style), name]
        x += max(frame.width / 2, _SAMPLE + 0.4 + size_of(name)[0])
    return marks


def ticks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """Round numbers in an interval, at most about `most` of them."""
    rough = (high - low) / most
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(m * unit for m in (1, 2, 5, 10) if m * unit >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(k * step for k in range(first, last + 1))


def powers(low: float, high: float, most: int = 7) -> tuple[float, ...]:
    """Powers of ten in an interval."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first + 1) / most))
    return tuple(10.0**k for k in range(first, last + 1) if (last - k) % step == 0)


def _pieces(frame: Frame, points: Sequence[Point]) -> Iterator[list[Point]]:
    """The parts of a curve that lie in the frame; a point on its border where the curve leaves it."""
    piece: list[Point] = []
    before: Point | None = None
    for p in points:
        if not (math.isfinite(p[1]) and (p[1] > 0 or not frame.log)):
            if len(piece) > 1:
                yield piece
            piece, before = [], None
            continue
        inside = frame.y[0] <= p[1] <= frame.y[1]
        if before is not None and inside != (frame.y[0] <= before[1] <= frame.y[1]):
            border = _border(frame, before, p)
            piece.append(border)
            if not inside:
                yield piece
                piece = []
        if inside:
            piece.append(p)
        before = p
    if len(piece) > 1:
        yield piece


def _border(frame: Frame, a: Point, b: Point) -> Point:
    """Where a line crosses the upper or the lower border."""
    outside = a if not frame.y[0] <= a[1] <= frame.y[1] else b
    edge = frame.y[1] if outside[1] > frame.y[1] else frame.y[0]
    u, v, w = (frame.height_of(x) for x in (a[1], b[1], edge))
    t = (w - u) / (v - u)
    return a[0] + t * (b[0] - a[0]), edge


def _number(v: float) -> Name:
    text = f"{v + 0.0:.6g}"
    return Name(text, text)


def _power(v: float) -> Name:
    k = round(math.log10(v))
    return Name(f"1e{k}", f"10^{{{k}}}")
