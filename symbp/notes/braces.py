r"""Matrix expressions with the shape of every factor under a brace: ``\underbrace{W^{(2)\top}}_{3 \times 2}``."""

from __future__ import annotations

from symbp.calculus.matrix.nodes import Hadamard, MatMul, Matrix, MatTensor, Plus, Power, Scale
from symbp.notes.blocks import Math
from symbp.notes.matrices import literal_name, with_parts
from symbp.notes.reading import parts, plain
from symbp.notes.writer import Writer

_MOST = 5
"""More factors than this have no room for braces."""


def braced(writer: Writer, m: Matrix) -> Math:
    """A matrix expression with the shapes of its factors; a single tensor, whose shape says nothing new, stays as it is."""
    shown = writer.matrix(m)
    if plain(m) or _count(m) > _MOST or (writer.derivation.map.layers and not writer.derivation.map.depth):
        return shown
    under = _braced(writer, m, inner=False)
    return (
        shown if isinstance(under, MatTensor) else Math(writer.matrix(under).latex, shown.text)
    )  # one brace says nothing


def _braced(writer: Writer, m: Matrix, *, inner: bool) -> Matrix:
    match m:
        case MatMul() | Hadamard():
            return with_parts(m, lambda f: _braced(writer, f, inner=True))
        case Plus() if not inner and any(isinstance(p, MatMul) for p in parts(m)):
            return with_parts(m, lambda t: _braced(writer, t, inner=False))
        case Scale():
            return Scale(m.shape, m.scalars, _braced(writer, m.body, inner=inner))
        case Power() if m.exponent.is_negative:  # printed as a quotient, whose lower part has the brace
            return Power(m.shape, _braced(writer, m.base, inner=True), m.exponent)
    return _leaf(writer, m)


def _leaf(writer: Writer, m: Matrix) -> Matrix:
    """A factor as one letter, printed over its shape."""
    latex = writer.matrix(m).latex
    latex = f"({latex})" if isinstance(m, Plus) else latex
    rows, columns = ("1" if a is None else writer.symbols.size(a) for a in m.shape)
    return MatTensor(m.shape, literal_name(rf"\underbrace{{{latex}}}_{{{rows} \times {columns}}}"))


def _count(m: Matrix) -> int:
    """How many factors would have a brace."""
    match m:
        case MatMul() | Hadamard():
            return sum(_count(f) for f in m.factors)
        case Plus() if any(isinstance(p, MatMul) for p in parts(m)):
            return sum(_count(t) for t in m.terms)
    return 1
