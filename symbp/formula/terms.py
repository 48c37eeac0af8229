"""Sums and products of a syntax tree taken apart into their terms and factors."""

from __future__ import annotations

from symbp.formula.syntax import Binary, Node


def factors_of(node: Node) -> tuple[Node, ...]:
    """The factors of an elementwise product, in order."""
    if isinstance(node, Binary) and node.op == "*":
        return (*factors_of(node.left), *factors_of(node.right))
    return (node,)


def product_of(factors: tuple[Node, ...]) -> Node:
    """The elementwise product of factors."""
    whole = factors[0]
    for f in factors[1:]:
        whole = Binary("*", whole, f)
    return whole


def terms_of(node: Node, sign: int = 1) -> tuple[tuple[int, Node], ...]:
    """The terms of a sum with their signs, in order."""
    if isinstance(node, Binary) and node.op in "+-":
        return (*terms_of(node.left, sign), *terms_of(node.right, sign if node.op == "+" else -sign))
    return ((sign, node),)
