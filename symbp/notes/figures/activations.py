"""Plots of what a page says of activations: g beside g', and how their slopes bound a gradient by depth."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from symbp.calculus.numeric.sampled import sampled
from symbp.calculus.program import ScalarFunction
from symbp.catalogue import ACTIVATIONS
from symbp.drawing.marks import CURVES, Circle, Drawing, Mark, Point
from symbp.drawing.plot import Curve, Frame, Name, axes, legend, legend_above, plotted
from symbp.network.cost import steepest
from symbp.network.layers import with_constants
from symbp.notes.activations import letters_of, slope_letter
from symbp.notes.blocks import Figure, Inline, Math, joined
from symbp.notes.writer import Writer

_RANGE, _STEP = 5.0, 0.05  # of z
_MOST = 4  # functions in one figure
_WIDTH, _HEIGHT = 5.4, 3.6  # of one frame
_APART = 1.7  # between frames
_DEPTH = 10  # layers, at least
_STEEPEST = 10.0  # what is steeper has no bound
_COMPARED = ("sigmoid", "tanh")
"""What the bound of a network's own activations is shown beside."""


def activations(writer: Writer) -> Figure | None:
    """g and g' of each activation of a network, two in a row; None where there is none but the identity."""
    functions = _functions(writer)[:_MOST]
    if not functions:
        return None
    marks: list[Mark] = []
    for k, g in enumerate(functions):
        at = ((_WIDTH + _APART) * (k % 2), -(_HEIGHT + 2.0) * (k // 2))
        marks += _plot(writer, g, at)
    names: list[Inline] = [(Math(letters_of(writer, g)[0], g.name),) for g in functions]
    what = ("The activation " if len(names) == 1 else "The activations ", *joined(names))
    told = " ".join(_told(g) for g in functions)
    return Figure(
        Drawing(tuple(marks)),
        (*what, " and, dashed, the derivative, with which the error is multiplied on the way back."),
        told,
    )


def _functions(writer: Writer) -> list[ScalarFunction]:
    return [g for g in writer.derivation.forward.functions if g.name != "identity" and g.definition is not None]


def _plot(writer: Writer, g: ScalarFunction, at: Point) -> list[Mark]:
    grid = np.arange(-_RANGE, _RANGE + _STEP / 2, _STEP)
    value, slope = sampled(g, grid, 0), sampled(g, grid, 1).copy()
    slope[~np.isfinite(value)] = np.nan  # a form may have a value where the function has none, as 1/z beside log z
    low, high = _range(np.concatenate([value, slope]))
    letter, z = letters_of(writer, g)[0], writer.symbols.argument
    curves = [
        Curve(_broken(grid, value), Name(f"{g.name}(z)", f"{letter}({z})"), "curve1"),
        Curve(_broken(grid, slope), Name(f"{g.name}'(z)", f"{slope_letter(writer, g)}({z})"), "curve2"),
    ]
    frame = Frame((-_RANGE, _RANGE), (low, high), Name("z", z), Name(""), _WIDTH, _HEIGHT, at=at)
    return [*axes(frame), *plotted(frame, curves), *legend_above(frame, curves)]


def _range(values: np.ndarray) -> tuple[float, float]:
    """The numbers of the upright axis: all values where they are of one size, with a little room, and no more than 3 of either
    side of zero, so that the bend of a ramp is seen."""
    known = values[np.isfinite(values)]
    low, high = max(float(known.min(initial=3.0)), -3.0), min(float(known.max(initial=-3.0)), 3.0)
    low, high = (low, high) if low <= high else (-1.0, 1.0)
    room = 0.06 * max(high - low, 0.5)
    return low - room, high + room


def _broken(grid: np.ndarray, values: np.ndarray) -> list[Point]:
    """The points of a curve, a gap where it jumps."""
    points: list[Point] = []
    for (x0, y0), (x1, y1) in pairwise(zip(grid.tolist(), values.tolist(), strict=True)):
        points.append((x0, y0))
        if not abs(y1 - y0) <= 6 * _STEP:
            points.append(((x0 + x1) / 2, float("nan")))
    return [*points, (float(grid[-1]), float(values[-1]))]


def _told(g: ScalarFunction) -> str:
    ends = [float(v) for v in sampled(g, np.array([-_RANGE, 0.0, _RANGE]))]
    slopes = [float(v) for v in sampled(g, np.array([-_RANGE, 0.0, _RANGE]), 1)]
    shown = [
        "{}, {} and {}".format(*(f"{v:.4g}" if np.isfinite(v) else "without a value" for v in vs))
        for vs in (ends, slopes)
    ]
    where = f"at {-_RANGE:g}, 0 and {_RANGE:g}"
    return f"{g.name}(z) is {shown[0]} {where}; its derivative there is {shown[1]}."


def bound(writer: Writer) -> Figure | None:
    """The most that the activations of so many layers leave of a gradient, (max |g'|)^k, beside that of sigmoid and tanh.

    None for a network without a hidden layer, or without an activation.
    """
    own = _functions(writer)
    depth = max(_DEPTH, writer.derivation.map.depth)
    if not own or writer.derivation.map.depth < 2:
        return None
    known = {g.name for g in own}
    functions = [*own, *(with_constants(ACTIVATIONS[n], {}) for n in _COMPARED if n not in known)]
    slopes = {g.name: steepest(g) for g in functions}
    alike: dict[str, list[str]] = {}  # functions with the same bound are one curve
    for name, slope in slopes.items():
        if 0 < slope < _STEEPEST:
            alike.setdefault(f"{slope:.4g}", []).append(name)
    curves = [
        Curve([(k, float(base) ** k) for k in range(depth + 1)], _power(writer, base, names), style)
        for (base, names), style in zip(alike.items(), CURVES, strict=False)
    ]
    values = [y for c in curves for _, y in c.points]
    low = 10.0 ** np.floor(np.log10(min(values)))
    frame = Frame(
        (0, depth), (float(low), max(10.0, max(values))), Name("layers passed through"), Name(""), 6.6, 4.2, log=True
    )
    dots: list[Mark] = [Circle(frame.place(p), 0.045, c.style, dot=True) for c in curves for p in c.points]
    drawing = Drawing((*axes(frame), *plotted(frame, curves), *dots, *legend(frame, curves)))
    said: Inline = (
        "What the slopes of so many layers leave of a gradient at most; the weights' norms are further factors.",
    )  # fmt: skip
    told = "; ".join(
        f"{name}: {s:.4g} to the power of the number of layers, {s**depth:.3g} after {depth}"
        for name, s in slopes.items()
        if s < _STEEPEST
    )
    return Figure(drawing, said, f"Bounds by depth, on a logarithmic axis. {told}.")


def _power(writer: Writer, base: str, names: Sequence[str]) -> Name:
    """What a curve is called: the power, and the functions whose bound it is."""
    own = writer.derivation.program.function
    letters = [writer.symbols.own_name(n) if n in own else rf"\mathrm{{{n}}}" for n in names]
    joined_ = r",\ ".join(letters)
    return Name(f"{base}^k ({', '.join(names)})", rf"{base}^k\ ({joined_})")
