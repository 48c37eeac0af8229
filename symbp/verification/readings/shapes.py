r"""What side by side means for arrays: a matrix product, or scaling by a number; the shapes decide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from symbp.calculus.indices import Axis
from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.sums import OPEN_SUM, over_what
from symbp.formula.latex.symbols import POWER
from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Name,
    Negate,
    Node,
    Number,
    Partial,
    Read,
    Transpose,
    children,
    nodes,
    transposed,
    with_children,
)
from symbp.formula.words import ELEMENTWISE
from symbp.network.forward import BATCH
from symbp.verification.meaning.lower import Lowering
from symbp.verification.meaning.setting import Shape
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.readings.identities import how_large, is_open, with_identity
from symbp.verification.readings.points import (
    BARS,
    SAID,
    Open,
    Points,
    added_to_vector,
    decided,
    of_point,
    open_bars,
    open_sum,
)
from symbp.verification.readings.powers import NORMS, is_vector, normed, of_each, power, shape_of

_OF_EACH = ("+", "-", "*", "/")
_BESIDE = "vectors of one length side by side are multiplied element by element"


@dataclass
class _Reading:
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


def by_shapes(context: EvaluationContext, claim: Claim, dropped: str = "") -> tuple[Claim, str]:
    """A claim about arrays: side by side is a matrix product, or scaling where one factor is a number; and what was assumed.
    Transposes of vectors may be left out where that was seen before: `dropped` says where."""
    own = context.setting.orient is not None
    each = own and any(isinstance(n, Binary) and n.op == "*" for n in nodes(claim.left, claim.right))
    how = _Reading(Lowering(context.setting, context.definitions, "reading", page=True), dropped=dropped, each=each)
    try:
        left, right = _sides(how, claim)
    except Open as sign:
        found = decided(lambda points: _pointed(how, claim, points), lambda made: _alike(how, *made[:2]))
        if found is not None:
            left, right, notes = found
            how.notes.update(notes)
        elif isinstance(sign.node, Call) and sign.node.style == "bars":
            left, right = _of_each(how, claim, sign)
        else:
            raise
    return replace(claim, left=left, right=right), "; ".join(how.notes)


def _sides(how: _Reading, claim: Claim) -> tuple[Node, Node]:
    """Both sides of a claim with what is side by side decided; ones are as long as the other side is."""
    both = Binary("-", claim.left, claim.right)
    both = with_identity(how.low, both, lambda part: shape_of(how.low, _shaped(how, part)))
    left = _shaped(how, _row_of_ones(how, both.left, both.right))
    right = _shaped(how, _row_of_ones(how, both.right, both.left))
    if not how.open:
        return left, right
    here, there = shape_of(how.low, left), shape_of(how.low, right)
    return _lengthened(how, left, there if here is None else here), _lengthened(how, right, here or there)


def _pointed(how: _Reading, claim: Claim, points: Points) -> tuple[Node, Node, dict[str, None]]:
    """Both sides with points taken for something, and what is said of it."""
    own = replace(how, points=points, put=set(), open={}, notes={})
    left, right = _sides(own, claim)
    return left, right, {**own.notes, **dict.fromkeys(SAID[kind] for kind in points.values())}


def _alike(how: _Reading, left: Node, right: Node) -> bool | None:
    """Whether both sides of a claim that has been decided have one shape; any will do where the left side has none yet, as that
    of a definition. None where the right side has none, or an inner product is added to a vector."""
    here, there = shape_of(how.low, left), shape_of(how.low, right)
    if there is None or added_to_vector(lambda node: shape_of(how.low, node), left, right):
        return None
    ends = [how.narrowed(shape) for shape in (here, there) if shape is not None]
    return here is None or ends[0] == ends[1] or not (any(ends[0]) or any(ends[1]))


def shaped(context: EvaluationContext, node: Node) -> Node:
    """A formula of arrays, with what is side by side decided."""
    return _shaped(_Reading(Lowering(context.setting, context.definitions, "reading", page=True)), node)


def _of_each(how: _Reading, claim: Claim, sign: Open) -> tuple[Node, Node]:
    """Both sides with bars as those of each element, where as norms they would not fit the products around them."""
    norm = replace(how, bars="norm")
    if _fits(norm, claim.left) and _fits(norm, claim.right):
        raise sign
    how.bars = "abs"
    return _sides(how, claim)


def _fits(how: _Reading, side: Node) -> bool:
    """Whether each elementwise product that was written as one has two factors of one shape."""
    for node in nodes(side):
        if isinstance(node, Binary) and node.op == "*":
            a, b = (shape_of(how.low, _shaped(how, factor)) for factor in (node.left, node.right))
            if a is None or b is None or how.narrowed(a) != how.narrowed(b):
                return False
    return True


def counts_examples(context: EvaluationContext, *sides: Node) -> bool:
    """Whether ones stand where a matrix has a column for each example, so that they add the examples up; `context` is that of one
    example, in which there is no axis there."""
    low = Lowering(context.setting, context.definitions, "reading", page=True)
    how = _Reading(low)
    for node in nodes(*sides):
        if isinstance(node, Binary) and node.op in ("juxt", "cdot"):
            pair = (node.left, node.right)
            if _is_ones(pair[0]) or _is_ones(pair[1]):
                other = _shaped(how, pair[0] if _is_ones(pair[1]) else pair[1])
                shape = shape_of(low, other)
                if shape is not None and len(shape) == 2 and any(shape):
                    return shape[0 if _is_ones(pair[0]) else 1] is None
    return False


def _shaped(how: _Reading, node: Node) -> Node:
    """The tree with every open product decided, from the inside out."""
    if isinstance(node, Transpose) and _is_ones(node):
        raise _how_many(node)
    if isinstance(node, Binary):
        node = with_identity(how.low, node, lambda part: shape_of(how.low, _shaped(how, part)))
    if isinstance(node, Binary) and node.op in _OF_EACH:
        ends = _row_of_ones(how, node.left, node.right), _row_of_ones(how, node.right, node.left)
        node = replace(node, left=ends[0], right=ends[1])
    if isinstance(node, Binary) and node.op in ("juxt", "cdot", "outer"):
        return _product(how, node)
    if (determinant := _log_of_determinant(how, node)) is not None:
        return determinant
    return _decided(how, with_children(node, tuple(_shaped(how, c) for c in children(node))))


def _decided(how: _Reading, node: Node) -> Node:
    """A formula that is no product, whose parts are decided: bars, norms, powers, and what is said of divisions and sums."""
    low = how.low
    if isinstance(node, Binary) and node.op in _OF_EACH and how.open:
        ends = [(end, shape_of(low, end)) for end in (node.left, node.right)]
        if sum(shape is None for _, shape in ends) == 1:  # as long as what stands beside it
            whole = next(shape for _, shape in ends if shape is not None)
            left, right = (end if shape is not None else _lengthened(how, end, whole) for end, shape in ends)
            node = replace(node, left=left, right=right)
    if isinstance(node, Call) and node.style == "bars":
        node = replace(_barred(how, node), style="call")
    if isinstance(node, Call) and node.name == "sum" and (node.style == OPEN_SUM or len(node.args) == 2):
        node = _summed(how, replace(node, args=node.args[:1], style=OPEN_SUM))  # its letter indexes nothing
    if isinstance(node, Call) and node.style in NORMS:
        node = normed(low, node, how.notes)
    if isinstance(node, Binary) and node.op == POWER:
        examples = low.setting.orient is None  # an axis called n is one of examples in a network alone
        return power(node, shape_of(low, node.left), shape_of(low, node.right), how.notes, examples, how.each)
    if (
        isinstance(node, Binary)
        and node.op in ("+", "-")
        and any(_differentiated(end) for end in (node.left, node.right))
    ):
        _ended(how, node)
    if isinstance(node, (Binary, Call)) and node.style != "oslash":
        how.notes.update(dict.fromkeys(of_each(low, node)))
    if is_open(node):
        raise how_large(node)
    return Number("1", span=node.span) if _is_ones(node) else node


def _differentiated(node: Node) -> bool:
    """Whether a term is the derivative of a formula, which its author may mean to go on behind it."""
    return isinstance(node, Partial) and not isinstance(node.of, (Name, Read))


def _ended(how: _Reading, node: Binary) -> None:
    """InputError where a number is added to a derivative by more than a number: it may be differentiated, too."""
    arrays = {any(shape) for end in (node.left, node.right) if (shape := shape_of(how.low, end)) is not None}
    if len(arrays) == 2:
        raise InputError("where does what is differentiated end?", place=at(node.right.span.start), allowed="( )")


def _summed(how: _Reading, node: Call) -> Call:
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


def _barred(how: _Reading, node: Call) -> Call:
    """A formula in bars: around a vector, what they are taken for."""
    shape = shape_of(how.low, node.args[0]) or ()
    if not any(shape):
        return node
    kind = how.bars or how.points.get(BARS)
    if not kind:
        raise open_bars(node, is_vector(shape))
    return replace(node, name=kind)


def _log_of_determinant(how: _Reading, node: Node) -> Node | None:
    r"""``\log |A|`` of a square matrix, which is that of its determinant; None where a formula is something else."""
    inner = node.args[0] if isinstance(node, Call) and node.name in ("log", "ln") and len(node.args) == 1 else None
    if not isinstance(inner, Call) or inner.style != "bars":
        return None
    matrix = _shaped(how, inner.args[0])
    shape = shape_of(how.low, matrix) or ()
    if len(shape) != 2 or shape[0] is None or shape[0] != shape[1]:
        return None
    how.notes["bars around a square matrix are its determinant, of whose size the logarithm is"] = None
    return Call("logdet", (matrix,), span=node.span)


def _product(how: _Reading, node: Binary) -> Node:
    """Two factors side by side, or with a point or an outer product's sign between them."""
    if _ones_ahead(how, node):
        assert isinstance(node.left, Binary)
        beside = replace(node, left=node.left.right)  # 1/2 1^T x: the ones belong to what follows them
        return _shaped(how, replace(node.left, right=beside, span=node.span))
    left, right = _factor(how, node.left), _factor(how, node.right)
    if node.op == "outer":
        return _outer(how, node, left, right)
    if _is_ones(left) or _is_ones(right):
        product = _with_length(how, node, left, right)
        if product is not None:
            return product
        left, right = (Number("1", span=x.span) if _is_ones(x) else x for x in (left, right))
    return _of_shapes(how, node, left, right)


