"""Brackets: a factor that was meant for a whole sum and stands at its last term, and products in the other order of brackets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbp.formula.syntax import Binary, Call, Claim, Name, Negate, Node, Number, Read, factors_of, places, product_of
from symbp.verification.diagnosis.edit import Edit
from symbp.verification.diagnosis.reason import reason
from symbp.verification.meaning.setting import Setting
from symbp.verification.verdict import Cause


def brackets(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A factor that multiplies, or divides, the last or the first term of a sum alone: ``yhat - y*g'(z)``."""
    for node, put in places(claim.right):
        if not isinstance(node, Binary) or node.op not in "+-":
            continue
        last, first = node.right, node.left
        if isinstance(last, Binary) and last.op in ("*", "/", "@"):
            whole = replace(last, left=replace(node, right=last.left))
            yield _edit(put(whole), replace(node, right=last.left), last.right, node)
            if last.op == "/" and isinstance(last.left, Binary) and last.left.op in "*@":
                continue
        if isinstance(first, Binary) and first.op in ("*", "@"):
            whole = replace(first, right=replace(node, left=first.right))
            yield _edit(put(whole), replace(node, left=first.right), first.left, node)


def _edit(right: Node, terms: Node, factor: Node, node: Node) -> Edit:
    slope = isinstance(factor, Call) and factor.primes > 0
    cause: Cause = (
        "activation_derivative" if slope else "factor" if isinstance(factor, (Number, Name)) else "missing_factor"
    )
    return Edit(
        cause, reason(terms, " should stand in brackets: ", factor, " belongs to all of it"), right, True, node.span
    )


def groupings(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A factor of elements that belongs to the second operand of a matrix product, not to the product: ``(A @ b) * c``."""
    if claim.indexed:
        return
    for node, put in places(claim.right):
        if not isinstance(node, Binary) or node.op != "*":
            continue
        factors = factors_of(node)
        for k, product in enumerate(factors):
            if not isinstance(product, Binary) or product.op != "@":
                continue
            for j, factor in enumerate(factors):
                if j == k or isinstance(factor, Number):
                    continue
                inner = Binary("*", product.right, factor)
                rest = [Binary("@", product.left, inner) if i == k else f for i, f in enumerate(factors) if i != j]
                yield Edit(
                    "shape", reason(inner, " should stand in brackets"), put(product_of(tuple(rest))), True, node.span
                )


def exponents(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """Another exponent, or a root left out."""
    for node, put in places(claim.right):
        if isinstance(node, Binary) and node.op == "**":
            for other in (Number("2"), Number("3"), _over(1, 2), _negative(_over(1, 2)), _negative(_over(3, 2))):
                if other != node.right:
                    new = replace(node, right=other)
                    yield Edit("factor", reason(node, " should be ", new), put(new), True, node.span)
        elif isinstance(node, (Name, Read, Binary)) and not (isinstance(node, Binary) and node.op in "@*/"):
            root = Call("sqrt", (node,))
            yield Edit("missing_factor", reason("the root of ", node, " is missing"), put(root), False, node.span)
        if isinstance(node, Call) and node.name == "sqrt" and len(node.args) == 1:
            why = reason("the root of ", node.args[0], " does not belong here")
            yield Edit("missing_factor", why, put(node.args[0]), False, node.span)


def _over(above: int, below: int) -> Node:
    return Binary("/", Number(str(above)), Number(str(below)))


def _negative(node: Node) -> Node:
    return Negate(node)
