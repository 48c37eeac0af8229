"""What a page is about: the question that backpropagation answers, and why it is asked."""

from __future__ import annotations

import math

from symbp.notes.blocks import Block, Heading, Math, Paragraph
from symbp.notes.writer import Writer


def asked(writer: Writer) -> list[Block]:
    """The question: how does the loss change with every weight?"""
    d = writer.derivation
    if not d.map.parameters or d.map.training is None:
        return []
    loss, w = Math(writer.symbols.loss, writer.text_loss), Math("w", "w")
    slope = Math(rf"\frac{{\partial {loss.latex}}}{{\partial w}}", f"d{loss.text}/dw")
    count = sum(math.prod(d.map.sizes[a] for a in p.tensor.axes) for p in d.map.parameters)
    many = f"the {count} numbers" if count > 1 else "the one number"
    return [
        Heading(1, ("What is asked",)),
        Paragraph((
            "The loss ", loss, f" depends on {many} that the network learns, its weights and biases. To make it "
            "smaller, each of them has "
            "to move a little in the right direction, so the question is: how does ", loss, " change with ", w, ", for every ", w,
            "? What is wanted is ", slope, ".",
        )),
        Paragraph((
            "A weight changes the pre-activation of one unit, that changes its activation, and that everything behind "
            "it, up to ", loss,
            ". The chain rule follows these changes. Taken from the loss backwards it does so for all weights in one "
            "pass, since what lies behind a layer is the same for all of its weights.",
        )),
    ]  # fmt: skip
