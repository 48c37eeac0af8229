"""What a picture of a graph shows, before it is drawn: the texts on nodes and edges, in any notation, and their layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symbp.calculus.program import Tensor
from symbp.graph.choices import cases
from symbp.graph.gate import Gate
from symbp.graph.layout import HEIGHT, Layout, Sizes, lay_out
from symbp.graph.model import Edge, Graph
from symbp.graph.notation import PICTURE, Notation
from symbp.graph.values import Numbers

EM = 0.2  # the width of a letter, in centimetres: generous, so that no font is too wide


@dataclass(frozen=True)
class Labels:
    """The texts of a picture.

    `inside` and `above` are the nodes' (an empty text is not drawn), `sums` stand below the nodes where several paths add;
    `forward` and `backward` are the edges'; `result` are the two texts on the arrow that leaves the output; `notes` spell out
    the sums, and what gates that choose do.
    """

    inside: Mapping[str, str]
    above: Mapping[str, str]
    sums: Mapping[str, str]
    forward: Mapping[Edge, str]
    backward: Mapping[Edge, str]
    result: tuple[str, str]
    notes: tuple[str, ...]


def labels(graph: Graph, numbers: Numbers | None, notation: Notation) -> Labels:
    """The texts of a picture in a notation; without `numbers`, gradients are symbolic and values have no text."""
    n, out = notation, graph.output
    inside = {node: n.sign(graph.gate[node]) if node in graph.gate else n.name(node) for node in graph.nodes}
    above = {node: n.name(node) if node in graph.gate else "" for node in graph.nodes}
    sums_of = [n.note(_sum(graph, node, numbers, n)) for node in graph.nodes if node in graph.forks]
    notes = (*sums_of, *(n.note(line) for g in graph.gates for line in _notes(graph, g, numbers, n)))
    if numbers is None:
        backward = {e: _contribution(graph, e, n) if e.target in graph.reach else "0" for e in graph.edges}
        return Labels(inside, above, {}, dict.fromkeys(graph.edges, ""), backward, ("", "1"), notes)

    def text(value: object) -> str:
        return n.number(numbers.text(value))

    totals = {m: n.derivative(out, m) if m in graph.inputs else n.total for m in graph.nodes if m in graph.forks}
    sums = {m: f"{left} = {text(numbers.gradients[m])}" for m, left in totals.items()}
    forward = {e: text(numbers.values[e.source]) for e in graph.edges}
    backward = {e: text(numbers.contribution.get(e, 0)) if e in numbers.contribution else "0" for e in graph.edges}
    result = text(numbers.values[out]), text(numbers.gradients[out])
    return Labels(inside, above, sums, forward, backward, result, notes)


def _contribution(graph: Graph, e: Edge, n: Notation) -> str:
    """What an edge adds to the gradient of its source, in symbols."""
    upstream = "" if e.target == graph.output else n.derivative(graph.output, e.target)
    return n.simplified(upstream, e.local)


def _sum(graph: Graph, node: str, numbers: Numbers | None, n: Notation) -> str:
    """The paths that add at a node."""
    paths = graph.paths(node)
    symbols = [_contribution(graph, e, n) for e in paths]
    sides = [n.derivative(graph.output, node), n.summed(symbols)]
    if numbers is not None:
        sides.append(n.summed([n.number(numbers.text(numbers.contribution[e])) for e in paths]))
        sides.append(n.number(numbers.text(numbers.gradients[node])))
    return " = ".join(sides)


def _notes(graph: Graph, gate: Gate, numbers: Numbers | None, n: Notation) -> list[str]:
    """The cases of a gate that chooses."""
    edges = graph.into(gate.name)
    upstream = "" if gate.name == graph.output else n.derivative(graph.output, gate.name)
    lines = []
    for case in cases(e.local for e in edges):
        routes = []
        for e in edges:
            local = case.of(e.local)
            routes.append(n.routed(n.name(e.source), n.simplified(upstream, local)))
        chosen = numbers is not None and case.holds({Tensor(s).symbol: numbers.values[s] for s in gate.sources})
        lines.append(n.case(f"{n.name(gate.name)} = {n.expression(gate)}", n.condition(case), routes, chosen))
    return lines


def layout_of(graph: Graph, numbers: Numbers | None) -> Layout:
    """The layout of a graph's picture, from its texts in Unicode: the same for every notation."""
    texts = labels(graph, numbers, PICTURE)
    half = {n: max(HEIGHT, 0.5 * EM * len(t) + 0.16) if len(t) > 2 else HEIGHT for n, t in texts.inside.items()}
    label = {e: EM * max(len(texts.forward[e]), len(texts.backward[e])) for e in graph.edges}
    below = {n: EM * len(t) for n, t in texts.sums.items()}
    return lay_out(graph, Sizes(half, label, below, 0.8 + EM * max(map(len, texts.result))))
