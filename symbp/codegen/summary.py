"""What a network is made of: its layers with shapes, parameters and operations, and the memory that a training step takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from symbp.calculus.program import Statement
from symbp.codegen.parts import parts
from symbp.network import Network
from symbp.network.cost import statement_operations
from symbp.network.derivation import Derivation, derive
from symbp.network.forward import BATCH

BYTES = {"float32": 4, "float64": 8}


@dataclass(frozen=True)
class Row:
    """One layer: its name, what it gives for one example, its parameters, and the operations for one example.

    Additions, multiplications, divisions and function calls count one each; `backward` is what the gradients of the layer's
    input and parameters take.
    """

    layer: str
    output: str
    shape: tuple[int, ...]
    parameters: Mapping[str, tuple[int, ...]]
    forward: int
    backward: int

    @property
    def weights(self) -> int:
        """How many numbers its parameters have."""
        return sum(map(prod, self.parameters.values()))


@dataclass(frozen=True)
class Summary:
    """The rows of a network and its loss, and the bytes that a step on a batch holds, by what they are for."""

    inputs: Mapping[str, tuple[int, ...]]
    rows: tuple[Row, ...]
    batch_size: int
    dtype: str
    memory: Mapping[str, int]

    @property
    def weights(self) -> int:
        """How many parameters there are, each number counted."""
        return sum(row.weights for row in self.rows)

    def plain(self) -> dict[str, Any]:
        """The same as plain numbers, lists and texts."""
        shapes = {name: [*shape] for name, shape in self.inputs.items()}
        rows = [
            {
                "layer": r.layer, "output": r.output, "shape": [*r.shape],
                "parameters": {name: [*shape] for name, shape in r.parameters.items()},
                "weights": r.weights, "forward": r.forward, "backward": r.backward,
            }
            for r in self.rows
        ]  # fmt: skip
        return {
            **({"input": shapes["x"]} if [*shapes] == ["x"] else {"inputs": shapes}),
            "layers": rows,
            "weights": self.weights,
            "forward": sum(r.forward for r in self.rows),
            "backward": sum(r.backward for r in self.rows),
            "batch_size": self.batch_size,
            "dtype": self.dtype,
            "memory": dict(self.memory),
        }


def summarize(net: Network, batch_size: int = 32, dtype: str = "float32") -> Summary:
    """The summary of a network; memory is for a batch of so many examples.

    Operations are those of the derived equations, as :func:`symbp.network.cost.counts` counts them.
    """
    d = derive(net)
    forward = d.map
    sizes = {BATCH: 1, **forward.sizes}
    layers = _layers(d)
    reader: dict[str, int] = {}
    for k, statements in enumerate(layers):
        for name in (name for s in statements for name in s.reads):
            reader.setdefault(name, k)  # the first: the objective reads weights too, to regularise them
    backward = _backward(d, reader, len(layers))
    rows = []
    for k, statements in enumerate(layers):
        target = statements[-1].target
        its = {p.tensor.name: forward.shape(p.tensor) for p in forward.parameters if reader.get(p.tensor.name) == k}
        last = k == len(layers) - 1
        rows.append(
            Row(
                " + ".join(t.loss.name for t in net.objective.compared) if last else statements[-1].label,
                target.name,
                forward.shape(target),
                {} if last else its,
                sum(statement_operations(s, sizes) for s in statements),
                sum(statement_operations(s, sizes) for s in backward[k]),
            )
        )
    inputs = {t.name: forward.shape(t) for t in forward.inputs}
    return Summary(inputs, tuple(rows), batch_size, dtype, _memory(net, batch_size, BYTES[dtype]))


def _layers(d: Derivation) -> list[list[Statement]]:
    """The statements of each layer, and of the objective behind the last."""
    layers: list[list[Statement]] = [[]]
    left = {*d.map.compared}
    for s in d.forward:
        layers[-1].append(s)
        if s.target.name not in d.map.inner and left:
            layers.append([])
        left.discard(s.target.name)
    return [statements for statements in layers if statements]


def _backward(d: Derivation, reader: Mapping[str, int], count: int) -> list[list[Statement]]:
    """The statements of the way back, with the layer whose input or parameter each is the gradient of."""
    of = {adjoint: name for name, adjoint in d.backward.adjoint.items()}
    wanted = {d.backward.adjoint[p.tensor.name] for p in d.map.parameters}
    found: list[list[Statement]] = [[] for _ in range(count)]
    layer = 0
    for s in reversed(d.backward.statements):
        if s.target.name in wanted:
            wanted |= set(s.reads)
            layer = reader.get(of.get(s.target.name, ""), layer)
            found[layer].append(s)
    return found


def _memory(net: Network, batch_size: int, width: int) -> dict[str, int]:
    """Bytes by use: what is kept between steps, and what a step keeps of the way forward for the way back."""
    d = derive(net, batch=True)
    sizes = {BATCH: batch_size, **d.map.sizes}
    weights = sum(prod(d.map.shape(p.tensor)) for p in d.map.parameters)
    kept = {*parts(d).cache, *d.map.compared}
    activations = sum(prod(sizes[a] for a in d.program.tensors[name].axes) for name in kept)
    return {
        "parameters": weights * width,
        "gradients": weights * width,
        "optimizer": len(net.optimizer.kind.states) * weights * width,
        "activations": activations * width,
    }
