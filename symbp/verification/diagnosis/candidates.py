"""What the letters of rows that no pattern has may stand for: slopes, tensors, layers, lengths, axes, the parts of a product."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from symbp.formula.syntax import (
    ELEMENT,
    Binary,
    Call,
    Gradient,
    Name,
    Negate,
    Node,
    Number,
    Read,
    Transpose,
    nodes,
    terms_of,
)
from symbp.network.forward import BATCH
from symbp.verification.diagnosis.kinds import reads, tensor_of
from symbp.verification.diagnosis.patterns import Bound, as_product, exchanged, renamed, sum_of
from symbp.verification.diagnosis.presented import length_of
from symbp.verification.diagnosis.products import is_below
from symbp.verification.diagnosis.rows import Each, Spot, reason
from symbp.verification.meaning.setting import Setting, Shape

_MOST_WAYS, _LONGEST_CHAIN = 100, 6


def only(test: Callable[[Spot], bool]) -> Each:
    """For a row that is tried at some places alone."""
    return lambda spot: ({},) if test(spot) else ()


# Activation derivatives.


def slopes(spot: Spot) -> Iterator[Bound]:
    """The activation derivatives, those of the left side's layer first."""
    return ({"slope": slope, "own": own} for own, slope in spot.scene.slopes)


def takes_slope(spot: Spot) -> bool:
    """Whether a slope may be missing at a part: one of the left side's layer anywhere, another one at names alone; and no row of
    weights is multiplied by one."""
    node = spot.node
    if isinstance(node, Number) or (spot.claim.indexed and isinstance(node, Name)) or is_below(spot):
        return False
    if not isinstance(node, (Name, Gradient)):
        return bool(spot.bound["own"]) or isinstance(node, Read)
    known = tensor_of(spot.setting, node)
    return not spot.setting.layers or known is None or len([a for a in known.tensor.axes if a != BATCH]) != 2


def chains(spot: Spot) -> Iterator[Bound]:
    """A matrix product over several layers, ``W2.T @ W3.T @ delta3 @ x.T``, with activation derivatives between its factors."""
    chain = _chain(spot.node)
    if not 3 <= len(chain) <= _LONGEST_CHAIN:
        return
    known = [slope for _, slope in spot.scene.slopes]
    last = len(chain) - 1
    columns = [last - 1, *range(last, 0, -1)] if isinstance(chain[-1], Transpose) else range(last, 0, -1)
    for column in dict.fromkeys(columns):
        for chosen in itertools.islice(itertools.product((None, *known), repeat=column), 1, _MOST_WAYS):
            used = [s for s in chosen if s is not None]
            said = reason(*[part for s in used for part in (" and ", s)][1:])
            several = len(used) > 1
            yield {"whole": _with_slopes(chain, column, chosen), "slopes": said, "s": "s" if several else "",
                   "are": "are" if several else "is"}  # fmt: skip


def _chain(node: Node) -> list[Node]:
    """The factors of a matrix product, in order."""
    if isinstance(node, Binary) and node.op == "@":
        return [*_chain(node.left), *_chain(node.right)]
    return [node]


def _with_slopes(chain: list[Node], column: int, chosen: tuple[Node | None, ...]) -> Node:
    """A matrix product from the column that something is handed back from, with slopes behind the factors before it."""
    whole = chain[column]
    for factor, slope in reversed([*zip(chain[:column], chosen, strict=True)]):
        whole = Binary("@", factor, whole)
        whole = whole if slope is None else Binary("*", whole, slope)
    for factor in chain[column + 1 :]:
        whole = Binary("@", whole, factor)
    return whole


def is_differentiable(spot: Spot) -> bool:
    """Whether a function that is applied has a derivative here."""
    return isinstance(spot.node, Call) and (spot.node.name[:1] == "g" or spot.node.name in spot.setting.functions)


def applied(spot: Spot) -> Iterator[Bound]:
    """A name, or an element, under a function that the forward map applies to it, by the forward map's name for that."""
    node, known = spot.node, tensor_of(spot.setting, spot.node)
    for name, made in spot.scene.applied.get(known.tensor.name, {}).items() if known else ():
        if not made:
            yield {"value": Call(name, (node,))}
        else:
            yield {"value": replace(node, of=Name(made)) if isinstance(node, Read) else Name(made)}


