"""Syntax trees become SymPy expressions: names are looked up, letters typed by the axes that they are read over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy
from lark import Token
from sympy import Expr, Rational

from symbp.calculus.functions import apply, step
from symbp.calculus.indices import Axis, Index, fresh
from symbp.calculus.primitives import CALLS
from symbp.calculus.primitives.matrices import MATRIX_CALLS
from symbp.calculus.program import ScalarFunction, Tensor
from symbp.calculus.reductions import LogSumExp, Max, Prod, Sum
from symbp.calculus.syntax import Node, place_of, reads
from symbp.errors import InputError, nearest, shown, unknown

REDUCTIONS: dict[str, Callable[..., Expr]] = {
    "sum": Sum.over,
    "mean": lambda body, *indices: Sum.over(body, *indices) / sympy.Mul(*(i.axis.size for i in indices)),
    "max": Max.over,
    "logsumexp": LogSumExp.over,
    "prod": Prod.over,
}
_LARGEST_EXPONENT, _LARGEST_NUMBER, _MOST_BITS = 400, 300, 5000


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
                    self._read(node.children[0], node.children[1:])
            raise InputError(
                f"index {letter} indexes no tensor here, so its length is not known", place=place_of(letter)
            )
        return next(iter(found))

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
                return self._element(kids[0], kids[1:])
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
        name, tensor = str(token), self._tensor(token)
        if len(indices) != len(tensor.axes):
            axes = ",".join(a.name for a in tensor.axes)
            raise InputError(
                f"{name} is read with {len(indices)} indices and has {len(tensor.axes)} axes",
                place=place_of(token),
                allowed=f"{name}[{axes}]" if axes else name,
            )
        return tensor[tuple(self._index(i) for i in indices)]

    def _tensor(self, token: Token) -> Tensor:
        """A tensor by its name."""
        if str(token) not in self.scope.tensors:
            raise unknown("tensor", str(token), self.scope.tensors, place_of(token))
        return self.scope.tensors[str(token)]

    def _index(self, node: Node) -> Index:
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

    def _call(self, kids: list[Any]) -> Expr:
        token, primes = kids[0], 0
        args = kids[1:]
        if args and isinstance(args[0], Token):
            primes, args = len(args[0]), args[1:]
        name = str(token)
        if name in MATRIX_CALLS and name not in self.scope.functions and not primes:
            return self._of_matrix(token, args, [])
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

    def _element(self, call: Node, indices: list[Node]) -> Expr:
        """An element of a function of a matrix."""
        token, *args = call.children
        if str(token) not in MATRIX_CALLS or str(token) in self.scope.functions or isinstance(args[0], Token):
            rows = [f"{name}(A)[i,j]" for name, row in MATRIX_CALLS.items() if row.made.rank == 2]
            raise InputError(f"{token}(...) has no elements", place=place_of(token), allowed=", ".join(rows))
        return self._of_matrix(token, args, [self._index(i) for i in indices])

    def _of_matrix(self, token: Token, args: list[Node], indices: list[Index]) -> Expr:
        """A function of a matrix: of a tensor with two axes, or of an expression over two letters."""
        name, made = str(token), MATRIX_CALLS[str(token)].made
        letters, tree = self._bound(token, args[1:]), args[0]
        if not letters and tree.data == "name":
            tensor = self._tensor(tree.children[0])
            if len(tensor.axes) != 2:
                axes = f"the axes {', '.join(a.name for a in tensor.axes)}" if tensor.axes else "no axes"
                message = f"{name} is of a matrix, and {tensor.name} has {axes}"
                raise InputError(message, place=place_of(tree), allowed=f"{name}(A), {name}(A[n,p,q], p, q)")
            p, q = (fresh(a) for a in tensor.axes)
            body = tensor[(p, q)]
        elif len(letters) == 2:
            inner = self.bind(letters, tree)
            (p, q), body = (inner.letters[str(t)] for t in letters), inner.build(tree)
        else:
            allowed = f"{name}(A), {name}(expression, p, q)"
            raise InputError(
                f"{name} is of a matrix: the letters of its rows and columns", place=place_of(token), allowed=allowed
            )
        if p.axis != q.axis:
            message = f"{name} is of a square matrix, and this one is {p.axis.name} x {q.axis.name}"
            raise InputError(message, place=place_of(tree), allowed="the same axis twice")
        if len(indices) != made.rank:
            allowed = f"{name}(A)[i,j]" if made.rank else f"{name}(A)"
            raise InputError(
                f"{name} takes {made.rank or 'no'} indices, got {len(indices)}", place=place_of(token), allowed=allowed
            )
        for index in indices:
            if index.axis != p.axis:
                message = f"index {index} runs over {index.axis.name}, and {name} has the axis {p.axis.name}"
                raise InputError(message, place=place_of(token))
        return made.over(body, p, q, *indices)

    def _bound(self, token: Token, args: list[Node]) -> list[Token]:
        """The letters that a call binds."""
        letters: list[Token] = []
        for a in args:
            if a.data != "name":
                raise InputError(
                    f"{token} is given an expression for an index", place=place_of(a), allowed="index letters"
                )
            letters.append(a.children[0])
            if str(letters[-1]) in self.letters:
                raise InputError(f"index {letters[-1]} is bound already", place=place_of(letters[-1]))
        if len({str(t) for t in letters}) < len(letters):
            raise InputError(f"{token} names an index twice", place=place_of(token))
        return letters

    def _reduces(self, args: list[Node]) -> bool:
        """Whether ``max(e, j)`` names an index: its later arguments are letters that are no tensors and no constants."""
        later = [str(a.children[0]) for a in args[1:] if a.data == "name"]
        known = {*self.scope.tensors, *self.scope.constants, "pi"}
        return len(args) > 1 and len(later) == len(args) - 1 and not known & set(later)

    def _reduce(self, token: Token, args: list[Node]) -> Expr:
        if len(args) < 2:
            raise InputError(
                f"{token} names no index", place=place_of(token), allowed=f"{token}(expression, index, ...)"
            )
        letters = self._bound(token, args[1:])
        inner = self.bind(letters, args[0])
        return REDUCTIONS[str(token)](inner.build(args[0]), *(inner.letters[str(t)] for t in letters))
