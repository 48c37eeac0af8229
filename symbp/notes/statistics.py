"""What is kept beside the parameters: how a step of training changes it, and where inference reads it instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbp.calculus.kinds import Signature
from symbp.calculus.program import Statement
from symbp.notes.blocks import Block, Display, Heading, Inline, Math, Paragraph, Row, joined
from symbp.notes.writer import Writer

_ARROW = Math(r"\leftarrow", "<-")


def statistics(writer: Writer) -> list[Block]:
    """Training and inference of a network that normalises by the statistics of a batch; nothing for another."""
    d = writer.derivation
    changed = [s for s in d.map.state if s.next is not None]
    if not changed:
        return []
    count = Math(writer.symbols.count, writer.symbols.count)
    moved = [replace(s.next, target=s.tensor) for s in changed if s.next is not None]
    updates, instead = _unlike(writer, moved), _unlike(writer, d.map.inference)
    kept = joined([(writer.whole(s.target.name),) for s in updates])
    alike = len(updates) < len(moved)
    others: Inline = ("Layers of the same kind have their own, and do the same with them.",) if alike else ()
    return [
        Heading(1, ("Training and inference",)),
        Paragraph((
            "In training the statistics are those of the batch, so the prediction for one example depends on the other ",
            count, " - 1, and so does its error. Beside the parameters the network keeps running statistics, ", *kept,
            "; a step on a batch moves them a little towards those of the batch:",
        )),
        Display(tuple(Row(*writer.statement(s), sign=_ARROW) for s in updates)),
        Paragraph((
            "No path leads from them to the loss of that batch, so they have no gradient. In inference an example stands "
            "alone, and they stand in the place of the statistics of the batch:",
        )),
        Display(tuple(Row(*writer.statement(s)) for s in instead)),
        *([Paragraph(others)] if others else []),
    ]  # fmt: skip


def _unlike(writer: Writer, statements: Iterable[Statement]) -> list[Statement]:
    """The statements, of those that differ in nothing but the names of tensors and axes the first."""
    found: dict[object, Statement] = {}
    for s in statements:
        found.setdefault(Signature({**writer.symbols.tensors, s.target.name: s.target}).statement(s), s)
    return [*found.values()]
