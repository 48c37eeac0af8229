"""The pictures: valid, self-contained, nothing on top of anything else, and the same layout in TikZ and SVG."""

from __future__ import annotations

import itertools
import math
import random
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from symbp.drawing.patch import Patch
from symbp.graph.figure import labels, layout_of
from symbp.graph.latex import tikz_picture
from symbp.graph.layers import crossings, layer_of, ordered, spaced
from symbp.graph.layout import Layout
from symbp.graph.model import Graph, read_graph
from symbp.graph.notation import PICTURE
from symbp.graph.svg import svg_picture
from symbp.graph.values import Numbers, read_values, work_out

SVG = "{http://www.w3.org/2000/svg}"
CASES = [
    ("a = x*y; b = a*a + a; c = sin(b)*b; f = c - max(c, a)/exp(b)", "x=0.5,y=-1.5"),
    ("v = x*y; u = w + v; f = u*z", "w=5,x=3,y=2,z=4"),
    ("m = max(x, y); f = m*x - abs(z)/y", "x=1/2,y=3,z=-1"),
    ("f = x*x; q = 2*f - x", "x=0.3"),
    ("s = 1/(1 + exp(-beta*x)); f = x*s + log(x**2 + 1)", "x=2,beta=1.5"),
    ("f = sigmoid(w0*x0 + w1*x1 + w_2) + (x0 < x1)*1e-9", "w0=2,x0=-1,w1=-3,x1=-2,w_2=-3"),
    ("h1 = tanh(a*x1 + b*x2); h2 = tanh(c*x1 + d*x2); yhat = h1*h2; J = (yhat - target)**2/2",
     "a=.1,b=.2,c=-.3,d=.4,x1=1,x2=-2,target=1"),
]  # fmt: skip


def made(text: str, at: str | None) -> tuple[Graph, Numbers | None]:
    graph = read_graph(text)
    return graph, work_out(graph, read_values(at, graph)) if at else None


@pytest.mark.parametrize(("text", "at"), [*CASES, *((text, None) for text, _ in CASES)])
def test_svg_is_a_file_of_its_own(text: str, at: str | None) -> None:
    graph, numbers = made(text, at)
    source = svg_picture(graph, numbers)
    root = ElementTree.fromstring(source)
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    labelled = (root.get("aria-labelledby") or "").split()
    assert [root.find(f".//*[@id='{name}']").tag for name in labelled] == [f"{SVG}title", f"{SVG}desc"]  # type: ignore[union-attr]
    assert all(word not in source for word in ("<script", "href", "@import", "url("))
    texts = {"".join(t.itertext()) for t in root.iter(f"{SVG}text")}
    if numbers is not None:
        for e in graph.edges:
            assert numbers.text(numbers.values[e.source]).replace("-", "−").split("e")[0] in " ".join(texts)


@pytest.mark.parametrize("text", ["f = (x < y)*z", "f = where(x > y, x, y)"])
def test_svg_escapes_signs(text: str) -> None:
    source = svg_picture(*made(text, None))
    ElementTree.fromstring(source)
    assert "&lt;" in source or "&gt;" in source


@pytest.mark.parametrize(("text", "at"), [*CASES, *((text, None) for text, _ in CASES)])
def test_nothing_stands_on_anything_else(text: str, at: str | None) -> None:
    graph, numbers = made(text, at)
    layout = layout_of(graph, numbers)
    boxes = [Patch(b.x, b.y, b.width, b.height) for b in layout.boxes.values()]
    assert not any(a.meets(b) for a, b in itertools.combinations(boxes, 2))
    labels = [Patch(*r.label, 0.3, 0.35, r.slope) for r in layout.routes]
    assert not any(a.meets(b) for a in labels for b in boxes)
    assert not any(a.meets(b) for a, b in itertools.combinations(labels, 2))
    left, top, right, bottom = layout.corners
    assert all(left <= x <= right and top <= y <= bottom for r in layout.routes for x, y in r.points)


