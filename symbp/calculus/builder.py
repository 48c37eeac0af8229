"""Syntax trees become SymPy expressions: names are looked up, letters typed by the axes that they are read over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sympy
from lark import Token
from sympy import Expr, Mul, Rational

from symbp.calculus.functions import apply, step
from symbp.calculus.indices import Axis, Index
from symbp.calculus.places import Place, inside, is_plain
from symbp.calculus.primitives import CALLS
from symbp.calculus.primitives.matrices import MATRIX_CALLS
from symbp.calculus.program import ScalarFunction, Tensor, elements, indices_of
from symbp.calculus.reductions import LogSumExp, Max, Only, Prod, Sum
from symbp.calculus.syntax import Node, place_of, reads
from symbp.calculus.written_matrices import element, of_matrix
from symbp.calculus.written_places import Places
from symbp.errors import InputError, shown, unknown

REDUCTIONS: dict[str, Callable[..., Expr]] = {
    "sum": Sum.over,
    "mean": lambda body, *indices: Sum.over(body, *indices) / sympy.Mul(*(i.axis.size for i in indices)),
    "max": Max.over,
    "logsumexp": LogSumExp.over,
    "prod": Prod.over,
}
_CONDITIONAL = ("sum", "max", "logsumexp")
"""Reductions whose index may have a condition, ``sum(x[n,r], r if r <= t)``."""
_LARGEST_EXPONENT, _LARGEST_NUMBER, _MOST_BITS = 400, 300, 5000


@dataclass(frozen=True)
class Scope:
    """What a statement may name.

    Parameters
    ----------
    tensors, functions, constants : tensors, scalar functions of one argument, numeric constants
    axes : letters that run over an axis wherever they are read, so that reads along another one are reads at a place
    spare : the axes of letters where no plain read says them
    sizes : lengths that are known, which ``ravel`` needs
    ahead : tensors that later lines define, as those of a recurrence; they are read at places alone
    """

    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    functions: Mapping[str, ScalarFunction] = field(default_factory=dict)
    constants: Mapping[str, Expr] = field(default_factory=dict)
    axes: Mapping[str, Axis] = field(default_factory=dict)
    spare: Mapping[str, Axis] = field(default_factory=dict)
    sizes: Mapping[Axis, int] = field(default_factory=dict)
    ahead: Mapping[str, Tensor] = field(default_factory=dict)

    def tensor(self, name: str) -> Tensor | None:
        """A tensor by its name, be it one that is defined later."""
        return self.tensors.get(name) or self.ahead.get(name)

    def with_tensor(self, tensor: Tensor) -> Scope:
        """The scope behind the line that defines a tensor."""
        return replace(self, tensors={**self.tensors, tensor.name: tensor})

    @property
    def names(self) -> list[str]:
        """Every name that may be read."""
        return [*self.tensors, *self.constants, "pi"]


def _bits(expr: Expr) -> int:
    """How many bits the constant factor of an expression has."""
    factor = expr.as_coeff_Mul()[0]
    return max(int(factor.p).bit_length(), int(factor.q).bit_length()) if factor.is_Rational else 0


def _out_of_range(value: Expr) -> bool:
    """Whether a number is too large to be a float in generated code."""
    near = value.evalf(15) if value.is_number else value
    return bool(near.is_Number and not abs(near) < sympy.Float("1e300"))


def _too_large(base: Expr, exponent: Expr) -> bool:
    """Whether a power with a numeric exponent is not to be carried out."""
    try:
        return bool(abs(exponent) > _LARGEST_EXPONENT or (_bits(base) - 1) * abs(exponent) > _MOST_BITS)
    except (ArithmeticError, TypeError, ValueError):  # a tower of exponentials overflows when it is compared
        return True


@dataclass(frozen=True)
class Builder:
    """Turns a syntax tree into a SymPy expression; `letters` are the indices in scope."""

    scope: Scope
    letters: Mapping[str, Index]

    def bind(self, letters: Iterable[Token], tree: Node) -> Builder:
        """A builder with more letters in scope, each typed by the axes that it is read over inside `tree`."""
        new = {str(letter): Index(str(letter), self.axis_of(letter, tree)) for letter in letters}
        return replace(self, letters={**self.letters, **new})

    def axis_of(self, letter: Token, tree: Node) -> Axis:
        """The one axis that a letter runs over."""
        if str(letter) in self.scope.axes:
            return self.scope.axes[str(letter)]
        found: dict[Axis, str] = {}
        for name, k, other in reads(tree):
            tensor = self.scope.tensor(str(name))
            if str(other) == str(letter) and tensor is not None and k < len(tensor.axes):
                found.setdefault(tensor.axes[k], f"axis {tensor.axes[k].name} of {name}")
        if len(found) > 1:
            raise InputError(
                f"index {letter} runs over axes of different length: {' and '.join(found.values())}",
                place=place_of(letter),
            )
        if not found and str(letter) in self.scope.spare:
            return self.scope.spare[str(letter)]
        if not found:
            names = {str(t) for t in tree.scan_values(lambda t: isinstance(t, Token) and t.type == "NAME")}
            known = {n: Index(n, Axis("unknown")) for n in names - {*self.scope.tensors, *self.scope.constants}}
            for node in tree.iter_subtrees_topdown():  # the letter's only reads may be the reason
                if node.data == "read" and str(letter) in {str(t) for t in node.scan_values(lambda _: True)}:
                    replace(self, letters=known)._read(node.children[0], node.children[1:])
            raise InputError(
                f"index {letter} indexes no tensor here, so its length is not known",
                place=place_of(letter),
                allowed="a tensor that is read at the letter alone, or its length in lengths",
            )
        return next(iter(found))

    @property
    def places(self) -> Places:
        """What reads whole numbers made of the letters in scope."""
        return Places(self.scope.tensors, self.scope.constants, self.letters, self.scope.sizes)

    def build(self, node: Node) -> Expr:
        """The expression that a syntax tree stands for; InputError where a number in it has thousands of digits."""
        expr = self._expression(node)
        if _bits(expr) > _MOST_BITS:
            raise InputError("a number is out of range", place=place_of(node), allowed=f"up to {_MOST_BITS} bits")
        return expr

    def _expression(self, node: Node) -> Expr:
        kids = node.children
        match node.data:
            case "number":
                return self._number(kids[0])
            case "name":
                return self._name(kids[0])
            case "read":
                return self._read(kids[0], kids[1:])
            case "call":
                return self._call(kids)
            case "element":
                token, args = element(kids[0], self.scope.functions)
                return self._of_matrix(token, args, kids[1:])
            case "negate":
                return -self.build(kids[0])
            case "compare" if self.places.are_places(kids[0], kids[2]):
                return self.places.compared(kids[0], str(kids[1]), kids[2])
            case "compare" if str(kids[1]) in ("==", "!="):
                allowed = "letters and whole numbers on both sides of it; <, <=, >, >= for other numbers"
                raise InputError(f"{kids[1]} compares indices", place=place_of(kids[1]), allowed=allowed)
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
                return self._power(a, b, kids[1])

    def _power(self, a: Expr, b: Expr, where: Node) -> Expr:
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

    def _number(self, token: Token) -> Expr:
        exponent = re.search(r"[eE]([+-]?\d+)$", token)
        if len(token) > 60 or (exponent and abs(int(exponent[1])) > _LARGEST_NUMBER):
            raise InputError(f"the number {shown(str(token))} is out of range", place=place_of(token))
        return Rational(str(token))

    def _name(self, token: Token) -> Expr:
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

    def _read(self, token: Token, indices: list[Any]) -> Expr:
        name = str(token)
        tensor = self.scope.tensor(name)
        if tensor is None:
            raise unknown("tensor", name, self.scope.tensors, place_of(token))
        if len(indices) != len(tensor.axes):
            axes = ",".join(a.name for a in tensor.axes)
            raise InputError(
                f"{name} is read with {len(indices)} indices and has {len(tensor.axes)} axes",
                place=place_of(token),
                allowed=f"{name}[{axes}]" if axes else name,
            )
        made = tensor[tuple(self.places.of(i, tensor, k) for k, i in enumerate(indices))]
        if name not in self.scope.tensors and is_plain(made):
            raise InputError(
                f"{name} is read before it is defined", place=place_of(token), allowed="a step before, as in h[n,t-1,j]"
            )  # fmt: skip
        return made

    def _call(self, kids: list[Any]) -> Expr:
        token, primes = kids[0], 0
        args = kids[1:]
        if args and isinstance(args[0], Token):
            primes, args = len(args[0]), args[1:]
        name = str(token)
        if name in MATRIX_CALLS and name not in self.scope.functions and not primes:
            return self._of_matrix(token, args)
        if name in self.scope.functions:
            if len(args) != 1:
                raise InputError(f"{name} takes one argument, got {len(args)}", place=place_of(token))
            return apply(name, self.build(args[0]), primes)
        if primes:
            raise unknown("function to differentiate", name, self.scope.functions, place_of(token))
        if name in REDUCTIONS and (name not in CALLS or self._reduces(args)):
            return self._reduce(token, args)
        if name not in CALLS:
            known = sorted({*CALLS, *REDUCTIONS, *MATRIX_CALLS, *self.scope.functions})
            raise unknown("function", name, known, place_of(token))
        make, count = CALLS[name]
        if len(args) != count:
            raise InputError(
                f"{name} takes {count} argument{'s' * (count > 1)}, got {len(args)}", place=place_of(token)
            )
        value = make(*(self.build(a) for a in args))
        if _out_of_range(value):
            raise InputError(f"the value of {name} there is out of range", place=place_of(token))
        if value.has(sympy.nan, sympy.zoo, sympy.oo, sympy.I):
            raise InputError(f"{name} has no real value there", place=place_of(token))
        return value

    def _of_matrix(self, token: Token, args: list[Node], indices: Sequence[Node] = ()) -> Expr:
        """A function of a matrix, or an element of it."""
        letters, conditions = self._bound(token, args[1:])
        if conditions:
            raise InputError(f"{token} takes no condition on its index", place=place_of(conditions[0]))
        read = [(node, self.places.whole(node)) for node in indices]
        return of_matrix(token, args[0], letters, read, self.scope.tensors, self._opened)

    def _opened(self, letters: Sequence[Token], tree: Node) -> tuple[Sequence[Index], Expr]:
        """An expression in which some letters are bound."""
        inner = self.bind(letters, tree)
        return [inner.letters[str(t)] for t in letters], inner.build(tree)

    def _bound(self, token: Token, args: list[Node]) -> tuple[list[Token], list[Node]]:
        """The letters that a call binds, and the conditions on them."""
        letters: list[Token] = []
        conditions: list[Node] = []
        for a in args:
            if a.data == "only":
                conditions.append(a.children[1])
            elif a.data != "name":
                raise InputError(
                    f"{token} is given an expression for an index", place=place_of(a), allowed="index letters"
                )
            letters.append(a.children[0])
            if str(letters[-1]) in self.letters:
                raise InputError(f"index {letters[-1]} is bound already", place=place_of(letters[-1]))
        if len({str(t) for t in letters}) < len(letters):
            raise InputError(f"{token} names an index twice", place=place_of(token))
        return letters, conditions

    def _reduces(self, args: list[Node]) -> bool:
        """Whether ``max(e, j)`` names an index: its later arguments are letters that are no tensors and no constants."""
        if any(a.data == "only" for a in args[1:]):
            return True
        later = [str(a.children[0]) for a in args[1:] if a.data == "name"]
        known = {*self.scope.tensors, *self.scope.constants, "pi"}
        return len(args) > 1 and len(later) == len(args) - 1 and not known & set(later)

    def _reduce(self, token: Token, args: list[Node]) -> Expr:
        if len(args) < 2:
            raise InputError(
                f"{token} names no index", place=place_of(token), allowed=f"{token}(expression, index, ...)"
            )
        letters, conditions = self._bound(token, args[1:])
        if conditions and str(token) not in _CONDITIONAL:
            raise InputError(
                f"{token} takes no condition on its index",
                place=place_of(conditions[0]),
                allowed=", ".join(_CONDITIONAL),
            )
        inner = self.bind(letters, args[0])
        return self._reduced(str(token), inner.build(args[0]), Mul(*map(inner.build, conditions)), inner, letters)

    @staticmethod
    def _reduced(kind: str, body: Expr, there: Expr, inner: Builder, letters: list[Token]) -> Expr:
        """A reduction; terms without their condition are left out, and of a maximum those that read outside a tensor."""
        indices = [inner.letters[str(t)] for t in letters]
        if kind in ("max", "logsumexp"):
            return REDUCTIONS[kind](left_out(there, body, indices), *indices)
        return REDUCTIONS[kind](there * body, *indices)


def left_out(there: Expr, body: Expr, indices: Iterable[Index]) -> Expr:
    """The body of a maximum or a log-sum-exp over `indices` without the terms that are not `there`, or read outside a tensor."""
    outside = {p for e in elements(body) for p in indices_of(e) if isinstance(p, Place) and p.has(*indices)}
    return Only(there * Mul(*map(inside, outside)), body)
