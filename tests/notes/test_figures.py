"""Figures of a derivation: nothing on top of anything else, weights in the notation's direction, words as words, and what compiles."""

from __future__ import annotations

import itertools
import math
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

import symbp as sb
from symbp.commands.figure import command
from symbp.drawing.boxes import box, corners
from symbp.drawing.marks import Circle, Drawing, Label, Line
from symbp.drawing.patch import Patch
from symbp.drawing.svg import svg
from symbp.drawing.tikz import tikz
from symbp.errors import InputError
from symbp.network import Network
from symbp.network.derivation import Derivation, derive
from symbp.network.spec import arguments, decode
from symbp.notation import NOTATIONS
from symbp.notes import elements, render, steps, summary
from symbp.notes.blocks import Figure, Math
from symbp.notes.figures.table import FIGURES, Asked, drawn

SIZES = (
    "2-2:sigmoid-2:sigmoid", "3-2:tanh-1", "4-3:tanh-3:tanh-3:softmax", "784-256:relu-128:relu-10:softmax",
    "1-1:sigmoid-1:sigmoid-1:sigmoid", "2" + "-3:tanh" * 12, "3-2:sigmoid-2:softmax", "2-7:tanh-6:tanh-1:sigmoid",
    "3-3-3-3-3-3", "1-1",
)  # fmt: skip
EVERY = [
    (arch, name, convention)
    for arch in SIZES
    for name in (*FIGURES, "bias")
    for convention in NOTATIONS
    if convention != "esl" or arch.count("-") == 2
]
SOME = [c for k, c in enumerate(EVERY) if k % 13 == 0] + [
    (arch, name, convention)
    for arch in SIZES[:2]
    for name in ("network", "errors", "weight")
    for convention in ("iitm", "credit")
]
OWN = """
input = 2
layers = [{dense = 2}, "soft_bump", {dense = 1}, "sigmoid"]
loss = "sse"
[functions]
soft_bump = "exp(-z**2)"
"""


@cache
def derived(arch: str) -> Derivation:
    return derive(Network.parse(arch))


def made(arch: str, name: str, convention: str = "iitm", of: str = "", derivation: Derivation | None = None) -> Figure:
    """A figure, "bias" being the network with the units that are always 1; the test is over where there is none such."""
    try:
        d = derivation or derived(arch)
        return drawn(d, "network" if name == "bias" else name, Asked(of, name == "bias"), convention)
    except InputError as e:
        pytest.skip(str(e))


@pytest.mark.thinned(2)
@pytest.mark.parametrize(
    ("arch", "name", "convention"),
    [case if case in SOME else pytest.param(*case, marks=pytest.mark.sweep) for case in EVERY],
)
def test_nothing_stands_on_anything_else(arch: str, name: str, convention: str) -> None:
    drawing = made(arch, name, convention).drawing
    labels = [m for m in drawing.marks if isinstance(m, Label)]
    boxes = [box(m) for m in labels]
    for (a, p), (b, q) in itertools.combinations(zip(labels, boxes, strict=True), 2):
        assert not p.meets(q), (a.text, b.text)
    circles = [m for m in drawing.marks if isinstance(m, Circle) and not m.dot]
    for one, other in itertools.combinations(circles, 2):
        (x, y), (u, v) = one.centre, other.centre
        between = max(abs(x - u) - one.apart - other.apart, 0.0)
        assert math.hypot(between, y - v) > one.radius + other.radius
    for m, p in zip(labels, boxes, strict=True):
        for c in circles:
            if m.at == c.centre:
                beyond = max(p.width - c.apart, 0.0)  # the straight part
                assert math.hypot(beyond, p.height) <= c.radius + 0.1, m.text  # a unit's letter stands inside
            else:
                assert not p.meets(Patch(*c.centre, c.apart + c.radius * 0.75, c.radius * 0.75)), m.text
    left, bottom, right, top = corners(drawing)
    assert right - left < 16.5 and top - bottom < 13


def test_a_long_name_stands_in_no_ball() -> None:
    circles = [m for m in made("3-2:sigmoid-2:sigmoid", "paths", "ufldl").drawing.marks if isinstance(m, Circle)]
    assert len({c.radius for c in circles}) == 1
    loss = circles[-1]
    assert loss.apart > 0.3 and not any(c.apart for c in circles[:-1])
    for x, y in ((1.0, 0.0), (0.0, 1.0), (-0.6, 0.8), (0.96, -0.28)):
        t = loss.border(x, y)
        across = max(abs(t * x) - loss.apart, 0.0)
        assert math.hypot(across, t * y) == pytest.approx(loss.radius)


