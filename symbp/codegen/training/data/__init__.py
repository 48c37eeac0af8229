"""Data to train on: three bundled sets, and the reader of the user's files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from symbp.codegen.training.data.archive import read_npy_x, read_pair
from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.check import check, one_hot
from symbp.codegen.training.data.dataset import DataSet, split
from symbp.codegen.training.data.reader import read, read_again, read_x
from symbp.errors import InputError, counted, nearest, shown, unknown

__all__ = ["BUNDLED", "DataSet", "bundled", "check", "load", "load_x", "one_hot", "read", "read_again", "split"]


@dataclass(frozen=True)
class _Bundled:
    file: str
    scale: float = 1.0  # what x is divided by
    classes: tuple[str, ...] | None = None


_FILES = {
    "digits": _Bundled("digits.npz", scale=16.0, classes=tuple("0123456789")),
    "iris": _Bundled("iris.csv"),
    "xor": _Bundled("xor.csv"),
}
BUNDLED = tuple(_FILES)
"""The names of the bundled data sets."""


def bundled(name: str) -> DataSet:
    """A bundled data set, with nothing held out (see `split`); SOURCES.md beside this file says where it comes from.

    ``digits``: x (1797, 64), pixels 0..16 divided by 16, so 0..1; y (1797,), labels 0..9.
    ``iris``: x (150, 4), sepal length and width, petal length and width in cm, as measured: not standardised, because
    means and deviations belong to the part to train on; y (150,), labels 0..2.
    ``xor``: x (4, 2) and y (4, 1), 0 and 1. It is the whole truth table, so there is nothing to hold out.

    Raises
    ------
    InputError : another name
    """
    if name not in _FILES:
        raise unknown("data set", name, BUNDLED)
    entry = _FILES[name]
    with resources.as_file(resources.files(__package__) / entry.file) as file:
        data = read(file)
    return replace(
        data,
        name=name,
        x=data.x / entry.scale,
        classes=entry.classes or data.classes,
        file=None,
        lines=None,
    )


def load(
    source: str,
    *,
    target: Sequence[str] = (),
    header: bool | None = None,
    impute: str = "",
    takes: tuple[int, ...] | None = None,
) -> DataSet:
    """The data set that `source` names: a bundled one, a file (``./iris`` where a file has a bundled name), or x and y as
    ``X.npy,Y.npy``. The options are those of `read`.

    Raises
    ------
    InputError : neither, or a file that `read` refuses
    """
    names = [name.strip() for name in source.split(",")]
    arrays = all(name.lower().endswith(".npy") for name in names)
    if (source in _FILES or arrays) and (target or header is not None or impute):
        raise InputError(f"--target, --header and --impute are for tables, and {shown(source)} is none")
    if source in _FILES:
        return bundled(source)
    if arrays and len(names) != 2:
        raise InputError(f"{shown(source)} is {counted(len(names), '.npy file')}", allowed="two: X.npy,Y.npy")
    if arrays:
        return read_pair(Path(names[0]), Path(names[1]))
    path = Path(source)
    if not source or not (path.suffix or os.path.exists(source) or len(path.parts) > 1):
        raise InputError(
            f"unknown data set {shown(source)}",
            allowed=f"{', '.join(BUNDLED)}, or a .npz or .csv file",
            nearest=nearest(source, BUNDLED),
        )
    return read(path, target=target, header=header, impute=impute, takes=takes)


def load_x(source: str, takes: tuple[int, ...]) -> Array:
    """x of the data that `source` names as for `load`, or of an .npy file by itself; targets may be missing.

    Raises
    ------
    InputError : as `load` and `symbp.codegen.training.data.reader.read_x`
    """
    if source in _FILES:
        return bundled(source).x
    first = source.split(",")[0].strip()
    return read_npy_x(Path(first)) if first.lower().endswith(".npy") else read_x(source, takes)
