"""How names, numbers, gates and local gradients are written: as text, as Python, in a picture's Unicode, and in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Expr

from symbp.calculus.language import Scope, read_expression
from symbp.calculus.primitives import PRIMITIVES
from symbp.graph.choices import Case, cases
from symbp.graph.gate import COMPARISONS, Gate, Operand
from symbp.graph.printers import SUPERSCRIPTS, NodeLatexPrinter, PicturePrinter, TextPrinter, function_name

_PLAIN = {alias: p.name for p in PRIMITIVES for alias in p.aliases}


@dataclass(frozen=True)
class Notation:
    """One way of writing; `signs` are the gates that have a sign of their own."""

    printer: Any
    signs: Mapping[str, str] = field(default_factory=dict)
    times: str = "*"
    total: str = "sum"

    def name(self, node: str) -> str:
        """A node's name."""
        return str(self.printer.doprint(sympy.Symbol(node)))

    def derivative(self, output: str, node: str) -> str:
        """The gradient of a node, by name."""
        return f"d{output}/d{node}"

    def number(self, text: str) -> str:
        """A number that is text already."""
        return text

    def local(self, local: Expr) -> str:
        """A local gradient, as a factor; a choice in Iverson's brackets."""
        ways = cases([local])
        if len(ways) == 2:
            kept = [(self.condition(w), w.of(local)) for w in ways if w.of(local) != 0]
            return " + ".join(f"[{c}]" if v == 1 else f"{self.factor(v)}{self.times}[{c}]" for c, v in kept)
        return self.factor(local)

    def factor(self, expr: Expr) -> str:
        """An expression in brackets where a product needs them."""
        text = str(self.printer.doprint(expr))
        whole = expr.is_Symbol or (expr.is_Integer and expr >= 0) or expr.is_Function
        return text if whole or (expr.is_Pow and expr.exp.is_Integer and expr.exp > 0) else self.bracketed(text)

    def bracketed(self, text: str) -> str:
        """Text in brackets."""
        return f"({text})"

    def condition(self, case: Case) -> str:
        """When a case holds."""
        sign = self.signs.get(case.relation, case.relation)
        return f"{self.printer.doprint(case.left)} {sign} {self.printer.doprint(case.right)}"

    def product(self, upstream: str, local: Expr) -> str:
        """The gradient that arrives times a local gradient."""
        return f"{upstream}{self.times}{self.local(local)}"

    def simplified(self, upstream: str, local: Expr) -> str:
        """The same without factors of one; `upstream` is empty where it is one."""
        if local == 0:
            return "0"
        if local == 1:
            return upstream or "1"
        if local == -1:
            return self.number("-") + (upstream or "1")
        return self.product(upstream, local) if upstream else self.local(local)

    def summed(self, terms: Sequence[str]) -> str:
        """A sum, with brackets around what starts with a minus."""
        return " + ".join(self.bracketed(t) if t.startswith(("-", "−")) else t for t in terms)

    def note(self, text: str) -> str:
        """A line below a picture."""
        return text

    def expression(self, gate: Gate) -> str:
        """The right side of a gate."""
        return gate.expression

    def routed(self, node: str, value: str) -> str:
        """What a node receives from a gate that chooses."""
        return f"{node} receives {value}"

    def case(self, gate: str, condition: str, routes: Sequence[str], chosen: bool) -> str:
        """One case of a gate that chooses; `chosen` where it is the case at the point that is shown."""
        return f"{gate}, where {condition}: {', '.join(routes)}" + (" (here)" if chosen else "")

    def operand(self, operand: Operand) -> str:
        """An operand."""
        return operand.text

    def sign(self, gate: Gate) -> str:
        """What stands inside a gate: its sign where that says it all, else its right side."""
        if gate.shift is not None:
            return self.signs.get(gate.op, gate.op) + self.operand(gate.shift)
        return self.signs.get(gate.op, gate.op) if gate.is_plain else self.expression(gate)


@dataclass(frozen=True)
class PythonNotation(Notation):
    """Python: gradients are names, and a choice is a conditional expression."""

    def derivative(self, output: str, node: str) -> str:  # noqa: D102
        return f"d{output}_d{node}"

    def local(self, local: Expr) -> str:  # noqa: D102
        ways = cases([local])
        if len(ways) != 2:
            return self.factor(local)
        one, other = ways
        return f"({self.factor(one.of(local))} if {self.condition(one)} else {self.factor(other.of(local))})"

    def expression(self, gate: Gate) -> str:  # noqa: D102
        text = re.sub(r"\w+", lambda m: _PLAIN.get(m[0], m[0]), gate.expression)
        return f"1 if {text} else 0" if gate.op in COMPARISONS else text


