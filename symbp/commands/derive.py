"""``symbp derive``: the derivation of a network, or any other forward map, as a page."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import click

from symbp.commands.completion import ARCH, CONVENTION, FILE, FORMAT, one_of
from symbp.commands.formats import format_of
from symbp.commands.options import Whole, given_map, network_options, writable, write

_PDF = {".pdf": "pdf"}
_COMPILED = {"pdf": "latex", "beamer": "beamer"}
"""What a PDF is compiled from, by the format that is asked for."""


@click.command()
@click.argument("arch", type=ARCH)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Write to FILE; its ending decides the format.")
@click.option(
    "--format",
    "format_",
    type=FORMAT,
    metavar="NAME",
    help="latex (the default), beamer, markdown, html, ipynb, text, json, or pdf with -o FILE (symbp list formats).",
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
@click.option("--only", metavar="NAMES", help="These equations and what they rest on: delta1,dW2.")
@click.option("--batch", is_flag=True, help="Derive for a batch of examples instead of for one.")
@click.option("--code", is_flag=True, help="The generated code beside the equations.")
@click.option(
    "--numbers",
    metavar="random[:SEED]|FILE",
    help="Carry numbers through every line: drawn ones, or those of a .toml or .npz file.",
)
@click.option(
    "--exercises",
    type=Whole(0, 50),
    default=0,
    metavar="N",
    help="Add N exercises (at most 50), their solutions behind them.",
)
@click.option("--seed", type=Whole(), metavar="S", help="Which exercises: others for another S (default: 0).")
@click.option("--fragment", is_flag=True, help="The body alone, for a document of your own.")
@click.option("--title", default="", metavar="TEXT", help="The title, in place of the page's own.")
@click.option("--author", default="", metavar="TEXT", help="Who hands the page out.")
@click.option(
    "--section-level",
    type=Whole(),
    default=1,
    metavar="N",
    help="Of the sections: 0 chapter, 1 section, ... (default: 1).",
)
@click.option(
    "--label-prefix", default="", metavar="TEXT", help="What labels begin with, for several pages in one document."
)
@click.option(
    "--figures/--no-figures",
    default=None,
    help="Draw the network, its paths and its activations (default: in documents that can show them).",
)
@network_options
def command(
    arch: str,
    output: str | None,
    format_: str | None,
    only: str | None,
    seed: int | None,
    batch: bool,
    **given: Any,
) -> None:
    """Print the derivation of backpropagation through ARCH: a network, a problem file, or FILE.py:NAME, a NumPy function."""
    from dataclasses import fields

    from symbp.errors import InputError, unknown
    from symbp.lectures.page import PageOptions, printed
    from symbp.network.derivation import derive
    from symbp.notes.page import FORMATS, JSON, endings

    page = {f.name: given.pop(f.name) for f in fields(PageOptions) if f.name in given}
    if seed is not None and not page["exercises"]:
        raise InputError("--seed chooses exercises", allowed="--exercises N --seed S")
    options = PageOptions(
        **page,
        seed=seed or 0,
        only=tuple(n.strip() for n in only.split(",") if n.strip()) if only is not None else (),
    )
    if only is not None and not options.only:
        raise InputError("--only names no equation", allowed="names with commas between them, such as delta1,dW2")
    chosen = format_of(output, {**endings(), **_PDF}, "latex", format_)
    formats = [*FORMATS, JSON, *_PDF.values()]
    if chosen not in formats:
        raise unknown("format", chosen, formats)
    named = output is not None and output != "-"
    pdf = chosen == "pdf" or (named and PurePath(output or "").suffix.lower() in _PDF)
    if pdf and not named:
        raise InputError("a PDF needs a file to go to", allowed="-o FILE")
    if pdf and options.fragment:
        raise InputError("a PDF is a whole document", allowed="--fragment with the other formats")
    if pdf and chosen not in _COMPILED:
        raise InputError(f"{chosen} is not compiled to a PDF", allowed=f"--format {', '.join(_COMPILED)}")
    if named:
        writable(output or "")  # said before the work is done
    derivation = derive(given_map(arch, **given), batch=batch)
    text = printed(derivation, _COMPILED[chosen] if pdf else chosen, options)
    if not pdf:
        write(text, output)
        return
    from symbp.notes.pdf import compiled

    write(compiled(text), output)
