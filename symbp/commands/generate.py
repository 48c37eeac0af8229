"""``symbp generate``: the standalone NumPy module of a network."""

from __future__ import annotations

import functools
from typing import Any

import click

from symbp.commands.completion import ARCH, FILE
from symbp.commands.formats import format_of
from symbp.commands.options import STANDARDIZE, described, given_map, network_options, optimizer_options, write


@click.command(name="generate")
@click.argument("arch", type=ARCH)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Where to write (default: standard output).")
@click.option("--target", type=click.Choice(["numpy"]), default="numpy", show_default=True, help="What to generate.")
@click.option("--dtype", type=click.Choice(["float32", "float64"]), default="float32", show_default=True)
@click.option(STANDARDIZE["both"], "standardize", flag_value="both", help="x and y by given means and scales.")
@click.option(STANDARDIZE["inputs"], "standardize", flag_value="inputs", help="x alone.")
@click.option(
    "--explain", "explained", is_flag=True, help="Print what each pass did to the training step (the module with -o)."
)
@network_options
@optimizer_options
def command(arch: str, output: str | None, target: str, dtype: str, explained: bool, **given: Any) -> None:
    """Write a standalone module that trains ARCH: forward pass, loss, gradients, optimizer; it imports NumPy only.

    Of a problem file, or of FILE.py:NAME, a NumPy function, it has the value and every gradient.
    """
    from symbp.codegen import explain, generate

    format_of(output, {".py": target}, target, option=False)
    net = given_map(arch, **given)
    told = functools.partial(click.echo, nl=False) if explained else None
    if told is not None and output is None:
        told(explain(net))
        return
    again = f"symbp generate {described(arch, **given)} --dtype {dtype}"
    write(generate(net, dtype=dtype, command=again, told=told), output)
