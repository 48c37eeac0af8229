r"""Conditions on two indices beside an equation: ``\quad \text{if } i = j``, ``\quad (j \neq i)``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.syntax import Binary, Call, Compare, Name, Node, Number, Sym, children, with_children

SAME = r"=|\\neq?(?![A-Za-z])|\\not\s*=|≠"
_WORDS = r"\\(?:text|textrm|textit|mbox|mathrm)\s*\{\s*,?\s*(?:if|for|when|where|with)?\s*\}"
_FEW = r"\s{0,3}"
_BEHIND = re.compile(
    rf"\({_FEW}(?:{_WORDS})?{_FEW}(?P<a>[a-z]){_FEW}(?P<sign>{SAME}){_FEW}(?P<b>[a-z]){_FEW}\)$"
    rf"|(?<![A-Za-z\\_^{{])(?P<c>[a-z]){_FEW}(?P<sign2>{SAME}){_FEW}(?P<d>[a-z])$"
)
_BEFORE = re.compile(rf"(?:[,;~]|\\q?quad|\\[,;:!]|{_WORDS})$", re.IGNORECASE)
_LONGEST = 120
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
    end = len(text.rstrip(" \t\n.,;"))
    m = _BEHIND.search(text[max(0, end - _LONGEST) : end])
    if m is None:
        return text, None
    one, sign, two = (m[a] or m[b] for a, b in (("a", "c"), ("sign", "sign2"), ("b", "d")))
    before, gaps = text[: max(0, end - _LONGEST) + m.start()], 0
    while (gap := _BEFORE.search(before.rstrip()[-40:])) is not None:
        before, gaps = before.rstrip()[: -len(gap[0])], gaps + 1
    before = before.rstrip()
    indices = {c for s in _INDICES.finditer(before) for c in re.findall(r"[A-Za-z]", s[1] or s[2])}
    if not gaps or one == two or not {one, two} <= indices or "=" not in before:
        return text, None
    return before.ljust(len(text)), Condition(one, two, sign == "=")


def _renamed(node: Node, old: str, new: str) -> Node:
    """The formula with one index for another; what says that the two are the same is 1.

    Raises
    ------
    InputError : a sum over one of them
    """
    inner: Any = node
    if isinstance(inner, Sym):
        subs = tuple(new if c == old else c for c in inner.subs)
        if (
            inner.base == r"\delta"
            and inner.layer is None
            and len(subs) == 2
            and subs[0] == subs[1]
            and subs != inner.subs
        ):
            return Number("1", span=inner.span)
        return replace(inner, subs=subs)
    if isinstance(node, Call) and node.name == "sum" and {Name(old), Name(new)} & {*node.args[1:]}:
        raise InputError(
            f"a sum over {old} or {new}, which are the same here", place=at(node.span.start), allowed="another letter"
        )
    if isinstance(node, Compare) and node.op == "==":
        sides = [s.base if isinstance(s, Sym) else getattr(s, "name", "") for s in (node.left, node.right)]
        if {*sides} == {old, new}:
            return Number("1", span=node.span)
    return with_children(node, tuple(_renamed(c, old, new) for c in children(node)))
