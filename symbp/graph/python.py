"""The graph as straight-line Python: forward and backward side by side in comments, then as code that runs."""

from __future__ import annotations

import math
import re
from itertools import zip_longest

from symbp.calculus.primitives import PRIMITIVES
from symbp.graph.model import Graph
from symbp.graph.notation import PYTHON

_MATH = sorted({"pi", *(p.name for p in PRIMITIVES if hasattr(math, p.name))})
_HELPERS = {p.name: p.python for p in PRIMITIVES if p.python is not None}
"""Scalar functions that Python's library lacks: their arguments and their value."""


def python_code(graph: Graph, given: dict[str, str] | None = None) -> str:
    """A Python program that computes the output and every gradient, node by node.

    Parameters
    ----------
    graph : what to compute
    given : the value of every input as written; without it the program leaves the inputs to be set
    """
    out = graph.output
    forward, backward = passes(graph)
    width = max(len(line) for line in forward) + 4
    columns = [
        f"# {a.ljust(width)}{b}".rstrip()
        for a, b in zip_longest(["forward", "-------", *forward], ["backward", "--------", *backward], fillvalue="")
    ]
    if given is None:
        inputs = [f"# inputs: {', '.join(graph.inputs)} (give them numbers first)"]
    else:
        inputs = ["# inputs", *(f"{name} = {_literal(given[name])}" for name in graph.inputs)]
    gradients = [PYTHON.derivative(out, name) for name in graph.inputs]
    shown = [f'print("{name} =", {name})' for name in (out, *gradients)]
    blocks = [
        [f"# {out} and its gradients, node by node; both columns are read from top to bottom"],
        columns,
        *_prelude("\n".join([*forward, *backward])),
        inputs,
        ["# forward", *forward],
        ["# backward", *backward],
        shown,
    ]
    text = "\n\n".join("\n".join(block) for block in blocks)
    return re.sub(r"\n\n(def .*\n.*)\n\n(?!def )", r"\n\n\n\1\n\n\n", text).replace("\n\ndef", "\n\n\ndef") + "\n"


def passes(graph: Graph) -> tuple[list[str], list[str]]:
    """The two passes as lines of straight-line code, forward and backward."""
    return [f"{g.name} = {PYTHON.expression(g)}" for g in graph.gates], _backward(graph)


def _backward(graph: Graph) -> list[str]:
    """A line for every gradient, from the output back: the gradient that arrives times the local one, added over paths."""
    out = graph.output
    lines = [f"{PYTHON.derivative(out, out)} = 1"]
    for node in graph.backward_order:
        if node != out:
            paths = [PYTHON.product(PYTHON.derivative(out, e.target), e.local) for e in graph.paths(node)]
            lines.append(f"{PYTHON.derivative(out, node)} = {' + '.join(paths) or '0'}")
    return lines


def _prelude(code: str) -> list[list[str]]:
    """The imports and the functions that some code needs; no node may bear one of their names."""
    used = set(re.findall(r"[A-Za-z_]\w*", code))
    helpers = [name for name in _HELPERS if name in used]
    used.update(word for name in helpers for word in re.findall(r"\w+", _HELPERS[name][1]))
    library = [name for name in _MATH if name in used]
    blocks = [[f"from math import {', '.join(library)}"]] if library else []
    return [*blocks, *([f"def {n}({_HELPERS[n][0]}):", f"    return {_HELPERS[n][1]}"] for n in helpers)]


def _literal(text: str) -> str:
    """A number as Python reads it: 007 is none there."""
    top, slash, below = text.partition("/")
    top = top if re.search(r"[.eE]", top) else str(int(top))
    return f"{top}{slash}{int(below) if below else ''}"
