"""Arrays in index form: NumPy's broadcasting, products and reductions on shapes made of axes instead of numbers.

Two different axes never fit together, whatever the lengths that a network gives them, so that equal widths hide nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sympy import Expr, Indexed, KroneckerDelta, Rational, S, Symbol

from symbp.calculus.indices import Axis, Index, fresh
from symbp.calculus.places import Place, Within
from symbp.calculus.program import Statement, Tensor
from symbp.calculus.reductions import Sum
from symbp.errors import InputError
from symbp.formula.grammar import place_of
from symbp.formula.syntax import Node, Span
from symbp.verification.meaning.setting import Shape

_LARGEST_POWER, _MOST_BITS = 400, 4000


class ShapeClash(Exception):
    """Arrays whose axes do not fit together: where, and why in words."""

    def __init__(self, span: Span, why: str) -> None:
        super().__init__(why)
        self.span, self.why = span, why


@dataclass(frozen=True)
class Array:
    """An element at free indices, one for each place of the shape that is not None."""

    shape: Shape
    indices: tuple[Index, ...]
    body: Expr
    needs: tuple[Statement, ...] = ()
    whole: bool = False
    """Whether its elements are whole numbers that may say places; such an array is no statement of its own."""

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes, without the places of length 1."""
        return tuple(a for a in self.shape if a is not None)

    def at(self, indices: Sequence[Index]) -> Expr:
        """The element at other indices."""
        return self.body.xreplace(dict(zip(self.indices, indices, strict=True)))

    def at_exprs(self, places: Sequence[Expr | None]) -> Expr:
        """The element at a place for each place of the shape."""
        found = [p for p, a in zip(places, self.shape, strict=True) if a is not None]
        return self.body.xreplace(dict(zip(self.indices, found, strict=True)))

    def at_places(self, places: Sequence[Index | None]) -> Expr:
        """The element at an index for each place of the shape; those at places of length 1 are not used."""
        return self.at([i for i, a in zip(places, self.shape, strict=True) if a is not None and i is not None])