@dataclass(frozen=True)
class PictureNotation(Notation):
    """Unicode for pictures."""

    def derivative(self, output: str, node: str) -> str:  # noqa: D102
        return f"∂{self.name(output)}/∂{self.name(node)}"

    def number(self, text: str) -> str:  # noqa: D102
        mantissa, mark, exponent = text.replace("-", "−").partition("e")
        power = exponent.translate(SUPERSCRIPTS).replace("−", "⁻")
        return f"{mantissa}·10{power}" if mark else mantissa

    def operand(self, operand: Operand) -> str:
        """An operand, in brackets where it needs them."""
        if operand.is_node:
            return self.name(operand.text)
        if not operand.compound and operand.text[0] in "0123456789.":
            return self.number(operand.text.replace("E", "e").replace("e+", "e"))
        text = re.sub(r"\bpi\b", "π", operand.text.replace("-", "−"))
        return f"({text})" if operand.compound else text

    def expression(self, gate: Gate) -> str:  # noqa: D102
        parts = [self.operand(o) for o in gate.operands]
        if gate.op == "**" and parts[1].isdigit():
            return parts[0] + parts[1].translate(SUPERSCRIPTS)
        if gate.op in ("*", "/", "**"):
            return {"*": "·", "/": "/", "**": "^"}[gate.op].join(parts)
        if gate.op in COMPARISONS or gate.op in ("+", "-"):
            return f" {self.signs.get(gate.op, gate.op)} ".join(parts)
        if gate.op in ("copy", "constant"):
            return parts[0]
        return f"−{parts[0]}" if gate.op == "negate" else f"{gate.op}({', '.join(parts)})"


@dataclass(frozen=True)
class LatexNotation(Notation):
    """LaTeX, for mathematics mode."""

    def derivative(self, output: str, node: str) -> str:  # noqa: D102
        return rf"\partial {self.name(output)}/\partial {self.name(node)}"

    def number(self, text: str) -> str:  # noqa: D102
        mantissa, mark, exponent = text.partition("e")
        return rf"{mantissa}\cdot 10^{{{exponent}}}" if mark else mantissa

    def note(self, text: str) -> str:  # noqa: D102
        return f"${text}$"

    def bracketed(self, text: str) -> str:  # noqa: D102
        return rf"\left({text}\right)"

    def routed(self, node: str, value: str) -> str:  # noqa: D102
        return rf"{node} \text{{ receives }} {{{value}}}"

    def case(self, gate: str, condition: str, routes: Sequence[str], chosen: bool) -> str:  # noqa: D102
        here = r"\text{ (here)}" if chosen else ""
        return rf"{gate}, \text{{ where }} {condition}\colon\; " + r",\; ".join(routes) + here

    def operand(self, operand: Operand) -> str:
        """An operand, in brackets where it needs them."""
        if operand.is_node:
            return self.name(operand.text)
        if not operand.compound and operand.text[0] in "0123456789.":
            return self.number(operand.text.replace("E", "e").replace("e+", "e"))
        value = read_expression(operand.text, Scope())
        text = str(self.printer.doprint(value))
        return self.bracketed(text) if value.is_Add or value.could_extract_minus_sign() else text

    def expression(self, gate: Gate) -> str:  # noqa: D102
        parts = [self.operand(o) for o in gate.operands]
        if gate.op == "**":
            base = parts[0] if gate.operands[0].is_node or parts[0].isdigit() else self.bracketed(parts[0])
            top = gate.operands[1]
            exponent = parts[1] if top.is_node else str(self.printer.doprint(read_expression(top.text, Scope())))
            return f"{{{base}}}^{{{exponent}}}"
        if gate.op == "*":
            return r" \cdot ".join(parts)
        if gate.op in COMPARISONS or gate.op in ("+", "-", "/"):
            return f" {self.signs.get(gate.op, gate.op)} ".join(parts)
        if gate.op in ("copy", "constant"):
            return parts[0]
        name = {"max": r"\max", "min": r"\min"}.get(gate.op, function_name(gate.op))
        return f"-{parts[0]}" if gate.op == "negate" else f"{name}({', '.join(parts)})"

    def sign(self, gate: Gate) -> str:  # noqa: D102
        if gate.shift is not None:
            return self.signs.get(gate.op, gate.op) + self.operand(gate.shift)
        return self.signs.get(gate.op, function_name(gate.op)) if gate.is_plain else self.expression(gate)


TEXT = Notation(TextPrinter())
PYTHON = PythonNotation(TextPrinter())
PICTURE = PictureNotation(
    PicturePrinter(), {"*": "×", "negate": "−", "-": "−", "copy": "=", "<=": "≤", ">=": "≥"}, times="·", total="Σ"
)
LATEX = LatexNotation(
    NodeLatexPrinter(),
    {"*": r"\times", "negate": "-", "+": "+", "copy": "=", "max": r"\max", "min": r"\min", "<=": r"\le", ">=": r"\ge"},
    times=r" \cdot ",
    total=r"\Sigma",
)
