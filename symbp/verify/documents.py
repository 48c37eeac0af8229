r"""Equations in LaTeX and Markdown documents: every displayed and inline one, row by row, with the line where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from symbp.errors import InputError, Place, unknown

_ENVIRONMENTS = "equation|align|alignat|flalign|gather|multline|eqnarray|displaymath|math|dmath"
_OPENING = re.compile(
    rf"(?<!\\)(?:\\\\)*(?:\\begin\s*\{{(?P<env>(?:{_ENVIRONMENTS})\*?)\}}|(?P<other>\$\$|\\\[|\$|\\\())"
)
_CLOSING = {"$$": re.compile(r"(?<!\\)\$\$"), r"\[": re.compile(r"(?<!\\)\\\]"), "$": re.compile(r"(?<!\\)\$"),
            r"\(": re.compile(r"(?<!\\)\\\)")}  # fmt: skip
_INNER = re.compile(
    r"\\(?:begin|end)\s*\{(?:aligned|split|gathered|alignedat|subequations|multlined)\*?\}(?:\s*\{\d+\})?"
)
_HIDDEN_TEX = re.compile(r"\\begin\s*\{(?P<env>verbatim\*?|lstlisting|minted|comment|Verbatim)\}")
_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)[^`\n]*\1(?!`)")
_COMMENT_TEX = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_SETTINGS_TEX = re.compile(r"^[ \t]*%+[ \t]*symbp:(?P<body>[^\n]*)", re.MULTILINE)
_SETTINGS_MD = re.compile(r"<!--\s*symbp:(?P<body>.*?)-->", re.DOTALL)
_SETTING = re.compile(r"""\s*([a-z]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(true|false))\s*(?:[,;]|$)""")
_WORDS = re.compile(r"\\(?:text|textrm|textit|textsf|textbf|mbox|hbox|parbox|intertext|shortintertext)(?![A-Za-z])")
_GAP = re.compile(r"\\q?quad(?![A-Za-z])")
_GOES_ON = re.compile(r"\s*(?:[+\-*/]|\\(?:odot|circ|cdot|times|oslash|Bigl|bigl|left)(?![A-Za-z]))")
_FUNCTION = re.compile(r"\s*\{\s*[A-Za-z](?:\\?[A-Za-z0-9_])*\s*\}\s*(?:'|\^|\(|\\left|\\big)")
_CLAIMS = re.compile(r"\\partial|\\nabla|\\[dD]elta|∂|∇|δ|(?<![A-Za-z\\])(?:e|d[A-Z])(?![A-Za-z])")


@dataclass(frozen=True)
class Equation:
    """An equation of a document: the line of its left side, counted from 1, and its text on one line."""

    line: int
    text: str

    @property
    def is_claim(self) -> bool:
        """Whether its left side looks like a derivative, a delta or an error."""
        left, _, right = self.text.partition("=")
        return bool(_CLAIMS.search(left)) and bool(right.strip())

    @property
    def is_number(self) -> bool:
        """Whether its right side is a number, measured or worked out for an example."""
        right = self.text.partition("=")[2]
        plain = re.sub(r"\\(?:approx|dots|ldots|cdot|times|,|;|quad|frac|[dt]frac|text)", " ", right)
        return not re.search(r"[A-Za-z\\\u0370-\u03ff]", plain) and re.search(r"[1-9]", plain) is not None


def document_settings(text: str, markdown: bool, keys: tuple[str, ...], path: str) -> dict[str, str]:
    """What ``% symbp: arch = "..."`` or ``<!-- symbp: ... -->`` says; InputError where it cannot be read."""
    found: dict[str, str] = {}
    for m in (_SETTINGS_MD if markdown else _SETTINGS_TEX).finditer(text):
        place = Place(path, text[: m.start()].count("\n") + 1)
        body, at = m["body"].strip(), 0
        while at < len(body):
            one = _SETTING.match(body, at)
            if one is None:
                raise InputError(
                    'settings that cannot be read after "symbp:"', place=place, allowed='arch = "...", loss = "..."'
                )
            key, value = one[1], next(v for v in one.groups()[1:] if v is not None)
            if key not in keys:
                raise unknown("setting", key, keys, place)
            if key in found:
                raise InputError(f"{key} is set twice", place=place)
            found[key], at = value, one.end()
    return found


def equations(text: str, markdown: bool) -> list[Equation]:
    """Every equation of a document, in order."""
    text = re.sub(r"\r\n?", "\n", text)
    text = _visible_markdown(text) if markdown else _COMMENT_TEX.sub(lambda m: m[1], _visible_tex(text))
    found: list[Equation] = []
    for start, body, env in _mathematics(text):
        found += _rows(body, text.count("\n", 0, start) + 1, "multline" in env, "eqnarray" in env)
    return found


def _mathematics(text: str) -> Iterator[tuple[int, str, str]]:
    """The pieces of mathematics: where each begins, what it holds, and its environment."""
    at, never = 0, set[str]()
    while (m := _OPENING.search(text, at)) is not None:
        sign = m["env"] or m["other"]
        closing = _CLOSING[sign] if m["env"] is None else re.compile(rf"\\end\s*\{{{re.escape(sign)}\}}")
        end = closing.search(text, m.end()) if sign not in never else None
        if (
            end is not None
            and sign in ("$", r"\(")
            and ("\n\n" in text[m.end() : end.start()] or m.end() == end.start())
        ):
            at = m.end()  # a sign that opens nothing: a paragraph ends first
            continue
        if end is None:
            never.add(sign)
            at = m.end()
            continue
        yield m.end(), text[m.end() : end.start()], m["env"] or ""
        at = end.end()


def _visible_tex(text: str) -> str:
    """LaTeX without what stands there as it is."""
    parts, at = [], 0
    while (m := _HIDDEN_TEX.search(text, at)) is not None:
        end = text.find(rf"\end{{{m['env']}}}", m.end())
        end = len(text) if end < 0 else end
        parts += [text[at : m.start()], "\n" * text.count("\n", m.start(), end)]
        at = end
    return "".join([*parts, text[at:]])


def _visible_markdown(text: str) -> str:
    """Markdown without comments and code; a block of code that is called math is mathematics."""
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start)
        end = len(text) if end < 0 else end + 3
        parts += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end
    lines, fence = [], ""
    for line in "".join([*parts, text[at:]]).split("\n"):
        bare = line.strip()
        if fence:
            closed = bare.startswith(fence[:3]) and not bare.strip(fence[0])
            lines.append("$$" if closed and fence.endswith("$") else line if fence.endswith("$") else "")
            fence = "" if closed else fence
        elif bare.startswith(("```", "~~~")):
            fence = bare[:3] + ("$" if bare[3:].strip() == "math" else "")
            lines.append("$$" if fence.endswith("$") else "")
        else:
            lines.append(_CODE.sub("", line))
    return "\n".join(lines)


def _rows(body: str, line: int, joined: bool, columns: bool) -> Iterator[Equation]:
    """The equations of one piece of mathematics: a row that begins with = goes on with the left side above it."""
    body = _INNER.sub(" ", body)
    pieces: list[tuple[int, str]] = []
    for at, row in _split(body, r"\\\\(?:\s*\[[^\]\n]*\])?\*?"):
        cells = [c for _, c in _split(row, r"(?<!\\)&")]
        pairs = (
            [" ".join(cells)] if columns or joined else [" ".join(cells[k : k + 2]) for k in range(0, len(cells), 2)]
        )
        number = line + body[:at].count("\n") + len(row[: len(row) - len(row.lstrip())].split("\n")) - 1
        for pair in pairs:
            for part in _parts(pair):
                goes_on = pieces and (joined or (not _has_equality(part) and _GOES_ON.match(part)))
                if goes_on:
                    pieces[-1] = pieces[-1][0], f"{pieces[-1][1]} {part}"
                else:
                    pieces.append((number, part))
    left, top = "", line
    for number, piece in pieces:
        text = re.sub(r"\s+", " ", piece).strip()
        text = re.sub(r"[\s,.;:]+$", "", re.sub(r"\\(?:nonumber|notag|qed|qedhere)(?![A-Za-z])", "", text)).strip()
        if not _has_equality(text):
            continue
        before, after = _at_equality(text)
        if before.strip():
            left, top = before.strip(), number
            yield Equation(top, text)
        elif left:
            yield Equation(number, f"{left} = {after.strip()}")


def _parts(text: str) -> list[str]:
    """The equations that stand side by side, parted by words, wide gaps, or commas; words and gaps are left out."""
    cuts, depth, k, parts, last = [], 0, 0, [], 0
    while k < len(text):
        c = text[k]
        if c == "\\" and depth == 0:
            words, gap = _WORDS.match(text, k), _GAP.match(text, k)
            if words and not _FUNCTION.match(text, words.end()):
                end = _closing(text, words.end())
                cuts.append((k, end))
                k = end
                continue
            if gap:
                cuts.append((k, gap.end()))
                k = gap.end()
                continue
            k += 2
            continue
        if c == "\\":
            k += 2
            continue
        depth += (c in "{([") - (c in "})]")
        if c in ",;" and depth == 0:
            cuts.append((k, k + 1))
        k += 1
    for a, b in cuts:
        parts.append(text[last:a])
        last = b
    parts.append(text[last:])
    return [p for p in parts if p.strip()]


def _closing(text: str, k: int) -> int:
    """Where the arguments in brackets and braces that begin at `k` end."""
    while k < len(text):
        opened = re.compile(r"\s*[\[{]").match(text, k)
        if not opened:
            return k
        depth, k = 1, opened.end()
        while k < len(text) and depth:
            if text[k] == "\\":
                k += 1
            else:
                depth += (text[k] in "{[") - (text[k] in "}]")
            k += 1
    return k


def _split(text: str, at: str) -> list[tuple[int, str]]:
    """The text parted where `at` matches outside of braces and inner environments, with the places of the parts."""
    token = re.compile(rf"(?P<cut>{at})|\\begin\s*\{{|\\end\s*\{{[^}}]*\}}|\\\\|\\.|[{{}}]", re.DOTALL)
    parts, depth, last = [], 0, 0
    for m in token.finditer(text):
        if m["cut"] is not None:
            if depth == 0:
                parts.append((last, text[last : m.start()]))
                last = m.end()
        elif m[0].startswith("\\begin"):
            depth += 2
        elif m[0].startswith("\\end"):
            depth -= 1
        elif m[0] in "{}":
            depth += 1 if m[0] == "{" else -1
    return [*parts, (last, text[last:])]


def _has_equality(text: str) -> bool:
    return _at_equality(text) != (text, "")


def _at_equality(text: str) -> tuple[str, str]:
    """The text before and after the first = outside of braces and brackets."""
    depth = 0
    for k, c in enumerate(text):
        depth += (c in "{([") - (c in "})]")
        if c == "=" and depth <= 0 and text[k - 1 : k] not in (":", "<", ">", "!"):
            return text[:k], text[k + 1 :]
    return text, ""
