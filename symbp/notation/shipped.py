"""The notations that come with the package, one TOML file each, and a notation by its name or by a file of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from symbp.errors import InputError, unknown
from symbp.notation.file import load, read
from symbp.notation.notation import Notation

DEFAULT = "iitm"
"""The notation where none is named: the letters of most textbooks."""


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """The notations of the package, the default first."""
    found = sorted(f.name.removesuffix(".toml") for f in files("symbp.notation").iterdir() if f.name.endswith(".toml"))
    return (DEFAULT, *(name for name in found if name != DEFAULT))


def text_of_shipped(name: str) -> str:
    """The file of a notation of the package; InputError where there is none."""
    if name not in names():
        raise unknown("convention", name, names())
    return (files("symbp.notation") / f"{name}.toml").read_text(encoding="utf-8")


@lru_cache(maxsize=32)
def _shipped(name: str) -> Notation:
    return read(text_of_shipped(name), name, f"{name}.toml")


def notation_named(name: str) -> Notation:
    """The notation called `name`, or that of a file whose name ends in .toml; InputError where there is none."""
    if name.lower().endswith(".toml"):
        return load(name)
    if name not in names():
        error = unknown("convention", name, names())
        raise InputError(error.message, allowed=f"{error.allowed}, or a .toml file", nearest=error.nearest)
    return _shipped(name)


class _Shipped(Mapping[str, Notation]):
    """The notations of the package by name, each read when it is asked for."""

    def __getitem__(self, name: str) -> Notation:
        if name not in names():
            raise KeyError(name)
        return _shipped(name)

    def __iter__(self) -> Iterator[str]:
        return iter(names())

    def __len__(self) -> int:
        return len(names())


NOTATIONS: Mapping[str, Notation] = _Shipped()
"""Notations by name; the first is the default."""
