"""What the symbols of a map are that is no network: its arguments and results, in words, with their shapes and what is given."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Rational

from symbp.calculus.matrix.nodes import MatTensor
from symbp.calculus.program import Tensor, free_indices
from symbp.notes.blocks import Block, Heading, Inline, Items, Math, Paragraph, Table, chained, formulas, joined
from symbp.notes.brackets import number_latex
from symbp.notes.own_letters import OwnSymbols
from symbp.notes.reading import parts
from symbp.notes.signs import explained
from symbp.notes.stepwise import stepwise
from symbp.notes.writer import Writer

_LONGEST = 6  # digits of a number that is printed as it is


def arguments(writer: Writer, page: Sequence[Block]) -> list[Block]:
    """What comes in and what is computed of it, as a table; what is given of it; the indices, and the signs that `page` has."""
    d, sign = writer.derivation, writer.notation.hadamard
    tensors = [t for t in d.forward.tensors.values() if t.name != d.backward.loss or not d.map.upstream]
    tensors.sort(key=lambda t: _place(writer, t))
    head: tuple[Inline, ...] = (("symbol",), ("what it is",), ("shape",))
    rows: tuple[tuple[Inline, ...], ...] = tuple(
        ((writer.whole(t.name),), told(writer, t), _shape(writer, t)) for t in tensors
    )
    rows += tuple(_function(writer, name) for name, f in d.map.functions.items() if f.definition is None)
    products = any(sign in m.latex for m in formulas(page))
    signs, text = explained(page, arrays=products, hadamard=sign, z=writer.symbols.argument)
    items = (*_indices(writer), *stepwise(writer), *_layout(writer), *signs)
    listed = [Items(items, text)] if items or text else []
    return [Heading(1, ("What comes in and what comes out",)), Table(head, rows), *_facts(writer), *listed]


def _place(writer: Writer, t: Tensor) -> int:
    """Arguments first, then what comes from behind, then what is computed."""
    return 2 if t.name in writer.derivation.forward.definitions else 1 if t.role == "adjoint" else 0


def _function(writer: Writer, name: str) -> tuple[Inline, Inline, Inline]:
    """A function of which nothing is known but that it has a derivative."""
    g, slope = (Math(writer.symbols.function(name, order), name + "'" * order) for order in (0, 1))
    return (g,), ("any function of one number, with the derivative ", slope), ("by element",)


def told(writer: Writer, t: Tensor) -> Inline:
    """What a tensor is to the map, in words."""
    d = writer.derivation
    if t.role == "adjoint" and t.name in d.forward.tensors:
        return (f"the upstream {t.name} of the result ", writer.whole(t.of or ""), ", given")
    if t.of:
        return (
            "the derivative of ",
            Math(writer.symbols.loss, writer.text_loss),
            " with respect to ",
            writer.whole(t.of),
        )
    if t.name == d.backward.loss and d.map.upstream:
        return ("the number in which all ends that comes after",)
    if t.name in d.map.defaults:
        return ("a constant, ", number(d.map.defaults[t.name]), " unless it is given")
    if t.name in d.map.results:
        return ("the result",) if len(d.map.results) == 1 else ("a result",)
    if t.name in d.forward.definitions:
        return ("computed on the way",)
    if t.integer:
        return ("an argument, of whole numbers",)
    return ("an argument" if t.name in d.backward.adjoint else "an argument, not differentiated",)


def number(value: Rational) -> Math:
    r"""A number as somebody would write it: 1e-05 as 10^{-5}."""
    text = f"{float(value):.12g}"
    front, _, power = text.partition("e")
    if value.q != 1 and not power and abs(value) < Rational(1, 1000):
        front, _, power = f"{float(value):.12e}".partition("e")
        front = front.rstrip("0").rstrip(".")
    if power:
        raised = f"10^{{{int(power)}}}"
        return Math(raised if front == "1" else rf"{front} \cdot {raised}", f"{front}e{int(power)}")
    return Math(text if len(text) <= _LONGEST else number_latex(value), text)


def _shape(writer: Writer, t: Tensor) -> Inline:
    return (writer.dimensions(t),) if t.axes else ("a number",)


def _facts(writer: Writer) -> list[Block]:
    """What is known of the arguments."""
    said: list[Inline] = []
    for f in writer.derivation.forward.facts:
        found = tuple(sorted(free_indices(f.left) | free_indices(f.right), key=lambda i: i.name))
        free = writer.relettered(found, f.left)[0]
        left, right = (writer.index(writer.relettered(found, e)[1], free) for e in (f.left, f.right))
        every: Inline = (" for every ", *joined([(Math(i.name, i.name),) for i in free])) if free else ()
        said.append((chained([left, right]), *every))
    return [Paragraph(("Given is that ", *joined(said), "."))] if said else []


def _indices(writer: Writer) -> list[Inline]:
    """Over what the indices run, and what a derivative's are."""
    symbols = writer.symbols
    assert isinstance(symbols, OwnSymbols)
    ranges: list[Inline] = []
    for axis, letter in symbols.axes.items():
        size = Math(symbols.size(axis), symbols.text_length(axis))
        long: Inline = (f" ({axis.name})",) if len(axis.name) > 1 else ()
        ranges.append((Math(letter, letter), *long, " from 1 to ", size))
    shape: Inline = ("A derivative has the shape of its variable.",)
    return [("The indices run: ", *joined(ranges), ". ", *shape)] if ranges else []


def _layout(writer: Writer) -> list[Inline]:
    """Which way vectors lie, where a formula of whole arrays has one."""
    program = writer.derivation.program
    read = [parts(m) for s in program if len(s.target.axes) <= 2 and (m := writer.reading(s)) is not None]
    named = {p.name for its in read for p in its if isinstance(p, MatTensor)}
    vectors = any(len(program.tensors[n].axes) == 1 for n in named if n in program.tensors)
    return [(f"In formulas of whole arrays, vectors are {writer.notation.layout}.",)] if vectors else []
