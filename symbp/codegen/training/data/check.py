"""Data against the network that is to be trained on them."""

from __future__ import annotations

import math

import numpy as np

from symbp.codegen.training.data.array import Array
from symbp.codegen.training.data.dataset import DataSet, has_labels
from symbp.errors import InputError, shown

Shape = tuple[int, ...]
_ROWS = 8192


def check(
    data: DataSet, input_shape: Shape, output_shape: Shape, *, labels_allowed: bool, missing: bool = False
) -> DataSet:
    """The data in the shapes that a network takes: x (N, *input_shape); y (N, *output_shape), or labels (N,).

    Shapes that differ only in being flat or in axes of length 1 are made to agree, in C order: images (N, 8, 8) for an
    input (64,), rows (N, 64) for an input (1, 8, 8), labels 0 and 1 for a single output. Where `labels_allowed`
    (classification), a column of whole numbers for more than one output is labels. With `missing`, x may hold NaN, which
    stands for a value that is still to be replaced.

    Raises
    ------
    InputError : another shape, NaN or infinity, labels that are not whole numbers or not in 0..K-1; it names the array
        and the first index, and the line where the data came from a text file
    """

    def part(suffix: str, x: Array, y: Array) -> tuple[Array, Array]:
        _finite(data, f"x{suffix}", x, missing)
        _finite(data, f"y{suffix}", y)
        wanted = _wanted(data, f"y{suffix}", y, output_shape, labels_allowed)
        return _reshaped(data, f"x{suffix}", x, input_shape), wanted

    return data.mapped(part)


def one_hot(data: DataSet, outputs: int) -> DataSet:
    """Labels as targets, (N,) to (N, outputs): 1 at the label and 0 elsewhere; targets come back as they are.

    Raises
    ------
    InputError : a label outside 0..outputs-1
    """
    rows = np.eye(outputs)

    def part(suffix: str, x: Array, y: Array) -> tuple[Array, Array]:
        return x, rows[_labels(data, f"y{suffix}", y, outputs)] if has_labels(y) else y

    return data.mapped(part)


def _finite(data: DataSet, name: str, array: Array, missing: bool = False) -> None:
    if array.dtype.kind not in "biuf":
        raise data.error(f"{name} has dtype {array.dtype}", allowed="real numbers")
    for start in range(0, len(array), _ROWS):  # piece by piece: the array may lie on disk
        part = np.asarray(array[start : start + _ROWS])
        finite = np.isfinite(part) | np.isnan(part) if missing else np.isfinite(part)
        if not finite.all():
            row, *rest = map(int, np.unravel_index(np.argmin(finite), part.shape))
            raise _at(data, name, array, (start + row, *rest), "finite numbers")


def _at(data: DataSet, name: str, array: Array, index: Shape, allowed: str, why: str = "") -> InputError:
    row = None if name.endswith("_validation") else index[0]  # lines are known for the part to train on
    where = ", ".join(map(str, index))
    return data.error(f"{name}[{where}] is {array[index]}{why}", row=row, allowed=allowed)


def _reshaped(data: DataSet, name: str, array: Array, shape: Shape, hint: str = "") -> Array:
    mine, wanted = array.shape[1:], tuple(shape)
    flat = min(len(mine), len(wanted)) <= 1 and math.prod(mine) == math.prod(wanted)
    # Two images that agree only in their number of pixels are not the same image: (4, 8) never becomes (8, 4).
    if not flat and [n for n in mine if n != 1] != [n for n in wanted if n != 1]:
        expected = (len(array), *wanted)
        made = _made(data) if name.startswith("x") else ""
        raise data.error(f"{name} has shape {array.shape}, and the network takes {expected}{hint}{made}")
    return array.reshape(len(array), *wanted)


def _made(data: DataSet) -> str:
    """What the texts of a table have become, for a message about another number of inputs; empty without texts."""
    columns = data.reading.columns if data.reading is not None else ()
    texts = [f"{shown(c.name)} ({len(c.categories)})" for c in columns if c.categories]
    return f"; there is an input for each text of {', '.join(texts)}" if texts else ""


def _wanted(data: DataSet, name: str, y: Array, output_shape: Shape, labels_allowed: bool) -> Array:
    outputs = math.prod(output_shape)
    column = math.prod(y.shape[1:]) == 1
    if column and labels_allowed and len(output_shape) == 1 and outputs > 1:
        return _labels(data, name, y.reshape(-1), outputs)
    if outputs == 1 and data.classes is not None and len(data.classes) > 2:
        raise data.error(
            f"{name} has {len(data.classes)} classes, and the network has one output",
            allowed=f"two classes, or {len(data.classes)} outputs",
        )
    hint = "; integer labels need a loss for classification, or one_hot" if has_labels(y) else ""
    targets = _reshaped(data, name, y, output_shape, hint)
    return targets if targets.dtype.kind == "f" else targets.astype(np.float64)


def _labels(data: DataSet, name: str, y: Array, outputs: int) -> Array:
    """The labels y (N,) as int64."""
    names = data.classes or ()
    known = f" ({', '.join(map(shown, names[:outputs]))})" if 0 < outputs <= 10 and len(names) >= outputs else ""
    allowed = f"labels 0..{outputs - 1}{known}, one for each of the {outputs} outputs"
    for good, why in ((y == np.floor(y), ", not a whole number"), ((y >= 0) & (y < outputs), "")):
        if not good.all():
            from_one = not why and y.min() == 1 and y.max() == outputs
            hint = ": these labels count from 1, subtract 1" if from_one else why
            first = int(np.argmin(good))
            if not why and 0 <= y[first] < len(names):
                hint = f", the class {shown(names[int(y[first])])}{hint}"
            raise _at(data, name, y, (first,), allowed, hint)
    return y.astype(np.int64)
