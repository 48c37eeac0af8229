"""Rows of a page from the equations of a derivation: matrix form where it reads well, index form elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from sympy import Expr

from symbp.calculus.functions import Apply
from symbp.calculus.program import Statement
from symbp.calculus.trace import Step
from symbp.notes.blocks import Inline, Math, Row, chained, joined
from symbp.notes.layers import Run, number_of
from symbp.notes.reading import plain, readable
from symbp.notes.writer import Writer


def listed(
    writer: Writer, runs: tuple[Run, ...], wanted: Callable[[Statement], bool]
) -> Iterator[tuple[Writer, Statement, Inline]]:
    """The wanted statements, those of layers that are alike once with k: a writer, the statement, and for which k."""
    for s in writer.derivation.program:
        if not wanted(s) or not writer.symbols.lettered(s.target.name):
            continue
        number = number_of(s.target.name, writer.symbols)
        run = next((r for r in runs if number in r.hidden), None)
        if run is None:
            yield writer, s, ()
        elif number == run.shown:
            k, first, last = (writer.notation.layer_letter, *(writer.symbols.layer(n) for n in (run.first, run.last)))
            said = Math(rf"{k} = {first}, \ldots, {last}", f"{k} = {first}, ..., {last}")
            yield replace(writer, generic=run.generic), s, (said,)


def rows(writer: Writer, s: Statement, note: Inline = ()) -> list[Row]:
    """The rows of one equation: where an activation's derivative stands in it, first with g' and then with what g' is."""
    left, right, shape = sides(writer, s)
    reason: Inline = note
    of = "" if writer.generic else s.target.name
    result: list[Row] = []
    before = general(writer, s)
    if before is not None:
        middle = sides(writer, replace(s, body=before))
        if middle[0] == left and middle[1] != right:
            return [Row(left, middle[1], reason, middle[2], of=of), Row(None, right, of=of)]
    merged = _last(writer, s, "simplify") or _last(writer, s, "substitute")
    if merged is not None and merged.after == s.body:
        reason = (*note, *((", ",) if note else ()), *_put_in(writer, merged))
    result.append(Row(left, right, reason, shape, of=of))
    return result


def _put_in(writer: Writer, step: Step) -> Inline:
    """The reason of a step that puts one error into another: what was put in, and which facts it needed."""
    names = [s for s in writer.derivation.backward.statements if re.search(rf"\b{s.target.name}\b", step.why)]
    parts: list[Inline] = []
    for s in names:
        left, right, _ = sides(writer, s)
        parts.append((Math(f"{left.latex} = {right.latex}", f"{left.text} = {right.text}"),))
    done = " put in and simplified" if step.rule == "simplify" else " put in"
    return (*joined(parts), done, *(f"; {fact}" for fact in step.uses))


def sides(writer: Writer, s: Statement) -> tuple[Math, Math, Math | None]:
    """Both sides of an equation and the shapes: as matrices where that reads well."""
    m = writer.reading(s)
    if readable(m):
        assert m is not None
        if not s.target.axes:
            index = writer.statement(s, limits=not writer.generic)
            return index[0], chained([index[1], writer.matrix(m)]), None
        shape = None if plain(m) or not s.target.axes or writer.generic else writer.shape(m)
        return writer.whole(s.target.name), writer.matrix(m), shape
    return (*writer.statement(s, limits=not writer.generic), None)


def general(writer: Writer, s: Statement) -> Expr | None:
    """The body of an equation before it was said what g' is, if that was the last thing that was said."""
    step = _last(writer, s, "activation")
    if step is None or step.after != s.body or step.before is None:
        return None
    named = {a.name for a in step.before.atoms(Apply) if a.order}
    return None if named <= {"identity"} else step.before


def _last(writer: Writer, s: Statement, rule: str) -> Step | None:
    steps = [t for t in writer.derivation.backward.steps if t.target.name == s.target.name]
    return steps[-1] if steps and steps[-1].rule == rule else None