def test_labels_on_edges_are_no_wall() -> None:
    for arch, count in (("4-2:tanh-1", 4), ("3-2:tanh-1", 8), ("2-3:tanh-1", 9)):
        drawing = made(arch, "network").drawing
        weights = [m for m in drawing.marks if isinstance(m, Label) and m.latex.startswith("w")]
        assert len(weights) == count
        for one, other in itertools.combinations(weights, 2):
            assert math.dist(one.at, other.at) > 0.6


def on(drawing: Drawing, label: Label) -> list[tuple[str, str]]:
    """The letters of the units that the lines through a label join."""
    letters = {m.centre: next(x.text for x in drawing.marks if isinstance(x, Label) and x.at == m.centre)
               for m in drawing.marks if isinstance(m, Circle)}  # fmt: skip
    found = []
    for line in drawing.marks:
        if isinstance(line, Line) and len(line.points) == 2:
            (a, b), at = line.points, label.at
            if abs(math.dist(a, at) + math.dist(at, b) - math.dist(a, b)) < 1e-9:
                ends = [min(letters, key=lambda c, p=p: math.dist(c, p)) for p in (a, b)]  # type: ignore[misc]
                found.append((letters[ends[0]], letters[ends[1]]))
    return found


@pytest.mark.parametrize(
    ("convention", "latex", "ends"),
    [
        ("iitm", "w^{(1)}_{21}", ("x[1]", "a1[2]")),
        ("iitm", "w^{(2)}_{12}", ("a1[2]", "yhat[1]")),
        ("nielsen", "w^{1}_{21}", ("x[1]", "a1[2]")),
        ("ng", "w^{[2]}_{12}", ("a1[2]", "a2[1]")),
        ("iitkgp", "W^{1}_{12}", ("X[1]", "theta1[2]")),
        ("credit", r"w_{0 \leadsto 3}", ("x[1]", "z1[2]")),  # units 0 and 1 are the inputs, 2 and 3 the hidden ones
        ("credit", r"w_{3 \leadsto 4}", ("z1[2]", "yhat[1]")),
        ("esl", r"\alpha_{21}", ("x[1]", "z[2]")),
        ("esl", r"\beta_{12}", ("z[2]", "f[1]")),
    ],
)
def test_a_weight_leads_where_its_notation_says(convention: str, latex: str, ends: tuple[str, str]) -> None:
    drawing = made("2-2:sigmoid-2:sigmoid", "network", convention).drawing
    (label,) = [m for m in drawing.marks if isinstance(m, Label) and m.latex == latex]
    assert on(drawing, label) == [ends]


def test_units_are_numbered_where_the_notation_numbers_them() -> None:
    def numbers(convention: str) -> list[str]:
        marks = made("3-2:tanh-1", "network", convention).drawing.marks
        return [m.text for m in marks if isinstance(m, Label) and m.words and m.text.isdigit()]

    assert numbers("credit") == ["0", "1", "2", "3", "4", "5"] and numbers("iitm") == []


def test_a_unit_of_the_bias_is_drawn_on_demand() -> None:
    plain, biased = (made("2-3:tanh-1", name) for name in ("network", "bias"))
    letters = [[m.latex for m in f.drawing.marks if isinstance(m, Label)] for f in (plain, biased)]
    assert "b^{(1)}_{3}" not in letters[0] and {"b^{(1)}_{1}", "b^{(1)}_{3}", "b^{(2)}_{1}"} <= {*letters[1]}
    assert (letters[0].count("1"), letters[1].count("1")) == (0, 2)
    assert r"W^{1}_{03}" in [
        m.latex for m in made("2-3:tanh-1", "bias", "iitkgp").drawing.marks if isinstance(m, Label)
    ]
    without = made("2-3:tanh-1", "bias", derivation=derive(Network.parse("2-3:tanh-1", bias=False)))
    assert "1" not in [m.latex for m in without.drawing.marks if isinstance(m, Label)]


def test_large_layers_and_deep_networks_have_dots() -> None:
    def dots(arch: str) -> list[str]:
        marks = made(arch, "network").drawing.marks
        return [m.latex for m in marks if isinstance(m, Label) and "dots" in m.latex]

    assert dots("784-256:relu-10:softmax") == [r"\vdots"] * 3
    assert dots("6-6-6") == [] and dots("6-7-6") == [r"\vdots"]
    assert dots("2" + "-2" * 12) == [r"\cdots"] and dots("2" + "-2" * 5) == []


def strong(figure: Figure) -> int:
    return sum(isinstance(m, Line) and m.style == "forward" for m in figure.drawing.marks)


