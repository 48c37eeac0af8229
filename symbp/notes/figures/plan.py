"""Where the units of a stack stand in a picture, and the marks of units and of what joins them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from symbp.drawing.boxes import size_of
from symbp.drawing.marks import Circle, Label, Line, Mark, Point, Style, words
from symbp.notes.blocks import Math
from symbp.notes.figures.stack import MOST_COLUMNS, Dense, Stack, element, shown
from symbp.notes.writer import Writer

BIAS = -1
"""The unit of a column that is always 1."""

RADIUS = 0.42
_ROUNDEST = 0.56  # what is wider is no circle, so that a word does not take the room of three letters above it
_INSIDE = 0.14  # from the letters of a unit to its border
_WIDEST = 14.2  # of all columns, in centimetres
_NARROW, _WIDE = 1.7, 2.3  # between columns whose edges have no labels
_AIR = 0.32  # between a unit and the nearest label on an edge
_LABEL = 0.68  # from a label to the next one below it
_BETWEEN = 0.1  # labels that are higher
_HIGHEST = 2.8  # units are not farther apart for the sake of labels
_ROWS: Mapping[int, float] = {1: 1.5, 2: 1.6, 3: 1.5, 4: 1.3}
_ROW = 1.1  # between the units of a column of more
_MOST_LABELS = (
    6  # edges between two columns that all have labels, those of biases beside: more are a wall that hides them
)

Key = tuple[int, int]
"""A column and a unit of it."""


@dataclass(frozen=True)
class Column:
    """Units below one another: elements of a tensor; `layer` has the weights that lead here from the column before."""

    tensor: str
    count: int
    layer: Dense | None
    named: str


@dataclass(frozen=True)
class Edge:
    """What joins two units."""

    source: Key
    target: Key
    label: Math | None = None
    style: Style = "plain"
    arrow: bool = False


def columns_of(writer: Writer, stack: Stack, *, loss: bool) -> tuple[Column, ...]:
    """The columns of a stack; with `loss` that of the loss too, and one for each activation that couples its units."""
    found = [Column(stack.source, stack.widths[0], None, "input")]
    for layer, width in zip(stack.layers, stack.widths[1:], strict=True):
        if loss and layer.coupled:
            found += [Column(layer.before, width, layer, ""), Column(layer.after, width, None, layer.activation)]
        else:
            found.append(Column(layer.after, width, layer, layer.activation))
    return (*found, Column(writer.derivation.backward.loss, 1, None, "loss")) if loss else tuple(found)


@dataclass(frozen=True)
class Plan:
    """The columns that are drawn, and where: units by column and unit, dots for those that are left out."""

    writer: Writer
    columns: tuple[Column, ...]
    bias: bool = False
    widest: float = 0.0
    """The width of the widest label on an edge, where it is wider than the weights' letters."""
    highest: float = 0.0
    """The height of the highest label on an edge, where it is higher than the weights' letters."""
    spread: float = 0.0
    """How far units of a column are apart at least: what stands between them needs it."""

    @cached_property
    def drawn(self) -> tuple[int | None, ...]:
        """The columns that are drawn, None for dots."""
        return shown(len(self.columns), MOST_COLUMNS, 3)

    def units(self, column: int) -> tuple[int | None, ...]:
        """The units that are drawn of a column, that of the bias first, None for dots."""
        its = shown(self.columns[column].count)
        return (BIAS, *its) if self.biased(column) else its

    def biased(self, column: int) -> bool:
        """Whether a unit that is always 1 is drawn in a column."""
        following = self.columns[column + 1].layer if column + 1 < len(self.columns) else None
        return self.bias and following is not None and bool(following.bias)

    @cached_property
    def labelled(self) -> frozenset[int]:
        """The columns to which all edges have labels, as far as there is room."""
        found = set()
        for k, column in enumerate(self.columns):
            if k and column.layer is not None:
                pairs = sum(u != BIAS for u in self.units(k - 1)) * self.targets(k)
                whole = None not in (*self.units(k - 1), *self.units(k))
                if whole and pairs <= _MOST_LABELS and self._rows_for(k) <= _HIGHEST:
                    found.add(k)
        room = sum(self._gap(k, k in found) for k in self.drawn[1:])
        return frozenset(found) if len(self.columns) <= MOST_COLUMNS and room <= _WIDEST else frozenset()

    def targets(self, column: int) -> int:
        """How many units of a column have edges that lead to them."""
        return sum(u != BIAS for u in self.units(column))

    def along(self, column: int) -> float:
        """How far along the edges to a column their labels stand: where all of them have one, so that the labels are one below
        the other, each as far from the next; else half way, on the outer edges, which no other crosses."""
        if column not in self.labelled:
            return 0.5
        sources, targets = len(self.units(column - 1)), self.targets(column)
        return 1 / (targets + 1) if targets <= sources else sources / (sources + 1)  # by the column that has more units

    def _fewer(self, column: int) -> int:
        """How many units the smaller one of a column and the one before it has, that of the bias counted before."""
        return min(len(self.units(column - 1)), self.targets(column))

    def _rows_for(self, column: int) -> float:
        """How far units are apart so that the labels on all edges to a column stand clear of each other."""
        return max(_LABEL, self.highest + _BETWEEN) * (self._fewer(column) + 1)

    @cached_property
    def gaps(self) -> Sequence[float]:
        """What the columns ask for between them."""
        return [self._gap(k, k in self.labelled) for k in self.drawn[1:]]

    @property
    def fits(self) -> bool:
        """Whether the columns have what they ask for, so that labels on edges stand clear of each other."""
        return sum(self.gaps) <= _WIDEST

    @cached_property
    def x(self) -> Mapping[int, float]:
        """The place of every column that is drawn."""
        gaps, total = self.gaps, sum(self.gaps)
        squeeze = min(1.0, _WIDEST / total) if total else 1.0
        found: dict[int, float] = {}
        x = 0.0
        for k, gap in zip(self.drawn, [0.0, *gaps], strict=True):
            x += gap * squeeze
            if k is not None:
                found[k] = x
        return found

    def _gap(self, column: int | None, labelled: bool) -> float:
        """From the column before, or from the dots, to a column."""
        if column is None or column - 1 not in self.drawn:
            return 1.0
        layer = self.columns[column].layer
        if layer is None:
            return _NARROW + self.apart(column) + self.apart(column - 1)
        ends = (
            [u for u in self.units(column - 1) if u is not None],
            [u for u in self.units(column) if u not in (None, BIAS)],
        )
        outer = [
            self.weight(column, s, t)
            for s in (ends[0][0], ends[0][-1])
            for t in (ends[1][0], ends[1][-1])
            if t is not None
        ]
        wide = max([self.widest, *map(width_of, outer)])
        beside = wide / 2 + max(self.reach(column), self.reach(column - 1)) + _AIR
        return max(_WIDE, beside * (self._fewer(column) + 1 if labelled else 2))

    @cached_property
    def row(self) -> float:
        """The distance of units in a column."""
        labels = [self._rows_for(k) for k in self.labelled]
        high = 2 * max(self.radius(k) for k in self.x)  # of units whose letters are words
        return max(
            [
                high + 0.2,
                self.spread + high - 2 * RADIUS,
                _ROWS.get(max(len(self.units(k)) for k in self.x), _ROW),
                *labels,
            ]
        )

    @cached_property
    def places(self) -> Mapping[Key, Point]:
        """The centre of every unit that is drawn."""
        found: dict[Key, Point] = {}
        for k, x in self.x.items():
            its = self.units(k)
            middle = (len(its) - 1) / 2
            found |= {(k, u): (x, (middle - r) * self.row) for r, u in enumerate(its) if u is not None}
        return found

    @cached_property
    def dots(self) -> tuple[Mark, ...]:
        """The dots for units and for columns that are left out."""
        marks: list[Mark] = []
        for k, x in self.x.items():
            its = self.units(k)
            if None in its:
                y = ((len(its) - 1) / 2 - its.index(None)) * self.row
                marks.append(Label((x, y), r"\vdots", "..."))
        if None in self.drawn:
            k = self.drawn.index(None)
            before, after = self.x[k - 1], self.x[self.drawn[k + 1] or 0]
            marks.append(Label(((before + after) / 2, 0.0), r"\cdots", "..."))
        return tuple(marks)

    @cached_property
    def bottom(self) -> float:
        """The height of the lowest unit."""
        return min(y for _, y in self.places.values())

    @cached_property
    def top(self) -> float:
        """The height of the highest unit."""
        return max(y for _, y in self.places.values())

    def radius(self, column: int) -> float:
        """The radius of a column's units: their letters stand inside, words between two halves that are apart."""
        return RADIUS if self.apart(column) else max(RADIUS, self.reach(column))

    def apart(self, column: int) -> float:
        """How far the halves of a column's units are from their centres."""
        reach = self.reach(column)
        return reach - RADIUS if reach > _ROUNDEST else 0.0

    def reach(self, column: int) -> float:
        """How far a column's units reach to either side."""
        wide = max(width_of(self.letter((column, u))) for u in self.units(column) if u is not None)
        return max(RADIUS, wide / 2 + _INSIDE)

    def letter(self, key: Key) -> Math:
        """The letter of a unit."""
        column, unit = key
        if unit == BIAS:
            return Math("1", "1")
        its = self.columns[column]
        units = () if not self.writer.symbols.tensors[its.tensor].axes else (unit,)
        return element(self.writer, its.tensor, *units)

    def edges_to(self, column: int) -> list[Edge]:
        """What leads to a column from the one before it, weights with their letters where there is room for them."""
        if column - 1 not in self.drawn or column not in self.drawn:
            return []
        layer = self.columns[column].layer
        pairs = [(s, t) for s in self.units(column - 1) for t in self.units(column)]
        joined = [(s, t) for s, t in pairs if s is not None and t is not None and t != BIAS]
        if layer is None:
            return [Edge((column - 1, s), (column, t)) for s, t in joined if s != BIAS]
        outer = () if column in self.labelled or len(joined) < 2 else (joined[0], joined[-1])
        lettered = joined if column in self.labelled else outer
        return [
            Edge((column - 1, s), (column, t), self.weight(column, s, t) if (s, t) in lettered else None)
            for s, t in joined
        ]

    def weight(self, column: int, source: int, target: int) -> Math:
        """The letter of the weight, or of the bias, that leads to a unit of a column from one of the column before."""
        layer, n = self.columns[column].layer, self.writer.notation
        assert layer is not None
        if source == BIAS:
            return element(self.writer, layer.bias, target)
        first = self.number((column - 1, source))
        second = self.number((column, target))
        if first is not None and second is not None and n.has("W"):
            letter = n.printed["W"].element
            below = rf"{first} \leadsto {second}" if n.from_to else f"{second}, {first}"
            return Math(
                f"{letter}_{{{below}}}", f"{letter}_{below.replace(chr(92) + 'leadsto', '~>')}".replace(" ", "")
            )
        return self.element(column, source, target)

    def element(self, column: int, source: int, target: int) -> Math:
        """The same weight as the element of its matrix."""
        layer = self.columns[column].layer
        assert layer is not None
        t = self.writer.symbols.tensors[layer.weight]
        to = self.writer.symbols.tensors[layer.before].axes[-1]
        return element(self.writer, layer.weight, *((target, source) if t.axes[0] == to else (source, target)))

    def number(self, key: Key) -> int | None:
        """The number of a unit, where the notation numbers them through the network."""
        first = self.writer.notation.numbered_from
        column, unit = key
        if first is None or unit == BIAS or not self.writer.symbols.tensors[self.columns[column].tensor].axes:
            return None
        return first + sum(c.count for c in self.columns[:column]) + unit

    def edges(self) -> list[Edge]:
        """Everything that joins units."""
        return [e for k in self.drawn if k for e in self.edges_to(k)]


