"""Learning as a list of steps: the algorithm, forward and backward side by side, what is kept between them, and how often
parameters change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from symbp.notes.blocks import (
    Beside,
    Block,
    Display,
    Heading,
    Inline,
    Items,
    Math,
    Paragraph,
    Reference,
    Row,
    Table,
    joined,
)
from symbp.notes.carried import carried
from symbp.notes.columns import narrow
from symbp.notes.equations import general, listed, sides
from symbp.notes.general import General
from symbp.notes.layers import Run
from symbp.notes.lettering import bold
from symbp.notes.one_update import one_update
from symbp.notes.side_by_side import side_by_side
from symbp.notes.writer import Writer


def algorithm(writer: Writer, of: General | None, alike: tuple[Run, ...], *, beside: bool = True) -> list[Block]:
    """The algorithm as a numbered list, and the two passes side by side."""
    d = writer.derivation
    if d.map.training is None or not d.map.parameters or not d.map.depth:
        return []
    deep = d.map.depth > 1
    items = [
        _data(writer),
        _start(writer),
        (
            "Forward, from the first layer to the last: ",
            *_passes(writer, of, "forward"),
            " Keep what the way back needs.",
        ),
        *([_error(writer, of)] if deep else []),
        *([_back(of)] if deep else []),
        _descend(writer, of, deep=deep),
        *([("Update all parameters at once, each with its own gradient.",)] if deep else []),
        (
            "Go on with the next examples, and leave after a number of epochs, or when the loss on examples that were held "
            "back does not fall any more.",
        ),
    ]
    blocks: list[Block] = [Heading(1, ("The algorithm",)), Items(tuple(items), ordered=True)]
    return [
        *blocks,
        *side_by_side(writer),
        *one_update(writer),
        *carried(writer, of),
        *(_beside(writer, alike) if beside and deep else []),
    ]


def _data(writer: Writer) -> Inline:
    n = writer.symbols.count
    inputs, targets = (
        joined([(_one(writer, t.name),) for t in some])
        for some in (writer.derivation.map.inputs, writer.derivation.map.targets)
    )
    more = "s" if len(writer.derivation.map.inputs) > 1 else ""
    whose = "their" if more else "its"
    wanted: Inline = (
        (f" with {whose} target{'s' * (len(writer.derivation.map.targets) > 1)} ", *targets) if targets else ()
    )
    each = "" if more else "an "
    return ("Data: ", Math(n, n), f" examples, each {each}input{more} ", *inputs, *wanted, "; choose a learning rate ",
            Math(writer.rate, "lr"), ".")  # fmt: skip


def _one(writer: Writer, name: str) -> Math:
    """The letter of one example's input or target."""
    n = writer.notation
    if not writer.derivation.batch or not n.has(name):
        return writer.whole(name)
    letter = n.letter(name)
    return Math(bold(letter, n.italic) if n.bold else letter, writer.text_name(name))


def _start(writer: Writer) -> Inline:
    """How parameters begin."""
    biases: Inline = (", and biases at 0",) if _biased(writer) else ()
    why = " (units that begin alike would stay alike)" if writer.derivation.map.depth > 1 else ""
    return (f"Initialise: small random weights{why}", *biases, ".")


def _biased(writer: Writer) -> bool:
    """Whether there are parameters that begin at 0: biases."""
    return any(p.start == "zeros" for p in writer.derivation.map.parameters)


def _passes(writer: Writer, of: General | None, way: str) -> Inline:
    if of is None:
        d = writer.derivation
        names = [s.target.name for s in d.forward if writer.symbols.lettered(s.target.name)]
        shown = [writer.whole(n) for n in names[:4]]
        return (*joined([(m,) for m in shown], last=", "), *((", ...",) if len(names) > 4 else ()), ".")
    rows = [of.row(s, shapes=False) for s in of.forward]
    return (*joined([_equation(r) for r in rows]), ".")


def _equation(r: Row) -> Inline:
    assert r.left is not None
    return (Math(f"{r.left.latex} = {r.right.latex}", f"{r.left.text} = {r.right.text}"),)


def _error(writer: Writer, of: General | None) -> Inline:
    if not writer.derivation.map.plain:
        return ("The errors of what the losses compare, from the losses.",)
    where: Inline = ("by ", Reference("last")) if of is not None else ("from the loss",)
    return ("The error of the last layer, ", *where, ".")


def _back(of: General | None) -> Inline:
    where: Inline = ("by ", Reference("back")) if of is not None else ("each from the one after it",)
    return ("Backward, from the last layer to the first: the error of each layer, ", *where, ".")


def _descend(writer: Writer, of: General | None, *, deep: bool) -> Inline:
    keys = [k for k in of.keyed if k in ("weights", "biases")] if of is not None else []
    how: Inline = (", by ", *joined([(Reference(k),) for k in keys])) if keys else ()
    if deep:
        return (
            f"The gradients of all weights{' and biases' if _biased(writer) else ''}",
            *how,
            ": local error times local input, all of them independent.",
        )
    return ("Descend: the gradients, local error times local input, and one step against them.",)


