"""What backpropagation saves, and what a deep network does to a gradient on its way: two tables, counted and bounded."""

from __future__ import annotations

from math import inf, isfinite, log10

from symbp.network.cost import counts, steepest
from symbp.notes.activations import slope_letter
from symbp.notes.blocks import Block, Heading, Inline, Math, Paragraph, Table, joined
from symbp.notes.writer import Writer

_LAYERS = (1, 2, 3, 5, 10, 20)


def cost(writer: Writer) -> list[Block]:
    """Backpropagation against finite differences: passes and operations, counted on the derived equations."""
    d = writer.derivation
    if not d.map.parameters or d.map.training is None or d.batch:
        return []
    c = counts(d)
    n = Math("N_{w}", "N_w")
    ratio = float(c.ratio)
    head: tuple[Inline, ...] = (("method",), ("passes",), ("operations, one example",))
    rows: tuple[tuple[Inline, ...], ...] = (
        (("finite differences",), (Math("N_{w} + 1", "N_w + 1"), f", that is {c.weights + 1:,} forward"),
        (f"{c.finite_differences:,}",)),
        (("backpropagation",), ("1 forward, 1 backward",), (f"{c.forward:,} + {c.backward:,}",)),
    )  # fmt: skip
    square, line = Math("N_{w}^{2}", "N_w^2"), n
    return [
        Heading(1, ("What it costs",)),
        Paragraph((
            "Without the chain rule each of the ", n, f" weights and biases, here {c.weights:,}, would be moved a "
            "little by itself, and the "
            "forward pass run again:",
        )),
        Table(head, rows),
        Paragraph((
            f"That is {ratio:,.0f} times the work here" if ratio >= 2 else "That is about the same work here",
            ", and the factor grows with the network: a forward pass takes about as many operations as there are "
            "weights, so finite "
            "differences grow like ", square, " and backpropagation like ", line, ". Finite differences remain the "
            "check of a gradient.",
        )),
    ]  # fmt: skip


def vanishing(writer: Writer) -> list[Block]:
    """What vanishes or saturates on the way back, and why: the bound of the activations' slopes over several layers."""
    d = writer.derivation
    functions = [g for g in d.forward.functions if g.definition is not None and g.name != "identity"]
    hidden = {s.label for s in d.forward if s.target.name != "yhat"}
    its = [g for g in functions if g.name in hidden]
    if d.map.depth < 2 or not its or not d.map.chain:
        return []
    slopes = {g.name: steepest(g) for g in its}
    named = {g.name: Math(slope_letter(writer, g), f"{g.name}'") for g in its}
    head: tuple[Inline, ...] = ((Math("n", "n"), " layers"), *((_power(named[n]),) for n in slopes))
    rows: tuple[tuple[Inline, ...], ...] = tuple(
        ((f"{k}",), *((_number(_raised(v, k)),) for v in slopes.values())) for k in _LAYERS
    )
    bound: Inline = joined(
        [
            (named[n], " is at most ", _number(v)) if isfinite(v) else (named[n], " has no bound")
            for n, v in slopes.items()
        ]
    )
    delta, shrinks = writer.whole("delta1"), any(0 < v < 1 for v in slopes.values())
    return [
        Heading(1, ("What vanishes, and why",)),
        Paragraph((
            "Each layer on the way back multiplies the error by a slope and by a matrix. The slope ", *bound,
            ". Over several layers the slopes alone leave at most:" if shrinks else ", so the slopes alone need not shrink it.",
        )),
        *([Table(head, rows)] if shrinks else []),
        Paragraph((
            "These are the factors of the activations. The gradient carries the norms of the weights too: where those "
            "are small it "
            "vanishes sooner, and where they are large it may grow, or explode, all the same. The bound for ", delta, " "
            "is the product of both, "
            "layer by layer, times the error of the last layer. ", *_saturated(writer, [g.name for g in its], slopes),
        )),
    ]  # fmt: skip


def _power(m: Math) -> Math:
    return Math(rf"\max |{m.latex}|^{{n}}", f"max |{m.text}|^n")


def _saturated(writer: Writer, names: list[str], slopes: dict[str, float]) -> Inline:
    flat = [n for n in names if slopes[n] == 0]
    if flat:
        return ("Where the slope is 0 everywhere, nothing comes back at all.",)
    z = Math(f"|{writer.symbols.argument}|", f"|{writer.symbols.argument}|")
    return ("A unit far out on a flat part of its activation, where ", z, " is large, is saturated: its slope is almost 0, "
            "and neither it nor what lies before it learns through it.")  # fmt: skip


def _raised(value: float, power: int) -> float:
    """A bound to the power of a number of layers, infinite where it is too large for a number."""
    return inf if value > 1 and power * log10(value) > 300 else value**power


def _number(value: float) -> Math:
    """A bound to three digits."""
    if not isfinite(value):
        return Math(r"\infty", "infinity")
    text = f"{float(f'{value:.3g}'):g}"
    front, _, power = text.partition("e")
    return Math(rf"{front} \cdot 10^{{{int(power)}}}" if power else text, text)
