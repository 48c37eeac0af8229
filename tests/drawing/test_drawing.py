"""Drawings: formulas without TeX, curves and areas where the mathematics has them, TikZ and SVG that are whole and say words as words."""

from __future__ import annotations

import itertools
import math
import re
from typing import get_args
from xml.etree import ElementTree

import numpy as np
import pytest

from symbp.drawing.boxes import box, corners
from symbp.drawing.levels import above, between
from symbp.drawing.marks import Area, Circle, Drawing, Label, Line, Style, words
from symbp.drawing.plot import Curve, Frame, Name, axes, legend, plotted, powers, ticks
from symbp.drawing.styles import STYLES
from symbp.drawing.svg import svg
from symbp.drawing.tikz import document, tikz
from symbp.drawing.typeset import typeset, width

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = r"""50% & <b>"x"</b> \input{etc} $1_2^3 ~ # {} 'y' ]]> --"""


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"w^{(1)}_{21}", "w21(1)"),  # the narrower script first
        (r"\hat{y}_{1}", "y\u03021"),
        (r"\mathbf{W}_{1}", "W1"),
        (r"w_{0 \leadsto 4}", "w0⇝4"),
        (r"\frac{\partial J}{\partial w}", "∂J/∂w"),
        (r"\mathrm{leaky\_relu}'(z)", "leaky_relu′(z)"),
        (r"\alpha_{ml}\ (2 \times 3)", "αml (2\u2009×\u20093)"),
        (r"-4", "−4"),
        (r"10^{-3}", "10−3"),
        (r"\mathcal{L}", "ℒ"),
        (r"\nosuchcommand x", "nosuchcommandx"),
        (r"{{unbalanced", "unbalanced"),
    ],
)
def test_a_formula_is_pieces_of_text(latex: str, text: str) -> None:
    runs = typeset(latex)
    assert "".join(r.text for r in runs) == text
    assert width(runs) > 0


def test_scripts_stand_one_above_the_other_and_what_follows_stands_behind_both() -> None:
    letter, first, second, after = typeset(r"w^{(1)}_{256,784} x")
    assert (letter.rise, after.rise) == (0.0, 0.0)
    assert first.rise > 0 > second.rise and second.back == pytest.approx(first.width)
    assert width([letter, first, second]) == pytest.approx(letter.width + second.width)
    assert letter.italic and not first.italic


def test_styles_differ_without_their_colours() -> None:
    assert {*STYLES} == {*get_args(Style)}
    curves = [look for name, look in STYLES.items() if name not in ("light", "grid")]
    assert len({(look.width, look.dashes) for look in curves}) == len(curves)


def everything() -> Drawing:
    labels = [Label((k, 0.0), r"\hat{y}^{(1)}_{2}", "yhat", side, clear=True) for k, side in
              enumerate(("middle", "left", "right", "above", "below"))]  # fmt: skip
    return Drawing((
        Area(((0, 0), (1, 0), (1, 1)), "curve2", (((0.2, 0.1), (0.8, 0.1), (0.8, 0.6)),)),
        *(Line(((0, k), (2, k), (3, k + 1)), style, arrow=k % 2 == 0, smooth=k % 3 == 0) for k, style in enumerate(STYLES)),
        Circle((0, 0), 0.4, "strong"), Circle((0, 0), 0.1, "curve1", dot=True), *labels, words(HOSTILE, (3, 3), "right"),
        Label((1, 5), "x", "x", turn=30.0),
    ))  # fmt: skip


def test_svg_is_whole_and_says_words_as_words() -> None:
    pictures = [svg(everything(), HOSTILE, HOSTILE, id, sheet=sheet) for id, sheet in (("a", False), ("b", True))]
    roots = [ElementTree.fromstring(p) for p in pictures]
    for root in roots:
        assert root.tag == f"{SVG}svg" and root.get("role") == "img"
        labelled = (root.get("aria-labelledby") or "").split()
        named = [next(e for e in root.iter() if e.get("id") == name) for name in labelled]
        assert [e.text for e in named] == [HOSTILE, HOSTILE]
        assert HOSTILE in {"".join(t.itertext()) for t in root.iter(f"{SVG}text")}
        assert not {*(e.tag for e in root.iter())} & {f"{SVG}script", f"{SVG}image", f"{SVG}foreignObject", f"{SVG}b"}
    ids = [e.get("id") for root in roots for e in root.iter() if e.get("id")]
    assert len(ids) == len({*ids})
    styles = [next(root.iter(f"{SVG}style")).text or "" for root in roots]
    assert "prefers-color-scheme: dark" in styles[0] and "currentColor" in styles[0]
    assert "prefers-color-scheme" not in styles[1]  # on white whatever the page is
    assert not re.search(r"url\(|@import|href=", pictures[0].replace(HOSTILE, ""))
    with pytest.raises(ValueError, match="no plain name"):
        svg(everything(), "", "", 'x" onload="')


