r"""How wide a formula is, and where it may be broken: estimated on its LaTeX, in units of one letter.

Only what the printers of this package write is understood: commands, groups, scripts, fractions, ``\left``-``\right`` and the
environments pmatrix and cases.
"""

from __future__ import annotations

import re
from functools import lru_cache

from symbp.calculus.primitives import PRIMITIVES

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\s+|.", re.S)
_WIDE = {
    **dict.fromkeys((r"\circ", r"\bullet", r"\ast"), 2.6),
    r"\sum": 2.2, r"\prod": 2.0, r"\odot": 2.6, r"\oslash": 2.6, r"\times": 2.6, r"\cdot": 1.6, r"\leftarrow": 3.2, r"\le": 2.8,
    r"\max": 3.6, r"\min": 3.6, r"\ln": 2.2, r"\log": 3.0, r"\exp": 3.4, r"\tanh": 4.4, r"\sin": 3, r"\cos": 3, r"\arctan": 5.6,
    r"\sinh": 4.2, r"\cosh": 4.2, r"\arg": 3.2, r"\quad": 2.0, r"\left": 0.3, r"\right": 0.3, r"\ldots": 2.2, r"\partial": 1.1,
    r"\mathrm": 0, r"\mathbf": 0, r"\text": 0, r"\hat": 0, r"\tilde": 0, r"\bar": 0, r"\operatorname": 0.4, r"\displaystyle": 0,
    r"\leadsto": 3.0, r"\thinspace": 0.4, r"\qquad": 4.0, r"\sqrt": 1.6, r"\infty": 1.8,
    r"\Bigl": 0.3, r"\Bigr": 0.3, r"\lparen": 1.0, r"\rparen": 1.0,
}  # fmt: skip
_WIDE |= {p.latex: 0.95 * len(p.latex) - 0.95 for p in PRIMITIVES if p.is_operator and p.latex not in _WIDE}
_SIGNS = {
    "+": 2.6,
    "-": 2.6,
    "=": 2.9,
    ">": 2.9,
    "<": 2.9,
    "(": 0.75,
    ")": 0.75,
    "[": 0.55,
    "]": 0.55,
    ",": 0.8,
    "|": 0.55,
    "'": 0.5,
}
_SCRIPT = 0.72
_FACTORS = (r" \mathbf{1}[", r" \frac{")
_SUM_LAST = re.compile(r"\\sum(_\{[^{}]*\})?(\^\{[^{}]*\})?\s*$")
_BREAKS = (" + ", " - ", r" \odot ", r" \circ ", r" \bullet ", r" \ast ")


@lru_cache(maxsize=4096)
def width(latex: str) -> float:
    """The width of a formula in letters."""
    tokens = _TOKEN.findall(latex)
    total, k = 0.0, 0
    while k < len(tokens):
        amount, k = _atom(tokens, k)
        scripts = []
        while k < len(tokens) and tokens[k] in "^_":
            script, k = _atom(tokens, k + 1)
            scripts.append(script * _SCRIPT)
        total += amount + max(scripts, default=0.0)
    return total


def _atom(tokens: list[str], k: int) -> tuple[float, int]:
    """The width of what begins at a token, and where it ends."""
    if k >= len(tokens):
        return 0.0, k
    token = tokens[k]
    if token == "{":
        end = _closing(tokens, k)
        return width("".join(tokens[k + 1 : end])), end + 1
    if token in (r"\frac", r"\dfrac"):
        above, k = _atom(tokens, k + 1)
        below, k = _atom(tokens, k)
        return max(above, below) + 0.6, k
    if token == r"\begin":
        return _environment(tokens, k)
    if token == r"\underbrace":
        return _braced(tokens, k + 1)
    if token in _WIDE:
        if token in (r"\mathrm", r"\mathbf", r"\text", r"\hat", r"\tilde", r"\bar", r"\operatorname", r"\sqrt"):
            amount, end = _atom(tokens, k + 1)
            return amount + _WIDE[token], end
        return _WIDE[token], k + 1
    if token.isspace() or token == "&":
        return 0.0, k + 1
    return _SIGNS.get(token, 1.0), k + 1


def _braced(tokens: list[str], k: int) -> tuple[float, int]:
    """The width of what stands over a brace, or of what is said under it."""
    above, k = _atom(tokens, k)
    if k >= len(tokens) or tokens[k] != "_":
        return above, k
    below, k = _atom(tokens, k + 1)
    return max(above, below * _SCRIPT), k


def _closing(tokens: list[str], k: int) -> int:
    depth = 0
    for end in range(k, len(tokens)):
        depth += (tokens[end] == "{") - (tokens[end] == "}")
        if depth == 0:
            return end
    return len(tokens) - 1


