r"""The structure of a formula in LaTeX: which parts of it can be put between braces, and whether it can be typeset safely."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from symbp.calculus.primitives import PRIMITIVES
from symbp.formula.tex.patterns import name, that
from symbp.formula.tex.tokens import Tokens, closing, tokens_of, touching

_ARGUMENTS = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "binom", "overset", "underset", "stackrel"), 2),
    **dict.fromkeys((
        "sqrt hat widehat bar overline tilde widetilde vec dot ddot check breve mathring underline mathbf mathrm mathit "
        "mathsf mathtt mathcal mathbb mathfrak mathscr boldsymbol bm pmb text textrm textbf textit textsf mbox "
        "operatorname boxed overbrace underbrace cancel mathop mathbin mathrel mathord left right big Big bigg Bigg bigl "
        "bigr Bigl Bigr biggl biggr Biggl Biggr label tag class"
    ).split(), 1),
}  # fmt: skip
"""How many arguments a command takes."""
_SEPARATORS = {r"\\", "&", r"\quad", r"\qquad", r"\nonumber", r"\notag", r"\label", r"\tag", r"\hline", r"\intertext"}
_DEEPEST = 40


class Unbalanced(ValueError):
    """The formula's braces, or its \\left and \\right, do not match."""


@dataclass(frozen=True)
class Unit:
    """A sign with its arguments and scripts: where it begins, where the sign with its arguments ends, and where the scripts do.

    `groups` are the parts in braces (or between \\left and \\right), each with its units; `parts` says that the formula is
    parted here, by an alignment or a wide gap.
    """

    start: int
    base: int
    end: int
    groups: tuple[Group, ...] = ()
    parts: bool = False
    scripts: str = ""


Group: TypeAlias = tuple[int, int, tuple[Unit, ...]]


def units(text: str) -> tuple[Unit, ...]:
    """The units of a formula; Unbalanced where it is not whole."""
    return _units(tokens_of(text), 0, "", 0)[0]


