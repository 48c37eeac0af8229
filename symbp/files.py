"""Files: those from outside read within bounds and decoded into a checked structure, the place of what a message speaks of;
and our own written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

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
        allowed = "UTF-8; an older file is converted by  iconv -f latin1 -t utf8"
        raise InputError(f"not text in UTF-8, at byte {e.start}", place=Place(str(path)), allowed=allowed) from None
    except OSError as e:
        raise InputError(f"cannot be read: {e.strerror}", place=Place(str(path))) from None
    except ValueError:
        raise InputError("no such file", place=Place(repr(str(path)))) from None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place, under a name that nobody can foresee, and put it there when it is on the disk.

    A link stays a link: what it points to is replaced. Whatever happens on the way, Ctrl-C included, `path` holds what it
    held or all of the new, and nothing else is left behind.
    """
    target = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


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
        raise _told(str(e), raw, kind) from None


def _told(said: str, raw: Any, kind: type[msgspec.Struct]) -> InputError:
    """What msgspec says of a structure, with the keys that it leaves out: the one that is not known, and that of an entry."""
    message, _, where = said.partition(" - at ")
    where = where.strip("`").removeprefix("$.")
    field = re.search(r"unknown field `([^`]*)`", message)
    if field:
        inside: Any = kind
        for part in where.split(".") if where not in ("", "$") else ():
            inside = get_type_hints(inside).get(part, inside)
        known = getattr(inside, "__struct_fields__", ())
        error = unknown("key", field[1], known)
        return InputError(
            f"{error.message} in [{where}]" if where else error.message, allowed=error.allowed, nearest=error.nearest
        )
    table = re.fullmatch(r"(\w+)\[\.\.\.\]", where)
    if table and isinstance(raw, dict) and isinstance(raw.get(table[1]), dict):
        bad = next((k for k, v in raw[table[1]].items() if not isinstance(v, str)), None)
        if bad is not None:
            return InputError(f"{shown(bad)} in [{table[1]}] is no text", allowed=f'{bad} = "..."')
    return InputError(f"{where or 'the file'}: {message}")


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


@contextmanager
def located(text: str, path: str) -> Iterator[None]:
    """Give every InputError raised inside the place of what it speaks of in the file `path`, whose contents are `text`."""
    try:
        yield
    except InputError as e:
        raise e.at(locate(text, e, path)) from None
