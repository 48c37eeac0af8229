"""Training from Python: data as whatever holds numbers, options as keywords, a plain object back."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from symbp.codegen.training.data import DataSet, load
from symbp.codegen.training.options import Options
from symbp.codegen.training.prepare import prepare_data
from symbp.codegen.training.running import OnEpoch, Trained
from symbp.codegen.training.running import train as run
from symbp.errors import InputError
from symbp.network import Network


def train(
    net: Network | str,
    data: Any,
    *,
    validation: tuple[Any, Any] | None = None,
    epochs: int | None = None,
    batch_size: int | None = 32,
    seed: int = 0,
    dtype: str = "float32",
    held_out: float = 0.2,
    patience: int | None = None,
    clip_norm: float | None = None,
    class_weight: str | Mapping[int, float] | None = None,
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
    data : a pair (x, y) of arrays, lists or tables; the name of a .csv or .npz file or of a bundled set; or a DataSet
    validation : a pair to evaluate after each epoch, instead of the fraction `held_out` of the data
    epochs : of the whole run, those before `resume` included; None is 60, and more on small data
    batch_size : examples in a batch, None for all
    patience : stop after so many epochs without a lower loss (on the part held out, where there is one)
    clip_norm : scale gradients down to this norm
    class_weight, sample_weight : "balanced" or a weight for each class, and a weight for each example (nothing is held
        out then but what is given as `validation`); both are scaled to the mean 1
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
    reading: dict[str, Any] = {}
    if isinstance(data, str | Path):
        columns = [target] if isinstance(target, str) else target
        given = load(str(data), target=columns, header=header, impute=impute, takes=net.input)
        reading = {"source": str(data), **({"path": os.path.abspath(data)} if given.file else {})}
    elif isinstance(data, DataSet):
        given = data
    else:
        given = data_set(data, validation)
    if sample_weight is not None:
        held_out = 0.0
        sample_weight = np.asarray(sample_weight)
    options = Options(epochs, batch_size, seed, dtype, held_out, patience, clip_norm, class_weight)
    ready = prepare_data(given, net, standardize=standardize, held_out=held_out, seed=seed)
    return run(
        ready.network,
        ready.data,
        options,
        state=ready.state,
        folder=None if folder is None else Path(folder),
        resume=None if resume is None else Path(resume),
        overwrite=overwrite,
        reading=reading,
        sample_weight=sample_weight,
        on_epoch=on_epoch,
    )


def data_set(data: Any, validation: tuple[Any, Any] | None = None) -> DataSet:
    """A pair (x, y), and one to validate on, as a data set; y of text is classes, in sorted order.

    Raises
    ------
    InputError : no pair, or arrays without numbers
    """
    pairs = [data] if validation is None else [data, validation]
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise InputError("the data are no pair (x, y)", allowed="(x, y), the name of a file, or a DataSet")
    xs = [_numbers("x", pair[0]) for pair in pairs]
    ys = [np.asarray(pair[1]) for pair in pairs]
    if all(_is_text(y) for y in ys):
        texts = [y.astype(np.str_).reshape(-1) for y in ys]
        known = np.unique(np.concatenate(texts))
        labels = [np.searchsorted(known, text) for text in texts]
        return DataSet("data", xs[0], labels[0], *_held(xs, labels), classes=tuple(map(str, known)))
    targets = [_targets(_numbers("y", y)) for y in ys]
    return DataSet("data", xs[0], targets[0], *_held(xs, targets))


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
