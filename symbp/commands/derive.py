"""``symbp derive``: the derivation of a network as a page."""

from __future__ import annotations

from typing import Any

import click

from symbp.commands.options import network, network_options, write


@click.command()
@click.argument("arch")
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
@click.option(
    "--format", "format_", default="latex", metavar="NAME", help="latex, markdown, text, json, or pdf with -o."
)
@click.option("--convention", default="iitm", metavar="NAME", help="The lecturer's notation (symbp list conventions).")
@click.option("--detail", default="summary", metavar="NAME", help="summary, steps, or elements for small networks.")
@click.option("--fragment", is_flag=True, help="The body alone, for a document of your own.")
@network_options
def command(
    arch: str, output: str | None, format_: str, convention: str, detail: str, fragment: bool, **given: Any
) -> None:
    """Print the derivation of backpropagation through ARCH."""
    from symbp.errors import InputError
    from symbp.notes import render

    if format_ == "pdf" and (output is None or output == "-"):
        raise InputError("a PDF needs a file to go to", allowed="-o FILE")
    if format_ == "pdf" and fragment:
        raise InputError("a PDF is a whole document", allowed="--fragment with the other formats")
    from symbp.derivation import derive

    derivation = derive(network(arch, **given))
    if format_ == "pdf":
        from symbp.notes.pdf import compiled

        write(compiled(render(derivation, "latex", convention=convention, detail=detail)), output)
        return
    write(render(derivation, format_, convention=convention, detail=detail, fragment=fragment), output)
