"""Data made ready for a network: read, checked, and a part of them held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from symbp.codegen.training.data import DataSet, check, load, one_hot, split
from symbp.network import Network

FEWEST_TO_SPLIT = 10
"""Examples from which a part is held out; of fewer, none would say much."""


@dataclass(frozen=True)
class Prepared:
    """What training starts from.

    Parameters
    ----------
    data : checked, with the held-out part
    network : the one that was given, changed where the data call for it
    state : what stands beside the parameters and is not trained, by name
    notes : what was decided without being asked, a sentence each, to be said
    """

    data: DataSet
    network: Network
    state: Mapping[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def prepare(source: str, network: Network, *, held_out: float = 0.2, seed: int = 0) -> Prepared:
    """Read the data that `source` names and make them ready for a network.

    Raises
    ------
    InputError : data that cannot be read, or that the network does not take
    """
    return prepare_data(load(source), network, held_out=held_out, seed=seed)


def prepare_data(data: DataSet, network: Network, *, held_out: float = 0.2, seed: int = 0) -> Prepared:
    """Make data ready for a network; a part is held out where they have none, of ten examples or more.

    Raises
    ------
    InputError : data that the network does not take
    """
    labels = network.loss_kind.labels
    if not labels and data.y.ndim == 1 and data.classes and len(network.output) == 1 and network.output[0] > 1:
        data = one_hot(data, network.output[0])
    data = check(data, network.input, network.output, labels_allowed=labels)
    if data.x_validation is None and held_out and len(data.x) >= FEWEST_TO_SPLIT:
        data = split(data, held_out, seed)
    return Prepared(data, network)
