r"""A document in LaTeX or Markdown as a tree: text, ends of paragraphs, commands, groups, environments, mathematics and code,
each with its place in the source. What is not read, comments and code, has blanks in its place."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from symbp.documents.markdown import visible_markdown
from symbp.formula.tex.macros import USUAL, Macro, macros_of
from symbp.formula.tex.tokens import TexToken, source_tokens, tokens_of
from symbp.formula.tex.traced import blanked

Kind = Literal["text", "paragraph", "command", "group", "environment", "mathematics", "code", "comment"]

ENVIRONMENTS = frozenset(
    f"{name}{star}"
    for name in ("equation", "align", "alignat", "flalign", "gather", "multline", "eqnarray", "displaymath", "math", "dmath",
                 "IEEEeqnarray", "darray", "empheq")
    for star in ("", "*")
)  # fmt: skip
"""The environments that hold mathematics."""
_SIGNS = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
_CLOSING = {**_SIGNS, **{rf"\begin{{{name}}}": rf"\end{{{name}}}" for name in ENVIRONMENTS}}
_INLINE = ("$", r"\(", "math")
_HIDDEN = re.compile(
    r"\\begin\s*\{(?P<env>verbatim\*?|lstlisting|minted|Verbatim|comment)\}(?:\[[^\]\n]*\])?(?:\{[^{}\n]*\})?"
    r"(?P<block>.*?)(?:\\end\s*\{(?P=env)\}|\Z)"
    r"|\\(?:verb\*?|lstinline(?:\[[^\]\n]{0,200}\])?)(?P<bar>[^A-Za-z\s*\[{])(?P<inline>[^\n]*?)(?P=bar)"
    r"|\\(?:only|onslide|uncover|visible|alert|item|begin\s*\{[A-Za-z]+\})(?P<overlay><[0-9,\-+.]*>)"
    r"|\\end\s*\{document\}(?P<beyond>.*)"
    r"|\\.|(?P<comment>%[^\n]*)",
    re.DOTALL,
)
"""What TeX does not read as text: code, comments, what is beyond the end, and on which slides something is seen."""
_ESCAPED = re.compile(r"\\\\([()\[\]])")
_GITHUB = re.compile(r"\$`(?P<body>[^`\n]+)`\$")
_PARAGRAPH = re.compile(r"\n ?\n")
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a document: what it is called, or its text; where it begins and ends, and where what it holds does.

    Mathematics is called by the sign that opens it, or by its environment; code holds its text as it is.
    """

    kind: Kind
    name: str
    start: int
    inner: int
    inner_end: int
    end: int
    children: tuple[Node, ...] = ()

    @property
    def inline(self) -> bool:
        """Whether it is mathematics, or code, in the running text."""
        return self.name in _INLINE if self.kind == "mathematics" else self.name == ""

    @property
    def env(self) -> str:
        """The environment of mathematics; empty between signs."""
        return "" if self.name in _SIGNS else self.name


@dataclass
class _Open:
    """A group or an environment whose end is still to come; the whole document has no name."""

    name: str
    start: int
    inner: int
    children: list[Node] = field(default_factory=list)

    def closed(self, inner_end: int, end: int) -> Node:
        kind: Kind = "group" if self.name == "{" else "environment"
        return Node(kind, self.name, self.start, self.inner, inner_end, end, tuple(self.children))


