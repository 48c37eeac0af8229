"""Random programs that read at places: the sweep against differences of the forward map, compaction, both evaluators, and code."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from place_cases import agree
from run_block import run_block

from symbp.calculus.eliminate_intermediates import eliminate_intermediates
from symbp.calculus.indices import Axis
from symbp.calculus.language import Scope, read_statement
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.vectorized import evaluate_vectorized
from symbp.calculus.passes import run
from symbp.calculus.program import Program, Tensor, check
from symbp.calculus.sweep import reverse
from symbp.codegen.lower import lower
from symbp.errors import InputError

LENGTHS = {"n": 2, "t": 5, "s": 4, "d": 3, "v": 6, "u": 2}
AXES = {c: Axis(c) for c in LENGTHS}
SIZES = {Axis(c): length for c, length in LENGTHS.items() if c != "n"}


class Writer:
    """Writes random formulas over the tensors that there are."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.tensors = [("x", 1), ("E", 2)]

    def place(self, letters: list[str]) -> str:
        one, other = self.random.choice(letters), self.random.choice(letters)
        shift = self.random.choice(["+1", "-1", "+2", "-2"])
        ways = [
            one,
            one,
            one + shift,
            one + shift,
            f"{self.random.choice([1, 2, 3])}*{one}+{other}-1",
            f"3-{one}",
            "k[n,t]",
        ]
        return self.random.choice(ways)

    def element(self, letters: list[str]) -> str:
        name, rank = self.random.choice(self.tensors)
        return f"{name}[{','.join(['n', *(self.place(letters) for _ in range(rank))])}]"

    def formula(self, letters: list[str], depth: int = 0) -> str:
        one = self.element(letters)
        if depth > 2:
            return one
        free = [c for c in "usdv" if c not in letters]
        kind = self.random.choice(
            ["plain", "plain", "product", "product", "sum", "plus", "exp", "tanh", "quotient", "over"]
        )
        match kind:
            case "product":
                return f"{self.formula(letters, depth + 1)}*{self.formula(letters, depth + 1)}"
            case "sum":
                return f"({self.formula(letters, depth + 1)} + 2*{self.formula(letters, depth + 1)})"
            case "plus":
                return f"({self.formula(letters, depth + 1)} + 1)"
            case "exp" | "tanh":
                return f"{kind}({one}/3)"
            case "quotient":
                return f"1/(2 + {one}**2)"
            case "over" if free:
                letter = self.random.choice(free)
                over = self.random.choice(["sum", "sum", "logsumexp", "max"])
                condition = self.random.choice(
                    ["", "", f" if {letter} <= {letters[-1]}" if over == "sum" else f" if {letter} >= 0"]
                )
                return f"{over}({self.formula([*letters, letter], depth + 1)}, {letter}{condition})"
        return one

    def program(self) -> Program:
        """Up to three lines, and the sum of the last times its upstream."""
        declared = [Tensor("x", (AXES["n"], AXES["t"]), "input"), Tensor("E", (AXES["n"], AXES["v"], AXES["d"]), "input"),
                    Tensor("k", (AXES["n"], AXES["t"]), "input", integer=True)]  # fmt: skip
        made = Program(tuple(declared))
        for number in range(self.random.choice([1, 2, 3])):
            letters = self.random.choice([["t"], ["t"], ["t", "s"], ["t", "d"]])
            line = f"y{number}[{','.join(['n', *letters])}] = {self.formula(letters)}"
            made = made.extended(read_statement(line, Scope(made.tensors, axes=AXES)))
            self.tensors.append((f"y{number}", len(letters)))
        last = made.statements[-1]
        at = ",".join(i.name for i in last.indices)
        made = Program((*declared, Tensor("G", last.target.axes, "constant")), made.statements)
        return made.extended(
            read_statement(f"J = sum(G[{at}]*{last.target.name}[{at}], {at})", Scope(made.tensors, axes=AXES))
        )


@pytest.mark.thinned(30)
@pytest.mark.parametrize("seed", range(300))
def test_gradients_of_a_random_program(seed: int) -> None:
    try:
        program = Writer(seed).program()
    except InputError as e:  # a letter twice
        pytest.skip(str(e))
    rng = np.random.default_rng(seed)
    values: dict[str, Any] = {}
    for t in program.declared:
        shape = [LENGTHS[a.name] for a in t.axes]
        values[t.name] = rng.integers(0, 3, shape) if t.integer else rng.normal(size=shape)
    try:
        evaluate(program, values, LENGTHS)
    except ValueError as e:  # a maximum of what lies outside alone
        assert "of no terms" in str(e)
        pytest.skip(str(e))
    backward = run(reverse(program))
    check(backward.program)
    compact = eliminate_intermediates(backward, [s.target.name for s in program.statements[:-1]])
    found = evaluate(backward.program, values, LENGTHS)
    again, other = evaluate_vectorized(backward.program, values, LENGTHS), evaluate(compact.program, values, LENGTHS)
    block = lower(compact.program, [compact.adjoint["x"], compact.adjoint["E"]], sizes=SIZES)
    coded = run_block(block, values)
    for n in ("x", "E"):
        gradient = np.asarray(found[backward.adjoint[n]], float)
        for same in (again[backward.adjoint[n]], other[compact.adjoint[n]], coded[compact.adjoint[n]]):
            assert agree(same, gradient, 1e-9), n
        along = rng.normal(size=gradient.shape)

        def moved(h: float, n: str = n, along: Any = along) -> float:
            return float(evaluate_vectorized(program, {**values, n: values[n] + h * along}, LENGTHS)["J"])

        slope = (8 * (moved(1e-4) - moved(-1e-4)) - (moved(2e-4) - moved(-2e-4))) / 12e-4
        assert float((gradient * along).sum()) == pytest.approx(slope, rel=1e-6, abs=1e-6), n
