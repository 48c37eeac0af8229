"""The way back with one vector that is overwritten layer by layer, where a notation has a letter for it."""

from __future__ import annotations

from dataclasses import replace

from symbp.calculus.matrix.nodes import Matrix, MatTensor
from symbp.calculus.program import Statement
from symbp.notes.blocks import Block, Inline, Items, Math, Paragraph, Reference, joined
from symbp.notes.general import General
from symbp.notes.lettering import bold
from symbp.notes.matrices import literal_name, with_parts
from symbp.notes.reading import readable
from symbp.notes.writer import Writer


def carried(writer: Writer, of: General | None) -> list[Block]:
    """The equations of the general layer as steps that hand on one vector; nothing in notations that name every error."""
    n = writer.notation
    if not n.carried or of is None or of.own:
        return []
    g = Math(bold(n.carried, n.italic) if n.bold else n.carried, n.carried)
    k, last = of.letter(of.hidden[0]), of.letter(of.depth)
    at_last = Math(f"{k.latex} = {last.latex}", f"{k.text} = {last.text}")
    gradients = [of.weights[0], *(of.biases[:1] if of.biased else ())]
    first, next_one = (of.writer.whole(s.target.name) for s in (of.last, of.back[0]))
    steps: tuple[Inline, ...] = (
        ("Begin at ", at_last, ", by ", Reference("last"), ": ", _assigned(of, g, of.last), ", which is ", first, "."),
        ("Read the gradients of layer ", k, " off it: ", *joined([_read_off(of, g, s) for s in gradients]), "."),
        (
            "Go one layer back, by ", Reference("back"), ": ", _assigned(of, g, of.back[0]), ", which is ", next_one,
            ", and on with the step before until the first layer is done.",
        ),
    )  # fmt: skip
    said: Inline = ("No error is needed once the next one is there, so one vector ", g, " may carry them all:")
    return [Paragraph(said), Items(steps, ordered=True)]


def _assigned(of: General, g: Math, s: Statement) -> Math:
    """``g`` becomes the right side of an error's equation, computed from the ``g`` of the layer behind."""
    right = _with(of, g, s)
    return Math(rf"{g.latex} \leftarrow {right.latex}", f"{g.text} <- {right.text}")


def _read_off(of: General, g: Math, s: Statement) -> Inline:
    """What a gradient is, in words: a letter that changes its meaning makes no equation that could be proved by itself."""
    return (of.writer.whole(s.target.name), " is ", _with(of, g, s))


def _with(of: General, g: Math, s: Statement) -> Math:
    """The right side of an equation, the error before an activation in it as ``g``."""
    w = of.writer
    m = w.reading(s)
    if m is None or not readable(m):
        return w.statement(s)[1]
    errors = {w.derivation.backward.adjoint[f"z{layer}"] for layer in range(1, of.depth + 1)} - {s.target.name}

    def named(node: Matrix, name: str) -> Matrix:
        if isinstance(node, MatTensor) and node.name in errors:
            return replace(node, name=literal_name(name))
        return with_parts(node, lambda part: named(part, name))

    return Math(w.matrix(named(m, g.latex)).latex, w.matrix(named(m, g.text)).text.replace(literal_name(""), ""))