@pytest.mark.parametrize(
    ("arch", "name", "of", "lines", "said"),
    [
        ("2-2:sigmoid-2:sigmoid", "paths", "", 4, "The 2 paths from a1[1] to J; what they contribute is added."),
        ("3-2:tanh-1", "paths", "", 2 + 2 + 1, "The 2 paths from x[1] to J; what they contribute is added."),
        ("1-1:tanh-1", "paths", "", 2, "The only path from a1 to J."),
        ("3-2:tanh-1", "paths", "a1[2]", 2, "The only path from a1[2] to J."),
        ("2-3:tanh-2:tanh-4", "paths", "a1[3]", 2 + 8 + 4, "The 8 paths from a1[3] to J; what they contribute is added."),
        ("2-3:sigmoid-3:softmax", "paths", "", 3 + 9 + 3, "The 9 paths from a1[1] to J; what they contribute is added."),
        ("2-2:sigmoid-2:sigmoid", "weight", "W1[2,1]", 1 + 4, "How W1[2, 1] reaches J: through a1[2] and every path from there."),
        ("2-3:tanh-1", "weight", "W2[1,3]", 2, "How W2[1, 3] reaches J: through yhat[1] and every path from there."),
        ("2-3:tanh-1", "weight", "", 1 + 2, "How W1[1, 1] reaches J: through a1[1] and every path from there."),
    ],
)  # fmt: skip
def test_paths_are_drawn_strongly_and_counted(arch: str, name: str, of: str, lines: int, said: str) -> None:
    figure = made(arch, name, of=of)
    assert strong(figure) == lines
    caption = "".join(p.text if isinstance(p, Math) else str(p) for p in figure.caption)
    assert caption.replace(",", ", ").replace(",  ", ", ") == said


@pytest.mark.parametrize(
    ("name", "of", "message"),
    [
        ("weight", "W3[1,1]", "no weight matrix W3; allowed: W1, W2"),
        ("weight", "W1[4,1]", "W1 has no element 4, 1; allowed: 1,1 to 3,2"),
        ("weight", "W1[1,1,1]", "is no element"),
        ("weight", "W1[1", "is no element"),
        ("paths", "q[1]", "no units q; allowed: x, a1"),
        ("paths", "a1[4]", "no unit of that number"),
        ("paths", "a1[0]", "no unit of that number"),
    ],
)
def test_what_is_not_there_is_said(name: str, of: str, message: str) -> None:
    with pytest.raises(InputError, match=message.replace("[", r"\[")):
        drawn(derive(Network.parse("2-3:tanh-2")), name, Asked(of))


def test_a_weight_of_from_to_is_named_in_its_own_order() -> None:
    with pytest.raises(InputError, match="1,1 to 2,3"):
        drawn(derive(Network.parse("2-3:tanh-2")), "weight", Asked("W1[3,1]"), "credit")
    caption = made("2-3:tanh-2", "weight", "iitkgp", "W1[2,3]").caption
    assert any(isinstance(p, Math) and p.latex == "W^{1}_{23}" for p in caption)


def test_gradients_on_edges_are_the_derived_ones() -> None:
    labels = [m.latex for m in made("2-2:sigmoid-2:sigmoid", "errors").drawing.marks if isinstance(m, Label)]
    assert {r"\delta^{(1)}_{2} x_{1}", r"\delta^{(2)}_{1} a^{(1)}_{2}", r"\delta^{(2)}_{2}"} <= {*labels}


def test_plots_have_the_values_of_the_functions() -> None:
    told = made("2-2:sigmoid-1", "activations").alternative
    assert f"0.5 and {1 / (1 + math.exp(-5)):.4g} at -5, 0 and 5" in told and ", 0.25 and" in told
    assert f"{0.25**10:.3g} after 10" in made("2-2:sigmoid-1", "bound").alternative
    assert len([m for m in made("2-2:step-2:sign-1", "activations").drawing.marks if isinstance(m, Line)]) > 10


@pytest.mark.parametrize("layers", ['[{conv2d = {channels = 2, kernel = 3}}, "flatten", {dense = 2}]', "[{dense = 2}]"])
def test_other_networks_have_no_such_figure(layers: str) -> None:
    shape = "[1, 6, 6]" if "conv" in layers else "3"
    try:
        net = Network(**arguments(decode(f'input = {shape}\nlayers = {layers}\nloss = "sse"')))
    except InputError:
        pytest.skip("no such layer yet")
    if "conv" in layers:
        with pytest.raises(InputError, match="has no figure weight"):
            drawn(derive(net), "weight")
    else:
        with pytest.raises(InputError, match="has no figure paths"):
            drawn(derive(net), "paths")


