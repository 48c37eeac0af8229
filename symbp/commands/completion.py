"""What the shell offers when a word is to be completed: names of the catalogue, conventions, files.

The types say nothing about what is allowed: that is judged where the value is used, with a message that names the nearest one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.resources import files

import click
from click.shell_completion import CompletionItem


class Named(click.types.StringParamType):
    """A text that is mostly one of some names; where none begins like it and `file` says so, a file."""

    def __init__(self, names: Callable[[], Iterable[str]], *, file: bool = False) -> None:
        self.names, self.file = names, file

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The names that begin with what is typed."""
        found = [CompletionItem(name) for name in self.names() if name.startswith(incomplete)]
        return found or ([CompletionItem(incomplete, type="file")] if self.file else [])


class Architecture(click.types.StringParamType):
    """An architecture: the activations after the last colon of a short string, else a file."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The short string with each activation that begins with what is typed."""
        head, colon, typed = incomplete.rpartition(":")
        if not colon:
            return [CompletionItem(incomplete, type="file")]
        return [CompletionItem(f"{head}:{name}") for name in _activations() if name.startswith(typed)]


class FileName(click.types.StringParamType):
    """The name of a file, or of a folder where `kind` is ``dir``, as text."""

    def __init__(self, kind: str = "file") -> None:
        self.kind = kind

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Whatever files, or folders, the shell finds."""
        return [CompletionItem(incomplete, type=self.kind)]


def _activations() -> list[str]:
    from symbp.catalogue import ACTIVATIONS, LAYERS

    return [*ACTIVATIONS, *(k.name for k in LAYERS.values() if k.activation)]


def _losses() -> Iterable[str]:
    from symbp.catalogue import LOSSES

    return LOSSES


def _optimizers() -> Iterable[str]:
    from symbp.catalogue import OPTIMIZERS

    return OPTIMIZERS


def _schedules() -> Iterable[str]:
    from symbp.catalogue.optimizers import SCHEDULES

    return SCHEDULES


def _conventions() -> list[str]:
    """The names of the shipped notations, by their files alone: reading them would need SymPy."""
    return sorted(f.name[:-5] for f in (files("symbp") / "notation").iterdir() if f.name.endswith(".toml"))


def _formats() -> list[str]:
    from symbp.notes.page import FORMATS, JSON

    return [*FORMATS, JSON, "pdf"]


ARCH, FILE, FOLDER = Architecture(), FileName(), FileName("dir")
LOSS, OPTIMIZER, SCHEDULE = Named(_losses), Named(_optimizers), Named(_schedules)
FORMAT = Named(_formats)
CONVENTION = Named(_conventions, file=True)
DATA = Named(lambda: ("digits", "iris", "xor"), file=True)


def one_of(*names: str) -> Named:
    """A type for which some words are offered."""
    return Named(lambda: names)
