"""The first lines of a table: which mark separates the cells, whether the first row is a header, which columns are targets."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from symbp.codegen.training.data.cells import INTEGER, LIKE_A_NUMBER, is_missing, is_number
from symbp.errors import InputError, Place, nearest, shown

TARGET_NAMES = ("y", "label", "target", "class")
"""The names, in small letters, of a column that is the target where none is named."""


def separator_of(lines: Sequence[str]) -> str:
    """The mark between the cells of a table's first two lines: outside quotes a tab, a semicolon or a comma, in this order;
    blanks where there is none of them, and both lines have as many."""
    outside = [re.sub(r'"(?:[^"]|"")*"', "x", line) for line in lines]
    widths = {len(line.split()) for line in outside}
    blank = len(lines) > 1 and len(widths) == 1 and widths != {1}
    return next((mark for mark in "\t;," if outside and mark in outside[0]), " " if blank else ",")


@dataclass(frozen=True)
class Counts:
    """What a first line of counts says, as in the tables that scikit-learn ships: ``178,13,class_0,class_1,class_2``."""

    examples: int
    classes: tuple[str, ...]


def counts_of(rows: Sequence[Sequence[str]]) -> Counts | None:
    """What the first row says where it counts examples and columns of x, and names the classes that 0, 1, ... in the last
    column stand for; None where it does not."""
    first, rest = rows[0], rows[1:]
    if len(first) < 3 or not rest or not all(map(INTEGER.fullmatch, first[:2])):
        return None
    classes = tuple(first[2:])
    numbers = all(is_number(cell) for row in rest for cell in row)
    named = len({*classes}) == len(classes) and not any(map(LIKE_A_NUMBER.fullmatch, classes))
    if not numbers or not named or int(first[1]) != len(rest[0]) - 1:
        return None
    return Counts(int(first[0]), classes)


def has_header(rows: Sequence[Sequence[str]], given: bool | None, line: int) -> bool:
    """Whether the first of the first few rows is a header.

    A row without any number is one, and so is a row that counts its columns (0, 1, 2, ...) or whose rising whole numbers stand
    over columns of decimals, or beside names that stand over numbers. Rising whole numbers over whole numbers may be either.

    Raises
    ------
    InputError : where it may be either, and `given` does not say which
    """
    if given is not None:
        return given
    first, rest = rows[0], rows[1:]
    numeric = [k for k, cell in enumerate(first) if LIKE_A_NUMBER.fullmatch(cell)]
    rest = [row for row in rest if len(row) == len(first)]
    if not numeric:
        return _names(first, rest, line)
    counted = [first[k] for k in numeric]
    if not rest or len(counted) < 2 or not all(map(INTEGER.fullmatch, counted)) or any(map(is_missing, first)):
        return False
    below = [[row[k] for row in rest if not is_missing(row[k])] for k in range(len(first))]
    texts = [k for k in range(len(first)) if k not in numeric]
    values = [*map(int, counted)]
    steps = {b - a for a, b in itertools.pairwise(values)}
    in_a_row = steps == {1} and (values[0] in (0, 1) or values[0] > 1000)
    if min(steps) < 1 or values[0] < 0 or (len(values) == 2 and not in_a_row):
        return False
    if any(first[k] in below[k] for k in texts):
        return False  # the name of a class, which comes again
    if any(below[k] and all(map(is_number, below[k])) for k in texts):
        return True  # a name over numbers
    decimals = [any(not INTEGER.fullmatch(cell) for cell in below[k]) for k in numeric]
    if len(values) > 2 and (all(decimals) or (values[0] == 0 and steps == {1} and any(decimals))):
        return True
    raise _ask(first, line)


def _names(first: Sequence[str], rest: Sequence[Sequence[str]], line: int) -> bool:
    """Whether a row of texts is a header: it is, unless all columns are texts and its own stand further down again."""
    if rest and not any(map(is_number, (cell for row in rest for cell in row))):
        again = [k for k, cell in enumerate(first) if any(row[k] == cell for row in rest)]
        if len(again) == len(first):
            return False
        if again:
            raise _ask(first, line)
    return True


def _ask(first: Sequence[str], line: int) -> InputError:
    return InputError(
        f"the first row, {shown(','.join(first))}, may be a header or an example",
        place=Place(line=line),
        allowed="--header yes or --header no, to say which it is",
    )


def check_names(header: Sequence[str], line: int) -> None:
    """Raise InputError where a column has no name, or two have the same."""
    for k, name in enumerate(header):
        if not name:
            raise InputError(
                f"column {k + 1} has no name; a row index is not data", place=Place(line=line, column=k + 1)
            )
        if name in header[:k]:
            raise InputError(
                f"columns {header.index(name) + 1} and {k + 1} are both called {shown(name)}",
                place=Place(line=line, column=k + 1),
            )


def target_positions(target: Sequence[str], header: Sequence[str], width: int, line: int) -> list[int]:
    """Which columns are targets, counted from 0: those that are asked for by name or number, else the column named y,
    label, target or class, else the last.

    Raises
    ------
    InputError : no such column, no column left for x, or several that could be y
    """
    if width < 2:
        raise InputError("there is one column", place=Place(line=line), allowed="two or more: examples, then y")
    if not target:
        named = [k for k, name in enumerate(header) if name.lower() in TARGET_NAMES]
        if len(named) > 1:
            names = " and ".join(shown(header[k]) for k in named)
            raise InputError(
                f"columns {names} could both be y",
                place=Place(line=line, column=named[1] + 1),
                allowed="--target COLUMN, to say which",
            )
        return named or [width - 1]
    found: list[int] = []
    for text in target:
        parts = [text] if text in header else [part.strip() for part in text.split(",")]
        found += [_position(part, header, width, line) for part in parts]
    twice = next((k for k in found if found.count(k) > 1), None)
    if twice is not None:
        raise InputError(f"the target column {twice + 1} is named twice")
    if len(found) == width:
        raise InputError("every column is a target", allowed="at least one column for x")
    return found


def _position(text: str, header: Sequence[str], width: int, line: int) -> int:
    if text in header:
        return header.index(text)
    if INTEGER.fullmatch(text) and 1 <= int(text) <= width:
        return int(text) - 1
    columns = f"a number from 1 to {width}" + (f", or one of {', '.join(header)}" if header else "")
    raise InputError(
        f"there is no column {shown(text)} to be the target",
        place=Place(line=line),
        allowed=columns,
        nearest=nearest(text, header),
    )
