"""A worked example: every tensor's value, one update, the loss before and after, and the gradients by differences.

The values are those of the derived equations. The differences know nothing of the derivation's gradients: they evaluate the
forward map alone, at two points each, and where that is cheap by the brute-force evaluator with fifty digits.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Symbol

from symbp.calculus.indices import Axis, Index
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.numbers import FLOAT, HIGH, Numbers
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.program import Program, Statement, Tensor, name_of
from symbp.errors import InputError
from symbp.lectures.given import Array, Given
from symbp.network.cost import statement_operations
from symbp.network.derivation import Derivation, schedule_program

MOST_CHECKED = 24
"""The largest number of entries that are held against differences."""
_FINE, _COARSE = Fraction(1, 10**15), Fraction(1, 10**5)
_MUCH, _FEW = 4000, 3  # operations of a forward pass from which differences are few, and of floats
_ENTRY = Axis("entry")


@dataclass(frozen=True)
class Difference:
    """One entry of a parameter, at positions counted from 0: its derivative as derived, and the difference quotient."""

    name: str
    at: tuple[int, ...]
    derived: float
    quotient: float


@dataclass(frozen=True)
class Worked:
    """The numbers of one example; arrays by the names of the derivation's tensors."""

    derivation: Derivation
    given: Given

    @cached_property
    def values(self) -> dict[str, Array]:
        """Every tensor, forward and backward."""
        d = self.derivation
        found = _evaluated(d.program, self.given.arrays, d, FLOAT)
        bad = next((n for n, a in found.items() if not np.isfinite(a).all()), None)
        if bad is not None:
            raise InputError(f"{bad} is not finite at these numbers", allowed="numbers at which every value is finite")
        return found

    @property
    def loss(self) -> float:
        """The loss before the update."""
        return float(self.values[self.derivation.backward.loss])

    @cached_property
    def updated(self) -> dict[str, Array]:
        """The parameters after one update by the optimizer's rule, its states at the start and t = 1."""
        d = self.derivation
        settings = self.settings
        result = {}
        for p in d.map.parameters:
            theta = self.values[p.tensor.name]
            its = {"theta": theta.ravel(), "g": self.values[d.backward.adjoint[p.tensor.name]].ravel()}
            states = {t.name: np.zeros(theta.size) for t in d.updates.declared if t.role == "state"}
            found = evaluate(_entrywise(d.updates), {**settings, **states, **its}, {_ENTRY: theta.size})
            result[p.tensor.name] = np.asarray(found["theta_next"], dtype=np.float64).reshape(theta.shape)
        return result

    @cached_property
    def settings(self) -> dict[str, float]:
        """The optimizer's settings at its first step, the learning rate as the schedule has it then."""
        training = self.derivation.map.training
        if training is None:
            return {}
        optimizer = training.optimizer
        rate = {**optimizer.settings, **optimizer.schedule_settings, "t": 0}
        program = schedule_program(optimizer)
        declared = {t.name for t in program.declared}
        lr = float(evaluate(program, {n: v for n, v in rate.items() if n in declared})["lr_t"])
        return {**{n: float(v) for n, v in optimizer.settings.items()}, "lr": lr, "t": 1.0}

    @cached_property
    def first_update(self) -> dict[str, float]:
        """The update of the first entry of the first parameter: everything that its rule reads and computes."""
        d = self.derivation
        p = d.map.parameters[0].tensor.name
        its = {"theta": float(self.values[p].flat[0]), "g": float(self.values[d.backward.adjoint[p]].flat[0])}
        states = {t.name: 0.0 for t in d.updates.declared if t.role == "state"}
        found = evaluate(d.updates, {**self.settings, **states, **its})
        return {n: float(v) for n, v in found.items()}

    @cached_property
    def loss_after(self) -> float:
        """The loss of the same example after the update."""
        found = _evaluated(self.derivation.forward, {**self.given.arrays, **self.updated}, self.derivation, FLOAT)
        return float(found[self.derivation.backward.loss])

    @cached_property
    def examples(self) -> tuple[Mapping[str, Array], ...]:
        """The forward pass of every example that was given, where there are several."""
        d = self.derivation
        return tuple(
            _evaluated(d.forward, {**self.given.arrays, "x": x, "y": y}, d, FLOAT) for x, y in self.given.examples
        )

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Derivatives with respect to entries of the parameters beside central differences; of all where that is cheap."""
        d = self.derivation
        cost = sum(statement_operations(s, d.map.sizes) for s in d.forward)
        cheap = cost <= _MUCH
        numbers, h = (HIGH, _FINE) if cheap else (FLOAT, _COARSE)
        names = [p.tensor.name for p in d.map.parameters]
        places = [(n, at) for n in names for at in np.ndindex(self.values[n].shape)]
        count = MOST_CHECKED if cheap else _FEW
        found = []
        for name, at in places if len(places) <= count else _spread(places, count):
            quotient = self._quotient(name, at, numbers, h)
            found.append(Difference(name, at, float(self.values[d.backward.adjoint[name]][at]), quotient))
        return tuple(found)

    @property
    def weights(self) -> int:
        """How many numbers the parameters are."""
        return sum(self.values[p.tensor.name].size for p in self.derivation.map.parameters)

    def _quotient(self, name: str, at: tuple[int, ...], numbers: Numbers, h: Fraction) -> float:
        """``(J(w + h) - J(w - h))/(2h)`` for one entry w."""
        d, sides = self.derivation, []
        for step in (h, -h):
            moved = self.given.arrays[name].astype(object)
            moved[at] = numbers.add(numbers.number(float(moved[at])), numbers.number(step))
            found = _evaluated(d.forward, {**self.given.arrays, name: moved}, d, numbers)
            sides.append(found[d.backward.loss][()])
        difference = numbers.add(sides[0], numbers.mul(numbers.number(-1), sides[1]))
        return float(numbers.div(difference, numbers.number(2 * h)))


def _evaluated(program: Program, values: Mapping[str, Any], derivation: Derivation, numbers: Numbers) -> dict[str, Any]:
    try:
        if numbers != FLOAT:
            return evaluate(program, values, derivation.map.sizes, numbers)
        with np.errstate(all="ignore"):  # what overflows is not finite, which is said
            found = evaluate_vectorized(program, values, derivation.map.sizes)
        return {n: np.asarray(a, dtype=np.float64) for n, a in found.items()}
    except (ValueError, ArithmeticError) as e:
        raise InputError(f"at these numbers {e}", allowed="numbers at which every value is finite") from None


def _spread(places: list[tuple[str, tuple[int, ...]]], count: int) -> list[tuple[str, tuple[int, ...]]]:
    """Some of the places: of each tensor as many, as far as they go, in the order of the page."""
    groups = [[*its] for _, its in itertools.groupby(places, lambda p: p[0])]
    chosen = [p for row in itertools.zip_longest(*groups) for p in row if p is not None][:count]
    return [p for p in places if p in chosen]


def _entrywise(program: Program) -> Program:
    """An update rule for all entries of a parameter at once: what belongs to an entry has an axis."""
    entry = Index("p", _ENTRY)
    own = {t.name for t in program.declared if t.role == "state"} | {"theta", "g"}
    own |= {s.target.name for s in program}

    def over(t: Tensor) -> Tensor:
        return Tensor(t.name, (_ENTRY,), t.role) if t.name in own else t

    def statement(s: Statement) -> Statement:
        symbols = {x: Tensor(name_of(x), (_ENTRY,))[(entry,)] for x in s.body.atoms(Symbol) if name_of(x) in own}
        return Statement(over(s.target), (entry,), s.body.xreplace(symbols), s.label)

    return Program(tuple(map(over, program.declared)), tuple(map(statement, program)), program.functions)
