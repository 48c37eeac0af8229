r"""LaTeX without what has no meaning in mathematics: spacing, fonts, labels, remarks; what is left keeps its place.

A list of passes, each from tokens to tokens. What TeX writes with several commands and mathematics means as one sign is one token
behind them, of a kind that the grammar knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise

from symbp.formula.tex.patterns import DIGIT, LETTER, either, in_braces, name, optional, sequence, that, whole
from symbp.formula.tex.remarks import BESIDE, IN_WORDS, no_condition, over_all, without_lead, without_remark
from symbp.formula.tex.tokens import TexToken, Tokens, argument, closing, tokens_of, touching, words_of

Pass = Callable[[Tokens], Tokens]

_SIZES = frozenset(
    (r"\left", r"\right", r"\middle", r"\bigl", r"\bigr", r"\Bigl", r"\Bigr", r"\biggl", r"\biggr", r"\Biggl", r"\Biggr",
     r"\big", r"\Big", r"\bigg", r"\Bigg", r"\bigm")
)  # fmt: skip
"""Sizes of brackets; a point behind one is no bracket."""
_LAYOUT: Mapping[str, int] = {
    **dict.fromkeys(
        (r"\quad", r"\qquad", r"\displaystyle", r"\textstyle", r"\scriptstyle", r"\limits", r"\nolimits", r"\nonumber",
         r"\notag", r"\allowbreak", r"\noindent", r"\thinspace", r"\enspace", r"\hfill", r"\rm", r"\bf", r"\it", r"\sf",
         r"\cal", r"\boldmath", r"\unboldmath", r"\,", r"\;", r"\:", r"\!", r"\>", r"\ ", "~", "&"), 0
    ),
    **dict.fromkeys((r"\label", r"\tag", r"\hspace", r"\vspace", r"\hskip", r"\hphantom", r"\vphantom", r"\phantom"), 1),
    **{rf"\{side}{{{environment}}}": 0 for side in ("begin", "end")
       for environment in ("aligned", "split", "gathered", "equation", "equation*", "align", "align*", "displaymath", "math")},
}  # fmt: skip
"""Commands that place what is there, and how many arguments they take."""
_OPEN, _CLOSE = ("$", "$$", r"\[", r"\("), ("$", "$$", r"\]", r"\)")
_WORDS = frozenset(
    (r"\operatorname", r"\mathrm", r"\mathit", r"\mathsf", r"\mathtt", r"\text", r"\textrm", r"\textsf", r"\textit", r"\texttt")
)  # fmt: skip
"""Fonts in which several letters are one word."""
_FONTS = _WORDS | {r"\mathbf", r"\boldsymbol", r"\bm", r"\mathnormal", r"\mathbfit", r"\symbf", r"\pmb", r"\textbf"}
_CALLIGRAPHIC = frozenset((r"\mathcal", r"\mathscr", r"\mathfrak"))
_CAPITAL = that(lambda token: token.is_letter and token.name.isupper())


def _in(pattern: Callable[[Tokens, int], int | None]) -> Callable[[Tokens, int], int | None]:
    """What a pattern says as an argument: in braces, or alone."""
    return either(in_braces(whole(pattern)), pattern)


_ONES = sequence(name(r"\mathbf", r"\mathbb", r"\mathds", r"\boldsymbol", r"\bm"), _in(name("1")))
_VECTOR_OF_ONES = sequence(name(r"\vec"), _in(name("1")))
_INDICATOR = sequence(name(r"\mathbb", r"\mathds", r"\mathbf", r"\mathrm", r"\operatorname"), _in(name("I")))
_ANGLES = {"<": ">", r"\langle": r"\rangle", "⟨": "⟩"}
_COMPARED = name("<", ">", r"\le", r"\leq", r"\ge", r"\geq", "=", r"\ne", r"\neq", r"\lt", r"\gt")
_ARGUMENT = either(
    name("(", "[", r"\{"),
    sequence(name("_"), in_braces(lambda inside: any(_COMPARED(inside, k) is not None for k in range(len(inside))))),
)
_OVER = (r"\overset", r"\underset", r"\stackrel")
_CASES = (r"\begin{cases}", r"\begin{dcases}")
_EACH = (r"\odot", r"\circ", "⊙", "∘")
_EQUALITY = either(name("=", r"\equiv"), sequence(name(":"), name("=")))
_PART_OF_WORD = either(LETTER, DIGIT, name("_", r"\_"))


def cleaned(tokens: Tokens) -> Tokens:
    """The tokens that have a meaning.

    Raises
    ------
    InputError : a condition in words, which would have to be understood
    """
    names = {token.name for token in tokens}
    for signs, one in PASSES:
        if signs is None or not signs.isdisjoint(names):
            tokens = one(tokens)
    return tokens


def in_cases(tokens: Tokens) -> Tokens:
    r"""``\begin{cases} a & x > 0 \\ b & \text{otherwise} \end{cases}`` with marks for cells and rows."""
    found: list[TexToken] = []
    k = 0
    while k < len(tokens):
        end = _end_of_cases(tokens, k)
        if end is None:
            found.append(tokens[k])
            k += 1
            continue
        body = [*_cells(tokens[k + 1 : end])]
        while body and body[-1].name in ".,;":
            body.pop()
        found += [_mark(tokens[k], "OPENCASES"), *body, _mark(tokens[end], "CLOSECASES")]
        k = end + 1
    return found


def _end_of_cases(tokens: Tokens, at: int) -> int | None:
    if tokens[at].name not in _CASES:
        return None
    return next((k for k in range(at, len(tokens)) if tokens[k].name in (r"\end{cases}", r"\end{dcases}")), None)


def _cells(body: Tokens) -> list[TexToken]:
    found: list[TexToken] = []
    k = 0
    while k < len(body):
        token, end = body[k], k + 1
        if token.name == r"\\":
            spaced = closing(body, k + 1, "[", "]")
            end = k + 1 if spaced is None else spaced + 1
            token = _mark(token, "NEXTROW")
        elif token.name == "&":
            token = _mark(token, "NEXTCELL")
        elif (
            token.name in (r"\text", r"\mbox", r"\textrm", r"\mathrm") and (closed := closing(body, k + 1)) is not None
        ):
            words = words_of(body[k + 2 : closed]).rstrip(",").rstrip(".")
            otherwise = words.removeprefix("if ") in ("otherwise", "else") or (not words and token.name == r"\text")
            if otherwise or words in ("if", "for", "when", "where", "falls"):
                k = closed + 1
                found += [_mark(token, "OTHERWISE")] if otherwise else []
                continue
        found.append(token)
        k = end
    return found


def evaluated(tokens: Tokens) -> Tokens:
    r"""``\left. ... \right|_{x}`` with marks of its own."""
    found = [*tokens]
    for k in range(len(found)):
        if [t.name for t in found[k : k + 2]] != [r"\left", "."]:
            continue
        end = next((j for j in range(k + 2, len(found)) if found[j].name in (r"\left", r"\right")), len(found))
        if [t.name for t in found[end : end + 3]] == [r"\right", "|", "_"]:
            found[k + 1] = _mark(found[k + 1], "OPENAT")
            found[end + 1] = _mark(found[end + 1], "CLOSEAT")
    return found


def plain_signs(tokens: Tokens) -> Tokens:
    r"""Signs of equality that carry a remark, ``\stackrel{(a)}{=}``, as plain ones; a question mark is no remark: what it
    stands on is asked, not claimed."""
    found: list[TexToken] = []
    k = 0
    while k < len(tokens):
        remark, behind = argument(tokens, k + 1) if tokens[k].name in _OVER else ((), k)
        sign, end = argument(tokens, behind) if remark and [t.name for t in remark] != ["?"] else ((), k)
        if sign and whole(_EQUALITY)(sign):
            found += [replace(t, start=tokens[k].start + j, end=tokens[k].start + j + 1) for j, t in enumerate(sign)]
            k = end
            continue
        found.append(tokens[k])
        k += 1
    return found


def with_plain_signs(text: str) -> str:
    """A text with :func:`plain_signs`, every character in its column."""
    if not any(sign in text for sign in _OVER):
        return text
    before = tokens_of(text)
    after = plain_signs(before)
    characters = [*text]
    for token in {*before} - {*after}:
        characters[token.start : token.end] = " " * (token.end - token.start)
    for token in {*after} - {*before}:
        characters[token.start : token.end] = token.name
    return "".join(characters)


def without_layout(tokens: Tokens) -> Tokens:
    """The equation without what places it, and without the signs of mathematics around it."""
    first, last = 0, len(tokens)
    if first < last and tokens[first].name in _OPEN:
        first += 1
    closed = last - 1 if first < last and tokens[last - 1].name in ".,;" else last
    if first < closed and tokens[closed - 1].name in _CLOSE:
        last = closed - 1
    found: list[TexToken] = []
    k = first
    while k < last:
        token = tokens[k]
        k += 1
        if token.kind:
            found.append(token)
        elif token.name in _SIZES:
            k += k < last and tokens[k].name == "." and not tokens[k].kind and touching(token, tokens[k])
        elif (arguments := _LAYOUT.get(token.name)) is not None:
            k += k < last and arguments > 0 and tokens[k].name == "*"
            end = closing(tokens, k) if arguments else None
            k = k if end is None else end + 1
        else:
            found.append(token)
    return found


def words_and_fonts(tokens: Tokens) -> Tokens:
    r"""Words, ones and calligraphic letters in one token each; other fonts say nothing."""
    found: list[TexToken] = []
    k = 0
    while k < len(tokens):
        token = tokens[k]
        made, end = (None, k + 1) if token.kind else _in_font(tokens, k)
        if made is not None:
            found.append(replace(made, end=tokens[end - 1].end))
        elif token.kind or token.name not in _FONTS:
            found.append(token)
        k = end
    return found


def _in_font(tokens: Tokens, k: int) -> tuple[TexToken | None, int]:
    """What a font with its argument is where that is one sign, and where the text goes on."""
    token = tokens[k]
    indicator = _INDICATOR(tokens, k)
    if indicator is not None and _ARGUMENT(tokens, indicator) is not None:
        return _mark(token.called("1"), "ONES"), indicator
    if indicator is not None and token.name in (r"\mathbb", r"\mathds"):
        return token.called("I"), indicator  # the identity matrix
    ones = either(_ONES, _VECTOR_OF_ONES)(tokens, k)
    if ones is not None:
        return _mark(token.called("1"), "ONES"), ones
    if token.name in _CALLIGRAPHIC and (end := _in(_CAPITAL)(tokens, k + 1)) is not None:
        letter = argument(tokens, k + 1)[0][0]
        return token.called(rf"\cal{letter.name}"), end
    starred = optional(name("*"))(tokens, k + 1) if token.name == r"\operatorname" else k + 1
    assert starred is not None
    closed = closing(tokens, starred) if token.name in _WORDS else None
    if closed is not None and _is_word(inside := tokens[starred + 1 : closed]):
        word = "".join(t.name.lstrip("\\") for t in inside)
        return _mark(token.called(word), "WORD"), closed + 1
    return None, starred


def _is_word(tokens: Tokens) -> bool:
    """Whether tokens are a word of several letters."""
    letters = len(tokens) > 1 and tokens[0].is_letter and all(_PART_OF_WORD((t,), 0) for t in tokens)
    return letters and all(touching(a, b) for a, b in pairwise(tokens))


def powers_of_elements(tokens: Tokens) -> Tokens:
    r"""The sign of a power of each element, ``A^{\circ 2}``, with a mark of its own."""
    found = [*tokens]
    for k in range(2, len(found) - 1):
        if [t.name for t in found[k - 2 : k]] == ["^", "{"] and found[k].name in _EACH:
            found[k] = found[k] if found[k + 1].name == "}" else _mark(found[k], "EACH")
    return found


def positive_parts(tokens: Tokens) -> Tokens:
    r"""The sign of a positive part, ``[z]_+``, with a mark of its own."""
    found: list[TexToken] = []
    for k, token in enumerate(tokens):
        if token.name == "+" and k and tokens[k - 1].name == "_":
            token = _mark(token, "PLUS")
        elif [t.name for t in tokens[k - 2 : k + 2]] == ["_", "{", "+", "}"] and k > 1:
            found.pop()
            token = _mark(token, "PLUS")
        elif [t.name for t in tokens[k - 3 : k + 1]] == ["_", "{", "+", "}"] and k > 2:
            continue
        found.append(token)
    return found


def steps(tokens: Tokens) -> Tokens:
    r"""Steps in angles, ``h^{<t-1>}`` and ``h^{\langle t \rangle}``, as those in brackets."""
    found = [*tokens]
    for k in range(2, len(found)):
        if [t.name for t in found[k - 2 : k]] == ["^", "{"] and found[k].name in _ANGLES:
            end = closing(found, k - 1)
            if end is not None and found[end - 1].name == _ANGLES[found[k].name]:
                found[k], found[end - 1] = found[k].called("("), found[end - 1].called(")")
    return found


def bars(tokens: Tokens) -> Tokens:
    """Of bars, and of double bars, every other one opens, and the next one closes."""
    counts = {"|": 0, r"\|": 0}
    found: list[TexToken] = []
    for token in tokens:
        if token.name == "||" and not token.kind:
            if counts["|"] % 2 and not counts[r"\|"] % 2:  # |v||w|: one ends, and another begins
                counts["|"] += 2
                halves = replace(token, name="|", end=token.start + 1), replace(token, name="|", start=token.end - 1)
                found += [_mark(halves[0], "CLOSEBAR"), _mark(halves[1], "OPENBAR")]
                continue
            token = token.called(r"\|")
        if token.name in counts and not token.kind:
            counts[token.name] += 1
            side = "OPEN" if counts[token.name] % 2 else "CLOSE"
            token = _mark(token, side + ("BAR" if token.name == "|" else "NORM"))
        found.append(token)
    return found


def without_end(tokens: Tokens) -> Tokens:
    """The equation without the points and the new lines behind it."""
    last = len(tokens)
    while last and tokens[last - 1].name in (".", ",", ";", r"\\"):
        last -= 1
    return tokens[:last]


def _mark(token: TexToken, kind: str) -> TexToken:
    return replace(token, kind=kind)


PASSES: tuple[tuple[frozenset[str] | None, Pass], ...] = (
    (None, without_lead),
    (frozenset((r"\in",)), over_all),
    (frozenset(_CASES), in_cases),
    (frozenset((r"\left",)), evaluated),
    (BESIDE, without_remark),
    (IN_WORDS, no_condition),
    (frozenset(_OVER), plain_signs),
    (None, without_layout),
    (frozenset(_EACH), powers_of_elements),
    (frozenset("+"), positive_parts),
    (frozenset(_ANGLES), steps),
    (_FONTS | _CALLIGRAPHIC | {r"\mathbb", r"\mathds", r"\vec"}, words_and_fonts),
    (frozenset(("|", "||", r"\|")), bars),
    (None, without_end),
)
"""What is done to the tokens of an equation, in order: where it has one of these names, or in every one."""
