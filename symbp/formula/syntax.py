"""The syntax tree of a claim: what was written, whatever the language it was written in, with the places where it stood.

Readers of each language make these nodes; lowering gives them a meaning in a network; diagnosis edits them; a printer writes
them back. Nodes are equal where they say the same, wherever they stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Protocol, TypeAlias, TypeVar, dataclass_transform

ELEMENT = "element of"
"""What an element of a formula is called; no language has a name for it. One of a function of a matrix, ``inv(A)[i,j]``, stays
until it is given its meaning, those of other formulas are written out before."""


PART, PUT, ADDED, ADDED_AT = "part of", "put into", "added to a part of", "all added at"
"""What a subscript is called, ``x[:, 1:]``, and what an array is whose part is given other values, or has some added to it (where
a place is said twice, the last one, or all of them); no language has names for them. `text` has the subscript with ``#`` for each
formula in it, which are the last arguments."""

CARRIED, LAST, STACKED, SUMMED = "carried", "last of", "each turn put into", "all turns added to"
LISTED = "list of"
"""What the assignments at the ends of a loop over steps are: what a turn has of the one before it (its arguments: the start, and
what a turn makes of it); what the last turn leaves; an array with each turn's value in its place; a start and the sum of each
turn's values. `LISTED` is a list to which each turn appended an array, these along the first axis. No language names them."""


@dataclass(frozen=True)
class Span:
    """Where a node stood in its line: first column and the one after its last, both counted from 0."""

    start: int = 0
    end: int = 0


_N = TypeVar("_N")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def _node(cls: type[_N]) -> type[_N]:
    """A frozen dataclass that computes its hash once: trees are looked up by what they say over and over."""
    made = dataclass(frozen=True)(cls)
    whole = made.__hash__

    def kept(self: _N) -> int:
        found = self.__dict__.get("_hash")
        if found is None:
            found = self.__dict__["_hash"] = whole(self)
        return int(found)

    made.__hash__ = kept  # type: ignore[assignment]
    return made


@dataclass(frozen=True)
class _Node:
    span: Span = field(default=Span(), compare=False, kw_only=True)


@_node
class Number(_Node):
    """A number, exactly as it was written."""

    text: str

    @property
    def value(self) -> Fraction:
        """The number."""
        return Fraction(self.text)


@_node
class Name(_Node):
    """A name: of a tensor, of a definition, of a length."""

    name: str


@_node
class Gradient(_Node):
    """``dJ/dX``."""

    name: str


@_node
class Read(_Node):
    """One element in index notation, ``W2[k,i]``: in each slot a letter, a number counted from 1, or a place as it is written,
    ``2*p+u-1`` (:mod:`.slots`)."""

    of: Name | Gradient
    letters: tuple[str, ...]


@_node
class Negate(_Node):
    """``-a``."""

    arg: Node


@_node
class Binary(_Node):
    """``a op b`` with op one of ``+ - * / @ **``; ``*`` is elementwise, and ``r if c`` is a letter with its
    condition. `style` is how it was written where that matters."""

    op: str
    left: Node
    right: Node
    style: str = field(
        default="", compare=False
    )  # "angle": an inner product, whose left factor is transposed here; "oslash": of elements


@_node
class Compare(_Node):
    """``a > b``: 1 where it holds, else 0."""

    op: str
    left: Node
    right: Node


@_node
class Transpose(_Node):
    """``a.T``."""

    arg: Node


@_node
class Length(_Node):
    """``a.shape[axis]``, or ``a.size`` where `axis` is None."""

    arg: Node
    axis: int | None = None


@_node
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


@_node
class Partial(_Node):
    """The derivative of one element of the forward map with respect to another, in index notation: through all that lies between
    them, or `direct`, that of the one equation alone with everything else in it held fixed."""

    of: Node
    by: Node
    direct: bool = False


@dataclass(frozen=True)
class Layer:
    """A layer: a number, or a letter and an offset from it (``l+1``, ``L``)."""

    letter: str
    offset: int

    def number(self, values: Mapping[str, int]) -> int:
        """The layer's number where letters have values."""
        return values.get(self.letter, 0) + self.offset


