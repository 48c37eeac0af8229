"""What holds of a problem's inputs: what its author says, ``given = ["sum(Y, axis=1) = 1", "A = A.T", "s > 0", "one_hot(T)"]``,
and which of them must be positive, or nearly, for the forward map to have a value: the fewest that do, found by trying.

Facts restrict the values at which claims are judged. A sum that is a number is used by the derivation too, which is how softmax
with cross-entropy becomes ``P - Y``.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from sympy import Pow, Rational, exp

from symbp.calculus.indices import Axis, Index
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.primitives import BY_HEAD, EVERYWHERE
from symbp.calculus.program import Fact, Program, Tensor, elements, name_of
from symbp.calculus.reductions import Sum
from symbp.errors import InputError, Place, shown
from symbp.formula.grammar import place_of, read_claim
from symbp.formula.syntax import Binary, Call, Claim, Compare, Name, Negate, Node, Number, Transpose
from symbp.verification.meaning.setting import Assumptions

_ALLOWED = "sum(Y, axis=1) = 1, one_hot(Y), s > 0, 0 < p < 1, y**2 = 1, norm(u) = 1, A = A.T"
_SIDES = {">": 0, ">=": 0, "<": 1, "<=": 1}
"""Which bound a sign gives of what stands on its left: the lower one is 0."""
_DRAWS, _MOST_TRIES = 12, 12
_PARTIAL = tuple(head for head, row in BY_HEAD.items() if row.domain is not EVERYWHERE)
_LOWEST = (Fraction(-9, 10), Fraction(-1, 2), Fraction(-1, 10))


def read_assumptions(
    lines: Iterable[str], tensors: Mapping[str, Tensor], axes: Mapping[str, tuple[int | None, ...]]
) -> Assumptions:
    """The facts that some lines state of the inputs `tensors`; `axes` gives, for each place of their arrays, the tensor's axis.

    Raises
    ------
    InputError : where a fact is none of the kinds that are known; the message quotes it
    """
    found = Assumptions()
    for line in lines:
        try:
            for part in _parted(line):
                found = _with(found, part, tensors, axes)
        except InputError as e:
            raise e.about(f"given {shown(line)}") from None
    return found


def _with(
    found: Assumptions, line: str, tensors: Mapping[str, Tensor], axes: Mapping[str, tuple[int | None, ...]]
) -> Assumptions:
    match _read(line):
        case Claim(left=Name(name=name), right=Transpose(arg=Name(name=again))) if name == again:
            tensor = _input(name, tensors, line)
            if len(tensor.axes) != 2 or tensor.axes[0] != tensor.axes[1]:
                raise InputError(f"{name} is not square", allowed='a tensor over the same axis twice, "d d"')
            return replace(found, symmetric=found.symmetric | {name})
        case Claim(left=Call(name="sum", args=(Name(name=name),)) as call, right=Number() as total):
            tensor = _input(name, tensors, line)
            k = _axis(call, axes[name])
            return replace(found, sums=(*found.sums, _sum(tensor, k, total.value)))
        case Compare(op=op, left=Name(name=name), right=bound) if (
            number := _number(bound)
        ) is not None and op in _SIDES:
            return _bounded(found, _input(name, tensors, line), _SIDES[op], number)
        case Compare(op=op, left=bound, right=Name(name=name)) if (
            number := _number(bound)
        ) is not None and op in _SIDES:
            return _bounded(found, _input(name, tensors, line), 1 - _SIDES[op], number)
        case Claim(left=Binary(op="**", left=Name(name=name), right=Number(text="2")), right=Number(text="1")):
            return replace(found, signs=found.signs | {_input(name, tensors, line).name})
        case Claim(left=Call() | Binary() as left, right=Number(text="1")) if (of := _squares(left)) is not None:
            name, call = of
            return replace(found, units={**found.units, _input(name, tensors, line).name: _axis(call, axes[name])})
        case Call(name="one_hot", args=(Name(name=name),)) as call:
            tensor = _input(name, tensors, line)
            k = _axis(call, axes[name], -1)
            fact = _sum(tensor, k, Fraction(1))
            return replace(found, one_hot={**found.one_hot, name: k}, sums=(*found.sums, fact))
    raise InputError("no fact that is known", allowed=_ALLOWED)


def _bounded(found: Assumptions, tensor: Tensor, side: int, number: Fraction) -> Assumptions:
    """The facts with a lower bound (side 0) or an upper one of a tensor; what is above 0 is positive."""
    low, high = found.bounds.get(tensor.name, (Fraction(0) if tensor.name in found.positive else None, None))
    bounds = (number, high) if side == 0 else (low, number)
    if bounds[0] is not None and bounds[1] is not None and bounds[0] >= bounds[1]:
        raise InputError(f"no number lies between {bounds[0]} and {bounds[1]}", allowed="0 < p < 1")
    positive = found.positive | {tensor.name} if bounds[0] is not None and bounds[0] >= 0 else found.positive
    if bounds == (Fraction(0), None):
        return replace(found, positive=positive)
    return replace(found, positive=positive, bounds={**found.bounds, tensor.name: bounds})


def _number(node: Node) -> Fraction | None:
    """The number that a node is."""
    inner = node.arg if isinstance(node, Negate) else node
    return None if not isinstance(inner, Number) else -inner.value if inner is not node else inner.value


def _squares(node: Node) -> tuple[str, Call] | None:
    """The input whose squares are summed, and along which axis: ``sum(u**2)``, ``norm(u)``, ``u @ u``; None for anything else."""
    match node:
        case Call(name="sum", args=(Binary(op="**", left=Name(name=name), right=Number(text="2")),)):
            return name, node
        case Call(name="norm", args=(Name(name=name),)):
            return name, node
        case Binary(op="@", left=Name(name=name) | Transpose(arg=Name(name=name)), right=Name(name=again)) if (
            name == again
        ):
            return name, Call("sum", (Name(name),), span=node.span)
    return None


_CHAIN = re.compile(
    r"^\s*(?P<low>[^<>=]+?)\s*(?P<one>[<>]=?)\s*(?P<name>[A-Za-z]\w*)\s*(?P<two>[<>]=?)\s*(?P<high>[^<>=]+?)\s*$"
)
"""Two bounds in one line, ``0 < p < 1``."""


def _parted(line: str) -> list[str]:
    """A line with two bounds as two lines."""
    found = _CHAIN.match(line)
    if found is None:
        return [line]
    return [f"{found['low']} {found['one']} {found['name']}", f"{found['name']} {found['two']} {found['high']}"]


def _read(line: str) -> Claim | Node:
    """A fact: an equation, with = or ==, or a condition."""
    if re.search(r"(?<![<>=])=", re.sub(r"\b(axis|keepdims)\s*=", "", line)):
        return read_claim(line.replace("==", " =", 1))
    try:
        return read_claim(f"F={line}").right
    except InputError as e:
        column = None if e.place.column is None else max(1, e.place.column - 2)
        raise InputError(e.message, place=Place(None, None, column), allowed=e.allowed, nearest=e.nearest) from None


def _input(name: str, tensors: Mapping[str, Tensor], line: str) -> Tensor:
    if name not in tensors:
        raise InputError(f"{shown(name)} is no input", allowed=", ".join(tensors))
    return tensors[name]


def _axis(call: Call, places: tuple[int | None, ...], default: int | None = None) -> int:
    """The tensor's axis that a call is about."""
    axis = call.axis if call.axis is not None else default if default is not None else 0 if len(places) == 1 else None
    found = places[axis] if axis is not None and -len(places) <= axis < len(places) else None
    if found is None:
        raise InputError("which axis?", place=place_of(call), allowed="axis=0, axis=1")
    return found


