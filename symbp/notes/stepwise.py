"""What is computed step by step: the statements of recurrences, in which order a page says."""

from __future__ import annotations

from symbp.calculus.recurrences import Recurrence
from symbp.notes.blocks import Inline, Math, joined
from symbp.notes.writer import Writer


def stepwise(writer: Writer) -> list[Inline]:
    """For each recurrence that a page has the equations of, in which order it is computed."""
    d = writer.derivation
    live = {*d.forward.definitions} | d.live
    return [_said(writer, r) for r in writer.recurrences if live.intersection(r.names)]


def _said(writer: Writer, r: Recurrence) -> Inline:
    names = [s.target.name for s in r.statements if s.target.of is None or s.target.name in writer.derivation.live]
    letter = writer.symbols.preferred.get(r.axis) or r.step(r.statements[0]).name
    size = writer.symbols.text_length(r.axis)
    text = "0", str(int(size) - 1) if size.isdigit() else f"{size} - 1"
    (start, end), (first, last) = (ends[:: r.direction] for ends in (text, ("0", writer.symbols.last(r.axis))))
    what = " is computed step by step, " if len(names) == 1 else " are computed together, step by step, "
    span = f"from {letter} = {start} to {letter} = {end}"
    return (*joined([(writer.whole(n),) for n in names]), what, Math(rf"{letter} = {first}, \dots, {last}", span), ".")
