"""Signs and factors: edits that change a formula by a number or by the length of an axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from symbp.formula.syntax import Binary, Call, Claim, Name, Negate, Node, Number, Transpose, nodes, places
from symbp.network.forward import BATCH
from symbp.verification.diagnosis.edit import Edit
from symbp.verification.diagnosis.reason import reason
from symbp.verification.meaning.setting import Setting
from symbp.verification.verdict import Cause

_DECIMALS = 6


def signs(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A sign at the front, of a difference, or between two terms."""
    right = claim.right
    if isinstance(right, Negate):
        yield Edit("sign", "the sign is wrong", right.arg, True, right.span)
    for node, put in places(right):
        if isinstance(node, Binary) and node.op == "-" and node is not right and _is_factor(right, node):
            swapped = replace(node, left=node.right, right=node.left)
            yield Edit("sign", reason("the sign of ", node, " is wrong"), put(swapped), True, node.span)
    if not isinstance(right, Negate):
        yield Edit("sign", "the sign is wrong", _negative(right), True, right.span)
    for node, put in places(right):
        if isinstance(node, Binary) and node.op in "+-":
            other = replace(node, op="-" if node.op == "+" else "+")
            yield Edit("sign", reason("the sign in ", node, " is wrong"), put(other), True, node.span)
        if isinstance(node, Negate):
            yield Edit("sign", reason("the sign of ", node, " is wrong"), put(node.arg), False, node.span)
        if isinstance(node, Binary) and node.op == "**":
            other = replace(node, right=_negative(node.right))
            yield Edit("sign", reason("the sign of the exponent in ", node, " is wrong"), put(other), False, node.span)
        if isinstance(node, Call) and len(node.args) == 1 and node.style != "method" and not node.primes:
            minus = replace(node, args=(_negative(node.args[0]),))
            yield Edit("sign", reason("the sign of ", node.args[0], " is wrong"), put(minus), False, node.args[0].span)


def _is_factor(whole: Node, part: Node) -> bool:
    """Whether a formula is a factor of another, so that its sign is that of the whole."""
    if whole is part:
        return True
    if isinstance(whole, Binary) and whole.op in ("*", "@", "juxt", "/"):
        return _is_factor(whole.left, part) or _is_factor(whole.right, part)
    return isinstance(whole, (Negate, Transpose)) and _is_factor(whole.arg, part)


def _negative(node: Node) -> Node:
    """The negative, as one would write it."""
    if isinstance(node, Negate):
        return node.arg
    if isinstance(node, Binary) and node.op == "-":
        return replace(node, left=node.right, right=node.left)
    if isinstance(node, Binary) and node.op in ("*", "/", "@"):
        return replace(node, left=_negative(node.left))
    return Negate(node)


def factors(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A number, or the length of an axis, too many or too few."""
    right = claim.right
    for node, put in places(right):
        if isinstance(node, Binary) and node.op in ("*", "/", "@"):
            if _scalar(setting, node.right):
                yield Edit(
                    "factor",
                    reason("the factor ", "1/" if node.op == "/" else "", node.right, " does not belong here"),
                    put(node.left),
                    True,
                    node.right.span,
                )
            if _scalar(setting, node.left):
                whole = node.right if node.op == "*" else Binary("/", Number("1"), node.right)
                yield Edit(
                    "factor",
                    reason("the factor ", node.left, " does not belong here"),
                    put(whole),
                    True,
                    node.left.span,
                )
            if node.op in "*/" and _scalar(setting, node.right):
                other = replace(node, op="*" if node.op == "/" else "/")
                yield Edit(
                    "factor",
                    reason(node.right, " stands on the wrong side of the fraction"),
                    put(other),
                    False,
                    node.span,
                )
    lengths = ["N"] if setting.batch else []
    lengths += [label for axis, label in setting.labels.items() if axis != BATCH and axis in setting.counted]
    for text in ("2", *lengths):
        factor: Node = Number(text) if text.isdigit() else Name(text)
        cause: Cause = "factor"
        yield Edit(cause, f"a factor {text} is missing", Binary("*", factor, right), True, right.span)
        if text.isdigit():
            half = Binary("*", Binary("/", Number("1"), factor), right)
            yield Edit(cause, f"a factor 1/{text} is missing", half, True, right.span)
        else:
            yield Edit("missing_mean", f"the mean is missing: 1/{text}", Binary("/", right, factor), True, right.span)
    for node, put in places(right) if isinstance(right, Binary) and right.op in "+-" else ():
        for text in lengths if isinstance(node, (Binary, Call)) and node is not right else ():
            why = reason("the mean is missing at ", node, f": 1/{text}")
            yield Edit("missing_mean", why, put(Binary("/", node, Name(text))), True, node.span)
    inside = [n for n in nodes(right) if isinstance(n, Binary) and n.op in ("*", "/", "**")]
    scaling = {id(child) for n in inside for child in (n.left, n.right)}
    for node, put in places(right):
        if isinstance(node, Number):
            for digit in "234" if id(node) in scaling else "1234":
                if node.text != digit:
                    yield Edit("factor", f"{node.text} should be {digit}", put(Number(digit)), False, node.span)
        elif node is not right and not isinstance(node, Name):
            yield Edit(
                "factor",
                reason("a factor 2 is missing at ", node),
                put(Binary("*", Number("2"), node)),
                False,
                node.span,
            )


def _scalar(setting: Setting, node: Node) -> bool:
    match node:
        case Number():
            return True
        case Name():
            return node.name in setting.lengths
        case Binary():
            return node.op != "@" and _scalar(setting, node.left) and _scalar(setting, node.right)
        case Negate():
            return _scalar(setting, node.arg)
    return False


def multiplied(claim: Claim, ratio: Fraction) -> Edit:
    """The right side times a constant."""
    if ratio == -1:
        return Edit("sign", "the sign is wrong", _negative(claim.right))
    value = constant(claim.right)
    if value is not None:
        true = _written(value * ratio, not isinstance(claim.right, Binary))
        return Edit("factor", reason(claim.right, " should be ", true), true)
    number: Node = Number(str(abs(ratio.numerator)))
    if ratio.denominator != 1:
        number = Binary("/", number, Number(str(ratio.denominator)))
    right = claim.right if ratio > 0 else _negative(claim.right)
    return Edit("factor", f"a factor {ratio} is missing", Binary("*", number, right))


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
