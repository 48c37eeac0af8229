"""Data made ready for a network: read, put in the loss's terms, checked, split, completed, and their statistics taken."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from symbp.codegen.training.data import DataSet, check, load, load_x, read_again, split
from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.columns import Reading, filled, fitted
from symbp.codegen.training.data.dataset import has_labels
from symbp.codegen.training.data.frame import is_frame, told_by_rows
from symbp.codegen.training.data.scales import reason, statistics
from symbp.codegen.training.data.targets import as_taken, check_targets
from symbp.errors import InputError, Place, counted
from symbp.network import Network
from symbp.network.standardize import why_not_targets

FEWEST_TO_SPLIT = 10
"""Examples from which a part is held out; of fewer, none would say much."""


@dataclass(frozen=True)
class Prepared:
    """What training starts from.

    Parameters
    ----------
    data : checked, with the held-out part, without missing values, in their own units
    network : the one that was given, standardising what the data call for
    state : the statistics of the part to train on, float64, by the names of the module's STATE; put them beside the parameters
    notes : what was decided without being asked, a sentence each, to be said
    """

    data: DataSet
    network: Network
    state: Mapping[str, Array] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def check_plain(network: Network) -> None:
    """Raise InputError for a network that is given its arrays by name."""
    if network.plain:
        return
    outside = [t.name for t in (*network.forward_map.inputs, *network.forward_map.targets)]
    raise InputError(
        f"the network is given {', '.join(outside)} by name, and data of one x and one y are trained on here",
        allowed="symbp generate, then fit(params, x, y) of its module, which takes dicts of arrays; or its command train, "
        "with an .npz file of these arrays",
    )


def prepare(
    source: str,
    network: Network,
    *,
    target: Sequence[str] = (),
    header: bool | None = None,
    impute: str = "",
    standardize: bool | None = None,
    held_out: float = 0.2,
    seed: int = 0,
) -> Prepared:
    """Read the data that `source` names and make them ready for a network.

    Parameters
    ----------
    source : a bundled set, a table, an .npz file, or ``X.npy,Y.npy``
    target, header, impute : as in `symbp.codegen.training.data.read`; statistics come from the part to train on
    standardize : whether x (and for a regression y) is standardised; None finds out, unless the network says already
    held_out : the part to hold out where the data have none of their own; of fewer than 10 examples none is

    Raises
    ------
    InputError : data that cannot be read, or that the network does not take
    """
    check_plain(network)
    data = load(source, target=target, header=header, impute=impute, takes=network.input)
    return prepare_data(data, network, standardize=standardize, held_out=held_out, seed=seed, in_place=True)


def prepare_data(
    data: DataSet,
    network: Network,
    *,
    standardize: bool | None = None,
    held_out: float = 0.2,
    seed: int = 0,
    in_place: bool = False,
) -> Prepared:
    """The same for data that were read already; with `in_place` their arrays are used for the part to train on."""
    check_plain(network)
    classes = has_labels(data.y) and (data.classes is not None or network.loss_kind.labels)
    data = fitting(data, network, held_out=held_out, seed=seed, in_place=in_place)
    notes = _told_of_classes(data, network)
    data, said = _completed(data)
    notes += said
    network, said = _standardizing(network, data, classes, standardize)
    notes += said
    state: dict[str, Array] = {}
    if network.standardize:
        state["x_mean"], state["x_scale"] = statistics(data.x)
    if network.standardize == "both":
        state["y_mean"], state["y_scale"] = statistics(data.y)
    return Prepared(data, network, state, tuple(notes))


def _told_of_classes(data: DataSet, network: Network) -> list[str]:
    """What to say where classes by name meet a network that does not tell just those apart."""
    count, outputs = len(data.classes or ()), math.prod(network.output)
    loss = network.loss_kind
    if count == 2 and outputs == 1 and loss.boundary is None:
        return [
            f"loss {loss.name} takes the classes as the numbers 0 and 1; --loss binary_cross_entropy tells them apart"
        ]
    if loss.labels and count and count < outputs and data.reading is not None:
        return [f"the table has {count} classes, and the network {outputs} outputs: the others never come"]
    return []


def fitting(
    data: DataSet, network: Network, *, held_out: float = 0.0, seed: int = 0, in_place: bool = False
) -> DataSet:
    """The data as the network takes them, a part of them held out where they have none and there are ten examples.

    Raises
    ------
    InputError : data that do not fit, or that the loss does not take
    """
    loss = network.loss_kind
    data = as_taken(data, loss, math.prod(network.output))
    missing = data.reading is not None and bool(data.reading.impute)
    data = check(data, network.input, network.output, labels_allowed=loss.labels, missing=missing)
    check_targets(data, loss)
    if data.reading is not None and data.classes:
        data = replace(data, reading=msgspec.structs.replace(data.reading, classes=data.classes))
    if data.x_validation is None and held_out and len(data.x) >= FEWEST_TO_SPLIT:
        data = split(data, held_out, seed, in_place=in_place)
    return data


def prepare_again(
    source: Any, network: Network, reading: Reading, *, targets: bool = True
) -> tuple[Array, DataSet | None]:
    """x of a new table, the name of a file or a DataFrame, that is read as the one to train on was, and the data set with y
    where the table has it.

    Raises
    ------
    InputError : as `prepare` and `symbp.codegen.training.data.read_again`
    """
    if is_frame(source):
        with told_by_rows(source):
            return _again(source, network, reading, targets)
    return _again(source, network, reading, targets)


def _again(source: Any, network: Network, reading: Reading, targets: bool) -> tuple[Array, DataSet | None]:
    x, y, lines = read_again(source, reading, targets)
    path = str(source) if isinstance(source, str | Path) else None
    y_there = y if y is not None else np.zeros(len(x))
    whole = DataSet(path or "data", x, y_there, file=path, lines=lines, reading=reading)
    if y is None:
        return _without_targets(whole, network), None
    whole = fitting(replace(whole, classes=reading.classes or None), network)
    return whole.x, whole


def prepare_x(source: str, network: Network) -> Array:
    """x (N, *input) of data for a network that was not trained on a table, with or without targets beside it.

    Raises
    ------
    InputError : as `symbp.codegen.training.data.load_x`, and numbers that are not finite
    """
    x = load_x(source, network.input)
    if not x.ndim:
        raise InputError("x is one number", place=Place(source), allowed="examples, one a row")
    return _without_targets(DataSet(source, x, np.zeros(len(x)), file=source), network)


def _without_targets(data: DataSet, network: Network) -> Array:
    """x as the network takes it, whatever y is."""
    zeros = np.zeros((len(data.x), *network.output))
    return check(replace(data, y=zeros), network.input, network.output, labels_allowed=False).x


def _completed(data: DataSet) -> tuple[DataSet, list[str]]:
    """The data without missing values, by the statistics of the part to train on."""
    if data.reading is None or not data.reading.impute:
        return data, []
    count = int(sum(np.isnan(x).any(axis=1).sum() for _, x, _ in data.parts()))
    reading = fitted(data.x.reshape(len(data.x), -1), data.reading)

    def part(_: str, x: Array, y: Array) -> tuple[Array, Array]:
        return filled(x.reshape(len(x), -1), reading).reshape(x.shape), y

    what = {"mean": "the mean", "median": "the median", "most_frequent": "the most frequent value"}[reading.impute]
    if any(c.categories for c in reading.columns) and reading.impute != "most_frequent":
        what += ", texts by the most frequent"
    said = f"{counted(count, 'row')} had missing values: replaced by {what}"
    return replace(data.mapped(part), reading=reading), [said] if count else []


def _standardizing(network: Network, data: DataSet, classes: bool, asked: bool | None) -> tuple[Network, list[str]]:
    """The network with what it is to standardise: as asked, else as it says itself, else as the data call for."""
    if asked is False:
        return replace(network, standardize=""), []
    regression = not classes and not why_not_targets(network.loss_kind, network.layers[-1].kind)
    wanted = "both" if regression else "inputs"
    if asked:
        return replace(network, standardize=wanted), []
    if network.standardize:
        return network, []
    why = reason(data, regression)
    if not why:
        return network, []
    return replace(network, standardize=wanted), [
        f"standardised, since {why}; --no-standardize leaves them as they are"
    ]