@dataclass
class Workshop:
    """Makes arrays, each a statement of its own, so that the cost of a formula grows with its length and no faster."""

    words: Callable[[Shape], str]
    prefix: str = "claim"
    page: bool = False
    """Whether the formula is one on a page of mathematics, where a row and a column do not make a matrix."""
    statements: dict[str, Statement] = field(default_factory=dict)
    count: int = 0
    whole: frozenset[str] = frozenset()
    """The tensors of whole numbers."""
    pointing: dict[str, Axis] = field(default_factory=dict)
    """The axis into which each of them points, as far as that is known."""
    lengths: dict[Axis, Span] = field(default_factory=dict)
    """Axes that must have an element for what is read to be there, and where that is asked."""

    def moved(self, a: Array, shape: Shape, body: Callable[..., Expr]) -> Array:
        """An array with the elements of another one elsewhere; of whole numbers where that is."""
        if not a.whole:
            return self.made(shape, body)
        places = [None if axis is None else fresh(axis) for axis in shape]
        return Array(shape, tuple(i for i in places if i is not None), body(*places), whole=True)

    def literal(self, value: Expr) -> Array:
        """A number or a length."""
        return Array((), (), value)

    def made(self, shape: Shape, body: Callable[..., Expr], of: Iterable[Array] = ()) -> Array:
        """A new array: `body` is called with an index (or None) for each place of the shape."""
        places = [None if a is None else fresh(a) for a in shape]
        value = body(*places)
        indices = tuple(i for i in places if i is not None)
        if (name := stands_as_value(value, self.whole)) is not None:
            raise InputError(f"{name} holds whole numbers, and stands where a value is needed", allowed=f"E[{name}]")
        if not indices and value.is_number:
            return Array(shape, (), value)
        self.count += 1
        tensor = Tensor(f"{self.prefix}_{self.count}", tuple(i.axis for i in indices))
        self.statements[tensor.name] = Statement(tensor, indices, value)
        return Array(shape, indices, tensor[indices])

    def broadcast(self, node: Node, what: str, *arrays: Array) -> Shape:
        """The common shape, by NumPy's rules; ShapeClash where there is none."""
        rank = max(len(a.shape) for a in arrays)
        result: list[Axis | None] = [None] * rank
        for a in arrays:
            for k, axis in enumerate(a.shape, rank - len(a.shape)):
                if axis is not None and result[k] is not None and result[k] != axis:
                    shapes = " and ".join(self.words(b.shape) for b in arrays if b.shape)
                    raise ShapeClash(node.span, f"{what} of {shapes}: the shapes do not fit")
                result[k] = axis or result[k]
        if self.page and all(_widened(a.shape, rank) != tuple(result) for a in arrays):
            shapes = " and ".join(self.words(a.shape) for a in arrays)
            raise ShapeClash(node.span, f"{what} of {shapes}: a row and a column do not make a matrix")
        return tuple(result)

    def elementwise(self, node: Node, what: str, make: Callable[..., Expr], *arrays: Array) -> Array:
        """A scalar expression of the elements of broadcast arrays."""
        shape = self.broadcast(node, what, *arrays)

        def body(*places: Index | None) -> Expr:
            return real(make(*(a.at_places(places[len(shape) - len(a.shape) :]) for a in arrays)), node)

        return self.made(shape, body)

    def matmul(self, node: Node, a: Array, b: Array) -> Array:
        """``a @ b``: of vectors, of matrices, and of stacks of matrices along leading axes, which are broadcast."""
        if not a.shape or not b.shape:
            raise ShapeClash(node.span, "@ does not take a number: write *")
        rows, columns = len(a.shape) > 1, len(b.shape) > 1
        left: Shape = a.shape if rows else (None, *a.shape)
        right: Shape = b.shape if columns else (*b.shape, None)
        if left[-1] != right[-2]:
            inner = self.words((left[-1], right[-2])).split(" x ")
            raise ShapeClash(
                node.span,
                f"@ of {self.words(a.shape)} and {self.words(b.shape)}: {inner[0]} columns do not meet {inner[1]} rows",
            )
        lead = self.broadcast(node, "@", Array(left[:-2], (), S.Zero), Array(right[:-2], (), S.Zero))
        n = len(lead)

        def body(*places: Index | None) -> Expr:
            k = None if left[-1] is None else fresh(left[-1])
            row, column = places[n] if rows else None, places[-1] if columns else None
            x = a.at_places((*places[n - len(left) + 2 : n], row, k) if rows else (k,))
            y = b.at_places((*places[n - len(right) + 2 : n], k, column) if columns else (k,))
            return x * y if k is None else Sum.over(x * y, k)

        return self.made((*lead, *(left[-2:-1] if rows else ()), *(right[-1:] if columns else ())), body)

    def reduce(self, node: Node, over: Callable[..., Expr], a: Array, axis: int | None, keepdims: bool) -> Array:
        """A reduction over one place of the shape, or over all of them."""
        rank = len(a.shape)
        if axis is not None and not -rank <= axis < rank:
            raise ShapeClash(node.span, f"axis {axis} of {self.words(a.shape)}: there is no such axis")
        gone = set(range(rank)) if axis is None else {axis % rank}
        kept = [k for k in range(rank) if k not in gone]
        shape = tuple(None if k in gone else a.shape[k] for k in (range(rank) if keepdims else kept))

        def body(*places: Index | None) -> Expr:
            given = dict(zip(range(rank) if keepdims else kept, places, strict=True))
            bound = {k: fresh(s) for k in gone if (s := a.shape[k]) is not None}
            element = a.at_places([bound.get(k, given.get(k)) for k in range(rank)])
            return over(element, *bound.values()) if bound else element

        return self.made(shape, body)

    def transpose(self, a: Array) -> Array:
        """The axes in reverse."""
        return self.moved(a, a.shape[::-1], lambda *places: a.at_places(places[::-1]))

    def vector(self, node: Node, a: Array) -> Axis | None:
        """The one axis of a vector, however it stands."""
        if len(a.axes) > 1:
            raise ShapeClash(node.span, f"a vector is wanted, not {self.words(a.shape)}")
        return a.axes[0] if a.axes else None

    def outer(self, node: Node, a: Array, b: Array) -> Array:
        """The outer product of two vectors."""
        shape = (self.vector(node, a), self.vector(node, b))
        return self.made(shape, lambda i, j: a.at([i] if i is not None else []) * b.at([j] if j is not None else []))

    def diag(self, node: Node, a: Array) -> Array:
        """The diagonal matrix of a vector, or the diagonal of a square matrix."""
        if len(a.axes) == 2:
            if a.axes[0] != a.axes[1]:
                raise ShapeClash(node.span, f"{self.words(a.shape)} is not square")
            return self.made((a.axes[0],), lambda i: a.at([i, i]))
        axis = self.vector(node, a)
        if axis is None:
            return self.made((None, None), lambda i, j: a.at([]))
        return self.made((axis, axis), lambda i, j: a.at([i]) * KroneckerDelta(i, j))

    def trace(self, node: Node, a: Array) -> Array:
        """The sum of the diagonal of a square matrix."""
        if not a.axes:
            return a
        if len(a.axes) == 1:
            raise ShapeClash(node.span, f"{self.words(a.shape)} is not square")
        d = self.diag(node, a)
        return self.reduce(node, Sum.over, d, None, False)


def stands_as_value(value: Expr, whole: frozenset[str]) -> str | None:
    """The tensor of whole numbers that stands in an expression as a value, and not to say a place; None where none does."""
    waiting = [value] if whole else []
    while waiting:
        e = waiting.pop()
        if isinstance(e, Indexed) and str(e.base) in whole:
            return str(e.base)
        if not isinstance(e, Place | Within):
            waiting += [a for a in e.args if isinstance(a, Expr)]
    return None


def _widened(shape: Shape, rank: int) -> Shape:
    return (*(None,) * (rank - len(shape)), *shape)


def real(value: Expr, node: Node) -> Expr:
    """The value, or InputError where it has none among the real numbers."""
    if value.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.ImaginaryUnit):
        raise InputError("this has no real value", place=place_of(node))
    return value


def power(base: Expr, exponent: Expr, node: Node) -> Expr:
    """``base**exponent``, refused where the numbers grow without bounds."""
    if exponent.is_Rational:
        size = max(abs(int(base.p)), int(base.q)).bit_length() if base.is_Rational else 1
        if abs(exponent) > _LARGEST_POWER or size * abs(exponent) > _MOST_BITS or exponent.q > _LARGEST_POWER:
            raise InputError("the exponent is out of range", place=place_of(node), allowed=f"up to {_LARGEST_POWER}")
        if base == 0 and exponent < 0:
            raise InputError("division by zero", place=place_of(node))
    return base**exponent


def number(value: object) -> Expr:
    """A fraction as SymPy's."""
    return Rational(value)


def is_length(value: Expr) -> Axis | None:
    """The axis whose length a value is."""
    plain = isinstance(value, Symbol) and not isinstance(value, Index) and bool(value.is_integer)
    return Axis(value.name[2:]) if plain and value.name.startswith("N_") else None
