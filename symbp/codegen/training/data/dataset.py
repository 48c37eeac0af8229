"""A data set: examples, what is wanted of them, and the part of both that training does not see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.columns import Reading
from symbp.errors import InputError, Place, counted

_ROWS = 8192


@dataclass(frozen=True, eq=False)
class DataSet:
    """Examples with their targets or labels.

    Parameters
    ----------
    name : the bundled name, or the name of the file
    x : (N, *shape) float, the examples
    y : (N,) integer, labels; or (N, *shape) float, targets
    x_validation, y_validation : a held-out part of the same shapes, or ``None``
    classes : what the labels 0, 1, ... are called, or ``None``
    file : where the data were read
    lines : (N,) integer, the line of each example in a text file, for messages
    reading : how a table became x and y; None where the data came as arrays

    Raises
    ------
    InputError : no examples, x and y of different length, or half of a held-out part
    """

    name: str
    x: Array
    y: Array
    x_validation: Array | None = None
    y_validation: Array | None = None
    classes: tuple[str, ...] | None = None
    file: str | None = None
    lines: Array | None = None
    reading: Reading | None = None

    def __post_init__(self) -> None:
        held = [self.x_validation, self.y_validation]
        if (held[0] is None) != (held[1] is None):
            there, missing = ("y", "x") if held[0] is None else ("x", "y")
            raise self.error(f"there is {there}_validation without {missing}_validation")
        for suffix, x, y in self.parts():
            for name, array in (("x", x), ("y", y)):
                if array.ndim == 0 or len(array) == 0:
                    raise self.error(
                        f"{name}{suffix} has shape {array.shape}: no examples", allowed="one example or more"
                    )
            if len(x) != len(y):
                raise self.error(
                    f"x{suffix} has {counted(len(x), 'example')} and y{suffix} has {len(y)}", allowed="equal numbers"
                )

    def parts(self) -> list[tuple[str, Array, Array]]:
        """The suffix of the names, x and y: of the part to train on, then of the held-out part where there is one."""
        parts = [("", self.x, self.y)]
        if self.x_validation is not None and self.y_validation is not None:
            parts.append(("_validation", self.x_validation, self.y_validation))
        return parts

    def mapped(self, change: Callable[[str, Array, Array], tuple[Array, Array]]) -> DataSet:
        """The data with each part (suffix, x, y) changed to a new x and y of as many examples."""
        (x, y), *held = (change(*part) for part in self.parts())
        x_held, y_held = held[0] if held else (None, None)
        return replace(self, x=x, y=y, x_validation=x_held, y_validation=y_held)

    def error(self, message: str, *, row: int | None = None, allowed: str = "") -> InputError:
        """The error for these data; `row` is an example of the part to train on, counted from 0."""
        line = None if row is None or self.lines is None else int(self.lines[row])
        return InputError(message, place=Place(self.file, line), allowed=allowed)


def has_labels(y: Array) -> bool:
    """Whether y is labels, (N,) integer, not targets."""
    return y.ndim == 1 and y.dtype.kind in "iu"


def split(data: DataSet, held_out: float = 0.2, seed: int = 0, *, in_place: bool = False) -> DataSet:
    """Hold out a random part of the examples; the examples of each part stay in their order.

    Labels are stratified, and so are targets that stand for classes (two numbers, one-hot rows): a class of c examples
    gives up ``c*held_out`` of them, rounded down or up. At least one example is held out and at least one is kept. Data
    that have a held-out part already, and ``held_out=0``, come back as they are.
    With `in_place` the arrays that were given are used for the part to train on, so that large data are not held twice.
    Of an x that lies on disk the last examples are held out, since others would have to be copied.

    Raises
    ------
    InputError : `held_out` outside [0, 1), a negative `seed`, a single example, or at the end of a file a class of its own
    """
    if not 0 <= held_out < 1:
        raise InputError(f"held_out is {held_out}", allowed="0 or more, and less than 1")
    if seed < 0:
        raise InputError(f"seed is {seed}", allowed="an integer, 0 or more")
    if data.x_validation is not None or held_out == 0:
        return data
    n = len(data.x)
    if n == 1:
        raise data.error("one example cannot be split in two parts", allowed="two examples or more, or held_out=0")
    count = min(max(round(n * held_out), 1), n - 1)
    if isinstance(data.x, np.memmap):
        return _end_held_out(data, n - count)
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    classes = _strata(data.y)
    if classes is not None:
        order = order[np.argsort(classes[order], kind="stable")]
    # Evenly spaced picks from an order sorted by class give each class its share; the random start keeps the picks
    # from favouring the same end of a class in every draw.
    step = np.arange(n) + rng.integers(n)
    held = np.zeros(n, dtype=bool)
    held[order] = (step + 1) * count // n > step * count // n
    x, x_held = _divided(data.x, held, in_place)
    y, y_held = _divided(data.y, held, in_place)
    return replace(
        data,
        x=x,
        y=y,
        x_validation=x_held,
        y_validation=y_held,
        lines=None if data.lines is None else data.lines[~held],
    )


def _divided(array: Array, held: Array, in_place: bool) -> tuple[Array, Array]:
    """The rows that are not held out, and those that are."""
    out = array[held]
    if not in_place or not array.flags.writeable:
        return array[~held], out
    kept = np.flatnonzero(~held)
    for first in range(0, len(kept), _ROWS):  # rows only move towards the front, so none is written before it is read
        rows = kept[first : first + _ROWS]
        array[first : first + len(rows)] = array[rows]
    return array[: len(kept)], out


def _strata(y: Array) -> Array | None:
    """The class of each example, (N,), where y is labels, one column of two numbers, or one-hot rows; else None."""
    if has_labels(y):
        return y
    rows = y.reshape(len(y), -1)
    if rows.shape[1] == 1:
        known, classes = np.unique(rows, return_inverse=True)
        return classes.reshape(-1) if len(known) == 2 else None
    high, low = rows.max(), rows.min()
    one_hot = ((rows == high).sum(axis=1) == 1) & ((rows == low).sum(axis=1) == rows.shape[1] - 1)
    return rows.argmax(axis=1) if one_hot.all() else None


def _end_held_out(data: DataSet, start: int) -> DataSet:
    """The examples from `start` held out; nothing is copied."""
    if has_labels(data.y):
        new = np.setdiff1d(data.y[start:], data.y[:start])
        if len(new):
            raise data.error(
                f"the last examples, which are held out, have the label {new[0]}, and those before have not",
                allowed="examples in random order, since so large a file is not copied",
            )
    return replace(
        data,
        x=data.x[:start],
        y=data.y[:start],
        x_validation=data.x[start:],
        y_validation=data.y[start:],
        lines=None if data.lines is None else data.lines[:start],
    )