def markable(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The smallest parts that cover `start` to `end` and can each be put between braces; none where that cannot be done."""
    try:
        found = _covering(units(text), start, end)
    except Unbalanced:
        return []
    return [(a, b) for a, b in found if text[a:b].strip()]


def _covering(all_units: tuple[Unit, ...], start: int, end: int) -> list[tuple[int, int]]:
    touched = [u for u in all_units if u.start < end and u.end > start]
    if not touched:
        return []
    if len(touched) == 1:
        (one,) = touched
        for a, b, inner in one.groups:
            if a <= start and end <= b and (a < start or end < b or one.base < a):
                return _covering(inner, start, end)
        return [(one.start, one.base if end <= one.base else one.end)]
    runs: list[list[Unit]] = [[]]
    for unit in touched:
        if unit.parts:
            runs.append([])
        else:
            runs[-1].append(unit)
    return [(r[0].start, r[-1].end) for r in runs if r]


def _units(tokens: Tokens, k: int, stop: str, depth: int) -> tuple[tuple[Unit, ...], int]:
    """The units up to a closing token, and where that token stands."""
    if depth > _DEEPEST:
        raise Unbalanced("nested too deeply")
    found: list[Unit] = []
    while k < len(tokens) and tokens[k].name != stop:
        name = tokens[k].name
        if name in ("}", r"\right") or name.startswith(r"\end"):
            raise Unbalanced(name)
        if name in ("^", "_", "'"):
            start = tokens[k].start
            before = found.pop() if found and not found[-1].parts else Unit(start, start, start)
            groups, k = ((), k + 1) if name == "'" else _argument(tokens, k + 1, depth)
            end = tokens[k - 1].end
            found.append(replace(before, end=end, groups=(*before.groups, *groups), scripts=before.scripts + name))
        else:
            groups, end = _base(tokens, k, depth)
            found.append(Unit(tokens[k].start, tokens[end - 1].end, tokens[end - 1].end, groups, name in _SEPARATORS))
            k = end
    if stop and k == len(tokens):
        raise Unbalanced(stop)
    return tuple(found), k


def _base(tokens: Tokens, k: int, depth: int) -> tuple[tuple[Group, ...], int]:
    """The groups of a sign with its arguments, and where the text goes on."""
    name = tokens[k].name
    if name == "{":
        return _argument(tokens, k, depth)
    if name == r"\left":
        begun = _delimiter(tokens, k + 1)
        inner, close = _units(tokens, begun, r"\right", depth + 1)
        return ((tokens[begun - 1].end, tokens[close].start, inner),), _delimiter(tokens, close + 1)
    if name.startswith(r"\begin"):
        return (), _environment(tokens, k)
    k += 1
    if not name[1:].isalpha():
        return (), k
    if k < len(tokens) and tokens[k].name == "*" and touching(tokens[k - 1], tokens[k]):
        k += 1
    if name == r"\sqrt" and k < len(tokens) and tokens[k].name == "[":
        k = (closing(tokens, k, "[", "]") or len(tokens)) + 1
    count, groups = _ARGUMENTS.get(name[1:], 0), list[Group]()
    own = count == 0  # a command of the document's own
    while count or (own and k < len(tokens) and tokens[k].name == "{" and touching(tokens[k - 1], tokens[k])):
        group, k = _argument(tokens, k, depth)
        groups, count = [*groups, *group], max(0, count - 1)
    return tuple(groups), k


def _argument(tokens: Tokens, k: int, depth: int) -> tuple[tuple[Group, ...], int]:
    """The group at a place, or nothing for the single token there, which has no units; and where the text goes on."""
    if k >= len(tokens) or tokens[k].name in ("}", "&", "^", "_"):
        raise Unbalanced("an argument is missing")
    if tokens[k].name != "{":
        return (), k + 1
    inner, close = _units(tokens, k + 1, "}", depth + 1)
    return ((tokens[k].end, tokens[close].start, inner),), close + 1


def _delimiter(tokens: Tokens, k: int) -> int:
    if k >= len(tokens):
        raise Unbalanced("a delimiter is missing")
    return k + 1


def _environment(tokens: Tokens, k: int) -> int:
    """Where the environment that begins at a place has ended."""
    depth = 0
    for j in range(k, len(tokens)):
        depth += tokens[j].name.startswith(r"\begin{") - tokens[j].name.startswith(r"\end{")
        if depth == 0:
            return j + 1
    raise Unbalanced(r"\begin")


_SAFE_WORDS = frozenset(
    (
        "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma "
        "tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega partial "
        "nabla sum prod frac dfrac tfrac sqrt hat widehat bar overline tilde widetilde vec dot ddot mathbf mathrm "
        "mathit mathsf mathtt mathcal mathbb boldsymbol operatorname text textrm left right big Big bigl bigr Bigl "
        "Bigr odot circ cdot times oslash otimes oplus div top intercal prime quad qquad exp log ln max min tanh sin "
        "cos tan sinh cosh arctan det dim ell infty leq geq le ge neq ne lt gt to leadsto rightarrow leftarrow gets "
        "mapsto in mid vert Vert lvert rvert lVert rVert langle rangle lbrace rbrace lbrack rbrack cdots ldots dots "
        "vdots approx equiv sim propto pm mp ast star dagger hbar Re Im limits nolimits displaystyle textstyle colon"
    ).split()
) | {p.latex[1:] for p in PRIMITIVES if p.is_operator}
_SAFE_SIGNS = frozenset([r"\,", r"\;", r"\:", r"\!", r"\ ", r"\{", r"\}", r"\|", r"\>"])
_SIZES = name(r"\left", r"\right", *(rf"\{b}ig{g}{side}" for b in "bB" for g in ("", "g") for side in ("", "l", "r")))
_DELIMITER = that(lambda token: token.is_command or token.name in (r"\{", r"\}", r"\|", *"()[]|./<>"))
_BEFORE_CASES = ("=", "+", "(", ",", "-")
"""What a choice between cases stands behind, where it cannot be the argument of a command."""


def typesets(text: str) -> bool:
    r"""Whether a formula from outside can stand in mathematics: only known signs, whole, no script twice, short.

    Whatever else stands in it (``\input``, ``\write``, ``$``, ``%``, ``#``) is not typeset, but shown as it was written.
    """
    if len(text) > 2000 or not all(c.isascii() and (c.isprintable() or c == " ") for c in text):
        return False
    tokens = tokens_of(text)
    for k, token in enumerate(tokens):
        if token.name == r"\begin{cases}" and (k == 0 or tokens[k - 1].name in _BEFORE_CASES):
            return _typesets_cases(text, tokens, k)
        safe = token.name in _SAFE_SIGNS or token.name[1:] in _SAFE_WORDS
        starred = (
            token.is_command and k + 1 < len(tokens) and tokens[k + 1].name == "*" and touching(token, tokens[k + 1])
        )
        if starred or (not safe if token.name[0] == "\\" else token.name[0] in '$%#~&`"'):
            return False
        if _SIZES(tokens, k) is not None and _DELIMITER(tokens, k + 1) is None:
            return False
    try:
        return all(_once(u) for u in _walk(units(text)))
    except Unbalanced:
        return False


def _typesets_cases(text: str, tokens: Tokens, k: int) -> bool:
    """Whether a choice between cases can be typeset, and the text without it."""
    end = next((j for j in range(k + 1, len(tokens)) if tokens[j].name.startswith((r"\begin", r"\end"))), k)
    if tokens[end].name != r"\end{cases}":
        return False
    rows = [line.split("&") for line in text[tokens[k].end : tokens[end].start].split(r"\\")]
    cells = all(len(row) <= 2 and all(map(typesets, row)) for row in rows)
    return cells and typesets(f"{text[: tokens[k].start]}x{text[tokens[end].end :]}")


def _walk(all_units: tuple[Unit, ...]) -> Iterator[Unit]:
    for unit in all_units:
        yield unit
        for _, _, inner in unit.groups:
            yield from _walk(inner)


def _once(unit: Unit) -> bool:
    """Whether TeX takes the scripts: one above and one below, and no prime after what stands above."""
    scripts = re.sub("'+", "'", unit.scripts)
    return (
        scripts.count("_") < 2
        and scripts.count("^") < 2
        and scripts.count("'") < 2
        and not re.search(r"\^.*'", scripts)
    )
