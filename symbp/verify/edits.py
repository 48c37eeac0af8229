"""The mistakes people make, as edits of a syntax tree that undo them, the likely ones first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbp.assemble import BATCH
from symbp.verify.printing import node_text
from symbp.verify.setting import Setting
from symbp.verify.syntax import (
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
    places,
    transposed,
)
from symbp.verify.verdict import Cause


@dataclass(frozen=True)
class Edit:
    """One edit: the cause it stands for, what it says to a person, the new right side, and whether to try it in a pair."""

    cause: Cause
    why: str
    right: Node
    likely: bool = False

    def applied(self, claim: Claim) -> Claim:
        """The edited claim."""
        return replace(claim, right=self.right)


def edits(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """Every edit of a claim's right side, in the order in which they are tried, each result once."""
    seen = {claim.right}
    for source in (_slopes, _transposes, _signs, _factors, _functions, _layers, _products, _sums, _names, _terms):
        for edit in source(setting, claim):
            if edit.right not in seen and edit.right != claim.left:
                seen.add(edit.right)
                yield edit


def _number(node: Node) -> str:
    """The number of the layer that the left side belongs to."""
    inner = node.of if isinstance(node, Read) else node
    name = inner.name if isinstance(inner, (Name, Gradient)) else ""
    found = re.search(r"\d+$", name)
    return found[0] if found else ""


