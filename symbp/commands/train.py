"""``symbp train``: generate the module, run it on data, save what came out; or go on with a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from symbp.commands.comparing import compare
from symbp.commands.completion import ARCH, DATA, FOLDER
from symbp.commands.data_options import data_options
from symbp.commands.options import BatchSize, Whole, network_options, optimizer_options
from symbp.commands.runs import READING, TRAINING, Request, continued, run, started
from symbp.errors import InputError


@click.command(name="train")
@click.argument("arch", type=ARCH, required=False)
@click.option(
    "--data",
    "source",
    type=DATA,
    metavar="FILE|digits|iris|xor",
    help="A .csv or .npz file, X.npy,Y.npy, or a bundled set.",
)
@click.option("--epochs", type=Whole(1), help="Of the whole run (default: 60, more on small data).")
@click.option("--batch-size", type=BatchSize(), default=32, show_default=True)
@click.option("--held-out", type=click.FloatRange(0, 0.9), default=0.2, show_default=True, help="Fraction held out.")
@click.option("--patience", type=Whole(1), metavar="N", help="Stop after N epochs without a lower loss.")
@click.option("--class-weight", type=click.Choice(["balanced"]), help="Count rare classes for more.")
@click.option("--clip-norm", type=float, metavar="X", help="Scale gradients down to this norm.")
@click.option("--seed", type=Whole(), default=0, show_default=True)
@click.option("--dtype", type=click.Choice(["float32", "float64"]), default="float32", show_default=True)
@click.option("-o", "output", type=FOLDER, metavar="DIR", help="Where to save (default: DATA-run).")
@click.option(
    "--resume",
    type=FOLDER,
    metavar="DIR",
    help="Go on with the run in DIR; -o may be the same folder, and is by default.",
)
@click.option("--overwrite", is_flag=True, help="Replace the run that is in the folder.")
@click.option(
    "--compare",
    "values",
    metavar="NAME=A,B,...",
    help="Train once for each value, batch_size=1,32,all say, and draw them.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@data_options
@network_options
@optimizer_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    arch: str | None,
    output: str | None,
    resume: str | None,
    overwrite: bool,
    values: str | None,
    quiet: bool,
    **given: Any,
) -> int:
    """Train ARCH on data: writes and runs the standalone module; saves it with weights, history and pictures.

    Where neither the command nor the file names an optimizer, it is adam with the learning rate 0.001. After Ctrl-C the
    last whole epoch is kept, and --resume goes on from there.
    """
    chosen = {name: given.pop(name) for name in TRAINING}
    reading = {name: given.pop(name) for name in READING}
    typed = {name for name in ctx.params if ctx.get_parameter_source(name) == ParameterSource.COMMANDLINE}
    if output == "":
        raise InputError("-o is empty", allowed="a folder")
    if values is not None:
        if resume is not None:
            raise click.UsageError("--compare starts anew: it does not go with --resume", ctx)
        needed(ctx, arch, reading["source"])
        compare(ctx, values, Request(str(arch), chosen, reading, given, output, overwrite), quiet)
        return 0
    if resume is not None:
        job = continued(Path(resume), arch, {**chosen, **reading, **given}, typed, output)
    else:
        needed(ctx, arch, reading["source"])
        job = started(Request(str(arch), chosen, reading, given, output, overwrite))
    return run(job, quiet)


def needed(ctx: click.Context, arch: str | None, source: str | None) -> None:
    """A usage error where what a new run needs is missing."""
    for name, value in (("ARCH", arch), ("--data", source)):
        if value is None:
            raise click.UsageError(f"{name} is missing (only --resume goes without)", ctx)
