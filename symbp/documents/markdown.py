"""Markdown without comments and code, which are no mathematics; a block of code that is called math is."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

_PYTHON = ("python", "py", "python3", "numpy")
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


def python_blocks(text: str) -> list[tuple[int, int]]:
    """Where the blocks of code that are called Python begin and end in a document, their fences left out."""
    plain = _without_comments(text)
    starts = [0, *(m.end() for m in re.finditer(r"\n", plain))]
    found = []
    for token in MarkdownIt("commonmark").parse(plain):
        language = (token.info.split() or [""])[0].lower() if token.type == "fence" else ""
        if language in _PYTHON and token.map is not None and token.level == 0:
            first, last = token.map
            closed = last > first + 1 and _is_fence(plain.split("\n")[last - 1])
            found.append((starts[first + 1], starts[last - closed] if last - closed < len(starts) else len(plain)))
    return found


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
