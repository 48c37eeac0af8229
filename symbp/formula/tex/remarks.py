r"""What stands beside an equation and says for what it holds: ``\forall i``, ``\quad l = 1, \dots, L``, ``\text{(step 1)}``."""

from __future__ import annotations

from symbp.errors import InputError, Place
from symbp.formula.tex.patterns import (
    DIGIT,
    LETTER,
    absent,
    either,
    ended,
    group,
    in_braces,
    many,
    name,
    optional,
    sequence,
    that,
)
from symbp.formula.tex.tokens import Tokens, closing, touching, words_of

IMPLIED = (r"\Rightarrow", r"\Longrightarrow", r"\implies", r"\therefore", r"\iff", r"\Leftrightarrow",
           r"\Longleftrightarrow", "⇒", "⟹", "⇔", "⟺", "∴")  # fmt: skip
"""Signs in front of an equation that say where it comes from."""
_TEXTS = (r"\text", r"\textrm", r"\textit", r"\textbf", r"\mbox")
_TEXT = name(*_TEXTS)
_ALL = {"", "for", "over", "all", "each", "every", "any"} | {
    f"{a} {b}" for a in ("for", "over") for b in ("all", "each", "every", "any")
}
_CONDITIONS = frozenset(
    ("if", "when", "whenever", "where", "with", "for", "unless", "since", "because", "and", "or", "as", "in")
)
_QUADS, _SPACES = (r"\quad", r"\qquad"), (r"\,", r"\;", r"\:", r"\ ")
_QUAD, _GAP = name(*_QUADS), name(*_QUADS, *_SPACES)
BESIDE = frozenset((",", ";", r"\forall", *_QUADS, *_SPACES, *_TEXTS))
"""What a remark begins with."""
IN_WORDS = frozenset((r"\text", r"\textrm", r"\mbox"))
"""What a condition in words begins with."""
_PUNCTUATION = name(".", ",", ";")
_LETTERS = sequence(LETTER, many(sequence(name(","), LETTER)))
_DOTS = either(name(r"\ldots", r"\cdots", r"\dots"), sequence(name("."), name("."), name(".")))
_FIRST = either(DIGIT, sequence(name("L", "K", "N", "n"), optional(sequence(name("-"), name("1")))))
_LAST = sequence(
    either(LETTER, DIGIT),
    many(either(LETTER, DIGIT)),
    optional(sequence(name("-", "+"), name("1"))),
    optional(sequence(name("_"), either(LETTER, DIGIT))),
)


def _counted(tokens: Tokens) -> bool:
    r"""Whether a set lists numbers with dots, ``0, 1, \dots, n``."""
    names = [t.name for t in tokens]
    return (
        names[:1] in (["0"], ["1"])
        and names[1:2] == [","]
        and any(n in (r"\ldots", r"\cdots", r"\dots") for n in names)
    )


def _unbraced(tokens: Tokens) -> bool:
    """Whether there is no group in braces among tokens."""
    return not any(t.name in "{}" for t in tokens)


_VALUES = either(
    sequence(name("="), _FIRST, name(","), optional(sequence(name("2"), name(","))), _DOTS, name(","), _LAST),
    sequence(name(r"\in"), group(r"\{", r"\}", lambda tokens: _counted(tokens) and _unbraced(tokens))),
)
_LABEL = sequence(
    many(that(lambda t: t.is_letter and t.name.isupper())), DIGIT, optional(DIGIT), optional(DIGIT), optional(LETTER)
)
_END = sequence(optional(_PUNCTUATION), ended)
_NUMBERED = sequence(name(r"\qquad"), name("("), _LABEL, name(")"))
_REMARK = either(
    sequence(either(sequence(name(",", ";"), many(_GAP)), sequence(_QUAD, many(_QUAD))), _LETTERS, _VALUES, _END),
    sequence(
        many(sequence(absent(_NUMBERED), either(name(",", ";"), _GAP))),
        either(
            sequence(_TEXT, in_braces(lambda inside: _in_brackets(words_of(inside)))),
            _NUMBERED,
            sequence(
                either(
                    name(r"\forall"),
                    sequence(name(r"\text", r"\mbox"), in_braces(lambda inside: words_of(inside).lstrip(", ") in _ALL)),
                ),
                _LETTERS,
                optional(_VALUES),
            ),
        ),
        _END,
    ),
)


def _in_brackets(words: str) -> bool:
    return words[:1] == "(" and words[-1:] == ")" and not {*"{}$"} & {*words}


def without_remark(tokens: Tokens) -> Tokens:
    """The equation without the remark at its end."""
    for k in range(len(tokens)):
        if tokens[k].name in BESIDE and _REMARK(tokens, k) is not None:
            return tokens[:k]
    return tokens


def _letters(tokens: Tokens, at: int) -> int | None:
    """A letter that is a set, ``N``, with what touches it."""
    if at >= len(tokens) or not tokens[at].name.isupper():
        return None
    while at + 1 < len(tokens) and touching(tokens[at], tokens[at + 1]) and tokens[at + 1].name not in (":", ","):
        at += 1
    return at + 1


_SET = either(group("[", "]"), group(r"\{", r"\}", _unbraced), _letters)
_FOR_ALL = sequence(name(r"\forall"), _LETTERS, optional(sequence(name(r"\in"), _SET)))
_BEHIND = many(either(name(":", ","), _GAP))


def without_lead(tokens: Tokens) -> Tokens:
    """The equation without what stands before it."""
    at = optional(name(*IMPLIED))(tokens, 0) or 0
    said = _FOR_ALL(tokens, at)
    if said is None:
        return tokens[at:]
    end = _BEHIND(tokens, said) or said
    apart = end > said or (said < len(tokens) and not touching(tokens[said - 1], tokens[said]))
    return tokens[end if apart else at :]


_NEXT = frozenset(
    ("next", "next layer", "output", "outputs", "output layer", "downstream", "succ", "successor", "successors", "child",
     "children", "layer", "units", "neurons", "nodes", "all")
)  # fmt: skip
"""The units of the next layer, which are all that there are where every unit meets every one."""
_UNITS = sequence(
    name(r"\in"),
    name(r"\text", r"\mathrm", r"\textrm", r"\textit", r"\mathit", r"\operatorname"),
    in_braces(lambda inside: words_of(inside).lower() in _NEXT),
    optional(sequence(name("("), LETTER, name(")"))),
)


def over_all(tokens: Tokens) -> Tokens:
    r"""The equation with sums over what the next layer has, ``\sum_{k \in \text{outputs}}``, as sums over all."""
    found, k = [], 0
    while k < len(tokens):
        before = [t.name for t in tokens[max(0, k - 3) : k - 1]]
        end = _UNITS(tokens, k) if before == ["_", "{"] and tokens[k - 1].is_letter else None
        if end is not None and end < len(tokens) and tokens[end].name == "}":
            k = end
        found.append(tokens[k])
        k += 1
    return found


def no_condition(tokens: Tokens) -> Tokens:
    """The equation as it is; InputError where a condition stands beside it in words, which would have to be understood."""
    for k, token in enumerate(tokens):
        if token.name in IN_WORDS and (end := closing(tokens, k + 1)) is not None:
            words = words_of(tokens[k + 2 : end]).lstrip(", ").split()
            if words and _first_word(words[0]) in _CONDITIONS:
                message = "a condition or a remark in words is not read"
                allowed = r"the equation alone, or \begin{cases}"
                raise InputError(message, place=Place(None, None, token.start + 1), allowed=allowed)
    return tokens


def _first_word(text: str) -> str:
    return "".join(c if c.isalnum() or c == "_" else " " for c in text).split(" ")[0]
