"""Progress on standard error: a bar with the rate and the time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from symbp.commands.options import say

INTERVAL = 10.0
"""Seconds between two lines where there is no terminal; a run that is shorter says nothing on its way."""

OnEpoch = Callable[[int, Mapping[str, float]], None]


@contextmanager
def progress(
    epochs: int, quiet: bool = False, *, examples: int = 0, label: str = "training"
) -> Iterator[OnEpoch | None]:
    """What to call after each epoch, with its number from 0 and its values; None where nothing is to be said.

    `examples` is how many an epoch has, for the rate.
    """
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar(epochs, examples, label) as on_epoch:
            yield on_epoch
    else:
        yield _lines(epochs, examples, label)


def _rate(examples: int, epochs: int, seconds: float) -> str:
    rate = examples * epochs / max(seconds, 1e-9)
    return f"{rate:,.0f} examples/s" if examples else ""


def _values(values: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {value:.4g}" for name, value in values.items())


def _lines(epochs: int, examples: int, label: str) -> OnEpoch:
    start = said = time.monotonic()
    first: int | None = None

    def on_epoch(epoch: int, values: Mapping[str, float]) -> None:
        nonlocal said, first
        now = time.monotonic()
        first = epoch if first is None else first
        if now - said < INTERVAL:
            return
        said, done = now, epoch + 1 - first
        left = (now - start) / done * (epochs - epoch - 1)
        rate = _rate(examples, done, now - start)
        words = [f"{label}: epoch {epoch + 1}/{epochs}", _values(values), rate, f"{left:.0f} s left"]
        say("  ".join(filter(None, words)), err=True)

    return on_epoch


@contextmanager
def _bar(epochs: int, examples: int, label: str) -> Iterator[OnEpoch]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[rate]}  {task.fields[now]}", markup=False),
    )
    start, first = time.monotonic(), None
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=epochs, now="", rate="")

        def on_epoch(epoch: int, values: Mapping[str, float]) -> None:
            nonlocal first
            first = epoch if first is None else first
            rate = _rate(examples, epoch + 1 - first, time.monotonic() - start)
            bar.update(task, completed=epoch + 1, now=_values(values), rate=rate)

        yield on_epoch
