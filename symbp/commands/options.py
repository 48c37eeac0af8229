"""What commands share: the options that describe a network, and writing a result whole or not at all."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from symbp.errors import InputError, Place

F = TypeVar("F", bound=Callable[..., Any])


def network_options(function: F) -> F:
    """The options that change a network: loss, optimizer, biases, regularisation, reduction."""
    options: list[Callable[[Any], Any]] = [
        click.option("--loss", metavar="NAME", help="The loss (symbp list losses)."),
        click.option("--optimizer", metavar="NAME", help="The optimizer (symbp list optimizers)."),
        click.option("--no-bias", is_flag=True, help="Dense layers without biases."),
        click.option("--l1", type=float, metavar="X", help="Add l1 * sum(abs(W)) to the loss."),
        click.option("--l2", type=float, metavar="X", help="Add l2/2 * sum(W**2) to the loss."),
        click.option("--reduction", metavar="mean|sum", help="Over the examples of a batch (default: mean)."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def optimizer_options(function: F) -> F:
    """The optimizer's settings and the schedule of its learning rate, an option each, as the catalogue has them."""
    from symbp.catalogue.optimizers import OPTIMIZERS, SCHEDULES

    owners: dict[str, list[str]] = {}
    settings = {**{n: k.settings for n, k in OPTIMIZERS.items()}, **{n: k.settings for n, k in SCHEDULES.items()}}
    for owner, its in settings.items():
        for name in its:
            owners.setdefault(name, []).append(owner)
    schedule = click.option("--schedule", metavar="NAME", help=f"Of the learning rate: {', '.join(SCHEDULES)}.")
    options: list[Callable[[Any], Any]] = [
        click.option(
            f"--{name.replace('_', '-')}",
            name,
            type=float,
            metavar="X",
            help=_setting_help(name, kinds, len(OPTIMIZERS)),
        )
        for name, kinds in owners.items()
    ]
    for option in reversed([options[0], schedule, *options[1:]]):
        function = option(function)
    return function


def _setting_help(name: str, owners: list[str], most: int) -> str:
    return "The learning rate." if len(owners) == most else f"A setting of {', '.join(owners)}."


def network(
    arch: str,
    *,
    loss: str | None = None,
    optimizer: str | None = None,
    no_bias: bool = False,
    l1: float | None = None,
    l2: float | None = None,
    reduction: str | None = None,
    default_optimizer: str | None = None,
    **settings: Any,
) -> Any:
    """The network that the arguments of a command describe; `settings` are the optimizer's, None where not given."""
    from dataclasses import replace

    from symbp.network import Network

    weights = {name: value for name, value in (("l1", l1), ("l2", l2)) if value is not None}
    options: dict[str, Any] = {"loss": loss, "optimizer": optimizer, "reduction": reduction}
    options["default_optimizer"] = default_optimizer
    if no_bias:
        options["bias"] = False
    if weights:
        options["regularization"] = weights
    net = Network.read(arch, **options)
    changed = {name: value for name, value in settings.items() if value is not None}
    return replace(net, optimizer=net.optimizer.changed(changed)) if changed else net


def described(arch: str, **given: Any) -> str:
    """The arguments that describe a network, as one would type them again."""
    from symbp.codegen.module import as_typed

    words = [shlex.quote(arch)]
    for name, value in given.items():
        if value is not None and not isinstance(value, bool):
            words += [f"--{name.replace('_', '-')}", shlex.quote(as_typed(value))]
    return " ".join(words + (["--no-bias"] if given.get("no_bias") else []))


def write(text: str | bytes, path: str | Path | None) -> None:
    """Write a result to a file, whole or not at all, or to standard output where there is no file."""
    if path is None or str(path) == "-":
        click.echo(text, nl=isinstance(text, str) and not text.endswith("\n"))
        return
    place = Place(str(path))
    target = Path(os.path.realpath(path))  # a link stays a link: what it points to is written
    if target.is_dir():
        raise InputError("the output is a directory", place=place, allowed="a file")
    if not target.parent.is_dir():
        raise InputError("the output's directory does not exist", place=place)
    data = text.encode() if isinstance(text, str) else text
    if target.exists() and not target.is_file():  # a device or a pipe is written to, not replaced
        target.write_bytes(data)
        return
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
    except OSError as e:
        raise InputError(f"cannot be written: {e.strerror}", place=place) from None
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(data)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> Path:
    """The folder, made where it does not exist; InputError where it cannot be."""
    place = Place(str(folder))
    if folder.exists() and not folder.is_dir():
        raise InputError("the output is a file", place=place, allowed="a directory")
    if not folder.parent.is_dir():
        raise InputError("the output's directory does not exist", place=place)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as e:
        raise InputError(f"cannot be made: {e.strerror}", place=place) from None
    return folder


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def progress(epochs: int, quiet: bool = False) -> Iterator[Callable[[int, Mapping[str, float]], None] | None]:
    """A progress bar on standard error, as a callback for each epoch; None where it is not wanted or not a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("training"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[now]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("training", total=epochs, now="")

        def on_epoch(epoch: int, values: Mapping[str, float]) -> None:
            now = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
            bar.update(task, completed=epoch + 1, now=now)

        yield on_epoch
