"""``symbp train``: generate the module, run it on data, save what came out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from symbp.commands.data_options import data_options
from symbp.commands.options import described, network, network_options


@click.command(name="train")
@click.argument("arch")
@click.option(
    "--data",
    "source",
    required=True,
    metavar="FILE|digits|iris|xor",
    help="A .csv or .npz file, X.npy,Y.npy, or a bundled set.",
)
@click.option("--epochs", type=click.IntRange(1), default=60, show_default=True)
@click.option("--batch-size", type=click.IntRange(1), default=32, show_default=True)
@click.option("--lr", type=float, metavar="X", help="The learning rate, instead of the optimizer's own.")
@click.option("--held-out", type=click.FloatRange(0, 0.9), default=0.2, show_default=True, help="Fraction held out.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--dtype", type=click.Choice(["float32", "float64"]), default="float32", show_default=True)
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="DIR", help="Where to save (default: DATA-run).")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@data_options
@network_options
def command(
    arch: str,
    source: str,
    epochs: int,
    batch_size: int,
    lr: float | None,
    held_out: float,
    seed: int,
    dtype: str,
    output: Path | None,
    quiet: bool,
    target: tuple[str, ...],
    header: bool | None,
    impute: str,
    standardize: bool | None,
    **given: Any,
) -> None:
    """Train ARCH: generates the standalone module, runs it, and saves module, weights, history and learning curve."""
    from dataclasses import replace

    from symbp.codegen import generate
    from symbp.codegen.training.prepare import prepare
    from symbp.codegen.training.running import imported, save, train
    from symbp.commands.options import progress
    from symbp.network import settings

    net = network(arch, **given)
    if lr is not None:
        settings.number("--lr", "lr", lr)
        net = replace(net, optimizer=replace(net.optimizer, settings={**net.optimizer.settings, "lr": lr}))
    ready = prepare(
        source,
        net,
        target=target,
        header=header,
        impute=impute,
        standardize=standardize,
        held_out=held_out,
        seed=seed,
    )
    data, net = ready.data, ready.network
    for note in ready.notes:
        click.echo(f"note: {note}", err=True)
    again = f"symbp generate {described(arch, **given, standardize=net.standardize)} --dtype {dtype}"
    text = generate(net, dtype=dtype, command=again)
    name = _name(net.name or Path(source).stem)
    folder = output or Path(f"{name}-run")
    with imported(text) as module, progress(epochs, quiet) as on_epoch:
        result = train(
            module,
            data,
            state=ready.state,
            epochs=epochs,
            batch_size=batch_size,
            seed=seed,
            dtype=dtype,
            on_epoch=on_epoch,
        )
        about = {"architecture": net.text, "data": source, "epochs": epochs, "batch_size": batch_size, "seed": seed}
        if data.classes:
            about["classes"] = list(data.classes)
        files = save(folder, name, text, module, result, about)
    words = [f"{len(data.x)} examples, {result.epochs} epochs, loss {result.last('loss'):.4g}"]
    if result.last("accuracy") is not None:
        words.append(f"accuracy {result.last('accuracy'):.1%}")
    if data.x_validation is not None:
        words.append(f"held out ({len(data.x_validation)}): loss {result.last('val_loss'):.4g}")
        if result.last("val_accuracy") is not None:
            words.append(f"accuracy {result.last('val_accuracy'):.1%}")
    elif held_out:
        words.append("nothing held out: fewer than 10 examples")
    click.echo(", ".join(words))
    if data.classes and data.file:  # a label is the place of its class in this list
        click.echo("classes " + ", ".join(f"{k} {name}" for k, name in enumerate(data.classes)))
    click.echo("saved " + ", ".join(str(f) for f in files))


def _name(text: str) -> str:
    """A module name made of a text from outside."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")[:40] or "network"
