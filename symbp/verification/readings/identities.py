r"""The identity matrix of a page, ``X^T X + \lambda I``, which is as large as what stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symbp.calculus.indices import Axis
from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.syntax import Binary, Call, Name, Negate, Node, Transpose, children, with_children
from symbp.verification.meaning.lower import Lowering
from symbp.verification.meaning.setting import Shape

_OPEN = (Name("?"),)
_ADDED, _BESIDE, _SCALED = ("+", "-"), ("juxt", "cdot"), ("*", "/")


def is_open(node: Node) -> bool:
    """Whether a formula is an identity matrix whose size is open."""
    return isinstance(node, Call) and node.name == "eye" and node.args == _OPEN


def how_large(node: Node) -> InputError:
    """The error for an identity matrix that nothing gives a size."""
    return InputError(
        "how large is the identity matrix?", place=at(node.span.start), allowed="a square matrix beside it"
    )


def with_identity(low: Lowering, node: Binary, shape: Callable[[Node], Shape | None]) -> Binary:
    """A sum or a product with the identity matrices of one side as large as the other side wants them; `shape` is that of a side,
    where it has one."""
    if node.op not in (*_ADDED, *_BESIDE):
        return node
    left, right = (_has_open(side, node.op in _ADDED) for side in (node.left, node.right))
    if left == right:
        return node
    beside = shape(node.right if left else node.left)
    if beside is None or len(beside) != 2 or (node.op in _ADDED and beside[0] != beside[1]):
        return node
    axis = beside[0 if left else 1]
    sized = _sized(low, node.left if left else node.right, axis, node.op in _ADDED)
    return replace(node, left=sized) if left else replace(node, right=sized)


def _has_open(node: Node, added: bool) -> bool:
    """Whether an open identity matrix is a factor of a formula, or where sums are gone through, of a term."""
    return is_open(node) or (_goes_on(node, added) and any(_has_open(c, added) for c in children(node)))


def _goes_on(node: Node, added: bool) -> bool:
    within = (*_BESIDE, *_SCALED, *(_ADDED if added else ()))
    return isinstance(node, (Negate, Transpose)) or (isinstance(node, Binary) and node.op in within)


def _sized(low: Lowering, node: Node, axis: Axis | None, added: bool) -> Node:
    """A formula with the open identity matrices among its factors, and terms, over an axis."""
    if not is_open(node):
        return (
            with_children(node, tuple(_sized(low, c, axis, added) for c in children(node)))
            if _goes_on(node, added)
            else node
        )
    names = [n for n, a in low.setting.lengths.items() if a == axis]
    if not names:
        raise how_large(node)
    return Call("eye", (Name(names[0]),), span=node.span)
