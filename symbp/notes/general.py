"""The general layer k: the four equations of backpropagation, derived on a deep network of the same kind, numbered and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from symbp.calculus.passes import inline
from symbp.calculus.program import ScalarFunction, Statement
from symbp.catalogue import ACTIVATIONS
from symbp.catalogue.kinds import Number
from symbp.network import Layer, Network, layer
from symbp.network.derivation import Derivation, derive
from symbp.notes.blocks import Block, Boxed, Display, Heading, Inline, Items, Math, Paragraph, Reference, Row
from symbp.notes.braces import braced
from symbp.notes.reading import readable
from symbp.notes.writer import Writer

_DEPTH, _K = 4, 2  # a hidden layer with neighbours on both sides, and a last layer that is none of them
_COUPLED = ("softmax", "log_softmax")
_NAMES = {
    "last": "error of the last layer",
    "back": "error one layer back",
    "weights": "gradient of the weights",
    "biases": "gradient of the biases",
}
_WORDS = {1: "one", 2: "two", 3: "three", 4: "four"}


@dataclass(frozen=True)
class General:
    """The equations of layer k of networks like one that is given, and of their last layer L.

    `writer` prints a deep network of the same kind, its layers as k-1, k, k+1 and L; `biased` says whether there are biases.
    """

    writer: Writer
    biased: bool

    @cached_property
    def last(self) -> Statement:
        """The error of the last layer."""
        return self._statement(f"delta{_DEPTH}")

    @cached_property
    def back(self) -> Statement:
        """The error of layer k from that of layer k+1: what stands between them is put in."""
        s = self._statement(f"delta{_K}")
        while True:
            between = [n for n in s.reads if self._is_error(n) and not n.startswith("delta")]
            if not between:
                return s
            put_in = {n: self._statement(n) for n in between}
            s = replace(s, body=inline(s.body, put_in))

    @cached_property
    def between(self) -> tuple[Statement, ...]:
        """The errors on the way from layer k+1 to layer k, in order."""
        program = self.writer.derivation.backward.statements
        names = [s.target.name for s in program]
        first, last = names.index(f"delta{_K + 1}"), names.index(f"delta{_K}")
        return tuple(s for s in program[first + 1 : last] if self._is_error(s.target.name))

    @cached_property
    def weights(self) -> Statement:
        """The gradient of the weights of layer k."""
        return self._statement(f"dW{_K}")

    @cached_property
    def biases(self) -> Statement:
        """The gradient of the biases of layer k."""
        return self._statement(f"db{_K}")

    @cached_property
    def forward(self) -> tuple[Statement, ...]:
        """What layer k computes."""
        program = self.writer.derivation.forward.statements
        names = [s.target.name for s in program]
        return tuple(program[names.index(f"z{_K}") : names.index(f"z{_K + 1}")])

    @property
    def keyed(self) -> dict[str, Statement]:
        """The equations by their keys, in order."""
        found = {"last": self.last, "back": self.back, "weights": self.weights}
        return {**found, "biases": self.biases} if self.biased else found

    @property
    def coupled(self) -> bool:
        """Whether each output depends on all pre-activations of the last layer."""
        return self.writer.derivation.forward.definitions["yhat"].label in _COUPLED

    @property
    def number(self) -> str:
        """How many equations there are, in words."""
        return _WORDS[len(self.keyed)]

    def row(self, s: Statement, *, why: Inline = (), key: str = "", shapes: bool = True) -> Row:
        """An equation as matrices, or in index form where there is no such form."""
        w = self.writer
        m = w.reading(s)
        if not readable(m):
            return Row(*w.statement(s), why, key=key)
        assert m is not None
        return Row(w.whole(s.target.name), braced(w, m) if shapes else w.matrix(m), why, key=key)

    def letter(self, layer: int) -> Math:
        """A layer of the deep network by its letter: k is 3."""
        shown = self.writer.symbols.layer(layer)
        return Math(shown, shown)

    def _statement(self, name: str) -> Statement:
        return self.writer.derivation.program.definitions[name]

    def _is_error(self, name: str) -> bool:
        tensor = self.writer.symbols.tensors[name]
        return tensor.of is not None and self.writer.symbols.tensors[tensor.of].role == "value"


def general(writer: Writer) -> General | None:
    """The general layer of networks like the one of a page; None where its layers are not alike, or have no letter for k."""
    if writer.notation.layers or writer.notation.patterns:
        return None
    kind = kind_of(writer.derivation)
    if kind is None:
        return None
    last = "L" if writer.symbols.loss != "L" else writer.symbols.layer(writer.derivation.map.depth)
    names = {_K - 1: "k-1", _K: "k", _K + 1: "k+1", _DEPTH: last}  # where L is the loss, the last layer has its number
    notation = replace(writer.notation, marked=False)  # g'(z^{[k]}) says its layer already
    of = deep(kind)
    return General(Writer(of, notation, names), kind.bias)


@dataclass(frozen=True)
class Kind:
    """What networks of one kind share: what follows each hidden dense layer and the last one, biases, and the objective."""

    hidden: tuple[tuple[str, Number], ...]
    last: str
    bias: bool
    loss: str
    loss_settings: tuple[tuple[str, Any], ...]
    reduction: str
    regularization: tuple[tuple[str, Number], ...]
    batch: bool


def kind_of(d: Derivation) -> Kind | None:
    """The kind of a network of dense layers with one activation each; None for another one, or without a hidden layer."""
    training = d.map.training
    layers = [x for x in d.map.layers if isinstance(x, Layer)]
    dense = [k for k, x in enumerate(layers) if x.kind == "dense"]
    if training is None or len(dense) < 2 or dense[0] != 0 or any(x.name for x in layers) or d.map.depth != len(dense):
        return None
    if len(d.map.state) > 0 or len({x.settings.get("bias", True) for x in layers if x.kind == "dense"}) > 1:
        return None
    scalar = {**ACTIVATIONS, **d.map.functions}
    blocks = [layers[a + 1 : b] for a, b in zip(dense, [*dense[1:], len(layers)], strict=True)]
    kinds = [["g" if x.kind in scalar else x.kind for x in block] for block in blocks]
    hidden, last = kinds[0], kinds[-1] or ["g"]
    allowed = hidden[:1] == ["g"] and hidden.count("g") == 1 and set(hidden) <= {"g", "dropout"}
    if not allowed or any(other != hidden for other in kinds[:-1]) or last[0] not in ("g", *_COUPLED) or len(last) > 1:
        return None
    goal = training.objective
    coupled = last[0] in _COUPLED
    return Kind(
        tuple((k, next(iter(x.settings.values()), 0.5)) for k, x in zip(hidden, blocks[0], strict=True)),
        last[0],
        bool(layers[0].settings.get("bias", True)),
        goal.loss.name if coupled else "sse",  # the loss of outputs that are not coupled plays no part
        tuple(goal.settings.items()) if coupled else (),
        goal.reduction,
        tuple(goal.regularization.items()),
        d.batch,
    )


@lru_cache(maxsize=32)
def deep(kind: Kind) -> Derivation:
    """The derivation of a deep network of a kind, whose activation g is any function."""
    layers: list[str | Layer] = []
    for width in range(_DEPTH):
        layers.append(layer("dense", width + 3, bias=kind.bias))
        hidden: list[str | Layer] = ["g" if name == "g" else layer(name, rate) for name, rate in kind.hidden]
        layers += hidden if width < _DEPTH - 1 else [kind.last]
    net = Network(
        2,
        layers,
        loss=kind.loss,
        loss_settings=dict(kind.loss_settings),
        reduction=kind.reduction,
        regularization=dict(kind.regularization),
        functions={"g": ScalarFunction("g")},
    )
    return derive(net, batch=kind.batch)


def equations(of: General | None, *, short: bool = False) -> list[Block]:
    """The section on the general layer: where its equations come from, and what each says; `short` leaves the parts out."""
    if of is None:
        return []
    k, before, after, last = (of.letter(n) for n in (_K, _K - 1, _K + 1, _DEPTH))
    rows = [of.row(s, why=("forward",)) for s in of.forward]
    blocks: list[Block] = [
        Heading(1, ("The general layer",)),
        Paragraph((
            "Nothing above depended on how many layers there are. Let ", k, " be any layer and ", last,
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


def _rows(of: General) -> tuple[Row, ...]:
    return tuple(of.row(s, why=(f"the {_NAMES[key]}",), key=key) for key, s in of.keyed.items())


def _parts(of: General) -> list[Block]:
    """One weight's derivative taken apart: what came back times what is there."""
    w = of.writer
    s = of.weights
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
    return [Paragraph(("For a single weight the third equation says:",)), Display(rows)]


