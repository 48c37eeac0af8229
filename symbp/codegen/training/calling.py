"""Training from Python: data as whatever holds numbers, options as keywords, a plain object back."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from symbp.codegen.training.data import DataSet, load
from symbp.codegen.training.data.columns import Reading
from symbp.codegen.training.data.frame import is_frame, table_of, target_names, told_by_rows
from symbp.codegen.training.data.reading import again, arrays, examples
from symbp.codegen.training.job import Job
from symbp.codegen.training.options import Options
from symbp.codegen.training.prepare import check_plain, prepare_data
from symbp.codegen.training.running import OnEpoch, Trained
from symbp.codegen.training.running import train as run
from symbp.errors import InputError, shown, unknown
from symbp.network import Network


def train(
    net: Network | str,
    data: Any,
    *,
    validation: Any = None,
    epochs: int | None = None,
    batch_size: int | None = 32,
    seed: int = 0,
    dtype: str = "float32",
    held_out: float = 0.2,
    patience: int | None = None,
    clip_norm: float | None = None,
    class_weight: str | Mapping[int | str, float] | None = None,
    target: str | Sequence[str] = (),
    header: bool | None = None,
    impute: str = "",
    standardize: bool | None = None,
    sample_weight: Any = None,
    folder: str | Path | None = None,
    resume: str | Path | None = None,
    overwrite: bool = False,
    on_epoch: OnEpoch | None = None,
) -> Trained:
    """Train a network on data; what :func:`symbp.predict` and :func:`symbp.evaluate` take comes back.

    Parameters
    ----------
    net : a network, or its short string, which is then trained with adam and the learning rate 0.001
    data : a pair (x, y) of arrays, lists or DataFrames; a DataFrame that holds y too; the name of a .csv or
        .npz file or of a bundled set; or a DataSet
    validation : a pair to evaluate after each epoch, instead of the fraction `held_out` of the data
    epochs : of the whole run, those before `resume` included; None is 60, and more on small data
    batch_size : examples in a batch, None for all
    patience : stop after so many epochs without a lower loss (on the part held out, where there is one)
    clip_norm : scale gradients down to this norm
    class_weight, sample_weight : "balanced" or a weight for each class, by its label or its name, and a weight for each example
        (nothing is held out then but what is given as `validation`); both are scaled to the mean 1
    target, header, impute : of a table, the columns of y, whether the first row is a header, and what missing values become
        (mean, median, most_frequent)
    standardize : whether x, and the targets of a regression, are standardised; None finds out
    folder, resume, overwrite : where to save; the folder of a run to go on with; whether another run may be replaced
    on_epoch : is told the number of each epoch, from 0, and its values; training stops where it returns True

    Raises
    ------
    InputError : data that do not fit, options out of their range, a folder that cannot be used
    FloatingPointError : the loss is not finite any more
    """
    if isinstance(net, str):
        net = Network.parse(net, default_optimizer="adam")
    check_plain(net)
    reading: dict[str, Any] = {}
    columns = [target] if isinstance(target, str) else target
    if isinstance(data, str | Path):
        given = load(str(data), target=columns, header=header, impute=impute, takes=net.input)
        reading = {"source": str(data), **({"path": os.path.abspath(data)} if given.file else {})}
    elif isinstance(data, DataSet):
        given = data
    else:
        given = data_set(data, validation, target=columns, impute=impute)
    if sample_weight is not None:
        held_out = 0.0
        sample_weight = np.asarray(sample_weight)
    named = class_weight if isinstance(class_weight, str) else None
    options = Options(epochs, batch_size, seed, dtype, held_out, patience, clip_norm, named)
    ready = prepare_data(given, net, standardize=standardize, held_out=held_out, seed=seed)
    if isinstance(class_weight, Mapping):
        options = replace(options, class_weight=_by_label(class_weight, ready.data.classes))
    return run(
        Job(
            ready.network,
            ready.data,
            options,
            ready.state,
            sample_weight,
            reading=reading,
            folder=None if folder is None else Path(folder),
            resume=None if resume is None else Path(resume),
            overwrite=overwrite,
        ),
        on_epoch,
    )


def _by_label(weights: Mapping[int | str, float], classes: tuple[str, ...] | None) -> dict[int, float]:
    """Weights of classes by their labels, where some are given by the names of the classes."""
    names = classes or ()
    found: dict[int, float] = {}
    for key, weight in weights.items():
        if isinstance(key, str) and key not in names:
            raise unknown("class", key, names)
        found[names.index(key) if isinstance(key, str) else key] = weight
    return found


def data_set(data: Any, validation: Any = None, *, target: Sequence[str] = (), impute: str = "") -> DataSet:
    """A pair (x, y), and one to validate on, as a data set; y of text is classes, in sorted order.

    A DataFrame is read as a table of a file is: its columns have names, texts become one input each, and y may be among them.

    Raises
    ------
    InputError : no pair, arrays without numbers, or a DataFrame that is no table to train on
    """
    if is_frame(data):
        return _whole_frame(data, validation, target, impute)
    pairs = [data] if validation is None else [data, validation]
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise InputError(
                "the data are no pair (x, y)", allowed="(x, y), a DataFrame, the name of a file, or a DataSet"
            )
    if target or (impute and not is_frame(pairs[0][0])):
        what = "arrays" if impute else "a pair (x, y)"
        raise InputError(f"target and impute are for tables, and {what} are none", allowed="a DataFrame, or a file")
    xs, reading = _inputs([x for x, _ in pairs], pairs[0][1], impute)
    ys = [np.asarray(pair[1]) for pair in pairs]
    if all(_is_text(y) for y in ys):
        texts = [y.astype(np.str_).reshape(-1) for y in ys]
        known = np.unique(np.concatenate(texts))
        labels = [np.searchsorted(known, text) for text in texts]
        classes = tuple(map(str, known))
        return DataSet("data", xs[0], labels[0], *_held(xs, labels), classes=classes, reading=reading)
    targets = [_targets(_numbers("y", y)) for y in ys]
    return DataSet("data", xs[0], targets[0], *_held(xs, targets), reading=reading)


def _whole_frame(data: Any, validation: Any, target: Sequence[str], impute: str) -> DataSet:
    """The data set of a DataFrame with its targets, and of another like it to validate on."""
    with told_by_rows(data):
        x, y, reading = arrays(table_of(data), target, impute)
    classes = reading.classes or None
    if validation is None:
        return DataSet("data", x, y, classes=classes, reading=reading)
    if not is_frame(validation):
        raise InputError(
            "the data are a DataFrame, and validation is none", allowed="a DataFrame with the same columns"
        )
    with told_by_rows(validation):
        x_held, y_held = again(table_of(validation), reading)
    if y_held is None:
        raise InputError(f"validation has no column {' or '.join(map(shown, reading.targets))}")
    return DataSet("data", x, y, x_held, y_held, classes=classes, reading=reading)


def _inputs(xs: list[Any], y: Any, impute: str) -> tuple[list[np.ndarray], Reading | None]:
    """x of each pair, and how the first became one where it is a DataFrame."""
    if not is_frame(xs[0]):
        return [_numbers("x", x) for x in xs], None
    with told_by_rows(xs[0]):
        table = table_of(xs[0])
        x, columns = examples(table, table.columns, impute)
    names = target_names(y, [column.name for column in columns])
    places = tuple(range(len(columns) + 1, len(columns) + 1 + len(names)))
    reading = Reading(columns, names, places=places, impute=impute)
    return [x, *(_again(held, reading) for held in xs[1:])], reading


def _again(x: Any, reading: Reading) -> np.ndarray:
    """x of another pair, read as the DataFrame of the first was."""
    if not is_frame(x):
        return _numbers("x", x)
    with told_by_rows(x):
        return again(table_of(x), reading, False)[0]


def _held(xs: list[np.ndarray], ys: list[np.ndarray]) -> tuple[np.ndarray | None, np.ndarray | None]:
    return (xs[1], ys[1]) if len(xs) > 1 else (None, None)


def _is_text(y: np.ndarray) -> bool:
    return y.dtype.kind in "US" or (y.dtype.kind == "O" and all(isinstance(v, str) for v in y.reshape(-1)))


def _numbers(name: str, value: Any) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind == "O":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError) as e:
            raise InputError(f"{name} is not all numbers: {e}") from None
    return array


def _targets(y: np.ndarray) -> np.ndarray:
    if y.ndim != 1:
        return y
    return y.astype(np.int64) if y.dtype.kind in "biu" else y[:, np.newaxis]
