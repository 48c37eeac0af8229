"""``symbp graph``: a scalar expression as a graph of gates, values forward and gradients backward."""

from __future__ import annotations

import click

from symbp.commands.completion import FILE, one_of
from symbp.commands.formats import format_of
from symbp.commands.options import write
from symbp.errors import InputError, unknown

_FORMATS = {".txt": "text", ".tex": "latex", ".py": "python", ".svg": "svg", ".pdf": "pdf", ".png": "png"}
"""The format that the ending of a file's name stands for."""
_BYTES = ("pdf", "png")


@click.command(name="graph")
@click.argument("statements")
@click.option("--at", metavar="NAME=NUMBER,...", help="The value of every input; without it gradients are symbolic.")
@click.option(
    "--format",
    "form",
    type=one_of(*_FORMATS.values()),
    metavar="|".join(_FORMATS.values()),
    help="Default: by the ending of FILE, else text.",
)
@click.option(
    "--toward", metavar="NUMBER", help="Text: say which inputs have to grow for the result to come nearer to this."
)
@click.option("--fragment", is_flag=True, help="LaTeX: the picture alone, for a document of your own with tikz.")
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Write to FILE; its ending decides the format.")
def command(
    statements: str, at: str | None, form: str | None, toward: str | None, fragment: bool, output: str | None
) -> None:
    """Draw STATEMENTS such as "v = x*y; u = w + v; f = u*z" node by node.

    Names that are only read are the inputs; the last name assigned is differentiated. Every operation of a longer expression
    becomes a node of its own.
    """
    if form is not None and form not in _FORMATS.values():
        raise unknown("format", form, _FORMATS.values())
    form = format_of(output, _FORMATS, "text", form)
    if form in _BYTES and (output is None or output == "-"):
        raise InputError(f"a picture in {form} needs a file to go to", allowed=f"-o FILE.{form}")
    if fragment and form != "latex":
        raise InputError(f"a fragment of {form} is not a thing", allowed="--fragment with --format latex")
    if toward is not None and (form != "text" or at is None):
        raise InputError("--toward is about the numbers of a page of text", allowed="--at ... --format text")
    from symbp.graph.model import read_graph
    from symbp.graph.values import read_values, work_out

    graph = read_graph(statements)
    given = None if at is None else read_values(at, graph)
    if form == "python":
        from symbp.graph.python import python_code

        if given is not None:
            work_out(graph, given)  # refuses a point at which the program would fail
        write(python_code(graph, given), output)
        return
    numbers = None if given is None else work_out(graph, given)
    if form == "text":
        from symbp.graph.text import text_page

        page: str | bytes = text_page(graph, numbers, toward)
    elif form == "latex":
        from symbp.graph.latex import tikz_picture

        page = tikz_picture(graph, numbers, fragment)
    elif form in _BYTES:
        from symbp.graph.latex import tikz_picture
        from symbp.notes.pdf import compiled, pictured

        page = {"pdf": compiled, "png": pictured}[form](tikz_picture(graph, numbers, False))
    else:
        from symbp.graph.svg import svg_picture

        page = svg_picture(graph, numbers)
    write(page, output)
