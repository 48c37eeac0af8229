"""What each layer of a network reads: the one before it, or what its inputs name; and what is wrong with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symbp.errors import InputError, nearest, shown, unknown
from symbp.network.layers import Layer

KEY = ("layers",)
"""Where a file says what is spoken of here."""


@dataclass(frozen=True)
class Wired:
    """A layer with its kind and what it reads: places among the inputs of the network followed by its layers."""

    layer: Layer
    kind: object
    reads: tuple[int, ...]


def place(number: int, layer: Layer) -> str:
    """How a message speaks of a layer."""
    return f"layer {number} ({layer.kind}{f', {layer.name}' if layer.name else ''})"


def whole_inputs(layers: Sequence[Wired], inputs: Sequence[str]) -> frozenset[str]:
    """The inputs of a network that hold whole numbers, because a layer reads them so.

    Raises
    ------
    InputError : where another layer reads such an input as numbers, or a layer that wants whole numbers reads a layer
    """
    found, numbers = dict[str, str](), dict[str, str]()
    for number, w in enumerate(layers, 1):
        takes = getattr(w.kind, "takes", ("",))
        for k, read in enumerate(w.reads):
            own = takes[min(k, len(takes) - 1)].partition("[")[0]
            wants = own in getattr(w.kind, "whole", ())
            if read >= len(inputs):
                if wants:
                    message = f"{place(number, w.layer)} reads whole numbers, and its input is what a layer computes"
                    raise InputError(message, allowed=f"an input of the network: {', '.join(inputs)}", key=KEY)
                continue
            (found if wants else numbers)[inputs[read]] = place(number, w.layer)
    for name in found.keys() & numbers.keys():
        message = (
            f"{numbers[name]} reads the input {name} as numbers, and {found[name]} as whole numbers that say a place"
        )
        raise InputError(message, allowed="an input for each", key=KEY)
    return frozenset(found)


def wired(layers: Sequence[tuple[object, Layer]], inputs: Sequence[str], outputs: Sequence[str] = ()) -> list[Wired]:
    """The layers, each with what it reads; a layer that names no inputs reads the one before it, the first one the input.

    Parameters
    ----------
    layers : each with its kind, in order
    inputs : the names of the network's inputs
    outputs : the names of its outputs; the last layer where there are none

    Raises
    ------
    InputError : a name that is not known, that comes later or stands twice; what nothing reads
    """
    count, named = len(inputs), _named([layer for _, layer in layers], inputs)
    reads = reads_of([layer for _, layer in layers], inputs)
    found = [Wired(layer, kind, its) for (kind, layer), its in zip(layers, reads, strict=True)]
    read = {place for w in found for place in w.reads} | {named[o] for o in outputs if o in named}
    read |= set() if outputs else {count + len(layers) - 1}
    for name in outputs:
        if name not in named or named[name] < count:
            raise unknown("output", name, [n for n, k in named.items() if k >= count])
    for k in range(count + len(layers)):
        if k not in read:
            said = place(k - count + 1, layers[k - count][1]) if k >= count else f"input {inputs[k]}"
            raise InputError(
                f"nothing reads {said}", allowed="a layer among whose inputs it is, or to leave it out", key=KEY
            )
    return found


def reads_of(layers: Sequence[Layer], inputs: Sequence[str]) -> list[tuple[int, ...]]:
    """What each layer reads: places among the inputs of the network followed by its layers; InputError as in :func:`wired`."""
    count, named = len(inputs), _named(layers, inputs)
    return [
        tuple(_source(s, k, layer, named, count) for s in layer.inputs or _before(k, layer, inputs))
        for k, layer in enumerate(layers)
    ]


def _named(layers: Sequence[Layer], inputs: Sequence[str]) -> dict[str, int]:
    """The places of the inputs and of the layers that have names."""
    named: dict[str, int] = {name: k for k, name in enumerate(inputs)}
    for k, layer in enumerate(layers):
        if layer.name in named:
            raise InputError(
                f"{place(k + 1, layer)}: the name {layer.name} is used twice", allowed="another name", key=KEY
            )
        if layer.name:
            named[layer.name] = len(inputs) + k
    return named


def _before(k: int, layer: Layer, inputs: Sequence[str]) -> tuple[str | int, ...]:
    """What a layer reads that does not say it."""
    if k:
        return (k,)
    if len(inputs) > 1:
        raise InputError(
            f"{place(1, layer)} does not say which input it reads", allowed=f"inputs = [...] of {', '.join(inputs)}", key=KEY
        )  # fmt: skip
    return (inputs[0],)


def _source(source: str | int, k: int, layer: Layer, named: Mapping[str, int], count: int) -> int:
    """The place of one of the inputs of layer k, counted from 0."""
    where = place(k + 1, layer)
    if isinstance(source, int):
        if not 1 <= source <= k:
            raise InputError(
                f"{where} reads layer {source}",
                allowed=f"the number of a layer before it, 1 to {k}"
                if k
                else f"an input: {', '.join([*named][:count])}",
                key=KEY,
            )
        return count + source - 1
    before = {name: at for name, at in named.items() if at < count + k}
    if source in before:
        return before[source]
    if source == layer.name:
        raise InputError(f"{where} reads itself", allowed=", ".join(before), key=KEY)
    if source in named:
        raise InputError(
            f"{where} reads {source}, which comes later, as layer {named[source] - count + 1}",
            allowed=f"what stands before it: {', '.join(before)}",
            key=KEY,
        )
    raise InputError(
        f"{where}: unknown input {shown(source)}", allowed=", ".join(before), nearest=nearest(source, before), key=KEY
    )