def _of_shapes(how: _Reading, node: Binary, left: Node, right: Node) -> Node:
    """Two factors side by side: a matrix product, an inner one, or scaling, as their shapes say."""
    a, b = shape_of(how.low, left), shape_of(how.low, right)
    if node.style == "angle" and a is not None and b is not None and (a == ()) + (b == ()) != 2 and not _vectors(a, b):
        return _inner(how, node, transposed(left), right)
    if () in (a, b):
        return Binary("*", left, right, span=node.span)
    if a is None or b is None:
        return Binary("@", left, right, span=node.span)
    inner = a[-1] == (b[-2] if len(b) > 1 else b[0])
    if not inner and (not any(how.narrowed(a)) or not any(how.narrowed(b))):
        return Binary("*", left, right, span=node.span)
    if not inner and node.op == "cdot" and a == b:
        return of_point(how.points, node, left, right, is_vector(a) and a[1] is None)
    if how.dropped and (found := _with_transposes(how, node, left, right, a, b)) is not None:
        return found
    if not inner and a == b and is_vector(a):
        if not how.low.setting.layers:  # a network's vectors are multiplied so all the time
            raise InputError("two vectors side by side", place=at(node.span.start), allowed=r"x^T y, x y^T, x \odot y")
        how.notes[_BESIDE] = None
        return Binary("*", left, right, span=node.span)
    return Binary("@", left, right, span=node.span)


