"""The runs that ``symbp train`` does: what a command line starts, or goes on with; doing one, and what is said of it."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symbp.commands.options import described, network, say
from symbp.errors import InputError, Place, counted, shown

if TYPE_CHECKING:
    from symbp.codegen.training.folder import Settings
    from symbp.codegen.training.job import Job
    from symbp.codegen.training.options import Options
    from symbp.codegen.training.prepare import Prepared
    from symbp.codegen.training.running import Trained

TRAINING = ("epochs", "batch_size", "seed", "dtype", "held_out", "patience", "clip_norm", "class_weight")
"""The options of a run, by the names that settings.toml has for them."""
READING = ("source", "target", "header", "impute", "standardize")
"""The options that say where data are and how they are read."""
MAY_CHANGE = ("epochs", "patience")
"""What may be other than before when a run goes on."""


@dataclass(frozen=True)
class Request:
    """A run as it was asked for: ARCH, the options of the run by name, where the data are and how they are read, what changes
    the network, the folder (None for one named after the data), and whether a run there may be replaced."""

    arch: str
    chosen: Mapping[str, Any]
    reading: Mapping[str, Any]
    given: Mapping[str, Any]
    output: str | None = None
    overwrite: bool = False


def _network(arch: str, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The network, and the options that make it from ARCH by symbp generate, whose default optimizer is another."""
    if given.get("optimizer") is None:
        plain = {name: given[name] for name in ("loss", "no_bias", "l1", "l2", "reduction") if name in given}
        kinds = {network(arch, default_optimizer=name, **plain).optimizer.kind.name for name in ("sgd", "adam")}
        if len(kinds) > 1:  # nobody names one
            given = {**given, "optimizer": "adam"}
    return network(arch, **given), dict(given)


def _options(chosen: Mapping[str, Any]) -> Options:
    from symbp.codegen.training.options import Options

    return Options.read(chosen)


def started(asked: Request) -> Job:
    """A run from the start."""
    from symbp.codegen.training.job import Job
    from symbp.codegen.training.naming import module_name

    reading, source = asked.reading, str(asked.reading["source"])
    options = _options(asked.chosen)
    net, full = _network(asked.arch, asked.given)
    ready = _ready(source, net, options, reading)
    name = module_name(net.name or Path(source).name.removesuffix(".gz").rpartition(".")[0] or source)
    typed = described(asked.arch, **full, standardize=ready.network.standardize)
    path = {"path": _absolute(source)} if ready.data.file else {}
    return Job(
        ready.network,
        ready.data,
        options,
        ready.state,
        name=name,
        command=f"symbp generate {typed} --dtype {options.dtype}",
        reading={**reading, "target": [*reading["target"]], **path},
        notes=ready.notes,
        folder=Path(asked.output if asked.output is not None else f"{name}-run"),
        overwrite=asked.overwrite,
    )


def _ready(source: str, net: Any, options: Options, reading: Mapping[str, Any]) -> Prepared:
    """The data of a run, read as `reading` says."""
    from symbp.codegen.training.prepare import prepare

    return prepare(
        source,
        net,
        target=reading.get("target") or (),
        header=reading.get("header"),
        impute=reading.get("impute") or "",
        standardize=reading.get("standardize"),
        held_out=options.held_out,
        seed=options.seed,
    )


def _absolute(source: str) -> str:
    """The place of a file, or of a pair of them, wherever one stands."""
    parts = source.split(",") if source.lower().endswith(".npy") else [source]
    return ",".join(os.path.abspath(part.strip()) for part in parts)


def continued(folder: Path, arch: str | None, values: Mapping[str, Any], typed: Set[str], output: str | None) -> Job:
    """The run in a folder, to be gone on with; what is given beside must be what it was made of."""
    from symbp.codegen.training.folder import CHECKPOINT, read_settings
    from symbp.codegen.training.job import Job

    before = read_settings(folder)
    place = Place(str(folder))
    if not (folder / CHECKPOINT).is_file():
        raise InputError(f"{CHECKPOINT} is missing: there is nothing to go on from", place=place)
    changed = {name: values[name] for name in MAY_CHANGE if name in typed}
    for name in TRAINING:
        was = before.training.get(name)
        if name in typed and name not in MAY_CHANGE and values[name] != was:
            raise _other(place, name, was, values[name])
    where = before.data.get("path") or before.data.get("source")
    if not where:
        raise InputError(
            "its data came from a program: go on with it there", place=place, allowed="sb.train(..., resume=DIR)"
        )
    if "source" in typed and values["source"] != before.data["source"] and _absolute(values["source"]) != where:
        raise _other(place, "source", before.data["source"], values["source"])
    for name in READING[1:]:
        given, was = values[name], before.data.get(name)
        if name in typed and (list(given) if isinstance(given, tuple) else given) != was:
            raise _other(place, name, was, given)
    if arch is not None or typed & {*values} - {*TRAINING, *READING}:
        _same_network(before, arch, {n: v for n, v in values.items() if n not in (*TRAINING, *READING)}, place)
    reading = {name: before.data[name] for name in (*READING, "path") if name in before.data}
    target = folder if output is None or os.path.realpath(output) == os.path.realpath(folder) else Path(output)
    options = _options({**before.training, **changed})
    net = before.network
    # What was decided without being asked is in the network by now.
    ready = _ready(where, net, options, {**reading, "standardize": None if net.standardize else False})
    return Job(
        net,
        ready.data,
        options,
        ready.state,
        name=before.name,
        command=before.command,
        reading=reading,
        folder=target,
        resume=folder,
    )


