"""Functions of a matrix as they are written: ``inv(A)[i,j]`` of a tensor, ``logdet(S[n,p,q], p, q)`` over two letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lark import Token
from sympy import Expr

from symbp.calculus.indices import Index, fresh
from symbp.calculus.primitives.matrices import MATRIX_CALLS
from symbp.calculus.program import Tensor
from symbp.calculus.syntax import Node, place_of
from symbp.errors import InputError, unknown

Opened = Callable[[Sequence[Token], Node], tuple[Sequence[Index], Expr]]
"""What builds an expression in which some letters are bound: the indices that they are, and the expression."""


def element(call: Node, taken: Mapping[str, object]) -> tuple[Token, list[Node]]:
    """The name and the arguments of the function that an element is of; `taken` are functions of other meanings.

    Raises
    ------
    InputError : where it is none of a matrix
    """
    token, *args = call.children
    if str(token) not in MATRIX_CALLS or str(token) in taken or isinstance(args[0], Token):
        rows = [f"{name}(A)[i,j]" for name, row in MATRIX_CALLS.items() if row.made.rank == 2]
        raise InputError(f"{token}(...) has no elements", place=place_of(token), allowed=", ".join(rows))
    return token, args


def of_matrix(
    token: Token,
    tree: Node,
    letters: Sequence[Token],
    indices: Sequence[tuple[Node, Expr]],
    tensors: Mapping[str, Tensor],
    opened: Opened,
) -> Expr:
    """A function of a matrix: its value, or its element at the `indices`.

    Parameters
    ----------
    tree, letters : the matrix: a tensor's name and no letters, or an expression and the letters of its rows and columns
    indices : those of an element as they are written, and what they are

    Raises
    ------
    InputError : what is no square matrix, other numbers of indices, indices that are no letters
    """
    name, made = str(token), MATRIX_CALLS[str(token)].made
    if not letters and tree.data == "name":
        (p, q), body = _whole(name, tree.children[0], tensors)
    elif len(letters) == 2:
        (p, q), body = opened(letters, tree)
    else:
        message, allowed = f"{name} is of a matrix: the letters of its rows and columns", f"{name}(expression, p, q)"
        raise InputError(message, place=place_of(token), allowed=f"{name}(A), {allowed}")
    if p.axis != q.axis:
        message = f"{name} is of a square matrix, and this one is {p.axis.name} x {q.axis.name}"
        raise InputError(message, place=place_of(tree), allowed="the same axis twice")
    if len(indices) != made.rank:
        message = f"{name} takes {made.rank or 'no'} indices, got {len(indices)}"
        raise InputError(message, place=place_of(token), allowed=f"{name}(A)[i,j]" if made.rank else f"{name}(A)")
    for node, index in indices:
        if not isinstance(index, Index):
            raise InputError(
                f"an element of {name} is read at letters", place=place_of(node), allowed=f"{name}(A)[i,j]"
            )
        if index.axis != p.axis:
            message = f"index {index} runs over {index.axis.name}, and {name} has the axis {p.axis.name}"
            raise InputError(message, place=place_of(node))
    return made.over(body, p, q, *(index for _, index in indices))


def _whole(name: str, token: Token, tensors: Mapping[str, Tensor]) -> tuple[list[Index], Expr]:
    """A tensor as a matrix."""
    tensor = tensors.get(str(token))
    if tensor is None:
        raise unknown("tensor", str(token), tensors, place_of(token))
    if len(tensor.axes) != 2:
        axes = f"the axes {', '.join(a.name for a in tensor.axes)}" if tensor.axes else "no axes"
        message = f"{name} is of a matrix, and {tensor.name} has {axes}"
        raise InputError(message, place=place_of(token), allowed=f"{name}(A), {name}(A[n,p,q], p, q)")
    places = [fresh(a) for a in tensor.axes]
    return places, tensor[tuple(places)]
