"""The folder of a run: claimed before training starts, and never left in a state that cannot be read."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

from symbp.codegen.training.naming import module_name
from symbp.codegen.training.toml import toml
from symbp.errors import InputError, Place, shown
from symbp.files import converted, located, structure, text_of, write_whole
from symbp.network import Network
from symbp.network.written import network_of, written

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

WEIGHTS, BEST, CHECKPOINT = "weights.npz", "best.npz", "checkpoint.npz"
HISTORY, SETTINGS = "history.json", "settings.toml"
CURVE, CONFUSION, RESIDUALS = "curve.png", "confusion.png", "residuals.png"
FILES = (WEIGHTS, BEST, CHECKPOINT, HISTORY, SETTINGS, CURVE, CONFUSION, RESIDUALS)
"""What a run writes, beside its module NAME.py."""


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """``settings.toml``: everything that a run was made of.

    symbp: the version that made it; name: of the module; text: the architecture as it was given; command: what generates
    the module again; architecture: as in an architecture file, every choice explicit; data: where they were read and
    how, and what is needed to read others like them (names of classes and targets); training: the options of the run.
    """

    symbp: str
    name: str
    text: str
    command: str
    architecture: dict[str, Any]
    data: dict[str, Any]
    training: dict[str, Any]

    @property
    def network(self) -> Network:
        """The network, made anew from its description."""
        return network_of(self.architecture, self.text)

    @property
    def classes(self) -> tuple[str, ...] | None:
        """What the labels 0, 1, ... are called, where they have names."""
        return tuple(map(str, self.data["classes"])) if self.data.get("classes") else None

    @property
    def targets(self) -> tuple[str, ...]:
        """What the columns of y are called, where they have names."""
        table = self.data.get("table") or {}
        return tuple(map(str, table.get("targets", ()))) if table.get("header", True) else ()


class _About(msgspec.Struct, forbid_unknown_fields=True):
    """What ``[data]`` may hold: a folder from elsewhere may have been edited."""

    source: str = ""
    path: str = ""
    target: list[str] = []
    header: bool | None = None
    impute: Literal["", "mean", "median", "most_frequent"] = ""
    standardize: bool | None = None
    table: dict[str, Any] | None = None
    examples: int = 0
    held_out: int = 0
    classes: list[str] | None = None
    crc32: int = 0


class _How(msgspec.Struct, forbid_unknown_fields=True):
    """What ``[training]`` may hold; the ranges are those of the run's options."""

    epochs: int | None = None
    batch_size: int | Literal["all"] = 32
    seed: int = 0
    dtype: Literal["float32", "float64"] = "float32"
    held_out: float = 0.2
    patience: int | None = None
    clip_norm: float | None = None
    class_weight: str | dict[str, float] | None = None


def settings_of(
    net: Network, *, version: str, name: str, command: str, data: Mapping[str, Any], training: Mapping[str, Any]
) -> Settings:
    """The settings of a run of this network. InputError: a network that cannot be written out."""
    return Settings(version, name, net.text, command, written(net), dict(data), dict(training))


def write_settings(folder: Path, settings: Settings) -> None:
    """Write ``settings.toml``, whole or not at all."""
    head = "# What the run in this folder was made of; symbp train --resume, predict and evaluate read it.\n"
    write_whole(folder / SETTINGS, (head + toml(msgspec.to_builtins(settings))).encode())


def read_settings(folder: Path) -> Settings:
    """The settings of the run in a folder.

    Raises
    ------
    InputError : no folder, no run in it, or settings that cannot be read
    """
    place = Place(str(folder))
    if not folder.is_dir():
        raise InputError(
            "no such folder" if not folder.exists() else "this is a file", place=place, allowed="a run's folder"
        )
    path = folder / SETTINGS
    if not path.is_file():
        raise InputError(
            f"there is no run in it: {SETTINGS} is missing", place=place, allowed="what symbp train -o made"
        )
    text = text_of(path)
    with located(text, str(path)):
        settings = structure(text, Settings)
        converted(settings.data, _About, "data")
        converted(settings.training, _How, "training")
        if settings.name != module_name(settings.name):
            raise InputError(
                f"name is {shown(settings.name)}",
                allowed="the name of the run's module",
                nearest=module_name(settings.name),
                key=("name",),
            )
        return settings


