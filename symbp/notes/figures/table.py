"""The figures that a derivation alone gives, by name, and where they stand on a page."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from symbp.drawing.boxes import corners
from symbp.errors import InputError, shown, unknown
from symbp.network.derivation import Derivation
from symbp.notation import DEFAULT
from symbp.notes.blocks import Block, Figure
from symbp.notes.figures.activations import activations, bound
from symbp.notes.figures.layers import layers
from symbp.notes.figures.network import errors, network, paths, weight
from symbp.notes.fits import check_fits, fitting
from symbp.notes.sections import Further
from symbp.notes.writer import Writer

_TALLEST = {"summary": 4.6}
"""The height of figures, in centimetres, on the pages that are short for a purpose."""


_STACKS = "dense layers one after the other, with activations between them"


@dataclass(frozen=True)
class Asked:
    """What somebody asks of a figure: an element, as ``W1[2,1]`` or ``a1[2]`` with the network's names, counted from 1 in the
    order in which the notation displays it; and whether the units that are always 1 are drawn."""

    of: str = ""
    bias: bool = False

    @property
    def element(self) -> tuple[str, tuple[int, ...]]:
        """The name and the indices; both empty where nothing is asked.

        Raises
        ------
        InputError : for what is no element
        """
        if not self.of:
            return "", ()
        found = re.fullmatch(r"([A-Za-z]\w*)(?:\[(\d{1,6}(?:\s*,\s*\d{1,6})?)\])?", self.of.strip(), re.ASCII)
        if found is None:
            raise InputError(f"{shown(self.of)} is no element", allowed="W1[2,1], or a1[2]")
        return found[1], tuple(int(k) for k in (found[2] or "").split(",") if k)


@dataclass(frozen=True)
class Kind:
    """A figure: how it is drawn (None where a derivation gives no such figure), what it shows, and its place.

    `behind` are the names of the sections that it may close, and `details` the pages that have it; a figure without them stands
    on no page by itself.
    """

    draw: Callable[[Writer, Asked], Figure | None]
    says: str
    behind: tuple[str, ...] = ()
    details: tuple[str, ...] = ()


FIGURES: Mapping[str, Kind] = {
    "network": Kind(
        lambda w, asked: network(w, bias=asked.bias) or (None if asked.bias else layers(w)),
        "the units and their weights (--bias: and the units that are always 1); the layers as boxes where it is no stack",
        ("network",),
        ("summary", "steps", "elements"),
    ),
    "layers": Kind(lambda w, _: layers(w), "the layers as boxes, and what each reads"),
    "activations": Kind(
        lambda w, _: activations(w), "g and g' of the activations", ("activations",), ("steps", "elements")
    ),
    "paths": Kind(
        lambda w, asked: paths(w, *asked.element),
        "every path from one unit to the loss (--of a1[2])",
        ("back", "paths"),
        ("steps", "elements"),
    ),
    "weight": Kind(lambda w, asked: weight(w, *asked.element), "how one weight reaches the loss (--of W1[2,1])"),
    "errors": Kind(lambda w, _: errors(w), "the local error of each unit, and the gradient of each weight",
                   ("backward",), ("elements",)),
    "bound": Kind(
        lambda w, _: bound(w), "what the activations leave of a gradient at most, by depth", ("vanishing",),
        ("steps",),
    ),
}  # fmt: skip
"""The figures by name."""


def figure(writer: Writer, name: str, asked: Asked | None = None) -> Figure | None:
    """A figure by its name, None where the derivation gives none such; KeyError for a name that there is none of."""
    return FIGURES[name].draw(writer, asked or Asked())


def drawn(derivation: Derivation, name: str, asked: Asked | None = None, convention: str = DEFAULT) -> Figure:
    """A figure of a derivation in a notation.

    Raises
    ------
    InputError : for a name that there is none of, a notation that has no letters for the network, or a derivation that gives no
        such figure
    """
    if name not in FIGURES:
        raise unknown("figure", name, FIGURES)
    writer = Writer(derivation, fitting(derivation, convention))
    check_fits(writer.symbols)
    made = figure(writer, name, asked)
    if made is None:
        raise InputError(f"this network has no figure {name}: {FIGURES[name].says}", allowed=_STACKS)
    return made


def behind(detail: str) -> Further:
    """The figures of a page, each behind its section."""

    def further(writer: Writer, name: str) -> list[Block]:
        made = [
            kind.draw(writer, Asked()) for kind in FIGURES.values() if name in kind.behind and detail in kind.details
        ]
        return [f for f in made if f is not None and _height(f) <= _TALLEST.get(detail, math.inf)]

    return further


def _height(figure: Figure) -> float:
    _, bottom, _, top = corners(figure.drawing)
    return top - bottom
