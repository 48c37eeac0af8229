"""``symbp cost``: what backpropagation saves, counted and measured, and the bound on the gradient of each layer."""

from __future__ import annotations

from typing import Any

import click

from symbp.commands.completion import ARCH
from symbp.commands.options import Whole, network, network_options, table
from symbp.errors import InputError


@click.command(name="cost")
@click.argument("arch", type=ARCH)
@click.option("--batch-size", type=Whole(1), default=32, show_default=True, help="Examples in a measured pass.")
@click.option(
    "--seconds", type=click.FloatRange(0.01, 60), default=0.4, show_default=True, help="Limit of each measurement."
)
@network_options
def command(arch: str, batch_size: int, seconds: float, **given: Any) -> None:
    """Backpropagation against finite differences for ARCH at four sizes, and how its gradient can shrink or grow."""
    from symbp.codegen import generate
    from symbp.codegen.training.measuring import measure
    from symbp.codegen.training.running import imported
    from symbp.network.cost import bounds, counts
    from symbp.network.derivation import derive

    net = network(arch, **given)
    sizes = _sizes(net)
    counted, measured = [], []
    for small in sizes:
        c = counts(derive(small))
        with imported(generate(small, dtype="float64")) as module:
            t = measure(small, module, batch=batch_size, budget=seconds)
            if small is sizes[0]:
                slopes = bounds(small, module.init(seed=0))
        counted.append([f"{c.weights:,}", f"{c.forward:,}", f"{c.backward:,}", f"{c.backward / c.forward:.2f}",
                        f"{c.finite_differences:,}", f"{float(c.ratio):,.0f}"])  # fmt: skip
        measured.append([f"{t.weights:,}", f"{t.forward * 1e3:.3f}", f"{t.gradients * 1e3:.3f}",
                         f"{t.gradients / t.forward:.2f}",
                         f"{'~' if t.passes < t.weights else ''}{t.finite_differences * 1e3:,.1f}",
                         f"{t.finite_differences / t.gradients:,.0f}",
                         f"{min(t.passes, t.weights):,}"])  # fmt: skip
    click.echo("Counted, operations for one example (N_w weights; finite differences take N_w + 1 forward passes):")
    head = ["N_w", "forward", "backward", "back/forw", "finite differences", "times both"]
    click.echo(table(head, counted))
    click.echo(
        f"\nMeasured, milliseconds for a batch of {batch_size} (the shortest run; ~ extrapolated from the passes run):"
    )
    head = ["N_w", "forward", "forw+back", "ratio", "finite differences", "times", "passes run"]
    click.echo(table(head, measured))
    if not slopes:
        click.echo("\nNo bound on the gradient: this is a graph, in which what further paths bring back adds.")
        return
    click.echo(
        "\nBound on the gradient: |delta_k| <= prod max|g'| ||W|| |delta_L|, from layer k to the last (weights as drawn):"
    )
    rows = [
        [f"{b.layer}", b.activation, f"{b.slope:.4g}", f"{b.slopes:.4g}", f"{b.norm:.4g}", f"{b.bound:.4g}"]
        for b in slopes
    ]
    click.echo(table(["k", "g", "max|g'|", "prod max|g'|", "||W_k+1||", "bound"], rows))
    if any(b.slope == 0 for b in slopes):
        click.echo("A slope of 0 stops the gradient: the layers below do not learn.")


def _sizes(net: Any) -> list[Any]:
    """The network and three more with other widths: wider ones where it is small, narrower ones where it is large."""
    from fractions import Fraction

    from symbp.network.cost import counts, scaled
    from symbp.network.derivation import derive

    weights = counts(derive(net)).weights
    factors = [Fraction(1), Fraction(2), Fraction(4), Fraction(8)]
    if weights > 40_000:
        factors = [Fraction(1), Fraction(1, 2), Fraction(1, 4), Fraction(1, 8)]
    try:
        return [scaled(net, f) if f != 1 else net for f in factors]
    except InputError:  # layers of other widths do not fit where they meet
        return [net]
