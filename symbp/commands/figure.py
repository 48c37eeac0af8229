"""``symbp figure``: one picture of a network, from its derivation or from a run, as TikZ, SVG, PDF or PNG."""

from __future__ import annotations

from typing import Any

import click

from symbp.commands.completion import ARCH, CONVENTION, DATA, FILE, one_of
from symbp.commands.formats import format_of
from symbp.commands.options import Whole, network, network_options, writable, write
from symbp.errors import InputError, unknown

_FORMATS = {".svg": "svg", ".tex": "latex", ".pdf": "pdf", ".png": "png", ".txt": "text"}
"""The format that the ending of a file's name stands for."""
_BYTES = ("pdf", "png")


@click.command(name="figure")
@click.argument("name")
@click.argument("arch", type=ARCH)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Write to FILE; its ending decides the format.")
@click.option(
    "--format",
    "form",
    type=one_of(*_FORMATS.values()),
    metavar="|".join(_FORMATS.values()),
    help="Default: by the ending of FILE, else svg.",
)
@click.option("--fragment", is_flag=True, help="LaTeX: the picture alone, for a document of your own with tikz.")
@click.option(
    "--convention", type=CONVENTION, default="iitm", metavar="NAME|FILE.toml", help="The lecturer's notation."
)
@click.option("--of", metavar="ELEMENT", default="", help="Of which weight or unit: W1[2,1], a1[2].")
@click.option("--bias", is_flag=True, help="Draw the units that are always 1.")
@click.option("--data", type=DATA, default="", metavar="NAME|FILE", help="What to train on, where the figure needs it.")
@click.option("--epochs", type=Whole(1), metavar="N", help="How long to train, where the figure needs it.")
@click.option("--seed", type=Whole(), default=0, show_default=True, help="Of the start and the order.")
@click.option("--lr", type=float, metavar="X", help="The learning rate, where the figure needs one.")
@network_options
def command(
    name: str,
    arch: str,
    output: str | None,
    form: str | None,
    fragment: bool,
    convention: str,
    of: str,
    bias: bool,
    data: str,
    epochs: int | None,
    seed: int,
    lr: float | None,
    **given: Any,
) -> None:
    """Draw the figure NAME of ARCH.

    network, activations, paths, weight, errors and bound come from the derivation; boundary, batches and optimizers train the
    network first (symbp list figures).
    """
    from symbp.lectures import curves
    from symbp.notes.figures.printed import printed
    from symbp.notes.figures.table import FIGURES, Asked, drawn

    if name not in {**FIGURES, **curves.FIGURES}:
        raise unknown("figure", name, [*FIGURES, *curves.FIGURES])
    _no_more_than_it_takes(
        name, name in curves.FIGURES, {"--of": of, "--bias": bias}, {"--data": data, "--epochs": epochs, "--lr": lr}
    )
    form = format_of(output, _FORMATS, "svg", form)
    if fragment and form != "latex":
        raise InputError(f"a fragment of {form} is not a thing", allowed="--fragment with --format latex")
    if form in _BYTES and (output is None or output == "-"):
        raise InputError(f"a picture in {form} needs a file to go to", allowed=f"-o FILE.{form}")
    if output is not None and output != "-":
        writable(output)  # said before the work is done
    if name in curves.FIGURES:
        run = curves.Run(data, epochs, seed, lr)
        kind = curves.FIGURES[name]
        figure = kind.draw(network(arch, lr=lr, default_optimizer=kind.optimizer, **given), run)
    else:
        from symbp.network.derivation import derive

        figure = drawn(derive(network(arch, **given)), name, Asked(of, bias), convention)
    write(printed(figure, form, fragment=fragment), output)


def _no_more_than_it_takes(name: str, trained: bool, drawn: dict[str, Any], training: dict[str, Any]) -> None:
    """InputError for an option that a figure does nothing with."""
    for option, value in (drawn if trained else training).items():
        if value:
            what = "trains no network" if option in training else "has no elements to choose"
            raise InputError(
                f"the figure {name} {what}, so {option} says nothing", allowed=f"the figure without {option}"
            )
