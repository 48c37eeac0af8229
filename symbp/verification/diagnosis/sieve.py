"""A formula's value in plain floats at one point: a sieve for the many edits of a claim, most of which are not it.

Whatever passes is decided exactly afterwards, so that nothing rests on these floats. What is not worth writing twice (layers'
activations, matrix functions, the user's own names) is lowered and evaluated by the calculus, once for each formula.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sympy import Expr
from sympy import Number as Constant

from symbp.calculus.indices import Axis, Index
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.program import Program, ScalarFunction, Statement, Tensor
from symbp.errors import InputError
from symbp.formula.slots import is_place
from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Compare,
    Gradient,
    Name,
    Negate,
    Node,
    Number,
    Read,
    Transpose,
    nodes,
)
from symbp.verification.budget import TRIED, Evaluation
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.letters import axis_of, free_letters, known_of
from symbp.verification.meaning.lower_index import IndexLowering
from symbp.verification.meaning.setting import Shape
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.proof.points import Point

_CLOSE, _NOTHING = 1e-9, 1e-30
_OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power,
    ">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal,
}  # fmt: skip
_ELEMENTWISE: Mapping[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "ln": np.log, "tanh": np.tanh, "sqrt": np.sqrt, "square": np.square,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "where": np.where, "multiply": np.multiply, "maximum": np.maximum,
    "minimum": np.minimum, "abs": np.abs, "sign": np.sign,
}  # fmt: skip
_REDUCTIONS: Mapping[str, Callable[..., Any]] = {
    "sum": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "prod": np.prod,
}

Letters = tuple[tuple[str, Index], ...]


class NoValue(Exception):
    """The formula has no value in floats: shapes clash, a name is not known, or a number is out of range."""


@dataclass
class Sieve:
    """The values of formulas at a point, each once."""

    context: EvaluationContext
    point: Point
    memo: dict[Hashable, Any] = field(default_factory=dict)
    tensors: dict[str, Any] = field(default_factory=dict)

    def sides(self, claim: Claim, whole: Claim | None = None) -> tuple[Any, Any]:
        """The values of both sides here, entry beside entry; of a part of a claim that of the `whole` gives the letters.

        NoValue, or InputError, where there are none, or they are not over the same axes.
        """
        raise NotImplementedError

    def agrees(self, claim: Claim, whole: Claim | None = None) -> bool:
        """Whether both sides have the same value here."""
        try:
            return _close(*self.sides(claim, whole))
        except (NoValue, InputError):
            return False

    def vanishes(self, node: Node) -> bool:
        """Whether what is read is zero here, as far as floats say it."""
        try:
            values, _ = self.sides(Claim(node, node, ""))
        except (NoValue, InputError):
            return False
        return bool(values.size and np.abs(values).max() < _NOTHING)

    def spreads(self, node: Node, before: Node) -> bool:
        """Whether a formula multiplies a column by a row element by element, which broadcasts both, where one before did not."""
        return False

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """A value that is computed once; NoValue where there is none."""
        if key not in self.memo:
            self.context.points.budget.add(TRIED)
            try:
                with np.errstate(all="ignore"):
                    self.memo[key] = make()
            except (NoValue, ShapeClash, InputError, ArithmeticError, ValueError, KeyError):
                self.memo[key] = None
        if self.memo[key] is None:
            raise NoValue
        return self.memo[key]

    def tensor(self, name: str) -> Any:
        """A tensor of the derivation in floats, its own axes in order."""
        if name not in self.tensors:
            self.point.need([name])
            self.tensors[name] = self.point.arrays[name].astype(float)
        return self.tensors[name]

    def evaluated(
        self, body: Expr, indices: Sequence[Index], before: tuple[Statement, ...], functions: tuple[ScalarFunction, ...]
    ) -> Any:
        """An expression at free indices, with the statements `before` that it rests on, by the calculus' own evaluator."""
        target = Tensor("quick_", tuple(i.axis for i in indices))
        whole = (*before, Statement(target, tuple(indices), body))
        tensors = {**self.context.setting.program.tensors, **{s.target.name: s.target for s in whole}}
        read = sorted({name for s in whole for name in s.reads} - {s.target.name for s in whole})
        self.point.need(read)
        values = {name: self.point.arrays[name] for name in read}
        program = Program(tuple(tensors[name] for name in read), whole, functions)
        work = Evaluation(self.point.budget, self.point.numbers)
        return evaluate_vectorized(program, values, self.point.sizes, self.point.numbers, work)["quick_"].astype(float)


def sieve_of(context: EvaluationContext, claim: Claim) -> Sieve | None:
    """The sieve for a claim and its edits; None where there is no point that has a value."""
    point = context.points.floats(0)
    return None if point is None else (Elements if claim.indexed else Arrays)(context, point)


@dataclass(frozen=True)
class Value:
    """An array in floats; `shape` are its axes."""

    shape: Shape
    array: Any


