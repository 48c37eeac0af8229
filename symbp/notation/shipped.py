"""The notations that come with the package, one TOML file each, and a notation by its name or by a file of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from symbp.errors import InputError, unknown
from symbp.notation.file import load, read
from symbp.notation.notation import Notation
from symbp.notation.texts import DEFAULT, names, text_of_shipped

__all__ = ["DEFAULT", "NOTATIONS", "notation_named", "text_of_shipped"]


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
