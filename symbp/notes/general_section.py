"""The section on the general layer: where the four equations come from, what each says and means for learning, and the box."""

from __future__ import annotations

from collections.abc import Sequence

from symbp.notes.blocks import Block, Boxed, Display, Heading, Inline, Items, Math, Paragraph, Reference, Row, joined
from symbp.notes.general import DEEPEST, General, K

_NAMES = {
    "last": "error of the last layer",
    "back": "error one layer back",
    "weights": "gradient of the weights",
    "biases": "gradient of the biases",
}


def equations(of: General | None, *, short: bool = False) -> list[Block]:
    """The section on the general layer: where its equations come from, and what each says; `short` leaves the parts out."""
    if of is None:
        return []
    if of.own:
        return _of_itself(of, short=short)
    k, before, after, last = (of.letter(n) for n in (K, K - 1, K + 1, DEEPEST))
    rows = [of.row(s, why=("forward",)) for s in of.forward]
    blocks: list[Block] = [
        Heading(1, ("The general layer",)),
        Paragraph((
            "Nothing above depended on how many layers there are. Let ", k, " be any layer", *_activation(of), " and ", last,
            " the last one, with " if last.latex == "L" else " the last one of this network, with ",
            before, " before and ", after, " behind ", k, ". The same steps on a network of any depth give ", of.number,
            " equations, and with them every layer is done.",
        )),
        Display(tuple(rows)),
        Paragraph(("Backward, with the shapes under the braces:",)),
        Display(_rows(of)),
        *([] if short else _parts(of)),
        Items(_said(of)),
    ]  # fmt: skip
    return blocks


def _activation(of: General) -> Inline:
    """What the letter of any activation is, in a notation whose table has none."""
    w = of.writer
    return () if w.notation.activation else (", ", Math(w.symbols.function("g"), "g"), " its activation,")


def _of_itself(of: General, *, short: bool) -> list[Block]:
    """The section in a notation that has no letters for a layer k: the network's layers, and the rule for more."""
    w = of.writer
    errors = joined([(w.whole(s.target.name),) for s in of.back])
    further: Inline = (
        "A network with more hidden layers needs more letters and no other equations: one more layer in front of these has its "
        "error by ", Reference("back"), ", with ", w.whole(of.back[-1].target.name), " and the weights ",
        w.whole(of.weights[-1].target.of or ""), " where ", Reference("back"), " has those of the layer behind, "
        "and its gradients by ", Reference("weights"), *((" and ", Reference("biases")) if of.biased else ()), ".",
    )  # fmt: skip
    return [
        Heading(1, ("The equations of backpropagation",)),
        Paragraph((
            f"Everything above comes down to {of.number} equations. The errors of the last layer are known first, those of the "
            "layer before, ", *errors, ", follow from them, and every gradient is an error times an input:",
        )),
        Display(_rows(of)),
        *([] if short else _parts(of)),
        Items(_said(of)),
        Paragraph(further),
    ]  # fmt: skip


def _rows(of: General, *, named: bool = True, shapes: bool = True) -> tuple[Row, ...]:
    """The equations, the first of each kind with its number."""
    found: list[Row] = []
    for key, statements in of.keyed.items():
        for n, s in enumerate(statements):
            why: Inline = (f"the {_NAMES[key]}",) if named else (Reference(key),)
            found.append(of.row(s, why=("likewise",) if n else why, key="" if n or not named else key, shapes=shapes))
    return tuple(found)


def _parts(of: General) -> list[Block]:
    """One weight's derivative taken apart: what came back times what is there."""
    w = of.writer
    s = of.weights[0]
    trace = w.derivation.backward.traces[s.target.name]
    way = trace.ways[0]
    if len(trace.ways) != 1 or way.over:
        return []  # a penalty is another way to the loss
    indices, partial = w.relettered(trace.indices, way.partial)
    _, upstream = w.relettered(trace.indices, way.upstream)
    _, local = w.relettered(trace.indices, way.derivative)
    left = w.index(s.target[w.relettered(s.indices, s.body)[0]])
    came, here = w.index(upstream, indices, spelled=True), w.index(partial, indices)
    error, given = w.index(upstream, indices), w.index(local, indices)
    rows = (
        Row(left, under([(came, "propagated"), (here, "local")]), ("the chain rule for one weight",)),
        Row(None, under([(error, "local error"), (given, "local input")]), ("local error times local input",)),
    )
    said = "The third equation, taken apart:" if of.own else "For a single weight the third equation says:"
    return [Paragraph((said,)), Display(rows)]


def under(parts: Sequence[tuple[Math, str]]) -> Math:
    """A product with a word under each factor."""
    latex = r" \, ".join(rf"\underbrace{{{m.latex}}}_{{\text{{{said}}}}}" for m, said in parts)
    return Math(latex, "*".join(m.text for m, _ in parts))


def _said(of: General) -> tuple[Inline, ...]:
    """A sentence on each equation: what it says, and what it means for learning."""
    w = of.writer
    k = of.hidden[0]
    delta = w.whole(f"delta{of.weighted[0]}")  # of the layer that the third equation is printed for first
    loss = Math(w.symbols.loss, w.text_loss)
    slope = Math(f"{w.symbols.function('g', 1)}({w.symbols.argument})", f"g'({w.symbols.argument})")
    above = w.whole(f"W{k + 1}")
    fits = "no slope is left: a wrong answer is corrected at once, however sure the network was of it."
    first: Inline
    if of.coupled:
        first = (
            "each output depends on all of ", w.whole(f"z{of.depth}"), ", and the sum over the Jacobian of the output "
            "layer has been carried out. Where the loss fits the output layer, as cross-entropy fits softmax, ", fits,
        )  # fmt: skip
    else:
        first = (
            "how fast ", loss, " changes with the output, times the slope ", *((slope, " ") if not of.own else ()),
            "of the last activation. A saturated output unit, whose slope is almost 0, learns slowly even where it is wrong, "
            "unless the loss cancels the slope.",
        )  # fmt: skip
    way: Inline = (
        (", summed over all units that they lead to: every path to the loss is added. ",)
        if of.own and w.notation.patterns
        else (", transposed, not inverted: unit by unit, all paths to the loss are added. ",)
    )
    back: Inline = (
        "the errors of the next layer come back over the same weights ", above, *way,
        "Then each unit multiplies by its own slope. A saturated unit passes almost nothing "
        "back, and what lies before it hardly learns; large weights make errors grow, small ones make them shrink.",
    )  # fmt: skip
    third: Inline = (
        "local error times local input, for every pair of units. A weight learns slowly where its unit's error ", delta,
        " is small or where its input is small, and not at all from an input of 0. The error was computed once, and all "
        "weights of the "
        "layer use it: their gradients are independent of each other, hence parallel.",
    )  # fmt: skip
    fourth: Inline = (
        "a bias has the input 1, so its gradient is the local error itself: it learns whatever the input is.",
    )
    said = {"last": first, "back": back, "weights": third, "biases": fourth}
    return tuple((Reference(key), f", the {_NAMES[key]}: ", *said[key]) for key in of.keyed)


def box(of: General | None) -> list[Block]:
    """The equations once more, to be kept."""
    if of is None:
        return []
    title = f"The {of.number} equations of backpropagation"
    k, last = of.letter(of.hidden[0]), of.letter(of.depth)
    parts: Inline = () if of.own else (", for ", k, " from ", last, " down to the first layer")
    return [Boxed((title, *parts), (Display(_rows(of, named=False, shapes=False)),))]
