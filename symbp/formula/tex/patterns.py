r"""Patterns over tokens: what a regular expression is to characters, without going back, each a function to where it ends.

``sequence(name(r"\in"), group)`` is a pattern, and so is every function from tokens and a place to a place, or to None.
"""

from __future__ import annotations

from collections.abc import Callable

from symbp.formula.tex.tokens import TexToken, Tokens, closing, tokens_of, touching
from symbp.formula.tex.traced import Traced, joined

Pattern = Callable[[Tokens, int], int | None]
"""From tokens and the place where a match is to begin to the place behind it; None where there is none."""


def that(test: Callable[[TexToken], bool]) -> Pattern:
    """One token that passes a test."""

    def matched(tokens: Tokens, at: int) -> int | None:
        return at + 1 if at < len(tokens) and test(tokens[at]) else None

    return matched


def name(*names: str) -> Pattern:
    """One token with one of these names."""
    known = frozenset(names)
    return that(lambda token: token.name in known)


def sequence(*patterns: Pattern) -> Pattern:
    """One pattern behind the other."""

    def matched(tokens: Tokens, at: int) -> int | None:
        for pattern in patterns:
            end = pattern(tokens, at)
            if end is None:
                return None
            at = end
        return at

    return matched


def either(*patterns: Pattern) -> Pattern:
    """The first of the patterns that matches."""

    def matched(tokens: Tokens, at: int) -> int | None:
        return next((end for pattern in patterns if (end := pattern(tokens, at)) is not None), None)

    return matched


def optional(pattern: Pattern) -> Pattern:
    """A pattern, or nothing."""

    def matched(tokens: Tokens, at: int) -> int:
        end = pattern(tokens, at)
        return at if end is None else end

    return matched


def many(pattern: Pattern) -> Pattern:
    """A pattern as often as it matches."""

    def matched(tokens: Tokens, at: int) -> int:
        while (end := pattern(tokens, at)) is not None and end > at:
            at = end
        return at

    return matched


def absent(pattern: Pattern) -> Pattern:
    """Nothing, where a pattern does not match."""
    return lambda tokens, at: at if pattern(tokens, at) is None else None


def ended(tokens: Tokens, at: int) -> int | None:
    """Nothing, where the text ends."""
    return at if at >= len(tokens) else None


def group(opened: str, closed: str, inside: Callable[[Tokens], bool] = lambda tokens: True) -> Pattern:
    """What stands between a bracket and the one that closes it, where its tokens pass a test."""

    def matched(tokens: Tokens, at: int) -> int | None:
        end = closing(tokens, at, opened, closed)
        return end + 1 if end is not None and inside(tokens[at + 1 : end]) else None

    return matched


def in_braces(inside: Callable[[Tokens], bool] = lambda tokens: True) -> Pattern:
    """A group in braces whose tokens pass a test."""
    return group("{", "}", inside)


def whole(pattern: Pattern) -> Callable[[Tokens], bool]:
    """Whether tokens are what a pattern says, from the first to the last."""
    return lambda tokens: pattern(tokens, 0) == len(tokens)


def close(pattern: Pattern) -> Pattern:
    """A pattern whose tokens touch each other."""

    def matched(tokens: Tokens, at: int) -> int | None:
        first = at + 1
        while first < len(tokens) and touching(tokens[first - 1], tokens[first]):
            first += 1
        return pattern(tokens[:first], at)

    return matched


ANY = that(lambda token: True)
COMMAND = that(lambda token: token.is_command)
LETTER = that(lambda token: token.is_letter)
DIGIT = that(lambda token: token.name.isdigit())


def replaced(text: Traced, pattern: Pattern, instead: Callable[[str], str] = lambda found: "") -> Traced:
    """A text with something else for all that a pattern matches; what stands instead has the place where the match begins."""
    tokens, parts, last, k = tokens_of(text.text), list[Traced](), 0, 0
    while k < len(tokens):
        end = pattern(tokens, k)
        if end is not None and end > k:
            found = text[tokens[k].start : tokens[end - 1].end]
            made = instead(found.text)
            parts += [text[last : tokens[k].start], Traced(made, found.at[:1] * len(made))]
            last = tokens[end - 1].end
        k = max(end or 0, k + 1)
    return joined([*parts, text[last:]], "") if parts else text