def _beside(writer: Writer, alike: tuple[Run, ...]) -> list[Block]:
    """The equations of both passes in two columns, the backward one from the loss."""
    d = writer.derivation
    forward = {s.target.name for s in d.forward}
    leaves = {d.backward.adjoint[p.tensor.name] for p in d.map.parameters} | {
        d.backward.adjoint.get(t.name, "") for t in d.map.inputs
    }
    columns: list[tuple[Block, ...]] = []
    for title, wanted in (("Forward", forward), ("Backward", {s.target.name for s in d.backward.statements} - leaves)):
        rows: list[Row] = []
        for w, s, _ in listed(writer, alike, lambda s, wanted=wanted: s.target.name in wanted):  # type: ignore[misc]
            if s.target.name == d.backward.loss or s.target.name in writer.trivial:
                continue
            before = general(w, s)
            left, right, _ = sides(w, s if before is None else replace(s, body=before))
            rows.append(Row(left, right, of="" if w.generic else s.target.name))
        columns.append((Paragraph((f"{title}:",)), Display(tuple(rows))))
    if not narrow([b for c in columns for b in c]):
        return []
    sums = "sums over the units before become sums over the units behind, with the same weights"
    turned = sums if writer.notation.patterns else "products with a matrix become products with its transpose"
    if writer.symbols.single:
        turned = "each weight multiplies again"
    return [
        Paragraph((
            f"The two passes mirror each other: {turned}, and each activation becomes a product with its slope.",
        )),
        Beside(tuple(columns)),
    ]  # fmt: skip


def memory(writer: Writer) -> list[Block]:
    """What the forward pass must keep for the backward pass, and how many numbers that is for an example."""
    d = writer.derivation
    if not d.map.parameters or not d.map.depth:
        return []
    live = {name for s in d.backward.statements if s.target.name in d.live for name in s.reads}
    forward = [t for t in d.forward.tensors.values() if t.role in ("input", "value", "noise")]
    kept = [t for t in forward if t.name in live and t.axes and writer.symbols.lettered(t.name)]
    left = [t for t in forward if t.role == "value" and t.axes and t not in kept and writer.symbols.lettered(t.name)]
    if not kept:
        return []
    count = sum(math.prod(d.map.sizes.get(a, 1) for a in t.axes) for t in kept)
    examples: Inline = (" for each example",)
    said: Inline = (
        "The way back reads ", *_names(writer, [t.name for t in kept]), f" again: {count} numbers", *examples,
        " that the forward pass must keep in memory until they have been used",
    )  # fmt: skip
    rest: Inline = (
        (
            "; ",
            *_names(writer, [t.name for t in left]),
            " may be forgotten, since every slope is written in terms of what is kept",
        )
        if left
        else ()
    )
    depth = (
        ". The memory grows with the depth and with the size of the batch; the parameters themselves are there anyway."
    )
    return [Heading(1, ("What the forward pass must keep",)), Paragraph((*said, *rest, depth))]


def _names(writer: Writer, names: Sequence[str]) -> Inline:
    most = 8
    if len(names) <= most:
        return joined([(writer.whole(n),) for n in names])
    ends = [*names[:3], *names[-2:]]
    shown: list[Inline] = [(writer.whole(n),) for n in ends]
    return joined([*shown[:3], ("...",), *shown[3:]])


def batches(writer: Writer) -> list[Block]:
    """Batch, stochastic and mini-batch descent: how many examples an update sees, and how many updates an epoch has."""
    d = writer.derivation
    if d.map.training is None or not d.map.parameters:
        return []
    n = Math(writer.symbols.count, writer.symbols.count)
    b = Math("B", "B")
    many = Math(rf"{n.latex} / B", f"{n.text}/B")
    mean = "sum" if d.map.training.objective.reduction == "sum" or writer.notation.sums else "mean"
    head: tuple[Inline, ...] = (("descent",), ("examples an update",), ("updates an epoch",), ("the way down",))
    rows: tuple[tuple[Inline, ...], ...] = (
        (("batch",), (n,), ("1",), ("smooth, each step dear",)),
        (("mini-batch",), (b,), (many,), ("between the two",)),
        (("stochastic",), ("1",), (n,), ("noisy, each step cheap",)),
    )
    return [
        Heading(1, ("Batch, mini-batch, stochastic",)),
        Paragraph((
            "An epoch goes once through all ", n, f" examples. The gradient of some examples is the {mean} of the "
            "gradients of each, and "
            "an update may wait for all of them, for one, or for ", b, " of them (rounded up where the last ones are fewer):",
        )),
        Table(head, rows),
    ]  # fmt: skip
