"""Arrays whose axes are indices: what expressions are worth at every value of the indices that occur in them.

An element that has no value is carried along, and raised only where a tensor needs it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Protocol

import numpy as np
from sympy import Expr

from symbp.calculus.numeric.numbers import NotDecided, Numbers

CALL = 10
"""As how many additions the call of a function counts."""


PART = 6
"""As how many additions it counts that a part of an expression is looked at, whatever its size."""


class TooMuch(NotDecided):
    """The values would take more operations than were allowed."""


class Budget(Protocol):
    """Counts operations on numbers, additions above all."""

    def spend(self, operations: int) -> None:
        """Count operations; TooMuch where there are more than allowed."""
        ...


@dataclass
class Allowance:
    """So many operations that may still be done."""

    left: float = math.inf

    def spend(self, operations: int) -> None:
        """Count operations; TooMuch where there are more than allowed."""
        self.left -= operations
        if self.left < 0:
            raise TooMuch("it would take too many operations")


@dataclass(frozen=True)
class Lacking:
    """In the place of an element that has no value: why."""

    why: Exception


@dataclass(frozen=True)
class LeftOut(Lacking):
    """In the place of a term that a maximum or a log-sum-exp leaves out."""


@dataclass(frozen=True)
class Part:
    """An array of objects with one axis for each of its indices."""

    indices: tuple[Expr, ...]
    array: Any

    def along(self, index: Expr) -> Iterable[Part]:
        """The part at each value of one of its indices."""
        rest = tuple(i for i in self.indices if i != index)
        return [Part(rest, objects(s)) for s in np.moveaxis(self.array, self.indices.index(index), 0)]

    def aligned(self, indices: tuple[Expr, ...]) -> Any:
        """The array with one axis for each of `indices`, of length 1 where the part does not have it."""
        if self.indices == indices:
            return self.array
        order = sorted(range(len(self.indices)), key=lambda k: indices.index(self.indices[k]))
        lengths = dict(zip(self.indices, self.array.shape, strict=True))
        return self.array.transpose(order).reshape([lengths.get(i, 1) for i in indices])


@dataclass
class Elementwise:
    """Operations on the elements of parts that are broadcast against each other, counted.

    `budget` counts them; `lacking` says that some element had no value.
    """

    numbers: Numbers
    lengths: Mapping[str, int]
    budget: Budget
    lacking: bool = False

    def length(self, index: Any) -> int:
        """How many values an index has; ValueError where that is not known."""
        axis = index.axis.name
        if axis not in self.lengths:
            raise ValueError(f"no size for axis {axis}; known: {', '.join(self.lengths) or 'none'}")
        return self.lengths[axis]

    def size(self, parts: Iterable[Part]) -> int:
        """How many elements the product of parts has."""
        return math.prod(self.length(i) for i in {i for p in parts for i in p.indices})

    def mapped(self, function: Callable[..., Any], *parts: Part, weight: int = 1) -> Part:
        """A function of the elements; `weight` says as how many additions each call counts."""
        if not self.lacking:
            try:
                return self.plain(function, *parts, weight=weight)
            except TooMuch:
                raise
            except (ArithmeticError, ValueError):
                self.lacking = True
        return self.plain(carrying(function), *parts, weight=weight)

    def plain(self, function: Callable[..., Any], *parts: Part, weight: int = 1) -> Part:
        """A function of the elements, those in the place of values included."""
        indices = parts[0].indices if parts else ()
        if all(p.indices == indices for p in parts):  # most are, and verdicts take a great many of these
            self.budget.spend(weight * (parts[0].array.size if parts else 1))
            arrays = [p.array for p in parts]
        else:
            indices = tuple(dict.fromkeys(i for p in parts for i in p.indices))
            self.budget.spend(weight * self.size(parts))
            arrays = [p.aligned(indices) for p in parts]
        return Part(indices, objects(np.frompyfunc(function, len(parts), 1)(*arrays)))

    def joined(self, parts: Sequence[Part]) -> Part:
        """The product of parts."""
        return reduce(lambda a, b: self.mapped(self.numbers.mul, a, b), parts)

    def gated(self, indicators: list[Part], others: list[Part]) -> Part:
        """A product; where an indicator is 0, so is the product, whether the other factors have a value or not."""
        mul, is_zero, zero = self.numbers.mul, self.numbers.is_zero, self.numbers.number(0)
        if not indicators or not others or not self.lacking:
            return self.joined([*indicators, *others])

        def gate(a: Any, b: Any) -> Any:
            if isinstance(a, Lacking):
                return a
            if is_zero(a):
                return zero
            return b if isinstance(b, Lacking) else mul(a, b)

        return self.plain(gate, self.joined(indicators), self.joined(others))

    def sifted(self, indicators: Sequence[Part], others: Sequence[Part], bounds: Iterable[Expr]) -> Part:
        """A product of indicators and of other factors, summed over `bounds`: term by term, where no indicator is 0."""
        lengths = {b: self.length(b) for b in bounds} | {
            i: self.length(i) for p in (*indicators, *others) for i in p.indices
        }
        rest = tuple(i for i in lengths if i not in {*bounds})
        add, mul = carrying(self.numbers.add), carrying(self.numbers.mul)
        at: dict[Expr, Any] = {}
        count, waiting = 1, [*indicators]
        values = vector([self.numbers.number(1)])

        def reach(letters: Iterable[Expr]) -> None:
            """Have the terms at every value of further letters."""
            nonlocal count, values
            for new in [i for i in letters if i not in at]:
                self.budget.spend(count * lengths[new])
                at.update({i: np.repeat(its, lengths[new]) for i, its in at.items()})
                at[new] = np.tile(np.arange(lengths[new]), count)
                values, count = np.repeat(values, lengths[new]), count * lengths[new]

        while waiting:
            part = min(waiting, key=lambda p: math.prod(lengths[i] for i in p.indices if i not in at))
            waiting.remove(part)
            reach(part.indices)
            found = np.broadcast_to(part.array[tuple(at[i] for i in part.indices)], (count,))
            there = [k for k, v in enumerate(found) if isinstance(v, Lacking) or not self.numbers.is_zero(v)]
            at, count = {i: its[there] for i, its in at.items()}, len(there)
            values = np.frompyfunc(mul, 2, 1)(values[there], found[there])
        for part in others:
            reach(part.indices)
            self.budget.spend(count)
            values = np.frompyfunc(mul, 2, 1)(
                values, np.broadcast_to(part.array[tuple(at[i] for i in part.indices)], (count,))
            )
        reach(lengths)
        total = np.full(tuple(lengths[i] for i in rest), self.numbers.number(0), dtype=object)
        for k, value in enumerate(values):
            place = tuple(at[i][k] for i in rest)
            total[place] = add(total[place], value)
        self.lacking = self.lacking or any(isinstance(v, Lacking) for v in values)
        return Part(rest, total)

    def chosen(self, condition: Part, yes: Part, no: Part) -> Part:
        """One branch alone where the condition is 0 or 1, their mixture elsewhere."""
        n = self.numbers
        one, minus = n.number(1), n.number(-1)

        def choose(c: Any, a: Any, b: Any) -> Any:
            if isinstance(c, Lacking):
                return c
            if n.is_zero(c):
                return b
            rest = n.add(one, n.mul(minus, c))
            if n.is_zero(rest):
                return a
            lacking = [v for v in (a, b) if isinstance(v, Lacking)]
            return lacking[0] if lacking else n.add(n.mul(c, a), n.mul(rest, b))

        return self.plain(choose, condition, yes, no)

    def only(self, condition: Part, part: Part) -> Part:
        """The elements where a condition is not 0; the others are left out."""
        is_zero, gone = self.numbers.is_zero, LeftOut(ZeroDivisionError("a maximum or a log-sum-exp of no terms"))
        self.lacking = True  # what is left out must not be asked for its value
        return self.plain(lambda c, a: c if isinstance(c, Lacking) else gone if is_zero(c) else a, condition, part)

    def folded(self, part: Part, bound: Expr, join: Callable[[Any, Any], Any]) -> Part:
        """The elements along an index joined one after the other."""
        return reduce(lambda a, b: self.mapped(join, a, b), part.along(bound))

    def listed(self, part: Part, bound: Expr, function: Callable[[list[Any]], Any]) -> Part:
        """A function of the list of elements along an index, without those that are left out."""
        rest = tuple(i for i in part.indices if i != bound)
        lists = np.moveaxis(part.array, part.indices.index(bound), -1)
        self.budget.spend(CALL * part.array.size)
        run, result = carrying(lambda *terms: function([*terms])), np.empty(lists.shape[:-1], dtype=object)
        for position in np.ndindex(result.shape):
            there = [t for t in lists[position] if not isinstance(t, LeftOut)]
            result[position] = run(*there) if there else lists[position][0]
            self.lacking = self.lacking or isinstance(result[position], Lacking)
        return Part(rest, result)

    def carried(self, function: Callable[[Any], Any], array: Any) -> Any:
        """A function of a whole array; what has no value in it, or is not there, is in the place of all of it."""
        lacking = next((e for e in array.flat if isinstance(e, Lacking)), None)
        made = carrying(function)(array) if lacking is None else lacking
        self.lacking = self.lacking or isinstance(made, Lacking)
        return made

    def numbered(self, part: Part, bound: Expr) -> Part:
        """Every element with the value that an index has there, but for those that have no value."""
        at = Part((bound,), vector(range(self.length(bound))))
        return self.plain(lambda t, k: t if isinstance(t, Lacking) else (k, t), part, at)

    def spread(self, part: Part, bound: Expr) -> Part:
        """A part with an axis for `bound`, on which it may not depend."""
        if bound in part.indices:
            return part
        shape = (self.length(bound), *part.array.shape)
        return Part((bound, *part.indices), np.broadcast_to(part.array, shape))


def carrying(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with what has no value carried along."""

    def run(*args: Any) -> Any:
        for a in args:
            if isinstance(a, Lacking):
                return a
        try:
            return function(*args)
        except TooMuch:
            raise
        except (ArithmeticError, ValueError) as e:
            return Lacking(e)

    return run


def first_largest(numbers: Numbers, terms: Sequence[tuple[int, Any]]) -> int:
    """The number of the first of the largest terms, each of which has one."""
    return terms[largest(numbers, [t for _, t in terms])][0]


def largest(numbers: Numbers, terms: Sequence[Any]) -> int:
    """Where the first of the largest terms stands."""
    best, minus = 0, numbers.number(-1)
    for k in range(1, len(terms)):
        if numbers.positive(numbers.add(terms[k], numbers.mul(minus, terms[best]))):
            best = k
    return best


def objects(found: Any) -> Any:
    """What NumPy gives for objects: an array always, even for a single one."""
    return found if isinstance(found, np.ndarray) else vector([found]).reshape(())


def vector(elements: Iterable[Any]) -> Any:
    """A vector of objects, whatever they are: NumPy must not look inside."""
    listed = [*elements]
    array = np.empty(len(listed), dtype=object)
    for k, element in enumerate(listed):
        array[k] = element
    return array


def scalar(value: Any) -> Part:
    """One number."""
    return Part((), vector([value]).reshape(()))
