r"""A notation for one network: the letters that mean something in networks of its kind alone, and what its loss is."""

from __future__ import annotations

from dataclasses import replace

from symbp.errors import InputError
from symbp.network import Network
from symbp.notation import Notation
from symbp.notation.notation import PROBABLE


def of_network(notation: Notation, net: Network) -> Notation:
    r"""The notation with letters that mean something in a network of this kind where they are not taken: p is the prediction
    where outputs are probabilities, \theta are the weights where there is one layer. InputError where it has letters for
    another number of layers."""
    probable = net.layers[-1].kind in PROBABLE
    notation = notation.fitted(net.depth, probable)
    if notation.layers and net.depth != notation.layers:
        raise InputError(
            f"the convention {notation.name} has letters for {notation.layers} layers, and this network has {net.depth}",
            allowed=f"networks of {notation.layers} dense layers, or another convention",
        )
    taken = {*notation.families, *notation.fixed, *notation.patterns, *notation.functions, *notation.loss}
    predicted = "yhat" in notation.fixed.values() and not notation.patterns and not taken & {"p", r"\hat{p}"}
    if predicted and probable:
        notation = replace(notation, fixed={**notation.fixed, "p": "yhat", r"\hat{p}": "yhat"})
    if net.reduction == "sum":
        notation = replace(notation, sums=True)
    alone = sum(layer.kind == "dense" for layer in net.layers) == 1
    if alone and notation.families.get("w") == "W" and r"\theta" not in taken:
        notation = replace(notation, families={**notation.families, r"\theta": "W"})
    return notation
