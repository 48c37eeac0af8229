"""What is kept beside the parameters: how a step of training changes it, and where inference reads it instead."""

from __future__ import annotations

from dataclasses import replace

from symbp.notes.blocks import Block, Display, Heading, Math, Paragraph, Row, joined
from symbp.notes.writer import Writer

_ARROW = Math(r"\leftarrow", "<-")


def statistics(writer: Writer) -> list[Block]:
    """Training and inference of a network that normalises by the statistics of a batch; nothing for another."""
    d = writer.derivation
    changed = [s for s in d.map.state if s.next is not None]
    if not changed:
        return []
    count = Math(writer.symbols.count, writer.symbols.count)
    kept = joined([(writer.whole(s.tensor.name),) for s in changed])
    updates = [
        Row(*writer.statement(replace(s.next, target=s.tensor)), sign=_ARROW) for s in changed if s.next is not None
    ]
    instead = [Row(*writer.statement(s)) for s in d.map.inference]
    return [
        Heading(1, ("Training and inference",)),
        Paragraph((
            "In training the statistics are those of the batch, so the prediction for one example depends on the other ",
            count, " - 1, and so does its error. Beside the parameters the network keeps running statistics, ", *kept,
            "; a step on a batch moves them a little towards those of the batch:",
        )),
        Display(tuple(updates)),
        Paragraph((
            "No path leads from them to the loss of that batch, so they have no gradient. In inference an example stands "
            "alone, and they stand in the place of the statistics of the batch:",
        )),
        Display(tuple(instead)),
    ]  # fmt: skip
