"""The index language, read by a grammar against a table of declared names; text never reaches anything that runs code."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import sympy
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken
from sympy import Expr, Rational

from symbp.calculus.functions import CALLS, Z, apply, step
from symbp.calculus.indices import Axis, Index
from symbp.calculus.program import Program, Role, ScalarFunction, Statement, Tensor
from symbp.calculus.reductions import LogSumExp, Max, Prod, Sum
from symbp.errors import InputError, Place, nearest, shown, unknown

REDUCTIONS: dict[str, Callable[..., Expr]] = {
    "sum": Sum.over,
    "max": Max.over,
    "logsumexp": LogSumExp.over,
    "prod": Prod.over,
    "mean": lambda body, *indices: Sum.over(body, *indices) / sympy.Mul(*(i.axis.size for i in indices)),
}
_LONGEST, _DEEPEST, _LARGEST_EXPONENT, _MOST_BITS = 4000, 60, 400, 5000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SYMBOLS = {"LSQB": "[", "RSQB": "]", "LPAR": "(", "RPAR": ")", "EQUAL": "=", "PLUS": "+", "MINUS": "-", "STAR": "*",
            "SLASH": "/", "COMMA": ",", "CIRCUMFLEX": "^", "NAME": "a name", "NUMBER": "a number", "COMPARE": "<, >, <=, >=",
            "PRIMES": "'", "$END": "the end of the line"}  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """What a statement may name: tensors, scalar functions of one argument, numeric constants."""

    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    functions: Mapping[str, ScalarFunction] = field(default_factory=dict)
    constants: Mapping[str, Expr] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Every name that may be read."""
        return [*self.tensors, *self.constants, "pi"]


