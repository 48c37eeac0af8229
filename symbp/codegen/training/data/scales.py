"""The scales of data: whether standardising is called for, and the means and deviations of the part to train on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.dataset import DataSet
from symbp.errors import InputError, shown

_LARGEST = 1e150  # of numbers whose squares are still numbers
_APART = 10.0  # times that columns may differ in size, or be away from 1
_ROWS = 8192  # of data looked at at a time, so that what lies on disk stays there


def batches(array: Array) -> Iterator[Array]:
    """The array in pieces of at most some thousand rows."""
    for first in range(0, len(array), _ROWS):
        yield np.asarray(array[first : first + _ROWS])


def statistics(array: Array) -> tuple[Array, Array]:
    """The mean and the standard deviation over the examples, float64, of each number of an example.

    The deviation is 1 where nothing varies. Two passes: the mean first, so that a large mean does not swallow the deviation.
    """
    count = len(array)
    with np.errstate(over="ignore", invalid="ignore"):
        total = sum(part.sum(axis=0, dtype=np.float64) for part in batches(array))
        mean = np.asarray(total) / count
    with np.errstate(over="ignore"):  # said below, in words
        squares = sum(((part - mean) ** 2).sum(axis=0) for part in batches(array))
    low = np.minimum.reduce([part.min(axis=0) for part in batches(array)])
    high = np.maximum.reduce([part.max(axis=0) for part in batches(array)])
    deviation = np.sqrt(np.asarray(squares) / count)
    if not np.isfinite(deviation).all():
        raise InputError("numbers are too large to be standardised", allowed=f"numbers below {_LARGEST:g}")
    # A constant column has a deviation of its rounding errors, which would blow them up.
    return mean, np.where((high > low) & (deviation > 0), deviation, 1.0)


def reason(data: DataSet, regression: bool) -> str:
    """Why the data should be standardised, or the empty text where they need not be.

    A table is where the sizes (root mean squares) of its columns differ tenfold, or one is ten times away from 1; indicators
    of texts do not count. An array (N, D) is where a column is larger than 10; images and other arrays never are. Targets of
    a regression count like a column of a table.
    """
    if data.x.ndim != 2:
        return ""
    table = data.reading is not None
    sizes, varies = _sizes(data.x)
    indicator = np.zeros(len(sizes), dtype=bool)
    if data.reading is not None:
        indicator[:] = [bool(c.categories) for c in data.reading.columns for _ in c.inputs]
    counted = np.flatnonzero(varies & ~indicator)
    names = data.reading.inputs if data.reading is not None else tuple(f"x[:, {k}]" for k in range(len(sizes)))
    found = [(float(sizes[k]), names[k]) for k in counted]
    if table and regression:
        sizes = _sizes(data.y.reshape(len(data.y), -1))[0]
        targets = data.reading.targets if data.reading is not None else ()
        found += [
            (float(size), f"the target {shown(name)}") for size, name in zip(sizes, targets, strict=False) if size
        ]
    if not found:
        return ""
    (low, lowest), (high, highest) = min(found), max(found)
    if high > _APART or (table and high > 0 and (high / low > _APART or high < 1 / _APART)):
        if high / low <= _APART:
            return f"numbers are {'large' if high > 1 else 'small'} ({_named(highest)}: {high:.3g})"
        return f"columns differ in size, from {low:.3g} ({_named(lowest)}) to {high:.3g} ({_named(highest)})"
    return ""


def _named(name: str) -> str:
    return name if name.startswith(("x[", "the target ")) else shown(name)


def _sizes(array: Array) -> tuple[Array, Array]:
    """The root mean square of each column, and whether it varies."""
    with np.errstate(over="ignore"):
        squares = sum((part.astype(np.float64) ** 2).sum(axis=0) for part in batches(array))
    low = np.minimum.reduce([part.min(axis=0) for part in batches(array)])
    high = np.maximum.reduce([part.max(axis=0) for part in batches(array)])
    return np.sqrt(np.asarray(squares) / len(array)), high > low
