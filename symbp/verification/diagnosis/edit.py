"""One edit of a claim's syntax tree, which undoes one mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbp.formula.syntax import Claim, Node, Span, children
from symbp.verification.diagnosis.reason import Reason
from symbp.verification.verdict import Cause

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
