"""The graph at a point: values forward, gradients backward, each path's contribution, and the check by a small step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.numeric.numbers import EXACT, FLOAT, HIGH, NotDecided
from symbp.calculus.program import Program, Statement, Tensor
from symbp.errors import InputError, nearest, shown
from symbp.graph.model import Edge, Graph
from symbp.graph.number import is_decimal, number_text, read_number

STEP = Fraction(1, 1000)
_MOST_BITS = 4000  # an exact number may not grow beyond this: repeated squaring doubles its length at every gate


@dataclass(frozen=True)
class SmallStep:
    """The output where one input is moved by :data:`STEP`; `moved` is None where there is no value there."""

    name: str
    at: Fraction
    moved: Any
    quotient: Any


@dataclass(frozen=True)
class Numbers:
    """The numbers of nodes and edges at a point: Fractions where all of them are exact, else mpmath's."""

    values: Mapping[str, Any]
    gradients: Mapping[str, Any]
    local: Mapping[Edge, Any]
    contribution: Mapping[Edge, Any]
    steps: tuple[SmallStep, ...]
    decimals: bool

    def text(self, number: Any) -> str:
        """A number as it is shown here."""
        return number_text(number, self.decimals)


def read_values(text: str, graph: Graph) -> dict[str, str]:
    """The value of every input, as written: ``w=5,x=3``.

    Raises
    ------
    InputError : for what is no ``name=number``, an unknown or repeated name, a value that is missing or no number
    """
    found: dict[str, str] = {}
    for part in text.replace(";", ",").split(","):
        if not part.strip():
            continue
        name, equals, value = (s.strip() for s in part.partition("="))
        if not equals:
            raise InputError(f"{shown(part.strip())} gives no value", allowed="name=number, separated by commas")
        if name in graph.gate:
            raise InputError(f"{name} is computed by the graph and takes no value", allowed=", ".join(graph.inputs))
        if name not in graph.inputs:
            close = nearest(name, graph.inputs)
            raise InputError(f"unknown input {shown(name)}", allowed=", ".join(graph.inputs), nearest=close)
        if name in found:
            raise InputError(f"{name} is given twice")
        read_number(value, name)
        found[name] = value
    missing = [name for name in graph.inputs if name not in found]
    if missing:
        every = ", ".join(f"{n}=..." for n in graph.inputs)
        raise InputError(f"no value for {', '.join(missing)}", allowed=f"one for each input: {every}")
    return found


def work_out(graph: Graph, given: Mapping[str, str]) -> Numbers:
    """Evaluate the graph and its gradients where the inputs have the values `given`, as written.

    Raises
    ------
    InputError : where a node or a gradient has no finite real value there
    """
    at = {name: read_number(given[name], name) for name in graph.inputs}
    edges = [e for e in graph.edges if e.target in graph.reach]
    gates = [Statement(Tensor(f"_{k}"), (), e.local) for k, e in enumerate(edges)]  # no name of a node starts so
    whole = graph.backward.program.extended(*gates)
    _run(whole, at, FLOAT)  # refuses what overflows, before anything grows in exact arithmetic
    exact = _bits(graph, at) <= _MOST_BITS
    results = _best(whole, at, exact)
    number = EXACT.number if all(isinstance(v, Fraction) for v in results.values()) else HIGH.number
    gradients = {name: results[graph.backward.adjoint[name]] for name in graph.nodes if name != graph.output}
    gradients[graph.output] = number(1)
    local = {e: results[f"_{k}"] for k, e in enumerate(edges)}
    contribution = {e: gradients[e.target] * local[e] for e in edges}
    steps = tuple(_small_step(graph, at, name, results[graph.output], exact) for name in graph.inputs)
    decimals = any(is_decimal(v) for v in given.values()) or any(
        is_decimal(o.text) for g in graph.gates for o in g.operands if not o.is_node
    )
    values = {name: results[name] for name in graph.nodes}
    return Numbers(values, gradients, local, contribution, steps, decimals)


def _small_step(graph: Graph, at: Mapping[str, Fraction], name: str, before: Any, exact: bool) -> SmallStep:
    there = {**at, name: at[name] + STEP}
    try:
        _run(graph.backward.forward, there, FLOAT)
        after = _best(graph.backward.forward, there, exact)[graph.output]
    except InputError:
        return SmallStep(name, there[name], None, None)
    mixed = not (isinstance(after, Fraction) and isinstance(before, Fraction))
    a, b, step = (HIGH.number(n) if mixed else n for n in (after, before, STEP))
    return SmallStep(name, there[name], after, (a - b) / step)


def _best(program: Program, at: Mapping[str, Fraction], exact: bool) -> dict[str, Any]:
    """The values in fractions where they are fractions, else with fifty digits."""
    if exact:
        try:
            return _run(program, at, EXACT)
        except NotDecided:
            pass
    return _run(program, at, HIGH)


def _run(program: Program, at: Mapping[str, Fraction], numbers: Any) -> dict[str, Any]:
    try:
        results = {name: array[()] for name, array in evaluate(program, at, {}, numbers).items()}
    except NotDecided:
        raise
    except (ValueError, ArithmeticError) as e:
        raise InputError(f"there is no value at this point: {_readable(str(e), program)}") from None
    for name, value in results.items():
        if numbers is FLOAT and not math.isfinite(value):
            raise InputError(f"{_readable(name, program)} is too large at this point")
    return results


def _readable(message: str, program: Program) -> str:
    """A message in which the tensor at its head is called by what it is to a reader."""
    name, _, rest = message.partition(" ")
    tensor = program.tensors.get(name)
    if name.startswith("_"):
        name = "a local gradient"
    elif tensor is not None and tensor.of:
        name = f"the gradient of {tensor.of}"
    if "out of range" in rest or "too large" in rest:
        rest = "is too large"
    return f"{name} {rest}".strip()


def _bits(graph: Graph, at: Mapping[str, Fraction]) -> float:
    """About how many bits the longest exact number has."""
    bits: dict[str, float] = {n: sum(part.bit_length() for part in v.as_integer_ratio()) for n, v in at.items()}
    for g in graph.gates:
        parts = [bits.get(o.text, 4.0 * len(o.text)) for o in g.operands]
        if g.op == "**" and not g.operands[1].is_node:
            body = graph.backward.forward.definitions[g.name].body
            exponent = abs(float(body.exp)) if body.is_Pow and body.exp.is_number else 1.0
            bits[g.name] = parts[0] * max(exponent, 1.0)
        else:
            bits[g.name] = sum(parts)
        if bits[g.name] > _MOST_BITS:
            return math.inf
    return max(bits.values())
