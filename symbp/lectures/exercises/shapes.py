"""Several products, of which one is the gradient that is asked for."""

from __future__ import annotations

import random

from symbp.formula.syntax import Binary, nodes
from symbp.lectures.exercises.exercise import Exercise, Material
from symbp.lectures.exercises.mistakes import wrong
from symbp.notes.blocks import Display, Inline, Items, Math, Paragraph, Row
from symbp.verification.diagnosis.table import PRODUCTS, TRANSPOSES

_CHOICES = 4
_LETTERS = "abcd"


def shapes(material: Material, chance: random.Random) -> Exercise | None:
    """Which product fits: the right one among those whose factors are turned or swapped, all of which are proved wrong."""
    candidates = [
        f for f in material.formulas if any(isinstance(n, Binary) and n.op == "@" for n in nodes(f.claim.right))
    ]
    if not candidates:
        return None
    formula = chance.choice(candidates)
    choices: list[Math] = [formula.right]
    for _ in range(3 * _CHOICES):
        found = wrong(material, formula, chance, (TRANSPOSES, PRODUCTS))
        if found is not None and all(found.latex != c.latex for c in choices):
            choices.append(found)
        if len(choices) == _CHOICES:
            break
    if len(choices) < 3:
        return None
    order = [*choices]
    chance.shuffle(order)
    d, writer = material.derivation, material.writer
    reads = [n for n in formula.statement.reads if d.program.tensors[n].axes]
    sizes: list[Inline] = [(writer.whole(n), " is ", writer.dimensions(d.program.tensors[n])) for n in reads]
    left = formula.left
    said: list[Inline] = []
    for letter, c in zip(_LETTERS, order, strict=False):
        if c is formula.right:
            continue
        why = material.verdict(f"{left.latex} = {c.latex}").reason
        said.append((f"({letter}) ", c, ": ", *(material.words(why) if why else ("another value",)), "."))
    mine = _LETTERS[order.index(formula.right)]
    question = (
        Paragraph(("Which of these is ", left, "? Go by the shapes: ", *_listed(sizes), ".")),
        Items(tuple((f"({letter}) ", c) for letter, c in zip(_LETTERS, order, strict=False))),
    )
    answer = (Paragraph((f"It is ({mine}):",)), Display((Row(left, formula.right),)), Items(tuple(said)))
    return Exercise("Which product fits?", question, answer, f"{left.latex} {sorted(c.latex for c in choices)}")


def _listed(parts: list[Inline]) -> Inline:
    found: list[object] = []
    for k, part in enumerate(parts):
        found += [", "] if k else []
        found += part
    return tuple(found)  # type: ignore[arg-type]
