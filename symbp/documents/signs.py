r"""The signs of an equation that stand outside of braces, brackets and environments: what parts a row into equations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["relation", "implication", "word", "gap", "comma", "cell", "row", "other"]

_TOKEN = re.compile(
    r"(?P<begin>\\begin\s*\{[^{}]*\})|(?P<end>\\end\s*\{[^{}]*\})"
    r"|(?P<left>\\left(?![A-Za-z])\s*(?:\\[A-Za-z{}|]+|.))|(?P<right>\\right(?![A-Za-z])\s*(?:\\[A-Za-z{}|]+|.))"
    r"|(?P<row>\\\\(?:\s*\[[^\]\n]*\])?\*?)|(?P<cell>(?<!\\)&)"
    r"|(?P<relation>\\mathrel\s*\{\s*[-+:]\s*\}\s*=|\\mathrel\s*\{\s*[-+:]\s*=\s*\}|[-+:]\s*=(?!=)|(?<![<>!=])=(?!=)"
    r"|\\(?:leftarrow|longleftarrow|gets|coloneqq|triangleq|equiv|doteq|to|rightarrow)(?![A-Za-z])|←|≡)"
    r"|(?P<implication>\\(?:implies|Rightarrow|Longrightarrow|iff|Leftrightarrow|Longleftrightarrow|therefore|because)(?![A-Za-z])|[⇒⇔∴])"
    r"|(?P<word>\\(?:text|textrm|textit|textsf|textbf|mbox|hbox|parbox|intertext|shortintertext)(?![A-Za-z]))"
    r"|(?P<gap>\\q?quad(?![A-Za-z]))|(?P<comma>[,;])"
    r"|(?P<open>[{(\[]|\\\{)|(?P<close>[})\]]|\\\})|\\[A-Za-z]+|\\.",
    re.DOTALL,
)
_FUNCTION = re.compile(r"\s*\{\s*[A-Za-z](?:\\?[A-Za-z0-9_.])*\s*\}\s*(?:'|\^|\(|\\left|\\big)")


@dataclass(frozen=True)
class Sign:
    """A sign, where it stands, and whether no brace and environment is open there (`alone`), and no bracket (`outside`)."""

    kind: Kind
    start: int
    end: int
    alone: bool
    outside: bool


def signs(text: str) -> Iterator[Sign]:
    """The signs of a text in order; one that belongs to a word in braces (``\\text{...}``) ends behind it."""
    deep = round_ = at = 0
    while (m := _TOKEN.search(text, at)) is not None:
        at = m.end()
        kind = m.lastgroup
        if kind in ("begin", "end"):
            deep = max(0, deep + (1 if kind == "begin" else -1))
        elif kind in ("left", "right"):
            round_ = max(0, round_ + (1 if kind == "left" else -1))
        elif kind in ("open", "close"):
            step = 1 if kind == "open" else -1
            if m[0] in "{}":
                deep = max(0, deep + step)
            else:
                round_ = max(0, round_ + step)
        elif kind is not None:
            if kind == "row":
                round_ = 0 if deep == 0 else round_
            end = at
            if kind == "word":
                if _FUNCTION.match(text, at):
                    continue  # \text{softmax}(z) is a function
                end = at = closing(text, at)
            yield Sign(kind, m.start(), end, deep == 0, deep == round_ == 0)  # type: ignore[arg-type]


def closing(text: str, at: int) -> int:
    """Where the arguments in brackets and braces that begin at an offset end."""
    while (opened := re.compile(r"\s*[\[{]").match(text, at)) is not None:
        depth, at = 1, opened.end()
        while at < len(text) and depth:
            if text[at] == "\\":
                at += 1
            else:
                depth += (text[at] in "{[") - (text[at] in "}]")
            at += 1
    return at
