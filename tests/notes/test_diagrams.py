"""The layers of networks drawn as boxes: what stands where, what joins them, and that nothing lies over anything else."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import symbp as sb
from symbp.drawing.boxes import box
from symbp.drawing.marks import Drawing, Label, Line
from symbp.drawing.svg import svg
from symbp.drawing.tikz import tikz
from symbp.notes.figures.diagram import diagram_of
from symbp.notes.figures.table import drawn

EXAMPLES = Path(__file__).parents[2] / "examples"
L = sb.layer
NETWORKS = ("lenet", "resnet", "gpt", "towers", "residual", "gpt2")


def network(name: str) -> sb.Network:
    return sb.Network.load(EXAMPLES / f"{name}.toml")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_has_a_box_and_reads_what_it_reads(name: str) -> None:
    forward = network(name).forward_map
    diagram = diagram_of(forward)
    assert diagram is not None
    first, last, times = diagram.repeated or (0, -1, 1)
    layers = [n for n in diagram.nodes if not n.bare]
    losses = len(forward.training.objective.compared) if forward.training else 0
    assert len(layers) - losses + (times - 1) * (last - first + 1) == len(forward.layers)
    assert all(max(n.reads, default=-1) < k for k, n in enumerate(diagram.nodes))
    assert all(n.bare or n.reads for n in diagram.nodes)


def test_what_repeats_stands_once() -> None:
    diagram = diagram_of(network("gpt2").forward_map)
    assert diagram is not None and diagram.repeated == (2, 7, 12)
    assert [diagram.nodes[k].text for k in (2, 4, 7)] == ["layer norm", "add", "add"]
    assert [diagram.nodes[k].reads for k in (4, 7)] == [(1, 3), (4, 6)]
    assert "Boxes 3 to 8 stand there 2 times" in drawn(sb.derive(network("gpt")), "layers").alternative


def test_a_part_that_something_else_reads_does_not_stand_once() -> None:
    chain = [x for k in range(9) for x in (L("dense", 3), L("tanh", name="t3" if k == 3 else ""))]
    assert diagram_of(sb.Network(3, chain, "sse").forward_map).repeated == (1, 2, 9)  # type: ignore[union-attr]
    read = sb.Network(3, [*chain, L("add", inputs=("t3", 18))], "sse")
    assert diagram_of(read.forward_map).repeated != (1, 2, 9)  # type: ignore[union-attr]


def _boxes(drawing: Drawing) -> list[tuple[float, float, float, float]]:
    """Left, bottom, right and top of every box."""
    closed = [
        m.points for m in drawing.marks if isinstance(m, Line) and m.points[0] == m.points[-1] and m.style == "plain"
    ]
    return [(min(x for x, _ in p), min(y for _, y in p), max(x for x, _ in p), max(y for _, y in p)) for p in closed]


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", [*NETWORKS, "two losses"])
def test_no_box_lies_over_another_and_no_arrow_goes_through_one(name: str) -> None:
    net = network(name) if name in NETWORKS else sb.Network(
        {"q": 5, "d": 5},
        [L("dense", 4, inputs=("q",), name="a"), L("tanh", name="ta"), L("dense", 4, inputs=("d",), share={"W": "a_W"}),
         L("tanh", name="tb"), L("multiply", inputs=("ta", "tb"), name="m"), L("add", inputs=("m", "ta", "ta")), L("dense", 2, name="o")],
        losses=[sb.LossTerm("sse", "o"), sb.LossTerm("mse", "o", "t2"), sb.LossTerm("mse", "tb", "ta")],
    )  # fmt: skip
    drawing = drawn(sb.derive(net), "layers").drawing
    boxes = _boxes(drawing)
    for (a, b, c, d), (e, f, g, h) in itertools.combinations(boxes, 2):
        assert c <= e or g <= a or d <= f or h <= b
    for m in drawing.marks:
        if isinstance(m, Line) and m.arrow:
            for (x, y), (u, v) in itertools.pairwise(m.points):
                for left, low, right, high in boxes:
                    meets = (
                        max(x, u) > left + 1e-6
                        and min(x, u) < right - 1e-6
                        and max(y, v) > low + 1e-6
                        and min(y, v) < high - 1e-6
                    )
                    assert not meets, (m.points, left, low)
        if isinstance(m, Label) and not m.words:
            assert box(m).x > max(right for _, _, right, _ in boxes) or "times" in m.latex
    assert tikz(drawing).count("\\draw") == sum(isinstance(m, Line) for m in drawing.marks)
    assert "<svg" in svg(drawing, "", "", "d")


def test_a_map_without_layers_has_no_diagram(tmp_path: Path) -> None:
    from symbp.verification.problems.file import load

    path = tmp_path / "p.toml"
    path.write_text('[tensors]\nx = "n"\n[problem]\nforward = ["J = sum(x*x)"]\nloss = "J"\n')
    assert diagram_of(load(path).problem.forward_map) is None
