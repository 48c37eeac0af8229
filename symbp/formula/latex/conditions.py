r"""Conditions on two indices beside an equation: ``\quad \text{if } i = j``, ``\quad (j \neq i)``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.syntax import Binary, Call, Compare, Name, Node, Number, Sym, children, with_children
from symbp.formula.tex.patterns import either, in_braces, name, optional, sequence, that
from symbp.formula.tex.tokens import Tokens, argument, tokens_of, touching, words_of

_INDEX = that(lambda token: token.is_letter and token.name.islower())
INDICES = sequence(_INDEX, either(name("=", r"\neq", r"\ne", "≠"), sequence(name(r"\not"), name("="))), _INDEX)
"""That two indices are the same, or not."""
_WORDS = sequence(
    name(r"\text", r"\textrm", r"\textit", r"\mbox", r"\mathrm"),
    in_braces(lambda inside: words_of(inside).lower().lstrip(", ") in ("", "if", "for", "when", "where", "with")),
)
_GAP = either(name(",", ";", "~", r"\quad", r"\qquad", r"\,", r"\;", r"\:", r"\!"), _WORDS)
_BEHIND = either(sequence(name("("), optional(_WORDS), INDICES, name(")")), INDICES)
_LONGEST = 20


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
    tokens = tokens_of(text)
    while tokens and tokens[-1].name in (".", ",", ";"):
        tokens = tokens[:-1]
    said = range(max(0, len(tokens) - _LONGEST), len(tokens))
    start = next((k for k in said if _BEHIND(tokens, k) == len(tokens) and _apart(tokens, k)), None)
    if start is None:
        return text, None
    bracket = tokens[-1].name == ")"
    two, sign = (tokens[-k - bracket] for k in (1, 2))
    negated = tokens[-3 - bracket].name == r"\not"
    one = tokens[-3 - bracket - negated].name
    end = start
    while (gap := next((k for k in range(end) if _GAP(tokens, k) == end), None)) is not None:
        end = gap
    before = text[: tokens[end - 1].end] if end else ""
    scripts = (argument(tokens, k + 1)[0] for k in range(end) if tokens[k].name == "_")
    indices = {t.name for inside in scripts for t in inside if not any(t.name in "{}" for t in inside)}
    if end == start or one == two.name or not {one, two.name} <= indices or "=" not in before:
        return text, None
    return before.ljust(len(text)), Condition(one, two.name, sign.name == "=" and not negated)


def _apart(tokens: Tokens, k: int) -> bool:
    """Whether a token is no part of a word or of a script."""
    before = tokens[k - 1] if k else None
    return (
        before is None
        or tokens[k].name == "("
        or not (
            touching(before, tokens[k]) and (before.is_letter or before.is_command or before.name in ("_", "^", "{"))
        )
    )


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
