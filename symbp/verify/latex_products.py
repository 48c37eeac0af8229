"""What side by side means: in index notation a product, with repeated indices summed; for arrays what the shapes allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbp.errors import InputError
from symbp.verify.arrays import ShapeClash
from symbp.verify.compare import Bench
from symbp.verify.latex_parse import at
from symbp.verify.lower import Lowering
from symbp.verify.setting import Shape
from symbp.verify.syntax import (
    Binary,
    Call,
    Claim,
    Name,
    Negate,
    Node,
    Number,
    Read,
    Transpose,
    children,
    places,
    with_children,
)

_OPEN = "*"


def elementwise(claim: Claim, sums: bool) -> tuple[Claim, tuple[str, ...]]:
    """A claim about elements: side by side is times; without a sum sign, letters that are repeated in a product and do not
    stand on the left are summed. Returns those letters too."""
    free = letters_of(claim.left)
    summed: list[str] = []
    left = _plain(claim.left)
    right = _plain(claim.right)
    if not sums:
        right = _einstein(right, free, summed)
    return replace(claim, left=left, right=right), tuple(dict.fromkeys(summed))


def letters_of(node: Node) -> set[str]:
    """The letters of the elements of a tree."""
    return {c for n, _ in places(node) if isinstance(n, Read) for c in n.letters if not c.isdigit()}


def _plain(node: Node) -> Node:
    node = with_children(node, tuple(_plain(c) for c in children(node)))
    if isinstance(node, Call) and node.name == "ones":
        return Number("1", span=node.span)
    if isinstance(node, Binary) and node.op in ("juxt", "cdot"):
        left, right = node.left, node.right
        if isinstance(left, Transpose) and isinstance(left.arg, Read) and isinstance(right, Read):
            if _OPEN in left.arg.letters and _OPEN in right.letters:
                return _inner(left.arg, right, node)
        return replace(node, op="*")
    return node


def _inner(left: Read, right: Read, node: Binary) -> Node:
    """The product of two vectors whose open index is summed."""
    letter = next(c for c in "qrtuv" if c not in {*left.letters, *right.letters})
    one, two = (replace(v, letters=tuple(letter if c == _OPEN else c for c in v.letters)) for v in (left, right))
    return Call("sum", (Binary("*", one, two, span=node.span), Name(letter, span=node.span)), span=node.span)


def _factors(node: Node) -> Iterable[Node]:
    if isinstance(node, Binary) and node.op in ("*", "/"):
        yield from _factors(node.left)
        yield from _factors(node.right)
    elif isinstance(node, Negate):
        yield from _factors(node.arg)
    else:
        yield node


def _einstein(node: Node, free: set[str], summed: list[str]) -> Node:
    """Repeated letters of every product summed, from the inside out."""
    if isinstance(node, Binary) and node.op in ("*", "/"):
        made = _inside(node, free, summed)
        counts: dict[str, int] = {}
        for factor in _factors(made):
            for c in _loose(factor):
                counts[c] = counts.get(c, 0) + 1
        found = [c for c, n in counts.items() if n > 1 and c not in free]
        summed += found
        return Call("sum", (made, *(Name(c, span=node.span) for c in found)), span=node.span) if found else made
    if isinstance(node, Call) and node.name == "sum":
        free = free | {a.name for a in node.args[1:] if isinstance(a, Name)}
    return with_children(node, tuple(_einstein(c, free, summed) for c in children(node)))


def _inside(node: Node, free: set[str], summed: list[str]) -> Node:
    """The factors of a product, each by itself."""
    if isinstance(node, Binary) and node.op in ("*", "/"):
        return with_children(node, tuple(_inside(c, free, summed) for c in children(node)))
    if isinstance(node, Negate):
        return with_children(node, (_inside(node.arg, free, summed),))
    return _einstein(node, free, summed)


def _loose(node: Node) -> set[str]:
    """The letters of a factor that no sum of its own binds."""
    if isinstance(node, Read):
        return {c for c in node.letters if not c.isdigit()}
    if isinstance(node, Call) and node.name == "sum" and len(node.args) > 1:
        return _loose(node.args[0]) - {a.name for a in node.args[1:] if isinstance(a, Name)}
    return {c for child in children(node) for c in _loose(child)}


def by_shapes(bench: Bench, claim: Claim) -> Claim:
    """A claim about arrays: side by side is a matrix product, or scaling where one factor is a number."""
    low = Lowering(bench.setting, bench.definitions, "reading")
    return replace(claim, left=_shaped(low, claim.left), right=_shaped(low, claim.right))


def counts_examples(bench: Bench, *sides: Node) -> bool:
    """Whether ones stand beside a matrix with a column for each example, so that they add the examples up; `bench` is that of
    one example."""
    low = Lowering(bench.setting, bench.definitions, "reading")
    for side in sides:
        for node, _ in places(side):
            if isinstance(node, Binary) and node.op in ("juxt", "cdot"):
                pair = (node.left, node.right)
                if _is_ones(pair[0]) or _is_ones(pair[1]):
                    other = _shaped(low, pair[0] if _is_ones(pair[1]) else pair[1])
                    shape = _shape(low, other)
                    if shape is not None and any(shape) and not all(shape):
                        return True
    return False


def _shape(low: Lowering, node: Node) -> Shape | None:
    try:
        return low.array(node).shape
    except (ShapeClash, InputError):
        return None


def _shaped(low: Lowering, node: Node) -> Node:
    """The tree with every open product decided, from the inside out."""
    if not isinstance(node, Binary) or node.op not in ("juxt", "cdot"):
        new = with_children(node, tuple(_shaped(low, c) for c in children(node)))
        return Number("1", span=node.span) if _is_ones(new) else new
    left, right = _factor(low, node.left), _factor(low, node.right)
    if _is_ones(left) or _is_ones(right):
        left, right = _with_length(low, left, right)
    a, b = _shape(low, left), _shape(low, right)
    if a is None or b is None:
        return Binary("@", left, right, span=node.span)
    if not a or not b:
        return Binary("*", left, right, span=node.span)
    if len(a) == len(b) == 1:
        return _of_vectors(low, node, left, right)
    inner = a[-1] == (b[-2] if len(b) > 1 else b[0])
    if not inner and (not any(a) or not any(b)):
        return Binary("*", left, right, span=node.span)
    if not inner and node.op == "cdot" and a == b:
        raise InputError(r"\cdot of two vectors", place=at(node.span.start), allowed=r"\odot, or a^T b")
    return Binary("@", left, right, span=node.span)


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


def _factor(low: Lowering, node: Node) -> Node:
    """A factor, with ones left open for their neighbour to decide."""
    inner = node.arg if isinstance(node, Transpose) else node
    return node if _is_ones(inner) else _shaped(low, node)


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
