"""Functions of a whole matrix in NumPy: the matrix on the last two axes, one for every value of the indices before them.

A product with an inverse is a linear system, which is solved: that is faster than to invert, and loses fewer digits (Higham 2002,
section 14.1).
"""

from __future__ import annotations

from sympy import Expr

from symbp.calculus.indices import Index
from symbp.calculus.matrix_functions import MatrixFunction
from symbp.calculus.primitives.matrices import MATRIX_BY_HEAD
from symbp.codegen.arrays import Arrays
from symbp.codegen.forms import MATRIX_FORMS
from symbp.codegen.nodes import Node, aligned, permuted
from symbp.errors import InputError

_INVERSE, _SOLVE = "inverse", "solve"


def of_matrix(a: Arrays, e: Expr) -> Node:
    """A function of a matrix, or of each of a stack of them; its elements at the indices that are asked for."""
    assert isinstance(e, MatrixFunction)
    p, q = e.array.bound, e.array.body.bound
    for index in (p, q, *e.indices):
        a.place(index)
    node = a.real(a.lower(e.array.body.body))
    around = tuple(i for i in node.axes if i not in (p, q))
    node = permuted(_filled(a, node, (*around, p, q)), (*around, p, q))
    row = MATRIX_BY_HEAD[type(e)]
    name = MATRIX_FORMS.get(row.name, f"np.linalg.{row.numpy}" if row.numpy else "")
    if not name:
        raise InputError(f"the function {row.name} has no form in NumPy, so no code can be made for it")
    return diagonal(Node("linalg", (node,), (name,), (*around, *e.indices)))


def _filled(a: Arrays, node: Node, axes: tuple[Index, ...]) -> Node:
    """The node with all the axes: a matrix may be the same in every row."""
    if set(node.axes) == set(axes):
        return node
    return Node("broadcast", (aligned(node, axes), *(a.length(i.axis) for i in axes)), axes=axes)


def diagonal(node: Node) -> Node:
    """A node whose axes are distinct: of an index that stands at two of them, the diagonal."""
    distinct = tuple(dict.fromkeys(node.axes))
    if len(distinct) == len(node.axes):
        return node
    letters = {i: "ijklmnpq"[k] for k, i in enumerate(distinct)}
    spec = "".join(letters[i] for i in node.axes) + "->" + "".join(letters.values())
    return Node("einsum", (node,), (spec,), distinct)


def solved(x: Node, y: Node, summed: list[Index]) -> Node | None:
    """The product of an inverse with a vector or a matrix, summed over one index, as the solution of a linear system; None where
    it is none."""
    if y.op == "linalg" and y.data == (_INVERSE,) and not (x.op == "linalg" and x.data == (_INVERSE,)):
        x, y = y, x
    if x.op != "linalg" or x.data != (_INVERSE,) or len(x.axes) != 2 or len(summed) != 1 or len(y.axes) > 2:
        return None
    (k,) = summed
    rest = tuple(i for i in y.axes if i != k)
    other = x.axes[0] if x.axes[1] == k else x.axes[1]
    if other in rest:
        return None
    (matrix,) = x.args
    system = matrix if x.axes[1] == k else permuted(matrix, matrix.axes[::-1])
    return Node("linalg", (system, permuted(y, (k, *rest))), (_SOLVE,), (other, *rest))
