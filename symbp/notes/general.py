"""The general layer k: the four equations of backpropagation, derived on a deep network of the same kind, numbered and named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from symbp.calculus.passes import inline
from symbp.calculus.program import ScalarFunction, Statement
from symbp.catalogue import ACTIVATIONS
from symbp.catalogue.kinds import Number
from symbp.network import Layer, Network, layer
from symbp.network.derivation import Derivation, derive
from symbp.notes.blocks import Inline, Math, Reference, Row
from symbp.notes.braces import braced
from symbp.notes.reading import readable
from symbp.notes.writer import Writer

DEEPEST, K = 4, 2
"""How many layers the deep network has, and the hidden layer that stands for any: those beside it are hidden ones too."""

_COUPLED = ("softmax", "log_softmax")
_WORDS = {1: "one", 2: "two", 3: "three", 4: "four"}


@dataclass(frozen=True)
class General:
    """The equations of layer k of networks like one that is given, and of their last layer L.

    `writer` prints a deep network of the same kind, its layers as k-1, k, k+1 and L; `biased` says whether there are biases.
    Where a notation has letters for single layers alone, it is `own`: as deep as the network itself, and each equation is said of
    each of its layers in turn, from the last one that it holds for to the first.
    """

    writer: Writer
    biased: bool
    own: bool = False

    @cached_property
    def depth(self) -> int:
        """The number of the last layer."""
        return self.writer.derivation.map.depth

    @property
    def hidden(self) -> tuple[int, ...]:
        """The hidden layers whose equations are printed."""
        return tuple(range(self.depth - 1, 0, -1)) if self.own else (K,)

    @property
    def weighted(self) -> tuple[int, ...]:
        """The layers whose gradients are printed."""
        return (self.depth, *self.hidden) if self.own else self.hidden

    @cached_property
    def last(self) -> Statement:
        """The error of the last layer."""
        return self._statement(f"delta{self.depth}")

    @cached_property
    def back(self) -> tuple[Statement, ...]:
        """The error of layer k from that of layer k+1: what stands between them is put in."""
        return tuple(self._back(k) for k in self.hidden)

    @cached_property
    def weights(self) -> tuple[Statement, ...]:
        """The gradient of the weights of layer k."""
        return tuple(self._statement(f"dW{k}") for k in self.weighted)

    @cached_property
    def biases(self) -> tuple[Statement, ...]:
        """The gradient of the biases of layer k."""
        return tuple(self._statement(f"db{k}") for k in self.weighted)

    @cached_property
    def forward(self) -> tuple[Statement, ...]:
        """What layer k computes; where each layer has its own letters, what each of them does."""
        program = self.writer.derivation.forward.statements
        if self.own:
            loss = self.writer.derivation.backward.loss
            return tuple(s for s in program if self.writer.symbols.lettered(s.target.name) and s.target.name != loss)
        names = [s.target.name for s in program]
        return tuple(program[names.index(f"z{K}") : names.index(f"z{K + 1}")])

    @property
    def keyed(self) -> dict[str, tuple[Statement, ...]]:
        """The equations by their keys, in order."""
        found = {"last": (self.last,), "back": self.back, "weights": self.weights}
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

    def _back(self, k: int) -> Statement:
        s = self._statement(f"delta{k}")
        while True:
            between = [n for n in s.reads if self._is_error(n) and not n.startswith("delta")]
            if not between:
                return s
            put_in = {n: self._statement(n) for n in between}
            s = replace(s, body=inline(s.body, put_in))

    def _statement(self, name: str) -> Statement:
        return self.writer.derivation.program.definitions[name]

    def _is_error(self, name: str) -> bool:
        tensor = self.writer.symbols.tensors[name]
        return tensor.of is not None and self.writer.symbols.tensors[tensor.of].role == "value"


def general(writer: Writer) -> General | None:
    """The general layer of networks like the one of a page; None where its layers are not alike.

    Where a notation has letters for single layers, the letters that all layers have are taken for layer k; where it has none of
    those, the equations are those of the network itself.
    """
    kind = kind_of(writer.derivation)
    if kind is None:
        return None
    single = writer.notation.layers > 0
    if writer.notation.patterns or (single and not writer.notation.beyond):
        return General(Writer(deep(kind, writer.derivation.map.depth), writer.notation), kind.bias, own=True)
    its_loss = writer.notation.printed["J"]
    loss = {letter.partition("_")[0] for letter in (its_loss.whole, its_loss.element, its_loss.batch)}
    last = "L" if "L" not in loss else writer.symbols.layer(writer.derivation.map.depth)
    names = {K - 1: "k-1", K: "k", K + 1: "k+1", DEEPEST: last}  # where L is the loss, the last layer has its number
    its = writer.notation.fitted(DEEPEST) if single else writer.notation
    notation = replace(its, marked=False)  # g'(z^{[k]}) says its layer already
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
    if (
        training is None
        or not (d.map.plain and d.map.chain)
        or len(dense) < 2
        or dense[0] != 0
        or any(x.name for x in layers)
        or d.map.depth != len(dense)
    ):
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
def deep(kind: Kind, depth: int = DEEPEST) -> Derivation:
    """The derivation of a deep network of a kind, whose activation g is any function."""
    layers: list[str | Layer] = []
    for width in range(depth):
        layers.append(layer("dense", width + 3, bias=kind.bias))
        hidden: list[str | Layer] = ["g" if name == "g" else layer(name, rate) for name, rate in kind.hidden]
        layers += hidden if width < depth - 1 else [kind.last]
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
