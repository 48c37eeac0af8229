"""The user's data: .npz and .csv files, each read whole or refused with the place of what is wrong."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
import zlib
from array import array as packed
from pathlib import Path

import numpy as np

from symbp.codegen.training.data.dataset import Array, DataSet
from symbp.errors import InputError, Place, nearest, shown, unknown

LARGEST = 8 * 2**30  # bytes; a file that unpacks to more is refused before it is read
_INTEGER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_LIKE_A_NUMBER = re.compile(r"[+-]?([\d.,_]*\d[\d.,_]*(e[+-]?\d+)?|nan|inf|infinity)", re.IGNORECASE)
_TARGET_NAMES = ("y", "label", "target", "class")
_KEYS = "x and y (or x_train and y_train), and optionally x_val and y_val, or x_test and y_test"


def read(path: str | Path) -> DataSet:
    """Read a data set from a file.

    ``.npz``: arrays x (N, *shape) and y, (N,) labels, numbers or text, or (N, *shape) targets; optionally x_val and
    y_val, or x_test and y_test. Nothing pickled is read. ``.csv`` or ``.tsv``: a row for each example, separated by
    commas, semicolons or tabs, UTF-8; a first row without any number is a header; y is the column named y, label,
    target or class, else the last. Whole numbers and text are labels, text in sorted order; other numbers are targets
    (N, 1).

    Raises
    ------
    InputError : no such file, or one that cannot be read whole; says the line and the column (cells counted from 1)
    """
    file = Path(path)
    readers = {".npz": _read_npz, ".csv": _read_csv, ".tsv": _read_csv}
    try:
        if file.is_dir():
            raise InputError("this is a folder", allowed="a .npz or .csv file")
        if not file.exists():
            beside = [f.name for f in file.parent.iterdir()] if file.parent.is_dir() else []
            raise InputError("no such file", nearest=nearest(file.name, beside))
        if file.suffix.lower() not in readers:
            raise unknown("kind of file", file.suffix, readers)
        if not file.is_file() or file.stat().st_size == 0:
            raise InputError("the file is empty" if file.is_file() else "this is not a regular file")
        _not_too_large("the file", file.stat().st_size)
        return readers[file.suffix.lower()](file)
    except InputError as error:
        raise error.at(Place(str(file))) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", place=Place(str(file))) from None
    except MemoryError:
        raise InputError("does not fit into memory", place=Place(str(file))) from None


def _not_too_large(what: str, size: int) -> None:
    if size > LARGEST:
        raise InputError(f"{what} is {size / 2**30:.1f} GiB", allowed=f"{LARGEST / 2**30:.1f} GiB or less")


def _read_npz(file: Path) -> DataSet:
    if not zipfile.is_zipfile(file):
        raise InputError("this is not an .npz file, or it is cut short", allowed="a file written by numpy.savez")
    try:
        with zipfile.ZipFile(file) as archive:
            pairs = _pairs([name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")])
            _not_too_large("what it holds", sum(info.file_size for info in archive.infolist()))
            xs = [_real(x, _member(archive, x)) for x, _ in pairs]
            ys, classes = _targets({y: _member(archive, y) for _, y in pairs})
    except InputError:
        raise
    except (ValueError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"the .npz file is damaged: {error}") from None
    x_held, y_held = (xs[1], ys[1]) if len(pairs) == 2 else (None, None)
    return DataSet(file.stem, xs[0], ys[0], x_held, y_held, classes, str(file))


def _pairs(keys: list[str]) -> list[tuple[str, str]]:
    """The names of x and y (or X and Y) in an archive: to train on, and where there are such to validate on."""
    own = {key.lower(): key for key in keys}
    train = "_train" if "x" not in own and "x_train" in own else ""
    held = [part for part in ("_val", "_validation", "_test") if f"x{part}" in own or f"y{part}" in own]
    wanted = [(f"x{part}", f"y{part}") for part in (train, *held[:1])]
    pairs = [(own.get(x, x), own.get(y, y)) for x, y in wanted]
    for name in (name for pair in pairs for name in pair if name not in keys):
        # nearest() lowers what it looks for, not what it looks in, and X is what is near to x
        close = {key.lower(): key for key in keys}
        raise InputError(
            f"there is no array '{name}'; the file holds {', '.join(map(shown, keys)) or 'nothing'}",
            allowed=_KEYS,
            nearest=close.get(nearest(name, close), ""),
        )
    return pairs


def _member(archive: zipfile.ZipFile, name: str) -> Array:
    try:
        with archive.open(f"{name}.npy") as entry:
            array: Array = np.lib.format.read_array(entry, allow_pickle=False)
            # zipfile compares the checksum when it comes to the end, so the end has to be read
            if entry.read(1):
                raise InputError(f"array '{name}' is damaged: more bytes than its shape says")
            return array
    except InputError:
        raise
    except ValueError as error:
        if "pickle" not in str(error):
            raise InputError(f"array '{name}' is damaged: {error}") from None
        raise InputError(f"array '{name}' holds pickled objects, which are never read", allowed="numbers") from None


def _real(name: str, array: Array) -> Array:
    """Numbers as float: float32 and float64 stay, the others become the nearer of the two."""
    if array.dtype.kind not in "biuf":
        raise InputError(f"array '{name}' has dtype {array.dtype}", allowed="real numbers")
    dtype = np.float32 if array.dtype.kind == "f" and array.dtype.itemsize <= 4 else np.float64
    return array.astype(dtype)


def _targets(arrays: dict[str, Array]) -> tuple[list[Array], tuple[str, ...] | None]:
    """The y arrays, labels (N,) int64 or targets (N, *shape) float, and the classes where the labels are text."""
    if any(array.dtype.kind not in "US" for array in arrays.values()):
        return [_numeric_target(name, array) for name, array in arrays.items()], None
    texts = []
    for name, array in arrays.items():
        if array.ndim == 0 or array.size != len(array):
            raise InputError(
                f"array '{name}' of text has shape {array.shape}", allowed="a label for each example, (N,)"
            )
        try:
            texts.append(array.astype(np.str_).reshape(-1))
        except UnicodeDecodeError:
            raise InputError(f"array '{name}' holds bytes that are not ASCII text") from None
    known = np.unique(np.concatenate(texts))
    return [np.searchsorted(known, text) for text in texts], tuple(map(str, known))


def _numeric_target(name: str, array: Array) -> Array:
    numbers = _real(name, array)
    if array.ndim != 1:
        return numbers
    return array.astype(np.int64) if array.dtype.kind in "biu" else numbers[:, np.newaxis]


def _read_csv(file: Path) -> DataSet:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError("this is not UTF-8 text", place=Place(line=line)) from None
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    separator = next((mark for mark in "\t;," if mark in first), ",")
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True, strict=True)
    header: list[str] = []
    width = target = 0
    values, labels, lines = packed("d"), list[str](), list[int]()
    try:
        for row in reader:
            cells = [*map(str.strip, row)]
            if not any(cells) and len(cells) <= 1:
                continue
            if not width:
                header = [] if any(map(_LIKE_A_NUMBER.fullmatch, cells)) else cells
                width, target = len(cells), _target_position(cells, header, reader.line_num)
                if header:
                    continue
            if len(cells) != width:
                raise InputError(
                    f"this row has {len(cells)} cells, and the first has {width}", place=Place(line=reader.line_num)
                )
            labels.append(cells.pop(target))
            numbers = _numbers(cells)
            if numbers is None:
                position = [_is_number(cell) for cell in cells].index(False)
                raise _bad_cell(cells[position], position + (position >= target), reader.line_num, header)
            values.extend(numbers)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"this is not CSV: {error}", place=Place(line=reader.line_num)) from None
    if not lines:
        raise InputError("there are no rows of data", allowed="one example a row")
    x = np.frombuffer(values, dtype=np.float64).reshape(len(lines), width - 1)
    y, classes = _target_column(labels, target, lines, header)
    return DataSet(file.stem, x.copy(), y, classes=classes, file=str(file), lines=np.array(lines))


def _target_position(cells: list[str], header: list[str], line: int) -> int:
    """Which column is y, counted from 0, from the first row and the header if it is one."""
    if len(cells) < 2:
        raise InputError("there is one column", place=Place(line=line), allowed="two or more: examples, then y")
    if "" in header:
        column = header.index("") + 1
        raise InputError(f"column {column} has no name; a row index is not data", place=Place(line=line, column=column))
    named = [position for position, cell in enumerate(header) if cell.lower() in _TARGET_NAMES]
    if len(named) > 1:
        names = " and ".join(shown(header[position]) for position in named)
        raise InputError(f"columns {names} could both be y", place=Place(line=line, column=named[1] + 1))
    return named[0] if named else len(cells) - 1


def _numbers(cells: list[str]) -> list[float] | None:
    """The cells of a row as finite numbers, or ``None`` where one is not: a row at a time, for speed."""
    together = "".join(cells)
    if "_" in together or not together.isascii():  # float() would read 1_000, and digits of other scripts
        return None
    try:
        numbers = [*map(float, cells)]
    except ValueError:
        return None
    return numbers if all(map(math.isfinite, numbers)) else None


def _is_number(cell: str) -> bool:
    return _numbers([cell]) is not None


def _bad_cell(cell: str, position: int, line: int, header: list[str], allowed: str = "a number") -> InputError:
    name = f" ({shown(header[position])})" if header else ""
    held = f"holds {shown(cell)}" if cell else "is empty"
    hint = " (a header row holds no numbers)" if line == 1 else ""
    return InputError(
        f"column {position + 1}{name} {held}", place=Place(line=line, column=position + 1), allowed=f"{allowed}{hint}"
    )


def _target_column(
    labels: list[str], target: int, lines: list[int], header: list[str]
) -> tuple[Array, tuple[str, ...] | None]:
    """y from the text of its column: the first row says whether it is numbers or names of classes."""
    numbers = _is_number(labels[0])
    allowed = "a number, as in the first row" if numbers else "a number or the name of a class"
    for label, line in zip(labels, lines, strict=True):
        if not label or (numbers and not _is_number(label)):
            raise _bad_cell(label, target, line, header, allowed)
    if not numbers:
        known, y = np.unique(labels, return_inverse=True)
        return y, tuple(map(str, known))
    if all(map(_INTEGER.fullmatch, labels)):
        return np.array([int(label) for label in labels]), None
    return np.array([[float(label)] for label in labels]), None
