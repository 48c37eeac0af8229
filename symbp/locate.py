"""Files from outside: read within bounds, decoded into a checked structure, and the place of what a message speaks of."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from symbp.errors import InputError, Place, nearest, shown, unknown

_LARGEST_FILE = 1_000_000
_Kind = TypeVar("_Kind", bound=msgspec.Struct)


def text_of(path: Path) -> str:
    """The contents of a file, or InputError."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise InputError("not a regular file", place=Place(str(path)))
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError("the file is too large", place=Place(str(path)), allowed=f"{_LARGEST_FILE} bytes")
        return path.read_text(encoding="utf-8-sig")
    except InputError:
        raise
    except FileNotFoundError:
        there = [p.stem for p in path.parent.glob(f"*{path.suffix}")] if path.parent.is_dir() else []
        near = nearest(path.stem, there, 0.7)
        raise InputError("no such file", place=Place(str(path)), nearest=near and near + path.suffix) from None
    except UnicodeDecodeError as e:
        raise InputError(f"not text in UTF-8, at byte {e.start}", place=Place(str(path))) from None
    except OSError as e:
        raise InputError(f"cannot be read: {e.strerror}", place=Place(str(path))) from None
    except ValueError:
        raise InputError("no such file", place=Place(repr(str(path)))) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, each key of which stands once."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f"the key {shown(key)} stands twice")
        found[key] = value
    return found


def structure(text: str, kind: type[_Kind], *, json_text: bool = False) -> _Kind:
    """The contents of a TOML or JSON file as a checked structure; InputError names the key that does not fit."""
    try:
        raw = json.loads(text, object_pairs_hook=_once) if json_text else msgspec.toml.decode(text)
    except InputError:
        raise
    except (msgspec.DecodeError, json.JSONDecodeError, RecursionError, ValueError) as e:
        found = re.search(r"line (\d+),? column (\d+)", str(e))
        place = Place(None, int(found[1]), int(found[2])) if found else None
        what = "JSON" if json_text else "TOML"
        raise InputError(f"not valid {what}: {str(e).split('(at')[0].strip()}", place=place) from None
    if isinstance(raw, dict):
        for name in raw:
            if name not in kind.__struct_fields__:
                raise unknown("key", name, kind.__struct_fields__)
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as e:
        message, _, where = str(e).partition(" - at ")
        raise InputError(f"{where.strip('`').removeprefix('$.') or 'the file'}: {message}") from None


def locate(text: str, error: InputError, path: str) -> Place:
    """The file, and the first line that holds what the message quotes."""
    if error.place.line is not None:
        return Place(path)
    quoted = re.findall(r"'([^']+)'", error.message)
    plain = [word for word in re.findall(r"\w+", error.message) if len(word) > 2]
    for word in (*sorted(quoted, key=len, reverse=True), *plain):  # the longest says most about the place
        for number, line in enumerate(text.splitlines(), 1):
            found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", line.split("#")[0])
            if found:
                return Place(path, number, found.start() + 1)
    return Place(path)
