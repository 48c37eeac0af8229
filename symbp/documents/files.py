"""Files of claims: one a line, ``#`` starts a comment, and ``key = "value"`` lines at the top say what the claims are about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from symbp.documents.code import assignments
from symbp.documents.equations import Equation, document_settings, equations
from symbp.errors import InputError, Place, nearest, shown, unknown
from symbp.notation import notation_named

KEYS = ("arch", "loss", "layout", "reduction", "batch", "convention", "l1", "l2", "bias", "transposes")
_DOCUMENTS = (".tex", ".latex", ".md", ".markdown")
_KEY = re.compile(r"""\s*([a-z]+[12]?)\s*=\s*(?:"([^"]*)"|'([^']*)'|(true|false))\s*(?:#.*)?""")
_FILES = ("arch", "convention")  # settings that may name a file
_RATE = re.compile(r"\s*(l[12])\s*=\s*(\d[\d.eE-]*|\.\d+)\s*(?:#.*)?")
_BARE = re.compile(r"\s*(arch|loss|convention)\s*=\s*([\w:.\-]+)\s*(?:#.*)?")
_LARGEST = 2_000_000
_VALUES = (
    ("layout", ("columns", "rows")),
    ("reduction", ("mean", "sum")),
    ("batch", ("true", "false")),
    ("bias", ("true", "false")),
    ("transposes", ("written", "dropped")),
)


@dataclass(frozen=True)
class ClaimFile:
    """The claims of a file with their line numbers, its settings and its text; of a document, its equations; `places`
    are those of the settings' values."""

    path: str
    settings: Mapping[str, str]
    claims: tuple[tuple[int, str], ...]
    equations: tuple[Equation, ...] | None = None
    text: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)

    def place(self, key: str) -> Place:
        """Where a setting stands."""
        at = self.places.get(key)
        return Place(self.path, at.line if at is not None else None)

    def blamed(self, error: InputError, key: str) -> InputError:
        """The error of a value at its place here; one inside a file that the value names is that file's."""
        mine = error.place.file is not None and (error.place.line is not None or Path(error.place.file).is_file())
        if mine:
            return error
        message = error.message if error.place.file is None else f"{error.message}: {shown(error.place.file)}"
        place, value = self.place(key), self.places.get(key)
        if error.place.column is not None and value is not None:
            place = replace(place, column=(value.column or 1) + error.place.column - 1)
        return InputError(message, place=place, allowed=error.allowed, nearest=error.nearest)


def read_file(path: str | Path) -> ClaimFile:
    """Read a .txt file of claims, or the equations of a .tex or .md document; InputError where it cannot be read."""
    place = Place(str(path))
    suffix = Path(path).suffix.lower()
    if suffix in (".toml", ".json"):
        raise InputError(f"claims in a {suffix} file are not read yet", place=place, allowed=".txt, .tex, .md")
    try:
        with Path(path).open("rb") as f:
            data = f.read(_LARGEST + 1)
    except FileNotFoundError:
        there = [p.name for p in Path(path).parent.glob("*") if p.is_file()] if Path(path).parent.is_dir() else []
        raise InputError("no such file", place=place, nearest=nearest(Path(path).name, there, 0.7)) from None
    except (OSError, ValueError) as e:
        raise InputError(f"cannot be read: {getattr(e, 'strerror', None) or e}", place=place) from None
    if len(data) > _LARGEST:
        raise InputError(f"the file has more than {_LARGEST} bytes", place=place, allowed=f"at most {_LARGEST}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        bad = data[: e.start].count(b"\n") + 1
        allowed = "UTF-8; an older file is converted by  iconv -f latin1 -t utf8"
        raise InputError("the file is not UTF-8 text", place=Place(str(path), bad), allowed=allowed) from None
    if suffix in _DOCUMENTS:
        said, where = document_settings(text, suffix in (".md", ".markdown"), KEYS, str(path))
        said = _relative(said, path)
        markdown = suffix in (".md", ".markdown")
        found_in = sorted([*equations(text, markdown), *(assignments(text) if markdown else ())], key=lambda e: e.line)
        found = ClaimFile(str(path), said, (), tuple(found_in), text, where)
        _check(found)
        return found
    settings: dict[str, str] = {}
    places: dict[str, Place] = {}
    claims = []
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        setting = _KEY.fullmatch(line) or _RATE.fullmatch(line)
        if setting:
            key, at = setting[1], Place(str(path), number)
            if key not in KEYS:
                raise unknown("setting", key, KEYS, at)
            if key in settings:
                raise InputError(f"{key} is set twice", place=at)
            which = next(k for k in range(2, len(setting.groups()) + 1) if setting[k] is not None)
            settings[key], places[key] = setting[which], Place(str(path), number, setting.start(which) + 1)
            continue
        bare = _BARE.fullmatch(line)
        if bare:
            allowed = f'{bare[1]} = "{bare[2].strip()}"'
            raise InputError(
                f"the value of {bare[1]} stands without quotes", place=Place(str(path), number), allowed=allowed
            )
        claim = line.split("#")[0].rstrip()
        if claim.strip():
            claims.append((number, claim))
    made = ClaimFile(str(path), _relative(settings, path), tuple(claims), text=text, places=places)
    _check(made)
    return made


def _relative(settings: Mapping[str, str], path: str | Path) -> dict[str, str]:
    """The settings with the files that they name as seen from the folder of the file that names them."""
    folder = Path(path).parent
    named = {k: v for k, v in settings.items() if k in _FILES and v.lower().endswith((".toml", ".json"))}
    return {**settings, **{k: str(folder / v) for k, v in named.items()}}


def _check(file: ClaimFile) -> None:
    """InputError for a setting that has no such value."""
    settings = file.settings
    if "convention" in settings:
        try:
            notation_named(settings["convention"])
        except InputError as e:
            raise file.blamed(e, "convention") from None
    for key, allowed in _VALUES:
        if settings.get(key, allowed[0]) not in allowed:
            message, like = f"{key} is {shown(settings[key])}", nearest(settings[key], allowed)
            raise InputError(message, place=file.place(key), allowed=", ".join(allowed), nearest=like)
    for key in ("l1", "l2"):
        if not re.fullmatch(r"\d+(\.\d*)?([eE]-?\d+)?|\.\d+", settings.get(key, "0")):
            raise InputError(f"{key} is {shown(settings[key])}", place=file.place(key), allowed='a number, l2 = "0.01"')
