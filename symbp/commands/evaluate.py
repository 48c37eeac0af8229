"""``symbp evaluate``: what a trained network is worth on data."""

from __future__ import annotations

import json
from typing import Any

import click

from symbp.commands.completion import DATA, FOLDER
from symbp.commands.options import say, table
from symbp.errors import counted


@click.command(name="evaluate")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.argument("data", type=DATA, metavar="DATA")
@click.option(
    "--weights", type=click.Choice(["best", "last"]), default="best", show_default=True, help="Of which epoch."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(folder: str, data: str, weights: str, as_json: bool) -> None:
    """Loss and metrics on DATA (.csv or .npz with targets) of the run that symbp train saved in DIR.

    Of classes: accuracy, precision and recall of each, and the confusion matrix; of numbers: R2, RMSE and MAE.
    """
    from symbp.codegen.training.using import evaluate

    found = evaluate(folder, data, weights=weights)
    say(json.dumps(found, indent=1) if as_json else _shown(found))


def _shown(found: dict[str, Any]) -> str:
    scores = [f"{name} {found[name]:.4g}" for name in ("loss", "R2", "RMSE", "MAE") if name in found]
    if "accuracy" in found:
        scores.append(f"accuracy {found['accuracy']:.1%}")
    blocks = [", ".join([counted(found["examples"], "example"), *scores])]
    if "precision" in found:
        names = [*found.get("classes", map(str, range(len(found["precision"]))))]
        rows = [
            [name, f"{p:.3f}", f"{r:.3f}", str(count)]
            for name, p, r, count in zip(names, found["precision"], found["recall"], found["count"], strict=True)
        ]
        head = ["class" if "confusion" in found else "output", "precision", "recall", "examples"]
        blocks.append(table(head, rows))
        if "confusion" in found and len(names) <= 30:
            matrix = [[name, *map(str, row)] for name, row in zip(names, found["confusion"], strict=True)]
            blocks.append("Rows: the class, columns: what it was taken for\n" + table(["", *names], matrix))
    if len(found.get("targets", ())) in range(2, 31):
        each = [_flat(found[f"{name}_each"]) for name in ("R2", "RMSE", "MAE")]
        rows = [[name, *(f"{v:.4g}" for v in row)] for name, *row in zip(found["targets"], *each, strict=True)]
        blocks.append(table(["target", "R2", "RMSE", "MAE"], rows))
    return "\n\n".join(blocks)


def _flat(values: Any) -> list[float]:
    return [v for inner in values for v in _flat(inner)] if isinstance(values, list) else [values]