def _slopes(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The activation derivative left out, of the left side's layer before others, or there once too often."""
    own = _number(claim.left)
    for k in sorted(setting.layers, key=lambda k: (k != own, k)):
        arg: Node = Name(f"z{k}")
        if setting.resolve(f"z{k}") is None:
            continue
        for node, put in places(claim.right):
            if isinstance(node, (Number, Name)) and claim.indexed:
                continue
            if claim.indexed:
                letters = _letters_like(claim, node)
                if not letters:
                    continue
                arg = Read(Name(f"z{k}"), letters)
            if k != own and node is not claim.right and not isinstance(node, (Name, Gradient, Read)):
                continue
            slope = Call("g", (arg,), primes=1)
            why = f"the activation derivative {node_text(slope)} is missing"
            yield Edit("activation_derivative", why, put(Binary("*", node, slope)), likely=node is claim.right)
    for node, put in places(claim.right):
        if isinstance(node, Binary) and node.op == "*":
            for other, gone in ((node.left, node.right), (node.right, node.left)):
                if isinstance(gone, Call) and gone.primes:
                    yield Edit("activation_derivative", f"{node_text(gone)} does not belong here", put(other))


def _letters_like(claim: Claim, node: Node) -> tuple[str, ...]:
    """The letters of the element that an activation derivative would stand beside."""
    if node is claim.right:
        return claim.left.letters if isinstance(claim.left, Read) else ()
    return node.letters if isinstance(node, Read) else ()


def _transposes(setting: Setting, claim: Claim) -> Iterator[Edit]:
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


def _signs(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A sign at the front or between two terms."""
    right = claim.right
    inner = right.arg if isinstance(right, Negate) else _negative(right)
    yield Edit("sign", "the sign is wrong", inner, likely=True)
    for node, put in places(right):
        if isinstance(node, Binary) and node.op in "+-":
            other = replace(node, op="-" if node.op == "+" else "+")
            yield Edit("sign", f"the sign in {node_text(node)} is wrong", put(other), likely=True)
        if isinstance(node, Negate):
            yield Edit("sign", f"the sign of {node_text(node)} is wrong", put(node.arg))


def _negative(node: Node) -> Node:
    """The negative, as one would write it."""
    if isinstance(node, Negate):
        return node.arg
    if isinstance(node, Binary) and node.op == "-":
        return replace(node, left=node.right, right=node.left)
    if isinstance(node, Binary) and node.op in ("*", "/", "@"):
        return replace(node, left=_negative(node.left))
    return Negate(node)


def _factors(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A number, or the length of an axis, too many or too few."""
    right = claim.right
    for node, put in places(right):
        if isinstance(node, Binary) and node.op in ("*", "/", "@"):
            if _scalar(setting, node.right):
                yield Edit(
                    "factor", f"the factor {node_text(node.right)} does not belong here", put(node.left), likely=True
                )
            if _scalar(setting, node.left):
                whole = node.right if node.op == "*" else Binary("/", Number("1"), node.right)
                yield Edit("factor", f"the factor {node_text(node.left)} does not belong here", put(whole), likely=True)
            if node.op in "*/" and _scalar(setting, node.right):
                other = replace(node, op="*" if node.op == "/" else "/")
                yield Edit("factor", f"{node_text(node.right)} stands on the wrong side of the fraction", put(other))
    lengths = ["N"] if setting.batch else []
    lengths += [label for axis, label in setting.labels.items() if axis != BATCH and _enters(setting, label)]
    for text in ("2", *lengths):
        factor: Node = Number(text) if text.isdigit() else Name(text)
        cause: Cause = "factor"
        yield Edit(cause, f"a factor {text} is missing", Binary("*", factor, right), likely=True)
        if text.isdigit():
            half = Binary("*", Binary("/", Number("1"), factor), right)
            yield Edit(cause, f"a factor 1/{text} is missing", half, likely=True)
        else:
            yield Edit("missing_mean", f"the mean is missing: 1/{text}", Binary("/", right, factor), likely=True)
    for node, put in places(right):
        if isinstance(node, Number):
            for digit in "1234":
                if node.text != digit:
                    yield Edit("factor", f"{node.text} should be {digit}", put(Number(digit)))
        elif node is not right and not isinstance(node, Name):
            yield Edit("factor", f"a factor 2 is missing at {node_text(node)}", put(Binary("*", Number("2"), node)))


def _enters(setting: Setting, label: str) -> bool:
    """Whether a length occurs in the program, as that of a mean does."""
    axis = next(a for a, text in setting.labels.items() if text == label)
    return any(s.body.has(axis.size) for s in setting.program.statements)


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


def _functions(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """g for g', g' for g, the argument's activation for the argument, and the other way round."""
    for node, put in places(claim.right):
        if isinstance(node, Call) and len(node.args) == 1 and node.style == "call":
            if node.primes:
                plain = replace(node, primes=0)
                yield Edit("derivative_for_function", f"{node_text(node)} should be {node_text(plain)}", put(plain))
            elif node.name[:1] == "g" or node.name in setting.functions:
                prime = replace(node, primes=1)
                yield Edit(
                    "derivative_for_function", f"{node_text(node)} should be {node_text(prime)}", put(prime), True
                )
        if claim.indexed or not isinstance(node, Name):
            continue
        for k, (z, a) in setting.layers.items():
            known = setting.resolve(node.name)
            if known is not None and known.tensor.name == a:
                slope = Call("g", (Name(f"z{k}"),), primes=1)
                why = f"{node.name} should be {node_text(slope)}"
                yield Edit("derivative_for_function", why, put(slope), likely=True)
                yield Edit("wrong_variable", f"{node.name} should be z{k}", put(Name(f"z{k}")))
            elif known is not None and known.tensor.name == z:
                yield Edit("wrong_variable", f"{node.name} should be a{k}", put(Name(f"a{k}")))


def _layers(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The number of a layer one or two off, at one place or at all."""
    for node, put in places(claim.right):
        inner = node.of if isinstance(node, Read) else node
        if not isinstance(inner, (Name, Gradient)):
            continue
        for other in _neighbours(setting, inner):
            new: Node = replace(node, of=other) if isinstance(node, Read) else other
            yield Edit("wrong_layer", f"{node_text(node)} should be {node_text(new)}", put(new), likely=True)


def _neighbours(setting: Setting, node: Name | Gradient) -> Iterator[Name | Gradient]:
    """The same letter with another layer's number; x is a0, yhat the last a."""
    name = {"x": "a0", "yhat": f"a{len(setting.layers)}"}.get(node.name, node.name)
    found = re.fullmatch(r"([A-Za-z]+?)(\d+)", name)
    for step in (-1, 1, -2, 2) if found else ():
        assert found is not None
        other = f"{found[1]}{int(found[2]) + step}"
        other = "x" if other == "a0" else other
        if setting.resolve(other, isinstance(node, Gradient)) is not None:
            yield replace(node, name=other)


def _products(setting: Setting, claim: Claim) -> Iterator[Edit]:
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


def _sums(setting: Setting, claim: Claim) -> Iterator[Edit]:
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


def _names(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """One tensor for another of the same shape."""
    for node, put in places(claim.right):
        inner = node.of if isinstance(node, Read) else node
        known = setting.resolve(inner.name) if isinstance(inner, Name) else None
        if known is None:
            continue
        for name, other in setting.known.items():
            usual = re.fullmatch(r"x|y|yhat|(?:[zaWbe]|delta)[1-9]\d*", name)
            if usual and other.shape == known.shape and other.tensor != known.tensor:
                new: Node = replace(node, of=Name(name)) if isinstance(node, Read) else Name(name)
                yield Edit("wrong_variable", f"{node_text(node)} should be {node_text(new)}", put(new))


def _terms(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A factor or a term left out, or one too many."""
    right, left = claim.right, claim.left
    for node, put in places(right):
        if isinstance(node, Binary) and node.op in "+-":
            yield Edit("missing_term", f"the term {node_text(node.right)} does not belong here", put(node.left))
        if isinstance(node, Binary) and node.op in ("*", "@"):
            for keep, gone in ((node.left, node.right), (node.right, node.left)):
                yield Edit("missing_factor", f"the factor {node_text(gone)} does not belong here", put(keep))
    if claim.indexed:
        return
    usual = [
        n for n in setting.known if re.fullmatch(r"x|y|yhat|(?:[zaWbe]|delta)[1-9]\d*|l1|l2", n) and Name(n) != left
    ]
    for name in usual:
        new = Name(name)
        yield Edit("missing_factor", f"the factor {name} is missing", Binary("*", right, new))
        yield Edit("missing_factor", f"the factor {name} is missing", Binary("@", right, Transpose(new)))
        yield Edit("missing_factor", f"the factor {name} is missing", Binary("@", Transpose(new), right))
        yield Edit("missing_term", f"the term {name} is missing", Binary("+", right, new))
    for weight in [n for n in usual if n.startswith("W")]:
        for rate in [n for n in ("l2", "l1") if n in setting.known]:
            term: Node = Binary("*", Name(rate), Name(weight) if rate == "l2" else Call("sign", (Name(weight),)))
            yield Edit("missing_term", f"the term {node_text(term)} is missing", Binary("+", right, term), likely=True)
