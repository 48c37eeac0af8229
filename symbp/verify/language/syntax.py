"""The syntax tree of a claim: what was written, whatever the language it was written in, with the places where it stood.

Readers of each language make these nodes; lowering gives them a meaning in a network; diagnosis edits them; a printer writes
them back. Nodes are equal where they say the same, wherever they stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Protocol, TypeAlias


@dataclass(frozen=True)
class Span:
    """Where a node stood in its line: first column and the one after its last, both counted from 0."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class _Node:
    span: Span = field(default=Span(), compare=False, kw_only=True)


@dataclass(frozen=True)
class Number(_Node):
    """A number, exactly as it was written."""

    text: str

    @property
    def value(self) -> Fraction:
        """The number."""
        return Fraction(self.text)


@dataclass(frozen=True)
class Name(_Node):
    """A name: of a tensor, of a definition, of a length."""

    name: str


@dataclass(frozen=True)
class Gradient(_Node):
    """``dJ/dX``."""

    name: str


@dataclass(frozen=True)
class Read(_Node):
    """One element in index notation, ``W2[k,i]``."""

    of: Name | Gradient
    letters: tuple[str, ...]


@dataclass(frozen=True)
class Negate(_Node):
    """``-a``."""

    arg: Node


@dataclass(frozen=True)
class Binary(_Node):
    """``a op b`` with op one of ``+ - * / @ **``; ``*`` is elementwise."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Compare(_Node):
    """``a > b``: 1 where it holds, else 0."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Transpose(_Node):
    """``a.T``."""

    arg: Node


@dataclass(frozen=True)
class Length(_Node):
    """``a.shape[axis]``, or ``a.size`` where `axis` is None."""

    arg: Node
    axis: int | None = None


@dataclass(frozen=True)
class Call(_Node):
    """A function with its primes, arguments and the options ``axis`` and ``keepdims``; `style` is how it was written, and
    `text` says which axes it moves (``2,0,1``) or sums over (``ij,jk->ik``)."""

    name: str
    args: tuple[Node, ...]
    primes: int = 0
    axis: int | None = None
    keepdims: bool = False
    style: str = "call"  # "call", "np" or "method"
    text: str = ""


@dataclass(frozen=True)
class Partial(_Node):
    """The derivative of one element of the forward map with respect to another, in index notation."""

    of: Node
    by: Node


Node: TypeAlias = Number | Name | Gradient | Read | Negate | Binary | Compare | Transpose | Length | Call | Partial


class Written(Protocol):
    """A way of writing claims; `batch` says whether it has letters of its own for a batch, which were used."""

    @property
    def batch(self) -> bool:
        """Whether letters of a batch were used."""
        ...

    @property
    def steps(self) -> bool:
        """Whether the claim is about an update."""
        ...

    def claim_text(self, claim: Claim) -> str:
        """The equation as text."""
        ...

    def node_text(self, node: Node) -> str:
        """A formula as text."""
        ...


@dataclass(frozen=True)
class Claim:
    """An equation: its two sides, the text that it was read from, and how to write another like it where that is not as
    NumPy-like text."""

    left: Node
    right: Node
    text: str
    written: Written | None = field(default=None, compare=False, repr=False)

    adds: bool = False  # written with +=

    @property
    def indexed(self) -> bool:
        """Whether it is written in index notation."""
        return any(isinstance(n, Read) for side in (self.left, self.right) for n, _ in places(side))


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node; the tensor of an element belongs to the element."""
    match node:
        case Binary() | Compare():
            return (node.left, node.right)
        case Negate() | Transpose() | Length():
            return (node.arg,)
        case Call():
            return node.args
        case Partial():
            return (node.of, node.by)
    return ()


def with_children(node: Node, new: tuple[Node, ...]) -> Node:
    """The same node over other children."""
    match node:
        case Binary() | Compare():
            return replace(node, left=new[0], right=new[1])
        case Negate() | Transpose() | Length():
            return replace(node, arg=new[0])
        case Call():
            return replace(node, args=new)
        case Partial():
            return replace(node, of=new[0], by=new[1])
    return node


def places(root: Node) -> Iterator[tuple[Node, Callable[[Node], Node]]]:
    """Every node of a tree, the root first, with the function that puts another in its place and returns the whole tree."""
    yield root, lambda new: new
    below = children(root)
    for k, child in enumerate(below):
        for node, put in places(child):

            def inside(new: Node, k: int = k, put: Callable[[Node], Node] = put) -> Node:
                return with_children(root, (*below[:k], put(new), *below[k + 1 :]))

            yield node, inside


def transposed(node: Node) -> Node:
    """The transpose, without transposing twice."""
    return node.arg if isinstance(node, Transpose) else Transpose(node)
