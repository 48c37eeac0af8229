"""One weight of a small network from end to end: its derivative as a product along each of its ways to the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sympy import Add, Expr, Integer, Mul, Pow

from symbp.calculus.program import elements, indices_of, name_of
from symbp.notes.blocks import Block, Display, Heading, Math, Paragraph, Row
from symbp.notes.expand import expanded, placed
from symbp.notes.layout import width
from symbp.notes.writer import Writer

_WIDEST = 120.0  # letters: a longer sum is not followed by eye

Way = tuple[Expr, ...]
"""What is multiplied on one way, from the loss to the weight."""


def one_weight(writer: Writer) -> list[Block]:
    """The derivative by the first weight in terms of the forward pass alone, a product for each way; nothing where that is long,
    and in networks of one layer, whose derivatives are no longer than that already."""
    d = writer.derivation
    if d.map.depth < 2 or "W1" not in d.backward.adjoint:
        return []
    s = d.backward.of("W1")
    at = (Integer(0),) * len(s.target.axes)
    ways = sorted(_ways(writer, s.target[at]), key=lambda way: len(way) == 1)  # what a penalty adds stands last
    if any(f == 0 or _errors(writer, f) for way in ways for f in way):
        return []
    right = along(ways, writer.index)
    if width(right.latex) > _WIDEST:
        return []
    several = ", and the ways add" if len(ways) > 1 else ""
    return [
        Heading(1, ("One weight from end to end",)),
        Paragraph((
            f"Put together, the derivative by a weight is a product along its way{'s' * (len(ways) > 1)} to the loss{several}: "
            "the error of an output, then layer by layer back a weight and a slope, and at the end the input of the weight "
            "itself:",
        )),
        Display((Row(
            writer.index(s.target[at], spelled=True), right, of=s.target.name, at=tuple(map(int, at)), ways=tuple(ways),
        ),)),
    ]  # fmt: skip


def along(ways: Sequence[Way], show: Callable[[Expr], Math], times: str = " ") -> Math:
    """The sum over the ways of the products along each, the sign `times` between their factors."""
    products = [_product(show, way, times) for way in ways]
    return Math(" + ".join(m.latex for m in products), " + ".join(m.text for m in products))


def _ways(writer: Writer, element: Expr) -> Iterator[Way]:
    """The ways from the loss to what an element of a derivative is by."""
    sizes = writer.derivation.map.sizes
    s = writer.derivation.program.definitions[name_of(element)]
    body = placed(expanded(writer.put_in(s.body), sizes), s.indices, indices_of(element), sizes)
    if not _errors(writer, body):
        yield (body,)
        return
    for term in Add.make_args(body.expand(mul=False)):
        behind = [f for f in Mul.make_args(term) if f in _errors(writer, term)]
        if len(behind) != 1:  # what a penalty adds, or outputs that are coupled
            yield (term,)
            continue
        local = term / behind[0]
        for way in _ways(writer, behind[0]):
            yield (*way, *((local,) if local != 1 else ()))


def _errors(writer: Writer, expr: Expr) -> list[Expr]:
    """The elements of derivatives in an expression."""
    of_loss = {s.target.name for s in writer.derivation.backward.statements}
    return [e for e in elements(expr) if name_of(e) in of_loss]


def _product(show: Callable[[Expr], Math], way: Way, times: str) -> Math:
    """The factors in their order, the brackets that a product needs around them."""
    factors = [_bracketed(show(f), f, first=k == 0) for k, f in enumerate(way)] if len(way) > 1 else []
    factors = factors or [show(f) for f in way]
    return Math(times.join(m.latex for m in factors), "*".join(m.text for m in factors))


def _bracketed(m: Math, factor: Expr, *, first: bool) -> Math:
    negative = (
        not first and (m.latex.startswith("-") or factor.could_extract_minus_sign()) and not isinstance(factor, Pow)
    )
    bare = isinstance(factor, Add) or (negative and not m.text.startswith("("))
    text = f"({m.text})" if bare else m.text  # where 2 (u - v) is 2*u - 2*v
    bracketed = (isinstance(factor, Add) and factor.primitive()[0] == 1) or negative
    return Math(f"({m.latex})" if bracketed else m.latex, text)
