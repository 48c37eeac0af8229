"""A table of text, read column by column: numbers, or texts of a few kinds."""

from __future__ import annotations

import csv
import gzip
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from symbp.codegen.training.data import fast
from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.cells import (
    LIKE_A_NUMBER,
    all_whole,
    hint,
    is_missing,
    is_number,
    may_be_category,
    number,
    numbers,
    sorted_categories,
)
from symbp.codegen.training.data.header import Counts, check_names, counts_of, has_header, separator_of
from symbp.codegen.training.data.text import PLAIN, opened, undecodable
from symbp.errors import InputError, Place, counted, shown
from symbp.files import UTF_8

_ROWS = 10_000  # read at a time
_HEAD = 200  # rows that the header is recognised by


@dataclass(frozen=True, eq=False)
class Column:
    """One column: numbers, or texts as their places among the categories.

    Parameters
    ----------
    name : what the header calls it; empty where there is none
    position : where it stands, counted from 1
    values : (N,) float64, NaN where the value is missing; or (N,) int32, -1 where it is missing
    categories : the different texts, sorted (those of a line of counts in its order); empty for numbers
    whole : whether all numbers are written without point or exponent
    """

    name: str
    position: int
    values: Array
    categories: tuple[str, ...] = ()
    whole: bool = False

    @property
    def described(self) -> str:
        """How messages speak of it."""
        return f"column {self.position}" + (f" ({shown(self.name)})" if self.name else "")

    @property
    def missing(self) -> Array:
        """(N,) bool: where there is no value."""
        absent: Array = self.values < 0 if self.categories else np.isnan(self.values)
        return absent


@dataclass(frozen=True, eq=False)
class Table:
    """The columns of a file, and the line of each row; `header` tells whether the first row names them."""

    columns: tuple[Column, ...]
    lines: Array
    header: bool


@dataclass(frozen=True)
class Opening:
    """How a table begins: its separator, whether it has a header, the names, the line of the first row, the first rows of data.

    `skip` rows stand before those, `plain` says that the fast readers may know it, `counts` is a line of counts.
    """

    separator: str
    header: bool
    names: tuple[str, ...]
    line: int
    rows: tuple[tuple[str, ...], ...]
    skip: int = 0
    plain: bool = True
    counts: Counts | None = None


Header = bool | Callable[[Sequence[str]], bool] | None
"""Whether the first row is a header, a function that tells it of the row, or None where it is to be found out."""


def read_table(file: Path, header: Header = None, least: int = 2) -> Table:
    """The columns of a .csv or .tsv file, packed or not; `least` is how many there have to be.

    Raises
    ------
    InputError : what is no table of numbers and categories; says the line and the column (cells counted from 1)
    """
    try:
        opening = _opening(file, header, least)
        table = _fast(file, opening) or _exact(file, opening)
        return table if opening.counts is None else _with_classes(table, opening.counts)
    except UnicodeDecodeError:
        raise InputError("this is not UTF-8 text", place=Place(line=undecodable(file)), allowed=UTF_8) from None
    except (gzip.BadGzipFile, EOFError) as error:
        raise InputError(f"this is not a whole .gz file: {error}") from None


def _fast(file: Path, opening: Opening) -> Table | None:
    """The table of a large file, None where the exact reader has to look."""
    if not opening.plain:
        return None
    read = fast.columns(file, opening.separator, opening.line - 1 + opening.skip, opening.rows)
    if read is None:
        return None
    found = [Column(name, k + 1, *parts) for k, (name, parts) in enumerate(zip(opening.names, read, strict=True))]
    start = opening.line + opening.skip
    return Table(tuple(found), np.arange(start, start + len(found[0].values)), opening.header)


def _with_classes(table: Table, counts: Counts) -> Table:
    """The table with its last column as the classes that the line of counts names."""
    *rest, last = table.columns
    if len(table.lines) != counts.examples:
        raise InputError(
            f"the first line says {counted(counts.examples, 'example')}, and there are {len(table.lines)}",
            place=Place(line=int(table.lines[0]) - 1),
            allowed="the whole table",
        )
    good = np.isin(last.values, np.arange(len(counts.classes))) if not last.categories else np.zeros(1, bool)
    if not good.all():
        row = int(good.argmin())
        value = last.categories[int(last.values[row])] if last.categories else f"{last.values[row]:g}"
        raise InputError(
            f"{last.described} holds {value}, and the first line names {counted(len(counts.classes), 'class', 'es')}",
            place=Place(line=int(table.lines[row]), column=last.position),
            allowed=f"a whole number from 0 to {len(counts.classes) - 1}",
        )
    classes = Column(last.name, last.position, last.values.astype(np.int32), counts.classes)
    return Table((*rest, classes), table.lines, table.header)


