"""Transposes, operands, products and sums: edits that change how arrays are put together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Gradient,
    Name,
    Negate,
    Node,
    Number,
    Read,
    Transpose,
    nodes,
    places,
    transposed,
)
from symbp.verification.diagnosis.edit import Edit
from symbp.verification.diagnosis.reason import reason
from symbp.verification.meaning.setting import Setting, Shape
from symbp.verification.verdict import Cause


def transposes(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A transpose missing or too many; operands in the wrong order; in index notation, letters swapped."""
    for node, put in places(claim.right):
        if isinstance(node, Read) and len(node.letters) == 2:
            swapped = replace(node, letters=node.letters[::-1])
            why = reason(node, " should be ", swapped)
            yield Edit("transpose", why, put(swapped), True, node.span)
    if claim.indexed:
        return
    for node, put in places(claim.right):
        if isinstance(node, (Name, Gradient)) and _matrix(setting, node, claim.written is not None):
            why = reason(node, " should be transposed")
            yield Edit("transpose", why, put(Transpose(node)), True, node.span)
        if isinstance(node, Call) and node.name == "inv" and len(node.args) == 1:
            why = reason(node.args[0], " is transposed, not inverted")
            yield Edit("transpose", why, put(Transpose(node.args[0])), True, node.span)
            why = reason(node.args[0], " is not inverted")
            yield Edit("transpose", why, put(node.args[0]), True, node.span)
        if isinstance(node, Transpose):
            why = reason(node, " should not be transposed")
            yield Edit("transpose", why, put(node.arg), True, node.span)
    yield from _beside_matrices(setting, claim)
    for node, put in places(claim.right):
        if isinstance(node, Binary) and node.op == "@":
            a, b = node.left, node.right
            why = reason("the operands of ", node, " are swapped")
            yield Edit("operand_order", why, put(Binary("@", b, a)), True, node.span)
            flipped = Binary("@", _flipped(b), _flipped(a))
            why = reason(node, " is the transpose of what is meant")
            yield Edit("transpose", why, put(flipped), True, node.span)
            for first, second in ((transposed(b), a), (b, transposed(a))):
                why = reason("the operands of ", node, " are swapped and one is not transposed right")
                yield Edit("operand_order", why, put(Binary("@", first, second)), False, node.span)
            both = Binary("@", transposed(a), transposed(b))
            why = reason("the transposes in ", node, " are wrong")
            yield Edit("transpose", why, put(both), True, node.span)
        if isinstance(node, Call) and node.name == "outer" and len(node.args) == 2:
            why = reason("the operands of ", node, " are swapped")
            yield Edit("operand_order", why, put(replace(node, args=node.args[::-1])), True, node.span)
    if not isinstance(claim.right, (Name, Number)):
        yield Edit("transpose", "the right side is transposed", Transpose(claim.right), False, claim.right.span)


