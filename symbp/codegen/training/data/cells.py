"""What a cell of a table holds: a number, nothing, a date, a number as it is written elsewhere, or a text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from symbp.codegen.training.data.array import Array

MISSING = frozenset({"", "na", "n/a", "nan", "?", "null", "<na>", "#n/a"})
"""What stands for a missing value, in small letters."""

INTEGER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
LIKE_A_NUMBER = re.compile(r"[+-]?([\d.,_]*\d[\d.,_]*(e[+-]?\d+)?|nan|inf|infinity)", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?[\d.]*\d?,\d+(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))([T ]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}:\d{2}(:\d{2})?|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{2,4}|[A-Za-z]{3,9} \d{1,2},? \d{4}",
    re.ASCII,
)
_NOT_WHOLE = re.compile(r"[^\d\s+-]", re.ASCII)


def is_missing(cell: str) -> bool:
    """Whether the cell says that its value is not known."""
    return cell.lower() in MISSING


def is_number(cell: str) -> bool:
    """Whether the cell is a finite number as Python writes it, in ASCII."""
    value = number(cell)
    return value is not None and math.isfinite(value)


def number(cell: str) -> float | None:
    """The number, NaN where the value is missing, None for everything else; infinity is no number."""
    if is_missing(cell):
        return math.nan
    if "_" in cell or not cell.isascii():  # float() would read 1_000, and digits of other scripts
        return None
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def numbers(cells: Sequence[str]) -> Array | None:
    """The cells as numbers, NaN where a value is missing, or None where one is something else: all at a time, for speed."""
    together = "".join(cells)
    if together.isascii() and "_" not in together:
        try:
            values = np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            pass
        else:
            if np.isfinite(values).all():
                return values
    found = [*map(number, cells)]
    return None if None in found else np.array(found, np.float64)


def all_whole(cells: Sequence[str]) -> bool:
    """Whether all of the cells are written as whole numbers."""
    return not _NOT_WHOLE.search("".join(cells)) and all(INTEGER.fullmatch(cell.strip()) for cell in cells)


def hint(cell: str) -> str:
    """What a cell that is no number may have been meant as, for a message, or the empty text."""
    if _DECIMAL_COMMA.fullmatch(cell):
        return "a number with a decimal point, not a comma"
    if _DATE.fullmatch(cell):
        return "a number made of the date (its year, or the days since a start), or a category"
    return ""


def may_be_category(cell: str) -> bool:
    """Whether the cell can be one of a few texts: a date cannot, nor what is nearly a number; a number beside texts can."""
    return is_number(cell) or not (_DATE.fullmatch(cell) or LIKE_A_NUMBER.fullmatch(cell))


def sorted_categories(codes: Array, places: Mapping[str, int]) -> tuple[Array, tuple[str, ...]]:
    """Codes and categories with the categories in sorted order."""
    known = [text for text, code in places.items() if code >= 0]
    order = sorted(known)
    new = np.full(len(known) + 1, -1, dtype=np.int32)  # the last one is that of the code -1
    for rank, text in enumerate(order):
        new[places[text]] = rank
    return new[codes], tuple(order)
