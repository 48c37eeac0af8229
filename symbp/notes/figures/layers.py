"""A network of layers drawn as boxes from top to bottom: joins, ways around, and what repeats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from symbp.drawing.boxes import POINT
from symbp.drawing.marks import Drawing, Label, Line, Mark, Point, words
from symbp.drawing.styles import FONT
from symbp.drawing.typeset import words_width
from symbp.notes.blocks import Figure, Inline
from symbp.notes.figures.diagram import Diagram, Node, diagram_of
from symbp.notes.writer import Writer

_HIGH, _ROW = 0.56, 1.12  # the height of a box; from one row to the next
_AIR, _LANE, _APART = 0.3, 0.42, 0.8  # beside a text in its box; between ways around; between columns


def layers(writer: Writer) -> Figure | None:
    """The layers of a network and what each reads; None for a map that has none."""
    diagram = diagram_of(writer.derivation.map)
    if diagram is None:
        return None
    plan = _Plan(diagram)
    drawing = Drawing((*plan.frame(), *plan.wires(), *plan.boxes()))
    said: Inline = ("The layers of the network, and beside the arrows the shape of what one example is there.",)
    return Figure(drawing, said, _told(diagram))


@dataclass(frozen=True)
class _Plan:
    """Where the boxes of a diagram stand: a row each behind what it reads, the longest way in the first column."""

    diagram: Diagram

    @cached_property
    def rows(self) -> list[int]:
        """The row of every box; one that reads nothing stands right above the first that reads it."""
        nodes = self.diagram.nodes
        found: list[int] = []
        for n in nodes:
            found.append(1 + max((found[r] for r in n.reads), default=-1))
        for k, n in enumerate(nodes):
            if not n.reads:
                found[k] = min((found[j] for j, other in enumerate(nodes) if k in other.reads), default=1) - 1
        return found

    @cached_property
    def columns(self) -> list[int]:
        """The column of every box."""
        nodes, rows = self.diagram.nodes, self.rows
        main, at = set[int](), max(range(len(nodes)), key=lambda k: rows[k])
        while True:
            main.add(at)
            if not nodes[at].reads:
                break
            at = max(nodes[at].reads, key=lambda r: (rows[r], -r))
        taken = {(rows[k], 0) for k in main}
        found = [0] * len(nodes)
        for k, n in enumerate(nodes):
            if k in main:
                continue
            reader = min((j for j, other in enumerate(nodes) if k in other.reads), key=lambda j: rows[j], default=k)
            aside = reader in main  # the arrow into it goes beside it
            span = range(rows[k], max(rows[reader] + aside, rows[k] + 1))
            near = max((found[r] for r in n.reads), default=0)
            free = (c for c in (near, *range(1, len(nodes) + 1)) if c and not any((row, c) in taken for row in span))
            found[k] = next(free)
            taken |= {(row, found[k]) for row in span}
        return found

    @cached_property
    def half(self) -> list[float]:
        """Half the width of every box."""
        return [FONT * POINT * words_width(n.text) / 2 + (0.08 if n.bare else _AIR) for n in self.diagram.nodes]

    @cached_property
    def x(self) -> list[float]:
        """The middle of every column."""
        widest = [
            max([1.0, *(h for h, c in zip(self.half, self.columns, strict=True) if c == k)])
            for k in range(max(self.columns) + 1)
        ]
        found = [0.0]
        for left, right in pairwise(widest):
            found.append(found[-1] + left + _APART + right)
        return found

    def at(self, k: int) -> Point:
        """The middle of a box."""
        return self.x[self.columns[k]], -_ROW * self.rows[k]

    def boxes(self) -> Iterable[Mark]:
        """The boxes with their texts, and the shapes below them."""
        for k, n in enumerate(self.diagram.nodes):
            (x, y), w, h = self.at(k), self.half[k], _HIGH / 2
            if not n.bare:
                yield Line(((x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h), (x - w, y - h)))
            yield words(n.text, (x, y))
            if n.shape:
                text = " × ".join(map(str, n.shape))
                yield words(text, (x + 0.06, y - _ROW / 2 + 0.03), "right", "light", small=True)

    def wires(self) -> Iterable[Mark]:
        """An arrow for everything that is read: straight down, or around what stands between."""
        for k, n in enumerate(self.diagram.nodes):
            for r in dict.fromkeys(n.reads):
                yield Line(self._way(r, k), arrow=True, smooth=True)
                if n.reads.count(r) > 1:
                    x, y = self.at(k)
                    yield words(f"{n.reads.count(r)} times", (x - 0.06, y + _ROW / 2), "left", "light", small=True)

    def _way(self, source: int, target: int) -> tuple[Point, ...]:
        (x, y), (to, down), h = self.at(source), self.at(target), _HIGH / 2
        if x != to:
            if to < x:  # down beside what it passes, and in
                return (x, y - h), (x, down), (to + self.half[target], down)
            columns = range(self.columns[source] + 1, self.columns[target] + 1)
            if any(row == self.rows[source] and c in columns for row, c in zip(self.rows, self.columns, strict=True)):
                gap, aside = y - h - 0.12, to - self.half[target] / 2  # above the shape
                return (x, y - h), (x, gap), (aside, gap), (aside, down + h)
            return (x + self.half[source], y), (to, y), (to, down + h)
        if self.rows[target] == self.rows[source] + 1:
            return (x, y - h), (to, down + h)
        lane = x - self._beside(source, target)
        return (x - self.half[source], y), (lane, y), (lane, down), (to - self.half[target], down)

    def _beside(self, source: int, target: int) -> float:
        """How far from the middle of its column a way around runs: beside all boxes that it passes, and the ways inside of it."""
        rows, column = self.rows, self.columns[source]
        inside = range(rows[source], rows[target] + 1)
        passed = [h for h, row, c in zip(self.half, rows, self.columns, strict=True) if row in inside and c == column]
        within = sum(
            (rows[r], rows[k]) != (rows[source], rows[target])
            and self.columns[r] == self.columns[k] == column
            and rows[r] + 1 < rows[k]
            and rows[source] <= rows[r]
            and rows[k] <= rows[target]
            for k, n in enumerate(self.diagram.nodes)
            for r in dict.fromkeys(n.reads)
        )
        return max(passed) + _LANE * (1 + within)

    def frame(self) -> Iterable[Mark]:
        """What repeats in a frame, with how often."""
        if self.diagram.repeated is None:
            return
        first, last, times = self.diagram.repeated
        its = range(first, last + 1)
        around = [
            self.at(r)[0] - self._beside(r, k)
            for k in its
            for r in self.diagram.nodes[k].reads
            if self.columns[r] == self.columns[k] and self.rows[r] + 1 < self.rows[k]
        ]
        left = min([*around, *(self.at(k)[0] - self.half[k] for k in its)]) - 0.3
        right = max(self.at(k)[0] + self.half[k] for k in its) + 0.3
        top = -_ROW * min(self.rows[k] for k in its) + _HIGH / 2 + 0.2
        bottom = -_ROW * max(self.rows[k] for k in its) - _HIGH / 2 - 0.16
        yield Line(((left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)), "dashed")
        yield Label((right, (top + bottom) / 2), rf"{times} \times", f"{times} times", "right")


def _told(diagram: Diagram) -> str:
    """The diagram in words."""

    def name(k: int) -> str:
        n = diagram.nodes[k]
        return n.text if n.bare else f"box {k + 1} ({n.text})"

    def read(n: Node) -> str:
        return " and ".join(name(r) for r in n.reads)

    boxes = [f"{name(k)} reads {read(n)}" for k, n in enumerate(diagram.nodes) if n.reads]
    again = ""
    if diagram.repeated is not None:
        first, last, times = diagram.repeated
        again = f" Boxes {first + 1} to {last + 1} stand there {times} times, one after the other."
    return f"Boxes from top to bottom, joined by arrows: {'; '.join(boxes)}.{again}"
