"""A reference card: notation, architecture, forward pass, backward pass, gradients, activations, updates; one page where the
network is small."""

from __future__ import annotations

from symbp.notes import maps
from symbp.notes.activations import activations
from symbp.notes.blocks import Block, Display, Heading, Paragraph, Row, Table
from symbp.notes.columns import side_by_side
from symbp.notes.equations import listed, rows
from symbp.notes.general import kind_of
from symbp.notes.opening import architecture, stopped
from symbp.notes.sections import Detail, Lesson, Parts
from symbp.notes.statistics import statistics
from symbp.notes.updates import updates
from symbp.notes.writer import Writer

_MOST_UPDATES = 4  # parameters of two layers: a card says the rule once for more of them


def _network(lesson: Lesson) -> list[Block]:
    """The network in a sentence, and in a table where its layers are not all dense ones: their shapes are in the notation."""
    blocks = architecture(lesson.writer, lesson.alike)
    return [b for b in blocks if not isinstance(b, Table)] if kind_of(lesson.writer.derivation) else blocks


def _passes(lesson: Lesson) -> list[Block]:
    writer, d = lesson.writer, lesson.writer.derivation
    adjoints = {s.target.name for s in d.backward.statements}
    leaves = {d.backward.adjoint[t.name] for t in d.forward.declared if t.name in d.backward.adjoint}
    read = {name for s in d.program for name in s.reads}

    def display(wanted: list[str]) -> list[Block]:
        found: list[Row] = []
        for w, s, note in listed(writer, lesson.alike, lambda s: s.target.name in wanted):
            found += rows(w, s, note)
        return [Display(tuple(found))] if found else []

    forward = [s.target.name for s in d.forward]
    shown = [n for n in (adjoints - leaves) & d.live if n in read or not _merged(writer, n)]
    shown = [n for n in shown if n not in writer.trivial]
    parameters = [n for n in leaves if _role(writer, n) == "parameter"]
    inputs = [n for n in leaves if _role(writer, n) == "input"]
    forth = [Heading(1, ("Forward pass",)), *display(forward)]
    back = [Heading(1, ("Backward pass",)), *display(shown), *stopped(writer)]
    gradients = [Heading(1, ("Gradients",)), *display(parameters)]
    passed = display(inputs)
    passed = [Paragraph(("Passed on to whatever made the input:",)), *passed] if passed else []
    return [*forth, *side_by_side(back, [*gradients, *passed])]


def _learning(lesson: Lesson) -> list[Block]:
    return side_by_side(activations(lesson.writer), updates(lesson.writer, _MOST_UPDATES))


def _merged(writer: Writer, name: str) -> bool:
    """Whether an error was put into its only reader, so that nothing is left that needs it."""
    return any(
        s.rule == "substitute" and s.before is not None and name in s.why for s in writer.derivation.backward.steps
    )


def _role(writer: Writer, adjoint: str) -> str:
    of = writer.symbols.tensors[adjoint].of
    return writer.symbols.tensors[of].role if of else ""


PARTS: Parts = (
    ("network", _network),
    ("passes", _passes),
    ("statistics", lambda lesson: statistics(lesson.writer)),
    ("learning", _learning),
)
"""The sections of the page in order, by name."""

summary = Detail(PARTS, maps.SUMMARY)
"""The page at the detail ``summary``."""