@dataclass(frozen=True)
class Document:
    """A document's source; places are offsets in it."""

    source: str
    markdown: bool = False

    @cached_property
    def _read(self) -> tuple[str, list[Node]]:
        """The document with blanks for what is not its text, every other character in its place; and its code."""
        text = re.sub(r"\r(?!\n)", "\n", self.source.replace("\r\n", " \n"))
        if self.markdown:
            text = visible_markdown(_GITHUB.sub(lambda m: f"$ {m['body']} $", text))
            return _ESCAPED.sub(r" \\\1", text), []  # \\( ... \\), as Markdown without mathematics wants it
        hidden, code = list[tuple[int, int]](), list[Node]()
        for m in _HIDDEN.finditer(text):
            group = m.lastgroup
            if group in ("block", "inline"):
                kind: Kind = "comment" if m["env"] == "comment" else "code"
                code.append(Node(kind, m["env"] or "", m.start(), m.start(group), m.end(group), m.end()))
                hidden.append(m.span())
            elif group is not None:
                hidden.append(m.span(group))
        return blanked(text, hidden), code

    @property
    def shown(self) -> str:
        """The document with blanks for what is not its text, every other character in its place."""
        return self._read[0]

    @cached_property
    def macros(self) -> Mapping[str, Macro]:
        """The macros of usual packages, and the document's own."""
        return {**USUAL, **macros_of(self.shown)}

    @cached_property
    def tokens(self) -> list[TexToken]:
        """The tokens of the source; code is one."""
        found, at = list[TexToken](), 0
        for code in self._read[1]:
            found += [*source_tokens(self.shown, at, code.start), TexToken(code.kind, code.start, code.end, code.kind)]
            at = code.end
        return [*found, *source_tokens(self.shown, at)]

    @cached_property
    def mathematics(self) -> list[Node]:
        """Every piece of mathematics, in order."""
        return [piece for _, _, piece in self._mathematics]

    @cached_property
    def _mathematics(self) -> list[tuple[int, int, Node]]:
        """Every piece of mathematics, with its first token and the one behind its last."""
        tokens, found, at = self.tokens, list[tuple[int, int, Node]](), 0
        opening, closing = self._aliases
        ends: dict[str, list[int]] = {}
        for k, token in enumerate(tokens):
            ends.setdefault(closing.get(token.name, token.name), []).append(k)
        ends["$$"] = [k for k in ends.get("$", ()) if k + 1 < len(tokens) and tokens[k + 1].name == "$"]
        doubled = {*ends["$$"]}
        while at < len(tokens):
            name = "$$" if at in doubled else opening.get(tokens[at].name, tokens[at].name)
            begun, at = at, at + (2 if name == "$$" else 1)
            closers = ends.get(_CLOSING.get(name, ""), ())
            k = bisect_left(closers, at)
            if k == len(closers):
                continue
            end = closers[k] + at - begun if name == "$$" else closers[k] + 1
            places = tokens[begun].start, tokens[at - 1].end, tokens[closers[k]].start, tokens[end - 1].end
            piece = Node("mathematics", name.removeprefix(r"\begin{").rstrip("}"), *places)
            if self._holds(piece):
                found.append((begun, end, piece))
                at = end
        return found

    def _holds(self, piece: Node) -> bool:
        """Whether it is mathematics: none is empty in the running text, or over the end of a paragraph; in Markdown it ends
        neither after a space where it begins with none, nor before a digit, as prices do."""
        inside, behind = self.shown[piece.inner : piece.inner_end], self.shown[piece.end : piece.end + 1]
        if piece.inline and (not inside or _PARAGRAPH.search(inside)):
            return False
        price = (inside[-1:].isspace() and not inside[0].isspace()) or behind in [*"0123456789"]
        return not (self.markdown and piece.name == "$" and price)

    @cached_property
    def _aliases(self) -> tuple[dict[str, str], dict[str, str]]:
        r"""Macros that are the beginning of an environment (``\be``), and those that are its end, with what they stand for."""
        opening: dict[str, str] = {}
        closing: dict[str, str] = {}
        for name, macro in self.macros.items():
            body = [t.name for t in tokens_of(macro.body)] if macro.count == 0 and "{" in macro.body else []
            if len(body) == 1 and body[0] in {*_CLOSING, *_CLOSING.values()}:
                (opening if body[0] in _CLOSING else closing)[rf"\{name}"] = body[0]
        return opening, closing

    @cached_property
    def root(self) -> Node:
        """The whole document. A brace or an environment that is never closed ends where the one around it does, and with the
        preamble or the text."""
        code = {c.start: c for c in self._read[1]}
        pieces = {first: (behind, piece) for first, behind, piece in self._mathematics}
        stack, k = [_Open("document", 0, 0)], 0
        while k < len(self.tokens):
            token = self.tokens[k]
            behind, piece = pieces.get(k, (k + 1, None))
            name, k = token.name, behind
            if piece is not None:
                stack[-1].children.append(piece)
            elif token.kind in ("code", "comment"):
                stack[-1].children.append(code[token.start])
            elif (name == "{" or name.startswith(r"\begin{")) and len(stack) < _DEEPEST:
                if name == r"\begin{document}":
                    _close(stack, 1, token.start, token.start)
                stack.append(_Open(name if name == "{" else name[7:-1], token.start, token.end))
            elif (level := _level(stack, name)) is not None:
                _close(stack, level, token.start, token.end)
            else:
                kind: Kind = "text" if token.kind == "text" or name == "$" else "paragraph" if token.kind else "command"
                stack[-1].children.append(Node(kind, name, token.start, token.start, token.end, token.end))
        end = len(self.source)
        _close(stack, 1, end, end)
        return stack[0].closed(end, end)


def _level(stack: list[_Open], name: str) -> int | None:
    """Which of the open groups and environments a token closes; an environment in the innermost group alone, where it
    is not the text."""
    if name != "}" and not name.startswith(r"\end{"):
        return None
    closed = "{" if name == "}" else name[5:-1]
    for level in range(len(stack) - 1, 0, -1):
        if stack[level].name == closed:
            return level
        if stack[level].name == "{" and closed != "document":
            return None
    return None


def _close(stack: list[_Open], level: int, inner_end: int, end: int) -> None:
    """Close what is open down to a level; what is open above it ends where that one does."""
    while len(stack) > level:
        node = stack.pop().closed(inner_end, end if len(stack) == level else inner_end)
        stack[-1].children.append(node)


def found_in(nodes: Iterable[Node], kind: Kind, name: str) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    """The nodes of a kind and a name, each with what stands behind it beside it, in order."""
    siblings = tuple(nodes)
    for k, node in enumerate(siblings):
        if (node.kind, node.name) == (kind, name):
            yield node, siblings[k + 1 :]
        yield from found_in(node.children, kind, name)
