r"""Macros of a LaTeX document expanded, ``\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}``, and those of usual packages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from symbp.formula.tex.traced import Traced

_MOST, _LONGEST = 500, 20_000
_NAME = re.compile(r"\\([A-Za-z@]+|.)", re.DOTALL)
_NEW = re.compile(
    r"\\(?:re|provide)?newcommand\s*\*?\s*(?:\{\s*\\(?P<a>[A-Za-z@]+)\s*\}|\\(?P<b>[A-Za-z@]+))\s*"
    r"(?:\[\s*(?P<count>[0-9])\s*\])?\s*(?:\[(?P<default>[^\]]*)\])?\s*(?=\{)"
    r"|\\DeclareMathOperator\s*(?P<star>\*?)\s*\{?\s*\\(?P<operator>[A-Za-z@]+)\s*\}?\s*(?=\{)"
    r"|\\def\s*\\(?P<plain>[A-Za-z@]+)\s*(?P<given>(?:#[1-9])*)\s*(?=\{)"
    r"|\\let\s*\\(?P<new>[A-Za-z@]+)\s*=?\s*\\(?P<old>[A-Za-z@]+)"
)


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


def macros_of(text: str) -> dict[str, Macro]:
    """The macros that a document defines, by name; of definitions that cannot be read there are none."""
    found: dict[str, Macro] = {}
    for m in _NEW.finditer(text):
        if m["new"]:
            old = found.get(m["old"]) or USUAL.get(m["old"])
            found[m["new"]] = old or Macro(0, rf"\{m['old']} ")
            continue
        end = _closed(text, m.end())
        if end is None:
            continue
        body = text[m.end() + 1 : end - 1].strip()
        if m["operator"]:
            found[m["operator"]] = Macro(0, rf"\operatorname{{{body}}}")
        elif m["plain"]:
            found[m["plain"]] = Macro(len(m["given"]) // 2, body)
        else:
            found[m["a"] or m["b"]] = Macro(int(m["count"] or 0), body, m["default"])
    return found


def expanded(text: Traced, macros: Mapping[str, Macro]) -> Traced:
    """The text with its macros expanded; what stands for a macro has the macro's place. A macro that never ends stays."""
    at = count = 0
    while (m := _NAME.search(text.text, at)) is not None:
        macro = macros.get(m[1])
        found = _expansion(text, m, macro) if macro is not None else None
        if found is None:
            at = m.end()
            continue
        made, end = found
        count += 1
        if count > _MOST or len(text.text) > _LONGEST:
            return text
        if re.search(r"[\^_]\s*$", text.text[: m.start()]):
            made = _like("{", made, text, m.start()) + made + _like("}", made, text, end - 1)
        text = text[: m.start()] + made + text[end:]
        at = m.start()
    return text


def _like(brace: str, made: Traced, text: Traced, k: int) -> Traced:
    return Traced(brace, (text.at[k],))


def _expansion(text: Traced, m: re.Match[str], macro: Macro) -> tuple[Traced, int] | None:
    """What a macro with its arguments stands for, and where they end; None where an argument is missing."""
    at, arguments, body = m.end(), list[Traced](), macro.body
    if m[1][-1].isalpha() and text.text[at : at + 1] == "*":
        at += 1
    if macro.default is not None:
        opened = re.compile(r"\s*\[([^\]]*)\]").match(text.text, at)
        arguments.append(text[opened.start(1) : opened.end(1)] if opened else Traced.added(macro.default))
        at = opened.end() if opened else at
    while len(arguments) < macro.count:
        last = len(arguments) + 1 == macro.count
        found = _argument(text.text, at, braced=last and macro.second is not None)
        if found is None and last and macro.second is not None:
            body = macro.second
            break
        if found is None:
            return None
        start, end, at = found
        arguments.append(text[start:end])
    remark = re.compile(rf"\s*{re.escape(macro.remark)}\s*").match(text.text, at) if macro.remark else None
    script = _argument(text.text, remark.end()) if remark else None
    end = script[2] if script else at
    return _filled(body, arguments, text.at[m.start()], text.at[end - 1]), end


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
    made = Traced("".join(p.text for p in parts), tuple(p for part in parts for p in part.at))
    tail = len(pieces[-1])
    return Traced(made.text, (*made.at[:-1], last)) if tail else made


def _argument(text: str, at: int, braced: bool = False) -> tuple[int, int, int] | None:
    """Where an argument begins and ends, and where the text goes on; `braced` ones alone, or a single sign too."""
    while at < len(text) and text[at].isspace():
        at += 1
    if text[at : at + 1] == "{":
        end = _closed(text, at)
        return None if end is None else (at + 1, end - 1, end)
    if braced or at >= len(text) or text[at] in "}&":
        return None
    name = _NAME.match(text, at)
    end = name.end() if name else at + 1
    return at, end, end


def _closed(text: str, at: int) -> int | None:
    """Where the group in braces that begins at an offset has ended."""
    depth, k = 0, at
    while k < len(text):
        if text[k] == "\\":
            k += 2
            continue
        depth += (text[k] == "{") - (text[k] == "}")
        k += 1
        if depth == 0:
            return k
    return None
