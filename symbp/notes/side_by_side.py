"""The same learning algorithm three times, side by side: linear regression, two classes, many classes."""

from __future__ import annotations

from dataclasses import replace

from symbp.notes.blocks import Block, Inline, Math, Paragraph, Table
from symbp.notes.equations import sides
from symbp.notes.layout import width
from symbp.notes.softmax import PAIRS, is_pair, small
from symbp.notes.writer import Writer

_ROOM = 8.0  # letters: a longer product is called by its name, so that three columns fit

_OF = {
    "linear": ("linear regression", "numbers"),
    "sigmoid": ("two classes", "0 or 1"),
    "softmax": ("many classes", "one-hot"),
}
"""What an output layer of a pair is for, and what its targets are."""


def side_by_side(writer: Writer) -> list[Block]:
    """The steps of the algorithm for each of the three pairs, on the page of a network of one layer that is one of them."""
    if writer.derivation.map.depth != 1 or not is_pair(writer):
        return []
    columns = [_column(writer, output, loss) for output, loss in PAIRS]
    named: tuple[Inline, ...] = (("data",), ("initialise",), ("forward",), (), ("descend",), (), ("exit",))
    head: tuple[Inline, ...] = ((), *((_OF[output][0],) for output, _ in PAIRS))
    rows = tuple((name, *(column[k] for column in columns)) for k, name in enumerate(named))
    said = "The same five steps train all three; they differ in what the targets are and in what is done to the sums:"
    return [Paragraph((said,)), Table(head, rows)]


def _column(writer: Writer, output: str, loss: str) -> tuple[Inline, ...]:
    of = small(f"2-3:{output}", loss)
    w = Writer(
        of, replace(writer.notation, activation="")
    )  # the three have not one activation that a letter could stand for
    z, yhat, delta = (
        _equation(*sides(w, s)[:2])
        for s in (of.forward.definitions["z1"], of.forward.definitions["yhat"], of.backward.of("z1"))
    )
    weights, (named, product, _) = w.whole("W1"), sides(w, of.backward.of("W1"))
    gradient = product if width(product.latex) <= _ROOM else named
    step = Math(
        rf"{weights.latex} \leftarrow {weights.latex} - {w.rate} \, {gradient.latex}",
        f"{weights.text} <- {weights.text} - lr*({gradient.text})",
    )
    return (
        (f"targets: {_OF[output][1]}",),
        ("small weights",),
        (z,),
        (yhat,),
        (delta,),
        (step,),
        ("the loss falls no more",),
    )


def _equation(left: Math, right: Math) -> Math:
    return Math(f"{left.latex} = {right.latex}", f"{left.text} = {right.text}")