def make(folder: Path, files: Iterable[str] = ()) -> bool:
    """Make a folder where there is none, and try that `files` can be written to it; returns whether it was made.

    Raises
    ------
    InputError : a file is in its place or a folder in that of a file, it cannot be made or written to
    """
    place = Place(str(folder))
    if folder.exists() and not folder.is_dir():
        raise InputError("the output is a file", place=place, allowed="a directory")
    if not folder.parent.is_dir():
        raise InputError("the output's directory does not exist", place=place)
    made = not folder.exists()
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".try-") as trial:
            trial.write(b"\0" * 4096)
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as e:
        if made and folder.is_dir():
            folder.rmdir()
        raise InputError(f"cannot be written to: {e.strerror}", place=place) from None
    for file in files:
        if (folder / file).is_dir() and not (folder / file).is_symlink():
            raise InputError(
                f"a folder is where {file} would be written", place=place, allowed="another folder (-o DIR)"
            )
    return made


@contextmanager
def alone(folder: Path, name: str) -> Iterator[bool]:
    """Make the folder of a run, try that its files can be written to it, and keep other runs out while the context lasts.

    Whether the folder was made comes out. The lock is the operating system's, on the folder itself: nothing lies there, and
    it ends with the process, however that ends; where there are no such locks, others are not kept out.

    Raises
    ------
    InputError : as :func:`make`, or another run is at work in it
    """
    made = make(folder, (f"{name}.py", *FILES))
    if fcntl is None:
        yield made
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            place = Place(str(folder))
            raise InputError("another run is at work in it", place=place, allowed="another folder (-o DIR)") from None
        except OSError:  # a file system without locks
            pass
        yield made
    finally:
        os.close(handle)


def claim(folder: Path, name: str, *, overwrite: bool = False, resume: bool = False) -> None:
    """See to it that nothing is in the way in the folder of a run: what a run left there before is, unless told otherwise.

    Raises
    ------
    InputError : there is a run in it already
    """
    own = (f"{name}.py", *FILES)
    before = [file for file in own if os.path.lexists(folder / file)]
    if before and not (overwrite or resume):
        raise InputError(
            f"there is a run in it already ({', '.join(before[:3])}{', ...' if before[3:] else ''})",
            place=Place(str(folder)),
            allowed=f"another folder (-o DIR), --resume {folder} to go on with it, or --overwrite",
        )
    for left in folder.glob(".*.npz.*.tmp"):  # of a process that was killed
        left.unlink(missing_ok=True)
    if overwrite and not resume:
        for file in before:
            (folder / file).unlink()


def withdraw(folder: Path, name: str, made: bool) -> None:
    """Take back what :func:`claim` and the first files left, for a run that never began."""
    for file in (f"{name}.py", SETTINGS, CHECKPOINT):
        (folder / file).unlink(missing_ok=True)
    if made and not any(folder.iterdir()):
        folder.rmdir()


def put_together(folder: Path, writers: Mapping[str, Callable[[Path], Any]]) -> list[Path]:
    """Files by name and by what writes each; all are finished beside the folder's own before any takes its place."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as aside:
        for name, write in writers.items():
            write(Path(aside) / name)
        for name in writers:
            os.replace(Path(aside) / name, folder / name)
    return [folder / name for name in writers]


def history_text(about: Mapping[str, Any], history: Mapping[str, list[float]]) -> str:
    """``history.json``: what was trained, and every curve by epoch."""
    return json.dumps({**about, "history": dict(history)}, indent=1) + "\n"