def _with_transposes(how: _Reading, node: Binary, left: Node, right: Node, a: Shape, b: Shape) -> Node | None:
    """A product in which the transpose of a vector is left out, with the transposes put in: a vector that stands on the wrong
    side of a matrix gives a vector that stands as it does. Never an outer product, which its author must write."""
    product: Node | None = None
    if is_vector(a) and is_vector(b) and a == b and left in how.put:
        product = Binary("@", transposed(left), right, span=node.span)  # r A x
    elif is_vector(a) and a[1] is None and len(b) == 2 and not is_vector(b) and a[0] == b[0]:
        product = Transpose(Binary("@", Transpose(left), right, span=node.span), span=node.span)
    elif is_vector(b) and b[0] is None and len(a) == 2 and not is_vector(a) and a[1] == b[1]:
        product = Transpose(Binary("@", left, Transpose(right), span=node.span), span=node.span)
    if product is not None:
        how.put.add(product)
        how.notes[f"transposes of vectors are left out, as {how.dropped}"] = None
    return product


def _outer(how: _Reading, node: Binary, left: Node, right: Node) -> Node:
    r"""``x \otimes y`` of two vectors of different lengths; for one length it is also written for the elementwise product."""
    axes = [[a for a in shape if a is not None] for x in (left, right) if (shape := shape_of(how.low, x)) is not None]
    if len(axes) == 2 and (not axes[0] or not axes[1]):
        return Binary("*", left, right, span=node.span)
    stands = shape_of(how.low, left) or ()
    turned = isinstance(left, Transpose) or (isinstance(right, Transpose) and stands[-1] is not None)
    if len(axes) != 2 or any(len(own) != 1 for own in axes) or axes[0] == axes[1] or turned:
        message = r"\otimes: an outer product, or one of elements?"
        raise InputError(message, place=at(node.span.start), allowed=r"x y^T, x \odot y")
    return Call("outer", (left, right.arg if isinstance(right, Transpose) else right), span=node.span)


def _ones_ahead(how: _Reading, node: Binary) -> bool:
    """Whether ones belong to what follows them, as where they have a number before them and no matrix."""
    if not isinstance(node.left, Binary) or node.left.op not in ("juxt", "cdot") or not _is_ones(node.left.right):
        return False
    before, after = (shape_of(how.low, _factor(how, x)) or () for x in (node.left.left, node.right))
    return isinstance(node.left.right, Transpose) or None in (*before, None)[:2] or not is_vector(after)


