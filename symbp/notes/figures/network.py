"""The network drawn: its units, its weights in the direction of the notation, and what passes along its edges going back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from symbp.drawing.marks import Drawing, Label, Mark, Style
from symbp.errors import InputError, nearest
from symbp.network.forward import ForwardMap
from symbp.notes.blocks import Figure, Inline, Math, joined
from symbp.notes.described import in_words
from symbp.notes.expand import expanded, placed
from symbp.notes.figures.plan import Edge, Key, Plan, columns_of, height_of, marks_of, styled, width_of
from symbp.notes.figures.stack import Stack, at, stack_of
from symbp.notes.figures.titles import titles
from symbp.notes.opening import named_in_title
from symbp.notes.writer import Writer

_LONGEST = 48  # letters: no longer name is said again below a picture


def network(writer: Writer, *, bias: bool = False) -> Figure | None:
    """The units and their weights; with `bias` the units that are always 1 too. None for a network that is no stack of layers."""
    stack = stack_of(writer)
    if stack is None:
        return None
    plan = Plan(writer, columns_of(writer, stack, loss=False), bias)
    drawing = Drawing((*marks_of(plan, plan.edges()), *titles(plan)))
    said: Inline = (_called(writer.derivation.map), *_direction(writer, stack, plan))
    return Figure(drawing, said, _told(plan, stack))


def _called(forward: ForwardMap) -> str:
    """What a caption calls a network: the name that its author gave it, or what it is in words."""
    words, name = in_words(forward), named_in_title(forward)
    if 0 < len(name) <= _LONGEST:
        return f"The network {name}. "
    return f"{words[0].upper()}{words[1:]}. " if words else "The network. "


def paths(writer: Writer, name: str = "", units: tuple[int, ...] = ()) -> Figure | None:
    """Every way from one unit to the loss; None for a network without a hidden layer, or that is no stack of layers.

    Parameters
    ----------
    name : what it is an element of, ``a1``; where it is empty, the last hidden activation whose units have more than one path
    units : the number of the unit, counted from 1; the first one where empty

    Raises
    ------
    InputError : for a unit that the network has not, or that is not drawn
    """
    stack = stack_of(writer)
    if stack is None or len(stack.layers) < 2:
        return None
    plan = Plan(writer, columns_of(writer, stack, loss=True))
    columns = {c.tensor: k for k, c in enumerate(plan.columns[:-1])}
    chosen = name or _first_with_paths(plan, columns[stack.layers[-2].after])
    if chosen not in columns:
        raise InputError(
            f"there are no units {chosen[:40]}", allowed=", ".join(columns), nearest=nearest(chosen, columns)
        )
    start = (columns[chosen], (units or (1,))[0] - 1)
    if start not in plan.places or len(units) > 1:
        count = plan.columns[columns[chosen]].count
        raise InputError(
            f"{chosen} has no unit of that number that is drawn", allowed=f"{chosen}[1] to {chosen}[{count}]"
        )
    reached, edges = _onwards(plan, [start], _quiet(plan.edges()))
    count = _paths(plan, start[0])
    letter, loss = plan.letter(start), plan.letter((len(plan.columns) - 1, 0))
    ways = "The only path" if count == 1 else f"The {count} paths" if count <= 100 else "The paths"
    tail = "." if count == 1 else "; what they contribute is added."
    said: Inline = (f"{ways} from ", letter, " to ", loss, tail)
    drawing = Drawing(tuple(marks_of(plan, edges, _nodes(plan, reached))))
    sums = "" if count == 1 else " Their contributions are added at the unit where they meet again."
    told = f"{ways} from {letter.text} to the loss {loss.text}, drawn strongly: {_route(plan, reached)}.{sums}"
    return Figure(drawing, said, told)


def _paths(plan: Plan, column: int) -> int:
    """How many paths lead from a unit of a column to the loss."""
    return math.prod(c.count for c in plan.columns[column + 1 :])


def _first_with_paths(plan: Plan, hidden: int) -> str:
    """The column of units that have more than one path to the loss, from the last hidden one back; that one where none has."""
    found = next((k for k in range(hidden, -1, -1) if _paths(plan, k) > 1 and k in plan.x), hidden)
    return plan.columns[found].tensor


def weight(writer: Writer, name: str = "", units: tuple[int, ...] = ()) -> Figure | None:
    """The path of one weight: where it comes from, and every way from it to the loss.

    Parameters
    ----------
    name : a weight matrix of the network, ``W1``; the first one where it is empty
    units : the row and the column of the weight as the notation displays them, counted from 1; the first one where empty

    Raises
    ------
    InputError : for a weight that the network has not, or that is not drawn
    """
    stack = stack_of(writer)
    if stack is None:
        return None
    plan = Plan(writer, columns_of(writer, stack, loss=True))
    weights = {c.layer.weight: k for k, c in enumerate(plan.columns) if c.layer is not None}
    chosen = name or next(iter(weights))
    if chosen not in weights:
        raise InputError(
            f"there is no weight matrix {chosen[:40]}", allowed=", ".join(weights), nearest=nearest(chosen, weights)
        )
    column = weights[chosen]
    t = writer.symbols.tensors[chosen]
    places = writer.symbols.orient(t)
    shape = [plan.writer.derivation.map.sizes[t.axes[p or 0]] for p in places]
    its = units or (1, 1)
    if len(its) != 2 or not all(1 <= u <= n for u, n in zip(its, shape, strict=True)):
        raise InputError(f"{chosen} has no element {', '.join(map(str, its))}", allowed=f"1,1 to {shape[0]},{shape[1]}")
    own = tuple(its[places.index(axis)] - 1 for axis in (0, 1))
    target_first = t.axes[0] == writer.symbols.tensors[plan.columns[column].layer.before].axes[-1]  # type: ignore[union-attr]
    target, source = own if target_first else own[::-1]
    first, last = (column - 1, source), (column, target)
    if first not in plan.places or last not in plan.places:
        raise InputError(
            f"{chosen} {its[0]},{its[1]} is among the units that are drawn as dots", allowed=f"{chosen} 1,1"
        )
    letter, loss = plan.weight(column, source, target), plan.letter((len(plan.columns) - 1, 0))
    quiet = [
        replace(e, style="forward", label=letter, arrow=True) if (e.source, e.target) == (first, last) else e
        for e in _quiet(plan.edges())
    ]
    reached, edges = _onwards(plan, [last], quiet)
    drawing = Drawing(tuple(marks_of(plan, edges, _nodes(plan, reached | {first}))))
    said: Inline = ("How ", letter, " reaches ", loss, ": through ", plan.letter(last), " and every path from there.")
    told = f"The weight {letter.text} from {plan.letter(first).text} to {plan.letter(last).text}, and {_route(plan, reached)}."
    return Figure(drawing, said, told)


def errors(writer: Writer) -> Figure | None:
    """The network on the way back: the error of every unit at it, and on the edges what gives each weight its gradient."""
    stack = stack_of(writer)
    if stack is None:
        return None
    plain = Plan(writer, columns_of(writer, stack, loss=False))
    products = [_product(writer, plain, e) for e in plain.edges() if e.label is not None]
    plan = Plan(
        writer,
        plain.columns,
        widest=max(map(width_of, products), default=0.0),
        highest=max(map(height_of, products), default=0.0),
        spread=1.5 if writer.notation.numbered_from is None else 1.9,
    )
    if not plan.fits:
        return None
    d = writer.derivation
    marks: list[Mark] = []
    for k in plan.x:
        layer = plan.columns[k].layer
        adjoint = d.backward.adjoint.get(layer.before) if layer is not None else None
        for u in plan.units(k):
            if adjoint is not None and u is not None:
                t = writer.symbols.tensors[adjoint]
                m = writer.index(t[at(writer, t, u)])
                x, y = plan.places[k, u]
                marks.append(Label((x, y + plan.radius(k)), m.latex, m.text, "above", "backward", clear=True))
    edges = [
        Edge(e.target, e.source, _product(writer, plan, e) if e.label is not None else None, "backward", arrow=True)
        for e in plan.edges()
    ]
    low = [m for m in titles(plan) if isinstance(m, Label) and m.side == "below"]
    drawing = Drawing(tuple(marks_of(plan, edges, extra=[*marks, *low])))
    said: Inline = (
        "Backward: above each unit its local error; on each edge the gradient of its weight, local error times local input.",
    )
    names = ", ".join(m.text for m in marks if isinstance(m, Label))
    told = (
        f"The network with arrows from the outputs back to the inputs; the errors {names} stand at the units. "
        "The gradient of a weight is the local error of the unit that it leads to times the local input from the other."
    )
    return Figure(drawing, said, told)


def _product(writer: Writer, plan: Plan, e: Edge) -> Math:
    """The gradient of the weight of an edge, as it was derived."""
    d = writer.derivation
    (column, target), (_, source) = e.target, e.source
    layer = plan.columns[column].layer
    assert layer is not None
    s = d.program.definitions[d.backward.adjoint[layer.weight]]
    to = writer.symbols.tensors[layer.before].axes[-1]
    units = at(writer, s.target, *((target, source) if s.target.axes[0] == to else (source, target)))
    return writer.index(placed(expanded(writer.put_in(s.body), d.map.sizes), s.indices, units, d.map.sizes))


def _quiet(edges: Iterable[Edge]) -> list[Edge]:
    return styled([replace(e, label=None) for e in edges], "light")


def _onwards(plan: Plan, start: list[Key], edges: list[Edge]) -> tuple[set[Key], list[Edge]]:
    """The units that are reached from some, and the edges, those on a way drawn strongly and with their weights."""
    reached = {*start}
    found: list[Edge] = []
    beyond = next((k for k in plan.x if k - 1 not in plan.x and k > start[0][0]), None)
    if beyond is not None:  # what is left out between joins everything
        reached |= {key for key in plan.places if key[0] == beyond}
    for e in sorted(edges, key=lambda e: e.source[0]):
        if e.source in reached and e.style == "light":
            reached.add(e.target)
            column = plan.columns[e.target[0]]
            few = sum(u is not None for u in plan.units(e.target[0])) <= 4 and e.target[0] in plan.labelled
            first = e.source[0] == start[0][0]
            lettered = column.layer is not None and (first or few)
            letter = plan.weight(e.target[0], e.source[1], e.target[1]) if lettered else None
            found.append(replace(e, style="forward", label=letter, arrow=True))
        else:
            found.append(e)
    return reached, found


def _nodes(plan: Plan, reached: set[Key]) -> dict[Key, Style]:
    return {key: "strong" if key in reached else "light" for key in plan.places}


def _route(plan: Plan, reached: set[Key]) -> str:
    """The units on the way in words, column by column."""
    parts = []
    for k in plan.x:
        names = [plan.letter((k, u)).text for u in plan.units(k) if u is not None and (k, u) in reached]
        parts += [" and ".join(names)] if names else []
    return ", then ".join(parts)


def _direction(writer: Writer, stack: Stack, plan: Plan) -> Inline:
    """Which way a weight leads, in the letters of the notation."""
    if plan.number((0, 0)) is not None:
        source, target = plan.number((0, 0)), plan.number((1, 0))
        own, other = plan.weight(1, 0, 0), plan.element(1, 0, 0)
        leads = f" leads from unit {source} to unit {target}."
        same: Inline = () if own == other else (", which is ", other, ",")
        return ("Units are numbered through the network: ", own, *same, leads)
    if set(stack.widths) == {1}:  # a chain has no indices
        return (plan.weight(1, 0, 0), " leads from ", plan.letter((0, 0)), " to ", plan.letter((1, 0)), ".")
    n = writer.notation
    t = writer.symbols.tensors[stack.layers[0].weight]
    s = writer.derivation.forward.definitions[stack.layers[0].before]
    to = s.target.axes[-1]
    axes = t.axes if t.axes[0] == to else t.axes[::-1]
    if axes[0] in writer.symbols.preferred and axes[1] in writer.symbols.preferred:
        letters = [writer.symbols.preferred[a] for a in axes]
    else:
        letters = [*n.units]
    example = writer.whole(t.name) if n.patterned.get(t.name) else None
    if example is None:
        below = (letters[1] + letters[0]) if n.from_to else "".join(letters)
        element = writer.symbols.letter(t.name)
        example = Math(element.written(element.element, below), f"{writer.text_name(t.name)}[{', '.join(below)}]")
    to_, from_ = (Math(c, c) for c in letters)
    pair = [(" to unit ", to_), (" from unit ", from_)]
    return (example, " leads", *joined([p for p in (reversed(pair) if n.from_to else pair)], between="", last=""), ".")


def _told(plan: Plan, stack: Stack) -> str:
    """The network in words."""
    its = [(width, layer.activation or "linear") for layer, width in zip(stack.layers, stack.widths[1:], strict=True)]
    groups = [(len([*same]), *each) for each, same in groupby(its)]
    named = [f"{'' if n == 1 else f'{n} times '}{_counted(w, 'unit')} ({a.replace('_', ' ')})" for n, w, a in groups]
    layers = [_counted(stack.widths[0], "input"), *named]
    biased = any(x.bias for x in stack.layers)
    leads = [
        f"{plan.weight(k, 0, 0).text} leads from {plan.letter((k - 1, 0)).text} to {plan.letter((k, 0)).text}"
        for k in plan.x
        if k and k - 1 in plan.x
    ]
    ones = f" Each unit has a bias{', the weight of a unit that is always 1' if plan.bias else ''}." if biased else ""
    joined_ = "Every unit is joined to every unit of the next layer"
    return f"Layers from left to right: {', '.join(layers)}. {joined_}; {'; '.join(leads)}.{ones}"


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
