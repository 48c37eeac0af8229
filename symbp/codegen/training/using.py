"""Using a trained network: predictions with the names of their classes, and what they are worth on data.

A folder's module is not run: it is generated anew from the architecture in settings.toml, so that a folder from elsewhere
is read as data and no code of it is executed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from symbp.codegen.module import generate
from symbp.codegen.training import folder as files
from symbp.codegen.training.calling import data_set
from symbp.codegen.training.data import BUNDLED, DataSet, load
from symbp.codegen.training.data.columns import Reading
from symbp.codegen.training.data.frame import is_frame
from symbp.codegen.training.data.reader import is_table
from symbp.codegen.training.prepare import fitting, prepare_again, prepare_x
from symbp.codegen.training.running import Trained, imported
from symbp.errors import InputError, Place, shown, unknown

WHICH = ("best", "last")


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a network makes of examples.

    Parameters
    ----------
    y_hat : (N, *output), the predictions as the network gives them
    labels : (N,) integer, the class of each example; None for numbers and for several outputs that are each 0 or 1
    classes : what the labels are called
    probabilities : (N, K), where the network gives any
    targets : what the numbers are called, where the table to train on had names for them
    """

    y_hat: np.ndarray
    labels: np.ndarray | None = None
    classes: tuple[str, ...] | None = None
    probabilities: np.ndarray | None = None
    targets: tuple[str, ...] = ()

    @property
    def names(self) -> list[str] | None:
        """The name of each example's class."""
        if self.labels is None or self.classes is None:
            return None
        return [self.classes[k] for k in self.labels]

    def csv(self) -> str:
        """A table: the class and the probability of each, or the targets, with a header."""
        text = io.StringIO()
        out = csv.writer(text, lineterminator="\n")
        names = self.names
        if names is not None and self.classes is not None:
            more = self.probabilities if self.probabilities is not None else np.empty((len(names), 0))
            out.writerow(["class", *(f"p({name})" for name in self.classes[: more.shape[1]])])
            out.writerows([name, *map(_number, row)] for name, row in zip(names, more, strict=True))
        else:
            rows = self.y_hat.reshape(len(self.y_hat), -1)
            plain = ["y"] if rows.shape[1] == 1 else [f"y{k + 1}" for k in range(rows.shape[1])]
            out.writerow(self.targets if len(self.targets) == rows.shape[1] else plain)
            out.writerows(map(_number, row) for row in rows)
        return text.getvalue()

    def arrays(self) -> dict[str, np.ndarray]:
        """The same as arrays, for an .npz file."""
        found = {"y_hat": self.y_hat, "label": self.labels, "probabilities": self.probabilities}
        named = {"classes": np.array(self.classes)} if self.classes is not None else {}
        return {**{name: array for name, array in found.items() if array is not None}, **named}


def _number(value: Any) -> str:
    return f"{float(value):.6g}"


def predict(run: Trained | str | Path, data: Any, *, weights: str = "best") -> Predictions:
    """Predictions of a trained network for examples.

    Parameters
    ----------
    run : what :func:`symbp.train` returned, or the folder of a run
    data : x (N, *input) as anything that NumPy takes for an array, a DataFrame, whose columns are found by the names that
        they had in training, or the name of a file; targets are not used
    weights : ``best`` or ``last``

    Raises
    ------
    InputError : a folder without a run, or examples that do not fit
    """
    with _opened(run, weights) as (module, params, settings):
        if isinstance(data, str | Path):
            reading = _reading(settings, data)
            if reading is not None:
                x = prepare_again(str(data), settings.network, reading, targets=False)[0]
            else:
                x = prepare_x(str(data), settings.network)
        else:
            x = _x_again(settings, data)
        try:
            with np.errstate(all="ignore"):
                y_hat = np.concatenate(
                    [module.predict(params, x[i : i + 1024]) for i in range(0, max(len(x), 1), 1024)]
                )
        except ValueError as e:
            raise InputError(str(e), place=Place(str(data) if isinstance(data, str | Path) else None)) from None
        return _named(settings, module, y_hat)


def evaluate(run: Trained | str | Path, data: Any, *, weights: str = "best") -> dict[str, Any]:
    """What a trained network is worth on data: the number of examples, the loss, and the metrics, as plain numbers and lists.

    Of classes: ``accuracy``, and by class ``classes``, ``precision``, ``recall``, ``count``; ``confusion``, where row k
    says for what the examples of class k were taken. Of numbers: ``R2``, ``RMSE``, ``MAE``; of several targets those of each too,
    ``R2_each``, ``RMSE_each``, ``MAE_each``, with the names ``targets``.

    Parameters
    ----------
    run, weights : as for :func:`predict`
    data : the name of a file or of a bundled set, a DataFrame with the targets, or a pair (x, y); y
        holds labels or names of classes, or numbers

    Raises
    ------
    InputError : a folder without a run, data that do not fit, a class that the run does not know
    """
    with _opened(run, weights) as (module, params, settings):
        given = _given(settings, data)
        x, y = given.x, given.y
        try:
            with np.errstate(all="ignore"):
                y_hat = np.concatenate(
                    [module.predict(params, x[i : i + 1024]) for i in range(0, max(len(x), 1), 1024)]
                )
                found = {"examples": len(x), "loss": module.evaluate(params, x, y)["loss"], **module.metrics(y_hat, y)}
        except ValueError as e:
            raise InputError(str(e), place=Place(str(data) if isinstance(data, str | Path) else None)) from None
        plain = {name: v.tolist() if isinstance(v, np.ndarray) else v for name, v in found.items()}
        if "confusion" in plain:
            plain["classes"] = list(settings.classes or map(str, range(len(plain["confusion"]))))
        if "R2_each" in plain:
            named = settings.targets if len(settings.targets) == y_hat[0].size else ()
            plain["targets"] = list(named or (f"y{k + 1}" for k in range(y_hat[0].size)))
        return plain


