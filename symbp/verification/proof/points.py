"""Random points at which a claim and the derivation are evaluated: in a finite field, and in floats of many digits."""

from __future__ import annotations

import math
import random
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import numpy as np
from sympy import Expr, Integer

from symbp.calculus.indices import Axis
from symbp.calculus.lengths import Lengths
from symbp.calculus.numeric.field import Field
from symbp.calculus.numeric.numbers import BY_SIGN, NotDecided, Numbers, Real
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.program import Program, ScalarFunction, Statement, Tensor, elements, name_of
from symbp.calculus.sign_conditions import CHOOSING
from symbp.verification.budget import Budget, Evaluation
from symbp.verification.meaning.needs import Condition, Need, needs_of
from symbp.verification.meaning.partials import behind, in_order
from symbp.verification.meaning.setting import Setting
from symbp.verification.proof.choices import coupling
from symbp.verification.proof.draws import (
    FIRST_POSITIVE,
    drawn,
    filled,
    lengths_of,
    pick_one_hot,
    pointing,
    respect,
    signs_of,
)
from symbp.verification.proof.forms import canonical, forms
from symbp.verification.proof.ranges import Ranges

_LARGEST_ARGUMENT = 10**5
_CHEAP = frozenset((*BY_SIGN, "log", "sqrt", "floor_of", "xlogy"))
_DIGITS = 50
LEFT, RIGHT = "left_", "right_"
"""The names of a claim's two sides; no tensor's name ends like that."""


@dataclass(frozen=True)
class Bounded(Real):
    """Floats of many digits, refusing arguments so large that a function of them would take forever."""

    def call(self, name: str, *args: Any) -> Any:
        """The function, or NotDecided."""
        if name not in _CHEAP and any(abs(a) > _LARGEST_ARGUMENT for a in args):
            raise NotDecided(f"{name} of a number beyond {_LARGEST_ARGUMENT}")
        return super().call(name, *args)

    def apply(self, name: str, order: int, a: Any) -> Any:
        """An uninterpreted function, likewise."""
        if abs(a) > _LARGEST_ARGUMENT:
            raise NotDecided(f"{name} of a number beyond {_LARGEST_ARGUMENT}")
        return super().apply(name, order, a)


@dataclass(frozen=True)
class Point:
    """One random point: the values of what is declared, and of whatever else was asked for, true derivatives included.

    A derivation is evaluated as far as a claim needs it and no further: most claims about a deep network name three layers.
    """

    program: Program
    numbers: Numbers
    sizes: Mapping[Axis, int]
    arrays: dict[str, Any]
    kept: dict[str, Any] = field(default_factory=dict, compare=False)
    lacking: set[str] = field(default_factory=set, compare=False)
    budget: Budget = field(default_factory=Budget, compare=False)

    def need(self, names: Iterable[str]) -> None:
        """Evaluate the tensors called `names` and what they depend on; ValueError or NotDecided where one has no value."""
        waiting = {n: s for n, s in self.program.definitions.items() if n not in self.arrays}
        statements = in_order(names, waiting)
        missing = {s.target.name for s in statements}
        if not missing:
            return
        if missing & self.lacking:
            raise ValueError("the derivation has no value at this point")
        tensors = self.program.tensors
        read = sorted({n for s in statements for n in s.reads} - missing)
        part = Program(
            tuple(tensors[n] for n in read), statements, self.program.functions, constants=self.program.constants
        )
        values = {n: self.arrays[n] for n in read if n in self.arrays}
        try:
            work = Evaluation(self.budget, self.numbers, math.inf)
            self.arrays.update(evaluate_vectorized(part, values, self.sizes, self.numbers, work))
        except (ArithmeticError, ValueError):
            self.lacking.update(missing)
            raise

    def evaluate(
        self, setting: Setting, statements: tuple[Statement, ...], functions: tuple[ScalarFunction, ...]
    ) -> Any:
        """The arrays of some further statements; all but the two sides are kept, for formulas that share them."""
        new = tuple(s for s in statements if s.target.name not in self.kept)
        own = {s.target.name for s in new}
        tensors = {**setting.program.tensors, **{s.target.name: s.target for s in statements}}
        declared = tuple(tensors[name] for name in sorted({name for s in new for name in s.reads} - own))
        self.need(t.name for t in declared if t.name not in self.kept)
        values = {t.name: self.kept[t.name] if t.name in self.kept else self.arrays[t.name] for t in declared}
        program = Program(declared, new, functions)
        work = Evaluation(self.budget, self.numbers)
        found = evaluate_vectorized(program, values, self.sizes, self.numbers, work)
        self.kept.update({name: found[name] for name in own - {LEFT, RIGHT}})
        return {**self.kept, **found}


