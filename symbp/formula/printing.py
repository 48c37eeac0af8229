"""A claim's syntax tree written back as NumPy-like text or index notation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from symbp.formula.syntax import (
    ADDED,
    ADDED_AT,
    ELEMENT,
    PART,
    PUT,
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


def coded_text(claim: Claim, kept: Mapping[Node, str] | None = None) -> str:
    """The equation as the line of code that makes it, where it is one; else as :func:`claim_text` writes it."""
    coded, right = claim.coded, claim.right
    if coded is None:
        return claim_text(claim, kept)
    plain = writer_of(claim, kept or {})
    if isinstance(right, Call) and right.name in (PUT, ADDED, ADDED_AT) and right.args[0] == Name(coded.old):
        if right.name == ADDED_AT:
            return plain.text(replace(right, args=(Name(coded.target), *right.args[1:])))
        value = right.args[1]
        less = right.name == ADDED and isinstance(value, Negate)
        sign = "-=" if less else "+=" if right.name == ADDED else "="
        value = value.arg if isinstance(value, Negate) and less else value
        return f"{coded.target}[{plain.subscript(right, 2)}] {sign} {plain.text(value)}"
    if coded.operator and isinstance(right, Binary) and (right.op, right.left) == (coded.operator, Name(coded.old)):
        return f"{coded.target} {coded.operator}= {plain.text(right.right)}"
    return f"{coded.target} = {plain.text(right)}"


def writer_of(claim: Claim, kept: Mapping[Node, str]) -> Plain:
    """What writes the formulas of a claim as text: those that are `kept` as their author wrote them, and of code in its names."""
    return Plain(kept) if claim.coded is None else Plain(kept, claim.coded.names, code=True)


def node_text(node: Node) -> str:
    """An expression as text."""
    return Plain().text(node)


@dataclass(frozen=True)
class Plain:
    """Writes expressions as NumPy-like text or index notation; those that are `kept` in the words of their author.

    `names` are other names for some of ours, and `code` says that what NumPy has no function for is written out: ``step(z)`` is
    ``z > 0``.
    """

    kept: Mapping[Node, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    code: bool = False

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
            case Call(name="step", args=(arg,)) if self.code:
                return f"{self._show(arg, _SUM)} > 0", _COMPARE
            case Binary(op="-", left=Number("1"), right=Call(name="step", args=(Negate(arg=arg),))) if self.code:
                return f"{self._show(arg, _SUM)} >= 0", _COMPARE
            case Number():
                return node.text, _ATOM
            case Name():
                return self.names.get(node.name, node.name), _ATOM
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
            case Binary(op="if"):
                return f"{self.text(node.left)} if {self.text(node.right)}", _COMPARE
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

    def subscript(self, node: Call, first: int) -> str:
        """What stands in the brackets of a part: its formulas are the arguments from number `first` on."""
        shown = iter(node.args[first:])
        return "".join(self.text(next(shown)) if c == "#" else c for c in node.text).replace(",", ", ")

    def _call(self, node: Call) -> str:
        options = [f"axis={node.axis}"] if node.axis is not None else []
        options += ["keepdims=True"] if node.keepdims else []
        args = [self.text(a) for a in node.args]
        if node.name == PART:
            return f"{self._show(node.args[0], _ATOM)}[{self.subscript(node, 1)}]"
        if node.name == ADDED_AT:
            return f"np.add.at({args[0]}, ({self.subscript(node, 2)}), {args[1]})"
        if node.name in (PUT, ADDED):
            return f"{node.name.partition(' ')[0]}({args[0]}[{self.subscript(node, 2)}], {args[1]})"
        if node.name == ELEMENT:
            return f"{args[0]}[{','.join(args[1:])}]"
        if node.name in ("concatenate", "stack", "hstack", "vstack"):
            args = [f"[{', '.join(args)}]"]
        elif node.name == "pad":
            args = [args[0], _widths(args[1:])]
        elif node.name in ("tril", "triu"):
            args += [f"k={node.text}"] if node.text else []
        elif node.name == "einsum":
            args = [f'"{node.text}"', *args]
        elif node.text:
            options = [_numbers(node)]
        if node.style == "method":
            return f"{self._show(node.args[0], _ATOM)}.{node.name}({', '.join([*args[1:], *options])})"
        prefix = "np." if node.style == "np" else ""
        return f"{prefix}{node.name}{chr(39) * node.primes}({', '.join([*args, *options])})"


def _widths(widths: list[str]) -> str:
    pairs = [f"({a}, {b})" for a, b in zip(widths[::2], widths[1::2], strict=False)]
    return widths[0] if len(widths) == 1 else pairs[0] if len(widths) == 2 else f"({', '.join(pairs)})"


def _numbers(node: Call) -> str:
    """The numbers of a call that moves axes, as NumPy takes them."""
    parts = node.text.split(";")
    if node.name == "tensordot":
        return "axes=" + (parts[0] if len(parts) == 1 and "," not in node.text else f"([{parts[0]}], [{parts[-1]}])")
    named = "axis=" if node.name in ("expand_dims", "squeeze") else ""
    return named + (f"({', '.join(parts)})" if len(parts) > 1 else node.text)