def _other(place: Place, name: str, was: Any, given: Any) -> InputError:
    option = "--data" if name == "source" else f"--{name.replace('_', '-')}"
    return InputError(
        f"{option} is {shown(str(given))}, and the run was made with {'none' if was is None else shown(str(was))}",
        place=place,
        allowed=f"what it was made with; {' and '.join(f'--{n}' for n in MAY_CHANGE)} may change",
    )


def _same_network(before: Settings, arch: str | None, given: Mapping[str, Any], place: Place) -> None:
    """InputError where the arguments describe another network than the run's."""
    from symbp.network.written import written

    if arch is None:
        raise InputError(
            "options of the network are given without it", place=place, allowed="ARCH too, or none of them"
        )
    now, was = written(_network(arch, given)[0]), before.architecture
    for key in {**was, **now}:
        if now.get(key) != was.get(key) and key not in ("name", "standardize"):
            raise InputError(
                f"the run is of another network: its {key} is {shown(str(was.get(key)))}, not {shown(str(now.get(key)))}",
                place=place,
            )


def run(job: Job, quiet: bool) -> int:
    """Do a run, and say how it went; the exit status."""
    from symbp.codegen.training.data.baseline import baseline
    from symbp.codegen.training.folder import CHECKPOINT
    from symbp.codegen.training.running import summary_line, train
    from symbp.commands.progress import progress

    data, folder = job.data, job.folder
    assert folder is not None
    options = job.options.at(len(data.x))
    notes = list(job.notes)
    trained = False

    def tell(_epoch: int = 0, _values: Any = None) -> None:
        """Say what was decided, once and not before training has begun: what is refused at once is one message."""
        nonlocal trained
        trained = True
        while notes:
            say(f"note: {notes.pop(0)}", err=True)

    try:
        with progress(options.epochs or 0, quiet, examples=len(data.x)) as on_epoch:
            result = train(job, _both(tell, on_epoch))
    except (KeyboardInterrupt, SystemExit, FloatingPointError) as e:
        kept = (folder / CHECKPOINT).is_file()
        say(_ended(e) + (f"; {_kept(folder, options)}" if kept else "; nothing was saved"), err=True)
        return {KeyboardInterrupt: 130, FloatingPointError: 1}.get(type(e), 143)
    if not trained:
        say(f"note: nothing was trained: {_why_not(result, options)}", err=True)
    say(summary_line(result))
    held = "val_" if result.held_out else ""
    scores = {"accuracy": result.last(f"{held}accuracy"), "r2": result.last(f"{held}R2")}
    # Who weighs classes gives up accuracy on the frequent one, knowingly.
    warning = "" if options.class_weight else baseline(data).warning(**scores)
    if warning:
        say(f"warning: {warning}", err=True)
    if not result.held_out and job.options.held_out:
        say("nothing held out: fewer than 10 examples", err=True)
    if data.classes and data.file:  # a label is the place of its class in this list
        say("classes " + ", ".join(f"{k} {name}" for k, name in enumerate(data.classes)))
    say("saved " + ", ".join(map(str, saved(result))))
    return 0


def _why_not(result: Trained, options: Options) -> str:
    """Why a run that was to go on had no epoch left."""
    if options.epochs is not None and result.epochs >= options.epochs:
        return f"the run has {counted(result.epochs, 'epoch')} already, and --epochs {options.epochs} counts them too"
    return f"the loss was no lower for {counted(options.patience or 0, 'epoch')}, where --patience stops"


def _both(first: Any, second: Any) -> Any:
    """A callback that calls two; None stands for one that does nothing."""

    def told(epoch: int, values: Mapping[str, float]) -> Any:
        first(epoch, values)
        return second(epoch, values) if second is not None else None

    return told


def saved(result: Trained) -> list[Path]:
    """The files that a run left in its folder, the module first."""
    from symbp.codegen.training.folder import FILES

    assert result.folder is not None
    return [result.folder / n for n in (f"{result.name}.py", *FILES) if (result.folder / n).is_file()]


def _ended(e: BaseException) -> str:
    if isinstance(e, FloatingPointError):
        return f"error: training stopped: {e}"
    return "interrupted" if isinstance(e, KeyboardInterrupt) else "terminated"


def _kept(folder: Path, options: Options) -> str:
    """What is kept of a run that ended before its time."""
    from symbp.codegen.training.folder import HISTORY

    again = f"go on with: symbp train --resume {shlex.quote(str(folder))}"
    try:
        epochs = json.loads((folder / HISTORY).read_text(encoding="utf-8"))["epochs"]
    except FileNotFoundError:  # a second signal, while the files were written
        return f"kept in {folder}: the checkpoint of the last whole epoch; {again}"
    return f"kept in {folder}: the weights after epoch {epochs} of {options.epochs}, the best ones, history and curve; {again}"