def other_side(spot: Spot) -> Iterator[Bound]:
    """The pre-activation of a layer's activation, and the other way round."""
    node = spot.node
    known = tensor_of(spot.setting, node) if isinstance(node.of if isinstance(node, Read) else node, Name) else None
    for k, (z, a) in spot.setting.layers.items() if known else ():
        for tensor, letter in ((a, "z"), (z, "a")):
            if known and known.tensor.name == tensor:
                name = Name(f"{letter}{k}")
                yield {f"{letter}k": Read(name, node.letters) if isinstance(node, Read) else name}


# Names, layers and letters.


def layers_beside(spot: Spot) -> Iterator[Bound]:
    """The same tensor of another layer, one or two off."""
    node = spot.node
    inner = node.of if isinstance(node, Read) else node
    if isinstance(inner, (Name, Gradient)):
        for other in _neighbours(spot.setting, inner):
            yield {"other": replace(node, of=other) if isinstance(node, Read) else other}


def layers_throughout(spot: Spot) -> Iterator[Bound]:
    """The same, for a name that occurs several times, at all of them."""
    inner = [n.of if isinstance(n, Read) else n for n in nodes(spot.node)]
    several = _several(n.name for n in inner if isinstance(n, (Name, Gradient)))
    return _throughout(spot, ((old, new.name) for old in several for new in _neighbours(spot.setting, Name(old))))


def names_throughout(spot: Spot) -> Iterator[Bound]:
    """Another tensor for one that occurs several times, wherever it stands."""
    several = _several(n.name for n in nodes(spot.node) if isinstance(n, Name) and n.name in spot.setting.known)
    return _throughout(spot, itertools.product(several, spot.scene.usual))


def activations_throughout(spot: Spot) -> Iterator[Bound]:
    """Activations for a layer's pre-activations, wherever they stand, and the other way round."""
    sides = [way for k in spot.setting.layers for way in ((f"z{k}", f"a{k}"), (f"a{k}", f"z{k}"))]
    return _throughout(spot, (way for way in sides if all(spot.setting.resolve(name) is not None for name in way)))


def _several(names: Iterable[str]) -> list[str]:
    """The names that occur more than once."""
    return [name for name, count in Counter(names).items() if count > 1]


def _throughout(spot: Spot, ways: Iterable[tuple[str, str]]) -> Iterator[Bound]:
    """One name for another, wherever it stands."""
    for old, new in ways:
        yield {"one": Name(old), "other": Name(new), "whole": renamed(spot.node, partial(_by_other_name, {old: new}))}


def _by_other_name(names: Mapping[str, str], name: Name | Gradient) -> Name | Gradient:
    return replace(name, name=names.get(name.name, name.name))


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


def same_shape_or_not(spot: Spot) -> Iterable[Bound]:
    """Tensors of the same shape first."""
    return {"same": True}, {"same": False}


def other_tensors(spot: Spot) -> Iterator[Bound]:
    """Another tensor, of the same shape or of another."""
    node, known = spot.node, tensor_of(spot.setting, spot.node)
    for name in spot.scene.usual if known else ():
        other = spot.setting.known[name]
        if known and other.tensor != known.tensor and (other.shape == known.shape) == spot.bound["same"]:
            if not isinstance(node, Read):
                yield {"other": Name(name)}
            elif len(other.tensor.axes) == len(node.letters):
                yield {"other": replace(node, of=Name(name))}


def _letters(*roots: Node) -> set[str]:
    """The letters and numbers of elements."""
    return {c for n in nodes(*roots) if isinstance(n, Read) for c in n.letters}


def exchanges(spot: Spot, numbers: bool = False) -> Iterator[Bound]:
    """Two letters, or two numbers, of elements exchanged everywhere."""
    used = sorted(c for c in _letters(spot.node) if c.isdigit() == numbers)
    for one, two in itertools.combinations(used, 2):
        yield {"one": one, "two": two, "whole": exchanged(spot.node, one, two)}


