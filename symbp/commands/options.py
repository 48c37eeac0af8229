"""What commands share: the options that describe a network, and writing a result whole or not at all."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from symbp.commands.completion import LOSS, OPTIMIZER, SCHEDULE, one_of
from symbp.errors import InputError, Place, printable, shown
from symbp.files import write_whole

F = TypeVar("F", bound=Callable[..., Any])

STANDARDIZE = {"both": "--standardize", "inputs": "--standardize-inputs"}
"""The options of generate for what a module standardises."""


class BatchSize(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A number of examples, or all of them."""

    name = "B|all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number as an int, ``all`` as it is."""
        if value == "all" or isinstance(value, int):
            return value
        if not value.isascii() or not value.isdigit() or not 1 <= int(value[:18]) <= 10**17:
            self.fail(f"{shown(value)} is no batch size; allowed: a whole number from 1, or all", param, ctx)
        return int(value)


@dataclass(frozen=True)
class Whole(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A whole number, from the lowest that is allowed to the highest."""

    low: int = 0
    high: int = 10**18 - 1
    name = "N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        if isinstance(value, int):
            return value
        if not re.fullmatch(r"[+-]?[0-9]{1,30}", value) or not self.low <= int(value) <= self.high:
            self.fail(f"{shown(value)} cannot be used; allowed: {self.allowed}", param, ctx)
        return int(value)

    @property
    def allowed(self) -> str:
        """What may stand there, in words."""
        return f"a whole number from {self.low}" + (
            f" to {self.high}" if self.high < 10**9 else ", of at most 18 digits"
        )


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


def optimizer_options(function: F) -> F:
    """The optimizer's settings and the schedule of its learning rate, an option each, as the catalogue has them."""
    from symbp.catalogue.optimizers import OPTIMIZERS, SCHEDULES

    owners: dict[str, list[str]] = {}
    settings = {**{n: k.settings for n, k in OPTIMIZERS.items()}, **{n: k.settings for n, k in SCHEDULES.items()}}
    for owner, its in settings.items():
        for name in its:
            owners.setdefault(name, []).append(owner)
    schedule = click.option(
        "--schedule", type=SCHEDULE, metavar="NAME", help=f"Of the learning rate: {', '.join(SCHEDULES)}."
    )
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


def given_map(arch: str, **options: Any) -> Any:
    """What ARCH stands for where any forward map may: a network with its options, a problem file, ``FILE.py:NAME``."""
    from symbp.verification.problems.given import own_map

    own = own_map(arch)
    if own is None:
        return network(arch, **options)
    for name, value in options.items():
        if value:
            option = f"--{name.replace('_', '-')}"
            raise InputError(
                f"{option} is about a network, and {arch} is {_kind(arch)}", allowed="the map as it is written"
            )
    return own


def _kind(arch: str) -> str:
    return "a problem" if arch.lower().endswith(".toml") else "a function"


def network(
    arch: str,
    *,
    loss: str | None = None,
    optimizer: str | None = None,
    no_bias: bool = False,
    l1: float | None = None,
    l2: float | None = None,
    reduction: str | None = None,
    standardize: str | None = None,
    default_optimizer: str | None = None,
    **settings: Any,
) -> Any:
    """The network that the arguments of a command describe; `settings` are the optimizer's, None where not given."""
    from dataclasses import replace

    from symbp.network import Network
    from symbp.verification.problems.given import own_map

    if own_map(arch) is not None:
        message = f"{_kind(arch)} is no network"
        raise InputError(message, place=Place(arch), allowed="derive, generate and verify take one; a network here")
    weights = {name: value for name, value in (("l1", l1), ("l2", l2)) if value is not None}
    options: dict[str, Any] = {"loss": loss, "optimizer": optimizer, "reduction": reduction, "standardize": standardize}
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
    from symbp.codegen.layout import as_typed

    words = [shlex.quote(arch)]
    standardize = given.pop("standardize", None)
    for name, value in given.items():
        if value is not None and not isinstance(value, bool):
            words += [f"--{name.replace('_', '-')}", shlex.quote(as_typed(value))]
    words += [STANDARDIZE[standardize]] if standardize else []
    return " ".join(words + (["--no-bias"] if given.get("no_bias") else []))


def say(text: str, *, err: bool = False) -> None:
    """Print lines for a reader: what a terminal would act on is written as an escape, wherever it came from."""
    click.echo("\n".join(map(printable, text.split("\n"))), err=err)


def write(text: str | bytes, path: str | Path | None) -> None:
    """Write a result to a file, whole or not at all, or to standard output where there is no file."""
    if path is None or str(path) == "-":
        if isinstance(text, str) and sys.stdout.isatty():
            say(text.removesuffix("\n"))
        else:
            click.echo(text, nl=isinstance(text, str) and not text.endswith("\n"))
        return
    target = writable(path)
    data = text.encode() if isinstance(text, str) else text
    try:
        write_whole(target, data)
    except OSError as e:
        raise InputError(f"cannot be written: {e.strerror}", place=Place(str(path))) from None


def writable(path: str | Path) -> Path:
    """The file that an output is written to; a link stays a link: what it points to is written.

    Raises
    ------
    InputError : for a directory, and for a file in a directory that does not exist
    """
    place, target = Place(str(path)), Path(os.path.realpath(path))
    if target.is_dir():
        raise InputError("the output is a directory", place=place, allowed="a file")
    if not target.parent.is_dir():
        raise InputError(
            "the output's directory does not exist", place=place, allowed="a file in a directory that is there"
        )
    return target


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under a head: the first column to the left, the others to the right; each cell on one line, as `say` would have it."""
    cells = [[*map(printable, row)] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))] for row in cells
    ]
    return "\n".join("  ".join(line).rstrip() for line in lines)
