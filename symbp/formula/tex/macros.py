r"""Macros of a LaTeX document expanded, ``\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}``, and those of usual packages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from symbp.formula.tex.tokens import Tokens, argument, closing, source_tokens
from symbp.formula.tex.traced import Traced, joined

_MOST, _LONGEST = 500, 20_000
_PIECE = re.compile(r"\\(?:[A-Za-z@]+|.)|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Macro:
    """A macro: how many arguments it takes, what it stands for, what stands for a first argument in square brackets that is left
    out, and the script behind it that is a remark (``_`` of an underbrace).

    `second` says that the last argument may be left out, and what the macro stands for then.
    """

    count: int
    body: str
    default: str | None = None
    remark: str = ""
    second: str | None = None


def _derivative(d: str) -> Macro:
    return Macro(2, rf"\frac{{{d} #1}}{{{d} #2}}", second=rf"\frac{{{d}}}{{{d} #1}}")


USUAL: Mapping[str, Macro] = {
    "boxed": Macro(1, "#1"), "fbox": Macro(1, "#1"), "ensuremath": Macro(1, "#1"), "smash": Macro(1, "#1"),
    "underbrace": Macro(1, "#1", remark="_"), "overbrace": Macro(1, "#1", remark="^"), "underline": Macro(1, "#1"),
    "color": Macro(1, ""), "textcolor": Macro(2, "#2"), "mathcolor": Macro(2, "#2"), "colorbox": Macro(2, "#2"),
    "footnote": Macro(1, ""), "footnotemark": Macro(0, ""), "phantom": Macro(1, ""), "mathstrut": Macro(0, ""),
    "pdv": _derivative(r"\partial"), "pderiv": _derivative(r"\partial"), "diffp": _derivative(r"\partial"),
    "dv": _derivative("d"), "deriv": _derivative("d"), "odv": _derivative("d"), "od": _derivative("d"),
    "only": Macro(1, "#1"), "onslide": Macro(1, "#1"), "uncover": Macro(1, "#1"), "visible": Macro(1, "#1"),
    "alert": Macro(1, "#1"), "grad": Macro(0, r"\nabla"),
    "abs": Macro(1, r"\left|#1\right|"), "norm": Macro(1, r"\left\|#1\right\|"),
    "vb": Macro(1, r"\mathbf{#1}"), "va": Macro(1, r"\mathbf{#1}"), "cfrac": Macro(2, r"\frac{#1}{#2}"),
}  # fmt: skip
"""Boxes, colours and braces, which say nothing, and derivatives of the packages physics, commath, derivative, diffcoeff."""


_DEFINING = frozenset((r"\newcommand", r"\renewcommand", r"\providecommand", r"\def", r"\DeclareMathOperator", r"\let"))


def macros_of(text: str) -> dict[str, Macro]:
    r"""The macros that a document defines, by name; of definitions that cannot be read there are none.

    Behind the command stand the name, in square brackets the number of arguments and the first one's default, or ``#1#2``, and
    what the macro stands for; behind ``\let`` another name.
    """
    found: dict[str, Macro] = {}
    tokens = [t for t in source_tokens(text) if t.name.strip()]
    for k, token in enumerate(tokens):
        if token.name not in _DEFINING:
            continue
        starred = k + 1 < len(tokens) and tokens[k + 1].name.strip() == "*"
        name, at = _name(tokens, k + 1 + starred)
        if not name or (token.name == r"\providecommand" and name in found):
            continue
        options: list[str] = []
        while len(options) < 2 and (end := closing(tokens, at, "[", "]")) is not None:
            options.append(text[tokens[at].end : tokens[end].start].strip())
            at = end + 1
        given = tokens[at].name.strip() if at < len(tokens) and tokens[at].kind == "text" else ""
        at += bool(given)
        if token.name == r"\let":
            old, _ = _name(tokens, at)
            found[name] = found.get(old) or USUAL.get(old) or Macro(0, rf"\{old} ")
        elif (end := closing(tokens, at)) is not None:
            body = text[tokens[at].end : tokens[end].start].strip()
            body = rf"\operatorname{{{body}}}" if token.name == r"\DeclareMathOperator" else body
            count = int(options[0]) if options and options[0].isdecimal() else given.count("#")
            found[name] = Macro(count, body, options[1] if len(options) > 1 else None)
    return found


def _name(tokens: Tokens, k: int) -> tuple[str, int]:
    """The name of the macro at a place, in braces or not, and where the text goes on."""
    found, end = argument(tokens, k)
    return (found[0].name[1:], end) if len(found) == 1 and found[0].name[0] == "\\" else ("", end)


def expanded(text: Traced, macros: Mapping[str, Macro]) -> Traced:
    """The text with its macros expanded; what stands for a macro has the macro's place. A macro that never ends stays."""
    if macros.keys().isdisjoint(sign[1:] for sign in _PIECE.findall(text.text) if sign[0] == "\\"):
        return text
    pieces = _pieces(text)
    at, count, length = 0, 0, len(text.text)
    while at < len(pieces):
        macro = macros.get(pieces[at].text[1:]) if pieces[at].text[0] == "\\" else None
        found = _expansion(pieces, at, macro) if macro is not None else None
        if found is None:
            at += 1
            continue
        made, end = found
        count += 1
        if count > _MOST or length > _LONGEST:
            break
        before = next((p.text for p in reversed(pieces[:at]) if not p.text.isspace()), "")
        if before in ("^", "_"):
            made = Traced("{", pieces[at].at[:1]) + made + Traced("}", pieces[end - 1].at[-1:])
        length += len(made.text) - sum(len(p.text) for p in pieces[at:end])
        pieces[at:end] = _pieces(made)
    return joined(pieces, "")