class Arrays(Sieve):
    """Formulas of whole arrays."""

    def sides(self, claim: Claim, whole: Claim | None = None) -> tuple[Any, Any]:
        """The values of both sides here, entry beside entry."""
        left, right = self.value(claim.left), self.value(claim.right)
        same = _stripped(left.shape) == _stripped(right.shape) or (
            1 in (len(left.shape), len(right.shape)) and _axes(left.shape) == _axes(right.shape)
        )
        if not same:
            raise NoValue
        return np.ravel(left.array), np.ravel(right.array)

    def spreads(self, node: Node, before: Node) -> bool:
        """Whether an elementwise product broadcasts both of its sides, where none did before."""

        def some(whole: Node) -> bool:
            return any(self._spreads(n) for n in nodes(whole) if isinstance(n, Binary) and n.op == "*")

        return some(node) and not some(before)

    def _spreads(self, node: Binary) -> bool:
        try:
            a, b = self.value(node.left).shape, self.value(node.right).shape
        except NoValue:
            return False
        pairs = [*zip(a[::-1], b[::-1], strict=False)]
        return any((x is None) > (y is None) for x, y in pairs) and any((x is None) < (y is None) for x, y in pairs)

    def value(self, node: Node) -> Value:
        """The value of a formula; NoValue where it has none."""
        found: Value = self.memo.get(node) or self.once(node, lambda: self.made(node))
        return found

    def made(self, node: Node) -> Value:
        """The value of a formula, computed anew."""
        match node:
            case Number():
                return Value((), np.float64(float(node.value)))
            case Name() | Gradient():
                known = self.context.setting.resolve(node.name, isinstance(node, Gradient))
                if known is None or (isinstance(node, Name) and node.name in self.context.definitions):
                    return self.lowered(node)
                return self.displayed(known.tensor.name, known.shape, known.order)
            case Negate():
                inner = self.value(node.arg)
                return Value(inner.shape, -inner.array)
            case Transpose():
                inner = self.value(node.arg)
                return Value(inner.shape[::-1], inner.array.T)
            case Binary(op="@"):
                return self.matmul(self.value(node.left), self.value(node.right))
            case Binary() | Compare():
                return self.elementwise(_OPERATIONS[node.op], self.value(node.left), self.value(node.right))
            case Call():
                return self.call(node)
            case Read():
                raise NoValue
        return self.lowered(node)

    def displayed(self, name: str, shape: Shape, order: tuple[int, ...]) -> Value:
        """A tensor as an array of a shape; `order` gives each axis' place there."""
        array = self.tensor(name).transpose(tuple(np.argsort(order)) if order else ())
        return Value(shape, _with_ones(array, shape))

    def elementwise(self, make: Callable[..., Any], *parts: Value) -> Value:
        """A function of the elements of broadcast arrays."""
        rank = max(len(p.shape) for p in parts)
        result: list[Axis | None] = [None] * rank
        for p in parts:
            for k, axis in enumerate(p.shape, rank - len(p.shape)):
                if axis is not None and result[k] not in (None, axis):
                    raise NoValue
                result[k] = axis or result[k]
        return Value(tuple(result), np.asarray(make(*(p.array for p in parts)), dtype=float))

    def matmul(self, a: Value, b: Value) -> Value:
        """``a @ b`` for vectors and matrices."""
        if not 0 < len(a.shape) <= 2 or not 0 < len(b.shape) <= 2 or a.shape[-1] != b.shape[0]:
            raise NoValue
        return Value((*a.shape[:-1], *b.shape[1:]), np.asarray(a.array @ b.array))

    def call(self, node: Call) -> Value:
        """A reduction or a plain function here, everything else by lowering."""
        if node.name in _REDUCTIONS and len(node.args) == 1 and not node.primes:
            inner, axis = self.value(node.args[0]), node.axis
            rank = len(inner.shape)
            if axis is not None and not -rank <= axis < rank:
                raise NoValue
            gone = set(range(rank)) if axis is None else {axis % rank}
            shape = tuple(None if k in gone else a for k, a in enumerate(inner.shape) if node.keepdims or k not in gone)
            return Value(shape, np.asarray(_REDUCTIONS[node.name](inner.array, axis=axis, keepdims=node.keepdims)))
        if _is_plain(self.context, node) and node.axis is None:
            return self.elementwise(_ELEMENTWISE[node.name], *(self.value(a) for a in node.args))
        return self.lowered(node)

    def lowered(self, node: Node) -> Value:
        """The value by the calculus' own evaluator."""
        if self.context.lowering is None:
            self.context.begin()
        assert self.context.lowering is not None
        found = self.context.lowering.lower(node)
        array = found.array
        if isinstance(array.body, Constant):
            return Value(array.shape, np.full([1] * len(array.shape), float(array.body)))
        value = self.evaluated(array.body, array.indices, found.statements, found.functions)
        return Value(array.shape, _with_ones(value, array.shape))


