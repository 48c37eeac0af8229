"""Running a generated module on data: the module is written, imported from its file, and trained; results are saved together."""

from __future__ import annotations

import importlib.util
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np

from symbp.codegen.module import generate
from symbp.codegen.training import folder as files
from symbp.codegen.training.data import DataSet
from symbp.codegen.training.job import Job
from symbp.codegen.training.naming import module_name
from symbp.codegen.training.pictures import draw_confusion, draw_curve, draw_residuals
from symbp.errors import InputError, Place, counted
from symbp.files import write_whole
from symbp.version import __version__

History = dict[str, list[float]]
OnEpoch = Callable[[int, Mapping[str, float]], Any]


@dataclass(frozen=True, eq=False)
class Trained:
    """The outcome of a training run.

    Parameters
    ----------
    name, source : the module's name and its text
    params, best : the parameters of the last epoch, and of the epoch with the lowest loss (held out, where there is such
        a part)
    history : by the name of a curve, a value for each epoch
    examples, held_out : how many there were to train on, and how many were held out
    settings : what the run was made of
    folder : where it was saved, or None
    """

    name: str
    source: str
    params: Mapping[str, np.ndarray]
    best: Mapping[str, np.ndarray]
    history: History
    examples: int
    held_out: int
    settings: files.Settings
    folder: Path | None = None

    @property
    def epochs(self) -> int:
        """How many epochs were run."""
        return len(self.history.get("loss", ()))

    @property
    def best_epoch(self) -> int:
        """The epoch of `best`, counted from 1."""
        values = self.history.get("val_loss") or self.history.get("loss") or [0.0]
        return values.index(min(values)) + 1

    @property
    def classes(self) -> tuple[str, ...] | None:
        """What the labels 0, 1, ... are called, where they have names."""
        return self.settings.classes

    def last(self, name: str) -> float | None:
        """The last value of one curve of the history, None where there is no such curve."""
        return self.history[name][-1] if self.history.get(name) else None

    def __repr__(self) -> str:
        return f"<trained {self.name}: {summary_line(self)}>"


