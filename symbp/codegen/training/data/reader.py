"""The user's data: .npz and .csv files, each read whole or refused with the place of what is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from symbp.codegen.training.data.archive import read_npz, read_npz_x, too_large
from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.columns import Reading, names_columns, no_number
from symbp.codegen.training.data.dataset import DataSet
from symbp.codegen.training.data.frame import is_frame, table_of
from symbp.codegen.training.data.reading import again, arrays, numbers_alone
from symbp.codegen.training.data.table import read_table
from symbp.errors import InputError, Place, nearest, unknown

LARGEST = 8 * 2**30  # bytes; a file that unpacks to more is refused before it is read
T = TypeVar("T")
KINDS = (".npz", ".csv", ".tsv", ".csv.gz", ".tsv.gz")
"""The endings of files that are read."""


def read(
    path: str | Path,
    *,
    target: Sequence[str] = (),
    header: bool | None = None,
    impute: str = "",
    takes: tuple[int, ...] | None = None,
) -> DataSet:
    """Read a data set from a file.

    ``.npz``: arrays x (N, *shape) and y, (N,) labels, numbers or text, or (N, *shape) targets; optionally x_val and
    y_val, or x_test and y_test. Nothing pickled is read. ``.csv`` or ``.tsv``, packed or not (``.gz``): a row for each
    example, separated by commas, semicolons or tabs, UTF-8. Columns of text become one input for each text, in sorted order.

    Parameters
    ----------
    target : the columns of y by name or number; else the column named y, label, target or class, else the last. Whole
        numbers and text are labels, text in sorted order; other numbers, and several columns, are targets (N, K)
    header : whether the first row names the columns; None finds out
    impute : not empty: missing values are read, as NaN
    takes : the shape of one example, where it is known, so that a file of other examples is not unpacked

    Raises
    ------
    InputError : no such file, or one that cannot be read whole; says the line and the column (cells counted from 1)
    """
    about = (tuple(target), header, impute)
    if _kind(Path(path)) == ".npz":
        if target or header is not None or impute:
            raise InputError(
                "--target, --header and --impute are for tables; an .npz file names its arrays",
                place=Place(str(path)),
            )
        return _read(Path(path), lambda file: read_npz(file, LARGEST, takes))
    return _read(Path(path), lambda file: _read_csv(file, *about))


def read_again(source: Any, reading: Reading, targets: bool = True) -> tuple[Array, Array | None, Array]:
    """x, y where it is there, and the line of each row, of a new table that is read as the one to train on was: the name of
    a file, or a DataFrame."""
    if is_frame(source):
        table = table_of(source)
        return (*again(table, reading, targets), table.lines)

    def new(file: Path) -> tuple[Array, Array | None, Array]:
        table = read_table(file, lambda first: names_columns(first, reading), least=1)
        return (*again(table, reading, targets), table.lines)

    return _read(Path(source), new)


def read_x(path: str | Path, takes: tuple[int, ...]) -> Array:
    """x alone of a file, for a network that takes examples of the shape `takes` and was not trained on a table.

    ``.npz``: the array x (N, ...). A table: x (N, numbers of an example), columns of numbers; with one column more, that of
    the target is passed over, whatever it holds. A first row without a number is a header.

    Raises
    ------
    InputError : no such file, or one that does not hold such examples; says the line and the column
    """
    if _kind(Path(path)) == ".npz":
        return _read(Path(path), lambda file: read_npz_x(file, LARGEST, takes))

    def new(file: Path) -> Array:
        return numbers_alone(read_table(file, no_number, least=1), math.prod(takes))

    return _read(Path(path), new)


def is_table(path: str | Path) -> bool:
    """Whether a file of this name is read as a table."""
    return _kind(Path(path)) in KINDS[1:]


def _kind(file: Path) -> str:
    """The ending of a file's name, that before .gz included."""
    last = file.suffix.lower()
    return file.with_suffix("").suffix.lower() + last if last == ".gz" else last


def _read(file: Path, how: Callable[[Path], T]) -> T:
    try:
        if file.is_dir():
            raise InputError("this is a folder", allowed="a .npz or .csv file")
        if not file.exists():
            if file.is_symlink():
                raise InputError("this is a link, and there is nothing at its end")
            beside = [f.name for f in file.parent.iterdir()] if file.parent.is_dir() else []
            raise InputError("no such file", nearest=nearest(file.name, beside))
        if _kind(file) not in KINDS:
            raise unknown("kind of file", _kind(file), KINDS)
        if not file.is_file() or file.stat().st_size == 0:
            raise InputError("the file is empty" if file.is_file() else "this is not a regular file")
        too_large("the file", file.stat().st_size, LARGEST)
        return how(file)
    except InputError as error:
        raise error.at(Place(str(file))) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", place=Place(str(file))) from None
    except MemoryError:
        raise InputError("does not fit into memory", place=Place(str(file))) from None


def _read_csv(file: Path, target: Sequence[str], header: bool | None, impute: str) -> DataSet:
    table = read_table(file, header)
    x, y, reading = arrays(table, target, impute)
    stem = file.with_suffix("").stem if file.suffix.lower() == ".gz" else file.stem
    return DataSet(stem, x, y, classes=reading.classes or None, file=str(file), lines=table.lines, reading=reading)
