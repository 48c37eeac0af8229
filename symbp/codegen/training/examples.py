"""The examples of a file that are to be predicted: x, with or without targets beside it."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from symbp.codegen.training.data import BUNDLED, bundled, read
from symbp.errors import InputError, Place, shown, unknown

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE | re.ASCII)


def examples(source: str | Path, shape: tuple[int, ...]) -> np.ndarray:
    """x (N, *shape) of a bundled set, an .npz file with an array x, or a .csv file.

    A .csv file has a column for each number of an example; with one more, its targets are passed over.

    Raises
    ------
    InputError : no such file, or one that does not hold such examples; says the line and the column
    """
    path = Path(source)
    if str(source) in BUNDLED:
        found = bundled(str(source)).x
    elif path.suffix.lower() == ".npz":
        found = _npz(path)
    elif path.suffix.lower() in (".csv", ".tsv") and path.is_file():
        found = _csv(path, math.prod(shape))
    elif path.suffix.lower() in (".csv", ".tsv") or not path.suffix:
        found = read(path).x  # which says what is the matter
    else:
        raise unknown("kind of file", path.suffix, (".npz", ".csv", ".tsv")).at(Place(str(path)))
    if math.prod(found.shape[1:]) != math.prod(shape):
        wanted = (len(found), *shape)
        raise InputError(f"x has shape {found.shape}, and the network takes {wanted}", place=Place(str(source)))
    return found.reshape(len(found), *shape)


def _npz(path: Path) -> np.ndarray:
    place = Place(str(path))
    try:
        with np.load(path, allow_pickle=False) as archive:
            own = {name.lower(): name for name in archive.files}
            if "x" not in own:
                raise InputError(
                    f"there is no array 'x'; the file holds {', '.join(map(shown, archive.files))}", place=place
                )
            return np.asarray(archive[own["x"]])
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError("no such file", place=place) from None
    except (ValueError, TypeError, AttributeError, EOFError, KeyError, OSError, MemoryError) as e:
        said = "it holds pickled objects, which are never read" if "pickle" in str(e) else str(e)
        raise InputError(f"this is not an .npz file of plain arrays: {said}", place=place) from None


def _csv(path: Path, width: int) -> np.ndarray:
    """The numbers of a table; a first row without any is a header, and tells which column is the target."""
    place = Place(str(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("this is not UTF-8 text", place=place) from None
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    separator = next((mark for mark in "\t;," if mark in first), ",")
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True, strict=True)
    rows: list[list[float]] = []
    left_out: int | None = None
    try:
        for number, cells in enumerate(row for row in reader if any(cell.strip() for cell in row)):
            cells = [cell.strip() for cell in cells]
            if not number and not any(map(_NUMBER.fullmatch, cells)):
                named = [k for k, cell in enumerate(cells) if cell.lower() in ("y", "label", "target", "class")]
                left_out = named[0] if len(named) == 1 and len(cells) == width + 1 else None
                continue
            at = Place(str(path), reader.line_num)
            rows.append(_row(cells, width, left_out, at))
    except csv.Error as e:
        raise InputError(f"this is not CSV: {e}", place=Place(str(path), reader.line_num)) from None
    if not rows:
        raise InputError("there are no rows of data", place=place, allowed="one example a row")
    return np.array(rows)


def _row(cells: Sequence[str], width: int, left_out: int | None, place: Place) -> list[float]:
    if len(cells) not in (width, width + 1):
        raise InputError(
            f"this row has {len(cells)} cells", place=place, allowed=f"{width}, or {width + 1} with the target"
        )
    skipped = None if len(cells) == width else width if left_out is None else left_out
    kept = [(k, cell) for k, cell in enumerate(cells) if k != skipped]
    for k, cell in kept:
        if not _NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
            what = f"holds {shown(cell)}" if cell else "is empty"
            where = Place(place.file, place.line, k + 1)
            raise InputError(f"column {k + 1} {what}", place=where, allowed="a finite number")
    return [float(cell) for _, cell in kept]
