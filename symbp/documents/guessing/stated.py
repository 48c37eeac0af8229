r"""Equations that say what a name is: ``\mathbf{o} = W^{(2)} h + b``, ``J(w) = \frac12 \|Xw - y\|^2``, ``f(z) = \max(0, z)``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from symbp.documents.equations import Equation
from symbp.documents.rows import signs
from symbp.errors import InputError
from symbp.formula.latex.equation import chain_of
from symbp.formula.latex.reader import Reader
from symbp.formula.latex.symbols import POWER, symbols
from symbp.formula.syntax import Binary, Call, Node, Number, Partial, Sym, children, nodes, with_children
from symbp.formula.tex.spelling import spelled
from symbp.formula.tex.traced import Traced
from symbp.notation import LOSSES, Notation
from symbp.verification.problems.latex import own_notation

APPLIED = re.compile(r"(?<![A-Za-z\\])(?P<letter>\\(?:phi|varphi|psi|rho|zeta)(?![A-Za-z])|[fgh])\s*"
                     r"(?P<prime>'+|\^\{?\s*\\prime\s*\}?)?\s*(?:\\left|\\big|\\bigl)?\s*\((?P<inside>[^()]*)")  # fmt: skip
"""A letter that may be a function, applied to something."""
_ARGUMENTS = re.compile(
    r"(?P<letter>(?:(?<![A-Za-z\\])[A-Za-z]|\\(?:hat|bar|tilde|mathcal|mathbf|mathrm)\s*\{\s*\w\s*\}|\\(?:ell|pi|mu|calL|calJ))"
    r"(?:_(?:\{[A-Za-z0-9\\,]+\}|\w))?)\s*(?:\\left)?\((?P<inside>[^()=]*)(?:\\right)?\)"
)
_GRADIENT = re.compile(r"\\nabla\s*(?P<of>\\?[A-Za-z]+)\((?P<by>\\?[A-Za-z]+)\)")
_GENERIC = re.compile(
    r"\s*(?:\\mathcal\s*\{?|\\mathrm\s*\{|\\text\s*\{)?\\?(?:l|ell|L|loss|Loss|cost)\}?\s*\(\s*(?P<of>[^(),]+?)\s*,[^()]*\)\s*"
)
_GREEK = frozenset(
    ("alpha", "beta", "gamma", "theta", "lambda", "mu", r"\alpha", r"\beta", r"\gamma", r"\theta", r"\lambda", r"\mu")
)
_GREEK_NAMES = {r"\lambda": "lam", "lambda": "lam"}


@dataclass(frozen=True)
class Stated:
    """What one equation says that a name is: the number of the equation in the document, the name, the indices that it has there,
    and the tree of its right side; of a function, the letter of its argument. `generic` is what a loss is of, of which nothing
    is said but that, and `link` which part of a chain of equalities says it."""

    at: int
    name: str
    letters: tuple[str, ...]
    right: Node
    argument: str = ""
    generic: str = ""
    link: int = 0

    @property
    def reads(self) -> frozenset[str]:
        """The names that stand on the right side."""
        return frozenset(names_of(self.right)) - {self.argument} - {""}


def functions_of(equations: Iterable[Equation]) -> dict[str, str]:
    """The letters that are applied to one argument, without their signs, each with the text of its letter; a letter that is the
    value of several (``f(x, y)``) is none."""
    found, several = dict[str, str](), set[str]()
    for equation in (e for e in equations if not e.code):
        several.add(equation.sides[0].strip().lstrip("\\"))  # a letter that an equation gives a value, h = ...
        for m in APPLIED.finditer(equation.text):
            name = m["letter"].lstrip("\\")
            found[name] = m["letter"]
            if "," in m["inside"]:
                several.add(name)
    return {name: letter for name, letter in found.items() if name not in several}


def letters_of(functions: Iterable[str]) -> Notation:
    """A notation in which every letter is a name, and some are functions."""
    return own_notation("", {}, functions)


def stated(equations: Sequence[Equation], functions: Iterable[str]) -> list[Stated]:
    """What the equations of a document define, in order; numbers, updates, derivatives and closed forms define nothing."""
    notation = letters_of(functions)
    reader = Reader(notation, frozenset())
    found = []
    for at, equation in enumerate(equations):
        one = _stated(at, equation, reader, frozenset(functions))
        if one is not None:
            found.append(one)
    return found


def without_arguments(text: str, functions: frozenset[str]) -> str:
    """A text with the arguments of its variables left out, ``f(x, y)``, every character in its column."""

    def blank(m: re.Match[str]) -> str:
        plain = re.sub(r"[\s,;]|\\[;,:]|\\(?:mathbf|boldsymbol|bm|vec)|[{}_]|\\[a-z]+|[A-Za-z]\d*|\d", "", m["inside"])
        several = "," in m["inside"]
        known = m["letter"].lstrip("\\") in functions
        keep = plain or known or not (several or m["letter"] in LOSSES)
        return m[0] if keep or not m["inside"].strip() else m["letter"].ljust(len(m[0]))

    text = _GRADIENT.sub(lambda m: rf"\nabla_{m['by']} {m['of']}".ljust(len(m[0])), text)
    return _ARGUMENTS.sub(blank, text)


def _stated(at: int, equation: Equation, reader: Reader, functions: frozenset[str]) -> Stated | None:
    left, right = equation.sides
    if equation.code or equation.is_number or not right.strip() or "[" in left.split("^")[0]:
        return None
    target = _side(without_arguments(left, functions), reader)
    argument, letters = "", tuple[str, ...]()
    if isinstance(target, Call) and not target.primes and len(target.args) == 1:
        argued = target.args[0]
        if not isinstance(argued, Sym) or argued.subs or target.name not in {*functions, "sigmoid"}:
            return None
        name, argument = target.name, name_of(argued)
    elif isinstance(target, Sym) and not target.gradient and target.power is None:
        name, letters = name_of(target), tuple(c for c in target.subs if not c.isdigit())
        if target.base in _ERRORS or (target.layer is not None and target.layer.letter):
            return None  # a derivative, though the page may not say so
        if plain(target.base) in _LOSS_NAMES and all(c in _GREEK for c in letters):
            letters = ()  # J_\lambda, another loss
    else:
        return None
    links = _links(right)
    generic = _GENERIC.fullmatch(links[0])
    if generic is not None and not letters:
        of = _side(generic["of"], reader)
        return Stated(at, name, (), Number("0"), "", name_of(of)) if isinstance(of, Sym) else None
    for k, link in enumerate(links):
        body = _side(without_arguments(link, functions), reader)
        alias = isinstance(body, Sym) and len(links) > k + 1  # another letter for it, which is what the next part says
        if body is not None and name and not (alias or _EXAMPLE.search(link)) and _defines(name, body, argument):
            return Stated(at, name, letters, body, argument, link=k)
    return None


_EXAMPLE = re.compile(r"\^\s*\{?\s*\([a-z]\)")
"""The number of an example, ``x^{(i)}``: what is said of examples is about the network, which is defined for one."""
_ERRORS = (r"\delta", r"\Delta", r"\epsilon", r"\varepsilon", "δ")
"""The letters of deltas and errors, which claim something."""
_LOSS_NAMES = frozenset(c.lstrip("\\") for c in LOSSES)


def _links(right: str) -> list[str]:
    """The parts of a chain of equalities."""
    parts, last = [], 0
    for s in signs(right):
        if s.kind == "relation" and s.outside:
            parts.append(right[last : s.start])
            last = s.end
    return [*parts, right[last:]]


def _side(text: str, reader: Reader) -> Node | None:
    """One side of an equation as a tree; None where it cannot be read."""
    try:
        return _with_powers(reader.sum(chain_of(spelled(Traced.standing(f"{text} = 0", 0)).text).links[0].left))
    except InputError:
        return None


def _with_powers(node: Node) -> Node:
    """A tree in which a bare number above a letter is a power, as in claims about a problem."""
    if isinstance(node, Sym):
        layer = node.layer
        if layer is None or layer.letter or not node.bare:
            return node
        return Binary(POWER, replace(node, layer=None, bare=False), Number(str(layer.offset)), span=node.span)
    return with_children(node, tuple(_with_powers(c) for c in children(node)))


def _defines(name: str, body: Node, argument: str) -> bool:
    """Whether a formula may say what a name is: it has letters, and is no closed form, no derivative and no update."""
    inner, syms = [*nodes(body)], [*symbols(body)]
    closed = any(isinstance(n, Call) and n.name in ("inv", "argmin", "argmax") for n in inner) or any(
        isinstance(n, Binary) and n.op == "^" and _is_negative(n.right) for n in inner
    )
    derived = any(isinstance(n, Partial) or (isinstance(n, Call) and n.primes) for n in inner)
    derived = derived or any(s.gradient or s.example or s.base in (r"\delta", r"\Delta") for s in syms)
    nested = any(_is_sum(n) and any(_is_sum(m) for m in nodes(*n.args)) for n in inner if isinstance(n, Call))
    layers = any(s.layer is not None and s.layer.letter for s in syms)  # a formula for all layers
    itself = (any(name_of(s) == name for s in syms) or (isinstance(body, Sym) and name in "ijklmn")) and not argument
    return bool(syms) and not (closed or derived or itself or nested or layers)


def _is_sum(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "sum"


def _is_negative(node: Node) -> bool:
    text = repr(node)
    return text.startswith("Negate") or (isinstance(node, Number) and node.value < 0)


def names_of(node: Node) -> list[str]:
    """The names that stand in a formula, in order."""
    return [*dict.fromkeys(name_of(s) for s in symbols(node))]


def name_of(sym: Sym) -> str:
    """The name of a letter in a problem: its word, with the number of its layer or below it."""
    base = plain(sym.base)
    digits = "".join(c for c in sym.subs if c.isdigit()) if all(c.isdigit() for c in sym.subs) else ""
    layer = str(sym.layer.offset) if sym.layer is not None and not sym.layer.letter else ""
    return base + layer + digits


def plain(base: str) -> str:
    r"""A letter as a word: ``\hat{y}`` is yhat."""
    accent = re.fullmatch(r"\\([a-z]+)\{(.*)\}", base)
    if accent:
        return plain(accent[2]) + accent[1]
    return _GREEK_NAMES.get(base, base.lstrip("\\"))
