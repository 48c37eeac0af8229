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

from symbp.commands.completion import LOSS, OPTIMIZER, one_of
from symbp.errors import InputError, Place, printable

F = TypeVar("F", bound=Callable[..., Any])


def network_options(function: F) -> F:
    """The options that change a network: loss, optimizer, biases, regularisation, reduction."""
    options: list[Callable[[Any], Any]] = [
        click.option("--loss", type=LOSS, metavar="NAME", help="The loss (symbp list losses)."),
        click.option("--optimizer", type=OPTIMIZER, metavar="NAME", help="The optimizer (symbp list optimizers)."),
        click.option("--no-bias", is_flag=True, help="Dense layers without biases."),
        click.option("--l1", type=float, metavar="X", help="Add l1 * sum(abs(W)) to the loss."),
        click.option("--l2", type=float, metavar="X", help="Add l2/2 * sum(W**2) to the loss."),
        click.option(
            "--reduction",
            type=one_of("mean", "sum"),
            metavar="mean|sum",
            help="Over the examples of a batch (default: mean).",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def network(
    arch: str,
    *,
    loss: str | None = None,
    optimizer: str | None = None,
    no_bias: bool = False,
    l1: float | None = None,
    l2: float | None = None,
    reduction: str | None = None,
) -> Any:
    """The network that the arguments of a command describe."""
    from symbp.network import Network

    weights = {name: value for name, value in (("l1", l1), ("l2", l2)) if value is not None}
    options: dict[str, Any] = {"loss": loss, "optimizer": optimizer, "reduction": reduction}
    if no_bias:
        options["bias"] = False
    if weights:
        options["regularization"] = weights
    return Network.read(arch, **options)


def described(arch: str, **given: Any) -> str:
    """The arguments that describe a network, as one would type them again."""
    words = [shlex.quote(arch)]
    for name in ("loss", "optimizer", "reduction", "l1", "l2"):
        if given.get(name) is not None:
            words += [f"--{name}", shlex.quote(str(given[name]))]
    return " ".join(words + (["--no-bias"] if given.get("no_bias") else []))


def say(text: str) -> None:
    """Print lines for a reader: what a terminal would act on is written as an escape, wherever it came from."""
    click.echo("\n".join(map(printable, text.split("\n"))))


def write(text: str | bytes, path: str | Path | None) -> None:
    """Write a result to a file, whole or not at all, or to standard output where there is no file."""
    if path is None or str(path) == "-":
        if isinstance(text, str) and sys.stdout.isatty():
            say(text.removesuffix("\n"))
        else:
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
