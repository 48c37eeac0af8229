"""``symbp predict``: what a trained network makes of examples."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from symbp.commands.completion import DATA, FILE, FOLDER
from symbp.commands.options import write
from symbp.errors import InputError, unknown


@click.command(name="predict")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.argument("data", type=DATA, metavar="DATA")
@click.option("-o", "output", type=FILE, metavar="FILE", help="A .csv or .npz file (default: print as CSV).")
@click.option(
    "--weights", type=click.Choice(["best", "last"]), default="best", show_default=True, help="Of which epoch."
)
def command(folder: str, data: str, output: str | None, weights: str) -> None:
    """Predict DATA (.csv or .npz, with or without targets) by the run that symbp train saved in DIR.

    Classes come with their names and probabilities, numbers in the units of the targets.
    """
    from symbp.codegen.training.using import predict

    if output == "":
        raise InputError("-o is empty", allowed="a .csv or .npz file")
    ending = Path(output).suffix.lower() if output not in (None, "-") else ".csv"
    if ending not in (".csv", ".npz"):
        raise unknown("ending of the output", ending, (".csv", ".npz"))
    found = predict(folder, data, weights=weights)
    write(found.csv() if ending == ".csv" else _npz(found.arrays()), output)


def _npz(arrays: Mapping[str, Any]) -> bytes:
    import numpy as np

    held = io.BytesIO()
    np.savez(held, **arrays)
    return held.getvalue()
