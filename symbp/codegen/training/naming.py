"""Names of generated modules: what can be imported, and hides nothing that a module imports."""

from __future__ import annotations

import keyword
import re
import sys


def module_name(text: str) -> str:
    """A name for a module, made of a text from outside: letters, digits and underscores, at most 40 of them.

    A keyword, a module of the standard library and NumPy get ``_net`` behind them, a leading digit ``net_`` before it:
    a file types.py would stand in the way of every other program of its folder.
    """
    name = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")[:40] or "network"
    if name[0].isdigit():
        name = f"net_{name}"
    taken = keyword.iskeyword(name) or name.lower() in {"numpy", *map(str.lower, sys.stdlib_module_names)}
    return f"{name}_net" if taken else name
