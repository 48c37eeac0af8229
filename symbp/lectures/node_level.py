"""A scalar graph node by node: what each gate does, the gradients path by path, the two passes as code, and a small step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from symbp.graph.model import Edge, Graph, rule
from symbp.graph.notation import LATEX, TEXT
from symbp.graph.number import number_text
from symbp.graph.python import passes
from symbp.graph.text import directions
from symbp.graph.values import STEP, Numbers
from symbp.notes.blocks import (
    Beside,
    Block,
    Code,
    Display,
    Heading,
    Inline,
    Items,
    Math,
    Paragraph,
    Row,
    Table,
    chained,
)

_FINE = 10  # significant digits where a difference is shown, so that it can be checked by hand


def node_level(graph: Graph, numbers: Numbers | None = None, toward: Fraction | None = None) -> list[Block]:
    """The sections of a graph; with numbers the small steps too, and what the inputs have to do for the output to be `toward`."""
    out = _name(graph.output)
    forward, backward = passes(graph)
    blocks: list[Block] = [
        _nodes(graph, numbers),
        Heading(2, ("Backward, path by path",)),
        Paragraph((
            "What arrives at a gate goes on to each of its inputs, times the local gradient: a product swaps its factors, a sum "
            "copies, a choice sends everything to the one that was chosen. Where a node is read twice, its paths add.",
        )),
        Display(tuple(_gradients(graph, numbers))),
        Heading(2, ("As straight-line code",)),
        Beside(tuple(
            (Paragraph((f"{head}:",)), Code("\n".join(lines))) for head, lines in (("Forward", forward), ("Backward", backward))
        )),
    ]  # fmt: skip
    if numbers is None:
        return blocks
    blocks += [
        Heading(2, ("A small step",)),
        Paragraph(("Each input moved by ", _number(STEP, True), " by itself: what ", out, " does tells its gradient.")),
        _steps(graph, numbers),
    ]
    return blocks if toward is None else [*blocks, *_wanted(graph, numbers, toward)]


def _name(node: str) -> Math:
    return Math(LATEX.name(node), node)


def _slope(graph: Graph, node: str) -> Math:
    above, below = LATEX.name(graph.output), LATEX.name(node)
    return Math(rf"\frac{{\partial {above}}}{{\partial {below}}}", TEXT.derivative(graph.output, node))


def _number(value: Any, decimals: bool, digits: int = 6) -> Math:
    text = number_text(value, decimals, digits)
    return Math(LATEX.number(text), text)


def _nodes(graph: Graph, numbers: Numbers | None) -> Table:
    """Every node with its gate, its value and its gradient, and what the gate does on the way back."""
    head: list[Inline] = [("node",), ("gate",)]
    head += [("value",), ("gradient",)] if numbers else []
    rows: list[tuple[Inline, ...]] = []
    for node in graph.nodes:
        gate = graph.gate.get(node)
        row: list[Inline] = [(_name(node),), (Math(LATEX.expression(gate), gate.expression),) if gate else ("input",)]
        if numbers is not None:
            row += [(_shown(numbers, x),) for x in (numbers.values[node], numbers.gradients[node])]
        rows.append((*row, (rule(graph, gate),) if gate else ()))
    return Table((*head, ("on the way back",)), tuple(rows))


def _shown(numbers: Numbers, value: Any) -> Math:
    text = numbers.text(value)
    return Math(LATEX.number(text), text)


def _gradients(graph: Graph, numbers: Numbers | None) -> Iterator[Row]:
    """An equation for every gradient, from the output back: a product for each path, and the numbers in them."""
    out = graph.output
    yield Row(_slope(graph, out), Math("1", "1"))
    for node in graph.backward_order:
        paths = graph.paths(node) if node != out else ()
        if not paths:
            continue
        forms = [_sum([[_slope(graph, e.target), _local(e)] for e in paths])]
        if numbers is not None:
            products = [(numbers.gradients[e.target], numbers.local[e]) for e in paths]
            forms.append(_sum([[_factor(numbers.text(x)) for x in its] for its in products]))
            forms.append(_shown(numbers, numbers.gradients[node]))
        yield Row(_slope(graph, node), chained(forms), (f"{len(paths)} paths add",) if len(paths) > 1 else ())


def _local(e: Edge) -> Math:
    return Math(LATEX.local(e.local), TEXT.local(e.local))


def _sum(products: Sequence[Sequence[Math]]) -> Math:
    """Products, added."""
    latex = " + ".join(r" \cdot ".join(m.latex for m in its) for its in products)
    return Math(latex, " + ".join("*".join(m.text for m in its) for its in products))


def _factor(text: str) -> Math:
    """A number, in brackets where a product needs them."""
    latex = LATEX.number(text)
    inside = text.startswith("-") or "/" in text
    return Math(rf"\left({latex}\right)", f"({text})") if inside else Math(latex, text)


def _steps(graph: Graph, numbers: Numbers) -> Table:
    """The output where each input is moved a little, and the quotient of differences beside the gradient."""
    out = LATEX.name(graph.output)
    quotient = Math(rf"\Delta {out}/{LATEX.number(number_text(STEP, True))}", "quotient")
    head: tuple[Inline, ...] = (("moved",), (Math(out, graph.output),), (quotient,), ("gradient",))
    rows: list[tuple[Inline, ...]] = []
    for s in numbers.steps:
        at = number_text(s.at, True)
        moved = Math(rf"{LATEX.name(s.name)} = {LATEX.number(at)}", f"{s.name} = {at}")
        found: tuple[Inline, ...] = (("no value",), ())
        if s.moved is not None:
            found = ((_number(s.moved, True, _FINE),), (_number(s.quotient, True),))
        rows.append(((moved,), *found, (_number(numbers.gradients[s.name], True),)))
    return Table(head, tuple(rows))


def _wanted(graph: Graph, numbers: Numbers, toward: Fraction) -> list[Block]:
    """Which inputs have to grow for the output to come nearer to a number."""
    out, now = _name(graph.output), numbers.values[graph.output]
    said: Inline = (out, " is ", _shown(numbers, now), " and should be ", _number(toward, True), ". ")
    title = Heading(2, ("Which inputs have to grow?",))
    if now == toward:
        return [title, Paragraph((*said, "Nothing has to change."))]
    items: list[Inline] = []
    for name, words, side in directions(graph, numbers, toward):
        slope, gradient = _slope(graph, name), numbers.text(numbers.gradients[name])
        tail = f" {side} 0" if side != "=" else ""
        reason = Math(f"{slope.latex} = {LATEX.number(gradient)}{tail}", f"{slope.text} = {gradient}{tail}")
        items.append((_name(name), f" {words}, since ", reason, "."))
    return [
        title,
        Paragraph((*said, "The sign of a gradient says which way its input has to go:")),
        Items(tuple(items)),
    ]
