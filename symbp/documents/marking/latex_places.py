r"""Where in a LaTeX document notes can stand: behind its displays, and where paragraphs end outside of arguments and tables."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from symbp.documents.pieces import Mathematics, mathematics, visible

_CLOSED = re.compile(
    r"tabu|tabular|longtable|array|tikz|picture|matrix|equation|align|gather|multline|eqnarray|math|split|cases|algorithm|tabbing|"
    r"filecontents|axis|forest|circuit|CD$|prooftree|columns$|(?:itemize|enumerate|description)\*$"
)
_LIST = re.compile(r"itemize|enumerate|description|list$|questions|parts$|thebibliography|compact|asparaenum|tasks")
_PIECE = re.compile(
    r"\\begin\s*\{(?P<begin>[^{}]*)\}|\\end\s*\{(?P<end>[^{}]*)\}|(?P<blank>\n[ \t]*\n)"
    r"|(?P<item>\\(?:item|question|part|bibitem)(?![A-Za-z]))|(?P<stop>\\(?:par|(?:sub)*section|chapter|paragraph|bigskip|medskip|newpage)(?![A-Za-z]))|\\.|[{}]",
    re.DOTALL,
)
_NEXT = re.compile(
    r"\s*?(\n[ \t]*\n|\\(?:begin|end|item|(?:sub)*section|chapter|paragraph|par|bigskip|medskip)(?![A-Za-z])|\Z)"
)


@dataclass(frozen=True)
class Places:
    """A LaTeX document with the offsets that marks need; all counted in its source."""

    source: str

    @cached_property
    def shown(self) -> str:
        """The document without comments, every character in its place."""
        return visible(self.source, False)

    @cached_property
    def body(self) -> tuple[int, int]:
        """Where the text begins and ends; the whole of a fragment."""
        start = re.search(r"\\begin\s*\{document\}", self.shown)
        end = re.search(r"\\end\s*\{document\}", self.shown[start.end() :] if start else "")
        if start is None:
            return 0, len(self.source)
        return start.end(), start.end() + end.start() if end else len(self.source)

    @property
    def is_fragment(self) -> bool:
        """Whether there is no ``\\begin{document}``."""
        return re.search(r"\\begin\s*\{document\}", self.shown) is None

    @property
    def preamble_end(self) -> int:
        """The offset of ``\\begin{document}``."""
        found = re.search(r"\\begin\s*\{document\}", self.shown)
        return found.start() if found else 0

    @cached_property
    def slides(self) -> bool:
        """Whether the document consists of slides, outside of which nothing may stand."""
        return re.search(r"\\documentclass\s*(?:\[[^\]]*\])?\s*\{beamer\}", self.shown) is not None

    @cached_property
    def pieces(self) -> list[Mathematics]:
        """The mathematics of the document."""
        return mathematics(self.source, False)

    def piece_at(self, offset: int) -> Mathematics:
        """The piece of mathematics that an offset lies in."""
        return self.pieces[bisect_left(self.pieces, offset + 1, key=lambda p: p.start) - 1]

    @cached_property
    def ends(self) -> list[int]:
        """The offsets where a paragraph ends and a note can stand."""
        start, stop = self.body
        stack, depth, found = [["document", ""]], 0, list[int]()
        for m in _PIECE.finditer(self.shown, start, stop):
            empty = _LIST.search(stack[-1][0]) and not stack[-1][1]  # a list before its first item
            free = depth == 0 and not empty and not any(_CLOSED.search(name) for name, _ in stack)
            free = free and (not self.slides or any(name == "frame" for name, _ in stack))
            if m["begin"] is not None:
                if free and not _CLOSED.search(m["begin"]):
                    found.append(m.start())
                stack.append([m["begin"], ""])
            elif m["end"] is not None:
                if free:
                    found.append(m.start())
                if len(stack) > 1:
                    stack.pop()
            elif m[0] in "{}":
                depth = max(0, depth + (1 if m[0] == "{" else -1))
            elif m["item"]:
                if free and stack[-1][1]:
                    found.append(m.start())
                stack[-1][1] = "item"
            elif (m["blank"] or m["stop"]) and free:
                found.append(m.start())
        return found if self.slides else [*found, stop]

    def note_at(self, offset: int) -> tuple[int, bool] | None:
        """Where the note on an equation that ends at an offset stands, and whether the paragraph goes on behind it; None where
        slides have no such place."""
        piece = self.piece_at(offset)
        if piece.inline:
            k = bisect_left(self.ends, piece.end)
            return (self.ends[k], False) if k < len(self.ends) else None
        behind = re.compile(r"[ \t]*[.,;:]?").match(self.shown, piece.end)
        end = behind.end() if behind and behind[0].strip() else piece.end
        return end, _NEXT.match(self.shown, end) is None

    @cached_property
    def opening(self) -> int:
        """Where a summary can stand: behind the title."""
        start, stop = self.body
        title = re.compile(r"\\maketitle(?![A-Za-z])").search(self.shown, start, stop)
        wide = re.compile(r"\\twocolumn\s*\[").search(self.shown, start, stop)
        if wide is not None:
            return next((e for e in self.ends if e > wide.end()), stop)
        if title is None or self.shown.count("{", start, title.start()) != self.shown.count("}", start, title.start()):
            return start
        return title.end()
