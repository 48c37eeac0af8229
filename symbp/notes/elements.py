"""A small network written out neuron by neuron: scalar equations, the paths of the chain rule, and the matrices they form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from sympy import Add, Integer

from symbp.calculus.matrix.nodes import Map, Matrix
from symbp.calculus.program import Statement
from symbp.errors import InputError
from symbp.network.derivation import of_one_example
from symbp.notes import maps
from symbp.notes.activations import activations
from symbp.notes.algorithm import algorithm
from symbp.notes.asked import asked
from symbp.notes.blocks import Block, Display, Heading, Inline, Math, Paragraph, Row, chained, joined
from symbp.notes.described import of_line
from symbp.notes.entries import written_out
from symbp.notes.equations import general
from symbp.notes.expand import expanded, index_values, paths, placed
from symbp.notes.general_section import equations
from symbp.notes.layout import width
from symbp.notes.one_weight import one_weight
from symbp.notes.opening import architecture, stopped
from symbp.notes.reading import plain, readable
from symbp.notes.sections import Detail, Lesson, Parts
from symbp.notes.softmax import jacobian, pairs
from symbp.notes.updates import updates
from symbp.notes.writer import Writer

MOST_WEIGHTS = 40
"""The largest number of weights, and of units in a layer, that are written out one by one."""
_WIDEST = 66.0  # letters: matrices wider than this are not written out
_COUNTS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}


def _forward_pass(lesson: Lesson) -> list[Block]:
    writer, d = lesson.writer, lesson.writer.derivation
    blocks: list[Block] = [Heading(1, ("Forward pass, neuron by neuron",))]
    for s in (s for s in d.forward if writer.symbols.lettered(s.target.name)):
        blocks += [Paragraph((writer.whole(s.target.name), f", {of_line(s.label)}:")), *_forward(writer, s)]
    return blocks


def _paths(_: Lesson) -> list[Block]:
    return [
        Heading(1, ("Backward, one path at a time",)),
        Paragraph((
            "A derivative is a sum over the paths on which its variable reaches the loss; paths on which it has no influence are "
            "left out. What the scalar equations say is then read as one matrix equation.",
        )),
    ]  # fmt: skip


def _backward_pass(lesson: Lesson) -> list[Block]:
    writer, d = lesson.writer, lesson.writer.derivation
    sizes = d.map.sizes
    definitions = {s.target.name: replace(s, body=expanded(s.body, sizes)) for s in d.forward}
    blocks: list[Block] = []
    for s in d.backward.statements:
        if s.target.name in writer.trivial:
            continue
        name = s.target.of or ""
        kind = "error" if writer.symbols.tensors[name].role == "value" else "gradient"
        blocks += [Paragraph((f"The {kind} of ", writer.whole(name), ":")), *_backward(writer, s, definitions)]
    return [*blocks, *stopped(writer)]


def checked(writer: Writer) -> None:
    """InputError where a network is too large to be written out, or a batch is, and where lengths are not known."""
    d = writer.derivation
    maps.sized(d)
    sizes = d.map.sizes
    of_one_example(d, "a batch is not written out element by element")
    weights = sum(math.prod(sizes[a] for a in p.tensor.axes) for p in d.map.parameters if p.decays)
    units = max(math.prod(sizes[a] for a in t.axes) for t in d.forward.tensors.values() if t.role != "parameter")
    for count, what in ((weights, "weights"), (units, "units in a layer")):
        if count > MOST_WEIGHTS:
            raise InputError(
                f"the network has {count} {what}, too many to write out one by one",
                allowed=f"at most {MOST_WEIGHTS}, or --detail steps",
            )


def of_elements(writer: Writer, s: Statement, definitions: Mapping[str, Statement]) -> list[Block]:
    """One equation written out, of the forward map or of a derivative; `definitions` is the forward map written out."""
    return _backward(writer, s, definitions) if s.target.of else _forward(writer, s)


def _forward(writer: Writer, s: Statement) -> list[Block]:
    sizes = writer.derivation.map.sizes
    body = expanded(writer.put_in(s.body), sizes)
    rows = [
        Row(
            writer.index(s.target[at]), writer.index(placed(body, s.indices, at, sizes)), of=s.target.name, at=_ints(at)
        )
        for at in index_values(s.target.axes, sizes)
    ]
    return _blocks(writer, s, rows)


def _backward(writer: Writer, s: Statement, definitions: Mapping[str, Statement]) -> list[Block]:
    """The derivatives with respect to each element: the recorded steps written out, one after the other."""
    sizes = writer.derivation.map.sizes
    taken = [t for t in writer.derivation.backward.steps if t.target.name == s.target.name]
    chains = [expanded(t.after, sizes) for t in taken if t.rule == "chain rule"]
    others = [t.after for t in taken if t.rule != "chain rule"]
    bodies = [expanded(writer.put_in(e), sizes) for e in (*others, s.body)]
    rows = []
    for at in index_values(s.target.axes, sizes):
        forms, ways = [writer.index(s.target[at]), writer.index(s.target[at], spelled=True)], 1
        for chain in chains:
            travelled = paths(placed(chain, s.indices, at, sizes), definitions, sizes)
            ways = len(Add.make_args(travelled))
            forms.append(writer.index(travelled, spelled=True))
        forms += [writer.index(e) for e in dict.fromkeys(placed(b, s.indices, at, sizes) for b in bodies)]
        reason: Inline = (f"{_COUNTS.get(ways, str(ways))} paths add",) if ways > 1 else ()
        facts = joined([("since ", fact) for t in taken if t.rule == "simplify" for fact in t.uses])
        if facts:  # what is known of the targets stands beside the form that needs it
            rows += [_chain_row(forms[:-1], reason), Row(None, forms[-1], facts, of=s.target.name, at=_ints(at))]
        else:
            rows.append(replace(_chain_row(forms, reason), of=s.target.name, at=_ints(at)))
    return _blocks(writer, s, rows)


def _ints(at: tuple[Integer, ...]) -> tuple[int, ...]:
    return tuple(map(int, at))


def _chain_row(forms: list[Math], reason: Inline) -> Row:
    """``first = second = ...`` without the forms that were there already."""
    seen: list[Math] = []
    for m in forms:
        if all(m.latex != other.latex for other in seen):
            seen.append(m)
    return Row(seen[0], chained(seen[1:] or forms[-1:]), reason)


def _blocks(writer: Writer, s: Statement, rows: list[Row]) -> list[Block]:
    """The scalar equations, and the matrix equation that they form."""
    m = writer.reading(s)
    if len(rows) < 2 or not readable(m):
        return [Display(tuple(rows))]
    assert m is not None
    body = general(writer, s)
    first = writer.reading(replace(s, body=body)) if body is not None else None
    forms = [f for f in (first, m) if f is not None and readable(f)]
    whole = Row(writer.whole(s.target.name), chained([writer.matrix(f) for f in forms]), of=s.target.name)
    entries = _entries(writer, s, forms[0])
    if not entries:
        return [Display((*rows, replace(whole, reason=("as vectors",) if plain(forms[0]) else ("as matrices",))))]
    read: Inline = ("Stacked:",) if plain(forms[0]) else ("Read as matrices: ", writer.shape(forms[0]))
    return [Display(tuple(rows)), Paragraph(read), Display((*entries, whole))]


def _entries(writer: Writer, s: Statement, m: Matrix) -> list[Row]:
    """The matrix equation with its entries, where it is no list of scalars and fits on the page."""
    stacked = isinstance(m, Map) and m.named and m.order == 0  # a = g(z), unit by unit
    if plain(m) and not stacked:
        return []
    try:
        left, right = written_out(writer, s, m)
    except InputError:
        return []
    return [Row(left, right)] if width(left.latex) + width(right.latex) <= _WIDEST else []


PARTS: Parts = (
    ("asked", lambda lesson: asked(lesson.writer)),
    ("network", lambda lesson: architecture(lesson.writer, ())),
    ("forward", _forward_pass),
    ("activations", lambda lesson: activations(lesson.writer, worked=True)),
    ("softmax", lambda lesson: jacobian(lesson.writer)),
    ("paths", _paths),
    ("backward", _backward_pass),
    ("pairs", lambda lesson: pairs(lesson.writer)),
    ("one weight", lambda lesson: one_weight(lesson.writer)),
    ("updates", lambda lesson: updates(lesson.writer)),
    ("general", lambda lesson: equations(lesson.general, short=True)),
    ("algorithm", lambda lesson: algorithm(lesson.writer, lesson.general, ())),
)
OF_MAPS: Parts = (
    ("asked", lambda lesson: maps.asked(lesson.writer)),
    ("forward", _forward_pass),
    ("functions", lambda lesson: maps.functions(lesson.writer, worked=True)),
    ("ways", _paths),
    ("chain", _backward_pass),
    ("gradients", lambda lesson: maps.gradients(lesson.writer)),
)
"""The sections of the page in order, by name."""

elements = Detail(PARTS, OF_MAPS, checked)
"""The page at the detail ``elements``."""
