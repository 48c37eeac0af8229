"""Files: those from outside read within bounds and decoded into a checked structure, the place of what a message speaks of;
and our own written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from symbp.errors import InputError, Place, nearest, printable, shown, unknown

_LARGEST_FILE = 1_000_000
UTF_8 = "UTF-8; an older file is converted by  iconv -f latin1 -t utf8"
"""What a message says of a text in another encoding."""
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
        raise InputError(f"not text in UTF-8, at byte {e.start}", place=Place(str(path)), allowed=UTF_8) from None
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
    if target.exists() and not target.is_file():  # a device or a pipe is written to, never replaced
        target.write_bytes(data)
        return
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
    return converted(decoded(text, json_text=json_text), kind)


def decoded(text: str, *, json_text: bool = False) -> Any:
    """The contents of a TOML or JSON file; InputError with the place where it is none."""
    try:
        return json.loads(text, object_pairs_hook=_once) if json_text else msgspec.toml.decode(text)
    except InputError:
        raise
    except RecursionError:
        raise InputError("nested too deeply", allowed="a few levels") from None
    except (msgspec.DecodeError, json.JSONDecodeError, ValueError) as e:
        found = re.search(r"line (\d+),? column (\d+)", str(e))
        place = Place(None, int(found[1]), int(found[2])) if found else None
        what = "JSON" if json_text else "TOML"
        raise InputError(
            f"not valid {what}: {str(e).split('(at')[0].split('; use sys.')[0].strip()}", place=place
        ) from None


def converted(raw: Any, kind: type[_Kind], *tables: str) -> _Kind:
    """What a decoder gives as a checked structure; InputError says which key of which table does not fit, and what would.

    `tables` are the names of the tables that `raw` stands in, from the outermost.
    """
    if isinstance(raw, dict):  # first, since the decoder speaks of what is missing before what is spelled wrong
        known = [f.encode_name for f in msgspec.structs.fields(kind)]
        for name in raw:
            if name not in known:
                raise _unknown(name, known, tables)
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as e:
        raise _told(str(e), raw, kind, tables) from None


_READ = {
    "str": "a text", "int": "a whole number", "float": "a number", "bool": "a truth value", "array": "a list",
    "object": "a table", "null": "nothing",
}  # fmt: skip
"""What was read, by the decoder's word for it."""
_EXPECTED = _READ | {"bool": "true or false", "array": "a list [...]"}
"""What may stand there, by the decoder's word for it."""


def _told(said: str, raw: Any, kind: type[msgspec.Struct], tables: tuple[str, ...]) -> InputError:
    """What a decoder says of a structure, in our words."""
    message, _, path = said.partition(" - at ")
    keys = _keys(path, said, raw, kind)
    of, value = kind, raw
    for key in keys:
        of = _inside(of, key)
        value = value[key] if not isinstance(value, dict) or key in value else None
    where = _where((*tables, *keys))
    if found := re.search(r"unknown field `([^`]*)`", message):
        known = [f.encode_name for f in msgspec.structs.fields(of)]
        return _unknown(found[1], known, (*tables, *map(str, keys)))
    if found := re.search(r"missing required field `([^`]*)`", message):
        line = None if keys or tables else 1
        return InputError(f"{where} has no key {found[1]}", place=Place(line=line), allowed=f"{found[1]} = ...")
    if message.startswith("Invalid enum value"):
        choices = [*_choices(of)]
        near = nearest(str(value), choices)
        return InputError(f"{where} is {shown(str(value))}", allowed=", ".join(choices), nearest=near)
    if found := re.fullmatch(r"Expected `([^`]*)`, got `([^`]*)`", message):
        allowed = " or ".join(_EXPECTED.get(word, word) for word in found[1].split(" | "))
        return InputError(f"{where} is {_READ.get(found[2], f'a {found[2]}')}", allowed=allowed)
    return InputError(f"{where} cannot be used: {message}")


def _choices(kind: Any) -> Iterator[str]:
    """What a type allows, where it is a choice among values."""
    for its in get_args(kind):
        if its is bool:
            yield from ("true", "false")
        elif get_args(its):
            yield from _choices(its)
        else:
            yield str(its)


