"""A claim's syntax tree written back as NumPy-like text or index notation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Compare,
    Gradient,
    Length,
    Name,
    Negate,
    Node,
    Number,
    Partial,
    Read,
    Transpose,
)

_COMPARE, _SUM, _PRODUCT, _POWER, _ATOM = range(5)  # how tightly a printed expression holds together


def claim_text(claim: Claim, kept: Mapping[Node, str] | None = None) -> str:
    """The equation as text, in the language it was written in; formulas that are `kept` as their author wrote them."""
    if claim.written is not None:
        return claim.written.claim_text(claim, kept)
    plain = Plain(kept or {})
    return f"{plain.text(claim.left)} = {plain.text(claim.right)}"


def node_text(node: Node) -> str:
    """An expression as text."""
    return Plain().text(node)


@dataclass(frozen=True)
class Plain:
    """Writes expressions as NumPy-like text or index notation; those that are `kept` in the words of their author."""

    kept: Mapping[Node, str] = field(default_factory=dict)

    def text(self, node: Node) -> str:
        """An expression."""
        return self._text(node)[0]

    def _show(self, node: Node, level: int) -> str:
        text, own = self._text(node)
        return f"({text})" if own < level else text

    def _text(self, node: Node) -> tuple[str, int]:
        made, level = self._made(node)
        return self.kept.get(node, made), level

    def _made(self, node: Node) -> tuple[str, int]:
        match node:
            case Number():
                return node.text, _ATOM
            case Name():
                return node.name, _ATOM
            case Gradient():
                return f"dJ/d{node.name}", _PRODUCT
            case Read():
                return f"{self.text(node.of)}[{','.join(node.letters)}]", _ATOM
            case Negate():
                text, own = self._text(node.arg)
                return (f"-{text}", _PRODUCT) if own >= _POWER else (f"-{self._show(node.arg, _PRODUCT)}", _SUM)
            case Transpose():
                return f"{self._show(node.arg, _ATOM)}.T", _ATOM
            case Length():
                of = self._show(node.arg, _ATOM)
                return f"{of}.{'size' if node.axis is None else f'shape[{node.axis}]'}", _ATOM
            case Compare(op="=="):
                return f"1[{self.text(node.left)} = {self.text(node.right)}]", _ATOM
            case Compare():
                return f"{self._show(node.left, _SUM)} {node.op} {self._show(node.right, _SUM)}", _COMPARE
            case Call():
                return self._call(node), _ATOM
            case Partial():
                return f"d{self.text(node.of)}/d{self.text(node.by)}", _PRODUCT
            case Binary():
                return self._binary(node)
        return node.base, _ATOM  # a letter of a page, which only a page writes

    def _binary(self, node: Binary) -> tuple[str, int]:
        if node.op == "**":
            return f"{self._show(node.left, _ATOM)}**{self._show(node.right, _POWER)}", _POWER
        if node.op in "+-":
            return f"{self._show(node.left, _SUM)} {node.op} {self._show(node.right, _SUM + (node.op == '-'))}", _SUM
        left = self._show(node.left, _PRODUCT)
        if (
            isinstance(node.left, Binary)
            and (node.left.op == "@") != (node.op == "@")
            and node.left.op in ("*", "/", "@")
        ):
            left = f"({left})"  # NumPy needs no parentheses here; a reader does
        simple = node.op == "/" and isinstance(node.left, (Number, Name)) and isinstance(node.right, (Number, Name))
        if simple:
            return f"{left}/{self.text(node.right)}", _PRODUCT
        return f"{left} {node.op} {self._show(node.right, _POWER)}", _PRODUCT

    def _call(self, node: Call) -> str:
        options = [f"axis={node.axis}"] if node.axis is not None else []
        options += ["keepdims=True"] if node.keepdims else []
        args = [self.text(a) for a in node.args]
        if node.name == "einsum":
            args = [f'"{node.text}"', *args]
        elif node.text:
            options = [_numbers(node)]
        if node.style == "method":
            return f"{self._show(node.args[0], _ATOM)}.{node.name}({', '.join([*args[1:], *options])})"
        prefix = "np." if node.style == "np" else ""
        return f"{prefix}{node.name}{chr(39) * node.primes}({', '.join([*args, *options])})"


def _numbers(node: Call) -> str:
    """The numbers of a call that moves axes, as NumPy takes them."""
    parts = node.text.split(";")
    if node.name == "tensordot":
        return "axes=" + (parts[0] if len(parts) == 1 and "," not in node.text else f"([{parts[0]}], [{parts[-1]}])")
    named = "axis=" if node.name in ("expand_dims", "squeeze") else ""
    return named + (f"({', '.join(parts)})" if len(parts) > 1 else node.text)
