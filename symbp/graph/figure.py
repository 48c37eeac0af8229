"""What a picture of a graph shows, before it is drawn: the texts on nodes and edges, in any notation, and their layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symbp.calculus.program import Tensor
from symbp.graph.choices import cases
from symbp.graph.gate import Gate
from symbp.graph.layout import HEIGHT, Layout, lay_out
from symbp.graph.model import Edge, Graph
from symbp.graph.notation import PICTURE, Notation
from symbp.graph.values import Numbers

EM = 0.2  # the width of a letter, in centimetres: generous, so that no font is too wide
_MOST_TERMS = 3  # of a sum that is written out below a node


@dataclass(frozen=True)
class Labels:
    """The texts of a picture.

    `inside` and `above` are the nodes' (an empty text is not drawn), `sums` stand below the nodes where several paths add;
    `forward` and `backward` are the edges'; `result` are the two texts on the arrow that leaves the output; `notes` say what
    gates that choose do.
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
    notes = tuple(line for g in graph.gates for line in _notes(graph, g, numbers, n))
    if numbers is None:
        backward = {
            e: n.product(n.derivative(out, e.target), e.local) if e.target in graph.reach else "0" for e in graph.edges
        }
        return Labels(inside, above, {}, dict.fromkeys(graph.edges, ""), backward, ("", "1"), notes)

    def text(value: object) -> str:
        return n.number(numbers.text(value))

    sums = {}
    for node in graph.nodes:
        if node in graph.forks:
            terms = [numbers.text(numbers.contribution[e]) for e in graph.paths(node)]
            total = f"{n.derivative(out, node)} = {text(numbers.gradients[node])}"
            parts = " + ".join(n.bracketed(n.number(t)) if t.startswith("-") else n.number(t) for t in terms)
            written = f"{n.derivative(out, node)} = {parts} = {text(numbers.gradients[node])}"
            sums[node] = written if len(terms) <= _MOST_TERMS else total
    forward = {e: text(numbers.values[e.source]) for e in graph.edges}
    backward = {e: text(numbers.contribution.get(e, 0)) if e in numbers.contribution else "0" for e in graph.edges}
    result = text(numbers.values[out]), text(numbers.gradients[out])
    return Labels(inside, above, sums, forward, backward, result, notes)


def _notes(graph: Graph, gate: Gate, numbers: Numbers | None, n: Notation) -> list[str]:
    """The cases of a gate that chooses."""
    edges = graph.into(gate.name)
    upstream = n.derivative(graph.output, gate.name)
    lines = []
    for case in cases(e.local for e in edges):
        routes = []
        for e in edges:
            local = case.of(e.local)
            value = "0" if local == 0 else upstream if local == 1 else n.product(upstream, local)
            routes.append(n.routed(n.name(e.source), value))
        chosen = numbers is not None and case.holds({Tensor(s).symbol: numbers.values[s] for s in gate.sources})
        lines.append(n.case(f"{n.name(gate.name)} = {n.expression(gate)}", n.condition(case), routes, chosen))
    return lines


def place(graph: Graph, texts: Labels) -> Layout:
    """The layout of a picture, from its texts in Unicode."""
    widths = {n: max(HEIGHT, 0.5 * EM * len(t) + 0.16) if len(t) > 2 else HEIGHT for n, t in texts.inside.items()}
    lengths = {e: EM * max(len(texts.forward[e]), len(texts.backward[e])) for e in graph.edges}
    for node, text in texts.sums.items():  # a sum is centred below its node and must not reach into the next layer
        for e in graph.paths(node):
            lengths[e] = max(lengths[e], 0.35 * EM * len(text))
    tail = 0.8 + EM * max(map(len, texts.result))
    return lay_out(graph, widths, lengths, tail)


def layout_of(graph: Graph, numbers: Numbers | None) -> Layout:
    """The layout of a graph's picture: the same for every notation."""
    return place(graph, labels(graph, numbers, PICTURE))
