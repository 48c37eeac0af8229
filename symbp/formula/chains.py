"""Chained equations in NumPy-like text, ``a = b = c``: each equality is a claim about the first side."""

from __future__ import annotations

import re

_EQUALITY = re.compile(r"(?<![<>=!+\-*/:])=(?!=)")


def links_of_text(text: str) -> list[str]:
    """The equations of a chain, each part held against the first and in its own columns; the text itself where it is one."""
    depth, marks = 0, []
    for k, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 and _EQUALITY.match(text, k):
            marks.append(k)
    if len(marks) < 2 or not text[: marks[0]].strip():
        return [text]
    ends = [*marks[1:], len(text)]
    return [text[: marks[0] + 1].ljust(m + 1) + text[m + 1 : end].rstrip() for m, end in zip(marks, ends, strict=True)]
