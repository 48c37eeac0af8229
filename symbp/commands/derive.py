"""``symbp derive``: the derivation of a network as a page."""

from __future__ import annotations

from typing import Any

import click

from symbp.commands.completion import ARCH, CONVENTION, FILE, one_of
from symbp.commands.formats import format_of
from symbp.commands.options import network, network_options, write

_FORMATS = {".tex": "latex", ".md": "markdown", ".txt": "text", ".json": "json", ".pdf": "pdf"}
"""The format that the ending of a file's name stands for."""


@click.command()
@click.argument("arch", type=ARCH)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Write to FILE; its ending decides the format.")
@click.option(
    "--format",
    "format_",
    type=one_of(*_FORMATS.values()),
    metavar="NAME",
    help="latex (the default), markdown, text, json, or pdf with -o FILE.",
)
@click.option(
    "--convention",
    type=CONVENTION,
    default="iitm",
    metavar="NAME|FILE.toml",
    help="The lecturer's notation (symbp list conventions), or a file of your own.",
)
@click.option(
    "--detail",
    type=one_of("summary", "steps", "elements"),
    default="summary",
    metavar="NAME",
    help="summary, steps, or elements for small networks.",
)
@click.option(
    "--numbers",
    metavar="random[:SEED]|FILE",
    help="Carry numbers through every line: drawn ones, or those of a .toml or .npz file.",
)
@click.option(
    "--exercises",
    "count",
    type=click.IntRange(1, 50),
    metavar="N",
    help="Add N exercises, their solutions behind them.",
)
@click.option("--seed", type=click.IntRange(0), metavar="S", help="Which exercises: others for another S (default: 0).")
@click.option("--fragment", is_flag=True, help="The body alone, for a document of your own.")
@network_options
def command(
    arch: str,
    output: str | None,
    format_: str | None,
    convention: str,
    detail: str,
    numbers: str | None,
    count: int | None,
    seed: int | None,
    fragment: bool,
    **given: Any,
) -> None:
    """Print the derivation of backpropagation through ARCH."""
    from symbp.errors import InputError
    from symbp.notes import render

    chosen = format_of(output, _FORMATS, "latex", format_)
    if chosen == "pdf" and (output is None or output == "-"):
        raise InputError("a PDF needs a file to go to", allowed="-o FILE")
    if chosen == "pdf" and fragment:
        raise InputError("a PDF is a whole document", allowed="--fragment with the other formats")
    from symbp.network.derivation import derive

    if seed is not None and count is None:
        raise InputError("--seed chooses exercises", allowed="--exercises N --seed S")
    derivation = derive(network(arch, **given))
    form = "latex" if chosen == "pdf" else chosen
    if numbers is None and count is None:
        text = render(derivation, form, convention=convention, detail=detail, fragment=fragment)
    else:
        from symbp.lectures.extras import with_extras

        text = with_extras(
            derivation, form, convention=convention, detail=detail, fragment=fragment,
            numbers=numbers, count=count or 0, seed=seed or 0,
        )  # fmt: skip
    if chosen == "pdf":
        from symbp.notes.pdf import compiled

        write(compiled(text), output)
        return
    write(text, output)
