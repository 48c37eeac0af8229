"""A DataFrame, of pandas or polars, as a table: columns with names that are numbers or texts, as in a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from symbp.codegen.training.data.header import check_names
from symbp.codegen.training.data.table import Column, Growing, Table
from symbp.errors import InputError, Place, counted, shown


def is_frame(value: Any) -> bool:
    """Whether a value is a DataFrame: columns with names, each of which can be taken out by its name."""
    return hasattr(value, "columns") and hasattr(value, "to_numpy") and getattr(value, "ndim", 2) == 2


def table_of(frame: Any) -> Table:
    """The table that a DataFrame is; its rows are counted from 1.

    Raises
    ------
    InputError : no rows, two columns of one name, or a column of neither numbers nor texts; says the row and the column
    """
    names = [str(name) for name in frame.columns]
    if not names or not len(frame):
        raise InputError(
            f"the table has {counted(len(frame), 'row')} and {counted(len(names), 'column')}",
            allowed="one or more of each",
        )
    check_names(names, 0)
    columns = [_column(str(name), k + 1, np.asarray(frame[name])) for k, name in enumerate(frame.columns)]
    return Table(tuple(columns), np.arange(1, len(frame) + 1), header=True)


def _column(name: str, position: int, values: np.ndarray) -> Column:
    if values.dtype.kind in "biuf" and not np.isinf(values).any():
        return Column(name, position, values.astype(np.float64), whole=values.dtype.kind != "f")
    # What is no array of numbers is read as the cells of a file are, so that it means the same.
    growing = Growing(name, position)
    for row, value in enumerate(values, 1):
        if isinstance(value, complex | list | tuple | set | dict | np.ndarray):
            what = f"column {position} ({shown(name)}) holds a {type(value).__name__}"
            raise InputError(what, place=Place(line=row), allowed="numbers or texts")
    growing.add([_cell(value) for value in values], range(1, len(values) + 1))
    return growing.finished()


def _cell(value: Any) -> str:
    """The text of a value; empty where it is missing: None, NaN, NaT, pandas' NA, which is not even equal to itself."""
    if isinstance(value, str):
        return value
    try:
        missing = value is None or bool(value != value)
    except TypeError:  # pandas' NA has no truth
        missing = True
    if missing:
        return ""
    return str(int(value)) if isinstance(value, bool | np.bool_) else str(value)


@contextmanager
def told_by_rows(frame: Any) -> Iterator[None]:
    """What is said in the context of a line of the table that a DataFrame is, is said of its row, by its label."""
    try:
        yield
    except InputError as e:
        line, place = e.place.line, Place()  # the message names the column
        if line is not None and 1 <= line <= len(frame):
            place = Place(row=_label(frame, line - 1))
        allowed = e.allowed.replace("--impute ", "impute=")  # there is no command line
        raise InputError(e.message, place=place, allowed=allowed, nearest=e.nearest, key=e.key) from None


def _label(frame: Any, place: int) -> str:
    """What a DataFrame calls a row; polars, which has no labels, counts from 0 as others do by default."""
    index = getattr(frame, "index", None)
    label = place if index is None else index[place]
    parts = label if isinstance(label, tuple) else (label,)
    return ", ".join(shown(part) if isinstance(part, str) else str(part) for part in parts)


def target_names(y: Any, inputs: Sequence[str]) -> tuple[str, ...]:
    """What the columns of y are called that came beside a DataFrame; ``y`` where they have no names of their own."""
    if is_frame(y):
        return tuple(map(str, y.columns))
    name = getattr(y, "name", None)
    return (str(name),) if isinstance(name, str) and name not in inputs else ("y",)
