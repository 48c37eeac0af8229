r"""What side by side means for arrays: a matrix product, or scaling by a number; the shapes decide."""

from __future__ import annotations

from dataclasses import replace

from symbp.formula.latex.sums import OPEN_SUM
from symbp.formula.latex.symbols import POWER
from symbp.formula.syntax import Binary, Call, Claim, Node, Number, Transpose, children, nodes, with_children
from symbp.verification.meaning.lower import Lowering
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.readings.deciding import Deciding, barred, differentiated, ended, summed
from symbp.verification.readings.identities import how_large, is_open, with_identity
from symbp.verification.readings.ones import how_many, is_ones, lengthened, with_length
from symbp.verification.readings.points import SAID, Open, Points, added_to_vector, decided
from symbp.verification.readings.powers import NORMS, is_vector, normed, of_each, power, shape_of
from symbp.verification.readings.side_by_side import of_shapes, outer

_OF_EACH = ("+", "-", "*", "/")


def by_shapes(context: EvaluationContext, claim: Claim, dropped: str = "") -> tuple[Claim, str]:
    """A claim about arrays: side by side is a matrix product, or scaling where one factor is a number; and what was assumed.
    Transposes of vectors may be left out where that was seen before: `dropped` says where."""
    own = context.setting.orient is not None
    each = own and any(isinstance(n, Binary) and n.op == "*" for n in nodes(claim.left, claim.right))
    how = Deciding(Lowering(context.setting, context.definitions, "reading", page=True), dropped=dropped, each=each)
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


def _sides(how: Deciding, claim: Claim) -> tuple[Node, Node]:
    """Both sides of a claim with what is side by side decided; ones are as long as the other side is."""
    both = Binary("-", claim.left, claim.right)
    both = with_identity(how.low, both, lambda part: shape_of(how.low, _shaped(how, part)))
    left = _shaped(how, _row_of_ones(how, both.left, both.right))
    right = _shaped(how, _row_of_ones(how, both.right, both.left))
    if not how.open:
        return left, right
    here, there = shape_of(how.low, left), shape_of(how.low, right)
    return lengthened(how, left, there if here is None else here), lengthened(how, right, here or there)


def _pointed(how: Deciding, claim: Claim, points: Points) -> tuple[Node, Node, dict[str, None]]:
    """Both sides with points taken for something, and what is said of it."""
    own = replace(how, points=points, put=set(), open={}, notes={})
    left, right = _sides(own, claim)
    return left, right, {**own.notes, **dict.fromkeys(SAID[kind] for kind in points.values())}


def _alike(how: Deciding, left: Node, right: Node) -> bool | None:
    """Whether both sides of a claim that has been decided have one shape; any will do where the left side has none yet, as that
    of a definition. None where the right side has none, or an inner product is added to a vector."""
    here, there = shape_of(how.low, left), shape_of(how.low, right)
    if there is None or added_to_vector(lambda node: shape_of(how.low, node), left, right):
        return None
    ends = [how.narrowed(shape) for shape in (here, there) if shape is not None]
    return here is None or ends[0] == ends[1] or not (any(ends[0]) or any(ends[1]))


def shaped(context: EvaluationContext, node: Node) -> Node:
    """A formula of arrays, with what is side by side decided."""
    return _shaped(Deciding(Lowering(context.setting, context.definitions, "reading", page=True)), node)


def _of_each(how: Deciding, claim: Claim, sign: Open) -> tuple[Node, Node]:
    """Both sides with bars as those of each element, where as norms they would not fit the products around them."""
    norm = replace(how, bars="norm")
    if _fits(norm, claim.left) and _fits(norm, claim.right):
        raise sign
    how.bars = "abs"
    return _sides(how, claim)


def _fits(how: Deciding, side: Node) -> bool:
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
    how = Deciding(low)
    for node in nodes(*sides):
        if isinstance(node, Binary) and node.op in ("juxt", "cdot"):
            pair = (node.left, node.right)
            if is_ones(pair[0]) or is_ones(pair[1]):
                other = _shaped(how, pair[0] if is_ones(pair[1]) else pair[1])
                shape = shape_of(low, other)
                if shape is not None and len(shape) == 2 and any(shape):
                    return shape[0 if is_ones(pair[0]) else 1] is None
    return False


