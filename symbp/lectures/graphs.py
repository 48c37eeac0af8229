"""A scalar graph as a figure of a page: values above the edges, gradients below them."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sympy import Expr, Indexed, Integer, Symbol

from symbp.calculus.functions import Apply
from symbp.calculus.primitives import CALLS
from symbp.calculus.program import Statement, Tensor, indices_of, name_of
from symbp.calculus.recurrences import scheduled
from symbp.calculus.reductions import rewrite
from symbp.calculus.text import expression_text
from symbp.drawing.marks import Circle, Drawing, Label, Line, Mark, Point, Side, Style
from symbp.errors import InputError
from symbp.graph.figure import labels, layout_of
from symbp.graph.layout import NAME, Box
from symbp.graph.model import Graph, read_graph
from symbp.graph.notation import LATEX
from symbp.graph.read import MOST_NODES
from symbp.graph.text import backward_lines
from symbp.graph.values import Numbers, work_out
from symbp.network import Network
from symbp.network.derivation import Derivation, derive
from symbp.notes.blocks import Figure, Inline, Math
from symbp.notes.expand import Sizes, expanded, index_values, placed

_BESIDE = 0.25  # from an edge to the middle of its label, in centimetres


def graph_figure(graph: Graph, numbers: Numbers | None = None) -> Figure:
    """The picture that ``symbp graph`` draws, as a figure; without `numbers`, gradients are symbolic."""
    layout, texts = layout_of(graph, numbers), labels(graph, numbers, LATEX)
    marks: list[Mark] = []
    for route in layout.routes:
        marks.append(Line(tuple(map(_up, route.points)), arrow=True, smooth=True))
        turn = -math.degrees(route.slope)
        for text, side, style in ((texts.forward, 1, "forward"), (texts.backward, -1, "backward")):
            if text[route.edge]:
                at = _up(route.beside(side * _BESIDE))
                marks.append(replace(_label(at, text[route.edge], style), turn=turn if abs(turn) > 0.05 else 0.0))  # type: ignore[arg-type]
    box = layout.boxes[graph.output]
    start, end = box.border((box.x + 10, box.y)), (box.x + box.width + layout.tail, box.y)
    marks.append(Line((_up(start), _up(end)), arrow=True))
    for result, up, style in zip(texts.result, (-_BESIDE, _BESIDE), ("forward", "backward"), strict=True):
        if result:
            marks.append(_label(_up(((start[0] + end[0]) / 2 - 0.05, box.y + up)), result, style))  # type: ignore[arg-type]
    for node in graph.nodes:
        box = layout.boxes[node]
        marks += [*_outline(box, node in graph.inputs), _label(_up((box.x, box.y)), texts.inside[node])]
        if texts.above[node]:
            marks.append(_label(_up((box.x, box.y - box.height - NAME)), texts.above[node]))
        if node in texts.sums:
            marks.append(_label(_up(layout.below[node]), texts.sums[node], "backward"))
    left, _, _, bottom = layout.corners
    formulas = [note[1:-1] for note in texts.notes if note.count("$") == 2 and note[0] == note[-1] == "$"]
    marks += [_label(_up((left, bottom + 0.5 * (k + 1))), note, side="right") for k, note in enumerate(formulas)]
    lines = "; ".join(line.strip() for line in backward_lines(graph, numbers))
    gates = "; ".join(f"{g.name} = {g.expression}" for g in graph.gates)
    values = "" if numbers is None else "; ".join(f"{n} = {numbers.text(numbers.values[n])}" for n in graph.nodes)
    told = " ".join(
        t for t in (f"Gates: {gates}.", f"Values: {values}." if values else "", f"Gradients: {lines}.") if t
    )
    return Figure(Drawing(tuple(marks)), _caption(graph, numbers is not None), told)


def _caption(graph: Graph, with_values: bool) -> Inline:
    name = Math(LATEX.name(graph.output), graph.output)
    return (
        "The graph of ",
        name,
        ": values above the edges, gradients below." if with_values else ": gradients below the edges.",
    )


def _up(p: Point) -> Point:
    return p[0], -p[1]  # a graph is laid out downwards


def _label(at: Point, latex: str, style: Style = "plain", side: Side = "middle") -> Label:
    return Label(at, latex, latex, side, style)


def _outline(box: Box, is_input: bool) -> list[Mark]:
    """A circle, or a rectangle where the text is long or the node is an input."""
    if box.width == box.height and not is_input:
        return [Circle(_up((box.x, box.y)), box.width)]
    corners = [(sx * box.width, sy * box.height) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    return [Line(tuple(_up((box.x + x, box.y + y)) for x, y in corners), "strong" if is_input else "plain")]


def network_graph(net: Network, seed: int = 0) -> Figure:
    """A small network's computational graph for one example, with numbers drawn by `seed`: values forward, gradients backward.

    Raises
    ------
    InputError : for a network of too many nodes, or where the loss has no value at these numbers
    """
    d = derive(net)
    sizes = d.map.sizes
    cells = sum(math.prod(sizes[a] for a in t.axes) for t in d.forward.tensors.values())
    if cells > MOST_NODES:
        raise InputError(f"the graph of this network has more than {MOST_NODES} nodes", allowed="such as 1-1:tanh-1")
    given = {s.target.name for s in d.forward}
    lines: list[str] = []
    bodies = {s.target.name: expanded(s.body, sizes) for s in d.forward}
    for s, at in _in_order(d.forward, sizes):
        value = rewrite(placed(bodies[s.target.name], s.indices, at, sizes), lambda e: _scalar(e, d))
        lines.append(f"{_named(s.target, at, d)} = {expression_text(value)}")
    graph = read_graph("; ".join(lines))
    rng = random.Random(seed)
    numbers = {n: f"{rng.choice((-1, 1)) * rng.randint(1, 9) / 10:g}" for n in graph.inputs if n not in given}
    return graph_figure(graph, work_out(graph, numbers))


def _in_order(statements: Iterable[Statement], sizes: Sizes) -> Iterator[tuple[Statement, tuple[Integer, ...]]]:
    """Every element that is computed, by its statement and its numbers: those of a recurrence step by step."""
    for one in scheduled(statements):
        if isinstance(one, Statement):
            yield from ((one, at) for at in index_values(one.target.axes, sizes))
            continue
        for step, s in itertools.product(one.steps(sizes[one.axis]), one.statements):
            its = index_values(s.target.axes, sizes)
            yield from ((s, at) for at in its if at[one.slots[s.target.name]] == step)


def _scalar(e: Expr, d: Derivation) -> Expr:
    """An element as a name of its own, a function that the graph does not know by its definition."""
    if isinstance(e, Indexed):
        return Symbol(_named(d.program.tensors[name_of(e)], indices_of(e), d), real=True)
    if isinstance(e, Apply) and e.name not in CALLS:
        written = d.forward.function[e.name].at(e.arg)
        return e if written is None else written
    return e


def _named(t: Tensor, at: Sequence[Expr], d: Derivation) -> str:
    """The name of an element: the tensor's, and its numbers, counted from 1, along axes that are longer than 1."""
    its = [str(int(k) + 1) for k, a in zip(at, t.axes, strict=True) if d.map.sizes[a] > 1]
    return "_".join((t.name, *its))
