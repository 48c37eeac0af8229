"""The matrix reading of a derivation's equations in a notation's layout, and the shapes of its factors."""

from __future__ import annotations

from collections.abc import Callable

from symbp.calculus.indices import Axis
from symbp.calculus.matrix.nodes import (
    Hadamard,
    Map,
    MatMul,
    Matrix,
    MatTensor,
    Number,
    Ones,
    Plus,
    Power,
    Scale,
    Trace,
    flips,
)
from symbp.calculus.matrix.read import read_matrix
from symbp.calculus.program import Statement
from symbp.network.derivation import Derivation
from symbp.notation import DEFAULT
from symbp.notes.fits import fitting
from symbp.notes.own_letters import symbols_of
from symbp.notes.symbols import Symbols


def reading(derivation: Derivation, statement: Statement, convention: str = DEFAULT) -> Matrix | None:
    """The right side of an equation as a matrix expression in the shape of its left side, or None where none exists."""
    return symbols_reading(symbols_of(derivation, fitting(derivation, convention), {}), statement)


def symbols_reading(symbols: Symbols, statement: Statement) -> Matrix | None:
    """The same, for symbols that are there already."""
    if symbols.notation.patterns:
        return None  # letters of elements alone
    m = read_matrix(symbols.labelled(statement), symbols.orient, symbols.notation.layout, symbols.derivation.program)
    return m if m is not None and symbols.reads_well(m) else None


def parts(m: Matrix) -> list[Matrix]:
    """A matrix expression and everything in it."""
    return [m, *(q for p in m.parts for q in parts(p))]


def readable(m: Matrix | None) -> bool:
    """Whether a reading is better on a page than the index form: no sums written as products with ones, no traces but
    those of plain products."""
    if m is None:
        return False
    scalar = m.shape == (None, None)
    everything = parts(m)
    if any(isinstance(p, Map) and p.name in ("where", "xlogy") for p in everything):
        return False
    return not (
        scalar
        and any(
            isinstance(p, Ones) or (isinstance(p, Trace) and flips(p)) or (isinstance(p, Map) and p.named)
            for p in everything
        )
    )


def shapes(m: Matrix, length: Callable[[Axis], str], hadamard: str = r"\odot") -> str:
    """The shapes of the factors as text with the signs of LaTeX: ``(3 \\times 4)(4 \\times 1)``; scalars are left out. `length`
    is that of an axis, `hadamard` the sign of the product of elements."""

    def size(axis: Axis | None) -> str:
        return "1" if axis is None else length(axis)

    def shape(node: Matrix) -> str:
        return rf"({size(node.shape[0])} \times {size(node.shape[1])})"

    def show(node: Matrix, inner: bool) -> str:
        match node:
            case MatMul():
                return "".join(show(f, True) for f in node.factors)
            case Hadamard():
                over = [f for f in node.factors if not _divides(f)]
                under = [f for f in node.factors if _divides(f)]
                text = f" {hadamard} ".join(show(f, True) for f in over or node.factors)
                text += r" \oslash ".join(["", *(show(f, True) for f in under)]) if over else ""
                return f"[{text}]" if inner else text
            case Plus():
                if inner or not any(isinstance(p, MatMul) for p in parts(node)):
                    return shape(node)
                return " + ".join(show(t, False) for t in node.terms)
            case Scale():
                return show(node.body, inner)
        return shape(node)

    return show(m, False)


def _divides(m: Matrix) -> bool:
    """Whether a factor stands under a quotient."""
    return isinstance(m, Power) and bool(m.exponent.is_negative)


def plain(m: Matrix) -> bool:
    """Whether an expression is a single tensor or number, whose shape says nothing new."""
    if isinstance(m, (MatTensor, Number, Map, Power, Plus, Scale)):
        return not any(isinstance(p, (MatMul, Hadamard)) for p in parts(m))
    return False
