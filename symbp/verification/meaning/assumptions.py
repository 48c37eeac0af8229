"""What is given of a problem's inputs: ``given = ["sum(Y, axis=1) = 1", "A = A.T", "s > 0", "one_hot(T)"]``.

Facts restrict the values at which claims are judged. A sum that is a number is used by the derivation too, which is how softmax
with cross-entropy becomes ``P - Y``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from sympy import Rational

from symbp.calculus.indices import Index
from symbp.calculus.program import Fact, Tensor
from symbp.calculus.reductions import Sum
from symbp.errors import InputError, Place, shown
from symbp.formula.grammar import place_of, read_claim
from symbp.formula.syntax import Call, Claim, Compare, Name, Node, Number, Transpose

_ALLOWED = "sum(Y, axis=1) = 1, one_hot(Y), s > 0, A = A.T"


@dataclass(frozen=True)
class Assumptions:
    """Facts about inputs: what is positive, one-hot along an axis, symmetric, or sums to a number along an axis."""

    positive: frozenset[str] = frozenset()
    one_hot: Mapping[str, int] = field(default_factory=dict)
    symmetric: frozenset[str] = frozenset()
    sums: tuple[Fact, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.positive or self.one_hot or self.symmetric or self.sums)


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
            found = _with(found, line, tensors, axes)
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
        case Compare(op=">", left=Name(name=name), right=Number(text=text)) if Fraction(text) == 0:
            return replace(found, positive=found.positive | {_input(name, tensors, line).name})
        case Call(name="one_hot", args=(Name(name=name),)) as call:
            tensor = _input(name, tensors, line)
            k = _axis(call, axes[name], -1)
            fact = _sum(tensor, k, Fraction(1))
            return replace(found, one_hot={**found.one_hot, name: k}, sums=(*found.sums, fact))
    raise InputError("no fact that is known", allowed=_ALLOWED)


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
