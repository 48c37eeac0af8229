"""Writing TOML: tables of plain values, which any reader of TOML reads back as they were."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def toml(table: Mapping[str, Any]) -> str:
    """A table as TOML, values first and then each inner table under its head; what is None is left out."""
    return "\n".join(_lines(table, ())).strip() + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    there = {name: value for name, value in table.items() if value is not None}
    values = [f"{_key(n)} = {_value(v)}" for n, v in there.items() if not isinstance(v, Mapping)]
    heads = [f"[{'.'.join(map(_key, path))}]"] if path and (values or not there) else []
    inner = [line for n, v in there.items() if isinstance(v, Mapping) for line in _lines(v, (*path, n))]
    return [*([""] if heads else []), *heads, *values, *inner]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(n)} = {_value(v)}" for n, v in value.items() if v is not None)
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return _text(str(value))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    """A basic string: escapes as in JSON, and of what UTF-8 cannot hold (names of files) a question mark."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(sound, ensure_ascii=False).replace("\x7f", "\\u007f")
