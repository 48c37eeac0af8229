r"""What of a document is no claim, and why: numbers, what is given, what is set up, functions that are stated for elsewhere.

A formula with a derivative in it is always a claim, and so is an update: what is set up says what a letter is by others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from symbp.documents.equations import Equation
from symbp.documents.guessing.stated import name_of
from symbp.errors import InputError
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Call, Node, Partial, Sym, Transpose, nodes
from symbp.network import Network
from symbp.verification.judge import Judge
from symbp.verification.problems.problem import Problem
from symbp.verification.readings.claims import is_adjoint


@dataclass(frozen=True)
class LeftAlone:
    """An equation that was not judged: its line, its text, and why; where it states another function under a letter, the letter
    and the function's name."""

    line: int | None
    text: str
    why: str
    function: tuple[str, str] | None = None

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}: {self.why}"


def set_up(judge: Judge, left: Node, right: Node, text: str) -> str:
    """Why an equation that does not hold of the subject is no claim about it; empty where it is one."""
    if _derives(judge, left, right):
        return ""
    bare = left.arg if isinstance(left, Transpose) else left
    if isinstance(bare, Call):
        other = "" if bare.primes else _another_function(bare, text)
        return f"another function, {other}, is stated" if other else ""
    if not isinstance(bare, Sym) or any(s.base == bare.base for s in symbols(right)):
        return ""
    if _given(judge, bare):
        return "it says what is given here"
    if isinstance(judge.net, Problem) and not _known(judge, name_of(bare)):
        return "it says what a letter is that nothing else here has"
    layered = any(_of_a_layer(s) for s in (bare, *symbols(right)))
    loss = bare.base in judge.notation.loss
    return (
        ""
        if layered or loss or isinstance(judge.net, Problem)
        else "it says what a letter is, for no layer of this network"
    )


def _of_a_layer(sym: Sym) -> bool:
    """Whether a letter has the number of a layer, which is one of this network."""
    return sym.layer is not None or (sym.below is not None and not sym.below.letter)


def _known(judge: Judge, name: str) -> bool:
    r"""Whether a name means something: it is one of the forward map's, or the page has said what it is, as
    ``\delta = \frac{\partial L}{\partial z}`` does, and says it again."""
    return judge.first.setting.resolve(name) is not None or any(name == own for own, _ in judge.memory.defined)


def _derives(judge: Judge, *sides: Node) -> bool:
    """Whether a derivative, a delta or an error stands anywhere."""
    inner = [*nodes(*sides)]
    return any(isinstance(n, Partial) or (isinstance(n, Call) and n.primes) for n in inner) or any(
        is_adjoint(judge.notation, s) or s.base == r"\nabla" for side in sides for s in symbols(side)
    )


def _given(judge: Judge, sym: Sym) -> bool:
    """Whether a letter is one of what the forward map starts from: the input, the target, a parameter."""
    n = judge.notation
    if isinstance(judge.net, Problem):
        return n.fixed.get(sym.base, sym.base) in judge.net.tensors
    if sym.base in n.families:
        return n.families[sym.base] in ("W", "b")
    return n.fixed.get(sym.base) in ("x", "y")


_SIGMA = re.compile(r"\s*\\sigma\s*\(\s*([A-Za-z])\s*\)\s*:?=\s*([^=]+)")
_STATED = ("relu", "leaky_relu", "tanh", "sigmoid", "softplus", "elu", "silu", "identity")


def _another_function(call: Call, text: str) -> str:
    """The activation of the catalogue that a formula is; empty where it is none."""
    if len(call.args) != 1 or not isinstance(call.args[0], Sym):
        return ""
    letter = name_of(call.args[0])
    return next((name for name in _STATED if letter and _is_function(name, letter, text)), "")


def stated_function(left: Node, equation: Equation) -> tuple[str, str] | None:
    """The letter of a function that an equation states, and which of the catalogue's it is; None where it states none."""
    kind = _another_function(left, equation.sides[1]) if isinstance(left, Call) and not left.primes else ""
    found = re.match(r"\s*(\\?[A-Za-z]+)", equation.text)
    return (found[1], kind) if kind and found is not None else None


def states_another(text: str) -> bool:
    r"""Whether a line states another function under the letter of the logistic one, ``\sigma(x) = \max(0, x)``."""
    found = _SIGMA.match(text)
    if found is None or _is_function("sigmoid", found[1], found[2]):
        return False
    return any(_is_function(name, found[1], found[2]) for name in _STATED)


@cache
def _is_function(name: str, letter: str, text: str) -> bool:
    """Whether a formula in LaTeX is an activation of the catalogue at a letter."""
    try:
        problem = Problem({letter: ""}, [f"total = act({letter})"], "total", {"act": name})
        return Judge.of_problem(problem).judge(f"total = {text}", latex=True).verdict == "correct"
    except InputError:
        return False


@dataclass(frozen=True)
class Slope:
    """What an equation about a slope by one letter is for numbers, and for which function; empty where it is no such equation."""

    outcome: str = ""
    note: str = ""


def slope_of(judge: Judge, left: Node, right: Node, text: str) -> Slope:
    """What an equation that says a slope by one letter, ``g'(z) = g(z)(1 - g(z))``, is for numbers, whatever that letter is
    elsewhere: right where it is so of a function that the subject has."""
    calls = [n for n in nodes(left) if isinstance(n, Call) and n.primes == 1] if not isinstance(left, Sym) else []
    letters = {name_of(s) for side in (left, right) for s in symbols(side)}
    if not isinstance(left, Call) or len(calls) != 1 or len(letters) != 1 or len(left.args) != 1 or "" in letters:
        return Slope()
    (letter,) = letters
    known = judge.notation.activations if left.name == "g" else (left.name,)
    kinds = dict.fromkeys(layer.kind for layer in judge.net.layers) if isinstance(judge.net, Network) else {}
    for sign in known:
        for kind in kinds:
            if letter and sign in text and _slope(sign, kind, letter, text) == "correct":
                return Slope("correct", f"for {kind}")
    if isinstance(judge.net, Problem) and left.name in judge.net.functions:
        sign = next(
            (
                c
                for c in (left.name, rf"\{left.name}")
                if re.search(rf"(?<![A-Za-z\\]){re.escape(c)}(?![A-Za-z])", text)
            ),
            "",
        )
        kind = judge.net.functions[left.name]
        return Slope(_slope(sign, kind, letter, text), "for numbers") if sign and kind != "any" else Slope()
    return Slope(_slope("", "", letter, text), "for numbers")


def is_slope(sign: str, kind: str, text: str) -> bool:
    """Whether an equation about the slope of a function of a kind holds of numbers; `sign` is its letter."""
    argument = re.search(r"\(\s*(\\?[A-Za-z]+)\s*\)", text)
    return argument is not None and _slope(sign, kind, argument[1].lstrip("\\"), text) == "correct"


@cache
def _slope(sign: str, kind: str, letter: str, text: str) -> str:
    """What an equation about a function is for numbers; `sign` is the letter of a function of a kind, where it has one."""
    text = re.sub(rf"(?<![A-Za-z\\]){re.escape(sign)}(?![A-Za-z])", lambda m: r"\psi ", text) if sign else text
    try:
        problem = Problem({letter: ""}, [f"total = {letter}**2"], "total", {"psi": kind} if sign else {})
        return Judge.of_problem(problem).judge(text, latex=True).verdict
    except InputError:
        return ""
