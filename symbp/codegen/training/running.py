"""Running a generated module on data: the module is written, imported from its file, and trained; results are saved together."""

from __future__ import annotations

import importlib.util
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from symbp.codegen.training.data import DataSet
from symbp.errors import InputError, Place

History = dict[str, list[float]]


@dataclass(frozen=True)
class Trained:
    """The outcome of a training run: final parameters, the history by epoch, and the result on the held-out part."""

    params: Mapping[str, np.ndarray]
    history: History

    @property
    def epochs(self) -> int:
        """How many epochs were run."""
        return len(self.history["loss"])

    def last(self, name: str) -> float | None:
        """The last value of one curve of the history, None where there is no such curve."""
        return self.history[name][-1] if self.history.get(name) else None


@contextmanager
def imported(source: str, name: str = "generated") -> Iterator[ModuleType]:
    """The module that generated source defines, imported from a file of its own for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="symbp-") as folder:
        path = Path(folder) / f"{name}.py"
        path.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(f"symbp_{name}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module


def train(
    module: ModuleType,
    data: DataSet,
    *,
    epochs: int,
    batch_size: int,
    seed: int = 0,
    dtype: str = "float32",
    state: Mapping[str, np.ndarray] | None = None,
    on_epoch: Callable[[int, Mapping[str, float]], Any] | None = None,
) -> Trained:
    """Initialise a generated module's parameters and fit them to the data; `state` is what stands beside them.

    Raises
    ------
    InputError : where the data do not fit the module, or training leaves the finite numbers
    """
    params = module.init(seed=seed, dtype=np.dtype(dtype))
    params |= {name: value.astype(dtype) for name, value in (state or {}).items()}

    def cast(a: np.ndarray) -> np.ndarray:
        return a if np.issubdtype(a.dtype, np.integer) else a.astype(dtype)

    held_out = None
    if data.x_validation is not None and data.y_validation is not None:
        held_out = (cast(data.x_validation), cast(data.y_validation))
    try:
        with np.errstate(all="ignore"):  # what leaves the finite numbers is said once, by the module
            history = module.fit(
                params,
                cast(data.x),
                cast(data.y),
                epochs=epochs,
                batch_size=min(batch_size, len(data.x)),
                seed=seed,
                validation=held_out,
                on_epoch=on_epoch,
            )
    except (ValueError, FloatingPointError) as e:
        raise InputError(f"training stopped: {e}", place=Place(str(data.file) if data.file else None)) from None
    return Trained(params, history)


def save(
    folder: Path, name: str, source: str, module: ModuleType, result: Trained, about: Mapping[str, Any]
) -> list[Path]:
    """Save module, weights, history and learning curve; all are finished beside the folder before any takes its place.

    Returns
    -------
    The paths written: ``NAME.py``, ``weights.npz``, ``history.json``, ``curve.png``.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError("the output is a file", place=Place(str(folder)), allowed="a directory")
    if not folder.parent.is_dir():
        raise InputError("the output's directory does not exist", place=Place(str(folder)))
    folder.mkdir(exist_ok=True)
    files = [f"{name}.py", "weights.npz", "history.json", "curve.png"]
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as aside:
        there = Path(aside)
        (there / files[0]).write_text(source, encoding="utf-8")
        module.save(str(there / files[1]), result.params)
        text = json.dumps({**about, "history": result.history}, indent=1)
        (there / files[2]).write_text(text + "\n", encoding="utf-8")
        draw_curve(there / files[3], result.history, str(about.get("architecture", name)))
        for file in files:
            os.replace(there / file, folder / file)
    return [folder / file for file in files]


def draw_curve(path: Path, history: History, title: str) -> None:
    """The learning curve: loss by epoch and, for classification, accuracy beside it; training and held-out part."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    panels = [p for p in ("loss", "accuracy") if history.get(p)]
    figure = Figure(figsize=(4.6 * len(panels), 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    epochs = range(1, len(history["loss"]) + 1)
    marker = "o" if len(history["loss"]) < 3 else None
    for axes, panel in zip(np.atleast_1d(figure.subplots(1, len(panels))), panels, strict=True):
        axes.plot(epochs, history[panel], color="#1f5fa8", marker=marker, label="training")
        if history.get(f"val_{panel}"):
            axes.plot(epochs, history[f"val_{panel}"], color="#c4561b", marker=marker, label="held out")
            axes.legend(frameon=False)
        if panel == "loss" and min(history[panel]) > 0 and max(history[panel]) > 20 * min(history[panel]):
            axes.set_yscale("log")
        axes.set_xlabel("epoch")
        axes.set_ylabel(panel)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    figure.suptitle(title if len(title) < 60 else title[:57] + "...", fontsize=10)
    figure.savefig(path, dpi=144)
