"""A network in words: ``a network with 2 inputs, a hidden layer of 2 sigmoid units and 3 linear outputs``."""

from __future__ import annotations

from symbp.catalogue import LAYERS, LOSSES
from symbp.network.forward import ForwardMap

_TERMS = {"l1": "the penalty l1", "l2": "the penalty l2", "identity": "linear"}
_MOST_NAMED = 4  # hidden layers that are all named


def of_line(label: str) -> str:
    """What a line of the forward map is, by its label: a loss by its name in words."""
    loss = LOSSES.get(label)
    return _TERMS.get(label) or (loss.words if loss is not None and loss.words else label.replace("_", " "))


def in_words(forward: ForwardMap) -> str:
    """What a network of dense layers is; nothing for a map that is no network, or has layers of other kinds."""
    weights = [p.tensor.axes for p in forward.parameters if len(p.tensor.axes) == 2]
    widths, kinds, others = [forward.sizes[axes[0]] for axes in weights], list[str](), list[str]()
    for layer in forward.layers:
        kind = LAYERS.get(layer.kind)
        if layer.kind == "dense":
            kinds.append("linear")
        elif kind is not None and not kind.activation:
            others.append(layer.kind)
        elif kinds:
            kinds[-1] = "linear" if layer.kind in ("identity", "linear") else layer.kind.replace("_", " ")
        else:
            return ""  # an activation of the input
    if not kinds or len(kinds) != len(weights) or {*others} - {"dropout"}:
        return ""
    *hidden, (width, kind_of_last) = zip(widths, kinds, strict=True)
    parts = [
        _counted(forward.sizes[weights[0][1]], "input"),
        *_hidden(hidden),
        _counted(width, f"{kind_of_last} output"),
    ]
    dropout = ", with dropout" if others else ""
    return f"a network with {', '.join(parts[:-1])} and {parts[-1]}{dropout}"


def _hidden(layers: list[tuple[int, str]]) -> list[str]:
    """The hidden layers; said once where they are alike, and counted where they are many."""
    if not layers:
        return []
    width, kind = layers[-1]
    if len(layers) == 1:
        return [f"a hidden layer of {_units(width, kind)}"]
    if len({*layers}) == 1:
        return [f"{len(layers)} hidden layers of {_units(width, kind)} each"]
    if len(layers) > _MOST_NAMED:
        return [f"{len(layers)} hidden layers"]
    first = ", ".join(f"{n} {what}" for n, what in layers[:-1])
    return [f"hidden layers of {first} and {_units(width, kind)}"]


def _units(width: int, kind: str) -> str:
    return _counted(width, f"{kind} unit")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"
