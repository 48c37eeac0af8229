"""How a table becomes arrays: columns of numbers as they are, one input for each text of the others, and what the targets are.

The reading of the table to train on is kept beside the weights, so that a new table is read in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.columns import IMPUTE, InputColumn, Reading, filled
from symbp.codegen.training.data.header import target_positions
from symbp.codegen.training.data.table import Column, Table
from symbp.errors import InputError, Place, counted, nearest, shown

MOST_CATEGORIES = 100
"""Different texts of a column of x; more are names or keys, which nothing can be learned from."""
_ROWS = 512


def arrays(table: Table, target: Sequence[str] = (), impute: str = "") -> tuple[Array, Array, Reading]:
    """x (N, inputs) float64, y and the reading of a table that is seen for the first time.

    y is labels (N,) where the target column holds texts or whole numbers, targets (N, K) otherwise. With `impute`, missing
    values stay NaN in x until `filled` replaces them.

    Raises
    ------
    InputError : no such target, missing labels, missing values without `impute`, a column of too many texts
    """
    names = [column.name for column in table.columns] if table.header else []
    first = int(table.lines[0])
    places = target_positions(target, names, len(table.columns), first - table.header)
    wanted = [table.columns[k] for k in places]
    for column in wanted:
        _refuse_missing(table, column, "; a missing label is no class and no number", "a value in every row")
    y, classes = _targets(wanted, table)
    rest = [column for k, column in enumerate(table.columns) if k not in places]
    x, inputs = examples(table, rest, impute)
    at = tuple(column.position for column in wanted)
    return x, y, Reading(inputs, tuple(map(_name, wanted)), classes, table.header, at, impute)


def examples(table: Table, columns: Sequence[Column], impute: str = "") -> tuple[Array, tuple[InputColumn, ...]]:
    """x (N, inputs) of some columns of a table, and how they became it; with `impute`, missing values stay NaN.

    Raises
    ------
    InputError : missing values without `impute`, a column of too many texts
    """
    first = int(table.lines[0])
    for column in columns:
        if len(column.categories) > MOST_CATEGORIES:
            raise InputError(
                f"{column.described} holds {len(column.categories)} different texts",
                place=Place(line=first, column=column.position),
                allowed=f"{MOST_CATEGORIES} or fewer; leave out a column of names or keys",
            )
        if not impute:
            options = f"a value in every row, or --impute {'|'.join(IMPUTE)}"
            _refuse_missing(table, column, "", options)
        elif column.missing.all():
            raise InputError(f"{column.described} holds no value at all", allowed="a value in one row or more")
    inputs = tuple(InputColumn(_name(column), column.categories) for column in columns)
    return _inputs(columns, inputs), inputs


def again(table: Table, reading: Reading, targets: bool = True) -> tuple[Array, Array | None]:
    """x, and with `targets` y where its columns are there, of a new table that is read as the first was.

    With a header the columns are found by their names, in any order, and others are left alone; without one they are those
    of the first table, or those but for the targets.

    Raises
    ------
    InputError : a column that is missing, a text or a class that the first table did not have, a missing value where none
        was to be replaced
    """
    named = _found(table, reading)
    found = []
    for wanted in reading.columns:
        column = named[wanted.name]
        if bool(column.categories) != bool(wanted.categories):
            if not (wanted.categories and column.whole):
                raise _of_another_kind(table, column, wanted)
            column = _as_text(column)
        if wanted.fill is None and not reading.impute:
            _refuse_missing(table, column, "", "a value in every row: the table to train on had no missing ones")
        found.append(_recoded(table, column, wanted.categories) if wanted.categories else column)
    x = filled(_inputs(found, reading.columns), reading)
    if not targets or not all(name in named for name in reading.targets):
        return x, None
    wanted_y = [named[name] for name in reading.targets]
    for column in wanted_y:
        _refuse_missing(table, column, "", "a value in every row, or a table without this column")
    if not reading.classes:
        return x, _targets(wanted_y, table)[0]
    y = wanted_y[0] if wanted_y[0].categories else _as_text(wanted_y[0])
    return x, _recoded(table, y, reading.classes).values.astype(np.int64)


def numbers_alone(table: Table, width: int) -> Array:
    """x (N, width) of a table of numbers; where it has one column more, that of the target is left out.

    Raises
    ------
    InputError : another number of columns, a text or a missing value in x
    """
    line, count = int(table.lines[0]), len(table.columns)
    if count not in (width, width + 1):
        raise InputError(
            f"this row has {counted(count, 'cell')}",
            place=Place(line=line),
            allowed=f"{width}, or {width + 1} with the target",
        )
    names = [column.name for column in table.columns] if table.header else []
    left_out = target_positions((), names, count, line - table.header) if count > width else []
    rest = [column for k, column in enumerate(table.columns) if k not in left_out]
    for column in rest:
        if column.categories:
            row = int((~column.missing).argmax())
            raise InputError(
                f"{column.described} holds {shown(column.categories[int(column.values[row])])}",
                place=Place(line=int(table.lines[row]), column=column.position),
                allowed="numbers, as in the data to train on",
            )
        _refuse_missing(table, column, "", "a value in every row")
    return np.column_stack([column.values for column in rest])


def _name(column: Column) -> str:
    return column.name or str(column.position)


def _refuse_missing(table: Table, column: Column, why: str, allowed: str) -> None:
    missing = column.missing
    if not missing.any():
        return
    count, row = int(missing.sum()), int(missing.argmax())
    rows = "this row" if count == 1 else f"{count} of {len(missing)} rows, this the first"
    raise InputError(
        f"{column.described} has no value in {rows}{why}",
        place=Place(line=int(table.lines[row]), column=column.position),
        allowed=allowed,
    )


def _inputs(columns: Sequence[Column], wanted: Sequence[InputColumn]) -> Array:
    """x (N, inputs): numbers as they are, texts as one column each, all NaN in the rows where the text is missing."""
    count = len(columns[0].values)
    x = np.empty((count, sum(len(one.inputs) for one in wanted)))
    for first in range(0, count, _ROWS):  # some rows at a time: a whole column would be written all over the memory
        rows, start = x[first : first + _ROWS], 0
        for column, one in zip(columns, wanted, strict=True):
            values = column.values[first : first + _ROWS]
            end = start + len(one.inputs)
            if one.categories:
                rows[:, start:end] = values[:, np.newaxis] == np.arange(len(one.categories))
                rows[values < 0, start:end] = np.nan
            else:
                rows[:, start] = values
            start = end
    return x


def _targets(columns: Sequence[Column], table: Table) -> tuple[Array, tuple[str, ...]]:
    if len(columns) == 1:
        (column,) = columns
        if column.categories:
            return column.values.astype(np.int64), column.categories
        if column.whole and np.abs(column.values).max() < 1e15:
            return column.values.astype(np.int64), ()
    for column in columns:
        if column.categories:
            raise InputError(
                f"{column.described} holds texts, and several targets are numbers",
                place=Place(line=int(table.lines[0]), column=column.position),
                allowed="one target of classes, or several of numbers",
            )
    return np.column_stack([column.values for column in columns]), ()


def _found(table: Table, reading: Reading) -> dict[str, Column]:
    """The columns of a new table by the names that the reading has for them."""
    wanted = [column.name for column in reading.columns]
    if reading.header and table.header:
        named = {column.name: column for column in table.columns}
        for name in wanted:
            if name not in named:
                raise InputError(
                    f"there is no column {shown(name)}",
                    place=Place(line=int(table.lines[0]) - 1),
                    allowed=f"the columns to train on: {', '.join(wanted)}",
                    nearest=nearest(name, named),
                )
        return named
    # Names without a header, or a header without names: the order alone tells the columns apart.
    whole = [*wanted]
    for place, name in sorted(zip(reading.places, reading.targets, strict=True)):
        whole.insert(place - 1, name)
    for names in (whole, wanted):
        if len(names) == len(table.columns):
            return dict(zip(names, table.columns, strict=True))
    raise InputError(
        f"this row has {counted(len(table.columns), 'cell')}",
        place=Place(line=int(table.lines[0])),
        allowed=f"{len(wanted)}, or {len(whole)} with the target{'s' if len(whole) > len(wanted) + 1 else ''}",
    )


def _as_text(column: Column) -> Column:
    """Whole numbers as the texts of a column of categories, which they are where they stand for classes."""
    known, codes = np.unique(column.values, return_inverse=True)
    return Column(column.name, column.position, codes.reshape(-1), tuple(_text(value) for value in known))


def _text(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def labels_as_classes(y: Array, count: int) -> tuple[Array, tuple[str, ...]] | None:
    """Labels that do not count from 0, such as 1, 2, 3, as the places of `count` classes; None where there are not so many."""
    known, codes = np.unique(y, return_inverse=True)
    if len(known) != count or (known == np.arange(count)).all():
        return None
    return codes.reshape(-1).astype(np.int64), tuple(map(str, known.tolist()))


def _of_another_kind(table: Table, column: Column, wanted: InputColumn) -> InputError:
    return InputError(
        f"{column.described} holds {'texts' if column.categories else 'numbers'}",
        place=Place(line=int(table.lines[0]), column=column.position),
        allowed=_some(wanted.categories) if wanted.categories else "numbers, as in the table to train on",
    )


def _recoded(table: Table, column: Column, categories: tuple[str, ...]) -> Column:
    """The column with the codes of the categories that are known."""
    places = {text: code for code, text in enumerate(categories)}
    new = np.array([places.get(text, -2) for text in column.categories] + [-1], dtype=np.int32)
    codes = new[column.values]
    if (codes == -2).any():
        row = int((codes == -2).argmax())
        text = column.categories[int(column.values[row])]
        raise InputError(
            f"{column.described} holds {shown(text)}, which the table to train on did not have",
            place=Place(line=int(table.lines[row]), column=column.position),
            allowed=_some(categories),
            nearest=nearest(text, categories),
        )
    return Column(column.name, column.position, codes, categories)


def _some(names: Sequence[str]) -> str:
    more = f", ... ({len(names)} in all)" if len(names) > 10 else ""
    return ", ".join(map(shown, names[:10])) + more
