"""The page of a map that is no network: what comes in, what is asked, forward, the chain rule backwards, and every gradient."""

from __future__ import annotations

from symbp.calculus.program import Statement
from symbp.errors import InputError
from symbp.network.derivation import Derivation
from symbp.notes.activations import activations
from symbp.notes.blocks import Block, Boxed, Display, Heading, Inline, Math, Paragraph, Row, joined
from symbp.notes.chain import as_matrices, derived
from symbp.notes.closed import by_names, closed, needed
from symbp.notes.own_letters import KNOWN
from symbp.notes.reading import readable
from symbp.notes.sections import Parts
from symbp.notes.writer import Writer


def asked(writer: Writer) -> list[Block]:
    """The question: which derivatives are wanted, and what is given of what comes after the map."""
    d = writer.derivation
    if not _asked_for(writer):
        return []
    loss = Math(writer.symbols.loss, writer.text_loss)
    wanted = joined([(writer.whole(n),) for n in _asked_for(writer)])
    which = "are the derivatives" if len(_asked_for(writer)) > 1 else "is the derivative"
    by: Inline = (f"Asked {which} of ", loss, " with respect to ", *wanted, ".")
    if not d.map.upstream:
        return [Heading(1, ("What is asked",)), Paragraph(("The result ", loss, " is a number. ", *by))]
    results = joined([(writer.whole(r),) for r in d.map.results])
    given = joined([(writer.whole(d.map.upstream[r]),) for r in d.map.results])
    several = len(d.map.results) > 1
    return [
        Heading(1, ("What is asked",)),
        Paragraph((
            "What comes after ", *results, " ends in a number ", loss, ", of which nothing is known but how it changes with ",
            "them" if several else "it", ": the upstream", "s " if several else " ", *given, " ", "are" if several else "is",
            " given. ", *_partly(writer), *by,
        )),
    ]  # fmt: skip


def _partly(writer: Writer) -> Inline:
    """What is said of upstreams that are a part of a derivative, as the map itself reads the result."""
    d = writer.derivation
    results = [r for r, upstream in d.map.upstream.items() if d.backward.adjoint.get(r) != upstream]
    if not results:
        return ()
    given = joined([(writer.whole(d.map.upstream[r]),) for r in results])
    back = joined([(writer.whole(r),) for r in results])
    return (*given, " is what comes back of ", *back, " as a result; what the map does with it comes on top. ")


def _asked_for(writer: Writer) -> list[str]:
    """The arguments by which is differentiated, in their author's order."""
    d = writer.derivation
    return [t.name for t in d.forward.declared if t.name in d.backward.adjoint and t.role in ("input", "parameter")]


def forward(writer: Writer) -> list[Block]:
    """The lines of the map: in index form, and as matrices where that reads well."""
    d = writer.derivation
    rows: list[Row] = []
    arrays = False
    for s in d.forward:
        if s.target.name == d.backward.loss and d.map.upstream:
            continue
        left, right = writer.statement(s)
        lifted = as_matrices(writer, s, why=())
        rows.append(Row(left, right, of="" if lifted else s.target.name))
        rows += lifted
        arrays = arrays or bool(lifted)
    said: Inline = ("Line by line, for each element, and of whole arrays where that reads well:",)
    return [Heading(1, ("Forward pass",)), *([Paragraph(said)] if arrays else []), Display(tuple(rows))]


def lines(writer: Writer) -> list[Row]:
    """The lines of the map, each in the one form that reads better."""
    d = writer.derivation
    return [_row(writer, s) for s in d.forward if s.target.name != d.backward.loss or not d.map.upstream]


def _row(writer: Writer, s: Statement) -> Row:
    m = writer.reading(s)
    left, right = writer.statement(s)
    if m is not None and readable(m):
        left, right = writer.whole(s.target.name), writer.matrix(m)
    return Row(left, right, of=s.target.name)


def functions(writer: Writer, worked: bool = False) -> list[Block]:
    """The scalar functions in use, with their derivatives."""
    return activations(writer, worked=worked, title="Functions and their derivatives", known=KNOWN)


def backward(writer: Writer) -> list[Block]:
    """Every derivative, from the result back to the arguments, step by step with its reasons."""
    writer = by_names(writer)
    d = writer.derivation
    blocks: list[Block] = []
    for s in d.backward.statements:
        name = s.target.of or ""
        said = "The derivative by the argument " if name in _asked_for(writer) else "The derivative by "
        blocks += [Paragraph((said, writer.whole(name), ":")), Display(tuple(derived(writer, s)))]
    start = "The chain rule goes backwards, from what is given to the arguments:"
    if not d.map.upstream:
        start = "The chain rule goes backwards, from the result to the arguments:"
    return [Heading(1, ("Backward pass",)), Paragraph((start,)), *blocks] if blocks else []


def closed_lines(writer: Writer) -> tuple[list[Row], list[Row]]:
    """The closed form of every gradient, after the derivatives that they are made of."""
    adjoint = writer.derivation.backward.adjoint
    final = [adjoint[n] for n in _asked_for(writer)]
    short = closed(writer, final)
    rows = {s.target.name: _row(short, s) for s in needed(short.derivation.backward, final)}
    return [row for name, row in rows.items() if name not in final], [rows[n] for n in final if n in rows]


def gradients(writer: Writer) -> list[Block]:
    """The gradients in a frame, after what they are made of."""
    made_of, found = closed_lines(writer) if _asked_for(writer) else ([], [])
    if not found:
        return []
    first: list[Block] = (
        [Paragraph(("With",)), Display(tuple(made_of)), Paragraph(("the gradients are",))] if made_of else []
    )
    title: Inline = ("The closed form of every gradient",)
    return [Heading(1, ("Gradients",)), Boxed(title, (*first, Display(tuple(found))))]


def sized(d: Derivation) -> None:
    """InputError where the lengths of axes are not known, without which nothing can be written out."""
    unknown = [a.name for t in d.forward.tensors.values() for a in t.axes if a not in {*d.map.sizes, d.map.batch}]
    if unknown:
        names = ", ".join(dict.fromkeys(unknown))
        raise InputError(
            f"the lengths of the axes {names} are not known, so nothing is written out element by element",
            allowed="--detail summary or steps",
        )


SUMMARY: Parts = (
    ("asked", lambda lesson: asked(lesson.writer)),
    ("forward", lambda lesson: [Heading(1, ("Forward pass",)), Display(tuple(lines(lesson.writer)))]),
    ("functions", lambda lesson: functions(lesson.writer)),
    ("gradients", lambda lesson: gradients(lesson.writer)),
)
STEPS: Parts = (
    ("asked", lambda lesson: asked(lesson.writer)),
    ("forward", lambda lesson: forward(lesson.writer)),
    ("functions", lambda lesson: functions(lesson.writer, worked=True)),
    ("chain", lambda lesson: backward(lesson.writer)),
    ("gradients", lambda lesson: gradients(lesson.writer)),
)
"""The sections of the pages in order, by name."""
