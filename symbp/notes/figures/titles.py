"""What stands around a network that is drawn: what its columns are, and the matrices between them."""

from __future__ import annotations

from symbp.drawing.marks import Label, Mark, words
from symbp.notes.blocks import Math
from symbp.notes.figures.plan import RADIUS, Plan, width_of


def titles(plan: Plan) -> list[Mark]:
    """What the columns are, below them, and the matrices between them, above."""
    marks: list[Mark] = []
    low = (
        plan.bottom
        - max(plan.radius(k) for k in plan.x)
        - (0.42 if plan.writer.notation.numbered_from is not None else 0.1)
    )
    shaped = all(
        width_of(_titled(plan, k, shape=True)) < x - plan.x[k - 1] - 0.3
        for k, x in plan.x.items()
        if plan.columns[k].layer is not None and k - 1 in plan.x
    )
    for k, x in plan.x.items():
        column = plan.columns[k]
        marks += [words(_said(column.named), (x, low), "below", small=True)] if column.named else []
        if None in plan.units(k):
            marks.append(words(f"{column.count} units", (x, low - 0.36), "below", "light", small=True))
        if column.layer is not None and k - 1 in plan.x:
            over = _titled(plan, k, shape=shaped)
            at = ((x + plan.x[k - 1]) / 2, plan.top + RADIUS + 0.15)
            marks.append(Label(at, over.latex, over.text, "above", "light", small=True))
    return marks


def _titled(plan: Plan, column: int, *, shape: bool) -> Math:
    """The matrix that leads to a column, with its shape where all have room for it."""
    layer = plan.columns[column].layer
    assert layer is not None
    whole = plan.writer.whole(layer.weight)
    its = plan.writer.dimensions(plan.writer.symbols.tensors[layer.weight])
    return Math(rf"{whole.latex}\ ({its.latex})", f"{whole.text} ({its.text})") if shape else whole


def _said(name: str) -> str:
    """What a column is called."""
    return "linear" if name == "identity" else name.replace("_", " ")
