"""A derivation with the right side of one step left out."""

from __future__ import annotations

import random
from dataclasses import replace

from symbp.calculus.program import Statement
from symbp.calculus.text import statement_text
from symbp.lectures.exercises.exercise import BLANK, Exercise, Material
from symbp.notes.blocks import Display, Paragraph, Row
from symbp.notes.chain import derived


def missing(material: Material, chance: random.Random) -> Exercise | None:
    """The recorded steps of one equation, one right side blank: what stands there is proved."""
    writer = material.writer
    s = chance.choice(material.adjoints)
    shown = [replace(r, key="", of="") for r in derived(writer, s)]
    blanks = [k for k, r in enumerate(shown) if k]
    if len(shown) < 2 or not blanks or shown[-1].right.latex == "0":
        return None
    at = chance.choice(blanks)
    if not material.proved(statement_text(Statement(s.target, s.indices, s.body))):
        return None
    asked = tuple(replace(r, right=BLANK, reason=()) if k == at else r for k, r in enumerate(shown))
    answer = Display((Row(shown[at].left or shown[0].left, shown[at].right, shown[at].reason),))
    return Exercise(
        "The missing step",
        (Paragraph(("A step is left out. What stands in the box?",)), Display(asked)),
        (answer,),
        f"{s.target.name} {at}",
    )
