"""The files of the notations that come with the package: their names and their texts."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from symbp.errors import unknown

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