def valid_name(name: str, what: str = "name", place: Place | None = None) -> str:
    """`name` if it may name something in a formula and in generated code, else InputError."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > 40 or "__" in name or name.endswith("_"):
        raise InputError(
            f"{what} {shown(name)} is not usable",
            place=place,
            allowed="a letter, then letters, digits and single underscores, at most 40, and no word of Python's",
        )
    return name


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    text = files("symbp.calculus").joinpath("index.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True, start=["start", "expr"], maybe_placeholders=False)


def parse(text: str, start: str = "start") -> Tree[Token]:
    """The syntax tree of a statement (or, with ``start="expr"``, of an expression); InputError with line and column."""
    if len(text) > _LONGEST:
        raise InputError(f"the line has {len(text)} characters", allowed=f"at most {_LONGEST}")
    depth = deepest = 0
    for c in text:
        depth += (c in "([") - (c in ")]")
        deepest = max(deepest, depth)
    if deepest > _DEEPEST or re.search(r"([-+]\s*){20}|([*^][^*^()\[\]+/-]*){200}", text):
        raise InputError("the expression is nested too deeply", allowed=f"at most {_DEEPEST} levels")
    try:
        return _grammar().parse(text, start=start)
    except UnexpectedCharacters as e:
        raise InputError(
            f"{shown(text[e.pos_in_stream])} has no meaning here, in {shown(text)}", place=Place(None, e.line, e.column)
        ) from None
    except UnexpectedEOF:
        raise InputError(f"{shown(text)} ends too early", place=Place(None, 1, len(text) + 1)) from None
    except UnexpectedToken as e:
        allowed = ", ".join(sorted({_SYMBOLS.get(name, name.lower()) for name in e.accepts or e.expected}))
        ended = e.token.type == "$END"
        read = "the line ends" if ended else f"{shown(str(e.token))} stands"
        place = Place(None, 1 if ended else e.line, len(text) + 1 if ended else e.column)
        raise InputError(f"{read} where it cannot, in {shown(text)}", place=place, allowed=allowed) from None


def place_of(node: Any) -> Place:
    """The line and column of a token or of the first token in a tree."""
    while isinstance(node, Tree):
        node = node.children[0] if node.children else None
    return Place(None, getattr(node, "line", None), getattr(node, "column", None))


def reads(tree: Tree[Token], hidden: frozenset[str] | None = frozenset()) -> Iterator[tuple[Token, int, Token]]:
    """Every place where a tensor is read at a plain letter, as (tensor, axis number, letter).

    Letters bound by a reduction inside `tree` are left out; with ``hidden=None`` they come too.
    """
    if tree.data == "call" and hidden is not None:
        name, *args = tree.children
        if str(name) in REDUCTIONS and len(args) > 1:
            hidden = hidden | {str(a.children[0]) for a in args[1:] if isinstance(a, Tree) and a.data == "name"}
    if tree.data in ("read", "left"):
        tensor, *indices = tree.children
        for k, index in enumerate(indices):
            letter = index.children[0] if isinstance(index, Tree) and index.data == "name" else index
            if isinstance(letter, Token) and letter.type == "NAME" and (hidden is None or str(letter) not in hidden):
                yield Token("NAME", tensor), k, letter
    for child in tree.children:
        if isinstance(child, Tree):
            yield from reads(child, hidden)


def _bits(expr: Expr) -> int:
    """How many bits the constant factor of an expression has."""
    factor = expr.as_coeff_Mul()[0]
    return max(int(factor.p).bit_length(), int(factor.q).bit_length()) if factor.is_Rational else 0


def _too_large(base: Expr, exponent: Expr) -> bool:
    """Whether a power with a numeric exponent is not to be carried out."""
    try:
        return bool(abs(exponent) > _LARGEST_EXPONENT or (_bits(base) - 1) * abs(exponent) > _MOST_BITS)
    except (ArithmeticError, TypeError, ValueError):  # a tower of exponentials overflows when it is compared
        return True


@dataclass(frozen=True)
class _Builder:
    """Turns a syntax tree into a SymPy expression; `letters` are the indices in scope."""

    scope: Scope
    letters: Mapping[str, Index]

    def bind(self, letters: Iterable[Token], tree: Tree[Token]) -> _Builder:
        """A builder with more letters in scope, each typed by the axes that it is read over inside `tree`."""
        new = {str(letter): Index(str(letter), self.axis_of(letter, tree)) for letter in letters}
        return replace(self, letters={**self.letters, **new})

    def axis_of(self, letter: Token, tree: Tree[Token]) -> Axis:
        """The one axis that a letter runs over."""
        found: dict[Axis, str] = {}
        for name, k, other in reads(tree):
            tensor = self.scope.tensors.get(str(name))
            if str(other) == str(letter) and tensor is not None and k < len(tensor.axes):
                found.setdefault(tensor.axes[k], f"axis {tensor.axes[k].name} of {name}")
        if len(found) > 1:
            raise InputError(
                f"index {letter} runs over axes of different length: {' and '.join(found.values())}",
                place=place_of(letter),
            )
        if not found:
            for node in tree.iter_subtrees_topdown():  # the letter's only reads may be the reason
                if node.data == "read" and str(letter) in {str(t) for t in node.scan_values(lambda _: True)}:
                    self.read(node.children[0], node.children[1:])
            raise InputError(
                f"index {letter} indexes no tensor here, so its length is not known", place=place_of(letter)
            )
        return next(iter(found))

    def build(self, node: Tree[Token]) -> Expr:
        """The expression that a syntax tree stands for; InputError where a number in it has thousands of digits."""
        expr = self.expression(node)
        if _bits(expr) > _MOST_BITS:
            raise InputError("a number is out of range", place=place_of(node), allowed=f"up to {_MOST_BITS} bits")
        return expr

    def expression(self, node: Tree[Token]) -> Expr:
        kids = node.children
        match node.data:
            case "number":
                return self.number(kids[0])
            case "name":
                return self.name(kids[0])
            case "read":
                return self.read(kids[0], kids[1:])
            case "call":
                return self.call(kids)
            case "negate":
                return -self.build(kids[0])
            case "compare":
                a, sign, b = self.build(kids[0]), str(kids[1]), self.build(kids[2])
                return {">": step(a - b), "<": step(b - a), ">=": 1 - step(b - a), "<=": 1 - step(a - b)}[sign]
        if len(kids) == 1:  # a unary plus
            return self.build(kids[0])
        a, b = self.build(kids[0]), self.build(kids[1])
        match node.data:
            case "add":
                return a + b
            case "subtract":
                return a - b
            case "multiply":
                return a * b
            case "divide":
                if b == 0:
                    raise InputError("division by zero", place=place_of(kids[1]))
                return a / b
            case _:
                return self.power(a, b, kids[1])

    def power(self, a: Expr, b: Expr, where: Tree[Token]) -> Expr:
        if b.is_number and (_too_large(a, b) or (a == 0 and b < 0)):
            raise InputError(
                "the exponent is out of range", place=place_of(where), allowed=f"up to {_LARGEST_EXPONENT}"
            )
        if b.is_Rational and b.q != 1 and a.is_negative:
            raise InputError("a root of a negative number has no real value", place=place_of(where))
        if b.is_Rational and b.q != 1 and b.q != 2:
            a = sympy.Pow(a, b, evaluate=False)
            return a
        return a**b

    def number(self, token: Token) -> Expr:
        exponent = re.search(r"[eE]([+-]?\d+)$", token)
        if len(token) > 60 or (exponent and abs(int(exponent[1])) > _LARGEST_EXPONENT):
            raise InputError(f"the number {shown(str(token))} is out of range", place=place_of(token))
        return Rational(str(token))

    def name(self, token: Token) -> Expr:
        name = str(token)
        if name in self.scope.tensors:
            tensor = self.scope.tensors[name]
            if tensor.axes:
                axes = ",".join(a.name for a in tensor.axes)
                raise InputError(f"{name} has axes: write {name}[{axes}]", place=place_of(token))
            return tensor[()]
        if name in self.scope.constants:
            return self.scope.constants[name]
        if name == "pi":
            return sympy.pi
        if name in self.letters:
            raise InputError(f"index {name} stands where a value is needed", place=place_of(token))
        raise unknown("name", name, self.scope.names, place_of(token))

    def read(self, token: Token, indices: list[Any]) -> Expr:
        name = str(token)
        tensor = self.scope.tensors.get(name)
        if tensor is None:
            raise unknown("tensor", name, self.scope.tensors, place_of(token))
        if len(indices) != len(tensor.axes):
            axes = ",".join(a.name for a in tensor.axes)
            raise InputError(
                f"{name} is read with {len(indices)} indices and has {len(tensor.axes)} axes",
                place=place_of(token),
                allowed=f"{name}[{axes}]" if axes else name,
            )
        return tensor[tuple(self.index(i) for i in indices)]

    def index(self, node: Tree[Token]) -> Index:
        if node.data != "name":
            kind = "an integer tensor" if node.data == "read" else "a shifted index (a window or a recurrence)"
            raise InputError(
                f"reading at {kind} is not supported yet", place=place_of(node), allowed="plain index letters"
            )
        letter = node.children[0]
        if str(letter) not in self.letters:
            raise InputError(
                f"index {letter} is neither on the left nor bound by a reduction",
                place=place_of(letter),
                allowed=", ".join(self.letters) or "no index here",
                nearest=nearest(str(letter), self.letters),
            )
        return self.letters[str(letter)]

    def call(self, kids: list[Any]) -> Expr:
        token, primes = kids[0], 0
        args = kids[1:]
        if args and isinstance(args[0], Token):
            primes, args = len(args[0]), args[1:]
        name = str(token)
        if name in self.scope.functions:
            if len(args) != 1:
                raise InputError(f"{name} takes one argument, got {len(args)}", place=place_of(token))
            return apply(name, self.build(args[0]), primes)
        if primes:
            raise unknown("function to differentiate", name, self.scope.functions, place_of(token))
        if name in REDUCTIONS and (name not in CALLS or self.reduces(args)):
            return self.reduce(token, args)
        if name not in CALLS:
            known = sorted({*CALLS, *REDUCTIONS, *self.scope.functions})
            raise unknown("function", name, known, place_of(token))
        make, count = CALLS[name]
        if len(args) != count:
            raise InputError(
                f"{name} takes {count} argument{'s' * (count > 1)}, got {len(args)}", place=place_of(token)
            )
        value = make(*(self.build(a) for a in args))
        if value.has(sympy.nan, sympy.zoo, sympy.oo, sympy.I):
            raise InputError(f"{name} has no real value there", place=place_of(token))
        return value

    def reduces(self, args: list[Tree[Token]]) -> bool:
        """Whether ``max(e, j)`` names an index: its later arguments are letters that are no tensors and no constants."""
        later = [str(a.children[0]) for a in args[1:] if a.data == "name"]
        known = {*self.scope.tensors, *self.scope.constants, "pi"}
        return len(args) > 1 and len(later) == len(args) - 1 and not known & set(later)

    def reduce(self, token: Token, args: list[Tree[Token]]) -> Expr:
        if len(args) < 2:
            raise InputError(
                f"{token} names no index", place=place_of(token), allowed=f"{token}(expression, index, ...)"
            )
        letters = []
        for a in args[1:]:
            if a.data != "name":
                raise InputError(
                    f"{token} is given an expression for an index", place=place_of(a), allowed="index letters"
                )
            letters.append(a.children[0])
            if str(letters[-1]) in self.letters:
                raise InputError(f"index {letters[-1]} is bound already", place=place_of(letters[-1]))
        if len({str(t) for t in letters}) < len(letters):
            raise InputError(f"{token} names an index twice", place=place_of(token))
        inner = self.bind(letters, args[0])
        return REDUCTIONS[str(token)](inner.build(args[0]), *(inner.letters[str(t)] for t in letters))


def read_expression(text: str, scope: Scope, letters: Mapping[str, Index] | None = None) -> Expr:
    """An expression in the index language, with `letters` as its free indices."""
    return _Builder(scope, letters or {}).build(parse(text, "expr"))


def read_statement(text: str, scope: Scope, *, role: Role = "value", label: str = "") -> Statement:
    """A statement ``name[free] = expression``; the axes of the name on the left follow from the right side."""
    tree = parse(text)
    left, right = tree.children
    name, *letters = left.children
    if str(name) in scope.tensors:
        raise InputError(f"{name} is assigned twice", place=place_of(name))
    valid_name(str(name), "tensor name", place_of(name))
    if len({str(t) for t in letters}) < len(letters):
        raise InputError(f"an index is repeated on the left of {shown(text)}", place=place_of(name))
    builder = _Builder(scope, {}).bind(letters, right)
    indices = tuple(builder.letters[str(t)] for t in letters)
    return Statement(Tensor(str(name), tuple(i.axis for i in indices), role), indices, builder.build(right), label)


def read_scalar_function(name: str, text: str, constants: Mapping[str, Expr] | None = None) -> ScalarFunction:
    """A user's scalar function of the one argument z, such as ``z/(1 + exp(-beta*z))``."""
    scope = Scope({"z": Tensor("z")}, {}, constants or {})
    return ScalarFunction(
        valid_name(name, "function name"), read_expression(text, scope).xreplace({Tensor("z").symbol: Z})
    )


def read_program(
    lines: Iterable[str] | str,
    declared: Iterable[Tensor] = (),
    functions: Iterable[ScalarFunction] = (),
    constants: Mapping[str, Expr] | None = None,
    /,
    **axes: str,
) -> Program:
    """Read statements, one a line; tensors are declared by Tensor objects or as ``x="n d"``, the names of their axes."""
    tensors = [*declared, *(Tensor(n, tuple(Axis(a) for a in names.split()), "input") for n, names in axes.items())]
    program = Program(tuple(tensors), (), tuple(functions))
    for number, line in enumerate(lines.splitlines() if isinstance(lines, str) else lines, 1):
        if not line.split("#")[0].strip():
            continue
        scope = Scope(program.tensors, program.function, constants or {})
        try:
            program = program.extended(read_statement(line.split("#")[0], scope))
        except InputError as e:
            raise type(e)(
                e.message, place=Place(None, number, e.place.column), allowed=e.allowed, nearest=e.nearest
            ) from None
    return program
