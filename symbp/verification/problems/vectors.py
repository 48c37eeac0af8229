"""How the vectors of a forward map stand on a page: what it adds to the rows of a matrix may be a row, all others are columns."""

from __future__ import annotations

from collections.abc import Iterator

from symbp.errors import InputError
from symbp.formula.syntax import Binary, Call, Claim, Compare, Gradient, Name, Negate, Node, nodes
from symbp.formula.words import ELEMENTWISE
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.lower import Lowering
from symbp.verification.meaning.setting import Setting, Shape

_SIGNS = ("+", "-", "*", "/", "**")


def alike(setting: Setting, claim: Claim) -> Iterator[frozenset[str]]:
    """Names of arrays with one axis that stand alike in a line of the forward map, because their elements are put together one
    by one; with the empty name among those that stand along the rows of a matrix."""
    low = Lowering(setting, prefix="stands")
    if isinstance(claim.left, Name) and len(_shape(low, claim.right)) == 1:
        yield frozenset((claim.left.name, *_along(low, claim.right)))
    for node in nodes(claim.right):
        operands = _operands(node)
        shapes = [_shape(low, operand) for operand in operands]
        vectors = frozenset(n for o, s in zip(operands, shapes, strict=True) if len(s) == 1 for n in _along(low, o))
        if len(operands) > 1 and vectors:
            yield vectors | {""} if any(len(s) > 1 for s in shapes) else vectors


def joined(groups: list[frozenset[str]], new: Iterator[frozenset[str]]) -> list[frozenset[str]]:
    """Groups of names that stand alike, each name in one of them."""
    for group in new:
        same = [g for g in groups if g & group]
        groups = [g for g in groups if not g & group] + [frozenset().union(group, *same)]
    return groups


def _along(low: Lowering, node: Node) -> Iterator[str]:
    """The names of the arrays with one axis whose elements those of a formula are made of one by one."""
    if isinstance(node, (Name, Gradient)):
        if len(_shape(low, node)) == 1:
            yield node.name
        return
    for operand in _operands(node):
        yield from _along(low, operand)


def _operands(node: Node) -> tuple[Node, ...]:
    """What the elements of a node are made of one by one."""
    match node:
        case Binary() | Compare():
            return (node.left, node.right) if isinstance(node, Compare) or node.op in _SIGNS else ()
        case Negate():
            return (node.arg,)
        case Call() if node.name in ELEMENTWISE or (len(node.args) == 1 and node.axis is None and not node.text):
            return node.args
    return ()


def _shape(low: Lowering, node: Node) -> Shape:
    """The shape of a formula, empty where it has none."""
    try:
        return low.array(node).shape
    except (InputError, ShapeClash):
        return ()
