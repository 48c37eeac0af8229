"""Code for recurrences: a loop over the steps, against JAX; its order, what stands in front of it, and what it keeps."""

from __future__ import annotations

import re
from typing import Any

import jax
import numpy as np
import pytest
from generated_module import from_source
from place_cases import agree
from recurrence_cases import CASES, Recurrent, rnn
from run_block import run_block

import symbp as sb
from symbp.calculus.indices import Axis
from symbp.calculus.language import Scope, read_statements
from symbp.calculus.program import Program, Tensor
from symbp.calculus.sweep import Backward, reverse
from symbp.codegen.block import Block
from symbp.codegen.lower import lower
from symbp.errors import InputError

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_most_optimizations", True)  # it compiles in half the time
KNOWN = [(n, steps, known) for n in CASES for steps in (1, 3) for known in (True, False)
         if steps == 3 or n != "the last state alone"]  # fmt: skip


def code(case: Recurrent, known: bool = True) -> tuple[Backward, Block]:
    """The loss and all gradients; with lengths that are known, but for that of the examples, or that arrays show."""
    backward = reverse(case.program)
    sizes = {Axis(c): n for c, n in case.lengths.items() if known and c != "n"}
    return backward, lower(backward.program, ["J", *(backward.adjoint[n] for n in case.tensors)], sizes=sizes)


@pytest.mark.thinned(9)
@pytest.mark.parametrize(("name", "steps", "known"), KNOWN)
def test_gradients_are_those_of_jax(name: str, steps: int, known: bool) -> None:
    case = CASES[name].with_steps(steps)
    values = case.values()
    loss, gradients = case.wanted(values)
    backward, block = code(case, known)
    found = run_block(block, values)
    assert agree(found["J"], loss)
    for n, gradient in gradients.items():
        got, wanted = found[backward.adjoint[n]], np.asarray(gradient)
        assert agree(got, wanted, 1e-12), n
        if np.abs(wanted).max() > 1e-3:
            assert not agree(-17 * got, wanted, 1e-9) and not agree(0 * got, wanted, 1e-9), n
            assert wanted.ndim < 2 or not agree(np.swapaxes(got, 0, 1), wanted, 1e-9), n


@pytest.mark.thinned(9)
@pytest.mark.parametrize("name", CASES)
def test_float32_stays_float32(name: str) -> None:
    case = CASES[name]
    values = {n: v.astype(np.float32) for n, v in case.values().items()}
    _, gradients = case.wanted(values)
    backward, block = code(case)
    found = run_block(block, values)
    for n, gradient in gradients.items():
        got = found[backward.adjoint[n]]
        assert got.dtype == np.float32, n
        assert agree(got, gradient, 3e-5), n


def loops(block: Block) -> list[str]:
    """The lines of each loop."""
    text = "\n".join(block.lines)
    return re.findall(r"^for .*\n(?:    .*\n?)+", text, re.M)


def test_a_loop_multiplies_once_in_each_step_and_weights_get_their_gradients_behind_it() -> None:
    _, block = code(CASES["lstm"])
    forward, back = loops(block)
    assert forward.count(" @ ") == back.count(" @ ") == 1
    assert "windows" not in forward + back and "W" not in forward + back
    assert "reversed" in back and "reversed" not in forward
    front = "\n".join(block.lines).split("for ")[0]
    assert "x @ W.T" in front
    behind = "\n".join(block.lines).split(back)[1]
    assert all(f"{n} = " in behind for n in ("dW", "dU", "db", "dx"))


def test_a_loop_keeps_what_is_read_behind_it_alone() -> None:
    _, block = code(CASES["rnn"])
    assert [n for n in ("z", "h", "dz", "dh") if re.search(rf"^{n} = np.empty", "\n".join(block.lines), re.M)] == [
        "h",
        "dz",
    ]
    case = CASES["rnn"]
    alone = lower(case.program, ["h"])
    assert [n for n in alone.names if n in ("z", "h")] == ["h", "h"]


def test_a_start_stands_in_front_of_the_loop() -> None:
    _, block = code(CASES["lstm, own start"])
    assert "h_before = h0" in block.lines and "c_before = c0" in block.lines
    assert "==" not in loops(block)[0]


def test_a_start_behind_the_last_step() -> None:
    axes = {c: Axis(c) for c in "ntj"}
    declared = [Tensor("x", (axes["n"], axes["t"], axes["j"])), Tensor("h0", (axes["n"], axes["j"]))]
    line = "h[n,t,j] = x[n,t,j] - (h[n,t+1,j] + (t >= 4)*h0[n,j])**2/2"
    scope = Scope({t.name: t for t in declared}, spare=axes)
    block = lower(Program(tuple(declared), read_statements((line,), scope)), ["h"], sizes={axes["t"]: 5})
    rng = np.random.default_rng(2)
    x, h = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 3))
    found = run_block(block, {"x": x, "h0": h})["h"]
    for t in reversed(range(5)):
        h = x[:, t] - h**2 / 2
        assert agree(found[:, t], h)


def test_a_step_whose_number_is_in_an_index_of_the_recurrence_is_refused() -> None:
    axes = {c: Axis(c) for c in "tj"}
    declared = (Tensor("x", (axes["t"], axes["j"])),)
    scope = Scope({t.name: t for t in declared}, spare=axes)
    line = "h[t,j] = x[t,j] + max(h[t-1,k]*x[t,k], k if k <= t)"
    program = Program(declared, read_statements((line,), scope))
    with pytest.raises(InputError, match="h needs the number of a step"):
        lower(program, ["h"])


def test_a_slot_that_is_a_number_is_a_slice() -> None:
    _, block = code(CASES["the last state alone"])
    assert any("h[:, 2, :]" in line for line in block.lines)


def test_the_module_of_a_map_takes_any_number_of_steps() -> None:
    """A problem of one's own, with a start of its own."""
    line = "z[n,t,j] = sum(W[j,k]*x[n,t,k], k) + sum(U[j,l]*(h[n,t-1,l] + (t == 0)*h0[n,l]), l) + b[j]"
    tensors = {"x": "n t k", "W": "j k", "U": "j j", "b": "j", "h0": "n j"}
    problem = sb.Problem(tensors, [line, "h[n,t,j] = tanh(z[n,t,j])"], results=["h"])
    m = from_source(sb.generate(problem, dtype="float64"))
    assert max(m.check().values()) < 1e-6
    rng = np.random.default_rng(0)
    lengths = {"n": 2, "k": 4, "j": 5}
    for steps in (1, 3, 6):
        given = {n: rng.normal(size=[{**lengths, "t": steps}[c] for c in its.split()]) for n, its in tensors.items()}
        h, cache = m.forward(**given)
        upstream = rng.normal(size=h.shape)

        def value(given: dict[str, Any], upstream: Any = upstream) -> Any:
            return (rnn(*(given[n] for n in tensors)) * upstream).sum()

        assert agree(h, rnn(*(given[n] for n in tensors)), 1e-12)
        gradients = m.backward(cache, upstream)
        for n, exact in jax.grad(value)(given).items():
            assert agree(gradients[n], exact, 1e-9), (n, steps)
