"""Blocks of the catalogue in the lists of layers that they stand in: the layers that each stands for, in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbp.catalogue import BLOCKS
from symbp.errors import InputError, shown
from symbp.network import settings as check
from symbp.network.layers import Layer


def composed(layer: Layer, before: Sequence[Layer], source: str) -> list[Layer]:
    """The layers that a layer stands for: itself, or those of a block.

    Parameters
    ----------
    layer : a layer, perhaps of a kind that is a block
    before : the layers in front of it
    source : the name of the network's first input

    Raises
    ------
    InputError : a setting that the block does not have, one that is missing, more inputs than one, parameters that are shared
    """
    if layer.kind not in BLOCKS:
        return [layer]
    block, label = BLOCKS[layer.kind], f"layer {layer.kind}"
    given = {(block.needs[0] if name == "" and block.needs else name): value for name, value in layer.settings.items()}
    check.known(label, given, [*block.needs, *block.settings])
    for name in block.needs:
        if name not in given:
            raise InputError(f"{label} needs {name}", allowed=f"{name} = NUMBER")
    if len(layer.inputs) > 1:
        raise InputError(f"{layer.kind} takes 1 input, got {len(layer.inputs)}")
    if layer.share:
        message = f"{label} shares {shown(next(iter(layer.share)))}, and has no parameters of its own"
        raise InputError(message, allowed="share of one of the layers that it stands for, written out")
    first: str | int = (layer.inputs or (before[-1].name or len(before) if before else source,))[0]
    its = {**block.settings, **given}
    made: list[Layer] = []
    for part in block.layers:
        settings = {own: its[name] for own, name in part.settings.items()}
        reads = tuple(len(before) + k if k else first for k in part.inputs)
        made.append(Layer(part.kind, settings, inputs=reads or (() if made else layer.inputs)))
    return [*made[:-1], replace(made[-1], name=layer.name)]


def all_composed(layers: Sequence[str | Layer], source: str) -> tuple[Layer, ...]:
    """The layers of a list, names among them, with those of blocks in the place of the blocks."""
    made: list[Layer] = []
    for x in layers:
        made += composed(Layer(x) if isinstance(x, str) else x, made, source)
    return tuple(made)
