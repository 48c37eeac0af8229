"""``symbp demo``: the tour in under a minute."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import click

from symbp.commands.options import Whole, say, write

SMALL, DIGITS = "2-2:sigmoid-2:sigmoid", "64-32:tanh-10:softmax"
CLAIMS = ("delta1 = (W2.T @ delta2) * g'(z1)", "delta1 = W2.T @ delta2")


@click.command(name="demo")
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="DIR", help="Keep what the tour makes in DIR.")
@click.option("--epochs", type=Whole(1), default=30, show_default=True, help="Epochs on the digits.")
def command(output: Path | None, epochs: int) -> None:
    """The tour: derive a network, generate a trainer, train it on handwritten digits, verify two formulas."""
    from symbp.codegen.training.folder import make

    if output is not None:
        make(output)
        _tour(output, epochs)
        say(f"\nEverything is in {output}.")
        return
    with tempfile.TemporaryDirectory(prefix="symbp-demo-") as folder:
        _tour(Path(folder), epochs)
    click.echo("\nKeep the page, the trainer, the weights and the curve with: symbp demo -o DIR")


def _tour(folder: Path, epochs: int) -> None:
    import symbp as sb
    from symbp.codegen.training.job import Job
    from symbp.codegen.training.options import Options
    from symbp.codegen.training.prepare import prepare
    from symbp.codegen.training.running import train
    from symbp.commands.progress import progress

    start = time.perf_counter()
    _title(f"1. A lecturer: symbp derive {SMALL} --loss sse")
    net = sb.Network.parse(SMALL, loss="sse")
    derivation = sb.derive(net)
    click.echo(derivation.page("text", detail="summary"))
    write(derivation.latex(detail="steps"), folder / "derivation.tex")
    click.echo("(as LaTeX, with every step: --format latex --detail steps)")

    _title(f"2. An engineer: symbp train {DIGITS} --data digits")
    net = sb.Network.parse(DIGITS, loss="cross_entropy", optimizer="adam")
    again = f"symbp generate {DIGITS} --loss cross_entropy --optimizer adam"
    source = sb.generate(net, command=again)
    click.echo(f"a standalone NumPy module of {source.count(chr(10))} lines; its gradient begins:")
    click.echo(_excerpt(source))
    data = prepare("digits", net).data
    with progress(epochs, examples=len(data.x)) as on_epoch:
        job = Job(net, data, Options(epochs=epochs), command=again, folder=folder, overwrite=True)
        result = train(job, on_epoch)
    accuracy = result.last("val_accuracy")
    click.echo(f"{epochs} epochs on {result.examples} digits: {accuracy:.1%} right on the held-out fifth")

    _title(f"3. A student: symbp verify --arch {SMALL} --loss sse --claim ...")
    net = sb.Network.parse(SMALL, loss="sse")
    for claim in CLAIMS:
        click.echo(f"{sb.verify(net, claim)}\n")
    click.echo(f"The tour took {time.perf_counter() - start:.0f} s.")


def _title(text: str) -> None:
    click.echo("\n" + click.style(text, bold=True))


def _excerpt(source: str) -> str:
    """The first statements of the generated backward pass, with the equations that they carry."""
    lines = source.splitlines()
    first = next((k for k, line in enumerate(lines) if line.startswith("def backward")), 0)
    body = [k for k in range(first, len(lines)) if "# delta" in lines[k] or "# e" in lines[k]]
    return "\n".join(lines[body[0] : body[0] + 10]) if body else "\n".join(lines[first : first + 10])