def under(parts: Sequence[tuple[Math, str]]) -> Math:
    """A product with a word under each factor."""
    latex = r" \, ".join(rf"\underbrace{{{m.latex}}}_{{\text{{{said}}}}}" for m, said in parts)
    return Math(latex, "*".join(m.text for m, _ in parts))


def _said(of: General) -> tuple[Inline, ...]:
    """A sentence on each equation: what it says, and what it means for learning."""
    w = of.writer
    delta = w.whole(f"delta{_K}")
    loss = Math(w.symbols.loss, w.text_loss)
    slope = Math(f"g'({w.symbols.argument})", f"g'({w.symbols.argument})")
    above = w.whole(f"W{_K + 1}")
    first: Inline
    if of.coupled:
        first = (
            "each output depends on all of ", w.whole(f"z{_DEPTH}"), ", and the sum over the Jacobian of the output "
            "layer has been "
            "carried out. Where the loss fits the output layer, as cross-entropy fits softmax, no slope is left: a wrong "
            "answer is corrected at once, however sure the network was of it.",
        )  # fmt: skip
    else:
        first = (
            "how fast ", loss, " changes with the output, times the slope ", slope, " of the last activation. A saturated output "
            "unit, whose slope is almost 0, learns slowly even where it is wrong, unless the loss cancels the slope.",
        )  # fmt: skip
    back: Inline = (
        "the errors of the next layer come back over the same weights ", above, ", transposed, not inverted: unit by unit, all "
        "paths to the loss are added. Then each unit multiplies by its own slope. A saturated unit passes almost nothing "
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
    rows = tuple(of.row(s, why=(Reference(key),), shapes=False) for key, s in of.keyed.items())
    k, last = of.letter(_K), of.letter(_DEPTH)
    title = f"The {of.number} equations of backpropagation"
    parts: Inline = ("for ", k, " from ", last, " down to the first layer")
    return [Boxed((title, ", ", *parts), (Display(rows),))]


def references(of: General | None, s: Statement, kinds: dict[str, str]) -> Inline:
    """The equation of the general layer that gives a statement of the network; nothing where there is none."""
    key = kinds.get(s.target.name, "")
    if of is None or key not in of.keyed:
        return ()
    return ("by ", Reference(key))


def by_key(d: Derivation) -> dict[str, str]:
    """Which equation gives which adjoint of a network."""
    depth = d.map.depth
    found: dict[str, str] = {}
    for x, name in d.backward.adjoint.items():
        for letter, key in (("z", "back"), ("W", "weights"), ("b", "biases")):
            if x in [f"{letter}{k}" for k in range(1, depth + 1)]:
                found[name] = "last" if x == f"z{depth}" else key
    return found