@_node
class Sym(_Node):
    """A letter of a page with what its scripts say, before it is looked up.

    `subs` are the subscripts as written; `below` is the layer that they would say, where they can say one; `bare` tells
    whether the layer stands there without brackets; `gradient` is for the derivative of the loss, `short` for one written ``dz``,
    which does not name the loss, and `of_loss` is the letter of the loss that is named. `example` is the letter in brackets that
    says of which example it is, and `loss_of` that of the example whose loss it is the derivative of. `owner` is the name in
    brackets of the layer whose parameter it is.
    """

    base: str
    layer: Layer | None = None
    subs: tuple[str, ...] = ()
    below: Layer | None = None
    bare: bool = False
    power: int | None = None
    gradient: bool = False
    example: str = ""
    loss_of: str = ""
    short: bool = False
    owner: str = ""
    of_loss: str = field(default="", compare=False)


Node: TypeAlias = (
    Number | Name | Gradient | Read | Negate | Binary | Compare | Transpose | Length | Call | Partial | Sym
)


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

    def claim_text(self, claim: Claim, kept: Mapping[Node, str] | None = None) -> str:
        """The equation as text; formulas that are `kept` in the words of their author."""
        ...

    def node_text(self, node: Node, kept: Mapping[Node, str] | None = None) -> str:
        """A formula as text."""
        ...


@dataclass(frozen=True)
class Coded:
    """How a line of code says its claim: what it assigns to, its author's names for those of the claim that have others, and
    where it changes a value in place, by which operator which one: ``dw += a`` is a claim about ``old + a``."""

    target: str
    names: Mapping[str, str] = field(default_factory=dict)
    operator: str = ""
    old: str = ""


@dataclass(frozen=True)
class Claim:
    """An equation: its two sides, the text that it was read from, and how to write another like it where that is not as
    NumPy-like text; `coded` where it is a line of somebody's code."""

    left: Node
    right: Node
    text: str
    written: Written | None = field(default=None, compare=False, repr=False)

    adds: bool = False  # written with +=
    masks: bool = False  # entries are set where a condition holds, the rest of them stays
    coded: Coded | None = field(default=None, compare=False, repr=False)

    @cached_property
    def indexed(self) -> bool:
        """Whether it is written in index notation."""
        return any(
            isinstance(n, Read) or (isinstance(n, Call) and n.name == ELEMENT) for n in nodes(self.left, self.right)
        )


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
        case Binary():
            return Binary(node.op, new[0], new[1], node.style, span=node.span)
        case Compare():
            return Compare(node.op, new[0], new[1], span=node.span)
        case Negate() | Transpose():
            return type(node)(new[0], span=node.span)
        case Length():
            return Length(new[0], node.axis, span=node.span)
        case Call():
            return Call(node.name, new, node.primes, node.axis, node.keepdims, node.style, node.text, span=node.span)
        case Partial():
            return Partial(new[0], new[1], node.direct, span=node.span)
    return node


def nodes(*roots: Node) -> Iterator[Node]:
    """Every node of some trees, each tree's root first."""
    waiting = [*reversed(roots)]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(children(node))


def places(root: Node) -> Iterator[tuple[Node, Callable[[Node], Node]]]:
    """Every node of a tree, the root first, with the function that puts another in its place and returns the whole tree."""
    waiting = [_Place(root)]
    while waiting:
        place = waiting.pop()
        yield place.node, place.put
        below = children(place.node)
        waiting += (_Place(below[k], place, k) for k in reversed(range(len(below))))


@dataclass(frozen=True)
class _Place:
    """A node with where it stands: the place of the node above it, and which of that one's children it is."""

    node: Node
    above: _Place | None = None
    number: int = 0

    def put(self, new: Node) -> Node:
        """The whole tree with another node here."""
        place = self
        while place.above is not None:
            below = children(place.above.node)
            new = with_children(place.above.node, (*below[: place.number], new, *below[place.number + 1 :]))
            place = place.above
        return new


def transposed(node: Node) -> Node:
    """The transpose, without transposing twice."""
    return node.arg if isinstance(node, Transpose) else Transpose(node)


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
