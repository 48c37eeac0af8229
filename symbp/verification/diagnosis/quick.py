"""A formula's value in plain floats at one point: a sieve for the many edits of a claim, most of which are not it.

Whatever passes is decided exactly afterwards, so that nothing rests on these floats. What is not worth writing twice (layers'
activations, matrix functions, the user's own names) is lowered and evaluated by the calculus, once for each formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sympy import Number as Constant

from symbp.calculus.indices import Axis
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.program import Program
from symbp.errors import InputError
from symbp.formula.syntax import Binary, Call, Claim, Compare, Gradient, Name, Negate, Node, Number, Read, Transpose
from symbp.verification.budget import TRIED, Evaluation
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Shape
from symbp.verification.proof.compare import Bench
from symbp.verification.proof.points import Point

CLOSE = 1e-9
OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power,
    ">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal,
}  # fmt: skip
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "ln": np.log, "tanh": np.tanh, "sqrt": np.sqrt, "square": np.square,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "where": np.where, "multiply": np.multiply, "maximum": np.maximum,
    "minimum": np.minimum, "abs": np.abs, "sign": np.sign,
}  # fmt: skip
_REDUCTIONS: dict[str, Callable[..., Any]] = {
    "sum": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "prod": np.prod,
}


class NoValue(Exception):
    """The formula has no value in floats: shapes clash, a name is not known, or a number is out of range."""


@dataclass(frozen=True)
class Value:
    """An array in floats; `shape` are its axes."""

    shape: Shape
    array: Any


@dataclass
class Quick:
    """Values of array formulas at a point, each formula once."""

    bench: Bench
    point: Point
    memo: dict[Node, Value | None] = field(default_factory=dict)
    tensors: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(bench: Bench, seed: int = 0) -> Quick | None:
        """The sieve of a bench; None where its point has no value."""
        point = bench.points.floats(seed)
        return None if point is None else Quick(bench, point)

    def agrees(self, claim: Claim) -> bool:
        """Whether both sides have the same value here."""
        try:
            left, right = self.value(claim.left), self.value(claim.right)
        except NoValue:
            return False
        same = _stripped(left.shape) == _stripped(right.shape) or (
            1 in (len(left.shape), len(right.shape)) and _axes(left.shape) == _axes(right.shape)
        )
        return same and close(left.array, right.array)

    def agrees_within(self, claim: Claim, part: Claim) -> bool:
        """Whether a part of a claim and another formula have the same value here."""
        return self.agrees(part)

    def value(self, node: Node) -> Value:
        """The value of a formula; NoValue where it has none."""
        if node not in self.memo:
            self.bench.points.budget.add(TRIED)
            try:
                with np.errstate(all="ignore"):
                    self.memo[node] = self.made(node)
            except (NoValue, ShapeClash, InputError, ArithmeticError, ValueError, KeyError):
                self.memo[node] = None
        found = self.memo[node]
        if found is None:
            raise NoValue
        return found

    def made(self, node: Node) -> Value:
        """The value of a formula, computed anew."""
        match node:
            case Number():
                return Value((), np.float64(float(node.value)))
            case Name() if node.name in self.bench.definitions:
                return self.lowered(node)
            case Name() | Gradient():
                known = self.bench.setting.resolve(node.name, isinstance(node, Gradient))
                return (
                    self.lowered(node) if known is None else self.displayed(known.tensor.name, known.shape, known.order)
                )
            case Negate():
                inner = self.value(node.arg)
                return Value(inner.shape, -inner.array)
            case Transpose():
                inner = self.value(node.arg)
                return Value(inner.shape[::-1], inner.array.T)
            case Binary(op="@"):
                return self.matmul(self.value(node.left), self.value(node.right))
            case Binary() | Compare():
                return self.elementwise(OPERATIONS[node.op], self.value(node.left), self.value(node.right))
            case Call():
                return self.call(node)
            case Read():
                raise NoValue
        return self.lowered(node)

    def tensor(self, name: str) -> Any:
        """A tensor of the derivation in floats, its own axes in order."""
        if name not in self.tensors:
            self.point.need([name])
            self.tensors[name] = self.point.arrays[name].astype(float)
        return self.tensors[name]

    def displayed(self, name: str, shape: Shape, order: tuple[int, ...]) -> Value:
        """A tensor as an array of a shape; `order` gives each axis' place there."""
        axes = tuple(np.argsort(order)) if order else ()
        lengths = iter(self.tensor(name).transpose(axes).shape)
        whole = tuple(1 if a is None else next(lengths) for a in shape)
        return Value(shape, self.tensor(name).transpose(axes).reshape(whole))

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
        own = node.name in self.bench.setting.program.function
        if node.name in ELEMENTWISE and not node.primes and node.axis is None and not own:
            return self.elementwise(ELEMENTWISE[node.name], *(self.value(a) for a in node.args))
        return self.lowered(node)

    def lowered(self, node: Node) -> Value:
        """The value by the calculus' own evaluator."""
        if self.bench.lowering is None:
            self.bench.begin()
        assert self.bench.lowering is not None
        found = self.bench.lowering.lower(node)
        array = found.array
        if isinstance(array.body, Constant):
            return Value(array.shape, np.full([1] * len(array.shape), float(array.body)))
        value = self.expression(array.body, array.indices, found)
        lengths = iter(value.shape)
        return Value(array.shape, value.reshape([1 if a is None else next(lengths) for a in array.shape]))

    def expression(self, body: Any, indices: Any, found: Any) -> Any:
        """An expression at free indices, with the statements that it rests on, as an array."""
        return evaluated(self.bench, self.point, body, indices, found.statements, found.functions)


def evaluated(bench: Bench, point: Point, body: Any, indices: Any, statements: Any, functions: Any) -> Any:
    """An expression at free indices as an array of floats."""
    from symbp.calculus.program import Statement, Tensor

    target = Tensor("quick_", tuple(i.axis for i in indices))
    whole = (*statements, Statement(target, tuple(indices), body))
    tensors = {**bench.setting.program.tensors, **{s.target.name: s.target for s in whole}}
    own = {s.target.name for s in whole}
    read = sorted({name for s in whole for name in s.reads} - own)
    point.need(read)
    values = {name: point.arrays[name] for name in read}
    program = Program(tuple(tensors[name] for name in read), whole, functions)
    work = Evaluation(point.budget, point.numbers)
    return evaluate_vectorized(program, values, point.sizes, point.numbers, work)["quick_"].astype(float)


def close(a: Any, b: Any) -> bool:
    """Whether two arrays of floats agree, relative to the larger of their largest entries."""
    x, y = np.ravel(a), np.ravel(b)
    if x.shape != y.shape:
        return False
    largest = max(np.max(np.abs(x), initial=0.0), np.max(np.abs(y), initial=0.0))
    return bool(np.isfinite(largest)) and bool(np.max(np.abs(x - y), initial=0.0) <= CLOSE * max(largest, 1e-12))


def _axes(shape: Shape) -> tuple[Axis, ...]:
    return tuple(a for a in shape if a is not None)


def _stripped(shape: Shape) -> Shape:
    k = 0
    while k < len(shape) and shape[k] is None:
        k += 1
    return shape[k:]
