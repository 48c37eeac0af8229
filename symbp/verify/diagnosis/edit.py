"""One edit of a claim's syntax tree, which undoes one mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbp.verify.diagnosis.reason import Reason
from symbp.verify.language.syntax import Binary, Claim, Node, Span, children
from symbp.verify.verdict import Cause

NOWHERE = Span()


@dataclass(frozen=True)
class Edit:
    """One edit: the cause it stands for, what it says to a person, the new right side, whether to try it in a pair, and where
    the mistake stands in the claim's text."""

    cause: Cause
    why: str | Reason
    right: Node
    likely: bool = False
    span: Span = NOWHERE

    def applied(self, claim: Claim) -> Claim:
        """The edited claim."""
        return replace(claim, right=self.right)


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


def span_of(nodes: tuple[Node, ...]) -> Span:
    """From the first to the last of some nodes that stood side by side."""
    return Span(min(n.span.start for n in nodes), max(n.span.end for n in nodes))


def size(node: Node) -> int:
    """How many nodes a tree has."""
    return 1 + sum(size(c) for c in children(node))


def subsets(count: int) -> Iterator[tuple[int, ...]]:
    """One or two of `count` places, single ones first; not all of them."""
    singles = [(i,) for i in range(count)]
    pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    yield from (s for s in (*singles, *pairs) if len(s) < count)
