"""What is kept of how a table was read: its columns, their texts, what a missing value becomes, the names of the classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.cells import LIKE_A_NUMBER
from symbp.errors import InputError, shown

IMPUTE = ("mean", "median", "most_frequent")
"""What a missing value can be replaced by. Texts always take their most frequent one."""


class InputColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column of x: its name (its number where there is no header), its texts in order, what a missing value becomes."""

    name: str
    categories: tuple[str, ...] = ()
    fill: float | str | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs that it makes: its own, or one for each text."""
        return tuple(f"{self.name}={text}" for text in self.categories) or (self.name,)


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the columns of a table become x and y.

    Parameters
    ----------
    columns : those of x, in order
    targets : the names of the columns of y (their numbers where there is no header)
    classes : what the labels 0, 1, ... are called, where y is a class
    header : whether the first row names the columns
    places : where the columns of y stand, counted from 1
    impute : one of `IMPUTE`, where missing values are replaced
    """

    columns: tuple[InputColumn, ...]
    targets: tuple[str, ...]
    classes: tuple[str, ...] = ()
    header: bool = True
    places: tuple[int, ...] = ()
    impute: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in the order of the columns of x."""
        return tuple(name for column in self.columns for name in column.inputs)

    def to_dict(self) -> dict[str, Any]:
        """The reading as plain dicts, lists, texts and numbers, without None: what TOML and JSON can hold."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return _listed(plain)  # type: ignore[no-any-return]

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> Reading:
        """The reading that `to_dict` gave. InputError: it is none, or damaged."""
        try:
            reading = msgspec.convert(plain, Reading)
        except msgspec.ValidationError as error:
            raise InputError(f"this is not how a table was read: {error}") from None
        if not reading.columns or not reading.targets:
            raise InputError("this is not how a table was read: it has no columns or no targets")
        return reading


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(inner) for key, inner in value.items()}
    return [_listed(inner) for inner in value] if isinstance(value, list | tuple) else value


def fitted(x: Array, reading: Reading) -> Reading:
    """The reading with what a missing value becomes, from the x (N, inputs) to train on, where it is to be replaced."""
    if not reading.impute:
        return reading
    columns, start = [], 0
    for column in reading.columns:
        values = x[:, start : start + len(column.inputs)]
        values = values[~np.isnan(values[:, 0])]
        start += len(column.inputs)
        if not len(values):
            raise InputError(f"column {shown(column.name)} holds no value in the part to train on")
        fill: float | str
        if column.categories:
            fill = column.categories[int(values.sum(axis=0).argmax())]
        elif reading.impute == "most_frequent":
            known, counts = np.unique(values, return_counts=True)
            fill = float(known[counts.argmax()])
        else:
            fill = float(np.mean(values) if reading.impute == "mean" else np.median(values))
        columns.append(msgspec.structs.replace(column, fill=fill))
    return msgspec.structs.replace(reading, columns=tuple(columns))


def filled(x: Array, reading: Reading) -> Array:
    """x with its missing values replaced, as the reading says."""
    if not np.isnan(x).any():
        return x
    x, start = x.copy(), 0
    for column in reading.columns:
        for name in column.inputs:
            missing = np.isnan(x[:, start])
            if missing.any():
                known = name == f"{column.name}={column.fill}" if column.categories else column.fill
                x[missing, start] = np.nan if known is None else known
            start += 1
    return x


def names_columns(first: Sequence[str], reading: Reading) -> bool:
    """Whether the first row of a new table is a header: it has a name of the first table, or no number where that had names."""
    if not reading.header:
        return False
    names = {*(column.name for column in reading.columns), *reading.targets}
    return any(cell in names for cell in first) or no_number(first)


def no_number(cells: Sequence[str]) -> bool:
    """Whether no cell is written like a number."""
    return not any(map(LIKE_A_NUMBER.fullmatch, cells))