def _sum(tensor: Tensor, k: int, total: Fraction) -> Fact:
    letters = [Index(f"i{n}", a) for n, a in enumerate(tensor.axes)]
    why = f"the entries of {tensor.name} along {tensor.axes[k].name} sum to {total}"
    return Fact(Sum.over(tensor[tuple(letters)], letters[k]), Rational(total.numerator, total.denominator), why)


@dataclass(frozen=True)
class Domain:
    """The inputs that are drawn between 0 and 1, and those that may be negative but no less than so much (`lowest`)."""

    positive: frozenset[str] = frozenset()
    lowest: Mapping[str, Fraction] = field(default_factory=dict)


def domain_of(program: Program, given: frozenset[str] = frozenset()) -> Domain:
    """The domain of the inputs besides those `given` as positive, because logarithms and roots are taken of them; all may have
    any value where none need be positive, or where that does not help."""
    sizes = {a: 2 + k % 3 for k, a in enumerate(dict.fromkeys(a for t in program.tensors.values() for a in t.axes))}
    for count, names in enumerate(_candidates(program)):
        if count == _MOST_TRIES:
            break
        if _everywhere(program, sizes, dict.fromkeys(names | given, Fraction(0))):
            return _widened(program, sizes, names - given, given)
    return Domain()


def _widened(program: Program, sizes: Mapping[Axis, int], names: frozenset[str], given: frozenset[str]) -> Domain:
    """The same domain, with negative values of arrays as far as they have a loss too."""
    lowest = dict.fromkeys(names | given, Fraction(0))
    for name in sorted(n for n in names if program.tensors[n].axes):
        for least in _LOWEST:
            if _everywhere(program, sizes, {**lowest, name: least}):
                lowest[name] = least
                break
    return Domain(frozenset(n for n in names if not lowest[n]), {n: v for n, v in lowest.items() if v})


def _everywhere(program: Program, sizes: Mapping[Axis, int], lowest: Mapping[str, Fraction]) -> bool:
    return all(_has_value(program, sizes, lowest, seed) for seed in range(_DRAWS))


def _candidates(program: Program) -> Iterator[frozenset[str]]:
    own = [t.name for t in program.declared]
    scalars = frozenset(t.name for t in program.declared if not t.axes)
    inside = [n for n in own if n in _inside(program)]
    yield frozenset()
    yield from (frozenset({n}) for n in inside)
    yield scalars
    yield frozenset(inside)
    yield frozenset(inside) | scalars
    yield frozenset(own)


def _inside(program: Program) -> set[str]:
    """The tensors that a logarithm, a root or a variable power reads."""
    found = set()
    for s in program:
        for node in s.body.atoms(*_PARTIAL, Pow):
            if not isinstance(node, exp) and not (isinstance(node, Pow) and node.exp.is_Integer):
                found |= {name_of(e) for e in elements(node)}
    return found


def _has_value(program: Program, sizes: Mapping[Axis, int], lowest: Mapping[str, Fraction], seed: int) -> bool:
    """Whether everything has a value at a random point; `lowest` says how far values reach below zero, others may be anything."""
    chance = random.Random(seed)
    values = {}
    for t in program.declared:
        array = np.empty(tuple(sizes[a] for a in t.axes))
        for position in np.ndindex(array.shape):
            sign = chance.choice((-1, 1))
            size = chance.uniform(0.1, 1 if t.name in lowest else 2)
            below = float(-lowest[t.name]) if t.name in lowest else 1.0
            array[position] = size if sign > 0 or not below else -size * below
        values[t.name] = array
    try:
        found = evaluate(program, values, sizes)
    except (ArithmeticError, ValueError):
        return False
    return all(np.isfinite(found[s.target.name]).all() for s in program)
