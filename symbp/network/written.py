"""A network written out, every choice explicit, as what an architecture file holds; and the network that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from symbp.catalogue import ACTIVATIONS, LAYERS
from symbp.errors import InputError
from symbp.files import text_of
from symbp.network import spec
from symbp.network.layers import Layer, LossTerm, Optimizer
from symbp.network.network import Network


def written(net: Network) -> dict[str, Any]:
    """The contents of an architecture file that describes the network; no default is left to be guessed.

    Raises
    ------
    InputError : the network has functions or layers of the user's own and was not read from a file that says them
    """
    loss = net.loss_kind.name
    own = net.functions or net.kinds
    inputs = {name: {"shape": [*shape]} for name, shape in net.inputs.items()}
    return {
        **({"input": [*net.input]} if [*net.inputs] == ["x"] else {"inputs": inputs}),
        "layers": [_layer(net, layer) for layer in net.layers],
        **({"name": net.name} if net.name else {}),
        **(
            {"losses": [_term(term) for term in net.losses]}
            if net.losses
            else {"loss": {loss: dict(net.loss_settings)} if net.loss_settings else loss}
        ),
        "optimizer": {net.optimizer.kind.name: _optimizer(net.optimizer)},
        **({"regularization": dict(net.regularization)} if net.regularization else {}),
        "reduction": net.reduction,
        **({"standardize": net.standardize} if net.standardize else {}),
        **({"constants": dict(net.constants)} if net.constants else {}),
        **(_own(net) if own else {}),
    }


def network_of(contents: Mapping[str, Any], text: str = "") -> Network:
    """The network that :func:`written` wrote out; `text` is how its architecture was given.

    Raises
    ------
    InputError : contents that describe no network
    """
    try:
        read = msgspec.convert(dict(contents), spec.Spec)
    except msgspec.ValidationError as e:
        raise InputError(f"the architecture cannot be read: {e}") from None
    return Network(**spec.arguments(read, text=text))


def _layer(net: Network, layer: Layer) -> str | dict[str, Any]:
    settings = dict(layer.settings)
    if "" in settings:
        kind: Any = {**ACTIVATIONS, **LAYERS, **net.kinds}[layer.kind]
        settings = {getattr(kind, "main", "") or next(iter(kind.settings)): settings.pop(""), **settings}
    wiring = {"name": layer.name, "inputs": [*layer.inputs], "share": dict(layer.share)}
    given = {key: value for key, value in wiring.items() if value}
    return {layer.kind: settings, **given} if settings or given else layer.kind


def _term(term: LossTerm) -> dict[str, Any]:
    named = {"of": term.of, "target": term.target}
    return {term.kind: dict(term.settings), **{k: v for k, v in named.items() if v}, "weight": term.weight}


def _optimizer(optimizer: Optimizer) -> dict[str, Any]:
    schedule = {optimizer.schedule.name: dict(optimizer.schedule_settings)}
    return {**optimizer.settings, "schedule": schedule}


def _own(net: Network) -> dict[str, Any]:
    """The tables of the user's own functions and layers, from the file that has them."""
    if not net.text.lower().endswith((".toml", ".json")):
        raise InputError(
            "functions and layers of your own are saved from the file that has them", allowed="Network.load"
        )
    file = spec.decode(text_of(Path(net.text)), json_text=net.text.lower().endswith(".json"))
    return {
        "functions": dict(file.functions),
        "layer": {name: msgspec.to_builtins(its) for name, its in file.layer.items()},
    }