def _reading(settings: files.Settings, data: Any) -> Reading | None:
    """How the table to train on was read, where there was one, and the data are a table too."""
    plain = settings.data.get("table")
    file = isinstance(data, str | Path)
    there = is_table(data) and str(data) not in BUNDLED if file else is_frame(data)
    return Reading.from_dict(plain) if plain and there else None


def _x_again(settings: files.Settings, x: Any) -> Any:
    """x of a program; a DataFrame by the names of its columns, where the run knows names."""
    reading = _reading(settings, x)
    if reading is None or not reading.header:
        return np.asarray(x)
    return prepare_again(x, settings.network, reading, targets=False)[0]


def _given(settings: files.Settings, data: Any) -> DataSet:
    """Data with their targets, as the network takes them."""
    reading = _reading(settings, data)
    if reading is None:
        if isinstance(data, tuple | list) and len(data) == 2:
            data = (_x_again(settings, data[0]), data[1])
        given = load(str(data)) if isinstance(data, str | Path) else data_set(data)
        return fitting(_with_classes(given, settings.classes), settings.network)
    found = prepare_again(data, settings.network, reading)[1]
    if found is None:
        raise InputError(
            f"there is no column {' or '.join(map(shown, reading.targets))}",
            place=Place(str(data) if isinstance(data, str | Path) else None),
            allowed="the targets beside the examples, as in the table to train on",
        )
    return found


@contextmanager
def _opened(
    run: Trained | str | Path, weights: str
) -> Iterator[tuple[ModuleType, Mapping[str, np.ndarray], files.Settings]]:
    """The module, the parameters and the settings of a run."""
    if weights not in WHICH:
        raise unknown("weights", weights, WHICH)
    if isinstance(run, Trained):
        with imported(run.source, run.name) as module:
            yield module, run.best if weights == "best" else run.params, run.settings
        return
    folder = Path(run)
    settings = files.read_settings(folder)
    dtype = str(settings.training.get("dtype", "float32"))
    with imported(generate(settings.network, dtype=dtype, command=settings.command or None), settings.name) as module:
        yield module, _weights(module, folder, weights), settings


def _weights(module: ModuleType, folder: Path, weights: str) -> Mapping[str, np.ndarray]:
    """The weights that a folder holds; where a run was killed before it saved them, those of its checkpoint."""
    path = folder / (files.BEST if weights == "best" else files.WEIGHTS)
    try:
        if path.is_file():
            return dict(module.load(str(path)))
        path = folder / files.CHECKPOINT
        if not path.is_file():
            raise InputError(f"{files.WEIGHTS} is missing: nothing was trained", place=Place(str(folder)))
        return dict(module.load_checkpoint(str(path))["best" if weights == "best" else "params"])
    except InputError:
        raise
    except ValueError as e:
        raise InputError(str(e)) from None


def _named(settings: files.Settings, module: ModuleType, y_hat: np.ndarray) -> Predictions:
    """Predictions with what they mean: classes where the network tells classes apart."""
    if not hasattr(module, "confusion"):
        return Predictions(y_hat, targets=settings.targets)
    one = module.OUTPUT == (1,)
    net = settings.network
    boundary = net.loss_kind.boundary
    flat = y_hat[:, 0] if one else y_hat
    labels = (flat > boundary).astype(np.int64) if one else flat.argmax(axis=-1)
    low, high, _ = net.loss_kind.domain
    probabilities: np.ndarray | None = None
    if one and (low, high) == (0, 1):
        probabilities = np.stack([1 - flat, flat], axis=1)
    elif not one and net.layers[-1].kind in ("softmax", "log_softmax"):
        probabilities = np.exp(flat) if net.layers[-1].kind == "log_softmax" else flat
    count = 2 if one else y_hat.shape[-1]
    return Predictions(y_hat, labels, settings.classes or tuple(map(str, range(count))), probabilities)


def _with_classes(data: DataSet, classes: tuple[str, ...] | None) -> DataSet:
    """The data with the labels that the run's classes have; a file of its own knows those alone that occur in it."""
    if classes is None or data.classes is None or data.classes == classes:
        return data
    strange = [name for name in data.classes if name not in classes]
    if strange:
        raise unknown("class", strange[0], classes).at(Place(data.file))
    places = np.array([classes.index(name) for name in data.classes])

    def part(suffix: str, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if y.ndim != 1 or y.dtype.kind not in "iu":
            raise InputError(f"y{suffix} has no labels", allowed=shown(", ".join(classes)))
        return x, places[y]

    return replace(data.mapped(part), classes=classes)
