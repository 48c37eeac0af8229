"""The layers of an architecture file: tables read, and blocks put in, each of whose layers gets a name with a prefix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from symbp.calculus.language import valid_name
from symbp.errors import InputError, nearest, shown, unknown
from symbp.network.composed import composed
from symbp.network.layers import MOST_LAYERS, Layer
from symbp.network.settings import whole

Item = str | Mapping[str, Any]


class Block(msgspec.Struct, forbid_unknown_fields=True):
    """A ``[block.NAME]`` table: layers that are used in several places; `inputs` are its names for what it reads there."""

    layers: list[str | dict[str, Any]]
    inputs: list[str] = msgspec.field(default_factory=lambda: ["x"])


@dataclass(frozen=True)
class _Scope:
    """Where names are looked up: at the top every name stands for itself; in a block its inputs are what it was given, its own
    names get the prefix, and there are no others.

    `first` is what the first layer reads that does not say it, nothing for the layer before it.
    """

    block: str = ""
    prefix: str = ""
    known: dict[str, str | int] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    first: tuple[str | int, ...] = ()

    def reference(self, name: str | int) -> str | int:
        """What a name of an input stands for."""
        if name in self.known:
            return self.known[str(name)]
        if not self.block:
            return name
        if name in self.own:
            return f"{self.prefix}{name}"
        names = [*self.known, *self.own]
        raise InputError(
            f"block {self.block}: unknown input {shown(str(name))}",
            allowed=", ".join(names),
            nearest=nearest(str(name), names),
            key=("block", self.block),
        )

    def parameter(self, text: str) -> str:
        """What a shared parameter of a layer of the block itself, or of one outside, is called."""
        mine = any(text.startswith(f"{name}_") for name in self.own)
        return f"{self.prefix}{text}" if mine else text


@dataclass
class _Expansion:
    """The layers so far, and how often each block was used."""

    blocks: Mapping[str, Block]
    bias: bool
    source: str
    layers: list[Layer] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)

    def add(self, items: Sequence[Item], scope: _Scope, inside: tuple[str, ...]) -> None:
        """Add the layers of a list."""
        for k, item in enumerate(items):
            first = scope.first if k == 0 else ()
            if isinstance(item, Mapping) and "block" in item:
                self._block(item, scope, first, inside)
                continue
            layer = read_layer(item, self.bias)
            layer = replace(
                layer,
                name=layer.name and f"{scope.prefix}{layer.name}",
                inputs=tuple(map(scope.reference, layer.inputs)) or first,
                share={p: scope.parameter(text) for p, text in layer.share.items()},
            )
            self.layers += composed(layer, self.layers, self.source)
            if len(self.layers) > MOST_LAYERS:
                raise InputError(f"more than {MOST_LAYERS} layers, those of blocks counted", allowed="fewer")

    def _block(
        self, item: Mapping[str, Any], scope: _Scope, first: tuple[str | int, ...], inside: tuple[str, ...]
    ) -> None:
        extra = [k for k in item if k not in ("block", "repeat", "name", "inputs")]
        if extra:
            raise unknown("key beside block", extra[0], ("repeat", "name", "inputs"))
        name, own = str(item["block"]), text_of("name", item.get("name", ""))
        if name not in self.blocks:
            raise unknown("block", name, self.blocks)
        if name in inside:
            chain = " contains ".join([*inside[inside.index(name) :], name])
            raise InputError(f"a block contains itself: {chain}", allowed="blocks of layers", key=("block", name))
        block = self.blocks[name]
        if not block.layers:
            raise InputError(f"block {name} has no layers", allowed="at least one", key=("block", name))
        given = tuple(map(scope.reference, inputs_of(item))) or first
        if (given or len(block.inputs) > 1) and len(given) != len(block.inputs):
            raise InputError(
                f"block {name} takes {len(block.inputs)} inputs, got {len(given)}", allowed=", ".join(block.inputs)
            )
        for turn in range(whole("repeat", item.get("repeat", 1), 1, MOST_LAYERS)):
            number = self.used[name] = self.used.get(name, 0) + 1
            called = (f"{own}{turn + 1}" if "repeat" in item else own) if own else f"{name}{number}"
            now: tuple[str | int, ...] = (self._last(), *given[1:])
            known = dict(zip(block.inputs, now if turn or not given else given, strict=True))
            names = frozenset(i["name"] for i in block.layers if isinstance(i, Mapping) and i.get("name"))
            self.add(
                block.layers,
                _Scope(name, f"{scope.prefix}{called}_", known, names, given[:1] if not turn else ()),
                (*inside, name),
            )
        if own:
            if not self.layers[-1].name:
                self.layers[-1] = replace(self.layers[-1], name=f"{scope.prefix}{own}")
            scope.known[own] = self.layers[-1].name

    def _last(self) -> str | int:
        """What stands for the layer before: its name, or its number where it has none."""
        return (self.layers[-1].name or len(self.layers)) if self.layers else self.source


def expanded(items: Sequence[Item], blocks: Mapping[str, Block], *, bias: bool, source: str) -> list[Layer]:
    """The layers of a file, the layers of blocks in the place of every ``{ block = NAME }``.

    Parameters
    ----------
    items : the layers and blocks in order
    blocks : the blocks by name
    bias : whether dense layers have biases where they do not say it
    source : the name of the network's input

    Raises
    ------
    InputError : what is no layer; a block that is not known, that contains itself, or reads what it does not have
    """
    for name in blocks:
        valid_name(name, "block name")
    made = _Expansion(blocks, bias, source)
    made.add(items, _Scope(), ())
    return made.layers


def inputs_of(item: Mapping[str, Any]) -> tuple[str | int, ...]:
    """The inputs that a table names."""
    given = item.get("inputs", [])
    fits = isinstance(given, list | tuple) and all(isinstance(x, str | int) and not isinstance(x, bool) for x in given)
    if not fits:
        raise InputError(f"inputs is {shown(str(given))}", allowed='a list of names, such as ["x", "h"]')
    if "inputs" in item and not given:
        raise InputError("a layer has an empty list of inputs", allowed='a list of names, such as ["x", "h"]')
    return tuple(given)


def text_of(what: str, value: Any) -> str:
    """A value that has to be a text."""
    if not isinstance(value, str):
        raise InputError(f"the {what} of a layer is {shown(str(value))}", allowed="a text")
    return value


def read_layer(item: Item, bias: bool = True) -> Layer:
    """A layer from a name, or from a table with one key that names it and the keys name, inputs and share."""
    if isinstance(item, str):
        return Layer(item)
    own = text_of("name", item.get("name", ""))
    share = item.get("share", {})
    if not isinstance(share, Mapping) or not all(isinstance(v, str) for v in share.values()):
        raise InputError(f"share is {shown(str(share))}", allowed='a table of names, such as { W = "enc_W" }')
    rest = {k: v for k, v in item.items() if k not in ("name", "inputs", "share")}
    if len(rest) != 1:
        raise InputError(
            f"a layer table has the keys {', '.join(map(shown, item)) or 'none'}",
            allowed="one key that names the layer",
        )
    ((kind, value),) = rest.items()
    settings = dict(value) if isinstance(value, Mapping) else {"": value}
    if isinstance(value, Mapping) and "" in value:
        raise InputError(f"layer {shown(kind)} has a setting without a name", allowed="NAME = VALUE")
    if kind == "dense" and not bias:
        settings["bias"] = False
    return Layer(kind, settings, own, inputs_of(item), dict(share))
