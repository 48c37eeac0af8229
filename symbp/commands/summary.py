"""``symbp summary``: what a network is made of."""

from __future__ import annotations

import json
from typing import Any

import click

from symbp.commands.completion import ARCH
from symbp.commands.options import Whole, network, network_options, say, table
from symbp.errors import counted


@click.command(name="summary")
@click.argument("arch", type=ARCH)
@click.option("--batch-size", type=Whole(1, 10**9), default=32, show_default=True, help="Examples in a step.")
@click.option("--dtype", type=click.Choice(["float32", "float64"]), default="float32", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@network_options
def command(arch: str, batch_size: int, dtype: str, as_json: bool, **given: Any) -> None:
    """Layers of ARCH with shapes, parameters and operations, and the memory that a training step takes."""
    from symbp.codegen.summary import summarize

    found = summarize(network(arch, **given), batch_size, dtype)
    if as_json:
        say(json.dumps(found.plain(), indent=1))
        return
    head = ["layer", "output", "shape", "parameters", "weights", "forward", "backward"]
    rows = [["input", name, _shape(shape), "", "", "", ""] for name, shape in found.inputs.items()]
    for row in found.rows:
        its = " ".join(f"{name} {_shape(shape)}" for name, shape in row.parameters.items())
        rows.append(
            [row.layer, row.output, _shape(row.shape), its, *map(_count, (row.weights, row.forward, row.backward))]
        )
    plain = found.plain()
    rows.append(["total", "", "", "", *(_count(plain[name]) for name in ("weights", "forward", "backward"))])
    say(table(head, rows))
    say("\nforward and backward: operations for one example")
    parts = ", ".join(f"{name} {_bytes(size)}" for name, size in found.memory.items() if size)
    total = _bytes(sum(found.memory.values()))
    say(f"memory of a step on {counted(batch_size, 'example')} in {dtype}: {total} ({parts})")


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "1"


def _bytes(size: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
