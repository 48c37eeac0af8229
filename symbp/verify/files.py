"""Files of claims: one a line, ``#`` starts a comment, and ``key = "value"`` lines at the top say what the claims are about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from symbp.errors import InputError, Place, shown, unknown
from symbp.verify.documents.equations import Equation, document_settings, equations
from symbp.verify.latex.notations import notation_named

KEYS = ("arch", "loss", "layout", "reduction", "batch", "convention")
_DOCUMENTS = (".tex", ".latex", ".md", ".markdown")
_KEY = re.compile(r"""\s*([a-z]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(true|false))\s*(?:#.*)?""")
_LARGEST = 2_000_000


@dataclass(frozen=True)
class ClaimFile:
    """The claims of a file with their line numbers, and its settings; of a document, its equations and its text."""

    path: str
    settings: Mapping[str, str]
    claims: tuple[tuple[int, str], ...]
    equations: tuple[Equation, ...] | None = None
    text: str = ""


def read_file(path: str | Path) -> ClaimFile:
    """Read a .txt file of claims, or the equations of a .tex or .md document; InputError where it cannot be read."""
    place = Place(str(path))
    suffix = Path(path).suffix.lower()
    if suffix in (".toml", ".json"):
        raise InputError(f"claims in a {suffix} file are not read yet", place=place, allowed=".txt, .tex, .md")
    try:
        data = Path(path).read_bytes()
    except OSError as e:
        raise InputError(f"cannot be read: {e.strerror}", place=place) from None
    if len(data) > _LARGEST:
        raise InputError(f"the file has {len(data)} bytes", place=place, allowed=f"at most {_LARGEST}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        bad = data[: e.start].count(b"\n") + 1
        raise InputError("the file is not UTF-8 text", place=Place(str(path), bad)) from None
    if suffix in _DOCUMENTS:
        said = document_settings(text, suffix in (".md", ".markdown"), KEYS, str(path))
        _check(said, str(path))
        return ClaimFile(str(path), said, (), tuple(equations(text, suffix in (".md", ".markdown"))), text)
    settings: dict[str, str] = {}
    claims = []
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        found = _KEY.fullmatch(line)
        if found:
            key, at = found[1], Place(str(path), number)
            if key not in KEYS:
                raise unknown("setting", key, KEYS, at)
            if key in settings:
                raise InputError(f"{key} is set twice", place=at)
            settings[key] = next(v for v in found.groups()[1:] if v is not None)
            continue
        claim = line.split("#")[0].rstrip()
        if claim.strip():
            claims.append((number, claim))
    _check(settings, str(path))
    return ClaimFile(str(path), settings, tuple(claims))


def _check(settings: Mapping[str, str], path: str) -> None:
    if "convention" in settings:
        try:
            notation_named(settings["convention"])
        except InputError as e:
            raise e.at(Place(path)) from None
    for key, allowed in (("layout", ("columns", "rows")), ("reduction", ("mean", "sum")), ("batch", ("true", "false"))):
        if settings.get(key, allowed[0]) not in allowed:
            message = f"{key} is {shown(settings[key])}"
            raise InputError(message, place=Place(path), allowed=", ".join(allowed))
