"""One adjoint as a lecturer derives it: the chain rule along the ways to the loss, the local derivatives put in, what g' is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sympy import Add, Expr, Integer

from symbp.calculus.cheapest_form import distributed
from symbp.calculus.indices import Index
from symbp.calculus.letters import letters_for
from symbp.calculus.matrix_functions import Along
from symbp.calculus.passes import inline
from symbp.calculus.program import Statement, name_of
from symbp.calculus.recognise_named import Names
from symbp.calculus.reductions import Reduction, Sum
from symbp.calculus.trace import AdjointTrace, Step, Way
from symbp.notes.activations import derivative_row
from symbp.notes.blocks import Inline, Math, Row, joined
from symbp.notes.braces import braced
from symbp.notes.equations import general
from symbp.notes.layout import width
from symbp.notes.reading import plain, readable
from symbp.notes.writer import Writer

_REASON = 30.0  # letters: longer formulas are not repeated in a reason


def derived(writer: Writer, s: Statement, key: str = "") -> list[Row]:
    """The rows of one adjoint's equation, from the chain rule to its matrix form, whose number is that of `key`.

    A sum of which one term alone is not zero is that term: nobody writes the Kronecker deltas.
    """
    short, left = _left(writer, s)
    rows = _taken(writer, s, short, left)
    final = writer.statement(s)[1]
    if not rows or rows[-1].right.latex != final.latex:
        why: Inline = (
            ("the derivative of a term that is added to the loss is 1",) if set(s.reads) & set(writer.trivial) else ()
        )
        rows.append(Row(None if rows else left, final, why))
    lifted = as_matrices(writer, s, key=key)
    if not lifted and not writer.generic:
        rows[-1] = replace(rows[-1], of=s.target.name)
    return [*rows, *_together(writer, s), *lifted]


def _together(writer: Writer, s: Statement) -> list[Row]:
    """The error of a unit from those behind it in one formula, where the derivative between them has no letter of its own."""
    tensors, program = writer.symbols.tensors, writer.derivation.program
    between = {
        name: program.definitions[name]
        for name in s.reads
        if tensors[name].of
        and name in program.definitions
        and tensors[tensors[name].of or ""].role == "value"
        and program.definitions[name].body.has(Sum)
    }
    before = general(writer, s)
    if before is None or not between or any(writer.notation.has(x) for x in ("e", *between)):
        return []
    indices, body = writer.relettered(s.indices, inline(writer.put_in(before), between))
    put_in: list[Inline] = []
    for name, b in between.items():
        known, _ = writer.relettered(b.indices, b.body)
        put_in.append((writer.index(tensors[name][known]),))
    return [Row(writer.index(s.target[indices]), writer.index(body, indices), ("with ", *joined(put_in), " put in"))]


def as_matrices(writer: Writer, s: Statement, why: Inline = ("as matrices",), key: str = "") -> list[Row]:
    """An equation read as matrices, the shapes under the braces; none where there is no such form."""
    if writer.symbols.single and not writer.generic:
        return []  # numbers are no matrices
    before = general(writer, s)
    first = writer.reading(replace(s, body=before)) if before is not None else None
    last = writer.reading(s)
    forms = [m for m in (first, last) if m is not None and readable(m)]
    rows: list[Row] = []
    of = "" if writer.generic else s.target.name
    for m in forms:
        right = braced(writer, m) if not rows else writer.matrix(m)  # the shapes once
        shape = None if plain(m) or rows or not s.target.axes else writer.shape(m)
        if not rows or right.text != rows[-1].right.text:
            left = None if rows else writer.whole(s.target.name)
            rows.append(Row(left, right, () if rows else why, shape, key="" if rows else key, of=of))
    return rows


def _taken(writer: Writer, s: Statement, short: Math, left: Math) -> list[Row]:
    """The steps of an adjoint."""
    backward = writer.derivation.backward
    trace = backward.traces.get(s.target.name)
    taken = [t for t in backward.steps if t.target.name == s.target.name]
    pairs: list[tuple[Math, Inline]] = []
    if trace is not None and trace.ways:
        chain = Add(
            *[way.upstream * way.derivative if _direct(writer, trace, way) else way.chain for way in trace.ways]
        )
        indices, chain = writer.relettered(trace.indices, chain)
        if trace.readers != (trace.loss,):
            pairs.append((writer.index(chain, indices, spelled=True), _ways(writer, trace)))
        indices, body = writer.relettered(trace.indices, writer.put_in(trace.body))
        pairs += _vanishing(writer, trace) or [(writer.index(body, indices), _locals(writer, trace, taken))]
        taken = [t for t in taken if t.rule not in ("chain rule", "differentiate", "contract")]
    pairs += [(step_math(writer, t), because(writer, t)) for t in taken]
    rows: list[Row] = []
    for right, why in pairs:
        if right == (rows[-1].right if rows else short):
            continue
        head = short if left.latex.endswith(right.latex) else left
        rows.append(Row(None if rows else head, right, why))
    return rows


def _direct(writer: Writer, trace: AdjointTrace, way: Way) -> bool:
    """Whether a way of a map leads to the number at the end beside others: that of a result, whose upstream is given, or of what
    the last line reads too. It is no derivative along all ways, and is written as what it is."""
    d = writer.derivation
    several = len(trace.ways) > 1 and not d.map.layers
    return (several or bool(d.map.upstream)) and name_of(way.partial.args[0]) == d.backward.loss


def _vanishing(writer: Writer, trace: AdjointTrace) -> list[tuple[Math, Inline]]:
    """The local derivatives put in, and what is left where a sum among them is zero, such as that of what is centred; nothing
    where none is."""
    put = Add(*[Sum.over(way.upstream * way.derivative, *reversed(way.over)) for way in trace.ways])
    sums = sorted(put.atoms(Sum) - trace.body.atoms(Sum), key=str)
    names = Names(writer.derivation.forward.statements)
    zero = [e for e in sums if trace.body != 0 and names.fold(distributed(e)) == 0]
    if not zero:
        return []
    indices, first = writer.relettered(trace.indices, writer.put_in(put))
    indices, rest = writer.relettered(trace.indices, writer.put_in(trace.body))
    gone = [writer.index(writer.relettered(trace.indices, e)[1], indices) for e in zero]
    facts: list[Inline] = [(Math(f"{m.latex} = 0", f"{m.text} = 0"),) for m in gone]
    return [
        (writer.index(first, indices), ("the local derivatives",)),
        (writer.index(rest, indices), ("since ", *joined(facts))),
    ]


def step_math(writer: Writer, t: Step) -> Math:
    """What a step leads to; in the chain rule every error is written as the derivative that it is."""
    chain = t.rule == "chain rule"
    indices, after = writer.relettered(t.indices, t.after if chain else writer.put_in(t.after))
    return writer.index(after, indices, spelled=chain)


def because(writer: Writer, t: Step) -> Inline:
    """The reason of a step."""
    why = writer.prose(t.why, t)
    if t.rule == "chain rule":
        return ("chain rule: ", *why)
    if t.rule == "substitute":
        return _put_in(writer, t) or why
    if t.rule == "simplify":
        return ("simplify", *("; " + fact for fact in t.uses))
    if t.rule != "activation" or t.after == 0:
        return why
    forms = [derivative_row(writer, writer.derivation.program.function[g]) for g in t.uses]
    short = [form for form in forms if width(form.latex) <= _REASON]
    return joined([(form,) for form in short]) if len(short) == len(forms) else why


def _put_in(writer: Writer, t: Step) -> Inline:
    """The error that a step puts in, as it was derived; nothing where that is long."""
    traces = writer.derivation.backward.traces
    found = [trace for name, trace in traces.items() if re.search(rf"\b{name}\b", t.why)]
    parts: list[Inline] = []
    for trace in found:
        left, right = writer.statement(Statement(trace.target, trace.indices, trace.body))
        parts.append((Math(f"{left.latex} = {right.latex}", f"{left.text} = {right.text}"),))
    short = all(width(m.latex) <= _REASON for part in parts for m in part if isinstance(m, Math))
    return ("with ", *joined(parts)) if parts and short else ()


def _ways(writer: Writer, trace: AdjointTrace) -> Inline:
    """On which ways an element reaches the loss: through one unit alone, or through all of a layer."""
    through: list[Inline] = []
    direct = ""
    for way in trace.ways:
        above = way.partial.args[0]
        if name_of(above) == trace.loss:
            if way.derivative != 0:
                direct = "as a result" if writer.derivation.map.upstream else "directly"
            continue
        named = _lettered(writer, trace, way)
        through.append(("every ", named) if _several(writer, way) else (named,))
    every = any(_several(writer, way) for way in trace.ways)
    here = _element(writer, trace.target.of or "", trace)
    means: list[Inline] = [("through ", *joined(through))] if through else []
    means += [(direct,)] if direct else []
    alone: Inline = (" alone",) if len(trace.ways) == 1 and not every else (": the paths add",)
    loss = Math(writer.symbols.loss, writer.text_loss)
    return ("chain rule: ", here, " reaches ", loss, " ", *joined(means), *alone)


def _locals(writer: Writer, trace: AdjointTrace, taken: Sequence[Step]) -> Inline:
    """The local derivatives that were put in, where they are short; else what was differentiated."""
    if trace.body == 0:
        zero = [t for t in taken if t.after == 0]
        return writer.prose(zero[-1].why, zero[-1]) if zero else ()
    if trace.readers == (trace.loss,):
        loss = Math(writer.symbols.loss, writer.text_loss)
        here = _element(writer, trace.target.of or "", trace)
        one = writer.derivation.forward.definitions[trace.loss].body.has(Sum) and not trace.body.has(Sum)
        return ("only one term of ", loss, " has ", here, " in it") if one else ("differentiate ", loss)
    derived = [way for way in trace.ways if not _direct(writer, trace, way)]
    found = [form for way in derived if (form := _local(writer, trace, way)) is not None]
    if len(found) == len(derived):
        return ("since ", *joined([(form,) for form in found]))
    first = next((t for t in taken if t.rule == "differentiate"), None)
    return writer.prose(first.why, first) if first is not None else ()


def _local(writer: Writer, trace: AdjointTrace, way: Way) -> Math | None:
    """``dz/da = w`` for one way; None where that is long, or where the loss itself is differentiated."""
    change = _letters(writer, trace, way)
    if name_of(way.partial.args[0]) == trace.loss or not _has_letter(writer, way):
        return None
    indices, partial = _at_once(writer, trace, change, way.partial)
    derivative = _at_once(writer, trace, change, writer.put_in(way.derivative))[1]
    taken = [i for i in (*indices, *change.values()) if isinstance(i, Index)]
    left, right = writer.index(partial, taken), writer.index(derivative, taken)
    if derivative.atoms(Reduction) - derivative.atoms(Sum, Along) or width(right.latex) > _REASON:
        return None
    return Math(f"{left.latex} = {right.latex}", f"{left.text} = {right.text}")


def _has_letter(writer: Writer, way: Way) -> bool:
    return writer.symbols.lettered(name_of(way.partial.args[0]))


def _several(writer: Writer, way: Way) -> bool:
    """Whether a way leads through more than one unit."""
    return any(not writer.symbols.one(i.axis) for i in way.over)


def _letters(writer: Writer, trace: AdjointTrace, way: Way) -> dict[Index, Expr]:
    """The letters that the printed sum has for the indices of a way, 1 for the only unit."""
    indices = [i for i in writer.relettered(trace.indices, trace.body)[0] if isinstance(i, Index)]
    chain = writer.relettered(trace.indices, way.chain)[1]
    letters = letters_for(chain, [i.name for i in indices], writer.symbols.preferred, writer.symbols.alphabet)
    found: dict[Index, Expr] = {}
    for i in way.over:
        found[i] = Integer(0) if writer.symbols.one(i.axis) else Index(letters.letter(i.axis), i.axis)
        letters = replace(letters, taken=letters.taken | {str(found[i])})
    return found


def _at_once(
    writer: Writer, trace: AdjointTrace, change: Mapping[Index, Expr], expr: Expr
) -> tuple[tuple[Index, ...], Expr]:
    """An expression with the letters of what is free and of what is summed over: one may be the other's in the derivation."""
    indices, _ = writer.relettered(trace.indices, expr)
    return indices, expr.xreplace({**dict(zip(trace.indices, indices, strict=True)), **change})


def _lettered(writer: Writer, trace: AdjointTrace, way: Way) -> Math:
    """The element of a reader that a way leads through."""
    change = _letters(writer, trace, way)
    above = way.partial.args[0]
    if not writer.symbols.lettered(name_of(above)):
        return writer.whole(name_of(above))
    indices, element = _at_once(writer, trace, change, above)
    return writer.index(element, [i for i in (*indices, *change.values()) if isinstance(i, Index)])


def _element(writer: Writer, name: str, trace: AdjointTrace) -> Math:
    """The element that a derivative is taken by."""
    tensor = writer.symbols.tensors[name]
    indices, element = writer.relettered(trace.indices, tensor[trace.indices])
    return writer.index(element, indices)


def _left(writer: Writer, s: Statement) -> tuple[Math, Math]:
    """The element that is derived by its short name, and with the derivative that it stands for."""
    indices, _ = writer.relettered(s.indices, s.body)
    short, full = writer.index(s.target[indices]), writer.index(s.target[indices], spelled=True)
    both = Math(f"{short.latex} = {full.latex}", f"{short.text} = {full.text}")
    return short, short if short.latex == full.latex else both
