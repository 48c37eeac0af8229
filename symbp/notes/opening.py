"""The opening of a page: the layers with their shapes, and what cannot learn."""

from __future__ import annotations

from pathlib import Path

from sympy import Expr

from symbp.calculus.program import Tensor
from symbp.network.forward import ForwardMap
from symbp.notes.blocks import Block, Heading, Inline, Math, Paragraph, Table, joined
from symbp.notes.brackets import number_latex
from symbp.notes.described import in_words
from symbp.notes.layers import Run, number_of
from symbp.notes.writer import Writer

_MOST_ROWS = 30  # lines of a forward map whose table says every one of them; else one row a layer


def architecture(writer: Writer, runs: tuple[Run, ...]) -> list[Block]:
    """The layers with their shapes."""
    d = writer.derivation
    parameters = {p.tensor.name for p in d.map.parameters}
    noise = {n.tensor.name for n in d.map.noise}
    joins = not d.map.chain or len(d.map.inputs) > 1  # a column says what each layer reads
    values = {t.name for t in d.map.inputs} | {s.target.name for s in d.forward}
    body: list[tuple[Inline, ...]] = [
        ((writer.whole(t.name),), ("input",), *([()] if joins else []), (), (writer.dimensions(t),))
        for t in (writer.symbols.tensors[t.name] for t in d.map.inputs)
    ]
    inner = {*d.map.inner} if len(d.forward.statements) > _MOST_ROWS else set[str]()
    before: list[tuple[str, list[Inline], list[str]]] = []  # what has no row, and stands in that of what is made of it
    for s in d.forward:
        if s.target.name == d.backward.loss or not s.target.axes:
            continue
        number = number_of(s.target.name, writer.symbols)
        run = next((r for r in runs if number in r.hidden), None)
        if run is not None and number not in (run.first, run.last):
            if number == run.shown and s.target.name.startswith("z"):
                body.append(((Math(r"\vdots", "..."),), *[()] * (4 if joins else 3)))
            continue
        mine: list[Inline] = [
            (
                writer.whole(n),
                " ",
                Math(
                    rf"({writer.dimensions(_tensor(writer, n)).latex})",
                    f"({writer.dimensions(_tensor(writer, n)).text})",
                ),
            )
            for n in s.reads
            if n in parameters | noise
        ]
        read = [n for n in s.reads if n in values and n not in inner]
        before.append((s.label.replace("_", " "), mine, read if inner else []))
        if not writer.symbols.lettered(s.target.name) or s.target.name in inner:
            continue
        all_labels = [label for label, _, _ in before]
        labels = ", ".join(dict.fromkeys(all_labels) if inner else all_labels)
        its = [p for _, own, _ in before for p in own]
        whole = dict.fromkeys(n for _, _, names in before for n in names) if inner else read
        before = []
        reads = [joined([(writer.whole(n),) for n in whole], last=", ")] if joins else []
        shape = (writer.dimensions(s.target),)
        body.append(((writer.whole(s.target.name),), (labels,), *reads, joined(its, last=", "), shape))
    head: tuple[Inline, ...] = (("tensor",), ("layer",), *([("reads",)] if joins else []), ("parameters",), ("shape",))
    words, named = in_words(d.map), named_in_title(d.map)
    opening = f"{named or 'This'} is {words}; it has" if words else f"{named or 'The network'} has"
    said: list[Block] = [Paragraph((f"{opening} {_weights(writer)} parameters.",))]
    for n in d.map.noise:
        kept = Math(rf"\frac{{1}}{{1 - {number_latex(n.rate)}}}", f"1/(1 - {float(n.rate):g})")
        rate = Math(number_latex(n.rate), f"{float(n.rate):g}")
        what = (writer.whole(n.tensor.name), " is drawn anew for every example in training")
        said.append(Paragraph((*what, ": each entry is 0 with probability ", rate, " and ", kept, " otherwise.")))
    return [Heading(1, ("Architecture",)), said[0], Table(head, tuple(body)), *said[1:]]


def titled(forward: ForwardMap) -> str:
    """What somebody called a network: its name, the short string, or the name of its file."""
    return named_in_title(forward) or forward.source.text


def named_in_title(forward: ForwardMap) -> str:
    """What a page calls a network: its name, or the name of its file; nothing where it has neither."""
    name, text = forward.source.name, forward.source.text
    return name or (Path(text).name if text.lower().endswith((".toml", ".json")) else "")


def _weights(writer: Writer) -> int:
    sizes = writer.derivation.map.sizes
    total = 0
    for p in writer.derivation.map.parameters:
        size = 1
        for a in p.tensor.axes:
            size *= sizes[a]
        total += size
    return total


def _tensor(writer: Writer, name: str) -> Tensor:
    return writer.symbols.tensors[name]


def stopped(writer: Writer) -> list[Block]:
    """What is said of activations whose derivative is zero."""
    d = writer.derivation
    zero = [d.backward.adjoint[x] for x in d.stopped]
    if not zero:
        return []
    functions = [f.name for f in d.forward.functions if f.definition is not None and is_flat(writer, f.name)]
    names = joined([(Math(writer.symbols.own_name(f), f),) for f in functions])
    lost = joined([(writer.whole(n),) for n in zero])
    return [
        Paragraph(
            ("The gradient stops: ", *names, f" ha{'s' if len(functions) == 1 else 've'} the derivative 0 almost everywhere and "
             "none at the jump, so nothing propagates through it and what lies before it cannot learn by gradient descent. "
             "Zero are ", *lost, ".")
        )
    ]  # fmt: skip


def is_flat(writer: Writer, function: str) -> bool:
    """Whether the derivative of a scalar function is zero wherever there is one."""
    from symbp.calculus.passes import derivative_of

    derivative: Expr | None = derivative_of(writer.derivation.program.function[function])
    return derivative == 0