def _beside_matrices(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A vector of a page that stands on the wrong side of a matrix: without its transpose, the product's is missing too."""
    if claim.written is None:
        return
    for node, put in places(claim.right):
        if isinstance(node, Binary) and node.op == "@":
            a, b = (_shape(setting, side) for side in (node.left, node.right))
            column = len(a) == len(b) == 2 and a[1] is None and a[0] == b[0]
            row = len(a) == len(b) == 2 and b[0] is None and a[1] == b[1]
            if column or row:
                why = reason(node, " lacks transposes")
                yield Edit("transpose", why, put(Binary("@", _flipped(node.right), node.left)), True, node.span)
                yield Edit("transpose", why, put(Binary("@", node.right, _flipped(node.left))), True, node.span)


def _shape(setting: Setting, node: Node) -> Shape:
    """The shape of a formula as its letters say it, whether or not it fits; empty where they do not."""
    match node:
        case Name() | Gradient():
            known = setting.resolve(node.name, isinstance(node, Gradient))
            return known.shape if known is not None else ()
        case Transpose():
            return _shape(setting, node.arg)[::-1]
        case Negate():
            return _shape(setting, node.arg)
        case Binary(op="@"):
            return (*_shape(setting, node.left)[:1], *_shape(setting, node.right)[1:])
        case Binary():
            sides = [_shape(setting, side) for side in (node.left, node.right)]
            return max(sides, key=lambda shape: sum(axis is not None for axis in shape))
    return ()


def _flipped(node: Node) -> Node:
    """The transpose, of what a sign or a number stands before."""
    match node:
        case Negate():
            return replace(node, arg=_flipped(node.arg))
        case Binary(op="*", left=Number()):
            return replace(node, right=_flipped(node.right))
        case Binary(op="*" | "/", right=Number()):
            return replace(node, left=_flipped(node.left))
    return transposed(node)


def _matrix(setting: Setting, node: Name | Gradient, page: bool) -> bool:
    """Whether a name may be transposed: a matrix, and on a page whatever its author has defined."""
    known = setting.resolve(node.name, isinstance(node, Gradient))
    if known is None:
        return page and isinstance(node, Name) and node.name not in (*setting.lengths, "pi")
    return len(known.shape) == 2


def products(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The Hadamard product for the matrix product."""
    for node, put in places(claim.right) if not claim.indexed else ():
        if isinstance(node, Binary) and node.op == "*":
            a, b = node.left, node.right
            for x, y in (
                (a, b),
                (a, transposed(b)),
                (transposed(a), b),
                (b, a),
                (transposed(b), a),
                (b, transposed(a)),
            ):
                why = "* multiplies elementwise where the matrix product @ is meant"
                yield Edit("hadamard_for_product", why, put(Binary("@", x, y)), (x, y) == (a, b), node.span)


def hadamards(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The matrix product for the Hadamard product."""
    for node, put in places(claim.right) if not claim.indexed else ():
        if isinstance(node, Binary) and node.op == "@":
            why = "@ should be the elementwise *"
            yield Edit("hadamard_for_product", why, put(replace(node, op="*")), True, node.span)


def means(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A mean where a sum is meant, or the other way round."""
    for node, put in places(claim.right):
        if isinstance(node, Call) and node.name in ("sum", "mean"):
            other = "mean" if node.name == "sum" else "sum"
            cause: Cause = "missing_mean" if other == "mean" else "missing_sum"
            yield Edit(cause, f"{node.name} should be {other}", put(replace(node, name=other)), True, node.span)


def sums(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A sum left out, or over the wrong axis."""
    if claim.indexed:
        yield from _letters(setting, claim)
        return
    axis = 1 if setting.layout == "columns" else 0
    whole = claim.right
    if setting.batch:
        keep = setting.layout == "columns"
        total = Call("sum", (whole,), axis=axis, keepdims=keep, style="method")
        yield Edit("missing_sum", "the sum over the examples is missing", total, True, whole.span)
    for node, put in places(whole):
        if isinstance(node, Number):
            continue
        for k in (axis, 1 - axis):
            for name in ("sum", "mean"):
                for keep in (True, False) if node is whole else (True,):
                    total = Call(name, (node,), axis=k, keepdims=keep, style="method")
                    cause: Cause = "missing_sum" if name == "sum" else "missing_mean"
                    why = reason(f"the {name} of ", node, f" over axis {k} is missing")
                    yield Edit(cause, why, put(total), False, node.span)
        total = Call("sum", (node,), style="method")
        yield Edit("missing_sum", reason("the sum of ", node, " is missing"), put(total), False, node.span)


def axes(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A sum or mean over the wrong axis, or one that loses it."""
    for node, put in places(claim.right):
        if isinstance(node, Call) and node.name in ("sum", "mean") and node.axis is not None:
            if not node.keepdims:
                why = "keepdims=True is missing"
                yield Edit("shape", why, put(replace(node, keepdims=True)), False, node.span)
            for axis in (0, 1, -1):
                why = f"{node.name} runs over the wrong axis"
                yield Edit("missing_sum", why, put(replace(node, axis=axis)), False, node.span)
        elif isinstance(node, Call) and node.name in ("sum", "mean") and len(node.args) == 1:
            for axis in (0, 1):
                for keep in (False, True):
                    why = f"{node.name} runs over all axes, and should over axis {axis} alone"
                    yield Edit("shape", why, put(replace(node, axis=axis, keepdims=keep)), False, node.span)


def _letters(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """Letters that nothing binds, summed over: at the root, or around the parts that have them."""
    bound = {a.name for n in nodes(claim.right) if isinstance(n, Call) for a in n.args if isinstance(a, Name)}
    free = set(claim.left.letters) if isinstance(claim.left, Read) else set()
    letters = {c for n in nodes(claim.right) if isinstance(n, Read) for c in n.letters if not c.isdigit()}
    loose = sorted(letters - bound - free)
    for letter in loose:
        for node, put in places(claim.right):
            if any(isinstance(n, Read) and letter in n.letters for n in nodes(node)):
                total = Call("sum", (node, Name(letter)))
                why = f"the sum over {letter} is missing"
                yield Edit("missing_sum", why, put(total), node is claim.right, node.span)
                mean = Call("mean", (node, Name(letter)))
                yield Edit("missing_mean", f"the mean over {letter} is missing", put(mean), False, node.span)
    if len(loose) == 2:
        total = Call("sum", (claim.right, *map(Name, loose)))
        yield Edit("missing_sum", f"the sums over {' and '.join(loose)} are missing", total, True, claim.right.span)
