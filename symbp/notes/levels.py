"""A network seen from afar, layer by layer: each layer one function, and a weight's derivative a product of Jacobians."""

from __future__ import annotations

import itertools

from symbp.notes.blocks import Block, Display, Math, Paragraph, Row
from symbp.notes.general_section import under
from symbp.notes.writer import Writer

_MOST = 4  # layers: a longer product of Jacobians says no more


def levels(writer: Writer) -> list[Block]:
    """A weight's derivative at the level of the network: what is propagated through whole layers, times what is local."""
    d = writer.derivation
    depth = d.map.depth
    outputs = ["yhat", *(d.map.activations.get(f"z{k}", "") for k in range(depth - 1, 0, -1))]
    if not 2 <= depth <= _MOST or writer.notation.patterns or "W1" not in d.backward.adjoint or "" in outputs:
        return []
    s = d.backward.of("W1")
    indices = writer.relettered(s.indices, s.body)[0]
    weight = writer.index(d.forward.tensors["W1"][indices], indices)
    names = [Math(writer.symbols.loss, writer.text_loss), *(writer.whole(n) for n in outputs), weight]
    if len({m.latex for m in names}) < len(names) or writer.notation.differential:
        return []
    factors = [
        Math(rf"\frac{{\partial {a.latex}}}{{\partial {b.latex}}}", f"d{a.text}/d{b.text}")
        for a, b in itertools.pairwise(names)
    ]
    came = Math(r" \, ".join(m.latex for m in factors[:-1]), "*".join(m.text for m in factors[:-1]))
    row = Row(writer.index(s.target[indices], spelled=True), under([(came, "propagated"), (factors[-1], "local")]))
    return [
        *_functions(writer, outputs[::-1]),
        Paragraph((
            "Seen from afar, layer by layer, the derivative by a weight is a product of Jacobians: what was propagated "
            "back to its "
            "layer, times what is local. All weights of a layer share the propagated part.",
        )),
        Display((row,)),
    ]  # fmt: skip


def _functions(writer: Writer, outputs: list[str]) -> list[Block]:
    """Each layer as one function of its input and its weights, where a notation has a letter for that."""
    d, n = writer.derivation, writer.notation
    if not n.whole_layers:
        return []
    rows: list[Row] = []
    for k, output in enumerate(outputs, 1):
        z = d.forward.definitions[f"z{k}"]
        (below,) = (name for name in z.reads if d.forward.tensors[name].role != "parameter")
        given = [writer.whole(name) for name in (below, f"W{k}")]
        letter = writer.symbols.at_layer(n.activation, writer.symbols.layer(k), array=False)
        right = Math(
            f"{letter}({', '.join(m.latex for m in given)})",
            f"{n.activation.lstrip(chr(92))}{k}({', '.join(m.text for m in given)})",
        )
        rows.append(Row(writer.whole(output), right))
    bias = " (the biases are among the weights)" if n.bias_in_weights and "b1" in d.forward.tensors else ""
    return [
        Paragraph((f"As a whole, each layer is one function of what comes in and of its weights{bias}:",)),
        Display(tuple(rows)),
    ]
