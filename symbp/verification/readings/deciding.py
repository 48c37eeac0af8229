r"""How products, bars and sums of a claim are decided, and those bars and sums that the shapes around them decide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.sums import over_what
from symbp.formula.syntax import Binary, Call, Name, Node, Partial, Read
from symbp.network.forward import BATCH
from symbp.verification.meaning.lower import Lowering
from symbp.verification.meaning.setting import Shape
from symbp.verification.readings.points import BARS, Points, open_bars, open_sum
from symbp.verification.readings.powers import is_vector, shape_of


@dataclass
class Deciding:
    """How products of a claim are decided; `notes` are what had to be assumed. Where transposes of vectors are left out,
    `dropped` says where that was seen, and `put` are the products into which one was put."""

    low: Lowering
    notes: dict[str, None] = field(default_factory=dict)
    bars: str = ""  # what bars around a vector are taken for: "norm", "abs", or nothing
    dropped: str = ""
    put: set[Node] = field(default_factory=set)
    each: bool = False  # whether the author has a sign for the product of elements
    points: Points = field(default_factory=dict)  # what points between vectors are taken for
    open: dict[Node, int] = field(default_factory=dict)  # outer products with ones, and the axis as long as those are

    def narrowed(self, shape: Shape) -> Shape:
        """A shape in which layers of one unit have no axis."""
        sizes = self.low.setting.sizes
        return tuple(None if a is None or sizes.get(a) == 1 else a for a in shape)


def differentiated(node: Node) -> bool:
    """Whether a term is the derivative of a formula, which its author may mean to go on behind it."""
    return isinstance(node, Partial) and not isinstance(node.of, (Name, Read))


def ended(how: Deciding, node: Binary) -> None:
    """InputError where a number is added to a derivative by more than a number: it may be differentiated, too."""
    arrays = {any(shape) for end in (node.left, node.right) if (shape := shape_of(how.low, end)) is not None}
    if len(arrays) == 2:
        raise InputError("where does what is differentiated end?", place=at(node.right.span.start), allowed="( )")


def summed(how: Deciding, node: Call) -> Call:
    """A sum that does not say over what: over all elements, or along the examples of a batch."""
    kind = how.points.get(node)
    if kind is None:
        raise open_sum(node, node.span.start)
    if kind == "all":
        return replace(node, style="call")
    shape = shape_of(how.low, node.args[0]) or ()
    if BATCH not in shape or how.low.setting.orient is not None:
        raise over_what(node.span.start)
    return replace(node, style="call", axis=shape.index(BATCH), keepdims=True)


def barred(how: Deciding, node: Call) -> Call:
    """A formula in bars: around a vector, what they are taken for."""
    shape = shape_of(how.low, node.args[0]) or ()
    if not any(shape):
        return node
    kind = how.bars or how.points.get(BARS)
    if not kind:
        raise open_bars(node, is_vector(shape))
    return replace(node, name=kind)