@pytest.mark.parametrize(
    "text", [text for text, _ in CASES] + ["f = a*b + c*d + e*g", "a = w*x + b; s = sigmoid(a); f = (s - y)**2"]
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_numbers_of_six_digits_keep_clear_of_each_other_and_of_edges(text: str, seed: int) -> None:
    graph = read_graph(text)
    draw = random.Random(seed)
    at = ",".join(f"{n}={draw.choice((-1, 1)) * draw.uniform(0.1, 3):.6g}" for n in graph.inputs)
    if "log" in text or "beta" in text:
        at = at.replace("-", "")
    numbers = work_out(graph, read_values(at, graph))
    layout, texts = layout_of(graph, numbers), labels(graph, numbers, PICTURE)
    wide = {e: 0.172 * max(len(texts.forward[e]), len(texts.backward[e])) for e in graph.edges}  # measured in the SVG
    patches = {r.edge: Patch(*r.label, wide[r.edge] / 2, 0.4, r.slope) for r in layout.routes}
    assert not any(a.meets(b) for a, b in itertools.combinations(patches.values(), 2))
    for route in layout.routes:
        for (x0, y0), (x1, y1) in itertools.pairwise(route.points):
            slope = math.atan2(y1 - y0, x1 - x0)
            wire = Patch((x0 + x1) / 2, (y0 + y1) / 2, math.dist((x0, y0), (x1, y1)) / 2, 0.01, slope)
            assert not any(p.meets(wire) for e, p in patches.items() if e != route.edge)


@pytest.mark.parametrize(("text", "at"), CASES)
def test_edges_run_from_left_to_right(text: str, at: str) -> None:
    for route in layout_of(*made(text, at)).routes:
        assert all(a[0] < b[0] for a, b in itertools.pairwise(route.points))


def test_parallel_edges_have_ways_of_their_own() -> None:
    layout: Layout = layout_of(*made("f = x*x", "x=3"))
    first, second = (r.points for r in layout.routes)
    assert first[1:-1] and abs(first[1][1] - second[1][1]) > 1


def test_fragment_has_no_document_around_it() -> None:
    fragment = tikz_picture(*made(*CASES[0]), fragment=True)
    assert "documentclass" not in fragment and fragment.rstrip().endswith(r"\end{tikzpicture}")
    assert fragment in tikz_picture(*made(*CASES[0]))


@pytest.mark.parametrize(("text", "at"), CASES)
def test_braces_and_mathematics_are_balanced(text: str, at: str) -> None:
    source = tikz_picture(*made(text, at))
    assert source.count("{") == source.count("}")
    assert all(line.count("$") % 2 == 0 for line in source.splitlines())
    assert not re.search(r"(?<!\\)_(?!\{)", source)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize(
    ("text", "at"),
    [
        CASES[2],
        (CASES[2][0], None),
        ("f = normal_cdf(foo_bar_3*xdot) + hat**prime - sign(w_ij)*1.5e-3", "foo_bar_3=1,xdot=2,hat=3,prime=2,w_ij=1"),
    ],
)
def test_latex_compiles(text: str, at: str | None, tmp_path: Path) -> None:
    (tmp_path / "graph.tex").write_text(tikz_picture(*made(text, at)), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "graph.tex"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    if "standalone.cls' not found" in result.stdout:
        pytest.skip("the standalone class is not installed")
    assert result.returncode == 0, result.stdout[-2000:]
    assert "Missing character" not in result.stdout and "Overfull" not in result.stdout


def test_layers_are_longest_paths_and_inputs_stand_before_their_first_reader() -> None:
    edges = [("x", "v"), ("y", "v"), ("w", "u"), ("v", "u"), ("u", "f"), ("z", "f")]
    assert layer_of("xywzvuf", edges) == {"x": 0, "y": 0, "v": 1, "w": 1, "u": 2, "z": 2, "f": 3}


def test_ordering_removes_a_crossing() -> None:
    layers = [["a", "b"], ["c", "d"]]
    right = {"a": ["d"], "b": ["c"], "c": [], "d": []}
    left = {"a": [], "b": [], "c": ["b"], "d": ["a"]}
    assert crossings(layers, right) == 1
    assert crossings(ordered(layers, left, right), right) == 0


def test_rows_keep_their_distance_and_stay_near_their_wishes() -> None:
    heights = spaced("abcd", {"a": 5.0, "b": 1.0, "c": 1.5, "d": 9.0}, lambda a, b: 2.0)
    assert heights == {"a": 0.5, "b": 2.5, "c": 4.5, "d": 9.0}