def marks_of(
    plan: Plan, edges: Sequence[Edge], nodes: Mapping[Key, Style] | None = None, extra: Sequence[Mark] = ()
) -> list[Mark]:
    """Edges, labels on them, then units in their `nodes` styles, and what else there is."""
    styles = nodes or {}
    shapes = {k: Circle((0.0, 0.0), plan.radius(k), apart=plan.apart(k)) for k in plan.x}
    order = {"light": 0, "plain": 1, "dashed": 1}
    marks: list[Mark] = [
        Line(_wire(plan, e, shapes), e.style, arrow=e.arrow) for e in sorted(edges, key=lambda e: order.get(e.style, 2))
    ]
    for e in edges:
        if e.label is not None:
            left, right = sorted((e.source, e.target))
            (x0, y0), (x1, y1) = plan.places[left], plan.places[right]
            t = plan.along(right[0])
            style: Style = e.style if e.style in ("forward", "backward") else "plain"
            at = (x0 + t * (x1 - x0), y0 + t * (y1 - y0))
            marks.append(Label(at, e.label.latex, e.label.text, style=style, clear=True))
    for key, (x, y) in plan.places.items():
        letter, style = plan.letter(key), styles.get(key, "plain")
        shape = shapes[key[0]]
        marks.append(replace(shape, centre=(x, y), style=style))
        marks.append(Label((x, y), letter.latex, letter.text, style="light" if style == "light" else "plain"))
        number = plan.number(key)
        if number is not None:
            marks.append(words(str(number), (x, y - shape.radius + 0.04), "below", "light", small=True))
    return [*marks, *plan.dots, *extra]


def _wire(plan: Plan, e: Edge, shapes: Mapping[int, Circle]) -> tuple[Point, Point]:
    """From border to border, where a tip is with a little air."""
    (x0, y0), (x1, y1) = plan.places[e.source], plan.places[e.target]
    length = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    a = shapes[e.source[0]].border(ux, uy)
    b = shapes[e.target[0]].border(ux, uy) + (0.05 if e.arrow else 0.0)
    return (x0 + a * ux, y0 + a * uy), (x1 - b * ux, y1 - b * uy)


def width_of(m: Math | None) -> float:
    """The width of a formula in a picture, in centimetres."""
    return 0.0 if m is None else size_of(Label((0.0, 0.0), m.latex, m.text))[0]


def height_of(m: Math) -> float:
    """Its height."""
    return size_of(Label((0.0, 0.0), m.latex, m.text))[1] * (1.6 if r"\frac" in m.latex else 1.0)


def styled(edges: Sequence[Edge], style: Style) -> list[Edge]:
    """Edges in another style."""
    return [replace(e, style=style) for e in edges]
