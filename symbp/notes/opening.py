"""The opening of a page: what the letters mean, the layout, the layers with their shapes, and what cannot learn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sympy import Expr

from symbp.calculus.program import Tensor
from symbp.network.forward import ForwardMap
from symbp.notes.blocks import Block, Heading, Inline, Items, Math, Paragraph, Table, joined
from symbp.notes.brackets import number_latex
from symbp.notes.layers import Run, number_of
from symbp.notes.signs import explained
from symbp.notes.writer import Writer


def notation(writer: Writer, page: Sequence[Block]) -> list[Block]:
    """What the letters mean, and the layout; signs that only some pages have are explained where `page` has them."""
    c, training = writer.convention, writer.derivation.map.training
    s = c.symbols
    z, a = s.get("z", "z"), s.get("a", "a")
    w = ("w_{ij}", "w_ij")
    items: list[Inline] = [
        (
            m("x"), " is the input, ", m("y", "y"), " the target, ", m(r"\hat{y}", "yhat"), " the prediction, ", m(c.loss),
            f" the loss ({training.objective.loss.name.replace('_', ' ')})." if training else " the loss.",
        ),
        (
            "Layer ", m("k"), " has the pre-activation ", m(f"{z}^{{(k)}}", f"{z}<k>"), " and the activation ",
            m(f"{a}^{{(k)}}", f"{a}<k>"), *_further(writer), ".",
        ),
        (*_errors(writer), "."),
        _layout(writer, w),
        _examples(writer),
    ]  # fmt: skip
    signs, plain = explained(page)
    return [Heading(1, ("Notation",)), Items((*items, *signs), plain)]


def _examples(writer: Writer) -> Inline:
    """What the equations are for: one example, or a batch."""
    training = writer.derivation.map.training
    if writer.derivation.batch:
        return ("The equations are for a batch of ", m("N"), " examples.")
    what = "sum" if training is None or training.objective.reduction == "sum" else "mean"
    return (
        f"The equations are for one example; the loss of a batch is the {what} over its examples, and so are the gradients.",
    )


def m(latex: str, text: str | None = None) -> Math:
    """A formula that is the same in plain text unless it is given."""
    return Math(latex, latex if text is None else text)


def _further(writer: Writer) -> Inline:
    c, depth = writer.convention, str(writer.derivation.map.depth)
    if not c.input_name:
        return ()
    end = c.output_name.replace("{L}", depth)
    return (" (", Math(f"{c.input_name} = x", "a0 = x"), " and ", Math(rf"{end} = \hat{{y}}", f"a{depth} = yhat"), ")")


def _errors(writer: Writer) -> Inline:
    c = writer.convention
    s = c.symbols
    parts: list[Inline] = []
    for name, of in (("delta", "z"), ("e", "a")):
        letter = s.get(of, of)
        if name in c.adjoints:
            latex = rf"{c.adjoints[name]}^{{(k)}} = \frac{{\partial {c.loss}}}{{\partial {letter}^{{(k)}}}}"
            parts.append((Math(latex, f"{name}<k> = d{c.loss}/d{letter}<k>"),))
    plain = Math(rf"\frac{{\partial {c.loss}}}{{\partial W}}", f"dW = d{c.loss}/dW")
    return ("Errors: ", *joined(parts), "; every other derivative is written ", plain)


def _layout(writer: Writer, w: tuple[str, str]) -> Inline:
    c = writer.convention
    lie = "columns" if c.layout == "columns" else "rows"
    shape = (
        m(r"(\text{in} \times \text{out})", "(in x out)")
        if c.weights_from_to
        else m(r"(\text{out} \times \text{in})", "(out x in)")
    )
    to = ("from unit ", m("i"), " to unit ", m("j"), " (", m(r"i \leadsto j", "i ~> j"), ")") if c.weights_from_to else (
        "to unit ", m("i"), " from unit ", m("j"))  # fmt: skip
    return (
        f"Vectors are {lie}; a derivative has the shape of its variable; ", m(*w), " leads ", *to,
        ", so a weight matrix is ", shape, ".",
    )  # fmt: skip


def architecture(writer: Writer, runs: tuple[Run, ...]) -> list[Block]:
    """The layers with their shapes."""
    d = writer.derivation
    parameters = {p.tensor.name for p in d.map.parameters}
    noise = {n.tensor.name for n in d.map.noise}
    body: list[tuple[Inline, ...]] = [
        ((writer.whole("x"),), ("input",), (), (writer.dimensions(_tensor(writer, "x")),))
    ]
    for s in d.forward:
        if s.target.name == d.backward.loss or not s.target.axes:
            continue
        number = number_of(s.target.name, writer.symbols)
        run = next((r for r in runs if number in r.hidden), None)
        if run is not None and number not in (run.first, run.last):
            if number == run.shown and s.target.name.startswith("z"):
                body.append(((m(r"\vdots", "..."),), (), (), ()))
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
        body.append(
            (
                (writer.whole(s.target.name),),
                (s.label.replace("_", " "),),
                joined(mine, last=", "),
                (writer.dimensions(s.target),),
            )
        )
    head: tuple[Inline, ...] = (("tensor",), ("layer",), ("parameters",), ("shape",))
    name = titled(d.map) or "The network"
    said: list[Block] = [Paragraph((f"{name} has {_weights(writer)} parameters.",))]
    for n in d.map.noise:
        kept = Math(rf"\frac{{1}}{{1 - {number_latex(n.rate)}}}", f"1/(1 - {float(n.rate):g})")
        rate = Math(number_latex(n.rate), f"{float(n.rate):g}")
        what = (writer.whole(n.tensor.name), " is drawn anew for every example in training")
        said.append(Paragraph((*what, ": each entry is 0 with probability ", rate, " and ", kept, " otherwise.")))
    return [Heading(1, ("Architecture",)), said[0], Table(head, tuple(body)), *said[1:]]


def titled(forward: ForwardMap) -> str:
    """What a page calls a network: its name, the short string, or the name of its file."""
    name, text = forward.source.name, forward.source.text
    return name or (Path(text).name if text.lower().endswith((".toml", ".json")) else text)


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