def other_letters(spot: Spot, numbers: bool = False) -> Iterator[Bound]:
    """An element at another letter of the claim in one of its places, or at another number for its number."""
    node = spot.node
    for place, old in enumerate(node.letters) if isinstance(node, Read) else ():
        for c in sorted(_letters(spot.claim.left, spot.claim.right)) if old.isdigit() or not numbers else ():
            if c != old and c.isdigit() == numbers and isinstance(node, Read):
                yield {"other": replace(node, letters=(*node.letters[:place], c, *node.letters[place + 1 :]))}


# Arrays and their axes.


def is_matrix(spot: Spot) -> bool:
    """Whether a name may be transposed: a matrix, and on a page whatever its author has defined."""
    node, known = spot.node, tensor_of(spot.setting, spot.node)
    if not isinstance(node, (Name, Gradient)) or known is not None:
        return known is not None and len(known.shape) == 2
    return spot.claim.written is not None and isinstance(node, Name) and node.name not in (*spot.setting.lengths, "pi")


def turned_throughout(spot: Spot) -> Iterator[Bound]:
    """The matrices behind what the terms of a sum multiply transposed in all of them, and those before it."""
    terms = terms_of(spot.node)
    for behind in (True, False) if len(terms) > 1 else ():
        found = [_turned_operand(spot, term, behind) for _, term in terms]
        turned = [way for way in found if way is not None]
        if len(turned) == len(terms):
            said = reason(*[part for name, _ in turned for part in (", ", name)][1:])
            signed = [(sign, whole) for (sign, _), (_, whole) in zip(terms, turned, strict=True)]
            yield {"names": said, "whole": sum_of(signed)}


def _turned_operand(spot: Spot, term: Node, behind: bool) -> tuple[Node, Node] | None:
    """A matrix product with one of its operands, a matrix, transposed, and that matrix; None where there is none."""
    side = as_product(term)
    if not isinstance(side, Binary) or side.op != "@":
        return None
    name = side.right if behind else side.left
    known = tensor_of(spot.setting, name)
    if known is None or len(known.shape) != 2:
        return None
    return name, (replace(side, right=Transpose(name)) if behind else replace(side, left=Transpose(name)))


def turned_elements(spot: Spot) -> Iterator[Bound]:
    """An element of a function of a matrix with its letters exchanged."""
    node = spot.node
    if isinstance(node, Call) and node.name == ELEMENT and len(node.args) == 3:
        yield {"other": replace(node, args=(node.args[0], node.args[2], node.args[1]))}


def is_inverted(spot: Spot) -> bool:
    """Whether a name, or its transpose, is that of a square matrix where the derivation has inverses."""
    node = spot.node.arg if isinstance(spot.node, Transpose) else spot.node
    shape = _shape(spot.setting, node) if isinstance(node, (Name, Gradient)) and spot.setting.inverts else ()
    return len(shape) == 2 and shape[0] == shape[1] is not None


def beside_matrix(spot: Spot) -> bool:
    """Whether a vector stands on the wrong side of a matrix: without its transpose, the product's is missing too."""
    node = spot.node
    if not isinstance(node, Binary) or node.op != "@" or spot.claim.written is None:
        return False
    a, b = (_shape(spot.setting, side) for side in (node.left, node.right))
    return len(a) == len(b) == 2 and ((a[1] is None and a[0] == b[0]) or (b[0] is None and a[1] == b[1]))


def _shape(setting: Setting, node: Node) -> Shape:
    """The shape of a formula as its letters say it, whether or not it fits; empty where they do not."""
    match node:
        case Name() | Gradient():
            known = tensor_of(setting, node)
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


def other_axes(spot: Spot) -> Iterator[Bound]:
    """A sum or mean with its axis kept, along another axis, and along one alone instead of all."""
    node = spot.node
    if not isinstance(node, Call) or node.name not in ("sum", "mean"):
        return
    if node.axis is not None:
        if not node.keepdims:
            yield {"kept": replace(node, keepdims=True)}
        for axis in (0, 1, -1):
            yield {"name": node.name, "turned": replace(node, axis=axis)}
    elif len(node.args) == 1:
        for axis, keep in itertools.product((0, 1), (False, True)):
            yield {"name": node.name, "axis": str(axis), "alone": replace(node, axis=axis, keepdims=keep)}


