r"""Elements of formulas of whole arrays, ``(W^T \delta)_i``, written out with indices: a product becomes a sum.

So is the chain rule as written, ``\frac{\partial J}{\partial z} \frac{\partial z}{\partial a} \frac{\partial a}{\partial w}``:
a product of derivatives that leads from one tensor to another, each factor beginning where another ends, means the sum over the
elements of everything in between, whatever the layout and the order in which the factors stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from symbp.calculus.indices import Axis
from symbp.calculus.primitives.matrices import MATRIX_CALLS
from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.symbols import substituted, symbols
from symbp.formula.syntax import (
    ELEMENT,
    Binary,
    Call,
    Claim,
    Compare,
    Gradient,
    Name,
    Negate,
    Node,
    Number,
    Partial,
    Read,
    Span,
    Transpose,
    children,
    nodes,
    with_children,
)
from symbp.formula.words import ELEMENTWISE
from symbp.network.forward import BATCH
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.lower import Lowering
from symbp.verification.meaning.setting import Known, Setting, Shape
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.readings.names import Lookup
from symbp.verification.readings.shapes import shaped

_LETTERS = "rstuvpqmnabcdefgh"

Places = tuple[str | None, ...]


def written_out(node: Node, lookup: Lookup, context: EvaluationContext, taken: frozenset[str]) -> Node:
    """The tree with letters looked up, and elements of formulas written out; `taken` are the indices that the claim has.

    Raises
    ------
    InputError : a formula with another number of indices, or one whose elements have no formula of their own
    """
    if isinstance(node, Call) and node.name == ELEMENT:
        whole = replace(lookup, context=replace(lookup.context, indexed=False))
        formula = shaped(context, substituted(node.args[0], whole.node))
        return _element(node, formula, Lowering(context.setting, context.definitions, "element", page=True), taken)
    below = tuple(written_out(c, lookup, context, taken) for c in children(node))
    return with_children(node, below) if below else substituted(node, lookup.node)


def indices_of(*sides: Node) -> frozenset[str]:
    """The letters of indices of a claim that has not been looked up."""
    named = (a.name for n in nodes(*sides) if isinstance(n, Call) for a in n.args if isinstance(a, Name))
    return frozenset((*named, *(c for side in sides for s in symbols(side) for c in s.subs)))


def _element(node: Call, formula: Node, low: Lowering, taken: frozenset[str]) -> Node:
    letters = [a.name for a in node.args[1:] if isinstance(a, Name)]
    writer = _Writer(low, [c for c in _LETTERS if c not in taken])
    shape = writer.shape(formula)
    # elements of batches have the number of the example first, those of a matrix the row
    if BATCH in shape and writer.low.setting.orient is None:
        message = "an element of a formula of all examples"
        raise InputError(message, place=at(node.span.start), allowed="indices at the letters")
    rank = sum(a is not None for a in shape)
    if rank != len(letters):
        plural = "index" if rank == 1 else "indices"
        raise InputError(f"this formula takes {rank} {plural}, got {len(letters)}", place=at(node.span.start))
    given = iter(letters)
    places = tuple(None if a is None else next(given) for a in shape)
    return replace(writer.element(formula, places), span=node.span)


@dataclass
class _Writer:
    """Writes elements of one formula; `fresh` are letters that are not taken."""

    low: Lowering
    fresh: list[str]

    def element(self, node: Node, places: Places) -> Node:
        """The element at a letter for each place of the shape that is not of length 1."""
        shape = self.shape(node)
        places = places[len(places) - len(shape) :]
        match node:
            case Number():
                return replace(node, span=Span())
            case Name() | Gradient():
                known = self.low.setting.resolve(node.name, isinstance(node, Gradient))
                own = [c for c in places if c is not None]
                if not own:
                    return replace(node, span=Span())
                letters = [places[k] for k in known.order] if known is not None else own
                return Read(replace(node, span=Span()), tuple(c for c in letters if c is not None))
            case Negate():
                return Negate(self.element(node.arg, places))
            case Transpose():
                return self.element(node.arg, places[::-1])
            case Binary(op="@"):
                return self.product(node, places)
            case Binary() | Compare():
                sides = [self.broadcast(side, shape, places) for side in (node.left, node.right)]
                return replace(node, left=sides[0], right=sides[1], span=Span())
            case Call() if node.name == "outer" and len(node.args) == 2:
                one, two = (self.vector(a, c) for a, c in zip(node.args, places, strict=True))
                return Binary("*", one, two)
            case Call() if node.name in MATRIX_CALLS:
                read = tuple(Name(c) for c in places if c is not None)
                return Call(ELEMENT, (node, *read)) if read else node
            case Call() if len(node.args) == 1 and node.axis is None and self.scalar(node):
                return replace(node, args=(self.element(node.args[0], places),), span=Span())
        raise InputError("an element of this formula", place=at(node.span.start), allowed="indices at the letters")

    def shape(self, node: Node) -> Shape:
        """The shape of a formula, whether or not the shapes within it fit: where they do not, the letters say so."""
        match node:
            case Transpose():
                return self.shape(node.arg)[::-1]
            case Negate():
                return self.shape(node.arg)
            case Binary(op="@"):
                left, right = self.shape(node.left), self.shape(node.right)
                return (*left[:-1], *right[1:])
            case Binary() | Compare():
                left, right = self.shape(node.left), self.shape(node.right)
                long, short = (left, right) if len(left) >= len(right) else (right, left)
                padded = (*(None,) * (len(long) - len(short)), *short)
                return tuple(a if a is not None else b for a, b in zip(long, padded, strict=True))
            case Call() if len(node.args) == 1 and node.axis is None and self.scalar(node):
                return self.shape(node.args[0])
        try:
            return self.low.array(node).shape
        except ShapeClash as clash:
            raise InputError(f"an element of a formula: {clash.why}", place=at(node.span.start)) from None

    def scalar(self, node: Call) -> bool:
        """Whether a function is one of numbers."""
        name, setting = node.name, self.low.setting
        layer = name[1:] or "1"
        own = name[:1] in ("g", "f") and layer in setting.layers and setting.layer_function(layer) is not None
        return name in ELEMENTWISE or name in setting.functions or own

    def broadcast(self, node: Node, shape: tuple[object, ...], places: Places) -> Node:
        """The element of an operand that is broadcast to a shape."""
        own = self.shape(node)
        offset = len(shape) - len(own)
        return self.element(node, tuple(None if a is None else places[offset + k] for k, a in enumerate(own)))

    def vector(self, node: Node, letter: str | None) -> Node:
        """The element of a vector, however it stands."""
        return self.element(node, tuple(None if a is None else letter for a in self.shape(node)))

    def product(self, node: Binary, places: Places) -> Node:
        """A matrix product: the sum over what meets."""
        left, right = self.shape(node.left), self.shape(node.right)
        if len(left) > 2 or len(right) > 2:
            raise InputError("an element of this formula", place=at(node.span.start), allowed="indices at the letters")
        if not self.fresh:
            raise InputError("too many products in one element", place=at(node.span.start), allowed="fewer factors")
        inner = None if left[-1] is None else self.fresh.pop(0)
        given = list(places)
        row = (given.pop(0),) if len(left) == 2 else ()
        column = (given.pop(0),) if len(right) == 2 else ()
        one = self.element(node.left, (*row, inner))
        two = self.element(node.right, (inner, *column))
        both = Binary("*", one, two)
        return both if inner is None else Call("sum", (both, Name(inner)))


_CHAIN_LETTERS = "pqrstuvabcdefgh"


def chained(setting: Setting, claim: Claim) -> Claim | None:
    """The claim with the product of derivatives on its right side in index notation; None where that is no such product.

    Raises
    ------
    InputError : a chain that does not lead to what the left side is the derivative with respect to
    """
    claim = replace(claim, left=_whole(claim.left), right=_whole(claim.right))
    factors = [*_factors(claim.right)]
    if len(factors) < 2 or not any(isinstance(f, Partial) for f in factors):
        return None
    links = [_ends(setting, f) for f in factors]
    left = _ends(setting, claim.left)
    if left is None or any(link is None for link in links) or not _open(setting, [*factors, claim.left]):
        return None
    path, here = [], left[0]
    remaining = [(f, link) for f, link in zip(factors, links, strict=True) if link is not None]
    while remaining:
        found = [pair for pair in remaining if _tensor(setting, pair[1][0]) == _tensor(setting, here)]
        if len(found) != 1:
            raise InputError(
                "these derivatives are no chain", place=at(claim.right.span.start), allowed="each ends where one begins"
            )
        remaining.remove(found[0])
        path.append(found[0][0])
        here = found[0][1][1]
    if _tensor(setting, here) != _tensor(setting, left[1]):
        raise InputError("the chain leads elsewhere than the left side", place=at(claim.right.span.start))
    return _indexed(setting, claim, factors)


def _indexed(setting: Setting, claim: Claim, factors: list[Node]) -> Claim:
    """The claim with an index at every element, those between summed."""
    used = {c for n in (claim.left, *factors) for part in nodes(n) if isinstance(part, Read) for c in part.letters}
    free = iter([c for c in _CHAIN_LETTERS if c not in used])
    letters: dict[str, tuple[str, ...]] = {}
    for n in (claim.left, *factors):
        for part in nodes(n):
            if isinstance(part, Read):
                name = _tensor(setting, part)
                if letters.setdefault(name, part.letters) != part.letters:
                    raise InputError(
                        "one quantity with different indices", place=at(part.span.start), allowed="the same indices"
                    )

    def read(node: Node) -> Node:
        if isinstance(node, Transpose):
            return read(node.arg)
        if isinstance(node, Partial):
            return replace(node, of=read(node.of), by=read(node.by))
        if isinstance(node, Read):
            return node
        assert isinstance(node, (Name, Gradient))
        name = _tensor(setting, node)
        if name not in letters:
            axes = _known(setting, node).tensor.axes
            found = tuple(next(free, "") for _ in axes)
            if not all(found):
                raise InputError("the chain is too long", place=at(node.span.start), allowed="fewer factors")
            letters[name] = found
        return Read(node, letters[name], span=node.span) if letters[name] else node

    left = read(claim.left)
    own = {c for part in nodes(left) if isinstance(part, Read) for c in part.letters}
    product = read(factors[0])
    for factor in factors[1:]:
        product = Binary("*", product, read(factor), span=claim.right.span)
    given = used - own
    summed = [c for found in letters.values() for c in found if c not in own and c not in given and not c.isdigit()]
    over = tuple(Name(c) for c in dict.fromkeys(summed))
    right: Node = Call("sum", (product, *over), span=claim.right.span) if over else product
    return replace(claim, left=left, right=right)


def _whole(node: Node) -> Node:
    """The tree with vectors whose index is left open as the whole vectors that they are."""
    if isinstance(node, Read) and "*" in node.letters:
        return node.of
    return with_children(node, tuple(_whole(c) for c in children(node)))


def _factors(node: Node) -> Iterable[Node]:
    if isinstance(node, Binary) and node.op in ("juxt", "cdot"):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def _ends(setting: Setting, node: Node) -> tuple[Node, Node] | None:
    """What is differentiated, and with respect to what; None where a factor is no derivative."""
    if isinstance(node, Transpose) and isinstance(node.arg, (Gradient, Name)):
        node = node.arg
    if isinstance(node, Partial) and not isinstance(node.of, (Name, Read)):
        return None  # of a formula
    if isinstance(node, Partial):
        return node.of, node.by
    inner = node.of if isinstance(node, Read) else node
    if isinstance(inner, (Name, Gradient)):
        known = setting.resolve(inner.name, isinstance(inner, Gradient))
        of = known.tensor.of if known is not None else None
        if of and setting.resolve(of) is not None:
            return Name(setting.loss), Name(of)
    return None


def _tensor(setting: Setting, node: Node) -> str:
    """The tensor of the forward map that a node names, or that it is the derivative with respect to."""
    if isinstance(node, (Transpose,)):
        return _tensor(setting, node.arg)
    tensor = _known(setting, node).tensor
    return tensor.of or tensor.name


def _known(setting: Setting, node: Node) -> Known:
    inner = node.of if isinstance(node, Read) else node
    assert isinstance(inner, (Name, Gradient))
    known = setting.resolve(inner.name, isinstance(inner, Gradient))
    if known is None:
        raise InputError(f"unknown name {inner.name}", place=at(node.span.start))
    return known


def _open(setting: Setting, roots: Iterable[Node]) -> bool:
    """Whether some quantity stands there as a whole, without its indices."""
    for part in nodes(*roots):
        whole = isinstance(part, (Name, Gradient)) and setting.resolve(part.name, isinstance(part, Gradient))
        if whole and _axes(whole):
            return True
    return False


def _axes(known: Known) -> tuple[Axis, ...]:
    return known.tensor.axes
