r"""Updates as a notation writes them: ``W \leftarrow W - \eta g``, or ``W^{(r+1)} = W^{(r)} - \eta g`` where updates count."""

from __future__ import annotations

from dataclasses import replace

from symbp.notes.blocks import Math, Row
from symbp.notes.writer import Writer


def named_in_update(writer: Writer, parameter: str) -> dict[str, Math]:
    """What an optimizer's rule calls theta and g, for one parameter. Where updates count, g is that of the whole batch: the sum
    or the mean of what the examples give."""
    gradient = writer.derivation.backward.adjoint[parameter]
    theta, g = writer.whole(parameter), writer.whole(gradient)
    if not writer.notation.iteration:
        return {"theta": theta, "g": g}
    now = _at(writer, theta, "")
    by = Math(writer.symbols.partial(now.latex), g.text)
    if writer.derivation.batch:
        return {"theta": now, "g": by}
    n, count = writer.notation.example, writer.symbols.count
    mean = "" if writer.notation.sums else rf"\frac{{1}}{{{count}}} "
    return {"theta": now, "g": Math(rf"{mean}\sum_{{{n}=1}}^{{{count}}} {by.latex}", f"sum({g.text}, {n})")}


def as_next(rows: list[Row], writer: Writer, parameter: str) -> list[Row]:
    """The rows of an update, the left side that of the next one where updates count."""
    if not writer.notation.iteration:
        return rows
    after = _at(writer, writer.whole(parameter), "+1")
    return [replace(r, left=after, sign=Math("=", "<-")) for r in rows]


def _at(writer: Writer, letter: Math, more: str) -> Math:
    """A parameter after so many updates, as ``\\beta_{km}^{(r)}``."""
    return Math(f"{letter.latex}^{{({writer.notation.iteration}{more})}}", letter.text)
