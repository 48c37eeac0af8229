"""The same sieve for index notation: every part of a formula is an array with one axis for each letter in scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symbp.calculus.indices import Index
from symbp.errors import InputError
from symbp.formula.syntax import Binary, Call, Claim, Compare, Name, Negate, Node, Number, Read
from symbp.verification.budget import TRIED
from symbp.verification.diagnosis.quick import ELEMENTWISE, OPERATIONS, NoValue, close, evaluated
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.lower_index import IndexLowering, axis_of, free_letters, known_of
from symbp.verification.proof.compare import Bench
from symbp.verification.proof.points import Point

Letters = tuple[tuple[str, Index], ...]
_OVER: dict[str, Callable[..., Any]] = {"sum": np.sum, "mean": np.mean, "prod": np.prod, "max": np.max, "min": np.min}


@dataclass
class QuickIndex:
    """Values of formulas in index notation at a point, each formula once."""

    bench: Bench
    point: Point
    memo: dict[tuple[Node, Letters], Any] = field(default_factory=dict)
    tensors: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(bench: Bench, seed: int = 0) -> QuickIndex | None:
        """The sieve of a bench; None where its point has no value."""
        point = bench.points.floats(seed)
        return None if point is None else QuickIndex(bench, point)

    def agrees(self, claim: Claim) -> bool:
        """Whether both sides have the same value here."""
        try:
            letters = tuple(free_letters(self.bench.setting, claim.left).items())
            return self.whole(claim.left, letters, claim.right)
        except (NoValue, InputError):
            return False

    def agrees_within(self, claim: Claim, part: Claim) -> bool:
        """Whether a part of a claim and another formula have the same value here, at the letters of the claim's left side."""
        try:
            letters = tuple(free_letters(self.bench.setting, claim.left).items())
            return self.whole(part.left, letters, part.right)
        except (NoValue, InputError):
            return False

    def whole(self, left: Node, letters: Letters, right: Node) -> bool:
        """Whether two sides agree at all values of their letters."""
        a, b = np.broadcast_arrays(self.value(left, letters), self.value(right, letters))
        return close(a, b)

    def value(self, node: Node, letters: Letters) -> Any:
        """The value at every value of the letters, one axis for each; length 1 where a letter does not occur."""
        key = (node, letters)
        if key not in self.memo:
            self.bench.points.budget.add(TRIED)
            try:
                with np.errstate(all="ignore"):
                    self.memo[key] = self.made(node, letters)
            except (NoValue, ShapeClash, InputError, ArithmeticError, ValueError, KeyError):
                self.memo[key] = None
        found = self.memo[key]
        if found is None:
            raise NoValue
        return found

    def made(self, node: Node, letters: Letters) -> Any:
        """The value, computed anew."""
        match node:
            case Number():
                return np.full([1] * len(letters), float(node.value))
            case Read() if not any(c.isdigit() for c in node.letters):
                return self.read(node, dict(letters))
            case Negate():
                return -self.value(node.arg, letters)
            case Binary() | Compare() if node.op in OPERATIONS:
                a, b = self.value(node.left, letters), self.value(node.right, letters)
                return np.asarray(OPERATIONS[node.op](a, b), dtype=float)
            case Call():
                return self.call(node, letters)
        return self.lowered(node, letters)

    def read(self, node: Read, letters: Mapping[str, Index]) -> Any:
        """An element at its letters."""
        tensor = known_of(self.bench.setting, node).tensor
        if len(node.letters) != len(tensor.axes) or any(c not in letters for c in node.letters):
            raise NoValue
        if any(letters[c].axis != a for c, a in zip(node.letters, tensor.axes, strict=True)):
            raise NoValue
        if tensor.name not in self.tensors:
            self.point.need([tensor.name])
            self.tensors[tensor.name] = self.point.arrays[tensor.name].astype(float)
        order = [c for c in letters if c in node.letters]
        array = np.einsum(self.tensors[tensor.name], [list(letters).index(c) for c in node.letters],
                          [list(letters).index(c) for c in order])  # fmt: skip
        lengths = dict(zip(order, array.shape, strict=True))
        return array.reshape([lengths.get(c, 1) for c in letters])

    def call(self, node: Call, letters: Letters) -> Any:
        """A sum over letters or a plain function here, everything else by lowering."""
        setting = self.bench.setting
        over = [a for a in node.args[1:] if isinstance(a, Name) and setting.resolve(a.name) is None]
        if node.name in _OVER and over and len(over) == len(node.args) - 1:
            bound = tuple((a.name, Index(a.name, axis_of(setting, a, node.args[0]))) for a in over)
            if {c for c, _ in letters} & {c for c, _ in bound}:
                raise NoValue
            inner = self.value(node.args[0], (*letters, *bound))
            lengths = [self.point.sizes[i.axis] for _, i in bound]
            inner = np.broadcast_to(inner, (*inner.shape[: len(letters)], *lengths))
            return np.asarray(_OVER[node.name](inner, axis=tuple(range(len(letters), inner.ndim))))
        if node.name in ELEMENTWISE and not node.primes and node.name not in setting.program.function:
            return np.asarray(ELEMENTWISE[node.name](*(self.value(a, letters) for a in node.args)), dtype=float)
        return self.lowered(node, letters)

    def lowered(self, node: Node, letters: Letters) -> Any:
        """The value by the calculus' own evaluator."""
        lowering = IndexLowering(self.bench.setting, dict(letters), budget=self.bench.points.budget)
        body = lowering.expr(node)
        used = [(c, i) for c, i in letters if body.has(i)]
        array = evaluated(self.bench, self.point, body, [i for _, i in used], (), tuple(lowering.functions.values()))
        lengths = dict(zip([c for c, _ in used], array.shape, strict=True))
        return array.reshape([lengths.get(c, 1) for c, _ in letters])
