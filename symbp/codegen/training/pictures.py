"""Pictures of a run: learning curves, runs side by side, the confusion matrix, predictions against targets."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

History = Mapping[str, Sequence[float]]
BLUE, ORANGE = "#1f5fa8", "#c4561b"
_MOST_POINTS, _MOST_NAMES, _MOST_NUMBERS = 5000, 40, 15


def draw_curve(path: Path, history: History, title: str) -> None:
    """The learning curve: loss by epoch and accuracy or R2 beside it; training and held-out part."""
    panels = [p for p in ("loss", "accuracy", "R2") if history.get(p)] or ["loss"]
    figure, all_axes = _figure(title, panels=len(panels))
    epochs = range(1, len(history.get("loss", ())) + 1)
    marker = "o" if len(epochs) < 3 else None
    for axes, panel in zip(all_axes, panels, strict=True):
        axes.plot(epochs, history.get(panel, ()), color=BLUE, marker=marker, label="training")
        if history.get(f"val_{panel}"):
            axes.plot(epochs, history[f"val_{panel}"], color=ORANGE, marker=marker, label="held out")
            axes.legend(frameon=False)
        values = history.get(panel, ())
        if panel == "loss" and values and min(values) > 0 and max(values) > 20 * min(values):
            axes.set_yscale("log")
        if panel == "R2" and values:
            low = min(min(values), min(history.get("val_R2") or values))
            axes.set_ylim(max(low - 0.05, -1.05), 1.05)
        _named(axes, "epoch", panel)
    _save(figure, path)


def draw_comparison(path: Path, runs: Mapping[str, History], steps: Mapping[str, int], title: str) -> None:
    """The training loss of several runs, by epoch and by step of the optimizer; `steps` are those of an epoch."""
    figure, (by_epoch, by_step) = _figure(title, panels=2)
    for label, history in runs.items():
        count = np.arange(1, len(history["loss"]) + 1)
        marker = "o" if len(count) < 3 else None
        by_epoch.plot(count, history["loss"], label=label, marker=marker)
        by_step.plot(count * steps[label], history["loss"], label=label, marker=marker)
    everything = [value for history in runs.values() for value in history["loss"]]
    for axes, name in ((by_epoch, "epoch"), (by_step, "step")):
        if min(everything) > 0 and max(everything) > 20 * min(everything):
            axes.set_yscale("log")
        _named(axes, name, "training loss", whole=axes is by_epoch)
    by_step.set_xscale("log")
    by_epoch.legend(frameon=False)
    _save(figure, path)


def draw_confusion(path: Path, counts: np.ndarray, names: Sequence[str], title: str) -> None:
    """How many examples of each class (row) were taken for each class (column), each row as shares of its class."""
    size = min(3.2 + 0.28 * len(counts), 9)
    figure, (axes,) = _figure(title, width=size, height=size)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if len(counts) <= _MOST_NUMBERS:
        for (row, column), count in np.ndenumerate(counts):
            dark = shares[row, column] > 0.5
            axes.text(column, row, str(count), ha="center", va="center", fontsize=8, color="white" if dark else "black")
    if len(counts) <= _MOST_NAMES:
        short = [name if len(name) <= 16 else name[:15] + "…" for name in names]
        tall = max(map(len, short)) > 3
        axes.set_xticks(range(len(short)), short, rotation=90 if tall else 0, fontsize=8, parse_math=False)
        axes.set_yticks(range(len(short)), short, fontsize=8, parse_math=False)
    axes.set_xlabel("predicted")
    axes.set_ylabel("class")
    _save(figure, path)


def draw_residuals(path: Path, y_hat: np.ndarray, y: np.ndarray, names: Sequence[str], title: str) -> None:
    """Predictions against targets, and what is left over against predictions; up to four outputs in rows."""
    y_hat, y = y_hat.reshape(len(y_hat), -1), y.reshape(len(y), -1)
    chosen = np.random.default_rng(0).permutation(len(y))[:_MOST_POINTS]
    rows = min(y.shape[1], 4)
    figure, all_axes = _figure(title, panels=2, rows=rows)
    for k in range(rows):
        right, left = y[chosen, k], y_hat[chosen, k]
        plain, rest = all_axes[2 * k], all_axes[2 * k + 1]
        ends = [min(right.min(), left.min()), max(right.max(), left.max())]
        plain.plot(ends, ends, color="0.7", linewidth=1)
        plain.plot(right, left, ".", color=BLUE, markersize=3, alpha=0.6)
        rest.axhline(0, color="0.7", linewidth=1)
        rest.plot(left, right - left, ".", color=ORANGE, markersize=3, alpha=0.6)
        _named(plain, names[k], "predicted", whole=False)
        _named(rest, "predicted", "target - predicted", whole=False)
    _save(figure, path)


@contextmanager
def _silent(name: str) -> Iterator[None]:
    """Nothing but errors from a logger: matplotlib tells of caches that it cannot make, where a home is read-only."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _figure(
    title: str, *, panels: int = 1, rows: int = 1, width: float = 4.6, height: float = 3.4
) -> tuple[Any, list[Any]]:
    with _silent("matplotlib"):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

    figure = Figure(figsize=(width * panels, height * rows), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title if len(title) < 60 else title[:57] + "...", fontsize=10, parse_math=False)
    return figure, [*np.atleast_1d(figure.subplots(rows, panels)).reshape(-1)]


def _named(axes: Any, x: str, y: str, whole: bool = True) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel(x, parse_math=False)
    axes.set_ylabel(y, parse_math=False)
    if whole:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)


def _save(figure: Any, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a sign that the font has not is drawn as a box
        figure.savefig(path, dpi=144)
