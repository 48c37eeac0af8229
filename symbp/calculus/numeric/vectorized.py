"""The same values as the brute-force evaluator's, tensor by tensor: for verdicts, which need many of them soon.

Each part of an expression is an array with one axis for each index that occurs in it (:mod:`.labelled`), so that what does not
depend on an index is computed once; a sum of a product is contracted index by index, the cheapest first, as in variable
elimination (Dechter 1999), so that a chain of matrices costs what matrices cost.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import sympy
from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul, Pow, Symbol

from symbp.calculus import functions as scalar_functions
from symbp.calculus.functions import Apply, Z
from symbp.calculus.indices import Axis, Index
from symbp.calculus.matrix_functions import MatrixFunction
from symbp.calculus.numeric.evaluate import CALLED, SYMPY_CALLS, declared_array
from symbp.calculus.numeric.labelled import (
    CALL,
    PART,
    Allowance,
    Budget,
    Elementwise,
    Lacking,
    Part,
    TooMuch,
    first_largest,
    largest,
    objects,
    scalar,
    vector,
)
from symbp.calculus.numeric.matrices import of_matrix, operations
from symbp.calculus.numeric.numbers import FLOAT, NotDecided, Numbers
from symbp.calculus.places import Place, Within, is_plain
from symbp.calculus.program import Program, name_of
from symbp.calculus.recurrences import Recurrence, scheduled
from symbp.calculus.reductions import First, LogSumExp, Max, Only, Prod, Reduction, Sum

__all__ = ["TooMuch", "evaluate_vectorized"]

_INDICATORS = (scalar_functions.step, KroneckerDelta, First, Within)


def evaluate_vectorized(
    program: Program,
    values: Mapping[str, Any],
    sizes: Mapping[Any, int] | None = None,
    numbers: Numbers = FLOAT,
    budget: Budget | None = None,
) -> dict[str, Any]:
    """Evaluate every statement of a program; see :func:`symbp.calculus.numeric.evaluate.evaluate`, whose values these are.

    Parameters
    ----------
    program, values, sizes, numbers : as there
    budget : counts operations on numbers, and may stop at too many

    Returns
    -------
    Every tensor's array by name, of objects.

    Raises
    ------
    ValueError, NotDecided : as there
    TooMuch : where it would take more operations
    """
    lengths = {axis.name if isinstance(axis, Axis) else str(axis): int(n) for axis, n in (sizes or {}).items()}
    arrays: dict[str, Any] = {}
    for tensor in program.declared:
        arrays[tensor.name] = declared_array(tensor, program, values, lengths, numbers)
    parts = _Parts(program, arrays, Elementwise(numbers, lengths, budget or Allowance()))
    for one in scheduled(program.statements):
        if isinstance(one, Recurrence):
            parts.step_by_step(one)
        else:
            arrays[one.target.name] = parts.whole(one.body, one.indices, one.target.name)
    return arrays


@dataclass(frozen=True)
class _Parts:
    """The parts of expressions as arrays, each once."""

    program: Program
    arrays: dict[str, Any]
    do: Elementwise
    symbols: Mapping[Symbol, Part] = field(default_factory=dict)
    kept: dict[Expr, Part] = field(default_factory=dict)

    def whole(self, body: Expr, indices: Sequence[Index], name: str) -> Any:
        """A tensor: the body at every value of the indices, each of which is an axis."""
        result = np.empty(tuple(self.do.length(i) for i in indices), dtype=object)
        result[...] = self.part(body).aligned(tuple(indices))
        lacking = [e for e in result.flat if isinstance(e, Lacking)] if self.do.lacking else []
        if lacking:
            why = lacking[0].why
            if isinstance(why, NotDecided) or not isinstance(why, ArithmeticError):
                raise why
            raise ValueError(f"{name} has no value: {why}")
        return result

    def step_by_step(self, r: Recurrence) -> None:
        """The tensors of a recurrence: each step with its number in the place of its letter."""
        for s in r.statements:
            shape = [self.do.length(i) for i in s.indices]
            self.arrays[s.target.name] = np.full(shape, self.do.numbers.number(0), dtype=object)
        for k in r.steps(self.do.length(r.step(r.statements[0]))):
            for s in r.statements:
                step, slot = r.step(s), r.slots[s.target.name]
                at = (*(slice(None),) * slot, k)
                rest = tuple(i for i in s.indices if i != step)
                self.arrays[s.target.name][at] = self.whole(s.body.xreplace({step: Integer(k)}), rest, s.target.name)

    def part(self, e: Expr) -> Part:
        """The value of an expression at every value of the indices that occur in it."""
        found = self.kept.get(e)
        if found is None:
            self.do.budget.spend(PART)
            found = self.kept[e] = self.made(e)
        return found

    def made(self, e: Expr) -> Part:
        """The value, computed anew."""
        n = self.do.numbers
        if isinstance(e, Symbol) and e in self.symbols:
            return self.symbols[e]
        if isinstance(e, Sum):
            return self.contracted(e)
        if isinstance(e, Reduction):
            return self.reduced(e)
        if isinstance(e, First):
            return self.first(e)
        if isinstance(e, MatrixFunction):
            return self.matrix(e)
        if isinstance(e, KroneckerDelta):
            return self.delta(e)
        if isinstance(e, Indexed):
            return self.element(e)
        if isinstance(e, Only):
            return self.do.only(self.part(e.args[0]), self.part(e.args[1]))
        if isinstance(e, Within):
            letters, (number,) = self.places([e.number])
            return self.indicator(letters, number >= 0)
        if isinstance(e, Apply):
            return self.applied(e)
        if isinstance(e, scalar_functions.where):
            condition, yes, no = (self.part(a) for a in e.args)
            return self.do.chosen(condition, yes, no)
        if isinstance(e, Mul):
            return self.product([*e.args])
        if isinstance(e, Add):
            return reduce(lambda a, b: self.do.mapped(n.add, a, b), [self.part(a) for a in e.args])
        if isinstance(e, Pow) and not isinstance(e, sympy.exp):
            return self.power(e)
        if isinstance(e, CALLED) or type(e).__name__ in SYMPY_CALLS:
            name = SYMPY_CALLS.get(type(e).__name__, type(e).__name__)
            return self.do.mapped(lambda *args: n.call(name, *args), *(self.part(a) for a in e.args), weight=CALL)
        return self.atom(e)

    def product(self, factors: list[Expr]) -> Part:
        """A product, the indicators in it first."""
        indicators = [self.part(f) for f in factors if isinstance(f, _INDICATORS)]
        return self.do.gated(indicators, [self.part(f) for f in factors if not isinstance(f, _INDICATORS)])

    def power(self, e: Pow) -> Part:
        """A power; with an exponent that varies, by exp and log."""
        n, base = self.do.numbers, self.part(e.base)
        if e.exp.is_Rational:
            exponent = Fraction(int(e.exp.p), int(e.exp.q))
            return self.do.mapped(lambda a: n.power(a, exponent), base, weight=CALL)
        return self.do.mapped(
            lambda a, b: n.call("exp", n.mul(b, n.call("log", a))), base, self.part(e.exp), weight=CALL
        )

    def applied(self, e: Apply) -> Part:
        """A scalar function by its definition in the program, or uninterpreted where it has none."""
        arg, name, order, n = self.part(e.arg), e.name, e.order, self.do.numbers
        function = self.program.function.get(name)
        definition = function.at(Z, order) if function is not None else None
        if definition is None:
            return self.do.mapped(lambda a: n.apply(name, order, a), arg, weight=CALL)
        return _Parts(self.program, self.arrays, self.do, {Z: arg}).part(definition)

    def atom(self, e: Expr) -> Part:
        """An index, a length, a scalar tensor or a constant."""
        n = self.do.numbers
        if isinstance(e, Index):
            return Part((e,), vector(n.number(k) for k in range(self.do.length(e))))
        if isinstance(e, Place):
            letters, (at,) = self.places([e])
            return Part(letters, objects(np.frompyfunc(n.number, 1, 1)(np.asarray(at, dtype=object))))
        if isinstance(e, Symbol):
            if e.is_integer and e.name.startswith("N_"):
                return scalar(n.number(self.do.lengths[e.name[2:]]))
            if e.name not in self.arrays:
                raise ValueError(f"no value for {e.name}; known: {', '.join(self.arrays)}")
            return Part((), self.arrays[e.name])
        if e is sympy.pi:
            return scalar(n.call("pi"))
        if e is sympy.E:
            return scalar(n.call("exp", n.number(1)))
        if e.is_Rational or e.is_Float:
            exact = sympy.Rational(e)
            return scalar(n.number(Fraction(int(exact.p), int(exact.q))))
        raise ValueError(f"cannot evaluate {type(e).__name__}: {e}")

    def element(self, e: Indexed) -> Part:
        """An element of a tensor."""
        if not is_plain(e):
            return self.at_places(e)
        return self.elements(self.arrays[name_of(e)], e.indices)

    def matrix(self, e: MatrixFunction) -> Part:
        """A function of a matrix, of one at every value of the indices that are free in it."""
        bounds = (e.array.bound, e.array.body.bound)
        part = self.part(e.array.body.body)
        for bound in bounds:
            part = self.do.spread(part, bound)
        around = tuple(i for i in part.indices if i not in bounds)
        stack = part.aligned((*around, *bounds))
        self.do.budget.spend(CALL * stack.size + math.prod(stack.shape[:-2]) * operations(stack.shape[-1]))
        made = np.empty((*stack.shape[:-2], *stack.shape[-2:][: e.rank]), dtype=object)
        for at in np.ndindex(stack.shape[:-2]):
            made[(*at, ...)] = self.do.carried(lambda matrix: of_matrix(e, matrix, self.do.numbers), stack[at])
        return self.elements(made, (*around, *e.indices))

    def elements(self, array: Any, indices: Sequence[Expr]) -> Part:
        """The elements at some indices; one that is repeated takes the diagonal, a number one slice."""
        array = array[tuple(slice(None) if isinstance(i, Index) else int(i) for i in indices)]
        indices = [i for i in indices if isinstance(i, Index)]
        for index in dict.fromkeys(indices):
            while indices.count(index) > 1:
                one = indices.index(index)
                two = indices.index(index, one + 1)
                array = np.diagonal(array, axis1=one, axis2=two)
                indices = [i for k, i in enumerate(indices) if k not in (one, two)] + [index]
        return Part(tuple(indices), array) if isinstance(array, np.ndarray) else scalar(array)

    def places(self, places: Sequence[Expr]) -> tuple[tuple[Index, ...], list[Any]]:
        """The indices in whole numbers, and each number as an array over them."""
        letters = tuple(sorted({i for p in places for i in p.free_symbols if isinstance(i, Index)}, key=str))
        grid = dict(zip(letters, np.indices([self.do.length(i) for i in letters]), strict=True))
        shape = tuple(self.do.length(i) for i in letters)

        def value(p: Expr) -> Any:
            if isinstance(p, Place):
                return value(p.where)
            if isinstance(p, Index):
                return grid[p]
            if isinstance(p, Indexed):
                array = self.arrays[name_of(p)]
                at = np.broadcast_arrays(*(value(q) for q in p.indices))
                there = np.logical_and.reduce([(q >= 0) & (q < n) for q, n in zip(at, array.shape, strict=True)])
                return np.where(there, array[tuple(np.where(there, q, 0) for q in at)], 0).astype(int)
            if p.is_Integer:
                return int(p)
            if isinstance(p, Symbol):
                return self.do.lengths[p.name.removeprefix("N_")]
            return reduce(np.add if isinstance(p, Add) else np.multiply, [value(q) for q in p.args])

        return letters, [np.broadcast_to(value(p), shape) for p in places]

    def at_places(self, e: Indexed) -> Part:
        """An element of a tensor at places; outside of it, 0."""
        array = self.arrays[name_of(e)]
        letters, places = self.places(e.indices)
        lengths = array.shape
        there = np.logical_and.reduce([(p >= 0) & (p < n) for p, n in zip(places, lengths, strict=True)])
        found = np.full(there.shape, self.do.numbers.number(0), dtype=object)
        found[there] = array[tuple(p[there] for p in places)]
        self.do.budget.spend(found.size)
        return Part(letters, found)

    def indicator(self, letters: tuple[Index, ...], holds: Any) -> Part:
        """1 where something holds, else 0."""
        one, zero = self.do.numbers.number(1), self.do.numbers.number(0)
        return Part(letters, objects(np.frompyfunc(lambda h: one if h else zero, 1, 1)(holds)))

    def delta(self, e: KroneckerDelta) -> Part:
        """1 where two indices are equal."""
        if any(isinstance(a, Place) for a in e.args):
            letters, (left, right) = self.places(e.args)
            return self.indicator(letters, left == right)
        one, zero = self.do.numbers.number(1), self.do.numbers.number(0)
        ranges = [range(self.do.length(a)) if isinstance(a, Index) else [int(a)] for a in e.args]
        indices = tuple(a for a in e.args if isinstance(a, Index))
        array = vector(one if i == j else zero for i in ranges[0] for j in ranges[1])
        return Part(indices, array.reshape([self.do.length(a) for a in indices]))

    def contracted(self, e: Sum) -> Part:
        """A sum, with those nested in it: index by index, the cheapest first, each over the factors that have it alone."""
        bounds: list[Expr] = []
        body: Expr = e
        while isinstance(body, Sum):
            bounds.append(body.bound)
            body = body.body
        factors = [*body.args] if isinstance(body, Mul) else [body]
        parts = [self.part(f) for f in factors]
        if self.do.lacking:  # an indicator may gate what has no value, so that factors stay together
            parts = [self.product(factors)]
        while bounds:
            bound = min(bounds, key=lambda b: self.do.size(p for p in parts if b in p.indices))
            bounds.remove(bound)
            having = sorted((p for p in parts if bound in p.indices), key=lambda p: int(p.array.size))
            parts = [p for p in parts if bound not in p.indices]
            if having:
                parts.append(self.do.folded(self.do.joined(having), bound, self.do.numbers.add))
            else:
                parts.append(scalar(self.do.numbers.number(self.do.length(bound))))
        return self.do.joined(parts)

    def reduced(self, e: Reduction) -> Part:
        """A product, a maximum or a log-sum-exp."""
        part, n = self.do.spread(self.part(e.body), e.bound), self.do.numbers
        if isinstance(e, Prod):
            return self.do.folded(part, e.bound, n.mul)
        if isinstance(e, LogSumExp):
            return self.do.listed(part, e.bound, n.logsumexp)
        if isinstance(e, Max):
            return self.do.listed(part, e.bound, lambda terms: terms[largest(n, terms)])
        raise ValueError(f"cannot evaluate {type(e).__name__}")

    def first(self, e: First) -> Part:
        """1 where an index is the first at which the maximum is reached."""
        reduction, index = e.args
        n = self.do.numbers
        one, zero = n.number(1), n.number(0)
        part = self.do.spread(self.part(reduction.body), reduction.bound)
        place = self.do.listed(
            self.do.numbered(part, reduction.bound), reduction.bound, lambda terms: first_largest(n, terms)
        )
        if isinstance(index, Index):
            at = Part((index,), vector(range(self.do.length(index))))
            return self.do.mapped(lambda k, i: one if k == i else zero, place, at)
        return self.do.mapped(lambda k: one if k == int(index) else zero, place)
