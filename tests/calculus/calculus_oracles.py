"""Four ways to the same gradient, none of which knows the reverse sweep: JAX, dual numbers, differences, and a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import jax
import mpmath
import numpy as np
from calculus_cases import Case
from dual import Dual

from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.field import Field
from symbp.calculus.numeric.numbers import HIGH, NotDecided
from symbp.calculus.program import Program
from symbp.calculus.sweep import Backward

Arrays = Mapping[str, Any]


def generic(shapes: Mapping[str, tuple[int, ...]], positive: tuple[str, ...] = (), seed: int = 7) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    values = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    return {name: np.abs(v) + 0.1 if name in positive else v for name, v in values.items()}


def agrees(got: Any, expected: Any, tolerance: float = 1e-9) -> bool:
    """Whether two gradients are the same, relative to the largest entry; a wrong shape is no agreement."""
    got, expected = np.asarray(got, float), np.asarray(expected, float)
    if got.shape != expected.shape or not np.isfinite(got).all():
        return False
    return bool(np.abs(got - expected).max() <= tolerance * np.abs(expected).max())


def jax_gradients(case: Case, values: Arrays) -> dict[str, Any]:
    names = list(case.axes)
    found = jax.jit(jax.grad(lambda given: case.forward(**given)))({n: jax.numpy.asarray(values[n]) for n in names})
    return {n: np.asarray(found[n]) for n in names}


def fractions(values: Arrays, seed: int = 3) -> dict[str, Any]:
    """Generic fractions with small, distinct numerators and denominators."""
    rng = np.random.default_rng(seed)

    def one(_: float) -> Fraction:
        return Fraction(int(rng.integers(1, 90)) * (-1) ** int(rng.integers(2)), int(rng.integers(2, 40)))

    return {name: np.vectorize(one, otypes=[object])(v) for name, v in values.items()}


def elements(field: Field, shapes: Mapping[str, tuple[int, ...]], what: str = "x") -> dict[str, Any]:
    arrays = {}
    for name, shape in shapes.items():
        arrays[name] = np.empty(shape, dtype=object)
        for position in np.ndindex(shape):
            arrays[name][position] = field.random(what, name, position)
    return arrays


def slope(program: Program, values: Arrays, along: Arrays, numbers: Any) -> Any:
    """The derivative of J along a direction, by dual numbers."""
    dual = Dual(numbers)
    moving = {}
    for name, v in values.items():
        moving[name] = np.empty(np.shape(v), dtype=object)
        for position in np.ndindex(np.shape(v)):
            moving[name][position] = dual.variable(np.asarray(v)[position], np.asarray(along[name])[position])
    return evaluate(program, moving, numbers=dual)["J"][()].slope


def inner(backward: Backward, values: Arrays, along: Arrays, numbers: Any) -> Any:
    """The same derivative by the derived gradients: the sum over all entries of gradient times direction."""
    found = evaluate(backward.program, values, numbers=numbers)
    total = numbers.number(0)
    for name, direction in along.items():
        for position in np.ndindex(np.shape(direction)):
            v = numbers.number(np.asarray(direction)[position])
            total = numbers.add(total, numbers.mul(found[backward.adjoint[name]][position], v))
    return total


def proved(backward: Backward, shapes: Mapping[str, tuple[int, ...]], rounds: int, draws: int = 200) -> bool:
    """Whether all gradients at once agree with dual numbers in `rounds` random fields, along random directions."""
    done = 0
    for seed in range(draws):
        field = Field(seed)
        values, along = elements(field, shapes), elements(field, shapes, "direction")
        try:
            if inner(backward, values, along, field) != slope(backward.forward, values, along, field):
                return False
        except NotDecided:
            continue
        done += 1
        if done == rounds:
            return True
    raise AssertionError(f"decided in {done} of {draws} fields")


def difference(program: Program, values: Arrays, along: Arrays, h: str = "1e-12") -> Any:
    """The central difference of J along a direction, in 50 digits: its own error is about h**2."""
    step = HIGH.number(mpmath.mpf(h))

    def at(sign: int) -> Any:
        moved = {}
        for name, v in values.items():
            moved[name] = np.vectorize(lambda x, d: HIGH.number(x) + sign * step * HIGH.number(d), otypes=[object])(
                v, along.get(name, np.zeros_like(v))
            )
        return evaluate(program, moved, numbers=HIGH)["J"][()]

    return (at(1) - at(-1)) / (2 * step)
