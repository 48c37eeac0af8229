r"""Pages with the verdict that each equation deserves written behind it, and the pages as a reader sees them.

A label stands at the end of a line, ``%= right, wrong transpose`` in LaTeX, ``<!--= right -->`` in Markdown and ``#= right``
in Python, for the equations that begin on that line, in order; one label is that of all of them. What has none is no claim.
Labels are blanks when the page is judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

Deserved = Literal["right", "wrong", "def", "left"]
_LABELS = re.compile(r"[ \t]*(?:<!--=(?P<md>[^>]*)-->|[%#][ ]?=(?P<tex>[^\n]*))")


@dataclass(frozen=True)
class Label:
    """What an equation deserves, and by what causes a wrong one may be explained (empty where any will do)."""

    deserves: Deserved
    causes: tuple[str, ...] = ()


LEFT = Label("left")


def label_of(text: str) -> Label:
    """``wrong transpose|shape`` as a label."""
    kind, _, causes = text.strip().partition(" ")
    if kind not in get_args(Deserved):
        raise ValueError(f"no such label: {text!r}")
    return Label(cast(Deserved, kind), tuple(c for c in causes.strip().split("|") if c))


def labelled(text: str) -> tuple[str, dict[int, list[Label]]]:
    """A page without its labels, and the labels by their lines, which are counted from 1."""
    found: dict[int, list[Label]] = {}
    for m in _LABELS.finditer(text):
        line = text.count("\n", 0, m.start()) + 1
        found[line] = [label_of(part) for part in (m["md"] or m["tex"]).split(",")]
    return _LABELS.sub("", text), found
