"""A formula with a mistake that people make: the diagnosis's own edits, applied to the right one."""

from __future__ import annotations

import random

from symbp.formula.syntax import Transpose, children
from symbp.lectures.exercises.exercise import ASKED, Exercise, Formula, Material
from symbp.notes.blocks import Display, Math, Paragraph, Row
from symbp.verification.diagnosis.rows import Mistake
from symbp.verification.diagnosis.table import (
    FUNCTIONS,
    HADAMARDS,
    LAYERS,
    PRODUCTS,
    SIGNS,
    SPARE,
    SPARE_SLOPES,
    TRANSPOSES,
)

MISTAKES: tuple[Mistake, ...] = (TRANSPOSES, FUNCTIONS, LAYERS, SIGNS, SPARE, HADAMARDS, PRODUCTS, SPARE_SLOPES)
"""The mistakes that are made: each of them turns a right formula into a wrong one as well as back."""


def mistakes(material: Material, chance: random.Random) -> Exercise | None:
    """A wrong formula; the verifier says that it is wrong, and what is wrong with it."""
    candidates = [f for f in material.formulas if children(f.claim.right)]  # a single letter hides no mistake
    if not candidates:
        return None
    formula = chance.choice(candidates)
    found = wrong(material, formula, chance, (chance.choice(MISTAKES),))
    if found is None:
        return None
    latex = f"{formula.left.latex} = {found.latex}"
    verdict = material.verdict(latex)
    if not verdict.reason or not verdict.fix or verdict.cause in (None, "other"):
        return None
    cause = str(verdict.cause).replace("_", " ")
    return Exercise(
        "What is wrong here?",
        (
            Paragraph(("One mistake was made in this formula. Which one, and what is right?",)),
            Display((Row(formula.left, found, sign=ASKED),)),
        ),
        (
            Paragraph((f"The mistake ({cause}): ", *material.words(verdict.reason), ". Right is:")),
            Display((Row(formula.left, formula.right),)),
        ),
        latex,
    )


def wrong(material: Material, formula: Formula, chance: random.Random, sources: tuple[Mistake, ...]) -> Math | None:
    """A right side that an edit made wrong, as the verifier says; None where none of a few is."""
    made = [e for e in material.mistakes(formula, sources) if not isinstance(e.right, Transpose)]  # that hides nothing
    chance.shuffle(made)
    for edit in made[:4]:
        right = material.printed(formula, edit)
        if right is not None and material.verdict(f"{formula.left.latex} = {right.latex}").verdict == "wrong":
            return right
    return None
