"""Which numbers have to grow for the loss to shrink: the sign of each gradient."""

from __future__ import annotations

import random

from sympy import Integer

from symbp.lectures.arithmetic import digits
from symbp.lectures.exercises.exercise import Exercise, Material
from symbp.lectures.numbers import given_table
from symbp.notes.blocks import Inline, Math, Paragraph, Table
from symbp.notes.writer import Writer

_ASKED = 5


def growing(material: Material, chance: random.Random) -> Exercise | None:
    """Some parameters at drawn numbers, of which some have to grow and others to shrink; a difference proves each."""
    if not material.is_small:
        return None
    worked = material.worked(chance)
    if worked is None:
        return None
    entries = [x for x in worked.differences if abs(x.derived) > 1e-6 and x.derived * x.quotient > 0]
    if len(entries) < 3:
        return None
    picked = [entries[k] for k in sorted(chance.sample(range(len(entries)), min(_ASKED, len(entries))))]
    if len({x.derived > 0 for x in picked}) < 2:
        return None
    writer = material.writer
    loss = Math(writer.symbols.loss, writer.text_loss)
    names = [_entry(writer, x.name, x.at) for x in picked]
    rows = tuple(
        ((name,), (digits(x.derived),), ("shrink" if x.derived > 0 else "grow",))
        for name, x in zip(names, picked, strict=True)
    )
    listed: list[str | Math] = []
    for k, name in enumerate(names):
        listed += [" and " if k == len(names) - 1 else ", "] if k else []
        listed.append(name)
    question = (
        Paragraph(
            ("At these numbers the loss ", loss, " is ", digits(worked.loss), " and should be smaller. Which of ", *listed,
             " have to grow, and which have to shrink?")
        ),
        *given_table(worked, writer),
    )  # fmt: skip
    head: tuple[Inline, ...] = (("parameter",), ("gradient",), ("has to",))
    answer = (Paragraph(("Each against the sign of its gradient:",)), Table(head, rows))
    return Exercise("Which have to grow?", question, answer, f"{[n.text for n in names]} {worked.loss!r}")


def _entry(writer: Writer, name: str, at: tuple[int, ...]) -> Math:
    return writer.index(writer.symbols.tensors[name][tuple(map(Integer, at))])
