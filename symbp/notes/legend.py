"""What the letters of a page mean, which way vectors and weights lie, and what the equations are for."""

from __future__ import annotations

from collections.abc import Sequence

from symbp.notation.notation import plain
from symbp.notes.blocks import Block, Heading, Inline, Items, Math, joined
from symbp.notes.signs import explained
from symbp.notes.writer import Writer


def notation(writer: Writer, page: Sequence[Block]) -> list[Block]:
    """What the letters mean, and the layout; signs that only some pages have are explained where `page` has them."""
    elements = bool(writer.notation.patterns)
    single = writer.notation.layers > 0
    items: list[Inline] = [
        _ends(writer),
        *(_single_layers(writer) if single else [_layers(writer)]),
        (*_errors(writer), "."),
        _of_elements(writer) if elements else _layout(writer),
        _examples(writer),
    ]
    signs, text = explained(page, writer.notation.layer_letter, not elements)
    return [Heading(1, ("Notation",)), Items((*items, *signs), text)]


def m(latex: str, text: str | None = None) -> Math:
    """A formula that is the same in plain text unless it is given."""
    return Math(latex, latex if text is None else text)


def _ends(writer: Writer) -> Inline:
    """The input, the target, the prediction and the loss."""
    x, y, yhat = (_of_one(writer, name) for name in ("x", "y", "yhat"))
    loss = Math(writer.symbols.loss, writer.text_loss)
    training = writer.derivation.map.training
    kind = f" the loss ({training.objective.loss.name.replace('_', ' ')})." if training else " the loss."
    return (x, " is the input, ", y, " the target, ", yhat, " the prediction, ", loss, kind)


def _of_one(writer: Writer, name: str) -> Math:
    """The letter of a tensor for one example."""
    known = writer.notation.has(name)
    return Math(writer.notation.letter(name), writer.text_name(name)) if known else writer.whole(name)


def _layers(writer: Writer) -> Inline:
    """What a layer has before its activation and after it."""
    n, k = writer.notation, writer.notation.layer_letter
    own: Inline = ()
    if n.marked:
        own = (" by its activation function ", Math(writer.symbols.at_layer(n.activation, k), f"{n.activation}<{k}>"))
    z, a = _of_layer(writer, "z", k), _of_layer(writer, "a", k)
    return ("Layer ", m(k), " has the pre-activation ", z, " and the activation ", a, *own, *_further(writer), ".")


def _of_layer(writer: Writer, base: str, layer: str) -> Math:
    """The letter of a role at a layer that is said by a letter."""
    letter = writer.notation.letter(base)
    said = letter if letter.isalpha() else base
    return Math(writer.symbols.at_layer(letter, layer), f"{said}<{layer}>")


def _further(writer: Writer) -> Inline:
    if not writer.notation.ends:
        return ()
    symbols, a, depth = writer.symbols, writer.notation.letter("a"), writer.derivation.map.depth
    first, last = symbols.layer(0), symbols.layer(depth)
    x, yhat = _of_one(writer, "x"), _of_one(writer, "yhat")
    ends = (
        Math(f"{symbols.at_layer(a, first)} = {x.latex}", f"{plain(a)}{first} = {x.text}"),
        Math(f"{symbols.at_layer(a, last)} = {yhat.latex}", f"{plain(a)}{last} = {yhat.text}"),
    )
    return (" (", ends[0], " and ", ends[1], ")")


def _single_layers(writer: Writer) -> list[Inline]:
    """The letters of each layer, where letters belong to layers."""
    items: list[Inline] = []
    kinds = {"W": "weights", "b": "biases", "z": "pre-activations", "a": "activations"}
    for k in range(1, writer.derivation.map.depth + 1):
        names = [(f"{x}{k}", said) for x, said in kinds.items()]
        known = {*writer.notation.patterned, *writer.notation.printed} & {*writer.symbols.tensors}
        there = [(x, said) for x, said in names if x in known]
        items.append((f"Layer {k} has the ", *joined([(f"{said} ", writer.whole(x)) for x, said in there]), "."))
    return items