def _rows(stream: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with its line; cells may have blanks at their ends."""
    reader = csv.reader(stream, delimiter=separator, skipinitialspace=True, strict=True)
    try:
        for row in reader:
            if separator == " " and row and not row[-1]:  # blanks at the end
                row = row[:-1]
            if len(row) > 1 or (row and row[0].strip()):
                yield reader.line_num, row
    except csv.Error as error:
        raise InputError(f"this is not CSV: {error}", place=Place(line=reader.line_num)) from None


def _opening(file: Path, header: Header, least: int) -> Opening:
    with opened(file) as stream:
        separator = separator_of([*itertools.islice((line for line in stream if line.strip()), 2)])
        plain = stream.encoding == PLAIN and separator != " "
    with opened(file) as stream:
        first_rows = itertools.islice(_rows(stream, separator), _HEAD)
        head = [(line, [*map(str.strip, row)]) for line, row in first_rows]
    if not head:
        raise InputError("there are no rows of data", allowed="one example a row")
    line, first = head[0]
    if len(first) < least:
        raise InputError("there is one column", place=Place(line=line), allowed="two or more: examples, then y")
    rows = [tuple(row) for _, row in head]
    counts = counts_of(rows) if header is None or callable(header) else None
    if counts is not None:
        return Opening(separator, False, ("",) * len(rows[1]), line, (*rows[1:],), 1, plain, counts)
    given = header(first) if callable(header) else header
    there = has_header([row for _, row in head], given, line)
    if there:
        check_names(first, line)
        if len(head) == 1:
            raise InputError("there are no rows of data", allowed="one example a row")
    names = tuple(first) if there else ("",) * len(first)
    return Opening(separator, there, names, line, (*rows[there:],), int(there), plain)


class Growing:
    """A column while it is read: numbers until a text comes first, else codes of texts."""

    def __init__(self, name: str, position: int) -> None:
        self.name, self.position = name, position
        self.chunks: list[Array] = []
        self.codes: dict[str, int] = {}
        self.text: bool | None = None  # not known while all values are missing
        self.whole = True
        self.kinds, self.numeric, self.first_text = 0, 0, (0, "")

    def add(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        """Read more cells. InputError: one that does not go with those before, or is no category."""
        values = None if self.text else numbers(cells)
        if values is None:
            cells = [*map(str.strip, cells)]
            values = None if self.text else numbers(cells)
        if values is None and self.text is None:
            first = next(cell for cell in cells if not is_missing(cell))
            self.text = not is_number(first)
        if values is not None:
            self.text = None if self.text is None and np.isnan(values).all() else False
            self.whole = self.whole and all_whole(cells)
            self.chunks.append(values)
        elif self.text:
            self._add_texts(cells, lines)
        else:
            k = next(k for k, cell in enumerate(cells) if number(cell) is None)
            more = "" if LIKE_A_NUMBER.fullmatch(cells[k]) else ", as in the first row"
            raise self.refused(cells[k], lines[k], f"a number{more}")

    def _add_texts(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        chunk = np.empty(len(cells), dtype=np.int32)
        for k, cell in enumerate(cells):
            code = self.codes.get(cell)
            if code is None:
                if not is_missing(cell) and not may_be_category(cell):
                    raise self.refused(cell, lines[k])
                code = self.codes[cell] = -1 if is_missing(cell) else self.kinds
                self.kinds += code >= 0
            chunk[k] = code
        if not self.first_text[0]:
            k = next(k for k, cell in enumerate(cells) if chunk[k] >= 0 and not is_number(cell))
            self.first_text = lines[k], cells[k]
        known = {cell: is_number(cell) for cell in self.codes}
        self.numeric += sum(known[cell] for cell in cells)
        self.chunks.append(chunk)

    def refused(self, cell: str, line: int, allowed: str = "a number") -> InputError:
        """What says that a cell cannot stand where it does."""
        name = f" ({shown(self.name)})" if self.name else ""
        return InputError(
            f"column {self.position}{name} holds {shown(cell)}",
            place=Place(line=line, column=self.position),
            allowed=hint(cell) or allowed,
        )

    def finished(self) -> Column:
        """The column of all that was read. InputError: texts among what are mostly numbers."""
        if not self.text:
            values = np.concatenate(self.chunks)
            return Column(self.name, self.position, values, whole=self.whole and self.text is False)
        blank = [np.full(len(c), -1, dtype=np.int32) if c.dtype.kind == "f" else c for c in self.chunks]
        values = np.concatenate(blank)
        if self.numeric >= (values >= 0).sum() / 2:
            line, cell = self.first_text
            raise self.refused(cell, line, "a number, as in most rows; or say --header yes")
        return Column(self.name, self.position, *sorted_categories(values, self.codes))


def _exact(file: Path, opening: Opening) -> Table:
    """The table read by the csv module: slower than `fast`, and with the place of whatever is wrong."""
    growing = [Growing(name, k + 1) for k, name in enumerate(opening.names)]
    lines: list[Array] = []
    with opened(file) as stream:
        rows = _rows(stream, opening.separator)
        for _ in range(opening.skip):
            next(rows)
        while chunk := [*itertools.islice(rows, _ROWS)]:
            for line, row in chunk:
                if len(row) != len(growing):
                    raise InputError(
                        f"this row has {counted(len(row), 'cell')}, and the first has {len(growing)}",
                        place=Place(line=line),
                    )
            numbers_ = [line for line, _ in chunk]
            for column, cells in zip(growing, zip(*(row for _, row in chunk), strict=True), strict=True):
                column.add(cells, numbers_)
            lines.append(np.array(numbers_))
    return Table(tuple(column.finished() for column in growing), np.concatenate(lines), opening.header)