def test_words_of_a_user_are_words(tmp_path: Path) -> None:
    path = tmp_path / "50% & _b_ <b>.toml"
    path.write_text(OWN, encoding="utf-8")
    d = derive(Network.load(str(path)))
    for name in FIGURES:
        figure = drawn(d, name)
        source, picture = tikz(figure.drawing), svg(figure.drawing, "t", figure.alternative, "f")
        assert "soft_bump" not in source.replace(r"soft\_bump", "") and "<b>" not in picture
    assert r"The network 50\% \& \_b\_ \textless{}b\textgreater{}.toml." in render(d, "latex")


def test_pages_have_figures_where_they_can_be_seen() -> None:
    d = sb.derive("2-2:sigmoid-2:sigmoid")
    assert [render(d, "latex", detail=x).count("begin{tikzpicture}") for x in ("summary", "elements")] == [1, 4]
    assert "tikz" not in render(d, "latex", figures=False) and "tikz" not in render(d, "latex", fragment=True)
    assert "tikz}" not in render(sb.derive("2-30:relu-2"), "latex")  # too tall for a card
    fragment = render(d, "latex", fragment=True, figures=True)
    assert fragment.count("begin{tikzpicture}") == 1 and "needs amsmath, amssymb, booktabs and tikz" in fragment
    for form in ("markdown", "text"):
        assert "Layers from left to right" not in render(d, form)
        assert "Layers from left to right: 2 inputs" in render(d, form, figures=True)


def test_the_command_writes_by_the_ending(tmp_path: Path) -> None:
    from click.testing import CliRunner

    for ending, begins in (
        (".svg", "<svg"),
        (".tex", r"\documentclass"),
        (".txt", "A network with 2 inputs, a hidden layer"),
    ):
        target = tmp_path / f"n{ending}"
        result = CliRunner().invoke(command, ["network", "2-2:tanh-1", "-o", str(target)])
        assert result.exit_code == 0 and target.read_text(encoding="utf-8").startswith(begins)
    shown = CliRunner().invoke(command, ["weight", "2-2:tanh-1", "--of", "W1[2,1]", "--format", "latex", "--fragment"])
    assert shown.output.startswith(r"\begin{tikzpicture}")


PREAMBLES = {
    "article": r"\documentclass[11pt,a4paper]{article}\usepackage[T1]{fontenc}\usepackage{lmodern}\usepackage[margin=2.4cm]{geometry}"
    r"\usepackage{amsmath,amssymb}\usepackage{microtype}\usepackage{tikz}\begin{document}",
    "beamer": r"\documentclass{beamer}\usepackage[T1]{fontenc}\usepackage{amsmath,amssymb}\usepackage{tikz}\begin{document}",
}  # fmt: skip


COMPILED = [
    ("2-2:sigmoid-2:sigmoid", "iitm"), ("3-2:tanh-1", "credit"), ("3-2:sigmoid-2:softmax", "esl"),
    ("784-256:relu-128:relu-10:softmax", "ng"), (SIZES[5], "nielsen"),
]  # fmt: skip


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize(
    ("kind", "cases"),
    [
        ("article", COMPILED[:3]),
        pytest.param("article", COMPILED[3:], marks=pytest.mark.sweep),
        pytest.param("beamer", COMPILED, marks=pytest.mark.sweep),
    ],
)
def test_figures_compile_without_a_box_too_full(kind: str, cases: list[tuple[str, str]], tmp_path: Path) -> None:
    from symbp.notes.figures.table import figure
    from symbp.notes.writer import Writer

    room = (15.5, 21.0) if kind == "article" else (10.2, 6.5)
    writers = [Writer(derived(arch), NOTATIONS[c]) for arch, c in cases]
    writers.append(Writer(derive(Network(**arguments(decode(OWN)))), NOTATIONS["iitm"]))
    figures = [f for w in writers for name in FIGURES if (f := figure(w, name)) is not None]
    assert len(figures) >= 5 * len(writers)
    around = (r"\begin{frame}", r"\end{frame}") if kind == "beamer" else ("", "")
    body = "\n".join(rf"{around[0]}\begin{{center}}{tikz(f.drawing, *room)}\end{{center}}{around[1]}" for f in figures)
    (tmp_path / "f.tex").write_text(PREAMBLES[kind] + body + r"\end{document}", encoding="utf-8")
    run = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "f.tex"]
    result = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    if "beamer.cls' not found" in result.stdout:
        pytest.skip("beamer is not installed")
    assert result.returncode == 0, result.stdout[-2000:]
    assert "Missing character" not in result.stdout and "Overfull" not in result.stdout


def test_a_figure_stands_behind_sections_that_there_are() -> None:
    names = {"steps": steps.PARTS, "elements": elements.PARTS, "summary": summary.PARTS}
    for name, kind in FIGURES.items():
        for detail in kind.details:
            assert {section for section, _ in names[detail]} & {*kind.behind}, f"{name} stands nowhere at {detail}"