def _factor(how: _Reading, node: Node) -> Node:
    """A factor, with ones left open for their neighbour to decide."""
    inner = node.arg if isinstance(node, Transpose) else node
    return node if _is_ones(inner) else _shaped(how, node)


def _is_ones(node: Node) -> bool:
    inner = node.arg if isinstance(node, Transpose) else node
    return isinstance(inner, Call) and inner.name == "ones" and inner.args == (Name("?"),)


def _how_many(node: Node) -> InputError:
    return InputError("how many ones?", place=at(node.span.start), allowed="a matrix beside them")


def _row_of_ones(how: _Reading, node: Node, other: Node) -> Node:
    """A row of ones that stands beside a row, element by element, as 1; anything else as it is."""
    if isinstance(node, Transpose) and _is_ones(node) and not _is_ones(other):
        shape = shape_of(how.low, _shaped(how, other))
        if shape is not None and is_vector(shape) and shape[0] is None:
            return Number("1", span=node.span)
    return node


def _with_length(how: _Reading, node: Binary, left: Node, right: Node) -> Node | None:
    """A product with ones as long as the matrix beside them wants it, or left open where that is a vector and the product is an
    outer one; None where the other factor is a number."""
    low, first = how.low, _is_ones(left)
    ones, other = (left, right) if first else (right, left)
    shape = shape_of(low, other)
    if not _is_ones(other) and shape is not None and not any(shape):
        if low.setting.orient is None:
            return None
        scaled = Binary("*", other, ones, span=node.span)
        how.open[scaled] = 1 if isinstance(ones, Transpose) else 0
        return scaled
    if _is_ones(other) or shape is None or len(shape) != 2:
        raise _how_many(ones)
    if node.op == "cdot" and shape[1] is None and not isinstance(ones, Transpose):
        column = _ones(low, shape[0], ones)
        return of_point(how.points, node, *((column, other) if first else (other, column)), True)
    axis = shape[0] if first else shape[1]
    of_examples = low.setting.orient is None  # in a network a vector of one example is a matrix of several
    made = _ones(low, axis, ones)
    product = Binary("@", made, other, span=node.span) if first else Binary("@", other, made, span=node.span)
    if axis is None and not of_examples:
        if isinstance(ones, Transpose) == first:
            raise _how_many(ones)
        how.open[product] = 0 if first else 1
    return product


def _ones(low: Lowering, axis: Axis | None, like: Node) -> Node:
    """A column of ones, or a row."""
    names = [n for n, a in low.setting.lengths.items() if a == axis]
    if axis is not None and axis.name != BATCH.name and not names:
        raise _how_many(like)
    count: Node = Number("1") if axis is None else Name("N" if axis.name == BATCH.name else names[0])
    column: Node = Call("ones", (count,), span=like.span)
    return Transpose(column, span=like.span) if isinstance(like, Transpose) else column


def _lengthened(how: _Reading, node: Node, whole: Shape | None) -> Node:
    """A formula in which the ones of outer products are as long as the rest of what the product is part of, element by element,
    which has the shape `whole`."""
    axis = how.open.get(node)
    if isinstance(node, Binary) and axis is not None:
        length = whole[axis] if whole is not None and len(whole) == 2 else None
        first = _is_ones(node.left) if node.op == "*" else axis == 0
        ones = node.left if first else node.right
        if length is None or (node.op == "*" and whole is not None and whole[1 - axis] is not None):
            raise _how_many(ones)
        made = _ones(how.low, length, ones)
        return replace(node, left=made) if first else replace(node, right=made)
    each = isinstance(node, Negate) or (isinstance(node, Binary) and node.op in _OF_EACH)
    each |= isinstance(node, Call) and node.name in ELEMENTWISE
    parts = [_lengthened(how, c, whole if each else shape_of(how.low, c)) for c in children(node)]
    return with_children(node, tuple(parts))


def _vectors(a: Shape, b: Shape) -> bool:
    """Whether both are vectors, or matrices with one row or column."""
    return len(a) == len(b) == 2 and None in a and None in b


def _inner(how: _Reading, node: Binary, left: Node, right: Node) -> Node:
    """The inner product of two matrices of one shape: that of their elements, not a product of matrices."""
    a, b = shape_of(how.low, left) or (), shape_of(how.low, right) or ()
    left, right = _lengthened(how, left, b), _lengthened(how, right, a)
    a, b = shape_of(how.low, left) or (), shape_of(how.low, right) or ()
    if a != b:
        words = " and ".join(how.low.shop.words(shape) for shape in (a, b))
        message = f"an inner product of {words}"
        raise InputError(message, place=at(node.span.start), allowed="two vectors, or two matrices of one shape")
    return Call("sum", (Binary("*", left, right, span=node.span),), span=node.span)