def _keys(path: str, said: str, raw: Any, kind: type[msgspec.Struct]) -> list[str | int]:
    """The keys of a decoder's path, which has ``[...]`` for any entry of a table: the first that is refused so by itself."""
    keys: list[str | int] = []
    for name, index in re.findall(r"\.([^.\[`]+)|\[(\d+|\.\.\.)\]", path):
        if index != "...":
            keys.append(name or int(index))
            continue
        entries = _at(raw, keys)
        keys.append(next((k for k in entries if _refused(_only(raw, keys, k), kind) == said), next(iter(entries))))
    return keys


def _at(raw: Any, keys: Sequence[str | int]) -> Any:
    for key in keys:
        raw = raw[key]
    return raw


def _only(raw: Any, keys: Sequence[str | int], entry: str) -> Any:
    """The structure with one entry alone in the table at `keys`."""
    if not keys:
        return {entry: raw[entry]}
    first, *rest = keys
    changed = raw.copy()
    changed[first] = _only(raw[first], rest, entry)
    return changed


def _refused(raw: Any, kind: type[msgspec.Struct]) -> str:
    """What the decoder says of a structure; empty where it takes it."""
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError as e:
        return str(e)
    return ""


def _inside(kind: Any, key: str | int) -> Any:
    """The type of what stands at a key, as far as the types say it."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        names = {f.encode_name: f.name for f in msgspec.structs.fields(kind)}
        return get_type_hints(kind).get(names.get(str(key), ""))
    return (get_args(kind) or (None,))[-1]


def _where(keys: Sequence[str | int]) -> str:
    """A place in a structure: an entry of a list, a key, and the table that it stands in."""
    names = [str(k) for k in keys if isinstance(k, str)]
    if not names:
        return "the file"
    entry = f"entry {keys[-1] + 1} of " if isinstance(keys[-1], int) else ""
    table = f" in [{'.'.join(map(printable, names[:-1]))}]" if names[1:] else ""
    return f"{entry}{shown(names[-1])}{table}"


def _unknown(name: str, known: list[str], tables: Sequence[str]) -> InputError:
    error = unknown("key", name, known)
    where = f" in [{'.'.join(map(printable, tables))}]" if tables else ""
    return InputError(error.message + where, allowed=error.allowed, nearest=error.nearest)


def locate(text: str, error: InputError, path: str) -> Place:
    """The file, and the line of the key that the error is about, or else the first line that holds what the message quotes."""
    if error.place.line is not None:
        return Place(path)
    quoted = sorted(re.findall(r"'([^']+)'", error.message), key=len, reverse=True)  # the longest says most
    at = _place_of(text, error.key, quoted) if error.key else None
    if at is not None:
        return Place(path, *at)
    plain = [word for word in re.findall(r"\w+", error.message) if len(word) > 2]
    for word in (*quoted, *plain):
        for number, line in enumerate(text.splitlines(), 1):
            found = re.search(_alone(word), line.split("#")[0])
            if found:
                return Place(path, number, found.start() + 1)
    return Place(path)


def _alone(word: str) -> str:
    return rf"(?<!\w){re.escape(word)}(?!\w)"


def _place_of(text: str, key: tuple[str, ...], quoted: list[str]) -> tuple[int, int] | None:
    """The line and the column of what a message quotes in the value of a key of a TOML file; else those of the key, or of the
    table that it is missing in."""
    table: tuple[str, ...] = ()
    header = own = None
    for number, line in enumerate(text.splitlines(), 1):
        if opened := re.match(r"\s*\[([^\[\]]+)\]\s*(?:#|$)", line):
            table = _parts(opened[1])
            header = (number, opened.start(1) + 1) if table == key[: len(table)] else header
            continue
        given = re.match(r"\s*((?:[\w.-]|\"[^\"]*\"|'[^']*')+)\s*=", line)
        path = (*table, *_parts(given[1])) if given else ()
        if given and path[: len(key)] == key[: len(path)]:
            found = (re.search(_alone(word), line[given.end() :]) for word in quoted)
            first = next((m.start() + given.end() + 1 for m in found if m), None)
            if first is not None:
                return number, first
            own = own or ((number, given.start(1) + 1) if len(path) <= len(key) else None)
    return own or header


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("'\"") for part in dotted.split("."))


@contextmanager
def located(text: str, path: str) -> Iterator[None]:
    """Give every InputError raised inside the place of what it speaks of in the file `path`, whose contents are `text`."""
    try:
        yield
    except InputError as e:
        raise e.at(locate(text, e, path)) from None