@dataclass(frozen=True)
class Comparison:
    """Two tensors, `left` and `right`, over the same axes, with the statements that define them, and what must hold for the claim
    to have a value."""

    left: Tensor
    right: Tensor
    statements: tuple[Statement, ...]
    functions: tuple[ScalarFunction, ...]
    order: tuple[int | None, ...]
    """For each place of the displayed left side, the axis of `left` there; None where the length is 1."""
    conditions: tuple[Condition, ...] = ()
    lengths: tuple[Axis, ...] = ()
    """Axes that must have an element for what the claim reads to be there."""

    def suits(self, sizes: Mapping[Axis, int]) -> bool:
        """Whether all that the claim reads is there where axes have these lengths."""
        found = Lengths({a.name: n for a, n in sizes.items()})
        return all(found[a.name] > 0 for a in self.lengths if a.name in found)


@dataclass
class Points:
    """The random points of a setting, kept, because a derivation is evaluated at each of them; `sizes` overrides lengths, and
    `budget` counts what claims take."""

    setting: Setting
    sizes: Mapping[Axis, int] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    kept: dict[tuple[int, int, int], Point | None] = field(default_factory=dict)

    def forget(self) -> None:
        """Let go of what was evaluated for a claim; the derivation's own values stay."""
        for point in self.kept.values():
            if point is not None:
                point.kept.clear()

    def field(self, seed: int) -> Point | None:
        """A point in a finite field, None where the derivation has no value."""
        return self._get((seed, 0, 0))

    def floats(self, seed: int, digits: int = _DIGITS, decimals: int = 6) -> Point | None:
        """A point in floats, None where the derivation has no value."""
        return self._get((seed, digits, decimals))

    def _get(self, key: tuple[int, int, int]) -> Point | None:
        if key not in self.kept:
            seed, digits, decimals = key
            with self.budget.start_up():
                try:
                    self.kept[key] = self.new_floats(seed, digits, decimals) if digits else self.new_field(seed)
                except (ArithmeticError, ValueError):
                    self.kept[key] = None
        return self.kept[key]

    def lengths(self, seed: int) -> dict[Axis, int]:
        """Lengths of the axes for a seed, pairwise distinct where nothing overrides them."""
        return {**lengths_of(self.setting, seed), **self.sizes}

    def new_field(self, seed: int, sizes: Mapping[Axis, int] | None = None) -> Point:
        """A point in the field of the seed."""
        setting, numbers, lengths = self.setting, Field(seed), sizes or self.lengths(seed)
        values = {}
        for t in setting.program.declared:
            if not t.integer and (t.role != "constant" or t.name not in setting.program.constants):
                values[t.name] = filled(t, lengths, partial(numbers.random, t.name))
        chance = random.Random(seed)
        whole = {
            t.name: pointing(t, lengths, setting.whole[t.name], chance) for t in setting.program.declared if t.integer
        }
        if seed >= FIRST_POSITIVE and len(signs_of(seed)) == 1:
            values = {name: _signed(numbers, array, signs_of(seed)[0]) for name, array in values.items()}
        values |= whole
        pick_one_hot(setting.given, values, numbers, chance)
        respect(setting, values, numbers)
        return self._point(numbers, lengths, values)

    def new_floats(self, seed: int, digits: int, decimals: int = 6, sizes: Mapping[Axis, int] | None = None) -> Point:
        """A point in floats; the values have few decimals, so that they can be written down."""
        lengths = sizes or self.lengths(seed)
        return self.placed(drawn(self.setting, seed, lengths, decimals), Bounded(digits, seed), lengths)

    def placed(self, values: Mapping[str, Any], numbers: Numbers, sizes: Mapping[Axis, int]) -> Point:
        """The point at which the declared tensors have these values, as far as the program's facts allow."""
        return self._point(numbers, sizes, self.respected(values))

    def respected(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The same values with the program's facts made true of them."""
        held = {name: array.copy() for name, array in values.items()}
        respect(self.setting, held, None)
        return held

    def _point(self, numbers: Numbers, sizes: Mapping[Axis, int], values: Mapping[str, Any]) -> Point:
        program = self.setting.program
        given = Program(program.declared, (), constants=program.constants)
        return Point(program, numbers, sizes, evaluate_vectorized(given, values, sizes, numbers), budget=self.budget)

    @cached_property
    def choosing(self) -> bool:
        """Whether the derivation chooses by signs anywhere, or the values by lot."""
        if self.setting.given.one_hot or self.setting.given.signs:
            return True
        bodies = [s.body for s in self.setting.program.statements]
        bodies += [f.definition for f in self.setting.program.functions if f.definition is not None]
        return any(b.has(*CHOOSING) for b in bodies)

    @cached_property
    def needs(self) -> tuple[tuple[Need, Expr], ...]:
        """What the forward map itself asks for, so that there is a loss."""
        loss = self.setting.known.get(self.setting.loss)
        return self._needs(
            behind([loss.tensor.name] if loss is not None else [], self.setting.program.definitions).values()
        )

    def _needs(self, statements: Iterable[Statement]) -> tuple[tuple[Need, Expr], ...]:
        functions = self.setting.program.function
        return tuple(dict.fromkeys(n for s in statements for n in needs_of(s.body, functions)))

    @cached_property
    def not_negative(self) -> frozenset[Expr]:
        """What the forward map takes roots or logarithms of, in all its forms."""
        return self._forms(self.needs, "not negative", "positive")

    @cached_property
    def not_negative_there(self) -> frozenset[Expr]:
        """The same of the derived equations: where it is negative, there is no derivative."""
        return self._forms(self._needs(self.setting.program.statements), "not negative", "positive")

    @cached_property
    def not_zero(self) -> frozenset[Expr]:
        """What the forward map divides by, or takes logarithms of, in all its forms."""
        return self._forms(self.needs, "not zero", "positive")

    def _forms(self, found: Iterable[tuple[Need, Expr]], *needs: Need) -> frozenset[Expr]:
        definitions = self.setting.program.definitions
        return frozenset(form for need, body in found if need in needs for form in forms(body, definitions))

    def ranges(self, statements: Mapping[str, Statement], functions: Mapping[str, ScalarFunction]) -> Ranges:
        """Bounds of expressions over what the statements define, as the inputs and the forward map allow."""
        given, declared = self.setting.given, self.setting.program.declared
        positive = self.setting.positive_targets | given.positive | frozenset(given.one_hot)
        facts = [f for f in self.setting.program.facts if f.right.is_Rational]
        fixed = {canonical(f.left): Fraction(int(f.right.p), int(f.right.q)) for f in facts}
        bounds = {**given.bounds, **dict.fromkeys((*given.signs, *given.units), (Fraction(-1), Fraction(1)))}
        within = {name: (-math.inf if low is None else low, math.inf if high is None else high)
                  for name, (low, high) in bounds.items()}  # fmt: skip
        return Ranges(statements, {t.name: t for t in declared}, functions, positive, self.not_negative, fixed, within)

    def movable(self, names: Iterable[str]) -> list[Tensor]:
        """Those of the declared tensors with these names whose values may be anything near what they are."""
        setting = self.setting
        fixed = {
            *setting.given.one_hot,
            *setting.given.signs,
            *setting.given.units,
            *setting.program.constants,
            *setting.whole,
        }
        return [t for t in setting.program.declared if t.name in names and t.name not in fixed]

    @cached_property
    def coupling(self) -> int:
        """On how many signs at once the derivation hangs."""
        return coupling(self.setting.program.statements, self.setting.program.function)

    @cached_property
    def _zeros(self) -> frozenset[str]:
        """The tensors of the derivation that are zero whatever the values."""
        found: set[str] = set()
        for s in self.setting.program.statements:
            if _vanishes(s.body, found):
                found.add(s.target.name)
        return frozenset(found)

    def vanishes(self, body: Expr) -> bool:
        """Whether an expression is zero whatever the values, as far as the derivation's tensors that are zero make it so."""
        return _vanishes(body, self._zeros)


def _vanishes(body: Expr, zeros: Container[str]) -> bool:
    nothing = {e: Integer(0) for e in elements(body) if name_of(e) in zeros}
    return bool((body.xreplace(nothing) if nothing else body) == 0)


def _signed(numbers: Field, array: Any, sign: int) -> Any:
    """Values of one sign in a finite field: squares, or their negatives."""
    made = np.empty(array.shape, dtype=object)
    for at in np.ndindex(array.shape):
        made[at] = numbers.mul(numbers.number(sign), numbers.mul(array[at], array[at]))
    return made
