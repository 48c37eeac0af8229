"""A network as a drawing sees it: columns of units, joined by weights, in the order of the forward map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Integer

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Axis, Index
from symbp.calculus.program import Statement, Tensor
from symbp.calculus.text import BATCH
from symbp.notes.blocks import Math
from symbp.notes.writer import Writer

MOST_UNITS, MOST_COLUMNS = 6, 6
"""Larger layers, and deeper networks, are drawn with dots."""


@dataclass(frozen=True)
class Dense:
    """A layer: its weights and biases (empty where it has none), the tensors before and after its activation, and what that is.

    `coupled` says that every output of the activation depends on all of the layer's units.
    """

    weight: str
    bias: str
    before: str
    after: str
    activation: str
    coupled: bool = False


@dataclass(frozen=True)
class Stack:
    """Dense layers one on the other, from the tensor `source`; `widths` are the units of each, the input's first."""

    source: str
    layers: tuple[Dense, ...]
    widths: tuple[int, ...]

    def tensor(self, column: int) -> str:
        """What the units of a column are the elements of."""
        return self.layers[column - 1].after if column else self.source


def stack_of(writer: Writer) -> Stack | None:
    """The stack of a derivation; None for a network that is none: one with other layers, or with more than one way through."""
    d = writer.derivation
    parameters = {p.tensor.name: p.tensor for p in d.map.parameters}
    given = {n.tensor.name for n in d.map.noise} | {s.tensor.name for s in d.map.state}
    source = current = "x"
    if not d.map.depth or "x" not in d.forward.tensors or d.map.training is None:
        return None
    layers: list[Dense] = []
    for s in d.forward:
        if not _axes(s.target):
            continue  # the loss and what is added to it
        its = [parameters[n] for n in s.reads if n in parameters]
        if set(s.reads) - set(parameters) - given != {current} or len(_axes(s.target)) != 1:
            return None
        if its:
            found = _dense(s, its, _axes(d.forward.tensors[current]))
            if found is None:
                return None
            layers.append(found)
        elif not layers:
            pass  # the input in other units
        elif layers[-1].after == layers[-1].before:
            coupled = not isinstance(s.body, Apply)
            old = layers[-1]
            layers[-1] = Dense(old.weight, old.bias, old.before, s.target.name, s.label, coupled)
        current = s.target.name
    if not layers:
        return None
    axes = [_axes(d.forward.tensors[n])[0] for n in (source, *(x.before for x in layers))]
    return Stack(source, tuple(layers), tuple(d.map.sizes[a] for a in axes))


def _axes(t: Tensor) -> list[Axis]:
    return [a for a in t.axes if a.name != BATCH]


def _dense(s: Statement, its: Sequence[Tensor], source: list[Axis]) -> Dense | None:
    """The layer of a statement that reads these parameters, where it is a weighted sum for each unit."""
    weights, biases = ([p for p in its if len(p.axes) == rank] for rank in (2, 1))
    if len(weights) != 1 or len(weights) + len(biases) != len(its) or len(biases) > 1:
        return None
    if {*weights[0].axes} != {*_axes(s.target), *source}:
        return None
    bias = biases[0].name if biases else ""
    return Dense(weights[0].name, bias, s.target.name, s.target.name, "")


def element(writer: Writer, name: str, *units: int) -> Math:
    """An element of a tensor, its own indices in their order, counted from 0."""
    t = writer.symbols.tensors[name]
    return writer.index(t[at(writer, t, *units)])


def at(writer: Writer, t: Tensor, *units: int) -> tuple[Expr, ...]:
    """The indices of an element: the units' numbers, and the letter of the example where the tensor has its axis."""
    left = iter(units)
    return tuple(Index(writer.notation.example, a) if a.name == BATCH else Integer(next(left)) for a in t.axes)


def shown(count: int, most: int = MOST_UNITS, last: int = 1) -> tuple[int | None, ...]:
    """The units, or the columns, that are drawn: the first three and the `last`, None for the dots between."""
    return tuple(range(count)) if count <= most else (*range(3), None, *range(count - last, count))
