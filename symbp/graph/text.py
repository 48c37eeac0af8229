"""The graph as text: a table of nodes, the backward pass path by path, what choosing gates do, and the check by a small step."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from symbp.calculus.program import Tensor
from symbp.errors import counted
from symbp.graph.choices import cases
from symbp.graph.gate import Gate
from symbp.graph.model import Graph, rule
from symbp.graph.notation import TEXT
from symbp.graph.number import number_text, read_number
from symbp.graph.values import STEP, Numbers

_FINE = 10  # significant digits where a difference is shown, so that it can be checked by hand


def text_page(graph: Graph, numbers: Numbers | None = None, toward: str | None = None) -> str:
    """The whole page; without `numbers`, gradients are symbolic. `toward` is what the output should rather be."""
    parts = [_title(graph, numbers), _table(graph, numbers), "\n".join(["backward", *backward_lines(graph, numbers)])]
    choosing = [line for g in graph.gates for line in _choice(graph, g, numbers)]
    if choosing:
        parts.append("\n".join(["choices", *choosing]))
    if numbers is not None:
        parts.append("\n".join([f"check: a small step of {number_text(STEP, True)}", *_steps(graph, numbers)]))
        if toward is not None:
            parts.append("\n".join(_directions(graph, numbers, toward)))
    return "\n\n".join(parts) + "\n"


def _title(graph: Graph, numbers: Numbers | None) -> str:
    inputs = [name if numbers is None else f"{name} = {numbers.text(numbers.values[name])}" for name in graph.inputs]
    return f"{graph.output} as a graph of {counted(len(graph.gates), 'gate')}; inputs {', '.join(inputs)}"


def _table(graph: Graph, numbers: Numbers | None) -> str:
    rows = [["node", "expression", *(["value", "gradient"] if numbers else []), "gate"]]
    for node in graph.nodes:
        gate = graph.gate.get(node)
        row = [node, gate.expression if gate else "(input)"]
        if numbers is not None:
            row += [numbers.text(numbers.values[node]), numbers.text(numbers.gradients[node])]
        rows.append([*row, rule(graph, gate) if gate else ""])
    widths = [max(len(r[k]) for r in rows) for k in range(len(rows[0]))]
    right = (2, 3) if numbers else ()
    lines = [
        "  ".join(c.rjust(w) if k in right else c.ljust(w) for k, (c, w) in enumerate(zip(r, widths, strict=True)))
        for r in rows
    ]
    lines.insert(1, "  ".join("-" * w for w in widths))
    return "\n".join(line.rstrip() for line in lines)


def backward_lines(graph: Graph, numbers: Numbers | None) -> Iterator[str]:
    """An equation for every gradient, from the output back: one product for each path, and the numbers in them."""
    out = graph.output
    yield f"  {TEXT.derivative(out, out)} = 1"
    for node in graph.backward_order:
        if node == out:
            continue
        paths = graph.paths(node)
        left = TEXT.derivative(out, node)
        if not paths:
            yield f"  {left} = 0  ({out} does not depend on {node})"
            continue
        sides = [left, " + ".join(TEXT.product(TEXT.derivative(out, e.target), e.local) for e in paths)]
        if numbers is not None:
            products = [(numbers.text(numbers.gradients[e.target]), numbers.text(numbers.local[e])) for e in paths]
            sides.append(" + ".join(f"{_signed(a)}*{_signed(b)}" for a, b in products))
            if len(paths) > 1:
                sides.append(TEXT.summed([numbers.text(numbers.contribution[e]) for e in paths]))
            sides.append(numbers.text(numbers.gradients[node]))
        yield f"  {' = '.join(sides)}" + (f"  ({len(paths)} paths add)" if len(paths) > 1 else "")


def _directions(graph: Graph, numbers: Numbers, toward: str) -> Iterator[str]:
    """Which inputs have to grow for the output to come nearer to a number: by the sign of each gradient."""
    out, wanted = graph.output, read_number(toward, "--toward")
    now = numbers.values[out]
    yield f"{out} is {numbers.text(now)} and should be {number_text(wanted, True)}"
    if now == wanted:
        yield "  nothing has to change"
        return
    for name, said, side in directions(graph, numbers, wanted):
        gradient = numbers.text(numbers.gradients[name])
        yield f"  {name} {said}: {TEXT.derivative(out, name)} = {gradient}" + (f" {side} 0" if side != "=" else "")


def directions(graph: Graph, numbers: Numbers, wanted: Fraction) -> Iterator[tuple[str, str, str]]:
    """Every input with what it has to do for the output to come nearer to a number, by the sign of its gradient."""
    rises = wanted > numbers.values[graph.output]
    for name in graph.inputs:
        gradient = numbers.gradients[name]
        if gradient == 0:
            yield name, "makes no difference", "="
        else:
            yield name, "has to grow" if (gradient > 0) == rises else "has to shrink", ">" if gradient > 0 else "<"


def _signed(text: str) -> str:
    return f"({text})" if text.startswith("-") or "/" in text else text


def _choice(graph: Graph, gate: Gate, numbers: Numbers | None) -> Iterator[str]:
    """What a gate that chooses does, in every case."""
    edges = graph.into(gate.name)
    ways = cases(e.local for e in edges)
    if not ways:
        return
    yield f"  {gate.name} = {gate.expression}"
    upstream = TEXT.derivative(graph.output, gate.name)
    for case in ways:
        routes = ", ".join(f"{e.source} receives {_received(TEXT.factor(case.of(e.local)), upstream)}" for e in edges)
        here = ""
        if numbers is not None:
            values = {Tensor(n).symbol: numbers.values[n] for n in gate.sources}
            here = "  <- here" if case.holds(values) else ""
        yield f"    where {TEXT.condition(case)}: {routes}{here}"


def _received(factor: str, upstream: str) -> str:
    return {"0": "0", "1": upstream}.get(factor, f"{upstream}*{factor}")


def _steps(graph: Graph, numbers: Numbers) -> Iterator[str]:
    out = graph.output
    before = number_text(numbers.values[out], True, _FINE)
    for s in numbers.steps:
        head = f"  {s.name} = {number_text(s.at, True)}: "
        if s.moved is None:
            yield f"{head}{out} has no value there"
            continue
        after, quotient = number_text(s.moved, True, _FINE), number_text(s.quotient, True)
        gradient = number_text(numbers.gradients[s.name], True)
        yield (
            f"{head}{out} = {after}, ({after} - {_signed(before)})/{number_text(STEP, True)} = {quotient}; "
            f"{TEXT.derivative(out, s.name)} = {gradient}"
        )
