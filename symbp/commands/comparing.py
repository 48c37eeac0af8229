"""``symbp train --compare``: runs side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from symbp.commands.options import BatchSize, say
from symbp.commands.progress import progress
from symbp.commands.runs import Request, started
from symbp.errors import InputError, Place, shown, unknown

PICTURE = "compare.png"

_COMPARED: Mapping[str, Any] = {"batch_size": BatchSize(), "clip_norm": click.FLOAT, "seed": click.INT}
"""What may be compared beside the options of the network, and how its values are read."""


def compare(ctx: click.Context, text: str, asked: Request, quiet: bool) -> None:
    """Train once for each value of one option, each time from the same start, and draw the runs on one figure."""
    from symbp.codegen.training.folder import make, put_together
    from symbp.codegen.training.pictures import draw_comparison
    from symbp.codegen.training.running import summary_line, train

    key, values = _values(ctx, text, asked.given)
    jobs = {f"{key} {word}": started(_with(asked, key, value)) for word, value in values.items()}
    first = next(iter(jobs.values()))
    folder = Path(asked.output if asked.output is not None else f"{first.name}-compare")
    make(folder, (PICTURE,))
    if (folder / PICTURE).exists() and not asked.overwrite:
        raise InputError("there is a comparison already", place=Place(str(folder)), allowed="-o DIR, or --overwrite")
    lines, histories, steps = [], {}, {}
    width = max(map(len, jobs))
    for label, job in jobs.items():
        options = job.options.at(len(job.data.x))
        try:
            with progress(options.epochs or 0, quiet, examples=len(job.data.x), label=label) as on_epoch:
                result = train(replace(job, folder=None), on_epoch)
        except FloatingPointError as e:
            lines.append(f"{label.ljust(width)}  {e}")
            continue
        size = result.examples if job.options.batch_size is None else job.options.batch_size
        histories[label], steps[label] = result.history, math.ceil(result.examples / size)
        lines.append(f"{label.ljust(width)}  {summary_line(result)}")
    say("\n".join(lines))
    if histories:
        title = first.net.text or first.name
        files = put_together(folder, {PICTURE: lambda path: draw_comparison(path, histories, steps, title)})
        say(f"saved {files[0]}")


def _with(asked: Request, key: str, value: Any) -> Request:
    """The same with another value of one option."""
    chosen, given = ({**its, key: value} if key in its else its for its in (asked.chosen, asked.given))
    return replace(asked, chosen=chosen, given=given)


def _values(ctx: click.Context, text: str, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name of the option, and its values by how they are written."""
    key, _, listed = text.partition("=")
    key = key.strip().replace("-", "_")
    names = [*_COMPARED, *(name for name in given if name != "no_bias")]
    if key not in names:
        raise unknown("option to compare", key, names)
    option = next(p for p in ctx.command.params if p.name == key)
    kind = _COMPARED.get(key, option.type)
    values = {v.strip(): kind.convert(v.strip(), option, ctx) for v in listed.split(",") if v.strip()}
    if len(values) < 2:
        raise InputError(f"--compare {shown(text)}", allowed=f"two values or more, as in {key}=A,B")
    return key, values
