"""A formula's value in floats, by walking the bench's own tree: whole arrays as NumPy has them, or element by element."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from network_values import FUNCTIONS, slope_of
from reading import bare, call_name, is_numpy

_COMPARE = {ast.Gt: np.greater, ast.Lt: np.less, ast.GtE: np.greater_equal, ast.LtE: np.less_equal}
_BINARY = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power, ast.MatMult: np.matmul,
}  # fmt: skip
_PLAIN = {"exp": np.exp, "log": np.log, "ln": np.log, "sqrt": np.sqrt, "abs": np.abs, "sign": np.sign, "tanh": np.tanh}


class NoValue(Exception):
    """The formula has no value: shapes clash, or a name is not known."""


@dataclass
class Interpreter:
    """Values of names as they are displayed (`shown`) and with the examples first (`plain`), and functions by name."""

    shown: dict[str, Any]
    plain: dict[str, Any]
    functions: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    softmax_axis: int = -1

    def value(self, node: ast.expr, letters: dict[str, int] | None = None) -> Any:
        """The value of an expression, at the given letters where it is in index notation."""
        match node:
            case ast.Constant():
                return float(node.value)  # type: ignore[arg-type]
            case ast.Name():
                return self.name(node.id)
            case ast.UnaryOp(op=ast.USub()):
                return -self.value(node.operand, letters)
            case ast.BinOp():
                a, b = self.value(node.left, letters), self.value(node.right, letters)
                return self.safe(lambda: _BINARY[type(node.op)](a, b))
            case ast.Compare():
                a, b = self.value(node.left, letters), self.value(node.comparators[0], letters)
                return self.safe(lambda: _COMPARE[type(node.ops[0])](a, b) * 1.0)
            case ast.Subscript():
                return self.element(node, letters)
            case ast.Attribute(attr="T"):
                return np.transpose(self.value(node.value, letters))
            case ast.Attribute(attr="size"):
                return float(np.size(self.value(node.value, letters)))
            case ast.Call():
                return self.call(node, letters)
        raise NoValue(ast.dump(node))

    def name(self, name: str) -> Any:
        """The array behind a name."""
        name = name.replace("dJ_d", "d")
        if name not in self.shown:
            raise NoValue(name)
        return self.shown[name]

    def safe(self, compute: Callable[[], Any]) -> Any:
        """The result, or NoValue where shapes clash."""
        try:
            return compute()
        except ValueError as e:
            raise NoValue(str(e)) from None

    def element(self, node: ast.Subscript, letters: dict[str, int] | None) -> Any:
        """``W[i,j]`` at the letters; ``1[z > 0]``."""
        if bare(node) == "indicator":
            return self.value(node.slice, letters)
        array = self.array_of(node)
        names = self.letters_of(node)
        if letters is None or any(c not in letters for c in names) or len(names) != array.ndim:
            raise NoValue("letters")
        if any(letters[c] >= n for c, n in zip(names, array.shape, strict=True)):
            raise NoValue("letters run too far")
        return array[tuple(letters[c] for c in names)]

    def array_of(self, node: ast.Subscript) -> Any:
        """The tensor that is read, with the examples first; one example's where a letter is missing."""
        name, count = bare(node).replace("dJ_d", "d"), len(self.letters_of(node))
        if name not in self.plain:
            raise NoValue(name)
        array = np.asarray(self.plain[name])
        return array[0] if array.ndim == count + 1 and array.shape[0] == 1 else array

    @staticmethod
    def letters_of(node: ast.Subscript) -> list[str]:
        """The letters of an element."""
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return [bare(p) for p in parts]

    def call(self, node: ast.Call, letters: dict[str, int] | None) -> Any:
        """A function, a method, or a sum over letters."""
        name = call_name(node)
        if name in ("sum", "mean", "prod", "max") and letters is not None and len(node.args) > 1:
            return self.over_letters(node, name, letters)
        owner = [node.func.value] if isinstance(node.func, ast.Attribute) and not is_numpy(node) else []
        args = [self.value(a, letters) for a in (*owner, *node.args)]
        options = {o.arg: ast.literal_eval(o.value) for o in node.keywords}
        if name.endswith("_prime") or name in self.functions or re.fullmatch(r"g\d*|sigmoid|relu|gelu|silu", name):
            return self.applied(name, node.args[0], args[0])
        return self.safe(lambda: self.numpy(name, args, options))

    def numpy(self, name: str, args: list[Any], options: dict[str, Any]) -> Any:
        """A NumPy function of arrays."""
        if name == "softmax":
            axis = options.get("axis", self.softmax_axis)
            e = np.exp(args[0])
            return e / e.sum(axis=axis, keepdims=True)
        if name == "diag":
            vector = 1 in np.shape(args[0]) or np.ndim(args[0]) == 1
            return np.diag(np.ravel(args[0])) if vector else np.diag(args[0])
        known = {"sum": np.sum, "mean": np.mean, "max": np.max, "where": np.where, "maximum": np.maximum,
                 "minimum": np.minimum, "outer": np.outer, "dot": np.dot, "power": np.power, "trace": np.trace,
                 "square": np.square, **_PLAIN}  # fmt: skip
        if name not in known:
            raise NoValue(name)
        return known[name](*args, **options)

    def applied(self, name: str, arg: ast.expr, z: Any) -> Any:
        """A scalar function or its derivative; ``g`` is the activation of the layer whose z or a it is given."""
        plain = name.removesuffix("_prime")
        if plain == "g" and (m := re.fullmatch(r"[za](\d+)", bare(arg))):
            plain = f"g{m[1]}"
        function = self.functions.get(plain) or FUNCTIONS.get(plain)
        if function is None:
            raise NoValue(name)
        return slope_of(function, z) if name.endswith("_prime") else function(z)

    def over_letters(self, node: ast.Call, name: str, letters: dict[str, int]) -> Any:
        """``sum(body, k)``."""
        bound = [bare(a) for a in node.args[1:]]
        ranges = [range(self.length(node.args[0], c)) for c in bound]
        terms = [
            self.value(node.args[0], {**letters, **dict(zip(bound, p, strict=True))})
            for p in itertools.product(*ranges)
        ]
        return getattr(np, name)(terms)

    def length(self, body: ast.expr, letter: str) -> int:
        """How far a letter runs."""
        for part in ast.walk(body):
            if isinstance(part, ast.Subscript) and bare(part) != "indicator" and letter in self.letters_of(part):
                array = self.array_of(part)
                k = self.letters_of(part).index(letter)
                if k < array.ndim:
                    return int(array.shape[k])
        raise NoValue(f"letter {letter}")