def _pieces(text: Traced) -> list[Traced]:
    """A text in commands, spaces and single characters, none left out."""
    return [text[m.start() : m.end()] for m in _PIECE.finditer(text.text)]


def _expansion(pieces: list[Traced], start: int, macro: Macro) -> tuple[Traced, int] | None:
    """What a macro with its arguments stands for, and where they end; None where an argument is missing."""
    at, arguments, body = start + 1, list[Traced](), macro.body
    if pieces[start].text[-1].isalpha() and at < len(pieces) and pieces[at].text == "*":
        at += 1
    if macro.default is not None:
        opened = _behind_space(pieces, at)
        ended = [k for k in range(opened, len(pieces)) if pieces[k].text == "]"] if _is(pieces, opened, "[") else []
        arguments.append(joined(pieces[opened + 1 : ended[0]], "") if ended else Traced.added(macro.default))
        at = ended[0] + 1 if ended else at
    while len(arguments) < macro.count:
        found = _argument(pieces, at)
        if macro.second is not None and len(arguments) + 1 == macro.count:
            if found is None or not _is(pieces, _behind_space(pieces, at), "{"):
                body = macro.second
                break
        if found is None:
            return None
        arguments.append(found[0])
        at = found[1]
    remark = _behind_space(pieces, at)
    script = _argument(pieces, remark + 1) if macro.remark and _is(pieces, remark, macro.remark) else None
    end = script[1] if script else at
    return _filled(body, arguments, pieces[start].at[0], pieces[end - 1].at[-1]), end


def _filled(body: str, arguments: list[Traced], first: int, last: int) -> Traced:
    """A macro's body with its arguments, which keep their places; the rest has the place of the macro, in order."""
    if len(body) == 1:
        body += " "
    parts, here = list[Traced](), first
    pieces = re.split(r"#([1-9])", body)
    for k, piece in enumerate(pieces):
        if k % 2 == 0:
            parts.append(Traced(piece, (here,) * len(piece)))
        elif int(piece) <= len(arguments):
            parts.append(arguments[int(piece) - 1])
            here = max(here, *parts[-1].at) if parts[-1].at else here
    made = joined(parts, "")
    return Traced(made.text, (*made.at[:-1], last)) if pieces[-1] else made


def _is(pieces: list[Traced], k: int, text: str) -> bool:
    return k < len(pieces) and pieces[k].text == text


def _behind_space(pieces: list[Traced], at: int) -> int:
    return at + (at < len(pieces) and pieces[at].text.isspace())


def _argument(pieces: list[Traced], at: int) -> tuple[Traced, int] | None:
    """The argument at a place, a group without its braces or a single piece, and where the text goes on; None for none."""
    at = _behind_space(pieces, at)
    if at >= len(pieces) or pieces[at].text in "}&":
        return None
    depth = 0
    for k in range(at, len(pieces)):
        depth += (pieces[k].text == "{") - (pieces[k].text == "}")
        if depth == 0:
            return joined(pieces[at + (k > at) : k + (k == at)], ""), k + 1
    return None
