"""Markdown without comments and code, which are no mathematics; a block of code that is called math is."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)[^`\n]*\1(?!`)")


def visible_markdown(text: str) -> str:
    """The document with blanks for comments and code, every other character in its place."""
    plain = _without_comments(text)
    lines = plain.split("\n")
    for token in MarkdownIt("commonmark").parse(plain):
        if token.type not in ("fence", "code_block") or token.map is None:
            continue
        first, last = token.map
        mathematical = token.type == "fence" and token.info.strip() == "math"
        for k in range(first, min(last, len(lines))):
            border = token.type == "fence" and (k == first or (k == last - 1 and _is_fence(lines[k])))
            if mathematical and border:
                lines[k] = "$$".rjust(len(lines[k])) if k == first else "$$".ljust(len(lines[k]))
            elif not mathematical:
                lines[k] = " " * len(lines[k])
    return "\n".join(_CODE.sub(lambda m: " " * len(m[0]), line) for line in lines)


def _is_fence(line: str) -> bool:
    return re.match(r"[ >]*(`{3,}|~{3,})\s*$", line) is not None


def _without_comments(text: str) -> str:
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start)
        end = len(text) if end < 0 else end + 3
        parts += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
        at = end
    return "".join([*parts, text[at:]])
