"""What side by side means for arrays: a matrix product, or scaling by a number; the shapes decide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from symbp.errors import InputError
from symbp.verify.language.syntax import (
    Binary,
    Call,
    Claim,
    Name,
    Negate,
    Node,
    Number,
    Transpose,
    children,
    nodes,
    with_children,
)
from symbp.verify.latex.parse import at
from symbp.verify.meaning.arrays import ShapeClash
from symbp.verify.meaning.lower import Lowering
from symbp.verify.meaning.setting import Shape
from symbp.verify.proof.compare import Bench

_BESIDE = "vectors of one length side by side are multiplied element by element"


@dataclass
class _Reading:
    """How products of a claim are decided; `notes` are what had to be assumed."""

    low: Lowering
    notes: dict[str, None] = field(default_factory=dict)
    bars: str = ""  # what bars around a vector are taken for: "norm", "abs", or nothing

    def narrowed(self, shape: Shape) -> Shape:
        """A shape in which layers of one unit have no axis."""
        sizes = self.low.setting.sizes
        return tuple(None if a is None or sizes.get(a) == 1 else a for a in shape)


def by_shapes(bench: Bench, claim: Claim) -> tuple[Claim, str]:
    """A claim about arrays: side by side is a matrix product, or scaling where one factor is a number; and what was assumed."""
    how = _Reading(Lowering(bench.setting, bench.definitions, "reading"))
    try:
        shaped = replace(claim, left=_shaped(how, claim.left), right=_shaped(how, claim.right))
    except _Bars:
        norm = replace(how, bars="norm")
        if _fits(norm, claim.left) and _fits(norm, claim.right):
            raise
        how.bars = "abs"
        shaped = replace(claim, left=_shaped(how, claim.left), right=_shaped(how, claim.right))
    return shaped, "; ".join(how.notes)


def shaped(bench: Bench, node: Node) -> Node:
    """A formula of arrays, with what is side by side decided."""
    return _shaped(_Reading(Lowering(bench.setting, bench.definitions, "reading")), node)


class _Bars(InputError):
    """Bars around a vector, which may be its norm or each element's absolute value."""


def _fits(how: _Reading, side: Node) -> bool:
    """Whether each elementwise product that was written as one has two factors of one shape."""
    for node in nodes(side):
        if isinstance(node, Binary) and node.op == "*":
            a, b = (_shape(how.low, _shaped(how, factor)) for factor in (node.left, node.right))
            if a is None or b is None or how.narrowed(a) != how.narrowed(b):
                return False
    return True


def counts_examples(bench: Bench, *sides: Node) -> bool:
    """Whether ones stand where a matrix has a column for each example, so that they add the examples up; `bench` is that of one
    example, in which there is no axis there."""
    low = Lowering(bench.setting, bench.definitions, "reading")
    how = _Reading(low)
    for node in nodes(*sides):
        if isinstance(node, Binary) and node.op in ("juxt", "cdot"):
            pair = (node.left, node.right)
            if _is_ones(pair[0]) or _is_ones(pair[1]):
                other = _shaped(how, pair[0] if _is_ones(pair[1]) else pair[1])
                shape = _shape(low, other)
                if shape is not None and len(shape) == 2 and any(shape):
                    return shape[0 if _is_ones(pair[0]) else 1] is None
    return False


def _shape(low: Lowering, node: Node) -> Shape | None:
    try:
        return low.array(node).shape
    except (ShapeClash, InputError):
        return None


