"""Large tables in a hurry: by pandas where it is installed, else by NumPy; whatever is unusual is left to the exact reader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.cells import MISSING, all_whole, is_number, may_be_category, sorted_categories

LARGE = 2**20
"""Bytes from which a file counts as large."""
_ROWS = 50_000  # that pandas reads at a time

Parts = tuple[Array, tuple[str, ...], bool]
"""The values of a column, its categories, and whether its numbers are whole."""


def columns(file: Path, separator: str, skip: int, head: Sequence[Sequence[str]]) -> list[Parts] | None:
    """The columns of a large file after its first `skip` lines, or None where the exact reader has to look.

    That is so for blank lines, cells that hold line breaks, rows of different length, missing values, and columns that are
    numbers in some rows and texts in others. `head` are the first rows.
    """
    if file.suffix.lower() == ".gz" or file.stat().st_size < LARGE:
        return None
    try:
        found = _by_pandas(file, separator, skip, len(head[0])) or _by_numpy(file, separator, skip, head)
    except ValueError:  # the exact reader says what is wrong, and where
        return None
    return found if found is not None and len(found[0][0]) == _lines(file) - skip else None


def _lines(file: Path) -> int:
    count, last = 0, b"\n"
    with file.open("rb") as stream:
        while block := stream.read(2**20):
            count += block.count(b"\n")
            last = block[-1:]
    return count + (last != b"\n")


def _by_numpy(file: Path, separator: str, skip: int, head: Sequence[Sequence[str]]) -> list[Parts] | None:
    """Numbers alone; a column of whole numbers that the first rows write without a point counts as whole."""
    if not all(is_number(cell) for row in head for cell in row):
        return None
    values = np.loadtxt(
        file, delimiter=separator, skiprows=skip, comments=None, quotechar='"', encoding="utf-8-sig", ndmin=2
    )
    if not np.isfinite(values).all():
        return None
    found: list[Parts] = []
    for k, cells in enumerate(zip(*head, strict=True)):
        column = values[:, k]
        whole = all_whole(cells) and bool((column == np.floor(column)).all() and np.abs(column).max() < 1e15)
        found.append((column, (), whole))
    return found


def _by_pandas(file: Path, separator: str, skip: int, width: int) -> list[Parts] | None:
    try:
        import pandas
    except ImportError:
        return None
    exact = {} if int(pandas.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
    options: dict[str, Any] = {
        "sep": separator, "skiprows": skip, "header": None, "index_col": False, "skipinitialspace": True,
        "keep_default_na": False, "na_values": sorted({*MISSING, *map(str.upper, MISSING), "NaN"}),
        "low_memory": True, "chunksize": _ROWS, "encoding": "utf-8-sig", **exact,
    }  # fmt: skip
    kept: list[list[Array]] = [[] for _ in range(width)]
    codes: list[dict[str, int]] = [{} for _ in range(width)]
    whole = [True] * width
    with pandas.read_csv(file, **options) as chunks:
        for chunk in chunks:
            if chunk.shape[1] != width or chunk.isna().any(axis=None):
                return None
            for k in range(width):
                column = chunk[k]
                kind = column.dtype.kind
                if kind not in "iuf" and (kind == "b" or (kept[k] and not codes[k])):
                    return None
                if kind in "iuf":
                    values = column.to_numpy(np.float64)
                    if codes[k] or not np.isfinite(values).all():
                        return None
                    whole[k] = whole[k] and kind == "i" and bool(np.abs(values).max() < 1e15)
                else:
                    values = _coded(column, codes[k])
                kept[k].append(values)
    return [_joined(kept.pop(0), known, is_whole) for known, is_whole in zip(codes, whole, strict=True)]


def _coded(column: Any, known: dict[str, int]) -> Array:
    """The texts of a column of pandas as codes; `known` grows."""
    places, texts = column.str.strip().factorize()
    if any(is_number(text) or not may_be_category(text) for text in map(str, texts)):
        raise ValueError("not texts alone")
    codes = np.array([known.setdefault(str(text), len(known)) for text in texts], dtype=np.int32)
    coded: Array = codes[np.asarray(places)]
    return coded


def _joined(chunks: list[Array], codes: dict[str, int], whole: bool) -> Parts:
    values = np.concatenate(chunks)
    return (*sorted_categories(values, codes), False) if codes else (values, (), whole)
