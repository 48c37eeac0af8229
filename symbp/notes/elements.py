"""A small network written out neuron by neuron: scalar equations, the paths of the chain rule, and the matrices they form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from sympy import Add, Integer

from symbp.calculus.matrix.nodes import Matrix
from symbp.calculus.program import Statement
from symbp.errors import InputError
from symbp.notes.activations import activations
from symbp.notes.blocks import Block, Display, Heading, Inline, Math, Paragraph, Row, chained
from symbp.notes.entries import written_out
from symbp.notes.equations import general
from symbp.notes.expand import expanded, index_values, paths, placed
from symbp.notes.layout import width
from symbp.notes.legend import notation
from symbp.notes.opening import architecture, stopped
from symbp.notes.reading import plain, readable
from symbp.notes.updates import updates
from symbp.notes.writer import Writer

MOST_WEIGHTS = 40
"""The largest number of weights, and of units in a layer, that are written out one by one."""
_WIDEST = 66.0  # letters: matrices wider than this are not written out
_COUNTS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}


def elements(writer: Writer) -> list[Block]:
    """The blocks of the page at the detail ``elements``.

    Raises
    ------
    InputError : for a network with more than :data:`MOST_WEIGHTS` weights, or a derivation for a batch
    """
    d = writer.derivation
    _check(writer)
    sizes = d.map.sizes
    definitions = {s.target.name: replace(s, body=expanded(s.body, sizes)) for s in d.forward}
    blocks = [*architecture(writer, ()), Heading(1, ("Forward map, neuron by neuron",))]
    for s in (s for s in d.forward if writer.symbols.lettered(s.target.name)):
        blocks += [Paragraph((writer.whole(s.target.name), f" ({s.label.replace('_', ' ')}):")), *_forward(writer, s)]
    blocks += [
        Heading(1, ("Backward, one path at a time",)),
        Paragraph((
            "A derivative is a sum over the paths on which its variable reaches the loss; paths on which it has no influence are "
            "left out. What the scalar equations say is then read as one matrix equation.",
        )),
    ]  # fmt: skip
    for s in d.backward.statements:
        if s.target.name in writer.trivial:
            continue
        name = s.target.of or ""
        kind = "Error" if writer.symbols.tensors[name].role == "value" else "Gradient"
        blocks += [Heading(2, (f"{kind} of ", writer.whole(name))), *_backward(writer, s, definitions)]
    blocks += [*stopped(writer), *activations(writer), *updates(writer)]
    return [*notation(writer, blocks), *blocks]


def _check(writer: Writer) -> None:
    d = writer.derivation
    sizes = d.map.sizes
    if d.batch:
        raise InputError("a batch is not written out element by element", allowed="a derivation for one example")
    weights = sum(math.prod(sizes[a] for a in p.tensor.axes) for p in d.map.parameters if p.decays)
    units = max(math.prod(sizes[a] for a in t.axes) for t in d.forward.tensors.values() if t.role != "parameter")
    for count, what in ((weights, "weights"), (units, "units in a layer")):
        if count > MOST_WEIGHTS:
            raise InputError(
                f"the network has {count} {what}, too many to write out one by one",
                allowed=f"at most {MOST_WEIGHTS}, or --detail steps",
            )


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
    blocks: list[Block] = [Display(tuple(rows))]
    if len(rows) < 2 or not readable(m):
        return blocks
    assert m is not None
    body = general(writer, s)
    first = writer.reading(replace(s, body=body)) if body is not None else None
    forms = [f for f in (first, m) if f is not None and readable(f)]
    whole = Row(writer.whole(s.target.name), chained([writer.matrix(f) for f in forms]))
    shape: Inline = (":",) if plain(forms[0]) else (": ", writer.shape(forms[0]))
    return [*blocks, Paragraph(("Read as matrices", *shape)), Display((*_entries(writer, s, forms[0]), whole))]


def _entries(writer: Writer, s: Statement, m: Matrix) -> list[Row]:
    """The matrix equation with its entries, where it is no list of scalars and fits on the page."""
    if plain(m):
        return []
    try:
        left, right = written_out(writer, s, m)
    except InputError:
        return []
    return [Row(left, right)] if width(left.latex) + width(right.latex) <= _WIDEST else []
