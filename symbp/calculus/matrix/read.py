"""The matrix reading: an index equation with at most two free indices read as matrix algebra, where a reading exists.

A product under sums is a graph: its indices are the vertices, a factor with two indices is an edge, one with one index is a
weight on a vertex. Removing one summed index at a time reads the graph: parallel edges are a Hadamard product, an index at the
end of one edge is a matrix times a vector (of ones where it has no weight), an index between two edges is a matrix product with
the weight as a diagonal in the middle, an index alone is an inner product, a closed loop a trace. The graphs read this way are
the series-parallel ones (Duffin 1965, Topology of series-parallel networks); anything else has no reading.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Symbol, exp

from symbp.calculus.contract import contract
from symbp.calculus.functions import Apply
from symbp.calculus.indices import Axis, Index
from symbp.calculus.matrix.graph import Graph
from symbp.calculus.matrix.nodes import (
    DiagPart,
    Identity,
    Map,
    Matrix,
    MatTensor,
    NoReading,
    OfMatrix,
    Power,
    Shape,
    flips,
    number,
)
from symbp.calculus.matrix.terms import matmul, ones, plus, settled, transpose
from symbp.calculus.matrix_functions import MatrixFunction
from symbp.calculus.primitives import BY_HEAD
from symbp.calculus.primitives.matrices import MATRIX_BY_HEAD
from symbp.calculus.program import Program, Statement, Tensor, elements, free_indices, indices_of, name_of
from symbp.calculus.reductions import LogSumExp, Reduction, Sum, rewrite
from symbp.calculus.text import BATCH, FUNCTION_NAMES

Layout = Literal["columns", "rows"]
Orientation = Callable[[Tensor], tuple[int | None, int | None]]
"""For a tensor, the positions of the axes that are displayed as its rows and as its columns."""


def orientation(layout: Layout = "columns", from_to: Collection[str] = (), batch: str = BATCH) -> Orientation:
    """How tensors with at most two axes are displayed.

    Parameters
    ----------
    layout : in "columns", an example is a column and a batch is (features x examples); in "rows", both lie down
    from_to : names of tensors with axes (to, from) that are displayed (from x to); their adjoints are displayed likewise
    batch : the name of the axis that counts examples
    """

    def orient(tensor: Tensor) -> tuple[int | None, int | None]:
        names = [axis.name for axis in tensor.axes]
        if not names:
            return (None, None)
        if len(names) == 1:
            column = (layout == "columns") != (names[0] == batch)  # along the examples, a vector lies the other way
            return (0, None) if column else (None, 0)
        if batch in names:
            n = names.index(batch)
            return (1 - n, n) if layout == "columns" else (n, 1 - n)
        return (1, 0) if tensor.name in from_to or tensor.of in from_to else (0, 1)

    return orient


def read_matrix(statement: Statement, orient: Orientation | None, layout: Layout, program: Program) -> Matrix | None:
    """The right side of a statement as a matrix expression in the shape of the left side, or None where none exists.

    Parameters
    ----------
    statement : the index equation; its target has at most two axes
    orient : how each tensor is displayed; None for ``orientation(layout)``
    layout : which way examples lie, where `orient` is None
    program : declares or defines every tensor that is read
    """
    if len(statement.indices) > 2:
        return None
    orient = orient or orientation(layout)
    reader = _Reader(program, orient)
    row, col = (None if p is None else statement.indices[p] for p in orient(statement.target))
    try:
        if statement.label in ("softmax", "log_softmax"):
            return reader.softmax(statement, row, col)
        return reader.read(rewrite(statement.body, _spelled_out), row, col)
    except NoReading:
        return None


@dataclass(frozen=True)
class _Reader:
    program: Program
    orient: Orientation

    def read(self, expr: Expr, row: Index | None, col: Index | None) -> Matrix:
        """`expr` as a matrix with `row` and `col` for its indices; what lacks one of them is broadcast."""
        shape = (row.axis if row else None, col.axis if col else None)
        if is_scalar_number(expr):
            return number(expr, shape)
        free = free_indices(expr)
        if not free <= {row, col}:
            raise NoReading
        if (row and row not in free) or (col and col not in free):
            body = self.read(expr, row if row in free else None, col if col in free else None)
            up, down = ones(None if row in free else shape[0]), ones(None if col in free else shape[1])
            return matmul(up, body, transpose(down))
        if isinstance(expr, Add):
            return plus(*[self.read(t, row, col) for t in expr.args])
        if isinstance(expr, (Sum, Mul)):
            return self.product(expr, row, col)
        if isinstance(expr, Pow) and not isinstance(expr, exp):
            if not expr.exp.is_Rational:
                raise NoReading
            return settled(Power(shape, self.read(expr.base, row, col), expr.exp))
        if isinstance(expr, KroneckerDelta):
            if shape[0] != shape[1]:
                raise NoReading
            return Identity(shape)
        if isinstance(expr, (Indexed, Symbol)):
            return self.element(expr, row, col)
        if isinstance(expr, MatrixFunction):
            return self.of_matrix(expr, row, col)
        if isinstance(expr, Apply):
            return settled(Map(shape, expr.name, (self.read(expr.arg, row, col),), expr.order, named=True))
        if type(expr) in FUNCTION_NAMES:
            args = tuple(self.read(a, row, col) for a in expr.args)
            return settled(Map(shape, FUNCTION_NAMES[type(expr)], args))
        raise NoReading

    def element(self, expr: Expr, row: Index | None, col: Index | None) -> Matrix:
        tensor = self.program.tensors.get(name_of(expr))
        indices = indices_of(expr)
        if tensor is None or len(indices) > 2 or not all(isinstance(i, Index) for i in indices):
            raise NoReading
        places = self.orient(tensor)
        mine = tuple(None if p is None else indices[p] for p in places)
        shape = tuple(None if p is None else tensor.axes[p] for p in places)
        leaf = MatTensor((shape[0], shape[1]), tensor.name, adjoint=tensor.role == "adjoint")
        return self.placed(leaf, mine, row, col)

    def of_matrix(self, expr: MatrixFunction, row: Index | None, col: Index | None) -> Matrix:
        """A function of a matrix that depends on no index but its own."""
        p, q, entry = expr.opened()
        body = self.read(entry, p, q)
        if not all(isinstance(i, Index) for i in expr.indices):
            raise NoReading
        shape: Shape = (q.axis, p.axis) if expr.rank else (None, None)
        turned = flips(other := transpose(body)) < flips(body)  # A^-T, and det A, of what is displayed as A^T
        leaf: Matrix = OfMatrix(shape, MATRIX_BY_HEAD[type(expr)].name, other if turned else body)
        leaf = transpose(leaf) if turned else leaf
        return self.placed(leaf, expr.indices or (None, None), row, col)

    def placed(self, leaf: Matrix, mine: tuple[Expr | None, ...], row: Index | None, col: Index | None) -> Matrix:
        """A matrix whose element with the indices `mine` is read, with `row` and `col` for its own."""
        shape = leaf.shape
        if mine[0] is not None and mine[0] == mine[1]:
            diagonal = DiagPart((shape[0], None), leaf)
            return diagonal if row else transpose(diagonal)
        return leaf if mine == (row, col) else transpose(leaf)

    def product(self, expr: Expr, row: Index | None, col: Index | None) -> Matrix:
        """A product under any number of sums."""
        factors, summed = flattened(expr)
        for f in factors:
            if isinstance(f, Add) and len(free_indices(f)) > 2:  # three indices: distribute, and read each term
                rest = Mul(*[g for g in factors if g is not f])
                return self.read(Add(*[contract(Sum.over(rest * t, *summed)) for t in f.args]), row, col)
        order = [i for i in (row, *summed, col) if i is not None]
        graph = Graph(order, frozenset(summed))
        for f in factors:
            there = [i for i in order if i in free_indices(f)]
            if len(there) > 2:
                raise NoReading
            if len(there) == 2:
                graph.add_edge(there[0], there[1], self.read(f, there[0], there[1]))
            elif there:
                graph.add_weight(there[0], self.read(f, there[0], None))
            else:
                graph.scalars.append(self.read(f, None, None))
        return graph.reading(row, col)

    def softmax(self, statement: Statement, row: Index | None, col: Index | None) -> Matrix:
        """The statement of a softmax, or its logarithm, over one of its free indices."""
        body = statement.body
        if statement.label == "softmax":
            if not isinstance(body, exp):
                raise NoReading
            body = body.args[0]
        totals = [t for t in Add.make_args(body) if (-t).func is LogSumExp]
        if len(totals) != 1:
            raise NoReading
        arg = body - totals[0]
        for place, index in enumerate((row, col)):
            if index is not None and (-totals[0]).axis == index.axis and (-totals[0]).open(index) == arg:
                shape: tuple[Axis | None, Axis | None] = (row.axis if row else None, col.axis if col else None)
                return Map(shape, statement.label, (self.read(arg, row, col),), along=place)
        raise NoReading


def flattened(expr: Expr) -> tuple[list[Expr], list[Index]]:
    """The factors of a product under sums, sums among the factors opened too, and the fresh indices summed over."""
    factors: list[Expr] = []
    summed: list[Index] = []
    for f in Mul.make_args(expr):
        if isinstance(f, Sum):
            index, body = f.opened()
            inner, more = flattened(body)
            factors += inner
            summed += [index, *more]
        else:
            factors.append(f)
    return factors, summed


def _spelled_out(node: Expr) -> Expr:
    """``xlogy(x, y)`` as a product, which a page reads; what it guards against (0 times log 0) is the code's concern."""
    row = BY_HEAD.get(type(node))
    return row.textbook(*node.args) if row is not None and row.spelled_out and row.textbook is not None else node


def is_scalar_number(expr: Expr) -> bool:
    """Whether an expression consists of numbers and lengths of axes alone."""
    return not elements(expr) and not free_indices(expr) and not expr.has(Reduction, Apply)