def _environment(tokens: list[str], k: int) -> tuple[float, int]:
    depth, end = 0, k
    while end < len(tokens):
        depth += (tokens[end] == r"\begin") - (tokens[end] == r"\end")
        if depth == 0:
            break
        end += 1
    inside = "".join(tokens[_closing(tokens, k + 1) + 1 : end])
    cells = [line.split("&") for line in inside.split(r"\\")]
    columns = max(len(line) for line in cells)
    wide = sum(max(width(line[c]) if c < len(line) else 0.0 for line in cells) + 2.0 for c in range(columns))
    return wide + 1.0, _closing(tokens, end + 1) + 1


def broken(latex: str, limit: float, first: float | None = None) -> list[str]:
    """The formula in pieces that are at most `limit` wide where that can be done, the first at most `first`.

    A piece after the first begins with the sign at which the formula was broken. Signs outside all brackets come first; where
    there are none, those inside the outermost brackets, which then are closed and opened invisibly.
    """
    lines = _broken(latex, limit, first)
    return [line.replace(r"\Bigl\lparen", r"\Bigl(").replace(r"\Bigr\rparen", r"\Bigr)") for line in lines]


def _broken(latex: str, limit: float, first: float | None = None) -> list[str]:
    if width(latex) <= (limit if first is None else first):
        return [latex]
    sides = _split(latex, (" = ",))
    if len(sides) > 1:
        lines = _broken(sides[0], limit, first)
        for side in sides[1:]:
            room = (limit if first is None else first) if len(lines) == 1 else limit
            begun = len(lines) == 1 or lines[-1].startswith("= ")  # else it ends a side that is broken already
            if begun and width(lines[-1] + side) <= room:
                lines[-1] += side
            else:
                lines += _broken(side.strip(), limit)
        return lines
    pieces = _split(latex)
    if len(pieces) == 1:
        opened = _opened(latex)
        return _broken(opened, limit, first) if opened != latex else _between_factors(latex, limit, first)
    lines, room = [pieces[0]], limit if first is None else first
    for piece in pieces[1:]:
        if width(lines[-1] + piece) <= room:
            lines[-1] += piece
        else:
            lines.append(piece)
            room = limit
    result: list[str] = []
    for line in lines:
        inner = _opened(line.strip()) if width(line) > limit else line
        more = [line] if inner == line.strip() or inner == line else _broken(inner, limit)
        result += more
    return [line.strip() for line in result]


def _between_factors(latex: str, limit: float, first: float | None) -> list[str]:
    """A product that has no sign to be broken at, in pieces that begin with one: before an indicator, or a fraction."""
    lines, room = [""], limit if first is None else first
    for piece in _split(latex, _FACTORS):
        if not lines[-1] or _SUM_LAST.search(lines[-1]) or width(lines[-1] + piece) <= room:
            lines[-1] += piece
        else:
            lines[-1] = lines[-1].rstrip().removesuffix(r"\,").rstrip()
            lines.append(rf"\cdot {piece.strip()}")
            room = limit
    return lines


def _split(latex: str, signs: tuple[str, ...] = _BREAKS) -> list[str]:
    """The formula cut before every one of the signs that stands outside all brackets."""
    depth, start, pieces, k = 0, 0, list[str](), 0
    while k < len(latex):
        if latex.startswith((r"\left", r"\begin"), k) and not latex.startswith(r"\leftarrow", k):
            depth += 1
            k += 6
            continue
        if latex.startswith((r"\right", r"\end"), k) and not latex.startswith(r"\rightarrow", k):
            depth -= 1
            k += 4 if latex.startswith(r"\end", k) else 7
            continue
        depth += latex[k] in "{(["
        depth -= latex[k] in "})]"
        if depth == 0 and k > start and any(latex.startswith(b, k) for b in signs):
            pieces.append(latex[start:k])
            start = k
        k += 1
    return [*pieces, latex[start:]]


def _opened(latex: str) -> str:
    r"""The formula with its widest outer pair of brackets marked as one that may stand on two lines."""
    spans, stack = list[tuple[int, int]](), list[int]()
    depth = k = 0
    while k < len(latex):
        if latex.startswith(r"\left(", k):
            stack.append(k)
            k += 6
            continue
        if latex.startswith(r"\right)", k) and stack:
            spans.append((stack.pop(), k))
            k += 7
            continue
        depth += (latex[k] == "{") - (latex[k] == "}")
        k += 1
    if not spans:
        return latex
    a, b = max(spans, key=lambda s: s[1] - s[0])
    return rf"{latex[:a]}\Bigl\lparen {latex[a + 6 : b]} \Bigr\rparen{latex[b + 7 :]}"
