r"""The structure of a formula in LaTeX: which parts of it can be put between braces, and whether it can be typeset safely."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbp.calculus.primitives import PRIMITIVES

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|.", re.DOTALL)
_ARGUMENTS = {
    "frac": 2,
    "dfrac": 2,
    "tfrac": 2,
    "cfrac": 2,
    "binom": 2,
    "overset": 2,
    "underset": 2,
    "stackrel": 2,
    "sqrt": 1,
}
_ONE = (
    "hat widehat bar overline tilde widetilde vec dot ddot check breve mathring underline mathbf mathrm mathit "
    "mathsf mathtt mathcal mathbb mathfrak mathscr boldsymbol bm pmb text textrm textbf textit textsf mbox "
    "operatorname boxed overbrace underbrace cancel mathop mathbin mathrel mathord left right big Big bigg Bigg bigl "
    "bigr Bigl Bigr biggl biggr Biggl Biggr label tag class"
).split()
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
    groups: tuple[tuple[int, int, tuple[Unit, ...]], ...] = ()
    parts: bool = False
    scripts: str = ""


def units(text: str) -> tuple[Unit, ...]:
    """The units of a formula; Unbalanced where it is not whole."""
    return _Scanner(text).run(0, None, 0)[0]


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


@dataclass
class _Scanner:
    text: str

    def token(self, at: int) -> str:
        m = _TOKEN.match(self.text, at)
        return m[0] if m else ""

    def skip(self, at: int) -> int:
        while at < len(self.text) and self.text[at].isspace():
            at += 1
        return at

    def run(self, at: int, stop: str | None, depth: int) -> tuple[tuple[Unit, ...], int]:
        """The units up to a closing token, and where that token stands."""
        if depth > _DEEPEST:
            raise Unbalanced("nested too deeply")
        found: list[Unit] = []
        while (at := self.skip(at)) < len(self.text):
            token = self.token(at)
            if token == stop:
                return tuple(found), at
            if token in ("}", r"\right") or token.startswith(r"\end"):
                raise Unbalanced(token)
            if token in ("^", "_", "'"):
                before = found.pop() if found and not found[-1].parts else Unit(at, at, at)
                found.append(self.scripted(before, at, token, depth))
            else:
                found.append(self.unit(at, token, depth))
            at = found[-1].end
        if stop is not None:
            raise Unbalanced(stop)
        return tuple(found), at

    def scripted(self, unit: Unit, at: int, token: str, depth: int) -> Unit:
        if token == "'":
            return replace(unit, end=at + 1, scripts=unit.scripts + "'")
        group, end = self.argument(at + 1, depth)
        return replace(unit, end=end, groups=(*unit.groups, *group), scripts=unit.scripts + token)

    def unit(self, at: int, token: str, depth: int) -> Unit:
        end = at + len(token)
        if token == "{":
            group, end = self.argument(at, depth)
            return Unit(at, end, end, group)
        if token == r"\left":
            inner_start = self.delimiter(end)
            inner, close = self.run(inner_start, r"\right", depth + 1)
            end = self.delimiter(close + len(r"\right"))
            return Unit(at, end, end, ((inner_start, close, inner),))
        if token == r"\begin":
            return self.environment(at)
        name = token[1:].rstrip("*") if token.startswith("\\") else ""
        groups: list[tuple[int, int, tuple[Unit, ...]]] = []
        if name.isalpha():
            count = _ARGUMENTS.get(name, 1 if name in _ONE else 0)
            if name == "sqrt" and self.text[self.skip(end) : self.skip(end) + 1] == "[":
                end = self.text.find("]", end) + 1 or len(self.text)
            for _ in range(count):
                group, end = self.argument(end, depth)
                groups += group
            while not count and self.text[end : end + 1] == "{":  # a command of the document's own
                group, end = self.argument(end, depth)
                groups += group
        return Unit(at, end, end, tuple(groups), parts=token in _SEPARATORS)

    def argument(self, at: int, depth: int) -> tuple[tuple[tuple[int, int, tuple[Unit, ...]], ...], int]:
        """The group at a place, or the single token there, which has no units of its own."""
        at = self.skip(at)
        token = self.token(at)
        if token in ("", "}", "&", "^", "_"):
            raise Unbalanced("an argument is missing")
        if token != "{":
            return (), at + len(token)
        inner, close = self.run(at + 1, "}", depth + 1)
        return ((at + 1, close, inner),), close + 1

    def delimiter(self, at: int) -> int:
        at = self.skip(at)
        token = self.token(at)
        if not token:
            raise Unbalanced("a delimiter is missing")
        return at + len(token)

    def environment(self, at: int) -> Unit:
        depth = 0
        for m in re.finditer(r"\\(begin|end)\s*\{[^{}]*\}", self.text[at:]):
            depth += 1 if m[1] == "begin" else -1
            if depth == 0:
                return Unit(at, at + m.end(), at + m.end())
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
_DELIMITER = re.compile(r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])\s*(\\[A-Za-z]+|\\[{}|]|[()\[\]|./<>])?")

_CASES = re.compile(
    r"(?:(?<=[=+(,-])|(?<=[=+(,-] )|\A)\\begin\{cases\}((?:(?!\\(?:begin|end)(?![A-Za-z])).)*)\\end\{cases\}"
)
"""A choice between cases, where it cannot be the argument of a command."""


def typesets(text: str) -> bool:
    r"""Whether a formula from outside can stand in mathematics: only known signs, whole, no script twice, short.

    Whatever else stands in it (``\input``, ``\write``, ``$``, ``%``, ``#``) is not typeset, but shown as it was written.
    """
    if len(text) > 2000 or not all(c.isascii() and (c.isprintable() or c == " ") for c in text):
        return False
    for m in _CASES.finditer(text):
        lines = [line.split("&") for line in m[1].split(r"\\")]
        if not all(len(cells) <= 2 and all(map(typesets, cells)) for cells in lines):
            return False
    text = _CASES.sub("x", text)
    for m in _TOKEN.finditer(text):
        token = m[0]
        if token.startswith("\\"):
            if token not in _SAFE_SIGNS and token[1:] not in _SAFE_WORDS:
                return False
        elif token in '$%#~&`"\\':
            return False
    if any(not m[1] for m in _DELIMITER.finditer(text)):
        return False
    try:
        return all(_once(u) for u in _walk(units(text)))
    except Unbalanced:
        return False


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
