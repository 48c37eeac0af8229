r"""LaTeX as TeX sees it: commands, braces, scripts, letters, digits and signs, each with its place in the text.

A token's name is what it is called everywhere behind the tokeniser, however it was written: ``\lvert`` is ``|``, and a cell of
``cases`` is ``\begin{cases}`` in one token. White space has no tokens; that two tokens touch is seen from their places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

_TOKEN = re.compile(
    r"\\(?:begin|end)\s*\{\s*(?P<environment>[A-Za-z]+\*?)\s*\}|\\[A-Za-z@]+|\\.|\$\$|\|\||\S", re.DOTALL
)
_SOURCE = re.compile(
    r"(?P<paragraph>\n[ \t]*\n\s*)|\\(?P<side>begin|end)\s*\{(?P<environment>[^{}]*)\}|\\[A-Za-z@]+|\\.|[${}]"
    r"|(?P<text>[\[\]]|\\\Z|(?:[^\\${}\[\]\n]|\n(?![ \t]*\n))+)",
    re.DOTALL,
)
_SAME = {
    r"\vert": "|", r"\lvert": "|", r"\rvert": "|", r"\Vert": r"\|", r"\lVert": r"\|", r"\rVert": r"\|",
    "−": "-", "’": "'", "′": "'",
}  # fmt: skip
"""Signs that have several names, and the one by which they are known."""


@dataclass(frozen=True, slots=True)
class TexToken:
    """A token: its name, where it begins and ends in the text, and what the grammar calls it where that is known."""

    name: str
    start: int
    end: int
    kind: str = ""

    @property
    def is_command(self) -> bool:
        r"""Whether it is a word behind a backslash, ``\frac``."""
        return self.name[0] == "\\" and self.name[1:].isalpha()

    @property
    def is_letter(self) -> bool:
        """Whether it is a Latin letter."""
        return len(self.name) == 1 and self.name.isascii() and self.name.isalpha()

    def called(self, name: str) -> TexToken:
        """The token by another name, in its place."""
        return replace(self, name=name)


Tokens = Sequence[TexToken]


@lru_cache(maxsize=128)  # a row of a document is looked at by one question after the other
def tokens_of(text: str) -> tuple[TexToken, ...]:
    """The tokens of a text, in order."""
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[TexToken]:
    for m in _TOKEN.finditer(text):
        name = m[0]
        if m["environment"] is not None:
            name = rf"{name[: name.index('{')].rstrip()}{{{m['environment']}}}"
        yield TexToken(_SAME.get(name, name), m.start(), m.end())


def source_tokens(text: str, start: int = 0, end: int | None = None) -> Iterator[TexToken]:
    """The tokens of a part of a document's source, with its white space and none left out; the end of a paragraph is one, and a
    run of text is."""
    for m in _SOURCE.finditer(text, start, len(text) if end is None else end):
        kind = m.lastgroup if m.lastgroup in ("paragraph", "text") else ""
        name = rf"\{m['side']}{{{m['environment'].strip()}}}" if m["side"] else m[0]
        yield TexToken(name, m.start(), m.end(), kind)


def closing(tokens: Tokens, at: int, opened: str = "{", closed: str = "}") -> int | None:
    """The place of the token that closes the group which opens at a place; None where it is never closed, or none opens."""
    if at >= len(tokens) or tokens[at].name != opened:
        return None
    depth = 0
    for k in range(at, len(tokens)):
        depth += (tokens[k].name == opened) - (tokens[k].name == closed)
        if depth == 0:
            return k
    return None


def argument(tokens: Tokens, at: int) -> tuple[Tokens, int]:
    """The argument that begins at a place, a group's tokens or a single one, and where the text goes on; () where none does."""
    if at >= len(tokens):
        return (), at
    end = closing(tokens, at)
    if end is not None:
        return tokens[at + 1 : end], end + 1
    return ((), at) if tokens[at].name in "{}&" else (tokens[at : at + 1], at + 1)


def touching(one: TexToken, two: TexToken) -> bool:
    """Whether nothing stands between two tokens that follow each other."""
    return one.end == two.start


def words_of(tokens: Tokens) -> str:
    """Tokens of text as text: words with single spaces between them."""
    parts: list[str] = []
    for k, token in enumerate(tokens):
        parts += ["" if not k or touching(tokens[k - 1], token) else " ", token.name]
    return "".join(parts)