def _shaped(how: _Reading, node: Node) -> Node:
    """The tree with every open product decided, from the inside out."""
    low = how.low
    if not isinstance(node, Binary) or node.op not in ("juxt", "cdot", "outer"):
        new = with_children(node, tuple(_shaped(how, c) for c in children(node)))
        if isinstance(new, Call) and new.style == "bars" and any(_shape(low, new.args[0]) or ()):
            if not how.bars:
                raise _Bars(
                    "bars around a vector: its norm, or each element's?", place=at(node.span.start), allowed=r"\|x\|"
                )
            new = replace(new, name=how.bars)
        new = replace(new, style="call") if isinstance(new, Call) and new.style == "bars" else new
        return Number("1", span=node.span) if _is_ones(new) else new
    if isinstance(node.left, Binary) and node.left.op in ("juxt", "cdot") and _is_ones(node.left.right):
        beside = replace(node, left=node.left.right)  # 1/2 1^T x: the ones belong to what follows them
        return _shaped(how, replace(node.left, right=beside, span=node.span))
    left, right = _factor(how, node.left), _factor(how, node.right)
    if node.op == "outer":
        return _outer(how, node, left, right)
    if _is_ones(left) or _is_ones(right):
        left, right = _with_length(low, left, right)
    a, b = _shape(low, left), _shape(low, right)
    if () in (a, b):
        return Binary("*", left, right, span=node.span)
    if a is None or b is None:
        return Binary("@", left, right, span=node.span)
    if len(a) == len(b) == 1:
        return _of_vectors(low, node, left, right)
    inner = a[-1] == (b[-2] if len(b) > 1 else b[0])
    if not inner and (not any(how.narrowed(a)) or not any(how.narrowed(b))):
        return Binary("*", left, right, span=node.span)
    if not inner and node.op == "cdot" and a == b:
        raise InputError(r"\cdot of two vectors", place=at(node.span.start), allowed=r"\odot, or a^T b")
    if not inner and a == b and sum(axis is not None for axis in a) == 1:
        how.notes[_BESIDE] = None
        return Binary("*", left, right, span=node.span)
    return Binary("@", left, right, span=node.span)


def _outer(how: _Reading, node: Binary, left: Node, right: Node) -> Node:
    r"""``x \otimes y`` of two vectors of different lengths; for one length it is also written for the elementwise product."""
    axes = [[a for a in shape if a is not None] for x in (left, right) if (shape := _shape(how.low, x)) is not None]
    if len(axes) == 2 and (not axes[0] or not axes[1]):
        return Binary("*", left, right, span=node.span)
    if len(axes) != 2 or any(len(own) != 1 for own in axes) or axes[0] == axes[1]:
        message = r"\otimes: an outer product, or one of elements?"
        raise InputError(message, place=at(node.span.start), allowed=r"x y^T, x \odot y")
    plain = [x.arg if isinstance(x, Transpose) else x for x in (left, right)]
    return Call("outer", tuple(plain), span=node.span)


def _of_vectors(low: Lowering, node: Binary, left: Node, right: Node) -> Node:
    """Two vectors of one axis side by side: they are columns, so that ``x y^T`` is an outer product and ``x^T y`` a number."""
    turned = _is_row(low, left), _is_row(low, right)
    if turned == (True, False) and _shape(low, left) == _shape(low, right):
        return Binary("@", left, right, span=node.span)
    if turned[0] == turned[1]:
        raise InputError("two vectors side by side", place=at(node.span.start), allowed=r"x^T y, x y^T, x \odot y")
    plain = [v.arg if isinstance(v, Transpose) else v for v in (left, right)]
    return Call("outer", tuple(plain), span=node.span)


def _is_row(low: Lowering, node: Node) -> bool:
    """Whether a vector of one axis lies down."""
    match node:
        case Transpose():
            return not _is_row(low, node.arg)
        case Binary(op="@"):
            a = _shape(low, node.left)
            return a is not None and len(a) == 1
        case Negate():
            return _is_row(low, node.arg)
        case Binary():
            sides = [s for s in (node.left, node.right) if (_shape(low, s) or ())]
            return bool(sides) and all(_is_row(low, s) for s in sides)
    return False


def _factor(how: _Reading, node: Node) -> Node:
    """A factor, with ones left open for their neighbour to decide."""
    inner = node.arg if isinstance(node, Transpose) else node
    return node if _is_ones(inner) else _shaped(how, node)


def _is_ones(node: Node) -> bool:
    inner = node.arg if isinstance(node, Transpose) else node
    return isinstance(inner, Call) and inner.name == "ones" and inner.args == (Name("?"),)


def _with_length(low: Lowering, left: Node, right: Node) -> tuple[Node, Node]:
    """Ones beside a matrix, as long as it is there."""
    ones, other = (left, right) if _is_ones(left) else (right, left)
    shape = _shape(low, other)
    if _is_ones(other) or shape is None or len(shape) != 2:
        raise InputError("how many ones?", place=at(ones.span.start), allowed="a matrix beside them")
    if not any(shape):
        return (Number("1"), other) if ones is left else (other, Number("1"))
    axis = shape[0] if ones is left else shape[1]
    names = [n for n, a in low.setting.lengths.items() if a == axis and a is not None]
    count: Node = Number("1") if axis is None else Name("N" if axis.name == "n" else names[0])
    column: Node = Call("ones", (count,), span=ones.span)
    made = Transpose(column, span=ones.span) if isinstance(ones, Transpose) else column
    return (made, other) if ones is left else (other, made)