class Elements(Sieve):
    """Formulas in index notation: every part is an array with one axis for each letter in scope, of length 1 where the letter
    does not occur."""

    def sides(self, claim: Claim, whole: Claim | None = None) -> tuple[Any, Any]:
        """The values of both sides here, at all values of their letters."""
        letters = tuple(free_letters(self.context.setting, (whole or claim).left).items())
        left, right = np.broadcast_arrays(self.value(claim.left, letters), self.value(claim.right, letters))
        return np.ravel(left), np.ravel(right)

    def value(self, node: Node, letters: Letters) -> Any:
        """The value at every value of the letters; NoValue where there is none."""
        found = self.memo.get((node, letters))
        return found if found is not None else self.once((node, letters), lambda: self.made(node, letters))

    def made(self, node: Node, letters: Letters) -> Any:
        """The value, computed anew."""
        match node:
            case Number():
                return np.full([1] * len(letters), float(node.value))
            case Read() if self.plain(node, dict(letters)):
                return self.read(node, dict(letters))
            case Compare() if IndexLowering(self.context.setting, dict(letters)).of_places(node):
                return self.lowered(node, letters)
            case Negate():
                return -self.value(node.arg, letters)
            case Binary() | Compare() if node.op in _OPERATIONS:
                a, b = self.value(node.left, letters), self.value(node.right, letters)
                return np.asarray(_OPERATIONS[node.op](a, b), dtype=float)
            case Call():
                return self.call(node, letters)
        return self.lowered(node, letters)

    def plain(self, node: Read, letters: Mapping[str, Index]) -> bool:
        """Whether an element is read at letters alone, each along its own axis."""
        axes = known_of(self.context.setting, node).tensor.axes
        apart = [(letters[c].axis, a) for c, a in zip(node.letters, axes, strict=False) if c in letters]
        related = any(one != a and self.context.setting.related(one, a) for one, a in apart)
        return not related and not any(c.isdigit() or is_place(c) for c in node.letters)

    def read(self, node: Read, letters: Mapping[str, Index]) -> Any:
        """An element at its letters."""
        tensor = known_of(self.context.setting, node).tensor
        if len(node.letters) != len(tensor.axes) or any(c not in letters for c in node.letters):
            raise NoValue
        if any(letters[c].axis != a for c, a in zip(node.letters, tensor.axes, strict=True)):
            raise NoValue
        places = {c: k for k, c in enumerate(letters)}
        order = [c for c in letters if c in node.letters]
        array = np.einsum(self.tensor(tensor.name), [places[c] for c in node.letters], [places[c] for c in order])
        return _with_ones(array, [c if c in order else None for c in letters])

    def call(self, node: Call, letters: Letters) -> Any:
        """A sum over letters or a plain function here, everything else by lowering."""
        setting = self.context.setting
        over = [a for a in node.args[1:] if isinstance(a, Name) and setting.resolve(a.name) is None]
        if node.name in _REDUCTIONS and over and len(over) == len(node.args) - 1:
            bound = tuple((a.name, Index(a.name, axis_of(setting, a, node.args[0]))) for a in over)
            if {c for c, _ in letters} & {c for c, _ in bound}:
                raise NoValue
            inner = self.value(node.args[0], (*letters, *bound))
            lengths = [self.point.sizes[i.axis] for _, i in bound]
            inner = np.broadcast_to(inner, (*inner.shape[: len(letters)], *lengths))
            return np.asarray(_REDUCTIONS[node.name](inner, axis=tuple(range(len(letters), inner.ndim))))
        if _is_plain(self.context, node):
            return np.asarray(_ELEMENTWISE[node.name](*(self.value(a, letters) for a in node.args)), dtype=float)
        return self.lowered(node, letters)

    def lowered(self, node: Node, letters: Letters) -> Any:
        """The value by the calculus' own evaluator."""
        lowering = IndexLowering(self.context.setting, dict(letters), budget=self.context.points.budget)
        body = lowering.expr(node)
        there = [body.has(i) for _, i in letters]
        used = [i for (_, i), known in zip(letters, there, strict=True) if known]
        array = self.evaluated(body, used, (), tuple(lowering.functions.values()))
        return _with_ones(array, [known or None for known in there])


def _is_plain(context: EvaluationContext, node: Call) -> bool:
    """Whether a function is one of each element that NumPy has, and none of the user's own."""
    return node.name in _ELEMENTWISE and not node.primes and node.name not in context.setting.program.function


def _with_ones(array: Any, shape: Sequence[object]) -> Any:
    """An array with axes of length 1 where a shape has None."""
    lengths = iter(array.shape)
    return array.reshape([1 if axis is None else next(lengths) for axis in shape])


def _close(a: Any, b: Any) -> bool:
    """Whether two arrays of floats agree, relative to the larger of their largest entries."""
    x, y = a, b
    if x.shape != y.shape:
        return False
    largest = max(abs(x).max(), abs(y).max()) if x.size else 0.0
    return bool(np.isfinite(largest) and abs(x - y).max(initial=0.0) <= _CLOSE * max(largest, 1e-12))


def _axes(shape: Shape) -> tuple[Axis, ...]:
    return tuple(a for a in shape if a is not None)


def _stripped(shape: Shape) -> Shape:
    k = 0
    while k < len(shape) and shape[k] is None:
        k += 1
    return shape[k:]
