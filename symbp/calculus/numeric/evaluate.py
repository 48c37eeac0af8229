"""The evaluator: one slow, plain loop over the indices of a Program, in any number system. It is the oracle of the tests.

It shares no code with any code generator, and knows nothing of matrices: a sum is a loop.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Symbol

from symbp.calculus import functions as scalar
from symbp.calculus.functions import Apply, Z
from symbp.calculus.indices import Axis, Index
from symbp.calculus.matrix_functions import MatrixFunction
from symbp.calculus.numeric.matrices import of_matrix
from symbp.calculus.numeric.numbers import FLOAT, NotDecided, Numbers
from symbp.calculus.places import Place, Within, is_plain
from symbp.calculus.primitives import BY_HEAD
from symbp.calculus.program import Program, Statement, Tensor, name_of
from symbp.calculus.recurrences import Recurrence, scheduled
from symbp.calculus.reductions import First, LogSumExp, Max, Only, Prod, Reduction, Sum

_Env = dict[Expr, Any]
_Code = Callable[[_Env], Any]

CALLED = tuple(head for head in BY_HEAD if head is not scalar.where)
SYMPY_CALLS = {"Abs": "absolute", "sign": "sgn", "floor": "floor_of"}


def evaluate(
    program: Program,
    values: Mapping[str, Any],
    sizes: Mapping[Any, int] | None = None,
    numbers: Numbers = FLOAT,
    nowhere: float | None = None,
) -> dict[str, Any]:
    """Evaluate every statement of a program.

    Parameters
    ----------
    program : what to evaluate
    values : an array (or nested lists, or a number) for every declared tensor; ``program.constants`` fills in for scalars
    sizes : the length of each Axis, by itself or by its name; lengths that the arrays show may be left out
    numbers : the number system
    nowhere : what an element is that has no value; None is an error

    Returns
    -------
    Every tensor's array by name, the declared ones too: of floats for FLOAT, else of objects; 0-d for scalars.

    Raises
    ------
    ValueError : a missing value, a wrong shape, a missing length, or an element that has no value; says which
    NotDecided : where the number system cannot tell
    """
    lengths = {axis.name if isinstance(axis, Axis) else str(axis): int(n) for axis, n in (sizes or {}).items()}
    arrays: dict[str, Any] = {}
    for tensor in program.declared:
        arrays[tensor.name] = declared_array(tensor, program, values, lengths, numbers)
    compiler = _Compiler(program, numbers, lengths, arrays)

    def fill(s: Statement, code: _Code, ranges: Iterable[Iterable[int]]) -> None:
        """Write the elements of a statement at some numbers of each of its indices."""
        for position in itertools.product(*ranges):
            try:
                arrays[s.target.name][position] = code(dict(zip(s.indices, position, strict=True)))
            except NotDecided:
                raise
            except ArithmeticError as e:
                if nowhere is None:
                    raise ValueError(f"{s.target.name}{[*position] if position else ''} has no value: {e}") from None
                arrays[s.target.name][position] = nowhere

    for one in scheduled(program.statements):
        its = one.statements if isinstance(one, Recurrence) else (one,)
        shapes = [[compiler.length(i.axis, s.target.name) for i in s.indices] for s in its]
        for s, shape in zip(its, shapes, strict=True):
            arrays[s.target.name] = np.full(shape, numbers.number(0), dtype=object)
        codes = [(s, compiler.compile(s.body), [range(n) for n in shape]) for s, shape in zip(its, shapes, strict=True)]
        if not isinstance(one, Recurrence):
            fill(*codes[0])
            continue
        for k in one.steps(compiler.length(one.axis, its[0].target.name)):
            for s, code, ranges in codes:
                slot = one.slots[s.target.name]
                fill(s, code, [*ranges[:slot], range(k, k + 1), *ranges[slot + 1 :]])
    return {name: a.astype(float) if numbers == FLOAT else a for name, a in arrays.items()}


def declared_array(
    tensor: Tensor, program: Program, values: Mapping[str, Any], lengths: dict[str, int], numbers: Numbers
) -> Any:
    """The array of a declared tensor, checked; the lengths that it shows are added to `lengths`."""
    axes = ", ".join(a.name for a in tensor.axes)
    if tensor.name in values:
        given = values[tensor.name]
    elif tensor.name in program.constants and not tensor.axes:
        constant = program.constants[tensor.name]
        given = Fraction(int(constant.p), int(constant.q))
    else:
        raise ValueError(f"no value for {tensor.name}, which has axes ({axes}); given: {', '.join(values) or 'none'}")
    array = np.asarray(given, dtype=object)
    if array.ndim != len(tensor.axes):
        raise ValueError(f"{tensor.name} has shape {array.shape}, expected axes ({axes})")
    for axis, n in zip(tensor.axes, array.shape, strict=True):
        if lengths.setdefault(axis.name, n) != n:
            expected = ", ".join(f"{a.name}={lengths.get(a.name, '?')}" for a in tensor.axes)
            raise ValueError(f"{tensor.name} has shape {array.shape}, expected ({expected})")
    result = np.empty(array.shape, dtype=object)
    result[...] = np.frompyfunc(int if tensor.integer else numbers.number, 1, 1)(array)
    return result


@dataclass(frozen=True)
class _Compiler:
    """Turns an expression, once, into nested closures over the values of the indices."""

    program: Program
    numbers: Numbers
    lengths: Mapping[str, int]
    arrays: Mapping[str, Any]
    symbols: dict[Symbol, _Code] = field(
        default_factory=dict
    )  # what stands for a symbol in a scalar function's definition

    def length(self, axis: Axis, where: str) -> int:
        if axis.name not in self.lengths:
            raise ValueError(f"no size for axis {axis.name} of {where}; known: {', '.join(self.lengths) or 'none'}")
        return self.lengths[axis.name]

    def compile(self, e: Expr) -> _Code:
        """The value of `e`, as a function of an assignment of numbers to its free indices."""
        if e in self.symbols:
            return self.symbols[e]
        if isinstance(e, Reduction):
            return self.reduction(e)
        if isinstance(e, First):
            return self.first(e)
        if isinstance(e, MatrixFunction):
            return self.matrix(e)
        if isinstance(e, KroneckerDelta):
            i, j = (self.whole(a) for a in e.args)
            return self.indicator(lambda env: i(env) == j(env))
        if isinstance(e, Within):
            at = self.whole(e.number)
            return self.indicator(lambda env: at(env) >= 0)
        if isinstance(e, Indexed):
            return self.element(e)
        if isinstance(e, Apply):
            return self.applied(e)
        if isinstance(e, scalar.where):
            return self.where(e)
        if isinstance(e, Mul):
            return self.product(e)
        if isinstance(e, Add):
            return self.chain([self.compile(a) for a in e.args], self.numbers.add)
        if isinstance(e, Pow) and not isinstance(e, sympy.exp):
            return self.power(e)
        if isinstance(e, CALLED) or type(e).__name__ in SYMPY_CALLS:
            name = SYMPY_CALLS.get(type(e).__name__, type(e).__name__)
            args, call = [self.compile(a) for a in e.args], self.numbers.call
            return lambda env: call(name, *[a(env) for a in args])
        return self.atom(e)

    def indicator(self, holds: Callable[[_Env], bool]) -> _Code:
        """1 where something holds, else 0."""
        one, zero = self.numbers.number(1), self.numbers.number(0)
        return lambda env: one if holds(env) else zero

    def element(self, e: Expr) -> _Code:
        """An element of a tensor; outside of it, 0."""
        array, indices, zero = self.arrays[name_of(e)], tuple(e.indices), self.numbers.number(0)
        if is_plain(e):
            return lambda env: array[tuple(int(env.get(i, i)) for i in indices)]  # a number is an index too
        places = [self.whole(i) for i in indices]

        def run(env: _Env) -> Any:
            at = tuple(p(env) for p in places)
            return array[at] if all(0 <= k < n for k, n in zip(at, array.shape, strict=True)) else zero

        return run

    def whole(self, e: Expr) -> Callable[[_Env], int]:
        """A whole number made of indices, lengths and elements of integer tensors."""
        if isinstance(e, Place):
            return self.whole(e.where)
        if isinstance(e, Index):
            return lambda env: int(env[e])
        if e.is_Integer:
            return lambda env: int(e)
        if isinstance(e, Symbol):
            n = self.length(Axis(e.name.removeprefix("N_")), str(e))
            return lambda env: n
        if isinstance(e, (Add, Mul)):
            parts = [self.whole(a) for a in e.args]
            join = sum if isinstance(e, Add) else math.prod
            return lambda env: join(p(env) for p in parts)
        of = self.compile(e)
        return lambda env: int(of(env))

    def atom(self, e: Expr) -> _Code:
        if isinstance(e, (Index, Place)):
            at = self.whole(e)
            return lambda env: self.numbers.number(at(env))
        if isinstance(e, Symbol):
            if e.is_integer and e.name.startswith("N_"):
                value = self.numbers.number(self.length(Axis(e.name[2:]), str(e)))
            elif e.name in self.arrays:
                value = self.arrays[e.name][()]
            else:
                raise ValueError(f"no value for {e.name}; known: {', '.join(self.arrays)}")
        elif e is sympy.pi:
            value = self.numbers.call("pi")
        elif e is sympy.E:
            value = self.numbers.call("exp", self.numbers.number(1))
        elif e.is_Rational or e.is_Float:
            exact = sympy.Rational(e)
            value = self.numbers.number(Fraction(int(exact.p), int(exact.q)))
        else:
            raise ValueError(f"cannot evaluate {type(e).__name__}: {e}")
        return lambda env: value

    def chain(self, parts: list[_Code], join: Callable[[Any, Any], Any]) -> _Code:
        first, *rest = parts

        def run(env: _Env) -> Any:
            total = first(env)
            for part in rest:
                total = join(total, part(env))
            return total

        return run

    def product(self, e: Mul) -> _Code:
        """A product; indicators come first, and where one is 0 the other factors are not asked: they may have no value."""
        choosing = (scalar.step, KroneckerDelta, First, Within)
        indicators = [self.compile(a) for a in e.args if isinstance(a, choosing)]
        others = [self.compile(a) for a in e.args if not isinstance(a, choosing)]
        whole = self.chain([*indicators, *others], self.numbers.mul)
        zero, is_zero = self.numbers.number(0), self.numbers.is_zero
        if not indicators:
            return whole
        return lambda env: zero if any(is_zero(i(env)) for i in indicators) else whole(env)

    def power(self, e: Pow) -> _Code:
        base, numbers = self.compile(e.base), self.numbers
        if e.exp.is_Rational:
            exponent = Fraction(int(e.exp.p), int(e.exp.q))
            return lambda env: numbers.power(base(env), exponent)
        variable = self.compile(e.exp)
        return lambda env: numbers.call("exp", numbers.mul(variable(env), numbers.call("log", base(env))))

    def where(self, e: Expr) -> _Code:
        """One branch alone is evaluated where the condition is 0 or 1."""
        condition, a, b = (self.compile(part) for part in e.args)
        n = self.numbers

        def run(env: _Env) -> Any:
            c = condition(env)
            if n.is_zero(c):
                return b(env)
            rest = n.add(n.number(1), n.mul(n.number(-1), c))
            return a(env) if n.is_zero(rest) else n.add(n.mul(c, a(env)), n.mul(rest, b(env)))

        return run

    def applied(self, e: Apply) -> _Code:
        """A scalar function by its definition in the program, or uninterpreted where it has none."""
        arg, name, order, n = self.compile(e.arg), e.name, e.order, self.numbers
        function = self.program.function.get(name)
        definition = function.at(Z, order) if function is not None else None
        if definition is None:
            return lambda env: n.apply(name, order, arg(env))
        place: list[Any] = [None]  # the argument, while the definition is evaluated at it
        inner = _Compiler(self.program, n, self.lengths, self.arrays, {Z: lambda env: place[-1]}).compile(definition)

        def run(env: _Env) -> Any:
            place.append(arg(env))
            value = inner(env)
            place.pop()
            return value

        return run

    def values(self, r: Reduction) -> Callable[[_Env], list[Any]]:
        """The values of the body of a reduction along its bound index; None in the place of what is left out."""
        body, bound, n = self.term(r.body), r.bound, self.length(r.axis, str(r))
        return lambda env: [body({**env, bound: k}) for k in range(n)]

    def term(self, e: Expr) -> _Code:
        """A term of a reduction, None where it is left out: by its condition, or because it is itself a maximum of no terms."""
        if isinstance(e, Only):
            there, body, is_zero = self.compile(e.args[0]), self.term(e.args[1]), self.numbers.is_zero
            return lambda env: None if is_zero(there(env)) else body(env)
        if isinstance(e, (Max, LogSumExp)):
            return self.over_terms(e)
        return self.compile(e)

    def over_terms(self, r: Reduction) -> _Code:
        """A maximum or a log-sum-exp of the terms that are there; None where none is."""
        terms, n, highest = self.values(r), self.numbers, isinstance(r, Max)

        def run(env: _Env) -> Any:
            there = [t for t in terms(env) if t is not None]
            if not there:
                return None
            return there[self.largest(there)] if highest else n.logsumexp(there)

        return run

    def reduction(self, r: Reduction) -> _Code:
        terms, n = self.values(r), self.numbers
        if isinstance(r, (Max, LogSumExp)):
            found = self.over_terms(r)

            def run_over(env: _Env) -> Any:
                value = found(env)
                if value is None:
                    raise ZeroDivisionError(f"{type(r).__name__} of no terms")
                return value

            return run_over
        join, start = {Sum: (n.add, n.number(0)), Prod: (n.mul, n.number(1))}[type(r)]

        def run(env: _Env) -> Any:
            total = start
            for term in terms(env):
                total = join(total, term)
            return total

        return run

    def matrix(self, e: MatrixFunction) -> _Code:
        """A function of a matrix: evaluated once for each matrix, whichever element is asked for."""
        p, q, entry = e.opened()
        code, rows, columns = self.compile(entry), *(range(self.length(a, str(e))) for a in e.axes)
        made: dict[tuple[Any, ...], Any] = {}
        around = [i for i in e.array.free_symbols if isinstance(i, Index)]

        def run(env: _Env) -> Any:
            which = tuple(env.get(i) for i in around)
            if which not in made:
                matrix = [[code({**env, p: i, q: j}) for j in columns] for i in rows]
                made[which] = of_matrix(e, matrix, self.numbers)
            return made[which][tuple(int(env.get(i, i)) for i in e.indices)]

        return run

    def first(self, e: First) -> _Code:
        reduction, index = e.args
        terms, at = self.values(reduction), self.whole(index)

        def holds(env: _Env) -> bool:
            found = terms(env)
            there = [k for k, t in enumerate(found) if t is not None]
            return bool(there) and there[self.largest([found[k] for k in there])] == at(env)

        return self.indicator(holds)

    def largest(self, terms: list[Any]) -> int:
        """Where the first of the largest terms stands."""
        best = 0
        for k in range(1, len(terms)):
            if self.numbers.positive(
                self.numbers.add(terms[k], self.numbers.mul(self.numbers.number(-1), terms[best]))
            ):
                best = k
        return best
