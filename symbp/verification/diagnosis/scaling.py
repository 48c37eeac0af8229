"""The number by which a claim is off: the right side times a constant."""

from __future__ import annotations

from fractions import Fraction

from symbp.formula.syntax import Binary, Claim, Negate, Node, Number
from symbp.verification.diagnosis.patterns import negative
from symbp.verification.diagnosis.rows import Edit, reason

_DECIMALS = 6


def multiplied(claim: Claim, ratio: Fraction) -> Edit:
    """The right side times a constant."""
    if ratio == -1:
        return Edit("sign", reason("the sign is wrong"), negative(claim.right))
    value = constant(claim.right)
    if value is not None:
        true = _written(value * ratio, not isinstance(claim.right, Binary))
        return Edit("factor", reason(claim.right, " should be ", true), true)
    number: Node = Number(str(abs(ratio.numerator)))
    if ratio.denominator != 1:
        number = Binary("/", number, Number(str(ratio.denominator)))
    right = claim.right if ratio > 0 else negative(claim.right)
    return Edit("factor", reason(f"a factor {ratio} is missing"), Binary("*", number, right))


def constant(node: Node) -> Fraction | None:
    """The number that a side is, where it is one and no formula: ``15``, ``-0.5``, ``1/2``."""
    match node:
        case Number():
            return node.value
        case Negate():
            inner = constant(node.arg)
            return None if inner is None else -inner
        case Binary(op="/", left=Number() as above, right=Number() as below) if below.value:
            return above.value / below.value
    return None


def _written(value: Fraction, decimal: bool) -> Node:
    """A number, with decimals where it is to have them and they are few."""
    whole: Node
    if value.denominator == 1:
        whole = Number(str(abs(value.numerator)))
    elif decimal and 10**_DECIMALS % value.denominator == 0:
        whole = Number(f"{float(abs(value)):.{_DECIMALS}f}".rstrip("0"))
    else:
        whole = Binary("/", Number(str(abs(value.numerator))), Number(str(value.denominator)))
    return whole if value >= 0 else Negate(whole)
