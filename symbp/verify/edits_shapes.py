"""Transposes, operands, products and sums: edits that change how arrays are put together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbp.verify.edit import Edit
from symbp.verify.printing import node_text
from symbp.verify.setting import Setting
from symbp.verify.syntax import (
    Binary,
    Call,
    Claim,
    Gradient,
    Name,
    Number,
    Read,
    Transpose,
    places,
    transposed,
)
from symbp.verify.verdict import Cause


def transposes(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A transpose missing or too many; operands in the wrong order; in index notation, letters swapped."""
    for node, put in places(claim.right):
        if isinstance(node, Read) and len(node.letters) == 2:
            swapped = replace(node, letters=node.letters[::-1])
            yield Edit("transpose", f"{node_text(node)} should be {node_text(swapped)}", put(swapped), likely=True)
    if claim.indexed:
        return
    for node, put in places(claim.right):
        if isinstance(node, (Name, Gradient)) and _matrix(setting, node):
            yield Edit("transpose", f"{node.name} should be transposed", put(Transpose(node)), likely=True)
        if isinstance(node, Transpose):
            yield Edit("transpose", f"{node_text(node)} should not be transposed", put(node.arg), likely=True)
    for node, put in places(claim.right):
        if isinstance(node, Binary) and node.op == "@":
            a, b = node.left, node.right
            flipped = Binary("@", transposed(b), transposed(a))
            yield Edit("transpose", f"{node_text(node)} is the transpose of what is meant", put(flipped), likely=True)
            why = f"the operands of {node_text(node)} are swapped"
            yield Edit("operand_order", why, put(Binary("@", b, a)), likely=True)
            for first, second in ((transposed(b), a), (b, transposed(a))):
                why = f"the operands of {node_text(node)} are swapped and one is not transposed right"
                yield Edit("operand_order", why, put(Binary("@", first, second)))
    if not isinstance(claim.right, (Name, Number)):
        yield Edit("transpose", "the right side is transposed", Transpose(claim.right))


def _matrix(setting: Setting, node: Name | Gradient) -> bool:
    known = setting.resolve(node.name, isinstance(node, Gradient))
    return known is not None and len(known.shape) == 2


def products(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The Hadamard product for the matrix product, and the other way round."""
    if claim.indexed:
        return
    for node, put in places(claim.right):
        if isinstance(node, Binary) and node.op in ("*", "@"):
            a, b = node.left, node.right
            if node.op == "@":
                yield Edit("hadamard_for_product", "@ should be the elementwise *", put(replace(node, op="*")), True)
                continue
            for x, y in (
                (a, b),
                (b, a),
                (transposed(a), b),
                (a, transposed(b)),
                (transposed(b), a),
                (b, transposed(a)),
            ):
                why = "* multiplies elementwise where the matrix product @ is meant"
                yield Edit("hadamard_for_product", why, put(Binary("@", x, y)), likely=(x, y) == (a, b))


def sums(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The sum over the examples left out, or a mean where a sum is meant."""
    for node, put in places(claim.right):
        if isinstance(node, Call) and node.name in ("sum", "mean"):
            other = "mean" if node.name == "sum" else "sum"
            cause: Cause = "missing_mean" if other == "mean" else "missing_sum"
            yield Edit(cause, f"{node.name} should be {other}", put(replace(node, name=other)), likely=True)
    if claim.indexed:
        bound = {a.name for n, _ in places(claim.right) if isinstance(n, Call) for a in n.args if isinstance(a, Name)}
        free = set(claim.left.letters) if isinstance(claim.left, Read) else set()
        letters = {c for n, _ in places(claim.right) if isinstance(n, Read) for c in n.letters}
        for letter in sorted(letters - bound - free):
            total = Call("sum", (claim.right, Name(letter)))
            yield Edit("missing_sum", f"the sum over {letter} is missing", total, likely=True)
        return
    if setting.batch:
        axis = 1 if setting.layout == "columns" else 0
        total = Call("sum", (claim.right,), axis=axis, keepdims=setting.layout == "columns", style="method")
        yield Edit("missing_sum", "the sum over the examples is missing", total, likely=True)
    for node, put in places(claim.right):
        if not isinstance(node, Number):
            total = Call("sum", (node,), axis=0, keepdims=True, style="method")
            yield Edit("missing_sum", f"the sum of {node_text(node)} over the units is missing", put(total))
