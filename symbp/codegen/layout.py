"""How the text of a module is laid out, whatever it is a module of: what is quoted in its header, and its blocks of code."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Sequence
from typing import Any

from symbp.codegen.block import Assignment

WIDTH = 120
"""The longest line."""


def imports(body: str) -> list[str]:
    """The modules of the standard library that the code names."""
    known = "argparse csv json math os signal sys tempfile time zipfile zlib".split()
    return [name for name in known if re.search(rf"\b{name}\.\w", body)]


def as_typed(value: Any) -> str:
    """A setting as one types it: a whole number without a decimal point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


def command_lines(command: str) -> list[str]:
    """A command on lines that a shell reads as one; what it quotes stays on one line."""
    try:
        words = [shlex.quote(word) for word in shlex.split(safe(command))]
    except ValueError:
        words = [safe(command)]
    lines = ["   "]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > WIDTH - 4 and lines[-1].strip():
            lines[-1] += " \\"
            lines.append("     ")
        lines[-1] += f" {word}"
    return lines


def wrapped(text: str, indent: str) -> list[str]:
    """Text from outside on lines of a docstring."""
    return textwrap.wrap(safe(text), WIDTH - 4, initial_indent=indent, subsequent_indent=indent + "  ")


def safe(text: str) -> str:
    """Text from outside as it may stand in a docstring: no quotes that end it, no escapes, nothing invisible."""
    plain = text.replace("\\", "/").replace('"', "'")
    return "".join(c if c.isprintable() else " " for c in plain).strip()


def row(head: str, items: Sequence[str], tail: str, indent: int = 0) -> list[str]:
    """What stands between brackets, on one line where it fits behind an indent that a template adds, else on lines of its own, as
    ``ruff format`` has it."""
    one, inner = f"{head}{', '.join(items)}{tail}", f"    {', '.join(items)}"
    if len(one) <= WIDTH - indent:
        return [one]
    if len(inner) <= WIDTH - indent:
        return [head, inner, tail]
    return [head, *(f"    {item}," for item in items), tail]


def written(a: Assignment) -> dict[str, list[str]]:
    """An assignment as a template takes it: the equation that it implements as comments, and its lines."""
    comment = textwrap.wrap(a.equation, 100, subsequent_indent="    ")
    return {"comment": [f"{'    ' * a.depth}# {line}" for line in comment], "lines": [*a.lines]}