def _errors(writer: Writer) -> Inline:
    """What the errors stand for, and how other derivatives are written."""
    n, loss, text = writer.notation, writer.symbols.loss, writer.text_loss
    weight = n.letter("W" if n.has("W") else "W1") if not n.patterns else writer.whole("W1").latex
    whole = rf"\frac{{\partial {loss}}}{{\partial {weight}}}"
    if n.differential:
        means = Math(f"d{weight} = {whole}", f"dW = d{text}/dW")
        return ("Derivatives of the loss are written with a d in front of the letter, ", means)
    parts: list[Inline] = []
    for name, of in (("delta", "z"), ("e", "a")):
        for left, right in _pairs(writer, name, of):
            over = rf"\frac{{\partial {loss}}}{{\partial {right.latex}}}"
            parts.append((Math(f"{left.latex} = {over}", f"{left.text} = d{text}/d{right.text}"),))
    return ("Errors: ", *joined(parts), "; every other derivative is written ", Math(whole, f"dW = d{text}/dW"))


def _pairs(writer: Writer, name: str, of: str) -> list[tuple[Math, Math]]:
    """The error of a layer with what it is the derivative by; a pair for each layer where layers have letters of their own."""
    n, k = writer.notation, writer.notation.layer_letter
    if n.has(name):
        return [(_of_layer(writer, name, k), _of_layer(writer, of, k))]
    numbers = range(1, writer.derivation.map.depth + 1)
    known = {*n.patterned, *n.printed}
    found = [(writer.whole(f"{name}{i}"), writer.whole(f"{of}{i}")) for i in numbers if f"{name}{i}" in known]
    return [(left, Math(f"({x.latex})", x.text) if " + " in x.latex else x) for left, x in found]


def _layout(writer: Writer) -> Inline:
    """Which way vectors lie, and what the indices of a weight are."""
    n = writer.notation
    to, from_ = n.units
    shape = m(r"(\text{out} \times \text{in})", "(out x in)")
    leads: Inline = ("to unit ", m(to), " from unit ", m(from_))
    if n.from_to:
        shape = m(r"(\text{in} \times \text{out})", "(in x out)")
        arrow = m(rf"{from_} \leadsto {to}", f"{from_} ~> {to}")
        leads = ("from unit ", m(from_), " to unit ", m(to), " (", arrow, ")")
    element = n.printed["W" if n.has("W") else "W1"].element
    below = from_ + to if n.from_to else to + from_
    weight = m(f"{element}_{{{below}}}", f"{element}_{below}")
    bias: Inline = ()
    if n.bias_in_weights and any(p.tensor.name[:1] == "b" for p in writer.derivation.map.parameters):
        zero = f"0{to}" if n.from_to else f"{to}0"
        bias = (" The bias of unit ", m(to), " is ", m(f"{element}_{{{zero}}}", f"{element}_{zero}"), ".")
    lie = f"Vectors are {n.layout}; a derivative has the shape of its variable; "
    return (lie, weight, " leads ", *leads, ", so a weight matrix is ", shape, ".", *bias)


def _of_elements(writer: Writer) -> Inline:
    """What the indices of elements are, where a notation has letters for them alone."""
    example = writer.notation.example
    counted = any(example in p.scripts for _, p in writer.notation.patterned.values())
    examples: Inline = ("; ", m(example), " is the number of the example") if counted else ()
    return ("Every equation is one for elements, and a derivative has the indices of its variable", *examples, ".")


def _examples(writer: Writer) -> Inline:
    """What the equations are for: one example, or a batch."""
    training = writer.derivation.map.training
    if writer.derivation.batch:
        count, example = writer.symbols.count, writer.notation.example
        return ("The equations are for a batch of ", m(count), " examples, numbered by ", m(example), ".")
    summed = training is None or training.objective.reduction == "sum" or writer.notation.sums
    what = "sum" if summed else "mean"
    return (
        f"The equations are for one example; the loss of a batch is the {what} over its examples, and so are the gradients.",
    )
