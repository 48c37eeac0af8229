"""The options that say how a table is read and standardised, shared by the commands that take data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def data_options(function: F) -> F:
    """``--target``, ``--header``, ``--impute`` and ``--standardize``: the keyword arguments of `prepare`."""
    options: list[Callable[[Any], Any]] = [
        click.option(
            "--target",
            multiple=True,
            metavar="COLUMN",
            help="The column of y in a table, by name or number; several with commas, or again (default: y, label, target, "
            "class, or the last).",
        ),
        click.option(
            "--header",
            type=click.Choice(["yes", "no"]),
            callback=lambda _context, _option, value: None if value is None else value == "yes",
            help="Whether the first row of a table names the columns (default: found out, or asked for).",
        ),
        click.option(
            "--impute",
            type=click.Choice(["mean", "median", "most_frequent"]),
            callback=lambda _context, _option, value: value or "",
            help="Replace missing values, by the part to train on (default: refuse them).",
        ),
        click.option(
            "--standardize/--no-standardize",
            default=None,
            help="Inputs, and the targets of a regression, by mean and deviation (default: where columns differ in size).",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function
