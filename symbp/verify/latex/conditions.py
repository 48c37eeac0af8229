r"""Conditions on two indices beside an equation: ``\quad \text{if } i = j``, ``\quad (j \neq i)``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from symbp.verify.language.syntax import Binary, Compare, Name, Node, Number
from symbp.verify.latex.context import substituted
from symbp.verify.latex.symbols import Sym

SAME = r"=|\\neq?(?![A-Za-z])|\\not\s*=|≠"
_GAP = r"[,;~]|\\q?quad(?![A-Za-z])|\\[,;:! ]|\s"
_WORDS = r"\\(?:text|textrm|textit|mbox|mathrm)\s*\{\s*,?\s*(?:if|for|when|where|with)?\s*\}"
_BEHIND = re.compile(
    rf"(?:(?:{_GAP})*(?:[,;]|\\q?quad(?![A-Za-z])|{_WORDS}))(?:{_GAP})*(?:{_WORDS})?\s*"
    rf"\(?\s*(?:{_WORDS})?\s*(?P<a>[a-z])\s*(?P<sign>{SAME})\s*(?P<b>[a-z])\s*\)?\s*[.,;]?\s*$",
    re.IGNORECASE,
)
_INDICES = re.compile(r"_\s*(?:\{([^{}]*)\}|([A-Za-z]))")


@dataclass(frozen=True)
class Condition:
    """That two indices are the same, or not the same."""

    one: str
    two: str
    same: bool

    def applied(self, left: Node, right: Node) -> tuple[Node, Node]:
        """The equation that holds for all indices where the one holds under the condition."""
        if self.same:
            return _renamed(left, self.two, self.one), _renamed(right, self.two, self.one)
        apart = Binary("-", Number("1"), Compare("==", Name(self.one), Name(self.two)))
        return Binary("juxt", apart, left, span=left.span), Binary("juxt", apart, right, span=right.span)

    def __str__(self) -> str:
        return rf"${self.one} {'=' if self.same else chr(92) + 'neq'} {self.two}$"


def condition_of(text: str) -> tuple[str, Condition | None]:
    """An equation without the condition behind it, every other character in its column, and that condition."""
    m = _BEHIND.search(text)
    if m is None:
        return text, None
    before = text[: m.start()]
    indices = {c for s in _INDICES.finditer(before) for c in re.findall(r"[A-Za-z]", s[1] or s[2])}
    if m["a"] == m["b"] or not {m["a"], m["b"]} <= indices or "=" not in before:
        return text, None
    return before.ljust(len(text)), Condition(m["a"], m["b"], m["sign"] == "=")


def _renamed(node: Node, old: str, new: str) -> Node:
    def put(sym: Sym) -> Node:
        return replace(sym, subs=tuple(new if c == old else c for c in sym.subs))  # type: ignore[return-value]

    return substituted(node, put)
