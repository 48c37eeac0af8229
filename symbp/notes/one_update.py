"""One update of a network of few layers as a numbered list: forward, the errors and gradients on the way back, the step."""

from __future__ import annotations

from dataclasses import replace

from symbp.calculus.passes import inline
from symbp.calculus.program import Statement
from symbp.notes.blocks import Block, Inline, Items, Math, Paragraph, joined
from symbp.notes.equations import general, sides
from symbp.notes.writer import Writer

_MOST = 3  # layers: a longer list is the algorithm itself
_COUNTS = {6: "six", 8: "eight"}


def one_update(writer: Writer) -> list[Block]:
    """What one update of this network does, step by step; nothing where it has one layer, or many, or learns nothing."""
    d = writer.derivation
    depth, adjoint = d.map.depth, d.backward.adjoint
    layers = range(depth, 0, -1)
    if d.map.training is None or not 1 < depth <= _MOST or any(f"{x}{k}" not in adjoint for x in "zW" for k in layers):
        return []
    if any(d.program.definitions[adjoint[f"z{k}"]].body == 0 for k in layers):
        return []
    forward = [writer.whole(s.target.name) for s in d.forward if writer.symbols.lettered(s.target.name)]
    steps: list[Inline] = [("Forward: ", *joined([(m,) for m in forward]), ".")]
    for k in layers:
        whose = "the last layer" if k == depth else f"layer {writer.symbols.layer(k)}"
        steps.append((f"The error of {whose}: ", _equation(writer, adjoint[f"z{k}"]), "."))
        gradients: list[Inline] = [(_equation(writer, adjoint[p]),) for p in (f"W{k}", f"b{k}") if p in adjoint]
        steps.append(("The gradients there: ", *joined(gradients), "."))
    parameters: list[Inline] = [(writer.whole(p.tensor.name),) for p in d.map.parameters]
    steps.append(("Update: ", *joined(parameters), ", all at once, each by its own gradient."))
    count = _COUNTS.get(len(steps), str(len(steps)))
    return [Paragraph((f"For this network one update is {count} steps:",)), Items(tuple(steps), ordered=True)]


def _equation(writer: Writer, name: str) -> Math:
    """An equation of the way back, the errors of activations in it put in."""
    s = _put_in(writer, writer.derivation.program.definitions[name])
    left, right, _ = sides(writer, s)
    return Math(f"{left.latex} = {right.latex}", f"{left.text} = {right.text}")


def _put_in(writer: Writer, s: Statement) -> Statement:
    """An equation with g' in it, and with no errors but those before activations."""
    tensors, program = writer.symbols.tensors, writer.derivation.program
    body = general(writer, s)
    s = s if body is None else replace(s, body=body)
    depth = range(1, writer.derivation.map.depth + 1)
    kept = {writer.derivation.backward.adjoint[f"z{k}"] for k in depth}
    while between := {n for n in s.reads if tensors[n].of and tensors[tensors[n].of or ""].role == "value"} - kept:
        s = replace(s, body=inline(s.body, {n: program.definitions[n] for n in between}))
    return s
