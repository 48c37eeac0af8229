"""Figures of trained networks: where one decides, and how a loss falls; trained by the modules that are generated for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from symbp.catalogue import OPTIMIZERS
from symbp.codegen.training.calling import train
from symbp.codegen.training.data import BUNDLED, DataSet, bundled, load
from symbp.codegen.training.running import Trained, imported
from symbp.drawing.levels import above, between
from symbp.drawing.marks import CURVES, Area, Circle, Drawing, Line, Mark
from symbp.drawing.plot import Curve, Frame, Name, axes, legend, plotted
from symbp.errors import InputError
from symbp.lectures.graphs import network_graph
from symbp.network import Network
from symbp.network.layers import Optimizer
from symbp.notes.blocks import Figure
from symbp.notes.described import in_words

_GRID = 61  # numbers along each side of the plane
_DOT = 0.09
_RATE = 0.02  # where optimizers are compared and nobody says which
_EPOCHS, _STEPS = 1000, 8000  # of an optimizer at most, where nobody says how many
_MOST_EXAMPLES = 2000


@dataclass(frozen=True)
class Run:
    """What a figure is trained on: the data by their name or file (empty: a bundled set that fits), how long, from which seed,
    and with which learning rate where it compares optimizers."""

    data: str = ""
    epochs: int | None = None
    seed: int = 0
    lr: float | None = None


@dataclass(frozen=True)
class Kind:
    """A figure of a network with numbers, what it shows, and the optimizer where nobody names one."""

    draw: Callable[[Network, Run], Figure]
    says: str
    optimizer: str = "sgd"


def boundary(net: Network, run: Run) -> Figure:
    """The plane of two inputs with what a network of one output takes for the second class, and its loss by epoch.

    Raises
    ------
    InputError : for a network with other inputs or outputs, or data that do not fit
    """
    if net.input != (2,) or net.output != (1,):
        raise InputError(
            "a boundary in the plane is of two inputs and one output", allowed="such as 2-4:tanh-1:sigmoid"
        )
    data = _data(net, run)
    level = 0.5 if net.loss_kind.boundary is None else net.loss_kind.boundary
    trained = _trained(net, data, run, batch=None, epochs=run.epochs or 2 * _EPOCHS, standardize=False)
    x, y = np.asarray(data.x, dtype=float), np.asarray(data.y).reshape(len(data.x), -1)[:, 0]
    room = 0.3 * (x.max(axis=0) - x.min(axis=0))
    (x0, y0), (x1, y1) = x.min(axis=0) - room, x.max(axis=0) + room
    xs, ys = np.linspace(x0, x1, _GRID), np.linspace(y0, y1, _GRID)
    plane = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    values = _predicted(trained, plane).reshape(_GRID, _GRID)
    frame = Frame((float(x0), float(x1)), (float(y0), float(y1)), Name("x_1", "x_1"), Name("x_2", "x_2"), 4.6, 4.6)
    polygons = [tuple(map(frame.place, p)) for p in above(xs.tolist(), ys.tolist(), values, level)]
    marks: list[Mark] = [Area(polygons[0], "curve1", tuple(polygons[1:]))] if polygons else []
    marks += axes(frame)
    ends = frame.at, (frame.right, frame.at[1] + frame.height)
    marks += [Line(piece, "curve1") for p in polygons for piece in between(p, *ends)]
    for (a, b), label in zip(x.tolist(), y.tolist(), strict=True):
        marks.append(Circle(frame.place((a, b)), _DOT, "plain", dot=label > level))
    right = replace(_frame([trained.history["loss"]], "epoch"), at=(frame.right + 1.9, 0.0), height=4.6, width=5.6)
    curve = Curve(_points(trained.history["loss"]), Name("loss"), "curve1")
    marks += [*axes(right), *plotted(right, [curve])]
    wrong = int(np.sum((_predicted(trained, x) > level) != (y > level)))
    told = (
        f"Left: the plane of the two inputs; shaded is where the prediction is above {level:g}. The dots of the second class are "
        f"filled, those of the first are rings; {wrong} of {len(x)} lie on the wrong side. "
        f"Right: the loss falls from {trained.history['loss'][0]:.3g} to {trained.history['loss'][-1]:.3g} in {trained.epochs} "
        "epochs."
    )  # fmt: skip
    said = (
        f"Where {_what(net)} decides after {trained.epochs} epochs of {_named(net)} on {data.name or 'the data'} "
        f"(shaded: above {level:g}, filled: the second class), and its loss."
    )  # fmt: skip
    return Figure(Drawing(tuple(marks)), (said,), told)


def batches(net: Network, run: Run) -> Figure:
    """The loss by epoch for batch, mini-batch and stochastic descent: one, some, and as many updates an epoch as examples."""
    data = _data(net, run)
    count = len(data.x)
    if count < 4:
        raise InputError(f"{count} examples are too few for batches of three sizes", allowed="4 or more")
    epochs = run.epochs or _epochs(count)
    sizes = {"batch": count, "mini-batch": 2 ** round(math.log2(count) / 2), "stochastic": 1}
    curves = {
        f"{name}, b = {b}: {math.ceil(count / b)} update{'' if b == count else 's'} an epoch": _trained(
            net, data, run, batch=b, epochs=epochs
        )
        for name, b in sizes.items()
    }
    said = (
        f"The loss of {_what(net)} on {data.name or 'the data'} ({count} examples), the same start and {_named(net)}."
    )
    return _losses(curves, said)


def optimizers(net: Network, run: Run) -> Figure:
    """The loss by epoch under every optimizer of the catalogue, with one learning rate and from one start."""
    data = _data(net, run)
    epochs = run.epochs or _epochs(len(data.x) // 32 + 1)
    rate = run.lr or _RATE
    curves = {
        name: _trained(replace(net, optimizer=Optimizer.of(name, {"lr": rate})), data, run, batch=32, epochs=epochs)
        for name, kind in OPTIMIZERS.items()
        if "lr" in kind.settings
    }
    said = (
        f"The loss of {_what(net)} on {data.name or 'the data'} under each optimizer: one start, one learning rate, "
        f"{rate:g}, and else their defaults."
    )  # fmt: skip
    return _losses(curves, said)


FIGURES: Mapping[str, Kind] = {
    "graph": Kind(
        lambda net, run: network_graph(net, run.seed), "a small network as gates, values forward, gradients backward"
    ),
    "boundary": Kind(boundary, "where a network of two inputs decides, and its loss (--data xor)", "adam"),
    "batches": Kind(batches, "the loss under batch, mini-batch and stochastic descent"),
    "optimizers": Kind(optimizers, "the loss under each optimizer, from one start"),
}
"""The figures of a network with numbers by name."""


def _losses(runs: Mapping[str, Trained], said: str) -> Figure:
    """Curves of losses in one frame."""
    frame = _frame([r.history["loss"] for r in runs.values()], "epoch")
    curves = [
        Curve(_points(r.history["loss"]), Name(name), CURVES[k % len(CURVES)])
        for k, (name, r) in enumerate(runs.items())
    ]
    drawing = Drawing((*axes(frame), *plotted(frame, curves), *legend(frame, curves)))
    ends = "; ".join(
        f"{name}: from {r.history['loss'][0]:.3g} to {r.history['loss'][-1]:.3g}" for name, r in runs.items()
    )
    return Figure(drawing, (said,), f"Curves of the loss by epoch. {ends}.")


def _frame(losses: Sequence[Sequence[float]], across: str) -> Frame:
    """A frame for losses: with a logarithmic axis where they fall far."""
    values = [v for loss in losses for v in loss if math.isfinite(v)]
    longest = max(map(len, losses))
    low, high = min(values), max(values)
    log = low > 0 and high > 20 * low
    bottom = max(10.0 ** math.floor(math.log10(low)), high * 1e-8) if log else min(0.0, low)
    return Frame((1, max(2, longest)), (bottom, high * 1.05), Name(across), Name("loss"), 7.4, 4.6, log=log)


def _points(values: Sequence[float], most: int = 240) -> list[tuple[float, float]]:
    """The values by epoch; of very many, so many that the line looks the same."""
    chosen = np.unique(np.linspace(0, len(values) - 1, min(most, len(values))).round().astype(int))
    return [(float(k + 1), float(values[k])) for k in chosen]


def _data(net: Network, run: Run) -> DataSet:
    """The data of a run: those that are named, else the first bundled set whose inputs the network takes."""
    if run.data:
        data = load(run.data, takes=net.input)
    else:
        fits = next((d for d in map(bundled, reversed(BUNDLED)) if d.x.shape[1:] == net.input), None)
        if fits is None:
            shape = ", ".join(map(str, net.input))
            raise InputError(f"no bundled data have examples of shape ({shape})", allowed="--data NAME|FILE")
        data = fits
    if len(data.x) > _MOST_EXAMPLES:
        raise InputError(f"{len(data.x)} examples are too many for a figure", allowed=f"at most {_MOST_EXAMPLES}")
    return data


def _epochs(updates: int) -> int:
    """How many epochs of so many updates a figure can wait for."""
    return max(10, min(_EPOCHS, _STEPS // updates))


def _trained(
    net: Network, data: DataSet, run: Run, *, batch: int | None, epochs: int, standardize: bool | None = None
) -> Trained:
    return train(net, data, epochs=epochs, batch_size=batch, seed=run.seed, held_out=0.0, standardize=standardize)


def _predicted(trained: Trained, x: np.ndarray) -> np.ndarray:
    with imported(trained.source) as module:
        found: np.ndarray = np.asarray(module.predict(trained.params, x.astype(np.float32)), dtype=float)
    return found.reshape(len(x), -1)[:, 0]


def _what(net: Network) -> str:
    """The network in words, or by its name."""
    return net.name or in_words(net.forward_map) or net.text or "the network"


def _named(net: Network) -> str:
    its = net.optimizer
    return f"{its.kind.name}, lr = {its.settings['lr']}" if "lr" in its.settings else its.kind.name