def _shaped(how: Deciding, node: Node) -> Node:
    """The tree with every open product decided, from the inside out."""
    if isinstance(node, Transpose) and is_ones(node):
        raise how_many(node)
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


def _decided(how: Deciding, node: Node) -> Node:
    """A formula that is no product, whose parts are decided: bars, norms, powers, and what is said of divisions and sums."""
    low = how.low
    if isinstance(node, Binary) and node.op in _OF_EACH and how.open:
        ends = [(end, shape_of(low, end)) for end in (node.left, node.right)]
        if sum(shape is None for _, shape in ends) == 1:  # as long as what stands beside it
            whole = next(shape for _, shape in ends if shape is not None)
            left, right = (end if shape is not None else lengthened(how, end, whole) for end, shape in ends)
            node = replace(node, left=left, right=right)
    if isinstance(node, Call) and node.style == "bars":
        node = replace(barred(how, node), style="call")
    if isinstance(node, Call) and node.name == "sum" and (node.style == OPEN_SUM or len(node.args) == 2):
        node = summed(how, replace(node, args=node.args[:1], style=OPEN_SUM))  # its letter indexes nothing
    if isinstance(node, Call) and node.style in NORMS:
        node = normed(low, node, how.notes)
    if isinstance(node, Binary) and node.op == POWER:
        examples = low.setting.orient is None  # an axis called n is one of examples in a network alone
        return power(node, shape_of(low, node.left), shape_of(low, node.right), how.notes, examples, how.each)
    if (
        isinstance(node, Binary)
        and node.op in ("+", "-")
        and any(differentiated(end) for end in (node.left, node.right))
    ):
        ended(how, node)
    if isinstance(node, (Binary, Call)) and node.style != "oslash":
        how.notes.update(dict.fromkeys(of_each(low, node)))
    if is_open(node):
        raise how_large(node)
    return Number("1", span=node.span) if is_ones(node) else node


def _log_of_determinant(how: Deciding, node: Node) -> Node | None:
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


def _product(how: Deciding, node: Binary) -> Node:
    """Two factors side by side, or with a point or an outer product's sign between them."""
    if _ones_ahead(how, node):
        assert isinstance(node.left, Binary)
        beside = replace(node, left=node.left.right)  # 1/2 1^T x: the ones belong to what follows them
        return _shaped(how, replace(node.left, right=beside, span=node.span))
    left, right = _factor(how, node.left), _factor(how, node.right)
    if node.op == "outer":
        return outer(how, node, left, right)
    if is_ones(left) or is_ones(right):
        product = with_length(how, node, left, right)
        if product is not None:
            return product
        left, right = (Number("1", span=x.span) if is_ones(x) else x for x in (left, right))
    return of_shapes(how, node, left, right)


def _ones_ahead(how: Deciding, node: Binary) -> bool:
    """Whether ones belong to what follows them, as where they have a number before them and no matrix."""
    if not isinstance(node.left, Binary) or node.left.op not in ("juxt", "cdot") or not is_ones(node.left.right):
        return False
    before, after = (shape_of(how.low, _factor(how, x)) or () for x in (node.left.left, node.right))
    return isinstance(node.left.right, Transpose) or None in (*before, None)[:2] or not is_vector(after)


def _factor(how: Deciding, node: Node) -> Node:
    """A factor, with ones left open for their neighbour to decide."""
    inner = node.arg if isinstance(node, Transpose) else node
    return node if is_ones(inner) else _shaped(how, node)


def _row_of_ones(how: Deciding, node: Node, other: Node) -> Node:
    """A row of ones that stands beside a row, element by element, as 1; anything else as it is."""
    if isinstance(node, Transpose) and is_ones(node) and not is_ones(other):
        shape = shape_of(how.low, _shaped(how, other))
        if shape is not None and is_vector(shape) and shape[0] is None:
            return Number("1", span=node.span)
    return node