@contextmanager
def imported(source: str, name: str = "generated") -> Iterator[ModuleType]:
    """The module that generated source defines, imported from a file of its own for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="symbp-") as folder:
        path = Path(folder) / f"{module_name(name)}.py"  # a name may come from outside: it stays in the folder
        path.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(f"symbp_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module


def train(job: Job, on_epoch: OnEpoch | None = None) -> Trained:
    """Generate a network's module, fit it to data that are ready for it, and save what came out where a folder is given.

    Ctrl-C, SIGTERM, and a loss that is not finite, save the last whole epoch and are raised again.

    Raises
    ------
    InputError : data that do not fit, a folder that cannot be used or has another run in it, a checkpoint of another one
    FloatingPointError : the loss is not finite any more
    """
    data, folder = job.data, job.folder
    job = replace(job, options=job.options.at(len(data.x)), name=module_name(job.name or job.net.name or data.name))
    source = generate(job.net, dtype=job.options.dtype, command=job.command or None)
    settings = files.settings_of(
        job.net,
        version=__version__,
        name=job.name,
        command=job.command,
        data={
            **job.reading,
            "table": data.reading.to_dict() if data.reading is not None else None,
            "examples": len(data.x),
            "held_out": 0 if data.x_validation is None else len(data.x_validation),
            "classes": list(data.classes) if data.classes else None,
            "crc32": _fingerprint(data),
        },
        training=job.options.written,
    )
    if job.resume is not None:
        _same_data(data, settings, job.resume)
    with ExitStack() as stack:
        module = stack.enter_context(imported(source, job.name))
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="symbp-")))
        made = stack.enter_context(files.alone(folder, job.name)) if folder else False
        undo = _begun(folder, source, settings, job, made) if folder else None
        try:
            _fit(module, job, place / files.CHECKPOINT, on_epoch)
            if folder:
                settings = _saved(module, data, settings, source, folder)
        except (KeyboardInterrupt, SystemExit, FloatingPointError):
            # Also where it came while the files were written: what is said to be kept has to lie there.
            if folder and (folder / files.CHECKPOINT).exists():
                _saved(module, data, settings, source, folder)
            elif undo:
                undo()
            raise
        except InputError:
            if undo:
                undo()
            raise
        except OSError:
            if not place.is_dir():
                raise InputError(
                    "the folder was removed while a run was at work in it", place=Place(str(place))
                ) from None
            if undo and not (place / files.CHECKPOINT).exists():
                undo()
            raise
        return _result(module, data, settings, source, place, folder)


def _begun(folder: Path, source: str, settings: files.Settings, job: Job, made: bool) -> Callable[[], None]:
    """Claim the folder and put the module and the settings there; returns what takes that back."""
    resume = job.resume == folder
    files.claim(folder, job.name, overwrite=job.overwrite, resume=resume)
    before = files.read_settings(folder) if resume else None
    write_whole(folder / f"{job.name}.py", source.encode())
    files.write_settings(folder, settings)

    def undo() -> None:
        if before is not None:
            files.write_settings(folder, before)
        else:
            files.withdraw(folder, job.name, made)

    return undo


def _fingerprint(data: DataSet) -> int:
    """A number that other data, or another split of them, would hardly have."""
    found = 0
    for _, x, y in data.parts():
        for array in (x, y):
            found = zlib.crc32(np.ascontiguousarray(array), found)  # type: ignore[arg-type, unused-ignore]
    return found


def _same_data(data: DataSet, settings: files.Settings, resume: Path) -> None:
    before = files.read_settings(resume)
    if before.data.get("crc32") != settings.data["crc32"]:
        raise InputError(
            f"the data are not those that the run in {resume} was made of so far",
            place=Place(data.file),
            allowed="the same data, split in the same way (seed, held_out)",
        )


def _fit(module: ModuleType, job: Job, checkpoint: Path, on_epoch: OnEpoch | None) -> None:
    data, options = job.data, job.options

    def cast(a: np.ndarray) -> np.ndarray:
        # What lies on disk stays there: the module casts it batch by batch. What is too large it refuses in words.
        whole = np.issubdtype(a.dtype, np.integer) or isinstance(a, np.memmap)
        return a if whole or not _fits(a, options.dtype) else a.astype(options.dtype, copy=False)

    held_out = None
    if data.x_validation is not None and data.y_validation is not None:
        held_out = (cast(data.x_validation), cast(data.y_validation))
    params = module.init(seed=options.seed, dtype=np.dtype(options.dtype))
    for name, value in job.state.items():
        if not _fits(value, options.dtype):
            raise InputError(
                f"{name} is {np.abs(value).max():.3g}, too large for {options.dtype}",
                place=Place(str(data.file) if data.file else None),
                allowed="smaller numbers, or --dtype float64",
            )
        params[name] = value.astype(options.dtype)
    more = {} if options.class_weight is None else {"class_weight": options.class_weight}
    try:
        with np.errstate(all="ignore"):  # what leaves the finite numbers is said once, by the module
            module.fit(
                params,
                cast(data.x),
                cast(data.y),
                epochs=options.epochs,
                batch_size=len(data.x) if options.batch_size is None else min(options.batch_size, len(data.x)),
                seed=options.seed,
                validation=held_out,
                patience=options.patience,
                clip_norm=options.clip_norm,
                sample_weight=job.sample_weight,
                on_epoch=on_epoch,
                checkpoint=str(checkpoint),
                resume=None if job.resume is None else str(job.resume / files.CHECKPOINT),
                **more,
            )
    except (ValueError, KeyError) as e:
        raise InputError(f"training stopped: {e}", place=Place(str(data.file) if data.file else None)) from None


def _fits(a: np.ndarray, dtype: str) -> bool:
    """Whether the numbers of an array are numbers in a dtype too."""
    return max(abs(float(a.min())), abs(float(a.max()))) <= float(np.finfo(dtype).max)


def _result(
    module: ModuleType, data: DataSet, settings: files.Settings, source: str, place: Path, folder: Path | None
) -> Trained:
    """What the checkpoint of a run holds."""
    state = module.load_checkpoint(str(place / files.CHECKPOINT))
    return Trained(
        settings.name,
        source,
        state["params"],
        state["best"],
        {name: values.tolist() for name, values in state["history"].items()},
        len(data.x),
        0 if data.x_validation is None else len(data.x_validation),
        settings,
        folder,
    )


def _saved(module: ModuleType, data: DataSet, settings: files.Settings, source: str, folder: Path) -> files.Settings:
    """Save what the checkpoint holds as files for everybody: weights, history, pictures; the settings come back.

    They never ask for fewer epochs than there were before the run was gone on with.
    """
    result = _result(module, data, settings, source, folder, folder)
    about = {
        "architecture": settings.text,
        "data": settings.data.get("source", data.name),
        "epochs": result.epochs,
        "best_epoch": result.best_epoch,
        **{k: settings.training[k] for k in ("batch_size", "seed")},
        **({"classes": list(result.classes)} if result.classes else {}),
    }
    title = settings.text or settings.name
    text = files.history_text(about, result.history)
    writers: dict[str, Callable[[Path], Any]] = {
        files.WEIGHTS: lambda path: module.save(str(path), result.params),
        files.BEST: lambda path: module.save(str(path), result.best),
        files.HISTORY: lambda path: path.write_text(text, encoding="utf-8"),
        files.CURVE: lambda path: draw_curve(path, result.history, title),
        **_judged(module, data, result, title),
    }
    files.put_together(folder, writers)
    if result.epochs > settings.training["epochs"]:
        settings = msgspec.structs.replace(settings, training={**settings.training, "epochs": result.epochs})
        files.write_settings(folder, settings)
    return settings


def _judged(module: ModuleType, data: DataSet, result: Trained, title: str) -> dict[str, Callable[[Path], Any]]:
    """A picture of what the best weights predict for the held-out part, or for the examples where nothing is held out."""
    held = data.x_validation is not None and data.y_validation is not None
    x, y = (data.x_validation, data.y_validation) if held else (data.x, data.y)
    assert x is not None and y is not None
    with np.errstate(all="ignore"):
        y_hat = np.concatenate([module.predict(result.best, x[i : i + 1024]) for i in range(0, len(x), 1024)])
    if not np.isfinite(y_hat).all():
        return {}
    about = f"{title}: {'held out' if held else 'training'}, epoch {result.best_epoch}"
    if hasattr(module, "confusion"):
        counts = module.confusion(y_hat, y)
        names = result.classes or tuple(map(str, range(len(counts))))
        return {files.CONFUSION: lambda path: draw_confusion(path, counts, names, about)}
    if hasattr(module, "accuracy"):
        return {}
    count = y_hat[0].size
    names = ("target",) if count == 1 else tuple(f"target {k + 1}" for k in range(count))
    names = result.settings.targets if len(result.settings.targets) == count else names
    return {files.RESIDUALS: lambda path: draw_residuals(path, y_hat, np.asarray(y), names, about)}


def summary_line(result: Trained) -> str:
    """The line that programs read: ``N examples, E epochs, loss L[, accuracy A%][, R2 R], held out (H): loss L...``."""
    words = [counted(result.examples, "example"), counted(result.epochs, "epoch"), *_scores(result, "")]
    if result.held_out:
        first, *rest = _scores(result, "val_")
        words += [f"held out ({result.held_out}): {first}", *rest]
    return ", ".join(words)


def _scores(result: Trained, part: str) -> list[str]:
    shown = (("loss", "loss {:.4g}"), ("accuracy", "accuracy {:.1%}"), ("R2", "R2 {:.3f}"))
    values = [(form, result.last(part + name)) for name, form in shown]
    return [form.format(value) for form, value in values if value is not None] or ["loss -"]