def test_tikz_says_words_as_words_and_is_balanced() -> None:
    source = tikz(everything())
    unescaped = source.replace(r"\{", "").replace(r"\}", "")
    assert unescaped.count("{") == unescaped.count("}")
    assert r"\input" not in source.replace(r"\textbackslash{}input", "") and "<b>" not in source
    assert source.count(r"\begin{tikzpicture}") == source.count(r"\end{tikzpicture}") == 1
    assert "transform shape" in tikz(everything(), widest=2.0) and "transform shape" not in source
    assert source in document(everything())


def test_corners_hold_all_that_is_drawn() -> None:
    drawing = everything()
    left, bottom, right, top = corners(drawing)
    for m in drawing.marks:
        if isinstance(m, Label):
            p = box(m)
            (w, h) = p.bounds
            assert left <= p.x - w and p.x + w <= right and bottom <= p.y - h and p.y + h <= top


def area(polygon: tuple[tuple[float, float], ...]) -> float:
    """With its sign: the shoelace formula."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise([*polygon, polygon[0]])) / 2


def test_what_is_above_a_level() -> None:
    xs = np.linspace(-2, 2, 81)
    x, y = np.meshgrid(xs, xs)
    (disc,) = above(xs.tolist(), xs.tolist(), 1 - x**2 - y**2, 0.0)
    assert abs(area(disc)) == pytest.approx(math.pi, rel=5e-3)
    assert max(abs(math.hypot(*p) - 1) for p in disc) < 1e-3
    ring = above(xs.tolist(), xs.tolist(), 0.5 - abs(np.hypot(x, y) - 1), 0.0)
    assert len(ring) == 2 and abs(sum(map(area, ring))) == pytest.approx(math.pi * (1.5**2 - 0.5**2), rel=1e-2)
    (half,) = above(xs.tolist(), xs.tolist(), x, 0.0)
    assert abs(area(half)) == pytest.approx(8.0, rel=1e-6)
    (line,) = between(half, (-2, -2), (2, 2))
    assert all(abs(p[0]) < 1e-9 for p in line)
    saddle = above(xs.tolist(), xs.tolist(), -x * y, 0.0)
    assert abs(sum(map(area, saddle))) == pytest.approx(8.0, rel=1e-2)
    assert above(xs.tolist(), xs.tolist(), 0 * x, 1.0) == []
    (whole,) = above(xs.tolist(), xs.tolist(), 0 * x, -1.0)
    assert abs(area(whole)) == pytest.approx(16.0) and between(whole, (-2, -2), (2, 2)) == []


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-5, 5), (1, 1000), (-0.06, 1.06), (3.2e-7, 4.1e-7)])
def test_ticks_are_few_round_numbers_inside(low: float, high: float) -> None:
    found = ticks(low, high)
    steps = {round((b - a) / (high - low), 6) for a, b in itertools.pairwise(found)}
    assert 3 <= len(found) <= 8 and len(steps) == 1 and low - 1e-9 <= found[0] and found[-1] <= high * (1 + 1e-9)


def test_powers_of_ten_are_few() -> None:
    assert powers(1e-3, 1.5) == (1e-3, 1e-2, 1e-1, 1.0)
    assert len(powers(1e-52, 10.0)) <= 8


def test_curves_are_cut_at_the_frame_and_broken_where_there_is_no_number() -> None:
    frame = Frame((0, 4), (0, 1), Name("x"), Name("y"), width=4, height=1)
    points = [(0.0, -1.0), (1.0, 1.0), (2.0, float("nan")), (3.0, 0.5), (4.0, 1.5)]
    lines = [m.points for m in plotted(frame, [Curve(points, Name("c"), "curve1")])]
    assert lines == [((0.5, 0.0), (1.0, 1.0)), ((3.0, 0.5), (3.5, 1.0))]
    log = Frame((0, 1), (1e-4, 1.0), Name("x"), Name("y"), width=1, height=4, log=True)
    ((first, last),) = [m.points for m in plotted(log, [Curve([(0.0, 1e-2), (1.0, 1e-6)], Name("c"), "curve1")])]
    assert first == pytest.approx((0.0, 2.0)) and last == pytest.approx((0.5, 0.0))


def test_labels_of_axes_and_curves_do_not_meet() -> None:
    for frame in (Frame((-5, 5), (-0.06, 1.06), Name("z", "z"), Name("")),
                  Frame((1, 1000), (1e-9, 2.0), Name("epoch"), Name("loss"), log=True)):  # fmt: skip
        curves = [Curve([(1.0, 0.5), (2.0, 0.7)], Name(f"curve {k}"), "curve1") for k in range(7)]
        labels = [box(m) for m in (*axes(frame), *legend(frame, curves)) if isinstance(m, Label)]
        assert not any(a.meets(b) for a, b in itertools.combinations(labels, 2))
