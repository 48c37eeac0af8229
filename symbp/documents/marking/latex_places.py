r"""Where in a LaTeX document notes can stand: behind its displays, and where paragraphs end outside of arguments and tables."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from symbp.documents.source import Document, Node, found_in
from symbp.formula.tex.patterns import group, in_braces, name, optional, sequence

_CLOSED = re.compile(
    r"tabu|tabular|longtable|array|tikz|picture|matrix|equation|align|gather|multline|eqnarray|math|split|cases|algorithm|tabbing|"
    r"filecontents|axis|forest|circuit|CD$|prooftree|columns$|(?:itemize|enumerate|description)\*$"
)
"""Environments in which no note can stand."""
_LIST = re.compile(r"itemize|enumerate|description|list$|questions|parts$|thebibliography|compact|asparaenum|tasks")
_ITEMS = frozenset((r"\item", r"\question", r"\part", r"\bibitem"))
_STOPS = frozenset(
    (
        r"\par",
        r"\section",
        r"\subsection",
        r"\subsubsection",
        r"\chapter",
        r"\paragraph",
        r"\bigskip",
        r"\medskip",
        r"\newpage",
    )
)
"""What ends a paragraph."""
_NEXT = re.compile(
    r"\s*?(\n[ \t]*\n|\\(?:begin|end|item|(?:sub)*section|chapter|paragraph|par|bigskip|medskip)(?![A-Za-z])|\Z)"
)
"""What stands behind a display where the paragraph does not go on."""
_POINT = re.compile(r"[ \t]*[.,;:]")
_SLIDES = sequence(
    name(r"\documentclass"), optional(group("[", "]")), in_braces(lambda inside: [t.name for t in inside] == ["beamer"])
)


@dataclass(frozen=True)
class Places:
    """A LaTeX document with the offsets that marks need; all counted in its source."""

    document: Document

    @cached_property
    def _body(self) -> Node | None:
        """The environment that holds the text; a fragment has none."""
        return next((node for node, _ in found_in(self.document.root.children, "environment", "document")), None)

    @cached_property
    def body(self) -> tuple[int, int]:
        """Where the text begins and ends; the whole of a fragment."""
        return (self._body.inner, self._body.inner_end) if self._body else (0, len(self.document.source))

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The parts of the text."""
        return (self._body or self.document.root).children

    @property
    def is_fragment(self) -> bool:
        """Whether there is no ``\\begin{document}``."""
        return self._body is None

    @property
    def preamble_end(self) -> int:
        """The offset of ``\\begin{document}``."""
        return self._body.start if self._body else 0

    @cached_property
    def slides(self) -> bool:
        """Whether the document consists of slides, outside of which nothing may stand."""
        tokens = [t for t in self.document.tokens if t.name.strip()]
        return any(_SLIDES(tokens, k) is not None for k, t in enumerate(tokens) if t.name == r"\documentclass")

    def piece_at(self, offset: int) -> Node:
        """The piece of mathematics that an offset lies in."""
        pieces = self.document.mathematics
        return pieces[bisect_left(pieces, offset + 1, key=lambda p: p.start) - 1]

    @cached_property
    def ends(self) -> list[int]:
        """The offsets where a paragraph ends and a note can stand."""
        found = [*self._ends(self._body or self.document.root, False, not self.slides)]
        return found if self.slides else [*found, self.body[1]]

    def _ends(self, around: Node, closed: bool, framed: bool) -> Iterator[int]:
        """Where paragraphs end in an environment and in those that it holds; no note can stand in one that is `closed`,
        or outside of the slide that has to be around it."""
        listed, begun = _LIST.search(around.name) is not None, False
        for node in around.children:
            free = framed and not closed and (begun or not listed)  # a list before its first item has no place
            if node.kind == "environment":
                inner = _CLOSED.search(node.name) is not None
                if free and not inner:
                    yield node.start
                yield from self._ends(node, closed or inner, framed or node.name == "frame")
            elif node.kind == "command" and node.name in _ITEMS:
                if free and begun:
                    yield node.start
                begun = True
            elif free and (node.kind == "paragraph" or node.name in _STOPS):
                yield node.start
            elif free and node.kind in ("code", "comment") and not node.inline:
                line = self.document.shown.rfind("\n", 0, node.start)
                yield node.start if self.document.shown[line + 1 : node.start].strip() else max(line, 0)
        if framed and not closed and (begun or not listed) and around.name != "document":
            yield around.inner_end

    def note_at(self, offset: int) -> tuple[int, bool] | None:
        """Where the note on an equation that ends at an offset stands, and whether the paragraph goes on behind it; None where
        slides have no such place."""
        piece = self.piece_at(offset)
        if piece.inline:
            k = bisect_left(self.ends, piece.end)
            return (self.ends[k], False) if k < len(self.ends) else None
        shown = self.document.shown
        point = _POINT.match(shown, piece.end)
        end = point.end() if point else piece.end
        return end, _NEXT.match(shown, end) is None

    @cached_property
    def opening(self) -> int:
        """Where a summary can stand: behind the title."""
        start, stop = self.body
        for node, behind in found_in(self.nodes, "command", r"\twocolumn"):
            if next((n.name for n in behind if n.name.strip()), "") == "[":
                return next((end for end in self.ends if end > node.end), stop)
        title = next((node for node, _ in found_in(self.nodes, "command", r"\maketitle")), None)
        before = self.document.shown[start : title.start] if title else ""
        return title.end if title and before.count("{") == before.count("}") else start
