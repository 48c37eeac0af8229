"""Random programs that read at steps before: the sweep against dual numbers, compaction, both evaluators, and no order refused."""

from __future__ import annotations

import random

import numpy as np
import pytest
from calculus_oracles import elements, generic, inner, slope

from symbp.calculus.eliminate_intermediates import eliminate_intermediates
from symbp.calculus.indices import Axis
from symbp.calculus.language import Scope, read_statement, read_statements
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.field import Field
from symbp.calculus.numeric.numbers import HIGH, NotDecided
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.passes import run
from symbp.calculus.program import Program, Tensor, check
from symbp.calculus.recurrences import recurrences
from symbp.calculus.sweep import Backward, reverse
from symbp.errors import InputError

LENGTHS = {"t": 4, "j": 2, "k": 3}
AXES = {c: Axis(c) for c in LENGTHS} | {"l": Axis("j")}
GIVEN = {"x": "t k", "W": "j k", "U": "j l", "V": "j l", "a": "j", "h0": "j"}
SHAPES = {n: tuple(LENGTHS[AXES[c].name] for c in its.split()) for n, its in GIVEN.items()}


class Writer:
    """Writes lines that define up to four states with letters t and j, each of which may read any of them a step before."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names = [f"s{k}" for k in range(self.random.choice([1, 2, 2, 3, 4]))]
        self.sign = self.random.choice("--+")
        self.done: list[str] = []

    def state(self, letter: str) -> str:
        """A state at a step before, or at this one where it is known already."""
        if self.done and self.random.random() < 0.4:
            return f"{self.random.choice(self.done)}[t,{letter}]"
        name, by = self.random.choice(self.names), self.random.choice([1, 1, 1, 2])
        read = f"{name}[t{self.sign}{by},{letter}]"
        if self.sign == "-" and by == 1 and self.random.random() < 0.2:
            return f"({read} + (t == 0)*h0[{letter}])"
        return read

    def term(self, depth: int = 0) -> str:
        """A part of a line."""
        ways = [
            "state",
            "state",
            "input",
            "weighted",
            "weighted",
            "product",
            "sum",
            "tanh",
            "quotient",
            "square",
            "gate",
        ]
        match self.random.choice(ways) if depth < 3 else "state":
            case "input":
                return "sum(W[j,k]*x[t,k], k)"
            case "weighted":
                return f"sum({self.random.choice('UV')}[j,l]*{self.state('l')}, l)"
            case "product":
                return f"{self.term(depth + 1)}*{self.term(depth + 1)}"
            case "sum":
                return f"({self.term(depth + 1)} + a[j]*{self.term(depth + 1)})"
            case "tanh":
                return f"tanh({self.term(depth + 1)})"
            case "quotient":
                return f"1/(2 + {self.state('j')}**2)"
            case "square":
                return f"({self.term(depth + 1)})**2"
            case "gate":
                return f"sigmoid({self.state('j')})*{self.state('j')}"
        return self.state("j")

    def program(self) -> Program:
        """A program whose lines are in order."""
        while True:
            try:
                return self.written()
            except InputError as e:
                assert "defined behind" in str(e)

    def written(self) -> Program:
        """The lines, with the sum of some states behind them."""
        lines = []
        self.done.clear()
        for name in self.names:
            lines.append(f"{name}[t,j] = {self.term()}/2 + {self.term()}*a[j]/2 + sum(W[j,k]*x[t,k], k)/3")
            self.done.append(name)
        declared = tuple(Tensor(n, tuple(AXES[c] for c in its.split()), "input") for n, its in GIVEN.items())
        made = Program(declared, read_statements(lines, Scope({t.name: t for t in declared}, axes=AXES)))
        last = " + ".join(f"{n}[t,j]*{n}[t,j]*a[j]" for n in self.random.sample(self.names, min(2, len(self.names))))
        if self.random.random() < 0.3:
            last = f"{self.names[-1]}[3,j]"
        return made.extended(read_statement(f"J = sum(x[t,1]*a[j]*({last}), t, j)", Scope(made.tensors, axes=AXES)))


@pytest.mark.thinned(16)
@pytest.mark.parametrize("seed", range(200))
def test_gradients_of_a_random_recurrence(seed: int) -> None:
    program = Writer(seed).program()
    first = reverse(program)
    backward = run(first)
    inner_ones = [s.target.name for s in program.statements[:-1]]
    compact = eliminate_intermediates(backward, random.Random(seed).sample(inner_ones, len(inner_ones) // 2 + 1))
    for one in (first, backward, compact):
        check(one.program)
    values = generic(SHAPES, seed=seed)
    one, other = (f(backward.program, values, LENGTHS) for f in (evaluate, evaluate_vectorized))
    for n in backward.program.tensors:
        assert np.allclose(np.asarray(other[n], float), np.asarray(one[n], float), rtol=1e-9, atol=1e-12), n
    for made in (first, backward, compact):
        agrees(program, made)


def agrees(program: Program, backward: Backward) -> None:
    """The gradients along a direction, against dual numbers: exactly, or in 50 digits where that is not decided."""
    try:
        field = Field(1)
        values, along = elements(field, SHAPES), elements(field, SHAPES, "direction")
        if inner(backward, values, along, field) == slope(program, values, along, field):
            return
    except NotDecided:
        pass
    values, along = generic(SHAPES, seed=5), generic(SHAPES, seed=6)
    expected = slope(program, values, along, HIGH)
    assert abs(inner(backward, values, along, HIGH) - expected) < 1e-35 * (1 + abs(expected))


def test_programs_are_recurrent() -> None:
    found = [len(recurrences(Writer(seed).program().statements)) for seed in range(40)]
    assert sum(n > 0 for n in found) > 30 and max(found) > 1
