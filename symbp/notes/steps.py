"""Every step of the derivation with its reason: in index form as it was taken, then read as matrices with the shapes."""

from __future__ import annotations

from dataclasses import replace

from symbp.calculus.program import Statement
from symbp.calculus.trace import Step
from symbp.notes.activations import activations, derivative_row
from symbp.notes.blocks import Block, Display, Heading, Inline, Math, Paragraph, Row, joined
from symbp.notes.equations import listed
from symbp.notes.layers import runs
from symbp.notes.layout import width
from symbp.notes.legend import notation
from symbp.notes.opening import architecture, stopped
from symbp.notes.reading import readable
from symbp.notes.updates import updates
from symbp.notes.writer import Writer

_LABELS = {"l1": "penalty l1", "l2": "penalty l2"}
_REASON = 30.0  # letters: longer formulas are not repeated in a reason


def steps(writer: Writer) -> list[Block]:
    """The blocks of the page at the detail ``steps``."""
    d = writer.derivation
    alike = runs(d, writer.symbols)
    forward = {s.target.name for s in d.forward}
    blocks = [*architecture(writer, alike), Heading(1, ("Forward map",))]
    rows: list[Row] = []
    for w, s, note in listed(writer, alike, lambda s: s.target.name in forward):
        left, right = w.statement(s, limits=not w.generic)
        rows += [
            Row(
                left,
                right,
                (_LABELS.get(s.label, s.label.replace("_", " ")), *((", ",) if note else ()), *note),
                of=_of(w, s),
            ),
            *_matrix(w, s),
        ]
    blocks += [Paragraph(("In index form, then as matrices where there is such a form:",)), Display(tuple(rows))]
    blocks.append(Heading(1, ("Backward: the chain rule, one tensor at a time",)))
    for w, s, note in listed(
        writer, alike, lambda s: s.target.name not in forward and s.target.name not in writer.trivial
    ):
        name = s.target.of or ""
        kind = "error" if w.symbols.tensors[name].role == "value" else "gradient"
        tail: Inline = (" for ", *note) if note else ()
        blocks += [Heading(2, (f"{kind} of ".capitalize(), w.whole(name), *tail)), Display(tuple(_derived(w, s)))]
    blocks += [*stopped(writer), *activations(writer), *updates(writer)]
    return [*notation(writer, blocks), *blocks]


def _derived(writer: Writer, s: Statement) -> list[Row]:
    """The rows of one equation: its recorded steps, the equation itself where it is not the last of them, the matrix form."""
    taken = [t for t in writer.derivation.backward.steps if t.target.name == s.target.name]
    rows: list[Row] = []
    short, left = _left(writer, s)
    for t in taken:
        right = step_math(writer, t)
        if right == (rows[-1].right if rows else short):
            continue
        head = short if left.latex.endswith(right.latex) else left
        rows.append(Row(None if rows else head, right, _because(writer, t)))
    final = writer.statement(s)[1]
    if not rows or rows[-1].right.latex != final.latex:
        why: Inline = (
            ("the derivative of a term that is added to the loss is 1",) if set(s.reads) & set(writer.trivial) else ()
        )
        rows.append(Row(None if rows else left, final, why))
    return [*rows[:-1], replace(rows[-1], of=_of(writer, s)), *_matrix(writer, s)]


def _of(writer: Writer, s: Statement) -> str:
    """The tensor whose value an equation is, none where the equation is that of several layers."""
    return "" if writer.generic else s.target.name


def step_math(writer: Writer, t: Step) -> Math:
    """What a step leads to; in the chain rule every error is written as the derivative that it is."""
    chain = t.rule == "chain rule"
    indices, after = writer.relettered(t.indices, t.after if chain else writer.put_in(t.after))
    return writer.index(after, indices, spelled=chain)


def _because(writer: Writer, t: Step) -> Inline:
    """The reason of a step."""
    why = writer.prose(t.why, t)
    if t.rule == "chain rule":
        return ("chain rule: ", *why)
    if t.rule != "activation" or t.after == 0:
        return why
    forms = [derivative_row(writer, writer.derivation.program.function[g]) for g in t.uses]
    short = [form for form in forms if width(form.latex) <= _REASON]
    return (*why, *((": ",) if short else ()), *joined([(form,) for form in short]))


def _left(writer: Writer, s: Statement) -> tuple[Math, Math]:
    """The element that is derived by its short name, and with the derivative that it stands for."""
    indices, _ = writer.relettered(s.indices, s.body)
    short, full = writer.index(s.target[indices]), writer.index(s.target[indices], spelled=True)
    both = Math(f"{short.latex} = {full.latex}", f"{short.text} = {full.text}")
    return short, short if short.latex == full.latex else both


def _matrix(writer: Writer, s: Statement) -> list[Row]:
    """The matrix reading as a row, where there is one that says more."""
    m = writer.reading(s)
    if not s.target.axes or not readable(m):
        return []
    assert m is not None
    shape = None if writer.generic else writer.shape(m)
    return [Row(writer.whole(s.target.name), writer.matrix(m), ("as matrices",), shape, of=_of(writer, s))]
