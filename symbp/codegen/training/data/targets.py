"""Targets against the loss that takes them: classes as the numbers that it knows them by, and what it does not take."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from symbp.catalogue.kinds import LossKind, TargetKind
from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.check import one_hot
from symbp.codegen.training.data.dataset import DataSet, has_labels
from symbp.codegen.training.data.reading import labels_as_classes


def as_taken(data: DataSet, loss: LossKind, outputs: int) -> DataSet:
    """The data with classes as the loss takes them: labels, one-hot rows, or for one output the pair of numbers.

    Whole numbers that are not 0, 1, ... and are as many as there are classes, such as 1, 2, 3, are the names of classes.

    Raises
    ------
    InputError : classes for a loss that takes none, or more of them than one output can tell apart
    """
    kind = loss.targets
    labels = has_labels(data.y)
    if labels and data.classes is None and (loss.labels or kind.values or (kind.high == 1 and kind.pair)):
        data = _named(data, max(outputs, 2), kind)
    if not labels or data.classes is None:
        return data
    if not kind.pair and not loss.labels and not kind.simplex:
        raise data.error(
            f"y holds classes ({len(data.classes)} of them), and {loss.name} takes {kind.says}", allowed=kind.says
        )
    if outputs == 1 and len(data.classes) == 2 and kind.pair:
        return _valued(data, np.array(kind.pair, dtype=np.float64))
    if outputs > 1 and not loss.labels:
        data = one_hot(data, outputs)
        return _valued(data, None, *kind.pair) if kind.pair and kind.pair != (0, 1) else data
    return data


def check_targets(data: DataSet, loss: LossKind) -> None:
    """Raise InputError where a target is not what the loss takes; it names the value, the example and its line."""
    kind = loss.targets
    for suffix, _, y in data.parts():
        if has_labels(y):
            continue
        wrong = ~_taken(y, kind)
        if wrong.any():
            index = tuple(map(int, np.unravel_index(int(wrong.argmax()), y.shape)))
            row = index[0] if not suffix else None
            where = ", ".join(map(str, index))
            raise data.error(f"y{suffix}[{where}] is {y[index]:.6g}", row=row, allowed=f"for {loss.name}, {kind.says}")
        if kind.simplex:
            total = y.sum(axis=-1)
            wrong = np.abs(total - 1) > 1e-3
            if wrong.any():
                row = int(wrong.reshape(len(y), -1).any(axis=1).argmax())
                raise data.error(
                    f"the targets y{suffix}[{row}] sum to {float(total.reshape(len(y), -1)[row].flat[0]):.6g}",
                    row=row if not suffix else None,
                    allowed=f"for {loss.name}, {kind.says}",
                )


def _taken(y: Array, kind: TargetKind) -> Array:
    """Where the targets are among those of the kind."""
    good = np.ones(y.shape, dtype=bool)
    if kind.low > -math.inf:
        good &= y >= kind.low
    if kind.high < math.inf:
        good &= y <= kind.high
    if kind.whole:
        good &= y == np.floor(y)
    return good & np.isin(y, kind.values) if kind.values else good


def _named(data: DataSet, count: int, kind: TargetKind) -> DataSet:
    """Whole numbers as the places of classes where they do not count from 0, the numbers being the classes' names."""
    parts = [y for _, _, y in data.parts()]
    y = np.concatenate(parts)
    if kind.values and set(np.unique(y).tolist()) <= set(kind.values):
        return data  # -1 and 1 as they are
    found = labels_as_classes(y, count)
    if found is None:
        zero_one = kind.values and set(np.unique(y).tolist()) == {0, 1}
        return replace(data, classes=("0", "1")) if zero_one else data
    codes, classes = found
    held = None if len(parts) == 1 else codes[len(parts[0]) :]
    return replace(data, y=codes[: len(parts[0])], y_validation=held, classes=classes)


def _valued(data: DataSet, values: Array | None, low: float = 0, high: float = 1) -> DataSet:
    """Labels as the numbers that stand for them, (N, 1); or, where there are none, one-hot rows between `low` and `high`."""

    def part(_: str, x: Array, y: Array) -> tuple[Array, Array]:
        return x, low + (high - low) * y if values is None else values[y][:, np.newaxis]

    return data.mapped(part)
