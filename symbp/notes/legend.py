"""The conventions of a page: what every symbol is and its shape, which way vectors lie, what the equations are for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Symbol

from symbp.calculus.program import Tensor
from symbp.calculus.text import BATCH
from symbp.notation.notation import plain
from symbp.notes.blocks import Block, Heading, Inline, Items, Math, Table, chained
from symbp.notes.signs import explained
from symbp.notes.stepwise import stepwise
from symbp.notes.writer import Writer

Line = tuple[Inline, Inline, Inline]
"""A line of the table: a symbol, what it is, its shape."""

_KINDS = {"W": "weights", "b": "biases", "z": "pre-activations", "a": "activations"}
_ERRORS = {"delta": ("z", "pre-activations"), "e": ("a", "activations")}
"""Which role an error is the derivative by, with its name."""
_NUMBER: Inline = ("a number",)
_MOST = 4  # layers that are listed one by one


def notation(writer: Writer, page: Sequence[Block]) -> list[Block]:
    """The conventions; signs that only some pages have are explained where `page` has them."""
    n = writer.notation
    lines: list[Line] = [
        *(line for t in writer.derivation.map.inputs for line in _end(writer, t.name, "input")),
        *_layers(writer),
        *_activation(writer),
        *(
            line
            for name in writer.derivation.map.compared
            for line in _end(writer, name, "prediction" if writer.derivation.map.plain else "output")
        ),
        *(line for t in writer.derivation.map.targets for line in _end(writer, t.name, "target")),
        ((Math(writer.symbols.loss, writer.text_loss),), ("loss", *_loss(writer)), _NUMBER),
        *_terms(writer),
        *_errors(writer),
        *_derivative(writer),
        *_numbers(writer),
    ]
    signs, text = explained(page, n.layer_letter, not n.patterns, n.hadamard, n.width, writer.symbols.argument,
                            {a.name for t in writer.symbols.tensors.values() for a in t.axes})  # fmt: skip
    items = (_of_elements(writer) if n.patterns else _layout(writer), _examples(writer))
    head: Line = (("symbol",), ("what it is",), ("shape",))
    return [Heading(1, ("Notation",)), Table(head, tuple(lines)), Items((*items, *stepwise(writer), *signs), text)]


def m(latex: str, text: str | None = None) -> Math:
    """A formula that is the same in plain text unless it is given."""
    return Math(latex, latex if text is None else text)


def _line(writer: Writer, name: str, what: Inline) -> Line:
    """A tensor with its shape."""
    return ((writer.whole(name),), what, (writer.dimensions(writer.symbols.tensors[name]),))


def _end(writer: Writer, name: str, what: str) -> Iterator[Line]:
    """The input, the prediction or the target; the first two with the activations that they are, where a notation says so."""
    n, d = writer.notation, writer.derivation.map
    if name not in writer.symbols.tensors:
        return
    symbol, said, shape = _line(writer, name, (what,))
    layer = {"x": 0, "yhat": d.depth}.get(name) if d.depth and n.ends else None
    if layer is not None and isinstance(symbol[0], Math):
        at = writer.symbols.layer(layer)
        a = Math(writer.symbols.at_layer(n.letter("a"), at), f"{writer.notation.letter('a')}{at}")
        its = [m(n.said[name])] if name in n.said else []
        its += dict.fromkeys((symbol[0], a))
        symbol = (chained([f for k, f in enumerate(its) if all(f.latex != other.latex for other in its[:k])]),)
    yield symbol, said, shape


def _terms(writer: Writer) -> Iterator[Line]:
    """Each of several losses: what it is, and what it compares."""
    training = writer.derivation.map.training
    terms = training.objective.terms if training is not None else ()
    for name, term in zip(writer.symbols.losses, terms, strict=True):
        compared: Inline = (" of ", writer.whole(term.of), " and ", writer.whole(term.target))
        yield (writer.whole(name),), (term.loss.words or term.loss.name.replace("_", " "), *compared), _NUMBER


def _layers(writer: Writer) -> Iterator[Line]:
    """The tensors of a layer: of the layer that its letter stands for, or of each where letters belong to single layers."""
    n, depth = writer.notation, writer.derivation.map.depth
    single = n.layers > 0
    there = {*writer.symbols.tensors}
    if single and depth <= _MOST:
        known = {*n.patterned, *n.printed} if n.patterns else there
        for k in range(1, depth + 1):
            for role, what in _KINDS.items():
                if f"{role}{k}" in known & there:
                    yield _line(writer, f"{role}{k}", (f"{what} of layer {k}",))
        return
    letter = m(n.layer_letter)
    for role, what in _KINDS.items():
        its = of_any(writer, role)
        if f"{role}1" in there or (role == "a" and depth == 1):
            name = f"{role}1" if f"{role}1" in there else "yhat"
            symbol = Math(
                its.symbols.at_layer(n.letter(role), n.layer_letter), f"{plain(n.letter(role))}<{n.layer_letter}>"
            )
            shape = _of_any_layer(its, name)
            shown = its.whole(f"{role}1") if f"{role}1" in there else symbol
            yield (shown,), (f"{what} of layer ", letter, *_one(its, role)), (shape,)
    for role, what in _KINDS.items():
        for name in (f"{role}{k}" for k in range(1, depth + 1)):
            if name in n.printed and name in there:
                yield _line(writer, name, (f"{what} of layer {name[1:]}",))


def _one(its: Writer, role: str) -> Inline:
    """The letter of one unit, where it is another than that of all."""
    letter, unit = its.notation.printed.get(role), its.notation.units[0]
    if letter is None or letter.element.lower() == letter.whole.lower() or f"{role}1" not in its.symbols.tensors:
        return ()
    its_element = its.symbols.element(
        f"{role}1", [Symbol(unit)] if role != "W" else [Symbol(c) for c in its.notation.units]
    )
    return (
        ", that of unit ",
        m(unit),
        " is ",
        Math(its_element, f"{letter.element}<{its.notation.layer_letter}>[{unit}]"),
    )


def of_any(writer: Writer, role: str) -> Writer:
    """A writer whose first layer stands for any, at the letter of a role."""
    below = writer.notation.weights_below and role in ("W", "b")
    names = ("k", "k+1", "k+2") if below else ("k-1", "k", "k+1")
    return replace(writer, generic=dict(enumerate(names)))


def _activation(writer: Writer) -> Iterator[Line]:
    """The letter of the activation, where one stands for all of the network or each layer has its own."""
    n, names = writer.notation, [f.name for f in writer.derivation.forward.functions if f.name != "identity"]
    if not n.activation or n.patterns or not names:
        return
    if n.marked:
        yield (Math(writer.symbols.at_layer(n.activation, n.layer_letter, array=False), f"{n.activation}<{n.layer_letter}>"),), (
            "activation function of layer ", m(n.layer_letter),
        ), ("by element",)  # fmt: skip
    elif len(names) == 1:
        yield (m(writer.symbols.function(names[0]), names[0]),), ("activation function, ", names[0].replace("_", " ")), (
            "by element",
        )  # fmt: skip


def _loss(writer: Writer) -> Inline:
    """What the loss is, in words."""
    training = writer.derivation.map.training
    if training is not None and training.objective.terms:
        return (", the sum of the losses below, each times its weight",)
    words = training.objective.loss.words if training else ""
    return (f", {words}",) if words else ()


def _errors(writer: Writer) -> Iterator[Line]:
    """The errors, with the derivatives that they are."""
    n, depth = writer.notation, writer.derivation.map.depth
    for name, (of, what) in _ERRORS.items():
        if n.has(name):
            its = of_any(writer, name)
            left, right = (its.symbols.at_layer(n.letter(x), n.layer_letter) for x in (name, of))
            said = (f"{n.letter(x) if n.letter(x).isalpha() else x}<{n.layer_letter}>" for x in (name, of))
            layer: Inline = (f"error at the {what} of layer ", m(n.layer_letter))
            yield _error(writer, Math(left, next(said)), Math(right, next(said)), layer, _size(its))
            continue
        known = {*n.patterned, *n.printed}
        for k in range(1, depth + 1):
            tensor = writer.symbols.tensors.get(f"{name}{k}")
            if f"{name}{k}" in known and tensor is not None:
                below = writer.whole(f"{of}{k}")
                below = Math(f"({below.latex})", below.text) if " " in below.latex else below  # one that is written out
                layer = (f"error at the {what} of layer {k}",)
                yield _error(writer, writer.whole(f"{name}{k}"), below, layer, (writer.dimensions(tensor),))


def _of_any_layer(writer: Writer, name: str) -> Math | str:
    """The shape of a tensor of the first layer as that of any layer, where layers have units and weights between them alone."""
    tensor = writer.symbols.tensors[name]
    units = 2 if name.startswith("W") else 1
    return writer.dimensions(tensor) if sum(a.name != BATCH for a in tensor.axes) <= units else "that of the layer"


def _size(writer: Writer) -> Inline:
    """The shape of what every unit of a layer has one of."""
    return (_of_any_layer(writer, "z1"),) if "z1" in writer.symbols.tensors else ()


def _error(writer: Writer, left: Math, right: Math, what: Inline, shape: Inline) -> Line:
    return (chained([left, _slope(writer, right)]),), what, shape


def _slope(writer: Writer, of: Math) -> Math:
    """The derivative of the loss in one line, as a table has room for."""
    loss, below = writer.symbols.loss, of.latex
    written = writer.symbols.by_whole(below)
    return Math(
        rf"\partial {loss}/\partial {below}" if written.startswith(r"\frac") else written,
        f"d{writer.text_loss}/d{of.text}",
    )


def _derivative(writer: Writer) -> Iterator[Line]:
    """How derivatives are written that have no letter."""
    parameters = [p.tensor for p in writer.derivation.map.parameters]
    if not parameters:
        return
    of = writer.whole(parameters[0].name)
    written = Math(_slope(writer, of).latex, f"d{of.text}")
    what: Inline = ("derivative by ", of, "; the others likewise")
    yield (written,), what, (writer.dimensions(parameters[0]),)


def _numbers(writer: Writer) -> Iterator[Line]:
    """The learning rate, and the numbers of units."""
    n, d = writer.notation, writer.derivation.map
    if d.training is not None and writer.derivation.map.parameters:
        yield (Math(writer.rate, "lr"),), ("learning rate",), _NUMBER
    if d.depth and not n.patterns and (n.layers == 0 or d.depth > _MOST):
        length = Math(f"{n.width}_{{{n.layer_letter}}}", f"{n.width}<{n.layer_letter}>")
        here = [str(d.sizes[a]) for t in _vectors(writer) for a in t.axes if a in d.sizes and d.plain and d.chain]
        said = f": {', '.join(here[:-1])} and {here[-1]} from the input on" if 1 < len(here) <= _MOST + 1 else ""
        yield (length,), ("units of layer ", m(n.layer_letter), said), _NUMBER


def _vectors(writer: Writer) -> list[Tensor]:
    """The input and the pre-activations, layer by layer."""
    names = ("x", *(f"z{k}" for k in range(1, writer.derivation.map.depth + 1)))
    return [writer.symbols.tensors[name] for name in names if name in writer.symbols.tensors]


def a_weight(writer: Writer) -> list[Math]:
    """Any weight, as prose speaks of it: a small letter stands alone; one in each layer where they have their own."""
    w, n = writer, writer.notation
    if n.patterns:
        weights = [p.tensor.name for p in w.derivation.map.parameters if p.tensor.name[:1] == "W"]
        return [w.whole(name) for name in weights if w.symbols.lettered(name)] or [m("w", "w")]
    element = _element(w)
    return [m(element, element) if element.islower() else _weight(w)]


def _element(writer: Writer) -> str:
    """The letter of one weight."""
    n = writer.notation
    return n.printed["W" if n.has("W") else "W1"].element


def _weight(writer: Writer) -> Math:
    """One weight, with the units that it joins."""
    n, (to, from_) = writer.notation, writer.notation.units
    below = (", " if n.commas else "").join((from_, to) if n.from_to else (to, from_))
    element = _element(writer)
    return m(f"{element}_{{{below}}}", f"{element}_{below.replace(' ', '')}")


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
    element, between = _element(writer), ", " if n.commas else ""
    weight = _weight(writer)
    bias: Inline = ()
    if n.bias_in_weights and any(p.tensor.name[:1] == "b" for p in writer.derivation.map.parameters):
        zero = between.join(("0", to) if n.from_to else (to, "0"))
        bias = (" The bias of unit ", m(to), " is ", m(f"{element}_{{{zero}}}", f"{element}_{zero}"),
                ", the weight from a unit 0 that is always 1: ", _always_one(writer), ".")  # fmt: skip
    lie = f"Vectors are {n.layout}; a derivative has the shape of its variable; "
    return (lie, weight, " leads ", *leads, ", so a weight matrix is ", shape, ".", *bias)


def _always_one(writer: Writer) -> Math:
    """The input that a bias is the weight of."""
    x = writer.notation.printed["x"].element if writer.notation.has("x") else writer.symbols.as_layer("x")
    return Math(f"{x}_{{0}} = 1", f"{x}_0 = 1")


def _of_elements(writer: Writer) -> Inline:
    """What the indices of elements are, where a notation has letters for them alone."""
    example = writer.notation.example
    counted = any(example in p.scripts for _, p in writer.notation.patterned.values())
    examples: Inline = ("; ", m(example), " is the number of the example") if counted else ()
    return ("Every equation is one for elements, and a derivative has the indices of its variable", *examples, ".")


def _examples(writer: Writer) -> Inline:
    """What the equations are for: one example, or a batch."""
    training = writer.derivation.map.training
    summed = training is None or training.objective.reduction == "sum" or writer.notation.sums
    what = "sum" if summed else "mean"
    if writer.derivation.batch:
        count, example = m(writer.symbols.count), m(writer.notation.example)
        whose = f"; their loss is the {what} of the losses of each." if training is not None else "."
        return ("The equations are for a batch of ", count, " examples, numbered by ", example, whose)
    return (
        f"The equations are for one example; the loss of a batch is the {what} over its examples, and so are the gradients.",
    )
