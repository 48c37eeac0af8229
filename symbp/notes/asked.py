"""What a page is about: the question that backpropagation answers, and why it is asked."""

from __future__ import annotations

import math

from symbp.notes.blocks import Block, Heading, Inline, Math, Paragraph, joined
from symbp.notes.legend import a_weight
from symbp.notes.writer import Writer


def asked(writer: Writer) -> list[Block]:
    """The question: how does the loss change with every weight?"""
    d = writer.derivation
    if not d.map.parameters or d.map.training is None:
        return []
    loss, weights = Math(writer.symbols.loss, writer.text_loss), a_weight(writer)
    each = joined([(w,) for w in weights])
    every: Inline = ("every ", *each) if len(weights) == 1 else ("every one of them",)
    slopes = joined([(_slope(loss, w),) for w in weights])
    count = sum(math.prod(d.map.sizes[a] for a in p.tensor.axes) for p in d.map.parameters)
    many = f"the {count} numbers" if count > 1 else "the one number"
    return [
        Heading(1, ("What is asked",)),
        Paragraph((
            "The loss ", loss, f" depends on {many} that the network learns, its weights and biases. To make it "
            "smaller, each of them has "
            "to move a little in the right direction, so the question is: how does ", loss, " change with ", *each,
            ", for ", *every, "? What is wanted is ", *slopes, ".",
        )),
        Paragraph((
            "A weight changes the pre-activation of one unit, that changes its activation, and that everything behind "
            "it, up to ", loss,
            ". The chain rule follows these changes. Taken from the loss backwards it does so for all weights in one "
            "pass, since what lies behind a layer is the same for all of its weights.",
        )),
    ]  # fmt: skip


def _slope(loss: Math, weight: Math) -> Math:
    return Math(rf"\frac{{\partial {loss.latex}}}{{\partial {weight.latex}}}", f"d{loss.text}/d{weight.text}")