def over_examples(spot: Spot) -> Iterator[Bound]:
    """The sum over the examples, where there are several."""
    if spot.setting.batch and not spot.claim.indexed:
        columns = spot.setting.layout == "columns"
        yield {"whole": Call("sum", (spot.node,), axis=int(columns), keepdims=columns, style="method")}


def reductions(spot: Spot) -> Iterator[Bound]:
    """Sums and means of a part of arrays, along the examples first, and its sum over all axes."""
    if isinstance(spot.node, Number) or spot.claim.indexed:
        return
    first = int(spot.setting.layout == "columns")
    known = tensor_of(spot.setting, spot.claim.left)
    keeps = (False, True) if known is not None and not known.shape else (True, False)  # a number has no axis to keep
    for axis, name, keep in itertools.product((first, 1 - first), ("sum", "mean"), keeps):
        if keep or spot.is_root:
            whole = Call(name, (spot.node,), axis=axis, keepdims=keep, style="method")
            yield {"name": name, "axis": str(axis), "whole": whole}
    yield {"total": Call("sum", (spot.node,), style="method")}


def loose_letters(spot: Spot) -> Iterator[Bound]:
    """Letters that nothing binds, in index notation."""
    return ({"letter": Name(c)} for c in _loose(spot))


def two_loose_letters(spot: Spot) -> Iterator[Bound]:
    """Both of two letters that nothing binds."""
    found = _loose(spot)
    if len(found) == 2:
        yield {"i": Name(found[0]), "j": Name(found[1])}


def _loose(spot: Spot) -> list[str]:
    right, left = spot.claim.right, spot.claim.left
    if not spot.claim.indexed:
        return []
    bound = {a.name for n in nodes(right) if isinstance(n, Call) for a in n.args if isinstance(a, Name)}
    free = set(left.letters) if isinstance(left, Read) else set()
    return sorted({c for c in _letters(right) if not c.isdigit()} - bound - free)


def reading_letter(spot: Spot) -> Iterable[Bound]:
    """For a part that is read at the letter."""
    return ({},) if spot.bound["letter"].name in _letters(spot.node) else ()


# Numbers, lengths and other tensors.


def lengths(spot: Spot) -> Iterator[Bound]:
    """The lengths that a mean may run over."""
    setting = spot.setting
    counted = [f"N_{axis.name}" for axis in setting.labels if axis != BATCH and axis in setting.counted]
    own = [length_of(setting, spot.claim, name) for name in counted]
    return ({"length": name} for name in ([Name("N"), *own] if setting.batch else own))


def is_of_sum(spot: Spot) -> bool:
    """Whether the whole is a sum or a difference."""
    return isinstance(spot.claim.right, Binary) and spot.claim.right.op in "+-"


def digits(spot: Spot) -> Iterator[Bound]:
    """Other numbers for one that is written; 1 is none where it would multiply, divide, or be a power."""
    scaling = [n for n in nodes(spot.claim.right) if isinstance(n, Binary) and n.op in ("*", "/", "**")]
    within = (
        any(spot.node is side for n in scaling for side in (n.left, n.right))
        if isinstance(spot.node, Number)
        else False
    )
    for digit in ("2", "3", "4") if within else ("1", "2", "3", "4"):
        if isinstance(spot.node, Number) and spot.node.text != digit:
            yield {"digit": Number(digit)}


def regularizers(spot: Spot) -> Iterator[Bound]:
    """The rate of a regularizer, and what it multiplies."""
    known = spot.setting.known
    for rate in (n for n in ("l2", "l1", "lambda", "lam") if n in known and not known[n].tensor.axes):
        for weight in _written(spot, lambda name: name.startswith("W")):
            yield {"rate": Name(rate), "part": Call("sign", (weight,)) if rate == "l1" else weight}


def biases(spot: Spot) -> Iterator[Bound]:
    """The biases."""
    return ({"bias": bias} for bias in _written(spot, lambda name: name.startswith("b")))


def tensors(spot: Spot) -> Iterator[Bound]:
    """Any tensor but that of the left side."""
    return ({"other": tensor} for tensor in spot.scene.others)


def _written(spot: Spot, wanted: Callable[[str], bool]) -> Iterator[Node]:
    """Tensors as the claim would write them."""
    return reads(spot.setting, spot.claim, *filter(wanted, spot.scene.usual))
